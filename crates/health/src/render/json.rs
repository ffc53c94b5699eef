//! `application/health+json`, after draft-inadarei-api-health-check (expired): tools that read that read this.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;
use serde::Serialize;

use super::{cause, shown};
use crate::error::Error;
use crate::id::{CheckId, FeatureId, NodeId};
use crate::reading::{Observed, Reading, Value};
use crate::report::{CheckReport, FeatureReport, LimitReport, Report};
use crate::status::Status;

/// The media type of [`health_json`].
pub const MEDIA_TYPE: &str = "application/health+json";

/// Who is reporting.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Identity {
    /// The public version: "1".
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// The version of the program: "1.4.2", perhaps with the commit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub release_id: Option<String>,
    /// Names the service among others.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub service_id: Option<String>,
    /// A sentence for people.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Document<'a> {
    status: &'static str,
    state: Status,
    #[serde(flatten)]
    identity: &'a Identity,
    #[serde(skip_serializing_if = "Option::is_none")]
    output: Option<String>,
    time: Timestamp,
    settled: bool,
    checks: BTreeMap<String, [Entry<'a>; 1]>,
    features: &'a [FeatureReport],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Entry<'a> {
    component_id: &'a CheckId,
    component_type: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    observed_value: Option<serde_json::Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    observed_unit: Option<&'static str>,
    status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    time: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    output: Option<Arc<str>>,
    // What follows is ours; the draft allows it.
    state: Status,
    node: &'a NodeId,
    critical: bool,
    since: Timestamp,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    cause: &'a [CheckId],
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    affects: &'a [FeatureId],
    #[serde(skip_serializing_if = "Option::is_none")]
    threshold: Option<&'a LimitReport>,
}

/// The report as `application/health+json`. The draft knows pass, warn and fail only: unknown and suppressed things say so in `state`.
///
/// # Errors
///
/// [`Error::Json`], which takes a text that is not text.
pub fn health_json(report: &Report, identity: &Identity) -> Result<String, Error> {
    let mut checks = BTreeMap::new();
    for check in &report.checks {
        // A check without readings is there, too; and one that is not pass has an entry that says so whatever its readings are.
        if check.facts.readings.is_empty() || check.status != Status::Pass {
            checks.insert(check.id.to_string(), [entry(check, None)]);
        }
        for reading in &check.facts.readings {
            checks.insert(format!("{}:{}", check.id, reading.measurement), [entry(check, Some(reading))]);
        }
    }
    let roots: Vec<_> = report.roots().into_iter().map(|root| format!("{}: {}", root.id, root.says)).collect();
    let document = Document {
        status: word(report.status),
        state: report.status,
        identity,
        output: (!roots.is_empty()).then(|| roots.join("\n")),
        time: report.at,
        settled: report.settled,
        checks,
        features: &report.features,
    };
    serde_json::to_string(&document).map_err(|source| Error::Json { source })
}

/// The features as JSON: `{"features":[{"id":…,"title":…,"availability":"degraded","because_of":[…],"still_works":[…]}]}`.
///
/// # Errors
///
/// [`Error::Json`], which takes a text that is not text.
pub fn features_json(report: &Report) -> Result<String, Error> {
    #[derive(Serialize)]
    struct Features<'a> {
        features: &'a [FeatureReport],
    }
    serde_json::to_string(&Features { features: &report.features }).map_err(|source| Error::Json { source })
}

fn entry<'a>(check: &'a CheckReport, reading: Option<&Reading>) -> Entry<'a> {
    let state = reading.map_or(check.status, |reading| match check.status {
        // What is maintained or explained is so as a whole; else each reading is judged for itself.
        Status::Maintenance | Status::Suppressed => check.status,
        _ => check.reading_status(reading),
    });
    let status = match reading {
        Some(reading) if check.status != Status::Maintenance => check.reading_status(reading),
        _ => shown(check),
    };
    let reason =
        reading.and_then(|reading| check.reasons.iter().find(|reason| reason.measurement.as_deref() == Some(&reading.measurement)));
    let output = match reading.map(|reading| &reading.value) {
        None => Some(match cause(check) {
            Some(cause) => format!("{} ({cause})", check.says).into(),
            None => check.says.clone(),
        })
        .filter(|_| check.status != Status::Pass),
        Some(Observed::Error { error }) => Some(error.as_str().into()),
        Some(Observed::Value(_)) => reason.map(|reason| reason.says.clone()),
    };
    let value = reading.and_then(Reading::value);
    Entry {
        component_id: &check.id,
        component_type: &check.component,
        observed_value: value.map(plain),
        observed_unit: value.and_then(Value::unit),
        status: word(status),
        time: check.answered_at,
        output,
        state,
        node: &check.node,
        critical: check.critical,
        since: check.since,
        cause: &check.because_of,
        affects: &check.affects,
        threshold: reading.and_then(|reading| check.limits.iter().find(|limit| limit.measurement == reading.measurement)),
    }
}

/// The draft's word.
fn word(status: Status) -> &'static str {
    match status {
        Status::Pass | Status::Maintenance => "pass",
        Status::Warn | Status::Unknown | Status::Suppressed => "warn",
        Status::Fail => "fail",
    }
}

fn plain(value: &Value) -> serde_json::Value {
    match value {
        Value::Bytes(number) | Value::Count(number) => (*number).into(),
        Value::Seconds(number) | Value::Percent(number) => serde_json::Number::from_f64(*number).into(),
        Value::Bool(yes) => (*yes).into(),
        Value::Text(text) => text.as_str().into(),
    }
}
