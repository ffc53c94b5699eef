//! Migrations that are applied completely, or did not happen.
//!
//! refinery brings the format of the files, the history table and the rules for what is pending. Its own driver commits each migration
//! and its row in the history in two transactions, reads the history without a lock, and cannot switch foreign keys off, so that the
//! textbook rebuild of a table deletes its children by cascade. [`InTransaction`] is another driver, over one transaction.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant, SystemTime};

use refinery::{Migration, Runner};
use refinery_core::traits::sync::{Migrate, Query, Transaction};
use rusqlite::{Connection, ErrorCode, OptionalExtension};

use crate::connection::configure_writer;
use crate::fingerprint::Fingerprint;
use crate::folder::{beside, parent};
use crate::guard::{Guard, Scope};
use crate::job::Desk;
use crate::readers::{NO_LIMIT, Readers};
use crate::rehearse::broken_keys;
use crate::snapshot::{Existing, PARTIAL, copy, remove_left_over, verify};
use crate::void::Failed;
use crate::{Error, ForeignKeyBreak, Options};

/// One migration.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Step {
    /// The number in its file name.
    pub version: i64,
    /// The rest of its file name.
    pub name: String,
}

/// What [`Store::migrate`](crate::Store::migrate) would do.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Plan {
    /// The migrations that would run, in order.
    pub pending: Vec<Step>,
    /// Version of the schema now, `None` before the first migration.
    pub from: Option<i64>,
    /// Version of the schema afterwards.
    pub to: Option<i64>,
}

/// What [`Store::migrate`](crate::Store::migrate) did.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Migrated {
    /// The migrations that ran, in order; empty if the schema was up to date.
    pub applied: Vec<Step>,
    /// Version of the schema before, `None` before the first migration.
    pub from: Option<i64>,
    /// Version of the schema now.
    pub to: Option<i64>,
    /// The verified copy from before, if the database had content, something was pending, and
    /// [`migration_copies`](field@Options::migration_copies) is not zero.
    pub snapshot: Option<PathBuf>,
    /// How long it took, the copy included.
    pub duration: Duration,
}

pub(crate) fn plan(conn: &Connection, runner: &Runner) -> Result<Plan, Error> {
    let mut tx = InTransaction::new(conn, None);
    let applied = runner.get_applied_migrations(&mut tx).map_err(|e| tx.explain(e, &[]))?;
    compare(&applied, runner.get_migrations())?;
    // refinery decides what is pending, target and all; without a guard nothing is executed.
    let report = runner.run(&mut tx).map_err(|e| tx.explain(e, &[]))?;
    let pending: Vec<Step> = report.applied_migrations().iter().map(Step::of).collect();
    let from = applied.iter().map(|m| i64::from(m.version())).max();
    let to = pending.iter().map(|s| s.version).max().max(from);
    Ok(Plan { pending, from, to })
}

/// The name of the table in which `runner` keeps the history.
pub(crate) fn history_table(conn: &Connection, runner: &Runner) -> Result<Option<String>, Error> {
    let mut tx = InTransaction::new(conn, None);
    runner.get_applied_migrations(&mut tx).map_err(|e| tx.explain(e, &[]))?;
    Ok(tx.table)
}

/// Runs on the writer thread, alone.
pub(crate) fn migrate(desk: &Desk<'_>, readers: &Readers, path: &Path, options: &Options, runner: &Runner) -> Result<Migrated, Error> {
    // Has no effect inside a transaction, so it has to happen around it.
    desk.conn.execute_batch("PRAGMA foreign_keys = OFF")?;
    let migrated = in_one_transaction(desk, readers, path, options, runner);
    let undone = if desk.conn.is_autocommit() { Ok(()) } else { desk.conn.execute_batch("ROLLBACK") };
    // Foreign keys come back on here, and whatever else a migration may have set.
    configure_writer(desk.conn, options)?;
    let migrated = migrated?;
    undone?;
    if !migrated.applied.is_empty() {
        if let Err(e) = desk.conn.execute_batch("PRAGMA optimize") {
            tracing::warn!(error = &e as &dyn std::error::Error, "cannot refresh the statistics of the query planner");
        }
        tracing::info!(from = migrated.from, to = migrated.to, snapshot = ?migrated.snapshot, took = ?migrated.duration, "schema migrated");
    }
    Ok(migrated)
}

