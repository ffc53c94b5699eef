//! What goes through the queue of the writer: closures of any type, with the place where their result waits for the commit.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::time::{Duration, Instant};

use rusqlite::Connection;

use crate::Error;
use crate::checkpoint::commits;
use crate::facts::Counters;
use crate::fingerprint::stored_tables;
use crate::guard::Guard;

/// The transaction that a write closure runs in; a [`Connection`] for everything but the transaction itself.
///
/// A function that takes `&Tx` is visibly one that writes. SQL that starts, commits or rolls back a transaction, attaches a database, makes a
/// temporary table, view or trigger, or changes a setting of the connection is refused ([`Error::Refused`]); savepoints of the closure's own
/// are fine. What a temporary table is good for, a `WITH` clause or `json_each` over a parameter is, too.
///
/// That holds for SQL only. The methods of [`Connection`] that set something on it (`set_db_config`, `busy_timeout`, `authorizer`,
/// `progress_handler`, and the hooks for commits, roll backs, updates and the log) reach the one connection that all writes share, on which
/// the store relies: leave them alone.
#[derive(Debug)]
pub struct Tx(Connection);

impl Tx {
    pub(crate) fn new(conn: Connection) -> Self {
        Self(conn)
    }

    pub(crate) fn into_inner(self) -> Connection {
        self.0
    }
}

impl std::ops::Deref for Tx {
    type Target = Connection;

    fn deref(&self) -> &Connection {
        &self.0
    }
}

pub(crate) enum Message {
    Write(Box<dyn Job>),
    /// A write that shares its transaction with no other.
    Exclusive(Box<dyn Job>),
    /// Work that needs the connection for itself, and when it was queued.
    Alone(Instant, Box<dyn FnOnce(&Desk<'_>) + Send>),
}

/// What work of its own finds on the writer thread.
pub(crate) struct Desk<'c> {
    pub(crate) conn: &'c Connection,
    pub(crate) guard: &'c Guard,
    pub(crate) counters: &'c Counters,
    /// Commits on this thread before the work began.
    pub(crate) seen: u64,
}

impl Desk<'_> {
    /// Lets the next commit tell of each table that is there now. For work that the update hook sees nothing of; where tables come or go,
    /// called before and after.
    pub(crate) fn touch_all(&self) {
        match stored_tables(self.conn) {
            Ok(tables) => tables.iter().for_each(|table| self.counters.clock.touch(table)),
            Err(e) => tracing::warn!(error = &e as &dyn std::error::Error, "which tables were written to is not known"),
        }
    }

    /// Tells of the commits of this work, before its caller has the result.
    pub(crate) fn announce(&self) {
        if let Err(e) = self.counters.measure(self.conn) {
            tracing::warn!(error = &e as &dyn std::error::Error, "the size of the database is not known before the next commit");
        }
        let made = commits() - self.seen;
        if made > 0 {
            self.counters.clock.advance(made);
        }
    }
}

/// The turn of a write, which comes once: the writer takes it and runs the write, or whoever waits takes it and the write never runs.
#[derive(Debug)]
pub(crate) struct Turn {
    since: Instant,
    deadline: Duration,
    taken: AtomicBool,
}

impl Turn {
    /// From now on it is waited for.
    pub(crate) fn new(deadline: Duration) -> Arc<Self> {
        Arc::new(Self { since: Instant::now(), deadline, taken: AtomicBool::new(false) })
    }

    /// True for the first who asks, and for nobody else.
    pub(crate) fn take(&self) -> bool {
        !self.taken.swap(true, Relaxed)
    }

    /// How long it may still be waited for.
    pub(crate) fn left(&self) -> Duration {
        self.deadline.saturating_sub(self.since.elapsed())
    }

    /// That it did not come.
    pub(crate) fn missed(&self) -> Error {
        Error::Busy { waited: self.since.elapsed() }
    }
}

/// A write of any type.
pub(crate) trait Job: Send {
    fn since(&self) -> Instant;
    /// Takes its turn. An error if that is over: whoever waits for it has waited for too long, or has given up. Where the handle was dropped,
    /// nobody waits, and it is never too late.
    fn take_turn(&self) -> Result<(), Error>;
    /// Runs the closure and keeps its result; true if it wants to be committed.
    fn run(&mut self, tx: &Tx) -> bool;
    /// The error that it holds, if any.
    fn error(&self) -> Option<&Error>;
    /// Replaces what it holds.
    fn fail(&mut self, error: Error);
    /// Sends what it holds to the caller.
    fn deliver(self: Box<Self>);
}

pub(crate) struct Queued<T, F> {
    turn: Arc<Turn>,
    work: Option<F>,
    result: Option<Result<T, Error>>,
    sender: oneshot::Sender<Result<T, Error>>,
}

impl<T, F> Queued<T, F> {
    pub(crate) fn new(work: F, sender: oneshot::Sender<Result<T, Error>>, turn: Arc<Turn>) -> Self {
        Self { turn, work: Some(work), result: None, sender }
    }
}

impl<T: Send, F: FnOnce(&Tx) -> Result<T, Error> + Send> Job for Queued<T, F> {
    fn since(&self) -> Instant {
        self.turn.since
    }

    fn take_turn(&self) -> Result<(), Error> {
        let late = self.turn.left().is_zero() && !self.sender.is_closed();
        if late || !self.turn.take() { Err(self.turn.missed()) } else { Ok(()) }
    }

    fn run(&mut self, tx: &Tx) -> bool {
        let work = self.work.take().expect("a job runs once");
        let result = catch_unwind(AssertUnwindSafe(|| work(tx))).unwrap_or_else(|payload| Err(Error::panicked(&*payload)));
        self.result.insert(result).is_ok()
    }

    fn error(&self) -> Option<&Error> {
        self.result.as_ref()?.as_ref().err()
    }

    fn fail(&mut self, error: Error) {
        let replaced = self.result.replace(Err(error));
        // Foreign code, whose panic must not end the thread.
        let _ = catch_unwind(AssertUnwindSafe(|| drop(replaced)));
    }

    fn deliver(self: Box<Self>) {
        if let Some(result) = self.result {
            let _ = self.sender.send(result);
        }
    }
}
