//! How long a check took over the last day, as a line to draw.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use magnetiq_storage::Error;
use magnetiq_storage::rusqlite::Connection;

/// A point for each quarter of an hour.
const STEP_MS: i64 = 15 * 60 * 1000;
const POINTS: usize = 96;

/// The mean of each quarter of an hour of the last day in seconds, the oldest first; `None` where nothing answered.
pub(crate) type Latency = Vec<Option<f64>>;

/// The latency of each check, by its name.
pub(crate) fn latencies(conn: &Connection, now: Timestamp) -> Result<BTreeMap<String, Latency>, Error> {
    let last = now.as_millisecond() / STEP_MS;
    let from = now.checked_sub(SignedDuration::from_hours(24)).unwrap_or(Timestamp::MIN);
    let sql = "SELECT check_name, step, took FROM subject JOIN (
            SELECT subject_id, at / ?2 AS step, avg(took_us) / 1e6 AS took FROM sample WHERE at >= ?1 AND took_us IS NOT NULL GROUP BY 1, 2
        ) ON subject_id = id";
    let mut statement = conn.prepare_cached(sql)?;
    let rows = statement.query_map((from.as_millisecond(), STEP_MS), |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
    let mut found: BTreeMap<String, Latency> = BTreeMap::new();
    for row in rows {
        let (check, step, took): (String, i64, f64) = row?;
        let place = usize::try_from(last - step).ok().and_then(|back| (POINTS - 1).checked_sub(back));
        let line = found.entry(check).or_insert_with(|| vec![None; POINTS]);
        if let Some(point) = place.and_then(|place| line.get_mut(place)) {
            *point = Some(took);
        }
    }
    Ok(found)
}
