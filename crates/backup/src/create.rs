//! Making a backup: copy of the database first, then the media, then the archive.

use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use magnetiq_storage::Hold;
use sha2::{Digest, Sha256};

use crate::archive::{Output, Writer, hash_file, packing_of};
use crate::lock::Lock;
use crate::manifest::{ConfigFile, FORMAT_VERSION, Media, Seal};
use crate::media::{self, Gathered, Listing, Store};
use crate::priority::Pace;
use crate::progress::{Meter, Report, Step};
use crate::record::{ArchiveFile, EMPTIED, Record, State, Summary};
use crate::scratch::Scratch;
use crate::{
    Backups, Compression, Database, Entry, Error, Manifest, MediaMode, Options, Problem, Request, catalogue, durable, priority, snapshot,
    space, verify,
};

pub(crate) fn create(backups: &Backups, request: &Request, report: Report) -> Result<Entry, Error> {
    priority::run(Pace::of(request.reason), report, |report| {
        let options = &backups.options;
        let _lock = Lock::wait(&options.folder, &options.program)?;
        let scratch = Scratch::create(&options.folder)?;
        let (id, sequence) = catalogue::next(backups)?;
        let prepared = prepare(backups, &scratch, request, Name { id, sequence }, report)?;
        let temporary = scratch.path().join("archive");
        let file = durable::create_private(&temporary).map_err(Error::file("create", &temporary))?;
        durable::give_to_owner(&file, &options.folder).map_err(Error::file("give away", &temporary))?;
        let out = Output::new(file);
        let (seal, out) = write(&prepared, options, out, report)?;
        let (sha256, size_bytes) = out.finish().map_err(|source| Error::Write { source })?;
        let manifest = prepared.manifest;
        let file = file_name(options, &manifest.id);
        let path = options.folder.join(&file);
        let record = Record {
            archive: ArchiveFile { file, sha256, size_bytes },
            summary: Summary::from(&manifest),
            state: if seal.unreadable.is_empty() { State::Complete } else { State::Partial },
            problems: seal.unreadable,
            vanished: seal.vanished,
            pinned: request.pinned,
            verifications: Vec::new(),
            copies: Vec::new(),
        };
        // A record without an archive is not listed; the archive comes last, and is listed with all that belongs to it.
        media::note(&path, &manifest)?;
        catalogue::save(&path, &record)?;
        fs::rename(&temporary, &path).map_err(Error::file("put in place", &path))?;
        durable::sync_parent(&path).map_err(Error::file("sync the folder of", &path))?;
        Ok(Entry { id: manifest.id, path, record })
    })
}

fn file_name(options: &Options, id: &str) -> String {
    let kind = match options.compression {
        Compression::Gzip => "tar.gz",
        Compression::Zstd => "tar.zst",
    };
    let age = if options.recipients.is_empty() { "" } else { ".age" };
    format!("{}-{id}.{kind}{age}", options.name)
}

/// What a backup is called.
pub(crate) struct Name {
    pub(crate) id: String,
    pub(crate) sequence: u64,
}

/// Everything that an archive will have, read and hashed.
pub(crate) struct Prepared {
    pub(crate) manifest: Manifest,
    database: PathBuf,
    media_folder: PathBuf,
    config: Vec<Vec<u8>>,
    problems: Vec<Problem>,
    vanished: Vec<String>,
    /// Held until the last file was read: meanwhile a server that asks for it deletes no file whose row may be in the copy.
    _hold: Option<Hold>,
}

/// Best effort: without it a file may be missing that was deleted meanwhile, and is noted.
fn hold(database: &Path) -> Option<Hold> {
    let held = Hold::take(database);
    held.inspect_err(|error| tracing::warn!(error = error as &dyn std::error::Error, "files may be deleted while they are copied")).ok()
}

