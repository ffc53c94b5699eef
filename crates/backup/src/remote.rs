//! Copies elsewhere: S3 and what speaks like it, Google, Azure, another folder (feature `remote`).
//!
//! A target is laid out as a backup folder is: archives, their records, `media/`. Beside each archive whose media are linked lies a list of
//! them, so that pruning there needs no key. The record comes last and goes first: an archive without one is not listed.

mod connect;
mod fetch;
mod journal;
mod objects;
mod options;
mod prune;
mod push;
mod retry;
mod target;
mod upload;

pub use options::{Credentials, TargetOptions, Verify};
pub use target::Target;
