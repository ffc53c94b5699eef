//! The copy of the database, and what it holds.

use std::path::{Path, PathBuf};

use magnetiq_storage::rusqlite::{Connection, OpenFlags};
use magnetiq_storage::{Fingerprint, ReadOnlyStore};

use crate::options::Source;
use crate::{Backups, Database, Error, Table};

/// Copies the database to `to` in one step, while others write.
pub(crate) fn take(backups: &Backups, to: &Path) -> Result<(), Error> {
    let source = source(backups)?;
    let failed = |error| Error::Database { path: source.path().to_owned(), source: Box::new(error) };
    match source {
        Source::Path(path) => {
            let options = backups.options.storage_options.clone().readers(1);
            let store = ReadOnlyStore::open(path, options).map_err(failed)?;
            store.scratch_copy(to).map_err(failed)?;
            store.close().map_err(failed)
        }
        Source::Store(store) => store.scratch_copy(to).map(drop).map_err(failed),
    }
}

/// The write-ahead log of a database: what was written last may be there only.
pub(crate) fn log_of(database: &Path) -> PathBuf {
    let mut log = database.as_os_str().to_owned();
    log.push("-wal");
    log.into()
}

pub(crate) fn source(backups: &Backups) -> Result<&Source, Error> {
    let missing = || Error::Options { problem: "no database is set: call Options::database or Options::store".to_owned() };
    backups.options.source.as_ref().ok_or_else(missing)
}

/// A connection to a copy that nobody writes to. It takes no locks, so the file may be read otherwise at the same time.
pub(crate) fn open_copy(path: &Path) -> Result<Connection, Error> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let opened = Connection::open_with_flags_and_vfs(path, flags, c"unix-none");
    let prepared = opened.and_then(|conn| conn.execute_batch("PRAGMA cache_size = -4096").map(|()| conn));
    prepared.map_err(|source| Error::Database { path: path.to_owned(), source: Box::new(source.into()) })
}

/// What a copy holds; reads every row. The hash of the file is for the caller to fill in.
pub(crate) fn describe(path: &Path) -> Result<Database, Error> {
    let failed = |source| Error::Database { path: path.to_owned(), source: Box::new(source) };
    let conn = open_copy(path)?;
    let fingerprint = Fingerprint::take(&conn).map_err(failed)?;
    let facts = || -> Result<Database, magnetiq_storage::Error> {
        let has_history =
            number(&conn, "SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name = 'refinery_schema_history'")? > 0;
        let version = if has_history {
            conn.query_row("SELECT max(version) FROM refinery_schema_history", [], |row| row.get::<_, Option<i64>>(0))?
        } else {
            None
        };
        let tables = fingerprint.tables();
        Ok(Database {
            schema_version: version,
            schema_hash: format!("{:032x}", fingerprint.schema()),
            tables: tables.map(|t| Table { name: t.name.to_owned(), rows: t.rows, hash: format!("{:032x}", t.hash) }).collect(),
            ..outline(&conn)?
        })
    };
    facts().map_err(failed)
}

/// What a copy holds of which some pages cannot be read: its pages, and no tables.
pub(crate) fn describe_damaged(path: &Path) -> Result<Database, Error> {
    outline(&open_copy(path)?).map_err(|source| Error::Database { path: path.to_owned(), source: Box::new(source.into()) })
}

fn outline(conn: &Connection) -> magnetiq_storage::rusqlite::Result<Database> {
    Ok(Database {
        sha256: String::new(),
        size_bytes: 0,
        page_size: u32::try_from(number(conn, "PRAGMA page_size")?).unwrap_or(0),
        page_count: u64::try_from(number(conn, "PRAGMA page_count")?).unwrap_or(0),
        application_id: i32::try_from(number(conn, "PRAGMA application_id")?).unwrap_or(0),
        schema_version: None,
        schema_hash: String::new(),
        tables: Vec::new(),
    })
}

fn number(conn: &Connection, sql: &str) -> magnetiq_storage::rusqlite::Result<i64> {
    conn.query_row(sql, [], |row| row.get(0))
}
