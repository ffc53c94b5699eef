//! `cargo xtask test`: everything the repository can prove.

pub(crate) mod browser;
mod docker;
mod manifests;
mod page;
mod rust;
mod steps;
mod tools;

use std::process::ExitCode;

use anyhow::Result;
use clap::Args;

use steps::Steps;

/// The options of `cargo xtask test`.
#[derive(Args)]
pub(crate) struct Test {
    /// Leave out the journeys through a real browser
    #[arg(long)]
    fast: bool,
    /// Only the long proofs: crashes, power cuts, failing disks and starts, hundreds of times, and an hour under load
    #[arg(long, conflicts_with = "fast")]
    soak: bool,
}

impl Test {
    pub(crate) fn run(self) -> Result<ExitCode> {
        let environment = magnetiq_config::environment();
        let ci = environment.get("CI").is_some_and(|value| !["", "0", "false"].contains(&value.as_str()));
        let mut steps = Steps::new(ci);
        if self.soak {
            let mut tools = tools::find_all(&mut steps, &environment);
            let (engine, found) = docker::prepare(&mut steps, &environment);
            tools.extend(found);
            rust::soak(&mut steps, &tools);
            drop(engine);
            return Ok(steps.summary());
        }
        rust::format(&mut steps);
        // The server carries the page within it, so the page comes before what is built in Rust.
        page::prove(&mut steps);
        let mut tools = tools::find_all(&mut steps, &environment);
        let (engine, found) = docker::prepare(&mut steps, &environment);
        tools.extend(found);
        rust::prove(&mut steps, &tools);
        drop(engine);
        manifests::prove(&mut steps, &environment);
        if !self.fast {
            browser::prove(&mut steps, &environment);
        }
        Ok(steps.summary())
    }
}
