//! Looking a database over for damage.

use std::ops::ControlFlow;
use std::path::Path;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use rusqlite::{Connection, ErrorCode};

use crate::connection::configure_reader;
use crate::folder::beside;
use crate::place::Place;
use crate::readers::Readers;
use crate::rehearse::broken_keys;
use crate::snapshot::{Partial, fill};
use crate::{Error, Options};

/// Steps of SQLite's virtual machine between two reports.
const STEPS: std::ffi::c_int = 1_000_000;

/// How thoroughly to look.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Check {
    /// All pages, but not whether indexes and tables agree (`quick_check`).
    Quick,
    /// Whether each key points to a row (`foreign_key_check`).
    ForeignKeys,
    /// Everything, indexes and constraints included (`integrity_check`). Several times as slow as the quick one.
    Integrity,
}

/// What to look at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum CheckOn {
    /// A copy, which takes the size of the database in disk space; the log can be used again meanwhile.
    #[default]
    Snapshot,
    /// The database itself, in a read transaction that lasts as long as the check and lets the log grow.
    Live,
}

/// How far a check has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Progress {
    /// Since it began, the copy included. SQLite does not tell how much is left.
    pub elapsed: Duration,
    /// Reports so far, one for each million steps.
    pub reports: u64,
}

/// What a check found.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
#[must_use = "damage is no error, it is in here"]
pub struct Checked {
    /// One sentence for each problem, at most a hundred; empty if all is well.
    pub findings: Vec<String>,
    /// How long it took.
    pub duration: Duration,
}

impl Checked {
    /// Whether nothing was found.
    pub fn is_ok(&self) -> bool {
        self.findings.is_empty()
    }
}

pub(crate) fn check(
    readers: &Readers,
    path: &Path,
    options: &Options,
    check: Check,
    on: CheckOn,
    progress: impl FnMut(Progress) -> ControlFlow<()> + Send + 'static,
) -> Result<Checked, Error> {
    let started = Instant::now();
    refuse_closed(readers)?;
    let to = beside(path, ".check");
    match on {
        CheckOn::Live => check_live(readers, path, options, check, progress),
        CheckOn::Snapshot => {
            let copy = Partial::create(&to)?;
            fill(readers, &copy.path, &to)?;
            check_file(readers, &Place::scratch(&copy.path), &copy.path, options, check, started, progress)
        }
    }
}

/// The database itself.
pub(crate) fn check_live(
    readers: &Readers,
    path: &Path,
    options: &Options,
    check: Check,
    progress: impl FnMut(Progress) -> ControlFlow<()> + Send + 'static,
) -> Result<Checked, Error> {
    refuse_closed(readers)?;
    let checked = check_file(readers, readers.place(), path, options, check, Instant::now(), progress)?;
    readers.place().still_at_rest()?;
    Ok(checked)
}

fn refuse_closed(readers: &Readers) -> Result<(), Error> {
    if readers.pool.is_closed() { Err(Error::Closed) } else { Ok(()) }
}

/// On a connection of its own, for which the end of the store does not wait: so it breaks off when that comes.
fn check_file(
    readers: &Readers,
    place: &Place,
    path: &Path,
    options: &Options,
    check: Check,
    started: Instant,
    mut progress: impl FnMut(Progress) -> ControlFlow<()> + Send + 'static,
) -> Result<Checked, Error> {
    let conn = place.open().map_err(|source| Error::Open { path: path.to_owned(), source })?;
    configure_reader(&conn, options)?;
    conn.execute_batch("BEGIN; PRAGMA user_version;")?;
    place.still_named()?;
    let mut reports = 0;
    let closed = readers.pool.closed();
    let report = move || {
        reports += 1;
        closed.load(Ordering::SeqCst) || progress(Progress { elapsed: started.elapsed(), reports }).is_break()
    };
    conn.progress_handler(STEPS, Some(report))?;
    let findings = look(&conn, check).map_err(|e| match e.sqlite_error_code() {
        Some(ErrorCode::OperationInterrupted) if readers.pool.is_closed() => Error::Closed,
        Some(ErrorCode::OperationInterrupted) => Error::CheckStopped,
        _ => Error::Sqlite(e),
    })?;
    Ok(Checked { findings, duration: started.elapsed() })
}

fn look(conn: &Connection, check: Check) -> rusqlite::Result<Vec<String>> {
    let pragma = match check {
        Check::Quick => "PRAGMA quick_check",
        Check::Integrity => "PRAGMA integrity_check",
        Check::ForeignKeys => {
            let broken = broken_keys(conn)?.into_iter();
            let sentence =
                |b: crate::ForeignKeyBreak| format!("{} rows of {} point to rows of {} that are not there", b.rows, b.table, b.parent);
            return Ok(broken.map(sentence).collect());
        }
    };
    let mut statement = conn.prepare(pragma)?;
    let rows = statement.query_map([], |row| row.get::<_, String>(0))?;
    let lines: Vec<_> = rows.collect::<Result<_, _>>()?;
    Ok(if lines == ["ok"] { Vec::new() } else { lines })
}
