//! From a plan to a site that is restored, and back.

use std::collections::HashSet;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use jiff::Timestamp;
use magnetiq_storage::rusqlite::{Connection, OpenFlags};
use magnetiq_storage::{Error as StorageError, Lock as SiteLock};

use super::place::{Site, held};
use super::plan::{config_places, parts};
use super::repair::{repair_locked, undoing};
use super::stage::{Stage, give_to_owner, permissions_like};
use super::swap::{Stage as Reached, Swap, companions};
use super::{RestorePlan, RestoreRequest, Restored, Undone, What};
use crate::archive::{self, Unpacked};
use crate::lock::Lock;
use crate::progress::{Meter, Report, Step};
use crate::{Backups, Error, Manifest, durable};

/// Names what lies outside of the folder in which a restore works, one path a line, so that it goes with it.
const BESIDE: &str = "beside";

pub(crate) fn restore(backups: &Backups, plan: &RestorePlan, report: Report) -> Result<Restored, Error> {
    let path = &plan.entry.path;
    let mut file = File::open(path).map_err(Error::file("open", path))?;
    let own = path.parent().map(Path::to_owned);
    let source = Source {
        name: archive::name_of(path),
        expected: Some(plan.manifest.clone()),
        media_from: own.into_iter().chain([backups.options.folder.clone()]).collect(),
    };
    source.restore(backups, &plan.request, &mut file, report)
}

/// Where an archive comes from.
pub(super) struct Source {
    pub(super) name: String,
    pub(super) expected: Option<Manifest>,
    pub(super) media_from: Vec<PathBuf>,
}

impl Source {
    pub(super) fn restore(
        self,
        backups: &Backups,
        request: &RestoreRequest,
        input: &mut dyn Read,
        report: Report,
    ) -> Result<Restored, Error> {
        let started = Instant::now();
        let (unpacked, kept) = match &request.to {
            Some(folder) => (self.to_folder(backups, request, folder, input, report)?, None),
            None => self.over_site(backups, request, input, report)?,
        };
        let what = parts(request, &unpacked.manifest, &backups.options)?;
        let media_files = if what.contains(&What::Media) { restored_media(&unpacked) } else { 0 };
        Ok(Restored {
            id: unpacked.manifest.id.clone(),
            rows: if what.contains(&What::Database) { unpacked.manifest.database.rows() } else { 0 },
            what,
            to: request.to.clone(),
            kept,
            media_files,
            duration_ms: u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX),
        })
    }

    fn stage(&self, request: &RestoreRequest, folder: &Path, media: PathBuf) -> Stage {
        let wanted = |what, path| request.wants(what).then_some(path);
        Stage {
            request: request.clone(),
            database: wanted(What::Database, folder.join("database.sqlite3")),
            media: wanted(What::Media, media),
            config: wanted(What::Config, folder.join("config")),
            media_from: self.media_from.clone(),
            expected: self.expected.clone(),
        }
    }

    /// Into an empty folder: nobody can have it open. The database comes last.
    fn to_folder(
        &self,
        backups: &Backups,
        request: &RestoreRequest,
        folder: &Path,
        input: &mut dyn Read,
        report: Report,
    ) -> Result<Unpacked, Error> {
        let work = folder.join(".restoring");
        durable::create_folder(folder).map_err(Error::file("create the folder", folder))?;
        discard(&work)?;
        let mut entries = fs::read_dir(folder).map_err(Error::file("read the folder", folder))?;
        if entries.next().is_some() {
            return Err(Error::NotEmpty { path: folder.to_owned() });
        }
        durable::create_folder(&work).map_err(Error::file("create the folder", &work))?;
        let filled = self.stage(request, &work, work.join("media")).fill(backups, &self.name, input, &mut *report);
        let unpacked = match filled {
            Ok(unpacked) => unpacked,
            Err(error) => return Err(clean_up(&work, error)),
        };
        let _meter = Meter::start(report, Step::Replace, 0);
        for name in ["config", "media", "database.sqlite3"] {
            let (from, to) = (work.join(name), folder.join(name));
            match fs::rename(&from, &to) {
                Err(e) if e.kind() == io::ErrorKind::NotFound => {}
                other => other.map_err(Error::file("put in place", &to))?,
            }
        }
        durable::sync_parent(&work).map_err(Error::file("sync the folder", folder))?;
        discard(&work)?;
        Ok(unpacked)
    }

    /// Over the site, under its lock.
    fn over_site(
        &self,
        backups: &Backups,
        request: &RestoreRequest,
        input: &mut dyn Read,
        report: Report,
    ) -> Result<(Unpacked, Option<PathBuf>), Error> {
        let options = &backups.options;
        let site = Site::of(options)?;
        let _site = lock(&site)?;
        // So that no prune removes what is being read.
        let _folder = Lock::wait(&options.folder, &options.program)?;
        let at = options.clock.now();
        repair_locked(&site, at)?;
        let work = site.work();
        durable::create_folder(&work).map_err(Error::file("create the folder", &work))?;
        let prepared = self.prepare(backups, request, &site, &work, input, &mut *report);
        let (unpacked, moves) = match prepared {
            Ok(prepared) => prepared,
            Err(error) => return Err(clean_up(&work, error)),
        };
        let _meter = Meter::start(report, Step::Replace, 0);
        // One whose journal is unreadable counts for none: a restore must not fail for it.
        let before = site.kept_before()?.iter().filter_map(|folder| Swap::read(folder).ok()?).map(|swap| swap.number).max();
        let mut swap = Swap::begin(&work, &unpacked.manifest.id, moves, at, before.unwrap_or(0) + 1)?;
        let kept = finish(&site, &work, &mut swap, at)?;
        Ok((unpacked, kept))
    }

    /// Everything up to the moment from which on the restore is carried out.
    fn prepare(
        &self,
        backups: &Backups,
        request: &RestoreRequest,
        site: &Site,
        work: &Path,
        input: &mut dyn Read,
        report: Report,
    ) -> Result<(Unpacked, Vec<Move>), Error> {
        let options = &backups.options;
        let at = options.clock.now();
        let media = site.media.as_deref().map(|live| held(work, live, "media", at)).transpose()?.unwrap_or_else(|| "media".into());
        let mut beside: Vec<PathBuf> = vec![work.join(&media)];
        note_beside(work, &beside)?;
        let stage = self.stage(request, work, work.join(&media));
        let unpacked = stage.fill(backups, &self.name, input, report)?;
        let what = parts(request, &unpacked.manifest, options)?;
        let mut moves = Vec::new();
        if what.contains(&What::Config) {
            for (file, live) in config_places(&unpacked.manifest, options) {
                let staged = PathBuf::from("config").join(&file.path);
                let place = held(work, &live, &staged.to_string_lossy(), at)?;
                if place != staged {
                    beside.push(work.join(&place));
                    note_beside(work, &beside)?;
                    copy_private(&work.join(&staged), &place, file.mode)?;
                }
                give_to_owner(&work.join(&place), &live)?;
                moves.push((What::Config, live, place));
            }
        }
        if let (true, Some(live)) = (what.contains(&What::Media), &site.media) {
            give_to_owner(&work.join(&media), live)?;
            permissions_like(&work.join(&media), live)?;
            moves.push((What::Media, live.clone(), media));
        }
        if what.contains(&What::Database) {
            let staged = work.join("database.sqlite3");
            give_to_owner(&staged, &site.database)?;
            permissions_like(&staged, &site.database)?;
            fold_log(work, &site.database)?;
            let left = companions(&site.database).filter(|(live, _)| live.exists());
            moves.extend(left.map(|(live, place)| (What::Database, live, place)));
            moves.push((What::Database, site.database.clone(), PathBuf::from("database.sqlite3")));
        }
        Ok((unpacked, moves))
    }
}

