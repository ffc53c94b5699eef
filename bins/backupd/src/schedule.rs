//! When a backup is due: cron in UTC, where no hour is missing and none comes twice.

use std::cmp::Ordering;
use std::time::Duration;

use anyhow::Context;
use croner::errors::CronError;
use croner::parser::{CronParser, Seconds, Year};
use croner::{CivilDate, CivilDateTime, CivilTime, Cron, CronDateTime, Resolution, Weekday};
use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;

/// Five fields of cron.
#[derive(Debug, Clone)]
pub(crate) struct Schedule {
    cron: Cron,
    text: String,
}

impl Schedule {
    pub(crate) fn parse(text: &str) -> anyhow::Result<Self> {
        let parser = CronParser::builder().seconds(Seconds::Disallowed).year(Year::Disallowed).build();
        let cron = parser.parse(text).with_context(|| format!("failed to read backup.schedule {text:?}"))?;
        Ok(Self { cron, text: text.to_owned() })
    }

    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    /// The form with seconds that the scheduler wants.
    pub(crate) fn with_seconds(&self) -> String {
        format!("0 {}", self.text)
    }

    /// The first moment after `now`.
    pub(crate) fn next(&self, now: Timestamp) -> Option<Timestamp> {
        timestamp(self.cron.find_next_occurrence(&Utc::at(now), false).ok()?)
    }

    /// The last moment that is not after `now`.
    pub(crate) fn last(&self, now: Timestamp) -> Option<Timestamp> {
        timestamp(self.cron.find_previous_occurrence(&Utc::at(now), true).ok()?)
    }
}

/// What became of the runs so far.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct History {
    /// When the newest backup that is worth something was made.
    pub(crate) newest_good: Option<Timestamp>,
    /// When the last attempt ended, if it failed.
    pub(crate) failed_at: Option<Timestamp>,
    /// Attempts that failed since the last one that did not.
    pub(crate) failures: u32,
}

impl History {
    /// The same, as if no attempt had failed.
    pub(crate) fn unfailed(self) -> Self {
        Self { newest_good: self.newest_good, ..Self::default() }
    }
}

/// A clock may be corrected by so much without a backup counting as one from the future.
const CLOCK_SLACK: Duration = Duration::from_secs(5 * 60);
const FIRST_RETRY: Duration = Duration::from_secs(10 * 60);
const LONGEST_RETRY: Duration = Duration::from_secs(4 * 60 * 60);

/// The moment for which a backup is missing at `now` and should be made, if there is one: the last one of the schedule, when more than
/// `grace` has passed and nothing was made since. After failures it waits longer each time.
pub(crate) fn missed(schedule: &Schedule, now: Timestamp, history: &History, grace: Duration) -> Option<Timestamp> {
    let due = schedule.last(now)?;
    // A backup from the future was made by a clock that went wrong, and says nothing about today.
    let done = history.newest_good.is_some_and(|made| made >= due && !lies_ahead(made, now));
    if done || elapsed(due, now) < grace {
        return None;
    }
    let waits = history.failed_at.is_some_and(|failed| failed >= due && !has_rested(failed, history.failures, now));
    (!waits).then_some(due)
}

/// Whether it may be tried again after so many failures in a row, of which the last ended at `ended`. One that lies ahead holds nothing up: the
/// clock was set back.
pub(crate) fn has_rested(ended: Timestamp, failures: u32, now: Timestamp) -> bool {
    let pause = FIRST_RETRY.saturating_mul(2_u32.saturating_pow(failures.saturating_sub(1))).min(LONGEST_RETRY);
    lies_ahead(ended, now) || elapsed(ended, now) >= pause
}

fn lies_ahead(then: Timestamp, now: Timestamp) -> bool {
    then > now.saturating_add(CLOCK_SLACK).unwrap_or(Timestamp::MAX)
}

fn elapsed(then: Timestamp, now: Timestamp) -> Duration {
    Duration::try_from(now.duration_since(then)).unwrap_or_default()
}

/// A moment for croner, whose own support is for another version of jiff.
#[derive(Debug, Clone, Copy)]
struct Utc(DateTime);

impl Utc {
    fn at(timestamp: Timestamp) -> Self {
        Self(timestamp.to_zoned_datetime(TimeZone::UTC).datetime())
    }
}

fn timestamp(Utc(datetime): Utc) -> Option<Timestamp> {
    Some(datetime.to_zoned_datetime(TimeZone::UTC).ok()?.timestamp())
}

impl CronDateTime for Utc {
    fn to_civil(&self) -> CivilDateTime {
        let part = |value: i8| u32::try_from(value).unwrap_or_default();
        let (date, time) = (self.0.date(), self.0.time());
        CivilDateTime::new(
            CivilDate::from_parts_unchecked(i32::from(date.year()), part(date.month()), part(date.day())),
            CivilTime::from_parts_unchecked(part(time.hour()), part(time.minute()), part(time.second())),
        )
    }

