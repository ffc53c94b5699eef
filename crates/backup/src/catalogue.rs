//! What backups there are: the archives in the folder and the records beside them.

use std::fmt;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use jiff::fmt::strtime;
use jiff::tz::Offset;
use jiff::{SignedDuration, Timestamp};

use crate::lock::Lock;
use crate::priority::Pace;
use crate::record::{place, stem};
use crate::{Backups, Depth, Entry, Error, Outcome, Proof, Record, archive, durable, priority, verify};

/// Which backup is meant.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Which {
    /// The newest.
    Latest,
    /// The newest one that is proven.
    LatestProven,
    /// The one whose id begins so.
    Id(String),
    /// An archive anywhere.
    File(PathBuf),
}

impl fmt::Display for Which {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Which::Latest => f.write_str("at all"),
            Which::LatestProven => f.write_str("that is proven"),
            Which::Id(id) => f.write_str(id),
            Which::File(path) => write!(f, "{}", path.display()),
        }
    }
}

/// Id and file name of each archive of `name` in `folder`, the newest first.
pub(crate) fn archives(folder: &Path, name: &str) -> Result<Vec<(String, PathBuf)>, Error> {
    let trouble = Error::file("read the folder", folder);
    let mut found = Vec::new();
    let entries = match fs::read_dir(folder).and_then(Iterator::collect::<io::Result<Vec<_>>>) {
        Ok(entries) => entries,
        Err(source) => return Err(trouble(source)),
    };
    for entry in entries {
        let file_name = entry.file_name();
        let Some(file_name) = file_name.to_str() else { continue };
        let id = stem(file_name).strip_prefix(name).and_then(|rest| rest.strip_prefix('-'));
        if let Some(id) = id.filter(|id| stem(file_name) != file_name && moment(id).is_some()) {
            found.push((id.to_owned(), entry.path()));
        }
    }
    found.sort_by(|a, b| b.cmp(a));
    Ok(found)
}

/// Every archive in `folder`, whatever its name.
pub(crate) fn all_archives(folder: &Path) -> Result<Vec<PathBuf>, Error> {
    let entries = fs::read_dir(folder).and_then(Iterator::collect::<io::Result<Vec<_>>>).map_err(Error::file("read the folder", folder))?;
    let paths = entries.into_iter().map(|entry| entry.path());
    Ok(paths.filter(|path| path.file_name().and_then(|name| name.to_str()).is_some_and(|name| stem(name) != name)).collect())
}

const ID: &str = "%Y%m%dT%H%M%SZ";

/// The moment that an id like `20261123T020000Z` names.
pub(crate) fn moment(id: &str) -> Option<Timestamp> {
    let digits = id.len() == 16 && id.bytes().enumerate().all(|(at, byte)| [8, 15].contains(&at) || byte.is_ascii_digit());
    let named = digits.then(|| strtime::parse(ID, id).ok()?.to_datetime().ok())??;
    Offset::UTC.to_timestamp(named).ok()
}

/// Id and sequence of the next backup: now, but always after the newest one, whatever the clock says. The caller holds the lock.
pub(crate) fn next(backups: &Backups) -> Result<(String, u64), Error> {
    let now = backups.options.clock.now();
    let known = archives(&backups.options.folder, &backups.options.name)?;
    let Some((newest, path)) = known.first() else { return Ok((now.strftime(ID).to_string(), 1)) };
    let after = moment(newest).map_or(now, |at| at.saturating_add(SignedDuration::from_secs(1)).unwrap_or(at));
    // A record that cannot be read costs the number, not the backup.
    let before = entry(backups, newest, path).map_or(known.len() as u64, |entry| entry.record.summary.sequence);
    Ok((now.max(after).strftime(ID).to_string(), before + 1))
}

pub(crate) fn list(backups: &Backups) -> Result<Vec<Entry>, Error> {
    let mut entries = Vec::new();
    for (id, path) in archives(&backups.options.folder, &backups.options.name)? {
        let seen = Seen::of(&path);
        if backups.hopeless().get(&path).is_some_and(|before| *before == seen) {
            continue;
        }
        match entry(backups, &id, &path) {
            Ok(entry) => entries.push(entry),
            // Removed by a prune meanwhile.
            Err(Error::File { source, .. }) if source.kind() == io::ErrorKind::NotFound => {}
            Err(error) => {
                tracing::warn!(error = &error as &dyn std::error::Error, path = %path.display(), "an archive cannot be read and is not listed");
                if verify::is_the_archives_fault(&error) {
                    backups.hopeless().insert(path, seen);
                }
            }
        }
    }
    Ok(entries)
}

/// What tells whether an archive and its record are as they were: what was read in vain, which may have taken minutes, is not read again.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Seen([Option<(u64, SystemTime)>; 2]);

impl Seen {
    fn of(path: &Path) -> Self {
        Self([path, &place(path)].map(|path| fs::metadata(path).ok().and_then(|about| Some((about.len(), about.modified().ok()?)))))
    }
}

