//! What the store knows of its file.

use std::time::Duration;

use actix_web::{
    get,
    web::{Data, Json},
};
use magnetiq_storage::{Facts, rusqlite};
use serde::Serialize;
use utoipa::ToSchema;

use crate::{blocking, error::Error, http::problem::Problem, schema, state::AppState};

/// The database at one moment. Counts are those since the start of the server.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DatabaseFacts {
    /// Where the file lies.
    path: String,
    /// Size of the file without its log.
    size_bytes: u64,
    /// Part of it that is free and will be used again.
    free_bytes: u64,
    /// Size of the write-ahead log.
    wal_bytes: u64,
    /// The migrations that it has.
    schema_version: i64,
    /// The library that reads and writes it.
    #[schema(examples("3.53.2"))]
    sqlite_version: &'static str,
    /// Writes that were committed.
    writes: u64,
    /// Writes that failed.
    failed_writes: u64,
    /// Commits; writes share them.
    commits: u64,
    /// Writes that wait.
    queue_depth: usize,
    /// Age of the oldest write that is not answered.
    queue_age_ms: f64,
    /// Age of the oldest open read; null while there is none.
    oldest_reader_ms: Option<f64>,
    /// How long a commit takes, sync to disk included: an average that follows the present.
    commit_average_ms: f64,
    /// The longest one.
    commit_max_ms: f64,
}

fn milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}

impl DatabaseFacts {
    fn of(facts: &Facts, path: String, schema_version: i64) -> Self {
        Self {
            path,
            size_bytes: facts.size_bytes,
            free_bytes: facts.free_bytes,
            wal_bytes: facts.wal_bytes,
            schema_version,
            sqlite_version: rusqlite::version(),
            writes: facts.writes,
            failed_writes: facts.failed_writes,
            commits: facts.commits,
            queue_depth: facts.queue_depth,
            queue_age_ms: milliseconds(facts.queue_age),
            oldest_reader_ms: facts.oldest_reader.map(milliseconds),
            commit_average_ms: milliseconds(facts.commit_latency.average),
            commit_max_ms: milliseconds(facts.commit_latency.max),
        }
    }
}

/// Size, log, schema and speed of the database.
#[utoipa::path(operation_id = "get_database_facts", tag = "admin", responses(
    (status = 200, body = DatabaseFacts),
    (status = 401, body = Problem, description = "`not-signed-in`"),
))]
#[get("/admin/operations/database")]
pub(crate) async fn show(state: Data<AppState>) -> Result<Json<DatabaseFacts>, Error> {
    let schema_version = state.read(schema::version).await?;
    let facts = blocking::run(move || {
        let path = state.store.path().display().to_string();
        state.store.facts().map(|facts| DatabaseFacts::of(&facts, path, schema_version))
    });
    Ok(Json(facts.await??))
}
