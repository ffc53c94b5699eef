//! The places that a site runs in, and what its programs are told in each.

use std::collections::BTreeMap;

use magnetiq_config::{API_PORT, BACKUP_PORT, PAGE_PORT, Problems};

use super::settings::{Environment, Fixed, SITE};

/// Folders in the container of the programs. Each is the mount of a volume, hence what a restore replaces lies one below.
pub(crate) const DATABASE_FOLDER: &str = "/var/lib/magnetiq/database";
pub(crate) const MEDIA_FOLDER: &str = "/var/lib/magnetiq/media";
pub(crate) const BACKUPS_FOLDER: &str = "/var/lib/magnetiq/backups";
pub(crate) const HEALTH_FOLDER: &str = "/var/lib/magnetiq/health";

/// What the programs are told, in each place.
#[derive(Debug, Clone)]
pub struct Environments {
    /// Containers of one machine.
    pub compose: Environment,
    /// Pods.
    pub kubernetes: Environment,
    /// A machine without containers.
    pub linux: Environment,
    /// Containers with the sources in them.
    pub development: Environment,
}

/// What the places differ in.
pub(super) struct Facts<'a> {
    pub(super) domain: &'a str,
    pub(super) compose_network: String,
    pub(super) pod_networks: String,
    pub(super) linux_folder: &'a str,
    pub(super) given: &'a BTreeMap<String, (String, String)>,
    pub(super) secrets: &'a [String],
}

impl Environments {
    pub(super) fn load(facts: &Facts<'_>) -> Result<Self, Problems> {
        let load = |fixed: Fixed| Environment::load(&fixed, facts.given, facts.secrets);
        // What is wrong with the settings is wrong in each place: the first tells it.
        Ok(Self {
            compose: load(compose(facts))?,
            kubernetes: load(kubernetes(facts))?,
            linux: load(linux(facts))?,
            development: Environment::load(&development(), &BTreeMap::new(), &[])?,
        })
    }
}

fn fixed(entries: impl IntoIterator<Item = (&'static str, String)>) -> Fixed {
    entries.into_iter().map(|(key, text)| (key.to_owned(), text)).collect()
}

fn production(domain: &str) -> Fixed {
    fixed([("profile", "production".to_owned()), ("server.public_url", format!("https://{domain}"))])
}

fn site(entries: impl IntoIterator<Item = (&'static str, String)>) -> Fixed {
    entries.into_iter().map(|(key, text)| (format!("{SITE}.{key}"), text)).collect()
}

fn in_containers(trusted: String) -> Fixed {
    fixed([
        ("server.host", "0.0.0.0".to_owned()),
        ("server.trusted_proxies", trusted),
        ("database.path", format!("{DATABASE_FOLDER}/magnetiq.sqlite3")),
        ("media.folder", format!("{MEDIA_FOLDER}/files")),
        ("backup.folder", BACKUPS_FOLDER.to_owned()),
        ("backup.host", "0.0.0.0".to_owned()),
        ("healthd.host", "0.0.0.0".to_owned()),
        ("healthd.database", format!("{HEALTH_FOLDER}/healthd.sqlite3")),
        ("log.folder", String::new()),
        ("log.format", "json".to_owned()),
    ])
}

/// As it is given, or what it is without that. What is no port is told of once, where it is given.
fn port(facts: &Facts<'_>, key: &str, default: u16) -> u16 {
    facts.given.get(key).and_then(|(text, _)| text.parse().ok()).unwrap_or(default)
}

fn server_port(facts: &Facts<'_>) -> u16 {
    port(facts, "server.port", API_PORT)
}

/// Where the server asks how the backups are: `host` is where backupd runs.
fn backup_url(facts: &Facts<'_>, host: &str) -> (String, String) {
    ("backup.url".to_owned(), format!("http://{host}:{}/", port(facts, "backup.port", BACKUP_PORT)))
}

fn compose(facts: &Facts<'_>) -> Fixed {
    let mut fixed = production(facts.domain);
    fixed.extend(in_containers(facts.compose_network.clone()));
    fixed.push(backup_url(facts, "backupd"));
    fixed.extend(site([
        ("url", format!("http://backend:{}", server_port(facts))),
        ("page_url", format!("https://{}", facts.domain)),
        ("data_folder", DATABASE_FOLDER.to_owned()),
        ("backup_folder", BACKUPS_FOLDER.to_owned()),
    ]));
    fixed
}

/// The volumes are mounted by one pod, which is not that of healthd: it looks at what it can reach.
fn kubernetes(facts: &Facts<'_>) -> Fixed {
    let mut fixed = production(facts.domain);
    fixed.extend(in_containers(facts.pod_networks.clone()));
    fixed.push(backup_url(facts, "127.0.0.1"));
    fixed.extend(site([("url", format!("http://backend:{}", server_port(facts))), ("page_url", format!("https://{}", facts.domain))]));
    fixed
}

fn linux(facts: &Facts<'_>) -> Fixed {
    let folder = facts.linux_folder;
    let mut entries = production(facts.domain);
    entries.extend(fixed([
        ("server.host", "127.0.0.1".to_owned()),
        ("server.trusted_proxies", "127.0.0.0/8".to_owned()),
        ("database.path", format!("{folder}/database/magnetiq.sqlite3")),
        ("media.folder", format!("{folder}/media")),
        ("backup.folder", format!("{folder}/backups")),
        ("backup.host", "127.0.0.1".to_owned()),
        ("healthd.host", "127.0.0.1".to_owned()),
        ("healthd.database", format!("{folder}/health/healthd.sqlite3")),
        ("log.folder", String::new()),
        ("log.format", "json".to_owned()),
    ]));
    entries.push(backup_url(facts, "127.0.0.1"));
    entries.extend(site([
        ("url", format!("http://127.0.0.1:{}", server_port(facts))),
        ("page_url", format!("https://{}", facts.domain)),
        ("data_folder", folder.to_owned()),
        ("backup_folder", format!("{folder}/backups")),
    ]));
    entries
}

fn development() -> Fixed {
    fixed([
        ("profile", "development".to_owned()),
        ("server.host", "0.0.0.0".to_owned()),
        ("server.public_url", format!("http://localhost:{PAGE_PORT}")),
    ])
}
