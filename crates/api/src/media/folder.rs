//! The folder: each file under its SHA-256, written durably, never half there.

use std::{
    fs::{self, File},
    io::Write,
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use sha2::{Digest, Sha256};
use tempfile::NamedTempFile;

use super::kind;
use crate::error::Error;

/// Files on their way in; cleared at the start.
const INCOMING: &str = "incoming";

/// The folder of media files: `ab/cdef…` by the hex of the SHA-256.
#[derive(Clone, Debug)]
pub(crate) struct MediaFolder {
    root: PathBuf,
    limit_bytes: Arc<AtomicU64>,
    /// Held while a file and its row change together: an upload must not find a file that a deletion is about to remove.
    pub(crate) changes: Arc<tokio::sync::Mutex<()>>,
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
        Ok(Self { root: root.to_owned(), limit_bytes: Arc::new(limit_bytes.into()), changes: Arc::default() })
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

    /// Begins to take a file.
    pub(crate) fn receive(&self) -> Result<Incoming, Error> {
        let folder = self.root.join(INCOMING);
        // Missing only where the disk was full or read-only at the start.
        fs::create_dir_all(&folder).map_err(failed("create the folder", &folder))?;
        let file = NamedTempFile::new_in(&folder).map_err(failed("create a file in", &folder))?;
        Ok(Incoming { file, hasher: Sha256::new(), head: Vec::new(), size_bytes: 0, limit_bytes: self.limit_bytes.load(Ordering::Relaxed) })
    }

    /// Puts a received file in its place; afterwards it survives a power cut.
    pub(crate) fn keep(&self, received: Received) -> Result<(), Error> {
        let path = self.path(&received.sha256);
        let folder = path.parent().unwrap_or(&self.root);
        if !folder.exists() {
            fs::create_dir_all(folder).map_err(failed("create the folder", folder))?;
            sync_folder(&self.root)?;
        }
        received.file.persist(&path).map_err(|error| failed("put in place", &path)(error.error))?;
        sync_folder(folder)
    }

    /// Removes a file; one that is gone already is fine.
    pub(crate) fn remove(&self, sha256: &str) -> Result<(), Error> {
        let path = self.path(sha256);
        match fs::remove_file(&path) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(failed("remove", &path)(error)),
            _ => Ok(()),
        }
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
        let media_type = kind::sniff(&self.head).map_err(|detail| Error::UnsupportedMedia { detail })?;
        self.file.as_file().sync_all().map_err(failed("sync", self.file.path()))?;
        let dimensions = if media_type.starts_with("image/") { imagesize::size(self.file.path()).ok() } else { None };
        let pixels = |n: usize| u32::try_from(n).ok().filter(|n| *n > 0);
        Ok(Received {
            sha256: hex::encode(self.hasher.finalize()),
            size_bytes: self.size_bytes,
            media_type,
            width: dimensions.and_then(|size| pixels(size.width)),
            height: dimensions.and_then(|size| pixels(size.height)),
            file: self.file,
        })
    }
}

/// A file that came whole and is not in its place yet.
#[derive(Debug)]
pub(crate) struct Received {
    file: NamedTempFile,
    pub(crate) sha256: String,
    pub(crate) size_bytes: u64,
    pub(crate) media_type: &'static str,
    pub(crate) width: Option<u32>,
    pub(crate) height: Option<u32>,
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
        let sha256 = received.sha256.clone();
        assert_eq!(sha256, "b94d27b9934d3e08a52e52d7da7dabfac484efe37a5380ee9088f7ace2efcde9");
        assert_eq!((received.size_bytes, received.media_type), (11, "text/plain"));
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
