//! `secrets.yaml`: where the secrets come from. Their values are never in it in the clear.

use magnetiq_config::{Problem, Program};

use super::common::{metadata, namespace};
use crate::deployment::{Deployment, Secrets};
use crate::files::{Files, is_ours};
use crate::fill::header;
use crate::yaml::{Map, Yaml, yaml};

/// The Secret that the pods mount.
pub(super) const SECRET: &str = "site-secrets";

/// What stands where a value will be that was encrypted for the cluster.
const PLACEHOLDER: &str = "not-sealed-yet";

const PATH: &str = "k8s/secrets.yaml";

pub(super) fn secret_volume_name(program: Program) -> String {
    format!("secrets-{}", program.name())
}

/// The secrets of `program`, and no others. They are files: a variable is seen by whoever sees the process.
pub(super) fn secret_volume(deployment: &Deployment, program: Program) -> Yaml {
    let items: Vec<Yaml> =
        deployment.environments.kubernetes.secrets_of(program).map(|secret| yaml!({ key: &secret.file, path: &secret.file })).collect();
    // 0440
    yaml!({ name: secret_volume_name(program), secret: { secretName: SECRET, defaultMode: 288, items: items } })
}

/// The file. `None` where somebody made their own, which holds the values: that one is used and never written.
pub(super) fn file(deployment: &Deployment, there: &Files) -> Option<String> {
    if let Some(text) = filled(deployment, there) {
        return is_ours(text).then(|| text.to_owned());
    }
    let (tree, what) = match &deployment.kubernetes.secrets {
        Secrets::External { store, property } => (external(deployment, store, property.as_ref()), "Where the secrets are fetched from."),
        Secrets::Sealed => (sealed(deployment), "Secrets, encrypted for one cluster. Write each value with: kubeseal --raw"),
        Secrets::Sops => (sops(deployment), "Secrets, to be encrypted with: sops --encrypt --in-place --encrypted-suffix Templates"),
    };
    Some(tree.document(&format!("{}\n", header(what))))
}

/// Names in a `secrets.yaml` whose values are still missing. A cluster that is given such a file has a site without them.
pub fn unsealed(text: &str) -> Vec<&str> {
    text.lines()
        .filter_map(|line| line.split_once(':'))
        .filter(|(_, value)| value.trim() == PLACEHOLDER)
        .map(|(name, _)| name.trim())
        .collect()
}

/// What a file with values lacks. It stays as it is, since nobody but its owner could write them again, so its owner is told.
pub(super) fn refused(deployment: &Deployment, there: &Files) -> Vec<Problem> {
    let Some(text) = filled(deployment, there) else { return Vec::new() };
    let is_sops = deployment.kubernetes.secrets == Secrets::Sops;
    let how = if is_sops {
        format!("add it there with `sops {PATH}`")
    } else {
        format!("add it there, as `kubeseal --raw --namespace {} --name {SECRET}` makes it", namespace(deployment))
    };
    let missing = names(deployment).filter(|name| value(text, name).is_none());
    let mut problems: Vec<Problem> = missing
        .map(|name| Problem::Missing {
            key: format!("{name} in {PATH}"),
            expected: format!("{how}: the file holds values that only you could write again, so it is left as it is"),
        })
        .collect();
    if is_sops && !text.lines().any(|line| line.trim_end() == "sops:") {
        problems.push(Problem::Unfit {
            key: PATH.to_owned(),
            value: "(hidden)".to_owned(),
            origin: "the folder that is written to".to_owned(),
            expected: format!("has values in the clear: sops --encrypt --in-place --encrypted-suffix Templates {PATH}"),
        });
    }
    problems
}

/// The file that lies there, where somebody has put values of the right kind into it.
fn filled<'a>(deployment: &Deployment, there: &'a Files) -> Option<&'a str> {
    let kind = match &deployment.kubernetes.secrets {
        Secrets::External { .. } => return None,
        Secrets::Sealed => "SealedSecret",
        Secrets::Sops => "SopsSecret",
    };
    let text = there.get(PATH)?;
    let is_kind = text.lines().any(|line| line.strip_prefix("kind:").is_some_and(|named| named.trim() == kind));
    let has_values = || names(deployment).any(|name| value(text, name).is_some_and(|value| value != PLACEHOLDER));
    (is_kind && has_values()).then_some(text)
}

fn names(deployment: &Deployment) -> impl Iterator<Item = &str> {
    deployment.environments.kubernetes.secrets().map(|secret| secret.file.as_str())
}

/// What a file says of a secret, on a line of its own.
fn value<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    let mut entries = text.lines().filter_map(|line| line.split_once(':'));
    entries.find_map(|(key, value)| (key.trim().trim_matches(['"', '\'']) == name).then(|| value.trim()))
}

fn external(deployment: &Deployment, store: &str, property: Option<&String>) -> Yaml {
    let entries = deployment.environments.kubernetes.secrets().map(|secret| {
        yaml!({
            secretKey: &secret.file,
            remoteRef: {
                key: format!("{}/{}", deployment.name, secret.file),
                property ?: property,
                // What the cluster would fill in, and Argo CD take for a difference.
                conversionStrategy: "Default",
                decodingStrategy: "None",
                metadataPolicy: "None",
            },
        })
    });
    let entries: Vec<Yaml> = entries.collect();
    yaml!({
        apiVersion: "external-secrets.io/v1",
        kind: "ExternalSecret",
        metadata: metadata(deployment, SECRET, "secrets"),
        spec: {
            refreshInterval: "1h0m0s",
            # "kubernetes.secret_store"
            secretStoreRef: { kind: "ClusterSecretStore", name: store },
            target: { name: SECRET, creationPolicy: "Owner", deletionPolicy: "Retain" },
            data: entries,
        },
    })
}

fn sealed(deployment: &Deployment) -> Yaml {
    yaml!({
        apiVersion: "bitnami.com/v1alpha1",
        kind: "SealedSecret",
        metadata: metadata(deployment, SECRET, "secrets"),
        spec: { encryptedData: placeholders(deployment), template: { metadata: { name: SECRET, namespace: namespace(deployment) }, type: "Opaque" } },
    })
}

fn sops(deployment: &Deployment) -> Yaml {
    yaml!({
        apiVersion: "isindir.github.com/v1alpha3",
        kind: "SopsSecret",
        metadata: metadata(deployment, SECRET, "secrets"),
        spec: { secretTemplates: [{ name: SECRET, stringData: placeholders(deployment) }] },
    })
}

fn placeholders(deployment: &Deployment) -> Yaml {
    let mut values = Map::default();
    for secret in deployment.environments.kubernetes.secrets() {
        values.put(&secret.meaning(), &secret.file, PLACEHOLDER);
    }
    values.into()
}
