//! Back to the copy from before a migration.
//!
//! The pages of the copy are written into the database in one commit of its write-ahead log. A new file under the old name would
//! leave open connections on the old one; this way each of them sees one commit, and a crash or a full disk leaves the old state.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use rusqlite::backup::{Backup, StepResult};
use rusqlite::{Connection, OpenFlags};

use crate::connection::reader_flags;
use crate::fingerprint::Fingerprint;
use crate::folder::beside;
use crate::job::Desk;
use crate::readers::{NO_LIMIT, Readers};
use crate::snapshot::{Existing, copy, verify};
use crate::void::is_in_doubt;
use crate::{Error, Options, checkpoint};

/// What to do about rows that were written after the migration that is rolled back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum WrittenSince {
    /// Refuse to lose them.
    Refuse,
    /// As [`Refuse`](Self::Refuse), but rows of these tables may go: those that the program derives from other rows by itself, such as a search
    /// index or a queue of what it is still to index. The tables behind a virtual table (`<name>_data` and so on) have to be named, too.
    RefuseExcept(&'static [&'static str]),
    /// Go back all the same; they stay in the copy of what is replaced.
    Discard,
}

/// What [`Store::roll_back`](crate::Store::roll_back) did.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct RolledBack {
    /// The copy of what was replaced; rolling back to it undoes this.
    pub replaced: PathBuf,
    /// How long it took.
    pub duration: Duration,
}

pub(crate) fn roll_back(
    desk: &Desk<'_>,
    readers: &Readers,
    path: &Path,
    options: &Options,
    snapshot: &Path,
    written: WrittenSince,
) -> Result<RolledBack, Error> {
    let started = Instant::now();
    verify(snapshot, options)?;
    let target = Target::open(path, options)?;
    match written {
        WrittenSince::Refuse => refuse_to_lose(readers, path, snapshot, &[])?,
        WrittenSince::RefuseExcept(derived) => refuse_to_lose(readers, path, snapshot, derived)?,
        WrittenSince::Discard => (),
    }
    let replaced = keep(readers, path)?;
    desk.touch_all();
    target.replace_with(snapshot)?;
    desk.touch_all();
    // The writer's own connection did not see this commit.
    desk.counters.clock.advance(1);
    checkpoint::try_truncate(desk.conn, options.busy_timeout);
    tracing::warn!(from = %snapshot.display(), replaced = %replaced.display(), "database rolled back");
    Ok(RolledBack { replaced, duration: started.elapsed() })
}

fn refuse_to_lose(readers: &Readers, path: &Path, snapshot: &Path, derived: &[&str]) -> Result<(), Error> {
    let then = Fingerprint::load(snapshot).map_err(|source| Error::NoFingerprint { path: snapshot.to_owned(), source })?;
    let mut tables = then.differences(&readers.run_for(NO_LIMIT, Fingerprint::take)?);
    tables.retain(|table| !derived.contains(&table.as_str()));
    if tables.is_empty() { Ok(()) } else { Err(Error::WrittenSince { path: path.to_owned(), tables }) }
}

/// Copies what is there to the first name that is free. Such a copy is never removed by the store: it is the only one of what it holds.
fn keep(readers: &Readers, path: &Path) -> Result<PathBuf, Error> {
    let mut number = 1_u32;
    loop {
        let name = beside(path, &format!(".replaced-{number}.sqlite3"));
        match copy(readers, &name, Existing::Refuse, |_| Ok(())) {
            Err(Error::SnapshotExists { .. }) => number += 1,
            other => return other.map(|copy| copy.path),
        }
    }
}

/// The database as the target of a copy, from the moment on from which nobody may write to it: the store itself does not, because this
/// runs on its writer thread, and another process is noticed.
pub(crate) struct Target<'p> {
    path: &'p Path,
    conn: Connection,
    version: i64,
}

impl<'p> Target<'p> {
    pub(crate) fn open(path: &'p Path, options: &Options) -> Result<Self, Error> {
        let failed = |source| Error::Open { path: path.to_owned(), source };
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let conn = Connection::open_with_flags(path, flags).map_err(failed)?;
        conn.busy_timeout(options.busy_timeout).map_err(failed)?;
        // Whatever the store promises for a write: this is one that should survive.
        let settings = "PRAGMA synchronous = FULL; PRAGMA fullfsync = ON; PRAGMA checkpoint_fullfsync = ON; PRAGMA wal_autocheckpoint = 0;";
        conn.execute_batch(settings).map_err(failed)?;
        let version = data_version(&conn).map_err(failed)?;
        Ok(Self { path, conn, version })
    }

    /// Writes the pages of `source` into the database, in one commit.
    pub(crate) fn replace_with(mut self, source: &Path) -> Result<(), Error> {
        let failed = |e| Error::Restore { path: source.to_owned(), source: e };
        if data_version(&self.conn).map_err(failed)? != self.version {
            return Err(Error::WrittenMeanwhile { path: self.path.to_owned() });
        }
        let copy = Connection::open_with_flags(source, reader_flags()).map_err(failed)?;
        let done = Backup::new(&copy, &mut self.conn).and_then(|backup| backup.step(-1));
        let done = done.map_err(|e| if is_in_doubt(&self.conn, &e) { Error::InDoubt(e.into()) } else { failed(e) })?;
        if done != StepResult::Done {
            return Err(failed(rusqlite::Error::SqliteFailure(rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_BUSY), None)));
        }
        self.conn.close().map_err(|(_, e)| failed(e))
    }
}

/// Changes with each commit of another connection.
fn data_version(conn: &Connection) -> rusqlite::Result<i64> {
    conn.pragma_query_value(None, "data_version", |row| row.get(0))
}
