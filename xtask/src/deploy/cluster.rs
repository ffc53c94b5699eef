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
/// Rendered files that hold what people put there.
const SECRETS: &str = "k8s/secrets.yaml";
/// Rendered files that say what volumes a cluster has.
const VOLUMES: [&str; 2] = ["k8s/storage.yaml", "k8s/backend/pvc.yaml"];
/// How often it is asked for the end of a rollout, where the question itself comes to nothing; not once the cluster has had its time.
const ROLLOUT_TRIES: u32 = 5;
const ROLLOUT_LIMIT: Duration = Duration::from_secs(900);

/// Writes the files of this release to `to`, which has those of the one before.
fn render(facts: &Facts, learned: &mut Learned, targets: &[Target], to: &std::path::Path) -> Result<()> {
    let mut given = facts.given.clone();
    given.push(("settings.server.release".to_owned(), facts.release.clone()));
    let deployment = manifests::read(&facts.deploy, None, &given)?;
    learned.images = magnetiq_manifests::Image::ALL.map(|image| (image.name().to_owned(), deployment.images.reference(image))).into();
    let there = manifests::folder::read(to, targets)?;
    let files: Files = magnetiq_manifests::render(&deployment, targets, &there)?;
    refuse_unsealed(files.get(SECRETS).or_else(|| there.get(SECRETS)).unwrap_or_default(), facts)?;
    let changes: Vec<_> = files.changes(&there).collect();
    manifests::folder::write(to, &files, &there, &changes)
}

/// Whoever applied placeholders would take its secrets from a site that runs.
fn refuse_unsealed(text: &str, facts: &Facts) -> Result<()> {
    let names = magnetiq_manifests::unsealed(text);
    if names.is_empty() {
        return Ok(());
    }
    let place = match facts.cluster.as_ref().and_then(|cluster| cluster.repository.as_ref()) {
        Some(repository) => {
            format!("{}{SECRETS} of the repository", repository.folder.as_ref().map_or_else(String::new, |it| format!("{it}/")))
        }
        None => facts.out.join(SECRETS).display().to_string(),
    };
    bail!(
        "secrets have no values yet: {}\n    put them, encrypted, into {place}, and deploy again; where the file is missing, `cargo xtask manifests \
         --target k8s` makes one (docs/operations/install-kubernetes.md)",
        names.join(", ")
    )
}

/// Renders this release for a cluster that is told directly; of a rollback only its volumes.
///
/// # Errors
///
/// What is wrong with the deployment.
pub(crate) fn rendered(facts: &Facts, learned: &mut Learned) -> Result<String> {
    let to = facts.releases().join(facts.number.to_string());
    // Volumes are compared with what the release before had, else with what was applied by hand. Encrypted secrets are those that people edit.
    let before = facts.previous.as_ref().map(|previous| facts.releases().join(previous.number.to_string()));
    let before = before.filter(|before| before.join("k8s").is_dir());
    if facts.of.is_some() {
        // The cluster keeps the rest in its revisions. Volumes stay as large as they are, and the next deployment is compared with them.
        folder::copy_some(&before.unwrap_or_else(|| facts.out.clone()), &to, &VOLUMES)?;
        return Ok(String::new());
    }
    match before {
        Some(before) => folder::copy(&before.join("k8s"), &to.join("k8s"))?,
        None => folder::copy_some(&facts.out, &to, &VOLUMES)?,
    }
    folder::copy_some(&facts.out, &to, &[SECRETS])?;
    render(facts, learned, &[Target::K8s], &to)?;
    Ok(to.join("k8s").display().to_string())
}

/// Waits for each workload. A connection that breaks while it is looked on says nothing about the pods, so that is begun again.
///
/// # Errors
///
/// When a workload does not come up, or cannot be asked about any more.
pub(crate) fn rollout(lines: &[Line]) -> Result<()> {
    let begin = Instant::now();
    for line in lines {
        let mut tries = 1;
        while let Err(error) = line.run() {
            if tries == ROLLOUT_TRIES || begin.elapsed() > ROLLOUT_LIMIT {
                return Err(error);
            }
            tries += 1;
            std::thread::sleep(BETWEEN_LOOKS);
        }
    }
    Ok(())
}

/// Puts each workload back to the revision that it had. That one becomes the newest, under another number: who goes on after a kill does
/// not find the old number any more, and leaves the workload alone.
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
    learned.commit = Some(commit_of(repository, "HEAD")?);
    head(repository)
}

