//! The objects below one prefix of a store, each step tried again as long as that is worth it.

use std::os::unix::fs::PermissionsExt;
use std::path::{Path as FilePath, PathBuf};
use std::sync::Arc;

use futures_util::{StreamExt, TryStreamExt};
use jiff::Timestamp;
use object_store::multipart::MultipartStore;
use object_store::path::Path;
use object_store::{ObjectMeta, ObjectStore, ObjectStoreExt};
use sha2::{Digest, Sha256};
use tokio::sync::Semaphore;

use super::TargetOptions;
use super::connect::{Connection, connect};
use super::retry::Patience;
use crate::{Error, durable};

/// An object as the store lists it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Object {
    /// Relative to the prefix.
    pub(super) name: String,
    pub(super) size_bytes: u64,
    /// As the clock of the server says.
    pub(super) modified_at: Timestamp,
}

pub(super) struct Objects {
    pub(super) target: String,
    pub(super) store: Arc<dyn ObjectStore>,
    pub(super) multipart: Option<Arc<dyn MultipartStore>>,
    pub(super) patience: Patience,
    /// Smallest size of a part.
    pub(super) part_bytes: u64,
    /// Parts that may be in memory, whoever wants them.
    pub(super) room: Semaphore,
    pub(super) in_flight: usize,
    /// The folder of a target that is one.
    pub(super) folder: Option<PathBuf>,
    prefix: Path,
}

impl Objects {
    pub(super) fn connect(options: &TargetOptions) -> Result<Self, Error> {
        let Connection { store, multipart, prefix, folder } = connect(options)?;
        let in_flight = options.parts_in_flight.max(1);
        Ok(Self {
            target: options.name.clone(),
            store,
            multipart,
            patience: Patience { limit: options.retry_for },
            part_bytes: options.part_size_bytes.max(64 << 10),
            room: Semaphore::new(in_flight),
            in_flight,
            folder,
            prefix,
        })
    }

    pub(super) fn path(&self, name: &str) -> Path {
        Path::from_iter(self.prefix.parts().chain(Path::from(name).parts()))
    }

    pub(super) fn failed(&self, doing: &'static str, object: &str, source: object_store::Error) -> Error {
        Error::Target { target: self.target.clone(), doing, object: object.to_owned(), source: Box::new(source) }
    }

    pub(super) fn differs(&self, object: &str, problem: String) -> Error {
        Error::TargetDiffers { target: self.target.clone(), object: object.to_owned(), problem }
    }

    /// Size of an object; `None` if there is none.
    pub(super) async fn size(&self, name: &str) -> Result<Option<u64>, Error> {
        let path = self.path(name);
        match self.patience.attempt(|| self.store.head(&path)).await {
            Ok(meta) => Ok(Some(meta.size)),
            Err(object_store::Error::NotFound { .. }) => Ok(None),
            Err(source) => Err(self.failed("look for", name, source)),
        }
    }

    /// Everything in a folder below the prefix, and in its folders.
    pub(super) async fn list(&self, folder: &str) -> Result<Vec<Object>, Error> {
        let path = self.path(folder);
        let all = || self.store.list(Some(&path)).try_collect::<Vec<_>>();
        let found = self.patience.attempt(all).await.map_err(|source| self.failed("list", folder, source))?;
        Ok(found.into_iter().filter_map(|meta| self.object(meta)).collect())
    }

    /// What lies at the prefix itself: archives and what belongs to them.
    pub(super) async fn top(&self) -> Result<Vec<Object>, Error> {
        let found = self.patience.attempt(|| self.store.list_with_delimiter(Some(&self.prefix))).await;
        let found = found.map_err(|source| self.failed("list", "what is there", source))?;
        Ok(found.objects.into_iter().filter_map(|meta| self.object(meta)).collect())
    }

    fn object(&self, meta: ObjectMeta) -> Option<Object> {
        let name = meta.location.prefix_match(&self.prefix)?.map(|part| part.as_ref().to_owned()).collect::<Vec<_>>().join("/");
        let modified_at = Timestamp::from_second(meta.last_modified.timestamp()).unwrap_or(Timestamp::MAX);
        Some(Object { name, size_bytes: meta.size, modified_at })
    }

    /// The content of a small object; `None` if there is none.
    ///
    /// # Errors
    ///
    /// When it has more than `limit_bytes`, which none of ours has.
    pub(super) async fn get(&self, name: &str, limit_bytes: u64) -> Result<Option<Vec<u8>>, Error> {
        let Some(size) = self.size(name).await? else { return Ok(None) };
        if size > limit_bytes {
            return Err(self.differs(name, format!("{size} bytes, where at most {limit_bytes} can be right")));
        }
        let mut content = Vec::new();
        self.read(name, size, |bytes| {
            content.extend_from_slice(bytes);
            Ok(())
        })
        .await?;
        Ok(Some(content))
    }

