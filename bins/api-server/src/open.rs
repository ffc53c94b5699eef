//! Opening the store the way every subcommand wants it.

use magnetiq_api::{Reserve, schema};
use magnetiq_config::Settings;
use magnetiq_service::{LogFormat, LogGuard, LogOptions, ResultExt, init_logging};
use magnetiq_storage::{Error, Migrated, ReadOnlyStore, Store};

/// The store, with its schema brought up to date.
pub(crate) fn store(settings: &Settings) -> anyhow::Result<Store> {
    Ok(migrated(settings)?.0)
}

/// The same, for what only reads: a server may run beside it.
pub(crate) fn to_read(settings: &Settings) -> anyhow::Result<ReadOnlyStore> {
    if current(settings)?.is_none() {
        store(settings)?.close()?;
    }
    hinted(ReadOnlyStore::open(&settings.database.path, settings.database.options()))
}

/// The version of the schema, where it is that of this program: no writer is needed then.
pub(crate) fn current(settings: &Settings) -> anyhow::Result<Option<i64>> {
    whole(settings)?;
    let looked = ReadOnlyStore::open(&settings.database.path, settings.database.options()).and_then(|store| schema::plan(&store));
    // Whatever keeps it from being read keeps it from being migrated, too, and is told by that.
    Ok(looked.ok().filter(|plan| plan.pending.is_empty()).and_then(|plan| plan.to))
}

/// The log of a command that a person waits for: only what is out of the ordinary.
pub(crate) fn quiet_log() -> anyhow::Result<LogGuard> {
    init_logging(&LogOptions { format: LogFormat::Text, level: "warn".to_owned(), file: None, recent: None })
}

/// The same, and what was migrated.
pub(crate) fn migrated(settings: &Settings) -> anyhow::Result<(Store, Migrated)> {
    whole(settings)?;
    let open = || {
        let store = Store::open(&settings.database.path, settings.database.options())?;
        let migrated = schema::migrate(&store)?;
        Ok((store, migrated))
    };
    let opened = open().or_else(|error: Error| {
        // SQLite cannot even read without a few pages for its companion files.
        let reserve = Reserve::of(&settings.database.path);
        let on_full_disk = error.is_disk_full() || matches!(error, Error::Open { .. });
        let given_up = on_full_disk && reserve.give_up().unwrap_or(false);
        if !given_up {
            return Err(error);
        }
        tracing::warn!(cause = %error, "the disk is full: the space that was kept for this is given up, and nothing but what frees some is written");
        open()
    });
    hinted(opened)
}

/// Adds the next step, where there is one to name.
pub(crate) fn hinted<T>(result: Result<T, Error>) -> anyhow::Result<T> {
    result.or_else(|error| match what_to_do(&error) {
        Some(hint) => Err(error).hint(hint),
        None => Err(error.into()),
    })
}

/// Carries out a restore that was killed while it replaced the site, so that no database is opened beside media of another day.
pub(crate) fn whole(settings: &Settings) -> anyhow::Result<()> {
    match magnetiq_backup::repair(&settings.database.path, magnetiq_backup::Clock::system().now()) {
        Ok(_) => Ok(()),
        Err(error @ magnetiq_backup::Error::InUse { .. }) => {
            Err(error).hint("a restore is replacing the site: wait for it, then try again")
        }
        Err(error) => Err(error).hint("a restore was interrupted and could not be carried out: nothing is served before the site is whole"),
    }
}

/// The next step, where there is one to name: that of this program, or the store's own.
pub(crate) fn what_to_do(error: &Error) -> Option<&'static str> {
    if error.is_disk_full() {
        return error.hint();
    }
    Some(match error {
        Error::Locked { .. } => "one program at a time writes a database: stop the other one, or work in the admin area",
        Error::NewerSchema { .. } => {
            "the database was left as it is: start the program that migrated it or a newer one, or restore a backup from before"
        }
        Error::NotADatabase { .. } | Error::ForeignApplication { .. } => "the file was left as it is: check database.path",
        Error::Damaged { .. } => "restore the newest backup; keep this file for a rescue",
        Error::Folder { .. } | Error::Path { .. } => "check database.path, and who owns its folder",
        Error::NoFingerprint { .. } => "--discard goes back without comparing; what it replaces is kept beside the database",
        _ => return error.hint(),
    })
}
