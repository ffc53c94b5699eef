//! `/health` and below, `/metrics`: how everything is. Made of the last report; nothing is checked because somebody asks.

use actix_web::{
    HttpRequest, HttpResponse, HttpResponseBuilder, get,
    http::{
        StatusCode,
        header::{self, CacheControl, CacheDirective},
    },
    web::{Data, Json, Path, Query},
};
use magnetiq_health::{
    Report, Status,
    render::{self, Identity, MEDIA_TYPE, Page},
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{metrics, probes::Health};
use crate::{error::Error, http::problem::Problem, state::AppState};

const STYLE: &str = "/health/style.css";
/// Another name of the root for browsers, which ask for the token only where nothing is to be seen without.
const ALL: &str = "all";
/// How long an answer is as good as a new one, in seconds: the checks run no more often.
const FRESH_S: u32 = 1;

/// How strict a status code is.
#[derive(Clone, Copy, Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct Strict {
    /// `1`: a warning is 503, too.
    strict: Option<u8>,
}

/// What people can do with the site.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Features {
    features: Vec<Feature>,
}

/// Something that people do, and how much of it there is.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Feature {
    /// Its name.
    #[schema(examples("media-upload"))]
    id: String,
    /// A few words for people.
    title: String,
    /// `available`, `degraded` or `unavailable`.
    #[schema(examples("available"))]
    availability: &'static str,
    /// Where it is degraded: what still works.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    still_works: Vec<String>,
}

/// The state of the whole: the status; with the token of operators all checks.
#[utoipa::path(tag = "health", params(Strict), responses(
    (status = 200, body = Health, content_type = "application/health+json"),
    (status = 401, body = Problem, description = "`not-an-operator`: the token is wrong"),
    (status = 503, body = Health, content_type = "application/health+json"),
))]
#[get("/health")]
pub(crate) async fn health(request: HttpRequest, state: Data<AppState>, Query(strict): Query<Strict>) -> Result<HttpResponse, Error> {
    let operator = state.health.access.is_operator(&request)?;
    let Some(report) = state.health.report() else { return Ok(brief(Status::Unknown, strict)) };
    if operator { show(&request, &state, &report, strict) } else { Ok(brief(report.status, strict)) }
}

/// What people can do with the site at the moment.
#[utoipa::path(tag = "health", responses((status = 200, body = Features)))]
#[get("/health/features")]
pub(crate) async fn features(state: Data<AppState>) -> Json<Features> {
    let report = state.health.report();
    let features = report.iter().flat_map(|report| &report.features).map(|feature| Feature {
        id: feature.id.to_string(),
        title: feature.title.to_string(),
        availability: feature.availability.word(),
        still_works: match &feature.availability {
            magnetiq_health::Availability::Degraded { still_works, .. } => still_works.clone(),
            _ => Vec::new(),
        },
    });
    Json(Features { features: features.collect() })
}

/// A part of the tree, by its path, or a check, by its name; `all` is the whole. With the token of operators only.
#[utoipa::path(tag = "health", params(("node" = String, Path), Strict), responses(
    (status = 200, body = Health, content_type = "application/health+json"),
    (status = 401, body = Problem, description = "`not-an-operator`"),
    (status = 404, body = Problem, description = "`not-found`"),
    (status = 503, body = Health, content_type = "application/health+json"),
))]
#[get("/health/{node:.*}")]
pub(crate) async fn node(
    request: HttpRequest,
    state: Data<AppState>,
    path: Path<String>,
    Query(strict): Query<Strict>,
) -> Result<HttpResponse, Error> {
    state.health.access.demand(&request)?;
    let path = path.trim_matches('/');
    let report = state.health.report().ok_or(Error::NotFound { what: "node" })?;
    if path == ALL || path.is_empty() {
        return show(&request, &state, &report, strict);
    }
    let part = report.below(path).or_else(|| of_check(&report, path)).ok_or(Error::NotFound { what: "node" })?;
    show(&request, &state, &part, strict)
}

