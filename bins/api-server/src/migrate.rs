//! `api-server migrate`

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, anyhow, bail};
use magnetiq_api::schema;
use magnetiq_config::Settings;
use magnetiq_service::{ResultExt, print};
use magnetiq_storage::{Error, Options, ReadOnlyStore, Rehearsal, Store, WrittenSince};
use serde_json::{Value, json};

use crate::{lost, open};

/// Bring the database's schema up to this program's version
///
/// All or nothing: a failed migration leaves the file as it was. Before a database that holds data is changed, a verified copy is put beside
/// it. `serve` does the same at its start. Where the schema is this program's already, nothing is done, and a server may run.
///
/// Exit codes: 0 done; 1 it failed, or would, or --back-to would lose what was written since; 2 wrong command line.
#[derive(Debug, clap::Args)]
pub(crate) struct Migrate {
    /// Only try it, on a copy that is thrown away; the server may run. Needs the size of the database as free space
    #[arg(long, conflicts_with = "back_to")]
    rehearse: bool,
    /// Go back to this version: the copies from before the migrations since then take the place of the database, one after the other, all or none.
    /// What is replaced is kept beside it
    #[arg(long, value_name = "VERSION")]
    back_to: Option<i64>,
    /// Go back although rows were written since
    #[arg(long, requires = "back_to")]
    discard: bool,
    /// For programs: a JSON object, also of what --back-to refuses to lose
    #[arg(long)]
    json: bool,
}

impl Migrate {
    pub(crate) fn run(self, settings: &Settings) -> anyhow::Result<()> {
        let _log = open::quiet_log()?;
        match self.back_to {
            Some(version) => self.back(settings, version),
            None if self.rehearse => self.rehearsed(settings),
            None => self.forward(settings),
        }
    }

    fn forward(&self, settings: &Settings) -> anyhow::Result<()> {
        if let Some(version) = open::current(settings)? {
            self.say(&json!({ "from": version, "to": version, "applied": [], "copy": null }), &at(settings, version))?;
            return Ok(());
        }
        let (store, migrated) = open::migrated(settings)?;
        let mut text = String::new();
        for migration in &migrated.applied {
            text.push_str(&format!("applied V{} {}\n", migration.version, migration.name));
        }
        if let Some(copy) = &migrated.snapshot {
            text.push_str(&format!("the database as it was before: {}\n", copy.display()));
        }
        text.push_str(&at(settings, migrated.to.unwrap_or(0)));
        let applied: Vec<i64> = migrated.applied.iter().map(|migration| migration.version).collect();
        self.say(&json!({ "from": migrated.from, "to": migrated.to, "applied": applied, "copy": migrated.snapshot }), &text)?;
        Ok(store.close()?)
    }

    fn rehearsed(&self, settings: &Settings) -> anyhow::Result<()> {
        let options = settings.database.options();
        let tried = || {
            let store = ReadOnlyStore::open(&settings.database.path, options)?;
            Ok((schema::plan(&store)?, schema::rehearse(&store)?))
        };
        let (plan, rehearsal) = open::hinted(tried())?;
        let pending: Vec<i64> = plan.pending.iter().map(|step| step.version).collect();
        let broken: Vec<Value> =
            rehearsal.foreign_keys.iter().map(|key| json!({ "table": key.table, "parent": key.parent, "rows": key.rows })).collect();
        let tables: Vec<Value> =
            rehearsal.tables.iter().map(|table| json!({ "name": table.table, "before": table.before, "after": table.after })).collect();
        let milliseconds = |duration: Duration| u64::try_from(duration.as_millis()).unwrap_or(u64::MAX);
        let json = json!({
            "from": plan.from, "to": plan.to, "pending": pending, "milliseconds": milliseconds(rehearsal.duration),
            "writes_wait_ms": milliseconds(rehearsal.writes_wait), "tables": tables, "broken_keys": broken, "way_back": way_back(settings),
        });
        self.say(&json, &told(&rehearsal))?;
        if let Some(key) = rehearsal.foreign_keys.first() {
            bail!("the migrations leave {} rows of {} that point to rows of {} that are not there", key.rows, key.table, key.parent);
        }
        Ok(())
    }

