use ipnet::IpNet;

use super::names;
use super::reader::Reader;

/// `[proxy]`: nginx before everything.
#[derive(Debug, Clone)]
pub struct Proxy {
    /// The version of nginx that reads the files: its words changed.
    pub version: Version,
    /// Networks of who stands before it, such as a content delivery network: only these say who asked. None: whoever connects is who asked.
    pub trusted: Vec<IpNet>,
    /// The oldest TLS that is spoken.
    pub tls_min: TlsMin,
    /// Days for which browsers remember that there is only https here.
    pub hsts_days: u32,
    /// Whether they remember it for all hosts below the domain, too.
    pub hsts_subdomains: bool,
    /// Requests to the API that one address may make in a second, on average.
    pub api_per_second: u32,
    /// How many at once above that.
    pub api_burst: u32,
    /// Sign-ins that one address may try in a minute, on average.
    pub login_per_minute: u32,
    /// How many at once above that.
    pub login_burst: u32,
    /// Connections of one address at the same time.
    pub connections: u32,
    /// Whether it listens on IPv6, too. Inside containers it never does: Docker brings both to it.
    pub ipv6: bool,
}

/// A version of nginx: 1.30 is `(1, 30, 0)`.
pub type Version = (u32, u32, u32);

/// The oldest TLS that is spoken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TlsMin {
    /// Mozilla's intermediate list: everything since 2015.
    V1_2,
    /// Mozilla's modern list.
    V1_3,
}

impl Proxy {
    pub(super) fn read(reader: &mut Reader) -> Self {
        Self {
            version: reader.parsed("proxy.version", "1.30", "the version of nginx, 1.20 or newer, such as 1.30", version),
            trusted: reader.list("proxy.trusted", &[], "a network such as 173.245.48.0/20", |text| text.parse().ok()),
            tls_min: reader.choice("proxy.tls_min", TlsMin::V1_2, &[("1.2", TlsMin::V1_2), ("1.3", TlsMin::V1_3)]),
            hsts_days: reader.number("proxy.hsts_days", 365, 1..=3650),
            hsts_subdomains: reader.flag("proxy.hsts_subdomains", false),
            api_per_second: reader.number("proxy.api_per_second", 20, 1..=10_000),
            api_burst: reader.number("proxy.api_burst", 60, 1..=10_000),
            login_per_minute: reader.number("proxy.login_per_minute", 20, 1..=10_000),
            login_burst: reader.number("proxy.login_burst", 10, 1..=10_000),
            connections: reader.number("proxy.connections", 100, 1..=100_000),
            ipv6: reader.flag("proxy.ipv6", true),
        }
    }
}

/// The first that can refuse a handshake for a name that is not ours is 1.19.4.
fn version(text: &str) -> Option<Version> {
    let mut numbers = names::plain(text)?.split('.').map(|part| part.parse().ok()).collect::<Option<Vec<u32>>>()?.into_iter();
    let version = (numbers.next()?, numbers.next()?, numbers.next().unwrap_or(0));
    (version >= (1, 20, 0) && numbers.next().is_none()).then_some(version)
}
