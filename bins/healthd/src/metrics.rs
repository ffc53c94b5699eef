//! What is known for Prometheus, as text: the checks as the server shows its own, and healthd's own numbers.

use std::sync::atomic::{AtomicI64, AtomicU64};

use magnetiq_health::render;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;

use crate::shared::Shared;

pub(crate) const CONTENT_TYPE: &str = "text/plain; version=0.0.4; charset=utf-8";

type Labels = Vec<(&'static str, String)>;

/// Gauges only: this format has no `info`, at which Prometheus refuses all of it, and takes counters for something else.
pub(crate) fn text(shared: &Shared) -> String {
    let (report, board) = (shared.monitor.report(), shared.board());
    let mut registry = Registry::with_prefix("magnetiq_healthd");
    let open = Family::<Labels, Gauge<i64, AtomicI64>>::default();
    let uptime = Family::<Labels, Gauge<f64, AtomicU64>>::default();
    for site in &shared.sites {
        let labels = vec![("site", site.title.clone())];
        let count = board.incidents.iter().filter(|incident| incident.is_open() && incident.site == site.name).count();
        open.get_or_create(&labels).set(i64::try_from(count).unwrap_or(i64::MAX));
        if let Some(share) = board.past.get(&site.name).and_then(|past| past.whole().uptime()) {
            uptime.get_or_create(&labels).set(share);
        }
    }
    registry.register("incidents_open", "Incidents that are not over", open);
    registry.register("uptime_ratio", "Share of the known time of 90 days in which the site worked", uptime);
    let number = |value: i64| {
        let gauge = Gauge::<i64, AtomicI64>::default();
        gauge.set(value);
        gauge
    };
    registry.register("history_written", "1 where what is seen is written down", number(i64::from(shared.is_ready())));
    if let Some(at) = board.recorded_at {
        registry.register("history_timestamp_seconds", "When it was last written down", number(at.as_second()));
    }
    registry.register("start_timestamp_seconds", "When healthd was started", number(shared.started_at.as_second()));
    let build = Family::<Labels, Gauge<i64, AtomicI64>>::default();
    build.get_or_create(&vec![("version", env!("CARGO_PKG_VERSION").to_owned())]).set(1);
    registry.register("build_info", "The program", build);
    let mut own = String::new();
    // Writing to a string does not fail.
    let _ = encode(&mut own, &registry);
    // The end of another format, which this one reads as a comment.
    own.truncate(own.trim_end().trim_end_matches("# EOF").len());
    render::prometheus(&report) + &own
}
