//! `k8s/`: a site in a cluster, one object or a few in each file, and a kustomization that names them all.

mod backend;
mod cluster;
mod common;
mod configuration;
mod edge;
mod frontend;
mod network;
mod secrets;
mod storage;
mod there;
mod watch;

pub(crate) use common::{container_security, namespace, pod_security, pull_secrets, resources, selector_labels};
pub use secrets::unsealed;
pub(crate) use storage::STORAGE_NAMESPACE;

use std::collections::BTreeSet;

use magnetiq_config::{Problem, Problems};

use crate::backup_folders;
use crate::deployment::{Deployment, Image};
use crate::files::Files;
use crate::fill::header;
use crate::yaml::{Yaml, yaml};

/// Every file below `k8s/`. `there` is what lies there now.
///
/// # Errors
///
/// When an image has no digest, when a volume would become what it cannot, when encrypted secrets lack one, and when a pod would need a folder of
/// its node.
pub(crate) fn files(deployment: &Deployment, there: &Files) -> Result<Files, Problems> {
    let mut problems: Vec<Problem> = Image::ALL[..2].iter().filter_map(|image| without_digest(deployment, *image)).collect();
    problems.extend(there::refused(deployment, there));
    problems.extend(secrets::refused(deployment, there));
    problems.extend(backup_folders::refused(&deployment.environments.kubernetes));
    if !problems.is_empty() {
        return Err(problems.into_iter().collect());
    }
    let mut files = Files::default();
    for (name, what, documents) in objects(deployment, there) {
        files.add(format!("k8s/{name}"), Yaml::documents(&format!("{}\n", header(what)), &documents));
    }
    if let Some(text) = secrets::file(deployment, there) {
        files.add("k8s/secrets.yaml", text);
    }
    let own = files.iter().map(|(path, _)| path.trim_start_matches("k8s/").to_owned());
    let names: BTreeSet<String> = own.chain(["secrets.yaml".to_owned()]).collect();
    files.add("k8s/kustomization.yaml", kustomization(&names));
    Ok(files)
}

type Object = (&'static str, &'static str, Vec<Yaml>);

fn objects(deployment: &Deployment, there: &Files) -> Vec<Object> {
    let mut objects = vec![
        (
            "namespace.yaml",
            "The namespace, in which no pod may do what the standard \"restricted\" forbids.",
            vec![cluster::namespace(deployment)],
        ),
        ("quota.yaml", "What the namespace may use in all.", cluster::quota(deployment)),
        ("service-accounts.yaml", "Who the pods are: nobody to the cluster's API.", cluster::service_accounts(deployment)),
        (
            "configmap.yaml",
            "What the programs are told, without secrets; and nginx under the page.",
            configuration::config_maps(deployment),
        ),
        ("storage.yaml", "How volumes are kept: Longhorn, its snapshots and its backups.", storage::class_and_jobs(deployment, there)),
        ("backend/pvc.yaml", "What the site remembers.", storage::claims(deployment, there)),
        ("backend/deployment.yaml", "The server, with its backups beside it.", vec![backend::deployment(deployment)]),
        ("backend/service.yaml", "Where the server is reached within the cluster.", vec![backend::service(deployment)]),
        ("frontend/deployment.yaml", "The page.", vec![frontend::deployment(deployment)]),
        ("frontend/service.yaml", "Where the page is reached within the cluster.", vec![frontend::service(deployment)]),
        ("healthd/deployment.yaml", "Who watches the site from outside.", vec![watch::deployment(deployment)]),
        ("healthd/service.yaml", "Where the status page is reached within the cluster.", vec![watch::service(deployment)]),
        ("healthd/pvc.yaml", "The history of the watcher.", vec![storage::health_claim(deployment, there)]),
        ("ingress.yaml", "How requests come in.", edge::route(deployment)),
        ("certificates.yaml", "Who issues the certificate, and which one.", edge::certificates(deployment)),
        ("network-policies.yaml", "Who may talk to whom: what is not here may not.", network::policies(deployment)),
    ];
    if deployment.kubernetes.frontend_replicas > 1 {
        objects.push(("frontend/pdb.yaml", "A node may be emptied, one pod of the page at a time.", vec![frontend::budget(deployment)]));
    }
    if let Some(grant) = edge::grant(deployment) {
        objects.push(("reference-grant.yaml", "Who else may read the certificate.", vec![grant]));
    }
    if deployment.kubernetes.monitoring_namespace.is_some() {
        objects.push(("monitoring.yaml", "What Prometheus asks for.", watch::monitors(deployment)));
    }
    objects
}

fn without_digest(deployment: &Deployment, image: Image) -> Option<Problem> {
    if deployment.images.digests.contains_key(&image) {
        return None;
    }
    Some(Problem::Missing {
        key: format!("the digest of the image {}", image.name()),
        expected: "a cluster runs what a digest names, since a tag may be another image tomorrow: `cargo xtask images --push REGISTRY` writes it to \
                   images.lock"
            .to_owned(),
    })
}

fn kustomization(names: &BTreeSet<String>) -> String {
    let tree = yaml!({ apiVersion: "kustomize.config.k8s.io/v1beta1", kind: "Kustomization", resources: Yaml::List(names.iter().map(Yaml::from).collect()) });
    tree.document(&format!("{}\n", header("Everything: kubectl apply --kustomize k8s")))
}