fn in_one_transaction(desk: &Desk<'_>, readers: &Readers, path: &Path, options: &Options, runner: &Runner) -> Result<Migrated, Error> {
    let started = Instant::now();
    desk.conn.execute_batch("BEGIN IMMEDIATE").map_err(Error::Begin)?;
    let Plan { pending, from, to } = plan(desk.conn, runner)?;
    let mut snapshot = None;
    if let Some(target) = to
        && !pending.is_empty()
    {
        let copied = options.migration_copies > 0 && has_content(desk.conn)?;
        desk.touch_all();
        apply(desk.conn, desk.guard, runner, &pending)?;
        check_foreign_keys(desk.conn, readers)?;
        // Nobody else can write, and nothing is committed yet, so a reader still sees what the migrations started from. After the
        // migrations, so that one that fails makes no copy, however often the program starts; before the commit, so that none is without
        // copy and fingerprint.
        if copied {
            let name = beside(path, &format!(".before-v{target}.sqlite3"));
            copy_before(readers, path, &name, options)?;
            Fingerprint::take(desk.conn)?.save(&name)?;
            snapshot = Some(name);
        }
        desk.touch_all();
        desk.conn.execute_batch("COMMIT").map_err(|e| Failed::settle(desk.conn, e).error())?;
        // Not before the commit: until then the old copies are the ways back from the present version.
        if let Some(made) = &snapshot {
            forget(&old_copies(path, made, options.migration_copies));
        }
    }
    Ok(Migrated { applied: pending, from, to, snapshot, duration: started.elapsed() })
}

/// Makes the verified copy `name`. Where space is short, old copies that are too many are removed now, although the commit may still fail,
/// and not after it.
fn copy_before(readers: &Readers, path: &Path, name: &Path, options: &Options) -> Result<(), Error> {
    let make = || copy(readers, name, Existing::Replace, |copy| verify(copy, options)).map(|_| ());
    let Err(error) = make() else { return Ok(()) };
    let Error::DiskSpace { needed_bytes, free_bytes, .. } = error else { return Err(error) };
    let old = old_copies(path, name, options.migration_copies);
    let freed: u64 = old.iter().filter_map(|copy| copy.metadata().ok()).map(|about| about.len()).sum();
    // Old copies are not given up where the new one would not fit even then.
    if free_bytes.saturating_add(freed) < needed_bytes {
        return Err(error);
    }
    tracing::warn!(needed_bytes, free_bytes, copies = ?old, "there is no room for one more copy from before a migration; these go before it");
    forget(&old);
    make()
}

/// Fails where a row points to a row that is not there.
fn check_foreign_keys(migrated: &Connection, readers: &Readers) -> Result<(), Error> {
    let broken = broken_keys(migrated)?;
    let Some(ForeignKeyBreak { table, parent, .. }) = broken.first().cloned() else { return Ok(()) };
    let count = |broken: &[ForeignKeyBreak]| broken.iter().map(|keys| keys.rows).sum();
    // Readers still see the schema from before. Where SQLite cannot check that one, nothing is known to have been broken.
    let before = readers.run_for(NO_LIMIT, |conn| Ok(broken_keys(conn)?)).map_or(0, |broken| count(&broken));
    Err(Error::ForeignKeys { table, parent, rows: count(&broken), before })
}

/// Runs what is pending in the transaction that is open.
pub(crate) fn apply(conn: &Connection, guard: &Guard, runner: &Runner, pending: &[Step]) -> Result<(), Error> {
    let mut tx = InTransaction::new(conn, Some(guard));
    runner.run(&mut tx).map_err(|e| tx.explain(e, pending))?;
    forget_temporary(conn)
}

