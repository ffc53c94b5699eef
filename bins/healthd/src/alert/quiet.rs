//! Hours in which only the worst is told.

use jiff::civil::DateTime;
use jiff::{Timestamp, ToSpan};
use magnetiq_config::QuietHours;

/// Whether `now` is within them.
pub(super) fn is_quiet(hours: &QuietHours, now: Timestamp) -> bool {
    let time = now.to_zoned_datetime(hours.zone.clone()).time();
    if hours.from < hours.until { (hours.from..hours.until).contains(&time) } else { time >= hours.from || time < hours.until }
}

/// When they ended last. What was due before that has waited for it.
pub(super) fn last_end(hours: &QuietHours, now: Timestamp) -> Option<Timestamp> {
    let today = now.to_zoned_datetime(hours.zone.clone()).date();
    let end = |date: jiff::civil::Date| {
        // A time of day that is skipped in spring is the one after the gap.
        let zoned = DateTime::from_parts(date, hours.until).to_zoned_datetime(hours.zone.clone()).ok()?;
        Some(zoned.timestamp()).filter(|end| *end <= now)
    };
    end(today).or_else(|| end(today.checked_sub(1.day()).ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(from: &str, until: &str, now: &str, quiet: bool, ended: &str) {
        let zone = jiff::tz::TimeZone::get("Europe/Vienna").unwrap();
        let hours = QuietHours { from: from.parse().unwrap(), until: until.parse().unwrap(), zone };
        let now: Timestamp = now.parse().unwrap();
        assert_eq!(is_quiet(&hours, now), quiet, "{now}");
        assert_eq!(last_end(&hours, now), Some(ended.parse().unwrap()), "{now}");
    }

    #[test]
    fn hours_of_a_place() {
        // Vienna is two hours ahead in summer, and one in winter.
        check("22:00", "07:00", "2026-07-01T19:59:59Z", false, "2026-07-01T05:00:00Z");
        check("22:00", "07:00", "2026-07-01T20:00:00Z", true, "2026-07-01T05:00:00Z");
        check("22:00", "07:00", "2026-07-02T04:59:59Z", true, "2026-07-01T05:00:00Z");
        check("22:00", "07:00", "2026-07-02T05:00:00Z", false, "2026-07-02T05:00:00Z");
        check("22:00", "07:00", "2026-12-02T05:59:59Z", true, "2026-12-01T06:00:00Z");
        check("22:00", "07:00", "2026-12-02T06:00:00Z", false, "2026-12-02T06:00:00Z");
        check("12:00", "14:00", "2026-12-02T12:30:00Z", true, "2026-12-01T13:00:00Z");
        check("12:00", "14:00", "2026-12-02T10:30:00Z", false, "2026-12-01T13:00:00Z");
        // In the night in which 2:30 does not exist.
        check("22:00", "02:30", "2026-03-29T01:15:00Z", false, "2026-03-28T01:30:00Z");
        check("22:00", "02:30", "2026-03-29T01:30:00Z", false, "2026-03-29T01:30:00Z");
    }
}
