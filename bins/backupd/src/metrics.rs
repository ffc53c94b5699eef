//! The status for Prometheus, as text.

use std::sync::atomic::AtomicI64;

use jiff::Timestamp;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;

use crate::status::{State, Status};

pub(crate) const CONTENT_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

type Number = Gauge<i64, AtomicI64>;
type Labelled = Family<Vec<(&'static str, String)>, Number>;

/// Gauges only: node_exporter reads the older format, which has no `info` and refuses all of it, and takes counters for something else.
pub(crate) fn text(status: &Status) -> String {
    let mut registry = Registry::with_prefix("magnetiq_backup");
    let mut number = |name: &str, help: &str, value: Option<i64>| {
        let gauge = Number::default();
        // What never happened is left out, so that an alert on its absence works, and none on 1970.
        if let Some(value) = value {
            gauge.set(value);
            registry.register(name, help, gauge);
        }
    };
    let seconds = |at: Timestamp| at.as_second();
    let last = status.last_run.as_ref();
    number(
        "up_to_date",
        "1 where the newest backup is proven and as new as the schedule wants it",
        Some(i64::from(status.state == State::Ok)),
    );
    number("newest_proven_timestamp_seconds", "When the newest proven backup was made", created(status.newest_proven.as_ref()));
    number("newest_timestamp_seconds", "When the newest backup was made", created(status.newest.as_ref()));
    number("newest_size_bytes", "Size of the newest archive", status.newest.as_ref().map(|newest| whole(newest.size_bytes)));
    number("size_bytes", "Size of all archives", Some(whole(status.size_bytes)));
    number("last_run_timestamp_seconds", "When the last run ended", last.map(|run| seconds(run.ended_at)));
    number(
        "last_run_success",
        "1 where the last run left a proven backup and copies wherever they are wanted",
        last.map(|run| i64::from(run.ok)),
    );
    number("last_run_duration_seconds", "How long the last run took", last.map(|run| seconds(run.ended_at) - seconds(run.started_at)));
    number("running", "1 while a backup is made", Some(i64::from(status.running.is_some())));
    number(
        "stuck",
        "1 where a run takes longer than its time limit",
        Some(i64::from(status.running.as_ref().is_some_and(|run| run.stuck))),
    );
    number(
        "missed_runs",
        "Moments of the schedule that nothing was started for in time, since this program started",
        Some(whole(status.missed_runs)),
    );
    number("next_run_timestamp_seconds", "When the schedule wants the next backup", status.next_run_at.map(seconds));
    number(
        "last_integrity_check_timestamp_seconds",
        "When a backup last passed integrity_check",
        status.last_integrity_check_at.map(seconds),
    );
    number("last_drill_timestamp_seconds", "When a backup last carried a server", status.last_drill_at.map(seconds));
    let backups = Labelled::default();
    for (state, count) in [
        ("all", status.backups.all),
        ("proven", status.backups.proven),
        ("failed", status.backups.failed),
        ("partial", status.backups.partial),
        ("pinned", status.backups.pinned),
    ] {
        backups.get_or_create(&vec![("state", state.to_owned())]).set(whole(count as u64));
    }
    registry.register("backups", "Backups by state; one may have several", backups);
    let (copies, newest) = (Labelled::default(), Labelled::default());
    for target in &status.targets {
        let labels = vec![("target", target.name.clone())];
        copies.get_or_create(&labels).set(whole(target.copies as u64));
        if let Some(at) = target.newest_created_at {
            newest.get_or_create(&labels).set(seconds(at));
        }
    }
    registry.register("target_copies", "Backups with a copy at the target", copies);
    registry.register("target_newest_timestamp_seconds", "When the newest backup was made that has a copy at the target", newest);
    let build = Labelled::default();
    build.get_or_create(&vec![("version", status.version.to_owned())]).set(1);
    registry.register("build_info", "The program", build);
    let mut text = String::new();
    // Writing to a string does not fail.
    let _ = encode(&mut text, &registry);
    text
}

fn created(backup: Option<&crate::status::Backup>) -> Option<i64> {
    backup.map(|backup| backup.created_at.as_second())
}

fn whole(value: u64) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}
