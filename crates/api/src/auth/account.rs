//! The people who may sign in.

use magnetiq_storage::{
    Tx,
    rusqlite::{Connection, OptionalExtension, Row, params},
};
use serde::Serialize;
use utoipa::ToSchema;

use super::{Role, link, password};
use crate::{clock::Time, error::Error, http::problem::FieldProblem, id::AccountId};

/// Whether somebody can sign in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
#[schema(as = AccountState)]
pub enum State {
    /// They can.
    Active,
    /// They have not chosen a password yet.
    Invited,
    /// An administrator took it from them.
    Disabled,
}

/// Somebody who may sign in.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Account {
    /// Id of the account.
    pub id: AccountId,
    /// The address to sign in with; unique without regard to case.
    pub email: String,
    /// The name that pages show as author.
    pub name: String,
    /// What it may do.
    pub role: Role,
    /// Whether it may sign in.
    pub state: State,
    /// Whether signing in with the password needs something besides it: there is an authenticator app or a passkey.
    pub second_factor: bool,
    /// Whether codes of an authenticator app are taken.
    pub authenticator_app: bool,
    /// How many passkeys it has.
    pub passkey_count: u32,
    /// When it was made.
    pub created_at: Time,
    /// When somebody signed in last.
    pub signed_in_at: Option<Time>,
    /// Raised by each change, for If-Match.
    pub revision: i64,
}

/// An account to be made.
#[derive(Clone, Debug)]
pub(crate) struct NewAccount {
    /// The address to sign in with.
    pub(crate) email: String,
    /// The name that pages show as author.
    pub(crate) name: String,
    /// What it may do.
    pub(crate) role: Role,
    /// PHC string. None: they are invited to choose one.
    pub(crate) password_hash: Option<String>,
}

/// What an administrator sets of an account.
#[derive(Clone, Debug)]
pub(crate) struct Edit {
    pub(crate) email: String,
    pub(crate) name: String,
    pub(crate) role: Role,
    pub(crate) disabled: bool,
}

/// Bytes; what SMTP can carry.
pub(crate) const EMAIL_MAX: usize = 254;

const COLUMNS: &str = "id, email, name, role, password_set_at, disabled_at, created_at, signed_in_at, revision,
    EXISTS (SELECT 1 FROM account_totp WHERE account_id = account.id AND confirmed_at IS NOT NULL) AS authenticator_app,
    (SELECT count(*) FROM passkey WHERE account_id = account.id) AS passkey_count";

fn from_row(row: &Row<'_>) -> magnetiq_storage::rusqlite::Result<Account> {
    let (disabled_at, password_set_at): (Option<Time>, Option<Time>) = (row.get("disabled_at")?, row.get("password_set_at")?);
    let state = match (disabled_at, password_set_at) {
        (Some(_), _) => State::Disabled,
        (None, None) => State::Invited,
        (None, Some(_)) => State::Active,
    };
    let (authenticator_app, passkey_count): (bool, u32) = (row.get("authenticator_app")?, row.get("passkey_count")?);
    Ok(Account {
        id: row.get("id")?,
        email: row.get("email")?,
        name: row.get("name")?,
        role: row.get("role")?,
        state,
        second_factor: authenticator_app || passkey_count > 0,
        authenticator_app,
        passkey_count,
        created_at: row.get("created_at")?,
        signed_in_at: row.get("signed_in_at")?,
        revision: row.get("revision")?,
    })
}

/// Whether it can be an e-mail address; whether there is one only a letter tells.
pub(crate) fn is_address(email: &str) -> bool {
    let is_public = email.rsplit_once('@').is_some_and(|(_, domain)| domain.contains('.'));
    let is_plain = !email.contains(|c: char| c.is_whitespace() || c.is_control() || "<>\",;:\\".contains(c));
    // As those take it who make the letter.
    is_public && is_plain && email.len() <= EMAIL_MAX && email.parse::<lettre::Address>().is_ok()
}

/// What is wrong with an account's fields; empty when nothing is.
pub(crate) fn problems(email: &str, name: &str) -> Vec<FieldProblem> {
    let mut problems = Vec::new();
    if !is_address(email) {
        problems.push(FieldProblem { pointer: "/email".into(), detail: "This is no e-mail address, as in ana@example.com.".into() });
    }
    problems.extend(name_problem(name));
    problems
}

