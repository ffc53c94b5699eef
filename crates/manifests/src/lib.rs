//! From one typed value to every file that runs a site: Dockerfiles, Compose, nginx, Kubernetes, Argo CD, systemd.
//!
//! ```text
//! deploy.toml + flags + images.lock  ->  Deployment  ->  Files
//! ```
//!
//! [`Deployment::read`] checks everything at once; [`render`] is a pure function of it: no clock, no disk, no environment, so the same
//! deployment gives the same bytes. Names of variables, ports and defaults come from `magnetiq-config`, and what a deployment sets is
//! loaded as `Settings` before anything is rendered: a variable that no program reads, or a port that differs, cannot come out.

#![recursion_limit = "256"]

mod argocd;
mod backup_folders;
mod certificate;
mod compose;
mod deployment;
mod docker;
mod files;
mod fill;
mod k8s;
mod nginx;
mod render;
mod systemd;
mod yaml;

pub use deployment::{
    Argocd, Bases, Certificate, Challenge, Compose, Deploy, Deployment, Digest, Environment, Environments, Image, Images, Kubernetes,
    Limit, Limits, Proxy, Route, Secret, Secrets, Sources, Storage, Systemd, Text, TlsMin, Version,
};
pub use files::{Change, Files, MARK, is_ours};
pub use k8s::unsealed;
pub use nginx::HTTPS_PORT;
pub use render::{Target, render};
