//! A cluster that follows a repository: a commit is the switch, and a commit is the way back, since Argo CD would put anything else right again.

use super::{Reached, Step, Work, hook, images, question, ready, smoke, step, tests, told, watch};
use crate::deploy::facts::{Cluster, Facts, Learned, Repository};
use crate::deploy::line::Line;

/// What a version is, below the folder of the rendered files. Beside it lies what others commit.
const RENDERED: [&str; 2] = ["k8s", "argocd/overlays"];
/// What is sealed is no part of a version: a secret that was exchanged since is not exchanged again.
const NO_SECRETS: &str = ":(exclude,glob)**/secrets.yaml";

pub(super) fn forward(facts: &Facts) -> Vec<Step> {
    let Some((cluster, repository)) = parts(facts) else { return Vec::new() };
    let mut steps =
        vec![step("preflight", "tools, cluster, repository: whatever would stop it later", Work::Preflight, preflight(facts, cluster))];
    if facts.of.is_none() {
        steps.extend(tests(facts));
        steps.extend(images(facts));
    }
    steps.extend(hook("before", facts.hooks.before.as_ref()));
    steps.extend(super::k8s::backup(facts, cluster));
    steps.push(Step {
        undone_by: &["back-revert"],
        ..step("commit", "what is to run, as the repository should say it", Work::Commit, commit(facts, repository))
    });
    steps.push(Step {
        undone_by: &["back-push"],
        ..push("push", "from here on Argo CD makes it so; somebody else's push since is refused", repository)
    });
    steps.push(sync(facts, cluster, repository, "sync", "Argo CD has this commit, and says that all of it is healthy"));
    let release = facts.of.as_ref().map_or(Some(facts.release.as_str()), |of| of.release.as_deref());
    steps.push(ready(facts, "gate", release, super::k8s::pods(facts, cluster)));
    steps.push(smoke(facts, "smoke"));
    steps.push(watch(facts, super::k8s::pods(facts, cluster)));
    steps.extend(told("after", facts.hooks.after.as_ref()));
    steps
}

pub(super) fn back(facts: &Facts, learned: &Learned, reached: Reached) -> Vec<Step> {
    let Some((cluster, repository)) = parts(facts) else { return Vec::new() };
    let mut steps = Vec::new();
    if reached.switched {
        let lines = vec![fetch(repository), revert(repository, learned.commit.as_deref())];
        steps.push(step("back-revert", "a commit that takes back the one of this deployment", Work::Revert, lines));
    }
    // Where nobody saw the commit, what runs is as others have it.
    if reached.switched && !learned.never_pushed {
        steps.extend(facts.previous.iter().map(|_| super::k8s::schema(facts, cluster)));
        steps.push(push("back-push", "Argo CD puts the version before in its place", repository));
        if let Some(previous) = &facts.previous {
            steps.push(sync(facts, cluster, repository, "back-sync", "Argo CD has the revert, and says that all of it is healthy"));
            steps.push(ready(facts, "back-gate", previous.release.as_deref(), super::k8s::pods(facts, cluster)));
            steps.push(smoke(facts, "back-smoke"));
        }
    }
    steps.extend(told("failed", facts.hooks.failed.as_ref()));
    steps
}

fn parts(facts: &Facts) -> Option<(&Cluster, &Repository)> {
    let cluster = facts.cluster.as_ref()?;
    Some((cluster, cluster.repository.as_ref()?))
}

fn preflight(facts: &Facts, cluster: &Cluster) -> Vec<Line> {
    [vec![Line::new(["git", "--version"]), Line::new(["curl", "--version"]), application(facts, cluster)], question(facts)].concat()
}

fn commit(facts: &Facts, repository: &Repository) -> Vec<Line> {
    let title = match &facts.of {
        Some(of) => format!("{}: back to {} (deployment {})", facts.name, facts.version, of.number),
        None => format!("{}: {}", facts.name, facts.version),
    };
    let mut lines = vec![fetch(repository), reset(repository)];
    if let Some(commit) = facts.of.as_ref().and_then(|of| of.commit.as_deref()) {
        lines.push(restore(repository, commit));
    }
    lines.extend(committed_as(facts, repository, &title));
    lines
}

