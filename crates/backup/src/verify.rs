//! Proving a backup by restoring it to scratch.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;
use std::time::Instant;

use magnetiq_storage::rusqlite::{Connection, Error as SqliteError, ErrorCode, ffi};

use crate::archive::{Hashed, Item, Sink, Unpacked, identities, name_of, unpack};
use crate::media::Store;
use crate::priority::Pace;
use crate::progress::{Meter, Report, Step};
use crate::record::{State, place};
use crate::scratch::Scratch;
use crate::{Backups, Database, Depth, Entry, Error, Manifest, MediaMode, Outcome, Proof, Record};
use crate::{durable, media, priority, snapshot, space};

pub(crate) fn verify(backups: &Backups, entry: &Entry, depth: Depth, report: Report) -> Result<Proof, Error> {
    let (at, started) = (backups.options.clock.now(), Instant::now());
    // The first proof belongs to the backup, and whoever waits for that waits for both.
    let first = entry.record.verifications.is_empty();
    let pace = if first { Pace::of(entry.record.summary.reason) } else { Pace::Behind };
    let found = priority::run(pace, report, |report| prove(backups, entry, depth, report));
    let (outcome, problem) = match &found {
        Ok(()) => (Outcome::Proven, None),
        Err(error) if is_the_archives_fault(error) => (Outcome::Failed, Some(chain(error))),
        Err(error) => (Outcome::Inconclusive, Some(chain(error))),
    };
    let duration_ms = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
    let proof = Proof::new(at, depth, outcome, problem, duration_ms, &backups.options.program_version);
    if place(&entry.path).exists() && entry.path.parent() == Some(&backups.options.folder) {
        let recorded = backups.record_proof(&entry.id, proof.clone());
        // What was found matters more than that it could not be written down.
        if found.is_ok() {
            recorded?;
        }
    }
    match found {
        Err(error) if outcome == Outcome::Inconclusive => Err(error),
        _ => Ok(proof),
    }
}

/// Whether the archive would not restore anywhere else either.
pub(crate) fn is_the_archives_fault(error: &Error) -> bool {
    matches!(error, Error::NoArchive { .. } | Error::Damaged { .. } | Error::ForeignApplication { .. })
}

fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        source = cause.source();
    }
    text
}

/// Fails for whatever keeps the backup from being restored.
fn prove(backups: &Backups, entry: &Entry, depth: Depth, report: Report) -> Result<(), Error> {
    let options = &backups.options;
    let name = name_of(&entry.path);
    let damaged = |problem: String| Error::Damaged { archive: name.clone(), problem };
    let scratch = Scratch::create(&options.folder)?;
    let database = scratch.path().join("database.sqlite3");
    let mut file = Hashed::new(File::open(&entry.path).map_err(Error::file("open", &entry.path))?);
    let mut sink = ToScratch { backups, archive: &name, database: &database, meter: Meter::start(report, Step::Unpack, 0) };
    let unpacked = unpack(&name, &mut file, &identities(&options.identities)?, options.threads, &mut sink);
    drop(sink);
    let Unpacked { manifest, .. } = unpacked?;
    let (sha256, _) = file.finish();
    let known = &entry.record.archive.sha256;
    if !known.is_empty() && *known != sha256 {
        return Err(damaged("its hash is not the one in its record".to_owned()));
    }
    if manifest.id != entry.id && !entry.id.is_empty() {
        return Err(damaged(format!("it is the backup {}", manifest.id)));
    }
    let _meter = Meter::start(report, Step::Check, manifest.database.size_bytes);
    let (checked, compared, linked) = std::thread::scope(|scope| {
        let checked = scope.spawn(|| check_database(&database, depth));
        let linked = scope.spawn(|| check_linked(&manifest, &Store::of(&options.folder)));
        (compare(&manifest.database, &database), priority::join(checked), priority::join(linked))
    });
    decide([checked, compared, linked])?.map_or(Ok(()), |problem| Err(damaged(problem)))
}

