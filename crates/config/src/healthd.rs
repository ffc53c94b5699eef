use std::path::PathBuf;
use std::time::Duration;

use secrecy::SecretString;
use url::Url;

use crate::groups::SITES;
use crate::reader::Reader;

/// `[healthd]`: what is watched from outside.
#[derive(Debug, Clone)]
pub struct Healthd {
    /// How long a look at one thing may take at most.
    pub timeout: Duration,
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
    pub authority_file: Option<PathBuf>,
    /// The PEM file with the certificate that should be served.
    pub certificate_file: Option<PathBuf>,
    /// The folder of its data, where it is on this machine.
    pub data_folder: Option<PathBuf>,
    /// The folder of its backups, where it is on this machine.
    pub backup_folder: Option<PathBuf>,
}

const ADDRESS: &str = "should be an address such as https://www.example.com, without a password";

impl Healthd {
    pub(crate) fn read(reader: &mut Reader) -> Self {
        Self {
            timeout: Duration::from_millis(reader.number("healthd.timeout_ms", 10_000, 100..=60_000)),
            sites: reader.members(SITES).into_iter().map(|name| HealthdSite::read(reader, name)).collect(),
        }
    }
}

impl HealthdSite {
    fn read(reader: &mut Reader, name: String) -> Self {
        let key = |last: &str| format!("{SITES}.{name}.{last}");
        let site = Self {
            url: address(reader, &key("url")),
            token: reader.secret_if_any(&key("token")),
            page_url: address(reader, &key("page_url")),
            authority_file: reader.path_if_any(&key("authority_file")),
            certificate_file: reader.path_if_any(&key("certificate_file")),
            data_folder: reader.path_if_any(&key("data_folder")),
            backup_folder: reader.path_if_any(&key("backup_folder")),
            name: name.clone(),
        };
        let watched = site.url.is_some() || site.page_url.is_some() || site.certificate_file.is_some();
        if !watched && site.data_folder.is_none() && site.backup_folder.is_none() {
            let expected = "nothing of this site is watched: give url, page_url, certificate_file, data_folder or backup_folder";
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
