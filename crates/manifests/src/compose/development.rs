use magnetiq_config::PAGE_PORT;

use crate::deployment::Deployment;
use crate::files::Files;
use crate::fill::header;
use crate::yaml::{Map, Yaml, yaml};

const SOURCES: &str = "${MAGNETIQ_SOURCES:-../..}";

/// A site that is built again while one edits: the sources are mounted, everything else lies in volumes.
pub(crate) fn files(deployment: &Deployment) -> Files {
    let api_port = deployment.environments.development.settings.server.port;
    let mut environment = Map::default();
    for (name, text) in deployment.environments.development.variables() {
        environment.put("", name, text.to_owned());
    }
    let tree = yaml!({
        name: format!("{}-dev", deployment.name),
        services: {
            # "Builds at the first start, which takes minutes, and again with each change; sign-in as the log says."
            backend: {
                build: {
                    # "The root of the repository; these files in a folder beside it: cargo xtask manifests --out deploy"
                    context: SOURCES,
                    dockerfile: "${MAGNETIQ_DOCKERFILES:-deploy/docker}/backend.Dockerfile",
                    target: "development",
                },
                user: user(),
                init: true,
                environment: Yaml::from(environment),
                # "Only this machine reaches them, without TLS."
                ports: [{ target: api_port, published: api_port.to_string(), host_ip: "127.0.0.1" }],
                volumes: [
                    { type: "bind", source: SOURCES, target: "/src" },
                    { type: "volume", source: "cargo", target: "/cache" },
                    { type: "volume", source: "data", target: "/data" },
                ],
                healthcheck: {
                    test: ["CMD", "curl", "--fail", "--silent", "--max-time", "4", format!("http://127.0.0.1:{api_port}/livez")],
                    interval: "5s",
                    timeout: "5s",
                    retries: 3,
                    # "The first build."
                    start_period: "30m",
                },
            },
            # "Vite: the browser has a change before you look up."
            frontend: {
                build: {
                    context: SOURCES,
                    dockerfile: "${MAGNETIQ_DOCKERFILES:-deploy/docker}/frontend.Dockerfile",
                    target: "development",
                },
                user: user(),
                init: true,
                environment: { MAGNETIQ_DEV_API: format!("http://backend:{api_port}"), MAGNETIQ_DEV_PORT: PAGE_PORT.to_string() },
                ports: [{ target: PAGE_PORT, published: PAGE_PORT.to_string(), host_ip: "127.0.0.1" }],
                volumes: [
                    { type: "bind", source: SOURCES, target: "/src" },
                    { type: "volume", source: "packages", target: "/src/crates/web/ui/node_modules" },
                ],
                depends_on: { backend: { condition: "service_started" } },
            },
        },
        # "Caches and the data of the site; docker compose down --volumes starts afresh."
        volumes: { cargo: {}, packages: {}, data: {} },
    });
    let mut files = Files::default();
    let what = "A site to work on: docker compose up --build, then http://localhost:8036 (Compose 2.26 or newer).";
    files.add("compose-dev/compose.yaml", tree.document(&format!("{}\n", header(what))));
    files
}

/// The files of the sources belong to you, so what is written there should, too: MAGNETIQ_USER=$(id -u):$(id -g)
fn user() -> &'static str {
    "${MAGNETIQ_USER:-1000:1000}"
}
