//! A copy of the site for those who work on the program: without secrets, and without what is about people. What of each table that is, the
//! server knows.

use std::process::{Command, Stdio};

use anyhow::{Context, bail};
use magnetiq_backup::magnetiq_storage::ReadOnlyStore;
use magnetiq_backup::{Backups, Scratch};
use magnetiq_config::Settings;

use crate::{drill, open, options};

/// Backups of a copy; it goes when this is dropped.
pub(crate) struct Scrubbed {
    pub(crate) backups: Backups,
    _scratch: Scratch,
}

/// Copies the database, and has the server take out what is not to leave; with `people`, what is about people, too. Settings files, in which
/// secrets may be, are not in it.
///
/// # Errors
///
/// Where it cannot be copied, or the server cannot be started or refuses.
pub(crate) fn site(settings: &Settings, people: bool) -> anyhow::Result<Scrubbed> {
    let program = drill::program(settings)?;
    let scratch = open::site(settings)?.scratch()?;
    // Absolute: the server starts in another folder.
    let copy = std::path::absolute(scratch.path().join("database.sqlite3"))?;
    let store = ReadOnlyStore::open(&settings.database.path, settings.database.options())?;
    store.scratch_copy(&copy)?;
    store.close()?;
    let mut scrub = Command::new(std::path::absolute(&program)?);
    // With nothing of this process's environment: neither the live data nor its secrets are within reach.
    scrub.env_clear().env("MAGNETIQ__PROFILE", "development").env("MAGNETIQ__LOG__FOLDER", "").current_dir(scratch.path());
    scrub.arg("scrub").arg(&copy).args((!people).then_some("--only-secrets"));
    let ended = scrub.stdin(Stdio::null()).output().with_context(|| format!("failed to start {}", program.display()))?;
    if !ended.status.success() {
        bail!("{} could not scrub the copy: {}", program.display(), String::from_utf8_lossy(&ended.stderr).trim());
    }
    let mut options = options::options(settings).database(&copy);
    options.config_files.clear();
    Ok(Scrubbed { backups: Backups::new(options)?, _scratch: scratch })
}
