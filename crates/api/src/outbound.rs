//! Where connections to others may lead. Administrators set addresses in the admin area, and one that leads to this machine or its network would
//! let them, or whoever took their session, ask servers that only this machine can reach (SSRF). A name is looked at when the connection is
//! made, by the addresses that it has then: what it had earlier says nothing.

use std::{
    error::Error as StdError,
    io,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    sync::Arc,
    time::Duration,
};

use magnetiq_config::{Profile, Settings};
use reqwest::{
    dns::{Addrs, Name as HostName, Resolve, Resolving},
    redirect::Policy,
};

use crate::settings::ORIGIN;

/// Which addresses may be connected to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reach {
    /// All.
    Everywhere,
    /// Those of the internet only.
    Public,
    /// This machine and private networks only.
    Near,
}

impl Reach {
    /// For an address that the setting `key` gives: who runs the machine may name any, administrators only public ones.
    pub(crate) fn of(settings: &Settings, key: &str) -> Self {
        let by_administrator = settings.explain().iter().any(|entry| entry.key == key && entry.origin == ORIGIN);
        if by_administrator && !settings.server.private_targets { Self::Public } else { Self::Everywhere }
    }

    /// For a social network: development never reaches a real one, whatever its name leads to.
    pub(crate) fn of_network(settings: &Settings, key: &str) -> Self {
        match settings.profile {
            Profile::Development => Self::Near,
            Profile::Production => Self::of(settings, key),
        }
    }

    pub(crate) fn allows(self, address: IpAddr) -> bool {
        match self {
            Self::Everywhere => true,
            Self::Public => is_public(address),
            Self::Near => is_near(address),
        }
    }

    /// The addresses of a host that may be connected to.
    ///
    /// # Errors
    ///
    /// When the name has no address, or none of those that are allowed.
    pub(crate) async fn resolve(self, host: &str, port: u16) -> io::Result<Vec<SocketAddr>> {
        let found: Vec<SocketAddr> = tokio::net::lookup_host((host, port)).await?.collect();
        let allowed: Vec<SocketAddr> = found.iter().copied().filter(|address| self.allows(address.ip())).collect();
        match (allowed.is_empty(), self) {
            (false, _) => Ok(allowed),
            (true, Self::Near) => Err(io::Error::other("it is beyond this machine and its network, where development does not send")),
            (true, _) if found.is_empty() => Err(io::Error::other("the name has no address")),
            (true, _) => {
                Err(io::Error::other("it leads into a private network: who runs the machine can allow that (server.private_targets)"))
            }
        }
    }
}

/// A client that goes nowhere but where it is told to, and not for longer than it may.
///
/// # Errors
///
/// Where TLS cannot be set up.
pub(crate) fn client(reach: Reach, timeout: Duration) -> Result<reqwest::Client, Box<dyn StdError + Send + Sync>> {
    let roots = rustls::RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let tls = rustls::ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions()?;
    let tls = tls.with_root_certificates(roots).with_no_client_auth();
    let client = reqwest::Client::builder()
        .tls_backend_preconfigured(tls)
        .dns_resolver(Arc::new(Resolver(reach)))
        .redirect(Policy::none())
        .timeout(timeout)
        .no_proxy()
        .user_agent(concat!("magnetiq/", env!("CARGO_PKG_VERSION")))
        .build()?;
    Ok(client)
}

#[derive(Debug)]
struct Resolver(Reach);

impl Resolve for Resolver {
    fn resolve(&self, name: HostName) -> Resolving {
        let reach = self.0;
        Box::pin(async move {
            let addresses: Vec<SocketAddr> = reach.resolve(name.as_str(), 0).await?;
            Ok(Box::new(addresses.into_iter()) as Addrs)
        })
    }
}

fn is_near(address: IpAddr) -> bool {
    match address.to_canonical() {
        IpAddr::V4(address) => address.is_loopback() || address.is_private(),
        IpAddr::V6(address) => address.is_loopback() || address.is_unique_local(),
    }
}

fn is_public(address: IpAddr) -> bool {
    match address.to_canonical() {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => is_public_v6(address),
    }
}

/// What the registry of special addresses (IANA) calls globally reachable.
fn is_public_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    let is_shared = a == 100 && (64..128).contains(&b);
    let is_protocol = (a, b, c) == (192, 0, 0);
    let is_benchmark = a == 198 && (18..20).contains(&b);
    !(a == 0
        || a >= 240
        || is_shared
        || is_protocol
        || is_benchmark
        || address.is_private()
        || address.is_loopback()
        || address.is_link_local()
        || address.is_multicast()
        || address.is_documentation())
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    let segments = address.segments();
    let v4_at = |at: usize| {
        let ([a, b], [c, d]) = (segments[at].to_be_bytes(), segments[at + 1].to_be_bytes());
        Ipv4Addr::new(a, b, c, d)
    };
    match segments {
        // Addresses that carry one of the fourth version: NAT64 and 6to4.
        [0x64, 0xff9b, 0, 0, 0, 0, ..] => is_public_v4(v4_at(6)),
        [0x2002, ..] => is_public_v4(v4_at(1)),
        [0x2001, 0..=0x01ff, ..] | [0x2001, 0x0db8, ..] | [0x3fff, 0..=0x0fff, ..] => false,
        // Everything that is given out today.
        [first, ..] => (0x2000..=0x3fff).contains(&first),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses() {
        for (address, public, near) in [
            ("8.8.8.8", true, false),
            ("2606:4700:4700::1111", true, false),
            ("127.0.0.1", false, true),
            ("::1", false, true),
            ("::ffff:127.0.0.1", false, true),
            ("10.1.2.3", false, true),
            ("192.168.0.1", false, true),
            ("172.16.0.1", false, true),
            ("172.32.0.1", true, false),
            ("fd00::1", false, true),
            ("169.254.169.254", false, false),
            ("fe80::1", false, false),
            ("100.100.100.200", false, false),
            ("0.0.0.0", false, false),
            ("::", false, false),
            ("255.255.255.255", false, false),
            ("192.0.0.192", false, false),
            ("198.18.0.1", false, false),
            ("224.0.0.1", false, false),
            ("ff02::1", false, false),
            ("64:ff9b::a9fe:a9fe", false, false),
            ("64:ff9b::808:808", true, false),
            ("2002:7f00:1::", false, false),
            ("2001:db8::1", false, false),
            ("fd00:ec2::254", false, true),
        ] {
            let ip: IpAddr = address.parse().unwrap();
            assert_eq!((Reach::Public.allows(ip), Reach::Near.allows(ip)), (public, near), "{address}");
            assert!(Reach::Everywhere.allows(ip));
        }
    }
}
