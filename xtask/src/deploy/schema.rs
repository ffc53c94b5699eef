//! The version of the schema of a cluster's database: what is there, and whether a switch moved it. A version before a migration refuses
//! what that left, so that going back to it would end in nobody being served.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use serde_json::Value;

use super::facts::Facts;
use super::line::{Line, last_words};

const BETWEEN_LOOKS: Duration = Duration::from_secs(2);
/// How long pods may take to end, or to migrate, once the rollout has had its time.
const SETTLE_LIMIT: Duration = Duration::from_secs(120);

/// The schema is another one than before, or nobody can say that it is not.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(crate) struct Moved(String);

/// What the server that runs says; `None`: none runs that could.
///
/// # Errors
///
/// Where the client cannot be started, and where the cluster does not answer any more.
pub(crate) fn told(question: &Line) -> Result<Option<i64>> {
    let output = question.output()?;
    Ok(version(&output.stdout, "to").filter(|_| output.status.success()))
}

/// The version that a rehearsal found, of which it migrated a copy; or the last that was said where it did not come to that.
///
/// # Errors
///
/// Where the client cannot be started.
pub(crate) fn found(rehearsal: &Line) -> Result<Result<i64, String>> {
    let output = rehearsal.output()?;
    Ok(version(&output.stdout, "from").filter(|_| output.status.success()).ok_or_else(|| last_words(&output)))
}

/// Of what `api-server migrate --json` writes, with whatever it warns of before.
fn version(said: &[u8], which: &str) -> Option<i64> {
    let said = String::from_utf8_lossy(said);
    let json = said.get(said.find("{\n")?..=said.rfind('}')?)?;
    serde_json::from_str::<Value>(json).ok()?[which].as_i64()
}

/// How far the pods of the server came.
#[derive(Debug, PartialEq, Eq)]
enum Pods {
    /// One ends or has not come to its migration yet, or there is none; with the one whose migration ended well, where it did.
    Change(Option<String>),
    /// One migrates.
    Migrate,
    /// None of them has migrated: a migration that failed left everything as it was.
    Untouched,
    /// The migration of this one ended well, if only in finding nothing to do.
    Migrated(String),
}

/// What ended long ago, of another version, says nothing.
fn of(told: &Value) -> Pods {
    let all: Vec<&Value> = told["items"].as_array().into_iter().flatten().collect();
    let is_over = |pod: &Value| ["Failed", "Succeeded"].iter().any(|phase| pod["status"]["phase"] == *phase);
    let template = |pod: &Value| pod["metadata"]["labels"]["pod-template-hash"].clone();
    let state = |pod: &Value| {
        let statuses = pod["status"]["initContainerStatuses"].as_array();
        statuses.into_iter().flatten().find(|of| of["name"] == "migrate").map_or(Value::Null, |of| of["state"].clone())
    };
    let there: Vec<&Value> = all.iter().copied().filter(|pod| !is_over(pod)).collect();
    let ended = all.iter().find(|pod| {
        let is_of_these = there.iter().any(|it| template(it) == template(pod));
        is_of_these && state(pod)["terminated"]["exitCode"] == 0
    });
    let ended = ended.map(|pod| pod["metadata"]["name"].as_str().unwrap_or_default().to_owned());
    if there.is_empty() || there.iter().any(|pod| !pod["metadata"]["deletionTimestamp"].is_null()) {
        return Pods::Change(ended);
    }
    if there.iter().any(|pod| state(pod)["running"].is_object()) {
        return Pods::Migrate;
    }
    match ended {
        Some(pod) => Pods::Migrated(pod),
        None if there.iter().all(|pod| has_failed(&state(pod))) => Pods::Untouched,
        None => Pods::Change(None),
    }
}

/// Whether a migration came to nothing, or will: what waits for its turn, or for its image while that comes, may migrate in the next moment.
fn has_failed(migrate: &Value) -> bool {
    let waits_for = migrate["waiting"]["reason"].as_str().unwrap_or_default();
    migrate["terminated"].is_object() || ["Err", "BackOff", "Invalid"].iter().any(|part| waits_for.contains(part))
}

