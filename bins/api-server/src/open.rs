//! Opening the store the way every subcommand wants it.

use anyhow::Context;
use magnetiq_config::Settings;
use magnetiq_storage::Store;

/// The store, with its schema brought up to date.
pub(crate) fn store(settings: &Settings) -> anyhow::Result<Store> {
    let store = Store::open(&settings.database.path, settings.database.options())?;
    magnetiq_api::schema::migrate(&store).context("the database could not be migrated; nothing in it was changed")?;
    Ok(store)
}
