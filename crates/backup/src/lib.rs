#![doc = include_str!("../README.md")]

mod archive;
mod backups;
mod catalogue;
mod clock;
mod create;
mod diff;
mod durable;
mod error;
mod lock;
mod manifest;
mod media;
mod options;
mod options_check;
mod priority;
mod progress;
mod prune;
mod record;
#[cfg(feature = "remote")]
pub mod remote;
mod restore;
mod retention;
mod scratch;
mod snapshot;
mod space;
mod verify;

pub use magnetiq_storage;

pub use backups::{Backups, Request};
pub use catalogue::Which;
pub use clock::Clock;
pub use diff::{Difference, FileChange, TableChange};
pub use durable::write_durably;
pub use error::Error;
pub use lock::Turn;
pub use manifest::{
    Compression, ConfigFile, Database, FORMAT_VERSION, Manifest, Media, MediaFile, MediaMode, Problem, Reason, Seal, Table,
};
pub use options::Options;
pub use progress::{Progress, Report, Step};
pub use prune::{PruneItem, PrunePlan, Pruned};
pub use record::{ArchiveFile, CopyAt, Depth, Entry, Outcome, Proof, Record, State, Summary};
pub use restore::{Exported, KeptSite, Repaired, Replaced, RestorePlan, RestoreRequest, Restored, TableLoss, Undone, What, repair};
pub use retention::{Because, Candidate, Decision, Retention};
pub use scratch::Scratch;
