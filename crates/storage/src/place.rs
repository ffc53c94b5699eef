//! How the connections that read open their file: as SQLite does in a folder that it can write to, or as a file at rest where it cannot.

use std::ffi::OsString;
use std::fs::{File, Metadata};
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use rusqlite::{Connection, OpenFlags};
use rustix::fs::Access;

use crate::Error;
use crate::connection::reader_flags;
use crate::exchange::is_under_way;
use crate::folder::{beside, parent};
use crate::lock::Lock;

/// What SQLite keeps beside a database that it has open, or that was left in the middle of something.
pub(crate) const COMPANIONS: [&str; 3] = ["-wal", "-shm", "-journal"];

#[derive(Debug, Clone)]
pub(crate) struct Place {
    path: PathBuf,
    /// The owner's: which files it has open, the database and its lock.
    owned: Vec<(PathBuf, Identity)>,
    /// Of another owner: which file had the name before it was opened.
    found: Option<Identity>,
    /// In a folder that nobody here can write to, without a log: what the file was when it was opened, without any lock on it.
    at_rest: Option<Stamp>,
}

/// Which file it is, and when it was last written to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Stamp {
    device: u64,
    inode: u64,
    size_bytes: u64,
    modified: (i64, i64),
}

impl Stamp {
    fn of(about: &Metadata) -> Self {
        Self { device: about.dev(), inode: about.ino(), size_bytes: about.size(), modified: (about.mtime(), about.mtime_nsec()) }
    }
}

impl Place {
    /// For the owner of the database.
    pub(crate) fn owned(lock: &Lock) -> Result<Self, Error> {
        let path = lock.path().to_owned();
        let database = Identity::of(&path).map_err(|source| Error::Path { path: path.clone(), source })?;
        let lock = lock.file().map_err(|source| Error::Lock { path: path.clone(), source })?;
        Ok(Self { owned: vec![(path.clone(), database), lock], path, found: None, at_rest: None })
    }

    /// For a file that nobody else knows.
    pub(crate) fn scratch(path: &Path) -> Self {
        Self { path: path.to_owned(), owned: Vec::new(), found: None, at_rest: None }
    }

    /// The file of the owner that was moved away or removed: what is written to a database without a name, nobody finds again, and without
    /// the lock, another one may write, too.
    pub(crate) fn lost(&self) -> Option<&Path> {
        let lost = |path: &Path, owned: Identity| match Identity::of(path) {
            Ok(now) => now != owned,
            // Anything else the disk says itself, where it matters.
            Err(e) => e.kind() == io::ErrorKind::NotFound,
        };
        self.owned.iter().find(|(path, owned)| lost(path, *owned)).map(|(path, _)| path.as_path())
    }

    /// Without the lock, reads go on: what they need is the file.
    pub(crate) fn database_still_ours(&self) -> Result<(), Error> {
        // The database comes first of what is owned.
        if self.lost() == Some(self.path()) { Err(Error::Replaced { path: self.path.clone() }) } else { Ok(()) }
    }

    pub(crate) fn still_ours(&self) -> Result<(), Error> {
        self.lost().map_or(Ok(()), |path| Err(Error::Replaced { path: path.to_owned() }))
    }

    /// For those who only read. SQLite leaves its companion files behind then, with this user as their owner, so it may only be somebody
    /// whose files the owner of the database can write; and where it cannot leave them, it can read a file at rest only.
    pub(crate) fn of_another(path: &Path) -> Result<Self, Error> {
        refuse_exchange(path)?;
        let about = path.metadata().map_err(|source| Error::Path { path: path.to_owned(), source })?;
        let user = rustix::process::geteuid();
        let writable = rustix::fs::access(parent(path), Access::WRITE_OK | Access::EXEC_OK).is_ok();
        if writable && !user.is_root() && user.as_raw() != about.uid() {
            return Err(Error::ForeignUser { path: path.to_owned(), owner: about.uid(), user: user.as_raw() });
        }
        let has_content = |suffix| beside(path, suffix).metadata().is_ok_and(|m| m.len() > 0);
        // SQLite throws the log of a database without pages away, whoever opens it.
        if about.len() == 0 && has_content("-wal") {
            return Err(Error::BeingReplaced { path: path.to_owned() });
        }
        let has_index = beside(path, "-shm").exists();
        if !writable && !has_index && has_content("-wal") {
            return Err(Error::LogUnreadable { path: path.to_owned() });
        }
        let at_rest = !(writable || has_index || has_content("-journal"));
        let (found, at_rest) = (Some(Identity::about(&about)), at_rest.then(|| Stamp::of(&about)));
        Ok(Self { path: path.to_owned(), owned: Vec::new(), found, at_rest })
    }

