//! How volumes are kept, and the claims on them.

use super::common::{cluster_metadata, in_wave, labels, metadata, short_hash};
use super::there;
use crate::deployment::Deployment;
use crate::files::Files;
use crate::yaml::{Yaml, yaml};

/// Where Longhorn looks for its jobs.
pub(crate) const STORAGE_NAMESPACE: &str = "longhorn-system";

/// GiB for the history of the watcher.
pub(super) const HEALTH_GIB: u32 = 1;

const JOBS: [&str; 2] = ["snapshot", "backup"];

fn job_name(deployment: &Deployment, task: &str) -> String {
    format!("{}-{task}", deployment.name)
}

/// Name and parameters of the class. Nothing of it can be changed once it is there, so other parameters have another name. Neither can the
/// class of a claim, so one that lies in `there` stays as it is, also where we would write another one today.
fn class(deployment: &Deployment, there: &Files) -> (String, Yaml) {
    let parameters = parameters(deployment);
    match there::class(deployment, there) {
        Some(kept) if kept.parameters().values() == parameters.values() => (kept.name.to_owned(), parameters),
        Some(kept) => (kept.name.to_owned(), kept.parameters()),
        None => (format!("{}-longhorn-{}", deployment.name, &short_hash(&parameters.values())[..6]), parameters),
    }
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

pub(super) fn class_and_jobs(deployment: &Deployment, there: &Files) -> Vec<Yaml> {
    let storage = &deployment.kubernetes.storage;
    let (name, parameters) = class(deployment, there);
    let class = yaml!({
        apiVersion: "storage.k8s.io/v1",
        kind: "StorageClass",
        # "Before the claims: without it they would wait for a volume, and the rest for them."
        metadata: in_wave(cluster_metadata(deployment, &name, "storage"), "-2"),
        provisioner: "driver.longhorn.io",
        # "A claim that is deleted by mistake leaves its volume."
        reclaimPolicy: "Retain",
        allowVolumeExpansion: true,
        volumeBindingMode: "Immediate",
        parameters: parameters,
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
pub(super) fn sizes(deployment: &Deployment) -> [(&'static str, u32); 3] {
    let storage = &deployment.kubernetes.storage;
    [("database", storage.database_gib), ("media", storage.media_gib), ("backups", storage.backups_gib)]
}

pub(super) fn claims(deployment: &Deployment, there: &Files) -> Vec<Yaml> {
    let (class, _) = class(deployment, there);
    sizes(deployment).into_iter().map(|(name, gib)| claim(deployment, name, gib, &class)).collect()
}

pub(super) fn health_claim(deployment: &Deployment, there: &Files) -> Yaml {
    claim(deployment, "health", HEALTH_GIB, &class(deployment, there).0)
}

/// How a claim may be mounted.
pub(super) fn access(deployment: &Deployment) -> &'static str {
    if deployment.kubernetes.storage.one_pod { "ReadWriteOncePod" } else { "ReadWriteOnce" }
}

fn claim(deployment: &Deployment, name: &str, gib: u32, class: &str) -> Yaml {
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
            accessModes: [access(deployment)],
            storageClassName: class,
            # "It may grow, by kubernetes.storage; no cluster makes it smaller."
            resources: { requests: { storage: format!("{gib}Gi") } },
        },
    })
}
