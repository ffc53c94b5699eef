//! Reads: one transaction on a connection that cannot write, here or on a thread for async callers.

use std::cell::RefCell;
use std::ops::Deref;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, Sender, TrySendError, bounded};
use rusqlite::{Connection, ErrorCode};

use crate::cancel::Cancel;
use crate::guard::Scope;
use crate::handle::{Answer, ReadClosure};
use crate::place::Place;
use crate::pool::{Lent, Pool, Watched, thread_number};
use crate::reader::{View, Views};
use crate::{Error, Options};

/// How long an interrupted read may take to come to its end when the store closes.
const LAST_WAIT: Duration = Duration::from_secs(1);
/// For the store's own work, which knows how long it may take.
pub(crate) const NO_LIMIT: Duration = Duration::MAX;

/// Starts a read transaction and returns one row, from the first page.
const HOLD: &str = "PRAGMA user_version";

thread_local! {
    /// Whose reads run on this thread, one inside the other: the addresses of their [`Readers`].
    static READING: RefCell<Vec<usize>> = const { RefCell::new(Vec::new()) };
}

#[derive(Debug)]
pub(crate) struct Readers {
    pub(crate) pool: Pool,
    pub(crate) deadline: Duration,
    pub(crate) time_limit: Duration,
    place: Place,
    /// How large the log of the database may get, about.
    log_bytes: u64,
    queue_limit: usize,
    threads: u32,
    views: Views,
    /// Started by the first read that is awaited: blocking programs have none.
    queue: Mutex<Option<Sender<Queued>>>,
}

/// Handles on the readers, of which each read takes one. Each thread counts its handles in a place of its own, because threads that count
/// in one place wait for each other.
#[derive(Debug)]
pub(crate) struct Handles(Box<[Arc<Handle>]>);

#[derive(Debug)]
#[repr(align(128))]
pub(crate) struct Handle(Arc<Readers>);

impl Handles {
    pub(crate) fn new(readers: &Arc<Readers>) -> Self {
        Self((0..readers.threads).map(|_| Arc::new(Handle(Arc::clone(readers)))).collect())
    }

    pub(crate) fn of_this_thread(&self) -> Arc<Handle> {
        Arc::clone(&self.0[thread_number() % self.0.len()])
    }
}

impl From<Arc<Readers>> for Handle {
    fn from(readers: Arc<Readers>) -> Self {
        Self(readers)
    }
}

impl Deref for Handle {
    type Target = Arc<Readers>;

    fn deref(&self) -> &Arc<Readers> {
        &self.0
    }
}

struct Queued {
    since: Instant,
    work: Box<dyn FnOnce(Duration) + Send>,
}

impl Readers {
    pub(crate) fn open(place: Place, options: &Options) -> Result<Arc<Self>, Error> {
        Ok(Arc::new(Self {
            pool: Pool::open(&place, options)?,
            place,
            deadline: options.read_deadline,
            time_limit: options.read_time_limit,
            log_bytes: options.wal_limit_bytes,
            queue_limit: options.queue_limit,
            threads: options.readers,
            views: Views::default(),
            queue: Mutex::new(None),
        }))
    }

    pub(crate) fn place(&self) -> &Place {
        &self.place
    }

    /// What work beside a database of that size leaves free, for what is written to it meanwhile.
    pub(crate) fn reserve(&self, size_bytes: u64) -> u64 {
        self.log_bytes.min(size_bytes)
    }

    /// Whether this is called from inside one of their read closures.
    pub(crate) fn read_here(&self) -> bool {
        // Where the thread is about to end and has no list any more, nothing runs on it.
        READING.try_with(|reading| reading.borrow().contains(&self.address())).unwrap_or(false)
    }

    fn address(&self) -> usize {
        std::ptr::from_ref(self).addr()
    }

