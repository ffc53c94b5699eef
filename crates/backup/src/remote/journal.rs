//! What has arrived of an upload, so that the next attempt goes on where this one ended.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::durable;

/// An upload that has begun.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Journal {
    /// The name it is going to have.
    pub(super) object: String,
    /// The local file that is being sent.
    pub(super) source: PathBuf,
    pub(super) sha256: String,
    pub(super) size_bytes: u64,
    pub(super) part_bytes: u64,
    pub(super) upload_id: String,
    /// What the server said of each part that it has.
    pub(super) parts: BTreeMap<usize, String>,
}

impl Journal {
    /// Reads a journal; `None` if there is none that can be used.
    pub(super) fn read(path: &Path) -> Option<Self> {
        serde_json::from_slice(&std::fs::read(path).ok()?).ok()
    }

    /// Replaces the journal. It need not survive a power cut: without it, the upload begins anew.
    pub(super) fn write(&self, path: &Path) -> io::Result<()> {
        let folder = path.parent().unwrap_or(Path::new("."));
        durable::create_folder(folder)?;
        let temporary = tempfile::NamedTempFile::new_in(folder)?;
        durable::give_to_owner(temporary.as_file(), folder)?;
        serde_json::to_writer(&temporary, self)?;
        temporary.persist(path).map_err(|error| error.error)?;
        Ok(())
    }
}
