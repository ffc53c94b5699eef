//! The one thread that writes.
//!
//! It takes whatever waits in the queue into one transaction, commits, and only then tells the callers. The first write of a group
//! needs no savepoint: if it fails, the transaction is rolled back and begun again for the next one.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::time::{Duration, Instant};

use crossbeam_channel::Receiver;
use rusqlite::hooks::Action;
use rusqlite::{Connection, ErrorCode, Statement};

use crate::checkpoint::{Checkpoints, commits, count_pages, truncate};
use crate::facts::{Counters, Size};
use crate::guard::{Guard, SAVEPOINT, Scope};
use crate::job::{Desk, Job, Message, Tx};
use crate::readers::Readers;
use crate::replace::Log;
use crate::time_limit::Watch;
use crate::void::Failed;
use crate::{Error, Options};

/// A group is committed once it has this many writes …
const GROUP_WRITES: usize = 256;
/// … or has run this long, so that the first of them does not wait for a long queue of slow ones.
const GROUP_TIME: Duration = Duration::from_millis(10);

/// The body of the writer thread: runs until the queue is closed and empty, then closes the rest.
pub(crate) fn run(
    conn: Connection,
    receiver: &Receiver<Message>,
    readers: &Readers,
    counters: &Counters,
    options: &Options,
) -> Result<(), Error> {
    let log = Log::of(readers.place().path());
    let tx = Tx::new(conn);
    let worked = Writer::new(&tx, readers, counters, options).map(|mut writer| writer.serve(receiver));
    counters.clock.close();
    if let Err(e) = &worked {
        // No caller to give it to: those in the queue get `Closed`, and `close` returns it.
        tracing::error!(error = e as &dyn std::error::Error, "the writer cannot start");
    }
    // Only now, because a write that waited in the queue may read, too; and before the log goes, because a reader needs it.
    readers.close(options.close_grace);
    let closed = truncate(&tx);
    let ended = tx.into_inner().close().map_err(|(_, e)| Error::Checkpoint(e));
    if readers.place().lost() == Some(readers.place().path()) {
        log.take_away(closed.is_ok());
    }
    ended?;
    worked?;
    closed
}

struct Writer<'c> {
    tx: &'c Tx,
    guard: Arc<Guard>,
    watch: Arc<Watch>,
    readers: &'c Readers,
    control: Control<'c>,
    checkpoints: Checkpoints,
    counters: &'c Counters,
    options: &'c Options,
    /// A transaction is open, and holds the writes in `kept`.
    open: bool,
    kept: Vec<Box<dyn Job>>,
    /// Writes that failed beside those in `kept`, perhaps because of them: what they have to say is true once those are committed.
    refused: Vec<Box<dyn Job>>,
    /// The schema has foreign keys that are checked only at the commit.
    deferrable: bool,
}

/// Whether a group can take another write.
#[derive(PartialEq)]
enum Group {
    Open,
    Full,
}

impl<'c> Writer<'c> {
    fn new(tx: &'c Tx, readers: &'c Readers, counters: &'c Counters, options: &'c Options) -> Result<Self, Error> {
        // Cheap where statistics are fresh; gives the planner its statistics where they are missing.
        if let Err(e) = tx.execute_batch("PRAGMA optimize = 0x10002") {
            tracing::warn!(error = &e as &dyn std::error::Error, "cannot refresh the statistics of the query planner");
        }
        let checkpoints = Checkpoints::watch(tx, options.wal_limit_bytes, options.busy_timeout)?;
        let guard = Guard::install(tx)?;
        let control = Control::prepare(tx)?;
        let deferrable = defers_foreign_keys(tx)?;
        let watch = Watch::install(tx)?;
        let clock = Arc::clone(&counters.clock);
        tx.update_hook(Some(move |_: Action, database: &str, table: &str, _: i64| {
            if database == "main" {
                clock.touch(table);
            }
        }))?;
        let (kept, refused) = (Vec::new(), Vec::new());
        Ok(Self { tx, guard, watch, readers, control, checkpoints, counters, options, open: false, kept, refused, deferrable })
    }

    fn serve(&mut self, receiver: &Receiver<Message>) {
        let mut held = None;
        while let Some(message) = held.take().or_else(|| receiver.recv().ok()) {
            match message {
                Message::Write(job) => held = self.group(job, receiver),
                Message::Exclusive(job) => self.exclusive(job),
                Message::Alone(since, work) => self.alone(since, work),
            }
            self.counters.rests();
        }
    }

    /// Runs `first` and what waits behind it, commits, and returns the message that ended the group, if one did.
    fn group(&mut self, first: Box<dyn Job>, receiver: &Receiver<Message>) -> Option<Message> {
        self.counters.works_on(first.since());
        let started = Instant::now();
        let limit = self.options.write_time_limit;
        let mut held = None;
        let mut job = first;
        for written in 1.. {
            // What is taken from the queue is run.
            if self.run(job, limit) == Group::Full || written == GROUP_WRITES || started.elapsed() >= GROUP_TIME {
                break;
            }
            job = match receiver.try_recv() {
                Ok(Message::Write(next)) => next,
                Ok(other) => {
                    held = Some(other);
                    break;
                }
                Err(_) => break,
            };
        }
        self.commit();
        held
    }

