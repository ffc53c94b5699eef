//! Media files: what there is, and the store that keeps each once.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use walkdir::WalkDir;

use crate::archive::{self, Hashed, hash_file, is_safe, name_of};
use crate::catalogue;
use crate::progress::Meter;
use crate::record::stem;
use crate::{Backups, Error, Manifest, MediaFile, MediaMode, Problem, durable};

/// Uploads that are under way, smaller pictures that are made again, and what file systems keep for themselves.
const LEFT_OUT: [&str; 4] = ["incoming", "uploads", "variants", "lost+found"];
/// Ends the name of a file in the store that is not what its name says.
const DAMAGED: &str = ".damaged";

/// What lies in a media folder.
#[derive(Debug, Default)]
pub(crate) struct Listing {
    /// Size in bytes by path.
    pub(crate) files: BTreeMap<String, u64>,
    /// What could not be listed.
    pub(crate) problems: Vec<Problem>,
}

impl Listing {
    /// All files below `folder`.
    pub(crate) fn of(folder: &Path) -> Self {
        let mut listing = Self::default();
        listing.add(folder);
        listing
    }

    /// Adds what lies there now to what lay there before.
    pub(crate) fn add(&mut self, folder: &Path) {
        self.problems.clear();
        let skipped = |entry: &walkdir::DirEntry| entry.depth() == 1 && LEFT_OUT.iter().any(|name| entry.file_name() == *name);
        for entry in WalkDir::new(folder).sort_by_file_name().into_iter().filter_entry(|entry| !skipped(entry)) {
            let entry = match entry {
                Ok(entry) => entry,
                Err(error) => {
                    let gone = error.io_error().is_some_and(|e| e.kind() == io::ErrorKind::NotFound) && error.depth() > 0;
                    if !gone {
                        let path = error.path().unwrap_or(folder).display().to_string();
                        self.problems
                            .push(Problem { path, problem: error.io_error().map_or("cannot be listed".into(), ToString::to_string) });
                    }
                    continue;
                }
            };
            if entry.file_type().is_dir() {
                continue;
            }
            let path = entry.path().strip_prefix(folder).unwrap_or(entry.path());
            let mut problem =
                |text: &str| self.problems.push(Problem { path: format!("media/{}", path.display()), problem: text.to_owned() });
            match path.to_str().filter(|path| is_safe(path)) {
                _ if !entry.file_type().is_file() => problem("is no regular file"),
                None => problem("has a name that is not UTF-8"),
                Some(name) => match entry.metadata() {
                    Ok(about) => drop(self.files.insert(name.to_owned(), about.len())),
                    Err(error) => match error.io_error() {
                        Some(e) if e.kind() == io::ErrorKind::NotFound => {}
                        Some(e) => problem(&e.to_string()),
                        None => problem("cannot be looked at"),
                    },
                },
            }
        }
    }

    pub(crate) fn size_bytes(&self) -> u64 {
        self.files.values().sum()
    }

    /// Bytes that a store does not have yet, as far as can be told by names.
    pub(crate) fn missing_bytes(&self, store: &Store) -> u64 {
        let nothing_yet = !store.folder.exists();
        let missing = |path: &str| match path.replace('/', "") {
            hash if hash.len() == 64 => !store.place(&hash).is_ok_and(|place| place.exists()),
            _ => nothing_yet,
        };
        self.files.iter().filter(|(path, _)| missing(path)).map(|(_, bytes)| bytes).sum()
    }
}

/// The media of a backup.
#[derive(Debug, Default)]
pub(crate) struct Gathered {
    pub(crate) files: Vec<MediaFile>,
    pub(crate) problems: Vec<Problem>,
    pub(crate) vanished: Vec<String>,
}

/// Hashes every file; those that the store does not have are copied to it where there is one.
pub(crate) fn gather(folder: &Path, listing: Listing, store: Option<(&Store, &Path)>, meter: &mut Meter) -> Result<Gathered, Error> {
    let mut gathered = Gathered { problems: listing.problems, ..Gathered::default() };
    let mut touched = BTreeSet::new();
    for path in listing.files.into_keys() {
        let source = folder.join(&path);
        match hash_file(&source, &mut |bytes| meter.add(bytes)) {
            Ok((mut sha256, mut size_bytes)) => {
                if let Some((store, scratch)) = store
                    && !store.has(&sha256, size_bytes)?
                {
                    let kept = store.keep(&source, scratch, &mut touched);
                    match kept {
                        Ok(kept) => (sha256, size_bytes) = kept,
                        Err(Kept::Source(e)) if e.kind() == io::ErrorKind::NotFound => {
                            gathered.vanished.push(path);
                            continue;
                        }
                        Err(Kept::Source(e)) => {
                            gathered.problems.push(Problem { path: format!("media/{path}"), problem: e.to_string() });
                            continue;
                        }
                        Err(Kept::Store(error)) => return Err(*error),
                    }
                }
                let read = MediaFile { path, sha256, size_bytes };
                gathered.files.push(match named_hash(&read.path).filter(|named| *named != read.sha256) {
                    Some(named) => instead_of(read, named, store.map(|(store, _)| store), &mut gathered.problems)?,
                    None => read,
                });
            }
            Err(e) if e.kind() == io::ErrorKind::NotFound => gathered.vanished.push(path),
            Err(e) => gathered.problems.push(Problem { path: format!("media/{path}"), problem: e.to_string() }),
        }
    }
    for place in touched {
        durable::sync_parent(&place).map_err(Error::file("sync the folder of", &place))?;
    }
    Ok(gathered)
}

