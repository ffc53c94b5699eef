//! The way back over a migration on a cluster. No command goes it by itself: what visitors wrote since is lost, and the volume is for one pod, so
//! that nothing can be tried beside it.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::{gitops, k8s};
use crate::deploy::facts::{Cluster, Facts, Target};
use crate::deploy::line::Line;

/// What somebody types, for a version that works with this schema: the server of the version that runs gives its place to the program that puts the
/// copy from before the migration back, and then the version before takes its place.
pub(crate) fn over_migration(facts: &Facts, schema: Option<i64>, version: &[Line]) -> String {
    let Some(cluster) = &facts.cluster else { return String::new() };
    let to = schema.map_or_else(|| "VERSION".to_owned(), |schema| schema.to_string());
    // Each patch counts one revision up, and those that are printed below must still be there.
    let put_back = serde_json::json!({ "spec": { "revisionHistoryLimit": 10, "template": { "spec": { "containers": [
        { "name": "api-server", "args": ["migrate", "--back-to", to] }
    ] } } } });
    let [automatic, manual] = [true, false].map(|is_automatic| follows(facts, cluster, is_automatic));
    let mut text = String::new();
    let mut say = |line: &Line| {
        let _ = write!(text, "\n    {line}");
    };
    manual.iter().for_each(&mut say);
    say(&cluster.line(["patch", "deployment", "backend", "--patch", &put_back.to_string()]));
    say(&cluster.line(["logs", "deployment/backend", "--container", "api-server"]));
    version.iter().for_each(&mut say);
    automatic.iter().for_each(&mut say);
    text.push_str(&format!(
        "\nthe log says \"is at schema version {to}\" before the next line is typed; where rows were written since it says how many, and goes back \
         with \"--discard\" among the args. What is replaced is kept beside the database"
    ));
    text
}

/// Argo CD, which would put everything right again meanwhile.
fn follows(facts: &Facts, cluster: &Cluster, is_automatic: bool) -> Option<Line> {
    let repository = cluster.repository.as_ref()?;
    let policy = if is_automatic { r#"{"prune":true,"selfHeal":true}"# } else { "null" };
    let patch = format!(r#"{{"spec":{{"syncPolicy":{{"automated":{policy}}}}}}}"#);
    let words = ["patch", "application", &facts.name, "--type", "merge", "--patch", &patch];
    Some(cluster.line_in(&repository.argocd_namespace, words))
}

/// The version before this deployment, once the database is as it wants it.
pub(crate) fn version_before(facts: &Facts, commit: Option<&str>) -> Vec<Line> {
    let undone = |cluster: &Cluster| k8s::undo(&facts.name, cluster, &cluster.revisions).split_off(1);
    match facts.target {
        Target::Gitops => gitops::reverted(facts, commit),
        Target::K8s | Target::Compose => facts.cluster.as_ref().map(undone).unwrap_or_default(),
    }
}

/// The same of the version that somebody wants to go back to.
pub(crate) fn version_wanted(facts: &Facts) -> Vec<Line> {
    let undone = |cluster: &Cluster| k8s::undo(&facts.name, cluster, &cluster.back_to).split_off(1);
    match facts.target {
        Target::Gitops => gitops::committed(facts),
        Target::K8s | Target::Compose => facts.cluster.as_ref().map(undone).unwrap_or_default(),
    }
}

/// The version of this deployment again, which was gone back from: by its commit, or, of one that ran before, by how its revisions are counted now.
pub(crate) fn version_again(facts: &Facts, commit: Option<&str>, revisions: &BTreeMap<String, u64>) -> Vec<Line> {
    match facts.target {
        Target::Compose => Vec::new(),
        Target::Gitops => gitops::again(facts, commit),
        Target::K8s => k8s::again(facts, revisions),
    }
}
