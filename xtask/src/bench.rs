//! `cargo xtask bench`: the promises that have a number, measured on this machine.

use std::ffi::OsString;
use std::process::{ExitCode, Stdio};

use anyhow::{Context, Result, bail};
use clap::{Args, Subcommand};

use crate::cargo::{Built, cargo};

/// The options of `cargo xtask bench`.
#[derive(Args)]
pub(crate) struct Bench {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    /// The store against a pool of connections: writes, reads, and both again with slow syncs (about seven minutes, 3 GB of disk)
    Storage(Storage),
}

#[derive(Args)]
struct Storage {
    /// Print one JSON document instead of the table
    #[arg(long)]
    json: bool,
    /// Fail where a bar is missed
    #[arg(long)]
    check: bool,
    /// Short rounds, for a first look
    #[arg(long)]
    quick: bool,
    /// Measure on the disk of this folder instead of the one of `target/`
    #[arg(long, value_name = "PATH")]
    folder: Option<OsString>,
}

impl Bench {
    pub(crate) fn run(self) -> Result<ExitCode> {
        let What::Storage(storage) = self.what;
        storage.run()
    }
}

impl Storage {
    /// Cargo and the bench speak on standard error, standard output is for the result alone.
    fn run(self) -> Result<ExitCode> {
        let mut build = cargo();
        build.args(["bench", "--no-run", "--package", "magnetiq-tests", "--bench", "storage"]);
        build.args(["--message-format", "json-render-diagnostics"]).stderr(Stdio::inherit());
        let built = build.output().context("start cargo")?;
        if !built.status.success() {
            bail!("the bench could not be built: {}", built.status);
        }
        // Cargo builds the other programs of the package along.
        let messages = String::from_utf8_lossy(&built.stdout);
        let of_bench: Vec<&str> = messages.lines().filter(|line| line.contains(r#""kind":["bench"]"#)).collect();
        let program = Built::read(&of_bench.join("\n"))?.program;
        let mut bench = std::process::Command::new(&program);
        let flags = [(self.json, "--json"), (self.check, "--check"), (self.quick, "--quick")];
        bench.args(flags.into_iter().filter(|(given, _)| *given).map(|(_, name)| name));
        if let Some(folder) = self.folder {
            bench.arg("--folder").arg(folder);
        }
        let status = bench.status().with_context(|| format!("start {}", program.display()))?;
        // 1 is its answer that a bar was missed, and it has said so.
        match status.code() {
            Some(0) => Ok(ExitCode::SUCCESS),
            Some(1) => Ok(ExitCode::FAILURE),
            _ => bail!("the bench ended with {status}"),
        }
    }
}
