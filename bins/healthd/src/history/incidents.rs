//! All SQL about incidents.

use jiff::Timestamp;
use magnetiq_health::Status;
use magnetiq_storage::rusqlite::{Connection, Row, params};
use magnetiq_storage::{Error, Tx};

use super::moment;
use crate::incident::Incident;

/// Writes incidents, in one transaction, and returns them with their numbers; the number of a new one is 0.
pub(crate) fn save(tx: &Tx, incidents: Vec<Incident>) -> Result<Vec<Incident>, Error> {
    incidents.into_iter().map(|incident| if incident.id == 0 { insert(tx, incident) } else { update(tx, incident) }).collect()
}

fn insert(tx: &Tx, incident: Incident) -> Result<Incident, Error> {
    let sql = "INSERT INTO incident (site, check_name, title, critical, status, worst, says, also_down, started_at, ended_at, unseen_end)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)";
    tx.prepare_cached(sql)?.execute(params![
        incident.site,
        incident.check,
        incident.title,
        incident.critical,
        incident.status.word(),
        incident.worst.word(),
        incident.says,
        list(&incident.also_down),
        incident.started_at.as_millisecond(),
        incident.ended_at.map(Timestamp::as_millisecond),
        incident.unseen_end,
    ])?;
    Ok(Incident { id: tx.last_insert_rowid(), ..incident })
}

fn update(tx: &Tx, incident: Incident) -> Result<Incident, Error> {
    let sql = "UPDATE incident SET status = ?2, worst = ?3, says = ?4, also_down = ?5, ended_at = ?6, unseen_end = ?7 WHERE id = ?1";
    tx.prepare_cached(sql)?.execute(params![
        incident.id,
        incident.status.word(),
        incident.worst.word(),
        incident.says,
        list(&incident.also_down),
        incident.ended_at.map(Timestamp::as_millisecond),
        incident.unseen_end,
    ])?;
    Ok(incident)
}

/// More than a page shows in two weeks.
const MOST: i64 = 500;

/// Incidents that are open or ended after `since`, the open ones first, then the newest; at most 500.
pub(crate) fn known(conn: &Connection, since: Timestamp) -> Result<Vec<Incident>, Error> {
    let sql = "SELECT id, site, check_name, title, critical, status, worst, says, also_down, started_at, ended_at, unseen_end FROM incident
        WHERE ended_at IS NULL OR ended_at > ?1 ORDER BY ended_at IS NOT NULL, started_at DESC, id DESC LIMIT ?2";
    let mut statement = conn.prepare_cached(sql)?;
    let rows = statement.query_map((since.as_millisecond(), MOST), read)?;
    Ok(rows.collect::<Result<_, _>>()?)
}

fn read(row: &Row<'_>) -> Result<Incident, magnetiq_storage::rusqlite::Error> {
    Ok(Incident {
        id: row.get(0)?,
        site: row.get(1)?,
        check: row.get(2)?,
        title: row.get(3)?,
        critical: row.get(4)?,
        status: status(&row.get::<_, String>(5)?),
        worst: status(&row.get::<_, String>(6)?),
        says: row.get(7)?,
        also_down: serde_json::from_str(&row.get::<_, String>(8)?).unwrap_or_default(),
        started_at: moment(row.get(9)?),
        ended_at: row.get::<_, Option<i64>>(10)?.map(moment),
        unseen_end: row.get(11)?,
        in_maintenance: false,
    })
}

/// What is no word of ours was written by a newer program, and nobody knows what it meant.
fn status(word: &str) -> Status {
    serde_json::from_value(word.into()).unwrap_or(Status::Unknown)
}

fn list(names: &[String]) -> String {
    serde_json::Value::from(names).to_string()
}