/// The SHA-256 that the name of a file says, as in `ab/cdef…`.
fn named_hash(path: &str) -> Option<String> {
    let (head, rest) = path.split_once('/')?;
    let is_hex = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte));
    (head.len() == 2 && rest.len() == 62 && is_hex(head) && is_hex(rest)).then(|| format!("{head}{rest}"))
}

/// For a file that is not what its name says, because its disk forgets: the good content, where the store has it from before.
fn instead_of(read: MediaFile, named: String, store: Option<&Store>, problems: &mut Vec<Problem>) -> Result<MediaFile, Error> {
    let size = store.map(|store| store.place(&named)).transpose()?.and_then(|place| place.metadata().ok()).map(|about| about.len());
    let good = size.map(|size_bytes| MediaFile { path: read.path.clone(), sha256: named, size_bytes });
    let is_whole = match (store, &good) {
        (Some(store), Some(good)) => store.is_whole(good, &mut |_| ())?,
        _ => false,
    };
    let kept = if is_whole { "this backup keeps the good one from before" } else { "no good one is known" };
    // Not under its own path: that would say that the backup has none.
    problems.push(Problem { path: "media".to_owned(), problem: format!("{} is damaged where it lies; {kept}", read.path) });
    Ok(good.filter(|_| is_whole).unwrap_or(read))
}

/// Why a file could not be kept.
enum Kept {
    Source(io::Error),
    Store(Box<Error>),
}

/// `<backup folder>/media`: each file once, as `ab/cdef…` by its SHA-256.
#[derive(Debug, Clone)]
pub(crate) struct Store {
    folder: PathBuf,
}

impl Store {
    pub(crate) fn of(backup_folder: &Path) -> Self {
        Self { folder: backup_folder.join("media") }
    }

    /// Where the file with this hash lies.
    pub(crate) fn place(&self, sha256: &str) -> Result<PathBuf, Error> {
        match sha256.split_at_checked(2) {
            Some((head, rest)) if sha256.len() == 64 && sha256.bytes().all(|b| b.is_ascii_hexdigit()) => {
                Ok(self.folder.join(head).join(rest))
            }
            _ => Err(Error::Damaged { archive: "the list of media".to_owned(), problem: format!("{sha256:?} is no SHA-256") }),
        }
    }

    /// Whether it is there with this size. Its content is for [`is_whole`](Self::is_whole).
    pub(crate) fn has(&self, sha256: &str, size_bytes: u64) -> Result<bool, Error> {
        Ok(self.place(sha256)?.metadata().is_ok_and(|about| about.len() == size_bytes))
    }

    /// Reads it and compares. A damaged one is put aside, so that the next backup copies it anew; one that was put aside and is right
    /// after all comes back.
    pub(crate) fn is_whole(&self, file: &MediaFile, each: &mut dyn FnMut(u64)) -> Result<bool, Error> {
        let place = self.place(&file.sha256)?;
        let aside = PathBuf::from(format!("{}{DAMAGED}", place.display()));
        let is_right = |found: &(String, u64)| found.0 == file.sha256 && found.1 == file.size_bytes;
        let mut found = hash_file(&place, each);
        // It may have been the reading that went wrong.
        if found.as_ref().is_ok_and(|found| !is_right(found)) {
            found = hash_file(&place, &mut |_| ());
        }
        let is_damaged = match found {
            Ok(found) if is_right(&found) => return Ok(true),
            Ok(_) => true,
            Err(e) if e.kind() == io::ErrorKind::NotFound => false,
            Err(source) => return Err(Error::File { action: "read", path: place, source }),
        };
        if hash_file(&aside, &mut |_| ()).is_ok_and(|found| is_right(&found)) {
            fs::rename(&aside, &place).map_err(Error::file("put back", &place))?;
            return Ok(true);
        }
        if is_damaged && let Err(error) = fs::rename(&place, &aside) {
            tracing::warn!(error = &error as &dyn std::error::Error, path = %place.display(), "a damaged file stays in its place");
        }
        Ok(false)
    }

