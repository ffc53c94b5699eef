//! What comes out of a deployment: as a whole (golden files), and what must hold of it (properties, each with a fault that breaks it). The
//! codes (K15, C06, …) number the checklist that they come from.
#![allow(clippy::unwrap_used, reason = "helpers of tests fail as tests do")]

mod argocd;
mod compose;
mod docker;
mod golden;
mod k8s_pods;
mod k8s_reach;
mod k8s_sync;
mod k8s_whole;
mod k8s_writer;
mod nginx;
mod objects;
mod read;
mod render;
mod scenarios;
mod secrets;
mod settings;
mod systemd;
