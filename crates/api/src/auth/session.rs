//! Sessions: an opaque token in a cookie, its keyed hash in the database.

use std::{
    future::{Ready, ready},
    time::Duration,
};

use actix_web::{
    FromRequest, HttpMessage, HttpRequest,
    cookie::{Cookie, SameSite, time},
    dev::Payload,
    web::Data,
};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit, Mac};
use magnetiq_storage::{
    Tx,
    rusqlite::{Connection, OptionalExtension, params},
};
use secrecy::{ExposeSecret, SecretString};
use sha2::Sha256;

use super::account::{self, Account};
use crate::{clock::Time, error::Error, http::problem, id::AccountId, state::AppState};

/// `seen_at` is written at most this often: reading a page must not cost a write.
const SEEN_EVERY: Duration = Duration::from_secs(5 * 60);

/// Makes tokens and cookies, and knows how long they last.
#[derive(Debug)]
pub(crate) struct Sessions {
    key: SecretString,
    idle: Duration,
    max: Duration,
    secure: bool,
}

impl Sessions {
    /// `secure`: the site is served over https. Then the cookie has the `__Host-` prefix, which only https may set.
    pub(crate) fn new(key: SecretString, idle: Duration, max: Duration, secure: bool) -> Self {
        Self { key, idle, max, secure }
    }

    fn cookie_name(&self) -> &'static str {
        if self.secure { "__Host-magnetiq" } else { "magnetiq" }
    }

    /// A session ends after this time, however often it is used.
    pub(crate) fn max(&self) -> Duration {
        self.max
    }

    /// A cookie that carries `token` and ends with the session.
    pub(crate) fn cookie(&self, token: &str) -> Cookie<'static> {
        let max_age = time::Duration::seconds(i64::try_from(self.max.as_secs()).unwrap_or(i64::MAX));
        self.cookie_with(token.to_owned(), max_age)
    }

    /// A cookie that makes the browser forget the session.
    pub(crate) fn removal(&self) -> Cookie<'static> {
        self.cookie_with(String::new(), time::Duration::ZERO)
    }

    fn cookie_with(&self, value: String, max_age: time::Duration) -> Cookie<'static> {
        Cookie::build(self.cookie_name(), value)
            .path("/")
            .http_only(true)
            .secure(self.secure)
            .same_site(SameSite::Lax)
            .max_age(max_age)
            .finish()
    }

    pub(crate) fn token(&self, request: &HttpRequest) -> Option<String> {
        request.cookie(self.cookie_name()).map(|cookie| cookie.value().to_owned())
    }

    /// The hash is keyed with the secret key: a copy of the database signs nobody in, and a new key ends every session.
    pub(crate) fn hash(&self, token: &str) -> String {
        let mut mac = Hmac::<Sha256>::new_from_slice(self.key.expose_secret().as_bytes()).expect("HMAC takes keys of any length");
        mac.update(b"session\0");
        mac.update(token.as_bytes());
        hex::encode(mac.finalize().into_bytes())
    }
}

/// 256 random bits.
pub(crate) fn new_token() -> Result<String, Error> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes).map_err(|error| Error::Random { detail: error.to_string() })?;
    Ok(BASE64_URL_SAFE_NO_PAD.encode(bytes))
}

/// Starts a session, ends the one that the browser had before, and clears away those that have ended by themselves.
pub(crate) fn start(tx: &Tx, token_hash: &str, replaced: Option<&str>, account: AccountId, now: Time, max: Duration) -> Result<(), Error> {
    tx.prepare_cached("DELETE FROM account_session WHERE expires_at <= ?1 OR token_hash = ?2")?.execute(params![now, replaced])?;
    tx.prepare_cached("INSERT INTO account_session (token_hash, account_id, created_at, seen_at, expires_at) VALUES (?1, ?2, ?3, ?3, ?4)")?
        .execute(params![token_hash, account, now, now.plus(max)])?;
    Ok(())
}

pub(crate) fn end(tx: &Tx, token_hash: &str) -> Result<(), Error> {
    tx.execute("DELETE FROM account_session WHERE token_hash = ?", [token_hash])?;
    Ok(())
}

fn seen(tx: &Tx, token_hash: &str, now: Time) -> Result<(), Error> {
    tx.execute("UPDATE account_session SET seen_at = max(seen_at, ?2) WHERE token_hash = ?1", params![token_hash, now])?;
    Ok(())
}

/// The account of a living session, and when it was last seen.
fn find(conn: &Connection, token_hash: &str, now: Time, idle: Duration) -> Result<Option<(Account, Time)>, Error> {
    let row: Option<(AccountId, Time)> = conn
        .prepare_cached("SELECT account_id, seen_at FROM account_session WHERE token_hash = ?1 AND expires_at > ?2")?
        .query_row(params![token_hash, now], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    match row {
        Some((id, seen_at)) if seen_at.plus(idle) > now => Ok(account::get(conn, id)?.map(|account| (account, seen_at))),
        _ => Ok(None),
    }
}

/// The account of the request's session, whose use is noted now and then.
///
/// # Errors
///
/// [`Error::NotSignedIn`] without a living session.
pub(crate) async fn account(request: &HttpRequest) -> Result<Account, Error> {
    let state = request.app_data::<Data<AppState>>().expect("the application is built with its state").clone();
    let hash = state.sessions.hash(&state.sessions.token(request).ok_or(Error::NotSignedIn)?);
    let now = state.clock.now();
    let idle = state.sessions.idle;
    let key = hash.clone();
    let (account, seen_at) = state.read(move |conn| find(conn, &key, now, idle)).await?.ok_or(Error::NotSignedIn)?;
    if seen_at.plus(SEEN_EVERY) <= now && !state.health.space.refuses_writes() {
        // A full disk or a busy writer must not keep signed-in people from reading.
        if let Err(error) = state.write(move |tx| seen(tx, &hash, now)).await {
            tracing::warn!(cause = %problem::chain(&error), "the use of a session was not noted");
        }
    }
    Ok(account)
}

/// Extractor: the signed-in account, whom [`guard`](super::guard) let pass. A route for everybody has none: 401.
#[derive(Clone, Debug)]
pub(crate) struct SignedIn(pub(crate) Account);

impl FromRequest for SignedIn {
    type Error = Error;
    type Future = Ready<Result<Self, Error>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(request.extensions().get::<SignedIn>().cloned().ok_or(Error::NotSignedIn))
    }
}
