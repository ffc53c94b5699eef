//! The list of all checks: whole, and true.

use std::collections::BTreeSet;
use std::time::Duration;

use magnetiq_health::catalog::{Entry, Unit, entries, find};
use magnetiq_health::{CheckId, CheckState, Deadline, Direction, Event, Facts, Monitor, Status, Value};

use crate::support::clock;

/// The types that `checks` exports in `source`, without those that are no checks.
fn exported(source: &str) -> BTreeSet<String> {
    let lines = source.lines().filter_map(|line| line.strip_prefix("pub use ")).filter_map(|line| line.split_once("::"));
    let names = lines.flat_map(|(_, names)| {
        names.trim_matches(['{', '}', ';']).split(", ").map(|name| name.trim_matches(['{', '}', ';']).to_owned()).collect::<Vec<_>>()
    });
    names
        .filter(|name| !["Encryption", "SIZE_LIMIT_BYTES", "Trust", "is_read_only"].contains(&name.as_str()))
        .map(|name| format!("checks::{name}"))
        .collect()
}

#[test]
fn every_check_is_in_it() {
    let mut expected = exported(include_str!("../../src/checks/mod.rs"));
    // The calls of others, and their letters.
    expected.extend(["Breaker", "Check"].map(str::to_owned));
    let listed: BTreeSet<String> = entries().map(|entry| entry.type_name.to_owned()).collect();
    assert_eq!(listed, expected);
    assert_eq!(entries().map(|entry| entry.kind).collect::<BTreeSet<_>>().len(), entries().count(), "a kind is there twice");
    assert!(find("disk").is_some() && find("disc").is_none());
}

#[test]
fn every_text_is_there() {
    for entry in entries() {
        let kind = entry.kind;
        for (name, text) in
            [("title", entry.title), ("means", entry.means), ("look_at", entry.look_at), ("fix", entry.fix), ("node", entry.node)]
        {
            assert!(!text.is_empty() && text.trim() == text, "{name} of {kind}: {text:?}");
            // Commands are on lines of their own; what the source breaks is joined with one space.
            for line in text.lines() {
                let rest = line.strip_prefix("    ").unwrap_or(line);
                assert!(!rest.starts_with(' ') && !rest.contains("  "), "{name} of {kind}: {line:?}");
            }
        }
        assert!(!entry.measurements.is_empty(), "{kind} measures nothing");
        for measurement in entry.measurements {
            assert!(!measurement.help.is_empty(), "{} of {kind}", measurement.name);
            let metric = measurement.metric(kind);
            assert_eq!(metric.is_none(), measurement.unit == Unit::Text);
            assert!(metric.is_none_or(|metric| metric.starts_with("magnetiq_") && !metric.contains('-')));
        }
    }
}

#[test]
fn every_limit_fits_together_and_says_why() {
    for entry in entries() {
        for limit in entry.limits {
            assert!(entry.measurement(limit.measurement).is_some(), "{} does not measure {}", entry.kind, limit.measurement);
            assert!(
                !limit.because.is_empty() && !limit.because.contains("  "),
                "{} of {}: {:?}",
                limit.measurement,
                entry.kind,
                limit.because
            );
            limit.threshold();
        }
        let info = entry.info();
        assert_eq!((info.id.as_str(), info.thresholds.len()), (entry.kind, entry.limits.len()));
        assert!(info.timeout < info.interval || entry.kind == "breaker", "{}", entry.kind);
    }
    assert_eq!(find("disk").unwrap().info_as("disk-media").id, CheckId::from("disk-media"));
}

#[test]
fn every_metric_has_a_name_of_its_own() {
    let names: Vec<String> =
        entries().flat_map(|entry| entry.measurements.iter().filter_map(|measurement| measurement.metric(entry.kind))).collect();
    assert_eq!(names.iter().collect::<BTreeSet<_>>().len(), names.len(), "{names:#?}");
}

/// Readings that are all as they should be, but for one.
fn facts(entry: &Entry, measurement: &str, number: f64) -> Facts {
    entry.limits.iter().fold(Facts::new(), |facts, limit| {
        let good = if limit.direction == Direction::Above { 0.0 } else { 1e15 };
        let number = if limit.measurement == measurement { number } else { good };
        // The unit is of no account to a limit.
        facts.with(limit.measurement, Value::Seconds(number))
    })
}

#[test]
fn every_limit_is_kept_by_the_judge() {
    for entry in entries() {
        let info = entry.info();
        let now = clock(0).now();
        let seen = |facts| {
            let answered = Event::Answered { result: Ok(facts), took: Duration::ZERO };
            CheckState::new(&info, now).step(&info, answered, now).seen()
        };
        assert_eq!(seen(facts(entry, "", 0.0)), Status::Pass, "{}", entry.kind);
        for limit in entry.limits {
            for (bounds, status) in [(limit.warn, Status::Warn), (limit.fail, Status::Fail)] {
                let Some(bounds) = bounds else { continue };
                assert_eq!(seen(facts(entry, limit.measurement, bounds.enter)), status, "{} of {}", limit.measurement, entry.kind);
            }
        }
        if entry.limits.iter().any(|limit| !limit.optional) {
            assert_eq!(seen(Facts::new()), Status::Unknown, "{} without readings is no pass", entry.kind);
        }
    }
}

#[test]
fn a_monitor_takes_them_all() {
    let monitor = entries().fold(Monitor::builder(), |builder, entry| builder.check(entry.info(), |_: Deadline| Ok(Facts::new())));
    let monitor = monitor.start().unwrap();
    assert_eq!(monitor.report().checks.len(), entries().count());
    monitor.stop(Duration::from_secs(10)).unwrap();
}
