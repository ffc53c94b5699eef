//! How a connection is opened and what is set on it. Pragmas live on the connection, not in the file, so each one gets all of them.

use std::path::Path;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, ErrorCode, OpenFlags, OptionalExtension};

use crate::folder::parent;
use crate::{Durability, Error, Options};

/// The first release without the bug that could corrupt a database when a WAL was reset: <https://sqlite.org/changes.html>.
const SQLITE_REQUIRED: (i32, &str) = (3_051_003, "3.51.3");

pub(crate) fn refuse_old_sqlite() -> Result<(), Error> {
    refuse_older(rusqlite::version_number(), rusqlite::version())
}

fn refuse_older(number: i32, found: &'static str) -> Result<(), Error> {
    let (oldest, required) = SQLITE_REQUIRED;
    if number < oldest { Err(Error::SqliteTooOld { found, required }) } else { Ok(()) }
}

/// Opens the connection that writes, on a file that exists. Looks whose file it is before it changes anything in it.
pub(crate) fn open_writer(path: &Path, options: &Options) -> Result<Connection, Error> {
    let opening = |e| opening(path, e);
    let conn = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX).map_err(opening)?;
    // Before WAL: switching the mode needs a lock that another process may hold for a moment.
    conn.busy_timeout(options.busy_timeout).map_err(opening)?;
    let pages: i64 = conn.pragma_query_value(None, "page_count", |row| row.get(0)).map_err(opening)?;
    refuse_foreign(&conn, path, options)?;
    if options.incremental_vacuum && pages == 0 {
        // Before the first page is written, or it has no effect.
        conn.execute_batch("PRAGMA auto_vacuum = INCREMENTAL").map_err(opening)?;
    }
    let answered: String = conn.pragma_update_and_check(None, "journal_mode", "wal", |row| row.get(0)).map_err(opening)?;
    if !answered.eq_ignore_ascii_case("wal") {
        return Err(Error::NotWal { path: path.to_owned(), answered });
    }
    configure_writer(&conn, options).map_err(opening)?;
    // Reads the schema, so that damage there is told now and not by the first write.
    conn.query_row("SELECT count(*) FROM sqlite_schema", [], |_| Ok(())).map_err(opening)?;
    if let Some(id) = options.application_id
        && pages == 0
    {
        conn.pragma_update(None, "application_id", id).map_err(opening)?;
    }
    Ok(conn)
}

/// Looks whose file it is.
pub(crate) fn refuse_foreign(conn: &Connection, path: &Path, options: &Options) -> Result<(), Error> {
    let found: i32 = conn.pragma_query_value(None, "application_id", |row| row.get(0)).map_err(|e| opening(path, e))?;
    match options.application_id {
        Some(expected) if ![0, expected].contains(&found) => Err(Error::ForeignApplication { path: path.to_owned(), found, expected }),
        _ => Ok(()),
    }
}

/// Settings of the writer; also restores them after a migration, which may change any of them.
pub(crate) fn configure_writer(conn: &Connection, options: &Options) -> rusqlite::Result<()> {
    configure(conn, options, options.writer_cache_bytes)?;
    let (synchronous, fullfsync) = match options.durability {
        Durability::Full => ("FULL", "ON"),
        Durability::Normal => ("NORMAL", "OFF"),
    };
    // On macOS a plain fsync leaves data in the cache of the drive; elsewhere the two of fullfsync have no effect.
    conn.execute_batch(&format!(
        "PRAGMA query_only = OFF; PRAGMA synchronous = {synchronous}; PRAGMA journal_size_limit = {};
         PRAGMA fullfsync = {fullfsync}; PRAGMA checkpoint_fullfsync = {fullfsync};
         PRAGMA ignore_check_constraints = OFF; PRAGMA writable_schema = OFF; PRAGMA legacy_alter_table = OFF;
         PRAGMA recursive_triggers = OFF; PRAGMA reverse_unordered_selects = OFF; PRAGMA automatic_index = ON;
         PRAGMA locking_mode = NORMAL;",
        options.wal_limit_bytes
    ))
}

pub(crate) fn configure_reader(conn: &Connection, options: &Options) -> rusqlite::Result<()> {
    configure(conn, options, options.reader_cache_bytes)?;
    conn.execute_batch("PRAGMA query_only = ON")
}

/// Each connection gets these. What does not fit into the cache goes to a temporary file (`temp_store`), because a sort or an `UPDATE` of a large
/// table would otherwise grow in memory until the system ends the program. What a statement or a savepoint may have to take back stays in
/// memory up to 64 KiB, so a small write makes no file.
fn configure(conn: &Connection, options: &Options, cache_bytes: u64) -> rusqlite::Result<()> {
    conn.busy_timeout(options.busy_timeout)?;
    conn.set_prepared_statement_cache_capacity(options.statement_cache_capacity);
    // Without it a cached statement is compiled again for each new value that it compares with an indexed column, because SQLite is built
    // with STAT4: more than a third of the time of small writes. The plan is then the same for all values.
    conn.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    // A negative cache size counts KiB instead of pages.
    conn.execute_batch(&format!(
        "PRAGMA foreign_keys = ON; PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON; PRAGMA temp_store = FILE;
         PRAGMA cache_size = -{};",
        cache_bytes.div_ceil(1024).max(1)
    ))?;
    options.opened(conn)
}

/// Lets SQLite put its temporary files beside the database, on the disk that has room for it: `/tmp` may be memory, small, or not to be written
/// to. It has one folder for the whole process, so the first database that is opened decides, and before it the program. Where the
/// folder cannot be had, SQLite looks for one by itself.
pub(crate) fn spill_beside(conn: &Connection, path: &Path) {
    let chosen = conn.query_row("PRAGMA temp_store_directory", [], |row| row.get::<_, String>(0)).optional();
    if chosen.is_ok_and(|folder| folder.is_some_and(|folder| Path::new(&folder).is_dir())) {
        return;
    }
    let Some(folder) = parent(path).to_str() else { return };
    if let Err(e) = conn.pragma_update(None, "temp_store_directory", folder) {
        tracing::debug!(error = &e as &dyn std::error::Error, folder, "temporary files of SQLite go elsewhere");
    }
}

/// Flags of a connection that reads. No `SQLITE_OPEN_URI`, no creating.
pub(crate) fn reader_flags() -> OpenFlags {
    OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX
}

/// What a failure at open means for the file.
pub(crate) fn opening(path: &Path, source: rusqlite::Error) -> Error {
    let path = path.to_owned();
    match source.sqlite_error_code() {
        Some(ErrorCode::NotADatabase) => Error::NotADatabase { path, source },
        Some(ErrorCode::DatabaseCorrupt) => Error::Damaged { path, source },
        _ => Error::Open { path, source },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_release_with_the_wal_reset_bug_is_refused() {
        assert!(matches!(refuse_older(3_051_002, "3.51.2"), Err(Error::SqliteTooOld { found: "3.51.2", required: "3.51.3" })));
        assert!(refuse_older(3_051_003, "3.51.3").is_ok());
        assert!(refuse_old_sqlite().is_ok());
    }
}
