//! A cluster, by kubectl.

use super::{Reached, Step, Work, hook, images, question, ready, smoke, step, tests, told, watch};
use crate::deploy::facts::{Cluster, Facts};
use crate::deploy::line::Line;

/// What has an image of ours.
pub(crate) const WORKLOADS: [&str; 3] = ["backend", "frontend", "healthd"];
/// Longer than the cluster gives a server to start: the pod before ends, volumes move, images come, a migration takes its time. Where there is no
/// progress the cluster says so after 900 s, or at once.
const ROLLOUT: &str = "--timeout=960s";

pub(super) fn forward(facts: &Facts) -> Vec<Step> {
    let Some(cluster) = &facts.cluster else { return Vec::new() };
    let files = facts.releases().join(facts.number.to_string()).join("k8s").display().to_string();
    let mut steps = vec![step("preflight", "tools and cluster: whatever would stop it later", Work::Preflight, preflight(facts, cluster))];
    steps.extend(tests(facts));
    steps.extend(images(facts));
    steps.push(step("release", "the files, with the digests of images.lock", Work::Render, Vec::new()));
    let namespace = cluster.line(["apply", "--filename", &format!("{files}/namespace.yaml")]);
    steps.push(step("namespace", "where everything is, the lock too", Work::Run, vec![namespace]));
    steps.push(Step {
        undone_by: &["unlock"],
        ..step("lock", "nobody else deploys there meanwhile", Work::ClusterLock, vec![lock(facts, cluster)])
    });
    steps.extend(hook("before", facts.hooks.before.as_ref()));
    steps.extend(backup(facts, cluster));
    let tried = cluster.line(["apply", "--dry-run=server", "--kustomize", &files]);
    steps.push(step(
        "rehearse",
        "the cluster would take all of it (the migration cannot be tried: the volume is for one pod)",
        Work::Run,
        vec![tried],
    ));
    steps.push(Step {
        undone_by: &["back-undo"],
        ..step(
            "switch",
            "the old pod ends, the new one backs up, migrates and starts",
            Work::Run,
            vec![cluster.line(["apply", "--kustomize", &files])],
        )
    });
    steps.push(step("rollout", "every pod is of this version, and ready", Work::Rollout, rollout(cluster)));
    steps.push(ready(facts, "gate", Some(&facts.release), pods(facts, cluster)));
    steps.push(smoke(facts, "smoke"));
    steps.push(watch(facts, pods(facts, cluster)));
    steps.push(step("live", "in the history: this is what runs", Work::Run, vec![record(facts, cluster)]));
    steps.push(step("unlock", "others may deploy", Work::ClusterUnlock, unlock(facts, cluster)));
    steps.extend(told("after", facts.hooks.after.as_ref()));
    steps
}

pub(super) fn back(facts: &Facts, reached: Reached) -> Vec<Step> {
    let Some(cluster) = &facts.cluster else { return Vec::new() };
    let mut steps = Vec::new();
    if let Some(previous) = facts.previous.as_ref().filter(|_| reached.switched) {
        let what = "the pods of the version before, with its settings";
        steps.push(step("back-undo", what, Work::Undo, undo(facts, cluster)));
        steps.push(step(
            "back-rollout",
            "they are ready; a schema that was migrated they refuse, and the backup is what helps",
            Work::Rollout,
            rollout(cluster),
        ));
        steps.push(ready(facts, "back-gate", previous.release.as_deref(), pods(facts, cluster)));
        steps.push(smoke(facts, "back-smoke"));
    }
    if reached.locked {
        steps.push(step("back-unlock", "others may deploy", Work::ClusterUnlock, unlock(facts, cluster)));
    }
    steps.extend(told("failed", facts.hooks.failed.as_ref()));
    steps
}

fn preflight(facts: &Facts, cluster: &Cluster) -> Vec<Line> {
    let may = cluster.line(["auth", "can-i", "patch", "deployments"]);
    [vec![cluster.version(), Line::new(["curl", "--version"]), may], question(facts)].concat()
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
fn undo(facts: &Facts, cluster: &Cluster) -> Vec<Line> {
    let instance = format!("app.kubernetes.io/instance={}", facts.name);
    let there = cluster.line(["get", "replicasets", "--selector", &instance, "--output", "json"]);
    let back = cluster.revisions.iter().map(|(workload, revision)| {
        cluster.line(["rollout", "undo", &format!("deployment/{workload}"), &format!("--to-revision={revision}")])
    });
    std::iter::once(there).chain(back).collect()
}

/// What runs, for the next deployment from wherever it comes.
fn record(facts: &Facts, cluster: &Cluster) -> Line {
    let backup = match &facts.skip_backup {
        Some(why) => format!("left out: {why}"),
        None if facts.is_first() => "none before the first".to_owned(),
        None => "made".to_owned(),
    };
    cluster.line(["annotate", "deployment/backend", "--overwrite"]).with([
        format!("org.magnetiq/number={}", facts.number),
        format!("org.magnetiq/release={}", facts.release),
        format!("org.magnetiq/version={}", facts.version),
        format!("org.magnetiq/who={}", facts.who),
        format!("org.magnetiq/backup={backup}"),
    ])
}

fn rollout(cluster: &Cluster) -> Vec<Line> {
    WORKLOADS.iter().map(|workload| cluster.line(["rollout", "status", &format!("deployment/{workload}"), ROLLOUT])).collect()
}

/// The pod of the server: whether it runs, and how often it had to be started.
pub(super) fn pods(facts: &Facts, cluster: &Cluster) -> Line {
    let labels = format!("app.kubernetes.io/instance={},app.kubernetes.io/component=backend", facts.name);
    cluster.line(["get", "pods", "--selector", &labels, "--output", "json"])
}

/// `None` for the first version, and where somebody said why it is left out: where a migration failed, backupd does not start, and the version
/// that mends it would never come.
pub(super) fn backup(facts: &Facts, cluster: &Cluster) -> Option<Step> {
    let words = ["exec", "deployment/backend", "--container", "backupd", "--", "/usr/local/bin/backupd"];
    let line = cluster.line(words).with(["once", "--reason", "pre-deploy", "--json"]);
    let is_made = !facts.is_first() && facts.skip_backup.is_none();
    is_made.then(|| step("backup", "a backup, restored before it counts", Work::Backup, vec![line]))
}
