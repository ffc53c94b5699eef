//! Whole-system journeys over the real binaries.
#![allow(clippy::unwrap_used, reason = "helpers of tests fail as tests do")]

mod backup;
mod backup_daemon;
mod backup_repair;
mod bad_input;
mod crash;
mod dev;
mod health;
mod healthd;
mod house;
mod life;
