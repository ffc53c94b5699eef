//! What ran on a cluster that is told directly: one record for each deployment, in a ConfigMap, with the ReplicaSet that each workload had.
//! A rollback finds there what to go back to, from whichever machine.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use anyhow::{Context, Result, bail};
use serde_json::{Value, json};

use super::facts::{Facts, Learned};
use super::folder;
use super::line::Line;
use super::plan::k8s::{RECORDS, WORKLOADS, records_name};
use super::release::{Outcome, Release};
use super::schema;

/// The cluster itself keeps less: `revisionHistoryLimit` of each workload.
const RECORDS_MAX: usize = 20;
/// Of what people and programs say without end: all records are one object, which a cluster takes up to 256 KiB of.
const TEXT_MAX: usize = 500;

/// All of them, the newest first.
///
/// # Errors
///
/// Where the cluster cannot be asked, or says what nobody wrote.
pub(super) fn read(look: &Line) -> Result<Vec<Release>> {
    let said = look.run_again()?;
    if said.trim().is_empty() {
        return Ok(Vec::new());
    }
    let told: Value = serde_json::from_str(&said).context("understand the records of what ran")?;
    let texts = told["data"].as_object().into_iter().flatten().filter_map(|(_, text)| text.as_str());
    let mut records: Vec<Release> = texts.map(serde_json::from_str).collect::<Result<_, _>>().context("understand a record of what ran")?;
    records.sort_by_key(|record| Reverse(record.number));
    Ok(records)
}

/// A release newer than the one that runs was gone back from by hand, so it is no way back any more.
pub(super) fn went_back(records: &mut [Release], runs: u32) {
    records.iter_mut().filter(|record| record.number > runs).for_each(|record| record.outcome = Outcome::RolledBack);
}

/// Adds what runs now, and what ran before where nobody has recorded it, and names it on the Deployment of the server.
///
/// # Errors
///
/// Where the cluster cannot be asked or told.
pub(super) fn write(lines: &[Line], facts: &Facts, learned: &mut Learned, outcome: Outcome, failed: Option<&str>) -> Result<String> {
    let [look, question, there, apply, named] = lines else { bail!("a record is made of three questions") };
    let cluster = facts.cluster.as_ref().context("there is no cluster")?;
    let sets = ReplicaSets::read(look)?;
    (learned.schema_from, learned.schema_to) = (facts.previous.as_ref().and_then(|previous| previous.schema), schema::told(question)?);
    let mut record = Release { workloads: sets.newest(), ..Release::of(facts, learned, outcome, failed) };
    [&mut record.why, &mut record.reason].into_iter().flatten().for_each(shorten);
    if let Some(of) = &facts.of {
        record.images.clone_from(&of.images);
    }
    let mut records = read(there)?;
    records.retain(|known| known.number < record.number);
    if let Some(previous) = &facts.previous {
        went_back(&mut records, previous.number);
        if records.iter().all(|known| known.number != previous.number) {
            records.push(Release { workloads: sets.at(&cluster.revisions), ..previous.clone() });
        }
    }
    let version = record.schema.map_or_else(|| "a schema that nobody told".to_owned(), |schema| format!("schema version {schema}"));
    records.push(record);
    records.sort_by_key(|record| Reverse(record.number));
    records.truncate(RECORDS_MAX);
    let texts = records.iter().map(|record| Ok((record.number.to_string(), serde_json::to_string(record)?)));
    let data: BTreeMap<String, String> = texts.collect::<Result<_>>().context("write the records")?;
    let map = json!({ "apiVersion": "v1", "kind": "ConfigMap", "metadata": { "name": records_name(&facts.name) }, "data": data });
    folder::put(&facts.releases().join(facts.number.to_string()).join(RECORDS), &format!("{map:#}"))?;
    apply.run_again()?;
    named.run_again()?;
    Ok(version)
}

fn shorten(text: &mut String) {
    if let Some((end, _)) = text.char_indices().nth(TEXT_MAX) {
        text.replace_range(end.., "…");
    }
}

/// What each workload ran, as far as the cluster keeps it.
pub(super) struct ReplicaSets(Vec<ReplicaSet>);

struct ReplicaSet {
    name: String,
    workload: String,
    revision: u64,
    /// What its pods are: images, and settings by the name of their ConfigMap.
    pods: Value,
}

