//! The schema of the application's database: migrations, embedded.

use magnetiq_storage::{Error, Migrated, Store, rusqlite::Connection};

mod embedded {
    refinery::embed_migrations!("migrations");
}

/// Brings the schema up to this program's version, all or nothing.
///
/// # Errors
///
/// When the database is newer than the program, or its history differs from the program's, or a migration fails; then nothing changed.
pub fn migrate(store: &Store) -> Result<Migrated, Error> {
    store.migrate(runner())
}

/// The last migration that the database has; 0: none.
///
/// # Errors
///
/// Where it cannot be read.
pub(crate) fn version(conn: &Connection) -> Result<i64, crate::Error> {
    let version = conn.query_row("SELECT max(version) FROM refinery_schema_history", [], |row| row.get::<_, Option<i64>>(0))?;
    Ok(version.unwrap_or_default())
}

/// The migrations of this program.
pub(crate) fn runner() -> refinery::Runner {
    embedded::migrations::runner()
}
