//! A database of another process, opened to read.

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use refinery::Runner;
use rusqlite::Connection;

use crate::connection::{opening, refuse_foreign, refuse_old_sqlite, spill_beside};
use crate::folder::{refuse_network, resolve_existing};
use crate::place::Place;
use crate::readers::{NO_LIMIT, Readers};
use crate::snapshot::{Existing, copy, copy_to_scratch};
use crate::{Check, Checked, Error, Fingerprint, Options, Plan, Progress, Read, Reader, Rehearsal, Snapshot, check, migrate, rehearse};

/// A database that another process may own, opened to read: for a backup, a monitor, a report.
///
/// Takes no lock and never waits for the owner, who need not run; several of these and one [`Store`](crate::Store) read at the same time.
/// Of the [`Options`], those about reading count. A clone is another handle on the same connections.
///
/// It does not write to the database. But SQLite makes its companion files (`-wal`, `-shm`) for a reader, too, where the owner has not, and
/// leaves them; therefore only the user to whom the database belongs, and root, may open it in a folder that they can write to
/// ([`Error::ForeignUser`]). In a folder that cannot be written to, a database without companions is read as a file at rest. Should an
/// owner start to write there in the middle of a read, that read is [`Error::WrittenMeanwhile`], and the next one finds the owner.
///
/// When another file gets the name, as in a restore, the next [`read`](Self::read) and [`reader`](Self::reader) open that one. At the very
/// moment of the exchange they fail with [`Error::BeingReplaced`], at once or after `busy_timeout`: ask again. A read that was made before
/// it and begins afterwards fails with [`Error::WrittenMeanwhile`]: make it again.
///
/// ```
/// use magnetiq_storage::{Error, Options, ReadOnlyStore, Store};
///
/// # fn main() -> Result<(), Error> {
/// # let folder = tempfile::tempdir().unwrap();
/// # let path = folder.path().join("notes.sqlite3");
/// let owner = Store::open(&path, Options::default())?; // in another process, or not running
/// owner.write(|tx| Ok(tx.execute_batch("CREATE TABLE note (text TEXT)")?)).wait()?;
///
/// let store = ReadOnlyStore::open(&path, Options::default())?;
/// let count: i64 = store.read(|conn| Ok(conn.query_row("SELECT count(*) FROM note", [], |row| row.get(0))?)).wait()?;
/// # assert_eq!(count, 0);
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct ReadOnlyStore {
    inner: Arc<Inner>,
}

struct Inner {
    path: PathBuf,
    options: Options,
    readers: Mutex<Arc<Readers>>,
    closed: AtomicBool,
}

/// How often it is looked whether the file that is being put there is in its place.
const LOOKED: Duration = Duration::from_millis(5);

/// Opens what has the name now. Should another file get it meanwhile, the next read opens that one.
fn open(path: &Path, options: &Options) -> Result<Arc<Readers>, Error> {
    let started = Instant::now();
    loop {
        match open_now(path, options) {
            Err(Error::BeingReplaced { .. }) if started.elapsed() < options.busy_timeout => thread::sleep(LOOKED),
            done => return done,
        }
    }
}

fn open_now(path: &Path, options: &Options) -> Result<Arc<Readers>, Error> {
    let place = Place::of_another(path)?;
    // Tells what is wrong with the file, which a pool does not; and keeps the log where it is until the pool has it open.
    let first = place.open().map_err(|e| opening(path, e))?;
    first.busy_timeout(options.busy_timeout).map_err(|e| opening(path, e))?;
    refuse_foreign(&first, path, options)?;
    first.query_row("SELECT count(*) FROM sqlite_schema", [], |_| Ok(())).map_err(|e| opening(path, e))?;
    place.still_at_rest()?;
    spill_beside(&first, path);
    Readers::open(place, options)
}

impl ReadOnlyStore {
    /// Opens the database `path`, which must exist.
    ///
    /// # Errors
    ///
    /// [`Error::Missing`]; [`Error::BeingReplaced`]; [`Error::ForeignUser`] and [`Error::LogUnreadable`] where reading would hurt the owner
    /// or cannot be done; as [`Store::open`](crate::Store::open) for a file that is no database, damaged or of another program, and for a
    /// network file system.
    pub fn open(path: impl AsRef<Path>, options: Options) -> Result<Self, Error> {
        let options = options.within_reach();
        refuse_old_sqlite()?;
        let path = resolve_existing(path.as_ref())?;
        if !options.allow_network_filesystem {
            refuse_network(&path)?;
        }
        let readers = Mutex::new(open(&path, &options)?);
        tracing::debug!(path = %path.display(), sqlite = rusqlite::version(), "database opened to read");
        Ok(Self { inner: Arc::new(Inner { path, options, readers, closed: AtomicBool::new(false) }) })
    }

    /// The database file, absolute and with symbolic links resolved. Never open it with `std::fs` in this process.
    pub fn path(&self) -> &Path {
        &self.inner.path
    }

