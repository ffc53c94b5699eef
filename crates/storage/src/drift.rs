//! Whether a schema is the one that its migrations make.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use refinery::{Migration, Runner, Target};
use rusqlite::Connection;

use crate::connection::configure_writer;
use crate::guard::Guard;
use crate::job::Desk;
use crate::migrate::{self, Step};
use crate::void::Failed;
use crate::{Error, Options};

/// How a schema differs from the one that its migrations make; printed, one difference a line.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Drift {
    /// The differences by name; empty where there are none.
    pub differences: Vec<Difference>,
}

/// One table, index, view or trigger that is not as expected.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Difference {
    /// Its kind and name, such as `index note_by_day`.
    pub object: String,
    /// The SQL that the migrations make it with; `None` if they do not.
    pub expected: Option<String>,
    /// The SQL in the database; `None` if it is not there.
    pub found: Option<String>,
}

impl Drift {
    /// Whether there is no difference.
    pub fn is_empty(&self) -> bool {
        self.differences.is_empty()
    }
}

impl fmt::Display for Drift {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, difference) in self.differences.iter().enumerate() {
            let end = if i == 0 { "" } else { "\n" };
            let object = &difference.object;
            match (&difference.expected, &difference.found) {
                (Some(expected), Some(found)) => write!(f, "{end}{object} is `{found}`, expected `{expected}`")?,
                (Some(_), None) => write!(f, "{end}{object} is missing")?,
                (None, _) => write!(f, "{end}{object} is in no migration")?,
            }
        }
        Ok(())
    }
}

/// Compares with what the migrations make that were applied.
pub(crate) fn of(conn: &Connection, options: &Options, runner: &Runner) -> Result<Drift, Error> {
    let applied_to = migrate::plan(conn, runner)?.from;
    let known = runner.get_migrations().iter();
    let applied: Vec<_> = known.filter(|m| applied_to.is_some_and(|to| i64::from(m.version()) <= to)).cloned().collect();
    compare(conn, options, runner, &applied)
}

fn compare(conn: &Connection, options: &Options, runner: &Runner, migrations: &[Migration]) -> Result<Drift, Error> {
    let found = objects(conn, migrate::history_table(conn, runner)?.as_deref())?;
    let expected = expected(options, migrations)?;
    let names: BTreeSet<_> = found.keys().chain(expected.keys()).collect();
    let differ = names.into_iter().filter(|name| found.get(*name) != expected.get(*name));
    let differences =
        differ.map(|name| Difference { object: name.clone(), expected: expected.get(name).cloned(), found: found.get(name).cloned() });
    Ok(Drift { differences: differences.collect() })
}

fn expected(options: &Options, migrations: &[Migration]) -> Result<BTreeMap<String, String>, Error> {
    let empty = Connection::open_in_memory()?;
    configure_writer(&empty, options)?;
    empty.execute_batch("PRAGMA foreign_keys = OFF; BEGIN")?;
    let guard = Guard::install(&empty)?;
    let runner = Runner::new(migrations);
    let pending: Vec<_> = migrations.iter().map(Step::of).collect();
    migrate::apply(&empty, &guard, &runner, &pending)?;
    objects(&empty, migrate::history_table(&empty, &runner)?.as_deref())
}

/// What the schema has, without SQLite's own tables and the history, and without the layout of the SQL.
fn objects(conn: &Connection, history: Option<&str>) -> Result<BTreeMap<String, String>, Error> {
    let sql = "SELECT type || ' ' || name, sql FROM sqlite_schema WHERE name NOT LIKE 'sqlite\\_%' ESCAPE '\\' AND tbl_name IS NOT ?1";
    let mut statement = conn.prepare(sql)?;
    let rows = statement.query_map([history], |row| Ok((row.get(0)?, row.get::<_, Option<String>>(1)?.unwrap_or_default())))?;
    let mut objects = BTreeMap::new();
    for row in rows {
        let (name, sql) = row?;
        objects.insert(name, sql.split_whitespace().collect::<Vec<_>>().join(" "));
    }
    Ok(objects)
}

/// Runs on the writer thread, alone.
pub(crate) fn stamp(desk: &Desk<'_>, options: &Options, runner: Runner) -> Result<Vec<Step>, Error> {
    desk.conn.execute_batch("BEGIN IMMEDIATE").map_err(Error::Begin)?;
    let pending = migrate::plan(desk.conn, &runner)?.pending;
    let to = pending.iter().map(|step| step.version).max();
    let reached: Vec<_> = runner.get_migrations().iter().filter(|m| to.is_none_or(|to| i64::from(m.version()) <= to)).cloned().collect();
    let drift = compare(desk.conn, options, &runner, &reached)?;
    if !drift.is_empty() {
        return Err(Error::Drift { drift });
    }
    // Only up to the runner's own target, which `Fake` would pass over.
    let runner = match to.and_then(|to| i32::try_from(to).ok()) {
        Some(to) => runner.set_target(Target::FakeVersion(to)),
        None => runner,
    };
    if !pending.is_empty() {
        migrate::apply(desk.conn, desk.guard, &runner, &pending)?;
    }
    desk.conn.execute_batch("COMMIT").map_err(|e| Failed::settle(desk.conn, e).error())?;
    Ok(pending)
}