/// Drops the temporary tables, views and triggers of the migrations: whoever comes next on this connection must not meet them under the name
/// of a table that there is.
fn forget_temporary(conn: &Connection) -> Result<(), Error> {
    // Triggers first, views before the tables that they read.
    let made =
        "SELECT type, name FROM temp.sqlite_schema WHERE type IN ('table', 'view', 'trigger') AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'
        ORDER BY type = 'table', type = 'view'";
    let made: Vec<(String, String)> = conn.prepare(made)?.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?.collect::<Result<_, _>>()?;
    for (kind, name) in made {
        // The tables behind a virtual table went with it, hence IF EXISTS.
        conn.execute_batch(&format!("DROP {kind} IF EXISTS temp.\"{}\"", name.replace('"', "\"\"")))?;
    }
    Ok(())
}

/// refinery can be told to pass over these; then a program runs on a schema that it was not written for.
fn compare(applied: &[Migration], known: &[Migration]) -> Result<(), Error> {
    let newest = applied.iter().map(Migration::version).max();
    let supported = known.iter().map(Migration::version).max();
    if let Some(found) = newest
        && supported.is_none_or(|supported| found > supported)
    {
        return Err(Error::NewerSchema { found: i64::from(found), supported: supported.map_or(0, i64::from) });
    }
    for old in applied {
        let Step { version, name } = Step::of(old);
        match known.iter().find(|m| m.version() == old.version()) {
            None => return Err(Error::MissingMigration { version, name, problem: "was applied, but this program does not have it" }),
            Some(same) if same != old => return Err(Error::DivergentMigration { version, name }),
            Some(_) => {}
        }
    }
    for new in known {
        let done = applied.iter().any(|m| m.version() == new.version());
        let versioned = new.prefix().to_string() == "V";
        if !done && versioned && newest.is_some_and(|newest| new.version() < newest) {
            let Step { version, name } = Step::of(new);
            return Err(Error::MissingMigration { version, name, problem: "was never applied, but later ones were" });
        }
    }
    Ok(())
}

/// Anything that a copy would be worth making of.
fn has_content(conn: &Connection) -> Result<bool, Error> {
    let tables = "SELECT EXISTS (SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\')";
    Ok(conn.query_row(tables, [], |row| row.get(0))?)
}

/// The copies that are too many once `made` is there, the oldest first. What a copy that was killed left goes at once.
fn old_copies(path: &Path, made: &Path, most: u32) -> Vec<PathBuf> {
    let Some(prefix) = path.file_name().map(|name| format!("{}.before-v", name.to_string_lossy())) else { return Vec::new() };
    let Ok(entries) = std::fs::read_dir(parent(path)) else { return Vec::new() };
    let mut copies: Vec<(SystemTime, PathBuf)> = Vec::new();
    for entry in entries.flatten() {
        let name = entry.file_name();
        let Some(rest) = name.to_str().and_then(|name| name.strip_prefix(&prefix)) else { continue };
        if rest.ends_with(PARTIAL) {
            remove_left_over(&entry.path());
        } else if entry.path() != made
            && rest.strip_suffix(".sqlite3").is_some_and(|version| version.parse::<u64>().is_ok())
            && let Ok(modified) = entry.metadata().and_then(|m| m.modified())
        {
            copies.push((modified, entry.path()));
        }
    }
    copies.sort();
    let old = (copies.len() + 1).saturating_sub(usize::try_from(most).unwrap_or(usize::MAX));
    copies.truncate(old);
    copies.into_iter().map(|(_, copy)| copy).collect()
}

/// Removes these copies and their fingerprints.
fn forget(copies: &[PathBuf]) {
    for copy in copies {
        remove(copy);
        let fingerprint = Fingerprint::place(copy);
        if fingerprint.exists() {
            remove(&fingerprint);
        }
    }
}

fn remove(path: &Path) {
    if let Err(e) = std::fs::remove_file(path) {
        tracing::warn!(error = &e as &dyn std::error::Error, path = %path.display(), "cannot remove an old copy");
    }
}

impl Step {
    pub(crate) fn of(migration: &Migration) -> Self {
        Self { version: i64::from(migration.version()), name: migration.name().to_owned() }
    }
}

