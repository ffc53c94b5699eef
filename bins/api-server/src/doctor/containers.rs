//! Containers of the site, as the engine tells of them: those that fall, that are killed, that log without end, that reach nobody.

use magnetiq_doctor::{Finding, Outcome, Seen, said};
use serde_json::Value;

use super::settings::Loaded;

pub(super) fn look(_: &Loaded) -> Outcome {
    let Some(ids) = said("docker", &["ps", "--all", "--quiet"]) else {
        return Outcome::skipped("no Docker that answers is here");
    };
    let mut arguments = vec!["inspect"];
    arguments.extend(ids.lines());
    let inspected = if arguments.len() > 1 { said("docker", &arguments) } else { None };
    let all: Vec<Value> = inspected.and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default();
    let ours = ours(&all);
    if ours.is_empty() {
        return Outcome::skipped("no container of ours is here");
    }
    Seen::saying(format!("{} containers", ours.len())).with_all(ours.into_iter().flat_map(judge)).into()
}

const PROJECT: &str = "com.docker.compose.project";
const TITLE: &str = "org.opencontainers.image.title";

/// Those of our images, and what stands beside them in the same project of Compose.
fn ours(all: &[Value]) -> Vec<&Value> {
    let label = |container: &Value, name: &str| container["Config"]["Labels"][name].as_str().map(str::to_owned);
    let is_made_by_us = |container: &Value| label(container, TITLE).is_some_and(|title| title.starts_with("magnetiq-"));
    let projects: Vec<String> =
        all.iter().filter(|container| is_made_by_us(container)).filter_map(|container| label(container, PROJECT)).collect();
    let is_beside = |container: &Value| label(container, PROJECT).is_some_and(|project| projects.contains(&project));
    all.iter().filter(|container| is_made_by_us(container) || is_beside(container)).collect()
}

/// So often it may have come back: a deployment, and one that was rolled back.
const RESTARTS: u64 = 3;

fn judge(container: &Value) -> Vec<Finding> {
    let name = container["Name"].as_str().unwrap_or_default().trim_start_matches('/');
    let (state, host) = (&container["State"], &container["HostConfig"]);
    let (status, code) = (state["Status"].as_str().unwrap_or_default(), state["ExitCode"].as_i64().unwrap_or_default());
    let restarts = container["RestartCount"].as_u64().unwrap_or_default();
    // What runs once and ends well is done.
    let is_done = status == "exited" && code == 0 && host["RestartPolicy"]["Name"] == "no";
    let mut findings = Vec::new();
    if state["OOMKilled"] == true {
        let (limit, why) = (host["Memory"].as_i64().unwrap_or_default(), "The kernel killed it for want of memory, and will again.");
        let seen = format!("{name} was killed at its limit of {limit} bytes of memory");
        let advice = "For good: limits.PART.memory_mib of deploy.toml. Memory that only ever grows is a defect: report it.";
        let more = limit.saturating_mul(2);
        findings
            .push(Finding::error(seen, why).advice(advice).command(format!("docker update --memory={more} --memory-swap={more} {name}")));
    }
    if restarts >= RESTARTS || status == "restarting" {
        let why = "It ends again and again, and the engine brings it back: visitors see errors now and then, and nobody knows why.";
        let seen = format!("{name} was restarted {restarts} times, and last ended with {code}");
        let advice = "Its last lines say why. After a deployment: roll back.";
        findings.push(Finding::error(seen, why).advice(advice).command(format!("docker logs --tail 50 {name}")));
    } else if status != "running" && !is_done {
        let why = "What it does nobody does.";
        findings.push(Finding::error(format!("{name} is {status}, it ended with {code}"), why).command(format!("docker start {name}")));
    }
    if state["Health"]["Status"] == "unhealthy" {
        let why = "Its health check fails: what waits for it does not start, and what it serves is not served.";
        let command = format!("docker inspect --format '{{{{range .State.Health.Log}}}}{{{{.Output}}}}{{{{end}}}}' {name}");
        findings.push(Finding::error(format!("{name} is unhealthy"), why).command(command));
    }
    let logging = &host["LogConfig"];
    if logging["Type"] == "json-file" && logging["Config"]["max-size"].is_null() {
        let why = "Its log grows until the disk is full.";
        let advice = "The files that are made from deploy.toml set it: start it from them.";
        findings.push(
            Finding::warning(format!("the log of {name} has no limit"), why)
                .advice(advice)
                .command("docker compose up --detach --force-recreate"),
        );
    }
    let networks = container["NetworkSettings"]["Networks"].as_object();
    if status == "running" && networks.is_none_or(serde_json::Map::is_empty) {
        let why = "It reaches nobody, and nobody reaches it.";
        let network =
            container["Config"]["Labels"][PROJECT].as_str().map_or_else(|| "NETWORK".to_owned(), |project| format!("{project}_site"));
        findings.push(Finding::error(format!("{name} is on no network"), why).command(format!("docker network connect {network} {name}")));
    }
    findings
}
