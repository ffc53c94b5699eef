//! How Prometheus finds the checks of one kind, whatever suffixes they have: `disk`, `disk-data`, `disk-data-main`.

use magnetiq_health::catalog::{Entry, Measurement, entries};

/// The status of each check: 0 pass, 1 warn, 2 fail, 3 unknown, 4 suppressed by its cause, 5 maintenance.
pub(crate) const STATUS: &str = "magnetiq_health_check_status";

/// Label matchers for all checks of this kind, and of no other.
pub(crate) fn of_kind(entry: &Entry) -> String {
    let longer = entries().filter(|other| other.kind.strip_prefix(entry.kind).is_some_and(|rest| rest.starts_with('-')));
    let others = longer.fold(String::new(), |text, other| format!("{text},check!~\"{}(-.+)?\"", other.kind));
    format!("check=~\"{}(-.+)?\"{others}", entry.kind)
}

/// Label matchers for checks that the catalog has not.
pub(crate) fn of_no_kind() -> String {
    let kinds: Vec<&str> = entries().map(|entry| entry.kind).collect();
    format!("check!~\"({})(-.+)?\"", kinds.join("|"))
}

/// All time series of one measurement; `None` for text, which has none.
pub(crate) fn of_measurement(entry: &Entry, measurement: &Measurement) -> Option<String> {
    let metric = measurement.metric(entry.kind)?;
    let begin = format!("magnetiq_{}", entry.kind.replace('-', "_"));
    let end = metric.strip_prefix(&begin)?;
    Some(format!("{{__name__=~\"{begin}(_.+)?{end}\",{}}}", of_kind(entry)))
}