    /// Copies a file in. Its name is durable once the folders in `touched` are synced.
    fn keep(&self, source: &Path, scratch: &Path, touched: &mut BTreeSet<PathBuf>) -> Result<(String, u64), Kept> {
        let temporary = scratch.join("media");
        let _ = fs::remove_file(&temporary);
        let mut input = Hashed::new(File::open(source).map_err(Kept::Source)?);
        let mut copy = durable::create_private(&temporary).map_err(|e| Kept::Store(Box::new(Error::file("create", &temporary)(e))))?;
        let owner = self.folder.parent().unwrap_or(&self.folder);
        durable::give_to_owner(&copy, owner).map_err(|e| Kept::Store(Box::new(Error::file("give away", &temporary)(e))))?;
        let failed = |path: &Path| {
            let path = path.to_owned();
            move |e| Kept::Store(Box::new(Error::file("copy to", &path)(e)))
        };
        io::copy(&mut input, &mut copy).map_err(failed(&temporary))?;
        copy.sync_all().map_err(failed(&temporary))?;
        let (sha256, bytes) = input.finish();
        let place = self.place(&sha256).map_err(|e| Kept::Store(Box::new(e)))?;
        let folder = place.parent().unwrap_or(&self.folder);
        durable::create_folder(folder).map_err(failed(folder))?;
        fs::rename(&temporary, &place).map_err(failed(&place))?;
        touched.insert(folder.join("x"));
        Ok((sha256, bytes))
    }
}

/// Where the list of the linked media of the archive `path` lies: one line with hash and size for each, so that they are known where
/// the archive itself is encrypted.
pub(crate) fn list_place(path: &Path) -> PathBuf {
    path.with_file_name(format!("{}.media.txt", stem(&name_of(path))))
}

/// Writes that list, where the media are linked.
pub(crate) fn note(path: &Path, manifest: &Manifest) -> Result<(), Error> {
    if manifest.media.mode != MediaMode::Linked {
        return Ok(());
    }
    let text: String = manifest.media.files.iter().map(|file| format!("{} {}\n", file.sha256, file.size_bytes)).collect();
    let place = list_place(path);
    durable::write(&place, text.as_bytes()).map_err(Error::file("write", &place))
}

/// The hashes of the linked media that an archive names.
pub(crate) fn named_by(backups: &Backups, path: &Path) -> Result<HashSet<String>, Error> {
    let place = list_place(path);
    match fs::read_to_string(&place) {
        Ok(text) => match parse(&text).filter(|hashes| catalogue::media_files(path).is_none_or(|files| hashes.len() as u64 == files)) {
            Some(hashes) => Ok(hashes.into_iter().collect()),
            None => {
                tracing::warn!(path = %place.display(), "the list of media is damaged; its archive is asked instead");
                named_inside(backups, path)
            }
        },
        Err(e) if matches!(e.kind(), io::ErrorKind::NotFound | io::ErrorKind::InvalidData) => named_inside(backups, path),
        Err(source) => Err(Error::File { action: "read", path: place, source }),
    }
}

/// The hashes in a list, if each line has one.
fn parse(text: &str) -> Option<Vec<String>> {
    let hash = |line: &str| {
        let (sha256, bytes) = line.split_once(' ')?;
        let is_hash = sha256.len() == 64 && sha256.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b));
        (is_hash && bytes.parse::<u64>().is_ok()).then(|| sha256.to_owned())
    };
    text.lines().map(hash).collect()
}

fn named_inside(backups: &Backups, path: &Path) -> Result<HashSet<String>, Error> {
    let manifest = archive::manifest_of(path, &backups.options)?;
    let linked = manifest.media.mode == MediaMode::Linked;
    Ok(manifest.media.files.into_iter().filter(|_| linked).map(|file| file.sha256).collect())
}

/// Removes from the store what no archive of the folder names, whatever its name; number and size of what went. The caller holds the lock.
pub(crate) fn collect(backups: &Backups) -> Result<(u64, u64), Error> {
    let store = Store::of(&backups.options.folder);
    if !store.folder.exists() {
        return Ok((0, 0));
    }
    let mut named = HashSet::new();
    for path in catalogue::all_archives(&backups.options.folder)? {
        match named_by(backups, &path) {
            Ok(more) => named.extend(more),
            Err(error) => {
                tracing::warn!(error = &error as &dyn std::error::Error, "what media an archive names is not known, so none are removed");
                return Ok((0, 0));
            }
        }
    }
    let (mut files, mut bytes) = (0, 0);
    for entry in WalkDir::new(&store.folder).min_depth(2).max_depth(2).into_iter().flatten() {
        let path = entry.path();
        let sha256: String = path.iter().rev().take(2).collect::<Vec<_>>().into_iter().rev().map(|part| part.to_string_lossy()).collect();
        // What has been put aside goes with what it was; what has another name is not ours.
        let sha256 = sha256.strip_suffix(DAMAGED).unwrap_or(&sha256);
        let is_ours = path.parent().and_then(Path::file_name).is_some_and(|folder| folder.len() == 2) && store.place(sha256).is_ok();
        if entry.file_type().is_file() && is_ours && !named.contains(sha256) {
            bytes += entry.metadata().map_or(0, |about| about.len());
            fs::remove_file(path).map_err(Error::file("remove", path))?;
            files += 1;
        }
    }
    Ok((files, bytes))
}