/// The report of one check: that of its node without the others.
fn of_check(report: &Report, id: &str) -> Option<Report> {
    let check = report.check(id)?;
    let mut part = report.below(check.node.as_str())?;
    part.status = check.seen;
    part.tree.status = check.seen;
    part.tree.nodes.clear();
    part.tree.checks.retain(|other| *other == check.id);
    part.checks.retain(|other| other.id == check.id);
    Some(part)
}

/// The style of the page of `/health`.
#[utoipa::path(tag = "health", operation_id = "health_style", responses((status = 200, content_type = "text/css")))]
#[get("/health/style.css")]
pub(crate) async fn style() -> HttpResponse {
    let cache = CacheControl(vec![CacheDirective::Public, CacheDirective::MaxAge(3600)]);
    HttpResponse::Ok().insert_header(cache).content_type("text/css; charset=utf-8").body(render::STYLESHEET)
}

/// What Prometheus reads, as OpenMetrics text. With the token of operators only, or on a port of its own.
#[utoipa::path(tag = "health", responses(
    (status = 200, body = String, content_type = "application/openmetrics-text"),
    (status = 401, body = Problem, description = "`not-an-operator`"),
))]
#[get("/metrics")]
pub(crate) async fn show_metrics(request: HttpRequest, state: Data<AppState>) -> Result<HttpResponse, Error> {
    state.health.access.demand(&request)?;
    Ok(metrics_of(&state).await)
}

/// The same on the port of its own, where nobody else can come from if it is this machine's.
pub(crate) async fn own_metrics(request: HttpRequest, state: Data<AppState>) -> Result<HttpResponse, Error> {
    if !state.settings.health.metrics_host.is_loopback() {
        state.health.access.demand(&request)?;
    }
    Ok(metrics_of(&state).await)
}

async fn metrics_of(state: &AppState) -> HttpResponse {
    let text = state.health.metrics.text(&state.store, state.health.report().as_deref()).await;
    let no_store = CacheControl(vec![CacheDirective::NoStore]);
    HttpResponse::Ok().insert_header(no_store).content_type(metrics::CONTENT_TYPE).body(text)
}

fn brief(status: Status, strict: Strict) -> HttpResponse {
    let body = match status {
        Status::Pass | Status::Maintenance => r#"{"status":"pass"}"#,
        Status::Fail => r#"{"status":"fail"}"#,
        // The draft has no other word for what is not known.
        Status::Warn | Status::Unknown | Status::Suppressed => r#"{"status":"warn"}"#,
    };
    begin(status, strict).content_type(MEDIA_TYPE).body(body)
}

fn show(request: &HttpRequest, state: &AppState, report: &Report, strict: Strict) -> Result<HttpResponse, Error> {
    let mut response = begin(report.status, strict);
    response.insert_header((header::VARY, "Accept, Authorization"));
    if wants_page(request) {
        let page = Page::new("Magnetiq").stylesheet(STYLE);
        return Ok(response.content_type("text/html; charset=utf-8").body(render::html(report, &page)));
    }
    let release = &state.settings.server.release;
    let identity = Identity {
        version: Some("1".to_owned()),
        release_id: Some(if release.is_empty() { env!("CARGO_PKG_VERSION").to_owned() } else { release.clone() }),
        service_id: Some("magnetiq-api".to_owned()),
        ..Identity::default()
    };
    let json = render::health_json(report, &identity).map_err(|source| Error::Report { source: Box::new(source) })?;
    Ok(response.content_type(MEDIA_TYPE).body(json))
}

fn begin(status: Status, strict: Strict) -> HttpResponseBuilder {
    let code = status.http_status(strict.strict.is_some_and(|strict| strict > 0));
    let mut response = HttpResponse::build(StatusCode::from_u16(code).unwrap_or(StatusCode::SERVICE_UNAVAILABLE));
    response.insert_header(CacheControl(vec![CacheDirective::Private, CacheDirective::MaxAge(FRESH_S)]));
    response
}

fn wants_page(request: &HttpRequest) -> bool {
    request.headers().get(header::ACCEPT).and_then(|accept| accept.to_str().ok()).is_some_and(|accept| accept.contains("text/html"))
}
