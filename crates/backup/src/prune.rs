//! Removing what retention does not keep.

use std::fs;
use std::io;

use jiff::Timestamp;

use crate::lock::Lock;
use crate::record::place;
use crate::{Backups, Because, Candidate, Entry, Error, Outcome, archive, catalogue, durable, media};

/// What a prune would do, the newest backup first.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct PrunePlan {
    /// Each backup there is.
    pub items: Vec<PruneItem>,
    /// When the plan was made.
    pub at: Timestamp,
}

impl PrunePlan {
    /// The backups that would go.
    pub fn removed(&self) -> impl Iterator<Item = &Entry> {
        self.items.iter().filter(|item| !item.keep).map(|item| &item.entry)
    }

    /// This plan, but it keeps every backup that was ever proven: as long as new backups cannot be proven, the old ones are what is left.
    #[must_use]
    pub fn sparing_proven(self) -> Self {
        self.sparing(Entry::was_proven)
    }

    /// This plan, but it keeps every backup that is `wanted`.
    #[must_use]
    pub fn sparing(mut self, wanted: impl Fn(&Entry) -> bool) -> Self {
        self.items.iter_mut().for_each(|item| item.keep |= wanted(&item.entry));
        self
    }
}

/// What becomes of one backup.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct PruneItem {
    /// The backup.
    pub entry: Entry,
    /// Whether it stays.
    pub keep: bool,
    /// Why.
    pub reasons: Vec<Because>,
}

/// What a prune did.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Pruned {
    /// Ids of the backups that went.
    pub removed: Vec<String>,
    /// Size of their archives.
    pub freed_bytes: u64,
    /// Linked media files that no archive named any more.
    pub media_files: u64,
    /// Their size.
    pub media_bytes: u64,
}

impl Entry {
    /// What retention needs to know of it.
    pub fn candidate(&self) -> Candidate {
        Candidate {
            id: self.id.clone(),
            created_at: self.record.summary.created_at,
            reason: self.record.summary.reason,
            pinned: self.record.pinned,
            proven: self.is_proven(),
            was_proven: self.was_proven(),
            failed: self.record.last_proof().is_some_and(|proof| proof.outcome == Outcome::Failed),
            partial: self.is_partial(),
            emptied: self.is_emptied(),
            size_bytes: self.record.archive.size_bytes,
        }
    }
}

pub(crate) fn plan(backups: &Backups, now: Timestamp) -> Result<PrunePlan, Error> {
    let entries = backups.list()?;
    let candidates: Vec<_> = entries.iter().map(Entry::candidate).collect();
    let decisions = backups.options.retention.plan(&candidates, now);
    let items = entries.into_iter().zip(decisions);
    Ok(PrunePlan { items: items.map(|(entry, d)| PruneItem { entry, keep: d.keep, reasons: d.reasons }).collect(), at: now })
}

pub(crate) fn prune(backups: &Backups, asked: &PrunePlan) -> Result<Pruned, Error> {
    let _lock = Lock::take(&backups.options.folder, &backups.options.program)?;
    // Records that are missing are made anew here: that takes the lock of the records, too.
    catalogue::list(backups)?;
    // Planned again under the locks: what changed since may keep more, nobody pins what is about to go, and nothing goes that was not shown.
    let records = Lock::of_records(&backups.options.folder, &backups.options.program)?;
    let now = plan(backups, asked.at)?;
    let mut pruned = Pruned::default();
    for entry in now.removed().filter(|entry| asked.removed().any(|shown| shown.id == entry.id)) {
        // The archive first: a record without an archive is not listed, an archive without a record is.
        fs::remove_file(&entry.path).map_err(Error::file("remove", &entry.path))?;
        for companion in [place(&entry.path), media::list_place(&entry.path)] {
            match fs::remove_file(&companion) {
                Err(e) if e.kind() != io::ErrorKind::NotFound => return Err(Error::File { action: "remove", path: companion, source: e }),
                _ => {}
            }
        }
        pruned.removed.push(entry.id.clone());
        pruned.freed_bytes += entry.size_bytes();
    }
    remove_orphans(backups)?;
    if !pruned.removed.is_empty() {
        let folder = &backups.options.folder;
        durable::sync_parent(&folder.join("x")).map_err(Error::file("sync the folder", folder))?;
    }
    drop(records);
    (pruned.media_files, pruned.media_bytes) = media::collect(backups)?;
    Ok(pruned)
}

/// Records and lists whose archive never came, or is gone.
fn remove_orphans(backups: &Backups) -> Result<(), Error> {
    let folder = &backups.options.folder;
    let archives = catalogue::all_archives(folder)?;
    let companions: Vec<_> = archives.iter().flat_map(|path| [place(path), media::list_place(path)]).collect();
    let entries = fs::read_dir(folder).map_err(Error::file("read the folder", folder))?;
    for path in entries.flatten().map(|entry| entry.path()) {
        let name = archive::name_of(&path);
        if (name.ends_with(".proof.json") || name.ends_with(".media.txt")) && !companions.contains(&path) {
            fs::remove_file(&path).map_err(Error::file("remove", &path))?;
        }
    }
    Ok(())
}
