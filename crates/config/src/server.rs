use std::net::IpAddr;
use std::time::Duration;

use ipnet::IpNet;
use url::Url;

use crate::names::API_PORT;
use crate::rate_limits::RateLimits;
use crate::reader::Reader;

/// `[server]`: the HTTP side of the API server.
#[derive(Debug, Clone)]
pub struct Server {
    /// The address to listen on.
    pub host: IpAddr,
    /// The port to listen on; 0 lets the system choose.
    pub port: u16,
    /// The address that visitors type. Cookies, links and the check of the origin depend on it.
    pub public_url: Url,
    /// Who may say for whom a request was forwarded (`X-Forwarded-*`).
    pub trusted_proxies: Vec<IpNet>,
    /// What this server was deployed as; probes tell it, so that who deploys knows which one answers. Empty: they don't.
    pub release: String,
    /// Other sites whose scripts may call the API, such as `https://app.example.com`; `*` for all of them.
    pub cors_origins: Vec<String>,
    /// Whether an address that an administrator set, of the mail server or a social network, may lead to this machine or its network.
    pub private_targets: bool,
    /// Serves the API documentation.
    pub debug: bool,
    /// Threads that serve requests.
    pub workers: usize,
    /// Connections at the same time for each worker; further ones wait until one ends.
    pub connections_max: usize,
    /// How long a client may take to send the head of a request.
    pub request_timeout: Duration,
    /// How long a client may take to send the body of a request that is no upload.
    pub body_timeout: Duration,
    /// How long a client may take nothing of its answer.
    pub write_timeout: Duration,
    /// How long requests are still taken after the signal to stop, while `/readyz` says no already.
    pub drain: Duration,
    /// How long running requests may go on after the signal to stop.
    pub shutdown_timeout: Duration,
    /// The longest JSON body that is read, in bytes.
    pub json_limit_bytes: usize,
    /// How many requests are answered in a minute.
    pub rate_limits: RateLimits,
}

impl Server {
    pub(crate) fn read(reader: &mut Reader) -> Self {
        let public_url = reader.by_profile("http://localhost:8036", "https://example.com");
        let debug = reader.by_profile(true, false);
        let private_targets = reader.by_profile(true, false);
        Self {
            host: reader.parsed("server.host", "127.0.0.1", "an IP address: 127.0.0.1 for this machine only, 0.0.0.0 for all", |text| {
                text.parse().ok()
            }),
            port: reader.number("server.port", API_PORT, 0..=u16::MAX),
            public_url: reader.parsed("server.public_url", public_url, "an address such as https://www.example.com", web_address),
            trusted_proxies: reader.list(
                "server.trusted_proxies",
                &["127.0.0.0/8", "::1/128"],
                "a network such as 10.0.0.0/8 or an IP address",
                network,
            ),
            release: reader.parsed("server.release", "", "letters, digits, dots, hyphens, at most 64", release),
            cors_origins: reader.list("server.cors_origins", &[], "an origin such as https://app.example.com, or *", origin),
            private_targets: reader.flag("server.private_targets", private_targets),
            debug: reader.flag("server.debug", debug),
            workers: reader.count_or_cores("server.workers"),
            connections_max: reader.number("server.connections_max", 5_000, 16..=1_000_000),
            request_timeout: Duration::from_millis(reader.number("server.request_timeout_ms", 5_000, 100..=600_000)),
            body_timeout: Duration::from_millis(reader.number("server.body_timeout_ms", 30_000, 100..=600_000)),
            write_timeout: Duration::from_millis(reader.number("server.write_timeout_ms", 30_000, 1_000..=600_000)),
            drain: Duration::from_millis(reader.number("server.drain_ms", 0, 0..=600_000)),
            shutdown_timeout: Duration::from_millis(reader.number("server.shutdown_timeout_ms", 10_000, 1_000..=600_000)),
            json_limit_bytes: reader.number("server.json_limit_bytes", 1024 * 1024, 1024..=64 * 1024 * 1024),
            rate_limits: RateLimits::read(reader),
        }
    }
}

/// Scheme, host and port; the site lives at the root of its host.
fn web_address(text: &str) -> Option<Url> {
    let url = Url::parse(text).ok()?;
    let web = matches!(url.scheme(), "http" | "https") && url.has_host();
    let plain = url.path() == "/" && url.query().is_none() && url.fragment().is_none() && url.username().is_empty();
    (web && plain && url.password().is_none()).then_some(url)
}

/// It stands in answers as it is.
fn release(text: &str) -> Option<String> {
    let right = |c: char| c.is_ascii_alphanumeric() || ".-_+".contains(c);
    (text.len() <= 64 && text.chars().all(right)).then(|| text.to_owned())
}

pub(crate) fn network(text: &str) -> Option<IpNet> {
    text.parse().ok().or_else(|| text.parse::<IpAddr>().ok().map(IpNet::from))
}

/// An origin as browsers send it: no slash at the end, no standard port.
fn origin(text: &str) -> Option<String> {
    if text == "*" {
        return Some(text.to_owned());
    }
    web_address(text).map(|url| url.origin().ascii_serialization())
}
