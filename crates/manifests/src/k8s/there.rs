//! What a cluster has from the files that lie in the folder, and does not change any more. It would refuse that, in the middle of a rollout.

use magnetiq_config::Problem;

use super::storage::{access, sizes};
use crate::deployment::Deployment;
use crate::files::Files;
use crate::yaml::{Map, Yaml};

/// The class that the claims were made with.
pub(super) struct Class<'a> {
    pub(super) name: &'a str,
    parameters: Vec<(&'a str, String)>,
}

impl Class<'_> {
    /// As they were written, without what was said about them.
    pub(super) fn parameters(&self) -> Yaml {
        let mut parameters = Map::default();
        for (key, value) in &self.parameters {
            parameters.put("", *key, value);
        }
        parameters.into()
    }

    fn replicas(&self) -> Option<u32> {
        self.parameters.iter().find(|(key, _)| *key == "numberOfReplicas")?.1.parse().ok()
    }
}

/// The class in the folder, where it is this site's.
pub(super) fn class<'a>(deployment: &Deployment, there: &'a Files) -> Option<Class<'a>> {
    let document = documents(there.get("k8s/storage.yaml")?).find(|document| document.contains("\nkind: StorageClass\n"))?;
    let name = name(document)?;
    let below = document.split("\nparameters:\n").nth(1)?;
    let parameters = below.lines().take_while(|line| line.starts_with("  ")).filter_map(|line| {
        let (key, value) = line.trim().split_once(": ").filter(|_| !line.trim().starts_with('#'))?;
        Some((key, unquoted(value)))
    });
    name.starts_with(&format!("{}-longhorn-", deployment.name)).then(|| Class { name, parameters: parameters.collect() })
}

/// What the deployment says and the volumes that are there cannot become.
pub(super) fn refused(deployment: &Deployment, there: &Files) -> Vec<Problem> {
    let mut problems: Vec<Problem> = there.get("k8s/backend/pvc.yaml").map(|before| of_claims(deployment, before)).unwrap_or_default();
    let replicas = deployment.kubernetes.storage.replicas;
    if let Some(was) = class(deployment, there).and_then(|class| class.replicas()).filter(|was| *was != replicas) {
        let expected = format!(
            "should be {was}, which is what the class in k8s/storage.yaml has: no cluster changes a class, or the class of a claim. How Longhorn \
             gets more copies of volumes that are there, and what to do where nothing is there yet: docs/guides/deploying.md"
        );
        problems.push(unfit("replicas", replicas.to_string(), expected));
    }
    problems
}

fn of_claims(deployment: &Deployment, before: &str) -> Vec<Problem> {
    let claims: Vec<(&str, u32)> = documents(before).filter_map(|document| Some((name(document)?, gib(document)?))).collect();
    let shrunk = sizes(deployment).into_iter().filter_map(|(name, gib)| {
        let (_, was) = claims.iter().find(|(known, was)| *known == name && *was > gib)?;
        let expected = format!(
            "should be {was} at least, which is what k8s/backend/pvc.yaml has: a volume can grow and not shrink. To move to a smaller one, \
             restore a backup into a new one (docs/guides/deploying.md)"
        );
        Some(unfit(&format!("{name}_gib"), gib.to_string(), expected))
    });
    let mut problems: Vec<Problem> = shrunk.collect();
    let mode = before.lines().find_map(|line| line.trim().strip_prefix("accessModes: [")?.strip_suffix(']'));
    if let Some(was) = mode.filter(|was| *was != access(deployment)) {
        let expected = format!(
            "should be {was}, which is what k8s/backend/pvc.yaml has: no cluster changes that of a claim. To get there, restore a backup into a \
             new one (docs/guides/deploying.md)"
        );
        problems.push(unfit("access", access(deployment).to_owned(), expected));
    }
    problems
}

fn unfit(key: &str, value: String, expected: String) -> Problem {
    Problem::Unfit { key: format!("kubernetes.storage.{key}"), value, origin: "deploy.toml".to_owned(), expected }
}

/// The objects in a file that was made here.
fn documents(text: &str) -> impl Iterator<Item = &str> {
    text.split("\n---\n")
}

fn name(document: &str) -> Option<&str> {
    document.lines().find_map(|line| line.strip_prefix("  name: "))
}

fn gib(document: &str) -> Option<u32> {
    document.lines().find_map(|line| line.trim().strip_prefix("storage: ")?.strip_suffix("Gi")?.parse().ok())
}

/// Text as it was before it was written.
fn unquoted(value: &str) -> String {
    let quoted = value.strip_prefix('"').and_then(|value| value.strip_suffix('"'));
    quoted.map_or_else(|| value.to_owned(), |quoted| quoted.replace("\\\"", "\"").replace("\\\\", "\\"))
}
