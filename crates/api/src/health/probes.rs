//! `/livez`, `/readyz`, `/health`: is the process there, can it serve.

use std::time::Duration;

use actix_web::{
    HttpResponse, get,
    http::header::{CacheControl, CacheDirective},
    web::Data,
};
use serde::Serialize;
use utoipa::ToSchema;

use crate::{error::Error, http::problem, state::AppState};

/// A probe of the database that takes longer says no: Kubernetes gives a probe few seconds.
const PROBE_MAX: Duration = Duration::from_secs(2);

/// The answer of a health probe.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Health {
    /// `pass` or `fail`.
    status: &'static str,
}

fn answer(passes: bool) -> HttpResponse {
    let mut response = if passes { HttpResponse::Ok() } else { HttpResponse::ServiceUnavailable() };
    response.insert_header(CacheControl(vec![CacheDirective::NoStore])).content_type("application/health+json").body(if passes {
        r#"{"status":"pass"}"#
    } else {
        r#"{"status":"fail"}"#
    })
}

/// The process answers. Depends on nothing: a slow disk must not get the server killed.
#[utoipa::path(tag = "health", responses((status = 200, body = Health, content_type = "application/health+json")))]
#[get("/livez")]
pub(crate) async fn livez() -> HttpResponse {
    answer(true)
}

/// The server can serve: the database answers a read, and its writer commits.
#[utoipa::path(tag = "health", responses(
    (status = 200, body = Health, content_type = "application/health+json"),
    (status = 503, body = Health, content_type = "application/health+json"),
))]
#[get("/readyz")]
pub(crate) async fn readyz(state: Data<AppState>) -> HttpResponse {
    answer(probe(&state).await)
}

/// The state of the whole.
#[utoipa::path(tag = "health", responses(
    (status = 200, body = Health, content_type = "application/health+json"),
    (status = 503, body = Health, content_type = "application/health+json"),
))]
#[get("/health")]
pub(crate) async fn health(state: Data<AppState>) -> HttpResponse {
    answer(probe(&state).await)
}

async fn probe(state: &AppState) -> bool {
    let checks = async {
        state.read(|conn| Ok(conn.query_row("SELECT count(*) FROM refinery_schema_history", [], |row| row.get::<_, i64>(0))?)).await?;
        // Through the writer's queue and its transaction; it changes nothing, so nothing is synced.
        state.write(|tx| Ok(tx.query_row("SELECT 1", [], |row| row.get::<_, i64>(0))?)).await?;
        Ok::<_, Error>(())
    };
    match tokio::time::timeout(PROBE_MAX, checks).await {
        Ok(Ok(())) => true,
        Ok(Err(error)) => {
            tracing::error!(cause = %problem::chain(&error), "the readiness probe failed");
            false
        }
        Err(_) => {
            tracing::error!("the database did not answer the readiness probe within {PROBE_MAX:?}");
            false
        }
    }
}
