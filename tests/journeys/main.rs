//! Whole-system journeys over the real binaries.
#![allow(clippy::unwrap_used, clippy::print_stderr, reason = "helpers of tests fail as tests do, and say what they did")]

mod attacks;
mod attacks_pictures;
mod attacks_requests;
mod backup;
mod backup_daemon;
mod backup_drill;
mod backup_media;
mod backup_owner;
mod backup_repair;
mod bad_input;
mod cluster;
mod contract;
mod crash;
mod dev;
mod doctor;
mod failure_modes;
mod health;
mod healthd;
mod healthd_alert;
mod healthd_run;
mod house;
mod life;
mod manifests;
mod migrate;
mod one_program;
mod operations;
mod outbox;
#[path = "../shared/proof.rs"]
#[allow(dead_code, reason = "seeds are for those who kill at random moments")]
mod proof;
mod scrub;
mod soak;
mod social;
