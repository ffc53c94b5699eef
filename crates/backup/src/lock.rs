//! One at a time in a backup folder: `backup.lock`.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read, Seek, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::time::{Duration, Instant};

use crate::{Error, durable};

/// How long whoever has the lock gets to come to an end, or to give way.
const TURN_WAIT: Duration = Duration::from_secs(5);
/// Records are held for milliseconds.
const RECORDS_WAIT: Duration = Duration::from_secs(30);

/// Held while something is written in the backup folder. The operating system releases it when the process ends, however it ends.
#[derive(Debug)]
pub(crate) struct Lock {
    file: File,
}

impl Lock {
    /// Takes the lock of `folder`, or says who has it.
    pub(crate) fn take(folder: &Path, program: &str) -> Result<Self, Error> {
        Self::take_file(folder, "backup.lock", program)
    }

    /// Takes the lock for work that somebody waits for: tries for a few seconds, and asks a copy on its way elsewhere, which may take days,
    /// to give way.
    pub(crate) fn wait(folder: &Path, program: &str) -> Result<Self, Error> {
        let started = Instant::now();
        let mut turn = None;
        loop {
            match Self::take(folder, program) {
                Err(Error::Locked { .. }) if started.elapsed() < TURN_WAIT => {}
                other => return other,
            }
            if turn.is_none() {
                turn = Some(Turn::ask(folder)?);
            }
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// For the moment in which a record is changed: a proof must not be lost because a backup is being made. Waits.
    pub(crate) fn of_records(folder: &Path, program: &str) -> Result<Self, Error> {
        let started = Instant::now();
        loop {
            match Self::take_file(folder, "records.lock", program) {
                Err(Error::Locked { .. }) if started.elapsed() < RECORDS_WAIT => std::thread::sleep(Duration::from_millis(5)),
                other => return other,
            }
        }
    }

    fn take_file(folder: &Path, name: &str, program: &str) -> Result<Self, Error> {
        let path = folder.join(name);
        let mut file = open(&path)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::Error(source)) => return Err(Error::File { action: "lock", path, source }),
            Err(TryLockError::WouldBlock) => {
                let mut owner = String::new();
                // Empty where the owner is just about to sign.
                let _ = file.read_to_string(&mut owner);
                let owner = match owner.trim() {
                    "" => "another process".to_owned(),
                    owner => owner.to_owned(),
                };
                return Err(Error::Locked { path: folder.to_owned(), owner });
            }
        }
        durable::give_to_owner(&file, folder).map_err(Error::file("give away", &path))?;
        let signed =
            file.set_len(0).and_then(|()| file.rewind()).and_then(|()| writeln!(file, "process {} ({program})", std::process::id()));
        signed.map_err(Error::file("write", &path))?;
        Ok(Self { file })
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        // The name of an owner that has left would only mislead.
        let _ = self.file.set_len(0);
        let _ = self.file.unlock();
    }
}

/// A wish for the lock of a backup folder, for as long as this lives: a copy on its way elsewhere gives way, and goes on later. The file
/// `turn.lock` is locked by all who wish, whom the operating system forgets when they end.
#[derive(Debug)]
pub struct Turn {
    _file: File,
}

impl Turn {
    pub(crate) fn ask(folder: &Path) -> Result<Self, Error> {
        let path = folder.join(TURN);
        let file = open(&path)?;
        durable::give_to_owner(&file, folder).map_err(Error::file("give away", &path))?;
        // Who looks whether anybody asks has it for a moment.
        file.lock_shared().map_err(Error::file("lock", &path))?;
        Ok(Self { _file: file })
    }

    /// Whether anybody does.
    #[cfg(feature = "remote")]
    pub(crate) fn is_asked(folder: &Path) -> bool {
        // For writing, too: over NFS only such a file can be locked.
        let file = OpenOptions::new().read(true).write(true).open(folder.join(TURN));
        file.is_ok_and(|file| matches!(file.try_lock(), Err(TryLockError::WouldBlock)))
    }
}

const TURN: &str = "turn.lock";

fn open(path: &Path) -> Result<File, Error> {
    let open = OpenOptions::new().read(true).write(true).create(true).truncate(false).mode(0o600).open(path);
    open.map_err(Error::file("open", path))
}