/// The first thing that is wrong; else the first that could not be looked at.
pub(crate) fn decide<const N: usize>(found: [Result<Option<String>, Error>; N]) -> Result<Option<String>, Error> {
    let mut trouble = None;
    for found in found {
        match found {
            Ok(None) => {}
            Ok(problem) => return Ok(problem),
            Err(error) => trouble = trouble.or(Some(error)),
        }
    }
    trouble.map_or(Ok(None), Err)
}

/// Tells what is wrong with a database from what kept it from being read.
pub(crate) fn told(path: &Path, error: magnetiq_storage::Error) -> Result<Option<String>, Error> {
    let mut cause: Option<&dyn std::error::Error> = Some(&error);
    let mut is_trouble = false;
    while let Some(error) = cause {
        is_trouble |= error.is::<io::Error>() || error.downcast_ref::<SqliteError>().is_some_and(is_of_the_machine);
        cause = error.source();
    }
    if is_trouble { Err(Error::Database { path: path.to_owned(), source: Box::new(error) }) } else { Ok(Some(chain(&error))) }
}

/// Whether SQLite could not get at the file, whatever is in it.
fn is_of_the_machine(error: &SqliteError) -> bool {
    let SqliteError::SqliteFailure(failure, _) = error else { return false };
    match failure.code {
        // A file that ends too early says something of the file.
        ErrorCode::SystemIoFailure => failure.extended_code != ffi::SQLITE_IOERR_SHORT_READ,
        code => matches!(
            code,
            ErrorCode::CannotOpen
                | ErrorCode::PermissionDenied
                | ErrorCode::OutOfMemory
                | ErrorCode::DiskFull
                | ErrorCode::DatabaseBusy
                | ErrorCode::DatabaseLocked
                | ErrorCode::NoLargeFileSupport
        ),
    }
}

/// Writes the database to scratch; the rest is only hashed.
struct ToScratch<'a> {
    backups: &'a Backups,
    archive: &'a str,
    database: &'a Path,
    meter: Meter<'a>,
}

impl Sink for ToScratch<'_> {
    fn begin(&mut self, manifest: &Manifest) -> Result<(), Error> {
        require_own(self.backups, self.archive, manifest)?;
        let media = if manifest.media.mode == MediaMode::Full { manifest.media.size_bytes() } else { 0 };
        self.meter.expect(manifest.database.size_bytes + media);
        let folder = self.database.parent().unwrap_or(self.database);
        space::require(folder, "a verification", manifest.database.size_bytes + (16 << 20))
    }

    fn item(&mut self, _: &Manifest, item: Item<'_>, input: &mut dyn Read) -> Result<(), Error> {
        let mut out = match item {
            Item::Database(_) => Some(durable::create_private(self.database).map_err(Error::file("create", self.database))?),
            _ => None,
        };
        let mut buffer = vec![0; 128 << 10];
        // An error of reading is told by the reader of the archive.
        while let Ok(bytes @ 1..) = input.read(&mut buffer) {
            if let Some(file) = &mut out {
                io::Write::write_all(file, &buffer[..bytes]).map_err(Error::file("write", self.database))?;
            }
            self.meter.add(bytes as u64);
        }
        Ok(())
    }
}

/// Refuses the database of another application.
pub(crate) fn require_own(backups: &Backups, archive: &str, manifest: &Manifest) -> Result<(), Error> {
    let found = manifest.database.application_id;
    match backups.options.storage_options.application_id {
        Some(expected) if found != expected && found != 0 => {
            Err(Error::ForeignApplication { archive: archive.to_owned(), found, expected })
        }
        _ => Ok(()),
    }
}

/// What SQLite finds wrong, if anything.
pub(crate) fn check_database(path: &Path, depth: Depth) -> Result<Option<String>, Error> {
    let check = || -> Result<Option<String>, magnetiq_storage::Error> {
        let conn = snapshot::open_copy(path).map_err(magnetiq_storage::Error::abort)?;
        let pragma = if depth == Depth::Restore { "PRAGMA quick_check(1)" } else { "PRAGMA integrity_check(1)" };
        let answer: String = conn.query_row(pragma, [], |row| row.get(0))?;
        if answer != "ok" {
            return Ok(Some(format!("the database is damaged: {answer}")));
        }
        Ok(foreign_keys(&conn)?.map(|table| format!("rows of {table} point to rows that are not there")))
    };
    check().or_else(|error| told(path, error))
}

