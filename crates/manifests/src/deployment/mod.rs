//! One site, and everything about how it runs: `deploy.toml`, checked as a whole.

mod compose;
mod images;
mod kubernetes;
mod limits;
mod names;
mod places;
mod proxy;
mod reader;
mod settings;
mod systemd;

use std::collections::BTreeMap;

use magnetiq_config::{Problems, Value, ValueKind, toml_values};

pub use compose::Compose;
pub use images::{Bases, Digest, Image, Images};
pub use kubernetes::Kubernetes;
pub use limits::{Limit, Limits};
pub use places::Environments;
pub use proxy::{Proxy, TlsMin, Version};
pub use settings::{Environment, Secret};
pub use systemd::Systemd;

use places::Facts;
use reader::Reader;

/// What a [`Deployment`] is read from: texts, so that reading is pure.
#[derive(Debug, Clone, Default)]
pub struct Sources<'a> {
    /// `deploy.toml`.
    pub deploy: Text<'a>,
    /// `images.lock`, where there is one.
    pub lock: Option<Text<'a>>,
    /// Values given on the command line, which win: key and text.
    pub given: &'a [(String, String)],
}

/// A file, and how to name it to people.
#[derive(Debug, Clone, Copy, Default)]
pub struct Text<'a> {
    /// Where it lies, as the user named it.
    pub path: &'a str,
    /// What it says.
    pub text: &'a str,
}

/// One site, and everything about how it runs.
#[derive(Debug, Clone)]
pub struct Deployment {
    /// Names what belongs together: the Compose project, the namespace, the folder.
    pub name: String,
    /// The host that visitors type.
    pub domain: String,
    /// Other hosts, which lead to it.
    pub aliases: Vec<String>,
    /// Who hears from the authority that issues the certificates.
    pub contact: String,
    /// What runs.
    pub images: Images,
    /// What each part may use.
    pub limits: Limits,
    /// nginx before everything.
    pub proxy: Proxy,
    /// One machine with Docker.
    pub compose: Compose,
    /// A cluster.
    pub kubernetes: Kubernetes,
    /// A machine without containers.
    pub systemd: Systemd,
    /// What the programs are told, in each place.
    pub environments: Environments,
}

impl Deployment {
    /// Reads and checks everything.
    ///
    /// # Errors
    ///
    /// Everything that is wrong, at once.
    pub fn read(sources: &Sources<'_>) -> Result<Self, Problems> {
        let mut values = toml_values(sources.deploy.text, sources.deploy.path)?;
        let lock = sources.lock.map(|lock| toml_values(lock.text, lock.path)).transpose()?.unwrap_or_default();
        for (key, text) in sources.given {
            values.insert(key.clone(), Value::new(Some(&"the command line".to_owned()), ValueKind::String(text.clone())));
        }
        let mut reader = Reader::new(values);
        let parts = Parts::read(&mut reader, lock);
        let given = reader.settings();
        let mut problems = reader.finish();
        // Settings that are not right are told together with the rest; they need what the rest says.
        let facts = parts.facts(&given);
        match Environments::load(&facts) {
            Ok(environments) if problems.is_empty() => Ok(parts.with(environments)),
            Ok(_) => Err(problems.into_iter().collect()),
            Err(more) => {
                problems.extend(more);
                Err(problems.into_iter().collect())
            }
        }
    }

    /// All hosts that the site answers to, its own first.
    pub fn hosts(&self) -> impl Iterator<Item = &str> {
        std::iter::once(&self.domain).chain(&self.aliases).map(String::as_str)
    }
}

/// Everything but what the programs are told, which follows from it.
struct Parts {
    name: String,
    /// `None` when it is missing or wrong, which the reader knows.
    domain: Option<String>,
    contact: Option<String>,
    aliases: Vec<String>,
    images: Images,
    limits: Limits,
    proxy: Proxy,
    compose: Compose,
    kubernetes: Kubernetes,
    systemd: Systemd,
    secrets: Vec<String>,
}

const HOST: &str = "a host name such as www.example.org, without https://, port or path";
const CONTACT: &str = "the mail address of who runs the site, for the authority that issues certificates";

impl Parts {
    fn read(reader: &mut Reader, lock: BTreeMap<String, Value>) -> Self {
        Self {
            name: reader.parsed("name", "magnetiq", "a name of lower case letters, digits and hyphens, at most 40", names::name),
            domain: reader.required("domain", HOST, names::domain),
            contact: reader.required("contact", CONTACT, names::email),
            aliases: reader.list("aliases", &[], HOST, names::domain),
            images: Images::read(reader, lock),
            limits: Limits::read(reader),
            proxy: Proxy::read(reader),
            compose: Compose::read(reader),
            kubernetes: Kubernetes::read(reader),
            systemd: Systemd::read(reader),
            secrets: reader.list("secrets", &[], "a setting such as healthd.webhooks.team.url", names::plain),
        }
    }

    fn facts<'a>(&'a self, given: &'a BTreeMap<String, (String, String)>) -> Facts<'a> {
        let networks = self.kubernetes.pod_networks.iter().map(ToString::to_string).collect::<Vec<_>>();
        Facts {
            // Any other than a sample will do where it is missing: nothing is rendered then.
            domain: self.domain.as_deref().unwrap_or("www.example.org"),
            compose_network: self.compose.network.to_string(),
            pod_networks: networks.join(","),
            linux_folder: &self.systemd.folder,
            given,
            secrets: &self.secrets,
        }
    }

    fn with(self, environments: Environments) -> Deployment {
        Deployment {
            name: self.name,
            domain: self.domain.expect("its absence is a problem"),
            aliases: self.aliases,
            contact: self.contact.expect("its absence is a problem"),
            images: self.images,
            limits: self.limits,
            proxy: self.proxy,
            compose: self.compose,
            kubernetes: self.kubernetes,
            systemd: self.systemd,
            environments,
        }
    }
}
