//! Copies of the database, made in one step from a reader.
//!
//! The online backup API instead of `VACUUM INTO`: it copies pages, so rowids stay what they are (a full-text index over a table
//! without an explicit key depends on them), it takes any file name, and it was measured to be faster. One step, because a backup in
//! slices starts over at each write from another connection and may never end; in WAL mode one long step holds nobody up.

use std::ffi::OsStr;
use std::fs::File;
use std::io;
use std::os::unix::fs::{FileExt, MetadataExt};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use rusqlite::backup::{Backup, StepResult};
use rusqlite::{Connection, OpenFlags};
use tempfile::TempDir;

use crate::connection::{configure_reader, reader_flags};
use crate::folder::{give_to_owner, parent, private_options, refuse_without_space, sync_parent};
use crate::readers::{NO_LIMIT, Readers};
use crate::{Error, Options};

/// Ends the name of the folder in which a copy is made; one that is left over is of a process that was killed.
pub(crate) const PARTIAL: &str = ".partial";

/// The name of the copy in there.
const COPY: &str = "copy.sqlite3";

/// What makes such a folder's name unlike others.
const RANDOM_LETTERS: usize = 6;

/// How often a folder may go before it is locked.
const ATTEMPTS_MOST: u32 = 3;

/// A finished copy: one file with no companions, which opens on a read-only medium, too.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Snapshot {
    /// Where it lies.
    pub path: PathBuf,
    /// Its size.
    pub size_bytes: u64,
    /// How long the copy took.
    pub duration: Duration,
}

/// What to do with a file that has the name already.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Existing {
    Refuse,
    Replace,
}

/// Copies what `readers` see to `to`, looks the copy over with `check`, and puts it in place durably.
pub(crate) fn copy(
    readers: &Readers,
    to: &Path,
    existing: Existing,
    check: impl FnOnce(&Path) -> Result<(), Error>,
) -> Result<Snapshot, Error> {
    let started = Instant::now();
    let refused = || Error::SnapshotExists { path: to.to_owned() };
    if existing == Existing::Refuse && to.symlink_metadata().is_ok() {
        return Err(refused());
    }
    forget_killed(parent(to));
    let partial = Partial::create(to)?;
    fill(readers, &partial.path, to)?;
    check(&partial.path)?;
    let file = |step, source| Error::SnapshotFile { step, path: to.to_owned(), source };
    // What is to be put back one day has to be readable for whoever does that.
    if parent(to) == parent(readers.place().path()) {
        give_to_owner(&partial.file, parent(to));
    }
    let Partial { path, file: handle, _folder, _lock } = partial;
    let size_bytes = handle.sync_all().and_then(|()| handle.metadata()).map_err(|e| file("sync", e))?.len();
    // Closed before anybody finds the copy: that drops the locks of whoever has it open in this process.
    drop(handle);
    let placed = match existing {
        Existing::Replace => std::fs::rename(&path, to),
        Existing::Refuse => name_new(&path, to),
    };
    match placed {
        Err(e) if e.kind() == io::ErrorKind::AlreadyExists => return Err(refused()),
        other => other.map_err(|e| file("put in place", e))?,
    }
    sync_parent(to).map_err(|e| file("sync the folder of", e))?;
    Ok(Snapshot { path: to.to_owned(), size_bytes, duration: started.elapsed() })
}

/// Copies what `readers` see to `to` and syncs nothing: the flush of a large file would hold up the next commit of everybody.
pub(crate) fn copy_to_scratch(readers: &Readers, to: &Path) -> Result<Snapshot, Error> {
    let started = Instant::now();
    let file = |step, source| Error::SnapshotFile { step, path: to.to_owned(), source };
    let invalid = || file("create", io::ErrorKind::InvalidFilename.into());
    // Absolute, so that SQLite cannot take the path for a URI.
    let path = std::fs::canonicalize(parent(to)).map_err(|e| file("create", e))?.join(to.file_name().ok_or_else(invalid)?);
    match private_options().open(&path) {
        Err(e) if e.kind() == io::ErrorKind::AlreadyExists => return Err(Error::SnapshotExists { path: to.to_owned() }),
        created => drop(created.map_err(|e| file("create", e))?),
    }
    let size_bytes = fill(readers, &path, to).and_then(|()| path.metadata().map_err(|e| file("look at", e))).inspect_err(|_| {
        if let Err(e) = std::fs::remove_file(&path) {
            tracing::warn!(error = &e as &dyn std::error::Error, path = %path.display(), "cannot remove an unfinished copy");
        }
    })?;
    Ok(Snapshot { path: to.to_owned(), size_bytes: size_bytes.len(), duration: started.elapsed() })
}

