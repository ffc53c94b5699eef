//! `cargo xtask manifests`: every file that runs a site, from `deploy.toml`.

pub(crate) mod folder;
mod shown;

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result, bail};
use clap::Args;
use magnetiq_manifests::{Change, Deployment, Files, Sources, Target, Text};

use crate::images::pushed_to;
use crate::output::plain;

/// The options of `cargo xtask manifests`.
///
/// Reads deploy.toml (docs/guides/deploying.md lists what it may say) and writes Dockerfiles, Compose, nginx, Kubernetes, Argo CD and systemd.
/// The same input gives the same bytes. Files that were not made here are never overwritten and never deleted.
///
/// Exit codes: 0 done, 1 failed, or something differs with --check; 2 wrong command line.
#[derive(Args)]
pub(crate) struct Manifests {
    /// What to write: docker, nginx, compose, compose-dev, k8s, argocd, systemd, or all; several with commas
    #[arg(long, value_name = "TARGET", default_value = "all", value_delimiter = ',', value_parser = targets)]
    target: Vec<Targets>,
    /// The folder to write to; each target has one below it
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// The deployment
    #[arg(long, value_name = "FILE", default_value = "deploy.toml")]
    deploy: PathBuf,
    /// What was built, as `cargo xtask images` wrote it down [default: images.lock beside the deployment, where there is one]
    #[arg(long, value_name = "FILE")]
    lock: Option<PathBuf>,
    /// A value that wins over the deployment's: domain=www.example.org. Never a secret
    #[arg(long, value_name = "KEY=VALUE", value_parser = key_value)]
    set: Vec<(String, String)>,
    /// Write nothing; fail, and show why, when what is there differs
    #[arg(long)]
    check: bool,
    /// Write nothing; show what would change
    #[arg(long, conflicts_with = "check")]
    diff: bool,
}

/// One target, or all of them.
#[derive(Clone)]
struct Targets(Vec<Target>);

fn targets(name: &str) -> Result<Targets, String> {
    if name == "all" {
        return Ok(Targets(Target::ALL.to_vec()));
    }
    let found = Target::ALL.into_iter().find(|target| target.name() == name);
    let names = || Target::ALL.map(Target::name).join(", ");
    found.map(|target| Targets(vec![target])).ok_or_else(|| format!("there are {} and all", names()))
}

pub(crate) fn key_value(text: &str) -> Result<(String, String), String> {
    let (key, value) = text.split_once('=').ok_or("should be KEY=VALUE, such as domain=www.example.org")?;
    Ok((key.trim().to_owned(), value.to_owned()))
}

impl Manifests {
    pub(crate) fn run(self) -> Result<ExitCode> {
        let deployment = read(&self.deploy, self.lock.as_deref(), &self.set)?;
        let mut targets: Vec<Target> = self.target.iter().flat_map(|targets| targets.0.iter().copied()).collect();
        targets.sort_unstable();
        targets.dedup();
        let there = folder::read(&self.out, &targets)?;
        let files = magnetiq_manifests::render(&deployment, &targets, &there)?;
        let changes: Vec<(&str, Change)> = files.changes(&there).collect();
        if self.check || self.diff {
            return Ok(self.show(&files, &there, &changes));
        }
        folder::write(&self.out, &files, &there, &changes)?;
        for (path, change) in &changes {
            plain(&format!("{:<8} {}", shown::word(*change), self.out.join(path).display()));
        }
        // Of two sites, each has its own.
        for (path, text) in files.iter().filter(|(path, _)| path.ends_with("k8s/secrets.yaml")) {
            let unsealed = magnetiq_manifests::unsealed(text);
            if !unsealed.is_empty() {
                plain(&format!("{} waits for values, encrypted: {}", self.out.join(path).display(), unsealed.join(", ")));
            }
        }
        plain(&format!("{} files in {}, {} of them as they were", files.len(), self.out.display(), files.len() - written(&changes)));
        Ok(ExitCode::SUCCESS)
    }

    fn show(&self, files: &Files, there: &Files, changes: &[(&str, Change)]) -> ExitCode {
        for (path, change) in changes {
            plain(&shown::difference(path, *change, there.get(path), files.get(path)));
        }
        if changes.is_empty() {
            plain(&format!("{} is as {} says", self.out.display(), self.deploy.display()));
            return ExitCode::SUCCESS;
        }
        plain(&format!("{} of {} files differ from what {} says", changes.len(), files.len(), self.deploy.display()));
        if self.check { ExitCode::FAILURE } else { ExitCode::SUCCESS }
    }
}

fn written(changes: &[(&str, Change)]) -> usize {
    changes.iter().filter(|(_, change)| *change != Change::Stale).count()
}

/// Reads the deployment and, where there is one, the lock beside it.
///
/// # Errors
///
/// When a file cannot be read, and everything that is wrong in them.
pub(crate) fn read(deploy: &Path, lock: Option<&Path>, given: &[(String, String)]) -> Result<Deployment> {
    let beside = deploy.with_file_name("images.lock");
    let lock = lock.or_else(|| beside.exists().then_some(beside.as_path()));
    let lock_text = lock.map(|path| fs::read_to_string(path).with_context(|| format!("read {}", path.display()))).transpose()?;
    let lock = lock.map(|path| path.display().to_string());
    parse(deploy, lock.as_deref().zip(lock_text.as_deref()).map(|(path, text)| Text { path, text }), given)
}

/// Reads the deployment alone: what was built before says nothing about what is built now.
///
/// # Errors
///
/// As [`read`].
pub(crate) fn read_unlocked(deploy: &Path, given: &[(String, String)]) -> Result<Deployment> {
    parse(deploy, None, given)
}

/// Reads the deployment for images that are built next, or were before: of what images.lock says, only where images are pushed counts.
///
/// # Errors
///
/// As [`read`].
pub(crate) fn read_to_build(deploy: &Path, given: &[(String, String)]) -> Result<Deployment> {
    let mut deployment = read_unlocked(deploy, given)?;
    if deployment.images.registry.is_none() {
        deployment.images.registry = pushed_to(&deploy.with_file_name("images.lock"))?;
    }
    Ok(deployment)
}

fn parse(deploy: &Path, lock: Option<Text<'_>>, given: &[(String, String)]) -> Result<Deployment> {
    let text = match fs::read_to_string(deploy) {
        Err(error) if error.kind() == ErrorKind::NotFound => {
            bail!("there is no {}; begin with docs/examples/deploy.toml, or name yours with --deploy", deploy.display())
        }
        text => text.with_context(|| format!("read {}", deploy.display()))?,
    };
    let path = deploy.display().to_string();
    Ok(Deployment::read(&Sources { deploy: Text { path: &path, text: &text }, lock, given })?)
}
