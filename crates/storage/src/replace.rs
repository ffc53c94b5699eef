//! Another file in the place of a database, without the log of the one that was there.
//!
//! SQLite finds a log by its name, and plays what is in it into whatever file has the name of the database: old commits over the pages of a
//! copy that was just put back. So a log goes before its database does.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::{Connection, OpenFlags};

use crate::connection::{configure_reader, opening, refuse_foreign};
use crate::folder::{beside, give_to_owner, parent, resolve_existing, sync_parent};
use crate::lock::Lock;
use crate::place::{COMPANIONS, Identity};
use crate::snapshot::quick_check;
use crate::{Error, Options};

impl Lock {
    /// Moves the file `from`, such as a [`Snapshot`](crate::Snapshot), to the place of the database, durably: there is always one of
    /// the two under its name, and never the log of the one beside the other. Of the [`Options`], those count that say what a connection needs
    /// and whose file it is: `from` is looked over with them before anything is touched.
    ///
    /// `from` lies on the same file system, and nobody has it open; after a power cut it may lie beside the database, as `….incoming`. What was
    /// there before is gone: take a [snapshot](crate::ReadOnlyStore::snapshot) of it first if it is worth one. Readers of another process end
    /// with the file that they have open, and their next read opens the new one.
    ///
    /// # Errors
    ///
    /// [`Error::Missing`], [`Error::NotADatabase`], [`Error::ForeignApplication`], [`Error::SnapshotDamaged`] for a file that is no good,
    /// [`Error::Open`] where somebody has it open; [`Error::SnapshotFile`] where it cannot be moved; [`Error::Replaced`] where the lock file was
    /// removed. The database is then what it was before.
    pub fn replace_database(&self, from: impl AsRef<Path>, options: &Options) -> Result<(), Error> {
        self.still_held()?;
        let (from, to) = (resolve_existing(from.as_ref())?, self.path());
        look_over(&from, options)?;
        let failed = |step, source| Error::SnapshotFile { step, path: from.clone(), source };
        let file = File::open(&from).map_err(|e| failed("open", e))?;
        give_to_owner(&file, if to.exists() { to } else { parent(to) });
        file.sync_all().map_err(|e| failed("sync", e))?;
        // Where it cannot be moved, such as from another file system, nothing was touched.
        let incoming = beside(to, INCOMING);
        fs::rename(&from, &incoming).map_err(|e| failed("move", e))?;
        let exchanged = exchange(&incoming, to).map_err(|e| failed("put in place", e));
        if exchanged.is_err() {
            // What does not go back either lies beside the database.
            let _ = fs::rename(&incoming, &from);
        }
        exchanged?;
        sync_parent(&from).map_err(|e| failed("sync the folder of", e))
    }
}

/// Where it waits until the log of the other one has gone.
const INCOMING: &str = ".incoming";

fn exchange(incoming: &Path, to: &Path) -> io::Result<()> {
    // Then it is whole without its log, should the power fail now.
    let is_whole = !to.exists() || fold_log(to).unwrap_or(false);
    let [log, index, journal] = COMPANIONS.map(|suffix| beside(to, suffix));
    // A reader is in the way, or the disk is full: what the database lacks stays, and goes back to it where this comes to nothing.
    let kept = (!is_whole && log.exists()).then(|| put_aside(&log)).transpose()?;
    let removed = [&log, &index, &journal].into_iter().try_for_each(|companion| match fs::remove_file(companion) {
        Err(e) if e.kind() != io::ErrorKind::NotFound => Err(e),
        _ => Ok(()),
    });
    let done = removed.and_then(|()| sync_parent(to)).and_then(|()| fs::rename(incoming, to)).and_then(|()| sync_parent(to));
    match (&done, kept) {
        (Err(_), Some(kept)) => fs::rename(kept, &log)?,
        // Its database is gone.
        (Ok(()), Some(kept)) => fs::remove_file(kept)?,
        _ => {}
    }
    done
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

/// Whether all that is in the log is in the database now.
fn fold_log(path: &Path) -> rusqlite::Result<bool> {
    let conn = open(path)?;
    // Nobody is waited for.
    conn.busy_timeout(Duration::ZERO)?;
    let blocked: bool = conn.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get(0))?;
    conn.close().map_err(|(_, e)| e)?;
    Ok(!blocked)
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

    /// The database lost its name to another file, beside which SQLite leaves them. What is in a log that is not `empty`, the file that was
    /// moved away lacks; so it is kept, under a name that says nothing to SQLite.
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

fn keep(log: &Path) -> io::Result<()> {
    let name = put_aside(log)?;
    tracing::warn!(
        path = %name.display(),
        "the database that was moved away is not whole without this log: put it beside it, as its name and -wal, before it is opened again"
    );
    Ok(())
}

fn put_aside(log: &Path) -> io::Result<PathBuf> {
    let free = (1_u32..).map(|number| beside(log, &format!(".replaced-{number}"))).find(|name| name.symlink_metadata().is_err());
    let name = free.expect("there are more numbers than files");
    fs::rename(log, &name)?;
    Ok(name)
}
