//! What is written down of the reports: how long it was how, and what answered since the last time.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::Timestamp;
use magnetiq_health::{CheckId, Moment, Report, Status};

use crate::history::{Answer, HOUR_MS, Lasted, Subject};
use crate::shared::Site;

/// What was written down last.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    counted: Option<Moment>,
    answered: BTreeMap<CheckId, Timestamp>,
}

/// What there is to write down.
#[derive(Debug, Default)]
pub(crate) struct Entries {
    pub(crate) lasted: Vec<Lasted>,
    pub(crate) answers: Vec<Answer>,
}

impl Tally {
    /// What is to be written down at `now`. Where more than `longest` went by since the last time, the machine slept: nobody knows how it was.
    pub(crate) fn take(&self, report: &Report, sites: &[Site], now: Moment, longest: Duration) -> Entries {
        let mut entries = Entries::default();
        let lasted = self.counted.map(|counted| now.since(counted.steady)).filter(|lasted| *lasted <= longest).unwrap_or_default();
        for site in sites {
            let Some(node) = report.node(site.node.as_str()) else { continue };
            let subject = |check: &str| Subject { site: site.name.clone(), check: check.to_owned() };
            pieces(&mut entries.lasted, &subject(""), node.status, now.wall, lasted);
            for check in report.checks_below(&site.node) {
                let subject = subject(check.id.as_str());
                // That another check explains it makes it no better.
                let status = if check.status == Status::Suppressed { check.seen } else { check.status };
                pieces(&mut entries.lasted, &subject, status, now.wall, lasted);
                if check.answered_at.is_some_and(|at| self.answered.get(&check.id) != Some(&at)) {
                    entries.answers.push(Answer {
                        subject,
                        at: now.wall,
                        status: check.status,
                        took_us: check.took_seconds.map(microseconds),
                        reading: check.facts.readings.first().and_then(magnetiq_health::Reading::number),
                    });
                }
            }
        }
        entries
    }

    /// Until when it is written down how it was.
    pub(crate) fn counted_at(&self) -> Option<Timestamp> {
        self.counted.map(|counted| counted.wall)
    }

    /// It is written down.
    pub(crate) fn done(&mut self, report: &Report, now: Moment) {
        self.counted = Some(now);
        self.answered = report.checks.iter().filter_map(|check| Some((check.id.clone(), check.answered_at?))).collect();
    }
}

/// The time that ends `now`, cut where an hour begins.
fn pieces(to: &mut Vec<Lasted>, subject: &Subject, status: Status, now: Timestamp, lasted: Duration) {
    let (now, lasted) = (now.as_millisecond(), i64::try_from(lasted.as_millis()).unwrap_or(i64::MAX));
    let mut from = now.saturating_sub(lasted);
    // Also where nothing lasted: a subject is known from its first moment on.
    loop {
        let end = (from - from.rem_euclid(HOUR_MS) + HOUR_MS).min(now);
        let at = Timestamp::from_millisecond(from).unwrap_or(Timestamp::MIN);
        to.push(Lasted { subject: subject.clone(), from: at, status, milliseconds: end - from });
        if end >= now {
            return;
        }
        from = end;
    }
}

#[expect(clippy::cast_possible_truncation, reason = "saturates, and nothing runs for 292,000 years")]
fn microseconds(seconds: f64) -> i64 {
    (seconds * 1e6).round() as i64
}

#[cfg(test)]
mod tests {
    use magnetiq_health::Status::Pass;
    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// Time is cut where hours begin, and none of it is lost.
        #[test]
        fn no_piece_crosses_an_hour(now in 10_000_000_000_i64..2_000_000_000_000, lasted in 0..10_000_000_u64) {
            let subject = Subject { site: String::new(), check: String::new() };
            let mut pieces_of = Vec::new();
            pieces(&mut pieces_of, &subject, Pass, Timestamp::from_millisecond(now).unwrap(), Duration::from_millis(lasted));
            let sum: i64 = pieces_of.iter().map(|piece| piece.milliseconds).sum();
            prop_assert_eq!(sum, i64::try_from(lasted).unwrap());
            for piece in &pieces_of {
                let from = piece.from.as_millisecond();
                prop_assert!(from.rem_euclid(HOUR_MS) + piece.milliseconds <= HOUR_MS, "{:?}", piece);
            }
        }
    }
}
