//! What of a database stays with the site, and what somebody gets who works on the program: a copy without secrets, and without what is
//! about people.
//!
//! Every table is in [`TABLES`], with what is done to it. A table that is not is a defect that the tests find: whoever adds one decides.

use std::{fs, fs::File, path::Path};

use magnetiq_storage::rusqlite::{self, Connection, OpenFlags, Transaction};

use crate::{auth::password::NOBODY, error::Error};

/// What a copy is made without.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Without {
    /// Secrets: password hashes, sessions, tokens, second factors, and what is encrypted with the secret key.
    Secrets,
    /// Secrets, and what is about people. The same people get the same other names each time.
    People,
}

/// What is done to a table.
struct Table {
    name: &'static str,
    /// Against secrets.
    secrets: &'static [&'static str],
    /// Against what is about people, after that.
    people: &'static [&'static str],
}

/// Nothing of it is secret or about people who are not authors of what is published.
const fn stays(name: &'static str) -> Table {
    Table { name, secrets: &[], people: &[] }
}

const TABLES: &[Table] = &[
    Table {
        name: "account",
        secrets: &["UPDATE account SET password_hash = :nobody, password_set_at = NULL"],
        people: &["UPDATE account SET email = 'person-' || substr(id, -12) || '@example.org', name = 'Person ' || substr(id, -12),
                   signed_in_at = NULL"],
    },
    Table { name: "account_address", secrets: &[], people: &["DELETE FROM account_address"] },
    Table { name: "account_link", secrets: &["DELETE FROM account_link"], people: &[] },
    Table { name: "account_recovery_code", secrets: &["DELETE FROM account_recovery_code"], people: &[] },
    Table { name: "account_session", secrets: &["DELETE FROM account_session"], people: &[] },
    Table { name: "account_totp", secrets: &["DELETE FROM account_totp"], people: &[] },
    Table { name: "api_token", secrets: &["DELETE FROM api_token"], people: &[] },
    // What happened stays, in its order; to whom does not.
    Table {
        name: "audit_entry",
        secrets: &[],
        people: &["UPDATE audit_entry SET actor = 'Somebody', address = NULL, subject = subject_kind, before = NULL, after = NULL"],
    },
    Table { name: "form", secrets: &[], people: &["UPDATE form SET notify = '[]'"] },
    // Answers that were given, among them tokens that are shown once.
    Table { name: "idempotency", secrets: &["DELETE FROM idempotency"], people: &[] },
    Table {
        name: "lead",
        secrets: &[],
        people: &[
            "CREATE TEMP TABLE scrubbed AS SELECT email COLLATE NOCASE AS email, min(id) AS id FROM lead GROUP BY email COLLATE NOCASE",
            "UPDATE lead SET nonce = id, note = '',
             answers = (SELECT json_group_array(json_object('name', value ->> 'name', 'label', value ->> 'label', 'value', 'An answer'))
                        FROM json_each(answers)),
             email = (SELECT 'person-' || substr(scrubbed.id, -12) || '@example.org' FROM temp.scrubbed WHERE scrubbed.email = lead.email)",
            "DROP TABLE temp.scrubbed",
        ],
    },
    Table { name: "lead_letter", secrets: &["DELETE FROM lead_letter"], people: &[] },
    stays("media"),
    stays("media_deleted"),
    stays("media_former"),
    stays("media_tag"),
    // Half of a file that somebody is about to bring, which is in no archive.
    Table { name: "media_upload", secrets: &[], people: &["DELETE FROM media_upload"] },
    stays("media_variant"),
    stays("menu"),
    // Letters to people; nobody wants them sent a second time, either.
    Table { name: "outbox", secrets: &["DELETE FROM outbox"], people: &[] },
    stays("outbox_pause"),
    stays("page"),
    stays("page_announcement"),
    stays("page_draft"),
    stays("page_import"),
    stays("page_media"),
    stays("page_media_missing"),
    stays("page_redirect"),
    stays("page_revision"),
    stays("page_search_waiting"),
    stays("page_tag"),
    Table { name: "passkey", secrets: &[], people: &["DELETE FROM passkey"] },
    Table { name: "passkey_attempt", secrets: &["DELETE FROM passkey_attempt"], people: &[] },
    stays("refinery_schema_history"),
    Table {
        name: "setting",
        // A login without its password is half of one, and with half of one none of the settings would count.
        secrets: &["DELETE FROM setting WHERE sealed IS NOT NULL OR name LIKE 'mail.smtp\\_%' ESCAPE '\\'"],
        people: &["DELETE FROM setting WHERE value LIKE '%@%'"],
    },
    stays("setting_revision"),
];

/// Takes secrets, and where it is asked for people, out of a copy of the database that nobody else has open. What was there is in no page of
/// the file any more. It is one file when this returns, with no companions.
///
/// # Errors
///
/// When the file is no database of this program's version, or the disk says no; then the copy is of no use, and is best removed.
pub fn scrub(copy: &Path, without: Without) -> Result<(), Error> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let mut conn = Connection::open_with_flags(copy, flags)?;
    conn.execute_batch("PRAGMA journal_mode = DELETE; PRAGMA temp_store = MEMORY; PRAGMA foreign_keys = OFF;")?;
    let tx = conn.transaction()?;
    refuse_unknown(&tx)?;
    let triggers = unarmed(&tx)?;
    for table in TABLES {
        let people = if without == Without::People { table.people } else { &[] };
        for statement in table.secrets.iter().chain(people) {
            run(&tx, statement)?;
        }
    }
    for trigger in triggers {
        tx.execute_batch(&trigger)?;
    }
    forget_samples(&tx)?;
    tx.commit()?;
    // Pages that are free now, and what is left at the ends of others, do not come along.
    let clean = copy.with_added_extension("scrubbed");
    let name = clean.to_str().ok_or_else(|| rusqlite::Error::InvalidPath(clean.clone()))?;
    let file = |action| move |source| Error::File { action, path: copy.to_owned(), source };
    // SQLite takes an empty file as it is: who may read the copy, and nobody else, may read what becomes of it.
    let permissions = fs::metadata(copy).map_err(file("read"))?.permissions();
    File::create(&clean).and_then(|clean| clean.set_permissions(permissions)).map_err(file("make"))?;
    conn.execute("VACUUM INTO ?1", [name])?;
    conn.close().map_err(|(_, error)| error)?;
    File::open(&clean).and_then(|clean| clean.sync_all()).map_err(file("sync"))?;
    fs::rename(&clean, copy).map_err(file("replace"))
}

