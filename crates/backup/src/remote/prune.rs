//! Retention at a target: the same plan as for the backup folder, carried out there.

use std::collections::BTreeSet;
use std::path::Path;

use jiff::{SignedDuration, Timestamp};
use walkdir::WalkDir;

use super::objects::Object;
use super::target::{Target, is_archive, is_media, media_list_name, record_name};
use crate::lock::Lock;
use crate::{Backups, Entry, Error, MediaMode, PruneItem, PrunePlan, Pruned};

/// An upload may be under way from another machine: what is younger and unknown is left alone.
const MEDIA_GRACE: SignedDuration = SignedDuration::from_hours(24);
/// An archive without a record is one on its way, or one that was given up.
const ARCHIVE_GRACE: SignedDuration = SignedDuration::from_hours(24 * 7);

/// Before so many are deleted it is looked whether somebody needs them by now.
const DELETED_AT_ONCE: usize = 20;

/// The lists of media that were read.
#[derive(Default)]
struct Lists {
    read: BTreeSet<String>,
    /// What they name.
    media: BTreeSet<String>,
}

impl Target {
    pub(super) async fn plan(&self, now: Timestamp) -> Result<PrunePlan, Error> {
        let entries = self.entries().await?;
        let candidates: Vec<_> = entries.iter().map(Entry::candidate).collect();
        let decisions = self.options.retention.plan(&candidates, now);
        let items = entries.into_iter().zip(decisions);
        Ok(PrunePlan { items: items.map(|(entry, d)| PruneItem { entry, keep: d.keep, reasons: d.reasons }).collect(), at: now })
    }

    pub(super) async fn prune_async(&self, backups: &Backups, asked: &PrunePlan) -> Result<Pruned, Error> {
        self.require_name(backups)?;
        self.require_marker()?;
        // A push of this folder, by another process, is not pulled from under its feet.
        let _lock = Lock::take(&backups.options.folder, &backups.options.program)?;
        // Planned again: nothing goes that was not shown, and what changed since may keep more.
        let now = self.plan(asked.at).await?;
        // Last of all, just before something goes.
        self.require_owned(backups).await?;
        let mut pruned = Pruned::default();
        for entry in now.removed().filter(|entry| asked.removed().any(|shown| shown.id == entry.id)) {
            let file = &entry.record.archive.file;
            // The record first: from then on it is not listed.
            for object in [record_name(file), file.clone(), media_list_name(file)] {
                self.objects.delete(&object).await?;
            }
            pruned.removed.push(entry.id.clone());
            pruned.freed_bytes += entry.size_bytes();
        }
        self.remove_orphans(asked.at).await?;
        if let Some(folder) = &self.objects.folder {
            self.remove_unfinished(folder, asked.at);
        }
        self.remove_media(asked.at, &mut pruned).await?;
        Ok(pruned)
    }

    /// What uploads and prunes left that did not come to an end.
    async fn remove_orphans(&self, now: Timestamp) -> Result<(), Error> {
        let top = self.objects.top().await?;
        let has = |name: &str| top.iter().any(|object| object.name == name);
        let is_orphan = |object: &&Object| {
            let archive = archive_of_list(&object.name).unwrap_or_else(|| object.name.clone());
            self.is_own_archive(&archive) && !has(&record_name(&archive)) && is_older(object, ARCHIVE_GRACE, now)
        };
        for object in top.iter().filter(is_orphan) {
            tracing::info!(target_name = self.name(), object = object.name, "removing what an interrupted upload left");
            self.objects.delete(&object.name).await?;
        }
        Ok(())
    }

    /// Media that no archive names. A list that cannot be read keeps them all, by its error.
    async fn remove_media(&self, now: Timestamp, pruned: &mut Pruned) -> Result<(), Error> {
        let there = self.objects.list("media").await?;
        if there.is_empty() {
            return Ok(());
        }
        self.require_lists(&self.objects.top().await?).await?;
        let mut lists = Lists::default();
        self.read_lists(&mut lists).await?;
        let is_garbage =
            |object: &&Object| is_media(&object.name) && !lists.media.contains(&object.name) && is_older(object, MEDIA_GRACE, now);
        let garbage: Vec<_> = there.iter().filter(is_garbage).collect();
        for some in garbage.chunks(DELETED_AT_ONCE) {
            // A push of another site that shares the media may have come meanwhile: its list is what it begins with.
            self.read_lists(&mut lists).await?;
            for object in some.iter().filter(|object| !lists.media.contains(&object.name)) {
                self.objects.delete(&object.name).await?;
                pruned.media_files += 1;
                pruned.media_bytes += object.size_bytes;
            }
        }
        Ok(())
    }

    /// By their lists, not by the records: an archive whose record cannot be read needs its media, too, and so do those of other names.
    async fn read_lists(&self, lists: &mut Lists) -> Result<(), Error> {
        for object in self.objects.top().await? {
            let is_list = archive_of_list(&object.name).is_some_and(|archive| is_archive(&archive));
            if is_list && lists.read.insert(object.name.clone()) {
                lists.media.extend(self.media_list(&object.name).await?.into_iter().map(|file| file.object()));
            }
        }
        Ok(())
    }

    /// A backup whose list is lost still needs its media, and nobody knows which.
    async fn require_lists(&self, top: &[Object]) -> Result<(), Error> {
        for object in top.iter().filter(|object| object.name.ends_with(".proof.json")) {
            let list = object.name.replace(".proof.json", ".media.txt");
            if top.iter().any(|object| object.name == list) {
                continue;
            }
            let summary = self.record(object).await?.map(|note| note.record.summary);
            if summary.is_some_and(|summary| summary.media_mode == MediaMode::Linked && summary.media_files > 0) {
                return Err(self.objects.differs(&list, "the list of a backup's media is not there, so no media are removed".to_owned()));
            }
        }
        Ok(())
    }

    /// What a killed copy to a folder left: `object_store` gives files that are not whole yet a name that ends in `#` and a number, and
    /// lists none of them.
    fn remove_unfinished(&self, folder: &Path, now: Timestamp) {
        let is_unfinished = |path: &Path| {
            let name = path.strip_prefix(folder).ok().and_then(Path::to_str).and_then(|name| name.rsplit_once('#'));
            name.is_some_and(|(object, number)| {
                let is_number = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
                is_number && (is_media(object) || self.is_own(object) || object == self.owner_name())
            })
        };
        for entry in WalkDir::new(folder).max_depth(3).into_iter().flatten().filter(|entry| is_unfinished(entry.path())) {
            let modified = entry.metadata().ok().and_then(|about| about.modified().ok()).and_then(|at| Timestamp::try_from(at).ok());
            if entry.file_type().is_file() && modified.is_some_and(|at| now.duration_since(at) > MEDIA_GRACE) {
                // It takes room and does no harm; the next prune tries again.
                let _ = std::fs::remove_file(entry.path());
            }
        }
    }
}

fn is_older(object: &Object, than: SignedDuration, now: Timestamp) -> bool {
    now.duration_since(object.modified_at) > than
}

/// The name of an archive that such a list of media may belong to; `None` for what is no list.
fn archive_of_list(object: &str) -> Option<String> {
    object.strip_suffix(".media.txt").map(|stem| format!("{stem}.tar.gz"))
}