    /// As [`Store::read`](crate::Store::read). Looks on the caller's thread whether another file got the name, and opens it there.
    pub fn read<T, F>(&self, work: F) -> Read<T>
    where
        T: Send + 'static,
        F: FnOnce(&Connection) -> Result<T, Error> + Send + 'static,
    {
        match self.inner.readers() {
            Ok(readers) => Read::new(Arc::new(readers.into()), Box::new(work)),
            Err(error) => Read::refused(error),
        }
    }

    /// As [`Store::reader`](crate::Store::reader). One that is too old is taken back by the next use of this store, and by nobody while it is
    /// idle: drop it when it is done, because the log of the owner grows until then.
    ///
    /// # Errors
    ///
    /// Also as [`open`](Self::open), where another file got the name.
    pub fn reader(&self) -> Result<Reader, Error> {
        Reader::open(self.inner.readers()?)
    }

    /// As [`Store::snapshot`](crate::Store::snapshot): the owner goes on writing.
    ///
    /// # Errors
    ///
    /// Also as [`open`](Self::open), where another file got the name; [`Error::WrittenMeanwhile`], after which nothing of the copy is there.
    pub fn snapshot(&self, to: &Path) -> Result<Snapshot, Error> {
        let readers = self.inner.readers()?;
        copy(&readers, to, Existing::Refuse, |_| Ok(()))
    }

    /// As [`Store::scratch_copy`](crate::Store::scratch_copy).
    ///
    /// # Errors
    ///
    /// Also as [`open`](Self::open), where another file got the name; [`Error::WrittenMeanwhile`], after which nothing of the copy is there.
    pub fn scratch_copy(&self, to: &Path) -> Result<Snapshot, Error> {
        let readers = self.inner.readers()?;
        copy_to_scratch(&readers, to)
    }

    /// As [`Store::fingerprint`](crate::Store::fingerprint).
    ///
    /// # Errors
    ///
    /// Also as [`open`](Self::open), where another file got the name.
    pub fn fingerprint(&self) -> Result<Fingerprint, Error> {
        self.inner.readers()?.run_for(NO_LIMIT, Fingerprint::take)
    }

    /// As [`Store::plan`](crate::Store::plan).
    ///
    /// # Errors
    ///
    /// Also as [`open`](Self::open), where another file got the name.
    pub fn plan(&self, runner: &Runner) -> Result<Plan, Error> {
        self.inner.readers()?.run(|conn| migrate::plan(conn, runner))
    }

    /// As [`Store::rehearse`](crate::Store::rehearse): the owner goes on writing, and need not know these migrations.
    ///
    /// # Errors
    ///
    /// Also as [`open`](Self::open), where another file got the name; where the copy cannot be made, because the folder is not to be written to.
    pub fn rehearse(&self, runner: &Runner) -> Result<Rehearsal, Error> {
        let readers = self.inner.readers()?;
        rehearse::rehearse(&readers, &self.inner.path, &self.inner.options, runner)
    }

    /// Looks the database over for damage, on the caller's thread and in one read transaction, which lets the log of a busy owner grow:
    /// check a [`snapshot`](Self::snapshot) where that matters. `progress` is called now and then and may stop it.
    ///
    /// # Errors
    ///
    /// As [`Store::check`](crate::Store::check), and as [`open`](Self::open), where another file got the name.
    pub fn check(&self, check: Check, progress: impl FnMut(Progress) -> ControlFlow<()> + Send + 'static) -> Result<Checked, Error> {
        let readers = self.inner.readers()?;
        check::check_live(&readers, &self.inner.path, &self.inner.options, check, progress)
    }

    /// Closes the connections of all handles and blocks until it is done: reads that run come to their end or, after
    /// [`close_grace`](field@Options::close_grace), are interrupted. Dropping the last handle does the same.
    ///
    /// # Errors
    ///
    /// [`Error::WouldDeadlock`] inside a read closure of this store.
    pub fn close(&self) -> Result<(), Error> {
        if self.inner.locked().read_here() {
            return Err(Error::WouldDeadlock);
        }
        self.inner.close();
        Ok(())
    }
}

impl Inner {
    fn readers(&self) -> Result<Arc<Readers>, Error> {
        let mut readers = self.locked();
        if self.closed.load(Ordering::Acquire) {
            return Err(Error::Closed);
        }
        if !readers.place().is_current() {
            resolve_existing(&self.path)?;
            tracing::info!(path = %self.path.display(), "the database was replaced, or its owner started; opening it again");
            // Reads of the old one come to their end; what is left of it goes with the last of them.
            *readers = open(&self.path, &self.options)?;
        }
        // Here no commits come by that would do it.
        readers.reclaim();
        Ok(Arc::clone(&readers))
    }

    fn locked(&self) -> MutexGuard<'_, Arc<Readers>> {
        self.readers.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn close(&self) {
        let readers = {
            let readers = self.locked();
            self.closed.store(true, Ordering::Release);
            Arc::clone(&readers)
        };
        readers.close(self.options.close_grace);
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        // Inside a read closure, which may have owned the last handle, there is nothing to wait for: each connection goes by itself.
        if !*self.closed.get_mut() && !self.locked().read_here() {
            self.close();
        }
    }
}

impl std::fmt::Debug for ReadOnlyStore {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ReadOnlyStore").field("path", &self.inner.path).finish_non_exhaustive()
    }
}
