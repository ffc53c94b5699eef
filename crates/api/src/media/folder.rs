//! The folder: each file under its SHA-256, written durably, never half there.

use std::{
    fs::{self, File},
    io::{Read, Write},
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use sha2::{Digest, Sha256};
use tempfile::NamedTempFile;

use super::{kind, uploads::Uploads, variants::picture};
use crate::{error::Error, id::UploadId};

/// Files on their way in; cleared at the start. Backups leave out this folder and the next two.
const INCOMING: &str = "incoming";
/// Files that come in parts.
const UPLOADS: &str = "uploads";
/// Smaller pictures: `ab/cdef…/small-0123456789ab.webp` by the hash of the picture they were made of.
const VARIANTS: &str = "variants";

/// The folder of media files: `ab/cdef…` by the hex of the SHA-256.
#[derive(Clone, Debug)]
pub(crate) struct MediaFolder {
    root: PathBuf,
    limit_bytes: Arc<AtomicU64>,
    /// Held while a file and its row change together: to read by who brings files, which don't disturb each other, and to write by who removes
    /// some, so that nobody finds one that is about to go.
    pub(crate) changes: Arc<tokio::sync::RwLock<()>>,
    /// Files that come in parts.
    pub(crate) uploads: Uploads,
}

fn failed(action: &'static str, path: &Path) -> impl FnOnce(std::io::Error) -> Error {
    let path = path.to_owned();
    move |source| Error::File { action, path, source }
}

impl MediaFolder {
    /// Makes the folder where it is missing and clears away what an interrupted upload left. The caller holds the store's lock, so no
    /// other server is writing here.
    ///
    /// A folder that is there and cannot be written to stops nobody from reading: its uploads fail.
    pub(crate) fn open(root: &Path, limit_bytes: u64) -> Result<Self, Error> {
        match clear(&root.join(INCOMING)) {
            Err(Error::File { source, .. }) if root.is_dir() && is_of_disk(&source) => {
                tracing::warn!(folder = %root.display(), cause = %source, "the folder of media cannot be written to: uploads will fail");
            }
            cleared => cleared?,
        }
        let limit_bytes = Arc::new(limit_bytes.into());
        Ok(Self { root: root.to_owned(), limit_bytes, changes: Arc::default(), uploads: Uploads::new(root.join(UPLOADS)) })
    }

    /// The largest file that is taken from now on.
    pub(crate) fn set_limit(&self, limit_bytes: u64) {
        self.limit_bytes.store(limit_bytes, Ordering::Relaxed);
    }

    /// Where the file with this hash lies.
    pub(crate) fn path(&self, sha256: &str) -> PathBuf {
        let (folder, name) = sha256.split_at(2);
        self.root.join(folder).join(name)
    }

    /// Begins to take a file, of the size that is taken in one piece.
    pub(crate) fn receive(&self) -> Result<Incoming, Error> {
        self.receive_up_to(self.limit_bytes.load(Ordering::Relaxed))
    }

    /// Begins to take a file of this size at most.
    pub(crate) fn receive_up_to(&self, limit_bytes: u64) -> Result<Incoming, Error> {
        let folder = self.root.join(INCOMING);
        // Missing only where the disk was full or read-only at the start.
        fs::create_dir_all(&folder).map_err(failed("create the folder", &folder))?;
        let file = NamedTempFile::new_in(&folder).map_err(failed("create a file in", &folder))?;
        Ok(Incoming { file, hasher: Sha256::new(), head: Vec::new(), size_bytes: 0, limit_bytes })
    }

    /// Puts a received file in its place; afterwards it survives a power cut.
    pub(crate) fn keep(&self, received: Received) -> Result<(), Error> {
        let path = self.path(&received.about.sha256);
        let folder = self.folder_of(&path)?;
        received.file.persist(&path).map_err(|error| failed("put in place", &path)(error.error))?;
        sync_folder(folder)
    }

    /// The folder of a file, made where it is missing.
    fn folder_of<'a>(&'a self, path: &'a Path) -> Result<&'a Path, Error> {
        let folder = path.parent().unwrap_or(&self.root);
        if !folder.exists() {
            fs::create_dir_all(folder).map_err(failed("create the folder", folder))?;
            sync_folder(&self.root)?;
        }
        Ok(folder)
    }

    /// Removes a file and what was made of it; one that is gone already is fine.
    pub(crate) fn remove(&self, sha256: &str) -> Result<(), Error> {
        remove_file(&self.path(sha256))?;
        self.keep_only_variants(sha256, &[])
    }

    /// The folder of what was made of a picture.
    pub(crate) fn variants(&self, sha256: &str) -> PathBuf {
        let (folder, name) = sha256.split_at(2);
        self.root.join(VARIANTS).join(folder).join(name)
    }

    /// Puts what was made of a picture in its place.
    pub(crate) fn keep_variant(&self, sha256: &str, name: &str, content: &[u8]) -> Result<(), Error> {
        let (folder, incoming) = (self.variants(sha256), self.root.join(INCOMING));
        for folder in [&folder, &incoming] {
            fs::create_dir_all(folder).map_err(failed("create the folder", folder))?;
        }
        let mut file = NamedTempFile::new_in(&incoming).map_err(failed("create a file in", &incoming))?;
        file.write_all(content).and_then(|()| file.as_file().sync_all()).map_err(failed("write", file.path()))?;
        let path = folder.join(name);
        file.persist(&path).map_err(|error| failed("put in place", &path)(error.error))?;
        Ok(())
    }

    /// Removes what was made of a picture but for these; the folder, too, where there are none.
    pub(crate) fn keep_only_variants(&self, sha256: &str, names: &[String]) -> Result<(), Error> {
        let folder = self.variants(sha256);
        for path in entries(&folder)? {
            let is_kept = path.file_name().is_some_and(|name| names.iter().any(|kept| name == kept.as_str()));
            if !is_kept {
                remove_file(&path)?;
            }
        }
        // One that is not empty stays.
        let _ = fs::remove_dir(&folder);
        Ok(())
    }

    /// Everything that was made of pictures: hash of the picture, and file.
    pub(crate) fn all_variants(&self) -> Result<Vec<(String, PathBuf)>, Error> {
        let mut all = Vec::new();
        for folder in entries(&self.root.join(VARIANTS))? {
            for picture in entries(&folder)? {
                let name = |path: &Path| path.file_name().unwrap_or_default().to_string_lossy().into_owned();
                let sha256 = name(&folder) + &name(&picture);
                all.extend(entries(&picture)?.into_iter().map(|file| (sha256.clone(), file)));
            }
        }
        Ok(all)
    }

    /// The hash of every file that is in its place.
    pub(crate) fn hashes(&self) -> Result<Vec<String>, Error> {
        let name = |path: &Path| path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let is_hex = |text: &str| text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
        let mut hashes = Vec::new();
        for folder in entries(&self.root)?.into_iter().filter(|path| name(path).len() == 2 && path.is_dir()) {
            let files = entries(&folder)?.into_iter().filter(|path| path.is_file());
            hashes.extend(files.map(|file| name(&folder) + &name(&file)).filter(|hash| hash.len() == 64 && is_hex(hash)));
        }
        Ok(hashes)
    }

    /// Makes the empty file of an upload in parts.
    pub(crate) fn create_upload(&self, id: UploadId) -> Result<(), Error> {
        let (folder, path) = (self.uploads.root(), self.uploads.path(id));
        fs::create_dir_all(folder).map_err(failed("create the folder", folder))?;
        File::create_new(&path).map_err(failed("create", &path))?;
        sync_folder(folder)
    }

    /// What came in parts, read again from the disk. `known` is the hash of one that is on the way to its place, or there.
    pub(crate) fn received_upload(&self, id: UploadId, known: Option<&str>) -> Result<About, Error> {
        let mut path = self.uploads.path(id);
        if let Some(sha256) = known.filter(|_| !path.exists()) {
            path = self.path(sha256);
        }
        let mut file = File::open(&path).map_err(|source| match source.kind() {
            std::io::ErrorKind::NotFound => Error::NotFound { what: "upload" },
            _ => failed("open", &path)(source),
        })?;
        let (mut hasher, mut head, mut size_bytes) = (Sha256::new(), Vec::new(), 0);
        let mut buffer = vec![0; 128 * 1024];
        loop {
            let n = file.read(&mut buffer).map_err(failed("read", &path))?;
            if n == 0 {
                break;
            }
            let wanted = kind::HEAD.saturating_sub(head.len()).min(n);
            head.extend_from_slice(&buffer[..wanted]);
            hasher.update(&buffer[..n]);
            size_bytes += n as u64;
        }
        About::of(&path, &head, hasher, size_bytes)
    }

    /// Puts what came in parts in its place, if it is not there yet.
    pub(crate) fn keep_upload(&self, id: UploadId, sha256: &str) -> Result<(), Error> {
        let (from, path) = (self.uploads.path(id), self.path(sha256));
        if !from.exists() && path.exists() {
            return Ok(());
        }
        let folder = self.folder_of(&path)?;
        File::open(&from).and_then(|file| file.sync_all()).map_err(failed("sync", &from))?;
        fs::rename(&from, &path).map_err(failed("put in place", &path))?;
        sync_folder(folder)
    }

    /// Removes what came in parts; what is gone already is fine.
    pub(crate) fn remove_upload(&self, id: UploadId) -> Result<(), Error> {
        remove_file(&self.uploads.path(id))
    }

    /// Removes the files of uploads that nobody knows.
    pub(crate) fn keep_only_uploads(&self, known: &[(UploadId, bool)]) -> Result<(), Error> {
        for path in entries(self.uploads.root())? {
            if !known.iter().any(|(id, _)| path == self.uploads.path(*id)) {
                remove_file(&path)?;
            }
        }
        Ok(())
    }

    /// The uploads that have no file. One that is on the way to its place may be there already, and one that a disk does not give may come back.
    pub(crate) fn lost_uploads(&self, known: &[(UploadId, bool)]) -> Vec<UploadId> {
        let is_lost = |(id, on_the_way): &&(UploadId, bool)| !on_the_way && matches!(self.uploads.path(*id).try_exists(), Ok(false));
        known.iter().filter(is_lost).map(|(id, _)| *id).collect()
    }
}

/// What lies in a folder; nothing where there is none.
fn entries(folder: &Path) -> Result<Vec<PathBuf>, Error> {
    match fs::read_dir(folder) {
        Ok(entries) => entries.map(|entry| Ok(entry.map_err(failed("read the folder", folder))?.path())).collect(),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Vec::new()),
        Err(error) => Err(failed("read the folder", folder)(error)),
    }
}