type Move = (What, PathBuf, PathBuf);

pub(crate) fn undo(backups: &Backups) -> Result<Undone, Error> {
    let options = &backups.options;
    let site = Site::of(options)?;
    let _site = lock(&site)?;
    // A backup that is being made must not get the database of one moment and the media of another.
    let _folder = Lock::wait(&options.folder, &options.program)?;
    let at = options.clock.now();
    let interrupted = if site.work().exists() { None } else { undoing(&site)? };
    repair_locked(&site, at)?;
    if let Some((kept, swap)) = interrupted {
        // The repair has carried out the undo that was asked for. Another one would also take back the restore before.
        return Ok(Undone { id: swap.id.clone(), what: swap.whats(), kept });
    }
    let mut found = Vec::new();
    for folder in site.kept_before()? {
        if let Some(swap) = Swap::read(&folder)?.filter(|swap| swap.stage == Reached::Replaced) {
            found.push((swap, folder));
        }
    }
    let newest = found.into_iter().max_by(|(a, a_folder), (b, b_folder)| (a.number, a.at, a_folder).cmp(&(b.number, b.at, b_folder)));
    let Some((mut swap, kept)) = newest else { return Err(Error::NothingToUndo { folder: site.folder().to_owned() }) };
    if swap.holds_no_database(&kept, &site.database)? {
        return Err(Error::NothingToUndo { folder: site.folder().to_owned() });
    }
    fold_log(&kept, &site.database)?;
    swap.begin_undo(&kept, &site.database, at)?;
    undo_or_stay(&kept, &mut swap, at)?;
    Ok(Undone { id: swap.id.clone(), what: swap.whats(), kept })
}

/// Carries out a swap that has begun; all of it, or nothing.
pub(super) fn finish(site: &Site, work: &Path, swap: &mut Swap, at: Timestamp) -> Result<Option<PathBuf>, Error> {
    if swap.stage == Reached::Replacing
        && let Err(error) = swap.forward(work, at)
    {
        swap.backward(work)?;
        return Err(clean_up(work, error));
    }
    if !swap.holds_anything(work)? {
        discard(work)?;
        return Ok(None);
    }
    let kept = site.kept(at);
    fs::rename(work, &kept).map_err(Error::file("put aside", work))?;
    durable::sync_parent(&kept).map_err(Error::file("sync the folder of", &kept))?;
    Ok(Some(kept))
}

