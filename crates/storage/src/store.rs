//! The store itself: what a program holds.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering::Relaxed;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle, ThreadId};
use std::time::{Duration, Instant};

use crossbeam_channel::{SendTimeoutError, TrySendError};
use rusqlite::Connection;

use crate::connection::{open_writer, refuse_old_sqlite, spill_beside};
use crate::facts::Counters;
use crate::folder::{beside, create_private_file, refuse_network, resolve};
use crate::job::{Desk, Job, Message, Queued, Turn, Tx};
use crate::lock::Lock;
use crate::place::Place;
use crate::queue::Queue;
use crate::readers::{Handles, Readers};
use crate::snapshot::forget_left_over;
use crate::template::temporary_folder;
use crate::{Commits, Error, Facts, Options, Read, Reader, Write, writer};

/// One SQLite database: a thread that writes and a pool of connections that read. A clone is another handle on the same store.
///
/// When the last handle goes, the writes that wait are done, the write-ahead log is moved into the database, and the lock is released.
#[derive(Clone)]
pub struct Store {
    pub(crate) inner: Arc<Inner>,
}

pub(crate) struct Inner {
    pub(crate) path: PathBuf,
    pub(crate) options: Options,
    /// Closed at the end of the store, which ends the writer.
    queue: Arc<Queue>,
    pub(crate) readers: Arc<Readers>,
    handles: Handles,
    counters: Arc<Counters>,
    writer: Mutex<Option<JoinHandle<Result<(), Error>>>>,
    writer_id: ThreadId,
}

impl Store {
    /// Opens the database `path`, or creates it with its folder, readable for this user only; where that is root, for the user to whom the
    /// folder belongs.
    ///
    /// # Errors
    ///
    /// Says what is in the way, and leaves the file as it is then: another owner ([`Error::Locked`]), a file that is no database
    /// ([`Error::NotADatabase`]), is damaged ([`Error::Damaged`]) or belongs to another program ([`Error::ForeignApplication`]), a
    /// network file system, an unusable folder, an SQLite that is too old.
    pub fn open(path: impl AsRef<Path>, options: Options) -> Result<Self, Error> {
        Self::open_in(path.as_ref(), options, None)
    }

    /// Opens an empty database in a temporary folder that goes with the last handle. For tests.
    ///
    /// # Errors
    ///
    /// As [`open`](Self::open).
    pub fn temporary(options: Options) -> Result<Self, Error> {
        let folder = temporary_folder()?;
        Self::open_in(&folder.path().join("temporary.sqlite3"), options, Some(folder))
    }

    pub(crate) fn open_in(path: &Path, options: Options, folder: Option<tempfile::TempDir>) -> Result<Self, Error> {
        let options = options.within_reach();
        refuse_old_sqlite()?;
        let path = resolve(path)?;
        if !options.allow_network_filesystem {
            refuse_network(&path)?;
        }
        let lock = Lock::take_resolved(path.clone(), options.lock_wait)?;
        forget_left_over(&path);
        create_private_file(&path)?;
        // Before the file is opened: one that comes in between is seen as another.
        let place = Place::owned(&lock)?;
        let conn = open_writer(&path, &options)?;
        if folder.is_none() {
            spill_beside(&conn, &path);
        }
        let readers = Readers::open(place, &options)?;
        let counters = Arc::new(Counters::default());
        counters.measure(&conn)?;
        let (queue, receiver) = Queue::new(options.queue_limit);
        let queue = Arc::new(queue);
        let name = "sqlite-write".to_owned();
        let (counts, pool, settings, door) = (Arc::clone(&counters), Arc::clone(&readers), options.clone(), Arc::clone(&queue));
        let writer = thread::Builder::new()
            .name(name.clone())
            .spawn(move || {
                let result = catch_unwind(AssertUnwindSafe(|| writer::run(conn, &receiver, &pool, &counts, &settings)));
                // After a panic, too: nobody waits for a writer that is gone.
                door.close();
                counts.clock.close();
                // Held to the end by the thread that has the last connection, whoever dropped the store.
                drop((receiver, lock, folder));
                result.unwrap_or_else(|payload| Err(Error::panicked(&*payload)))
            })
            .map_err(|source| Error::Thread { name, source })?;
        let writer_id = writer.thread().id();
        let handles = Handles::new(&readers);
        let writer = Mutex::new(Some(writer));
        tracing::debug!(path = %path.display(), sqlite = rusqlite::version(), "database opened");
        Ok(Self { inner: Arc::new(Inner { path, options, queue, readers, handles, counters, writer, writer_id }) })
    }

