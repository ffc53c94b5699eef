//! One owner for each database: the lock file beside it.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, Read, Seek, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use crate::Error;
use crate::folder::beside;

/// Who has a database open, as its lock file tells.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Owner {
    /// Process id. In another container it may name another process.
    pub pid: u32,
    /// File name of the program.
    pub program: String,
}

/// Held for the life of a store. The operating system releases it when the process ends, however it ends; the file stays, because
/// removing it would let a waiting process lock a file that the next one no longer sees.
#[derive(Debug)]
pub(crate) struct Lock {
    file: File,
}

impl Lock {
    /// Takes the lock of the database `path`, waiting for another owner at most `wait`.
    pub(crate) fn take(path: &Path, wait: Duration) -> Result<Self, Error> {
        let started = Instant::now();
        let name = beside(path, ".lock");
        let trouble = |source| Error::Lock { path: name.clone(), source };
        let file = open(&name).map_err(trouble)?;
        loop {
            match file.try_lock() {
                Ok(()) => break,
                Err(TryLockError::Error(source)) => return Err(trouble(source)),
                Err(TryLockError::WouldBlock) if started.elapsed() < wait => std::thread::sleep(Duration::from_millis(10)),
                Err(TryLockError::WouldBlock) => return Err(Error::Locked { path: path.to_owned(), owner: owner(&file) }),
            }
        }
        let mut lock = Self { file };
        lock.sign().map_err(trouble)?;
        Ok(lock)
    }

    fn sign(&mut self) -> io::Result<()> {
        self.file.set_len(0)?;
        self.file.rewind()?;
        let program = std::env::current_exe().unwrap_or_default();
        let program = program.file_name().unwrap_or_default().to_string_lossy();
        writeln!(self.file, "{} {program}", std::process::id())
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        // The name of an owner that has left would only mislead.
        let _ = self.file.set_len(0);
        let _ = self.file.unlock();
    }
}

fn open(name: &PathBuf) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(name)
}

/// `None` while the other owner is just about to sign, or where the file cannot be read.
fn owner(mut file: &File) -> Option<Owner> {
    let mut text = String::new();
    file.read_to_string(&mut text).ok()?;
    let (pid, program) = text.trim_end().split_once(' ')?;
    Some(Owner { pid: pid.parse().ok()?, program: program.to_owned() })
}
