//! A folder for what a command needs for a while. It lies where the library has its own, and is locked as they are, so that the next run
//! removes what a killed one left.

use std::fs::{self, DirBuilder};
use std::io;
use std::os::unix::fs::{DirBuilderExt, MetadataExt};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

/// Removed when it is dropped.
pub(crate) struct Scratch {
    path: PathBuf,
    /// Goes last: without it nobody would find the folder.
    _lock: NamedTempFile,
}

impl Scratch {
    pub(crate) fn create(backups: &Path) -> io::Result<Self> {
        let partial = backups.join(".partial");
        DirBuilder::new().recursive(true).mode(0o700).create(&partial)?;
        loop {
            let lock = tempfile::Builder::new().prefix("backupd-").suffix(".lock").tempfile_in(&partial)?;
            // Somebody who cleans up may have been quicker, and the file that is locked here has no name any more.
            if lock.as_file().try_lock().is_err() || lock.as_file().metadata()?.nlink() == 0 {
                continue;
            }
            let path = lock.path().with_extension("");
            DirBuilder::new().mode(0o700).create(&path)?;
            return Ok(Self { path, _lock: lock });
        }
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        if let Err(error) = fs::remove_dir_all(&self.path) {
            tracing::warn!(error = &error as &dyn std::error::Error, path = %self.path.display(), "cannot remove a folder of work in progress");
        }
    }
}
