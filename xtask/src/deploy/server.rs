//! The container of the server. The next one is made beside the one that runs, so that while people wait one is stopped and the other started, and
//! nothing else is done.

use anyhow::{Context, Result, bail};
use magnetiq_manifests::Image;

use super::facts::Facts;
use super::line::Line;
use super::store::{self, docker, has_container};

/// What runs, or is started again.
const RUNS: [&str; 4] = ["--filter", "status=running", "--filter", "status=restarting"];

/// What Compose calls the first container of a service.
pub(crate) fn name(facts: &Facts) -> String {
    format!("{}-backend-1", facts.name)
}

/// What it is called until it may stay.
pub(crate) fn next_name(facts: &Facts) -> String {
    next_of(&facts.name)
}

/// The name of the next server of a site, until it may stay.
pub(super) fn next_of(site: &str) -> String {
    format!("{site}-backend-next")
}

/// Makes the next one, without starting it. What an earlier deployment made and never started goes first: it would be taken for ours.
///
/// # Errors
///
/// When the target cannot be asked, or the container cannot be made.
pub(crate) fn prepare(facts: &Facts, create: &Line) -> Result<()> {
    settle(facts)?;
    settle_ended(facts)?;
    for left_over in containers(facts, &["--filter", "status=created"])? {
        remove(facts, &left_over)?;
    }
    create.run()?;
    let made = containers(facts, &["--filter", "status=created"])?;
    let [next, needless @ ..] = made.as_slice() else {
        let there = containers(facts, &[])?;
        bail!(
            "{create}\n    it made no container, since there are two: {}. Remove the one that is not to run: docker container rm --force NAME",
            there.join(", ")
        )
    };
    // Two, where there was none.
    needless.iter().try_for_each(|needless| remove(facts, needless))?;
    rename(facts, next, &next_name(facts))
}

/// Stops the one that runs, and starts the next.
///
/// # Errors
///
/// When one of it does not go well.
pub(crate) fn exchange(facts: &Facts, lines: &[Line]) -> Result<()> {
    let [stop, start] = lines else { bail!("an exchange stops one server and starts another") };
    // There may be none: nobody spends the time to ask first while people wait.
    if let Err(error) = stop.run()
        && has_container(&facts.tools, &name(facts))?
    {
        return Err(error);
    }
    start.run().map(|_| ())
}

/// The next one goes, where there is one.
///
/// # Errors
///
/// When the target cannot be asked, or it does not go.
pub(crate) fn forget_next(facts: &Facts, lines: &[Line]) -> Result<()> {
    if has_container(&facts.tools, &next_name(facts))? {
        lines.iter().try_for_each(|line| line.run().map(|_| ()))?;
    }
    Ok(())
}

/// The one that runs gets the name that the server always has, and what had that name goes. Compose counts containers: what it makes in the place
/// of the third is called the third.
///
/// # Errors
///
/// When the target cannot be asked, or does not do it.
pub(crate) fn settle(facts: &Facts) -> Result<()> {
    let name = name(facts);
    let runs = containers(facts, &RUNS)?;
    let [stays] = runs.as_slice() else { return Ok(()) };
    if *stays == name {
        return Ok(());
    }
    if has_container(&facts.tools, &name)? {
        remove(facts, &name)?;
    }
    rename(facts, stays, &name)
}

/// Where none runs, the one that is gone back to has that name, and others that ended go: no other one could be made beside two.
fn settle_ended(facts: &Facts) -> Result<()> {
    let (name, before) = (name(facts), facts.previous.as_ref().and_then(|previous| previous.images.get(Image::Backend.name())));
    if !containers(facts, &RUNS)?.is_empty() {
        return Ok(());
    }
    let ended = containers(facts, &["--filter", "status=exited"])?;
    let mut stay = Vec::new();
    for container in &ended {
        let seen = store::inspected(&facts.tools, container)?;
        if seen["Config"]["Image"].as_str() == before.map(String::as_str) {
            stay.push(container);
        }
    }
    // Whose it is that nobody goes back to is nothing that is known here.
    let Some(stays) = stay.iter().find(|stays| ***stays == name).or(stay.first()) else { return Ok(()) };
    ended.iter().filter(|other| *other != *stays).try_for_each(|other| remove(facts, other))?;
    if **stays == name { Ok(()) } else { rename(facts, stays, &name) }
}

/// The names of those that Compose takes for the server's.
fn containers(facts: &Facts, filters: &[&str]) -> Result<Vec<String>> {
    let listed = docker(&facts.tools)
        .with(["container", "ls", "--all", "--format", "{{.Names}}", "--filter"])
        .with([format!("label=com.docker.compose.project={}", facts.name)])
        .with(["--filter", "label=com.docker.compose.service=backend", "--filter", "label=com.docker.compose.oneoff=False"])
        .with(filters.iter().copied())
        .run()
        .context("look for the containers of the server")?;
    Ok(listed.lines().map(str::to_owned).collect())
}

fn remove(facts: &Facts, container: &str) -> Result<()> {
    docker(&facts.tools).with(["container", "rm", "--force", container]).run().map(|_| ())
}

fn rename(facts: &Facts, from: &str, to: &str) -> Result<()> {
    docker(&facts.tools).with(["container", "rename", from, to]).run().map(|_| ())
}
