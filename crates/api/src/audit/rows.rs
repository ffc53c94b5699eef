//! The audit log in the database: every SQL statement about it.

use magnetiq_storage::{
    Tx,
    rusqlite::{Connection, Row, named_params, types::Type},
};
use serde_json::{Map, Value};

use super::{Actor, Change, Entry, routes::Filter};
use crate::{
    clock::Time,
    error::Error,
    http::cursor::{Cursor, List},
};

pub(super) fn insert(tx: &Tx, actor: &Actor, change: &Change, now: Time) -> Result<(), Error> {
    let sql = "INSERT INTO audit_entry
            (at, actor_id, actor, via, address, action, subject_kind, subject_id, subject, before, after)
        VALUES (:at, :actor_id, :actor, :via, :address, :action, :kind, :subject_id, :subject, :before, :after)";
    tx.prepare_cached(sql)?.execute(named_params! {
        ":at": now, ":actor_id": actor.id, ":actor": actor.name, ":via": actor.via, ":address": actor.address,
        ":action": change.action, ":kind": change.kind, ":subject_id": change.id, ":subject": change.subject,
        ":before": change.before.as_ref().map(Value::to_string), ":after": change.after.as_ref().map(Value::to_string),
    })?;
    Ok(())
}

fn from_row(row: &Row<'_>) -> magnetiq_storage::rusqlite::Result<Entry> {
    Ok(Entry {
        number: row.get("number")?,
        at: row.get("at")?,
        actor_id: row.get("actor_id")?,
        actor: row.get("actor")?,
        via: row.get("via")?,
        address: row.get("address")?,
        action: row.get("action")?,
        subject_kind: row.get("subject_kind")?,
        subject_id: row.get("subject_id")?,
        subject: row.get("subject")?,
        before: fields(row, "before")?,
        after: fields(row, "after")?,
    })
}

fn fields(row: &Row<'_>, column: &str) -> magnetiq_storage::rusqlite::Result<Option<Map<String, Value>>> {
    let text: Option<String> = row.get(column)?;
    let failed = |error: serde_json::Error| magnetiq_storage::rusqlite::Error::FromSqlConversionFailure(0, Type::Text, Box::new(error));
    text.map(|text| serde_json::from_str(&text)).transpose().map_err(failed)
}

/// Those that fit the filter, the newest first, from before `number`.
pub(super) fn before(conn: &Connection, filter: &Filter, number: i64, limit: u32) -> Result<Vec<Entry>, Error> {
    let sql = "SELECT * FROM audit_entry
        WHERE number < :number
          AND (:since IS NULL OR at >= :since) AND (:until IS NULL OR at < :until)
          AND (:actor IS NULL OR actor_id = :actor)
          AND (:action IS NULL OR action = :action OR subject_kind = :action)
          AND (:subject IS NULL OR subject_id = :subject)
          AND (:q IS NULL OR instr(lower(subject), :q) OR instr(lower(actor), :q) OR instr(coalesce(address, ''), :q))
        ORDER BY number DESC LIMIT :limit";
    let words = filter.words();
    let mut statement = conn.prepare_cached(sql)?;
    let rows = statement.query_map(
        named_params! {
            ":number": number, ":since": filter.since, ":until": filter.until, ":actor": filter.actor,
            ":action": filter.action, ":subject": filter.subject, ":q": words, ":limit": limit,
        },
        from_row,
    )?;
    Ok(rows.collect::<Result<_, _>>()?)
}

pub(super) fn list(conn: &Connection, filter: &Filter, number: i64, limit: u32) -> Result<List<Entry>, Error> {
    let entries = before(conn, filter, number, limit + 1)?;
    Ok(List::cut(entries, limit, |entry| Cursor::After(entry.at, entry.number.to_string())))
}