pub(crate) fn find(backups: &Backups, which: &Which) -> Result<Entry, Error> {
    let missing = || Error::NotFound { which: which.to_string(), folder: backups.options.folder.clone() };
    match which {
        Which::Latest => list(backups)?.into_iter().next().ok_or_else(missing),
        Which::LatestProven => list(backups)?.into_iter().find(Entry::is_proven).ok_or_else(missing),
        Which::File(path) => match read_record(path)? {
            Found::Whole(mut record) => {
                let size_bytes = fs::metadata(path).map_err(Error::file("read", path))?.len();
                doubt(backups, path, &mut record, size_bytes);
                Ok(Entry { id: record.summary.id.clone(), path: path.clone(), record: *record })
            }
            Found::Damaged | Found::Nothing => {
                let manifest = archive::manifest_of(path, &backups.options)?;
                let size_bytes = fs::metadata(path).map_err(Error::file("read", path))?.len();
                let record = Record::unproven(path, &manifest, String::new(), size_bytes);
                Ok(Entry { id: manifest.id, path: path.clone(), record })
            }
        },
        Which::Id(prefix) => {
            let mut fitting: Vec<_> = archives(&backups.options.folder, &backups.options.name)?;
            fitting.retain(|(id, _)| !prefix.is_empty() && id.starts_with(prefix.as_str()));
            match fitting.as_slice() {
                [] => Err(missing()),
                [(id, path)] => entry(backups, id, path),
                many => Err(Error::Ambiguous { which: prefix.clone(), found: many.iter().map(|(id, _)| id.clone()).collect() }),
            }
        }
    }
}

/// Reads the record of an archive, or makes it anew, which reads the whole archive: without its seal it is none.
fn entry(backups: &Backups, id: &str, path: &Path) -> Result<Entry, Error> {
    let size_bytes = fs::metadata(path).map_err(Error::file("read", path))?.len();
    let mut record = match read_record(path)? {
        Found::Whole(record) => *record,
        found => made_anew(backups, path, matches!(found, Found::Damaged))?,
    };
    doubt(backups, path, &mut record, size_bytes);
    Ok(Entry { id: id.to_owned(), path: path.to_owned(), record })
}

/// What is no longer as long as it was is no longer what was proven.
fn doubt(backups: &Backups, path: &Path, record: &mut Record, size_bytes: u64) {
    if record.archive.size_bytes == size_bytes {
        return;
    }
    let problem = format!("the archive has {size_bytes} bytes, it had {}", record.archive.size_bytes);
    tracing::warn!(path = %path.display(), problem, "an archive is not the one that its record tells of");
    let (at, version) = (backups.options.clock.now(), &backups.options.program_version);
    record.verifications.push(Proof::new(at, Depth::Restore, Outcome::Failed, Some(problem), 0, version));
}

/// The record of an archive that has none, or a damaged one: then nobody knows whether it was pinned, and it stays.
fn made_anew(backups: &Backups, path: &Path, was_damaged: bool) -> Result<Record, Error> {
    let mut record = priority::run(Pace::Behind, &mut |_| (), |_| verify::describe(backups, path))?;
    record.pinned = was_damaged;
    let kept = Lock::of_records(&backups.options.folder, &backups.options.program).and_then(|_lock| match read_record(path)? {
        // Somebody was quicker, and may have written more.
        Found::Whole(record) => Ok(Some(record)),
        _ => save(path, &record).map(|()| None),
    });
    match kept {
        Ok(Some(newer)) => Ok(*newer),
        Ok(None) => Ok(record),
        Err(error) => {
            // Where it cannot be kept it is made again the next time.
            tracing::warn!(error = &error as &dyn std::error::Error, "a record cannot be written");
            Ok(record)
        }
    }
}

/// What there is of a record.
enum Found {
    Whole(Box<Record>),
    Damaged,
    Nothing,
}

/// The record beside an archive. One that cannot be read may be all right, and is not for anybody to replace.
fn read_record(path: &Path) -> Result<Found, Error> {
    let place = place(path);
    let text = match fs::read(&place) {
        Ok(text) => text,
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(Found::Nothing),
        Err(source) => return Err(Error::File { action: "read the record", path: place, source }),
    };
    Ok(match serde_json::from_slice(&text) {
        Ok(record) => Found::Whole(Box::new(record)),
        Err(error) => {
            tracing::warn!(error = &error as &dyn std::error::Error, path = %place.display(), "a record is damaged");
            Found::Damaged
        }
    })
}

/// How many media files an archive names, where its record tells.
pub(crate) fn media_files(path: &Path) -> Option<u64> {
    match read_record(path) {
        Ok(Found::Whole(record)) => Some(record.summary.media_files),
        _ => None,
    }
}

/// The newest record that fits: what a new backup is compared with.
pub(crate) fn newest_record(backups: &Backups, fits: impl Fn(&Record) -> bool) -> Result<Option<Record>, Error> {
    for (_, path) in archives(&backups.options.folder, &backups.options.name)? {
        if let Ok(Found::Whole(record)) = read_record(&path)
            && fits(&record)
        {
            return Ok(Some(*record));
        }
    }
    Ok(None)
}

/// Writes the record of the archive `path` durably.
pub(crate) fn save(path: &Path, record: &Record) -> Result<(), Error> {
    let record_path = place(path);
    let mut text = serde_json::to_vec_pretty(record).map_err(|source| Error::Record { path: record_path.clone(), source })?;
    text.push(b'\n');
    durable::write(&record_path, &text).map_err(Error::file("write", &record_path))
}

/// Changes the record of a backup, alone.
pub(crate) fn change(backups: &Backups, id: &str, change: impl FnOnce(&mut Record)) -> Result<Entry, Error> {
    // Made anew here where it must be: that takes the lock, and may take long.
    let mut entry = find(backups, &Which::Id(id.to_owned()))?;
    let _lock = Lock::of_records(&backups.options.folder, &backups.options.program)?;
    if let Found::Whole(record) = read_record(&entry.path)? {
        entry.record = *record;
    }
    change(&mut entry.record);
    save(&entry.path, &entry.record)?;
    Ok(entry)
}
