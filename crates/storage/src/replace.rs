//! Another file in the place of a database, without the log of the one that was there: put there in good order, or moved there while the
//! database was open.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use rusqlite::{Connection, OpenFlags};

use crate::connection::{configure_reader, opening, refuse_foreign};
use crate::exchange::exchange;
use crate::folder::{beside, give_to_owner, parent, resolve_existing, sync_parent};
use crate::lock::Lock;
use crate::place::Identity;
use crate::snapshot::quick_check;
use crate::{Error, Options};

impl Lock {
    /// Moves the file `from`, such as a [`Snapshot`](crate::Snapshot), to the place of the database, durably: there is always one of
    /// the two under its name, and never the log of the one beside the other. Of the [`Options`], those count that say what a connection needs
    /// and whose file it is: `from` is looked over with them before anything is touched.
    ///
    /// `from` lies on the same file system, and nobody has it open. What was there before is gone: take a
    /// [snapshot](crate::ReadOnlyStore::snapshot) of it first if it is worth one. Readers of another process end with the file that they have
    /// open, and their next read opens the new one.
    ///
    /// A program that is killed here, or a power cut, leaves one of the two, whole: the old one with all that was committed to it, and `from`
    /// under its name or beside the database, as `….incoming`; or the new one. Whoever takes the lock next sees to it, as each store does that
    /// opens; leave files that end in `.outgoing` to it.
    ///
    /// # Errors
    ///
    /// [`Error::Missing`], [`Error::NotADatabase`], [`Error::ForeignApplication`], [`Error::SnapshotDamaged`] for a file that is no good,
    /// [`Error::Open`] where somebody has it open; [`Error::SnapshotFile`] where it cannot be moved; [`Error::Replaced`] where the lock file was
    /// removed. The database is then what it was before. But an [`Error::SnapshotFile`] that names the database and not `from` says that `from` is
    /// in its place, and that a power cut may still bring back what was there.
    pub fn replace_database(&self, from: impl AsRef<Path>, options: &Options) -> Result<(), Error> {
        self.still_held()?;
        let (from, to) = (resolve_existing(from.as_ref())?, self.path());
        look_over(&from, options)?;
        let failed = |step, source| Error::SnapshotFile { step, path: from.clone(), source };
        let file = File::open(&from).map_err(|e| failed("open", e))?;
        give_to_owner(&file, if to.exists() { to } else { parent(to) });
        file.sync_all().map_err(|e| failed("sync", e))?;
        // Closed before a reader can have it open under its new name: closing it would drop the locks of SQLite.
        drop(file);
        exchange(&from, to)
    }
}

/// Whether `path` is a whole database of this program, which then has no log and is nobody else's.
fn look_over(path: &Path, options: &Options) -> Result<(), Error> {
    let failed = |source| opening(path, source);
    let conn = open(path).map_err(failed)?;
    refuse_foreign(&conn, path, options)?;
    // Brings its own log into it, and is refused where somebody has it open.
    conn.pragma_update_and_check(None, "journal_mode", "delete", |_| Ok(())).map_err(failed)?;
    configure_reader(&conn, options).map_err(failed)?;
    quick_check(&conn, path, failed)?;
    conn.close().map_err(|(_, source)| failed(source))
}

fn open(path: &Path) -> rusqlite::Result<Connection> {
    Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX)
}

/// The log of an open database and its index: which files they are, whatever has their names later.
pub(crate) struct Log {
    log: PathBuf,
    index: PathBuf,
    identities: [Option<Identity>; 2],
}

impl Log {
    /// Of a database that is open by now, so that they are there.
    pub(crate) fn of(database: &Path) -> Self {
        let (log, index) = (beside(database, "-wal"), beside(database, "-shm"));
        let identities = [&log, &index].map(|path| Identity::of(path).ok());
        Self { log, index, identities }
    }

    /// The database lost its name to another file, beside which SQLite leaves them. A log that is not `empty` has commits that the moved
    /// file lacks, so it is kept, under a name that means nothing to SQLite.
    pub(crate) fn take_away(&self, empty: bool) {
        let [log, index] = [&self.log, &self.index].map(|path| Identity::of(path).ok());
        let mut done = Ok(());
        if index.is_some() && index == self.identities[1] {
            done = fs::remove_file(&self.index);
        }
        if log.is_some() && log == self.identities[0] {
            let taken = if empty { fs::remove_file(&self.log) } else { keep(&self.log) };
            done = done.and(taken);
        }
        if let Err(e) = done.and_then(|()| sync_parent(&self.log)) {
            let error: &dyn std::error::Error = &e;
            tracing::error!(error, path = %self.log.display(), "remove this log before the database is opened: it is that of another file");
        }
    }
}

/// Puts the log of a database that was moved away aside, and says so.
pub(crate) fn keep(log: &Path) -> io::Result<()> {
    let name = put_aside(log)?;
    tracing::warn!(
        path = %name.display(),
        "the database that was moved away is not whole without this log: put it beside it, as its name and the -wal or -journal that it had, before it is opened again"
    );
    Ok(())
}

/// Gives a file a name that says nothing to SQLite, and that no other has.
pub(crate) fn put_aside(log: &Path) -> io::Result<PathBuf> {
    let free = (1_u32..).map(|number| beside(log, &format!(".replaced-{number}"))).find(|name| name.symlink_metadata().is_err());
    let name = free.expect("there are more numbers than files");
    fs::rename(log, &name)?;
    Ok(name)
}
