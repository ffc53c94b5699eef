//! The queue of pictures in the tree of checks, and in `/metrics`.

use std::sync::atomic::{AtomicI64, Ordering::Relaxed};

use actix_web::web::Data;
use magnetiq_health::{
    CheckError, CheckInfo, Deadline, Facts, MonitorBuilder, Value,
    catalog::{self, Entry},
};
use prometheus_client::{metrics::counter::Counter, registry::Registry};

use super::rows;
use crate::{clock::Time, state::AppState};

/// Whether smaller pictures are made.
const PICTURES: &str = "pictures";

/// How far the worker is, for whoever watches it.
#[derive(Debug)]
pub(crate) struct Progress {
    made: Counter,
    refused: Counter,
    /// When it was through with a file, or had nothing to do, in milliseconds.
    moved_at: AtomicI64,
}

impl Progress {
    pub(crate) fn new(now: Time) -> Self {
        Self { made: Counter::default(), refused: Counter::default(), moved_at: AtomicI64::new(now.as_millis()) }
    }

    pub(crate) fn register(&self, registry: &mut Registry) {
        registry.register("pictures_made", "Files of which smaller pictures were made, since the start", self.made.clone());
        registry.register("pictures_refused", "Files of which none can be made, since the start", self.refused.clone());
    }

    pub(super) fn made(&self, now: Time) {
        self.made.inc();
        self.moved(now);
    }

    pub(super) fn refused(&self, now: Time) {
        self.refused.inc();
        self.moved(now);
    }

    pub(super) fn moved(&self, now: Time) {
        self.moved_at.store(now.as_millis(), Relaxed);
    }
}

/// Adds the check.
pub(crate) fn add(state: &Data<AppState>, monitor: MonitorBuilder) -> MonitorBuilder {
    let known = catalog::find(PICTURES).map_or_else(|| CheckInfo::new(PICTURES, PICTURES, PICTURES), Entry::info);
    let state = state.clone();
    monitor.check(known.depends_on("database-read"), move |_: Deadline| facts(&state))
}

fn facts(state: &AppState) -> Result<Facts, CheckError> {
    let seen = state.store.read(|conn| Ok(rows::count(conn)?)).wait();
    let seen = seen.map_err(|error| CheckError::undetermined(format!("the queue cannot be read: {error}")))?;
    let facts = Facts::new().with("queued", Value::Count(seen.queued)).with("failed", Value::Count(seen.failed));
    if seen.queued == 0 {
        return Ok(facts.saying("nothing waits"));
    }
    let stalled = state.clock.now().since(Time::from_millis(state.pictures.moved_at.load(Relaxed)));
    Ok(facts.with("stalled", Value::Seconds(stalled.as_secs_f64())).saying("smaller pictures are being made"))
}
