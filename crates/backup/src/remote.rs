//! Copies elsewhere: S3 and what speaks like it, Google, Azure, another folder (feature `remote`).
//!
//! A target is laid out as a backup folder is: archives, their records, `media/`. Beside each archive whose media are linked lies a list of
//! them, so that pruning there needs no key. The record comes last and goes first: an archive without one is not listed.
//! A target belongs to one backup folder, which a file there names: another one is refused, or both would prune each other's copies.
//! Sites share a target by names of their own; what is not named as backups are is nobody's business here. A target that is a folder
//! has a marker, without which nothing is written there: its disk may not be mounted.

mod connect;
mod fetch;
mod journal;
mod marker;
mod objects;
mod options;
mod owner;
mod prune;
mod push;
mod reconcile;
mod retry;
mod target;
mod upload;

pub use options::{Credentials, TargetOptions, Verify};
pub use owner::Owner;
pub use target::Target;
