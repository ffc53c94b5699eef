//! The one place that decides when the write-ahead log is moved into the database.
//!
//! SQLite would do it inside the commit that reaches a thousand pages and let that caller wait. Here the writer does it between two
//! groups, after their results went out. A later copy of the log elsewhere needs to know about each checkpoint, too.

use std::cell::Cell;
use std::ffi::c_int;
use std::thread;
use std::time::{Duration, Instant};

use rusqlite::Connection;
use rusqlite::hooks::Wal;

use crate::Error;
use crate::facts::Counters;
use crate::readers::Readers;

/// Pages in the log between two attempts, as SQLite's own default.
const STEP_PAGES: u32 = 1000;
/// From so many times its limit on, the log is worth holding writes up. Where reads overlap, there is always one that needs it: only while nothing
/// is written do the new ones need less of it, and in the end nothing.
const PATIENCE_LIMITS: u64 = 4;
/// The longest that writes are held up for it, each time that the log has doubled.
const PATIENCE: Duration = Duration::from_secs(1);
/// The pause between two attempts. SQLite itself would wait for a slot in the index of the log, which new readers take over from old ones,
/// so that it may never be free; a new attempt only looks at what the present readers need.
const PAUSE: Duration = Duration::from_millis(10);

thread_local! {
    /// Pages in the log of the connection that this thread writes with; the hook is a bare function and has no other place.
    static LOG_PAGES: Cell<u32> = const { Cell::new(0) };
    /// Commits that changed something.
    static COMMITS: Cell<u64> = const { Cell::new(0) };
}

#[derive(Debug)]
pub(crate) struct Checkpoints {
    page_bytes: u64,
    limit_bytes: u64,
    busy_timeout: Duration,
    seen_pages: u32,
    next_pages: u32,
    /// The size of the log from which the next attempt waits.
    patient_bytes: u64,
}

/// What `PRAGMA wal_checkpoint` answered.
struct Outcome {
    blocked: bool,
    log_pages: u32,
    moved_pages: u32,
}

impl Checkpoints {
    /// Starts to count on the thread and the connection that write.
    pub(crate) fn watch(conn: &Connection, limit_bytes: u64, busy_timeout: Duration) -> rusqlite::Result<Self> {
        count_pages(conn);
        let page_bytes: u32 = conn.pragma_query_value(None, "page_size", |row| row.get(0))?;
        let patient_bytes = limit_bytes.saturating_mul(PATIENCE_LIMITS);
        Ok(Self { page_bytes: page_bytes.into(), limit_bytes, busy_timeout, seen_pages: 0, next_pages: STEP_PAGES, patient_bytes })
    }

    /// Called after each commit. A checkpoint that fails here costs only disk space, so it is logged and tried again later.
    pub(crate) fn after_commit(&mut self, conn: &Connection, readers: &Readers, counters: &Counters) {
        let pages = LOG_PAGES.get();
        if pages < self.seen_pages {
            self.next_pages = STEP_PAGES;
            self.patient_bytes = self.limit_bytes.saturating_mul(PATIENCE_LIMITS);
        }
        self.seen_pages = pages;
        if pages < self.next_pages {
            return;
        }
        self.next_pages = pages.saturating_add(STEP_PAGES);
        // What is queued waits for this, too.
        counters.works_on(Instant::now());
        // A reader that is past its time limit must not hold the log.
        readers.reclaim();
        match self.relieve(conn, pages) {
            Ok(outcome) if outcome.blocked || outcome.moved_pages < outcome.log_pages => {
                tracing::debug!(pages, "a reader keeps the write-ahead log from being emptied");
            }
            Ok(_) => {}
            Err(e) => tracing::warn!(error = &e as &dyn std::error::Error, pages, "cannot move the write-ahead log into the database"),
        }
        counters.rests();
    }

    fn relieve(&mut self, conn: &Connection, pages: u32) -> rusqlite::Result<Outcome> {
        let bytes = u64::from(pages) * self.page_bytes;
        if bytes <= self.limit_bytes {
            return run(conn, "PASSIVE");
        }
        // A group of writes must not wait for readers, unless the log would grow for ever.
        let patient = bytes >= self.patient_bytes;
        let until = Instant::now() + if patient { PATIENCE } else { Duration::ZERO };
        conn.busy_timeout(Duration::ZERO)?;
        let outcome = loop {
            let outcome = run(conn, "TRUNCATE");
            if !outcome.as_ref().is_ok_and(|outcome| outcome.blocked) || Instant::now() >= until {
                break outcome;
            }
            thread::sleep(PAUSE);
        };
        conn.busy_timeout(self.busy_timeout)?;
        if patient {
            self.patient_bytes = bytes.saturating_mul(2);
            if outcome.as_ref().is_ok_and(|outcome| outcome.blocked) {
                tracing::warn!(bytes, limit_bytes = self.limit_bytes, waited = ?PATIENCE, "the write-ahead log grows, because a reader does not let go of it");
            }
        }
        outcome
    }
}

/// Counts on this thread what `conn` commits, and switches SQLite's own checkpoints off, which live in the same hook. To be repeated where
/// somebody may have said `PRAGMA wal_autocheckpoint`, which takes the hook away.
pub(crate) fn count_pages(conn: &Connection) {
    conn.wal_hook(Some(|_: &Wal, pages: c_int| {
        LOG_PAGES.set(u32::try_from(pages).unwrap_or(0));
        COMMITS.set(COMMITS.get() + 1);
        Ok(())
    }));
}

/// Commits of the counted connection that changed something, on this thread.
pub(crate) fn commits() -> u64 {
    COMMITS.get()
}

/// Moves everything and empties the file; waits for readers up to the busy timeout of the connection.
pub(crate) fn truncate(conn: &Connection) -> Result<(), Error> {
    let outcome = run(conn, "TRUNCATE").map_err(Error::Checkpoint)?;
    if outcome.blocked {
        let frames = u64::from(outcome.log_pages);
        return Err(Error::CheckpointBlocked { frames });
    }
    LOG_PAGES.set(0);
    Ok(())
}

/// Empties the log where nobody is in the way, and waits for nobody. A log that stays is no failure here.
pub(crate) fn try_truncate(conn: &Connection, busy_timeout: Duration) {
    let done = conn.busy_timeout(Duration::ZERO).map_err(Error::Checkpoint).and_then(|()| truncate(conn));
    if let Err(e) = done.and(conn.busy_timeout(busy_timeout).map_err(Error::Checkpoint)) {
        tracing::debug!(error = &e as &dyn std::error::Error, "the write-ahead log stays for now");
    }
}

fn run(conn: &Connection, mode: &str) -> rusqlite::Result<Outcome> {
    conn.query_row(&format!("PRAGMA wal_checkpoint({mode})"), [], |row| {
        // -1 where there is no log.
        let pages = |i| row.get::<_, i64>(i).map(|n| u32::try_from(n).unwrap_or(0));
        Ok(Outcome { blocked: row.get(0)?, log_pages: pages(1)?, moved_pages: pages(2)? })
    })
}
