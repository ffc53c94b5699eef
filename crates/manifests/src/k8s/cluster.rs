//! The namespace, what it may use, and who the pods are.

use super::common::{in_wave, labels, metadata, namespace as name};
use super::storage::{HEALTH_GIB, sizes};
use crate::deployment::Deployment;
use crate::yaml::{Yaml, yaml};

/// Who each pod is.
pub(super) const ACCOUNTS: [&str; 3] = ["backend", "frontend", "healthd"];

pub(super) fn namespace(deployment: &Deployment) -> Yaml {
    yaml!({
        apiVersion: "v1",
        kind: "Namespace",
        metadata: {
            name: name(deployment),
            labels: {
                ..labels(deployment, "namespace"),
                // What does not keep to it is refused, not only warned of.
                "pod-security.kubernetes.io/enforce": "restricted",
                "pod-security.kubernetes.io/audit": "restricted",
                "pod-security.kubernetes.io/warn": "restricted",
            },
            annotations: {
                # "Whatever forgets the site does not delete the namespace, and with it the data."
                "argocd.argoproj.io/sync-options": "Prune=false,Delete=false",
                "argocd.argoproj.io/sync-wave": "-3",
            },
        },
    })
}

pub(super) fn service_accounts(deployment: &Deployment) -> Vec<Yaml> {
    let account = |name: &&str| {
        yaml!({
            apiVersion: "v1",
            kind: "ServiceAccount",
            metadata: metadata(deployment, name, name),
            # "No pod of ours asks the cluster for anything."
            automountServiceAccountToken: false,
        })
    };
    ACCOUNTS.iter().map(account).collect()
}

/// Twice what the limits add up to: a rollout of the page has one pod more for a moment, and a certificate is asked for by a pod, too.
pub(super) fn quota(deployment: &Deployment) -> Vec<Yaml> {
    let (limits, kubernetes) = (&deployment.limits, &deployment.kubernetes);
    let frontends = kubernetes.frontend_replicas + 1;
    let cpu_milli =
        2 * (2 * limits.backend.cpu_milli + limits.backupd.cpu_milli + limits.healthd.cpu_milli + frontends * limits.frontend.cpu_milli);
    let memory_mib = 2
        * (2 * limits.backend.memory_mib + limits.backupd.memory_mib + limits.healthd.memory_mib + frontends * limits.frontend.memory_mib);
    let sizes = sizes(deployment).map(|(_, gib)| gib);
    let storage_gib = 2 * (sizes.iter().sum::<u32>() + HEALTH_GIB);
    // And that of the watcher.
    let claims = sizes.len() + 1;
    vec![
        yaml!({
            apiVersion: "v1",
            kind: "ResourceQuota",
            # "Before the claims: it has room for one that grows before it does."
            metadata: in_wave(metadata(deployment, "site", "quota"), "-2"),
            spec: {
                hard: {
                    pods: (frontends + 8).to_string(),
                    "requests.cpu": format!("{cpu_milli}m"),
                    "requests.memory": format!("{memory_mib}Mi"),
                    "limits.cpu": format!("{cpu_milli}m"),
                    "limits.memory": format!("{memory_mib}Mi"),
                    # "Twice of what there is: a claim that grows, or is there beside the one that takes its place, fits. Grows with kubernetes.storage."
                    persistentvolumeclaims: (2 * claims).to_string(),
                    "requests.storage": format!("{storage_gib}Gi"),
                    # "Requests come in at one place only."
                    "services.loadbalancers": "0",
                    "services.nodeports": "0",
                },
            },
        }),
        yaml!({
            apiVersion: "v1",
            kind: "LimitRange",
            metadata: metadata(deployment, "site", "quota"),
            spec: {
                # "For pods that others start here, such as those that show a certificate authority what it asks for."
                limits: [{
                    type: "Container",
                    default: { cpu: "200m", memory: "128Mi", "ephemeral-storage": "64Mi" },
                    defaultRequest: { cpu: "10m", memory: "32Mi", "ephemeral-storage": "16Mi" },
                }],
            },
        }),
    ]
}
