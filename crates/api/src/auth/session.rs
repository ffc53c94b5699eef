//! Sessions: an opaque token in a cookie, its keyed hash in the database.

use std::time::Duration;

use actix_web::{
    HttpRequest,
    cookie::{Cookie, SameSite, time},
    http::header,
};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use magnetiq_storage::{
    Tx,
    rusqlite::{Connection, OptionalExtension, params},
};
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    Role,
    account::{self, Account, State},
    caller::Via,
    keys::{Hashes, Keys, Use},
    known_sessions::Found,
};
use crate::{
    clock::Time,
    error::Error,
    http::problem,
    id::{AccountId, SessionId},
    state::AppState,
};

/// Characters of a browser's name that are kept.
const AGENT_MAX: usize = 200;

/// `seen_at` is written at most this often: reading a page must not cost a write.
const SEEN_EVERY: Duration = Duration::from_secs(5 * 60);

/// Makes tokens and cookies, and knows how long they last.
#[derive(Debug)]
pub(crate) struct Sessions {
    keys: Keys,
    idle: Duration,
    max: Duration,
    secure: bool,
}

impl Sessions {
    /// `secure`: the site is served over https. Then the cookie has the `__Host-` prefix, which only https may set.
    pub(crate) fn new(keys: Keys, idle: Duration, max: Duration, secure: bool) -> Self {
        Self { keys, idle, max, secure }
    }

    fn cookie_name(&self) -> &'static str {
        if self.secure { "__Host-magnetiq" } else { "magnetiq" }
    }

    /// A session ends after this time, however often it is used.
    pub(crate) fn max(&self) -> Duration {
        self.max
    }

    /// A session that is not used for this time ends.
    pub(crate) fn idle(&self) -> Duration {
        self.idle
    }

    /// A cookie with a new token, which ends with the session, and what the token is kept as.
    ///
    /// # Errors
    ///
    /// [`Error::Internal`].
    pub(crate) fn fresh(&self) -> Result<(Cookie<'static>, String), Error> {
        let token = new_token()?;
        let hash = self.hash(&token);
        let max_age = time::Duration::seconds(i64::try_from(self.max.as_secs()).unwrap_or(i64::MAX));
        Ok((self.cookie_with(token, max_age), hash))
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
        self.keys.hash(Use::Session, token)
    }

    /// By which a session may be kept that was started with the key before.
    pub(crate) fn hashes(&self, token: &str) -> Hashes {
        self.keys.hashes(Use::Session, token)
    }
}

/// 256 random bits.
pub(crate) fn new_token() -> Result<String, Error> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes).map_err(|error| Error::internal("get random bytes", error))?;
    Ok(BASE64_URL_SAFE_NO_PAD.encode(bytes))
}

/// A session to be started.
#[derive(Clone, Debug)]
pub(crate) struct NewSession {
    pub(crate) token_hash: String,
    /// The session that the browser had before.
    pub(crate) replaced: Option<Hashes>,
    pub(crate) account: AccountId,
    pub(crate) address: String,
    pub(crate) agent: String,
    pub(crate) lasts: Duration,
}

/// What a browser says it is, cut to a length that can be kept.
pub(crate) fn agent(request: &HttpRequest) -> String {
    let agent = request.headers().get(header::USER_AGENT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    agent.chars().take(AGENT_MAX).collect()
}

/// Starts a session, ends the one that the browser had before, and clears away those that have ended by themselves.
pub(crate) fn start(tx: &Tx, new: &NewSession, now: Time) -> Result<(), Error> {
    tx.prepare_cached("DELETE FROM account_session WHERE expires_at <= ?")?.execute([now])?;
    if let Some(replaced) = &new.replaced {
        end(tx, replaced)?;
    }
    let sql = "INSERT INTO account_session (id, token_hash, account_id, address, agent, created_at, seen_at, expires_at)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?6, ?7)";
    let id = SessionId::new(now);
    tx.prepare_cached(sql)?.execute(params![id, new.token_hash, new.account, new.address, new.agent, now, now.plus(new.lasts)])?;
    account::signed_in(tx, new.account, &new.address, now)
}

/// Gives a session another token, after a change of how its account shows who it is: a copy of the one before signs nobody in any more.
pub(crate) fn rotate(tx: &Tx, id: SessionId, token_hash: &str) -> Result<(), Error> {
    tx.execute("UPDATE account_session SET token_hash = ?2 WHERE id = ?1", params![id, token_hash])?;
    Ok(())
}

/// A session, as its owner sees it in a list.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct Session {
    /// Its id.
    pub(crate) id: SessionId,
    /// When it began.
    pub(crate) created_at: Time,
    /// When it was used last, to within five minutes.
    pub(crate) seen_at: Time,
    /// When it ends, however often it is used.
    pub(crate) expires_at: Time,
    /// Where it began.
    pub(crate) address: String,
    /// The browser, as it names itself.
    pub(crate) agent: String,
    /// Whether it is the one that asks.
    pub(crate) current: bool,
}

