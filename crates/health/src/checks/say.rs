//! Words that several checks use.

use std::error::Error;
use std::time::Duration;

use crate::deadline::Deadline;
use crate::reading::seconds;

/// An error with its causes.
pub(crate) fn chain(error: &dyn Error) -> String {
    let mut said = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let text = error.to_string();
        // Some libraries repeat the cause.
        if !said.ends_with(&text) {
            said = format!("{said}: {text}");
        }
        cause = error.source();
    }
    said
}

/// A duration as a person would say it.
pub(crate) fn time(time: Duration) -> String {
    seconds(time.as_secs_f64())
}

/// Bytes as a person would say them.
pub(crate) fn bytes(bytes: u64) -> String {
    crate::reading::Value::Bytes(bytes).to_string()
}

/// A part of a whole in percent; nothing of nothing is 0.
pub(crate) fn percent(part: u64, whole: u64) -> f64 {
    if whole == 0 {
        return 0.0;
    }
    part as f64 / whole as f64 * 100.0
}

/// A little before the deadline, so that there is time to say that nothing came.
pub(crate) fn budget(deadline: Deadline) -> Deadline {
    Deadline::after(deadline.remaining() * 9 / 10)
}

/// `1 file`, `2 files`.
pub(crate) fn count(number: usize, one: &str) -> String {
    if number == 1 { format!("1 {one}") } else { format!("{number} {one}s") }
}
