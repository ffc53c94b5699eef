//! Getting a site back from an archive.

mod apply;
mod kept;
mod place;
mod plan;
mod repair;
mod stage;
mod swap;
mod transfer;

use std::fmt;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

pub use kept::KeptSite;
pub use plan::{Replaced, RestorePlan, TableLoss};
pub use repair::repair;
pub use transfer::Exported;

use crate::{Backups, Error, Report, Which};
use place::Site;
pub(crate) use place::resolved;

impl Backups {
    /// What restoring a backup would replace, and what would be lost. Changes nothing; the site may be in use.
    ///
    /// # Errors
    ///
    /// What is refused: [`Error::Newer`], [`Error::ForeignApplication`], [`Error::NoArchive`], [`Error::Partial`]; [`Error::NotFound`],
    /// [`Error::Key`], [`Error::Options`].
    pub fn plan_restore(&self, which: &Which, request: RestoreRequest) -> Result<RestorePlan, Error> {
        plan::plan(self, which, request)
    }

    /// Restores as planned: unpacks beside the site, verifies there, and puts it in place by rename. What it replaces is kept.
    ///
    /// A kill at any moment leaves the old site or the new one, and the next restore, [`undo`](Self::undo) or [`repair`](Self::repair)
    /// carries out what had begun.
    ///
    /// # Errors
    ///
    /// [`Error::InUse`] while somebody has the database open for writing, [`Error::Locked`], [`Error::Space`], [`Error::Damaged`] and whatever
    /// else is wrong with the archive, [`Error::NotEmpty`], [`Error::File`]. The site is as it was then.
    pub fn restore(&self, plan: &RestorePlan, report: Report) -> Result<Restored, Error> {
        apply::restore(self, plan, report)
    }

    /// Puts back what the last restore replaced; what was in place until now is kept in its stead.
    ///
    /// # Errors
    ///
    /// [`Error::NothingToUndo`], also where there was no site before; [`Error::InUse`], [`Error::Locked`], [`Error::File`].
    pub fn undo(&self) -> Result<Undone, Error> {
        apply::undo(self)
    }

    /// [`repair`](crate::repair()) of the site in the options.
    ///
    /// # Errors
    ///
    /// [`Error::Options`] without a database, [`Error::InUse`], [`Error::File`].
    pub fn repair(&self) -> Result<Option<Repaired>, Error> {
        repair(&Site::of(&self.options)?.database, self.options.clock.now())
    }

    /// What restores replaced and is still there, the newest first. Nothing removes it but people: it is the way back.
    ///
    /// # Errors
    ///
    /// [`Error::Options`] without a database, [`Error::File`], [`Error::Record`].
    pub fn kept_sites(&self) -> Result<Vec<KeptSite>, Error> {
        kept::kept(self)
    }

    /// Writes the whole site as one archive that needs nothing else: with all media, whatever the options say. The site goes on.
    ///
    /// # Errors
    ///
    /// As [`create`](Self::create), and [`Error::Write`] where `out` does not take it.
    pub fn export(&self, mut out: impl std::io::Write + Send, report: Report) -> Result<Exported, Error> {
        transfer::export(self, &mut out, report)
    }

    /// Restores from a stream that [`export`](Self::export) wrote, or any archive. It is unpacked as it comes; the site is replaced only when
    /// all of it has come and is verified.
    ///
    /// # Errors
    ///
    /// As [`restore`](Self::restore).
    pub fn import(&self, mut input: impl std::io::Read, request: &RestoreRequest, report: Report) -> Result<Restored, Error> {
        transfer::import(self, &mut input, request, report)
    }
}

/// A part of a site.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum What {
    /// Settings files.
    Config,
    /// The media folder.
    Media,
    /// The database file.
    Database,
}

impl fmt::Display for What {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            What::Config => "config",
            What::Media => "media",
            What::Database => "database",
        })
    }
}

/// What to restore, and to where.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct RestoreRequest {
    /// An empty folder that gets `database.sqlite3`, `media/` and `config/`; without one, the site itself is replaced.
    pub to: Option<PathBuf>,
    /// Only these parts. Nothing named: database and media, and with [`to`](field@Self::to) also config.
    pub only: Vec<What>,
    /// Whether a backup is good enough of which something could not be read when it was made, or of which linked media are missing or
    /// damaged now, or whose database had faults already when it was backed up.
    pub allow_partial: bool,
}

impl RestoreRequest {
    /// The site itself: its database and its media.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets [`to`](field@Self::to).
    #[must_use]
    pub fn to(mut self, folder: impl Into<PathBuf>) -> Self {
        self.to = Some(folder.into());
        self
    }

    /// Adds to [`only`](field@Self::only).
    #[must_use]
    pub fn only(mut self, what: What) -> Self {
        self.only.push(what);
        self
    }

    /// Sets [`allow_partial`](field@Self::allow_partial).
    #[must_use]
    pub fn allow_partial(mut self, allow: bool) -> Self {
        self.allow_partial = allow;
        self
    }

    fn wants(&self, what: What) -> bool {
        if self.only.is_empty() { what != What::Config || self.to.is_some() } else { self.only.contains(&what) }
    }
}

/// What a restore did.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Restored {
    /// Id of the backup.
    pub id: String,
    /// The parts that are in place.
    pub what: Vec<What>,
    /// The folder that was restored into, if it was not the site.
    pub to: Option<PathBuf>,
    /// Where that lies which was replaced; [`undo`](crate::Backups::undo) puts it back.
    pub kept: Option<PathBuf>,
    /// Rows of the restored database.
    pub rows: u64,
    /// Media files that were restored.
    pub media_files: u64,
    /// How long it took.
    pub duration_ms: u64,
}

/// What an undo did, or the repair of an interrupted restore.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Undone {
    /// Id of the backup that had been restored.
    pub id: String,
    /// The parts that are as they were before.
    pub what: Vec<What>,
    /// Where that lies which was in place until now.
    pub kept: PathBuf,
}

/// What was found of a restore that did not come to its end, and done about it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Repaired {
    /// It had not begun to replace anything; its work was removed.
    Removed,
    /// It was carried out: the backup of this id is in place.
    Restored(String),
    /// An undo was carried out: what was in place before the backup of this id is in place again.
    Undone(String),
}
