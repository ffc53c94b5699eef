//! One file in the place of another, whatever ends it.
//!
//! SQLite finds a log by its name, and plays what is in it into whatever file has the name of the database: old commits over the pages of a
//! copy that was just put back. And a database without its log lacks its last commits. Two names cannot change in one step; so one step
//! counts, the renaming of the database, and what SQLite keeps beside the old one steps aside before it and is removed after it:
//!
//! 1. The new file becomes `….incoming`, durably. Where there is no old one, a [note](Note) says so before.
//! 2. The log goes into the database, as far as readers and the disk let it.
//! 3. A note says which file is the old one and which the new one. Then index, log and journal become `….outgoing`, durably.
//! 4. `….incoming` becomes the database, durably.
//! 5. What is `….outgoing` is removed.
//!
//! Where the program is killed or the power fails, the next one to take the lock of the database [settles](settle) it before anything else. It
//! finds, after
//!
//! - 1 and 2: the old database with all that it had, and `….incoming`, which stays for whoever wants it, also once the old one is moved away. Where
//!   there was no old one, it takes the place;
//! - 3, and in the middle of it: the old database, so that what is `….outgoing` goes back, and it has all that it had;
//! - 4, and in the middle of 5: the new database, so that what is `….outgoing` is removed.
//!
//! Where somebody has put a third file there by hand, a log that has something in it belongs to no file that is there, and is kept as
//! `….replaced-1`.
//!
//! A step up to the renaming that fails is taken back in the same way, at once. Those who only read take no lock, and open nothing between 3
//! and 4 ([`is_under_way`]).

use std::fs::{self, Metadata};
use std::io;
use std::os::unix::fs::{FileExt, MetadataExt};
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::{Connection, OpenFlags};

use crate::Error;
use crate::folder::{beside, parent, sync_parent, sync_times, write_durably};
use crate::place::{COMPANIONS, Identity};
use crate::replace::{keep, put_aside};

/// Whether what belongs to the database `to` is aside, so that who opens it now misses its last commits.
pub(crate) fn is_under_way(to: &Path) -> bool {
    let is_aside = COMPANIONS.iter().any(|suffix| aside(to, suffix).exists());
    is_aside && (incoming(to).exists() || Note::read(to).map_or(true, |note| matches!(found(to, note.as_ref()), Found::Old)))
}

/// Puts right what an exchange left that did not come to its end, and keeps SQLite from throwing away the log of a database that is not there any
/// more. For the owner of the lock only.
pub(crate) fn settle(to: &Path) -> Result<(), Error> {
    let incoming = incoming(to);
    let failed = |step, path: &Path, source| Error::SnapshotFile { step, path: path.to_owned(), source };
    let is_there = to.try_exists().map_err(|source| failed("look at", to, source))?;
    let noted = Note::read(to).map_err(|source| failed("read", &note(to), source))?;
    if !is_there && incoming.is_file() && noted.as_ref().is_some_and(|note| note.old.is_none()) {
        let put = keep_logs(to).and_then(|()| keep_stray(to)).and_then(|()| step_aside(to)).and_then(|()| fs::rename(&incoming, to));
        let put = put.and_then(|()| sync_parent(to)).and_then(|()| remove_outgoing(to));
        put.map_err(|source| failed("put in place", &incoming, source))?;
        tracing::warn!(path = %to.display(), "a database was to be put here, where there was none, and that was cut off: it is here now");
        return Ok(());
    }
    let mut left = COMPANIONS.iter().map(|suffix| aside(to, suffix));
    if let Some(left) = left.find(|name| name.exists()) {
        match found(to, noted.as_ref()) {
            Found::Old => put_back(to).map_err(|source| failed("put back", &left, source))?,
            // Nothing goes before it is certain that the database went.
            Found::New => sync_parent(to).and_then(|()| remove_outgoing(to)).map_err(|source| failed("remove", &left, source))?,
            Found::Neither => keep_logs(to).and_then(|()| remove_outgoing(to)).map_err(|source| failed("keep", &left, source))?,
        }
    } else if noted.is_some() {
        remove_outgoing(to).map_err(|source| failed("remove", &note(to), source))?;
    }
    if to.metadata().map_or(0, |about| about.len()) == 0 {
        keep_stray(to).map_err(|source| failed("keep", &beside(to, COMPANIONS[0]), source))?;
    }
    if incoming.is_file() {
        tracing::warn!(
            path = %to.display(), incoming = %incoming.display(),
            "a file was to replace the database that was here, and that was cut off: it lies beside it, and what is under the name was left as it is"
        );
    }
    Ok(())
}

