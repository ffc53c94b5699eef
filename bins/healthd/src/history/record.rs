//! All SQL that writes down what was seen.

use jiff::Timestamp;
use magnetiq_health::Status;
use magnetiq_health::render::status_number;
use magnetiq_storage::rusqlite::{OptionalExtension, params};
use magnetiq_storage::{Error, Tx};

/// What something is about: a check, or a site as a whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Subject {
    pub(crate) site: String,
    /// Empty for the site as a whole.
    pub(crate) check: String,
}

/// How something was for a while that lies within one hour.
#[derive(Debug, Clone)]
pub(crate) struct Lasted {
    pub(crate) subject: Subject,
    pub(crate) from: Timestamp,
    pub(crate) status: Status,
    pub(crate) milliseconds: i64,
}

/// One answer of a check.
#[derive(Debug, Clone)]
pub(crate) struct Answer {
    pub(crate) subject: Subject,
    pub(crate) at: Timestamp,
    pub(crate) status: Status,
    pub(crate) took_us: Option<i64>,
    /// Its first measurement, in its unit.
    pub(crate) reading: Option<f64>,
}

/// Adds to the hours, and keeps the answers.
pub(crate) fn record(tx: &Tx, lasted: &[Lasted], answers: &[Answer]) -> Result<(), Error> {
    for piece in lasted {
        let sql = format!(
            "INSERT INTO hour (at, subject_id, {column}) VALUES (?1, ?2, ?3)
            ON CONFLICT (subject_id, at) DO UPDATE SET {column} = {column} + excluded.{column}",
            column = column(piece.status)
        );
        let subject = subject_id(tx, &piece.subject, piece.from)?;
        tx.prepare_cached(&sql)?.execute(params![hour(piece.from).as_millisecond(), subject, piece.milliseconds])?;
    }
    for answer in answers {
        let subject = subject_id(tx, &answer.subject, answer.at)?;
        let (at, status) = (answer.at.as_millisecond(), status_number(answer.status));
        // A clock that was set back comes to the same moment twice.
        let sql = "INSERT OR REPLACE INTO sample (at, subject_id, status, took_us, reading) VALUES (?1, ?2, ?3, ?4, ?5)";
        tx.prepare_cached(sql)?.execute(params![at, subject, status, answer.took_us, answer.reading])?;
        let sql =
            "INSERT INTO hour (at, subject_id, answers, took_min_us, took_sum_us, took_max_us) VALUES (?1, ?2, 1, ?3, coalesce(?3, 0), ?3)
            ON CONFLICT (subject_id, at) DO UPDATE SET answers = answers + 1, took_sum_us = took_sum_us + excluded.took_sum_us,
                took_min_us = coalesce(min(took_min_us, excluded.took_min_us), took_min_us, excluded.took_min_us),
                took_max_us = coalesce(max(took_max_us, excluded.took_max_us), took_max_us, excluded.took_max_us)";
        tx.prepare_cached(sql)?.execute(params![hour(answer.at).as_millisecond(), subject, answer.took_us])?;
    }
    Ok(())
}

/// The beginning of the hour.
pub(crate) fn hour(at: Timestamp) -> Timestamp {
    let milliseconds = at.as_millisecond();
    super::moment(milliseconds - milliseconds.rem_euclid(HOUR_MS))
}

pub(crate) const HOUR_MS: i64 = 60 * 60 * 1000;

fn column(status: Status) -> &'static str {
    match status {
        Status::Pass => "pass_ms",
        Status::Warn => "warn_ms",
        // What another check takes down is down.
        Status::Fail | Status::Suppressed => "fail_ms",
        Status::Unknown => "unknown_ms",
        Status::Maintenance => "maintenance_ms",
    }
}

/// The number of what it is about, which was first seen at `at`, where it is new.
fn subject_id(tx: &Tx, subject: &Subject, at: Timestamp) -> Result<i64, Error> {
    let names = (&subject.site, &subject.check);
    let mut find = tx.prepare_cached("SELECT id FROM subject WHERE site = ?1 AND check_name = ?2")?;
    if let Some(id) = find.query_row(names, |row| row.get(0)).optional()? {
        return Ok(id);
    }
    let sql = "INSERT INTO subject (site, check_name, first_at) VALUES (?1, ?2, ?3)";
    tx.prepare_cached(sql)?.execute((names.0, names.1, at.as_millisecond()))?;
    Ok(tx.last_insert_rowid())
}
