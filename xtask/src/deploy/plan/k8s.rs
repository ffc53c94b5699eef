//! A cluster, by kubectl.

use std::collections::BTreeMap;

use super::{Reached, Step, Work, hook, images, question, ready, smoke, step, tests, told, watch};
use crate::deploy::facts::{Cluster, Facts};
use crate::deploy::line::Line;
use crate::deploy::release::Outcome;

/// What has an image of ours.
pub(crate) const WORKLOADS: [&str; 3] = ["backend", "frontend", "healthd"];
/// Longer than the cluster gives a server to start: the pod before ends, volumes move, images come, a migration takes its time. Where there is no
/// progress the cluster says so after 900 s, or at once.
const ROLLOUT: &str = "--timeout=960s";
/// The file of all records, as a ConfigMap.
pub(crate) const RECORDS: &str = "releases.json";

pub(super) fn forward(facts: &Facts) -> Vec<Step> {
    let Some(cluster) = &facts.cluster else { return Vec::new() };
    let mut steps = vec![step("preflight", "tools and cluster: whatever would stop it later", Work::Preflight, preflight(facts, cluster))];
    if facts.of.is_none() {
        steps.extend(tests(facts));
        steps.extend(images(facts));
        steps.push(step("release", "the files, with the digests of images.lock", Work::Render, Vec::new()));
        let namespace = cluster.line(["apply", "--filename", &format!("{}/namespace.yaml", files(facts))]);
        steps.push(step("namespace", "where everything is, the lock too", Work::Run, vec![namespace]));
    }
    steps.push(Step {
        undone_by: &["unlock"],
        ..step("lock", "nobody else deploys there meanwhile", Work::ClusterLock, vec![lock(facts, cluster)])
    });
    steps.extend(hook("before", facts.hooks.before.as_ref()));
    steps.extend(backup(facts, cluster));
    steps.extend(switch(facts, cluster));
    steps.push(step("rollout", "every pod is of this version, and ready", Work::Rollout, rollout(cluster)));
    let release = facts.of.as_ref().map_or(Some(facts.release.as_str()), |of| of.release.as_deref());
    steps.push(ready(facts, "gate", release, pods(facts, cluster)));
    steps.push(smoke(facts, "smoke"));
    steps.push(watch(facts, pods(facts, cluster)));
    steps.push(record(facts, cluster, "live", "in the history: this is what runs", Outcome::Live));
    steps.push(step("unlock", "others may deploy", Work::ClusterUnlock, unlock(facts, cluster)));
    steps.extend(told("after", facts.hooks.after.as_ref()));
    steps
}

/// What makes another version run: new files, or revisions that ran before, which the cluster has kept.
fn switch(facts: &Facts, cluster: &Cluster) -> [Step; 2] {
    let (before, what, work, lines) = if let Some(of) = &facts.of {
        let before = step("release", "volumes are what they are now", Work::Render, Vec::new());
        let what = format!("the pods of deployment {}, with its settings", of.number);
        (before, what, Work::Undo, undo(&facts.name, cluster, &cluster.back_to))
    } else {
        let tried = cluster.line(["apply", "--dry-run=server", "--kustomize", &files(facts)]);
        let what = "the cluster would take all of it (the migration cannot be tried: the volume is for one pod)";
        let what_then = "the old pod ends, the new one backs up, migrates and starts".to_owned();
        (step("rehearse", what, Work::Run, vec![tried]), what_then, Work::Run, vec![applied(facts, cluster)])
    };
    [before, Step { undone_by: &["back-undo"], ..step("switch", what, work, lines) }]
}

pub(super) fn back(facts: &Facts, reached: Reached) -> Vec<Step> {
    let Some(cluster) = &facts.cluster else { return Vec::new() };
    let mut steps = Vec::new();
    if let Some(previous) = facts.previous.as_ref().filter(|_| reached.switched) {
        steps.push(schema(facts, cluster));
        let what = "the pods of the version before, with its settings";
        steps.push(step("back-undo", what, Work::Undo, undo(&facts.name, cluster, &cluster.revisions)));
        if !previous.is_unwell() {
            steps.push(step("back-rollout", "they are ready", Work::Rollout, rollout(cluster)));
            steps.push(ready(facts, "back-gate", previous.release.as_deref(), pods(facts, cluster)));
            steps.push(smoke(facts, "back-smoke"));
        }
    }
    if reached.locked {
        steps.push(step("back-unlock", "others may deploy", Work::ClusterUnlock, unlock(facts, cluster)));
    }
    steps.extend(told("failed", facts.hooks.failed.as_ref()));
    steps
}