/// Which file has the name of the database, after a cut.
enum Found {
    /// The one that was to be replaced.
    Old,
    /// The one that was put there.
    New,
    /// Somebody else has put it there, or has written over the old one; or there is none.
    Neither,
}

/// What is written down of the two before anything steps aside.
struct Note {
    new: Written,
    /// `None` where there is none.
    old: Option<Written>,
}

/// When a file was last written to, and its size afterwards. Not its number, nor that of its device: a copied folder has others, and so may have a
/// file system that is mounted anew.
struct Written {
    size_bytes: u64,
    seconds: i64,
    nanoseconds: i64,
}

impl Written {
    fn of(about: &Metadata) -> Self {
        Self { size_bytes: about.size(), seconds: about.mtime(), nanoseconds: about.mtime_nsec() }
    }

    fn is_of(&self, about: &Metadata) -> bool {
        let found = Self::of(about);
        // Archives keep whole seconds.
        let is_moment = found.seconds == self.seconds && [self.nanoseconds, 0].contains(&found.nanoseconds);
        is_moment && found.size_bytes == self.size_bytes
    }
}

impl Note {
    fn write(&self, to: &Path) -> io::Result<()> {
        let files = std::iter::once(&self.new).chain(&self.old);
        let text: String = files.map(|file| format!("{} {} {}\n", file.size_bytes, file.seconds, file.nanoseconds)).collect();
        write_durably(&note(to), text.as_bytes(), if self.old.is_some() { to } else { parent(to) })
    }

    /// `None` where there is no note. One that cannot be read is an error: nobody may go on as if there were none.
    fn read(to: &Path) -> io::Result<Option<Self>> {
        let text = match fs::read_to_string(note(to)) {
            Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(None),
            text => text?,
        };
        let file = |line: &str| {
            let mut numbers = line.split(' ').map(|number| number.parse::<i64>().ok());
            let mut next = || numbers.next().flatten();
            Some(Written { size_bytes: u64::try_from(next()?).ok()?, seconds: next()?, nanoseconds: next()? })
        };
        let mut files = text.lines().map(file);
        match (files.next().flatten(), files.next()) {
            (Some(new), None) => Ok(Some(Self { new, old: None })),
            (Some(new), Some(Some(old))) => Ok(Some(Self { new, old: Some(old) })),
            _ => Err(io::ErrorKind::InvalidData.into()),
        }
    }
}

/// Nobody writes to the old one once its log is aside; whoever puts another file over it, even with the time of that, gives it another time.
fn found(to: &Path, note: Option<&Note>) -> Found {
    match (to.metadata(), note) {
        (Ok(about), Some(Note { new, old: Some(old) })) if old.is_of(&about) && !new.is_of(&about) => Found::Old,
        (Ok(about), Some(Note { new, old: Some(old) })) if new.is_of(&about) && !old.is_of(&about) => Found::New,
        // The note is missing, as where somebody copied the folder without it.
        (Ok(_), None) if incoming(to).exists() => Found::Old,
        _ => Found::Neither,
    }
}

