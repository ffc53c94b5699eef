//! Proofs of `magnetiq-storage`: programs are killed, disks fail, and what was promised is still true.
//!
//! Each test prints its seed; `MAGNETIQ_TEST_SEED=…` runs it again. The long ones are ignored and run with `cargo xtask test --soak`.
#![allow(clippy::unwrap_used, clippy::print_stderr, reason = "a test that cannot go on has failed, and says what it did")]

mod disk;
mod faults;
mod kill;
mod migrate;
mod model;
#[path = "../shared/proof.rs"]
mod proof;
mod replace;
mod snapshot;
mod start;
mod support;
mod sync;
