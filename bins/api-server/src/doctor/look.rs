//! One look of a check of `magnetiq-health`, judged by the limits of its catalog: the server's own watch and healthd judge by the same ones.

use std::time::Duration;

use magnetiq_doctor::{Finding, Seen, Severity};
use magnetiq_health::catalog::{self, Entry};
use magnetiq_health::{Check, CheckError, Deadline, Direction, Facts, Level, Reading, Threshold, Value};

/// What the catalog says of a kind of check.
pub(super) fn known(kind: &str) -> &'static Entry {
    catalog::find(kind).expect("a test of this crate names every kind that is looked up")
}

/// A check of the doctor may take twenty seconds: what does not come is told before that, also on a machine that is busy.
const LIMIT: Duration = Duration::from_secs(15);

/// Looks once, with the limits of the catalog.
pub(super) fn look(kind: &str, check: impl Check) -> Seen {
    look_with(kind, check, known(kind).info().thresholds)
}

/// Looks once, with these limits.
///
/// A monitor believes some things only when it has seen them several times. This one look is told as it is; what only a second look can tell it does
/// not: when a disk or a database will be full, that the clock was set back meanwhile, that the kernel has killed something.
pub(super) fn look_with(kind: &str, mut check: impl Check, thresholds: Vec<Threshold>) -> Seen {
    let entry = known(kind);
    judged(entry, &thresholds, check.run(Deadline::after(entry.timeout.min(LIMIT))))
}

fn judged(entry: &'static Entry, thresholds: &[Threshold], looked: Result<Facts, CheckError>) -> Seen {
    let finding = |severity, seen: String| Finding::new(severity, seen, entry.means).advice(advice(entry));
    let facts = match looked {
        Ok(facts) => facts,
        Err(CheckError::Failed(said)) => return Seen::saying(said.clone()).with(finding(Severity::Error, said)),
        Err(CheckError::Undetermined(said)) => return Seen::saying(said.clone()).with(finding(Severity::Warning, said)),
    };
    let told = facts.findings.iter().filter_map(|told| Some(finding(severity(told.level)?, told.says.clone())));
    let beyond = thresholds.iter().filter_map(|threshold| {
        let reading = facts.reading(threshold.measurement())?;
        let (severity, limit) = crossed(threshold, reading)?;
        let help = entry.measurement(threshold.measurement()).map_or(threshold.measurement(), |measurement| measurement.help);
        let side = if threshold.direction() == Direction::Above { "more" } else { "less" };
        Some(finding(severity, format!("{help}: {}, {side} than {limit}", reading.value()?)))
    });
    Seen::saying(facts.says.clone().unwrap_or_else(|| entry.title.to_owned())).with_all(told).with_all(beyond)
}

/// The words of the catalog without its commands, which name places by words in capitals: each check gives the exact ones.
fn advice(entry: &Entry) -> String {
    entry.fix.split("\n\n").filter(|part| !part.starts_with("    ")).collect::<Vec<_>>().join(" ")
}

fn severity(level: Level) -> Option<Severity> {
    match level {
        Level::Pass => None,
        Level::Warn => Some(Severity::Warning),
        Level::Fail => Some(Severity::Error),
    }
}

/// The worst limit that the reading is beyond, in words.
fn crossed(threshold: &Threshold, reading: &Reading) -> Option<(Severity, String)> {
    let (value, number) = (reading.value()?, reading.number()?);
    [Level::Fail, Level::Warn].into_iter().find_map(|level| {
        let enter = threshold.limit(level)?.enter;
        let beyond = match threshold.direction() {
            Direction::Above => number >= enter,
            Direction::Below => number <= enter,
        };
        beyond.then_some((severity(level)?, like(value, enter).to_string()))
    })
}

/// `number` in the unit of `value`.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "limits are whole and not negative where they count")]
fn like(value: &Value, number: f64) -> Value {
    match value {
        Value::Bytes(_) => Value::Bytes(number as u64),
        Value::Seconds(_) => Value::Seconds(number),
        Value::Percent(_) => Value::Percent(number),
        Value::Count(_) | Value::Bool(_) | Value::Text(_) => Value::Count(number as u64),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_that_is_looked_up_is_there() {
        let kinds = ["disk", "backup", "certificate-file", "certificate-served", "database-size", "memory", "file-descriptors"];
        for kind in kinds.iter().chain(&["clock", "dns", "smtp", "http", "log", "restarts"]) {
            assert!(!advice(known(kind)).contains("    "), "{kind}");
        }
    }

    #[test]
    fn the_worst_limit_is_told_in_its_unit() {
        let threshold = Threshold::below("free").warn(2e9).fail(5e8).build().unwrap();
        let told = |bytes| {
            let facts = Facts::new().with("free", Value::Bytes(bytes));
            judged(known("disk"), std::slice::from_ref(&threshold), Ok(facts)).findings.into_iter().map(|f| (f.severity, f.seen)).next()
        };
        assert_eq!(told(3_000_000_000), None);
        assert_eq!(told(1_000_000_000), Some((Severity::Warning, "space that is left to a service: 1 GB, less than 2 GB".to_owned())));
        assert_eq!(told(1_000_000), Some((Severity::Error, "space that is left to a service: 1 MB, less than 500 MB".to_owned())));
    }

    #[test]
    fn what_could_not_be_found_out_only_warns() {
        let worst = |error| judged(known("disk"), &[], Err(error)).worst();
        assert_eq!(worst(CheckError::failed("it is gone")), Some(Severity::Error));
        assert_eq!(worst(CheckError::undetermined("it may not be looked at")), Some(Severity::Warning));
    }
}
