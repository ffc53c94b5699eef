//! The promises of the crate, through its public face: each test fails when one of them is broken.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod awaiting;
mod close;
mod commits;
mod ended;
mod exchange;
mod group;
mod limit;
mod maintain;
mod migrate;
mod open;
mod process;
mod read;
mod read_only;
mod rehearse;
mod replaced;
mod snapshot;
mod support;
mod view;
mod wal;
