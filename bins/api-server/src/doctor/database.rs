//! The database file.

use std::ffi::OsStr;
use std::fs;
use std::ops::ControlFlow;
use std::os::unix::ffi::OsStrExt;
use std::path::PathBuf;

use magnetiq_backup::Entry;
use magnetiq_doctor::{Finding, Outcome, Seen, quoted};
use magnetiq_health::Value;
use magnetiq_health::checks::DatabaseSize;
use magnetiq_service::chain;
use magnetiq_storage::rusqlite::Connection;
use magnetiq_storage::{Check, Error, ReadOnlyStore, Store};

use super::folders;
use super::lock::ending;
use super::look::look;
use super::program::restart;
use super::settings::set;
use super::site::Site;
use crate::open;

const RESTORE: &str = "backupd restore proven";
const ADVICE_RESTORE: &str = "Look at database.path first: it may name the wrong file. Stop the server before you restore; what was there is kept \
    aside, and `backupd restore --undo` brings it back.";
const WHY_WHOLE: &str = "The server refuses a file that it can not trust: nothing of the site works.";

/// Whether it can be opened, is ours, and has a write-ahead log.
pub(super) fn opens(site: &Site) -> Outcome {
    let path = site.database();
    if path.is_dir() {
        let seen = format!("{} is a folder, and no database", path.display());
        let advice = "Docker makes such a folder where a file was to be mounted that is not there. Or name a file in it: database.path.";
        let aside = format!("mv {} {}", quoted(path), quoted(site.beside(".moved")));
        return Seen::saying(seen.clone()).with(Finding::error(seen, WHY_WHOLE).advice(advice).command(aside)).into();
    }
    if let Some(skipped) = none_yet(site) {
        return skipped;
    }
    let opened = site
        .read_only()
        .and_then(|store| store.read(|conn| Ok(conn.pragma_query_value(None, "journal_mode", |row| row.get::<_, String>(0))?)).wait());
    let database = path.display();
    match opened {
        Err(error) => Seen::saying("it can not be read").with(unreadable(site, &error)).into(),
        Ok(mode) if mode == "wal" => Seen::saying(format!("{database} answers, with a write-ahead log")).into(),
        Ok(mode) => {
            let seen = format!("the journal mode of {database} is {mode}, and no write-ahead log");
            let why = "Readers and the writer wait for each other, and an unclean end takes longer to mend. The server switches it on at its start.";
            let finding = Finding::warning(seen.clone(), why);
            Seen::saying(seen)
                .with(if site.owner().is_none() { safely_opened(site, finding, "database") } else { finding.command(restart()) })
                .into()
        }
    }
}

/// Why there is nothing to look into.
pub(super) fn none_yet(site: &Site) -> Option<Outcome> {
    let why = match site.database() {
        path if path.is_file() => return None,
        path if path.exists() => "it is no file",
        _ if size_of_log(site) > 0 => "there is no database, only its write-ahead log",
        _ => "there is no database yet; the server makes it at its start",
    };
    Some(Outcome::skipped(why))
}

fn size_of_log(site: &Site) -> u64 {
    fs::metadata(site.beside("-wal")).map_or(0, |about| about.len())
}

/// Opening the store as its owner, and closing it, switches the log on and brings into the database what is in it. With the SQLite of this
/// program, and its lock: that of the machine may be missing, or one that damages what a server writes that was started meanwhile.
fn safely_opened(site: &Site, finding: Finding, check: &str) -> Finding {
    let (path, options) = (site.database().to_owned(), site.settings.database.options());
    finding.command(format!("api-server doctor --only {check} --fix")).safe(move || {
        let store = Store::open(path, options)?;
        store.checkpoint()?;
        Ok(store.close()?)
    })
}

fn unreadable(site: &Site, error: &Error) -> Finding {
    let path = quoted(site.database());
    let finding =
        Finding::error(chain(error), WHY_WHOLE).advice(open::what_to_do(error).unwrap_or("look at the file, its folder and its disk"));
    match error {
        // A restore keeps what it replaces, with its log, and touches nothing where it cannot be done.
        Error::Damaged { .. } | Error::NotADatabase { .. } => finding.advice(ADVICE_RESTORE).command(RESTORE),
        Error::ForeignUser { .. } => match fs::metadata(site.database()) {
            Ok(about) => folders::of_another(site, finding, site.data_folder(), &about),
            Err(_) => finding.command(format!("ls -l {path}")),
        },
        Error::LogUnreadable { .. } => finding.command(format!("chmod u+w {}", quoted(site.data_folder()))),
        Error::ForeignApplication { .. } => finding.command(set("database.path", &quoted(site.database().with_file_name("site.sqlite3")))),
        error if error.is_busy() => {
            let advice = "A shell in which somebody left a transaction open: end it there. What it has not committed is lost.";
            finding.advice(advice).command(ending(site.database()))
        }
        _ => finding.command(format!("ls -l {path}; df -h {path}")),
    }
}

