use ipnet::IpNet;

use super::names;
use super::reader::Reader;

/// `[kubernetes]`: a cluster.
#[derive(Debug, Clone)]
pub struct Kubernetes {
    /// The context of kubectl; `None`: the one that is in use.
    pub context: Option<String>,
    /// The namespace of the site; the name of the deployment unless said otherwise.
    pub namespace: Option<String>,
    /// Networks that pods have addresses of: from there comes what the ingress controller forwards.
    pub pod_networks: Vec<IpNet>,
    /// How requests come in.
    pub route: Route,
    /// The namespace of what brings them in: only from there are they taken.
    pub ingress_namespace: String,
    /// The namespace of Prometheus; `None`: nothing is watched that way, and there is no ServiceMonitor.
    pub monitoring_namespace: Option<String>,
    /// Pods of the page.
    pub frontend_replicas: u32,
    /// Where the secrets of the site come from.
    pub secrets: Secrets,
    /// Volumes.
    pub storage: Storage,
    /// Certificates.
    pub certificate: Certificate,
}

/// How requests come in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Route {
    /// An Ingress of this class; `None`: of the cluster's own.
    Ingress(Option<String>),
    /// An HTTPRoute at this Gateway: namespace and name.
    Gateway(String, String),
}

/// Where the secrets of the site come from. Never from the files: these lie in a repository.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Secrets {
    /// External Secrets, from a store.
    External {
        /// The ClusterSecretStore.
        store: String,
        /// The field of an entry that has the value, where an entry has several, as in Vault; `None`: the entry is the value.
        property: Option<String>,
    },
    /// Sealed Secrets: encrypted for one cluster.
    Sealed,
    /// SOPS, decrypted within the cluster by the sops-secrets-operator.
    Sops,
}

/// `[kubernetes.storage]`: volumes of Longhorn.
#[derive(Debug, Clone)]
pub struct Storage {
    /// GiB for the database.
    pub database_gib: u32,
    /// GiB for media.
    pub media_gib: u32,
    /// GiB for backups.
    pub backups_gib: u32,
    /// Copies that Longhorn keeps of each volume, on as many nodes.
    pub replicas: u32,
    /// Whether a volume is for one pod (`ReadWriteOncePod`), or for one node, where Longhorn is older than 1.11.
    pub one_pod: bool,
    /// When Longhorn takes a snapshot, and how many it keeps.
    pub snapshot: (String, u32),
    /// When Longhorn makes a backup, and how many it keeps.
    pub backup: (String, u32),
}

/// `[kubernetes.certificate]`.
#[derive(Debug, Clone)]
pub struct Certificate {
    /// How the authority is shown that the hosts are ours.
    pub challenge: Challenge,
    /// More names that it is for, such as `*.example.org`.
    pub more_names: Vec<String>,
    /// Whether the authority's rehearsal issues it, which browsers do not trust.
    pub staging: bool,
}

/// How the authority is shown that the hosts are ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Challenge {
    /// By a page of each host.
    Http,
    /// By an entry that cert-manager makes at Cloudflare.
    Cloudflare,
    /// By an entry that cert-manager makes at DigitalOcean.
    DigitalOcean,
}

const GIB: std::ops::RangeInclusive<u32> = 1..=100_000;

impl Kubernetes {
    pub(super) fn read(reader: &mut Reader) -> Self {
        let frontend_replicas = reader.number("kubernetes.frontend_replicas", 2, 1..=100);
        refuse_replicas(reader);
        Self {
            context: reader.optional("kubernetes.context", "the name of a context of kubectl", names::plain),
            namespace: reader.optional("kubernetes.namespace", "the name of a namespace", names::name),
            pod_networks: reader
                .list("kubernetes.pod_networks", &["10.0.0.0/8"], "a network such as 10.42.0.0/16", |text| text.parse().ok()),
            route: Route::read(reader),
            ingress_namespace: reader.parsed("kubernetes.ingress_namespace", "traefik", "the name of a namespace", names::name),
            monitoring_namespace: Some(reader.parsed(
                "kubernetes.monitoring_namespace",
                "monitoring",
                "the name of a namespace, or none",
                names::name,
            ))
            .filter(|name| name != "none"),
            frontend_replicas,
            secrets: Secrets::read(reader),
            storage: Storage::read(reader),
            certificate: Certificate::read(reader),
        }
    }
}

