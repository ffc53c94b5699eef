//! What going back to the copy from before a migration would cost, in rows.

use std::collections::{BTreeMap, HashMap};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::Path;

use magnetiq_storage::rusqlite::Connection;
use magnetiq_storage::rusqlite::types::ValueRef;
use magnetiq_storage::{Error, Fingerprint, Options, ReadOnlyStore, Store};
use serde_json::{Value, json};

/// What was written to one table since the migration.
#[derive(Debug)]
pub(crate) struct Lost {
    table: String,
    /// How many rows the copy has; `None` where it has no such table.
    before: Option<u64>,
    /// How many there are now.
    now: Option<u64>,
    /// How many of them are new or changed: in what both have of a row the copy has none like it. What the migration itself changed counts, too.
    written: Option<u64>,
}

/// The rows of the tables that were written to.
///
/// # Errors
///
/// Where one of the two cannot be read.
pub(crate) fn rows(store: &Store, copy: &Path, options: &Options, tables: Vec<String>) -> Result<Vec<Lost>, Error> {
    let counted = |fingerprint: &Fingerprint| -> BTreeMap<String, u64> {
        fingerprint.tables().map(|table| (table.name.to_owned(), table.rows)).collect()
    };
    let (now, copy) = (counted(&store.fingerprint()?), ReadOnlyStore::open(copy, options.clone())?);
    let then = counted(&copy.fingerprint()?);
    let lost = |table: String| {
        let (before, now) = (then.get(&table).copied(), now.get(&table).copied());
        let written = match (before, now) {
            (Some(_), Some(_)) => Some(written(store, &copy, &table)?),
            _ => now,
        };
        Ok(Lost { table, before, now, written })
    };
    tables.into_iter().map(lost).collect()
}

/// How many rows of the table the copy has none like.
fn written(store: &Store, copy: &ReadOnlyStore, table: &str) -> Result<u64, Error> {
    let name = table.to_owned();
    let of_copy = copy.read(move |conn| columns(conn, &name)).wait()?;
    let name = table.to_owned();
    let mut both = store.read(move |conn| columns(conn, &name)).wait()?;
    both.retain(|column| of_copy.contains(column));
    let query = format!("SELECT {} FROM {}", both.iter().map(|column| quoted(column)).collect::<Vec<_>>().join(", "), quoted(table));
    let same = query.clone();
    let mut there = copy.read(move |conn| hashes(conn, &same)).wait()?;
    let now = store.read(move |conn| hashes(conn, &query)).wait()?;
    let unlike = |(hash, rows): (u64, u64)| rows.saturating_sub(there.remove(&hash).unwrap_or(0));
    Ok(now.into_iter().map(unlike).sum())
}

fn columns(conn: &Connection, table: &str) -> Result<Vec<String>, Error> {
    let mut statement = conn.prepare("SELECT name FROM pragma_table_info(?1)")?;
    let names = statement.query_map([table], |row| row.get(0))?;
    Ok(names.collect::<Result<_, _>>()?)
}

/// How many rows have the same content, by a hash of it: a row takes 16 bytes, whatever is in it.
fn hashes(conn: &Connection, query: &str) -> Result<HashMap<u64, u64>, Error> {
    let mut statement = conn.prepare(query)?;
    let columns = statement.column_count();
    let mut rows = statement.query([])?;
    let mut hashes = HashMap::new();
    while let Some(row) = rows.next()? {
        let mut hasher = DefaultHasher::new();
        for column in 0..columns {
            match row.get_ref(column)? {
                ValueRef::Null => 0_u8.hash(&mut hasher),
                ValueRef::Integer(number) => (1_u8, number).hash(&mut hasher),
                ValueRef::Real(number) => (2_u8, number.to_bits()).hash(&mut hasher),
                ValueRef::Text(text) => (3_u8, text).hash(&mut hasher),
                ValueRef::Blob(bytes) => (4_u8, bytes).hash(&mut hasher),
            }
        }
        *hashes.entry(hasher.finish()).or_default() += 1;
    }
    Ok(hashes)
}

fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

pub(crate) fn in_json(lost: &[Lost]) -> Value {
    lost.iter().map(|lost| json!({ "table": lost.table, "before": lost.before, "now": lost.now, "written": lost.written })).collect()
}

/// A line for each table.
pub(crate) fn in_words(lost: &[Lost]) -> String {
    let line = |lost: &Lost| {
        let table = &lost.table;
        match (lost.before, lost.now, lost.written) {
            (Some(before), Some(now), Some(written @ 1..)) => {
                format!("{table}: {written} rows new or changed since; {before} in the copy, {now} now")
            }
            (Some(before), Some(now), _) => format!("{table}: {before} rows in the copy, {now} now"),
            (None, Some(now), _) => format!("{table}: not in the copy, {now} rows now"),
            (Some(before), None, _) => format!("{table}: {before} rows in the copy, and gone now"),
            (None, None, _) => format!("{table} was changed"),
        }
    };
    lost.iter().map(line).collect::<Vec<_>>().join("\n")
}
