//! How long a closure may run. SQLite asks every thousand steps of its virtual machine whether to go on.

use std::ffi::c_int;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::{Duration, Instant};

use rusqlite::Connection;

/// A few tens of microseconds between two questions, each of which costs as many nanoseconds.
const STEPS: c_int = 1000;
const NEVER: u64 = u64::MAX;

/// The clock of one connection.
#[derive(Debug)]
pub(crate) struct Watch {
    epoch: Instant,
    /// When what runs began, in nanoseconds; zero while nothing runs.
    began: AtomicU64,
    until: AtomicU64,
}

impl Watch {
    pub(crate) fn install(conn: &Connection) -> rusqlite::Result<Arc<Self>> {
        let watch = Arc::new(Self { epoch: Instant::now(), began: AtomicU64::new(0), until: AtomicU64::new(NEVER) });
        let asked = Arc::clone(&watch);
        conn.progress_handler(STEPS, Some(move || asked.expired()))?;
        Ok(watch)
    }

    pub(crate) fn begin(&self, limit: Duration) {
        let now = self.now();
        self.began.store(now, Relaxed);
        self.until.store(now.saturating_add(nanos(limit)), Relaxed);
    }

    /// From here on nothing is interrupted: neither the end of the transaction nor what comes next.
    pub(crate) fn calm(&self) {
        self.until.store(NEVER, Relaxed);
    }

    pub(crate) fn end(&self) {
        self.calm();
        self.began.store(0, Relaxed);
    }

    /// Stops what runs, soon.
    pub(crate) fn expire(&self) {
        self.until.store(0, Relaxed);
    }

    pub(crate) fn expired(&self) -> bool {
        let until = self.until.load(Relaxed);
        until != NEVER && self.now() >= until
    }

    /// How long what runs has run.
    pub(crate) fn age(&self) -> Option<Duration> {
        match self.began.load(Relaxed) {
            0 => None,
            began => Some(Duration::from_nanos(self.now().saturating_sub(began))),
        }
    }

    fn now(&self) -> u64 {
        nanos(self.epoch.elapsed()).max(1)
    }
}

/// Five hundred years fit; what is longer is for ever.
fn nanos(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(NEVER)
}
