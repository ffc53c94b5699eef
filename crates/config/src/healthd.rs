use std::net::IpAddr;
use std::path::PathBuf;
use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};
use url::Url;

use crate::groups::{LIMITS, SITES};
use crate::healthd_alert::HealthdAlerts;
use crate::healthd_limit::HealthdLimit;
use crate::names::HEALTH_PORT;
use crate::reader::Reader;

/// `[healthd]`: what is watched from outside.
#[derive(Debug, Clone)]
pub struct Healthd {
    /// How long a look at one thing may take at most.
    pub timeout: Duration,
    /// How often pages are asked for, and what is seen is written down.
    pub interval: Duration,
    /// The file of the history; made at the start when it is missing.
    pub database: PathBuf,
    /// How long each answer is kept; what is made of them is kept for 90 days.
    pub raw_kept: Duration,
    /// The address that the status page is served on.
    pub host: IpAddr,
    /// The port of it; 0 lets the system choose.
    pub port: u16,
    /// Who has it sees causes and begins maintenance.
    pub token: Option<SecretString>,
    /// Whether everybody may see the names of the sites and how they are; else that wants the token, too.
    pub public: bool,
    /// The address that people type for the status page; messages name it.
    pub public_url: Option<Url>,
    /// The title of the status page.
    pub page_title: String,
    /// Who is told that something is wrong, and when.
    pub alerts: HealthdAlerts,
    /// Other limits than those that checks have by themselves.
    pub limits: Vec<HealthdLimit>,
    /// The sites to watch; without any, it is the one that these settings describe.
    pub sites: Vec<HealthdSite>,
}

/// `[healthd.sites.NAME]`: a site, and what of it is watched. What is not given is not.
#[derive(Debug, Clone)]
pub struct HealthdSite {
    /// The name that the user chose.
    pub name: String,
    /// The address of its API server, past any proxy: `http://127.0.0.1:3036`.
    pub url: Option<Url>,
    /// Its `health.token`, to see causes and not only the state.
    pub token: Option<SecretString>,
    /// The address that visitors type; with `https` the certificate that they get is looked at, too.
    pub page_url: Option<Url>,
    /// A PEM file of the authorities that are trusted; `None`: those that browsers trust.
    pub authority: Option<PathBuf>,
    /// The PEM file with the certificate that should be served.
    pub certificate: Option<PathBuf>,
    /// The folder of its data, where it is on this machine.
    pub data_folder: Option<PathBuf>,
    /// The folder of its backups, where it is on this machine.
    pub backup_folder: Option<PathBuf>,
}

const SECOND: Duration = Duration::from_secs(1);
const DAY: Duration = Duration::from_secs(24 * 60 * 60);
const TOKEN_MIN_BYTES: usize = 16;
const ADDRESS: &str = "should be an address such as https://www.example.com, without a password";

impl Healthd {
    pub(crate) fn read(reader: &mut Reader) -> Self {
        let healthd = Self {
            timeout: Duration::from_millis(reader.number("healthd.timeout_ms", 10_000, 100..=60_000)),
            interval: reader.time("healthd.interval_s", SECOND, 10, 1..=3600),
            database: reader.path("healthd.database", "data/healthd.sqlite3"),
            raw_kept: reader.time("healthd.raw_days", DAY, 7, 1..=90),
            host: reader.parsed("healthd.host", "127.0.0.1", "an IP address: 127.0.0.1 for this machine only, 0.0.0.0 for all", |text| {
                text.parse().ok()
            }),
            port: reader.number("healthd.port", HEALTH_PORT, 0..=u16::MAX),
            token: reader.secret_if_any("healthd.token"),
            public: reader.flag("healthd.public", true),
            public_url: address(reader, "healthd.public_url"),
            page_title: reader.parsed("healthd.page_title", "Status", "a title of at most 100 characters", |text| {
                (!text.trim().is_empty() && text.chars().count() <= 100).then(|| text.trim().to_owned())
            }),
            alerts: HealthdAlerts::read(reader),
            limits: reader.members(LIMITS).into_iter().map(|name| HealthdLimit::read(reader, name)).collect(),
            sites: reader.members(SITES).into_iter().map(|name| HealthdSite::read(reader, name)).collect(),
        };
        if healthd.token.as_ref().is_some_and(|token| token.expose_secret().len() < TOKEN_MIN_BYTES) {
            reader.refuse("healthd.token", "should be at least 16 bytes that nobody can guess; make one with: openssl rand -hex 32");
        }
        healthd
    }
}

impl HealthdSite {
    fn read(reader: &mut Reader, name: String) -> Self {
        let key = |last: &str| format!("{SITES}.{name}.{last}");
        let site = Self {
            url: address(reader, &key("url")),
            token: reader.secret_if_any(&key("token")),
            page_url: address(reader, &key("page_url")),
            authority: reader.path_if_any(&key("authority")),
            certificate: reader.path_if_any(&key("certificate")),
            data_folder: reader.path_if_any(&key("data_folder")),
            backup_folder: reader.path_if_any(&key("backup_folder")),
            name: name.clone(),
        };
        let watched = site.url.is_some() || site.page_url.is_some() || site.certificate.is_some();
        if !watched && site.data_folder.is_none() && site.backup_folder.is_none() {
            let expected = "nothing of this site is watched: give url, page_url, certificate, data_folder or backup_folder";
            reader.refuse(&key("url"), expected);
        }
        site
    }
}

/// An address that may be absent: then the text is empty.
fn address(reader: &mut Reader, key: &str) -> Option<Url> {
    let text = reader.text(key, "");
    if text.is_empty() {
        return None;
    }
    let plain =
        |url: &Url| matches!(url.scheme(), "http" | "https") && url.has_host() && url.username().is_empty() && url.password().is_none();
    let url = Url::parse(&text).ok().filter(plain);
    if url.is_none() {
        reader.refuse(key, ADDRESS);
    }
    url
}
