//! What a restore would replace, and what would be lost.

use std::collections::HashSet;
use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use magnetiq_storage::{Lock, Owner, ReadOnlyStore};

use super::place::{Site, existing};
use super::stage::needs;
use super::{RestoreRequest, What};
use crate::error::Size;
use crate::media::Listing;
use crate::{Backups, Entry, Error, Manifest, Options, Which, archive, catalogue, create, snapshot, space, verify};

/// How many names a plan shows of a long list.
const SHOWN: usize = 5;

/// What a restore would do. Its [`Display`](fmt::Display) is for people.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct RestorePlan {
    /// The backup.
    pub entry: Entry,
    /// What it holds.
    pub manifest: Manifest,
    /// What was asked for.
    pub request: RestoreRequest,
    /// When the plan was made.
    pub at: Timestamp,
    /// The parts that would be put in place.
    pub what: Vec<What>,
    /// What is there now and would be replaced.
    pub replaced: Vec<Replaced>,
    /// Tables that have other rows now than in the backup.
    pub tables: Vec<TableLoss>,
    /// Why the present database could not be looked into.
    pub unreadable: Option<String>,
    /// Media files that only exist now.
    pub media_lost: Vec<String>,
    /// Bytes that are needed, and bytes that are free, for each file system.
    pub space: Vec<(PathBuf, u64, u64)>,
    /// Who has the database open; the restore will refuse.
    pub owner: Option<Owner>,
}

/// Something that would be replaced.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Replaced {
    /// Which part.
    pub what: What,
    /// Where it is.
    pub path: PathBuf,
    /// Size of what is there, with the database's write-ahead log.
    pub bytes_now: u64,
    /// Size of what comes.
    pub bytes_then: u64,
    /// When it was last written to.
    pub modified_at: Option<Timestamp>,
}

/// A table that has other rows now.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct TableLoss {
    /// Its name.
    pub name: String,
    /// Its rows now; `None`: not there.
    pub rows_now: Option<u64>,
    /// Its rows in the backup; `None`: not there.
    pub rows_then: Option<u64>,
}

impl RestorePlan {
    /// How old the backup is.
    pub fn age(&self) -> jiff::SignedDuration {
        self.at.duration_since(self.entry.created_at())
    }
}

pub(crate) fn plan(backups: &Backups, which: &Which, request: RestoreRequest) -> Result<RestorePlan, Error> {
    let options = &backups.options;
    let entry = catalogue::find(backups, which)?;
    let manifest = archive::manifest_of(&entry.path, options)?;
    let name = archive::name_of(&entry.path);
    verify::require_own(backups, &name, &manifest)?;
    if entry.is_partial() && !request.allow_partial {
        return Err(Error::Partial { archive: name, problems: entry.record.problems.len() });
    }
    let what = parts(&request, &manifest, options)?;
    let mut plan = RestorePlan {
        entry,
        manifest,
        request,
        at: options.clock.now(),
        what,
        replaced: Vec::new(),
        tables: Vec::new(),
        unreadable: None,
        media_lost: Vec::new(),
        space: Vec::new(),
        owner: None,
    };
    match plan.request.to.clone() {
        Some(folder) => plan.look_at_space(&folder, Some(&folder)),
        None => plan.look_at_site(backups, &Site::of(options)?),
    }
    Ok(plan)
}

/// The parts that a request wants and the archive has.
pub(super) fn parts(request: &RestoreRequest, manifest: &Manifest, options: &Options) -> Result<Vec<What>, Error> {
    // An archive of a site without media says nothing about the media of this one.
    let has = |what: What| match what {
        What::Config => !manifest.config.is_empty(),
        What::Media => !manifest.media.files.is_empty(),
        What::Database => true,
    };
    let what: Vec<_> = [What::Config, What::Media, What::Database].into_iter().filter(|what| request.wants(*what) && has(*what)).collect();
    if request.to.is_none() && what.contains(&What::Media) && options.media.is_none() {
        let problem = "the backup has media, and there is no media folder: set one, or restore only the database".to_owned();
        return Err(Error::Options { problem });
    }
    if what.is_empty() {
        return Err(Error::Options { problem: "the backup has nothing of what was asked for".to_owned() });
    }
    Ok(what)
}

