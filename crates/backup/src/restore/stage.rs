//! Unpacking beside the site, and proving what was unpacked before anything is replaced.

use std::collections::HashSet;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use super::RestoreRequest;
use super::place::existing;
use super::plan::parts;
use crate::archive::{self, Item, Sink, Unpacked};
use crate::media::Store;
use crate::progress::{Meter, Report, Step};
use crate::{Backups, Depth, Error, Manifest, MediaFile, MediaMode, Problem, priority, space, verify};

/// Where each part is unpacked to; `None`: it is not wanted.
#[derive(Debug, Clone)]
pub(super) struct Stage {
    pub(super) request: RestoreRequest,
    pub(super) database: Option<PathBuf>,
    pub(super) media: Option<PathBuf>,
    /// A folder that gets them all.
    pub(super) config: Option<PathBuf>,
    /// Folders in whose stores linked media are found.
    pub(super) media_from: Vec<PathBuf>,
    /// What the archive must be, where that is known.
    pub(super) expected: Option<Manifest>,
}

impl Stage {
    /// Unpacks and proves an archive. What is there afterwards is on disk.
    pub(super) fn fill(&self, backups: &Backups, name: &str, input: &mut dyn Read, report: Report<'_>) -> Result<Unpacked, Error> {
        let options = &backups.options;
        let keys = archive::identities(&options.identities)?;
        let meter = Meter::start(&mut *report, Step::Unpack, 0);
        let mut sink = Filling { stage: self, backups, name, meter };
        let mut unpacked = archive::unpack(name, input, &keys, options.threads, &mut sink)?;
        drop(sink);
        if !unpacked.seal.unreadable.is_empty() && !self.request.allow_partial {
            return Err(Error::Partial { archive: name.to_owned(), problems: unpacked.seal.unreadable.len() });
        }
        self.remove_unreadable(&unpacked)?;
        let lost = self.copy_linked(name, &unpacked, &mut *report)?;
        unpacked.seal.unreadable.extend(lost);
        if let Some(database) = &self.database {
            let _meter = Meter::start(report, Step::Check, unpacked.manifest.database.size_bytes);
            self.check(name, database, &unpacked.manifest)?;
        }
        for path in [&self.database, &self.media, &self.config].into_iter().flatten() {
            sync_all(path)?;
        }
        Ok(unpacked)
    }

