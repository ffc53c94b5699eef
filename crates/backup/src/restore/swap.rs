//! What is restored and what it replaces change places, by rename.
//!
//! Both lie ready before the first rename, and a journal on disk says which is which. So a kill at any moment leaves files of the old site
//! and files of the new one, each whole, and whoever comes next carries the rest out: by the inode under a name, and in a copy of the site by
//! size and time, it is known what has been done. Where the file system can exchange two names in one step, which those of Linux can, no name is ever without its file.

use std::fs;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use rustix::fs::{CWD, RenameFlags, renameat_with};
use rustix::io::Errno;
use serde::{Deserialize, Serialize};

use super::What;
use crate::{Error, durable};

const JOURNAL: &str = "journal.json";

/// How far a swap is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Stage {
    /// On the way to what was restored.
    Replacing,
    /// What was restored is in place.
    Replaced,
    /// On the way back.
    Undoing,
    /// What was there before is in place again.
    Undone,
}

/// One name that changes its content.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Part {
    pub(super) what: What,
    /// The name.
    pub(super) live: PathBuf,
    /// Where the other content lies meanwhile; in the folder of the journal unless absolute.
    pub(super) held: PathBuf,
    /// What is restored; `None`: the name goes.
    restored: Option<Mark>,
    /// What it replaces; `None`: the name is new.
    replaced: Option<Mark>,
}

/// By what a file or folder is known again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Noted")]
struct Mark {
    inode: u64,
    /// What a copy of it has, too: bytes (0 for a folder), and seconds and nanoseconds of its last change.
    stamp: Option<(u64, i64, i64)>,
}

/// The first of the two that [`Mark::among`] looks at.
const LIVE: usize = 0;

/// By what two are the same one, what tells most first. In a copy of the site the number of the one may be that which the other had; where the
/// stamp changed, there was no copying.
const SAME: [fn(Mark, Mark) -> bool; 3] = [|a, b| a == b, |a, b| a.stamp.is_some() && a.stamp == b.stamp, |a, b| a.inode == b.inode];

impl Mark {
    /// Which of `found` it is. By what `other` has as well it is not known.
    fn among(self, found: [Option<Self>; 2], other: Option<Self>) -> Option<usize> {
        let mut tells = SAME.into_iter().filter(|same| !other.is_some_and(|other| same(self, other)));
        tells.find_map(|same| found.iter().position(|found| found.is_some_and(|found| same(self, found))))
    }
}

/// A [`Mark`] in a journal; old ones have the number alone.
#[derive(Deserialize)]
#[serde(untagged)]
enum Noted {
    Number(u64),
    Mark { inode: u64, stamp: Option<(u64, i64, i64)> },
}

impl From<Noted> for Mark {
    fn from(noted: Noted) -> Self {
        match noted {
            Noted::Number(inode) => Self { inode, stamp: None },
            Noted::Mark { inode, stamp } => Self { inode, stamp },
        }
    }
}

/// A swap, and the folder in which it keeps what is not in place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Swap {
    /// Id of the backup.
    pub(super) id: String,
    pub(super) stage: Stage,
    /// When the stage was reached.
    pub(super) at: Timestamp,
    /// Which restore of the site it is, whatever the clock says; 0 in old journals.
    #[serde(default)]
    pub(super) number: u64,
    parts: Vec<Part>,
}

