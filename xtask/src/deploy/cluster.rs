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

/// It can be made once; ours from before we were killed is ours.
///
/// # Errors
///
/// Where somebody else has it, or the cluster cannot be asked.
pub(crate) fn lock(line: &Line, facts: &Facts) -> Result<String> {
    let output = line.output()?;
    if output.status.success() {
        return Ok(String::new());
    }
    let cluster = facts.cluster.as_ref().context("there is no cluster")?;
    let name = format!("{}-deploy-lock", facts.name);
    let held = Line::new(&cluster.kubectl).with(["--namespace", &cluster.namespace, "get", "configmap", &name, "--output", "json"]);
    let Ok(held) = held.run() else { bail!("{line}\n    {}", last_words(&output)) };
    let held: Value = serde_json::from_str(&held).context("understand the lock")?;
    if is_ours(&held, facts) {
        return Ok("taken already".to_owned());
    }
    let data = |name: &str| held["data"][name].as_str().unwrap_or("somebody");
    let (who, since, why) = (data("who"), data("since"), data("why"));
    bail!("{who} deploys there since {since} ({why}); if that is over: kubectl delete configmap {name}")
}

/// Gives the lock back, unless somebody took it by hand, and another deployment has it now.
///
/// # Errors
///
/// Where the cluster cannot be asked.
pub(crate) fn unlock(lines: &[Line], facts: &Facts) -> Result<String> {
    let [look, delete] = lines else { bail!("a lock is looked at before it goes") };
    let held = look.run()?;
    if held.trim().is_empty() {
        return Ok("open already".to_owned());
    }
    let held: Value = serde_json::from_str(&held).context("understand the lock")?;
    if !is_ours(&held, facts) {
        return Ok(format!("left to {}, who has it now", held["data"]["who"].as_str().unwrap_or("somebody")));
    }
    delete.run().map(|_| String::new())
}

fn is_ours(held: &Value, facts: &Facts) -> bool {
    let (since, number) = (facts.begun_at.to_string(), facts.number.to_string());
    held["data"]["since"].as_str() == Some(&since) && held["data"]["number"].as_str() == Some(&number)
}

/// Puts each workload back to the revision that it had. A revision that is gone back to becomes the newest, under another number: who was killed
/// after that finds the old one no more, and leaves it.
///
/// # Errors
///
/// When the cluster does not do it.
pub(crate) fn undo(lines: &[Line]) -> Result<String> {
    let (look, back) = lines.split_first().context("it is looked what there is before something goes back")?;
    let there: Value = serde_json::from_str(&look.run()?).context("understand what revisions there are")?;
    let mut done = 0;
    for line in back.iter().filter(|line| is_there(&there, line)) {
        line.run()?;
        done += 1;
    }
    Ok(if done == back.len() { String::new() } else { format!("{} were put back before", back.len() - done) })
}

/// Whether the revision that a line goes back to is one of its workload's ReplicaSets.
fn is_there(told: &Value, line: &Line) -> bool {
    let after = |start: &str| line.words().iter().find_map(|word| word.strip_prefix(start)).unwrap_or_default();
    let (workload, revision) = (after("deployment/"), after("--to-revision="));
    told["items"].as_array().into_iter().flatten().any(|set| {
        let about = &set["metadata"];
        about["ownerReferences"][0]["name"] == workload && about["annotations"]["deployment.kubernetes.io/revision"] == revision
    })
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

    use super::{Judged, is_there, judge};
    use crate::deploy::line::Line;

    #[test]
    fn a_revision_that_was_put_back_is_not_put_back_again() {
        let set = |owner: &str, revision: &str| json!({ "metadata": { "ownerReferences": [{ "kind": "Deployment", "name": owner }], "annotations": { "deployment.kubernetes.io/revision": revision } } });
        let to = |workload: &str, revision: u64| {
            Line::new(["kubectl", "rollout", "undo", &format!("deployment/{workload}"), &format!("--to-revision={revision}")])
        };
        // The server was 12 before the switch made 13 of it; the proxy was not changed.
        let switched = json!({ "items": [set("backend", "12"), set("backend", "13"), set("frontend", "3"), set("frontend", "2")] });
        assert!(is_there(&switched, &to("backend", 12)) && is_there(&switched, &to("frontend", 3)));
        // 12 was put back, and is 14 now: an undo would go forward to 13.
        let back = json!({ "items": [set("backend", "13"), set("backend", "14"), set("frontend", "12")] });
        assert!(!is_there(&back, &to("backend", 12)));
        assert!(!is_there(&json!({}), &to("backend", 12)));
    }

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