/// Puts `from`, which nobody has open and which is on disk, in the place of the database `to`.
pub(crate) fn exchange(from: &Path, to: &Path) -> Result<(), Error> {
    let failed = |step, source| Error::SnapshotFile { step, path: from.to_owned(), source };
    // One that was left would be taken for one of this exchange.
    settle(to)?;
    let incoming = incoming(to);
    // A file that an earlier exchange left may be the only one of its content.
    if incoming.exists() && Identity::of(&incoming).ok() != Identity::of(from).ok() {
        let kept = put_aside(&incoming).map_err(|e| failed("move", e))?;
        tracing::warn!(path = %kept.display(), "this file was to replace the database earlier, and did not");
    }
    if !to.exists() {
        let new = from.metadata().map(|about| Written::of(&about)).map_err(|e| failed("look at", e))?;
        Note { new, old: None }.write(to).map_err(|e| failed("note down", e))?;
    }
    // Where it cannot be moved, such as from another file system, nothing was touched.
    fs::rename(from, &incoming).map_err(|e| {
        drop(remove_if_there(&note(to)));
        failed("move", e)
    })?;
    if let Err(source) = sync_parent(from).and_then(|()| sync_parent(to)).and_then(|()| put_in_place(&incoming, to)) {
        match put_back(to) {
            // If even this fails, the file stays beside the database.
            Ok(()) => drop(fs::rename(&incoming, from)),
            // `….incoming` has to stay, so that the next one to take the lock puts things right.
            Err(e) => {
                let error: &dyn std::error::Error = &e;
                tracing::error!(error, path = %to.display(), "cannot put back the log of the database; the next start of its owner tries again");
            }
        }
        return Err(failed("put in place", source));
    }
    // What steps aside stays in this case: a power cut may bring the old database back, and then it needs that.
    sync_parent(to).map_err(|source| Error::SnapshotFile { step: "make durable", path: to.to_owned(), source })?;
    if let Err(e) = remove_outgoing(to) {
        let error: &dyn std::error::Error = &e;
        tracing::warn!(error, path = %to.display(), "cannot remove the log of the database that was replaced; the next start of its owner does");
    }
    Ok(())
}

fn put_in_place(incoming: &Path, to: &Path) -> io::Result<()> {
    if let Err(e) = fold_log(to) {
        tracing::debug!(error = &e as &dyn std::error::Error, path = %to.display(), "the log of the database that is replaced goes as it is");
    }
    let [log, _, journal] = COMPANIONS;
    if to.exists() {
        // A power cut must not take back the time that is noted down.
        sync_times(to)?;
        if let Err(e) = set_apart(incoming, to) {
            // After a cut nobody knows then which of the two is there, and the log is kept.
            tracing::debug!(error = &e as &dyn std::error::Error, path = %incoming.display(), "this file keeps its time");
        }
        Note { new: Written::of(&incoming.metadata()?), old: Some(Written::of(&to.metadata()?)) }.write(to)?;
    }
    step_aside(to)?;
    // They would be played into the new file.
    [log, journal].into_iter().try_for_each(|suffix| refuse_writes(&beside(to, suffix)))?;
    fs::rename(incoming, to)
}

/// The new file is not to be taken for the old one by the time that an archive keeps of it.
fn set_apart(incoming: &Path, to: &Path) -> io::Result<()> {
    let (new, old) = (incoming.metadata()?, to.metadata()?);
    if new.size() == old.size() && new.mtime() == old.mtime() {
        let file = fs::File::options().write(true).open(incoming)?;
        file.set_modified(old.modified()? + Duration::from_secs(2))?;
        file.sync_all()?;
    }
    Ok(())
}

/// What SQLite keeps beside the database gets names that say nothing to it.
fn step_aside(to: &Path) -> io::Result<()> {
    let [log, index, journal] = COMPANIONS;
    // The index goes first, see `put_back`.
    [index, log, journal].into_iter().try_for_each(|suffix| rename_if_there(&beside(to, suffix), &aside(to, suffix)))?;
    sync_parent(to)
}

/// SQLite keeps nothing in these for those who only read. What has something in it is of somebody who writes and does not ask for the lock.
fn refuse_writes(log: &Path) -> io::Result<()> {
    if log.metadata().is_ok_and(|about| about.len() > 0) {
        let said = format!("somebody wrote to the database meanwhile, into {}", log.display());
        return Err(io::Error::new(io::ErrorKind::AlreadyExists, said));
    }
    Ok(())
}

