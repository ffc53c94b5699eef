//! Who may see and do what.

use std::net::IpAddr;

use axum::http::{HeaderMap, header};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use magnetiq_config::{Profile, Settings};
use secrecy::{ExposeSecret, SecretString};
use subtle::ConstantTimeEq;

/// Who may see and do what.
#[derive(Debug, Clone)]
pub(crate) struct Access {
    token: Option<SecretString>,
    /// Everybody may see the names of the sites, and how they are.
    public: bool,
    /// Whoever works on this machine may see all: a site in development. In production a proxy on this machine could pass strangers on.
    open: bool,
}

impl Access {
    pub(crate) fn of(settings: &Settings) -> Self {
        let healthd = &settings.healthd;
        let open = settings.profile == Profile::Development && healthd.host.is_loopback();
        Self { token: healthd.token.clone(), public: healthd.public, open }
    }

    fn is_token(&self, given: &str) -> bool {
        self.token.as_ref().is_some_and(|token| bool::from(token.expose_secret().as_bytes().ct_eq(given.as_bytes())))
    }

    /// Whether maintenance may be begun and ended.
    pub(crate) fn may_write(&self, headers: &HeaderMap) -> bool {
        bearer(headers).is_some_and(|given| self.is_token(given))
    }

    /// Whether causes may be seen. A browser can send the token as the password of anybody. To write it can not, as other sites could make it
    /// do so.
    pub(crate) fn may_see_all(&self, headers: &HeaderMap) -> bool {
        let by_password = || basic_password(headers).is_some_and(|given| self.is_token(&given));
        (self.open && is_of_this_machine(headers)) || self.may_write(headers) || by_password()
    }

    /// Whether names and states may be seen.
    pub(crate) fn may_see(&self, headers: &HeaderMap) -> bool {
        self.public || self.may_see_all(headers)
    }
}

fn authorization(headers: &HeaderMap) -> Option<(&str, &str)> {
    headers.get(header::AUTHORIZATION)?.to_str().ok()?.split_once(' ')
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    authorization(headers).filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer")).map(|(_, token)| token.trim())
}

fn basic_password(headers: &HeaderMap) -> Option<String> {
    let (_, text) = authorization(headers).filter(|(scheme, _)| scheme.eq_ignore_ascii_case("basic"))?;
    let text = String::from_utf8(STANDARD.decode(text.trim()).ok()?).ok()?;
    text.split_once(':').map(|(_, password)| password.to_owned())
}

/// A page elsewhere can give its own name the address of this machine, and then reads what is here. It can not choose the name.
fn is_of_this_machine(headers: &HeaderMap) -> bool {
    let Some(host) = headers.get(header::HOST).and_then(|host| host.to_str().ok()) else { return false };
    let name = match host.strip_prefix('[') {
        Some(rest) => rest.split(']').next().unwrap_or_default(),
        None => host.rsplit_once(':').map_or(host, |(name, _)| name),
    };
    name == "localhost" || name.parse::<IpAddr>().is_ok()
}
