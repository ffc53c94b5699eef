//! The outbox in the database: every SQL statement about it.

use std::time::Duration;

use magnetiq_storage::{
    Tx,
    rusqlite::{
        Connection, OptionalExtension, Row, named_params, params,
        types::{FromSql, FromSqlError, FromSqlResult, ToSql, ToSqlOutput, ValueRef},
    },
};

use super::{
    Entry, Kind, State,
    delivery::{Delivered, Item},
    template::Template,
};
use crate::{
    clock::Time,
    error::Error,
    http::cursor::{Cursor, List, ListQuery},
    id::OutboxId,
};

/// Characters of a reason that are kept.
const REASON_MAX: usize = 500;
/// For which posts are counted.
const DAY: Duration = Duration::from_secs(24 * 3600);
/// Rows that are cleared away in one write.
const SWEEP_MAX: u32 = 500;

const COLUMNS: &str = "id, kind, target, template, state, attempts, next_at, last_error, created_at, sent_at, dead_at,
    cancelled_at, receipt";

impl State {
    fn word(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Leased => "leased",
            Self::Sent => "sent",
            Self::Dead => "dead",
            Self::Cancelled => "cancelled",
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
        let states = [Self::Queued, Self::Leased, Self::Sent, Self::Dead, Self::Cancelled];
        states.into_iter().find(|state| state.word() == word).ok_or(FromSqlError::InvalidType)
    }
}

impl ToSql for Kind {
    fn to_sql(&self) -> magnetiq_storage::rusqlite::Result<ToSqlOutput<'_>> {
        Ok(self.word().into())
    }
}

impl FromSql for Kind {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        let word = value.as_str()?;
        Self::ALL.into_iter().find(|kind| kind.word() == word).ok_or(FromSqlError::InvalidType)
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
        cancelled_at: row.get("cancelled_at")?,
        receipt: row.get("receipt")?,
    })
}

/// Letters with what a visitor sent in them, or to a visitor.
pub(super) const QUOTES_VISITORS: [&str; 3] = ["lead", "confirm-lead", "lead-reply"];

/// Something to be written.
#[derive(Clone, Copy, Debug)]
pub(super) struct NewRow<'a> {
    pub(super) id: OutboxId,
    pub(super) kind: Kind,
    pub(super) target: &'a str,
    pub(super) template: &'a str,
    pub(super) payload: &'a str,
    /// The same cause is written once.
    pub(super) key: &'a str,
    /// When it is tried, at the earliest.
    pub(super) at: Time,
}

/// Writes a letter, in the transaction of what causes it. With a key that is there already, it was written before, and nothing happens.
pub(crate) fn enqueue(tx: &Tx, to: &str, template: &Template, key: &str, now: Time) -> Result<(), Error> {
    let (name, payload) = template.parts()?;
    let row = NewRow { id: OutboxId::new(now), kind: Kind::Mail, target: to, template: &name, payload: &payload, key, at: now };
    insert(tx, &row, now).map(drop)
}

/// Whether it was written.
pub(super) fn insert(tx: &Tx, row: &NewRow<'_>, now: Time) -> Result<bool, Error> {
    let NewRow { id, kind, target, template, payload, key, at } = row;
    let written = tx
        .prepare_cached(
            "INSERT INTO outbox (id, kind, target, template, payload, idempotency_key, state, attempts, next_at, created_at)
             VALUES (:id, :kind, :to, :name, :payload, :key, 'queued', 0, :at, :now) ON CONFLICT (idempotency_key) DO NOTHING",
        )?
        .execute(named_params! {
            ":id": id, ":kind": kind, ":to": target, ":name": template, ":payload": payload, ":key": key, ":at": at, ":now": now,
        })?;
    Ok(written > 0)
}

/// When something is to be done next.
pub(crate) fn next_at(conn: &Connection, kind: Kind) -> Result<Option<Time>, Error> {
    let first = |sql: &str| conn.prepare_cached(sql)?.query_row([kind], |row| row.get::<_, Option<Time>>(0));
    let queued = first("SELECT min(next_at) FROM outbox WHERE state = 'queued' AND kind = ?")?;
    let leased = first("SELECT min(leased_until) FROM outbox WHERE state = 'leased' AND kind = ?")?;
    Ok([queued, leased].into_iter().flatten().min())
}

