//! A report for those who read it: people at a terminal or a browser, monitors, Prometheus.

mod html;
mod json;
mod prometheus;
mod text;

pub use html::{Page, STYLESHEET, html};
pub use json::{Identity, MEDIA_TYPE, features_json, health_json};
pub use prometheus::{metric_name, prometheus, status_number};
pub use text::text;

use jiff::Timestamp;

use crate::reading::seconds;
use crate::report::CheckReport;
use crate::status::Status;

/// What a person should read: a failure that is explained by another one is still a failure.
fn shown(check: &CheckReport) -> Status {
    if check.status == Status::Suppressed { check.seen } else { check.status }
}

/// "because of disk-data", where it is.
fn cause(check: &CheckReport) -> Option<String> {
    if check.because_of.is_empty() {
        return None;
    }
    let causes: Vec<_> = check.because_of.iter().map(crate::CheckId::as_str).collect();
    Some(format!("because of {}", causes.join(", ")))
}

/// How long ago something was, in words.
fn ago(at: Timestamp, now: Timestamp) -> String {
    seconds(now.duration_since(at).as_secs_f64().max(0.0).round())
}
