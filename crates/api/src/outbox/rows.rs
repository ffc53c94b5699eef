//! The outbox in the database: every SQL statement about it.

use std::time::Duration;

use magnetiq_storage::{
    Tx,
    rusqlite::{
        Connection, OptionalExtension, Row, named_params, params,
        types::{FromSql, FromSqlError, FromSqlResult, ToSql, ToSqlOutput, ValueRef},
    },
};

use super::{Entry, State, letter::Letter, template::Template};
use crate::{
    clock::Time,
    error::Error,
    http::cursor::{Cursor, List, ListQuery},
    id::OutboxId,
};

/// Characters of a reason that are kept.
const REASON_MAX: usize = 500;
/// Rows that are cleared away in one write.
const SWEEP_MAX: u32 = 500;

const COLUMNS: &str = "id, kind, target, template, state, attempts, next_at, last_error, created_at, sent_at, dead_at";

impl State {
    fn word(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Leased => "leased",
            Self::Sent => "sent",
            Self::Dead => "dead",
        }
    }
}

impl ToSql for State {
    fn to_sql(&self) -> magnetiq_storage::rusqlite::Result<ToSqlOutput<'_>> {
        Ok(self.word().into())
    }
}

impl FromSql for State {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        let word = value.as_str()?;
        let states = [Self::Queued, Self::Leased, Self::Sent, Self::Dead];
        states.into_iter().find(|state| state.word() == word).ok_or(FromSqlError::InvalidType)
    }
}

fn entry(row: &Row<'_>) -> magnetiq_storage::rusqlite::Result<Entry> {
    let state: State = row.get("state")?;
    let next_at: Time = row.get("next_at")?;
    Ok(Entry {
        id: row.get("id")?,
        kind: row.get("kind")?,
        target: row.get("target")?,
        template: row.get("template")?,
        state,
        attempts: row.get("attempts")?,
        next_at: (state == State::Queued).then_some(next_at),
        last_error: row.get("last_error")?,
        created_at: row.get("created_at")?,
        sent_at: row.get("sent_at")?,
        dead_at: row.get("dead_at")?,
    })
}

/// Writes a letter, in the transaction of what causes it. With a key that is there already, it was written before, and nothing happens.
pub(crate) fn enqueue(tx: &Tx, to: &str, template: &Template, key: &str, now: Time) -> Result<(), Error> {
    let (name, payload) = template.parts()?;
    tx.prepare_cached(
        "INSERT INTO outbox (id, kind, target, template, payload, idempotency_key, state, attempts, next_at, created_at)
         VALUES (:id, 'mail', :to, :name, :payload, :key, 'queued', 0, :now, :now) ON CONFLICT (idempotency_key) DO NOTHING",
    )?
    .execute(named_params! { ":id": OutboxId::new(now), ":to": to, ":name": name, ":payload": payload, ":key": key, ":now": now })?;
    Ok(())
}

/// When something is to be done next.
pub(crate) fn next_at(conn: &Connection) -> Result<Option<Time>, Error> {
    let first = |sql: &str| conn.prepare_cached(sql)?.query_row([], |row| row.get::<_, Option<Time>>(0));
    let queued = first("SELECT min(next_at) FROM outbox WHERE state = 'queued'")?;
    let leased = first("SELECT min(leased_until) FROM outbox WHERE state = 'leased'")?;
    Ok([queued, leased].into_iter().flatten().min())
}

/// Takes the next letter that is due, for as long as `lease`. It counts as tried from now on: who dies over it has tried.
pub(crate) fn lease(tx: &Tx, now: Time, lease: Duration) -> Result<Option<Letter>, Error> {
    tx.prepare_cached("UPDATE outbox SET state = 'queued', leased_until = NULL WHERE state = 'leased' AND leased_until <= ?")?
        .execute([now])?;
    let sql = "UPDATE outbox SET state = 'leased', leased_until = :until, attempts = attempts + 1
         WHERE id = (SELECT id FROM outbox WHERE state = 'queued' AND next_at <= :now ORDER BY next_at LIMIT 1)
         RETURNING id, target, template, payload, created_at, attempts";
    let letter = tx.prepare_cached(sql)?.query_row(named_params! { ":now": now, ":until": now.plus(lease) }, |row| {
        Ok(Letter {
            id: row.get("id")?,
            to: row.get("target")?,
            template: row.get("template")?,
            payload: row.get("payload")?,
            created_at: row.get("created_at")?,
            attempts: row.get("attempts")?,
        })
    });
    Ok(letter.optional()?)
}

/// Gives back what a server before this one had taken: there is one server, and it has just begun.
pub(crate) fn release_all(tx: &Tx) -> Result<usize, Error> {
    Ok(tx.execute("UPDATE outbox SET state = 'queued', leased_until = NULL WHERE state = 'leased'", [])?)
}

/// Notes that a letter was taken.
pub(crate) fn sent(tx: &Tx, letter: &Letter, now: Time) -> Result<(), Error> {
    let sql = "UPDATE outbox SET state = 'sent', sent_at = :now, leased_until = NULL, last_error = NULL
         WHERE id = :id AND state = 'leased' AND attempts = :attempts";
    tx.prepare_cached(sql)?.execute(named_params! { ":id": letter.id, ":attempts": letter.attempts, ":now": now })?;
    Ok(())
}

