//! A migration that is tried on a copy.

use std::ffi::c_int;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use refinery::Runner;
use rusqlite::{Connection, OpenFlags};

use crate::connection::configure_writer;
use crate::fingerprint::{Fingerprint, stored_tables};
use crate::folder::{beside, refuse_without_space};
use crate::guard::Guard;
use crate::migrate::{self, Step};
use crate::readers::Readers;
use crate::snapshot::{Partial, fill, verify};
use crate::{Error, Options, Plan};

/// Steps of SQLite's virtual machine between two looks at the disk: some twenty rows, even large ones, and a look costs less than a single row.
const STEPS: c_int = 200;

/// How the pending migrations went on a copy of the database.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Rehearsal {
    /// The migrations that ran, in order; empty if the schema is up to date.
    pub applied: Vec<Step>,
    /// How long they took, and nothing else.
    pub duration: Duration,
    /// About how long writes will wait for [`migrate`](crate::Store::migrate): for the copy from before and its check, the migrations, the check of
    /// foreign keys and the fingerprint, each as it took here. The syncs to the disk come on top, above all that of the copy.
    pub writes_wait: Duration,
    /// The rows of each table, by name.
    pub tables: Vec<RowCount>,
    /// Keys that point nowhere afterwards. If there are any, [`migrate`](crate::Store::migrate) will refuse.
    pub foreign_keys: Vec<ForeignKeyBreak>,
}

/// The rows of a table around a migration.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct RowCount {
    /// Its name.
    pub table: String,
    /// Before; `None` if there was no such table.
    pub before: Option<u64>,
    /// Afterwards; `None` if there is no such table.
    pub after: Option<u64>,
}

/// Rows of one table that point to rows of another that are not there.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ForeignKeyBreak {
    /// The table with the rows.
    pub table: String,
    /// The table that they point to.
    pub parent: String,
    /// How many.
    pub rows: u64,
}

pub(crate) fn rehearse(readers: &Readers, path: &Path, options: &Options, runner: &Runner) -> Result<Rehearsal, Error> {
    let to = beside(path, ".rehearsal");
    let copy = Partial::create(&to)?;
    let copying = Instant::now();
    fill(readers, &copy.path, &to)?;
    verify(&copy.path, options)?;
    let copied = copying.elapsed();
    let opening = |source| Error::Open { path: copy.path.clone(), source };
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let conn = Connection::open_with_flags(&copy.path, flags).map_err(opening)?;
    configure_writer(&conn, options).map_err(opening)?;
    conn.execute_batch("PRAGMA synchronous = OFF; PRAGMA foreign_keys = OFF;").map_err(opening)?;
    let size = copy.path.metadata().map_err(|source| Error::SnapshotFile { step: "look at", path: to, source })?.len();
    let short = watch_space(&conn, &copy.path, readers.reserve(size))?;
    let rehearsed = try_out(&conn, runner, copied);
    let short = short.lock().unwrap_or_else(PoisonError::into_inner).take();
    rehearsed.map_err(|error| short.unwrap_or(error))
}

/// Ends what writes on `conn` once the disk of `path` has less than that free, and says so: a table that is made anew, its journal and its sorts
/// would else take what the writes of everybody need.
fn watch_space(conn: &Connection, path: &Path, reserve_bytes: u64) -> rusqlite::Result<Arc<Mutex<Option<Error>>>> {
    let short = Arc::new(Mutex::new(None));
    let (found, path) = (Arc::clone(&short), path.to_owned());
    let is_short = move || {
        let refused = refuse_without_space(&path, reserve_bytes);
        refused.map_err(|error| *found.lock().unwrap_or_else(PoisonError::into_inner) = Some(error)).is_err()
    };
    conn.progress_handler(STEPS, Some(is_short))?;
    Ok(short)
}

fn try_out(conn: &Connection, runner: &Runner, copied: Duration) -> Result<Rehearsal, Error> {
    let guard = Guard::install(conn)?;
    let before = count_rows(conn)?;
    let started = Instant::now();
    conn.execute_batch("BEGIN IMMEDIATE").map_err(Error::Begin)?;
    let Plan { pending, .. } = migrate::plan(conn, runner)?;
    migrate::apply(conn, &guard, runner, &pending)?;
    let duration = started.elapsed();
    let foreign_keys = broken_keys(conn)?;
    if !pending.is_empty() {
        Fingerprint::take(conn)?;
    }
    conn.execute_batch("COMMIT").map_err(|e| Error::Commit(e.into()))?;
    let writes_wait = if pending.is_empty() { Duration::ZERO } else { copied + started.elapsed() };
    let tables = compare(&before, &count_rows(conn)?);
    Ok(Rehearsal { applied: pending, duration, writes_wait, tables, foreign_keys })
}

fn count_rows(conn: &Connection) -> rusqlite::Result<Vec<(String, u64)>> {
    let tables = stored_tables(conn)?.into_iter();
    let counted = tables.map(|table| {
        let sql = format!("SELECT count(*) FROM main.\"{}\"", table.replace('"', "\"\""));
        conn.query_row(&sql, [], |row| row.get(0)).map(|rows| (table, rows))
    });
    counted.collect()
}

fn compare(before: &[(String, u64)], after: &[(String, u64)]) -> Vec<RowCount> {
    let find = |tables: &[(String, u64)], name: &str| tables.iter().find(|(table, _)| table == name).map(|(_, rows)| *rows);
    let mut names: Vec<_> = before.iter().chain(after).map(|(table, _)| table).collect();
    names.sort();
    names.dedup();
    names.into_iter().map(|name| RowCount { table: name.clone(), before: find(before, name), after: find(after, name) }).collect()
}

pub(crate) fn broken_keys(conn: &Connection) -> rusqlite::Result<Vec<ForeignKeyBreak>> {
    let sql = "SELECT \"table\", parent, count(*) FROM pragma_foreign_key_check GROUP BY 1, 2 ORDER BY 1, 2";
    let mut statement = conn.prepare(sql)?;
    let rows = statement.query_map([], |row| Ok(ForeignKeyBreak { table: row.get(0)?, parent: row.get(1)?, rows: row.get(2)? }))?;
    rows.collect()
}