/// Copies what `readers` see into the empty file `to`, of which errors speak as `name`. It is whole when this returns, and no connection has it
/// open; where the database is read as a file at rest, nobody wrote to that meanwhile.
pub(crate) fn fill(readers: &Readers, to: &Path, name: &Path) -> Result<(), Error> {
    readers.run_for(NO_LIMIT, |conn| {
        refuse_without_space(to, needed_bytes(conn, readers, to)?)?;
        copy_pages(conn, to).map_err(|source| Error::Snapshot { path: name.to_owned(), source })?;
        leave_log(to).map_err(|source| Error::SnapshotFile { step: "write the header of", path: name.to_owned(), source })
    })
}

/// The size of the copy; beside the database also room for what is written meanwhile, which must not fail for the copy's sake.
fn needed_bytes(conn: &Connection, readers: &Readers, to: &Path) -> rusqlite::Result<u64> {
    let number = |name| conn.pragma_query_value(None, name, |row| row.get::<_, u64>(0));
    let size = number("page_count")? * number("page_size")?;
    let volume = |path: &Path| path.metadata().map(|about| about.dev()).ok();
    let shared = volume(to) == volume(readers.place().path());
    Ok(if shared { size + readers.reserve(size) } else { size })
}

fn copy_pages(source: &Connection, to: &Path) -> rusqlite::Result<()> {
    let mut target = Connection::open_with_flags(to, OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    // The file counts for nothing until it is complete, synced and renamed: no journal, no syncs on the way.
    target.execute_batch("PRAGMA synchronous = OFF; PRAGMA journal_mode = OFF;")?;
    let done = Backup::new(source, &mut target)?.step(-1)?;
    if done != StepResult::Done {
        let busy = rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_BUSY);
        return Err(rusqlite::Error::SqliteFailure(busy, None));
    }
    target.close().map_err(|(_, e)| e)
}

/// Where the header says which version of the file format writes and which reads it: 1 with a journal, 2 with a log.
const FORMAT_AT: u64 = 18;

/// The header came along and says that there is a log; without that the copy needs no companions. Not by `PRAGMA journal_mode`: SQLite
/// would make them for this very change, and where there is no room for them it says anything but that the disk is full. No connection has
/// the file open.
fn leave_log(copy: &Path) -> io::Result<()> {
    let file = File::options().read(true).write(true).open(copy)?;
    // A database of no pages has no header.
    if file.metadata()?.len() > 0 {
        let mut format = [0; 2];
        file.read_exact_at(&mut format, FORMAT_AT)?;
        if format == [2, 2] {
            file.write_all_at(&[1, 1], FORMAT_AT)?;
        }
    }
    Ok(())
}

/// `quick_check` on a copy that nobody else has open. Not whether keys point to rows: a copy of pages breaks none, and one that was broken
/// before must keep nobody from the migration that mends it.
pub(crate) fn verify(path: &Path, options: &Options) -> Result<(), Error> {
    let failed = |source| Error::Snapshot { path: path.to_owned(), source };
    let conn = Connection::open_with_flags(path, reader_flags()).map_err(failed)?;
    configure_reader(&conn, options).map_err(failed)?;
    quick_check(&conn, path, failed)
}

/// Looks over the file `path`, which `conn` has open; `failed` says what it means where that cannot be done.
pub(crate) fn quick_check(conn: &Connection, path: &Path, failed: impl FnOnce(rusqlite::Error) -> Error) -> Result<(), Error> {
    let problem: String = conn.query_row("PRAGMA quick_check(1)", [], |row| row.get(0)).map_err(failed)?;
    if problem == "ok" { Ok(()) } else { Err(Error::SnapshotDamaged { path: path.to_owned(), problem }) }
}