impl RestorePlan {
    fn look_at_site(&mut self, backups: &Backups, site: &Site) {
        self.owner = Lock::owner(&site.database).ok().flatten();
        let media = site.media.as_deref().filter(|_| self.what.contains(&What::Media));
        if self.what.contains(&What::Database) {
            self.look_at_database(backups, site);
        }
        if let Some(folder) = media {
            let listing = Listing::of(folder);
            let then: HashSet<&str> = self.manifest.media.files.iter().map(|file| file.path.as_str()).collect();
            self.media_lost = listing.files.keys().filter(|path| !then.contains(path.as_str())).cloned().collect();
            let (bytes_now, bytes_then) = (listing.size_bytes(), self.manifest.media.size_bytes());
            self.replaced.push(Replaced {
                what: What::Media,
                path: folder.to_owned(),
                bytes_now,
                bytes_then,
                modified_at: modified(folder),
            });
        }
        if self.what.contains(&What::Config) {
            for (file, path) in config_places(&self.manifest, &backups.options) {
                let bytes_now = fs::metadata(&path).map_or(0, |about| about.len());
                let modified_at = modified(&path);
                self.replaced.push(Replaced { what: What::Config, path, bytes_now, bytes_then: file.size_bytes, modified_at });
            }
        }
        self.look_at_space(&site.database, media);
    }

    fn look_at_database(&mut self, backups: &Backups, site: &Site) {
        let Ok(bytes_now) = create::database_bytes(&site.database) else { return };
        self.replaced.push(Replaced {
            what: What::Database,
            path: site.database.clone(),
            bytes_now,
            bytes_then: self.manifest.database.size_bytes,
            modified_at: modified(&site.database).max(modified(&snapshot::log_of(&site.database))),
        });
        match rows(&site.database, &backups.options) {
            Ok(now) => {
                let then = &self.manifest.database.tables;
                let names: std::collections::BTreeSet<_> =
                    now.iter().map(|(name, _)| name).chain(then.iter().map(|table| &table.name)).collect();
                let losses = names.into_iter().map(|name| TableLoss {
                    name: name.clone(),
                    rows_now: now.iter().find(|(found, _)| found == name).map(|(_, rows)| *rows),
                    rows_then: then.iter().find(|table| table.name == *name).map(|table| table.rows),
                });
                self.tables = losses.filter(|loss| loss.rows_now != loss.rows_then).collect();
            }
            Err(error) => self.unreadable = Some(error.to_string()),
        }
    }

    fn look_at_space(&mut self, database: &Path, media: Option<&Path>) {
        let database = self.what.contains(&What::Database).then_some(database);
        let media = media.filter(|_| self.what.contains(&What::Media));
        for (path, bytes) in needs(&self.manifest, database, media) {
            let place = existing(&path);
            let folder = if place.is_dir() { place } else { place.parent().unwrap_or(place) }.to_owned();
            let free = space::available(&folder).unwrap_or(0);
            self.space.push((folder, bytes, free));
        }
    }
}

/// Rows of each table as they are now, beside whoever writes.
fn rows(database: &Path, options: &Options) -> Result<Vec<(String, u64)>, magnetiq_storage::Error> {
    let store = ReadOnlyStore::open(database, options.storage_options.clone().readers(1))?;
    let counted = store.read(|conn| {
        let mut statement = conn.prepare(
            "SELECT name FROM pragma_table_list WHERE schema = 'main' AND type IN ('table', 'shadow')
             AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'",
        )?;
        let names = statement.query_map([], |row| row.get::<_, String>(0))?.collect::<Result<Vec<_>, _>>()?;
        let count = |name: String| {
            let sql = format!("SELECT count(*) FROM \"{}\"", name.replace('"', "\"\""));
            conn.query_row(&sql, [], |row| row.get::<_, u64>(0)).map(|rows| (name, rows))
        };
        Ok(names.into_iter().map(count).collect::<Result<Vec<_>, _>>()?)
    });
    let counted = counted.wait()?;
    store.close()?;
    Ok(counted)
}

