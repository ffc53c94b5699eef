//! One file in the place of another, whatever ends it.
//!
//! SQLite finds a log by its name, and plays what is in it into whatever file has the name of the database: old commits over the pages of a
//! copy that was just put back. And a database without its log lacks its last commits. Two names cannot change in one step; so one step
//! counts, the renaming of the database, and what SQLite keeps beside the old one steps aside before it and is removed after it:
//!
//! 1. The new file becomes `….incoming`, durably. As long as it lies there, nothing was replaced.
//! 2. The log goes into the database, as far as readers and the disk let it.
//! 3. Index, log and journal become `….outgoing`, durably.
//! 4. `….incoming` becomes the database, durably.
//! 5. What is `….outgoing` is removed.
//!
//! Where the program is killed or the power fails, the next one to take the lock of the database [settles](settle) it before anything else. It
//! finds, after
//!
//! - 1 and 2: the old database with all that it had, and `….incoming`, which stays for whoever wants it;
//! - 3, and in the middle of it: `….incoming` and `….outgoing`, of which the second goes back, so that the old database has all that it had;
//! - 4, and in the middle of 5: `….outgoing` alone, of a database that is gone, so that it is removed.
//!
//! A step up to the renaming that fails is taken back in the same way, at once. Those who only read take no lock, and open nothing between 3
//! and 4 ([`is_under_way`]).

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::{Connection, OpenFlags};

use crate::Error;
use crate::folder::{beside, sync_parent};
use crate::place::COMPANIONS;

/// Whether what belongs to the database `to` is aside, so that who opens it now misses its last commits.
pub(crate) fn is_under_way(to: &Path) -> bool {
    incoming(to).exists() && COMPANIONS.iter().any(|suffix| aside(to, suffix).exists())
}

/// Puts right what an exchange left that did not come to its end. For the owner of the lock only.
pub(crate) fn settle(to: &Path) -> Result<(), Error> {
    let mut left = COMPANIONS.iter().map(|suffix| aside(to, suffix));
    let Some(found) = left.find(|name| name.exists()) else { return Ok(()) };
    if incoming(to).exists() {
        put_back(to).map_err(|source| Error::SnapshotFile { step: "put back", path: found, source })?;
        tracing::warn!(
            path = %to.display(), incoming = %incoming(to).display(),
            "the database was to be replaced, and that was cut off: it is what it was before, and the new file lies beside it"
        );
        return Ok(());
    }
    // Nothing goes before it is certain that the database went.
    sync_parent(to).and_then(|()| remove_outgoing(to)).map_err(|source| Error::SnapshotFile { step: "remove", path: found, source })
}

/// Puts `from`, which nobody has open and which is on disk, in the place of the database `to`.
pub(crate) fn exchange(from: &Path, to: &Path) -> Result<(), Error> {
    let failed = |step, source| Error::SnapshotFile { step, path: from.to_owned(), source };
    // One that was left would be taken for one of this exchange.
    settle(to)?;
    let incoming = incoming(to);
    // Where it cannot be moved, such as from another file system, nothing was touched.
    fs::rename(from, &incoming).map_err(|e| failed("move", e))?;
    if let Err(source) = sync_parent(from).and_then(|()| sync_parent(to)).and_then(|()| put_in_place(&incoming, to)) {
        match put_back(to) {
            // What does not go back lies beside the database.
            Ok(()) => drop(fs::rename(&incoming, from)),
            // It has to lie there, so that the next one to take the lock does it.
            Err(e) => {
                let error: &dyn std::error::Error = &e;
                tracing::error!(error, path = %to.display(), "cannot put back the log of the database; the next start of its owner tries again");
            }
        }
        return Err(failed("put in place", source));
    }
    // What steps aside stays in this case: a power cut may bring the old database back, and then it needs that.
    sync_parent(to).map_err(|source| Error::SnapshotFile { step: "make durable", path: to.to_owned(), source })?;
    if let Err(e) = remove_outgoing(to) {
        let error: &dyn std::error::Error = &e;
        tracing::warn!(error, path = %to.display(), "cannot remove the log of the database that was replaced; the next start of its owner does");
    }
    Ok(())
}

fn put_in_place(incoming: &Path, to: &Path) -> io::Result<()> {
    if let Err(e) = fold_log(to) {
        tracing::debug!(error = &e as &dyn std::error::Error, path = %to.display(), "the log of the database that is replaced goes as it is");
    }
    let [log, index, journal] = COMPANIONS;
    // The index goes first, see `put_back`.
    [index, log, journal].into_iter().try_for_each(|suffix| rename_if_there(&beside(to, suffix), &aside(to, suffix)))?;
    sync_parent(to)?;
    fs::rename(incoming, to)
}

/// Gives the database back what stepped aside.
fn put_back(to: &Path) -> io::Result<()> {
    let [log, index, journal] = COMPANIONS;
    if aside(to, log).exists() {
        // Readers leave an empty one. In any other are commits of somebody who does not ask for the lock.
        if beside(to, log).metadata().is_ok_and(|about| about.len() > 0) {
            return Err(io::Error::new(
                io::ErrorKind::AlreadyExists,
                format!("somebody wrote to the database meanwhile, into {}", beside(to, log).display()),
            ));
        }
        // One that is there is of such a reader, too, and would hide what is in the log.
        remove_if_there(&beside(to, index))?;
    }
    [journal, log, index].into_iter().try_for_each(|suffix| rename_if_there(&aside(to, suffix), &beside(to, suffix)))?;
    sync_parent(to)
}

fn remove_outgoing(to: &Path) -> io::Result<()> {
    COMPANIONS.iter().try_for_each(|suffix| remove_if_there(&aside(to, suffix)))
}

/// Moves what is in the log into the database. Nobody is waited for.
fn fold_log(path: &Path) -> rusqlite::Result<()> {
    // SQLite removes the log of a file in which it sees no database.
    if path.metadata().map_or(0, |about| about.len()) == 0 {
        return Ok(());
    }
    let conn = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    conn.busy_timeout(Duration::ZERO)?;
    conn.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?;
    conn.close().map_err(|(_, e)| e)
}

fn incoming(to: &Path) -> PathBuf {
    beside(to, ".incoming")
}

/// The name under which SQLite does not look for it.
fn aside(to: &Path, suffix: &str) -> PathBuf {
    beside(to, &format!("{suffix}.outgoing"))
}

fn rename_if_there(from: &Path, to: &Path) -> io::Result<()> {
    if_there(fs::rename(from, to))
}

fn remove_if_there(path: &Path) -> io::Result<()> {
    if_there(fs::remove_file(path))
}

fn if_there(done: io::Result<()>) -> io::Result<()> {
    match done {
        Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(()),
        other => other,
    }
}