/// Until when nothing may be sent: the other side asked for it, or as many as may were sent within a day. Both are rows, so that a restart
/// changes nothing.
pub(crate) fn free_at(conn: &Connection, kind: Kind, per_day: Option<u32>, now: Time) -> Result<Option<Time>, Error> {
    let asked: Option<Time> =
        conn.prepare_cached("SELECT until FROM outbox_pause WHERE kind = ?")?.query_row([kind], |row| row.get(0)).optional()?;
    let Some(per_day) = per_day else { return Ok(asked) };
    let sql = "SELECT sent_at FROM outbox WHERE state = 'sent' AND kind = ?1 AND sent_at > ?2 ORDER BY sent_at DESC LIMIT 1 OFFSET ?3";
    let oldest: Option<Time> =
        conn.prepare_cached(sql)?.query_row(params![kind, now.minus(DAY), per_day.saturating_sub(1)], |row| row.get(0)).optional()?;
    Ok([asked, oldest.map(|at| at.plus(DAY))].into_iter().flatten().max())
}

/// The other side wants to hear nothing until then.
pub(crate) fn pause(tx: &Tx, kind: Kind, until: Time) -> Result<(), Error> {
    let sql = "INSERT INTO outbox_pause (kind, until) VALUES (?1, ?2) ON CONFLICT DO UPDATE SET until = max(until, ?2)";
    tx.prepare_cached(sql)?.execute(params![kind, until])?;
    Ok(())
}

/// Takes the next that is due, for as long as `lease`. It counts as tried from now on: who dies over it has tried.
pub(crate) fn lease(tx: &Tx, kind: Kind, now: Time, lease: Duration) -> Result<Option<Item>, Error> {
    tx.prepare_cached(
        "UPDATE outbox SET state = 'queued', leased_until = NULL WHERE state = 'leased' AND kind = ?1 AND leased_until <= ?2",
    )?
    .execute(params![kind, now])?;
    let sql = "UPDATE outbox SET state = 'leased', leased_until = :until, attempts = attempts + 1
         WHERE id = (SELECT id FROM outbox WHERE state = 'queued' AND kind = :kind AND next_at <= :now ORDER BY next_at LIMIT 1)
         RETURNING id, target, template, payload, created_at, coalesce(payload ->> 'due_at_ms', created_at) AS due_at, attempts";
    let item = tx.prepare_cached(sql)?.query_row(named_params! { ":kind": kind, ":now": now, ":until": now.plus(lease) }, |row| {
        Ok(Item {
            id: row.get("id")?,
            target: row.get("target")?,
            template: row.get("template")?,
            payload: row.get("payload")?,
            created_at: row.get("created_at")?,
            due_at: row.get("due_at")?,
            attempts: row.get("attempts")?,
        })
    });
    Ok(item.optional()?)
}

/// Gives back what a server before this one had taken: there is one server, and it has just begun.
pub(crate) fn release_all(tx: &Tx, kind: Kind) -> Result<usize, Error> {
    Ok(tx.execute("UPDATE outbox SET state = 'queued', leased_until = NULL WHERE state = 'leased' AND kind = ?", [kind])?)
}

/// Notes that it was taken.
pub(crate) fn sent(tx: &Tx, item: &Item, delivered: &Delivered, now: Time) -> Result<(), Error> {
    let sql = "UPDATE outbox SET state = 'sent', sent_at = :now, leased_until = NULL, last_error = NULL, receipt = :receipt
         WHERE id = :id AND state = 'leased' AND attempts = :attempts";
    tx.prepare_cached(sql)?.execute(named_params! {
        ":id": item.id, ":attempts": item.attempts, ":now": now, ":receipt": delivered.receipt,
    })?;
    Ok(())
}

/// Notes that it was not taken: it is tried again at `again_at`, or never.
pub(crate) fn not_sent(tx: &Tx, item: &Item, reason: &str, again_at: Option<Time>, now: Time) -> Result<(), Error> {
    let state = if again_at.is_some() { State::Queued } else { State::Dead };
    let dead_at = again_at.is_none().then_some(now);
    let sql = "UPDATE outbox SET state = :state, next_at = coalesce(:again_at, next_at), dead_at = :dead_at, leased_until = NULL,
             last_error = :reason
         WHERE id = :id AND state = 'leased' AND attempts = :attempts";
    tx.prepare_cached(sql)?.execute(named_params! {
        ":id": item.id, ":attempts": item.attempts, ":state": state, ":again_at": again_at, ":dead_at": dead_at,
        ":reason": bounded(reason),
    })?;
    Ok(())
}

/// What a server far away says is anybody's text: so much of it, on one line.
fn bounded(reason: &str) -> String {
    reason.chars().take(REASON_MAX).map(|c| if c.is_control() { ' ' } else { c }).collect()
}

