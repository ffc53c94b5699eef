//! `compose/`: a whole site on one machine with Docker, and `compose-dev/`: the same while one works on it.

mod development;
mod parts;
mod services;

use crate::certificate;
use crate::deployment::Deployment;
use crate::files::{Files, MARK};
use crate::fill::{fill, header};
use crate::nginx::{self, ACME_FOLDER, DOCKER_RESOLVER, Place, TLS_FOLDER};
use crate::yaml::{Yaml, yaml};

pub(crate) use development::files as development;
use parts::Volume;

/// Where Compose puts secrets.
const SECRETS_FOLDER: &str = "/run/secrets";

/// Everything for `docker compose up` but the images and the secrets.
pub(crate) fn files(deployment: &Deployment) -> Files {
    let network = [deployment.compose.network.to_string()];
    let place = Place { backend: "backend", resolver: Some(DOCKER_RESOLVER), proxies: &network, is_first: false };
    let mut files = Files::default();
    let mounted = Mounted { proxy: nginx::proxy(deployment), frontend: nginx::frontend(deployment, place), certbot: certbot(deployment) };
    files.add("compose/compose.yaml", compose(deployment, &mounted));
    files.add("compose/nginx/proxy.conf", mounted.proxy);
    files.add("compose/nginx/frontend.conf", mounted.frontend);
    files.add("compose/certbot.sh", mounted.certbot);
    files.add("compose/secrets.sh", secrets(deployment));
    files
}

/// Files that are mounted into containers. A container that runs keeps the one that it was started with, so each service says which one it
/// wants, and Compose starts it anew when that changes.
struct Mounted {
    proxy: String,
    frontend: String,
    certbot: String,
}

fn compose(deployment: &Deployment, mounted: &Mounted) -> String {
    let tree = yaml!({
        name: &deployment.name,
        "x-environment": Yaml::Named("environment", Box::new(parts::environment(deployment))),
        "x-hardened": Yaml::Named("hardened", Box::new(parts::hardened(deployment))),
        services: services::all(deployment, mounted),
        networks: {
            # "A network of its own. The server believes only what comes from it about who asked; another one in deploy.toml if this is taken."
            site: { driver: "bridge", ipam: { config: [{ subnet: deployment.compose.network.to_string() }] } },
        },
        # "What a site remembers. `docker compose down` keeps them, `down --volumes` does not."
        volumes: parts::volumes(),
        # "Files that secrets.sh makes. They are in no image and in no variable."
        secrets: parts::secrets(deployment),
    });
    tree.document(&format!("{}\n", header("A whole site on one machine: docker compose up --wait (Compose 2.26 or newer).")))
}

fn certbot(deployment: &Deployment) -> String {
    fill(
        include_str!("certbot.sh"),
        &[
            ("mark", MARK),
            ("tls", TLS_FOLDER),
            ("acme", ACME_FOLDER),
            ("certificate", &certificate::functions(deployment)),
            ("names", &certificate::names(deployment)),
            ("contact", &deployment.contact),
            ("server", &deployment.compose.acme_server),
        ],
    )
}

fn secrets(deployment: &Deployment) -> String {
    let lines = deployment.environments.compose.secrets().fold(String::new(), |text, secret| {
        let line =
            if secret.is_random() { format!("random {}\n", secret.file) } else { format!("given {} \"{}\"\n", secret.file, secret.key) };
        text + &line
    });
    fill(include_str!("secrets.sh"), &[("mark", MARK), ("secrets", &lines)])
}

impl Volume {
    fn mount(self, is_read_only: bool) -> Yaml {
        let (name, folder) = self.place();
        let read_only = is_read_only.then_some(true);
        yaml!({ type: "volume", source: name, target: folder, read_only ?: read_only })
    }
}
