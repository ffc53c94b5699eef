//! What keeps the history bounded.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use magnetiq_health::Moment;
use magnetiq_storage::rusqlite::OptionalExtension;
use magnetiq_storage::{Error, Tx};

use super::uptime::DAYS;

const DAY_MS: i64 = 24 * 60 * 60 * 1000;
const INCIDENT_DAYS: i64 = 365;
const INCIDENTS: i64 = 10_000;

/// Whether the clock went on from `before` to `now` as time did, give or take a day: what one that jumped calls too old may be of yesterday.
pub(crate) fn is_sure(before: Moment, now: Moment) -> bool {
    let went = now.wall.duration_since(before.wall);
    let lasted = SignedDuration::try_from(now.since(before.steady)).unwrap_or(SignedDuration::MAX);
    went.saturating_sub(lasted).abs() <= SignedDuration::from_hours(24)
}

/// Removes what is too old: answers after `raw_kept`, hours after 90 days, incidents that are over after a year or beyond 10,000. Of answers
/// that piled up at most a day goes at a time. Returns whether more is left to do.
pub(crate) fn prune(tx: &Tx, raw_kept: Duration, now: Timestamp) -> Result<bool, Error> {
    let now = now.as_millisecond();
    let raw_before = now - i64::try_from(raw_kept.as_millis()).unwrap_or(i64::MAX);
    let oldest: Option<i64> = tx.query_row("SELECT min(at) FROM sample", [], |row| row.get(0)).optional()?.flatten();
    let slice_before = oldest.map_or(raw_before, |oldest| raw_before.min(oldest + DAY_MS));
    tx.execute("DELETE FROM sample WHERE at < ?1", [slice_before])?;
    tx.execute("DELETE FROM hour WHERE at < ?1", [now - (DAYS + 1) * DAY_MS])?;
    tx.execute("DELETE FROM maintenance WHERE until_at <= ?1", [now])?;
    tx.execute("DELETE FROM incident WHERE ended_at < ?1", [now - INCIDENT_DAYS * DAY_MS])?;
    let sql = "DELETE FROM incident WHERE ended_at IS NOT NULL AND id <= (SELECT id FROM incident ORDER BY id DESC LIMIT 1 OFFSET ?1)";
    tx.execute(sql, [INCIDENTS])?;
    Ok(slice_before < raw_before)
}
