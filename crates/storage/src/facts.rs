//! What can be told about a store without disturbing it.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Duration;

/// The state of a store at one moment: plain data, cheap to take.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Facts {
    /// Size of the database without its log: pages times page size.
    pub size_bytes: u64,
    /// Size of one page.
    pub page_size_bytes: u64,
    /// Part of [`size_bytes`](Self::size_bytes) that is free and will be used again.
    pub free_bytes: u64,
    /// Size of the write-ahead log file.
    pub wal_bytes: u64,
    /// Writes that wait for their turn.
    pub queue_depth: usize,
    /// Writes that were committed since the store was opened.
    pub writes: u64,
    /// Writes that failed since the store was opened; those that waited too long are among them.
    pub failed_writes: u64,
    /// Commits since the store was opened: fewer than [`writes`](Self::writes) where writers shared one.
    pub commits: u64,
    /// How long the last commit took, its sync to disk included. Zero before the first one.
    pub last_commit: Duration,
}

/// Counted by the writer, read by anybody.
#[derive(Debug, Default)]
pub(crate) struct Counters {
    pub(crate) writes: AtomicU64,
    pub(crate) failed_writes: AtomicU64,
    pub(crate) commits: AtomicU64,
    last_commit_ns: AtomicU64,
}

impl Counters {
    pub(crate) fn committed(&self, writes: usize, took: Duration) {
        self.writes.fetch_add(writes as u64, Relaxed);
        self.commits.fetch_add(1, Relaxed);
        self.last_commit_ns.store(u64::try_from(took.as_nanos()).unwrap_or(u64::MAX), Relaxed);
    }

    pub(crate) fn last_commit(&self) -> Duration {
        Duration::from_nanos(self.last_commit_ns.load(Relaxed))
    }
}