    /// The database file, absolute and with symbolic links resolved.
    ///
    /// Never open it with `std::fs` while a store is open in the same process: closing that handle drops the locks that SQLite holds.
    pub fn path(&self) -> &Path {
        &self.inner.path
    }

    /// Puts `work` into the queue of the writer, now, and returns a handle to wait for.
    ///
    /// The closure runs in a transaction that it may share with others that wait at the same time, in a savepoint of its own. If it
    /// returns an error or panics, what it did is rolled back, and nothing else is. The result arrives after the commit is on disk.
    /// A full queue is [`Error::Busy`] at once; so is a write whose turn has not come within
    /// [`write_deadline`](field@Options::write_deadline), and neither is run. [`wait`](Write::wait) returns then; awaited, it is told when its
    /// turn comes.
    ///
    /// Once queued, it runs even if the handle is dropped, and then however long that takes.
    pub fn write<T, F>(&self, work: F) -> Write<T>
    where
        T: Send + 'static,
        F: FnOnce(&Tx) -> Result<T, Error> + Send + 'static,
    {
        self.enqueue(work, Message::Write)
    }

    /// Like [`write`](Self::write), but alone in its transaction, for work on many rows: nothing that goes wrong in another write touches
    /// it, and nobody's result waits for it but in the queue. May run for
    /// [`exclusive_time_limit`](field@Options::exclusive_time_limit); all other writes wait meanwhile.
    pub fn write_exclusive<T, F>(&self, work: F) -> Write<T>
    where
        T: Send + 'static,
        F: FnOnce(&Tx) -> Result<T, Error> + Send + 'static,
    {
        self.enqueue(work, Message::Exclusive)
    }

    fn enqueue<T, F>(&self, work: F, message: fn(Box<dyn Job>) -> Message) -> Write<T>
    where
        T: Send + 'static,
        F: FnOnce(&Tx) -> Result<T, Error> + Send + 'static,
    {
        let (sender, answer) = oneshot::channel();
        let writer = self.inner.writer_id;
        let turn = Turn::new(self.inner.options.write_deadline);
        match self.inner.queue.try_send(message(Box::new(Queued::new(work, sender, Arc::clone(&turn))))) {
            Ok(()) => Write::queued(answer, turn, writer),
            Err(TrySendError::Full(_)) => Write::refused(Error::Busy { waited: Duration::ZERO }, writer),
            Err(TrySendError::Disconnected(_)) => Write::refused(Error::Closed, writer),
        }
    }

    /// Prepares to run `work` on a connection that cannot write, in one read transaction: all its queries see the same state.
    ///
    /// [`wait`](Read::wait) runs it on the caller's thread, `.await` on a reader thread. Nothing happens before that.
    pub fn read<T, F>(&self, work: F) -> Read<T>
    where
        T: Send + 'static,
        F: FnOnce(&Connection) -> Result<T, Error> + Send + 'static,
    {
        Read::new(self.inner.handles.of_this_thread(), Box::new(work))
    }

    /// Takes a connection for several reads that see one moment of the database.
    ///
    /// # Errors
    ///
    /// [`Error::Busy`] where all connections are taken for longer than [`read_deadline`](field@Options::read_deadline), which blocks that
    /// long; [`Error::Closed`], [`Error::Reader`], [`Error::Replaced`].
    pub fn reader(&self) -> Result<Reader, Error> {
        Reader::open(Arc::clone(&self.inner.readers))
    }

    /// A watcher that learns of each commit from now on.
    pub fn commits(&self) -> Commits {
        Commits::new(Arc::clone(&self.inner.counters.clock))
    }

