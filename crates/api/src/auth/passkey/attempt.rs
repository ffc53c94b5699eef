//! An attempt to make or to use a passkey: what it began with lies sealed in a cookie of the browser that began it, and nothing of it on the
//! server, so that strangers who begin a million of them fill nothing.

use std::time::Duration;

use actix_web::{
    HttpRequest,
    cookie::{Cookie, SameSite, time},
};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use magnetiq_storage::{Tx, rusqlite::params};
use sha2::{Digest, Sha256};

use crate::{
    auth::keys::{Keys, Use},
    clock::Time,
    error::Error,
};

/// As long as the browser waits for the device.
const LASTS: Duration = Duration::from_secs(5 * 60);

const TIME_BYTES: usize = 8;

/// Seals attempts, and opens them again.
#[derive(Debug)]
pub(super) struct Attempts {
    keys: Keys,
    secure: bool,
}

/// An attempt that the request's browser began, and that has not ended.
#[derive(Clone, Debug)]
pub(super) struct Attempt {
    /// What the ceremony began with.
    pub(super) state: Vec<u8>,
    hash: String,
    expires_at: Time,
}

impl Attempts {
    pub(super) fn new(keys: Keys, secure: bool) -> Self {
        Self { keys, secure }
    }

    fn cookie(&self, value: String, max_age: time::Duration) -> Cookie<'static> {
        let name = if self.secure { "__Host-magnetiq-passkey" } else { "magnetiq-passkey" };
        Cookie::build(name, value).path("/").http_only(true).secure(self.secure).same_site(SameSite::Strict).max_age(max_age).finish()
    }

    /// The cookie of a new attempt. `owner` is what it is for: it opens for nothing else.
    pub(super) fn begin(&self, owner: &str, state: &[u8], now: Time) -> Result<Cookie<'static>, Error> {
        let content = [&now.plus(LASTS).as_millis().to_be_bytes()[..], state].concat();
        let sealed = self.keys.seal(Use::Passkey, owner, &content)?;
        let max_age = time::Duration::seconds(i64::try_from(LASTS.as_secs()).unwrap_or(i64::MAX));
        Ok(self.cookie(BASE64_URL_SAFE_NO_PAD.encode(sealed), max_age))
    }

    /// The attempt of the request's browser; none when it began none for `owner`, or it has ended.
    pub(super) fn of(&self, request: &HttpRequest, owner: &str, now: Time) -> Option<Attempt> {
        let cookie = request.cookie(self.cookie(String::new(), time::Duration::ZERO).name())?;
        let sealed = BASE64_URL_SAFE_NO_PAD.decode(cookie.value()).ok()?;
        let content = self.keys.open(Use::Passkey, owner, &sealed).ok()?;
        let (expires_at, state) = content.split_first_chunk::<TIME_BYTES>()?;
        let expires_at = Time::from_millis(i64::from_be_bytes(*expires_at));
        (expires_at > now).then(|| Attempt { state: state.to_vec(), hash: hex::encode(Sha256::digest(&content)), expires_at })
    }

    /// A cookie that makes the browser forget the attempt.
    pub(super) fn removal(&self) -> Cookie<'static> {
        self.cookie(String::new(), time::Duration::ZERO)
    }
}

impl Attempt {
    /// Uses it up; whether it was there to be used.
    pub(super) fn take(&self, tx: &Tx, now: Time) -> Result<bool, Error> {
        tx.prepare_cached("DELETE FROM passkey_attempt WHERE expires_at <= ?")?.execute([now])?;
        let sql = "INSERT INTO passkey_attempt (hash, expires_at) VALUES (?, ?) ON CONFLICT DO NOTHING";
        Ok(tx.prepare_cached(sql)?.execute(params![self.hash, self.expires_at])? == 1)
    }
}
