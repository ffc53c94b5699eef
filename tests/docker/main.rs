//! What runs a site, on a real engine: images on Debian, Compose, and a machine without containers, as `cargo xtask manifests` writes them.
#![allow(clippy::unwrap_used, reason = "a test fails as tests do")]

mod authority;
mod compose;
mod deploy;
mod development;
mod engine;
mod images;
mod machine;
mod site;