impl Swap {
    /// Whether a swap has begun in `folder`, and which. One that cannot be read has not begun: it is written before the first rename.
    pub(super) fn read(folder: &Path) -> Result<Option<Self>, Error> {
        let path = folder.join(JOURNAL);
        match fs::read(&path) {
            Ok(text) => serde_json::from_slice(&text).map(Some).map_err(|source| Error::Record { path, source }),
            Err(e) if matches!(e.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => Ok(None),
            Err(source) => Err(Error::File { action: "read", path, source }),
        }
    }

    /// Everything in `folder` is on disk, and from here on the swap is carried out whatever happens.
    pub(super) fn begin(folder: &Path, id: &str, parts: Vec<(What, PathBuf, PathBuf)>, at: Timestamp, number: u64) -> Result<Self, Error> {
        let mut swap = Self { id: id.to_owned(), stage: Stage::Replacing, at, number, parts: Vec::new() };
        for (what, live, held) in parts {
            let (restored, replaced) = (mark(&folder.join(&held))?, mark(&live)?);
            swap.parts.push(Part { what, live, held, restored, replaced });
        }
        swap.save(folder)?;
        Ok(swap)
    }

    /// Carries out what is left of the way to what was restored.
    pub(super) fn forward(&mut self, folder: &Path, at: Timestamp) -> Result<(), Error> {
        for part in &self.parts {
            part.exchange(folder, part.restored, part.replaced)?;
        }
        self.reach(folder, Stage::Replaced, at)
    }

    /// Puts everything back after [`forward`](Self::forward) failed, as much of it as can be. The journal says "replacing" until the caller
    /// removes it.
    pub(super) fn backward(&self, folder: &Path) -> Result<(), Error> {
        self.parts.iter().rev().map(|part| part.exchange(folder, part.replaced, part.restored)).fold(Ok(()), Result::and)
    }

    /// From here on what was replaced is on its way back, whatever happens.
    pub(super) fn begin_undo(&mut self, folder: &Path, database: &Path, at: Timestamp) -> Result<(), Error> {
        // The log of the one that goes must not stay beside the one that comes; the site was in use since, and has one again.
        for (live, held) in companions(database) {
            if !self.parts.iter().any(|part| part.live == live) && exists(&live)? {
                self.parts.push(Part { what: What::Database, live, held, restored: None, replaced: None });
            }
        }
        for part in &mut self.parts {
            (part.restored, part.replaced) = (mark(&part.live)?, mark(&folder.join(&part.held))?);
        }
        self.reach(folder, Stage::Undoing, at)
    }

    /// Carries out what is left of the way back.
    pub(super) fn undo(&mut self, folder: &Path, at: Timestamp) -> Result<(), Error> {
        // The log of the database that goes is moved away before, that of the one that comes is put back after it.
        let goes = |part: &&Part| part.replaced.is_none();
        for part in self.parts.iter().filter(goes).chain(self.parts.iter().filter(|part| part.replaced.is_some()).rev()) {
            part.exchange(folder, part.replaced, part.restored)?;
        }
        self.reach(folder, Stage::Undone, at)
    }

    /// From here on there is nothing to carry out in `folder`.
    pub(super) fn forget(folder: &Path) -> Result<(), Error> {
        let path = folder.join(JOURNAL);
        match fs::remove_file(&path) {
            Err(e) if matches!(e.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => Ok(()),
            other => other.and_then(|()| durable::sync_parent(&path)).map_err(Error::file("remove", &path)),
        }
    }

    /// Whether anything was in the place of what was restored.
    pub(super) fn holds_anything(&self, folder: &Path) -> Result<bool, Error> {
        self.parts.iter().try_fold(false, |any, part| Ok(any || exists(&folder.join(&part.held))?))
    }

    /// Whether going back would leave the site without a database.
    pub(super) fn holds_no_database(&self, folder: &Path, database: &Path) -> Result<bool, Error> {
        let part = self.parts.iter().find(|part| part.live == database);
        part.map_or(Ok(false), |part| exists(&folder.join(&part.held)).map(|exists| !exists))
    }

    /// Where that lies which is not in place.
    pub(super) fn held(&self, folder: &Path) -> Vec<PathBuf> {
        self.parts.iter().map(|part| folder.join(&part.held)).collect()
    }

    /// What it is about.
    pub(super) fn whats(&self) -> Vec<What> {
        let mut whats: Vec<_> = self.parts.iter().map(|part| part.what).collect();
        whats.sort_unstable();
        whats.dedup();
        whats
    }

    fn reach(&mut self, folder: &Path, stage: Stage, at: Timestamp) -> Result<(), Error> {
        self.stage = stage;
        self.at = at;
        self.save(folder)
    }

    fn save(&self, folder: &Path) -> Result<(), Error> {
        let path = folder.join(JOURNAL);
        let text = serde_json::to_vec_pretty(self).map_err(|source| Error::Record { path: path.clone(), source })?;
        durable::write(&path, &text).map_err(Error::file("write", &path))
    }
}

impl Part {
    /// Sees to it that `wanted` is in place, and the other one held.
    fn exchange(&self, folder: &Path, wanted: Option<Mark>, other: Option<Mark>) -> Result<(), Error> {
        let (live, held) = (self.live.as_path(), folder.join(&self.held));
        let aside = aside(&held);
        tracing::debug!(step = "exchange", live = %live.display(), held = %held.display(), "swap");
        let now = mark(live)?;
        match wanted {
            None if now.is_none() => (),
            None => rename(live, &held)?,
            // Nothing is moved away before what takes its place is seen to be there.
            Some(wanted) => match wanted.among([now, mark(&held)?], other) {
                Some(LIVE) => (),
                Some(_) if now.is_some() => exchange(live, &held, &aside)?,
                Some(_) => rename(&held, live)?,
                None => return Err(Error::RestoreUnclear { live: live.to_owned(), held }),
            },
        }
        if exists(&aside)? && !exists(&held)? {
            rename(&aside, &held)?;
        }
        for path in [live, &held] {
            durable::sync_parent(path).map_err(Error::file("sync the folder of", path))?;
        }
        Ok(())
    }
}

/// In one step where the file system can, else in three.
fn exchange(live: &Path, held: &Path, aside: &Path) -> Result<(), Error> {
    match renameat_with(CWD, live, CWD, held, RenameFlags::EXCHANGE) {
        Ok(()) => Ok(()),
        Err(Errno::INVAL | Errno::NOSYS | Errno::OPNOTSUPP) => {
            rename(live, aside)?;
            rename(held, live)
        }
        Err(source) => Err(Error::File { action: "replace", path: live.to_owned(), source: source.into() }),
    }
}

fn rename(from: &Path, to: &Path) -> Result<(), Error> {
    fs::rename(from, to).map_err(Error::file("rename", from))
}

fn aside(held: &Path) -> PathBuf {
    let mut name = held.as_os_str().to_owned();
    name.push(".aside");
    PathBuf::from(name)
}

fn mark(path: &Path) -> Result<Option<Mark>, Error> {
    match fs::symlink_metadata(path) {
        Ok(about) => {
            let bytes = if about.is_dir() { 0 } else { about.len() };
            Ok(Some(Mark { inode: about.ino(), stamp: Some((bytes, about.mtime(), about.mtime_nsec())) }))
        }
        Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(source) => Err(Error::File { action: "look at", path: path.to_owned(), source }),
    }
}

fn exists(path: &Path) -> Result<bool, Error> {
    mark(path).map(|mark| mark.is_some())
}

/// What SQLite keeps beside a database, and where it is held.
pub(super) fn companions(database: &Path) -> impl Iterator<Item = (PathBuf, PathBuf)> {
    ["-wal", "-shm", "-journal"].into_iter().map(|suffix| {
        let mut live = database.as_os_str().to_owned();
        live.push(suffix);
        (PathBuf::from(live), PathBuf::from(format!("database.sqlite3{suffix}")))
    })
}
