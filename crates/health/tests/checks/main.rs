//! The checks against what they look at: real folders, databases, certificates and servers, as they should be and as they should not.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]
#![allow(clippy::print_stderr, reason = "what was skipped is said")]

mod backup;
mod catalog;
mod certificate;
mod database;
mod disk;
mod machine;
mod program;
#[cfg(feature = "remote")]
mod remote;
mod support;
mod web;