/// Carries out an undo that has begun; all of it, or nothing.
pub(super) fn undo_or_stay(folder: &Path, swap: &mut Swap, at: Timestamp) -> Result<(), Error> {
    if let Err(error) = swap.undo(folder, at) {
        swap.forward(folder, at)?;
        return Err(error);
    }
    Ok(())
}

fn lock(site: &Site) -> Result<SiteLock, Error> {
    let folder = site.folder();
    durable::create_folder(folder).map_err(Error::file("create the folder", folder))?;
    lock_within(site, Duration::ZERO)
}

/// The lock of the database, waited for.
pub(super) fn lock_within(site: &Site, patience: Duration) -> Result<SiteLock, Error> {
    let path = || site.database.clone();
    let lock = SiteLock::take(&site.database, patience).map_err(|source| match source {
        StorageError::Locked { .. } => Error::InUse { path: path(), source: Box::new(source) },
        source => Error::Database { path: path(), source: Box::new(source) },
    })?;
    // Root restores on a new machine before there ever was a server, which has to lock it then.
    let mut path = site.database.clone().into_os_string();
    path.push(".lock");
    give_to_owner(Path::new(&path), site.folder())?;
    Ok(lock)
}

/// Brings the log of a database that goes into its file. Where that fails, the log is moved along with it: a restore is often there
/// because the database cannot be opened.
fn fold_log(work: &Path, database: &Path) -> Result<(), Error> {
    let logs = companions(database).next().filter(|(live, _)| database.exists() && live.exists());
    let Some((log, _)) = logs else { return Ok(()) };
    // SQLite removes the log of a file in which it sees no database. Under a second name it stays what it was.
    let second = work.join("log");
    match fs::remove_file(&second) {
        Err(e) if e.kind() != io::ErrorKind::NotFound => return Err(Error::File { action: "remove", path: second, source: e }),
        _ => fs::hard_link(&log, &second).map_err(Error::file("link", &log))?,
    }
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let fold = || -> Result<(), StorageError> {
        let conn = Connection::open_with_flags(database, flags)?;
        conn.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?;
        conn.close().map_err(|(_, error)| error)?;
        Ok(())
    };
    if let Err(error) = fold() {
        tracing::warn!(error = &error as &dyn std::error::Error, "the log of the database that is replaced goes with it");
        if !log.exists() {
            fs::rename(&second, &log).map_err(Error::file("put back", &log))?;
        }
    }
    match fs::remove_file(&second) {
        Err(e) if e.kind() != io::ErrorKind::NotFound => Err(Error::File { action: "remove", path: second, source: e }),
        _ => Ok(()),
    }
}

/// How many media files are there: what could not be read, when it was backed up or now, is not.
fn restored_media(unpacked: &Unpacked) -> u64 {
    let noted = unpacked.seal.unreadable.iter().filter_map(|problem| problem.path.strip_prefix("media/"));
    let gone: HashSet<&str> = noted.chain(unpacked.seal.vanished.iter().map(String::as_str)).collect();
    unpacked.manifest.media.files.iter().filter(|file| !gone.contains(file.path.as_str())).count() as u64
}

fn note_beside(work: &Path, paths: &[PathBuf]) -> Result<(), Error> {
    let outside = paths.iter().filter(|path| !path.starts_with(work)).map(|path| format!("{}\n", path.display())).collect::<String>();
    let path = work.join(BESIDE);
    durable::write(&path, outside.as_bytes()).map_err(Error::file("write", &path))
}

fn copy_private(from: &Path, to: &Path, mode: u32) -> Result<(), Error> {
    let content = fs::read(from).map_err(Error::file("read", from))?;
    durable::write(to, &content).map_err(Error::file("write", to))?;
    let permissions = std::os::unix::fs::PermissionsExt::from_mode(mode & 0o777);
    fs::set_permissions(to, permissions).map_err(Error::file("set the permissions of", to))
}

/// Removes the work of a restore, and says the error that ended it.
fn clean_up(work: &Path, error: Error) -> Error {
    if let Err(second) = discard(work) {
        tracing::warn!(error = &second as &dyn std::error::Error, "what a failed restore left cannot be removed");
    }
    error
}

/// Removes the work of a restore that replaced nothing.
pub(super) fn discard(work: &Path) -> Result<(), Error> {
    // First of all: half of it removed, it must not be taken for one that is to be carried out.
    Swap::forget(work)?;
    let beside = fs::read_to_string(work.join(BESIDE)).unwrap_or_default();
    // A path in this file is one of ours only if it is named as we name them.
    let outside =
        beside.lines().map(PathBuf::from).filter(|path| path.file_name().is_some_and(|name| name.to_string_lossy().contains(".replaced-")));
    for path in outside.chain([work.to_owned()]) {
        let removed = if path.is_dir() { fs::remove_dir_all(&path) } else { fs::remove_file(&path) };
        match removed {
            Err(e) if e.kind() != io::ErrorKind::NotFound => return Err(Error::File { action: "remove", path, source: e }),
            _ => {}
        }
    }
    Ok(())
}
