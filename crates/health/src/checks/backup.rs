//! Whether there is a backup that restores, young enough, with a copy elsewhere.

use std::io;
use std::path::PathBuf;
use std::time::Duration;

use crate::check::{Check, CheckError};
use crate::clock::Clock;
use crate::deadline::Deadline;
use crate::reading::{Facts, Value, seconds};

use super::proof::{self, Folder, Record};
use super::say::{bytes, count};

/// What two machines' clocks may differ by without meaning anything.
const FUTURE: Duration = Duration::from_secs(300);

/// Reads the records that `magnetiq-backup` keeps beside its archives. What counts is the newest backup that was *restored*: one that nobody
/// ever unpacked is not taken for a backup.
#[derive(Debug)]
pub struct Backup {
    folder: PathBuf,
    copies: usize,
    clock: Clock,
}

impl Backup {
    /// Of the backups in `folder`.
    pub fn new(folder: impl Into<PathBuf>, clock: Clock) -> Self {
        Self { folder: folder.into(), copies: 0, clock }
    }

    /// The newest proven backup should be on so many targets elsewhere.
    #[must_use]
    pub fn copies(self, copies: usize) -> Self {
        Self { copies, ..self }
    }

    fn tell(&self, found: &Folder) -> Facts {
        let folder = self.folder.display();
        let now = self.clock.now().wall;
        let (dated, ahead): (Vec<&Record>, Vec<&Record>) =
            found.records.iter().partition(|record| record.created_at().duration_since(now).as_secs_f64() <= FUTURE.as_secs_f64());
        let newer = dated.iter().take_while(|record| record.proven_at().is_none()).count();
        let proven = dated.get(newer);
        let mut facts = Facts::new().with("backups", Value::Count(found.records.len() as u64));
        facts = match proven {
            Some(proven) => {
                let age = now.duration_since(proven.created_at()).as_secs_f64().max(0.0);
                facts
                    .with("age", Value::Seconds(age))
                    .with("size", Value::Bytes(proven.archive.size_bytes))
                    .with("copies", Value::Count(proven.copies() as u64))
                    .with("unproven", Value::Count(newer as u64))
                    .saying(format!("the newest backup that restores is {} old and has {}", seconds(age), bytes(proven.archive.size_bytes)))
            }
            None if dated.is_empty() && ahead.is_empty() => facts.failing(format!("there is no backup in {folder}")),
            None if dated.is_empty() => facts.without("age", "all backups are dated in the future"),
            None => facts.failing(format!("none of {} in {folder} was ever restored to prove it", count(dated.len(), "backup"))),
        };
        if let Some(proven) = proven.filter(|proven| proven.copies() < self.copies) {
            facts = facts.warning(format!(
                "{} is on {} elsewhere, {} wanted",
                proven.archive.file,
                count(proven.copies(), "target"),
                if self.copies == 1 { "1 is".to_owned() } else { format!("{} are", self.copies) }
            ));
        }
        if let [newest, before, ..] = dated.as_slice() {
            facts = facts.with("shrunk", Value::Percent(shrunk(newest, before)));
        }
        about_newest(facts, dated.first().copied(), &ahead, found)
    }
}

impl Check for Backup {
    fn run(&mut self, _: Deadline) -> Result<Facts, CheckError> {
        let folder = self.folder.display();
        let found = proof::read(&self.folder).map_err(|error| match error.kind() {
            io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => CheckError::failed(format!("there is no backup folder {folder}")),
            _ => CheckError::undetermined(format!("the backup folder {folder} cannot be read: {error}")),
        })?;
        Ok(self.tell(&found))
    }
}

fn about_newest(mut facts: Facts, newest: Option<&Record>, ahead: &[&Record], found: &Folder) -> Facts {
    if let Some(newest) = newest {
        let file = &newest.archive.file;
        if let Some(problem) = newest.failure() {
            facts = facts.failing(format!("{file} does not restore: {problem}"));
        }
        if newest.is_partial() {
            facts = facts.warning(format!("{file} is not complete: something could not be read when it was made"));
        }
    }
    if let Some(record) = ahead.first() {
        facts = facts.warning(format!("{} is dated in the future, {}: a clock was wrong", record.archive.file, record.created_at()));
    }
    if let Some((name, error)) = found.unreadable.first() {
        facts = facts.warning(format!("{} cannot be read, the first is {name}: {error}", count(found.unreadable.len(), "record")));
    }
    if let Some(name) = found.gone.first() {
        facts = facts.warning(format!("{} gone and left a record, the first is {name}", count(found.gone.len(), "archive")));
    }
    if found.unrecorded > 0 {
        facts = facts.warning(format!("{} without a record", count(found.unrecorded, "archive")));
    }
    facts
}

/// By how much the database in the newer one is smaller, in percent: 0 where it is not.
fn shrunk(newer: &Record, older: &Record) -> f64 {
    let (new, old) = match (newer.database_bytes(), older.database_bytes()) {
        (0, _) | (_, 0) => (newer.archive.size_bytes, older.archive.size_bytes),
        sizes => sizes,
    };
    super::say::percent(old.saturating_sub(new), old)
}
