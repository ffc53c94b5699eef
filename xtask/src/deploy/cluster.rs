//! Steps of a cluster: files as a commit or as they are, and Argo CD's word for it that they run.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use magnetiq_manifests::{Files, Target};
use serde_json::Value;

use super::facts::{Facts, Learned, Repository};
use super::folder;
use super::line::{Line, last_words};
use crate::manifests;

/// As long as the rendered Deployments may take to come up (`progressDeadlineSeconds`).
const SYNC_LIMIT: Duration = Duration::from_secs(1200);
const BETWEEN_LOOKS: Duration = Duration::from_secs(2);

/// Writes the files of this release to `to`, which has those of the one before.
fn render(facts: &Facts, learned: &mut Learned, targets: &[Target], to: &std::path::Path) -> Result<()> {
    let mut given = facts.given.clone();
    given.push(("settings.server.release".to_owned(), facts.release.clone()));
    let deployment = manifests::read(&facts.deploy, None, &given)?;
    learned.images = magnetiq_manifests::Image::ALL.map(|image| (image.name().to_owned(), deployment.images.reference(image))).into();
    let there = manifests::folder::read(to, targets)?;
    let files: Files = magnetiq_manifests::render(&deployment, targets, &there)?;
    let changes: Vec<_> = files.changes(&there).collect();
    manifests::folder::write(to, &files, &there, &changes)
}

/// For a cluster that is told directly.
///
/// # Errors
///
/// What is wrong with the deployment.
pub(crate) fn rendered(facts: &Facts, learned: &mut Learned) -> Result<String> {
    let to = facts.releases().join(facts.number.to_string());
    // What the release before had is what volumes are compared with.
    if let Some(previous) = &facts.previous {
        let before = facts.releases().join(previous.number.to_string()).join("k8s");
        if before.is_dir() {
            folder::copy(&before, &to.join("k8s"))?;
        }
    }
    render(facts, learned, &[Target::K8s], &to)?;
    Ok(to.join("k8s").display().to_string())
}

/// The files as a commit: the clone becomes what the repository is first, so that a commit that was never pushed is made anew.
///
/// # Errors
///
/// When Git does not do it, or nothing would change.
pub(crate) fn commit(lines: &[Line], facts: &Facts, repository: &Repository, learned: &mut Learned) -> Result<String> {
    let (fetch, rest) = lines.split_at_checked(2).context("a commit begins with what the repository is")?;
    fetch.iter().try_for_each(|line| line.run().map(|_| ()))?;
    if facts.of.is_none() {
        let to = repository.folder.as_ref().map_or_else(|| repository.clone.clone(), |folder| repository.clone.join(folder));
        render(facts, learned, &[Target::K8s, Target::Argocd], &to)?;
    }
    rest.iter().try_for_each(|line| line.run().map(|_| ()))?;
    head(repository)
}

/// Takes the commit of this deployment back, on top of what others have pushed since, unless that was done before this was killed.
///
/// # Errors
///
/// When Git does not do it.
pub(crate) fn revert(lines: &[Line], repository: &Repository) -> Result<String> {
    let [fetch, revert] = lines else { bail!("a revert is of what was fetched") };
    if git(repository).with(["log", "-1", "--format=%b"]).run()?.contains("This reverts commit") {
        return head(repository);
    }
    fetch.run()?;
    let of = |name: &str| git(repository).with(["rev-parse", name]).run().map(|commit| commit.trim().to_owned());
    let (ours, there) = (of("HEAD")?, of("FETCH_HEAD")?);
    let is_pushed = git(repository).with(["merge-base", "--is-ancestor", &ours, &there]).output()?.status.success();
    if ours == there {
        revert.run()?;
        return head(repository);
    }
    git(repository).with(["reset", "--hard", "--quiet", &there]).run()?;
    if !is_pushed {
        return Ok("it was never pushed".to_owned());
    }
    git(repository).with(["revert", "--no-edit", &ours]).run()?;
    head(repository)
}

