//! Reads: a pool of connections that cannot write, and the threads that use it for async callers.

use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, Sender, TrySendError, bounded};
use r2d2::{ManageConnection, Pool, PooledConnection};
use r2d2_sqlite::SqliteConnectionManager;
use rusqlite::Connection;

use crate::connection::{configure_reader, reader_flags};
use crate::handle::{Answer, ReadClosure};
use crate::{Error, Options};

/// How long the first connection may take on a machine that is very busy.
const OPEN_TIMEOUT: Duration = Duration::from_secs(30);

thread_local! {
    /// Reads that run on this thread, one inside the other.
    static READING: Cell<u32> = const { Cell::new(0) };
}

/// Whether this is called from inside a read closure.
pub(crate) fn is_reading() -> bool {
    READING.get() > 0
}

#[derive(Debug)]
pub(crate) struct Readers {
    pool: Pool<Manager>,
    closed: Arc<AtomicBool>,
    deadline: Duration,
    queue_limit: usize,
    threads: u32,
    /// Started by the first read that is awaited: blocking programs have none.
    queue: Mutex<Option<Sender<Queued>>>,
}

struct Queued {
    since: Instant,
    work: Box<dyn FnOnce(Duration) + Send>,
}

impl Readers {
    pub(crate) fn open(path: &Path, options: &Options) -> Result<Arc<Self>, Error> {
        let closed = Arc::new(AtomicBool::new(false));
        let settings = options.clone();
        let inner = SqliteConnectionManager::file(path).with_flags(reader_flags()).with_init(move |conn| configure_reader(conn, &settings));
        let deadline = options.read_deadline;
        let threads = options.readers.max(1);
        let pool = Pool::builder()
            .max_size(threads)
            // The others are opened when they are first needed, so that a start is quick and small.
            .min_idle(Some(1))
            .max_lifetime(None)
            .idle_timeout(None)
            .test_on_check_out(false)
            .connection_timeout(OPEN_TIMEOUT)
            .build(Manager { inner, closed: Arc::clone(&closed) })
            .map_err(|e| Error::Reader(Box::new(e)))?;
        let queue_limit = options.queue_limit.max(1);
        Ok(Arc::new(Self { pool, closed, deadline, queue_limit, threads, queue: Mutex::new(None) }))
    }

    /// Runs `work` on this thread, in one read transaction, so that all its queries see the same state.
    pub(crate) fn run<T>(&self, work: impl FnOnce(&Connection) -> Result<T, Error>) -> Result<T, Error> {
        let conn = self.checkout()?;
        READING.set(READING.get() + 1);
        let result = in_transaction(&conn, work);
        READING.set(READING.get() - 1);
        result
    }

    /// Hands `work` to a reader thread.
    pub(crate) fn queue<T: Send + 'static>(self: &Arc<Self>, work: ReadClosure<T>) -> Result<Answer<T>, Error> {
        let (sender, answer) = oneshot::channel();
        let readers = Arc::clone(self);
        let run = move |waited: Duration| {
            if sender.is_closed() {
                return; // The caller dropped the future before its turn came.
            }
            let result = if waited > readers.deadline { Err(Error::Busy { waited }) } else { readers.run(work) };
            let _ = sender.send(result);
        };
        let mut queue = self.queue.lock().unwrap_or_else(PoisonError::into_inner);
        if self.closed.load(Ordering::Acquire) {
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

    /// Takes no new reads, and waits up to `limit` for those that run.
    pub(crate) fn close(&self, limit: Duration) {
        let started = Instant::now();
        self.closed.store(true, Ordering::Release);
        drop(self.queue.lock().unwrap_or_else(PoisonError::into_inner).take());
        loop {
            // Coming back into a closed pool, a connection is dropped.
            while self.pool.try_get().is_some() {}
            if self.pool.state().connections == 0 || started.elapsed() >= limit {
                return;
            }
            thread::sleep(Duration::from_millis(1));
        }
    }

    fn checkout(&self) -> Result<PooledConnection<Manager>, Error> {
        if self.closed.load(Ordering::Acquire) {
            return Err(Error::Closed);
        }
        self.pool.get_timeout(self.deadline).map_err(|e| {
            let state = self.pool.state();
            match self.closed.load(Ordering::Acquire) {
                true => Error::Closed,
                false if state.connections >= self.pool.max_size() => Error::Busy { waited: self.deadline },
                false => Error::Reader(Box::new(e)),
            }
        })
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

fn in_transaction<T>(conn: &Connection, work: impl FnOnce(&Connection) -> Result<T, Error>) -> Result<T, Error> {
    conn.prepare_cached("BEGIN")?.execute([])?;
    let result = catch_unwind(AssertUnwindSafe(|| work(conn))).unwrap_or_else(|payload| Err(Error::panicked(&*payload)));
    // A closure may have ended the transaction itself: only its own view of the data suffers.
    if !conn.is_autocommit() {
        conn.prepare_cached("COMMIT")?.execute([])?;
    }
    result
}

/// `r2d2_sqlite`'s manager, which also lets go of its connections when the store closes, and of those with an open transaction.
#[derive(Debug)]
struct Manager {
    inner: SqliteConnectionManager,
    closed: Arc<AtomicBool>,
}

impl ManageConnection for Manager {
    type Connection = Connection;
    type Error = rusqlite::Error;

    fn connect(&self) -> Result<Connection, rusqlite::Error> {
        if self.closed.load(Ordering::Acquire) {
            return Err(rusqlite::Error::InvalidQuery); // Never seen: the checkout answers `Closed`.
        }
        self.inner.connect()
    }

    fn is_valid(&self, conn: &mut Connection) -> Result<(), rusqlite::Error> {
        self.inner.is_valid(conn)
    }

    fn has_broken(&self, conn: &mut Connection) -> bool {
        self.closed.load(Ordering::Acquire) || !conn.is_autocommit()
    }
}
