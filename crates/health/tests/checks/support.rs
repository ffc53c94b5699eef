//! What the tests share.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use magnetiq_health::{Check, CheckError, Clock, Deadline, Facts, Level, Moment};

/// Noon of the day on which all these tests happen.
pub(crate) const NOW: &str = "2026-11-23T12:00:00Z";

/// A clock that stands still, `seconds` after [`NOW`].
pub(crate) fn clock(seconds: u64) -> Clock {
    let after = Duration::from_secs(seconds);
    Clock::new(move || Moment { wall: NOW.parse::<jiff::Timestamp>().unwrap() + after, steady: after })
}

/// A clock that tells the seconds after [`NOW`] that it is set to.
pub(crate) fn clock_to_set() -> (Clock, Arc<AtomicU64>) {
    let seconds = Arc::new(AtomicU64::new(0));
    let told = Arc::clone(&seconds);
    let clock = Clock::new(move || clock(told.load(Ordering::Relaxed)).now());
    (clock, seconds)
}

/// Runs it as a monitor would, with time enough.
pub(crate) fn run(check: &mut dyn Check) -> Result<Facts, CheckError> {
    check.run(Deadline::after(Duration::from_secs(10)))
}

/// Runs it with little time.
pub(crate) fn run_short(check: &mut dyn Check) -> Result<Facts, CheckError> {
    check.run(Deadline::after(Duration::from_millis(300)))
}

/// What it says, and what is wrong: each finding after its level, an error after its kind.
pub(crate) fn told(result: &Result<Facts, CheckError>) -> Vec<String> {
    match result {
        Ok(facts) => facts
            .findings
            .iter()
            .map(|finding| {
                let level = match finding.level {
                    Level::Pass => "pass",
                    Level::Warn => "warn",
                    Level::Fail => "fail",
                };
                format!("{level}: {}", finding.says)
            })
            .collect(),
        Err(CheckError::Failed(says)) => vec![format!("failed: {says}")],
        Err(CheckError::Undetermined(says)) => vec![format!("undetermined: {says}")],
    }
}

/// Asserts that each of `expected` is the beginning of what is wrong, in order, and that nothing else is.
pub(crate) fn expect(result: &Result<Facts, CheckError>, expected: &[&str]) {
    let told = told(result);
    let matches = told.len() == expected.len() && told.iter().zip(expected).all(|(told, expected)| told.starts_with(expected));
    assert!(matches, "expected {expected:#?}\ngot {told:#?}");
}

/// A reading's number.
pub(crate) fn number(result: &Result<Facts, CheckError>, measurement: &str) -> Option<f64> {
    result.as_ref().ok()?.reading(measurement)?.number()
}

/// Says that something cannot be tried here; where everything has to be, that is a failure.
pub(crate) fn skip(why: &str) {
    let ci = magnetiq_config::environment().get("CI").is_some_and(|value| !["", "0", "false"].contains(&value.as_str()));
    assert!(!ci, "may not be skipped in CI: {why}");
    eprintln!("SKIPPED: {why}");
}
