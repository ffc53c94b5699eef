//! Everything in the database that is encrypted with a key made from the secret key: whether it can be read, and encrypting it anew when that
//! key changes.

use magnetiq_storage::{
    Store, Tx,
    rusqlite::{Connection, params},
};
use serde::Serialize;

use crate::{
    audit::{self, Actor, Change},
    auth::keys::{Keys, Resealed, Use},
    clock::Time,
    error::Error,
};

/// Where sealed values are, one row for each kind of them. A value belongs to its owner: sealed with the owner's name, it opens nowhere else.
const PLACES: &[Place] = &[
    Place {
        purpose: Use::Setting,
        called: "the setting",
        select: "SELECT name, name, sealed FROM setting WHERE sealed IS NOT NULL ORDER BY name",
        update: "UPDATE setting SET sealed = ?2 WHERE name = ?1",
        delete: "DELETE FROM setting WHERE name = ?1",
    },
    Place {
        purpose: Use::SecondFactor,
        called: "the second factor of",
        select: "SELECT account_id, email, secret FROM account_totp JOIN account ON account.id = account_id ORDER BY email",
        update: "UPDATE account_totp SET secret = ?2 WHERE account_id = ?1",
        delete: "DELETE FROM account_totp WHERE account_id = ?1",
    },
];

struct Place {
    purpose: Use,
    called: &'static str,
    /// Owner, what people call it, and the sealed value.
    select: &'static str,
    update: &'static str,
    delete: &'static str,
}

struct Sealed {
    place: &'static Place,
    owner: String,
    name: String,
    bytes: Vec<u8>,
}

impl Sealed {
    fn name(&self) -> String {
        format!("{} {}", self.place.called, self.name)
    }
}

/// What a rotation does, or did.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Rotation {
    /// Encrypted with the key before: encrypted anew.
    pub anew: Vec<String>,
    /// Encrypted with the key now: they stay.
    pub already: Vec<String>,
    /// Neither key opens them.
    pub unreadable: Vec<String>,
}

fn all(conn: &Connection) -> Result<Vec<Sealed>, Error> {
    let mut found = Vec::new();
    for place in PLACES {
        let mut statement = conn.prepare(place.select)?;
        let rows = statement.query_map([], |row| Ok(Sealed { place, owner: row.get(0)?, name: row.get(1)?, bytes: row.get(2)? }))?;
        found.extend(rows.collect::<Result<Vec<_>, _>>()?);
    }
    Ok(found)
}

/// Looks whether everything can be read.
///
/// # Errors
///
/// [`Error::Unreadable`] with all that can't.
pub(crate) fn check(store: &Store, keys: &Keys) -> Result<(), Error> {
    let sealed = store.read(|conn| Ok(all(conn)?)).wait().map_err(Error::from)?;
    let can_not = |sealed: &&Sealed| keys.open(sealed.place.purpose, &sealed.owner, &sealed.bytes).is_err();
    let what: Vec<String> = sealed.iter().filter(can_not).map(Sealed::name).collect();
    if what.is_empty() { Ok(()) } else { Err(Error::Unreadable { what }) }
}

/// What a rotation would do.
///
/// # Errors
///
/// When the database can't be read.
pub(crate) fn plan(conn: &Connection, keys: &Keys) -> Result<Rotation, Error> {
    let mut rotation = Rotation::default();
    for sealed in all(conn)? {
        let place = match keys.reseal(sealed.place.purpose, &sealed.owner, &sealed.bytes) {
            Ok(Resealed::Already) => &mut rotation.already,
            Ok(Resealed::Anew(_)) => &mut rotation.anew,
            Err(Error::Sealed) => &mut rotation.unreadable,
            Err(error) => return Err(error),
        };
        place.push(sealed.name());
    }
    Ok(rotation)
}

/// Encrypts everything with the key now, all of it or nothing. What neither key opens is an error, or, where `discard` is set, forgotten.
///
/// # Errors
///
/// [`Error::Unreadable`].
pub(crate) fn rotate(tx: &Tx, keys: &Keys, discard: bool, now: Time) -> Result<Rotation, Error> {
    let rotation = plan(tx, keys)?;
    if !discard && !rotation.unreadable.is_empty() {
        return Err(Error::Unreadable { what: rotation.unreadable });
    }
    for sealed in all(tx)? {
        let place = sealed.place;
        match keys.reseal(place.purpose, &sealed.owner, &sealed.bytes) {
            Ok(Resealed::Already) => 0,
            Ok(Resealed::Anew(bytes)) => tx.execute(place.update, params![sealed.owner, bytes])?,
            Err(Error::Sealed) => tx.execute(place.delete, params![sealed.owner])?,
            Err(error) => return Err(error),
        };
    }
    tx.execute("UPDATE setting_revision SET revision = revision + 1", [])?;
    let change = Change::of("secrets.rotate", "secrets", "secrets").to(&rotation)?;
    audit::record(tx, &Actor::command_line(), change, now)?;
    Ok(rotation)
}
