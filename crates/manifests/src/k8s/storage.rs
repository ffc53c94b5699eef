//! How volumes are kept, and the claims on them.

use magnetiq_config::Problem;

use super::common::{cluster_metadata, labels, metadata, short_hash};
use crate::deployment::Deployment;
use crate::files::Files;
use crate::yaml::{Yaml, yaml};

/// Where Longhorn looks for its jobs.
pub(crate) const STORAGE_NAMESPACE: &str = "longhorn-system";

/// GiB for the history of the watcher.
const HEALTH_GIB: u32 = 1;

const JOBS: [&str; 2] = ["snapshot", "backup"];

fn job_name(deployment: &Deployment, task: &str) -> String {
    format!("{}-{task}", deployment.name)
}

/// Nothing of a class can be changed once it is there, so another content has another name.
fn class_name(deployment: &Deployment) -> String {
    format!("{}-longhorn-{}", deployment.name, &short_hash(&parameters(deployment).document(""))[..6])
}

fn parameters(deployment: &Deployment) -> Yaml {
    let jobs: Vec<String> = JOBS.iter().map(|task| format!("{{\"name\":\"{}\",\"isGroup\":false}}", job_name(deployment, task))).collect();
    yaml!({
        # "Copies of each volume, on as many nodes: kubernetes.storage.replicas"
        numberOfReplicas: deployment.kubernetes.storage.replicas.to_string(),
        # "One of them where the pod is, so that a write of the database does not wait for the network twice."
        dataLocality: "best-effort",
        staleReplicaTimeout: "30",
        fsType: "ext4",
        recurringJobSelector: format!("[{}]", jobs.join(",")),
    })
}

pub(super) fn class_and_jobs(deployment: &Deployment) -> Vec<Yaml> {
    let storage = &deployment.kubernetes.storage;
    let class = yaml!({
        apiVersion: "storage.k8s.io/v1",
        kind: "StorageClass",
        metadata: cluster_metadata(deployment, &class_name(deployment), "storage"),
        provisioner: "driver.longhorn.io",
        # "A claim that is deleted by mistake leaves its volume."
        reclaimPolicy: "Retain",
        allowVolumeExpansion: true,
        volumeBindingMode: "Immediate",
        parameters: parameters(deployment),
    });
    let job = |task: &str, (cron, retain): &(String, u32)| {
        yaml!({
            apiVersion: "longhorn.io/v1beta2",
            kind: "RecurringJob",
            metadata: { name: job_name(deployment, task), namespace: STORAGE_NAMESPACE, labels: labels(deployment, "storage") },
            spec: { name: job_name(deployment, task), task: task, cron: cron, retain: *retain, concurrency: 1, groups: [], labels: {} },
        })
    };
    vec![class, job(JOBS[0], &storage.snapshot), job(JOBS[1], &storage.backup)]
}

/// Name and GiB of each claim.
fn sizes(deployment: &Deployment) -> [(&'static str, u32); 3] {
    let storage = &deployment.kubernetes.storage;
    [("database", storage.database_gib), ("media", storage.media_gib), ("backups", storage.backups_gib)]
}

pub(super) fn claims(deployment: &Deployment) -> Vec<Yaml> {
    sizes(deployment).into_iter().map(|(name, gib)| claim(deployment, name, gib)).collect()
}

pub(super) fn health_claim(deployment: &Deployment) -> Yaml {
    claim(deployment, "health", HEALTH_GIB)
}

fn claim(deployment: &Deployment, name: &str, gib: u32) -> Yaml {
    let mode = if deployment.kubernetes.storage.one_pod { "ReadWriteOncePod" } else { "ReadWriteOnce" };
    let mut metadata = metadata(deployment, name, "storage");
    metadata.put(
        "annotations",
        yaml!({
            # "Argo CD deletes it neither when it leaves the repository nor with the application."
            "argocd.argoproj.io/sync-options": "Prune=false,Delete=false",
            "argocd.argoproj.io/sync-wave": "-1",
        }),
    );
    yaml!({
        apiVersion: "v1",
        kind: "PersistentVolumeClaim",
        metadata: metadata,
        spec: {
            # "For one pod: no second one can write the same file, whatever anybody scales."
            accessModes: [mode],
            storageClassName: class_name(deployment),
            # "It may grow, by kubernetes.storage; no cluster makes it smaller."
            resources: { requests: { storage: format!("{gib}Gi") } },
        },
    })
}

/// Claims that lie in `there` with more than the deployment gives them: a cluster would refuse that, in the middle of a rollout.
pub(super) fn shrunk(deployment: &Deployment, there: &Files) -> Vec<Problem> {
    let Some(before) = there.get("k8s/backend/pvc.yaml") else { return Vec::new() };
    let before = claims_in(before);
    let shrunk = sizes(deployment).into_iter().filter_map(|(name, gib)| {
        let (_, was) = before.iter().find(|(known, was)| known == name && *was > gib)?;
        Some(Problem::Unfit {
            key: format!("kubernetes.storage.{name}_gib"),
            value: gib.to_string(),
            origin: "deploy.toml".to_owned(),
            expected: format!(
                "should be {was} at least, which is what k8s/backend/pvc.yaml has: a volume can grow and not shrink. To move to a smaller one, \
                 restore a backup into a new one (docs/guides/deploying.md)"
            ),
        })
    });
    shrunk.collect()
}

/// Name and GiB of each claim in a file that was made here.
fn claims_in(text: &str) -> Vec<(String, u32)> {
    let documents = text.split("\n---\n").filter_map(|document| {
        let name = document.lines().find_map(|line| line.strip_prefix("  name: "))?;
        let gib = document.lines().find_map(|line| line.trim().strip_prefix("storage: ")?.strip_suffix("Gi")?.parse().ok())?;
        Some((name.to_owned(), gib))
    });
    documents.collect()
}
