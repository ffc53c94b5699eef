//! When each thing of the schedule was last done, or why that is not known.

use std::collections::BTreeMap;
use std::error::Error;
use std::fs;
use std::io::ErrorKind;
use std::path::Path;

use jiff::Timestamp;
use magnetiq_backup::{Depth, Entry, Outcome};
use magnetiq_service::chain;
use magnetiq_storage::{Options, ReadOnlyStore};
use serde_json::Value;

use super::done;
use crate::doctor::settings::has_units;
use crate::doctor::site::Site;

/// Why it is not said when something was last done.
#[derive(Debug, Clone)]
pub(super) enum Gap {
    /// The settings want it not to be done, or give nothing to do it with.
    Off(&'static str),
    /// What tells is at another place, or there is nothing yet: all may be well.
    Elsewhere(String),
    /// What tells is here, and can not be read.
    Unreadable(String),
}

/// When something was last done; `None` where it never was.
pub(super) type Last = Result<Option<Timestamp>, Gap>;

fn unreadable(path: &Path, error: &(dyn Error + 'static)) -> Gap {
    Gap::Unreadable(format!("{} can not be read: {}", path.display(), chain(error)))
}

/// Whether the file is there.
fn is_there(path: &Path) -> Result<bool, Gap> {
    match fs::metadata(path) {
        Ok(_) => Ok(true),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(false),
        Err(error) => Err(unreadable(path, &error)),
    }
}

/// When the first schema was made: before that nothing could be due.
pub(super) fn begun(site: &Site) -> Last {
    let database = site.database();
    if !is_there(database)? {
        return Err(Gap::Elsewhere("there is no database here (database.path)".to_owned()));
    }
    let first = "SELECT min(applied_on) FROM refinery_schema_history";
    let read =
        site.read_only().and_then(|store| store.read(|conn| Ok(conn.query_row(first, [], |row| row.get::<_, Option<String>>(0))?)).wait());
    Ok(read.map_err(|error| unreadable(database, &error))?.and_then(|at| at.parse().ok()))
}

/// What people wrote down, by name.
pub(super) fn written(site: &Site) -> Result<BTreeMap<String, Timestamp>, Gap> {
    let path = site.beside(done::SUFFIX);
    done::read(&path).map_err(|error| unreadable(&path, &error))
}

pub(super) fn backup(site: &Site) -> Last {
    Ok(backups(site)?.iter().filter(|entry| entry.is_proven()).map(Entry::created_at).max())
}

pub(super) fn integrity(site: &Site) -> Last {
    if site.settings.backup.verify.integrity_days == 0 {
        return Err(Gap::Off("it is switched off (backup.verify.integrity_days)"));
    }
    proof(site, Depth::Integrity, "last_integrity_check_at")
}

pub(super) fn drill(site: &Site) -> Last {
    if site.settings.backup.verify.drill_days == 0 {
        return Err(Gap::Off("it is switched off (backup.verify.drill_days)"));
    }
    proof(site, Depth::Drill, "last_drill_at")
}

fn backups(site: &Site) -> Result<Vec<Entry>, Gap> {
    site.listed_backups().map_err(|error| unreadable(&site.settings.backup.folder, &error))
}

/// The newest proof of this depth: of backups that are still there, and of those that are not, which backupd keeps under this name.
fn proof(site: &Site, depth: Depth, kept: &str) -> Last {
    let entries = backups(site)?;
    let proofs = entries.iter().flat_map(|entry| &entry.record.verifications);
    let newest = proofs.filter(|proof| proof.depth == depth && proof.outcome == Outcome::Proven).map(|proof| proof.at).max();
    let path = site.settings.backup.folder.join("backupd.json");
    if !is_there(&path)? {
        return Ok(newest);
    }
    let memory = fs::read(&path).map_err(|error| unreadable(&path, &error))?;
    let memory: Option<Value> = serde_json::from_slice(&memory).ok();
    Ok(newest.max(memory.and_then(|memory| memory[kept].as_str()?.parse().ok())))
}

pub(super) fn optimize(site: &Site) -> Last {
    Ok(magnetiq_api::upkeep::last(site.database()).map(Timestamp::from))
}

/// The newest answer in the history of healthd. In another container it has a volume of its own.
pub(super) fn watch(site: &Site) -> Last {
    let history = &site.settings.healthd.database;
    if !is_there(history)? {
        // Units write it on this machine.
        if has_units() {
            return Ok(None);
        }
        let port = site.settings.healthd.port;
        let asked = format!("healthd check --url http://127.0.0.1:{port}/readyz, where healthd runs, tells whether it watches");
        return Err(Gap::Elsewhere(format!("healthd.database is not here; {asked}")));
    }
    let newest = ReadOnlyStore::open(history, Options::default().readers(1)).and_then(|store| {
        let newest = store.read(|conn| Ok(conn.query_row("SELECT max(at) FROM sample", [], |row| row.get::<_, Option<i64>>(0))?));
        newest.wait()
    });
    let newest = newest.map_err(|error| unreadable(history, &error))?;
    Ok(newest.and_then(|milliseconds| Timestamp::from_millisecond(milliseconds).ok()))
}

/// What people wrote down of an item, where they could do it at all.
pub(super) fn by_people(site: &Site, name: &str, written: Option<Timestamp>) -> Last {
    if name == "elsewhere" && written.is_none() && site.settings.backup.targets.is_empty() {
        return Err(Gap::Off("no target is set (backup.targets): backups are lost with this machine"));
    }
    Ok(written)
}