/// Gives the database back what stepped aside.
fn put_back(to: &Path) -> io::Result<()> {
    let [log, index, journal] = COMPANIONS;
    for suffix in [log, journal] {
        if aside(to, suffix).exists() {
            refuse_writes(&beside(to, suffix))?;
        }
    }
    if aside(to, log).exists() {
        // An index that is there was made by a reader meanwhile, and would hide what is in the log.
        remove_if_there(&beside(to, index))?;
    } else if beside(to, index).exists() {
        // A killed process had put the log back already, and somebody reads with the index beside it.
        remove_if_there(&aside(to, index))?;
    }
    [journal, log, index].into_iter().try_for_each(|suffix| rename_if_there(&aside(to, suffix), &beside(to, suffix)))?;
    sync_parent(to)?;
    remove_if_there(&note(to))
}

fn remove_outgoing(to: &Path) -> io::Result<()> {
    COMPANIONS.iter().try_for_each(|suffix| remove_if_there(&aside(to, suffix)))?;
    sync_parent(to)?;
    remove_if_there(&note(to))
}

/// Keeps logs that have something in them under a name that means nothing to SQLite: no program throws data away.
fn keep_logs(to: &Path) -> io::Result<()> {
    for log in COMPANIONS.iter().filter(|suffix| **suffix != "-shm").map(|suffix| aside(to, suffix)) {
        if log.metadata().is_ok_and(|about| about.len() > 0) {
            let kept = put_aside(&log)?;
            tracing::warn!(
                path = %kept.display(),
                "the database was to be replaced, and that was cut off; what has its name now, if anything, is neither of the two: this log has commits \
                 of the old one, and belongs beside that alone, as its name and -wal"
            );
        }
    }
    Ok(())
}

/// The log of a database that somebody moved away, or removed, and left its log: SQLite would throw it away.
fn keep_stray(to: &Path) -> io::Result<()> {
    let [log, index, journal] = COMPANIONS;
    let (log, journal) = (beside(to, log), beside(to, journal));
    let has_content = log.metadata().is_ok_and(|about| about.len() > 0);
    let strays: Vec<_> = [has_content.then_some(log), takes_back(&journal)?.then_some(journal)].into_iter().flatten().collect();
    if strays.is_empty() {
        return Ok(());
    }
    strays.iter().try_for_each(|log| keep(log))?;
    remove_if_there(&beside(to, index))?;
    sync_parent(to)
}

/// Where the header of a journal says how many pages the database had, as 32 bits.
const PAGES_AT: u64 = 16;

/// Whether a journal is of a database that had something in it: that of one that was just being made takes nothing back, and may be in use.
fn takes_back(journal: &Path) -> io::Result<bool> {
    let mut pages = [0; 4];
    match fs::File::open(journal).and_then(|file| file.read_exact_at(&mut pages, PAGES_AT)) {
        Ok(()) => Ok(pages != [0; 4]),
        Err(e) if [io::ErrorKind::NotFound, io::ErrorKind::UnexpectedEof].contains(&e.kind()) => Ok(false),
        Err(e) => Err(e),
    }
}

/// Moves what is in the log into the database. Nobody is waited for.
fn fold_log(path: &Path) -> rusqlite::Result<()> {
    // SQLite removes the log of a file in which it sees no database.
    if path.metadata().map_or(0, |about| about.len()) == 0 {
        return Ok(());
    }
    let conn = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    conn.busy_timeout(Duration::ZERO)?;
    conn.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?;
    conn.close().map_err(|(_, e)| e)
}

fn incoming(to: &Path) -> PathBuf {
    beside(to, ".incoming")
}

/// Which file is which, see [`Note`].
fn note(to: &Path) -> PathBuf {
    beside(to, ".outgoing")
}

/// The name under which SQLite does not look for it.
fn aside(to: &Path, suffix: &str) -> PathBuf {
    beside(to, &format!("{suffix}.outgoing"))
}

fn rename_if_there(from: &Path, to: &Path) -> io::Result<()> {
    if_there(fs::rename(from, to))
}

fn remove_if_there(path: &Path) -> io::Result<()> {
    if_there(fs::remove_file(path))
}

fn if_there(done: io::Result<()>) -> io::Result<()> {
    match done {
        Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(()),
        other => other,
    }
}
