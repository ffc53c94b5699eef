#![doc = include_str!("lib.md")]

/// The examples of the front page are compiled, too.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct FrontPage;

#[cfg(not(unix))]
compile_error!("magnetiq-storage needs the file locks and owners of a Unix system");

mod cancel;
mod check;
mod checkpoint;
mod commits;
mod connection;
mod drift;
mod error;
mod exchange;
mod facts;
mod fingerprint;
mod folder;
mod guard;
mod handle;
mod hint;
mod hold;
mod job;
mod lock;
mod maintain;
mod migrate;
mod operate;
mod options;
mod place;
mod pool;
mod queue;
mod read_only;
mod reader;
mod readers;
mod rehearse;
mod replace;
mod roll_back;
mod snapshot;
mod store;
mod template;
mod time_limit;
mod void;
mod writer;

pub use refinery;
pub use rusqlite;

pub use check::{Check, CheckOn, Checked, Progress};
pub use commits::{Changed, Commits};
pub use drift::{Difference, Drift};
pub use error::Error;
pub use facts::{Facts, Latency};
pub use fingerprint::{Fingerprint, ParseFingerprintError, TableSum};
pub use folder::network_filesystem;
pub use handle::{Read, Write};
pub use hold::Hold;
pub use job::Tx;
pub use lock::{Lock, Owner};
pub use maintain::{Maintained, MaintenancePlan, Proposal, Task};
pub use migrate::{Migrated, Plan, Step};
pub use options::{Durability, Options};
pub use read_only::ReadOnlyStore;
pub use reader::Reader;
pub use rehearse::{ForeignKeyBreak, Rehearsal, RowCount};
pub use roll_back::{RolledBack, WrittenSince};
pub use snapshot::Snapshot;
pub use store::Store;
pub use template::Template;
