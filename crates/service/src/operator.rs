//! Who a request over HTTP comes from, as far as operators are concerned.

use std::net::IpAddr;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::{HeaderMap, header};
use secrecy::{ExposeSecret, SecretString};
use subtle::ConstantTimeEq;

/// The token that operators have; without one nobody is an operator.
#[derive(Debug, Clone)]
pub struct OperatorToken(Option<SecretString>);

impl OperatorToken {
    /// The token of the settings.
    pub fn new(token: Option<SecretString>) -> Self {
        Self(token)
    }

    /// Whether the request has the token as a bearer. A page elsewhere can not make a browser send that, so it is good for changes.
    pub fn is_bearer(&self, headers: &HeaderMap) -> bool {
        scheme(headers, "bearer").is_some_and(|given| self.is(given))
    }

    /// The same, or as the password of anybody, which is what people can type into a browser: good for looking only.
    pub fn is_given(&self, headers: &HeaderMap) -> bool {
        self.is_bearer(headers) || basic_password(headers).is_some_and(|given| self.is(&given))
    }

    fn is(&self, given: &str) -> bool {
        self.0.as_ref().is_some_and(|token| bool::from(token.expose_secret().as_bytes().ct_eq(given.as_bytes())))
    }
}

/// Whether a request that came over the loopback interface was meant for this machine.
///
/// A page elsewhere can give its own name the address of this machine, and then reads what is here. It can not choose the name.
pub fn is_meant_for_this_machine(headers: &HeaderMap) -> bool {
    let Some(host) = headers.get(header::HOST).and_then(|host| host.to_str().ok()) else { return false };
    let name = match host.strip_prefix('[') {
        Some(rest) => rest.split(']').next().unwrap_or_default(),
        None => host.rsplit_once(':').map_or(host, |(name, _)| name),
    };
    name == "localhost" || name.parse::<IpAddr>().is_ok()
}

fn scheme<'h>(headers: &'h HeaderMap, wanted: &str) -> Option<&'h str> {
    let (scheme, value) = headers.get(header::AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case(wanted).then(|| value.trim())
}

fn basic_password(headers: &HeaderMap) -> Option<String> {
    let text = String::from_utf8(STANDARD.decode(scheme(headers, "basic")?).ok()?).ok()?;
    text.split_once(':').map(|(_, password)| password.to_owned())
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    #[track_caller]
    fn check(authorization: &str, bearer: bool, given: bool) {
        let token = OperatorToken::new(Some("a-token-of-many-bytes".into()));
        let headers = HeaderMap::from_iter([(header::AUTHORIZATION, HeaderValue::from_str(authorization).unwrap())]);
        assert_eq!((token.is_bearer(&headers), token.is_given(&headers)), (bearer, given), "{authorization}");
        assert!(!OperatorToken::new(None).is_given(&headers), "{authorization}");
    }

    #[test]
    fn who_has_the_token() {
        let basic = |text: &str| format!("Basic {}", STANDARD.encode(text));
        check("Bearer a-token-of-many-bytes", true, true);
        check("bearer  a-token-of-many-bytes ", true, true);
        check(&basic("anybody:a-token-of-many-bytes"), false, true);
        check(&basic("a-token-of-many-bytes:"), false, false);
        for wrong in ["Bearer a-token-of-many-byte", "Bearer ", "a-token-of-many-bytes", "Basic !", "Digest a-token-of-many-bytes"] {
            check(wrong, false, false);
        }
    }

    #[test]
    fn names_of_this_machine() {
        let meant = |host: &'static str| is_meant_for_this_machine(&HeaderMap::from_iter([(header::HOST, HeaderValue::from_static(host))]));
        for host in ["localhost", "localhost:3038", "127.0.0.1:3038", "[::1]:3038", "[::1]", "192.168.0.5"] {
            assert!(meant(host), "{host}");
        }
        for host in ["evil.example:3038", "localhost.evil.example", "", "127.0.0.1.nip.io"] {
            assert!(!meant(host), "{host}");
        }
        assert!(!is_meant_for_this_machine(&HeaderMap::new()));
    }
}
