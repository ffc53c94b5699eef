//! Whatever would stop a deployment later, found before anything is changed.

use anyhow::{Context, Result, bail};

use super::facts::{Facts, Target};
use super::line::Line;
use super::plan::compose;
use super::{gate, room, store};
use crate::workspace;

/// What the files need (`depends_on`, `start_interval`, limits).
const COMPOSE_MIN: (u32, u32) = (2, 26);
/// What must run so that one version can replace another: only the proxy can keep visitors out. The server need not: that it does not run
/// may be the reason to deploy.
const RUNNING: &str = "proxy";

/// # Errors
///
/// With the first thing that is missing, and what to do.
pub(crate) fn run(lines: &[Line], facts: &Facts) -> Result<String> {
    if facts.target != Target::Compose {
        return cluster(lines, facts);
    }
    let [docker, compose, curl, endpoint, rest @ ..] = lines else { bail!("preflight asks three programs") };
    let engine = store::asked(docker)?;
    let said = compose.run().context("Compose does not answer: docs.docker.com/compose/install says where to get it")?;
    if !is_enough(&said) {
        bail!("Compose {} is too old: {}.{} or newer is needed", said.trim(), COMPOSE_MIN.0, COMPOSE_MIN.1);
    }
    curl.run().context("curl asks the site how it is, and is missing: on Debian, sudo apt-get install curl")?;
    if !facts.tools.remote {
        refuse_far(endpoint.run()?.trim())?;
    }
    if facts.build && !facts.allow_dirty {
        refuse_dirty()?;
    }
    if let Some(held) = store::lock_of(&facts.tools, &facts.name)?
        && held.release != facts.release
    {
        bail!("{held}");
    }
    if !facts.tools.remote {
        refuse_another_site(facts, &std::fs::read_to_string(facts.tools.project.join("compose.yaml")).unwrap_or_default())?;
        let folder = facts.tools.project.join("secrets");
        let missing = missing(facts, |secret| std::fs::metadata(folder.join(secret)).is_ok_and(|file| file.len() > 0))?;
        if !missing.is_empty() {
            bail!(
                "secrets are missing in {}: {}\n    cargo xtask manifests --target compose --out {}\n    sh {}",
                folder.display(),
                missing.join(", "),
                facts.out.display(),
                facts.tools.project.join("secrets.sh").display()
            );
        }
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

/// Looks for what would stop a deployment in the folder of the site on another machine.
///
/// # Errors
///
/// As [`run`].
pub(crate) fn elsewhere(look: &Line, facts: &Facts) -> Result<()> {
    let folder = facts.tools.project.display();
    let make = || {
        format!(
            "\n    cargo xtask manifests --target compose --out {out}\n    scp {out}/compose/secrets.sh HOST:\n    \
             ssh -t HOST 'sudo install -D secrets.sh {folder}/secrets.sh && sudo sh {folder}/secrets.sh'",
            out = facts.out.display()
        )
    };
    let said = look.run().with_context(|| format!("look into {folder} on the machine of the site; where it is not there:{}", make()))?;
    refuse_another_site(facts, &said)?;
    let missing = missing(facts, |secret| said.lines().any(|line| line.strip_prefix("secrets/") == Some(secret)))?;
    if !missing.is_empty() {
        bail!("secrets are missing in {folder}/secrets on the machine of the site: {}{}", missing.join(", "), make());
    }
    Ok(())
}

/// Files of this machine are looked for on another one, unless somebody says where they are there.
fn refuse_far(endpoint: &str) -> Result<()> {
    let host = endpoint.strip_prefix("ssh://").or_else(|| endpoint.strip_prefix("tcp://")).map(|rest| {
        let host = rest.rsplit_once('@').map_or(rest, |(_, host)| host);
        host.split('/').next().unwrap_or_default()
    });
    let is_here = |host: &str| host == "localhost" || ["localhost:", "127.", "[::1]"].iter().any(|here| host.starts_with(here));
    if host.is_none_or(is_here) {
        return Ok(());
    }
    bail!(
        "the engine is on another machine ({endpoint}), and compose.folder does not say where the files of the site are there: set it, such as \
         /srv/magnetiq, or use a context of this machine (docker context ls; DOCKER_HOST wins over it)"
    )
}

/// Two deployments that one machine runs have a folder of files each, with secrets in it.
fn refuse_another_site(facts: &Facts, compose: &str) -> Result<()> {
    let Some(name) = compose.lines().find_map(|line| line.strip_prefix("name: ")).filter(|name| name.trim_matches('"') != facts.name)
    else {
        return Ok(());
    };
    let how = if facts.tools.remote { "compose.folder" } else { "--out" };
    bail!(
        "{} has the files of {name}, not of {}: give each of them a folder of its own, by {how}",
        facts.tools.project.display(),
        facts.name
    )
}

/// The secrets that the site needs, and that are not there.
fn missing(facts: &Facts, is_there: impl Fn(&str) -> bool) -> Result<Vec<String>> {
    let deployment = crate::manifests::read_unlocked(&facts.deploy, &facts.given)?;
    let secrets = deployment.environments.compose.secrets();
    Ok(secrets.filter(|secret| !is_there(&secret.file)).map(|secret| secret.file.clone()).collect())
}

#[cfg(test)]
mod tests {
    use super::{is_enough, refuse_far};

    #[test]
    fn versions_of_compose_are_compared_by_number() {
        for (said, enough) in [("2.26.0\n", true), ("v2.40.3", true), ("5.6.1", true), ("2.9.0", false), ("1.29.2", false), ("", false)] {
            assert_eq!(is_enough(said), enough, "{said}");
        }
    }
    #[test]
    fn files_of_this_machine_are_not_looked_for_on_another_one() {
        for here in ["unix:///var/run/docker.sock", "npipe:////./pipe/docker_engine", "tcp://127.0.0.1:2375", "tcp://localhost:2375", ""] {
            refuse_far(here).expect(here);
        }
        for far in ["ssh://ops@203.0.113.5", "ssh://localhost@far/path", "tcp://localhost.example.org:2376", "tcp://far:2376"] {
            let said = refuse_far(far).expect_err(far).to_string();
            assert!(said.contains(far) && said.contains("compose.folder"), "{said}");
        }
    }
}
