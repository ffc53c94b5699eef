//! `secrets.yaml`: where the secrets come from. Their values are never in it in the clear.

use magnetiq_config::Program;

use super::common::{metadata, namespace};
use crate::deployment::{Deployment, Secrets};
use crate::files::Files;
use crate::fill::header;
use crate::yaml::{Map, Yaml, yaml};

/// The Secret that the pods mount.
pub(super) const SECRET: &str = "site-secrets";

/// What stands where a value will be that was encrypted for the cluster.
const PLACEHOLDER: &str = "not-sealed-yet";

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

/// The file. One with encrypted values that lies there already stays as it is: nobody but its owner could write these again.
pub(super) fn file(deployment: &Deployment, there: &Files) -> String {
    let (kind, tree, what) = match &deployment.kubernetes.secrets {
        Secrets::External(store) => {
            return external(deployment, store).document(&format!("{}\n", header("Where the secrets are fetched from.")));
        }
        Secrets::Sealed => {
            ("SealedSecret", sealed(deployment), "Secrets, encrypted for one cluster. Write each value with: kubeseal --raw")
        }
        Secrets::Sops => {
            ("SopsSecret", sops(deployment), "Secrets, to be encrypted with: sops --encrypt --in-place --encrypted-suffix Templates")
        }
    };
    let names: Vec<&str> = deployment.environments.kubernetes.secrets().map(|secret| secret.file.as_str()).collect();
    let is_filled = |text: &&str| {
        text.contains(&format!("kind: {kind}"))
            && !text.contains(PLACEHOLDER)
            && names.iter().all(|name| text.contains(&format!("{name}:")))
    };
    match there.get("k8s/secrets.yaml").filter(is_filled) {
        Some(text) => text.to_owned(),
        None => tree.document(&format!("{}\n", header(what))),
    }
}

fn external(deployment: &Deployment, store: &str) -> Yaml {
    let entries = deployment.environments.kubernetes.secrets().map(|secret| {
        yaml!({
            secretKey: &secret.file,
            remoteRef: {
                key: format!("{}/{}", deployment.name, secret.file),
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