pub(super) fn stay(facts: &Facts) -> Vec<Step> {
    let Some(cluster) = &facts.cluster else { return Vec::new() };
    let mut steps = vec![
        record(facts, cluster, "stay-record", "in the history: somebody must decide", Outcome::Stuck),
        step("stay-unlock", "others may deploy", Work::ClusterUnlock, unlock(facts, cluster)),
    ];
    steps.extend(told("stay-failed", facts.hooks.failed.as_ref()));
    steps
}

/// What the switch did, once more. `revisions` is how what it went back to is counted since.
pub(super) fn again(facts: &Facts, revisions: &BTreeMap<String, u64>) -> Vec<Line> {
    match &facts.cluster {
        Some(cluster) if facts.of.is_some() => undo(&facts.name, cluster, revisions).split_off(1),
        Some(cluster) => vec![applied(facts, cluster)],
        None => Vec::new(),
    }
}

fn applied(facts: &Facts, cluster: &Cluster) -> Line {
    cluster.line(["apply", "--kustomize", &files(facts)])
}

/// Where the rendered files of this deployment are.
fn files(facts: &Facts) -> String {
    facts.releases().join(facts.number.to_string()).join("k8s").display().to_string()
}

/// Whether the version before would find the schema that it works with.
pub(super) fn schema(facts: &Facts, cluster: &Cluster) -> Step {
    let all = cluster.line(["get", "pods", "--selector", &server(facts), "--output", "json"]);
    let log = cluster.line(["logs", "POD", "--container", "migrate"]);
    let what = "the version before does not start on a schema that was migrated: where it was, what runs stays";
    step("back-schema", what, Work::Schema, vec![all, schema_told(cluster), log])
}

/// What the server that runs says about the schema: it is that of its program, so nothing is migrated.
pub(crate) fn schema_told(cluster: &Cluster) -> Line {
    cluster.line(["exec", "deployment/backend", "--container", "api-server", "--", "/usr/local/bin/api-server", "migrate", "--json"])
}

/// What the migration of the pod that is there has said about it, whether its server starts or not.
pub(crate) fn migration_told(cluster: &Cluster) -> Line {
    cluster.line(["logs", "deployment/backend", "--container", "migrate"])
}

fn preflight(facts: &Facts, cluster: &Cluster) -> Vec<Line> {
    // The last two are asked for by the record: a version that is good would go for want of them.
    let may = [["patch", "deployments"], ["list", "replicasets"], ["patch", "configmaps"]]
        .map(|[verb, what]| cluster.line(["auth", "can-i", verb, what]));
    [vec![cluster.version(), Line::new(["curl", "--version"])], may.into(), question(facts)].concat()
}

/// Made once: who finds it there is told whose it is.
fn lock(facts: &Facts, cluster: &Cluster) -> Line {
    cluster
        .line(["create", "configmap", &lock_name(&facts.name)])
        .with([format!("--from-literal=number={}", facts.number), format!("--from-literal=who={}", facts.who)])
        .with([format!("--from-literal=release={}", facts.release), format!("--from-literal=since={}", facts.begun_at)])
        .with([format!("--from-literal=why={}", facts.why.as_deref().unwrap_or(&facts.version))])
}

fn lock_name(name: &str) -> String {
    format!("{name}-deploy-lock")
}

/// Whose it is, and that it goes.
fn unlock(facts: &Facts, cluster: &Cluster) -> Vec<Line> {
    lock_lines(&facts.name, cluster).into()
}

