//! The certificate that visitors get, looked at as a browser would.

use std::time::{Duration, Instant};

use actix_web::{
    get,
    web::{Data, Json},
};
use magnetiq_health::{Check, CheckError, Clock, Deadline, Moment, Reading, checks::CertificateServed};
use serde::Serialize;
use utoipa::ToSchema;

use crate::{blocking, error::Error, http::problem::Problem, state::AppState};

/// How long a server that does not answer is waited for.
const WAIT: Duration = Duration::from_secs(5);

/// What a TLS connection to the public address of the site shows.
#[derive(Debug, Default, Serialize, ToSchema)]
pub(crate) struct Certificate {
    /// The host and port that were asked; null where the site has no https address.
    at: Option<String>,
    /// What was seen, in a sentence.
    says: Option<String>,
    /// How long it is still valid; negative once it has expired.
    valid_seconds: Option<f64>,
    /// What is wrong with it, or why it could not be seen.
    problems: Vec<String>,
}

/// Until when the certificate is valid that visitors get, and what is wrong with it.
#[utoipa::path(operation_id = "get_certificate", tag = "admin", responses(
    (status = 200, body = Certificate),
    (status = 401, body = Problem, description = "`not-signed-in`"),
))]
#[get("/admin/operations/certificate")]
pub(crate) async fn show(state: Data<AppState>) -> Result<Json<Certificate>, Error> {
    let url = &state.settings.server.public_url;
    let (Some(host), "https") = (url.host_str(), url.scheme()) else { return Ok(Json(Certificate::default())) };
    let (host, port) = (host.to_owned(), url.port_or_known_default().unwrap_or(443));
    let (begin, clock) = (Instant::now(), state.clock.clone());
    let clock = Clock::new(move || Moment { wall: clock.now().into(), steady: begin.elapsed() });
    Ok(Json(blocking::run(move || look(&host, port, clock)).await?))
}

fn look(host: &str, port: u16, clock: Clock) -> Certificate {
    let mut seen = Certificate { at: Some(format!("{host}:{port}")), ..Certificate::default() };
    match CertificateServed::new(host, port, clock).run(Deadline::after(WAIT)) {
        Ok(facts) => {
            seen.valid_seconds = facts.reading("expires_in").and_then(Reading::number);
            seen.says = facts.says;
            seen.problems = facts.findings.into_iter().map(|finding| finding.says).collect();
        }
        Err(CheckError::Failed(problem) | CheckError::Undetermined(problem)) => seen.problems.push(problem),
    }
    seen
}
