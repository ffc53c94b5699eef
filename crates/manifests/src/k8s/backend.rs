//! The server: one pod, in which everything is that touches the database.

use magnetiq_config::Program;

use super::common::{
    container_security, labels, metadata, mount, mount_read_only, pod_security, probe, pull_secrets, resources, scratch, selector_labels,
};
use super::configuration::{SECRETS_FOLDER, told};
use super::secrets::{secret_volume, secret_volume_name};
use crate::deployment::{BACKUPS_FOLDER, DATABASE_FOLDER, Deployment, Image, Limit, MEDIA_FOLDER};
use crate::yaml::{Yaml, yaml};

pub(super) const NAME: &str = "backend";

pub(super) fn deployment(deployment: &Deployment) -> Yaml {
    yaml!({
        apiVersion: "apps/v1",
        kind: "Deployment",
        metadata: metadata(deployment, NAME, NAME),
        spec: {
            # "SQLite has one writer: more than one pod would write the same file. There is no autoscaler for the same reason."
            replicas: 1,
            # "The old pod ends before the new one starts: the volume is for one pod. A rolling update would wait for itself for ever."
            strategy: { type: "Recreate" },
            revisionHistoryLimit: 3,
            progressDeadlineSeconds: 900,
            selector: { matchLabels: selector_labels(deployment, NAME) },
            template: { metadata: { labels: labels(deployment, NAME) }, spec: pod(deployment) },
        },
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
            ports: [
                { name: "http", port: api_port(deployment), targetPort: "http", protocol: "TCP" },
                {
                    # "The number: by its name, no cluster before 1.33 finds the port of an init container."
                    name: "backup",
                    port: backup_port(deployment),
                    targetPort: backup_port(deployment),
                    protocol: "TCP",
                },
            ],
        },
    })
}

pub(super) fn api_port(deployment: &Deployment) -> u16 {
    deployment.environments.kubernetes.settings.server.port
}

pub(super) fn backup_port(deployment: &Deployment) -> u16 {
    deployment.environments.kubernetes.settings.backup.port
}

fn pod(deployment: &Deployment) -> Yaml {
    yaml!({
        serviceAccountName: NAME,
        automountServiceAccountToken: false,
        enableServiceLinks: false,
        imagePullSecrets ?: pull_secrets(deployment),
        securityContext: pod_security(),
        # "Longer than the server needs to finish what runs and to close the database, and backupd to give up what it makes."
        terminationGracePeriodSeconds: 60,
        initContainers: [
            {
                # "Brings the schema to the version of the program, after a verified copy of the database was put beside it."
                name: "migrate",
                ..program(deployment, Program::Server, &["migrate", "--json"], deployment.limits.backend),
            },
            {
                # "Daily backups that are restored before they count. An init container that goes on running: it is there before the server and ends after it. No Job could do this, since no second pod gets the volume."
                name: "backupd",
                restartPolicy: "Always",
                ..program(deployment, Program::Backup, &["run"], deployment.limits.backupd),
                ports: [{ name: "backup", containerPort: backup_port(deployment), protocol: "TCP" }],
                startupProbe: probe("backup", "/livez", 1, 60),
                livenessProbe: probe("backup", "/livez", 10, 6),
            },
        ],
        containers: [{
            name: "api-server",
            ..program(deployment, Program::Server, &["serve"], deployment.limits.backend),
            ports: [{ name: "http", containerPort: api_port(deployment), protocol: "TCP" }],
            # "Asked each second: between the old pod and the new one nobody is served, so it should not be longer than it must. No preStop: it would only make that longer."
            startupProbe: probe("http", "/startupz", 1, 300),
            readinessProbe: probe("http", "/readyz", 1, 3),
            # "Asks nothing but whether the process is there: a slow disk must not get it killed."
            livenessProbe: probe("http", "/livez", 10, 6),
        }],
        volumes: [
            { name: "database", persistentVolumeClaim: { claimName: "database" } },
            { name: "media", persistentVolumeClaim: { claimName: "media" } },
            { name: "backups", persistentVolumeClaim: { claimName: "backups" } },
            secret_volume(deployment, Program::Server),
            secret_volume(deployment, Program::Backup),
            scratch(),
        ],
    })
}

/// A program of the backend's image, with the settings and the volumes that all of them have.
fn program(deployment: &Deployment, program: Program, arguments: &[&str], limit: Limit) -> Yaml {
    yaml!({
        image: deployment.images.reference(Image::Backend),
        imagePullPolicy: "IfNotPresent",
        command: Yaml::List(vec![format!("/usr/local/bin/{}", program.name()).into()]),
        args: arguments.to_vec(),
        ..told(deployment, program),
        resources: resources(limit),
        securityContext: container_security(),
        volumeMounts: [
            mount("database", DATABASE_FOLDER),
            mount("media", MEDIA_FOLDER),
            mount("backups", BACKUPS_FOLDER),
            mount_read_only(&secret_volume_name(program), SECRETS_FOLDER),
            mount("tmp", "/tmp"),
        ],
    })
}