    /// For those who only read, once their transaction has begun. SQLite opens the file at one moment and its log, by the name, at a later one;
    /// they belong together where the file had the name before and has it now, with nothing aside. That holds until the transaction ends: nobody
    /// writes to a file that lost its name, and what comes into the log is of a later moment.
    pub(crate) fn still_named(&self) -> Result<(), Error> {
        let Some(found) = self.found else { return Ok(()) };
        // In this order: an exchange that is over by the first question is seen by the second.
        refuse_exchange(&self.path)?;
        let same = Identity::of(&self.path).is_ok_and(|now| now == found);
        if same { Ok(()) } else { Err(Error::WrittenMeanwhile { path: self.path.clone() }) }
    }

    /// Whether the file that was opened to read is the one that has the name, and can still be read in the same way.
    pub(crate) fn is_current(&self) -> bool {
        self.found == Identity::of(&self.path).ok() && self.still_at_rest().is_ok()
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    pub(crate) fn flags(&self) -> OpenFlags {
        let uri = if self.at_rest.is_some() { OpenFlags::SQLITE_OPEN_URI } else { OpenFlags::empty() };
        reader_flags() | uri
    }

    /// The path, or a URI that has it.
    pub(crate) fn name(&self) -> PathBuf {
        if self.at_rest.is_none() {
            return self.path.clone();
        }
        let mut name = OsString::from("file:");
        for byte in self.path.as_os_str().as_bytes() {
            match byte {
                b'/' | b'-' | b'_' | b'.' | b'0'..=b'9' | b'A'..=b'Z' | b'a'..=b'z' => name.push(char::from(*byte).to_string()),
                _ => name.push(format!("%{byte:02x}")),
            }
        }
        name.push("?immutable=1");
        PathBuf::from(name)
    }

    pub(crate) fn open(&self) -> rusqlite::Result<Connection> {
        Connection::open_with_flags(self.name(), self.flags())
    }

    /// Fails where a file that is read without a lock was written to.
    pub(crate) fn still_at_rest(&self) -> Result<(), Error> {
        let Some(stamp) = &self.at_rest else { return Ok(()) };
        let same = self.path.metadata().is_ok_and(|about| Stamp::of(&about) == *stamp);
        let alone =
            COMPANIONS.iter().all(|suffix| beside(&self.path, suffix).metadata().map_or(true, |m| *suffix == "-wal" && m.len() == 0));
        if same && alone { Ok(()) } else { Err(Error::WrittenMeanwhile { path: self.path.clone() }) }
    }
}

/// Which file has the name now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Identity(u64, u64);

impl Identity {
    pub(crate) fn of(path: &Path) -> io::Result<Self> {
        path.metadata().map(|about| Self::about(&about))
    }

    pub(crate) fn of_open(file: &File) -> io::Result<Self> {
        file.metadata().map(|about| Self::about(&about))
    }

    fn about(about: &Metadata) -> Self {
        Self(about.dev(), about.ino())
    }
}

fn refuse_exchange(path: &Path) -> Result<(), Error> {
    if is_under_way(path) { Err(Error::BeingReplaced { path: path.to_owned() }) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_of_any_bytes_becomes_a_uri_of_the_same_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("100% odd?x=1#ü.sqlite3");
        Connection::open(&path).unwrap().execute_batch("CREATE TABLE t (x)").unwrap();
        let place = Place { owned: Vec::new(), found: None, at_rest: Some(Stamp::of(&path.metadata().unwrap())), path };
        let tables = place.open().unwrap().query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get::<_, u32>(0));
        assert_eq!(tables.unwrap(), 1);
    }
}