/// Notes that a letter was not taken: it is tried again at `again_at`, or never.
pub(crate) fn not_sent(tx: &Tx, letter: &Letter, reason: &str, again_at: Option<Time>, now: Time) -> Result<(), Error> {
    let state = if again_at.is_some() { State::Queued } else { State::Dead };
    let dead_at = again_at.is_none().then_some(now);
    let sql = "UPDATE outbox SET state = :state, next_at = coalesce(:again_at, next_at), dead_at = :dead_at, leased_until = NULL,
             last_error = :reason
         WHERE id = :id AND state = 'leased' AND attempts = :attempts";
    tx.prepare_cached(sql)?.execute(named_params! {
        ":id": letter.id, ":attempts": letter.attempts, ":state": state, ":again_at": again_at, ":dead_at": dead_at,
        ":reason": bounded(reason),
    })?;
    Ok(())
}

/// What a server far away says is anybody's text: so much of it, on one line.
fn bounded(reason: &str) -> String {
    reason.chars().take(REASON_MAX).map(|c| if c.is_control() { ' ' } else { c }).collect()
}

/// The newest first; `q` is looked for in the addresses.
pub(crate) fn list(conn: &Connection, state: Option<State>, query: &ListQuery) -> Result<List<Entry>, Error> {
    let limit = query.limit()?;
    let (time, id) = query.after()?;
    let filter = if state.is_some() { "state = :state" } else { ":state IS NULL" };
    let sql = format!(
        "SELECT {COLUMNS} FROM outbox WHERE {filter} AND (created_at, id) < (:time, :id)
             AND (:words IS NULL OR instr(lower(target), lower(:words)) > 0)
         ORDER BY created_at DESC, id DESC LIMIT :limit"
    );
    let rows = conn
        .prepare_cached(&sql)?
        .query_map(named_params! { ":state": state, ":time": time, ":id": id, ":words": query.words(), ":limit": limit + 1 }, entry)?
        .collect::<Result<Vec<_>, _>>()?;
    Ok(List::cut(rows, limit, |last| Cursor::After(last.created_at, last.id.to_string())))
}

/// One entry, with what its template is filled with.
pub(crate) fn get(conn: &Connection, id: OutboxId) -> Result<(Entry, String), Error> {
    let mut statement = conn.prepare_cached(&format!("SELECT {COLUMNS}, payload FROM outbox WHERE id = ?"))?;
    let found = statement.query_row([id], |row| Ok((entry(row)?, row.get("payload")?))).optional()?;
    found.ok_or(Error::NotFound { what: "letter" })
}

/// Queues again what was given up, with all its attempts before it.
pub(crate) fn retry(tx: &Tx, id: OutboxId, now: Time) -> Result<Entry, Error> {
    let sql = "UPDATE outbox SET state = 'queued', attempts = 0, next_at = ?2, dead_at = NULL WHERE id = ?1 AND state = 'dead'";
    let changed = tx.execute(sql, params![id, now])?;
    let (entry, _) = get(tx, id)?;
    if changed == 0 { Err(Error::NotGivenUp) } else { Ok(entry) }
}

/// Whether something is there that was sent before `time`.
pub(crate) fn has_old(conn: &Connection, time: Time) -> Result<bool, Error> {
    let sql = "SELECT EXISTS (SELECT 1 FROM outbox WHERE state = 'sent' AND sent_at < ?)";
    Ok(conn.prepare_cached(sql)?.query_row([time], |row| row.get(0))?)
}

/// Clears some of it away.
pub(crate) fn sweep(tx: &Tx, time: Time) -> Result<usize, Error> {
    let sql = "DELETE FROM outbox WHERE id IN (SELECT id FROM outbox WHERE state = 'sent' AND sent_at < ?1 LIMIT ?2)";
    Ok(tx.execute(sql, params![time, SWEEP_MAX])?)
}

/// How much there is of what.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Facts {
    /// What waits, or is being sent.
    pub(crate) queued: u64,
    /// The oldest of that.
    pub(crate) oldest: Option<Time>,
    /// What was given up.
    pub(crate) dead: u64,
    /// What of that was given up since the time that was asked for.
    pub(crate) dead_since: u64,
    /// When something was sent last.
    pub(crate) sent_at: Option<Time>,
}

/// As it is now.
pub(crate) fn facts(conn: &Connection, since: Time) -> Result<Facts, Error> {
    let sql =
        "SELECT (SELECT count(*) FROM outbox WHERE state = 'queued') + (SELECT count(*) FROM outbox WHERE state = 'leased') AS queued,
             (SELECT min(created_at) FROM outbox WHERE state IN ('queued', 'leased')) AS oldest,
             (SELECT count(*) FROM outbox WHERE state = 'dead') AS dead,
             (SELECT count(*) FROM outbox WHERE state = 'dead' AND dead_at > ?) AS dead_since,
             (SELECT max(sent_at) FROM outbox WHERE state = 'sent') AS sent_at";
    Ok(conn.prepare_cached(sql)?.query_row([since], |row| {
        Ok(Facts {
            queued: row.get("queued")?,
            oldest: row.get("oldest")?,
            dead: row.get("dead")?,
            dead_since: row.get("dead_since")?,
            sent_at: row.get("sent_at")?,
        })
    })?)
}