/// refinery's driver over a transaction that is already open and that it neither commits nor rolls back.
struct InTransaction<'c> {
    conn: &'c Connection,
    /// None executes nothing: a rehearsal on paper.
    guard: Option<&'c Guard>,
    /// Statements that were executed: the history table, then each migration and its row in the history.
    ran: usize,
    /// refinery prints its cause inside its own text; the real one is kept here.
    failure: Option<Error>,
    /// The name of the history table, once refinery has told it.
    table: Option<String>,
}

/// What refinery is told; the reason is in [`InTransaction::failure`].
#[derive(Debug, thiserror::Error)]
#[error("stopped")]
struct Stopped;

impl<'c> InTransaction<'c> {
    fn new(conn: &'c Connection, guard: Option<&'c Guard>) -> Self {
        Self { conn, guard, ran: 0, failure: None, table: None }
    }

    fn apply(&mut self, sql: &str) -> Result<(), Error> {
        let Some(guard) = self.guard else { return Ok(()) };
        let result = guard.during(Scope::Migration, || self.conn.execute_batch(sql));
        let refused = guard.take_refused();
        match result {
            Err(e) if e.sqlite_error_code() == Some(ErrorCode::AuthorizationForStatementDenied) => {
                Err(Error::Refused { statement: refused.unwrap_or_default() })
            }
            Err(e) => Err(Error::Sqlite(e)),
            Ok(()) if self.conn.is_autocommit() => Err(Error::TransactionEnded),
            Ok(()) => Ok(()),
        }
    }

    /// The failure that stopped refinery, with the migration in which it happened.
    fn explain(&mut self, error: refinery::Error, pending: &[Step]) -> Error {
        let Some(failure) = self.failure.take() else { return Error::Migrations(Box::new(error)) };
        match self.ran.checked_sub(1).and_then(|n| pending.get(n / 2)) {
            Some(step) => Error::Migration { version: step.version, name: step.name.clone(), source: Box::new(failure) },
            None => failure,
        }
    }

    /// The history, oldest first; empty where there is no table of that name.
    fn history(&self, table: &str) -> rusqlite::Result<Vec<Migration>> {
        let exists =
            self.conn.query_row("SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = ?1", [table], |_| Ok(())).optional()?;
        if exists.is_none() {
            return Ok(Vec::new());
        }
        let mut statement =
            self.conn.prepare(&format!("SELECT version, name, checksum FROM \"{}\" ORDER BY version", table.replace('"', "\"\"")))?;
        let rows = statement.query_map([], |row| {
            let checksum: String = row.get(2)?;
            // One that is no number fits no migration, which is what a changed history should come to.
            let checksum = checksum.parse().unwrap_or(0);
            // When it was applied plays no part in any decision; the type of the field is not exported, hence the conversion.
            Ok(Migration::applied(row.get(0)?, row.get(1)?, SystemTime::UNIX_EPOCH.into(), checksum))
        })?;
        rows.collect()
    }
}

impl Transaction for InTransaction<'_> {
    type Error = Stopped;

    fn execute<'a, T: Iterator<Item = &'a str>>(&mut self, queries: T) -> Result<usize, Stopped> {
        let mut count = 0;
        for sql in queries {
            if let Err(e) = self.apply(sql) {
                self.failure = Some(e);
                return Err(Stopped);
            }
            self.ran += 1;
            count += 1;
        }
        Ok(count)
    }
}

impl Query<Vec<Migration>> for InTransaction<'_> {
    /// `query` is the name of the history table, see below.
    fn query(&mut self, query: &str) -> Result<Vec<Migration>, Stopped> {
        self.table = Some(query.to_owned());
        self.history(query).map_err(|e| {
            self.failure = Some(Error::Sqlite(e));
            Stopped
        })
    }
}

impl Migrate for InTransaction<'_> {
    // refinery does not tell the name of the history table in any other way, and a plan must not create it to read it.
    fn get_last_applied_migration_query(migration_table_name: &str) -> String {
        migration_table_name.to_owned()
    }

    fn get_applied_migrations_query(migration_table_name: &str) -> String {
        migration_table_name.to_owned()
    }
}
