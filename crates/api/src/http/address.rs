//! Who is calling, for limits: the peer, or what a trusted proxy says of it.

use std::{
    net::{IpAddr, Ipv6Addr},
    sync::Once,
};

use actix_web::{HttpRequest, http::header::HeaderName};
use ipnet::IpNet;

const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// The client's address, cut to its [`neighbourhood`].
pub(crate) fn client(request: &HttpRequest, trusted_proxies: &[IpNet]) -> IpAddr {
    neighbourhood(exact(request, trusted_proxies))
}

/// The right-most address in `X-Forwarded-For` that is no trusted proxy, where the peer is one; else the peer.
pub(crate) fn exact(request: &HttpRequest, trusted_proxies: &[IpNet]) -> IpAddr {
    let peer = request.peer_addr().map_or(IpAddr::V6(Ipv6Addr::UNSPECIFIED), |address| address.ip());
    if !request.headers().contains_key(FORWARDED_FOR) {
        return peer.to_canonical();
    }
    if !is_trusted(peer.to_canonical(), trusted_proxies) {
        static TOLD: Once = Once::new();
        TOLD.call_once(|| {
            tracing::warn!(%peer, "X-Forwarded-For comes from an address that is not in server.trusted_proxies: it is not believed. If that is your proxy, all of its visitors count as one");
        });
        return peer.to_canonical();
    }
    let forwarded = request.headers().get_all(FORWARDED_FOR).filter_map(|value| value.to_str().ok()).collect::<Vec<_>>().join(",");
    choose(peer, &forwarded, trusted_proxies)
}

fn is_trusted(address: IpAddr, trusted_proxies: &[IpNet]) -> bool {
    trusted_proxies.iter().any(|net| net.contains(&address))
}

fn choose(peer: IpAddr, forwarded: &str, trusted_proxies: &[IpNet]) -> IpAddr {
    let mut client = peer.to_canonical();
    for hop in forwarded.rsplit(',') {
        if !is_trusted(client, trusted_proxies) {
            break;
        }
        match hop.trim().parse::<IpAddr>() {
            Ok(address) => client = address.to_canonical(),
            Err(_) => break,
        }
    }
    client
}

/// What counts as one client: an IPv6 address is cut to its /64, which is what one customer has.
pub(crate) fn neighbourhood(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(_) => address,
        IpAddr::V6(v6) => IpAddr::V6(Ipv6Addr::from_bits(v6.to_bits() & !u128::from(u64::MAX))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(peer: &str, forwarded: &str, expected: &str) {
        let proxies = ["10.0.0.0/8".parse().unwrap(), "::1/128".parse().unwrap()];
        assert_eq!(choose(peer.parse().unwrap(), forwarded, &proxies), expected.parse::<IpAddr>().unwrap(), "{peer} [{forwarded}]");
    }

    #[test]
    fn only_a_trusted_proxy_is_believed() {
        check("203.0.113.9", "", "203.0.113.9");
        check("203.0.113.9", "198.51.100.1", "203.0.113.9");
        check("10.1.2.3", "198.51.100.1", "198.51.100.1");
        check("::ffff:10.1.2.3", "198.51.100.1", "198.51.100.1");
        check("10.1.2.3", "1.1.1.1, 198.51.100.1", "198.51.100.1");
        check("10.1.2.3", "1.1.1.1, 198.51.100.1, 10.9.9.9", "198.51.100.1");
        check("10.1.2.3", "nonsense", "10.1.2.3");
    }

    #[test]
    fn ipv6_neighbours_share_an_address() {
        assert_eq!(neighbourhood("2001:db8:1:2:3:4:5:6".parse().unwrap()), "2001:db8:1:2::".parse::<IpAddr>().unwrap());
    }
}
