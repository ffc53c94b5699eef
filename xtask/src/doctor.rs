//! `cargo xtask doctor`: whether this machine and this checkout have what developers need.

mod checkout;
mod packages;
mod place;
mod programs;
#[cfg(test)]
mod tests;

use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Result;
use clap::Args;
use magnetiq_doctor::{Check, Options, examine};

use checkout::Checkout;

/// The options of `cargo xtask doctor`.
#[derive(Args)]
pub(crate) struct Doctor {
    #[command(flatten)]
    options: Options,
}

/// In the order in which they are needed.
const CHECKS: [Check<Checkout>; 15] = [
    Check::new("rust", "Rust is new enough", programs::rust),
    Check::new("c-compiler", "There is a C compiler", programs::c_compiler),
    Check::new("node", "Node is new enough", programs::node),
    Check::new("packages", "The packages of the page are those of the lock file", packages::look),
    Check::new("nextest", "Tests run side by side", programs::nextest),
    Check::new("cargo-deny", "Dependencies can be looked up", programs::cargo_deny),
    Check::new("python", "Tools of the tests can be installed", programs::python),
    Check::new("browser", "There is a browser for the journeys", programs::browser),
    Check::new("engine", "An engine builds and runs images", programs::engine),
    Check::new("containers", "Containers of the site stay up", programs::containers),
    Check::new("variables", "No variable of this shell changes a development site", place::variables),
    Check::new("ports", "The ports of a development site are free", place::ports),
    Check::new("git", "Nothing is left half done in Git", place::git),
    Check::new("disk", "There is room to build", place::disk),
    Check::new("target", "Builds of before don't take the disk", place::target).limit(Duration::from_secs(120)),
];

impl Doctor {
    pub(crate) fn run(self) -> Result<ExitCode> {
        let checkout = Arc::new(Checkout::here());
        let known = CHECKS.map(|check| (check.name, check.title));
        Ok(self.options.run(&known, |wanted| examine(CHECKS.iter().filter(|check| wanted.has(check.name)), &checkout)))
    }
}
