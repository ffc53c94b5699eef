//! Tokens for programs: an account's own, for at most what the account may do, until a day.

use std::{net::IpAddr, time::Duration};

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use magnetiq_storage::{
    Tx,
    rusqlite::{Connection, OptionalExtension, Row, params, types::Type},
};
use serde::Serialize;
use sha2::{Digest, Sha256};
use utoipa::ToSchema;

use super::{
    Role,
    account::{self, Account, State},
    area::Area,
    caller::Via,
    keys::{Hashes, Use},
    session,
};
use crate::{
    clock::Time,
    error::Error,
    http::problem,
    id::{AccountId, TokenId},
    state::AppState,
};

/// What every token begins with, so that programs that look for secrets in sources find it.
const PREFIX: &str = "mgt_";
/// Tokens that one account may have.
const TOKENS_MAX: u32 = 50;
/// `used_at` is written at most this often.
const USED_EVERY: Duration = Duration::from_secs(5 * 60);

/// A token, without what signs in with it: that is shown once, when it is made.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct ApiToken {
    /// Its id.
    pub(crate) id: TokenId,
    /// What it is for.
    #[schema(examples("deploy script"))]
    pub(crate) name: String,
    /// What it may do at most; never more than its account.
    pub(crate) role: Role,
    /// The parts of the admin area that it is for; null: all.
    pub(crate) areas: Option<Vec<Area>>,
    /// When it was made.
    pub(crate) created_at: Time,
    /// When it ends.
    pub(crate) expires_at: Time,
    /// When it was used last, to within five minutes.
    pub(crate) used_at: Option<Time>,
    /// From where.
    pub(crate) used_from: Option<String>,
}

const COLUMNS: &str = "id, name, role, areas, created_at, expires_at, used_at, used_from";

fn from_row(row: &Row<'_>) -> magnetiq_storage::rusqlite::Result<ApiToken> {
    let areas: Option<String> = row.get("areas")?;
    let failed = |error| magnetiq_storage::rusqlite::Error::FromSqlConversionFailure(0, Type::Text, Box::new(error));
    Ok(ApiToken {
        areas: areas.map(|areas| serde_json::from_str(&areas)).transpose().map_err(failed)?,
        id: row.get("id")?,
        name: row.get("name")?,
        role: row.get("role")?,
        created_at: row.get("created_at")?,
        expires_at: row.get("expires_at")?,
        used_at: row.get("used_at")?,
        used_from: row.get("used_from")?,
    })
}

/// Characters at the end of a token, by which a program that looks for secrets tells it from text that only looks like one.
const CHECKSUM_CHARACTERS: usize = 6;

/// A new token's text: the prefix, 256 random bits, and the first characters of the base64url of the SHA-256 of both.
pub(crate) fn new_text() -> Result<String, Error> {
    let text = format!("{PREFIX}{}", session::new_token()?);
    let checksum = BASE64_URL_SAFE_NO_PAD.encode(Sha256::digest(text.as_bytes()));
    Ok(format!("{text}{}", &checksum[..CHECKSUM_CHARACTERS]))
}

/// A token to be made.
#[derive(Clone, Debug)]
pub(crate) struct NewToken {
    pub(crate) name: String,
    pub(crate) role: Role,
    pub(crate) areas: Option<Vec<Area>>,
    pub(crate) expires_at: Time,
}

