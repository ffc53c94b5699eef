//! One site, and everything about how it runs: `deploy.toml`, checked as a whole.

mod argocd;
mod compose;
mod deploy;
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

pub use argocd::Argocd;
pub use compose::Compose;
pub use deploy::Deploy;
pub use images::{Bases, Digest, Image, Images};
pub use kubernetes::{Certificate, Challenge, Kubernetes, Route, Secrets, Storage};
pub use limits::{Limit, Limits};
pub use places::Environments;
pub(crate) use places::{BACKUPS_FOLDER, DATABASE_FOLDER, HEALTH_FOLDER, MEDIA_FOLDER};
pub use proxy::{Proxy, TlsMin, Version};
pub(crate) use settings::SITE_NAME;
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
    /// A cluster that follows a repository.
    pub argocd: Argocd,
    /// A machine without containers.
    pub systemd: Systemd,
    /// How a new version takes the place of the one before.
    pub deploy: Deploy,
    /// What the programs are told, in each place.
    pub environments: Environments,
    /// The second site that `[argocd]` asks for, to try things on.
    pub staging: Option<Box<Deployment>>,
    /// Whether this is that second site.
    pub is_staging: bool,
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
        let mut deployment = Self::of(values.clone(), lock.clone())?;
        if let Some(domain) = &deployment.argocd.staging_domain {
            let own = [("domain", domain.clone()), ("aliases", String::new()), ("name", format!("{}-staging", deployment.name))];
            let given = |text: String| Value::new(Some(&"argocd.staging_domain".to_owned()), ValueKind::String(text));
            values.extend(own.map(|(key, text)| (key.to_owned(), given(text))));
            values.extend(STAGING.map(|(key, text)| (key.to_owned(), given(text.to_owned()))));
            values.remove("kubernetes.namespace");
            deployment.staging = Some(Box::new(Self { is_staging: true, ..Self::of(values, lock)? }));
        }
        Ok(deployment)
    }

    fn of(values: BTreeMap<String, Value>, lock: BTreeMap<String, Value>) -> Result<Self, Problems> {
        let mut reader = Reader::new(values);
        let parts = Parts::read(&mut reader, lock);
        let given = reader.settings();
        let mut problems = reader.finish();
        // Settings that are not right are told together with the rest; they need what the rest says.
        match Environments::load(&parts.facts(&given)) {
            Ok(environments) if problems.is_empty() => Ok(parts.with(environments)),
            Ok(_) => Err(problems.into_iter().collect()),
            Err(more) => {
                problems.extend(more);
                Err(problems.into_iter().collect())
            }
        }
    }

    /// Every key that `deploy.toml` may have, but those of settings.
    pub fn keys() -> Vec<String> {
        let mut reader = Reader::new(BTreeMap::new());
        Parts::read(&mut reader, BTreeMap::new());
        reader.known().map(str::to_owned).collect()
    }

    /// What certbot calls the certificate on a machine without containers: the domain, as it would by itself, but `name` where that is too
    /// long for its file `DOMAIN.conf.new`, whose name may have 255 bytes.
    pub(crate) fn lineage(&self) -> &str {
        if self.domain.len() + ".conf.new".len() <= 255 { &self.domain } else { &self.name }
    }

    /// All hosts that the site answers to, its own first.
    pub fn hosts(&self) -> impl Iterator<Item = &str> {
        std::iter::once(&self.domain).chain(&self.aliases).map(String::as_str)
    }
}

/// What a second site does not share with the first: nobody visits it, and its certificate need not be trusted.
const STAGING: [(&str, &str); 2] = [("kubernetes.frontend_replicas", "1"), ("kubernetes.certificate.staging", "true")];

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
    argocd: Argocd,
    systemd: Systemd,
    deploy: Deploy,
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
            argocd: Argocd::read(reader),
            systemd: Systemd::read(reader),
            deploy: Deploy::read(reader),
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
            argocd: self.argocd,
            systemd: self.systemd,
            deploy: self.deploy,
            environments,
            staging: None,
            is_staging: false,
        }
    }
}
