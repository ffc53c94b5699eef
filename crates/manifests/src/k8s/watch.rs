//! Who watches: healthd, and Prometheus.

use magnetiq_config::Program;

use super::common::{
    container_security, labels, metadata, mount, mount_read_only, pod_security, probe, pull_secrets, resources, scratch, selector_labels,
};
use super::configuration::{SECRETS_FOLDER, told};
use super::secrets::{SECRET, secret_volume, secret_volume_name};
use crate::deployment::{Deployment, HEALTH_FOLDER, Image};
use crate::yaml::{Yaml, yaml};

pub(super) const NAME: &str = "healthd";

pub(super) fn port(deployment: &Deployment) -> u16 {
    deployment.environments.kubernetes.settings.healthd.port
}

pub(super) fn deployment(deployment: &Deployment) -> Yaml {
    yaml!({
        apiVersion: "apps/v1",
        kind: "Deployment",
        metadata: metadata(deployment, NAME, NAME),
        spec: {
            # "Its history is SQLite, too: one writer."
            replicas: 1,
            strategy: { type: "Recreate" },
            revisionHistoryLimit: 3,
            progressDeadlineSeconds: 600,
            selector: { matchLabels: selector_labels(deployment, NAME) },
            template: { metadata: { labels: labels(deployment, NAME) }, spec: pod(deployment) },
        },
    })
}

fn pod(deployment: &Deployment) -> Yaml {
    yaml!({
        serviceAccountName: NAME,
        automountServiceAccountToken: false,
        enableServiceLinks: false,
        imagePullSecrets ?: pull_secrets(deployment),
        securityContext: pod_security(),
        terminationGracePeriodSeconds: 30,
        containers: [{
            name: NAME,
            image: deployment.images.reference(Image::Backend),
            imagePullPolicy: "IfNotPresent",
            command: ["/usr/local/bin/healthd"],
            args: ["run"],
            ..told(deployment, Program::Health),
            ports: [{ name: "http", containerPort: port(deployment), protocol: "TCP" }],
            resources: resources(deployment.limits.healthd),
            securityContext: container_security(),
            startupProbe: probe("http", "/livez", 1, 60),
            readinessProbe: probe("http", "/readyz", 5, 3),
            livenessProbe: probe("http", "/livez", 10, 6),
            volumeMounts: [mount("health", HEALTH_FOLDER), mount_read_only(&secret_volume_name(Program::Health), SECRETS_FOLDER), mount("tmp", "/tmp")],
        }],
        volumes: [{ name: "health", persistentVolumeClaim: { claimName: "health" } }, secret_volume(deployment, Program::Health), scratch()],
    })
}

pub(super) fn service(deployment: &Deployment) -> Yaml {
    yaml!({
        apiVersion: "v1",
        kind: "Service",
        metadata: metadata(deployment, NAME, NAME),
        spec: {
            type: "ClusterIP",
            selector: selector_labels(deployment, NAME),
            ports: [{ name: "http", port: port(deployment), targetPort: "http", protocol: "TCP" }],
        },
    })
}

/// Each program has its metrics behind a token of its own.
pub(super) fn monitors(deployment: &Deployment) -> Vec<Yaml> {
    let endpoint = |port: &str, token: &str| {
        yaml!({
            port: port,
            path: "/metrics",
            interval: "30s",
            authorization: { type: "Bearer", credentials: { name: SECRET, key: token } },
        })
    };
    let monitor = |name: &str, endpoints: Vec<Yaml>| {
        yaml!({
            apiVersion: "monitoring.coreos.com/v1",
            kind: "ServiceMonitor",
            metadata: metadata(deployment, name, "monitoring"),
            spec: { selector: { matchLabels: selector_labels(deployment, name) }, endpoints: endpoints },
        })
    };
    vec![
        monitor(super::backend::NAME, vec![endpoint("http", "health-token"), endpoint("backup", "backup-token")]),
        monitor(NAME, vec![endpoint("http", "healthd-token")]),
    ]
}