/// Copies the database to scratch and hashes everything. Linked media are in the store afterwards.
pub(crate) fn prepare(backups: &Backups, scratch: &Scratch, request: &Request, name: Name, report: Report) -> Result<Prepared, Error> {
    let options = &backups.options;
    let created_at = options.clock.now();
    let mode = request.media.unwrap_or(options.media_mode);
    options.check_media(mode)?;
    let store = Store::of(&options.folder);
    let source = snapshot::source(backups)?.path().to_owned();
    // A database beside media of another day would be a backup of neither.
    backups.repair()?;
    let hold = hold(&source);
    // Listed before and after: a file that a row of the copy names is in one of the two.
    let mut listing = options.media.as_deref().map(Listing::of).unwrap_or_default();
    let database_bytes = database_bytes(&source)?;
    let media_bytes = match mode {
        MediaMode::Full => listing.size_bytes(),
        MediaMode::Linked => listing.missing_bytes(&store),
    };
    // The copy, and an archive that is rarely more than half as large.
    space::require(&options.folder, "a backup", database_bytes + database_bytes / 2 + media_bytes + (16 << 20))?;
    let database = scratch.path().join("database.sqlite3");
    let meter = Meter::start(report, Step::Snapshot, 0);
    snapshot::take(backups, &database)?;
    drop(meter);
    if let Some(folder) = &options.media {
        listing.add(folder);
    }
    let (described, hashed, gathered) = std::thread::scope(|scope| {
        let described = scope.spawn(|| snapshot::describe(&database));
        let hashed = scope.spawn(|| hash_file(&database, &mut |_| ()).map_err(Error::file("read", &database)));
        let mut meter = Meter::start(report, Step::Media, listing.size_bytes());
        let kept = (mode == MediaMode::Linked).then_some((&store, scratch.path()));
        let gathered = match &options.media {
            Some(folder) => media::gather(folder, listing, kept, &mut meter),
            None => Ok(Gathered::default()),
        };
        drop(meter);
        let _meter = Meter::start(report, Step::Fingerprint, 0);
        (priority::join(described), priority::join(hashed), gathered)
    });
    let ((mut about, damage), gathered) = (or_damaged(described, &database)?, gathered?);
    (about.sha256, about.size_bytes) = hashed?;
    let mut problems = gathered.problems;
    problems.extend(damage);
    if !about.is_damaged() && !request.accept_emptied {
        let media_files = options.media.is_some().then_some(gathered.files.len() as u64);
        problems.extend(emptied(backups, &about, media_files)?);
    }
    let (config, contents) = read_config(&options.config_files, &mut problems);
    let manifest = Manifest {
        format_version: FORMAT_VERSION,
        name: options.name.clone(),
        id: name.id,
        sequence: name.sequence,
        created_at: whole_second(created_at),
        reason: request.reason,
        program: options.program.clone(),
        program_version: options.program_version.clone(),
        database: about,
        media: Media { mode, files: gathered.files },
        config,
        compression: options.compression,
        encrypted_to: options.recipients.clone(),
    };
    let media_folder = options.media.clone().unwrap_or_default();
    Ok(Prepared { manifest, database, media_folder, config: contents, problems, vanished: gathered.vanished, _hold: hold })
}

/// Writes the archive. `out` is to be synced by the caller.
pub(crate) fn write<W: Write>(prepared: &Prepared, options: &Options, out: W, report: Report) -> Result<(Seal, W), Error> {
    let manifest = &prepared.manifest;
    let full = manifest.media.mode == MediaMode::Full;
    let total = manifest.database.size_bytes + if full { manifest.media.size_bytes() } else { 0 };
    let mut meter = Meter::start(report, Step::Write, total);
    let mut archive = Writer::begin(out, options, manifest)?;
    let database = File::open(&prepared.database).map_err(Error::file("open", &prepared.database))?;
    archive.database(manifest, &mut Metered { input: database, meter: &mut meter })?;
    let mut vanished = prepared.vanished.len();
    for file in manifest.media.files.iter().filter(|_| full) {
        let path = prepared.media_folder.join(&file.path);
        match head_of(&path) {
            Ok((input, head)) => {
                let packing = packing_of(&file.path, &head);
                let mut input = Metered { input: io::Cursor::new(head).chain(input), meter: &mut meter };
                archive.media(&file.path, packing, file.size_bytes, &file.sha256, &mut input)?;
            }
            Err(e) if e.kind() == io::ErrorKind::NotFound => {
                vanished += 1;
                archive.vanished(file.path.clone());
            }
            Err(e) => archive.unreadable(Problem { path: format!("media/{}", file.path), problem: e.to_string() }),
        }
    }
    for (file, content) in manifest.config.iter().zip(&prepared.config) {
        archive.config(&file.path, file.size_bytes, &file.sha256, &mut content.as_slice())?;
    }
    for problem in &prepared.problems {
        archive.unreadable(problem.clone());
    }
    let listed = manifest.media.files.len() + prepared.vanished.len();
    if vanished * 2 > listed {
        archive.unreadable(Problem { path: "media".to_owned(), problem: format!("{vanished} of {listed} files went meanwhile") });
    }
    for path in &prepared.vanished {
        archive.vanished(path.clone());
    }
    archive.seal()
}

