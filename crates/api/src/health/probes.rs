//! `/livez`, `/readyz`, `/startupz`: is the process there, can it serve. They read what is known already: no disk, no database.

use actix_web::{
    HttpResponse, get,
    http::header::{CacheControl, CacheDirective},
    web::Data,
};
use magnetiq_health::Status;
use serde::Serialize;
use utoipa::ToSchema;

use super::{Phase, watch::WRITER};
use crate::state::AppState;

/// The answer of a probe.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Health {
    /// `pass`, `warn` or `fail`.
    status: &'static str,
    /// What the server was deployed as (`server.release`), in answers of probes.
    #[serde(rename = "releaseId", skip_serializing_if = "Option::is_none")]
    release_id: Option<String>,
}

fn answer(state: &AppState, passes: bool) -> HttpResponse {
    let (mut response, status) = if passes { (HttpResponse::Ok(), "pass") } else { (HttpResponse::ServiceUnavailable(), "fail") };
    let release_id = Some(state.settings.server.release.clone()).filter(|release| !release.is_empty());
    let body = serde_json::to_string(&Health { status, release_id }).unwrap_or_default();
    response.insert_header(CacheControl(vec![CacheDirective::NoStore])).content_type(magnetiq_health::render::MEDIA_TYPE).body(body)
}

/// The process answers. Depends on nothing: a slow disk must not get the server killed.
#[utoipa::path(tag = "health", responses((status = 200, body = Health, content_type = "application/health+json")))]
#[get("/livez")]
pub(crate) async fn livez(state: Data<AppState>) -> HttpResponse {
    answer(&state, true)
}

/// The same, under the name that some look for.
#[utoipa::path(tag = "health", responses((status = 200, body = Health, content_type = "application/health+json")))]
#[get("/healthz")]
pub(crate) async fn healthz(state: Data<AppState>) -> HttpResponse {
    answer(&state, true)
}

/// The server can serve: it has started, its writer answers, and it was not told to stop.
#[utoipa::path(tag = "health", responses(
    (status = 200, body = Health, content_type = "application/health+json"),
    (status = 503, body = Health, content_type = "application/health+json"),
))]
#[get("/readyz")]
pub(crate) async fn readyz(state: Data<AppState>) -> HttpResponse {
    let writes = || {
        let report = state.health.report();
        report.is_some_and(|report| report.check(WRITER).is_some_and(|check| matches!(check.seen, Status::Pass | Status::Warn)))
    };
    answer(&state, state.health.phase() == Phase::Serving && writes())
}

/// The start is over: the database is open and its schema is the one of this program.
#[utoipa::path(tag = "health", responses(
    (status = 200, body = Health, content_type = "application/health+json"),
    (status = 503, body = Health, content_type = "application/health+json"),
))]
#[get("/startupz")]
pub(crate) async fn startupz(state: Data<AppState>) -> HttpResponse {
    answer(&state, state.health.phase() != Phase::Starting)
}
