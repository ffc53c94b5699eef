//! One owner for each database: the lock file beside it.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, Read, Seek, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use crate::Error;
use crate::exchange::settle;
use crate::folder::{beside, give_to_owner, parent, resolve, resolve_existing};
use crate::place::Identity;

/// Who has a database open, as its lock file tells.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Owner {
    /// Process id. In another container it may name another process.
    pub pid: u32,
    /// File name of the program.
    pub program: String,
}

/// How often somebody who only asked may be in the way of an owner.
const ASKED_MOST: u32 = 100;

/// How often the file may go while it is being locked.
const REOPENED_MOST: u32 = 100;

/// For whoever finds the file and wonders.
const NOTE: &str =
    "Locked by the program that writes the database, which is named above while it does. Leave this file where it is: without it, another
program could write at the same time, so the one that runs writes no more.
";

/// The right to write to a database file, as a [`Store`](crate::Store) has it. For the rest of what owners do, such as putting
/// [another file in its place](Self::replace_database): while this is held, no store opens.
///
/// The operating system releases it when the process ends, however it ends. The file `<database>.lock` stays, because removing it would let
/// a second owner lock another file of that name. A store whose lock file was removed finds out before its next commit, and writes
/// no more ([`Error::Replaced`]). It binds stores only: a reader, and a program that knows nothing of
/// the lock file, go on with the file that they have open.
///
/// A child that is made with `fork` shares the lock with its parent, and lets the next owner in when it drops it: it must use and drop neither a
/// lock nor a store that was open before. (`Command` is fine: nothing of them is open in the program that it starts.)
///
/// ```
/// use magnetiq_storage::{Error, Lock, Options, Store};
/// use std::time::Duration;
///
/// # fn main() -> Result<(), Error> {
/// # let folder = tempfile::tempdir().unwrap();
/// # let path = folder.path().join("notes.sqlite3");
/// let lock = Lock::take(&path, Duration::from_secs(5))?;
/// assert!(matches!(Store::open(&path, Options::default()), Err(Error::Locked { .. })));
/// drop(lock);
/// Store::open(&path, Options::default())?;
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
#[must_use = "whoever drops it lets the next owner in"]
pub struct Lock {
    path: PathBuf,
    name: PathBuf,
    file: File,
}

impl Lock {
    /// Takes the lock of the database `database`, which need not exist; waits for another owner at most `wait`, and blocks meanwhile. Makes
    /// the folder if it is missing.
    ///
    /// # Errors
    ///
    /// [`Error::Locked`] with the owner; [`Error::Path`], [`Error::Folder`], [`Error::Lock`].
    pub fn take(database: impl AsRef<Path>, wait: Duration) -> Result<Self, Error> {
        Self::take_resolved(resolve(database.as_ref())?, wait)
    }

    pub(crate) fn take_resolved(path: PathBuf, wait: Duration) -> Result<Self, Error> {
        let started = Instant::now();
        let name = beside(&path, ".lock");
        let trouble = |source| Error::Lock { path: name.clone(), source };
        let mut file = open(&name, &path).map_err(trouble)?;
        let (mut asked, mut reopened) = (0, 0);
        loop {
            match file.try_lock() {
                Ok(()) if is_named(&file, &name) => break,
                // Removed while it was waited for: it keeps nobody out any more.
                Ok(()) if reopened < REOPENED_MOST => {
                    reopened += 1;
                    file = open(&name, &path).map_err(trouble)?;
                }
                Ok(()) => return Err(trouble(io::Error::other("it is removed again and again"))),
                Err(TryLockError::Error(source)) => return Err(trouble(source)),
                Err(TryLockError::WouldBlock) if started.elapsed() < wait => std::thread::sleep(Duration::from_millis(10)),
                // No owner, but somebody who asks for one.
                Err(TryLockError::WouldBlock) if asked < ASKED_MOST && is_only_asked(&file) => {
                    asked += 1;
                    std::thread::sleep(Duration::from_millis(1));
                }
                Err(TryLockError::WouldBlock) => return Err(Error::Locked { path, owner: owner(&file) }),
            }
        }
        let mut lock = Self { path, name, file };
        lock.sign().map_err(|source| Error::Lock { path: lock.name.clone(), source })?;
        settle(&lock.path)?;
        Ok(lock)
    }

    /// The file that is locked, and its identity.
    pub(crate) fn file(&self) -> io::Result<(PathBuf, Identity)> {
        Ok((self.name.clone(), Identity::of_open(&self.file)?))
    }

    /// Fails where the file lost its name, so that somebody else may have a lock, too.
    pub(crate) fn still_held(&self) -> Result<(), Error> {
        if is_named(&self.file, &self.name) { Ok(()) } else { Err(Error::Replaced { path: self.name.clone() }) }
    }

    /// The database that it is about, absolute and with symbolic links resolved.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Who holds the lock of the database `database` now; `None` if nobody does. Takes nothing, and stops no owner from starting.
    ///
    /// # Errors
    ///
    /// [`Error::Locked`] without an owner where somebody holds it and has not signed; [`Error::Lock`] where the lock file cannot be read.
    pub fn owner(database: impl AsRef<Path>) -> Result<Option<Owner>, Error> {
        let path = match resolve_existing(database.as_ref()) {
            Err(Error::Missing { path }) => path,
            other => other?,
        };
        let name = beside(&path, ".lock");
        let file = match File::open(&name) {
            Ok(file) => file,
            Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(source) => return Err(Error::Lock { path: name, source }),
        };
        if is_only_asked(&file) {
            return Ok(None);
        }
        owner(&file).map(Some).ok_or(Error::Locked { path, owner: None })
    }

    fn sign(&mut self) -> io::Result<()> {
        // The name that it was called by: one file may be several programs.
        let program = std::env::args_os().next().map(PathBuf::from).unwrap_or_default();
        let program = program.file_name().unwrap_or_default().to_string_lossy();
        self.write(&format!("{} {program}\n", std::process::id()))
    }

    /// Names the owner, if there is one.
    fn write(&mut self, owner: &str) -> io::Result<()> {
        self.file.set_len(0)?;
        self.file.rewind()?;
        self.file.write_all(format!("{owner}{NOTE}").as_bytes())
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        // The name of an owner that has left would only mislead.
        let _ = self.write("");
        let _ = self.file.unlock();
    }
}

/// The file `name`, which is made for the owner of `database`.
fn open(name: &Path, database: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).truncate(false);
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    match options.create_new(true).open(name) {
        Ok(file) => {
            give_to_owner(&file, if database.exists() { database } else { parent(database) });
            Ok(file)
        }
        Err(e) if e.kind() == io::ErrorKind::AlreadyExists => options.create_new(false).create(true).open(name),
        Err(e) => Err(e),
    }
}

fn is_named(file: &File, name: &Path) -> bool {
    Identity::of_open(file).is_ok_and(|held| Identity::of(name).is_ok_and(|named| named == held))
}

/// Whether nobody owns what `file` locks: owners lock it for themselves, those who ask share it for a moment.
fn is_only_asked(file: &File) -> bool {
    file.try_lock_shared().is_ok_and(|()| file.unlock().is_ok())
}

/// `None` while the other owner is just about to sign, or where the file cannot be read.
fn owner(mut file: &File) -> Option<Owner> {
    let mut text = String::new();
    file.read_to_string(&mut text).ok()?;
    let (pid, program) = text.lines().next()?.split_once(' ')?;
    Some(Owner { pid: pid.parse().ok()?, program: program.to_owned() })
}