    fn back(&self, settings: &Settings, version: i64) -> anyhow::Result<()> {
        let (path, options) = (&settings.database.path, settings.database.options());
        let store = open::hinted(Store::open(path, options.clone()))?;
        let now = schema::version_of(&store)?.unwrap_or(0);
        if now == version {
            self.say(&json!({ "from": now, "to": version, "replaced": null }), &at(settings, version))?;
            return Ok(store.close()?);
        }
        let written = if self.discard { WrittenSince::Discard } else { WrittenSince::RefuseExcept(schema::DERIVED) };
        let mut replaced: Vec<PathBuf> = Vec::new();
        for copy in copies_from_before(path, now, version, &options)? {
            match store.roll_back(&copy, written) {
                Ok(done) => replaced.push(done.replaced),
                Err(error) => {
                    let lost = match &error {
                        Error::WrittenSince { tables, .. } => Some(lost::rows(&store, &copy, &options, tables.clone())),
                        _ => None,
                    };
                    // All the way or not at all: what was there at first is put back.
                    if let Some(first) = replaced.first() {
                        open::hinted(store.roll_back(first, WrittenSince::Discard))?;
                    }
                    let Some(lost) = lost else { return open::hinted(Err(error)) };
                    let lost = lost?;
                    self.say(&json!({ "from": now, "to": version, "lost": lost::in_json(&lost) }), &lost::in_words(&lost))?;
                    return Err(anyhow!("rows were written since the migration, and going back would lose them"))
                        .hint("--discard goes back all the same; the database with them is kept beside it");
                }
            }
        }
        let kept = replaced.first().context("a version before has a copy")?;
        let text = format!("{}\nwhat it replaced is kept in {}", at(settings, version), kept.display());
        self.say(&json!({ "from": now, "to": version, "replaced": kept }), &text)?;
        Ok(store.close()?)
    }

    fn say(&self, json: &Value, text: &str) -> anyhow::Result<()> {
        if self.json { print(format_args!("{json:#}")) } else { print(text.trim_end()) }
    }
}

/// What going there and back takes of the disk, each as large as the database: the copy from before, the copy of what is replaced, and the log, through
/// which the one from before is written back. `null` where the disk does not tell.
fn way_back(settings: &Settings) -> Value {
    let path = &settings.database.path;
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let (Ok(file), Ok(disk)) = (path.metadata(), rustix::fs::statvfs(folder)) else { return Value::Null };
    if disk.f_blocks == 0 {
        return Value::Null;
    }
    let needed = file.len().saturating_mul(3).saturating_add(settings.database.options().wal_limit_bytes);
    json!({ "needed_bytes": needed, "free_bytes": disk.f_bavail.saturating_mul(disk.f_frsize) })
}

fn at(settings: &Settings, version: i64) -> String {
    format!("{} is at schema version {version}", settings.database.path.display())
}

fn told(rehearsal: &Rehearsal) -> String {
    if rehearsal.applied.is_empty() {
        return "nothing to migrate".to_owned();
    }
    let mut text = String::new();
    for step in &rehearsal.applied {
        text.push_str(&format!("V{} {} runs\n", step.version, step.name));
    }
    for table in rehearsal.tables.iter().filter(|table| table.before != table.after) {
        let count = |rows: Option<u64>| rows.map_or_else(|| "no table".to_owned(), |rows| rows.to_string());
        text.push_str(&format!("rows of {}: {} before, {} after\n", table.table, count(table.before), count(table.after)));
    }
    text.push_str(&format!(
        "writes would wait about {:.1?}, of which the migrations take {:.1?}; it was tried on a copy, and nothing was changed",
        rehearsal.writes_wait, rehearsal.duration
    ));
    text
}

/// The copies that the migrations from the version that is wanted to that of `now` left, the newest first: where one of them is not there, nothing is
/// begun.
fn copies_from_before(path: &Path, now: i64, wanted: i64, options: &Options) -> anyhow::Result<Vec<PathBuf>> {
    if now < wanted {
        bail!("{} is at schema version {now}, which is before {wanted}", path.display());
    }
    let (mut copies, mut at) = (Vec::new(), now);
    while at > wanted {
        let mut name = path.as_os_str().to_owned();
        name.push(format!(".before-v{at}.sqlite3"));
        let copy = PathBuf::from(name);
        if !copy.exists() {
            return Err(anyhow!("there is no {}, which the migration to version {at} would have left", copy.display()))
                .hint("restore a backup from before: backupd list");
        }
        let of = schema::plan(&ReadOnlyStore::open(&copy, options.clone())?)?.from.unwrap_or(0);
        if of < wanted || of >= at {
            bail!("{} is of schema version {of}, not {wanted}", copy.display());
        }
        copies.push(copy);
        at = of;
    }
    Ok(copies)
}
