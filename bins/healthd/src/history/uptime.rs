//! How a site was on each of the last 90 days, from its hours.

use std::collections::BTreeMap;

use jiff::Timestamp;
use magnetiq_storage::Error;
use magnetiq_storage::rusqlite::{Connection, OptionalExtension};

use super::record::HOUR_MS;

pub(crate) const DAYS: i64 = 90;
const DAY_MS: i64 = 24 * HOUR_MS;

/// How long it was how, in milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Day {
    /// The beginning of the day, in UTC.
    pub(crate) at: Timestamp,
    /// It worked, with or without warnings.
    pub(crate) up_ms: i64,
    pub(crate) down_ms: i64,
    pub(crate) maintenance_ms: i64,
    /// Nobody knows: a check could not tell, or healthd did not run. Never taken for up.
    pub(crate) unknown_ms: i64,
}

impl Day {
    /// Whether there is anything to say of it.
    pub(crate) fn is_watched(&self) -> bool {
        self.up_ms + self.down_ms + self.maintenance_ms + self.unknown_ms > 0
    }

    /// Both together, from the beginning of this one.
    fn and(self, other: Self) -> Self {
        Self {
            at: self.at,
            up_ms: self.up_ms + other.up_ms,
            down_ms: self.down_ms + other.down_ms,
            maintenance_ms: self.maintenance_ms + other.maintenance_ms,
            unknown_ms: self.unknown_ms + other.unknown_ms,
        }
    }

    /// The share of the time that is known in which it was up, 0 to 1; maintenance is left out.
    pub(crate) fn uptime(&self) -> Option<f64> {
        share(self.up_ms, self.up_ms + self.down_ms)
    }

    /// The share of the time of which nobody knows, 0 to 1.
    pub(crate) fn unknown(&self) -> f64 {
        share(self.unknown_ms, self.up_ms + self.down_ms + self.maintenance_ms + self.unknown_ms).unwrap_or_default()
    }
}

fn share(part: i64, whole: i64) -> Option<f64> {
    #[expect(clippy::cast_precision_loss, reason = "milliseconds of 90 days")]
    (whole > 0).then(|| part as f64 / whole as f64)
}

/// The last 90 days of a site, the oldest first, the last of them today.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Past {
    pub(crate) days: Vec<Day>,
}

impl Past {
    /// All days as one.
    pub(crate) fn whole(&self) -> Day {
        self.days.iter().fold(Day::default(), |sum, day| sum.and(*day))
    }
}

/// How the site was until `now`, where the record ends. What is missing since it was first seen is unknown; days before that were not watched.
pub(crate) fn past(conn: &Connection, site: &str, now: Timestamp) -> Result<Past, Error> {
    let now = now.as_millisecond();
    let first_day = now - now.rem_euclid(DAY_MS) - (DAYS - 1) * DAY_MS;
    let mut find = conn.prepare_cached("SELECT id, first_at FROM subject WHERE site = ?1 AND check_name = ''")?;
    let subject: Option<(i64, i64)> = find.query_row([site], |row| Ok((row.get(0)?, row.get(1)?))).optional()?;
    let sql = "SELECT at, pass_ms + warn_ms, fail_ms, maintenance_ms FROM hour WHERE subject_id = ?3 AND at BETWEEN ?1 AND ?2";
    let mut statement = conn.prepare_cached(sql)?;
    let rows = statement.query_map((first_day, now, subject.map(|(id, _)| id)), |row| {
        Ok((row.get(0)?, Day { up_ms: row.get(1)?, down_ms: row.get(2)?, maintenance_ms: row.get(3)?, ..Day::default() }))
    })?;
    let hours: BTreeMap<i64, Day> = rows.collect::<Result<_, _>>()?;
    let days = (0..DAYS).map(|place| {
        let begin = first_day + place * DAY_MS;
        let known = hours.range(begin..begin + DAY_MS).fold(Day::default(), |sum, (_, hour)| sum.and(*hour));
        let watched_from = subject.map_or(now, |(_, first_at)| first_at.max(begin));
        let watched = ((begin + DAY_MS).min(now) - watched_from).max(0);
        let unknown_ms = (watched - known.up_ms - known.down_ms - known.maintenance_ms).max(0);
        Day { at: super::moment(begin), unknown_ms, ..known }
    });
    Ok(Past { days: days.collect() })
}
