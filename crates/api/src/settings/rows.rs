//! Settings in the database: every SQL statement about them.

use std::collections::BTreeMap;

use magnetiq_storage::{
    Tx,
    rusqlite::{Connection, params},
};

use crate::{clock::Time, error::Error};

/// A value as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Kept {
    Plain {
        value: String,
        at: Time,
    },
    /// A secret.
    Sealed {
        sealed: Vec<u8>,
        at: Time,
    },
}

impl Kept {
    /// When it was set.
    pub(crate) fn at(&self) -> Time {
        match self {
            Self::Plain { at, .. } | Self::Sealed { at, .. } => *at,
        }
    }
}

/// All that are kept, by name, and the number of their changes.
pub(crate) fn all(conn: &Connection) -> Result<(i64, BTreeMap<String, Kept>), Error> {
    let revision = revision(conn)?;
    let mut statement = conn.prepare_cached("SELECT name, value, sealed, updated_at FROM setting")?;
    let rows = statement.query_map([], |row| {
        let at = row.get("updated_at")?;
        let value: Option<String> = row.get("value")?;
        let kept = match value {
            Some(value) => Kept::Plain { value, at },
            None => Kept::Sealed { sealed: row.get("sealed")?, at },
        };
        Ok((row.get("name")?, kept))
    })?;
    Ok((revision, rows.collect::<Result<_, _>>()?))
}

fn revision(conn: &Connection) -> Result<i64, Error> {
    Ok(conn.prepare_cached("SELECT revision FROM setting_revision")?.query_row([], |row| row.get(0))?)
}

/// Sets these, and takes away those that have no value. Gives the number of this change.
///
/// # Errors
///
/// [`Error::PreconditionFailed`] when they were changed since revision `seen`.
pub(crate) fn change(tx: &Tx, seen: i64, changes: &BTreeMap<String, Option<Kept>>) -> Result<i64, Error> {
    let current = revision(tx)?;
    if current != seen {
        return Err(Error::PreconditionFailed { current });
    }
    for (name, kept) in changes {
        let set = |value: Option<&str>, sealed: Option<&[u8]>, at: Time| {
            let sql = "INSERT INTO setting (name, value, sealed, updated_at) VALUES (?1, ?2, ?3, ?4)
                ON CONFLICT DO UPDATE SET value = ?2, sealed = ?3, updated_at = ?4";
            tx.prepare_cached(sql)?.execute(params![name, value, sealed, at])
        };
        match kept {
            Some(Kept::Plain { value, at }) => set(Some(value), None, *at)?,
            Some(Kept::Sealed { sealed, at }) => set(None, Some(sealed), *at)?,
            None => tx.prepare_cached("DELETE FROM setting WHERE name = ?")?.execute([name])?,
        };
    }
    tx.execute("UPDATE setting_revision SET revision = revision + 1", [])?;
    revision(tx)
}