/// What a database holds. One of which pages cannot be read is archived as it is, and never counts as a good one: the next page may go tomorrow.
fn or_damaged(described: Result<Database, Error>, copy: &Path) -> Result<(Database, Option<Problem>), Error> {
    let Err(Error::Database { source, .. }) = described else { return Ok((described?, None)) };
    let what = verify::told(copy, *source)?.unwrap_or_default();
    let problem = format!("is damaged, and is in this backup as it is; restore one from before, see `backupd list`: {what}");
    Ok((snapshot::describe_damaged(copy)?, Some(Problem { path: EMPTIED.to_owned(), problem })))
}

/// What to note where most of the last backup is gone. Compared with the newest backup that lost nothing itself: one that did would hide
/// the loss from the next.
fn emptied(backups: &Backups, database: &Database, media_files: Option<u64>) -> Result<Vec<Problem>, Error> {
    let mut problems = Vec::new();
    let mut say = |path: &str, what: String| {
        let problem = format!("{what}; if that is meant: `backupd once --accept`");
        problems.push(Problem { path: path.to_owned(), problem });
    };
    // A disk that is not mounted looks like a folder without files.
    if media_files == Some(0)
        && let Some(before) = catalogue::newest_record(backups, |r| r.state == State::Complete || r.summary.media_files > 0)?
        && before.summary.media_files > 0
    {
        say("media", format!("has no files any more, the last complete backup had {}", before.summary.media_files));
    }
    // Less than half is no accident: queues and sessions run empty in the course of a day, and a purge may take many rows of one table.
    if let Some(Record { summary: before, .. }) = catalogue::newest_record(backups, |record| !record.is_emptied())? {
        let (rows, tables) = (database.rows(), database.tables_with_rows());
        if rows * 2 < before.rows {
            say(EMPTIED, format!("has {rows} rows, backup {} had {}", before.id, before.rows));
        } else if tables * 2 < before.tables_with_rows {
            let had = before.tables_with_rows;
            say(EMPTIED, format!("has rows in {tables} of its tables, backup {} had some in {had}", before.id));
        }
    }
    Ok(problems)
}

/// Opens a file and reads as much of it as tells how to pack it.
fn head_of(path: &Path) -> io::Result<(File, Vec<u8>)> {
    let mut file = File::open(path)?;
    let mut head = Vec::new();
    (&mut file).take(64 << 10).read_to_end(&mut head)?;
    Ok((file, head))
}

/// What the database has on disk, its log included. `stat` only: opening the file would drop SQLite's locks on it.
pub(crate) fn database_bytes(path: &Path) -> Result<u64, Error> {
    let bytes = fs::metadata(path).map_err(Error::file("read", path))?.len();
    Ok(bytes + fs::metadata(snapshot::log_of(path)).map_or(0, |about| about.len()))
}

fn read_config(paths: &[PathBuf], problems: &mut Vec<Problem>) -> (Vec<ConfigFile>, Vec<Vec<u8>>) {
    let (mut files, mut contents): (Vec<ConfigFile>, Vec<Vec<u8>>) = (Vec::new(), Vec::new());
    for path in paths {
        let original_path = path.display().to_string();
        let read = fs::read(path).and_then(|content| Ok((content, fs::metadata(path)?.permissions().mode() & 0o7777)));
        match read {
            Ok((content, mode)) => {
                let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
                let taken = |name: &str| files.iter().any(|file| file.path == name);
                let name = (1..).map(|n| if n == 1 { name.clone() } else { format!("{n}-{name}") }).find(|name| !taken(name));
                let path = name.unwrap_or_default();
                let sha256 = hex::encode(Sha256::digest(&content));
                files.push(ConfigFile { path, original_path, sha256, size_bytes: content.len() as u64, mode });
                contents.push(content);
            }
            Err(e) => {
                // A relative one might pass for a name in the archive.
                let path = std::path::absolute(path).map_or(original_path, |path| path.display().to_string());
                problems.push(Problem { path, problem: e.to_string() });
            }
        }
    }
    (files, contents)
}

/// Fractions of a second would make two archives of one second differ.
fn whole_second(at: Timestamp) -> Timestamp {
    Timestamp::from_second(at.as_second()).unwrap_or(at)
}

/// Counts what is read.
struct Metered<'a, 'm, R> {
    input: R,
    meter: &'a mut Meter<'m>,
}

impl<R: Read> Read for Metered<'_, '_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let bytes = self.input.read(buffer)?;
        self.meter.add(bytes as u64);
        Ok(bytes)
    }
}
