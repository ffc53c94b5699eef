//! What is looked at of a site, and what explains what.

use std::time::Duration;

use anyhow::Context;
use magnetiq_config::HealthdSite;
use magnetiq_health::checks::{Backup, CertificateFile, CertificateServed, Disk, Http, Trust};
use magnetiq_health::{CheckId, CheckInfo, Clock, Monitor, MonitorBuilder, Node, NodeId, catalog};
use secrecy::ExposeSecret;
use url::Url;

/// All checks of all `sites`. None takes longer than `timeout`; pages are asked for every `interval`.
pub(crate) fn watched(sites: &[HealthdSite], timeout: Duration, interval: Duration) -> anyhow::Result<MonitorBuilder> {
    sites.iter().try_fold(Monitor::builder(), |monitor, site| {
        Watched { monitor, site, name: node(site).as_str().to_owned(), timeout, interval, clock: Clock::system() }.all()
    })
}

/// The place of a site in the tree: its name in kebab case; the root where it has none.
pub(crate) fn node(site: &HealthdSite) -> NodeId {
    NodeId::from(site.name.replace('_', "-"))
}

/// The checks of one site so far.
struct Watched<'a> {
    monitor: MonitorBuilder,
    site: &'a HealthdSite,
    /// In kebab case; empty where there is only one.
    name: String,
    timeout: Duration,
    interval: Duration,
    clock: Clock,
}

/// The checks that others depend on.
const API: &str = "http-api";
const DISK: &str = "disk-data";

impl Watched<'_> {
    fn all(self) -> anyhow::Result<MonitorBuilder> {
        let named = !self.name.is_empty();
        let (name, title) = (NodeId::from(self.name.as_str()), format!("Site {}", self.site.name));
        let mut monitor = self.disks()?.api()?.page()?.certificate_file()?.backup()?.monitor;
        if named {
            monitor = monitor.node(Node::new(name, title));
        }
        Ok(monitor)
    }

    /// A check of the catalog, below the node of the site.
    fn info(&self, kind: &str, id: &str) -> anyhow::Result<CheckInfo> {
        let entry = catalog::find(kind).with_context(|| format!("the catalog has no {kind}"))?;
        let mut info = entry.info_as(self.id(id));
        info.timeout = info.timeout.min(self.timeout);
        if entry.kind == "http" {
            info.interval = self.interval;
        }
        if !self.name.is_empty() {
            info.node = NodeId::from(format!("{}/{}", self.name, entry.node));
        }
        Ok(info)
    }

    /// The kind comes first in a name, so that alert rules know it: `disk-data-main`.
    fn id(&self, id: &str) -> CheckId {
        if self.name.is_empty() { id.into() } else { format!("{id}-{}", self.name).into() }
    }

    fn trust(&self) -> Trust {
        self.site.authority.clone().map_or(Trust::Public, Trust::File)
    }

    fn disks(self) -> anyhow::Result<Self> {
        let Some(folder) = &self.site.data_folder else { return Ok(self) };
        let info = self.info("disk", DISK)?;
        let check = Disk::new(folder, self.clock.clone()).only_read();
        Ok(Self { monitor: self.monitor.check(info, check), ..self })
    }

    /// Whether the server takes requests, and what it says of itself.
    fn api(self) -> anyhow::Result<Self> {
        let Some(url) = &self.site.url else { return Ok(self) };
        let mut ready = self.info("http", API)?.critical();
        if self.site.data_folder.is_some() {
            ready = ready.depends_on(self.id(DISK));
        }
        let inside = self.info("http", "http-health")?.critical().depends_on(self.id(API));
        let mut told = Http::new(&below(url, "health"))?.trust(self.trust()).telling_health();
        if let Some(token) = &self.site.token {
            told = told.header("Authorization", format!("Bearer {}", token.expose_secret()));
        }
        let answers = Http::new(&below(url, "readyz"))?.trust(self.trust());
        Ok(Self { monitor: self.monitor.check(ready, answers).check(inside, told), ..self })
    }

    /// What visitors get: the page, and over HTTPS the certificate.
    fn page(self) -> anyhow::Result<Self> {
        let Some(url) = &self.site.page_url else { return Ok(self) };
        let mut info = self.info("http", "http-page")?.critical();
        if self.site.url.is_some() {
            info = info.depends_on(self.id(API));
        }
        // The proxy would answer with a copy where the site does not.
        let page = Http::new(url.as_str())?.trust(self.trust()).header("Cache-Control", "no-cache");
        if url.scheme() != "https" {
            return Ok(Self { monitor: self.monitor.check(info, page), ..self });
        }
        let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']);
        let mut served = CertificateServed::new(host, url.port_or_known_default().unwrap_or(443), self.clock.clone()).trust(self.trust());
        if let Some(file) = &self.site.certificate {
            served = served.file(file);
        }
        // Not critical, and no cause of the page: it fails a week before visitors see anything. An expired one fails the page, too.
        let certificate = self.info("certificate-served", "certificate-served")?;
        Ok(Self { monitor: self.monitor.check(certificate, served).check(info, page), ..self })
    }

    fn certificate_file(self) -> anyhow::Result<Self> {
        let Some(file) = &self.site.certificate else { return Ok(self) };
        let mut check = CertificateFile::new(file, self.clock.clone());
        if let Some(host) = self.site.page_url.as_ref().and_then(Url::host_str) {
            check = check.name(host);
        }
        let info = self.info("certificate-file", "certificate-file")?;
        Ok(Self { monitor: self.monitor.check(info, check), ..self })
    }

    fn backup(self) -> anyhow::Result<Self> {
        let Some(folder) = &self.site.backup_folder else { return Ok(self) };
        let mut info = self.info("backup", "backup")?;
        if self.site.data_folder.is_some() {
            info = info.depends_on(self.id(DISK));
        }
        let check = Backup::new(folder, self.clock.clone());
        Ok(Self { monitor: self.monitor.check(info, check), ..self })
    }
}

/// A path below the address of a server, whether that ends with a slash or not.
fn below(url: &Url, path: &str) -> String {
    format!("{}/{path}", url.as_str().trim_end_matches('/'))
}