    /// What was filled with zeros in the archive because it could not be read is no file.
    fn remove_unreadable(&self, unpacked: &Unpacked) -> Result<(), Error> {
        let manifest = &unpacked.manifest;
        let media: HashSet<&str> = manifest.media.files.iter().map(|file| file.path.as_str()).collect();
        let config: HashSet<&str> = manifest.config.iter().map(|file| file.path.as_str()).collect();
        for problem in &unpacked.seal.unreadable {
            // The seal says which of the files are no files. What is a file, the manifest says.
            let path = match (problem.path.strip_prefix("media/"), problem.path.strip_prefix("config/")) {
                (Some(path), _) if media.contains(path) => self.media.as_ref().map(|folder| folder.join(path)),
                (_, Some(path)) if config.contains(path) => self.config.as_ref().map(|folder| folder.join(path)),
                _ => None,
            };
            match path.map(|path| (fs::remove_file(&path), path)) {
                Some((Err(source), path)) if source.kind() != io::ErrorKind::NotFound => {
                    return Err(Error::File { action: "remove", path, source });
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// Copies linked media: the live folder never shares a file with the backups. Those that are missing or damaged end it, or are returned
    /// where a part is good enough.
    fn copy_linked(&self, name: &str, unpacked: &Unpacked, report: Report<'_>) -> Result<Vec<Problem>, Error> {
        let Some(folder) = self.media.as_ref().filter(|_| unpacked.manifest.media.mode == MediaMode::Linked) else {
            return Ok(Vec::new());
        };
        let mut lost = Vec::new();
        let noted = unpacked.seal.unreadable.iter().filter_map(|problem| problem.path.strip_prefix("media/"));
        let gone: HashSet<&str> = noted.chain(unpacked.seal.vanished.iter().map(String::as_str)).collect();
        let mut meter = Meter::start(report, Step::Media, unpacked.manifest.media.size_bytes());
        for file in unpacked.manifest.media.files.iter().filter(|file| !gone.contains(file.path.as_str())) {
            let Some(problem) = self.copy_one(file, &folder.join(&file.path), &mut meter)? else { continue };
            if !self.request.allow_partial {
                return Err(Error::Damaged { archive: name.to_owned(), problem });
            }
            tracing::warn!(problem, "a media file is left out");
            lost.push(Problem { path: format!("media/{}", file.path), problem });
        }
        Ok(lost)
    }

    /// What is wrong with a linked file, if anything; then it is not there.
    fn copy_one(&self, file: &MediaFile, to: &Path, meter: &mut Meter) -> Result<Option<String>, Error> {
        let places = self.media_from.iter().map(|folder| Store::of(folder).place(&file.sha256)).collect::<Result<Vec<_>, _>>()?;
        let Some(source) = places.into_iter().find(|path| path.exists()) else {
            return Ok(Some(format!("its media file {} is not in the backup folder", file.path)));
        };
        let mut input = archive::Hashed::new(File::open(&source).map_err(Error::file("open", &source))?);
        meter.add(write_new(to, 0o644, &mut input)?);
        if input.finish() == (file.sha256.clone(), file.size_bytes) {
            return Ok(None);
        }
        fs::remove_file(to).map_err(Error::file("remove", to))?;
        Ok(Some(format!("{} in the backup folder has changed", source.display())))
    }

    /// Whether what was unpacked is the database that was backed up, and a sound one. One that was backed up with its faults is taken as it was
    /// where a part is good enough.
    fn check(&self, archive: &str, database: &Path, manifest: &Manifest) -> Result<(), Error> {
        if manifest.database.is_damaged() && self.request.allow_partial {
            tracing::warn!("the database is restored as it was backed up: some of its pages cannot be read");
            return Ok(());
        }
        let (checked, compared) = std::thread::scope(|scope| {
            let checked = scope.spawn(|| verify::check_database(database, Depth::Restore));
            (priority::join(checked), verify::compare(&manifest.database, database))
        });
        let is_the_same = matches!(compared, Ok(None));
        let checked = match checked {
            Ok(Some(problem)) if is_the_same && self.request.allow_partial => {
                tracing::warn!(problem, "the database is restored as it was backed up, with its faults");
                Ok(None)
            }
            checked => checked,
        };
        let problem = verify::decide([checked, compared])?;
        problem.map_or(Ok(()), |problem| Err(Error::Damaged { archive: archive.to_owned(), problem }))
    }
}

struct Filling<'a> {
    stage: &'a Stage,
    backups: &'a Backups,
    name: &'a str,
    meter: Meter<'a>,
}

impl Sink for Filling<'_> {
    fn begin(&mut self, manifest: &Manifest) -> Result<(), Error> {
        if self.stage.expected.as_ref().is_some_and(|expected| expected != manifest) {
            return Err(Error::Damaged { archive: self.name.to_owned(), problem: "it changed since it was looked at".to_owned() });
        }
        verify::require_own(self.backups, self.name, manifest)?;
        parts(&self.stage.request, manifest, &self.backups.options)?;
        let Stage { database, media, config, .. } = self.stage;
        for (path, bytes) in needs(manifest, database.as_deref(), media.as_deref()) {
            space::require(existing(&path), "a restore", bytes)?;
        }
        for folder in [media, config].into_iter().flatten() {
            fs::create_dir_all(folder).map_err(Error::file("create the folder", folder))?;
        }
        let full = manifest.media.mode == MediaMode::Full;
        self.meter.expect(manifest.database.size_bytes + if full { manifest.media.size_bytes() } else { 0 });
        Ok(())
    }

    fn item(&mut self, _manifest: &Manifest, item: Item<'_>, input: &mut dyn Read) -> Result<(), Error> {
        let (path, mode) = match item {
            Item::Database(_) => (self.stage.database.clone(), 0o600),
            Item::Media(file) => (self.stage.media.as_ref().map(|folder| folder.join(&file.path)), 0o644),
            Item::Config(file) => (self.stage.config.as_ref().map(|folder| folder.join(&file.path)), file.mode & 0o777),
        };
        if let Some(path) = path {
            self.meter.add(write_new(&path, mode, input)?);
        }
        Ok(())
    }
}

/// How much is needed where.
pub(super) fn needs(manifest: &Manifest, database: Option<&Path>, media: Option<&Path>) -> Vec<(PathBuf, u64)> {
    let device = |path: &Path| path.ancestors().find_map(|path| fs::metadata(path).ok()).map(|about| about.dev());
    let mut needs: Vec<(PathBuf, u64)> = database.map(|path| (path.to_owned(), manifest.database.size_bytes)).into_iter().collect();
    if let Some(path) = media {
        let bytes = manifest.media.size_bytes();
        match needs.first_mut() {
            Some((known, sum)) if device(known) == device(path) => *sum += bytes,
            _ => needs.push((path.to_owned(), bytes)),
        }
    }
    needs
}

/// Writes a file that is not there yet, below folders that are made.
fn write_new(path: &Path, mode: u32, input: &mut dyn Read) -> Result<u64, Error> {
    if let Some(parent) = path.parent() {
        fs::create_dir_all(parent).map_err(Error::file("create the folder", parent))?;
    }
    let mut file = OpenOptions::new().write(true).create_new(true).mode(mode).open(path).map_err(Error::file("create", path))?;
    let mut buffer = vec![0; 256 << 10];
    let mut written = 0;
    loop {
        let bytes = match input.read(&mut buffer) {
            Ok(0) => return Ok(written),
            Ok(bytes) => bytes,
            Err(e) if e.kind() == io::ErrorKind::Interrupted => continue,
            // The reader of the archive tells what it is.
            Err(source) => return Err(Error::File { action: "fill", path: path.to_owned(), source }),
        };
        file.write_all(&buffer[..bytes]).map_err(Error::file("write", path))?;
        written += bytes as u64;
    }
}

/// Everything at `path` is on disk: one call for the whole file system where there is one, since a site may have many files.
fn sync_all(path: &Path) -> Result<(), Error> {
    if !path.exists() {
        return Ok(());
    }
    let file = File::open(path).map_err(Error::file("open", path))?;
    rustix::fs::syncfs(&file).map_err(|errno| Error::File {
        action: "sync the file system of",
        path: path.to_owned(),
        source: errno.into(),
    })
}

/// Gives `path`, and all below it, to whom `like` belongs, where this user may: what root restores, the server has to read.
pub(super) fn give_to_owner(path: &Path, like: &Path) -> Result<(), Error> {
    let like = like.ancestors().find_map(|path| fs::metadata(path).ok());
    let Some(owner) = like.filter(|_| rustix::process::geteuid().is_root()) else { return Ok(()) };
    for entry in walkdir::WalkDir::new(path) {
        let entry = entry.map_err(|error| Error::File { action: "look through", path: path.to_owned(), source: error.into() })?;
        std::os::unix::fs::lchown(entry.path(), Some(owner.uid()), Some(owner.gid())).map_err(Error::file("give away", entry.path()))?;
    }
    Ok(())
}

/// Gives `path` the permissions of `like`, if that is there.
pub(super) fn permissions_like(path: &Path, like: &Path) -> Result<(), Error> {
    let Ok(about) = fs::metadata(like) else { return Ok(()) };
    let permissions = fs::Permissions::from_mode(about.mode() & 0o777);
    fs::set_permissions(path, permissions).map_err(Error::file("set the permissions of", path))
}
