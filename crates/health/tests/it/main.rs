//! The promises of the crate, through its public face: each test fails when one of them is broken.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod breaker;
mod fallback;
mod judge;
mod layout;
mod monitor;
mod render;
mod storm;
mod support;
mod threshold;
mod tree;
