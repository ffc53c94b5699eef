//! What becomes of a letter that was not taken. Pure: the time and the chance come in.

use std::time::Duration;

use magnetiq_config::Mail;

/// Letters that a mail server never answered are given up after this time, as mail servers do among themselves.
const OUTAGE_MAX: Duration = Duration::from_secs(5 * 24 * 3600);
/// During an outage the breaker decides how often is tried; what waits must not wait much longer than the outage.
const OUTAGE_WAIT_MAX: Duration = Duration::from_secs(5 * 60);
/// The share of a wait that is random, in both directions.
const JITTER: f64 = 0.2;

/// Why a letter was not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Failure {
    /// The mail server does not work, or not for us: no letter is to blame.
    Outage,
    /// The server does not want this letter now.
    NotNow,
    /// Nor at any other time.
    Never,
    /// There were too many: the other side wants none at all for a while.
    Limited,
}

/// What is done next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Next {
    /// It is tried again after this time.
    Again(Duration),
    /// It is given up.
    GiveUp,
}

/// After the attempt with this number, from 1, of what was due so long ago (`age`). `random` is from 0 to 1.
pub(crate) fn next(failure: Failure, attempts: u32, age: Duration, settings: &Mail, random: f64) -> Next {
    let too_often = attempts >= settings.attempts;
    let (is_over, wait_max) = match failure {
        Failure::Never => return Next::GiveUp,
        Failure::NotNow => (too_often, settings.retry_max),
        Failure::Limited => (too_often && age >= OUTAGE_MAX, settings.retry_max),
        // However long it lasts: by its end the letters are still there.
        Failure::Outage => (too_often && age >= OUTAGE_MAX, settings.retry_max.min(settings.retry_first.max(OUTAGE_WAIT_MAX))),
    };
    if is_over {
        return Next::GiveUp;
    }
    let doubled = settings.retry_first.saturating_mul(2_u32.saturating_pow(attempts.saturating_sub(1)));
    let jitter = 1.0 + JITTER * (2.0 * random.clamp(0.0, 1.0) - 1.0);
    Next::Again(doubled.min(wait_max).mul_f64(jitter))
}

#[cfg(test)]
mod tests {
    use super::*;
    use magnetiq_config::{Settings, Sources};
    use proptest::prelude::*;

    fn settings() -> Mail {
        let environment = [("MAGNETIQ__PROFILE".to_owned(), "development".to_owned())].into();
        Settings::load(Sources { file: None, environment }).unwrap().mail
    }

    #[track_caller]
    fn check(failure: Failure, attempts: u32, age_s: u64, expected_s: Option<u64>) {
        let expected = expected_s.map_or(Next::GiveUp, |seconds| Next::Again(Duration::from_secs(seconds)));
        assert_eq!(next(failure, attempts, Duration::from_secs(age_s), &settings(), 0.5), expected);
    }

    #[test]
    fn waits_double_up_to_six_hours_and_end_after_twelve() {
        for (attempts, seconds) in [(1, 30), (2, 60), (3, 120), (10, 15_360), (11, 21_600)] {
            check(Failure::NotNow, attempts, 0, Some(seconds));
        }
        check(Failure::NotNow, 12, 0, None);
        check(Failure::Never, 1, 0, None);
    }

    #[test]
    fn an_outage_costs_no_letter_for_days() {
        let day = 24 * 3600;
        check(Failure::Outage, 1, 0, Some(30));
        check(Failure::Outage, 1000, 4 * day, Some(300));
        check(Failure::Outage, 11, 6 * day, Some(300));
        check(Failure::Outage, 12, 6 * day, None);
        check(Failure::Limited, 1000, 4 * day, Some(21_600));
        check(Failure::Limited, 1, 6 * day, Some(30));
        check(Failure::Limited, 12, 6 * day, None);
    }

    proptest! {
        #[test]
        fn a_wait_has_its_bounds(attempts: u32, age_s in 0_u64..10_000_000, random in 0.0..=1.0, outage: bool) {
            let (settings, age) = (settings(), Duration::from_secs(age_s));
            let failure = if outage { Failure::Outage } else { Failure::NotNow };
            match next(failure, attempts, age, &settings, random) {
                Next::Again(wait) => prop_assert!(wait >= settings.retry_first.mul_f64(0.79) && wait <= settings.retry_max.mul_f64(1.21)),
                Next::GiveUp => prop_assert!(attempts >= settings.attempts && (!outage || age >= OUTAGE_MAX)),
            }
        }
    }
}