/// Looks before anything goes back. Lines: the pods, the question to the server, and, for how it is shown, the log of a migration.
///
/// # Errors
///
/// [`Moved`], or where the cluster cannot be asked.
pub(crate) fn refuse_moved(lines: &[Line], facts: &Facts) -> Result<String> {
    let [look, question, _] = lines else { bail!("a schema is asked for by three lines") };
    let cluster = facts.cluster.as_ref().context("there is no cluster")?;
    let pod = match settled(look)? {
        // What nobody serves cannot come to harm.
        Pods::Change(_) | Pods::Untouched => return Ok("nothing was migrated".to_owned()),
        Pods::Migrate => return Err(Moved("the migration of the new version still runs".to_owned()).into()),
        Pods::Migrated(pod) => pod,
    };
    let now = told(question)?.map_or_else(|| told(&cluster.line(["logs", &pod, "--container", "migrate"])), |version| Ok(Some(version)))?;
    let (before, previous) =
        facts.previous.as_ref().map(|previous| (previous.schema, &previous.version)).context("there was none before")?;
    match (before, now) {
        (Some(before), Some(now)) if before == now => Ok(format!("the schema has version {now}, as before")),
        (Some(before), Some(now)) => {
            Err(Moved(format!("the schema was migrated from version {before} to {now}, which {previous} refuses")).into())
        }
        (None, Some(now)) => Err(Moved(format!("the schema has version {now}; which {previous} works with was never recorded")).into()),
        (_, None) => Err(Moved(format!("nobody can say which version the schema has, so {previous} may refuse it")).into()),
    }
}

fn settled(look: &Line) -> Result<Pods> {
    let begin = Instant::now();
    loop {
        let output = look.output()?;
        let seen = serde_json::from_slice::<Value>(&output.stdout).ok().filter(|_| output.status.success());
        let pods = seen.as_ref().map(of);
        match pods {
            Some(pods @ (Pods::Untouched | Pods::Migrated(_))) => return Ok(pods),
            _ if begin.elapsed() < SETTLE_LIMIT => std::thread::sleep(BETWEEN_LOOKS),
            // It ends, and takes its time: what it has migrated is there.
            Some(Pods::Change(Some(pod))) => return Ok(Pods::Migrated(pod)),
            Some(pods) => return Ok(pods),
            None => bail!("{look}\n    {}", last_words(&output)),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{Pods, of, version};

    fn pod(name: &str, phase: &str, migrate: &Value) -> Value {
        let statuses = json!([{ "name": "backupd", "state": { "running": {} } }, { "name": "migrate", "state": migrate }]);
        let about = json!({ "name": name, "labels": { "pod-template-hash": name.split('-').nth(1) } });
        json!({ "metadata": about, "status": { "phase": phase, "initContainerStatuses": statuses } })
    }

    #[test]
    fn how_far_pods_came_is_told_by_those_that_are_there() {
        let ended = |code: u8| json!({ "terminated": { "exitCode": code } });
        let waits = |reason: &str| json!({ "waiting": { "reason": reason } });
        let judged = |pods: &[Value]| of(&json!({ "items": pods }));
        let waiting = |reason: &str| pod("backend-b-1", "Pending", &waits(reason));
        assert_eq!(judged(&[]), Pods::Change(None));
        let ending = |migrate: &Value| {
            let mut ending = pod("backend-a-1", "Running", migrate);
            ending["metadata"]["deletionTimestamp"] = "2026-11-26T03:00:00Z".into();
            ending
        };
        assert_eq!(judged(&[ending(&ended(0)), waiting("PodInitializing")]), Pods::Change(Some("backend-a-1".to_owned())));
        assert_eq!(judged(&[ending(&ended(1))]), Pods::Change(None));
        assert_eq!(judged(&[pod("backend-b-1", "Pending", &json!({ "running": {} }))]), Pods::Migrate);
        assert_eq!(judged(&[pod("backend-b-1", "Pending", &ended(1))]), Pods::Untouched, "it failed, and left all as it was");
        assert_eq!(judged(&[waiting("PodInitializing")]), Pods::Change(None), "it may migrate in the next moment");
        let unscheduled = json!({ "metadata": { "name": "backend-b-1" }, "status": { "phase": "Pending" } });
        assert_eq!(judged(&[unscheduled]), Pods::Change(None));
        // What was evicted long ago is of another version.
        let evicted = |template: &str| pod(&format!("backend-{template}-0"), "Failed", &ended(0));
        for reason in ["ErrImagePull", "ImagePullBackOff", "InvalidImageName", "CreateContainerConfigError", "CrashLoopBackOff"] {
            assert_eq!(judged(&[evicted("a"), waiting(reason)]), Pods::Untouched, "{reason}");
        }
        assert_eq!(judged(&[evicted("b"), waiting("PodInitializing")]), Pods::Migrated("backend-b-0".to_owned()));
        assert_eq!(judged(&[evicted("a"), pod("backend-b-1", "Running", &ended(0))]), Pods::Migrated("backend-b-1".to_owned()));
    }

    #[test]
    fn a_version_is_told_among_warnings() {
        let said = format!("WARN the disk is {{full}}\n{:#}\n", json!({ "from": 15, "to": 16, "applied": [16], "copy": null }));
        assert_eq!(["from", "to"].map(|which| version(said.as_bytes(), which)), [Some(15), Some(16)]);
        assert_eq!(version(b"applied V16\n/var/lib is at schema version 16\n", "to"), None);
    }
}
