//! The people who may sign in.

use magnetiq_storage::{
    Tx,
    rusqlite::{Connection, OptionalExtension, Row, params},
};
use serde::Serialize;
use utoipa::ToSchema;

use super::Role;
use crate::{clock::Time, error::Error, http::problem::FieldProblem, id::AccountId};

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
    /// When it was made.
    pub created_at: Time,
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
    /// PHC string.
    pub(crate) password_hash: String,
}

/// Bytes; what SMTP can carry.
pub(crate) const EMAIL_MAX: usize = 254;

const COLUMNS: &str = "id, email, name, role, created_at";

fn from_row(row: &Row<'_>) -> magnetiq_storage::rusqlite::Result<Account> {
    Ok(Account {
        id: row.get("id")?,
        email: row.get("email")?,
        name: row.get("name")?,
        role: row.get("role")?,
        created_at: row.get("created_at")?,
    })
}

/// What is wrong with an account's fields; empty when nothing is.
pub(crate) fn problems(email: &str, name: &str) -> Vec<FieldProblem> {
    let mut problems = Vec::new();
    let plausible =
        email.split_once('@').is_some_and(|(local, domain)| !local.is_empty() && domain.contains('.') && !domain.starts_with('.'));
    if !plausible || email.len() > EMAIL_MAX || email.contains(char::is_whitespace) {
        problems.push(FieldProblem { pointer: "/email".into(), detail: "This is no e-mail address, as in ana@example.com.".into() });
    }
    if name.trim().is_empty() || name.chars().count() > 100 {
        problems.push(FieldProblem { pointer: "/name".into(), detail: "A name has 1 to 100 characters.".into() });
    }
    problems
}

pub(crate) fn create(tx: &Tx, account: &NewAccount, now: Time) -> Result<Account, Error> {
    if find(tx, &account.email)?.is_some() {
        return Err(Error::invalid("/email", format!("There is an account for {} already.", account.email)));
    }
    let id = AccountId::new(now);
    tx.prepare_cached("INSERT INTO account (id, email, name, role, password_hash, created_at) VALUES (?, ?, ?, ?, ?, ?)")?
        .execute(params![id, account.email, account.name.trim(), account.role, account.password_hash, now])?;
    Ok(Account { id, email: account.email.clone(), name: account.name.trim().into(), role: account.role, created_at: now })
}

pub(crate) fn list(conn: &Connection) -> Result<Vec<Account>, Error> {
    let mut statement = conn.prepare_cached(&format!("SELECT {COLUMNS} FROM account ORDER BY email"))?;
    let rows = statement.query_map([], from_row)?;
    Ok(rows.collect::<Result<_, _>>()?)
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

/// Sets what the account may do, at once: sessions look it up at each request.
pub(crate) fn set_role(tx: &Tx, email: &str, role: Role) -> Result<Account, Error> {
    let (account, _) = find(tx, email)?.ok_or(Error::NotFound { what: "account" })?;
    tx.execute("UPDATE account SET role = ? WHERE id = ?", params![role, account.id])?;
    Ok(Account { role, ..account })
}

/// Sets the password and ends every session of the account.
pub(crate) fn reset_password(tx: &Tx, email: &str, password_hash: &str) -> Result<Account, Error> {
    let (account, _) = find(tx, email)?.ok_or(Error::NotFound { what: "account" })?;
    tx.execute("UPDATE account SET password_hash = ? WHERE id = ?", params![password_hash, account.id])?;
    tx.execute("DELETE FROM account_session WHERE account_id = ?", [account.id])?;
    Ok(account)
}
