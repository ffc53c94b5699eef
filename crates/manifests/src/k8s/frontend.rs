//! The page: files, so as many pods as one likes.

use magnetiq_config::PAGE_PORT;

use super::common::{container_security, labels, metadata, mount, pod_security, probe, pull_secrets, resources, scratch, selector_labels};
use super::configuration::{NGINX_FILE, nginx_name};
use crate::deployment::{Deployment, Image};
use crate::yaml::{Yaml, yaml};

pub(super) const NAME: &str = "frontend";

pub(super) fn deployment(deployment: &Deployment) -> Yaml {
    yaml!({
        apiVersion: "apps/v1",
        kind: "Deployment",
        metadata: metadata(deployment, NAME, NAME),
        spec: {
            replicas: deployment.kubernetes.frontend_replicas,
            # "None goes before its successor answers."
            strategy: { type: "RollingUpdate", rollingUpdate: { maxUnavailable: 0, maxSurge: 1 } },
            revisionHistoryLimit: 3,
            progressDeadlineSeconds: 300,
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
        # "On different nodes, where there are several."
        topologySpreadConstraints: [{
            maxSkew: 1,
            topologyKey: "kubernetes.io/hostname",
            whenUnsatisfiable: "ScheduleAnyway",
            labelSelector: { matchLabels: selector_labels(deployment, NAME) },
        }],
        containers: [{
            name: "nginx",
            image: deployment.images.reference(Image::Frontend),
            imagePullPolicy: "IfNotPresent",
            ports: [{ name: "http", containerPort: PAGE_PORT, protocol: "TCP" }],
            resources: resources(deployment.limits.frontend),
            securityContext: container_security(),
            startupProbe: probe("http", "/__magnetiq/health", 1, 60),
            readinessProbe: probe("http", "/__magnetiq/health", 5, 2),
            # "A connection, no page: what is slow is not dead."
            livenessProbe: { tcpSocket: { port: "http" }, periodSeconds: 10, timeoutSeconds: 3, failureThreshold: 6 },
            # "The time that everybody needs to hear that it goes, before it does."
            lifecycle: { preStop: { sleep: { seconds: 5 } } },
            volumeMounts: [
                { name: "nginx", mountPath: "/etc/nginx/nginx.conf", subPath: NGINX_FILE, readOnly: true },
                mount("tmp", "/tmp"),
            ],
        }],
        volumes: [{ name: "nginx", configMap: { name: nginx_name(deployment) } }, scratch()],
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
            ports: [{ name: "http", port: PAGE_PORT, targetPort: "http", protocol: "TCP" }],
        },
    })
}

/// There is none for the server: with one pod it could only forbid that its node is ever emptied.
pub(super) fn budget(deployment: &Deployment) -> Yaml {
    yaml!({
        apiVersion: "policy/v1",
        kind: "PodDisruptionBudget",
        metadata: metadata(deployment, NAME, NAME),
        spec: { maxUnavailable: 1, selector: { matchLabels: selector_labels(deployment, NAME) } },
    })
}
