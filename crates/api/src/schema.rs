//! The schema of the application's database: migrations, embedded.

use magnetiq_storage::{Error, Migrated, Store};

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

/// The migrations of this program.
pub(crate) fn runner() -> refinery::Runner {
    embedded::migrations::runner()
}
