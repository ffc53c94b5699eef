use std::net::Ipv4Addr;

use ipnet::Ipv4Net;

use super::reader::Reader;

/// `[compose]`: one machine with Docker.
#[derive(Debug, Clone)]
pub struct Compose {
    /// The network of the containers, so that the server knows who its proxy is.
    pub network: Ipv4Net,
    /// The Docker context of the machine; `None`: the one that is in use.
    pub context: Option<String>,
    /// The folder on that machine for the files of the site; `None`: it is this machine, and they stay where they are written.
    pub folder: Option<String>,
    /// The only address of the machine that visitors come to; all of IPv4 when there is none. Never IPv6: by that, Docker shows the proxy one
    /// client for everybody.
    pub address: Option<Ipv4Addr>,
    /// The port of the machine for http.
    pub http_port: u16,
    /// The port of the machine for https.
    pub https_port: u16,
    /// MiB after which the log of a container goes into a new file.
    pub log_mib: u32,
    /// Log files that are kept of each container.
    pub log_files: u32,
    /// The authority that issues certificates.
    pub acme_server: String,
}

impl Compose {
    pub(super) fn read(reader: &mut Reader) -> Self {
        let network = |text: &str| {
            text.parse::<Ipv4Net>().ok().filter(|network| (8..=28).contains(&network.prefix_len()) && *network == network.trunc())
        };
        Self {
            network: reader.parsed(
                "compose.network",
                "172.30.36.0/24",
                "a network that is free on this machine, such as 172.30.36.0/24",
                network,
            ),
            context: reader.optional("compose.context", "the name of a Docker context", super::names::plain),
            folder: reader.optional("compose.folder", "a folder of that machine, such as /srv/magnetiq", super::names::folder),
            address: reader.optional("compose.address", "an IPv4 address of this machine, such as 203.0.113.5", |text| text.parse().ok()),
            http_port: reader.number("compose.http_port", 80, 1..=u16::MAX),
            https_port: reader.number("compose.https_port", 443, 1..=u16::MAX),
            log_mib: reader.number("compose.log_mib", 10, 1..=1024),
            log_files: reader.number("compose.log_files", 5, 2..=100),
            acme_server: reader.parsed(
                "compose.acme_server",
                "https://acme-v02.api.letsencrypt.org/directory",
                "the address of an ACME directory",
                |text| super::names::plain(text).filter(|text| text.starts_with("https://")),
            ),
        }
    }
}
