//! Uploads in parts, by the tus protocol 1.0.0 (<https://tus.io/protocols/resumable-upload>): a large file goes on where it was cut off, also
//! after a restart.
//!
//! How much of a file is there is what the database says, which is never more than what is synced to the disk.

pub(crate) mod finish;
pub(crate) mod part;
pub(crate) mod protocol;
pub(crate) mod routes;
pub(crate) mod rows;
pub(crate) mod sweep;

use std::{
    collections::HashSet,
    path::PathBuf,
    sync::{Arc, Mutex, PoisonError},
};

use serde::Serialize;
use utoipa::ToSchema;

use super::Media;
use crate::{
    clock::Time,
    error::Error,
    id::{AccountId, UploadId},
};

/// Uploads that one account may have open.
pub(crate) const OPEN_MAX: u64 = 20;

/// An upload in parts, as it is in the database.
#[derive(Clone, Debug)]
pub(crate) struct Upload {
    pub(crate) id: UploadId,
    pub(crate) account: AccountId,
    pub(crate) name: String,
    pub(crate) metadata: String,
    pub(crate) size_bytes: u64,
    pub(crate) offset_bytes: u64,
    /// The hash of the whole, once it is on its way to its place.
    pub(crate) sha256: Option<String>,
    pub(crate) expires_at: Time,
    pub(crate) media: Option<Media>,
}

/// How far an upload is.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct UploadState {
    id: UploadId,
    /// As the client gave it.
    name: String,
    /// What it will have.
    size_bytes: u64,
    /// What it has.
    offset_bytes: u64,
    /// When it is given up unless more comes.
    expires_at: Time,
    /// What became of it; null until it is whole.
    media: Option<Media>,
}

impl From<Upload> for UploadState {
    fn from(upload: Upload) -> Self {
        let Upload { id, name, size_bytes, offset_bytes, expires_at, media, .. } = upload;
        Self { id, name, size_bytes, offset_bytes, expires_at, media }
    }
}

/// The folder of files that come in parts, and which of them somebody works on.
#[derive(Clone, Debug)]
pub(crate) struct Uploads {
    root: PathBuf,
    busy: Arc<Mutex<HashSet<UploadId>>>,
}

/// An upload that nobody else works on until this is dropped.
#[derive(Debug)]
pub(crate) struct Claim {
    id: UploadId,
    busy: Arc<Mutex<HashSet<UploadId>>>,
}

impl Uploads {
    pub(crate) fn new(root: PathBuf) -> Self {
        Self { root, busy: Arc::default() }
    }

    pub(crate) fn root(&self) -> &std::path::Path {
        &self.root
    }

    /// Where the parts of an upload are put together.
    pub(crate) fn path(&self, id: UploadId) -> PathBuf {
        self.root.join(id.to_string())
    }

    /// # Errors
    ///
    /// [`Error::UploadLocked`] where somebody works on it.
    pub(crate) fn claim(&self, id: UploadId) -> Result<Claim, Error> {
        let is_free = self.busy.lock().unwrap_or_else(PoisonError::into_inner).insert(id);
        if is_free { Ok(Claim { id, busy: Arc::clone(&self.busy) }) } else { Err(Error::UploadLocked) }
    }
}

impl Drop for Claim {
    fn drop(&mut self) {
        self.busy.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.id);
    }
}