/// A file in a folder of its own beside the target, so that it can be renamed into place, and so that everything that is left of an
/// attempt goes at once when this is dropped.
pub(crate) struct Partial {
    pub(crate) path: PathBuf,
    /// The handle that made it: by its name another file could be found there. Closed when no connection has it open any more.
    file: File,
    _folder: TempDir,
    /// On the folder, and shared, where it can be had: as long as it is held, nobody takes the folder for one that is left over. The
    /// operating system releases it when the process ends, however it ends.
    _lock: File,
}

impl Partial {
    pub(crate) fn create(to: &Path) -> Result<Self, Error> {
        let failed = |source| Error::SnapshotFile { step: "create", path: to.to_owned(), source };
        let mut prefix = to.file_name().ok_or_else(|| failed(io::ErrorKind::InvalidFilename.into()))?.to_owned();
        prefix.push(".");
        // Absolute, so that SQLite cannot take the path for a URI.
        let beside = std::fs::canonicalize(parent(to)).map_err(failed)?;
        let mut attempts = 0;
        loop {
            match Self::create_in(&beside, &prefix) {
                // Somebody who came between the folder and its lock took it for one that is left over.
                Err(e) if e.kind() == io::ErrorKind::NotFound && attempts < ATTEMPTS_MOST => attempts += 1,
                made => return made.map_err(failed),
            }
        }
    }

    fn create_in(beside: &Path, prefix: &OsStr) -> io::Result<Self> {
        let folder = tempfile::Builder::new().prefix(prefix).rand_bytes(RANDOM_LETTERS).suffix(PARTIAL).tempdir_in(beside)?;
        let lock = File::open(folder.path())?;
        // Not every file system has locks for folders. Those for a database do.
        let _ = lock.lock_shared();
        let path = folder.path().join(COPY);
        let file = private_options().open(&path)?;
        Ok(Self { path, file, _folder: folder, _lock: lock })
    }
}

/// Removes the folder of a copy, unless somebody works on it.
pub(crate) fn remove_left_over(folder: &Path) {
    let removed = match File::open(folder).and_then(|lock| lock.try_lock().map_err(io::Error::from).map(|()| lock)) {
        Ok(_lock) => std::fs::remove_dir_all(folder),
        Err(e) if e.kind() == io::ErrorKind::WouldBlock => return,
        Err(e) => Err(e),
    };
    if let Err(e) = removed {
        tracing::warn!(error = &e as &dyn std::error::Error, path = %folder.display(), "cannot remove an unfinished copy");
    }
}

/// Removes what a killed process left of copies that were for its own use. A reader of another process may have one in the making.
pub(crate) fn forget_left_over(database: &Path) {
    let Some(name) = database.file_name().map(|name| name.to_string_lossy().into_owned()) else { return };
    let Ok(entries) = std::fs::read_dir(parent(database)) else { return };
    for entry in entries.flatten() {
        let found = entry.file_name();
        let Some(rest) = found.to_str().and_then(|found| found.strip_prefix(&name)) else { continue };
        if rest.ends_with(PARTIAL) && [".rehearsal.", ".vacuum.", ".check.", ".replaced-"].iter().any(|work| rest.starts_with(work)) {
            remove_left_over(&entry.path());
        }
    }
}

/// Removes what killed processes left of copies in `folder`, whatever they were to be called.
fn forget_killed(folder: &Path) {
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    for entry in entries.flatten() {
        let name = entry.file_name();
        let random = name.to_str().and_then(|name| name.strip_suffix(PARTIAL)?.rsplit_once('.')).map(|(_, random)| random);
        let is_ours = random.is_some_and(|random| random.len() == RANDOM_LETTERS && random.bytes().all(|b| b.is_ascii_alphanumeric()));
        if is_ours && entry.path().join(COPY).is_file() {
            remove_left_over(&entry.path());
        }
    }
}

/// Gives the file its name, but never that of a file that came in the meantime. Its old name goes with the folder that it is in.
fn name_new(from: &Path, to: &Path) -> io::Result<()> {
    match std::fs::hard_link(from, to) {
        Err(e) if e.kind() == io::ErrorKind::AlreadyExists => Err(e),
        // Not every file system has hard links.
        Err(_) if to.symlink_metadata().is_ok() => Err(io::ErrorKind::AlreadyExists.into()),
        Err(_) => std::fs::rename(from, to),
        Ok(()) => Ok(()),
    }
}