fn run(tx: &Transaction<'_>, statement: &str) -> rusqlite::Result<()> {
    let mut prepared = tx.prepare(statement)?;
    if let Some(place) = prepared.parameter_index(":nobody")? {
        prepared.raw_bind_parameter(place, NOBODY)?;
    }
    prepared.raw_execute().map(|_| ())
}

/// Where a table is not known, nobody has said what of it may go.
fn refuse_unknown(conn: &Connection) -> Result<(), Error> {
    match tables(conn)?.into_iter().find(|name| TABLES.iter().all(|known| known.name != name)) {
        Some(table) => Err(Error::UnknownTable { table }),
        None => Ok(()),
    }
}

/// Those that hold rows of their own, without those of SQLite and of search indexes, which follow others.
fn tables(conn: &Connection) -> rusqlite::Result<Vec<String>> {
    let mut statement =
        conn.prepare("SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY name")?;
    statement.query_map([], |row| row.get(0))?.collect()
}

/// Takes the triggers away that keep the log as it is; gives what brings them back.
fn unarmed(tx: &Transaction<'_>) -> rusqlite::Result<Vec<String>> {
    let mut statement = tx.prepare("SELECT name, sql FROM sqlite_schema WHERE type = 'trigger' AND tbl_name = 'audit_entry'")?;
    let triggers: Vec<(String, String)> =
        statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?.collect::<rusqlite::Result<_>>()?;
    for (name, _) in &triggers {
        tx.execute_batch(&format!("DROP TRIGGER \"{name}\""))?;
    }
    Ok(triggers.into_iter().map(|(_, sql)| sql).collect())
}

/// The query planner keeps some values of indexes, where it is built to.
fn forget_samples(tx: &Transaction<'_>) -> rusqlite::Result<()> {
    let has = "SELECT count(*) FROM sqlite_schema WHERE name = 'sqlite_stat4'";
    if tx.query_row(has, [], |row| row.get::<_, i64>(0))? > 0 {
        tx.execute_batch("DELETE FROM sqlite_stat4")?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use magnetiq_storage::{Options, Store};

    use super::*;
    use crate::schema;

    /// A new table fails here: say in [`TABLES`] what of it is secret, and what is about people.
    #[test]
    fn every_table_of_the_schema_is_in_the_list() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path().join("site.sqlite3"), Options::default()).unwrap();
        schema::migrate(&store).unwrap();
        let there: Vec<String> = store.read(|conn| Ok(tables(conn)?)).wait().unwrap();
        let listed: Vec<&str> = TABLES.iter().map(|table| table.name).collect();
        assert_eq!(there, listed, "in the order of the alphabet");
        assert_eq!(listed.iter().collect::<BTreeSet<_>>().len(), listed.len());
    }
}