impl ReplicaSets {
    /// # Errors
    ///
    /// Where the cluster cannot be asked.
    pub(super) fn read(look: &Line) -> Result<Self> {
        let told: Value = serde_json::from_str(&look.run_again()?).context("understand what revisions there are")?;
        let of = |set: &Value| {
            let about = &set["metadata"];
            Some(ReplicaSet {
                name: about["name"].as_str()?.to_owned(),
                workload: about["ownerReferences"][0]["name"].as_str()?.to_owned(),
                revision: about["annotations"]["deployment.kubernetes.io/revision"].as_str()?.parse().ok()?,
                pods: set["spec"]["template"]["spec"].clone(),
            })
        };
        let all = told["items"].as_array().into_iter().flatten().filter_map(of);
        Ok(Self(all.filter(|set| WORKLOADS.contains(&set.workload.as_str())).collect()))
    }

    /// The name of what each workload runs.
    fn newest(&self) -> BTreeMap<String, String> {
        let mut sets: Vec<&ReplicaSet> = self.0.iter().collect();
        sets.sort_by_key(|set| set.revision);
        sets.into_iter().map(|set| (set.workload.clone(), set.name.clone())).collect()
    }

    /// Whether the server has other pods than a release has. Who only restarted them made none.
    pub(super) fn is_another(&self, of: &Release) -> bool {
        let servers = || self.0.iter().filter(|set| set.workload == "backend");
        let (newest, known) =
            (servers().max_by_key(|set| set.revision), servers().find(|set| of.workloads.get("backend") == Some(&set.name)));
        newest.zip(known).is_some_and(|(newest, known)| newest.pods != known.pods)
    }

    /// The names of what is counted so now.
    fn at(&self, revisions: &BTreeMap<String, u64>) -> BTreeMap<String, String> {
        let those = self.0.iter().filter(|set| revisions.get(&set.workload) == Some(&set.revision));
        those.map(|set| (set.workload.clone(), set.name.clone())).collect()
    }

    /// How what a release ran is counted now.
    ///
    /// # Errors
    ///
    /// With the workloads of which the cluster does not have it any more.
    pub(super) fn revisions(&self, of: &Release) -> Result<BTreeMap<String, u64>> {
        let (mut revisions, mut gone) = (BTreeMap::new(), Vec::new());
        for workload in WORKLOADS {
            let name = of.workloads.get(workload);
            match self.0.iter().find(|set| set.workload == workload && Some(&set.name) == name) {
                Some(set) => drop(revisions.insert(workload.to_owned(), set.revision)),
                None => gone.push(workload),
            }
        }
        if gone.is_empty() {
            return Ok(revisions);
        }
        bail!(
            "the cluster does not have what deployment {} ran any more, of {}: it keeps the last three (revisionHistoryLimit)",
            of.number,
            gone.join(", ")
        )
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::ReplicaSets;
    use crate::deploy::folder;
    use crate::deploy::line::Line;
    use crate::deploy::plan::tests::release;
    use crate::deploy::release::Release;

    #[test]
    fn who_restarts_pods_makes_no_others() {
        let folder = tempfile::tempdir().expect("a folder");
        let set = |name: &str, revision: &str, settings: &str| {
            let about = json!({ "name": name, "ownerReferences": [{ "name": "backend" }],
                                "annotations": { "deployment.kubernetes.io/revision": revision } });
            json!({ "metadata": about, "spec": { "template": { "spec": { "settings": settings } } } })
        };
        let is_another = |sets: &[Value]| {
            let path = folder.path().join("sets");
            folder::put(&path, &json!({ "items": sets }).to_string()).expect("a file");
            let sets = ReplicaSets::read(&Line::new(["cat", &path.display().to_string()])).expect("a list");
            sets.is_another(&Release { workloads: [("backend".to_owned(), "a".to_owned())].into(), ..release(7, 15) })
        };
        assert!(!is_another(&[set("a", "9", "7"), set("b", "8", "8")]), "it was gone back to");
        assert!(!is_another(&[set("a", "9", "7"), set("b", "10", "7")]));
        assert!(is_another(&[set("b", "10", "8"), set("a", "9", "7")]));
        assert!(!is_another(&[set("b", "10", "8")]), "the cluster has not kept it, and nobody knows");
    }
}
