//! Passkeys in the database: every SQL statement about them.

use magnetiq_storage::{
    Tx,
    rusqlite::{Connection, OptionalExtension, Row, params},
};

use super::{
    Passkey,
    ceremony::{Known, NewPasskey, Stored, Used},
};
use crate::{
    auth::second_factor,
    clock::Time,
    error::Error,
    id::{AccountId, PasskeyId},
};

/// Passkeys that one account may have.
const PASSKEYS_MAX: usize = 20;

const COLUMNS: &str = "id, name, synced, created_at, used_at, used_from";

fn from_row(row: &Row<'_>) -> magnetiq_storage::rusqlite::Result<Passkey> {
    Ok(Passkey {
        id: row.get("id")?,
        name: row.get("name")?,
        synced: row.get("synced")?,
        created_at: row.get("created_at")?,
        used_at: row.get("used_at")?,
        used_from: row.get("used_from")?,
    })
}

/// Those of an account, the newest first.
pub(crate) fn list(conn: &Connection, account: AccountId) -> Result<Vec<Passkey>, Error> {
    let sql = format!("SELECT {COLUMNS} FROM passkey WHERE account_id = ? ORDER BY created_at DESC, id DESC");
    let mut statement = conn.prepare_cached(&sql)?;
    let rows = statement.query_map([account], from_row)?;
    Ok(rows.collect::<Result<_, _>>()?)
}

fn get(conn: &Connection, account: AccountId, id: PasskeyId) -> Result<Passkey, Error> {
    let sql = format!("SELECT {COLUMNS} FROM passkey WHERE account_id = ? AND id = ?");
    let found = conn.prepare_cached(&sql)?.query_row(params![account, id], from_row).optional()?;
    found.ok_or(Error::NotFound { what: "passkey" })
}

/// What the devices of an account hold already.
///
/// # Errors
///
/// [`Error::Invalid`] when the account has as many as it may have.
pub(super) fn known(conn: &Connection, account: AccountId) -> Result<Vec<Known>, Error> {
    let mut statement = conn.prepare_cached("SELECT credential_id, transports FROM passkey WHERE account_id = ?")?;
    let rows = statement.query_map([account], |row| Ok(Known { credential_id: row.get(0)?, transports: row.get(1)? }))?;
    let known = rows.collect::<Result<Vec<_>, _>>()?;
    if known.len() >= PASSKEYS_MAX {
        return Err(Error::invalid("/password", format!("An account has at most {PASSKEYS_MAX} passkeys: remove one that is not used.")));
    }
    Ok(known)
}

pub(super) fn create(tx: &Tx, account: AccountId, name: &str, new: &NewPasskey, now: Time) -> Result<Passkey, Error> {
    let id = PasskeyId::new(now);
    let sql = "INSERT INTO passkey (id, account_id, name, credential_id, transports, static_state, dynamic_state, synced, created_at)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (credential_id) DO NOTHING";
    let made = tx.prepare_cached(sql)?.execute(params![
        id,
        account,
        name.trim(),
        new.credential_id,
        new.transports,
        new.static_state,
        new.dynamic_state,
        new.synced,
        now
    ])?;
    if made == 0 {
        return Err(Error::invalid("/credential", "This passkey is here already."));
    }
    raise_revision(tx, account)?;
    get(tx, account, id)
}

pub(super) fn rename(tx: &Tx, account: AccountId, id: PasskeyId, name: &str) -> Result<(Passkey, Passkey), Error> {
    let before = get(tx, account, id)?;
    tx.prepare_cached("UPDATE passkey SET name = ?2 WHERE id = ?1")?.execute(params![id, name.trim()])?;
    Ok((before, get(tx, account, id)?))
}

pub(super) fn remove(tx: &Tx, account: AccountId, id: PasskeyId) -> Result<Passkey, Error> {
    let before = get(tx, account, id)?;
    tx.execute("DELETE FROM passkey WHERE id = ?", [id])?;
    second_factor::forget_codes_of_none(tx, account)?;
    raise_revision(tx, account)?;
    Ok(before)
}

/// Removes all of an account, and gives what they were.
pub(crate) fn remove_all(tx: &Tx, account: AccountId) -> Result<Vec<Passkey>, Error> {
    let before = list(tx, account)?;
    tx.execute("DELETE FROM passkey WHERE account_id = ?", [account])?;
    second_factor::forget_codes_of_none(tx, account)?;
    raise_revision(tx, account)?;
    Ok(before)
}

fn raise_revision(tx: &Tx, account: AccountId) -> Result<(), Error> {
    tx.execute("UPDATE account SET revision = revision + 1 WHERE id = ?", [account])?;
    Ok(())
}

/// The passkey of a device.
pub(super) fn find(conn: &Connection, credential_id: &[u8]) -> Result<Option<Stored>, Error> {
    let sql = "SELECT id, account_id, static_state, dynamic_state FROM passkey WHERE credential_id = ?";
    let row = conn.prepare_cached(sql)?.query_row([credential_id], |row| {
        Ok(Stored { id: row.get(0)?, account: row.get(1)?, static_state: row.get(2)?, dynamic_state: row.get(3)? })
    });
    Ok(row.optional()?)
}

/// Notes a use of it; whether it is as it was read, and not used meanwhile or removed.
pub(super) fn note_use(tx: &Tx, stored: &Stored, used: Used, address: &str, now: Time) -> Result<bool, Error> {
    let sql = "UPDATE passkey SET dynamic_state = ?3, synced = ?4, used_at = ?5, used_from = ?6 WHERE id = ?1 AND dynamic_state = ?2";
    let noted = tx.prepare_cached(sql)?.execute(params![stored.id, stored.dynamic_state, used.dynamic_state, used.synced, now, address])?;
    Ok(noted == 1)
}