    fn civil_weekday(&self) -> Weekday {
        Weekday::from_days_from_sunday(u32::try_from(self.0.date().weekday().to_sunday_zero_offset()).unwrap_or_default())
    }

    fn resolve_civil(&self, civil: CivilDateTime) -> Result<Resolution<Self>, CronError> {
        let part = |value: u32| i8::try_from(value).unwrap_or_default();
        let year = i16::try_from(civil.year()).unwrap_or(i16::MAX);
        let datetime =
            DateTime::new(year, part(civil.month()), part(civil.day()), part(civil.hour()), part(civil.minute()), part(civil.second()), 0);
        datetime.map(|datetime| Resolution::Single(Self(datetime))).or(Err(CronError::InvalidDate))
    }

    fn checked_add_seconds(&self, seconds: i64) -> Option<Self> {
        self.0.checked_add(jiff::SignedDuration::from_secs(seconds)).ok().map(Self)
    }

    fn cmp_instant(&self, other: &Self) -> Ordering {
        self.0.cmp(&other.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn moments_before_and_after() {
        let check = |cron: &str, now: &str, last: &str, next: &str| {
            let schedule = Schedule::parse(cron).unwrap();
            assert_eq!((schedule.last(at(now)), schedule.next(at(now))), (Some(at(last)), Some(at(next))), "{cron} at {now}");
        };
        check("0 2 * * *", "2026-11-23T12:00:00Z", "2026-11-23T02:00:00Z", "2026-11-24T02:00:00Z");
        check("0 2 * * *", "2026-11-23T01:59:59Z", "2026-11-22T02:00:00Z", "2026-11-23T02:00:00Z");
        check("0 2 * * *", "2026-11-23T02:00:00Z", "2026-11-23T02:00:00Z", "2026-11-24T02:00:00Z");
        check("*/15 * * * *", "2026-12-31T23:50:00Z", "2026-12-31T23:45:00Z", "2027-01-01T00:00:00Z");
        check("0 3 * * SUN", "2026-11-23T12:00:00Z", "2026-11-22T03:00:00Z", "2026-11-29T03:00:00Z");
        check("0 0 29 2 *", "2026-11-23T12:00:00Z", "2024-02-29T00:00:00Z", "2028-02-29T00:00:00Z");
        // When clocks change in Europe and America, 02:30 is missing or comes twice. Not here.
        check("30 2 * * *", "2026-03-29T02:29:00Z", "2026-03-28T02:30:00Z", "2026-03-29T02:30:00Z");
        check("30 2 * * *", "2026-10-25T02:30:01Z", "2026-10-25T02:30:00Z", "2026-10-26T02:30:00Z");
    }

    #[test]
    fn what_was_missed() {
        let schedule = Schedule::parse("0 2 * * *").unwrap();
        let now = "2026-11-23T09:00:00Z";
        let check = |now: &str, made: Option<&str>, failed: Option<(&str, u32)>, due: Option<&str>| {
            let history = History {
                newest_good: made.map(at),
                failed_at: failed.map(|(moment, _)| at(moment)),
                failures: failed.map_or(0, |(_, failures)| failures),
            };
            assert_eq!(missed(&schedule, at(now), &history, Duration::from_secs(60)), due.map(at), "{now} {made:?} {failed:?}");
        };
        let due = Some("2026-11-23T02:00:00Z");
        check(now, None, None, due);
        check(now, Some("2026-11-22T02:00:09Z"), None, due);
        check(now, Some("2026-11-23T02:00:09Z"), None, None);
        check(now, Some("2026-11-23T08:00:00Z"), None, None);
        // The scheduler itself gets its chance first.
        check("2026-11-23T02:00:30Z", Some("2026-11-22T02:00:09Z"), None, None);
        check("2026-11-23T02:01:00Z", Some("2026-11-22T02:00:09Z"), None, due);
        // The clock was set back: what lies ahead does not count, a correction of a minute does no harm.
        check(now, Some("2027-11-23T02:00:09Z"), None, due);
        check("2026-11-23T02:05:00Z", Some("2026-11-23T02:06:00Z"), None, None);
        // After a failure it is tried again, later each time, and at the next moment of the schedule in any case.
        check(now, None, Some(("2026-11-23T08:55:00Z", 1)), None);
        check(now, None, Some(("2026-11-23T08:49:00Z", 1)), due);
        check(now, None, Some(("2026-11-23T08:00:00Z", 4)), None);
        check(now, None, Some(("2026-11-23T04:59:00Z", 40)), due);
        check("2026-11-23T02:01:00Z", None, Some(("2026-11-23T01:59:00Z", 9)), due);
        // It failed while the clock was ten years ahead.
        check(now, None, Some(("2036-11-23T08:55:00Z", 3)), due);
        check(now, None, Some(("2026-11-23T09:04:00Z", 3)), None);
    }
}