fn foreign_keys(conn: &Connection) -> magnetiq_storage::rusqlite::Result<Option<String>> {
    let mut statement = conn.prepare("PRAGMA foreign_key_check")?;
    let mut rows = statement.query([])?;
    rows.next()?.map(|row| row.get(0)).transpose()
}

/// What differs from the manifest, if anything. A copy that was cut short opens as an empty database that SQLite finds nothing wrong with.
pub(crate) fn compare(expected: &Database, path: &Path) -> Result<Option<String>, Error> {
    match snapshot::describe(path) {
        Ok(found) => Ok(difference(expected, &found)),
        Err(Error::Database { source, .. }) => told(path, *source),
        Err(error) => Err(error),
    }
}

fn difference(expected: &Database, found: &Database) -> Option<String> {
    if expected.is_damaged() {
        return Some("the database could not be read whole when it was backed up".to_owned());
    }
    if (found.page_count, found.page_size) != (expected.page_count, expected.page_size) {
        let (pages, wanted) = (found.page_count, expected.page_count);
        return Some(format!(
            "the database has {pages} pages of {} bytes, {wanted} of {} were backed up",
            found.page_size, expected.page_size
        ));
    }
    if found.schema_hash != expected.schema_hash || found.schema_version != expected.schema_version {
        return Some("the schema of the database is not the one that was backed up".to_owned());
    }
    if found.application_id != expected.application_id {
        return Some(format!("the database has the application_id {}, it was {}", found.application_id, expected.application_id));
    }
    let different = expected.tables.iter().find(|table| !found.tables.contains(table));
    different
        .map(|table| format!("the rows of table {} are not those that were backed up ({} rows)", table.name, table.rows))
        .or_else(|| (found.tables.len() != expected.tables.len()).then(|| "the database has more tables than were backed up".to_owned()))
}

/// What is wrong with the linked media, if anything.
fn check_linked(manifest: &Manifest, store: &Store) -> Result<Option<String>, Error> {
    let linked = manifest.media.files.iter().filter(|_| manifest.media.mode == MediaMode::Linked);
    let (mut bad, mut trouble) = (Vec::new(), None);
    for file in linked {
        match store.is_whole(file, &mut |_| ()) {
            Ok(true) => {}
            Ok(false) => bad.push(format!("{} is missing or damaged", file.path)),
            Err(error) => trouble = trouble.or(Some(error)),
        }
    }
    match (bad.first(), trouble) {
        (None, Some(error)) => Err(error),
        (first, _) => Ok(first.map(|first| format!("{} of the linked media cannot be restored, such as: {first}", bad.len()))),
    }
}

/// Makes the record of an archive that has none, from the archive, and the list of its media. Reads all of it.
pub(crate) fn describe(backups: &Backups, path: &Path) -> Result<Record, Error> {
    let name = name_of(path);
    let mut file = Hashed::new(File::open(path).map_err(Error::file("open", path))?);
    let Unpacked { manifest, seal } =
        unpack(&name, &mut file, &identities(&backups.options.identities)?, backups.options.threads, &mut Nowhere)?;
    let (sha256, size_bytes) = file.finish();
    media::note(path, &manifest)?;
    let mut record = Record::unproven(path, &manifest, sha256, size_bytes);
    record.state = if seal.unreadable.is_empty() { State::Complete } else { State::Partial };
    record.problems = seal.unreadable;
    record.vanished = seal.vanished;
    Ok(record)
}

/// Only the hashes matter.
struct Nowhere;

impl Sink for Nowhere {
    fn begin(&mut self, _: &Manifest) -> Result<(), Error> {
        Ok(())
    }

    fn item(&mut self, _: &Manifest, _: Item<'_>, _: &mut dyn Read) -> Result<(), Error> {
        Ok(())
    }
}
