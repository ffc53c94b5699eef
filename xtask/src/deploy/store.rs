//! What the target remembers: who deploys there, and what was deployed. A volume holds the releases, and a container that never runs is the
//! lock: its name can be taken once, its labels say by whom, and files come and go through it.

use std::fmt;
use std::path::Path;

use anyhow::{Context, Result, bail};
use serde_json::Value;

use super::facts::Tools;
use super::folder;
use super::line::Line;
use super::plan::compose::{LABEL, RELEASES, lock_name, volume_name};
use super::release::{self, Release};

/// Who deploys.
#[derive(Debug, Clone)]
pub(crate) struct Held {
    pub(crate) number: String,
    /// What nobody else has: numbers and times may be alike.
    pub(crate) release: String,
    pub(crate) who: String,
    pub(crate) since: String,
    pub(crate) why: String,
}

impl fmt::Display for Held {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} deploys there since {} (deployment {}: {}); wait for it, or, if it is over, `cargo xtask deploy unlock`",
            self.who, self.since, self.number, self.why
        )
    }
}

/// Who has the lock.
///
/// # Errors
///
/// When the target cannot be asked.
pub(crate) fn lock_of(tools: &Tools, name: &str) -> Result<Option<Held>> {
    let lock = lock_name(name);
    if !has_container(tools, &lock)? {
        return Ok(None);
    }
    let labels = docker(tools).with(["container", "inspect", "--format", "{{json .Config.Labels}}", &lock]).run()?;
    let labels: Value = serde_json::from_str(&labels).context("understand the labels of the lock")?;
    let label = |name: &str| labels[name].as_str().unwrap_or("somebody").to_owned();
    Ok(Some(Held {
        number: label(LABEL),
        release: label(&format!("{LABEL}.release")),
        who: label(&format!("{LABEL}.who")),
        since: label(&format!("{LABEL}.since")),
        why: label(&format!("{LABEL}.why")),
    }))
}

/// What takes it away from whoever has it.
pub(crate) fn unlock(tools: &Tools, name: &str) -> Line {
    docker(tools).with(["container", "rm", "--force", &lock_name(name)])
}

/// All that was deployed there, the newest first; the files of it come to `to`. What lies there besides says nothing: the target may have been made
/// anew.
///
/// # Errors
///
/// When the target cannot be asked, or what it has cannot be understood.
pub(crate) fn history(tools: &Tools, name: &str, to: &Path) -> Result<Vec<Release>> {
    std::fs::create_dir_all(to).with_context(|| format!("make {}", to.display()))?;
    let volume = volume_name(name);
    let listed = asked(&docker(tools).with(["volume", "ls", "--quiet", "--filter", &format!("name=^{volume}$")]))?;
    if listed.trim().is_empty() {
        return Ok(Vec::new());
    }
    let lock = lock_name(name);
    let look = format!("{name}-deploy-look-{}", std::process::id());
    let through = if has_container(tools, &lock)? {
        lock
    } else {
        let image = any_image(tools)?;
        // Not every image says what to run.
        docker(tools)
            .with(["container", "create", "--name", &look, "--volume", &format!("{volume}:{RELEASES}:ro"), &image, "true"])
            .run()?;
        look.clone()
    };
    // Below `to`, where the client may write, wherever that is.
    let fresh = tempfile::Builder::new().prefix("look-").tempdir_in(to).with_context(|| format!("make a folder in {}", to.display()))?;
    let copied = docker(tools).with(["container", "cp", &format!("{through}:{RELEASES}/."), &fresh.path().display().to_string()]).run();
    if through == look {
        docker(tools).with(["container", "rm", "--force", &look]).run()?;
    }
    copied?;
    folder::copy(fresh.path(), to)?;
    release::read_all(fresh.path())
}

/// Whatever image is there: a container that never runs needs one all the same.
fn any_image(tools: &Tools) -> Result<String> {
    let listed = docker(tools).with(["image", "ls", "--quiet"]).run()?;
    match listed.lines().next() {
        Some(image) => Ok(image.to_owned()),
        None => bail!("there is a history, and no image that a container could look at it with: load one there, whichever"),
    }
}

pub(crate) fn has_container(tools: &Tools, name: &str) -> Result<bool> {
    let listed = asked(&docker(tools).with(["container", "ls", "--all", "--quiet", "--filter", &format!("name=^/{name}$")]))?;
    Ok(!listed.trim().is_empty())
}

/// What comes first of all: nothing but the engine could be the reason that it fails.
///
/// # Errors
///
/// When the engine does not answer, with what to look at.
pub(crate) fn asked(line: &Line) -> Result<String> {
    line.run().context("the engine does not answer: is it running, is the context right (docker context ls), may this account use it?")
}

/// What the engine says of a container.
///
/// # Errors
///
/// When there is none of this name, or the engine cannot be asked.
pub(crate) fn inspected(tools: &Tools, container: &str) -> Result<Value> {
    let seen = docker(tools).with(["container", "inspect", container]).run()?;
    let seen: Value = serde_json::from_str(&seen).context("understand what Docker says about a container")?;
    Ok(seen[0].clone())
}

pub(crate) fn docker(tools: &Tools) -> Line {
    tools.line(&tools.docker)
}
