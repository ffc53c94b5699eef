//! What objects have in common.

use crate::deployment::{Deployment, Limit};
use crate::docker::USER;
use crate::yaml::{Yaml, yaml};

/// Of the value of a label.
const LABEL_MAX_BYTES: usize = 63;

pub(crate) fn namespace(deployment: &Deployment) -> &str {
    deployment.kubernetes.namespace.as_deref().unwrap_or(&deployment.name)
}

/// What a selector looks for. It can never be changed, so nothing is in it that could change.
pub(crate) fn selector_labels(deployment: &Deployment, component: &str) -> Yaml {
    yaml!({ "app.kubernetes.io/instance": &deployment.name, "app.kubernetes.io/component": component })
}

pub(super) fn labels(deployment: &Deployment, component: &str) -> Yaml {
    yaml!({
        "app.kubernetes.io/name": "magnetiq",
        ..selector_labels(deployment, component),
        "app.kubernetes.io/version": label_value(&deployment.images.tag),
        "app.kubernetes.io/part-of": "magnetiq",
        "app.kubernetes.io/managed-by": "cargo-xtask-manifests",
    })
}

/// A tag may be longer than the value of a label, and may begin or end with what that may not.
fn label_value(tag: &str) -> &str {
    let end = |c: char| !c.is_ascii_alphanumeric();
    tag.get(..LABEL_MAX_BYTES).unwrap_or(tag).trim_matches(end)
}

pub(super) fn metadata(deployment: &Deployment, name: &str, component: &str) -> Yaml {
    yaml!({ name: name, namespace: namespace(deployment), labels: labels(deployment, component) })
}

/// The same for objects that belong to no namespace.
pub(super) fn cluster_metadata(deployment: &Deployment, name: &str, component: &str) -> Yaml {
    yaml!({ name: name, labels: labels(deployment, component) })
}

/// When Argo CD brings an object: lower waves first, and each only once the one before is healthy. What says nothing is in wave 0.
pub(super) fn in_wave(mut metadata: Yaml, wave: &str) -> Yaml {
    metadata.put("annotations", yaml!({ "argocd.argoproj.io/sync-wave": wave }));
    metadata
}

/// What the standard "restricted" wants of a pod, and a group for its volumes.
pub(crate) fn pod_security() -> Yaml {
    yaml!({
        runAsNonRoot: true,
        runAsUser: USER,
        runAsGroup: USER,
        fsGroup: USER,
        # "Not file by file at each start: a volume with a million of them would take minutes."
        fsGroupChangePolicy: "OnRootMismatch",
        seccompProfile: { type: "RuntimeDefault" },
    })
}

/// What it wants of a container.
pub(crate) fn container_security() -> Yaml {
    yaml!({
        allowPrivilegeEscalation: false,
        readOnlyRootFilesystem: true,
        runAsNonRoot: true,
        capabilities: { drop: ["ALL"] },
        seccompProfile: { type: "RuntimeDefault" },
    })
}

/// Half of the processors and the memory is kept free for it; more than the limit it never gets.
pub(crate) fn resources(limit: Limit) -> Yaml {
    yaml!({
        requests: {
            cpu: format!("{}m", limit.cpu_milli / 10),
            memory: format!("{}Mi", limit.memory_mib / 2),
            "ephemeral-storage": "64Mi",
        },
        limits: { cpu: format!("{}m", limit.cpu_milli), memory: format!("{}Mi", limit.memory_mib), "ephemeral-storage": "256Mi" },
    })
}

/// A folder that ends with the pod.
pub(super) fn scratch() -> Yaml {
    yaml!({ name: "tmp", emptyDir: { sizeLimit: "128Mi" } })
}

pub(super) fn mount(name: &str, folder: &str) -> Yaml {
    yaml!({ name: name, mountPath: folder })
}

pub(super) fn mount_read_only(name: &str, folder: &str) -> Yaml {
    yaml!({ name: name, mountPath: folder, readOnly: true })
}

/// An address that answers when all is well.
pub(super) fn probe(port: &str, path: &str, period_s: u32, failures: u32) -> Yaml {
    yaml!({ httpGet: { path: path, port: port }, periodSeconds: period_s, timeoutSeconds: 3, failureThreshold: failures })
}

pub(crate) fn pull_secrets(deployment: &Deployment) -> Option<Yaml> {
    deployment.images.pull_secret.as_ref().map(|name| yaml!([{ name: name }]))
}

/// 64 bits of a text, for a name that changes with it (FNV-1a: nobody attacks it, and the same text gives the same name for ever).
pub(super) fn short_hash(text: &str) -> String {
    let hash = text.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
    format!("{hash:016x}")[..10].to_owned()
}
