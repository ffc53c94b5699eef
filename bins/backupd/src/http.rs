//! Status, metrics, and the order for a backup, on a port of their own.

use std::sync::Arc;
use std::time::Duration;

use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use magnetiq_backup::Reason;
use magnetiq_config::Backup;
use magnetiq_service::port::{self, problem};
use magnetiq_service::{OperatorToken, is_meant_for_this_machine};
use serde_json::{Value, json};

use crate::runner::Runner;
use crate::{list, metrics, page};

const BODY_LIMIT_BYTES: usize = 1024;

/// Who may do what.
#[derive(Debug, Clone)]
pub(crate) struct Access {
    token: OperatorToken,
    /// Everybody who reaches the port may read: it is on this machine only.
    open: bool,
}

impl Access {
    pub(crate) fn of(backup: &Backup) -> Self {
        Self { token: OperatorToken::new(backup.token.clone()), open: backup.host.is_loopback() }
    }

    fn may_write(&self, headers: &HeaderMap) -> bool {
        self.token.is_bearer(headers)
    }

    fn may_read(&self, headers: &HeaderMap) -> bool {
        (self.open && is_meant_for_this_machine(headers)) || self.token.is_given(headers)
    }
}

#[derive(Clone)]
struct App {
    runner: Runner,
    access: Arc<Access>,
}

/// All that is answered.
pub(crate) fn router(runner: Runner, access: Access) -> Router {
    let app = App { runner, access: Arc::new(access) };
    let read = Router::new()
        .route("/", get(show_page))
        .route("/status", get(async |State(app): State<App>| Json(app.runner.status())))
        .route("/metrics", get(show_metrics))
        .route("/backups", get(show_backups))
        .route_layer(middleware::from_fn_with_state(app.clone(), readers_only));
    Router::new()
        .route("/livez", get(async || "ok\n"))
        .route("/style.css", get(async || ([(header::CONTENT_TYPE, "text/css; charset=utf-8")], page::STYLE)))
        .route("/backups", post(start))
        .merge(read)
        .fallback(async || problem(StatusCode::NOT_FOUND, "not-found", "There is nothing here."))
        .layer(DefaultBodyLimit::max(BODY_LIMIT_BYTES))
        .layer(middleware::map_response(port::secure))
        .with_state(app)
}

async fn readers_only(State(app): State<App>, request: Request, next: Next) -> Response {
    if app.access.may_read(request.headers()) { next.run(request).await } else { unauthorized("Basic realm=\"backupd\", Bearer") }
}

async fn show_page(State(app): State<App>) -> Response {
    Html(app.runner.with_entries(|status, entries| page::page(&status, entries)).into_string()).into_response()
}

async fn show_metrics(State(app): State<App>) -> Response {
    ([(header::CONTENT_TYPE, metrics::CONTENT_TYPE)], metrics::text(&app.runner.status())).into_response()
}

async fn show_backups(State(app): State<App>) -> Json<Value> {
    Json(app.runner.with_entries(|_, entries| entries.iter().map(list::as_json).collect()))
}

async fn start(State(app): State<App>, headers: HeaderMap, body: Bytes) -> Response {
    if !app.access.may_write(&headers) {
        return unauthorized("Bearer");
    }
    let Some(reason) = reason(&body) else {
        let detail = "The body is empty, or {\"reason\": \"manual\"}, \"pre-deploy\" or \"pre-migration\".";
        return problem(StatusCode::BAD_REQUEST, "bad-request", detail);
    };
    match app.runner.order(reason, Duration::ZERO) {
        Ok(()) => (StatusCode::ACCEPTED, Json(json!({ "started": true, "see": "/status" }))).into_response(),
        Err(_busy) => problem(StatusCode::CONFLICT, "running", "A backup is being made."),
    }
}

fn reason(body: &[u8]) -> Option<Reason> {
    if body.is_empty() {
        return Some(Reason::Manual);
    }
    let body: Value = serde_json::from_slice(body).ok()?;
    match body.get("reason")?.as_str()? {
        "manual" => Some(Reason::Manual),
        "pre-deploy" => Some(Reason::PreDeploy),
        "pre-migration" => Some(Reason::PreMigration),
        _ => None,
    }
}

fn unauthorized(how: &'static str) -> Response {
    let mut answer = problem(StatusCode::UNAUTHORIZED, "unauthorized", "This needs the token of backup.token.");
    answer.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static(how));
    answer
}