fn modified(path: &Path) -> Option<Timestamp> {
    Timestamp::try_from(fs::metadata(path).ok()?.modified().ok()?).ok()
}

/// Settings files of the archive that the options name: others are not written anywhere, since a path in an archive is only a claim.
pub(super) fn config_places<'m>(manifest: &'m Manifest, options: &Options) -> Vec<(&'m crate::ConfigFile, PathBuf)> {
    let place =
        |file: &crate::ConfigFile| options.config_files.iter().find(|path| path.display().to_string() == file.original_path).cloned();
    manifest.config.iter().filter_map(|file| Some((file, place(file)?))).collect()
}

impl fmt::Display for RestorePlan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let proven = if self.entry.is_proven() { "proven" } else { "NOT proven" };
        writeln!(f, "backup {} of {}, {} old, {proven}", self.manifest.id, self.entry.created_at(), Age(self.age().as_secs()))?;
        let what = list(self.what.iter().map(ToString::to_string));
        match &self.request.to {
            Some(folder) => writeln!(f, "into {}: {what}", folder.display())?,
            None if self.replaced.is_empty() => writeln!(f, "puts in place: {what}; nothing is there now")?,
            None => writeln!(f, "replaces (and keeps aside)")?,
        }
        for part in &self.replaced {
            let (now, then) = (Size(part.bytes_now), Size(part.bytes_then));
            write!(f, "  {:<8}  {}: {now} now, {then} then", part.what.to_string(), part.path.display())?;
            match part.modified_at {
                Some(at) => writeln!(f, ", last written {} ago", Age(self.at.duration_since(at).as_secs()))?,
                None => writeln!(f)?,
            }
        }
        if !self.tables.is_empty() || !self.media_lost.is_empty() {
            writeln!(f, "changes")?;
        }
        for table in &self.tables {
            writeln!(f, "  table {}: {} now, {} then", table.name, Rows(table.rows_now), Rows(table.rows_then))?;
        }
        if !self.media_lost.is_empty() {
            let shown = self.media_lost.iter().take(SHOWN).cloned();
            let more = self.media_lost.len().saturating_sub(SHOWN);
            let more = if more > 0 { format!(" and {more} more") } else { String::new() };
            writeln!(f, "  media that only exist now: {}{more}", list(shown))?;
        }
        if let Some(problem) = &self.unreadable {
            writeln!(f, "  the present database cannot be read: {problem}")?;
        }
        for (path, needed, free) in &self.space {
            writeln!(f, "needs {} in {}, {} are free", Size(*needed), path.display(), Size(*free))?;
        }
        if let Some(owner) = &self.owner {
            writeln!(f, "in use by {} (process {}): stop it first", owner.program, owner.pid)?;
        }
        Ok(())
    }
}

fn list(items: impl Iterator<Item = String>) -> String {
    items.collect::<Vec<_>>().join(", ")
}

struct Rows(Option<u64>);

impl fmt::Display for Rows {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(1) => f.write_str("1 row"),
            Some(rows) => write!(f, "{rows} rows"),
            None => f.write_str("not there"),
        }
    }
}

/// Seconds for people.
struct Age(i64);

impl fmt::Display for Age {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            seconds @ ..120 => write!(f, "{} s", seconds.max(0)),
            seconds @ 120..7_200 => write!(f, "{} min", seconds / 60),
            seconds @ 7_200..172_800 => write!(f, "{} h", seconds / 3_600),
            seconds => write!(f, "{} days", seconds / 86_400),
        }
    }
}