/// Reads every page, and follows every key.
pub(super) fn quick_check(site: &Site) -> Outcome {
    if let Some(skipped) = none_yet(site) {
        return skipped;
    }
    let checked = site.read_only().and_then(|store| {
        let pages = store.check(Check::Quick, |_| ControlFlow::Continue(()))?;
        // Keys of damaged pages say nothing.
        let keys = if pages.is_ok() { Some(store.check(Check::ForeignKeys, |_| ControlFlow::Continue(()))?) } else { None };
        Ok((pages, keys))
    });
    match checked {
        Err(error) => Seen::saying("it can not be read").with(unreadable(site, &error)).into(),
        Ok((pages, keys)) => {
            let took = pages.duration + keys.as_ref().map(|keys| keys.duration).unwrap_or_default();
            let damaged = pages.findings.first().map(|first| {
                let seen = format!("the database is damaged: {}", first.replace('\n', " "));
                let why = "What is written to damaged pages is lost, and reading them gives errors or wrong rows.";
                let advice = "Stop the server first, and keep the file for a rescue. The disk may be dying: look at dmesg.";
                Finding::error(seen, why).advice(advice).command(RESTORE)
            });
            let broken = keys.iter().flat_map(|keys| &keys.findings).map(|said| {
                let why = "A program that knows nothing of the rules has written to the database: parts of the site show errors.";
                Finding::error(said.clone(), why)
                    .advice("Stop the server first. What was written since that backup is lost with it.")
                    .command(RESTORE)
            });
            Seen::saying(format!("every page was read in {}", Value::Seconds(took.as_secs_f64()))).with_all(damaged).with_all(broken).into()
        }
    }
}

/// Whether the schema is that of this program.
pub(super) fn migrations(site: &Site) -> Outcome {
    if let Some(skipped) = none_yet(site) {
        return skipped;
    }
    let why = "A program does not serve on a schema that it was not written for.";
    match site.read_only().and_then(|store| magnetiq_api::schema::plan(&store)) {
        Err(error) => {
            let finding = Finding::error(chain(&error), why).advice(open::what_to_do(&error).unwrap_or("look at the database first"));
            Seen::saying("the history does not fit").with(finding.command(back(site, &error))).into()
        }
        Ok(plan) => {
            let version = plan.from.map_or_else(|| "no version yet".to_owned(), |version| format!("version {version}"));
            let pending = (!plan.pending.is_empty()).then(|| {
                let names: Vec<String> = plan.pending.iter().map(|step| format!("V{}__{}", step.version, step.name)).collect();
                let seen = format!("{} migrations are pending, the first is {}", names.len(), names[0]);
                Finding::warning(seen, why).advice("The server does it at its start, after a verified copy.").command("api-server migrate")
            });
            Seen::saying(format!("the schema has {version}")).with_all(pending).into()
        }
    }
}

/// To a backup that this program understands, where there is one.
fn back(site: &Site, error: &Error) -> String {
    let fits = |entry: &&Entry| match error {
        Error::NewerSchema { supported, .. } => {
            entry.is_proven() && entry.record.summary.schema_version.is_some_and(|version| version <= *supported)
        }
        _ => false,
    };
    match site.backups().iter().find(fits) {
        Some(entry) => format!("backupd restore {}", entry.id),
        None => format!("ls -l {}.before-v*.sqlite3", quoted(site.database())),
    }
}

/// How many times its limit the log may have before somebody should look: the limit is tried again with each thousand pages.
const LOG_FACTOR: u64 = 4;

