//! Proofs of `magnetiq-backup` and `backupd`: programs are killed, disks fill up, bits flip, clocks are wrong, and what was promised is
//! still true.
//!
//! Each test prints its seed; `MAGNETIQ_TEST_SEED=…` runs it again. The long ones are ignored and run with `cargo xtask test --soak`.
#![allow(clippy::unwrap_used, clippy::print_stderr, reason = "a test that cannot go on has failed, and says what it did")]

mod clocks;
mod damage;
mod disk;
mod kill;
mod kill_restore;
mod kill_upload;
#[path = "../shared/proof.rs"]
mod proof;
mod site;
mod small_disk;
mod trouble;
mod writers;
