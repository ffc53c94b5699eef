//! What restores replaced and nobody has removed yet.

use std::path::{Path, PathBuf};

use jiff::Timestamp;

use super::place::Site;
use super::swap::Swap;
use crate::{Backups, Error};

/// A site, or a part of one, that a restore or an undo took out of its place.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct KeptSite {
    /// The folder. Whoever removes it gives up the way back.
    pub path: PathBuf,
    /// Id of the backup that was restored.
    pub id: String,
    /// When it was put aside.
    pub at: Timestamp,
    /// Size of the files in it.
    pub bytes: u64,
}

/// The newest first.
pub(super) fn kept(backups: &Backups) -> Result<Vec<KeptSite>, Error> {
    let mut found = Vec::new();
    for path in Site::of(&backups.options)?.kept_before()? {
        // A folder without a journal is none of ours, whatever it is called.
        if let Some(swap) = Swap::read(&path)? {
            let bytes = swap.held(&path).iter().map(|held| size(held)).sum();
            found.push((swap.number, KeptSite { path, id: swap.id, at: swap.at, bytes }));
        }
    }
    found.sort_by_key(|(number, kept)| std::cmp::Reverse((*number, kept.at)));
    Ok(found.into_iter().map(|(_, kept)| kept).collect())
}

fn size(path: &Path) -> u64 {
    let files = walkdir::WalkDir::new(path).into_iter().flatten().filter(|entry| entry.file_type().is_file());
    files.filter_map(|entry| entry.metadata().ok()).map(|about| about.len()).sum()
}
