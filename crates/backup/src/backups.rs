//! The public face: one value for one backup folder.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;

use crate::catalogue::Seen;
use crate::progress::Report;
use crate::{Depth, Difference, Entry, Error, MediaMode, Options, Proof, PrunePlan, Pruned, Reason, Turn, Which};
use crate::{catalogue, create, diff, durable, prune, verify};

/// What to back up now.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Request {
    /// Why.
    pub reason: Reason,
    /// Whether it is kept for ever.
    pub pinned: bool,
    /// Instead of the mode in [`Options`].
    pub media: Option<MediaMode>,
    /// Whether it is meant that there are no media where the last complete backup had some, or less than half of its rows, or rows in less than
    /// half of its tables. Otherwise such a backup is [partial](Entry::is_partial), and [retention](crate::Retention) keeps the last one from before.
    pub accept_emptied: bool,
}

impl Request {
    /// A backup for `reason`, not pinned, media as in the options.
    pub fn new(reason: Reason) -> Self {
        Self { reason, pinned: false, media: None, accept_emptied: false }
    }

    /// Sets [`pinned`](field@Self::pinned).
    #[must_use]
    pub fn pinned(mut self, pinned: bool) -> Self {
        self.pinned = pinned;
        self
    }

    /// Sets [`media`](field@Self::media).
    #[must_use]
    pub fn media(mut self, mode: MediaMode) -> Self {
        self.media = Some(mode);
        self
    }

    /// Sets [`accept_emptied`](field@Self::accept_emptied).
    #[must_use]
    pub fn accept_emptied(mut self, accept: bool) -> Self {
        self.accept_emptied = accept;
        self
    }
}

/// The backups in one folder. All calls block.
#[derive(Debug, Clone)]
pub struct Backups {
    pub(crate) options: Options,
    /// Archives that [`list`](Self::list) could not read, as they were then.
    hopeless: Arc<Mutex<HashMap<PathBuf, Seen>>>,
}

impl Backups {
    /// Looks over the options and makes the folder.
    ///
    /// # Errors
    ///
    /// [`Error::Options`] and [`Error::AgeKey`] for what cannot be used, [`Error::RetentionOfNothing`], [`Error::File`].
    pub fn new(options: Options) -> Result<Self, Error> {
        options.check()?;
        durable::create_folder(&options.folder).map_err(Error::file("create the folder", &options.folder))?;
        Ok(Self { options, hopeless: Arc::default() })
    }

    pub(crate) fn hopeless(&self) -> MutexGuard<'_, HashMap<PathBuf, Seen>> {
        self.hopeless.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The settings.
    pub fn options(&self) -> &Options {
        &self.options
    }

    /// Makes a backup: when this returns, it is on disk and listed. It is not verified; a backup counts once
    /// [`verify`](Self::verify) has restored it.
    ///
    /// Files that cannot be read make it [partial](Entry::is_partial), which is no error.
    ///
    /// # Errors
    ///
    /// [`Error::Options`] for linked media and recipients, [`Error::Locked`] where the folder is still in use after 5 seconds,
    /// [`Error::Space`] before anything was begun, [`Error::Database`], [`Error::File`], [`Error::Write`]. Nothing is listed then, and
    /// nothing is left.
    pub fn create(&self, request: &Request, report: Report) -> Result<Entry, Error> {
        create::create(self, request, report)
    }

    /// Unpacks a backup to scratch, checks every hash and the database, compares it with the manifest, and records the result.
    /// A backup that does not restore is no error but a [`Proof`] with [`Outcome::Failed`](crate::Outcome::Failed).
    ///
    /// # Errors
    ///
    /// Where it could not be tried, which is recorded, too: [`Error::Space`], [`Error::Key`], [`Error::File`], [`Error::Read`],
    /// [`Error::Database`]. [`Error::Options`] for [`Depth::Drill`]: a drill is recorded by [`record_proof`](Self::record_proof) alone.
    pub fn verify(&self, entry: &Entry, depth: Depth, report: Report) -> Result<Proof, Error> {
        if depth == Depth::Drill {
            let problem = "a verification starts no program, so it is no drill: verify to restore or integrity".to_owned();
            return Err(Error::Options { problem });
        }
        verify::verify(self, entry, depth, report)
    }

    /// Asks a copy on its way to a target, of whichever process, to give way to what is to be done in this folder, as long as the answer
    /// lives. Making a backup and restoring one do so by themselves.
    ///
    /// # Errors
    ///
    /// [`Error::File`].
    pub fn ask_for_turn(&self) -> Result<Turn, Error> {
        Turn::ask(&self.options.folder)
    }

    /// Adds a verification that was done elsewhere, such as a drill, to the record of a backup.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`], [`Error::File`].
    pub fn record_proof(&self, id: &str, proof: Proof) -> Result<Entry, Error> {
        catalogue::change(self, id, |record| record.add_proof(proof))
    }

    /// All backups, the newest first. A record that is missing or damaged is made anew from the archive, unproven; after a damaged one
    /// the backup is pinned, because it may have been. An archive that is not as long as its record says is not proven.
    ///
    /// # Errors
    ///
    /// [`Error::File`] where the folder cannot be read. Archives and records that cannot be read are left out, with a warning in the
    /// log; nothing prunes them.
    pub fn list(&self) -> Result<Vec<Entry>, Error> {
        catalogue::list(self)
    }

    /// One backup.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`], [`Error::Ambiguous`], as [`list`](Self::list).
    pub fn find(&self, which: &Which) -> Result<Entry, Error> {
        catalogue::find(self, which)
    }

    /// Keeps a backup for ever, or no longer.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`], [`Error::File`].
    pub fn pin(&self, id: &str, pinned: bool) -> Result<Entry, Error> {
        catalogue::change(self, id, |record| record.pinned = pinned)
    }

    /// What [`prune`](Self::prune) would remove at `now`, and why it keeps the rest. Changes nothing.
    ///
    /// # Errors
    ///
    /// As [`list`](Self::list).
    pub fn plan_prune(&self, now: Timestamp) -> Result<PrunePlan, Error> {
        prune::plan(self, now)
    }

    /// Removes what the plan does not keep, and linked media that no archive names any more.
    ///
    /// A backup that became the newest proven one since, or was pinned, stays.
    ///
    /// # Errors
    ///
    /// [`Error::Locked`], [`Error::File`].
    pub fn prune(&self, plan: &PrunePlan) -> Result<Pruned, Error> {
        prune::prune(self, plan)
    }

    /// What changed from backup `a` to backup `b`. Reads their manifests only.
    ///
    /// # Errors
    ///
    /// As reading an archive: [`Error::Key`], [`Error::NoArchive`], [`Error::File`].
    pub fn diff(&self, a: &Entry, b: &Entry) -> Result<Difference, Error> {
        diff::diff(self, a, b)
    }
}