/// One that is gone already is fine.
fn remove_file(path: &Path) -> Result<(), Error> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(failed("remove", path)(error)),
        _ => Ok(()),
    }
}

fn clear(incoming: &Path) -> Result<(), Error> {
    fs::create_dir_all(incoming).map_err(failed("create the folder", incoming))?;
    for entry in fs::read_dir(incoming).map_err(failed("read the folder", incoming))? {
        let path = entry.map_err(failed("read the folder", incoming))?.path();
        fs::remove_file(&path).map_err(failed("remove", &path))?;
    }
    Ok(())
}

/// Full, read-only, or somebody else's: it may pass, and concerns writing only.
fn is_of_disk(error: &std::io::Error) -> bool {
    use std::io::ErrorKind::{PermissionDenied, QuotaExceeded, ReadOnlyFilesystem, StorageFull};
    matches!(error.kind(), PermissionDenied | QuotaExceeded | ReadOnlyFilesystem | StorageFull)
}

fn sync_folder(folder: &Path) -> Result<(), Error> {
    File::open(folder).and_then(|folder| folder.sync_all()).map_err(failed("sync the folder", folder))
}

/// A file on its way in. Dropped before the end, it leaves nothing behind.
#[derive(Debug)]
pub(crate) struct Incoming {
    file: NamedTempFile,
    hasher: Sha256,
    head: Vec<u8>,
    size_bytes: u64,
    limit_bytes: u64,
}