    /// A connection for a read that has waited this long already. Where none is free, readers that are past their time limit give theirs
    /// back.
    pub(crate) fn take(&self, waited: Duration) -> Result<Lent<'_>, Error> {
        if let Some(conn) = self.pool.take_now()? {
            return Ok(conn);
        }
        // A connection that is opened now must not be one to another file than the others.
        self.place.database_still_ours()?;
        self.reclaim();
        self.pool.take(self.deadline.saturating_sub(waited)).map_err(|e| match e {
            Error::Busy { waited: more } => Error::Busy { waited: waited + more },
            other => other,
        })
    }

    pub(crate) fn register(&self, view: &Arc<View>) {
        self.views.add(view);
    }

    /// Ends the readers that are too old and that nobody uses at this moment.
    pub(crate) fn reclaim(&self) {
        self.views.reclaim(false);
    }

    /// Runs `work` on this thread, in one read transaction, so that all its queries see the same state.
    pub(crate) fn run<T>(&self, work: impl FnOnce(&Connection) -> Result<T, Error>) -> Result<T, Error> {
        self.run_for(self.time_limit, work)
    }

    /// As [`run`](Self::run), with `limit` in place of the time limit in the options.
    pub(crate) fn run_for<T>(&self, limit: Duration, work: impl FnOnce(&Connection) -> Result<T, Error>) -> Result<T, Error> {
        let conn = self.take(Duration::ZERO)?;
        conn.watch.begin(limit);
        let result = self.in_transaction(&conn, limit, work);
        conn.watch.end();
        result
    }

    /// Hands `work` to a reader thread.
    pub(crate) fn queue<T: Send + 'static>(self: &Arc<Self>, work: ReadClosure<T>, cancel: &Arc<Cancel>) -> Result<Answer<T>, Error> {
        let (sender, answer) = oneshot::channel();
        let (readers, cancel) = (Arc::clone(self), Arc::clone(cancel));
        let run = move |waited: Duration| {
            let late = waited > readers.deadline;
            let result = if late { Err(Error::Busy { waited }) } else { readers.run_cancellable(waited, work, &cancel) };
            let _ = sender.send(result);
        };
        let mut queue = self.queue.lock().unwrap_or_else(PoisonError::into_inner);
        if self.pool.is_closed() {
            return Err(Error::Closed);
        }
        let queue = match &mut *queue {
            Some(queue) => queue,
            empty => empty.insert(self.start_threads()?),
        };
        match queue.try_send(Queued { since: Instant::now(), work: Box::new(run) }) {
            Ok(()) => Ok(answer),
            Err(TrySendError::Full(_)) => Err(Error::Busy { waited: Duration::ZERO }),
            Err(TrySendError::Disconnected(_)) => Err(Error::Closed),
        }
    }

    fn run_cancellable<T>(&self, waited: Duration, work: ReadClosure<T>, cancel: &Cancel) -> Result<T, Error> {
        if cancel.is_cancelled() {
            return Err(Error::Closed); // To nobody: the caller dropped the future before its turn came.
        }
        let conn = self.take(waited)?;
        conn.watch.begin(self.time_limit);
        let result = if cancel.starts(&conn.watch) { self.in_transaction(&conn, self.time_limit, work) } else { Err(Error::Closed) };
        // Before the connection goes to somebody else, who must not be interrupted.
        cancel.ended();
        conn.watch.end();
        result
    }

    fn in_transaction<T>(&self, conn: &Watched, limit: Duration, work: impl FnOnce(&Connection) -> Result<T, Error>) -> Result<T, Error> {
        // A statement that has not come to its end keeps the read transaction open, at half the price of BEGIN and COMMIT, and no
        // closure can end it.
        let mut hold = conn.prepare_cached(HOLD)?;
        let mut held = hold.query([])?;
        held.next()?;
        self.begun(conn)?;
        let result = self.call(conn, limit, work);
        conn.watch.calm();
        if !conn.is_autocommit() {
            conn.execute_batch("ROLLBACK")?;
        }
        result
    }

    /// Looks, once the transaction has begun, whether the connection has the file and the log of one database open. Otherwise it never will.
    pub(crate) fn begun(&self, conn: &Watched) -> Result<(), Error> {
        self.place.still_named().inspect_err(|_| conn.unfit.set(true))
    }

    /// Calls `work` and tells an interruption by its reason.
    pub(crate) fn call<T>(&self, conn: &Watched, limit: Duration, work: impl FnOnce(&Connection) -> Result<T, Error>) -> Result<T, Error> {
        self.place.still_at_rest()?;
        let _ = READING.try_with(|reading| reading.borrow_mut().push(self.address()));
        let result = conn.guard.during(Scope::Read, || catch_unwind(AssertUnwindSafe(|| work(conn))));
        let _ = READING.try_with(|reading| reading.borrow_mut().pop());
        self.place.still_at_rest()?;
        match result {
            Ok(Err(e)) if e.sqlite_code() == Some(ErrorCode::OperationInterrupted) && conn.watch.expired() => Err(self.interrupted(limit)),
            Ok(Err(e)) if e.sqlite_code() == Some(ErrorCode::AuthorizationForStatementDenied) => {
                Err(conn.guard.take_refused().map_or(e, |statement| Error::Refused { statement }))
            }
            Ok(result) => result,
            Err(payload) => Err(Error::panicked(&*payload)),
        }
    }

    pub(crate) fn interrupted(&self, limit: Duration) -> Error {
        if self.pool.is_closed() { Error::Closed } else { Error::TimedOut { limit } }
    }

    /// Takes no new reads, waits up to `grace` for those that run, and interrupts what still runs then.
    pub(crate) fn close(&self, grace: Duration) {
        self.pool.close();
        drop(self.queue.lock().unwrap_or_else(PoisonError::into_inner).take());
        self.pool.wait_for_all(grace, LAST_WAIT, || self.views.reclaim(true));
    }

    fn start_threads(&self) -> Result<Sender<Queued>, Error> {
        let (sender, receiver) = bounded(self.queue_limit);
        for number in 0..self.threads {
            let receiver: Receiver<Queued> = receiver.clone();
            let name = format!("sqlite-read-{number}");
            thread::Builder::new()
                .name(name.clone())
                .spawn(move || {
                    for job in receiver {
                        // Dropping what a closure captured may panic; the thread is needed for the next read.
                        let _ = catch_unwind(AssertUnwindSafe(|| (job.work)(job.since.elapsed())));
                    }
                })
                .map_err(|source| Error::Thread { name, source })?;
        }
        Ok(sender)
    }
}