    fn exclusive(&mut self, job: Box<dyn Job>) {
        self.counters.works_on(job.since());
        let _ = self.run(job, self.options.exclusive_time_limit);
        self.commit();
    }

    fn run(&mut self, mut job: Box<dyn Job>, limit: Duration) -> Group {
        if let Err(error) = job.take_turn() {
            job.fail(error);
            self.deliver_failed(job);
            return Group::Open;
        }
        if let Err(error) = self.prepare_for_next() {
            job.fail(error);
            self.deliver_failed(job);
            return Group::Full;
        }
        let nested = !self.kept.is_empty();
        self.watch.begin(limit);
        let good = self.guard.during(Scope::Write, || job.run(self.tx));
        if self.watch.expired() && job.error().and_then(Error::sqlite_code) == Some(ErrorCode::OperationInterrupted) {
            job.fail(Error::TimedOut { limit });
        }
        self.watch.end();
        if let Some(statement) = self.guard.take_refused()
            && job.error().and_then(Error::sqlite_code) == Some(ErrorCode::AuthorizationForStatementDenied)
        {
            job.fail(Error::Refused { statement });
        }
        let deferred = self.guard.take_deferred() || self.deferrable;
        if self.guard.take_ended() || self.tx.is_autocommit() {
            self.give_up();
            if good || job.error().is_some_and(Error::is_refused_commit) {
                job.fail(Error::TransactionEnded);
            }
            self.refuse(job, nested);
        } else if !good {
            self.undo(nested);
            self.refuse(job, nested);
        } else if deferred {
            self.commit_with(job, nested);
        } else {
            let released = if nested { self.control.release() } else { Ok(()) };
            match released {
                Ok(()) => self.kept.push(job),
                Err(e) => {
                    self.give_up();
                    job.fail(Error::Sqlite(e));
                    self.refuse(job, nested);
                }
            }
        }
        // The pragma stays in force until the transaction ends, whatever became of the write that gave it.
        if deferred { Group::Full } else { Group::Open }
    }

    /// Begins a transaction, or a savepoint in the one that holds other writes.
    fn prepare_for_next(&mut self) -> Result<(), Error> {
        if !self.open {
            self.control.begin.execute([]).map_err(Error::Begin)?;
            self.open = true;
        } else if !self.kept.is_empty() {
            self.control.savepoint.execute([]).map_err(Error::Begin)?;
        }
        Ok(())
    }

    /// Takes back what the last closure did, and nothing else.
    fn undo(&mut self, nested: bool) {
        let undone = if nested { self.control.roll_back_to() } else { self.control.rollback.execute([]).map(|_| ()) };
        self.open = nested;
        if undone.is_err() {
            self.give_up();
        }
    }

    /// SQLite cannot go on with this transaction, or has ended it. The writes that were kept so far are rolled back; their closures are used
    /// up, so all that is left is to say so.
    fn give_up(&mut self) {
        if !self.tx.is_autocommit() {
            let _ = self.control.rollback.execute([]);
        }
        self.open = false;
        self.fail_all(|| Error::Undone, || Error::Undone);
    }

    /// Tells the caller of a write that failed, once it is known whether what it saw of its neighbours stays.
    fn refuse(&mut self, mut job: Box<dyn Job>, nested: bool) {
        if nested && !self.kept.is_empty() {
            self.refused.push(job);
            return;
        }
        if nested && job.error().is_some_and(Error::speaks_of_rows) {
            job.fail(Error::Undone);
        }
        self.deliver_failed(job);
    }

    fn fail_all(&mut self, kept: impl Fn() -> Error, refused: impl Fn() -> Error) {
        for mut job in std::mem::take(&mut self.kept) {
            job.fail(kept());
            self.deliver_failed(job);
        }
        for mut job in std::mem::take(&mut self.refused) {
            if job.error().is_some_and(Error::speaks_of_rows) {
                job.fail(refused());
            }
            self.deliver_failed(job);
        }
    }

    /// Commits at once, with the savepoint of `job` still in place: foreign keys that it left broken are found only here, and must
    /// not take its neighbours down.
    fn commit_with(&mut self, mut job: Box<dyn Job>, nested: bool) {
        if let Some(lost) = self.readers.place().lost() {
            self.kept.push(job);
            return self.commit_nowhere(lost);
        }
        let started = Instant::now();
        let size = self.control.size();
        match self.control.commit.execute([]) {
            Ok(_) => {
                self.kept.push(job);
                self.committed(started, size);
            }
            Err(e) if e.sqlite_error_code() == Some(ErrorCode::ConstraintViolation) && !self.tx.is_autocommit() => {
                self.undo(nested);
                job.fail(Error::Sqlite(e));
                self.refuse(job, nested);
            }
            Err(e) => {
                self.kept.push(job);
                self.commit_failed(e);
            }
        }
    }