impl Incoming {
    /// Takes the next part.
    pub(crate) fn write(&mut self, part: &[u8]) -> Result<(), Error> {
        self.size_bytes += part.len() as u64;
        if self.size_bytes > self.limit_bytes {
            return Err(Error::TooLarge { limit_bytes: self.limit_bytes });
        }
        let wanted = kind::HEAD.saturating_sub(self.head.len()).min(part.len());
        self.head.extend_from_slice(&part[..wanted]);
        self.hasher.update(part);
        self.file.write_all(part).map_err(failed("write", self.file.path()))
    }

    /// All of it has come: says what it is and syncs it.
    pub(crate) fn finish(self) -> Result<Received, Error> {
        let about = About::of(self.file.path(), &self.head, self.hasher, self.size_bytes)?;
        self.file.as_file().sync_all().map_err(failed("sync", self.file.path()))?;
        Ok(Received { about, file: self.file })
    }
}

/// A file that came whole and is not in its place yet.
#[derive(Debug)]
pub(crate) struct Received {
    file: NamedTempFile,
    pub(crate) about: About,
}

/// What a file is.
#[derive(Clone, Debug)]
pub(crate) struct About {
    pub(crate) sha256: String,
    pub(crate) size_bytes: u64,
    pub(crate) media_type: &'static str,
    /// Pixels, as it is shown.
    pub(crate) width: Option<u32>,
    /// Pixels, as it is shown.
    pub(crate) height: Option<u32>,
}

