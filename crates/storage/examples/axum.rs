//! An axum service. `cargo run --example axum`, then `curl -d 'buy ink' localhost:3000/notes` and `curl localhost:3000/notes`.
//!
//! All handlers share one store: a clone is another handle on it. No handler blocks a thread of the runtime.

use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::get;
use axum::{Router, serve};
use magnetiq_storage::{Error, Options, Store};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let store = Store::open(std::env::temp_dir().join("magnetiq-axum/notes.sqlite3"), Options::default())?;
    store.write(|tx| Ok(tx.execute_batch("CREATE TABLE IF NOT EXISTS note (id INTEGER PRIMARY KEY, text TEXT NOT NULL)")?)).wait()?;
    let service = Router::new().route("/notes", get(list).post(add)).with_state(store.clone());
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:3000").await?;
        // Ctrl-C ends it, and what was begun is answered before the store closes.
        let stop = async { tokio::signal::ctrl_c().await.expect("a runtime with its drivers can wait for a signal") };
        serve(listener, service).with_graceful_shutdown(stop).await
    })?;
    store.close()?;
    Ok(())
}

async fn list(State(store): State<Store>) -> Result<String, StatusCode> {
    let notes = store.read(|conn| {
        let mut statement = conn.prepare_cached("SELECT text || char(10) FROM note ORDER BY id")?;
        let rows = statement.query_map([], |row| row.get::<_, String>(0))?;
        Ok(rows.collect::<Result<String, _>>()?)
    });
    notes.await.map_err(|e| status(&e))
}

async fn add(State(store): State<Store>, text: String) -> Result<(StatusCode, String), StatusCode> {
    let write = store.write(move |tx| {
        tx.prepare_cached("INSERT INTO note (text) VALUES (?1)")?.execute([text])?;
        Ok(tx.last_insert_rowid())
    });
    // Answered when the note is on disk.
    write.await.map(|id| (StatusCode::CREATED, id.to_string())).map_err(|e| status(&e))
}

fn status(error: &Error) -> StatusCode {
    if error.is_retryable() { StatusCode::SERVICE_UNAVAILABLE } else { StatusCode::INTERNAL_SERVER_ERROR }
}
