//! Containers of a site, as the engine tells of them: those that fall, that are killed, that log without end, that reach nobody.

use std::path::Path;

use serde_json::Value;

use crate::check::{Outcome, Seen};
use crate::finding::{Finding, quoted};
use crate::program::said;

/// What `docker` tells of our containers, on the engine of this context or of the one that is in use.
pub fn containers(docker: impl AsRef<Path>, context: Option<&str>) -> Outcome {
    let ask = |words: &[&str]| {
        said(docker.as_ref(), &[context.map_or_else(Vec::new, |context| vec!["--context", context]).as_slice(), words].concat())
    };
    let Some(ids) = ask(&["ps", "--all", "--quiet"]) else {
        return Outcome::skipped(match context {
            Some(context) => format!("no Docker answers at the context {context}"),
            None => "no Docker that answers is here".to_owned(),
        });
    };
    let ids: Vec<&str> = ids.lines().collect();
    let inspected = if ids.is_empty() { None } else { ask(&[&["inspect"], ids.as_slice()].concat()) };
    let all: Vec<Value> = inspected.and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default();
    let ours = ours(&all);
    if ours.is_empty() {
        return Outcome::skipped("no container of ours is here");
    }
    let docker = context.map_or_else(|| "docker".to_owned(), |context| format!("docker --context {}", quoted(context)));
    Seen::saying(format!("{} containers", ours.len())).with_all(ours.into_iter().flat_map(|container| judge(container, &docker))).into()
}

const PROJECT: &str = "com.docker.compose.project";
const SERVICE: &str = "com.docker.compose.service";
const FOLDER: &str = "com.docker.compose.project.working_dir";
const FILES: &str = "com.docker.compose.project.config_files";
const TITLE: &str = "org.opencontainers.image.title";

fn label<'c>(container: &'c Value, name: &str) -> Option<&'c str> {
    container["Config"]["Labels"][name].as_str()
}

/// The words that make the container anew as Compose made it; none for one that somebody made by hand.
fn made_anew(container: &Value, docker: &str) -> Option<String> {
    let (project, service) = (label(container, PROJECT)?, label(container, SERVICE)?);
    let folder = label(container, FOLDER).map(|folder| format!(" --project-directory {}", quoted(folder)));
    let files = label(container, FILES).into_iter().flat_map(|files| files.split(',')).map(|file| format!(" --file {}", quoted(file)));
    let place: String = folder.into_iter().chain(files).collect();
    Some(format!("{docker} compose --project-name {}{place} up --detach --no-deps --force-recreate {}", quoted(project), quoted(service)))
}

/// Those of our images, and what stands beside them in the same project of Compose.
fn ours(all: &[Value]) -> Vec<&Value> {
    let is_made_by_us = |container: &Value| label(container, TITLE).is_some_and(|title| title.starts_with("magnetiq-"));
    let projects: Vec<&str> =
        all.iter().filter(|container| is_made_by_us(container)).filter_map(|container| label(container, PROJECT)).collect();
    let is_beside = |container: &Value| label(container, PROJECT).is_some_and(|project| projects.contains(&project));
    all.iter().filter(|container| is_made_by_us(container) || is_beside(container)).collect()
}

/// `docker` are the words that lead to its engine.
fn judge(container: &Value, docker: &str) -> Vec<Finding> {
    let name = container["Name"].as_str().unwrap_or_default().trim_start_matches('/');
    [killed, ended, unhealthy, endless_log, alone].iter().filter_map(|judge| judge(container, docker, name)).collect()
}

fn killed(container: &Value, docker: &str, name: &str) -> Option<Finding> {
    if container["State"]["OOMKilled"] != true {
        return None;
    }
    let why = "The kernel killed it for want of memory, and will again.";
    let limit = container["HostConfig"]["Memory"].as_i64().unwrap_or_default();
    if limit == 0 {
        let advice = "It has no limit of its own, so the machine has too little: end what else runs there, or give it more.";
        return Some(
            Finding::error(format!("{name} was killed for want of memory"), why).advice(advice).command(format!("{docker} restart {name}")),
        );
    }
    let seen = format!("{name} was killed at its limit of {limit} bytes of memory");
    let advice = "For good: limits.PART.memory_mib of deploy.toml. Memory that only ever grows is a defect: report it.";
    let more = limit.saturating_mul(2);
    let command = format!("{docker} update --memory={more} --memory-swap={more} {name} && {docker} restart {name}");
    Some(Finding::error(seen, why).advice(advice).command(command))
}

