//! Behaviour through the public face.

#![allow(clippy::unwrap_used, clippy::print_stderr, reason = "a test that cannot go on has failed, and says what it did")]

mod archive;
mod damage;
mod linked;
#[cfg(feature = "remote")]
mod remote;
mod restore;
mod retention;
mod round_trip;
mod support;