/// The newest first; `q` is looked for in the addresses.
pub(crate) fn list(
    conn: &Connection,
    state: Option<State>,
    kind: Option<Kind>,
    with_visitors: bool,
    query: &ListQuery,
) -> Result<List<Entry>, Error> {
    let limit = query.limit()?;
    let (time, id) = query.after()?;
    let filter = if state.is_some() { "state = :state" } else { ":state IS NULL" };
    let quote_visitors = QUOTES_VISITORS.map(|template| format!("'{template}'")).join(", ");
    let sql = format!(
        "SELECT {COLUMNS} FROM outbox WHERE {filter} AND (:kind IS NULL OR kind = :kind) AND (created_at, id) < (:time, :id)
             AND (:with_visitors OR template NOT IN ({quote_visitors})) AND (:words IS NULL OR instr(lower(target), lower(:words)) > 0)
         ORDER BY created_at DESC, id DESC LIMIT :limit"
    );
    let rows = conn
        .prepare_cached(&sql)?
        .query_map(
            named_params! {
                ":state": state, ":kind": kind, ":with_visitors": with_visitors, ":time": time, ":id": id, ":words": query.words(),
                ":limit": limit + 1,
            },
            entry,
        )?
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

/// Takes back what waits, or was given up: it is sent neither by itself nor by hand, and goes with what is old.
///
/// # Errors
///
/// [`Error::NotWaiting`] when it is being sent, was sent, or was taken back before.
pub(crate) fn cancel(tx: &Tx, id: OutboxId, now: Time) -> Result<Entry, Error> {
    let sql = "UPDATE outbox SET state = 'cancelled', cancelled_at = ?2, dead_at = NULL WHERE id = ?1 AND state IN ('queued', 'dead')";
    let changed = tx.execute(sql, params![id, now])?;
    let (entry, _) = get(tx, id)?;
    if changed == 0 { Err(Error::NotWaiting) } else { Ok(entry) }
}

/// Whether something is there that was sent or taken back before `time`.
pub(crate) fn has_old(conn: &Connection, kind: Kind, time: Time) -> Result<bool, Error> {
    let sql = "SELECT EXISTS (SELECT 1 FROM outbox WHERE state = 'sent' AND kind = ?1 AND sent_at < ?2)
        OR EXISTS (SELECT 1 FROM outbox WHERE state = 'cancelled' AND kind = ?1 AND cancelled_at < ?2)";
    Ok(conn.prepare_cached(sql)?.query_row(params![kind, time], |row| row.get(0))?)
}

/// Clears some of it away.
pub(crate) fn sweep(tx: &Tx, kind: Kind, time: Time) -> Result<usize, Error> {
    let sql = "DELETE FROM outbox WHERE id IN (
        SELECT id FROM outbox WHERE kind = ?1 AND (state = 'sent' AND sent_at < ?2 OR state = 'cancelled' AND cancelled_at < ?2) LIMIT ?3)";
    Ok(tx.execute(sql, params![kind, time, SWEEP_MAX])?)
}

/// How much there is of what.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Facts {
    /// What waits, or is being sent.
    pub(crate) queued: u64,
    /// By what that leaves.
    pub(crate) kinds: Vec<Kind>,
    /// The oldest of that.
    pub(crate) oldest: Option<Time>,
    /// What was given up.
    pub(crate) dead: u64,
    /// What of that was given up since the time that was asked for.
    pub(crate) dead_since: u64,
    /// When something was sent last.
    pub(crate) sent_at: Option<Time>,
}

/// As it is now, of letters or of everything else.
pub(crate) fn facts(conn: &Connection, is_mail: bool, since: Time) -> Result<Facts, Error> {
    let sql = "SELECT (SELECT count(*) FROM outbox WHERE state IN ('queued', 'leased') AND (kind = 'mail') = ?1) AS queued,
             (SELECT min(created_at) FROM outbox WHERE state IN ('queued', 'leased') AND (kind = 'mail') = ?1) AS oldest,
             (SELECT count(*) FROM outbox WHERE state = 'dead' AND (kind = 'mail') = ?1) AS dead,
             (SELECT count(*) FROM outbox WHERE state = 'dead' AND (kind = 'mail') = ?1 AND dead_at > ?2) AS dead_since,
             (SELECT max(sent_at) FROM outbox WHERE state = 'sent' AND (kind = 'mail') = ?1) AS sent_at";
    let waiting = "SELECT DISTINCT kind FROM outbox WHERE state IN ('queued', 'leased') AND (kind = 'mail') = ?";
    let kinds = conn.prepare_cached(waiting)?.query_map([is_mail], |row| row.get(0))?.collect::<Result<_, _>>()?;
    Ok(conn.prepare_cached(sql)?.query_row(params![is_mail, since], |row| {
        Ok(Facts {
            queued: row.get("queued")?,
            kinds,
            oldest: row.get("oldest")?,
            dead: row.get("dead")?,
            dead_since: row.get("dead_since")?,
            sent_at: row.get("sent_at")?,
        })
    })?)
}
