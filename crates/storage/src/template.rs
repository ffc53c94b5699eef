//! Databases for tests: made once, copied for each test.

use std::path::PathBuf;

use rusqlite::{Connection, OpenFlags};
use tempfile::TempDir;

use crate::{Error, Options, Store};

/// A database that was prepared once, to start many tests from: migrating costs each of them nothing.
///
/// ```
/// use magnetiq_storage::{Error, Options, Store, Template};
///
/// # fn main() -> Result<(), Error> {
/// let template = Template::new(Options::default(), |store| {
///     store.write(|tx| Ok(tx.execute_batch("CREATE TABLE note (text TEXT)")?)).wait()
/// })?;
/// let store: Store = template.store()?;
/// store.write(|tx| Ok(tx.execute("INSERT INTO note VALUES ('mine alone')", [])?)).wait()?;
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct Template {
    path: PathBuf,
    options: Options,
    _folder: TempDir,
}

impl Template {
    /// Makes an empty database, lets `prepare` fill it, and keeps the result as long as this lives.
    ///
    /// # Errors
    ///
    /// What `prepare` returned; as [`Store::temporary`] and [`Store::snapshot`].
    pub fn new(options: Options, prepare: impl FnOnce(&Store) -> Result<(), Error>) -> Result<Self, Error> {
        let folder = temporary_folder()?;
        let path = folder.path().join("template.sqlite3");
        let store = Store::temporary(options.clone())?;
        prepare(&store)?;
        store.snapshot(&path)?;
        store.close()?;
        // A copy does not have to switch the mode again, which would cost it a sync.
        let opening = |source| Error::Open { path: path.clone(), source };
        let conn = Connection::open_with_flags(&path, OpenFlags::SQLITE_OPEN_READ_WRITE).map_err(opening)?;
        conn.pragma_update_and_check(None, "journal_mode", "wal", |_| Ok(())).map_err(opening)?;
        conn.close().map_err(|(_, e)| opening(e))?;
        Ok(Self { path, options, _folder: folder })
    }

    /// A store of its own with the content of the template, in a temporary folder that goes with its last handle.
    ///
    /// # Errors
    ///
    /// As [`Store::temporary`].
    pub fn store(&self) -> Result<Store, Error> {
        let folder = temporary_folder()?;
        let path = folder.path().join("temporary.sqlite3");
        // Nobody has either of them open.
        std::fs::copy(&self.path, &path).map_err(|source| Error::SnapshotFile { step: "copy", path: path.clone(), source })?;
        Store::open_in(&path, self.options.clone(), Some(folder))
    }
}

pub(crate) fn temporary_folder() -> Result<TempDir, Error> {
    let folder = tempfile::Builder::new().prefix("magnetiq-").tempdir();
    folder.map_err(|source| Error::Folder { path: std::env::temp_dir(), source })
}