pub(crate) fn create(tx: &Tx, account: AccountId, new: NewToken, hash: &str, now: Time) -> Result<ApiToken, Error> {
    tx.execute("DELETE FROM api_token WHERE expires_at <= ?", [now.minus(Duration::from_secs(30 * 24 * 3600))])?;
    let count: u32 = tx.query_row("SELECT count(*) FROM api_token WHERE account_id = ?", [account], |row| row.get(0))?;
    if count >= TOKENS_MAX {
        return Err(Error::invalid("/name", format!("An account has at most {TOKENS_MAX} tokens: revoke one that is not used.")));
    }
    let id = TokenId::new(now);
    let NewToken { name, role, areas, expires_at } = new;
    let kept = areas.as_ref().map(serde_json::to_string).transpose().map_err(|source| Error::Json { source })?;
    let sql =
        "INSERT INTO api_token (id, account_id, name, token_hash, role, areas, created_at, expires_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)";
    tx.prepare_cached(sql)?.execute(params![id, account, name, hash, role, kept, now, expires_at])?;
    Ok(ApiToken { id, name, role, areas, created_at: now, expires_at, used_at: None, used_from: None })
}

/// Those of an account, the newest first. Ended ones stay for 30 days, so that people see why a program stopped.
pub(crate) fn list(conn: &Connection, account: AccountId) -> Result<Vec<ApiToken>, Error> {
    let sql = format!("SELECT {COLUMNS} FROM api_token WHERE account_id = ? ORDER BY created_at DESC, id DESC");
    let mut statement = conn.prepare_cached(&sql)?;
    let rows = statement.query_map([account], from_row)?;
    Ok(rows.collect::<Result<_, _>>()?)
}

pub(crate) fn revoke(tx: &Tx, account: AccountId, id: TokenId) -> Result<ApiToken, Error> {
    let sql = format!("DELETE FROM api_token WHERE account_id = ? AND id = ? RETURNING {COLUMNS}");
    let gone = tx.prepare_cached(&sql)?.query_row(params![account, id], from_row).optional()?;
    gone.ok_or(Error::NotFound { what: "token" })
}

pub(crate) fn revoke_all(tx: &Tx, account: AccountId) -> Result<usize, Error> {
    Ok(tx.execute("DELETE FROM api_token WHERE account_id = ?", [account])?)
}

fn find(conn: &Connection, text: &Hashes, now: Time) -> Result<Option<(Account, ApiToken)>, Error> {
    let sql = format!("SELECT account_id, {COLUMNS} FROM api_token WHERE token_hash IN (?, ?) AND expires_at > ?");
    let row = conn.prepare_cached(&sql)?.query_row(params![text.current, text.previous, now], |row| Ok((row.get(0)?, from_row(row)?)));
    let Some((id, token)) = row.optional()? else { return Ok(None) };
    let account = account::get(conn, id)?.filter(|account| account.state == State::Active);
    Ok(account.map(|account| (Account { role: account.role.min(token.role), ..account }, token)))
}

/// The account of a token, for what the token allows; its use is noted now and then.
///
/// # Errors
///
/// [`Error::NotSignedIn`] when there is no such token any more.
pub(super) async fn account(state: &AppState, text: &str, address: IpAddr) -> Result<(Account, Via), Error> {
    if !text.starts_with(PREFIX) {
        return Err(Error::NotSignedIn);
    }
    let (hashes, now) = (state.keys.hashes(Use::ApiToken, text), state.clock.now());
    let current = hashes.current.clone();
    let (account, token) = state.read(move |conn| find(conn, &hashes, now)).await?.ok_or(Error::NotSignedIn)?;
    let is_noted = token.used_at.is_some_and(|used_at| used_at.plus(USED_EVERY) > now);
    if !is_noted && !state.health.space.refuses_writes() {
        let id = token.id;
        let noted = state.write(move |tx| {
            let sql = "UPDATE api_token SET used_at = max(coalesce(used_at, 0), ?2), used_from = ?3, token_hash = ?4 WHERE id = ?1";
            // By the key now, also where it was made with the one before.
            tx.prepare_cached(sql)?.execute(params![id, now, address.to_string(), current])?;
            Ok(())
        });
        if let Err(error) = noted.await {
            tracing::warn!(cause = %problem::chain(&error), "the use of a token was not noted");
        }
    }
    Ok((account, Via::Token { name: token.name, areas: token.areas }))
}
