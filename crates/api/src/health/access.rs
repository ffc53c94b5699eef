//! Who may see more than the status: who has the token of operators.

use actix_web::{HttpRequest, http::header};
use base64::{Engine, prelude::BASE64_STANDARD};
use magnetiq_config::{Profile, Settings};
use secrecy::{ExposeSecret, SecretString};
use subtle::ConstantTimeEq;

use crate::error::Error;

/// The token, and what goes without it.
#[derive(Debug)]
pub(crate) struct Access {
    token: Option<SecretString>,
    /// Development without a token: everybody is an operator.
    open: bool,
}

impl Access {
    pub(crate) fn of(settings: &Settings) -> Self {
        let token = settings.health.token.clone();
        Self { open: token.is_none() && settings.profile == Profile::Development, token }
    }

    /// Whether the request comes from an operator.
    ///
    /// # Errors
    ///
    /// [`Error::NotAnOperator`] where it carries a token that is not the one: who has a typing error should hear of it.
    pub(crate) fn is_operator(&self, request: &HttpRequest) -> Result<bool, Error> {
        match given(request) {
            None => Ok(self.open),
            Some(given) if self.is_token(&given) => Ok(true),
            // Somebody's password for a proxy in between is none of ours.
            Some(_) if self.open => Ok(true),
            Some(_) => Err(Error::NotAnOperator),
        }
    }

    /// The same where there is nothing to see for others.
    pub(crate) fn demand(&self, request: &HttpRequest) -> Result<(), Error> {
        if self.is_operator(request)? { Ok(()) } else { Err(Error::NotAnOperator) }
    }

    fn is_token(&self, given: &str) -> bool {
        self.token.as_ref().is_some_and(|token| bool::from(token.expose_secret().as_bytes().ct_eq(given.as_bytes())))
    }
}

/// As a bearer token, or as the password of anybody, which is what a browser can send.
fn given(request: &HttpRequest) -> Option<String> {
    let header = request.headers().get(header::AUTHORIZATION)?.to_str().unwrap_or_default();
    let (scheme, value) = header.split_once(' ').unwrap_or((header, ""));
    if scheme.eq_ignore_ascii_case("bearer") {
        return Some(value.trim().to_owned());
    }
    // What cannot be understood is a wrong token, not none.
    let text = BASE64_STANDARD.decode(value.trim()).ok().and_then(|text| String::from_utf8(text).ok()).unwrap_or_default();
    Some(text.split_once(':').map(|(_, password)| password.to_owned()).unwrap_or_default())
}