fn head(repository: &Repository) -> Result<String> {
    Ok(git(repository).with(["log", "-1", "--format=%h %s"]).run()?.trim().to_owned())
}

fn git(repository: &Repository) -> Line {
    Line::new(["git", "-C", &repository.clone.display().to_string()])
}

/// Waits until Argo CD says that it has the commit, and that all of it is healthy.
///
/// # Errors
///
/// When it says that it cannot be, or says nothing for too long.
pub(crate) fn synced(lines: &[Line]) -> Result<String> {
    let [head, application] = lines else { bail!("a sync is of a commit, by an application") };
    let commit = head.run()?.trim().to_owned();
    let begin = Instant::now();
    let mut last = String::from("nothing");
    while begin.elapsed() < SYNC_LIMIT {
        let output = application.output()?;
        match serde_json::from_slice::<Value>(&output.stdout) {
            Ok(told) if output.status.success() => match judge(&told, &commit) {
                Judged::Healthy => return Ok(format!("{} is healthy after {:.0} s", short(&commit), begin.elapsed().as_secs_f32())),
                Judged::Failed(why) => bail!("Argo CD: {why}"),
                Judged::Waits(why) => last = why,
            },
            // A cluster that is away for a moment is asked again.
            _ => last = last_words(&output),
        }
        std::thread::sleep(BETWEEN_LOOKS);
    }
    bail!("Argo CD did not come to an end within {} min; last: {last}", SYNC_LIMIT.as_secs() / 60)
}

enum Judged {
    Healthy,
    Failed(String),
    Waits(String),
}

/// What an Application says about a commit.
fn judge(told: &Value, commit: &str) -> Judged {
    let status = &told["status"];
    let word = |value: &Value| value.as_str().unwrap_or("unknown").to_owned();
    let (revision, sync, health) = (word(&status["sync"]["revision"]), word(&status["sync"]["status"]), word(&status["health"]["status"]));
    let operation = &status["operationState"];
    if operation["syncResult"]["revision"] == commit && ["Failed", "Error"].contains(&word(&operation["phase"]).as_str()) {
        return Judged::Failed(format!("the sync of {} failed: {}", short(commit), word(&operation["message"])));
    }
    if revision != commit {
        return Judged::Waits(format!("it has {}, not {} yet", short(&revision), short(commit)));
    }
    match (sync.as_str(), health.as_str()) {
        ("Synced", "Healthy") => Judged::Healthy,
        // What is not synced yet may be the version before, whose illness is why there is a new one.
        ("Synced", "Degraded") => Judged::Failed(format!("{} is degraded: {}", short(commit), word(&status["health"]["message"]))),
        _ => Judged::Waits(format!("{sync}, {health}")),
    }
}

fn short(commit: &str) -> &str {
    commit.get(..9).unwrap_or(commit)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{Judged, judge};

    #[test]
    fn what_argo_cd_says_is_about_one_commit() {
        let told = |revision: &str, sync: &str, health: &str| json!({ "status": { "sync": { "revision": revision, "status": sync }, "health": { "status": health } } });
        let word = |judged: Judged| match judged {
            Judged::Healthy => "healthy",
            Judged::Failed(_) => "failed",
            Judged::Waits(_) => "waits",
        };
        for (told, expected) in [
            (told("new", "Synced", "Healthy"), "healthy"),
            (told("old", "Synced", "Healthy"), "waits"),
            (told("old", "Synced", "Degraded"), "waits"),
            (told("new", "OutOfSync", "Healthy"), "waits"),
            (told("new", "Synced", "Progressing"), "waits"),
            (told("new", "Synced", "Degraded"), "failed"),
            (told("new", "OutOfSync", "Degraded"), "waits"),
            (json!({}), "waits"),
            (json!({ "status": { "operationState": { "phase": "Failed", "syncResult": { "revision": "new" } } } }), "failed"),
            (json!({ "status": { "operationState": { "phase": "Failed", "syncResult": { "revision": "old" } } } }), "waits"),
        ] {
            assert_eq!(word(judge(&told, "new")), expected, "{told}");
        }
    }
}