    /// The state of the store, as of the last commit. Costs a `stat` of the log, and waits neither for readers nor for the writer.
    ///
    /// # Errors
    ///
    /// [`Error::Closed`].
    pub fn facts(&self) -> Result<Facts, Error> {
        let inner = &self.inner;
        let queue_depth = inner.queue.depth().ok_or(Error::Closed)?;
        let counters = &inner.counters;
        let [size_bytes, free_bytes, page_size_bytes] = counters.bytes();
        let oldest_reader = inner.readers.pool.oldest();
        Ok(Facts {
            size_bytes,
            page_size_bytes,
            free_bytes,
            wal_bytes: beside(&inner.path, "-wal").metadata().map_or(0, |m| m.len()),
            queue_depth,
            queue_age: counters.queue_age(),
            oldest_reader,
            writes: counters.writes.load(Relaxed),
            failed_writes: counters.failed_writes.load(Relaxed),
            commits: counters.clock.number(),
            last_commit: counters.last_commit(),
            since_commit: counters.since_commit(),
            commit_latency: counters.latency(),
        })
    }

    /// Closes the store for all its handles and blocks until it is done: what waits in the queue is written (or, past its deadline, refused, as
    /// at any other time), reads that run come to their end or, after [`close_grace`](field@Options::close_grace), are interrupted, the
    /// write-ahead log is moved into the database, the lock is released. A second call does nothing.
    ///
    /// # Errors
    ///
    /// [`Error::Checkpoint`] or [`Error::CheckpointBlocked`] where the log had to stay beside the database; nothing is lost, the next
    /// start finds it. [`Error::WouldDeadlock`] inside a closure of this store.
    pub fn close(&self) -> Result<(), Error> {
        let inner = &self.inner;
        inner.refuse_inside()?;
        inner.queue.close();
        inner.join()
    }

    /// Runs `work` on the writer thread, between two groups.
    pub(crate) fn alone<T: Send + 'static>(&self, work: impl FnOnce(&Desk<'_>) -> Result<T, Error> + Send + 'static) -> Result<T, Error> {
        let inner = &self.inner;
        inner.refuse_on_writer()?;
        let (sender, answer) = oneshot::channel();
        let readers = Arc::clone(&inner.readers);
        let run = move |desk: &Desk<'_>| {
            let worked = catch_unwind(AssertUnwindSafe(|| readers.place().still_ours().and_then(|()| work(desk))));
            let result = worked.unwrap_or_else(|payload| Err(Error::panicked(&*payload)));
            desk.announce();
            let _ = sender.send(result);
        };
        let deadline = inner.options.write_deadline;
        let queue = inner.queue.sender().ok_or(Error::Closed)?;
        let sent = queue.send_timeout(Message::Alone(Instant::now(), Box::new(run)), deadline);
        // Who has it keeps the writer from its end, or what is left in the queue from being dropped.
        drop(queue);
        match sent {
            Ok(()) => answer.recv().unwrap_or(Err(Error::Closed)),
            Err(SendTimeoutError::Timeout(_)) => Err(Error::Busy { waited: deadline }),
            Err(SendTimeoutError::Disconnected(_)) => Err(Error::Closed),
        }
    }
}

impl Inner {
    fn refuse_on_writer(&self) -> Result<(), Error> {
        if thread::current().id() == self.writer_id { Err(Error::WouldDeadlock) } else { Ok(()) }
    }

    /// The end of the store waits for every closure, also for the one that this is called from.
    fn refuse_inside(&self) -> Result<(), Error> {
        if self.readers.read_here() { Err(Error::WouldDeadlock) } else { self.refuse_on_writer() }
    }

    /// Waits for the writer to end; the first caller gets its result.
    fn join(&self) -> Result<(), Error> {
        let mut writer = self.writer.lock().unwrap_or_else(PoisonError::into_inner);
        match writer.take().map(JoinHandle::join) {
            Some(Ok(result)) => result,
            Some(Err(payload)) => Err(Error::panicked(&*payload)),
            None => Ok(()),
        }
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        self.queue.close();
        // A closure may have owned the last handle: then the writer, which waits for that closure, ends by itself.
        if self.refuse_inside().is_ok()
            && let Err(e) = self.join()
        {
            tracing::warn!(error = &e as &dyn std::error::Error, path = %self.path.display(), "the database was not closed cleanly");
        }
    }
}

impl std::fmt::Debug for Store {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Store").field("path", &self.inner.path).finish_non_exhaustive()
    }
}
