//! What is made from a deployment, on the real programs.

mod acme;
mod copies;
mod edge;
mod limits;
mod pages;
mod reach;
mod scripts;
mod settings;
mod tls;

use magnetiq_manifests::{Deployment, Files, Sources, Target, Text, render};

/// What differs from the defaults is what the tests have to reach quickly.
const SITE: &str = r#"
domain = "www.example.org"
aliases = ["example.org"]
contact = "ops@example.org"
[proxy]
api_per_second = 5
api_burst = 20
login_per_minute = 6
login_burst = 3
[settings.media]
upload_limit_bytes = 200_000
[settings.server]
json_limit_bytes = 20_000
"#;

/// A domain of so many characters, 197 at least; the DNS allows 253.
fn long_domain(length: usize) -> String {
    let rest = ".example.org";
    [60, 60, 60, length - 3 * 61 - rest.len()].map(|length| "a".repeat(length)).join(".") + rest
}

fn deployment(text: &str, nginx_version: &str) -> Deployment {
    let digests: String = ["backend", "frontend", "proxy"]
        .iter()
        .fold(String::new(), |text, name| text + &format!("[{name}]\ntag = \"2.0.0\"\ndigest = \"sha256:{}\"\n", "0".repeat(64)));
    let given = [("proxy.version".to_owned(), nginx_version.to_owned())];
    let lock = Some(Text { path: "images.lock", text: &digests });
    Deployment::read(&Sources { deploy: Text { path: "deploy.toml", text }, lock, given: &given })
        .unwrap_or_else(|problems| panic!("{problems}"))
}

fn rendered(deployment: &Deployment) -> Files {
    render(deployment, &[Target::Docker, Target::Compose, Target::K8s, Target::Nginx, Target::Systemd], &Files::default())
        .unwrap_or_else(|problems| panic!("{problems}"))
}