/// People look for this; what they want is not to be had by it.
fn refuse_replicas(reader: &mut Reader) {
    if reader.number("kubernetes.backend_replicas", 1_u32, 0..=u32::MAX) != 1 {
        reader.refuse(
            "kubernetes.backend_replicas",
            "is 1: SQLite has one writer, and a second pod would write the same file. For more visitors give limits.backend more processors \
             and memory, and kubernetes.frontend_replicas more pods; for a cluster that loses a node, kubernetes.storage.replicas",
        );
    }
}

impl Route {
    fn read(reader: &mut Reader) -> Self {
        let class = reader.optional("kubernetes.ingress_class", "the name of an IngressClass", names::plain);
        let gateway = reader.optional("kubernetes.gateway", "namespace/name of a Gateway", |text| {
            let (namespace, name) = text.split_once('/')?;
            Some((names::name(namespace)?, names::name(name)?))
        });
        match gateway {
            Some((namespace, name)) => Self::Gateway(namespace, name),
            None => Self::Ingress(class),
        }
    }
}

impl Secrets {
    fn read(reader: &mut Reader) -> Self {
        let store = reader.parsed("kubernetes.secret_store", "secrets", "the name of a ClusterSecretStore", names::name);
        let property = reader.optional("kubernetes.secret_property", "the name of a field of an entry, such as value", names::plain);
        let kinds = [("external-secrets", 0), ("sealed-secrets", 1), ("sops", 2)];
        match reader.choice("kubernetes.secrets", 0, &kinds) {
            1 => Self::Sealed,
            2 => Self::Sops,
            _ => Self::External { store, property },
        }
    }
}

impl Storage {
    fn read(reader: &mut Reader) -> Self {
        let cron = "five fields of cron";
        let mut job = |name: &str, when: &str, retain| {
            let when = reader.parsed(&format!("kubernetes.storage.{name}_cron"), when, cron, cron_fields);
            (when, reader.number(&format!("kubernetes.storage.{name}_retain"), retain, 1..=250))
        };
        let (snapshot, backup) = (job("snapshot", "17 * * * *", 24), job("backup", "43 1 * * *", 14));
        Self {
            database_gib: reader.number("kubernetes.storage.database_gib", 5, GIB),
            media_gib: reader.number("kubernetes.storage.media_gib", 20, GIB),
            backups_gib: reader.number("kubernetes.storage.backups_gib", 20, GIB),
            replicas: reader.number("kubernetes.storage.replicas", 2, 2..=20),
            one_pod: reader.choice("kubernetes.storage.access", true, &[("ReadWriteOncePod", true), ("ReadWriteOnce", false)]),
            snapshot,
            backup,
        }
    }
}

/// What Longhorn takes: minute, hour, day of month, month, day of week, by digits and `*`, `/`, `-`, `,`.
fn cron_fields(text: &str) -> Option<String> {
    let fields: Vec<&str> = text.split(' ').collect();
    let right = |field: &&str| !field.is_empty() && field.chars().all(|c| c.is_ascii_digit() || "*/-,".contains(c));
    (fields.len() == 5 && fields.iter().all(right)).then(|| text.to_owned())
}

impl Certificate {
    fn read(reader: &mut Reader) -> Self {
        let kinds =
            [("http-01", Challenge::Http), ("dns-01-cloudflare", Challenge::Cloudflare), ("dns-01-digitalocean", Challenge::DigitalOcean)];
        let challenge = reader.choice("kubernetes.certificate.challenge", Challenge::Http, &kinds);
        let name = |text: &str| names::domain(text.strip_prefix("*.").unwrap_or(text)).map(|_| text.to_owned());
        let more_names = reader.list("kubernetes.certificate.more_names", &[], "a host name or *.example.org", name);
        if challenge == Challenge::Http && more_names.iter().any(|name| name.starts_with("*.")) {
            let expected = "a wildcard is issued only by dns-01: set kubernetes.certificate.challenge";
            reader.refuse("kubernetes.certificate.more_names", expected);
        }
        Self { challenge, more_names, staging: reader.flag("kubernetes.certificate.staging", false) }
    }
}
