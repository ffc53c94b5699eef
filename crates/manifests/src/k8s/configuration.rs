//! ConfigMaps. Their names have a hash of their content in them: a change is a new name, and a new name rolls the pods.

use magnetiq_config::Program;

use super::common::{metadata, short_hash};
use crate::deployment::{Deployment, Environment};
use crate::nginx::{self, Place};
use crate::yaml::{Map, Yaml, yaml};

/// Where the pods have their secrets.
pub(super) const SECRETS_FOLDER: &str = "/run/secrets/magnetiq";

/// The key of nginx's configuration.
pub(super) const NGINX_FILE: &str = "nginx.conf";

pub(super) fn config_maps(deployment: &Deployment) -> Vec<Yaml> {
    let map = |name: String, data: Yaml| {
        yaml!({
            apiVersion: "v1",
            kind: "ConfigMap",
            metadata: metadata(deployment, &name, "configuration"),
            # "Another content has another name."
            immutable: true,
            data: data,
        })
    };
    vec![
        map(programs_name(deployment), programs(&deployment.environments.kubernetes)),
        map(nginx_name(deployment), yaml!({ (NGINX_FILE): Yaml::Lines(nginx(deployment)) })),
    ]
}

fn programs_name(deployment: &Deployment) -> String {
    let text = programs(&deployment.environments.kubernetes).document("");
    format!("settings-{}", short_hash(&text))
}

/// What `program` is told: the settings, and where its secrets are.
pub(super) fn told(deployment: &Deployment, program: Program) -> Yaml {
    let files = deployment.environments.kubernetes.secret_variables(program, SECRETS_FOLDER);
    let files: Vec<Yaml> = files.map(|(name, path)| yaml!({ name: name, value: path })).collect();
    yaml!({ envFrom: [{ configMapRef: { name: programs_name(deployment) } }], env: files })
}

pub(super) fn nginx_name(deployment: &Deployment) -> String {
    format!("frontend-{}", short_hash(&nginx(deployment)))
}

fn programs(environment: &Environment) -> Yaml {
    let mut data = Map::default();
    for (name, text) in environment.variables() {
        data.put("", name, text);
    }
    data.into()
}

fn nginx(deployment: &Deployment) -> String {
    let networks: Vec<String> = deployment.kubernetes.pod_networks.iter().map(ToString::to_string).collect();
    // The address of a Service stays, and the system finds it by its short name, whatever the cluster calls its DNS and its domain.
    nginx::frontend(deployment, Place { backend: super::backend::NAME, resolver: None, proxies: &networks, is_first: true })
}
