//! Some space that is kept for a bad day: a file beside the database. A server that is started on a full disk gives it up, because SQLite
//! cannot even read without a few pages for its companion files; it then comes up and refuses writes.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use magnetiq_config::RESERVE_BYTES;
use tempfile::NamedTempFile;

/// The file `<database>.reserve`.
#[derive(Clone, Debug)]
pub struct Reserve {
    path: PathBuf,
}

impl Reserve {
    /// Of this database, which need not exist.
    pub fn of(database: &Path) -> Self {
        let mut path = database.as_os_str().to_owned();
        path.push(".reserve");
        Self { path: path.into() }
    }

    /// Whether it is there.
    pub fn is_kept(&self) -> bool {
        self.path.metadata().is_ok_and(|metadata| metadata.len() >= RESERVE_BYTES)
    }

    /// Takes the space, where it is not taken yet.
    ///
    /// # Errors
    ///
    /// Where the file cannot be written; then nothing is taken.
    pub fn keep(&self) -> io::Result<()> {
        if self.is_kept() {
            return Ok(());
        }
        let folder = self.path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let mut file = NamedTempFile::new_in(folder)?;
        // Random, or a file system that compresses takes no space for it.
        let mut part = vec![0; 1 << 16];
        for _ in 0..RESERVE_BYTES / part.len() as u64 {
            getrandom::fill(&mut part).map_err(io::Error::other)?;
            file.write_all(&part)?;
        }
        file.as_file().sync_all()?;
        file.persist(&self.path).map_err(|error| error.error)?;
        File::open(folder)?.sync_all()
    }

    /// Gives the space up; `false` where there was none.
    ///
    /// # Errors
    ///
    /// Where the file cannot be removed.
    pub fn give_up(&self) -> io::Result<bool> {
        match fs::remove_file(&self.path) {
            Ok(()) => Ok(true),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
            Err(error) => Err(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_kept_once_and_given_up_once() {
        let folder = tempfile::tempdir().unwrap();
        let reserve = Reserve::of(&folder.path().join("magnetiq.sqlite3"));
        assert!(!reserve.is_kept() && !reserve.give_up().unwrap());
        reserve.keep().unwrap();
        reserve.keep().unwrap();
        assert!(reserve.is_kept());
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
        assert!(reserve.give_up().unwrap() && !reserve.is_kept());
    }
}
