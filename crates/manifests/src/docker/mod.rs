//! `docker/`: how the images are made.

use magnetiq_config::PAGE_PORT;

use crate::deployment::{Deployment, Image};
use crate::files::{Files, MARK};
use crate::fill::{fill, header};
use crate::nginx::{self, ACME_FOLDER, DOCKER_RESOLVER, HTTP_PORT, HTTPS_PORT, PAGES_FOLDER, Place, STATE_FOLDER, TLS_FOLDER};

/// Who everything runs as, in every image: a number, so that Kubernetes knows that it is not root; above those that machines give to people.
pub(crate) const USER: u32 = 65_532;

const SOURCE: &str = env!("CARGO_PKG_REPOSITORY");

/// A Dockerfile for each image, what its build may see of the folder, and what it copies. No here-documents: Docker before 23 has none.
pub(crate) fn files(deployment: &Deployment) -> Files {
    let mut files = Files::default();
    for image in Image::ALL {
        let text = match image {
            Image::Backend => backend(deployment),
            Image::Frontend => frontend(deployment),
            Image::Proxy => proxy(deployment),
        };
        let path = format!("docker/{}.Dockerfile", image.name());
        files.add(format!("{path}.dockerignore"), fill(include_str!("dockerignore"), &[("header", &header("What the build may see."))]));
        files.add(path, text);
    }
    let network = [deployment.compose.network.to_string()];
    let place = Place { backend: "backend", resolver: Some(DOCKER_RESOLVER), proxies: &network, is_first: false };
    files.add("docker/frontend/nginx.conf", nginx::frontend(deployment, place));
    files.add("docker/proxy/nginx.conf", nginx::proxy(deployment));
    files.add("docker/proxy/start.sh", fill(include_str!("proxy.sh"), &[("header", MARK), ("tls", TLS_FOLDER)]));
    for (name, text) in nginx::pages() {
        files.add(format!("docker/proxy/pages/{name}"), text);
    }
    files
}

fn backend(deployment: &Deployment) -> String {
    let images = &deployment.images;
    let settings = &deployment.environments.compose.settings;
    fill(
        include_str!("backend.Dockerfile"),
        &[
            ("header", &header("The programs: api-server, backupd and healthd.")),
            ("tagged", &images.tagged(Image::Backend)),
            ("tag", &images.tag),
            ("source", SOURCE),
            ("rust", &images.base.rust),
            ("node", &images.base.node),
            ("runtime", &images.base.runtime),
            ("user", &USER.to_string()),
            ("api_port", &settings.server.port.to_string()),
            ("health_port", &settings.healthd.port.to_string()),
            ("backup_port", &settings.backup.port.to_string()),
        ],
    )
}

fn frontend(deployment: &Deployment) -> String {
    let images = &deployment.images;
    fill(
        include_str!("frontend.Dockerfile"),
        &[
            ("header", &header("The page on nginx.")),
            ("tagged", &images.tagged(Image::Frontend)),
            ("tag", &images.tag),
            ("source", SOURCE),
            ("node", &images.base.node),
            ("nginx", &images.base.nginx),
            ("user", &USER.to_string()),
            ("page_port", &PAGE_PORT.to_string()),
        ],
    )
}

fn proxy(deployment: &Deployment) -> String {
    let images = &deployment.images;
    fill(
        include_str!("proxy.Dockerfile"),
        &[
            ("header", &header("nginx before everything.")),
            ("tagged", &images.tagged(Image::Proxy)),
            ("tag", &images.tag),
            ("source", SOURCE),
            ("nginx", &images.base.nginx),
            ("user", &USER.to_string()),
            ("state", STATE_FOLDER),
            ("acme", ACME_FOLDER),
            ("tls", TLS_FOLDER),
            ("pages", PAGES_FOLDER),
            ("domain", &deployment.domain),
            ("http_port", &HTTP_PORT.to_string()),
            ("https_port", &HTTPS_PORT.to_string()),
        ],
    )
}
