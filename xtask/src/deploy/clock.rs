use jiff::{Timestamp, TimestampRound, Unit};

/// The only place of this command that looks at the clock. To the second: it is for people, and stands in labels.
#[expect(clippy::disallowed_methods, reason = "a command of a person, whose journal says when")]
pub(crate) fn now() -> Timestamp {
    let now = Timestamp::now();
    now.round(TimestampRound::new().smallest(Unit::Second)).unwrap_or(now)
}
