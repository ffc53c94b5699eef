#![doc = include_str!("../README.md")]

mod checkpoint;
mod connection;
mod error;
mod facts;
mod folder;
mod guard;
mod handle;
mod job;
mod lock;
mod migrate;
mod options;
mod reader;
mod snapshot;
mod store;
mod writer;

pub use refinery;
pub use rusqlite;

pub use error::Error;
pub use facts::Facts;
pub use handle::{Read, Write};
pub use job::Tx;
pub use lock::Owner;
pub use migrate::{Migrated, Plan, Step};
pub use options::{Durability, Options};
pub use snapshot::Snapshot;
pub use store::Store;