    fn commit(&mut self) {
        if !self.open {
            return;
        }
        if let Some(lost) = self.readers.place().lost() {
            return self.commit_nowhere(lost);
        }
        let started = Instant::now();
        let size = self.control.size();
        match self.control.commit.execute([]) {
            Ok(_) => self.committed(started, size),
            Err(e) => self.commit_failed(e),
        }
    }

    fn committed(&mut self, started: Instant, size: rusqlite::Result<Size>) {
        self.open = false;
        if let Ok(size) = size {
            self.counters.sized(size);
        }
        self.counters.committed(self.kept.len(), started);
        self.counters.rests();
        for job in self.kept.drain(..) {
            deliver(job);
        }
        for job in std::mem::take(&mut self.refused) {
            self.deliver_failed(job);
        }
        if self.guard.take_schema_changed() {
            // Where the schema cannot be read, every write commits alone, which is only slower.
            self.deferrable = defers_foreign_keys(self.tx).unwrap_or(true);
        }
        self.checkpoints.after_commit(self.tx, self.readers, self.counters);
    }

    fn commit_failed(&mut self, error: rusqlite::Error) {
        self.open = false;
        let failed = Failed::settle(self.tx, error);
        self.fail_all(|| failed.error(), || failed.without());
    }

    /// The file `lost` has lost its name: a commit would be acknowledged, and found by nobody or met by that of another owner.
    fn commit_nowhere(&mut self, lost: &Path) {
        let _ = self.control.rollback.execute([]);
        self.open = false;
        let replaced = || Error::Replaced { path: lost.to_owned() };
        self.fail_all(replaced, replaced);
    }

    fn deliver_failed(&self, job: Box<dyn Job>) {
        self.counters.failed_writes.fetch_add(1, Relaxed);
        deliver(job);
    }

    fn alone(&mut self, since: Instant, work: Box<dyn FnOnce(&Desk<'_>) + Send>) {
        self.counters.works_on(since);
        let desk = Desk { conn: self.tx, guard: &self.guard, counters: self.counters, seen: commits() };
        let _ = catch_unwind(AssertUnwindSafe(|| work(&desk)));
        if !self.tx.is_autocommit() {
            let _ = self.control.rollback.execute([]);
        }
        self.deferrable = defers_foreign_keys(self.tx).unwrap_or(true);
        count_pages(self.tx);
        self.checkpoints.after_commit(self.tx, self.readers, self.counters);
    }
}

/// A dropped handle, a waker and the values that a closure captured run foreign code here; its panic must not end the thread.
fn deliver(job: Box<dyn Job>) {
    let _ = catch_unwind(AssertUnwindSafe(|| job.deliver()));
}

/// Such a schema gives up the sharing of commits: a broken key shows only at the commit, which would then fail for everybody.
fn defers_foreign_keys(conn: &Connection) -> rusqlite::Result<bool> {
    conn.query_row("SELECT EXISTS (SELECT 1 FROM sqlite_schema WHERE sql LIKE '%INITIALLY%DEFERRED%')", [], |row| row.get(0))
}

/// The statements around the closures, prepared once and outside of the cache, where a closure could reach them.
struct Control<'c> {
    begin: Statement<'c>,
    commit: Statement<'c>,
    rollback: Statement<'c>,
    savepoint: Statement<'c>,
    release: Statement<'c>,
    roll_back_to: Statement<'c>,
    pages: Statement<'c>,
    free_pages: Statement<'c>,
}

impl<'c> Control<'c> {
    fn prepare(tx: &'c Tx) -> rusqlite::Result<Self> {
        Ok(Self {
            begin: tx.prepare("BEGIN IMMEDIATE")?,
            commit: tx.prepare("COMMIT")?,
            rollback: tx.prepare("ROLLBACK")?,
            savepoint: tx.prepare(&format!("SAVEPOINT {SAVEPOINT}"))?,
            release: tx.prepare(&format!("RELEASE {SAVEPOINT}"))?,
            roll_back_to: tx.prepare(&format!("ROLLBACK TO {SAVEPOINT}"))?,
            pages: tx.prepare("PRAGMA page_count")?,
            free_pages: tx.prepare("PRAGMA freelist_count")?,
        })
    }

    fn release(&mut self) -> rusqlite::Result<()> {
        self.release.execute([]).map(|_| ())
    }

    /// What the size will be after the commit; inside of the transaction it costs no lock.
    fn size(&mut self) -> rusqlite::Result<Size> {
        let pages = self.pages.query_row([], |row| row.get(0))?;
        Ok(Size { pages, free_pages: self.free_pages.query_row([], |row| row.get(0))? })
    }

    fn roll_back_to(&mut self) -> rusqlite::Result<()> {
        self.roll_back_to.execute([])?;
        self.release()
    }
}