    /// Writes a small object and reads it back.
    pub(super) async fn put(&self, name: &str, content: &[u8]) -> Result<(), Error> {
        let path = self.path(name);
        self.make_folder(name)?;
        let sent = self.patience.attempt(|| self.store.put(&path, content.to_vec().into())).await;
        sent.map_err(|source| self.failed("write", name, source))?;
        self.keep_private(name)?;
        match self.get(name, content.len() as u64).await? {
            Some(there) if there == content => Ok(()),
            Some(_) => Err(self.differs(name, "its content is another".to_owned())),
            None => Err(self.differs(name, "it was accepted and is not there".to_owned())),
        }
    }

    /// In a target that is a folder, makes the folder that an object lies in: like those of the backup folder, for its owner alone.
    pub(super) fn make_folder(&self, name: &str) -> Result<(), Error> {
        let place = self.folder.as_ref().map(|folder| folder.join(name));
        let Some(parent) = place.as_deref().and_then(FilePath::parent) else { return Ok(()) };
        durable::create_folder(parent).map_err(Error::file("create the folder", parent))
    }

    /// In a target that is a folder, makes the file of an object readable for its owner alone, also while it has its temporary name,
    /// `NAME#1`: it has all that the site has, password hashes among it.
    pub(super) fn keep_private(&self, name: &str) -> Result<(), Error> {
        let Some(place) = self.folder.as_ref().map(|folder| folder.join(name)) else { return Ok(()) };
        let (Some(parent), Some(name)) = (place.parent(), place.file_name().and_then(|name| name.to_str())) else { return Ok(()) };
        let is_it = |found: &str| found.strip_prefix(name).is_some_and(|rest| rest.is_empty() || rest.starts_with('#'));
        for entry in std::fs::read_dir(parent).map_err(Error::file("read the folder", parent))?.flatten() {
            if entry.file_name().to_str().is_some_and(is_it) {
                let path = entry.path();
                // What was unfinished may get its name, or go, meanwhile.
                let Ok(file) = std::fs::File::open(&path) else { continue };
                // Some disks have no modes, and say so.
                if let Err(error) = file.set_permissions(std::fs::Permissions::from_mode(0o600)) {
                    tracing::debug!(error = &error as &dyn std::error::Error, path = %path.display(), "the mode of a copy stays what it is");
                }
                durable::give_to_owner(&file, parent).map_err(Error::file("give away", &path))?;
            }
        }
        Ok(())
    }

    /// Gives the `size` bytes of an object to `sink`, in order, fetched in pieces.
    pub(super) async fn read(&self, name: &str, size: u64, mut sink: impl FnMut(&[u8]) -> Result<(), Error>) -> Result<(), Error> {
        let path = self.path(name);
        let piece = self.part_bytes;
        let pieces = (0..size.div_ceil(piece)).map(|index| index * piece..((index + 1) * piece).min(size));
        let mut fetched = futures_util::stream::iter(pieces)
            .map(|range| {
                let path = &path;
                async move {
                    let room = self.room.acquire().await.expect("the semaphore is never closed");
                    let bytes = self.patience.attempt(|| self.store.get_range(path, range.clone())).await;
                    bytes.map(|bytes| (room, range, bytes))
                }
            })
            .buffered(self.in_flight);
        while let Some(piece) = fetched.next().await {
            let (_room, range, bytes) = piece.map_err(|source| self.failed("read", name, source))?;
            if bytes.len() as u64 != range.end - range.start {
                return Err(self.differs(name, format!("it ends before byte {}", range.end)));
            }
            sink(&bytes)?;
        }
        Ok(())
    }

    /// Reads an object back and compares it.
    pub(super) async fn check(&self, name: &str, sha256: &str, size: u64, mut read: impl FnMut(u64)) -> Result<(), Error> {
        self.check_size(name, size).await?;
        let mut hash = Sha256::new();
        self.read(name, size, |bytes| {
            hash.update(bytes);
            read(bytes.len() as u64);
            Ok(())
        })
        .await?;
        let found = hex::encode(hash.finalize());
        if found == sha256 { Ok(()) } else { Err(self.differs(name, format!("its SHA-256 is {found}, not {sha256}"))) }
    }

    pub(super) async fn check_size(&self, name: &str, size: u64) -> Result<(), Error> {
        match self.size(name).await? {
            Some(found) if found == size => Ok(()),
            Some(found) => Err(self.differs(name, format!("it has {found} bytes, not {size}"))),
            None => Err(self.differs(name, "it is not there".to_owned())),
        }
    }

    /// Deletes objects; one that is not there is fine.
    pub(super) async fn delete(&self, name: &str) -> Result<(), Error> {
        let path = self.path(name);
        match self.patience.attempt(|| self.store.delete(&path)).await {
            Ok(()) | Err(object_store::Error::NotFound { .. }) => Ok(()),
            Err(source) => Err(self.failed("delete", name, source)),
        }
    }
}

/// Reads a piece of a local file.
pub(super) fn read_piece(file: &std::fs::File, path: &FilePath, offset: u64, bytes: usize) -> Result<Vec<u8>, Error> {
    let mut piece = vec![0; bytes];
    std::os::unix::fs::FileExt::read_exact_at(file, &mut piece, offset).map_err(Error::file("read", path))?;
    Ok(piece)
}
