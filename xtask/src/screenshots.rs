//! `cargo xtask screenshots`: a picture of every view, to be looked at.

use std::path::PathBuf;
use std::process::{Command, ExitCode};

use anyhow::{Context, Result};
use clap::Args;

use crate::output::plain;
use crate::test::browser;
use crate::workspace;

/// The options of `cargo xtask screenshots`.
#[derive(Args)]
pub(crate) struct Screenshots {
    /// The folder for the pictures
    #[arg(long, default_value = "target/screenshots")]
    out: PathBuf,
    /// Take the pictures of README.md and the handbook anew, too
    #[arg(long)]
    docs: bool,
}

impl Screenshots {
    pub(crate) fn run(self) -> Result<ExitCode> {
        let out = workspace::root().join(self.out);
        let mut script = Command::new("node");
        script.arg("screenshots.mjs").arg(&out).args(self.docs.then_some("--docs"));
        browser::with_server(&mut script, &magnetiq_config::environment())?;
        let status = script.status().context("start node")?;
        if status.success() {
            plain(&format!("the pictures lie in {}", workspace::shown(&out)));
        }
        Ok(if status.success() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
    }
}
