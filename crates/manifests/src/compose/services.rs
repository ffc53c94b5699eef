//! The services, in the order in which they start: schema, server, what stands beside it, page, proxy, certificates, watcher.

use magnetiq_config::{PAGE_PORT, Program};

use super::Mounted;
use super::parts::{Asked, SCRATCH, Volume, copies, file, healthcheck, labels, limits, of_machine, page_answers, told};
use crate::backup_folders;
use crate::deployment::{Deployment, Image};
use crate::nginx::{HTTP_PORT, HTTPS_PORT, TLS_FOLDER};
use crate::yaml::{Yaml, yaml};

const BACKUPD: &str = "/usr/local/bin/backupd";
const HEALTHD: &str = "/usr/local/bin/healthd";

pub(super) fn all(deployment: &Deployment, mounted: &Mounted) -> Yaml {
    yaml!({
        # "Brings the schema to the version of the program, after a verified copy of the database; nothing starts before it is done."
        migrate: migrate(deployment),
        # "One writer: never scale this. A second one would find the lock of the first and end."
        backend: backend(deployment),
        # "Daily backups that are restored before they count; as the same user, on the same volumes."
        backupd: backupd(deployment),
        frontend: frontend(deployment, &mounted.frontend),
        # "The only one that is reached from outside."
        proxy: proxy(deployment, &mounted.proxy),
        # "Gets the certificate, and renews it: every 12 hours it asks whether it is time. The proxy takes up a new one by itself."
        certbot: certbot(deployment, &mounted.certbot),
        # "Watches the site from outside: docker compose exec healthd healthd check"
        healthd: healthd(deployment),
    })
}

fn migrate(deployment: &Deployment) -> Yaml {
    yaml!({
        "<<": Yaml::Same("hardened"),
        image: deployment.images.reference(Image::Backend),
        command: ["migrate"],
        restart: "no",
        ..limits(deployment.limits.backend),
        ..told(deployment, Program::Server),
        volumes: [Volume::Database.mount(false), Volume::Media.mount(false), Volume::Backups.mount(false)],
        healthcheck: { disable: true },
    })
}

fn backend(deployment: &Deployment) -> Yaml {
    let port = deployment.environments.compose.settings.server.port;
    yaml!({
        "<<": Yaml::Same("hardened"),
        image: deployment.images.reference(Image::Backend),
        command: ["serve"],
        ..limits(deployment.limits.backend),
        ..told(deployment, Program::Server),
        volumes: [Volume::Database.mount(false), Volume::Media.mount(false), Volume::Backups.mount(false)],
        depends_on: { migrate: { condition: "service_completed_successfully" } },
        healthcheck: page_answers(port, "/readyz", Asked::Often, "60s"),
    })
}

fn backupd(deployment: &Deployment) -> Yaml {
    let folders = backup_folders::of(&deployment.environments.compose).map(|folder| of_machine(&folder.display().to_string()));
    let volumes: Vec<Yaml> =
        [Volume::Database, Volume::Media, Volume::Backups].map(|volume| volume.mount(false)).into_iter().chain(folders).collect();
    yaml!({
        "<<": Yaml::Same("hardened"),
        image: deployment.images.reference(Image::Backend),
        entrypoint: [BACKUPD],
        command: ["run"],
        ..limits(deployment.limits.backupd),
        ..told(deployment, Program::Backup),
        volumes: volumes,
        depends_on: { backend: { condition: "service_healthy" } },
        healthcheck: page_answers(deployment.environments.compose.settings.backup.port, "/livez", Asked::Seldom, "60s"),
    })
}

fn healthd(deployment: &Deployment) -> Yaml {
    yaml!({
        "<<": Yaml::Same("hardened"),
        image: deployment.images.reference(Image::Backend),
        entrypoint: [HEALTHD],
        command: ["run"],
        ..limits(deployment.limits.healthd),
        ..told(deployment, Program::Health),
        # "It looks at the disks below these, and writes only its own history."
        volumes: [Volume::Health.mount(false), Volume::Database.mount(true), Volume::Backups.mount(true)],
        depends_on: { proxy: { condition: "service_healthy" } },
        # "Not ready where it cannot write its history: then it tells nobody."
        healthcheck: page_answers(deployment.environments.compose.settings.healthd.port, "/readyz", Asked::Seldom, "60s"),
    })
}

fn frontend(deployment: &Deployment, mounted: &str) -> Yaml {
    let url = format!("http://127.0.0.1:{PAGE_PORT}/__magnetiq/health");
    yaml!({
        "<<": Yaml::Same("hardened"),
        image: deployment.images.reference(Image::Frontend),
        ..limits(deployment.limits.frontend),
        labels: labels(mounted),
        volumes: [file("./nginx/frontend.conf", "/etc/nginx/nginx.conf")],
        depends_on: { backend: { condition: "service_healthy" } },
        healthcheck: healthcheck(&["curl", "--fail", "--silent", "--max-time", "4", &url], Asked::Often, "10s"),
    })
}

fn proxy(deployment: &Deployment, mounted: &str) -> Yaml {
    let compose = &deployment.compose;
    let (url, host) = (format!("http://127.0.0.1:{HTTP_PORT}/"), format!("Host: {}", deployment.domain));
    // IPv4 alone: the network of the containers has no IPv6, so Docker would pass on what comes that way as if one client had sent it all.
    let address = || compose.address.map_or("0.0.0.0".to_owned(), |address| address.to_string());
    yaml!({
        "<<": Yaml::Same("hardened"),
        image: deployment.images.reference(Image::Proxy),
        ..limits(deployment.limits.proxy),
        tmpfs: [SCRATCH.to_owned(), copies()],
        labels: labels(mounted),
        # "compose.address, or all addresses of IPv4. By IPv6 Docker would show the proxy one client for everybody, and the limits of one would be those of all: no AAAA record for this machine."
        ports: [
            { target: HTTP_PORT, published: compose.http_port.to_string(), host_ip: address(), protocol: "tcp" },
            { target: HTTPS_PORT, published: compose.https_port.to_string(), host_ip: address(), protocol: "tcp" },
        ],
        volumes: [
            file("./nginx/proxy.conf", "/etc/nginx/nginx.conf"),
            Volume::Certificates.mount(true),
            Volume::Acme.mount(true),
            Volume::Proxy.mount(false),
        ],
        depends_on: { backend: { condition: "service_healthy" }, frontend: { condition: "service_healthy" } },
        # "Healthy once certbot has put a first certificate there."
        healthcheck: healthcheck(&["curl", "--fail", "--silent", "--max-time", "4", "--header", &host, &url], Asked::Often, "60s"),
    })
}

fn certbot(deployment: &Deployment, mounted: &str) -> Yaml {
    let is_current = format!("openssl x509 -in {TLS_FOLDER}/live/fullchain.pem -noout -checkend 604800");
    yaml!({
        "<<": Yaml::Same("hardened"),
        image: &deployment.images.base.certbot,
        entrypoint: ["/bin/sh", "/usr/local/bin/certificates"],
        ..limits(deployment.limits.certbot),
        labels: labels(mounted),
        volumes: [
            file("./certbot.sh", "/usr/local/bin/certificates"),
            Volume::Certificates.mount(false),
            Volume::Acme.mount(false),
        ],
        # "It starts with the proxy, which waits for its first certificate and then shows the authority what it asks for."
        depends_on: { proxy: { condition: "service_started" } },
        # "Unhealthy from a week before the certificate ends."
        healthcheck: healthcheck(&["/bin/sh", "-c", &is_current], Asked::Seldom, "60s"),
    })
}
