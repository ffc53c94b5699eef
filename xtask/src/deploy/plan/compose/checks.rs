//! What is asked before anything is changed.

use super::super::{Step, Work, question, step};
use super::{SITE, before, docker, in_proxy, release_image, run};
use crate::deploy::facts::Facts;
use crate::deploy::line::Line;

/// Whose image has a shell.
const LOOKS: &str = "proxy";
/// Says which secrets have something in them, and whose files these are; what is not there is not said.
const LOOK: &str = "find -L secrets -type f -size +0; sed -n '/^name: /p' compose.yaml; true";

pub(super) fn preflight(facts: &Facts) -> Step {
    let version = facts.tools.version();
    let compose = Line::new(&facts.tools.compose).with(["version", "--short"]);
    let curl = Line::new(["curl", "--version"]);
    let endpoint = docker(facts, ["context", "inspect", "--format", "{{.Endpoints.docker.Host}}"]);
    let lines = [vec![version, compose, curl, endpoint], question(facts), room(facts)].concat();
    step("preflight", "tools, target, secrets, the way to the site, room: whatever would stop it later", Work::Preflight, lines)
}

/// Looks into the folder of the site on another machine, with the first image that is sure to be there and has a shell: of a first version there is
/// none before it is built or pulled.
pub(super) fn secrets(facts: &Facts) -> Option<Step> {
    let before = facts.previous.as_ref().and_then(|previous| previous.images.get(LOOKS).cloned());
    let image = before.unwrap_or_else(|| release_image(&facts.name, LOOKS, &facts.release));
    let mount = format!("type=bind,source={},target={SITE},readonly", facts.tools.project.display());
    let line = docker(facts, ["container", "run", "--rm", "--network", "none", "--user", "0", "--mount", &mount]).with([
        "--workdir",
        SITE,
        "--entrypoint",
        "sh",
        &image,
        "-c",
        LOOK,
    ]);
    facts.tools.remote.then(|| step("secrets", "they are there, and the folder is of no other site", Work::Secrets, vec![line]))
}

/// Asks whether there is room for a backup, and for images where some are coming.
fn room(facts: &Facts) -> Vec<Line> {
    let Some(previous) = &facts.previous else { return Vec::new() };
    // In a container of its own: a server that ends at each start is what a rollback is for.
    let doctor = run(facts, before(facts)).with(["--entrypoint", "/usr/local/bin/api-server", "backend"]);
    let mut lines = vec![doctor.with(["doctor", "--only", "file-system,disk", "--json"])];
    if facts.build || (facts.registry.is_some() && facts.of.is_none()) {
        lines.push(docker(facts, ["image", "inspect", "--format", "{{.Size}}"]).with(previous.images.values().cloned()));
        // What a container has of its own lies on the disk of the engine.
        lines.push(in_proxy(facts).with(["df", "-P", "-k", "/"]));
    }
    lines
}
