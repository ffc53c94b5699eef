//! The schema of the application's database: migrations, embedded.

use magnetiq_storage::{Error, Migrated, Plan, ReadOnlyStore, Rehearsal, Store, rusqlite::Connection};

mod embedded {
    refinery::embed_migrations!("migrations");
}

/// Tables that the server fills by itself, also while nobody writes: the search indexes of pages and drafts, with the queue of the pages that theirs
/// does not have yet; the smaller pictures; the files that are still to be removed; and how long a network is left alone. Going back over a migration
/// loses nothing by them: the version before makes what it needs anew.
pub const DERIVED: &[&str] = &[
    "media_deleted",
    "media_variant",
    "outbox_pause",
    "page_draft_search_config",
    "page_draft_search_data",
    "page_draft_search_docsize",
    "page_draft_search_idx",
    "page_search_config",
    "page_search_data",
    "page_search_docsize",
    "page_search_idx",
    "page_search_waiting",
];

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

/// What [`migrate`] would do to a database that somebody else may be writing.
///
/// # Errors
///
/// As [`migrate`] where the history does not fit.
pub fn plan(store: &ReadOnlyStore) -> Result<Plan, Error> {
    store.plan(&runner())
}

/// The version of the schema, `None` before the first migration.
///
/// # Errors
///
/// As [`migrate`] where the history does not fit.
pub fn version_of(store: &Store) -> Result<Option<i64>, Error> {
    store.plan(&runner()).map(|plan| plan.from)
}

/// Tries [`migrate`] on a copy, which is thrown away; whoever owns the database goes on writing.
///
/// # Errors
///
/// As [`migrate`]; broken foreign keys are part of the report.
pub fn rehearse(store: &ReadOnlyStore) -> Result<Rehearsal, Error> {
    store.rehearse(&runner())
}

/// The migrations of this program.
pub(crate) fn runner() -> refinery::Runner {
    embedded::migrations::runner()
}

#[cfg(test)]
mod tests {
    use magnetiq_storage::Options;

    use super::*;

    /// Each table behind a virtual one is derived: the texts themselves are in `page` and `page_draft`. The others are there, too.
    #[test]
    fn what_is_derived_is_all_there() {
        let store = Store::temporary(Options::default()).unwrap();
        migrate(&store).unwrap();
        let sql = "SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = 'shadow'
            OR name IN ('media_deleted', 'media_variant', 'outbox_pause', 'page_search_waiting') ORDER BY name";
        let names = store.read(move |conn| Ok(conn.prepare(sql)?.query_map([], |row| row.get(0))?.collect::<Result<Vec<String>, _>>()?));
        assert_eq!(names.wait().unwrap(), DERIVED);
        store.close().unwrap();
    }
}
