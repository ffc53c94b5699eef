//! The status page, the same for programs, metrics, and maintenance, on a port of their own.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, Path, Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use magnetiq_service::port::{self, problem};

use crate::access::Access;
use crate::page;
use crate::shared::Shared;
use crate::windows::{self, Refused};
use crate::{history, metrics, status_json};

const BODY_LIMIT_BYTES: usize = 4 * 1024;

#[derive(Clone)]
struct App {
    shared: Arc<Shared>,
    access: Arc<Access>,
}

/// All that is answered.
pub(crate) fn router(shared: Arc<Shared>, access: Access) -> Router {
    let app = App { shared, access: Arc::new(access) };
    let public = Router::new()
        .route("/", get(async |State(app): State<App>| Html(page::public(&app.shared).into_string())))
        .route("/status.json", get(show_json))
        .route_layer(middleware::from_fn_with_state(app.clone(), who_may_see));
    let detailed = Router::new()
        .route("/details", get(show_details))
        .route("/explain/{check}", get(show_explanation))
        .route("/metrics", get(show_metrics))
        .route("/maintenance", get(list_windows).post(begin).delete(end))
        .route_layer(middleware::from_fn_with_state(app.clone(), who_may_see_all));
    Router::new()
        .route("/livez", get(async || "ok\n"))
        .route("/readyz", get(ready))
        .route("/style.css", get(async || ([(header::CONTENT_TYPE, "text/css; charset=utf-8")], page::STYLE)))
        .merge(public)
        .merge(detailed)
        .fallback(async || problem(StatusCode::NOT_FOUND, "not-found", "There is nothing here."))
        .layer(DefaultBodyLimit::max(BODY_LIMIT_BYTES))
        .layer(middleware::map_response(port::secure))
        .with_state(app)
}

async fn who_may_see(State(app): State<App>, request: Request, next: Next) -> Response {
    if app.access.may_see(request.headers()) { next.run(request).await } else { unauthorized() }
}

/// Whoever changes something needs the token itself.
async fn who_may_see_all(State(app): State<App>, request: Request, next: Next) -> Response {
    let only_looks = matches!(*request.method(), Method::GET | Method::HEAD);
    let headers = request.headers();
    let may = if only_looks { app.access.may_see_all(headers) } else { app.access.may_write(headers) };
    if may { next.run(request).await } else { unauthorized() }
}

async fn ready(State(app): State<App>) -> Response {
    if app.shared.is_ready() {
        return "ok\n".into_response();
    }
    (StatusCode::SERVICE_UNAVAILABLE, "what is seen is not written down: see the log\n").into_response()
}

async fn show_json(State(app): State<App>, headers: HeaderMap) -> Response {
    Json(status_json::of(&app.shared, app.access.may_see_all(&headers))).into_response()
}

async fn show_details(State(app): State<App>) -> Response {
    let now = app.shared.clock.now().wall;
    match app.shared.store.read(move |conn| history::latencies(conn, now)).await {
        Ok(latencies) => Html(page::details(&app.shared, &latencies).into_string()).into_response(),
        Err(error) => broken(&error, "the history could not be read"),
    }
}

async fn show_explanation(Path(check): Path<String>) -> Response {
    match page::explanation(&check) {
        Some(page) => Html(page.into_string()).into_response(),
        None => problem(StatusCode::NOT_FOUND, "not-found", "There is no such check."),
    }
}

async fn show_metrics(State(app): State<App>) -> Response {
    ([(header::CONTENT_TYPE, metrics::CONTENT_TYPE)], metrics::text(&app.shared)).into_response()
}

async fn list_windows(State(app): State<App>) -> Response {
    Json(windows::list(&app.shared, true)).into_response()
}

async fn begin(State(app): State<App>, body: Bytes) -> Response {
    match windows::begin(&app.shared, &body).await {
        Ok(window) => (StatusCode::CREATED, Json(window)).into_response(),
        Err(refused) => answer(&refused),
    }
}

async fn end(State(app): State<App>, body: Bytes) -> Response {
    match windows::end(&app.shared, &body).await {
        Ok(()) => StatusCode::NO_CONTENT.into_response(),
        Err(refused) => answer(&refused),
    }
}

fn answer(refused: &Refused) -> Response {
    match refused {
        Refused::Wrong(detail) => problem(StatusCode::BAD_REQUEST, "bad-request", detail),
        Refused::Absent(detail) => problem(StatusCode::NOT_FOUND, "not-found", detail),
        Refused::NotKept(error) => broken(error, "the maintenance could not be written down"),
    }
}

fn broken(error: &magnetiq_storage::Error, what: &'static str) -> Response {
    tracing::error!(error = error as &dyn std::error::Error, "{what}");
    problem(StatusCode::SERVICE_UNAVAILABLE, "unavailable", "The history does not answer; the log says why.")
}

fn unauthorized() -> Response {
    let mut answer = problem(StatusCode::UNAUTHORIZED, "unauthorized", "This needs the token of healthd.token.");
    answer.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Basic realm=\"healthd\", Bearer"));
    answer
}
