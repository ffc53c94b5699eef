//! Everything that can go wrong, one variant for each operation and its subject.

use std::io;
use std::path::{Path, PathBuf};

/// A failed operation on backups.
///
/// The cause is [`source`](std::error::Error::source) and never part of the text: print the whole chain once, where it is handled.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Something in the options cannot be used; the text says what to do.
    #[error("{problem}")]
    Options { problem: String },
    /// A file or folder could not be worked on.
    #[error("cannot {action} {}", path.display())]
    File { action: &'static str, path: PathBuf, source: io::Error },
    /// Another process works in the backup folder.
    #[error("the backup folder {} is in use by {owner}", path.display())]
    Locked { path: PathBuf, owner: String },
    /// The database could not be opened, read or copied.
    #[error("cannot read the database {}", path.display())]
    Database { path: PathBuf, source: Box<magnetiq_storage::Error> },
    /// There is no room; told before anything was begun.
    #[error("{} has {} free, {operation} needs {}", path.display(), Size(*available_bytes), Size(*needed_bytes))]
    Space { path: PathBuf, operation: &'static str, available_bytes: u64, needed_bytes: u64 },
    /// The archive could not be written.
    #[error("cannot write the archive")]
    Write { source: io::Error },
    /// The archive could not be read to its end.
    #[error("cannot read the archive {archive}")]
    Read { archive: String, source: io::Error },
    /// The file is no archive of this program, or not a whole one.
    #[error("{archive} is no whole archive: {problem}")]
    NoArchive { archive: String, problem: String },
    /// The archive was written by a newer program.
    #[error("{archive} has format {found}, this program reads up to {newest}: use the newer one")]
    Newer { archive: String, found: u32, newest: u32 },
    /// The archive holds the database of another application.
    #[error("{archive} holds a database of another application: application_id {found}, expected {expected}")]
    ForeignApplication { archive: String, found: i32, expected: i32 },
    /// What the archive holds is not what it says it holds.
    #[error("{archive} is damaged: {problem}")]
    Damaged { archive: String, problem: String },
    /// The archive is encrypted and none of the identities opens it.
    #[error("{archive} is encrypted, and no identity that was given opens it")]
    Key { archive: String, source: Option<age::DecryptError> },
    /// An age recipient or identity cannot be read.
    #[error("cannot use the age {kind} {subject}: {problem}")]
    AgeKey { kind: &'static str, subject: String, problem: String },
    /// No backup fits what was asked for.
    #[error("there is no backup {which} in {}", folder.display())]
    NotFound { which: String, folder: PathBuf },
    /// More than one backup fits what was asked for.
    #[error("{which} fits more than one backup: {}", found.join(", "))]
    Ambiguous { which: String, found: Vec<String> },
    /// The record beside an archive cannot be read.
    #[error("cannot read the record {}", path.display())]
    Record { path: PathBuf, source: serde_json::Error },
    /// A retention that keeps nothing.
    #[error("a retention of nothing would keep no backup: set daily, weekly, monthly or yearly to at least 1")]
    RetentionOfNothing,
    /// Somebody works with the site that is to be replaced.
    #[error("{} cannot be replaced while it is in use: stop what has it open", path.display())]
    InUse { path: PathBuf, source: Box<magnetiq_storage::Error> },
    /// The backup has not everything.
    #[error("{archive} is partial, {problems} files could not be read when it was made: restore it only if that is good enough")]
    Partial { archive: String, problems: usize },
    /// The folder to restore into has something in it.
    #[error("the folder {} is not empty", path.display())]
    NotEmpty { path: PathBuf },
    /// A restore was cut off, and was then to be carried out where something else lies: the folder was copied without its times, or somebody moved
    /// what is in it. What is there was left alone.
    #[error("neither {} nor {} is what the restore that was cut off left there", live.display(), held.display())]
    RestoreUnclear { live: PathBuf, held: PathBuf },
    /// There is no restore that could be undone.
    #[error("nothing that a restore replaced lies in {}", folder.display())]
    NothingToUndo { folder: PathBuf },
    /// Something in the options of a target cannot be used; the text says what to do.
    #[error("target {target}: {problem}")]
    TargetOptions { target: String, problem: String },
    /// A target could not be set up.
    #[error("cannot set up the target {target}")]
    TargetConnect { target: String, source: Box<dyn std::error::Error + Send + Sync> },
    /// A target did not do what was asked, although it was asked again.
    #[error("cannot {doing} {object} at the target {target}")]
    Target { target: String, doing: &'static str, object: String, source: Box<dyn std::error::Error + Send + Sync> },
    /// A copy on its way to a target was asked to give way.
    #[error("the copy on its way to the target {target} gave way to what was waiting for the backup folder, and goes on later")]
    GaveWay { target: String },
    /// What a target has is not what it should have.
    #[error("{object} at the target {target} is not as it should be: {problem}")]
    TargetDiffers { target: String, object: String, problem: String },
    /// The copies at a target belong to another backup folder. Nothing was changed there.
    #[cfg(feature = "remote")]
    #[error("the copies at the target {target} belong to {owner}: pruning from here would remove the last ones of that site")]
    TargetOwned { target: String, owner: Box<crate::remote::Owner> },
    /// No backup at a target fits what was asked for.
    #[error("there is no backup {which} at the target {target}")]
    NotAtTarget { target: String, which: String },
}

impl Error {
    /// For `map_err` on what the standard library answers about `path`.
    pub(crate) fn file(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |source| Error::File { action, path, source }
    }

    /// Whether the disk is full, wherever in the chain that is told.
    pub fn is_disk_full(&self) -> bool {
        match self {
            Error::Space { .. } => true,
            Error::File { source, .. } | Error::Write { source } | Error::Read { source, .. } => {
                matches!(source.kind(), io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded)
            }
            Error::Database { source, .. } => source.is_disk_full(),
            _ => false,
        }
    }
}

/// Bytes for people.
pub(crate) struct Size(pub(crate) u64);

impl std::fmt::Display for Size {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.0 {
            bytes @ 0..1_000 => write!(f, "{bytes} B"),
            bytes @ 1_000..1_000_000 => write!(f, "{:.1} kB", bytes as f64 / 1e3),
            bytes @ 1_000_000..1_000_000_000 => write!(f, "{:.1} MB", bytes as f64 / 1e6),
            bytes => write!(f, "{:.2} GB", bytes as f64 / 1e9),
        }
    }
}
