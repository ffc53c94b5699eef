//! How the server is: probes, the tree of checks, metrics, and what is given up when the disk fills.

pub(crate) mod access;
pub(crate) mod metrics;
pub(crate) mod probes;
pub(crate) mod requests;
mod reserve;
pub(crate) mod space;
pub(crate) mod traffic;
pub(crate) mod views;
pub(crate) mod watch;

use std::sync::{
    Arc, OnceLock,
    atomic::{AtomicU8, Ordering::Relaxed},
};
use std::time::Duration;

use magnetiq_config::Settings;
use magnetiq_health::{Monitor, Report, Status};

pub use reserve::Reserve;

use self::{access::Access, metrics::Metrics, space::Space, traffic::Traffic};
use crate::{http::answers, leads, media::variants, outbox};

/// How long the checks get to end when the server stops.
const STOP_WAIT: Duration = Duration::from_secs(2);

/// Where a server is between its start and its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Phase {
    /// It does not take requests yet.
    Starting,
    /// It does.
    Serving,
    /// It was told to stop, and finishes what runs.
    Draining,
}

/// What the routes of health and the middleware need.
#[derive(Debug)]
pub(crate) struct Health {
    phase: AtomicU8,
    monitor: OnceLock<Monitor>,
    pub(crate) space: Arc<Space>,
    pub(crate) metrics: Metrics,
    pub(crate) traffic: Traffic,
    pub(crate) access: Access,
}

impl Health {
    /// Nothing is watched yet: see [`watch::start`].
    pub(crate) fn new(
        settings: &Settings,
        outbox: &outbox::metrics::Counts,
        answers: &answers::Counts,
        leads: &leads::metrics::Counts,
        pictures: &variants::watch::Progress,
    ) -> Self {
        let health = &settings.health;
        Self {
            phase: AtomicU8::new(Phase::Starting as u8),
            monitor: OnceLock::new(),
            space: Arc::new(Space::new(health.uploads_min_free_bytes, health.writes_min_free_bytes)),
            metrics: Metrics::new(outbox, answers, leads, pictures),
            traffic: Traffic::default(),
            access: Access::of(settings),
        }
    }

    pub(crate) fn phase(&self) -> Phase {
        match self.phase.load(Relaxed) {
            0 => Phase::Starting,
            1 => Phase::Serving,
            _ => Phase::Draining,
        }
    }

    pub(crate) fn enter(&self, phase: Phase) {
        self.phase.store(phase as u8, Relaxed);
    }

    /// From now on `monitor` tells how everything is. Only the first one does.
    fn watch_with(&self, monitor: Monitor) {
        // A second one ends where it is dropped.
        let _ = self.monitor.set(monitor);
    }

    /// The last report; `None` while nothing is watched.
    pub(crate) fn report(&self) -> Option<Arc<Report>> {
        self.monitor.get().map(Monitor::report)
    }

    /// Whether the check of the writer says that it does not work. Before it has answered, it does.
    pub(crate) fn writer_fails(&self) -> bool {
        self.report().is_some_and(|report| report.check(watch::WRITER).is_some_and(|check| check.seen == Status::Fail))
    }

    /// A write found the disk full: nothing more is taken until the disk was looked at again, which is at once.
    pub(crate) fn disk_is_full(&self) {
        self.space.see_data(0);
        self.monitor.get().map(|monitor| monitor.run_now(watch::DISK_DATA));
    }

    /// Ends the checks.
    pub(crate) fn stop(&self) {
        if let Some(Err(error)) = self.monitor.get().map(|monitor| monitor.stop(STOP_WAIT)) {
            tracing::warn!(error = &error as &dyn std::error::Error, "checks were left behind");
        }
    }
}