/// The write-ahead log: left over without a server, or kept from being used again beside one.
pub(super) fn log(site: &Site) -> Outcome {
    let log = site.beside("-wal");
    let size = size_of_log(site);
    let seen = Seen::saying(format!("{} has {}", log.display(), Value::Bytes(size))).with_all(logs_of_others(site));
    if size > 0 && !site.database().exists() {
        let what = format!("{} has {}, and its database is not there", log.display(), Value::Bytes(size));
        let why = "The last writes are in it. A server that starts keeps it under another name, and begins an empty site; other programs have SQLite delete it.";
        let advice = "Do not start the server. Put the database back beside it, under its name: then nothing is lost. Until then, a copy.";
        let (log, folder) = (quoted(&log), quoted(site.data_folder()));
        let command = format!("cp -p {log} {log}.kept\nls -la {folder}");
        return seen.with(Finding::error(what, why).advice(advice).command(command)).into();
    }
    let limit = site.settings.database.options().wal_limit_bytes;
    if site.owner().is_none() && size > 0 {
        let what = format!("no server runs, and {} has {}", log.display(), Value::Bytes(size));
        let why =
            "The last end was not a clean one. Nothing is lost, but a copy of the database without this file would miss what is in it.";
        return seen.with(safely_opened(site, Finding::warning(what, why), "wal")).into();
    }
    if size <= limit.saturating_mul(LOG_FACTOR) {
        return seen.into();
    }
    let what = format!("{} has {}, and should stay near {}", log.display(), Value::Bytes(size), Value::Bytes(limit));
    let why = "A reader that stays open keeps the log from being used again: it grows with each write until the disk is full.";
    let advice = "End what reads: a shell that was left open, a backup that hangs. Then the next writes cut the log.";
    seen.with(Finding::warning(what, why).advice(advice).command(ending(site.database()))).into()
}

/// What was kept of databases that lost their name without their log. No program looks for it under the name that it has now.
fn logs_of_others(site: &Site) -> Vec<Finding> {
    let entries = fs::read_dir(site.data_folder()).into_iter().flatten().flatten();
    let mut kept: Vec<_> = entries.filter(|entry| is_kept_log(site, &entry.file_name())).map(|entry| entry.path()).collect();
    kept.retain(|log| fs::metadata(log).is_ok_and(|about| about.len() > 0));
    kept.sort();
    let finding = |log: PathBuf| {
        let seen = format!("{} has commits of a database that was moved away or replaced", log.display());
        let advice = "Nothing is lost. Put it beside that one, as its name and -wal, before that is opened again; or move it away.";
        let why = "That one is not whole without it: whoever opens it misses its last writes.";
        Finding::warning(seen, why).advice(advice).command(format!("ls -la {}", quoted(site.data_folder())))
    };
    kept.into_iter().map(finding).collect()
}

/// `site.sqlite3-wal.replaced-1`, `site.sqlite3-journal.outgoing.replaced-2`.
fn is_kept_log(site: &Site, name: &OsStr) -> bool {
    let database = site.database().file_name().unwrap_or_default().as_bytes();
    let rest = name.as_bytes().strip_prefix(database).and_then(|rest| str::from_utf8(rest).ok());
    let Some((of, number)) = rest.and_then(|rest| rest.split_once(".replaced-")) else { return false };
    let suffix = of.strip_suffix(".outgoing").unwrap_or(of);
    ["-wal", "-journal"].contains(&suffix) && number.bytes().all(|byte| byte.is_ascii_digit())
}

/// Against the size up to which this installation is promised to work.
pub(super) fn size(site: &Site) -> Outcome {
    if let Some(skipped) = none_yet(site) {
        return skipped;
    }
    let limit = site.settings.health.database_limit_bytes;
    let opened = site.read_only().and_then(|store| Ok((bytes(&store)?, store)));
    match opened {
        Err(error) => Outcome::skipped(format!("it can not be read: {}", chain(&error))),
        Ok((bytes, store)) => {
            let mut seen = look("database-size", DatabaseSize::of_another(store, site.clock.clone()).limit_bytes(limit));
            let raise = set("health.database_limit_bytes", &limit.max(bytes).saturating_mul(2).to_string());
            seen.findings = seen.findings.into_iter().map(|finding| finding.command(raise.clone())).collect();
            seen.into()
        }
    }
}

/// All pages, those in the log, too.
fn bytes(store: &ReadOnlyStore) -> Result<u64, Error> {
    let number = |conn: &Connection, name| conn.pragma_query_value(None, name, |row| row.get::<_, u32>(0).map(u64::from));
    store.read(move |conn| Ok(number(conn, "page_count")? * number(conn, "page_size")?)).wait()
}