pub(crate) fn name_problem(name: &str) -> Option<FieldProblem> {
    let fits = !name.trim().is_empty() && name.chars().count() <= 100 && !name.contains(char::is_control);
    (!fits).then(|| FieldProblem { pointer: "/name".into(), detail: "A name has 1 to 100 characters, on one line.".into() })
}

fn taken(email: &str) -> Error {
    Error::invalid("/email", format!("There is an account for {email} already."))
}

pub(crate) fn create(tx: &Tx, account: &NewAccount, now: Time) -> Result<Account, Error> {
    if find(tx, &account.email)?.is_some() {
        return Err(taken(&account.email));
    }
    let id = AccountId::new(now);
    let (hash, set_at) = match &account.password_hash {
        Some(hash) => (hash.as_str(), Some(now)),
        None => (password::NOBODY, None),
    };
    let sql = "INSERT INTO account (id, email, name, role, password_hash, password_set_at, created_at) VALUES (?, ?, ?, ?, ?, ?, ?)";
    tx.prepare_cached(sql)?.execute(params![id, account.email, account.name.trim(), account.role, hash, set_at, now])?;
    required(tx, id)
}

pub(crate) fn list(conn: &Connection) -> Result<Vec<Account>, Error> {
    let mut statement = conn.prepare_cached(&format!("SELECT {COLUMNS} FROM account ORDER BY email"))?;
    let rows = statement.query_map([], from_row)?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Whether there is any at all.
pub(crate) fn is_any(conn: &Connection) -> Result<bool, Error> {
    Ok(conn.query_row("SELECT EXISTS (SELECT 1 FROM account)", [], |row| row.get(0))?)
}

/// The account of an address, with its password hash.
pub(crate) fn find(conn: &Connection, email: &str) -> Result<Option<(Account, String)>, Error> {
    let mut statement = conn.prepare_cached(&format!("SELECT {COLUMNS}, password_hash FROM account WHERE email = ?"))?;
    Ok(statement.query_row([email], |row| Ok((from_row(row)?, row.get("password_hash")?))).optional()?)
}

pub(crate) fn get(conn: &Connection, id: AccountId) -> Result<Option<Account>, Error> {
    let mut statement = conn.prepare_cached(&format!("SELECT {COLUMNS} FROM account WHERE id = ?"))?;
    Ok(statement.query_row([id], from_row).optional()?)
}

/// The same, of one that must be there.
pub(crate) fn required(conn: &Connection, id: AccountId) -> Result<Account, Error> {
    get(conn, id)?.ok_or(Error::NotFound { what: "account" })
}

pub(crate) fn password_hash(conn: &Connection, id: AccountId) -> Result<Option<String>, Error> {
    Ok(conn.query_row("SELECT password_hash FROM account WHERE id = ?", [id], |row| row.get(0)).optional()?)
}

/// Sets what an account may do: less at once, since sessions look it up at each request; more after signing in again.
pub(crate) fn set_role(tx: &Tx, email: &str, role: Role) -> Result<(Account, Account), Error> {
    let (before, _) = find(tx, email)?.ok_or(Error::NotFound { what: "account" })?;
    tx.execute("UPDATE account SET role = ?, revision = revision + 1 WHERE id = ?", params![role, before.id])?;
    end_sessions_for_more(tx, &before, role)?;
    let after = required(tx, before.id)?;
    refuse_without_admin(tx, &before)?;
    Ok((before, after))
}

/// A session that somebody took from a viewer must not become an administrator's.
fn end_sessions_for_more(tx: &Tx, before: &Account, role: Role) -> Result<(), Error> {
    if role > before.role {
        tx.execute("DELETE FROM account_session WHERE account_id = ?", [before.id])?;
    }
    Ok(())
}

/// An account that is to change, if it is the one that the client saw; `None` takes whatever is there.
fn as_seen(conn: &Connection, id: AccountId, seen: Option<i64>) -> Result<Account, Error> {
    let account = required(conn, id)?;
    match seen {
        Some(seen) if seen != account.revision => Err(Error::PreconditionFailed { current: account.revision }),
        _ => Ok(account),
    }
}

/// Changes an account; disabling it ends its sessions, and so does a role that may do more.
///
/// # Errors
///
/// [`Error::LastAdmin`] when nobody could administer the site any more, [`Error::PreconditionFailed`] when it is not at `seen`.
pub(crate) fn update(tx: &Tx, id: AccountId, edit: &Edit, seen: Option<i64>, now: Time) -> Result<(Account, Account), Error> {
    let before = as_seen(tx, id, seen)?;
    if find(tx, &edit.email)?.is_some_and(|(other, _)| other.id != id) {
        return Err(taken(&edit.email));
    }
    let sql = "UPDATE account SET email = ?2, name = ?3, role = ?4, disabled_at = iif(?5, coalesce(disabled_at, ?6), NULL), revision = revision + 1
        WHERE id = ?1";
    tx.execute(sql, params![id, edit.email, edit.name.trim(), edit.role, edit.disabled, now])?;
    if edit.disabled {
        tx.execute("DELETE FROM account_session WHERE account_id = ?", [id])?;
    }
    end_sessions_for_more(tx, &before, edit.role)?;
    refuse_without_admin(tx, &before)?;
    Ok((before, required(tx, id)?))
}

pub(crate) fn rename(tx: &Tx, id: AccountId, name: &str) -> Result<Account, Error> {
    tx.execute("UPDATE account SET name = ?2, revision = revision + 1 WHERE id = ?1", params![id, name.trim()])?;
    required(tx, id)
}

/// Deletes an account with its sessions and tokens; its pages stay, without an author.
///
/// # Errors
///
/// [`Error::LastAdmin`], [`Error::PreconditionFailed`] when it is not at `seen`.
pub(crate) fn delete(tx: &Tx, id: AccountId, seen: Option<i64>) -> Result<Account, Error> {
    let before = as_seen(tx, id, seen)?;
    tx.execute("DELETE FROM account WHERE id = ?", [id])?;
    refuse_without_admin(tx, &before)?;
    Ok(before)
}

/// `before` is the account as it was: a site without any administrator may stay so.
fn refuse_without_admin(tx: &Tx, before: &Account) -> Result<(), Error> {
    let sql = "SELECT EXISTS (SELECT 1 FROM account WHERE role = 'admin' AND disabled_at IS NULL AND password_set_at IS NOT NULL)";
    let was_one = before.role == Role::Admin && before.state == State::Active;
    let is_one: bool = tx.query_row(sql, [], |row| row.get(0))?;
    if was_one && !is_one { Err(Error::LastAdmin) } else { Ok(()) }
}

/// Sets the password and ends every session of the account, but `kept`, and every link to choose another. Without one, somebody gets an account
/// back: its tokens end as well, since nobody knows who made them.
pub(crate) fn set_password(tx: &Tx, id: AccountId, hash: &str, kept: Option<crate::id::SessionId>, now: Time) -> Result<(), Error> {
    let sql = "UPDATE account SET password_hash = ?2, password_set_at = ?3, revision = revision + 1 WHERE id = ?1";
    tx.execute(sql, params![id, hash, now])?;
    tx.execute("DELETE FROM account_session WHERE account_id = ?1 AND id IS NOT ?2", params![id, kept])?;
    link::end_all(tx, id)?;
    if kept.is_none() {
        tx.execute("DELETE FROM api_token WHERE account_id = ?", [id])?;
    }
    Ok(())
}

/// Notes a sign-in, and where from: the failures of strangers don't hold up who comes from there again.
pub(crate) fn signed_in(tx: &Tx, id: AccountId, address: &str, now: Time) -> Result<(), Error> {
    tx.prepare_cached("UPDATE account SET signed_in_at = ?2 WHERE id = ?1")?.execute(params![id, now])?;
    tx.prepare_cached("DELETE FROM account_address WHERE seen_at < ?")?.execute([now.minus(ADDRESS_KEPT)])?;
    let sql = "INSERT INTO account_address (account_id, address, seen_at) VALUES (?1, ?2, ?3) ON CONFLICT DO UPDATE SET seen_at = excluded.seen_at";
    tx.prepare_cached(sql)?.execute(params![id, address, now])?;
    Ok(())
}

/// How long an address is remembered from which somebody signed in.
const ADDRESS_KEPT: std::time::Duration = std::time::Duration::from_secs(90 * 24 * 3600);

/// Whether somebody signed in to the account from there lately.
pub(crate) fn knows_address(conn: &Connection, id: AccountId, address: &str) -> Result<bool, Error> {
    let sql = "SELECT EXISTS (SELECT 1 FROM account_address WHERE account_id = ?1 AND address = ?2)";
    Ok(conn.prepare_cached(sql)?.query_row(params![id, address], |row| row.get(0))?)
}
