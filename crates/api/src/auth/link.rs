//! Links to choose a password: for people who were invited, and for those who forgot theirs. Single use, and they end.

use std::time::Duration;

use magnetiq_storage::{
    Tx,
    rusqlite::{Connection, OptionalExtension, params},
};

use super::{
    account::{self, Account, State},
    keys::{Keys, Use},
};
use crate::{
    clock::Time,
    error::Error,
    id::{AccountId, LinkId},
};

/// For those who ask for it: they read their mail now.
pub(crate) const RESET_LASTS: Duration = Duration::from_secs(30 * 60);
/// For those who don't expect it: they read it some day.
pub(crate) const INVITATION_LASTS: Duration = Duration::from_secs(7 * 24 * 3600);
/// Links that one account gets within [`RESET_LASTS`]: more would be a way to fill somebody's mailbox.
const RESETS_AT_ONCE: u32 = 3;

/// What stands in the link: the id, and a keyed hash of it. Nothing of it is kept.
pub(crate) fn token(keys: &Keys, id: LinkId) -> String {
    format!("{id}.{}", keys.hash(Use::Link, &id.to_string()))
}

fn id_of(keys: &Keys, token: &str) -> Option<LinkId> {
    let (id, hash) = token.split_once('.')?;
    keys.fits(Use::Link, id, hash).then(|| id.parse().ok())?
}

/// A new link for an account, in the place of those before it. None where it has got enough of them lately.
pub(crate) fn create(tx: &Tx, account: AccountId, lasts: Duration, now: Time) -> Result<LinkId, Error> {
    let id = LinkId::new(now);
    tx.prepare_cached("INSERT INTO account_link (id, account_id, created_at, expires_at) VALUES (?, ?, ?, ?)")?.execute(params![
        id,
        account,
        now,
        now.plus(lasts)
    ])?;
    Ok(id)
}

/// Whether somebody who asks for one more is to get it.
pub(crate) fn is_due(tx: &Tx, account: AccountId, now: Time) -> Result<bool, Error> {
    tx.prepare_cached("DELETE FROM account_link WHERE expires_at <= ?")?.execute([now])?;
    let recent: u32 = tx
        .prepare_cached("SELECT count(*) FROM account_link WHERE account_id = ? AND created_at > ?")?
        .query_row(params![account, now.minus(RESET_LASTS)], |row| row.get(0))?;
    Ok(recent < RESETS_AT_ONCE)
}

/// The account that a link is for.
///
/// # Errors
///
/// [`Error::LinkGone`] when it is none of ours, was used, ended, or its account is disabled.
pub(crate) fn account(conn: &Connection, keys: &Keys, token: &str, now: Time) -> Result<Account, Error> {
    let id = id_of(keys, token).ok_or(Error::LinkGone)?;
    let account: Option<AccountId> = conn
        .prepare_cached("SELECT account_id FROM account_link WHERE id = ? AND expires_at > ?")?
        .query_row(params![id, now], |row| row.get(0))
        .optional()?;
    let account = account::get(conn, account.ok_or(Error::LinkGone)?)?;
    account.filter(|account| account.state != State::Disabled).ok_or(Error::LinkGone)
}

/// Ends every link of an account.
pub(crate) fn end_all(tx: &Tx, account: AccountId) -> Result<(), Error> {
    tx.execute("DELETE FROM account_link WHERE account_id = ?", [account])?;
    Ok(())
}
