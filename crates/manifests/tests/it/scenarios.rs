//! Deployments that are rendered in the tests: the smallest, a full one, and what differs from place to place.

use std::collections::BTreeMap;
use std::sync::Mutex;

use magnetiq_manifests::{Deployment, Files, Sources, Target, Text, render};

/// What must be said, and nothing else.
pub(crate) const SMALLEST: &str = "domain = \"www.example.org\"\ncontact = \"ops@example.org\"\n";

/// What is shown to people.
pub(crate) const EXAMPLE: &str = include_str!("../../../../docs/examples/deploy.toml");

/// An older nginx, TLS 1.3 only, a network in front, other ports and limits.
pub(crate) const OTHER: &str = r#"
name = "club"
domain = "club.example.org"
contact = "ops@example.org"
secrets = ["healthd.webhooks.team.url"]
[images]
registry = "registry.example.org:5000/club"
pull_secret = "registry"
[images.base]
nginx = "nginx:1.22"
[proxy]
version = "1.22"
trusted = ["173.245.48.0/20"]
tls_min = "1.3"
hsts_days = 730
hsts_subdomains = true
[compose]
network = "10.99.0.0/26"
[kubernetes]
namespace = "sites"
gateway = "gateways/public"
ingress_namespace = "gateways"
pod_networks = ["10.42.0.0/16", "fd00::/64"]
monitoring_namespace = "none"
frontend_replicas = 3
secrets = "sealed-secrets"
[kubernetes.storage]
access = "ReadWriteOnce"
replicas = 3
[kubernetes.certificate]
challenge = "dns-01-cloudflare"
more_names = ["*.club.example.org"]
[argocd]
repository = "https://git.example.org/club/site.git"
folder = "deploy"
[settings.server]
port = 4036
[settings.media]
upload_limit_bytes = 1048576
[settings.backup.targets.offsite]
url = "s3://bucket/club"
access_key_id = "AKIA"
[settings.healthd.webhooks.team]
kind = "slack"
"#;

pub(crate) const ALL: [(&str, &str); 3] = [("smallest", SMALLEST), ("example", EXAMPLE), ("other", OTHER)];

/// As `cargo xtask images` writes it.
pub(crate) fn lock(tag: &str) -> String {
    ["backend", "frontend", "proxy"].iter().zip(1..).fold(String::new(), |text, (name, digit)| {
        text + &format!("[{name}]\ntag = \"{tag}\"\ndigest = \"sha256:{}\"\nsize_bytes = 1000\n", digit.to_string().repeat(64))
    })
}

pub(crate) fn deployment(text: &str) -> Deployment {
    let lock = lock("2.0.0");
    let sources = Sources { deploy: Text { path: "deploy.toml", text }, lock: Some(Text { path: "images.lock", text: &lock }), given: &[] };
    Deployment::read(&sources).unwrap_or_else(|problems| panic!("{problems}"))
}

/// All targets that the deployment is for; each deployment once in a process, since properties look at it again and again.
pub(crate) fn rendered(text: &str) -> Files {
    static RENDERED: Mutex<BTreeMap<String, Files>> = Mutex::new(BTreeMap::new());
    RENDERED.lock().unwrap().entry(text.to_owned()).or_insert_with(|| render_all(text)).clone()
}

fn render_all(text: &str) -> Files {
    let deployment = deployment(text);
    let has_repository = deployment.argocd.repository.is_some();
    let targets: Vec<Target> = Target::ALL.into_iter().filter(|target| has_repository || *target != Target::Argocd).collect();
    render(&deployment, &targets, &Files::default()).unwrap_or_else(|problems| panic!("{problems}"))
}
