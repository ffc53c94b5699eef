//! The lock of a cluster that is told directly: nobody else deploys there meanwhile, and nobody has since we looked.

use anyhow::{Context, Result, bail};
use serde_json::Value;

use super::facts::{Cluster, Facts};
use super::gather_cluster::{asks, recorded, revisions};
use super::line::{Line, last_words};
use super::plan::k8s::lock_lines;
use super::release;

/// Takes the lock, an object that can be made only once. One that we took before we were killed counts. After a failure we have none.
///
/// # Errors
///
/// Where somebody else has it, or has deployed since it was looked what runs, or the cluster cannot be asked.
pub(crate) fn lock(line: &Line, facts: &Facts) -> Result<String> {
    let cluster = facts.cluster.as_ref().context("there is no cluster")?;
    let [look, delete] = lock_lines(&facts.name, cluster);
    let said = taken(line, facts, &look, &delete)?;
    let checked = refuse_other_deployments(facts, cluster);
    if checked.is_err() {
        // Nothing was changed yet, and nobody is to wait for us.
        delete.run()?;
    }
    checked.map(|()| said)
}

fn taken(line: &Line, facts: &Facts, look: &Line, delete: &Line) -> Result<String> {
    let output = line.output()?;
    if output.status.success() {
        return Ok(String::new());
    }
    let Ok(Some(held)) = held(look) else { bail!("{line}\n    {}", last_words(&output)) };
    if is_ours(&held, facts) {
        return Ok("taken already".to_owned());
    }
    bail!("{}; wait for it, or, if it is over: {}\n    {delete}", by_whom(&held), facts.command(["deploy", "unlock"]))
}

/// Fails unless what runs is what ran when we looked, with the same revision of each workload: a deployment that failed and went back made
/// other revisions, too.
fn refuse_other_deployments(facts: &Facts, cluster: &Cluster) -> Result<()> {
    let releases = recorded(&facts.name, cluster, &facts.site)?;
    let told = release::live(&releases).map(|runs| (runs.number, &runs.release));
    let is_as_before = told == facts.previous.as_ref().map(|previous| (previous.number, &previous.release));
    if is_as_before && (told.is_none() || revisions(cluster)? == cluster.revisions) {
        return Ok(());
    }
    bail!("somebody has deployed meanwhile: look at what, and try again\n    {}", asks(cluster))
}

/// The lock, where there is one.
///
/// # Errors
///
/// Where the cluster cannot be asked.
pub(crate) fn held(look: &Line) -> Result<Option<Value>> {
    let said = look.run()?;
    if said.trim().is_empty() {
        return Ok(None);
    }
    serde_json::from_str(&said).map(Some).context("understand the lock")
}

/// Who has a lock, since when and why.
pub(crate) fn by_whom(held: &Value) -> String {
    let data = |name: &str| held["data"][name].as_str().unwrap_or("somebody");
    format!("{} deploys there since {} (deployment {}: {})", data("who"), data("since"), data("number"), data("why"))
}

/// Of which deployment a lock is.
pub(crate) fn release_of(held: &Value) -> &str {
    held["data"]["release"].as_str().unwrap_or_default()
}

/// Whether what was cut off still has its lock.
///
/// # Errors
///
/// Where the cluster cannot be asked.
pub(crate) fn is_held(facts: &Facts) -> Result<bool> {
    let cluster = facts.cluster.as_ref().context("there is no cluster")?;
    let [look, _] = lock_lines(&facts.name, cluster);
    Ok(held(&look)?.is_some_and(|held| is_ours(&held, facts)))
}

/// Gives the lock back, unless somebody took it by hand, and another deployment has it now.
///
/// # Errors
///
/// Where the cluster cannot be asked.
pub(crate) fn unlock(lines: &[Line], facts: &Facts) -> Result<String> {
    let [look, delete] = lines else { bail!("a lock is looked at before it goes") };
    let Some(held) = held(look)? else { return Ok("open already".to_owned()) };
    if !is_ours(&held, facts) {
        return Ok(format!("left to {}, who has it now", held["data"]["who"].as_str().unwrap_or("somebody")));
    }
    delete.run().map(|_| String::new())
}

fn is_ours(held: &Value, facts: &Facts) -> bool {
    release_of(held) == facts.release
}