/// What looks at the lock, and what takes it away.
pub(crate) fn lock_lines(name: &str, cluster: &Cluster) -> [Line; 2] {
    let name = lock_name(name);
    [
        cluster.line(["get", "configmap", &name, "--ignore-not-found", "--output", "json"]),
        cluster.line(["delete", "configmap", &name, "--ignore-not-found"]),
    ]
}

/// What revisions there are, and each workload to the one that it had: a plain `undo` goes back from wherever it is, and what did not change, or
/// was put back before this was killed, would go too far, or forward again.
pub(super) fn undo(name: &str, cluster: &Cluster, revisions: &BTreeMap<String, u64>) -> Vec<Line> {
    let back = revisions.iter().map(|(workload, revision)| {
        cluster.line(["rollout", "undo", &format!("deployment/{workload}"), &format!("--to-revision={revision}")])
    });
    std::iter::once(replicasets(name, cluster)).chain(back).collect()
}

/// What each workload ran, as far as the cluster keeps it.
pub(crate) fn replicasets(name: &str, cluster: &Cluster) -> Line {
    let instance = format!("app.kubernetes.io/instance={name}");
    cluster.line(["get", "replicasets", "--selector", &instance, "--output", "json"])
}

/// What runs, for the next deployment from wherever it comes: named on the Deployment of the server, with all that is known of it in a ConfigMap.
fn record(facts: &Facts, cluster: &Cluster, name: &'static str, what: &str, outcome: Outcome) -> Step {
    let backup = match &facts.skip_backup {
        Some(why) => format!("left out: {why}"),
        None if facts.is_first() => "none before the first".to_owned(),
        None => "made".to_owned(),
    };
    let release = facts.of.as_ref().map_or(Some(&facts.release), |of| of.release.as_ref());
    let named = cluster.line(["annotate", "deployment/backend", "--overwrite"]).with([
        format!("org.magnetiq/number={}", facts.number),
        // One that was started by hand tells nothing.
        release.map_or_else(|| "org.magnetiq/release-".to_owned(), |release| format!("org.magnetiq/release={release}")),
        format!("org.magnetiq/version={}", facts.version),
        format!("org.magnetiq/who={}", facts.who),
        format!("org.magnetiq/backup={backup}"),
    ]);
    let records = facts.releases().join(facts.number.to_string()).join(RECORDS).display().to_string();
    let lines = vec![
        replicasets(&facts.name, cluster),
        schema_told(cluster),
        records_there(&facts.name, cluster),
        cluster.line(["apply", "--filename", &records]),
        named,
    ];
    step(name, what, Work::ClusterRecord(outcome), lines)
}

/// The records of what ran.
pub(crate) fn records_there(name: &str, cluster: &Cluster) -> Line {
    cluster.line(["get", "configmap", &records_name(name), "--ignore-not-found", "--output", "json"])
}

pub(crate) fn records_name(name: &str) -> String {
    format!("{name}-deploy-releases")
}

fn rollout(cluster: &Cluster) -> Vec<Line> {
    WORKLOADS.iter().map(|workload| cluster.line(["rollout", "status", &format!("deployment/{workload}"), ROLLOUT])).collect()
}

/// The pod of the server: whether it runs, and how often it had to be started. One that was evicted stays in the list for weeks.
pub(super) fn pods(facts: &Facts, cluster: &Cluster) -> Line {
    let runs = "--field-selector=status.phase!=Failed,status.phase!=Succeeded";
    cluster.line(["get", "pods", "--selector", &server(facts), runs, "--output", "json"])
}

fn server(facts: &Facts) -> String {
    format!("app.kubernetes.io/instance={},app.kubernetes.io/component=backend", facts.name)
}

/// `None` for the first version, and where somebody said why it is left out: where a migration failed, backupd does not start, and the version
/// that mends it would never come.
pub(super) fn backup(facts: &Facts, cluster: &Cluster) -> Option<Step> {
    let words = ["exec", "deployment/backend", "--container", "backupd", "--", "/usr/local/bin/backupd"];
    let line = cluster.line(words).with(["once", "--reason", "pre-deploy", "--json"]);
    let is_made = !facts.is_first() && facts.skip_backup.is_none();
    is_made.then(|| step("backup", "a backup, restored before it counts", Work::Backup, vec![line]))
}
