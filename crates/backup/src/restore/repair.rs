//! Carrying out what a restore had begun when it was killed.

use std::path::{Path, PathBuf};
use std::time::Duration;

use jiff::Timestamp;

use super::Repaired;
use super::apply::{discard, finish, lock_within, undo_or_stay};
use super::place::Site;
use super::swap::{Stage, Swap};
use crate::Error;

/// After a power cut the server and the backup daemon start together, and both come here.
const PATIENCE: Duration = Duration::from_secs(10);

/// Carries out a restore, or an undo, of the site at `database` that was interrupted while it replaced the site, at `now`. `None` where there
/// is none, which is the rule: it costs a look into a folder.
///
/// Whoever opens the database of a site calls this before: what was killed between two renames leaves a database beside media of another
/// day. It needs no backup folder; what it does is told in the log, as a warning. [`Backups::create`](crate::Backups::create) and all that
/// restores do it by themselves.
///
/// # Errors
///
/// [`Error::InUse`] where somebody works with a site that is half replaced, [`Error::File`].
pub fn repair(database: &Path, now: Timestamp) -> Result<Option<Repaired>, Error> {
    let site = Site::at(database, None)?;
    // Nothing to do is the rule, and no reason to be in anybody's way.
    if !site.work().exists() && undoing(&site)?.is_none() {
        return Ok(None);
    }
    let patience = if has_begun(&site)? { PATIENCE } else { Duration::ZERO };
    match lock_within(&site, patience) {
        Ok(_site) => repair_locked(&site, now),
        // It was repaired meanwhile, or a restore is at work that has replaced nothing yet.
        Err(Error::InUse { .. }) if !has_begun(&site)? => Ok(None),
        Err(error) => Err(error),
    }
}

/// Whether the site may be neither the old one nor the new one.
fn has_begun(site: &Site) -> Result<bool, Error> {
    Ok(Swap::read(&site.work())?.is_some() || undoing(site)?.is_some())
}

pub(super) fn repair_locked(site: &Site, at: Timestamp) -> Result<Option<Repaired>, Error> {
    let work = site.work();
    if work.exists() {
        return match Swap::read(&work)? {
            None => {
                tracing::warn!(folder = %work.display(), "a restore was interrupted before it replaced anything; what it left is removed");
                discard(&work).map(|()| Some(Repaired::Removed))
            }
            Some(mut swap) => {
                tracing::warn!(backup = swap.id, "a restore was interrupted while it replaced the site; it is carried out now");
                finish(site, &work, &mut swap, at)?;
                Ok(Some(Repaired::Restored(swap.id)))
            }
        };
    }
    let Some((folder, mut swap)) = undoing(site)? else { return Ok(None) };
    tracing::warn!(backup = swap.id, "the undoing of a restore was interrupted; it is carried out now");
    undo_or_stay(&folder, &mut swap, at)?;
    Ok(Some(Repaired::Undone(swap.id)))
}

/// An undo that is under way, and the folder that it takes from.
pub(super) fn undoing(site: &Site) -> Result<Option<(PathBuf, Swap)>, Error> {
    for folder in site.kept_before()? {
        if let Some(swap) = Swap::read(&folder)?.filter(|swap| swap.stage == Stage::Undoing) {
            return Ok(Some((folder, swap)));
        }
    }
    Ok(None)
}
