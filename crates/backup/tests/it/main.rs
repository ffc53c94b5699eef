//! Behaviour through the public face.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod archive;
mod damage;
mod linked;
#[cfg(feature = "remote")]
mod remote;
mod restore;
mod retention;
mod round_trip;
mod support;