impl About {
    fn of(path: &Path, head: &[u8], hasher: Sha256, size_bytes: u64) -> Result<Self, Error> {
        let media_type = kind::sniff(head).map_err(|detail| Error::UnsupportedMedia { detail })?;
        let size = if media_type.starts_with("image/") { picture::size(path, media_type) } else { None };
        let (width, height) = size.unzip();
        Ok(Self { sha256: hex::encode(hasher.finalize()), size_bytes, media_type, width, height })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn files(root: &Path) -> usize {
        walkdir::WalkDir::new(root).into_iter().filter(|entry| entry.as_ref().unwrap().file_type().is_file()).count()
    }

    #[test]
    fn a_file_is_kept_under_its_hash() {
        let root = tempfile::tempdir().unwrap();
        let folder = MediaFolder::open(root.path(), 100).unwrap();
        let mut incoming = folder.receive().unwrap();
        incoming.write(b"hello ").unwrap();
        incoming.write(b"world").unwrap();
        let received = incoming.finish().unwrap();
        let sha256 = received.about.sha256.clone();
        assert_eq!(sha256, "b94d27b9934d3e08a52e52d7da7dabfac484efe37a5380ee9088f7ace2efcde9");
        assert_eq!((received.about.size_bytes, received.about.media_type), (11, "text/plain"));
        folder.keep(received).unwrap();
        assert_eq!(fs::read(folder.path(&sha256)).unwrap(), b"hello world");
        folder.remove(&sha256).unwrap();
        folder.remove(&sha256).unwrap();
        assert_eq!(files(root.path()), 0);
    }

    #[test]
    fn what_does_not_come_whole_leaves_nothing() {
        let root = tempfile::tempdir().unwrap();
        let folder = MediaFolder::open(root.path(), 10).unwrap();
        let mut cut_off = folder.receive().unwrap();
        cut_off.write(b"half").unwrap();
        drop(cut_off);
        let mut too_large = folder.receive().unwrap();
        assert!(matches!(too_large.write(b"hello world"), Err(Error::TooLarge { limit_bytes: 10 })));
        drop(too_large);
        let mut unknown = folder.receive().unwrap();
        unknown.write(b"\0\x01\x02").unwrap();
        assert!(matches!(unknown.finish(), Err(Error::UnsupportedMedia { .. })));
        assert_eq!(files(root.path()), 0);
    }

    #[test]
    fn a_start_clears_what_a_killed_server_left() {
        let root = tempfile::tempdir().unwrap();
        MediaFolder::open(root.path(), 10).unwrap();
        fs::write(root.path().join(INCOMING).join("left"), "half").unwrap();
        MediaFolder::open(root.path(), 10).unwrap();
        assert_eq!(files(root.path()), 0);
    }
}
