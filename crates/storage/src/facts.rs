//! What can be told about a store without disturbing it.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::{Duration, Instant};

use rusqlite::Connection;

use crate::commits::CommitClock;

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
    /// Operations that wait for their turn on the writer thread.
    pub queue_depth: usize,
    /// How long ago the oldest write that is not answered yet was queued; while the writer moves the log into the database after a commit,
    /// how long it has done so; zero while it has nothing to do. Grows where the writer hangs.
    pub queue_age: Duration,
    /// How long the oldest open read transaction has been open; `None` while there is none. It keeps the log from being used again.
    pub oldest_reader: Option<Duration>,
    /// Writes that were committed since the store was opened.
    pub writes: u64,
    /// Writes that failed since the store was opened; those that waited too long are among them.
    pub failed_writes: u64,
    /// Commits since the store was opened: fewer than [`writes`](Self::writes) where writers shared one.
    pub commits: u64,
    /// How long the last commit took, its sync to disk included. Zero before the first one.
    pub last_commit: Duration,
    /// How long ago the last commit was; `None` before the first one.
    pub since_commit: Option<Duration>,
    /// How long commits take.
    pub commit_latency: Latency,
}

/// How long something takes: an average that follows the present, and counts since the store was opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Latency {
    /// The moving average, in which the last sixteen or so carry most of the weight.
    pub average: Duration,
    /// The longest one.
    pub max: Duration,
    counts: [u64; BOUNDS.len() + 1],
}

/// Behind a slice in the public face: another bound some day is no other type.
const BOUNDS: [Duration; 7] = [
    Duration::from_micros(100),
    Duration::from_millis(1),
    Duration::from_millis(5),
    Duration::from_millis(20),
    Duration::from_millis(100),
    Duration::from_millis(500),
    Duration::from_secs(2),
];

impl Latency {
    /// Upper bounds of [`counts`](Self::counts), ascending. There may be more of them in another version.
    pub const BOUNDS: &[Duration] = &BOUNDS;

    /// How many took at most the time of the same place in [`BOUNDS`](Self::BOUNDS) and longer than the one before; the last, one more than
    /// there are bounds, counts those that took longer than all of them.
    pub fn counts(&self) -> &[u64] {
        &self.counts
    }
}

/// Counted by the writer, read by anybody.
#[derive(Debug)]
pub(crate) struct Counters {
    epoch: Instant,
    pub(crate) clock: Arc<CommitClock>,
    pub(crate) writes: AtomicU64,
    pub(crate) failed_writes: AtomicU64,
    /// When the first write of the group that runs was queued, in nanoseconds; zero while nothing runs.
    oldest: AtomicU64,
    committed_at: AtomicU64,
    last: AtomicU64,
    average: AtomicU64,
    max: AtomicU64,
    counts: [AtomicU64; BOUNDS.len() + 1],
    pages: AtomicU64,
    free_pages: AtomicU64,
    page_bytes: AtomicU64,
}

/// How large a database is, as the connection that writes sees it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Size {
    pub(crate) pages: u64,
    pub(crate) free_pages: u64,
}

impl Default for Counters {
    fn default() -> Self {
        let zero = AtomicU64::default;
        Self {
            epoch: Instant::now(),
            clock: Arc::default(),
            writes: zero(),
            failed_writes: zero(),
            oldest: zero(),
            committed_at: zero(),
            last: zero(),
            average: zero(),
            max: zero(),
            counts: Default::default(),
            pages: zero(),
            free_pages: zero(),
            page_bytes: zero(),
        }
    }
}

impl Counters {
    /// Asks the connection that writes, outside of a transaction.
    pub(crate) fn measure(&self, conn: &Connection) -> rusqlite::Result<()> {
        let number = |name| conn.pragma_query_value(None, name, |row| row.get::<_, u64>(0));
        self.page_bytes.store(number("page_size")?, Relaxed);
        self.sized(Size { pages: number("page_count")?, free_pages: number("freelist_count")? });
        Ok(())
    }

    pub(crate) fn sized(&self, size: Size) {
        self.pages.store(size.pages, Relaxed);
        self.free_pages.store(size.free_pages, Relaxed);
    }

    /// The database, its free pages, and one page, in bytes. Of two commits where one comes in between.
    pub(crate) fn bytes(&self) -> [u64; 3] {
        let page = self.page_bytes.load(Relaxed);
        [self.pages.load(Relaxed) * page, self.free_pages.load(Relaxed) * page, page]
    }

    /// Called by the writer thread only, so that nothing is lost between reading and storing.
    pub(crate) fn committed(&self, writes: usize, started: Instant) {
        let now = Instant::now();
        let took = nanos(now - started);
        self.writes.fetch_add(writes as u64, Relaxed);
        self.last.store(took, Relaxed);
        self.committed_at.store(self.since_epoch(now), Relaxed);
        let average = self.average.load(Relaxed);
        self.average.store(if average == 0 { took } else { average - average / 16 + took / 16 }, Relaxed);
        self.max.fetch_max(took, Relaxed);
        let place = BOUNDS.iter().position(|bound| took <= nanos(*bound)).unwrap_or(BOUNDS.len());
        self.counts[place].fetch_add(1, Relaxed);
        self.clock.advance(1);
    }

    /// From now on the writer works on what was queued at `since`.
    pub(crate) fn works_on(&self, since: Instant) {
        self.oldest.store(self.since_epoch(since), Relaxed);
    }

    pub(crate) fn rests(&self) {
        self.oldest.store(0, Relaxed);
    }

    pub(crate) fn queue_age(&self) -> Duration {
        self.age(&self.oldest).unwrap_or_default()
    }

    pub(crate) fn since_commit(&self) -> Option<Duration> {
        self.age(&self.committed_at)
    }

    pub(crate) fn last_commit(&self) -> Duration {
        Duration::from_nanos(self.last.load(Relaxed))
    }

    pub(crate) fn latency(&self) -> Latency {
        Latency {
            average: Duration::from_nanos(self.average.load(Relaxed)),
            max: Duration::from_nanos(self.max.load(Relaxed)),
            counts: std::array::from_fn(|i| self.counts[i].load(Relaxed)),
        }
    }

    fn age(&self, moment: &AtomicU64) -> Option<Duration> {
        match moment.load(Relaxed) {
            0 => None,
            moment => Some(Duration::from_nanos(self.since_epoch(Instant::now()).saturating_sub(moment))),
        }
    }

    fn since_epoch(&self, moment: Instant) -> u64 {
        nanos(moment.saturating_duration_since(self.epoch)).max(1)
    }
}

fn nanos(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}
