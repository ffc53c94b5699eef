//! Who asks, and how they showed it: a session's cookie, or a token in `Authorization`.

use std::{
    future::{Ready, ready},
    net::IpAddr,
    time::Duration,
};

use actix_web::{FromRequest, HttpMessage, HttpRequest, dev::Payload, http::header, web::Data};
use magnetiq_storage::Tx;

use super::{
    Role,
    account::Account,
    area::{self, Area},
    session, token,
};
use crate::{clock::Time, error::Error, http::address, id::SessionId, state::AppState};

/// How a caller showed who they are.
#[derive(Clone, Debug)]
pub(crate) enum Via {
    /// With the cookie of this session.
    Session(SessionId),
    /// With the token of this name, for these areas alone or for all.
    Token { name: String, areas: Option<Vec<Area>> },
}

/// Extractor: who asks, whom [`guard`](super::guard) let pass. A route for everybody has none: 401.
#[derive(Clone, Debug)]
pub(crate) struct Caller {
    /// The account. Its role is what this caller may do: less than the account may, with a token for less.
    pub(crate) account: Account,
    pub(crate) via: Via,
    pub(crate) address: IpAddr,
}

impl Caller {
    /// The session that asks.
    ///
    /// # Errors
    ///
    /// [`Error::SessionNeeded`] for a token.
    pub(crate) fn session(&self) -> Result<SessionId, Error> {
        match self.via {
            Via::Session(id) => Ok(id),
            Via::Token { .. } => Err(Error::SessionNeeded),
        }
    }

    /// Whether a route is within what this caller's token was made for; all are for a session.
    pub(super) fn reaches(&self, path: &str) -> bool {
        match &self.via {
            Via::Token { areas: Some(areas), .. } => area::admit(areas, path),
            Via::Token { areas: None, .. } | Via::Session(_) => true,
        }
    }

    /// Whether this caller may read what visitors sent, wherever it stands: letters quote it.
    pub(crate) fn sees_leads(&self) -> bool {
        let is_in = match &self.via {
            Via::Token { areas: Some(areas), .. } => areas.contains(&Area::Leads),
            Via::Token { areas: None, .. } | Via::Session(_) => true,
        };
        is_in && self.account.role >= Role::Editor
    }

    /// Looks again, where what is written gives somebody power: a body can take half a minute to arrive, and the session may have ended meanwhile.
    ///
    /// # Errors
    ///
    /// [`Error::NotSignedIn`] when the session has ended since, or its account may do something else now.
    pub(crate) fn still(&self, tx: &Tx, idle: Duration, now: Time) -> Result<(), Error> {
        match self.via {
            Via::Session(id) if session::role(tx, id, now, idle)? != Some(self.account.role) => Err(Error::NotSignedIn),
            Via::Session(_) | Via::Token { .. } => Ok(()),
        }
    }

    /// # Errors
    ///
    /// [`Error::NotSignedIn`] without a living session and without a valid token.
    pub(super) async fn of(request: &HttpRequest) -> Result<Self, Error> {
        let state = request.app_data::<Data<AppState>>().expect("the application is built with its state").clone();
        let address = address::client(request, &state.settings.server.trusted_proxies);
        let (account, via) = match bearer(request) {
            Some(text) => token::account(&state, text, address).await?,
            None => session::account(&state, request).await?,
        };
        Ok(Self { account, via, address })
    }
}

fn bearer(request: &HttpRequest) -> Option<&str> {
    let value = request.headers().get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

impl FromRequest for Caller {
    type Error = Error;
    type Future = Ready<Result<Self, Error>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(request.extensions().get::<Caller>().cloned().ok_or(Error::NotSignedIn))
    }
}

/// Extractor: the account of the [`Caller`].
#[derive(Clone, Debug)]
pub(crate) struct SignedIn(pub(crate) Account);

impl FromRequest for SignedIn {
    type Error = Error;
    type Future = Ready<Result<Self, Error>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        ready(Caller::from_request(request, payload).into_inner().map(|caller| SignedIn(caller.account)))
    }
}
