//! Folders for work in progress, in `.partial` of the backup folder. Each is locked by the process that works in it, so that what a
//! killed one left is recognised and removed.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use crate::{Backups, Error, durable};

const PARTIAL: &str = ".partial";

/// A folder for work in progress, in the backup folder: there is the room for it. It is removed when this is dropped; what a killed process
/// left goes when the next one makes one.
#[derive(Debug)]
pub struct Scratch {
    path: PathBuf,
    lock_path: PathBuf,
    _lock: File,
}

impl Scratch {
    /// Makes one, and removes those whose process is gone.
    pub(crate) fn create(folder: &Path) -> Result<Self, Error> {
        let partial = folder.join(PARTIAL);
        durable::create_folder(&partial).map_err(Error::file("create the folder", &partial))?;
        remove_abandoned(&partial);
        durable::remove_unfinished(folder);
        for number in 0_u32.. {
            let lock_path = partial.join(format!("{}-{number}.lock", std::process::id()));
            let lock = match OpenOptions::new().write(true).create_new(true).mode(0o600).open(&lock_path) {
                Err(e) if e.kind() == io::ErrorKind::AlreadyExists => continue,
                other => other.map_err(Error::file("create", &lock_path))?,
            };
            // Somebody who cleans up may have been quicker, and the file that is locked here has no name any more.
            if lock.try_lock().is_err() || lock.metadata().map_or(true, |meta| meta.nlink() == 0) {
                continue;
            }
            durable::give_to_owner(&lock, folder).map_err(Error::file("give away", &lock_path))?;
            let path = lock_path.with_extension("");
            match fs::DirBuilder::new().mode(0o700).create(&path) {
                Err(e) if e.kind() == io::ErrorKind::AlreadyExists => continue,
                other => other.map_err(Error::file("create the folder", &path))?,
            }
            let given = File::open(&path).and_then(|made| durable::give_to_owner(&made, folder));
            given.map_err(Error::file("give away", &path))?;
            return Ok(Self { path, lock_path, _lock: lock });
        }
        Err(Error::File { action: "create a folder in", path: partial, source: io::ErrorKind::AlreadyExists.into() })
    }

    /// The folder.
    pub fn path(&self) -> &Path {
        &self.path
    }
}

impl Backups {
    /// A folder for what belongs to these backups for a while, such as one that was fetched or is tried out.
    ///
    /// # Errors
    ///
    /// [`Error::File`].
    pub fn scratch(&self) -> Result<Scratch, Error> {
        Scratch::create(&self.options.folder)
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        remove(&self.path, &self.lock_path);
    }
}

fn remove(path: &Path, lock_path: &Path) {
    let removed = match fs::remove_dir_all(path) {
        Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(()),
        other => other,
    };
    // The lock file goes last: without it nobody would find the folder.
    if let Err(error) = removed.and_then(|()| fs::remove_file(lock_path)) {
        tracing::warn!(error = &error as &dyn std::error::Error, path = %path.display(), "cannot remove a folder of work in progress");
    }
}

fn remove_abandoned(partial: &Path) {
    let Ok(entries) = fs::read_dir(partial) else { return };
    for lock_path in entries.flatten().map(|entry| entry.path()).filter(|path| path.extension().is_some_and(|e| e == "lock")) {
        let Ok(lock) = OpenOptions::new().write(true).open(&lock_path) else { continue };
        if is_abandoned(&lock, &lock_path) {
            tracing::info!(path = %lock_path.display(), "removing what an interrupted run left");
            remove(&lock_path.with_extension(""), &lock_path);
        }
    }
}

/// Whether nobody holds the lock, and it is still the one of that name: its owner may have removed it since it was opened, and another
/// run may have made one of the same name.
fn is_abandoned(lock: &File, lock_path: &Path) -> bool {
    let identity = |about: fs::Metadata| (about.dev(), about.ino());
    lock.try_lock().is_ok() && lock.metadata().ok().map(identity) == fs::metadata(lock_path).ok().map(identity)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lock_of_a_run_that_took_over_the_name_is_not_abandoned() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("7-0.lock");
        let seen = File::create(&path).unwrap();
        fs::remove_file(&path).unwrap();
        assert!(!is_abandoned(&seen, &path));
        let living = File::create(&path).unwrap();
        living.lock().unwrap();
        assert!(!is_abandoned(&seen, &path));
        drop(living);
        assert!(is_abandoned(&File::open(&path).unwrap(), &path));
    }
}