/// What was rendered as it was in a commit.
fn restore(repository: &Repository, commit: &str) -> Line {
    let folder = folder(repository);
    repository.git(["restore", "--source", commit, "--"]).with(RENDERED.map(|part| format!("{folder}/{part}"))).with([NO_SECRETS])
}

fn folder(repository: &Repository) -> &str {
    repository.folder.as_deref().unwrap_or(".")
}

/// What there is in the clone as a commit of this deployment, by which others know it.
fn committed_as(facts: &Facts, repository: &Repository, title: &str) -> [Line; 2] {
    let release = facts.of.as_ref().and_then(|of| of.release.as_deref()).unwrap_or(&facts.release);
    let mut body = format!("Deployment: {}\nRelease: {release}\nVersion: {}\nDeployed-by: {}", facts.number, facts.version, facts.who);
    // What this version works with is known once it runs: the next one finds it.
    if let Some(schema) = facts.previous.as_ref().and_then(|previous| previous.schema) {
        body.push_str(&format!("\nSchema-before: {schema}"));
    }
    if let Some(why) = &facts.why {
        body.push_str(&format!("\nReason: {}", why.replace('\n', " ")));
    }
    if let Some(why) = &facts.skip_backup {
        body.push_str(&format!("\nWithout-backup: {}", why.replace('\n', " ")));
    }
    [
        repository.git(["add", "--all", "--", folder(repository)]),
        repository.git(["commit", "--quiet", "--message", title, "--message", &body]),
    ]
}

/// What somebody types to take the commit of this deployment back.
pub(super) fn reverted(facts: &Facts, commit: Option<&str>) -> Vec<Line> {
    let Some((_, repository)) = parts(facts) else { return Vec::new() };
    vec![fetch(repository), reset(repository), revert(repository, commit), pushed(repository)]
}

/// What somebody types to have the commit of this deployment again, which was taken back.
pub(super) fn again(facts: &Facts, commit: Option<&str>) -> Vec<Line> {
    let Some((_, repository)) = parts(facts) else { return Vec::new() };
    let mut lines = vec![fetch(repository), reset(repository), restore(repository, commit.unwrap_or("COMMIT"))];
    lines.extend(committed_as(facts, repository, &format!("{}: {} again", facts.name, facts.version)));
    lines.push(pushed(repository));
    lines
}

/// What somebody types to make the commit of this deployment, of a rollback that is refused.
pub(super) fn committed(facts: &Facts) -> Vec<Line> {
    let Some((_, repository)) = parts(facts) else { return Vec::new() };
    [commit(facts, repository), vec![pushed(repository)]].concat()
}

fn fetch(repository: &Repository) -> Line {
    repository.git(["fetch", "--quiet", "origin", &repository.revision])
}

fn reset(repository: &Repository) -> Line {
    repository.git(["reset", "--hard", "--quiet", &format!("origin/{}", repository.revision)])
}

fn revert(repository: &Repository, commit: Option<&str>) -> Line {
    repository.git(["revert", "--no-edit", commit.unwrap_or("COMMIT")])
}

fn pushed(repository: &Repository) -> Line {
    repository.git(["push", "--quiet", "origin", &format!("HEAD:{}", repository.revision)])
}

fn push(name: &'static str, what: &str, repository: &Repository) -> Step {
    step(name, what, Work::Run, vec![pushed(repository)])
}

fn sync(facts: &Facts, cluster: &Cluster, repository: &Repository, name: &'static str, what: &str) -> Step {
    step(name, what, Work::Sync, vec![repository.git(["rev-parse", "HEAD"]), application(facts, cluster)])
}

fn application(facts: &Facts, cluster: &Cluster) -> Line {
    let namespace = cluster.repository.as_ref().map_or("argocd", |repository| repository.argocd_namespace.as_str());
    cluster.line_in(namespace, ["get", "application", &facts.name, "--output", "json"])
}
