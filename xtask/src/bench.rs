//! `cargo xtask bench`: the promises that have a number, measured on this machine.

mod api;
mod backup;
mod health;
mod storage;

use std::ffi::OsString;
use std::path::PathBuf;
use std::process::{Command, ExitCode, Stdio};

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
    Storage(storage::Storage),
    /// Backups against tar and pigz, restic, borg and PocketBase: time, memory, size, and what a writer feels (about twenty minutes, 12 GB of disk)
    Backup(backup::Backup),
    /// The server against PocketBase: reading, creating, uploading with 100 connections (about five minutes)
    Api(api::Api),
    /// Asking a server how it is, also while its disk hangs, and the memory of a watcher (about four minutes)
    Health(health::Health),
}

/// What every bench takes.
#[derive(Args)]
struct Common {
    /// Print one JSON document instead of the table
    #[arg(long)]
    json: bool,
    /// Fail where a bar is missed
    #[arg(long)]
    check: bool,
    /// Less of everything, for a first look
    #[arg(long)]
    quick: bool,
    /// Measure on the disk of this folder instead of the one of `target/`
    #[arg(long, value_name = "PATH")]
    folder: Option<OsString>,
}

impl Bench {
    pub(crate) fn run(self) -> Result<ExitCode> {
        match self.what {
            What::Storage(storage) => storage.run(),
            What::Backup(backup) => backup.run(),
            What::Api(api) => api.run(),
            What::Health(health) => health.run(),
        }
    }
}

impl Common {
    /// Builds the bench of this name and gives the command that runs it. Cargo and the bench speak on standard error, standard output is
    /// for the result alone.
    fn command(self, name: &str) -> Result<Command> {
        let program = build(&["bench", "--no-run", "--package", "magnetiq-tests", "--bench", name], r#""kind":["bench"]"#)?;
        let mut bench = Command::new(program);
        let flags = [(self.json, "--json"), (self.check, "--check"), (self.quick, "--quick")];
        bench.args(flags.into_iter().filter(|(given, _)| *given).map(|(_, name)| name));
        if let Some(folder) = self.folder {
            bench.arg("--folder").arg(folder);
        }
        Ok(bench)
    }
}

/// Builds something, and finds the one program of that kind: Cargo builds the other programs of a package along.
fn build(arguments: &[&str], kind: &str) -> Result<PathBuf> {
    let mut build = cargo();
    build.args(arguments).args(["--message-format", "json-render-diagnostics"]).stderr(Stdio::inherit());
    let built = build.output().context("start cargo")?;
    if !built.status.success() {
        bail!("the bench could not be built: {}", built.status);
    }
    let messages = String::from_utf8_lossy(&built.stdout);
    let of_kind: Vec<&str> = messages.lines().filter(|line| line.contains(kind)).collect();
    Ok(Built::read(&of_kind.join("\n"))?.program)
}

/// Runs the bench; 1 is its answer that a bar was missed, and it has said so.
fn finish(mut bench: Command) -> Result<ExitCode> {
    let status = bench.status().with_context(|| format!("start {}", bench.get_program().display()))?;
    match status.code() {
        Some(0) => Ok(ExitCode::SUCCESS),
        Some(1) => Ok(ExitCode::FAILURE),
        _ => bail!("the bench ended with {status}"),
    }
}
