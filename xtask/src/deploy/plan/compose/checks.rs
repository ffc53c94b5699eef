//! What is asked before anything is changed.

use super::super::{Step, Work, question, step};
use super::{before, docker, in_proxy, run};
use crate::deploy::facts::Facts;
use crate::deploy::line::Line;

pub(super) fn preflight(facts: &Facts) -> Step {
    let docker = docker(facts, ["version", "--format", "{{.Client.Version}} {{.Server.Version}}"]);
    let compose = Line::new(&facts.tools.compose).with(["version", "--short"]);
    let curl = Line::new(["curl", "--version"]);
    let lines = [vec![docker, compose, curl], question(facts), room(facts)].concat();
    step("preflight", "tools, target, secrets, the way to the site, room: whatever would stop it later", Work::Preflight, lines)
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