/// The living sessions of an account, the one used last first.
pub(crate) fn list(
    conn: &Connection,
    account: AccountId,
    current: Option<SessionId>,
    idle: Duration,
    now: Time,
) -> Result<Vec<Session>, Error> {
    let sql = "SELECT id, created_at, seen_at, expires_at, address, agent FROM account_session
        WHERE account_id = ? AND expires_at > ? AND seen_at > ? ORDER BY seen_at DESC, id DESC";
    let mut statement = conn.prepare_cached(sql)?;
    let rows = statement.query_map(params![account, now, now.minus(idle)], |row| {
        let id = row.get("id")?;
        Ok(Session {
            id,
            created_at: row.get("created_at")?,
            seen_at: row.get("seen_at")?,
            expires_at: row.get("expires_at")?,
            address: row.get("address")?,
            agent: row.get("agent")?,
            current: current == Some(id),
        })
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Ends the session of a cookie.
pub(crate) fn end(tx: &Tx, token: &Hashes) -> Result<(), Error> {
    tx.execute("DELETE FROM account_session WHERE token_hash IN (?, ?)", params![token.current, token.previous])?;
    Ok(())
}

/// Ends one session of an account.
pub(crate) fn end_one(tx: &Tx, account: AccountId, id: SessionId) -> Result<(), Error> {
    let ended = tx.execute("DELETE FROM account_session WHERE account_id = ? AND id = ?", params![account, id])?;
    if ended == 0 { Err(Error::NotFound { what: "session" }) } else { Ok(()) }
}

/// Ends every session of an account but `kept`.
pub(crate) fn end_others(tx: &Tx, account: AccountId, kept: Option<SessionId>) -> Result<usize, Error> {
    Ok(tx.execute("DELETE FROM account_session WHERE account_id = ? AND id IS NOT ?", params![account, kept])?)
}

/// From now on it is kept by the key now.
fn seen(tx: &Tx, token: &Hashes, now: Time) -> Result<(), Error> {
    let sql = "UPDATE account_session SET seen_at = max(seen_at, ?3), token_hash = ?1 WHERE token_hash IN (?1, ?2)";
    tx.execute(sql, params![token.current, token.previous, now])?;
    Ok(())
}

/// A session that has not ended, of an account that may sign in.
fn find(conn: &Connection, token: &Hashes, now: Time) -> Result<Option<Found>, Error> {
    let row: Option<(AccountId, SessionId, Time, Time)> = conn
        .prepare_cached("SELECT account_id, id, seen_at, expires_at FROM account_session WHERE token_hash IN (?1, ?2) AND expires_at > ?3")?
        .query_row(params![token.current, token.previous, now], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)))
        .optional()?;
    let Some((account, id, seen_at, expires_at)) = row else { return Ok(None) };
    let account = account::get(conn, account)?.filter(|account| account.state != State::Disabled);
    Ok(account.map(|account| Found { account, id, seen_at, expires_at }))
}

/// The role of the account that a session is of, as long as it lives. To ask is no use of it.
pub(crate) fn role(conn: &Connection, id: SessionId, now: Time, idle: Duration) -> Result<Option<Role>, Error> {
    let sql = "SELECT role FROM account_session JOIN account ON account.id = account_id
        WHERE account_session.id = ? AND expires_at > ? AND seen_at > ? AND disabled_at IS NULL";
    Ok(conn.prepare_cached(sql)?.query_row(params![id, now, now.minus(idle)], |row| row.get(0)).optional()?)
}

/// The account of the request's session, whose use is noted now and then.
///
/// # Errors
///
/// [`Error::NotSignedIn`] without a living session.
pub(super) async fn account(state: &AppState, request: &HttpRequest) -> Result<(Account, Via), Error> {
    let hash = state.sessions.hashes(&state.sessions.token(request).ok_or(Error::NotSignedIn)?);
    let now = state.clock.now();
    let idle = state.sessions.idle;
    let key = hash.clone();
    let found = match state.known_sessions.get(&hash.current) {
        Ok(found) => found,
        Err(as_of) => {
            let found = state.read(move |conn| find(conn, &key, now)).await?.ok_or(Error::NotSignedIn)?;
            state.known_sessions.keep(hash.current.clone(), &found, as_of);
            found
        }
    };
    let Found { account, id, seen_at, expires_at } = found;
    if expires_at <= now || seen_at.plus(idle) <= now {
        return Err(Error::NotSignedIn);
    }
    if seen_at.plus(SEEN_EVERY) <= now && !state.health.space.refuses_writes() {
        // A full disk or a busy writer must not keep signed-in people from reading.
        if let Err(error) = state.write(move |tx| seen(tx, &hash, now)).await {
            tracing::warn!(cause = %problem::chain(&error), "the use of a session was not noted");
        }
    }
    Ok((account, Via::Session(id)))
}
