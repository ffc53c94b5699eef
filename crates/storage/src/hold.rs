//! Somebody copies the database and the files that belong to it: files that a row names, or named a moment ago, stay as long as that takes.

use std::fs::{File, OpenOptions, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

use crate::Error;
use crate::folder::{beside, resolve_existing};

/// Held while a database is copied together with files that its rows name. The rows are those of one moment, and the files are read after it:
/// who deletes a row meanwhile deletes its file when nobody [holds](Self::is_held) the database any more.
///
/// Several may hold it at once. The operating system releases it when the process ends, however it ends; the file `<database>.hold` stays.
///
/// ```
/// use magnetiq_storage::{Error, Hold, Options, Store};
///
/// # fn main() -> Result<(), Error> {
/// # let folder = tempfile::tempdir().unwrap();
/// # let path = folder.path().join("notes.sqlite3");
/// # let store = Store::open(&path, Options::default())?;
/// let hold = Hold::take(&path)?;
/// assert!(Hold::is_held(&path)?);
/// drop(hold);
/// assert!(!Hold::is_held(&path)?);
/// # store.close()
/// # }
/// ```
#[derive(Debug)]
#[must_use = "whoever drops it lets the files go"]
pub struct Hold {
    _file: File,
}

impl Hold {
    /// Holds the database `database`. Waits for nobody but those who ask, which is a moment.
    ///
    /// # Errors
    ///
    /// [`Error::Missing`], [`Error::Path`]; [`Error::Lock`] where the file beside it cannot be made or locked.
    pub fn take(database: impl AsRef<Path>) -> Result<Self, Error> {
        let name = name(database.as_ref())?;
        let failed = |source| Error::Lock { path: name.clone(), source };
        let file = match File::open(&name) {
            Err(e) if e.kind() == io::ErrorKind::NotFound => create(&name),
            other => other,
        };
        let file = file.map_err(failed)?;
        file.lock_shared().map_err(failed)?;
        Ok(Self { _file: file })
    }

    /// Whether anybody holds the database `database`.
    ///
    /// # Errors
    ///
    /// [`Error::Missing`], [`Error::Path`]; [`Error::Lock`] where it cannot be told.
    pub fn is_held(database: impl AsRef<Path>) -> Result<bool, Error> {
        let name = name(database.as_ref())?;
        let failed = |source| Error::Lock { path: name.clone(), source };
        let file = match File::open(&name) {
            Ok(file) => file,
            Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(false),
            Err(source) => return Err(failed(source)),
        };
        match file.try_lock() {
            Ok(()) => file.unlock().map(|()| false).map_err(failed),
            Err(TryLockError::WouldBlock) => Ok(true),
            Err(TryLockError::Error(source)) => Err(failed(source)),
        }
    }
}

fn create(name: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    // Who asks, and who holds it next, may be another user.
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o644);
    options.open(name)
}

fn name(database: &Path) -> Result<PathBuf, Error> {
    Ok(beside(&resolve_existing(database)?, ".hold"))
}