/// So often it may have come back: a deployment, and one that was rolled back.
const RESTARTS: u64 = 3;

fn ended(container: &Value, docker: &str, name: &str) -> Option<Finding> {
    let state = &container["State"];
    let (status, code) = (state["Status"].as_str().unwrap_or_default(), state["ExitCode"].as_i64().unwrap_or_default());
    let restarts = container["RestartCount"].as_u64().unwrap_or_default();
    if restarts >= RESTARTS || status == "restarting" {
        let why = "It ends again and again, and the engine brings it back: visitors see errors now and then, and nobody knows why.";
        let seen = format!("{name} was restarted {restarts} times, and last ended with {code}");
        let advice = "Its last lines say why. After a deployment: roll back. The engine counts until somebody restarts it, so do that once the \
            cause is gone.";
        return Some(Finding::error(seen, why).advice(advice).command(format!("{docker} logs --tail 50 {name}\n{docker} restart {name}")));
    }
    // What runs once and ends well is done.
    let is_done = status == "exited" && code == 0 && container["HostConfig"]["RestartPolicy"]["Name"] == "no";
    if status == "running" || is_done {
        return None;
    }
    let why = "What it does nobody does.";
    let seen = format!("{name} is {status}, it ended with {code}");
    Some(match status {
        "paused" => Finding::error(format!("{name} is paused"), why).command(format!("{docker} unpause {name}")),
        // The engine did not get rid of it, and starts it no more.
        "dead" => {
            let advice = "Make it anew from what it was made from. What does not go is held by another program: restart the engine.";
            let again = made_anew(container, docker).map_or_else(String::new, |again| format!(" && {again}"));
            Finding::error(seen, why).advice(advice).command(format!("{docker} rm --force {name}{again}"))
        }
        _ => Finding::error(seen, why).command(format!("{docker} start {name}")),
    })
}

fn unhealthy(container: &Value, docker: &str, name: &str) -> Option<Finding> {
    (container["State"]["Health"]["Status"] == "unhealthy").then(|| {
        let why = "Its health check fails: what waits for it does not start, and what it serves is not served.";
        let said = format!("{docker} inspect --format '{{{{range .State.Health.Log}}}}{{{{.Output}}}}{{{{end}}}}' {name}");
        let advice = "What the check said tells whether a new start helps.";
        Finding::error(format!("{name} is unhealthy"), why).advice(advice).command(format!("{said}\n{docker} restart {name}"))
    })
}

fn endless_log(container: &Value, docker: &str, name: &str) -> Option<Finding> {
    let log = &container["HostConfig"]["LogConfig"];
    (log["Type"] == "json-file" && log["Config"]["max-size"].is_null()).then(|| {
        let endless = Finding::warning(format!("the log of {name} has no limit"), "Its log grows until the disk is full.");
        match made_anew(container, docker) {
            Some(command) => endless.advice("The files that are made from deploy.toml set it: start it from them.").command(command),
            None => endless
                .advice("It gets one only when it is made: do that anew, with --log-opt max-size=10m --log-opt max-file=3.")
                .command(format!("{docker} inspect --format '{{{{json .HostConfig.LogConfig}}}}' {name}")),
        }
    })
}

/// On no network, or on the one that is called so.
fn alone(container: &Value, docker: &str, name: &str) -> Option<Finding> {
    let networks = container["NetworkSettings"]["Networks"].as_object();
    let is_alone = networks.is_none_or(|networks| networks.keys().all(|network| network == "none"));
    // It may live in the network of another container.
    let shares = container["HostConfig"]["NetworkMode"].as_str().is_some_and(|mode| mode.starts_with("container:"));
    if container["State"]["Status"] != "running" || !is_alone || shares {
        return None;
    }
    let leave = if networks.is_some_and(|networks| networks.contains_key("none")) {
        format!("{docker} network disconnect none {name} && ")
    } else {
        String::new()
    };
    // Others find it by the name of its service.
    let join = match (label(container, PROJECT), label(container, SERVICE)) {
        (Some(project), Some(service)) => format!("--alias {service} {project}_site"),
        _ => "bridge".to_owned(),
    };
    Some(
        Finding::error(format!("{name} is on no network"), "It reaches nobody, and nobody reaches it.")
            .command(format!("{leave}{docker} network connect {join} {name}")),
    )
}