/// Takes the commit of this deployment back, on top of what others have pushed since, unless that was done before this was killed.
///
/// # Errors
///
/// When Git does not do it.
pub(crate) fn revert(lines: &[Line], repository: &Repository, learned: &mut Learned) -> Result<String> {
    let [fetch, revert] = lines else { bail!("a revert is of what was fetched") };
    let ours = learned.commit.clone().context("nothing was committed")?;
    fetch.run()?;
    let there = commit_of(repository, "FETCH_HEAD")?;
    repository.git(["reset", "--hard", "--quiet", &there]).run()?;
    let is_pushed = repository.git(["merge-base", "--is-ancestor", &ours, &there]).output()?.status.success();
    if !is_pushed {
        learned.never_pushed = true;
        return Ok("it was never pushed".to_owned());
    }
    let since = repository.git(["log", "--format=%b", &format!("{ours}..{there}")]).run()?;
    if !since.contains(&format!("This reverts commit {ours}")) {
        revert.run()?;
    }
    head(repository)
}

fn commit_of(repository: &Repository, name: &str) -> Result<String> {
    Ok(repository.git(["rev-parse", name]).run()?.trim().to_owned())
}

fn head(repository: &Repository) -> Result<String> {
    Ok(repository.git(["log", "-1", "--format=%h %s"]).run()?.trim().to_owned())
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

    use std::fs;
    use std::path::Path;

    use super::{Judged, SECRETS, is_there, judge, rendered};
    use crate::deploy::facts::{Facts, Learned};
    use crate::deploy::line::Line;
    use crate::deploy::plan::tests;

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

    /// A first deployment and a later one, with secrets that somebody encrypts and volumes that are there.
    #[test]
    fn what_people_put_into_the_files_is_deployed() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = |name: &str| folder.path().join(name);
        let deploy = |storage: &str| {
            let text = "domain = \"www.example.org\"\ncontact = \"ops@example.org\"\n[images]\nregistry = \"registry.example.org/team\"\n[kubernetes]\n\
                        secrets = \"sealed-secrets\"\n";
            fs::write(path("deploy.toml"), format!("{text}{storage}")).expect("the disk takes it");
        };
        deploy("");
        let section = |image: &str| format!("[{image}]\ntag = \"2.0.0\"\ndigest = \"sha256:{}\"\n", "a".repeat(64));
        fs::write(path("images.lock"), ["backend", "frontend", "proxy"].map(section).concat()).expect("the disk takes it");
        let facts = |number: u32| Facts {
            number,
            deploy: path("deploy.toml"),
            out: path("deploy"),
            folder: path("deploy"),
            previous: tests::facts().previous.filter(|previous| previous.number < number),
            ..tests::facts()
        };
        let render = |number: u32| rendered(&facts(number), &mut Learned::default()).map_err(|error| error.to_string());
        let secrets = |of: &Path| fs::read_to_string(of.join(SECRETS)).expect("there are secrets");

        // Nobody has put values anywhere.
        let refused = render(7).expect_err("there are no values");
        assert!(refused.contains("auth-secret-key") && refused.contains("deploy/k8s/secrets.yaml"), "{refused}");
        // As `cargo xtask manifests` writes them, and somebody fills them in.
        let deployment = crate::manifests::read(&path("deploy.toml"), None, &[]).expect("it is right");
        let files = magnetiq_manifests::render(&deployment, &[magnetiq_manifests::Target::K8s], &magnetiq_manifests::Files::default())
            .expect("it is whole");
        for (name, text) in files.iter() {
            crate::deploy::folder::put(&path("deploy").join(name), &text.replace("not-sealed-yet", "AgBy3i4OJSWK"))
                .expect("the disk takes it");
        }
        render(7).expect("there are values");
        assert!(secrets(&path("deploy/releases/7")).contains("auth-secret-key: AgBy3i4OJSWK"));
        // The first one from here is held against the volumes that are there, too.
        deploy("storage.media_gib = 10\n");
        assert!(render(7).expect_err("it is smaller").contains("should be 20 at least"));

        // Other values count from the next deployment on, and what the one before made of its volumes.
        deploy("storage.media_gib = 40\n");
        render(7).expect("it is larger");
        fs::write(path("deploy").join(SECRETS), secrets(&path("deploy")).replace("AgBy3i4OJSWK", "AgOther")).expect("the disk takes it");
        deploy("storage.media_gib = 30\n");
        assert!(render(8).expect_err("it is smaller").contains("should be 40 at least"));
        deploy("storage.media_gib = 40\n");
        render(8).expect("it is as large");
        assert!(secrets(&path("deploy/releases/8")).contains("auth-secret-key: AgOther"));
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
