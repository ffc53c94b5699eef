//! What became known of a backup after it was copied: pins and proofs go there, what is gone there is struck out here.

use std::path::PathBuf;

use super::target::{Note, Target, record_name};
use crate::lock::Lock;
use crate::{Backups, Error, Outcome, Proof, Record, catalogue};

impl Target {
    pub(super) async fn reconcile_async(&self, backups: &Backups) -> Result<usize, Error> {
        self.require_name(backups)?;
        self.require_marker()?;
        let _lock = Lock::take(&backups.options.folder, &backups.options.program)?;
        self.require_owned(backups).await?;
        let there = self.listed().await?;
        let mut changed = 0;
        for entry in catalogue::list(backups)? {
            let ours = &entry.record;
            let is_it = |theirs: &Record| theirs.archive == ours.archive;
            // Damaged here: its record tells of that, and not of the copy.
            if entry.path.metadata().is_ok_and(|about| about.len() != ours.archive.size_bytes) {
                continue;
            }
            match there.iter().find(|(theirs, _)| is_it(&theirs.record)) {
                Some((theirs, media_read)) if theirs.record != as_there(ours) => {
                    self.put_record(ours, *media_read).await?;
                    changed += 1;
                }
                None if ours.copies.iter().any(|copy| copy.target == self.name()) => {
                    catalogue::change(backups, &entry.id, |record| record.copies.retain(|copy| copy.target != self.name()))?;
                    changed += 1;
                }
                _ => {}
            }
        }
        Ok(changed)
    }

    pub(super) async fn distrust_async(&self, backups: &Backups, object: &str) -> Result<(), Error> {
        self.require_name(backups)?;
        self.require_marker()?;
        let _lock = Lock::take(&backups.options.folder, &backups.options.program)?;
        self.require_owned(backups).await?;
        for (entry, _) in self.listed().await?.into_iter().filter(|(_, media_read)| *media_read) {
            if self.media(&entry.record).await?.iter().any(|file| file.object() == object) {
                self.put_record(&entry.record, false).await?;
            }
        }
        Ok(())
    }

    /// Writes the record of a backup there.
    pub(super) async fn put_record(&self, record: &Record, media_read: bool) -> Result<(), Error> {
        let name = record_name(&record.archive.file);
        let note = Note { record: as_there(record), media_read };
        let text = serde_json::to_vec_pretty(&note).map_err(|source| Error::Record { path: PathBuf::from(&name), source })?;
        let put = self.objects.put(&name, &text).await;
        if matches!(put, Err(Error::TargetDiffers { .. })) {
            // What can only mislead is not left there; the next push writes it anew.
            self.objects.delete(&name).await?;
        }
        put
    }
}

/// A record for a copy. Where else it is says nothing there, and names other targets to whoever can read this one. And what was proven with
/// this hash and fails later has rotted here: the copy has not.
fn as_there(record: &Record) -> Record {
    let proven = |proof: &Proof, before: &[Proof]| before.iter().any(|b| b.outcome == Outcome::Proven && b.depth >= proof.depth);
    let mut verifications = Vec::new();
    for (at, proof) in record.verifications.iter().enumerate() {
        if proof.outcome != Outcome::Failed || !proven(proof, &record.verifications[..at]) {
            verifications.push(proof.clone());
        }
    }
    Record { copies: Vec::new(), verifications, ..record.clone() }
}
