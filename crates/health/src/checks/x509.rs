//! What a certificate says: until when, and for whom.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use jiff::Timestamp;
use x509_parser::extensions::GeneralName;
use x509_parser::pem::Pem;
use x509_parser::prelude::{FromDer, X509Certificate};

/// Three months. Whoever has a certificate for longer wants to hear of its end no earlier than others.
const LONG_SECONDS: f64 = 90.0 * 86_400.0;

/// The certificate of a server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Certificate {
    der: Vec<u8>,
    /// From when it is valid.
    pub(crate) not_before: Timestamp,
    /// Until when.
    pub(crate) not_after: Timestamp,
    /// Its serial number, in hex.
    pub(crate) serial: String,
    names: Vec<Name>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Name {
    Dns(String),
    Ip(IpAddr),
}

impl Certificate {
    /// Parses the DER form.
    ///
    /// # Errors
    ///
    /// A sentence that says what is wrong with it.
    pub(crate) fn from_der(der: &[u8]) -> Result<Self, String> {
        let (_, parsed) = X509Certificate::from_der(der).map_err(|error| format!("it is no X.509 certificate: {error}"))?;
        let moment = |time: i64| Timestamp::from_second(time).map_err(|error| format!("its validity is no time: {error}"));
        let names = parsed.subject_alternative_name().map_err(|error| format!("its names cannot be read: {error}"))?;
        let names = names.map(|extension| extension.value.general_names.iter().filter_map(name).collect()).unwrap_or_default();
        Ok(Self {
            der: der.to_owned(),
            not_before: moment(parsed.validity().not_before.timestamp())?,
            not_after: moment(parsed.validity().not_after.timestamp())?,
            serial: parsed.raw_serial_as_string(),
            names,
        })
    }

    /// The first certificate of a PEM file, which is the server's; the chain follows it.
    ///
    /// # Errors
    ///
    /// A sentence that says what is wrong with it.
    pub(crate) fn from_pem(pem: &[u8]) -> Result<Self, String> {
        for block in Pem::iter_from_buffer(pem) {
            let block = block.map_err(|error| format!("it is no PEM: {error}"))?;
            if block.label == "CERTIFICATE" {
                return Self::from_der(&block.contents);
            }
        }
        Err("it has no certificate".to_owned())
    }

    /// Whether it is for `host`, a name or an address. A wildcard stands for one label.
    pub(crate) fn is_for(&self, host: &str) -> bool {
        let host = host.trim_end_matches('.').to_ascii_lowercase();
        let address: Option<IpAddr> = host.parse().ok();
        self.names.iter().any(|name| match (name, address) {
            (Name::Ip(ip), Some(address)) => *ip == address,
            (Name::Dns(name), None) => match name.strip_prefix("*.") {
                Some(rest) => host.split_once('.').is_some_and(|(label, parent)| !label.is_empty() && parent == rest),
                None => *name == host,
            },
            _ => false,
        })
    }

    /// The names that it is for, for people: at most eight of them.
    pub(crate) fn names(&self) -> String {
        if self.names.is_empty() {
            return "no name at all".to_owned();
        }
        let mut names: Vec<String> = self
            .names
            .iter()
            .take(8)
            .map(|name| match name {
                Name::Dns(name) => name.clone(),
                Name::Ip(ip) => ip.to_string(),
            })
            .collect();
        if self.names.len() > names.len() {
            names.push(format!("{} more", self.names.len() - names.len()));
        }
        names.join(", ")
    }

    /// The part that is left of its lifetime, or of [`LONG_SECONDS`] where it lives longer, in percent: 0 once it has expired. So one limit
    /// does for certificates of six days, of three months, and of a year.
    pub(crate) fn left_percent(&self, now: Timestamp) -> f64 {
        let lifetime = self.not_after.duration_since(self.not_before).as_secs_f64().min(LONG_SECONDS);
        let left = self.not_after.duration_since(now).as_secs_f64();
        if lifetime > 0.0 { (left / lifetime * 100.0).clamp(0.0, 100.0) } else { 0.0 }
    }

    /// Whether the other one is the same, byte for byte.
    #[cfg(feature = "remote")]
    pub(crate) fn is(&self, other: &Self) -> bool {
        self.der == other.der
    }
}

fn name(name: &GeneralName<'_>) -> Option<Name> {
    match name {
        GeneralName::DNSName(name) => Some(Name::Dns(name.trim_end_matches('.').to_ascii_lowercase())),
        GeneralName::IPAddress(bytes) => {
            let four = <[u8; 4]>::try_from(*bytes).map(|bytes| IpAddr::from(Ipv4Addr::from(bytes)));
            four.or_else(|_| <[u8; 16]>::try_from(*bytes).map(|bytes| IpAddr::from(Ipv6Addr::from(bytes)))).ok().map(Name::Ip)
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn made(names: &[&str]) -> Certificate {
        let signed = rcgen::generate_simple_self_signed(names.iter().map(ToString::to_string).collect::<Vec<_>>()).unwrap();
        let certificate = Certificate::from_der(signed.cert.der()).unwrap();
        assert_eq!(Certificate::from_pem(signed.cert.pem().as_bytes()), Ok(certificate.clone()));
        certificate
    }

    fn check(names: &[&str], host: &str, expected: bool) {
        assert_eq!(made(names).is_for(host), expected, "{names:?} for {host}");
    }

    #[test]
    fn names_match_as_a_browser_would() {
        check(&["site.example"], "site.example", true);
        check(&["Site.example"], "sitE.example.", true);
        check(&["site.example"], "www.site.example", false);
        check(&["*.site.example"], "www.site.example", true);
        check(&["*.site.example"], "a.www.site.example", false);
        check(&["*.site.example"], "site.example", false);
        check(&["a.example", "b.example"], "b.example", true);
        check(&["127.0.0.1", "::1"], "127.0.0.1", true);
        check(&["127.0.0.1", "::1"], "::1", true);
        check(&["127.0.0.1"], "127.0.0.2", false);
        check(&[], "site.example", false);
    }

    #[test]
    fn what_is_no_certificate_is_told() {
        let told = |pem: &str| Certificate::from_pem(pem.as_bytes()).unwrap_err();
        assert_eq!(told(""), "it has no certificate");
        assert_eq!(told("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"), "it has no certificate");
        assert!(told("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n").starts_with("it is no X.509 certificate: "));
        assert!(told("-----BEGIN CERTIFICATE-----\nAAAA\n").starts_with("it is no PEM: "));
    }

    #[test]
    fn the_part_that_is_left_is_bounded() {
        let certificate = Certificate {
            der: Vec::new(),
            not_before: "2026-11-01T00:00:00Z".parse().unwrap(),
            not_after: "2026-11-11T00:00:00Z".parse().unwrap(),
            serial: String::new(),
            names: Vec::new(),
        };
        for (now, left) in [("2026-10-01T00:00:00Z", 100.0), ("2026-11-06T00:00:00Z", 50.0), ("2026-12-01T00:00:00Z", 0.0)] {
            assert_eq!(certificate.left_percent(now.parse().unwrap()).to_bits(), f64::to_bits(left), "{now}");
        }
    }
}
