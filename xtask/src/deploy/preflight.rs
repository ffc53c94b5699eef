//! Whatever would stop a deployment later, found before anything is changed.

use anyhow::{Context, Result, bail};

use super::facts::{Facts, Target};
use super::line::Line;
use super::plan::compose;
use super::{gate, room, store};
use crate::workspace;

/// What the files need (`depends_on`, `start_interval`, limits).
const COMPOSE_MIN: (u32, u32) = (2, 26);
/// What must run so that a version can take the place of another: nothing is closed without it. A server that does not run is what others may be
/// deployed for.
const RUNNING: &str = "proxy";

/// # Errors
///
/// With the first thing that is missing, and what to do.
pub(crate) fn run(lines: &[Line], facts: &Facts) -> Result<String> {
    if facts.target != Target::Compose {
        return cluster(lines, facts);
    }
    let [docker, compose, curl, rest @ ..] = lines else { bail!("preflight asks three programs") };
    let engine = docker
        .run()
        .context("the engine does not answer: is it running, is the context right (docker context ls), may this account use it?")?;
    let said = compose.run().context("Compose does not answer: on Debian, the package docker-compose-plugin, or docker-compose")?;
    if !is_enough(&said) {
        bail!("Compose {} is too old: {}.{} or newer is needed", said.trim(), COMPOSE_MIN.0, COMPOSE_MIN.1);
    }
    curl.run().context("curl asks the site how it is, and is missing: on Debian, sudo apt-get install curl")?;
    if facts.build && !facts.allow_dirty {
        refuse_dirty()?;
    }
    if let Some(held) = store::lock_of(&facts.tools, &facts.name)?
        && held.release != facts.release
    {
        bail!("{held}");
    }
    if !facts.tools.remote {
        refuse_another_site(facts)?;
        refuse_without_secrets(facts)?;
    }
    if !facts.is_first() {
        let name = format!("{}-{RUNNING}-1", facts.name);
        let state = store::docker(&facts.tools).with(["container", "inspect", "--format", "{{.State.Status}}", &name]).run();
        if state.as_deref().map(str::trim).ok() != Some("running") {
            bail!(
                "{RUNNING} does not run, so a version cannot take the place of another: {}",
                compose::before(facts).with(["up", "--detach", "--no-deps", RUNNING])
            );
        }
    }
    let mut room = String::new();
    if let [question, doctor, images @ ..] = rest {
        gate::reached(question, &facts.site)?;
        room = format!("; {}", room::for_data(doctor)?);
        if let [sizes, free] = images {
            room::for_images(sizes, free)?;
        }
    }
    Ok(format!("Docker {}, Compose {}{room}", engine.split_whitespace().last().unwrap_or_default(), said.trim()))
}

/// Of a cluster: everything is asked once.
fn cluster(lines: &[Line], facts: &Facts) -> Result<String> {
    let (lines, question) = match lines {
        [lines @ .., question] if !facts.is_first() => (lines, Some(question)),
        lines => (lines, None),
    };
    lines.iter().try_for_each(|line| line.run().map(|_| ()))?;
    question.map_or(Ok(()), |question| gate::reached(question, &facts.site))?;
    if facts.build && !facts.allow_dirty {
        refuse_dirty()?;
    }
    if facts.registry.is_none() {
        bail!("a cluster pulls its images: set images.registry, and the digests that `cargo xtask images --push` writes are what runs");
    }
    Ok(String::new())
}

fn is_enough(said: &str) -> bool {
    let mut parts = said.trim().trim_start_matches('v').split('.').map_while(|part| part.parse::<u32>().ok());
    matches!((parts.next(), parts.next()), (Some(major), Some(minor)) if (major, minor) >= COMPOSE_MIN)
}

fn refuse_dirty() -> Result<()> {
    let root = workspace::root().display().to_string();
    let changed = Line::new(["git", "-C", &root]).with(workspace::UNCOMMITTED).run()?;
    match changed.lines().next() {
        None => Ok(()),
        Some(first) => bail!(
            "{} files are not committed ({}), so nobody could build it again: commit them, or say --allow-dirty",
            changed.lines().count(),
            first.trim()
        ),
    }
}

/// Two deployments that one machine runs have a folder of files each, with secrets in it.
fn refuse_another_site(facts: &Facts) -> Result<()> {
    let file = facts.tools.project.join("compose.yaml");
    let text = std::fs::read_to_string(&file).unwrap_or_default();
    let Some(name) = text.lines().find_map(|line| line.strip_prefix("name: ")).filter(|name| name.trim_matches('"') != facts.name) else {
        return Ok(());
    };
    bail!("{} is of {name}, not of {}: give each of them a folder of its own, by --out", file.display(), facts.name)
}

fn refuse_without_secrets(facts: &Facts) -> Result<()> {
    let deployment = crate::manifests::read_unlocked(&facts.deploy, &facts.given)?;
    let folder = facts.tools.project.join("secrets");
    let missing: Vec<String> = deployment
        .environments
        .compose
        .secrets()
        .filter(|secret| std::fs::metadata(folder.join(&secret.file)).map_or(true, |file| file.len() == 0))
        .map(|secret| secret.file.clone())
        .collect();
    if missing.is_empty() {
        return Ok(());
    }
    bail!(
        "secrets are missing in {}: {}\n    cargo xtask manifests --target compose --out {}\n    sh {}",
        folder.display(),
        missing.join(", "),
        facts.out.display(),
        facts.tools.project.join("secrets.sh").display()
    )
}

#[cfg(test)]
mod tests {
    use super::is_enough;

    #[test]
    fn versions_of_compose_are_compared_by_number() {
        for (said, enough) in [("2.26.0\n", true), ("v2.40.3", true), ("5.6.1", true), ("2.9.0", false), ("1.29.2", false), ("", false)] {
            assert_eq!(is_enough(said), enough, "{said}");
        }
    }
}
