//! How much was asked of the server in the last day, minute by minute, and how long it took: what the charts of the admin area show. In
//! memory only; who wants more lets Prometheus read `/metrics`.

use std::{
    collections::VecDeque,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use crate::clock::Time;

/// Minutes that are kept: a day.
const KEPT: u16 = 24 * 60;
const MINUTE_MS: i64 = 60_000;

/// Upper bounds in milliseconds of the counts of [`Minute::took`], each about the half more of the one before; the last count has no bound.
pub(crate) const BOUNDS_MS: [f64; 16] = [0.25, 0.5, 1.0, 2.0, 3.0, 5.0, 7.5, 10.0, 15.0, 25.0, 50.0, 100.0, 250.0, 500.0, 1000.0, 5000.0];

/// What one minute had.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Minute {
    /// Minutes since 1970.
    number: i64,
    /// Requests that were answered.
    pub(crate) requests: u32,
    /// Of them those that the server is to blame for: 5xx.
    pub(crate) errors: u32,
    /// How many took how long, by [`BOUNDS_MS`].
    took: [u32; BOUNDS_MS.len() + 1],
}

impl Minute {
    fn add(&mut self, other: &Self) {
        self.requests += other.requests;
        self.errors += other.errors;
        for (sum, more) in self.took.iter_mut().zip(other.took) {
            *sum += more;
        }
    }

    /// The time that so large a share of the requests stayed under, in milliseconds; `None` where there were none. Between two bounds it is
    /// taken as even, and above the last one it is that.
    pub(crate) fn quantile_ms(&self, share: f64) -> Option<f64> {
        let all: u32 = self.took.iter().sum();
        let rank = share * f64::from(all);
        let mut below = 0.0;
        for (at, count) in self.took.iter().enumerate().filter(|(_, count)| **count > 0) {
            let count = f64::from(*count);
            if below + count >= rank {
                let low = at.checked_sub(1).map_or(0.0, |at| BOUNDS_MS[at]);
                let high = BOUNDS_MS.get(at).copied().unwrap_or(low);
                return Some(low + (high - low) * (rank - below) / count);
            }
            below += count;
        }
        None
    }
}

/// The minutes of the last day that had requests.
#[derive(Debug, Default)]
pub(crate) struct Traffic(Mutex<VecDeque<Minute>>);

impl Traffic {
    pub(crate) fn count(&self, now: Time, took: Duration, is_error: bool) {
        let number = now.as_millis().div_euclid(MINUTE_MS);
        let took_ms = took.as_secs_f64() * 1000.0;
        let slot = BOUNDS_MS.partition_point(|bound| *bound < took_ms);
        let mut minutes = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        // A clock that was set back counts into the last minute.
        if minutes.back().is_none_or(|last| last.number < number) {
            while minutes.len() >= usize::from(KEPT) || minutes.front().is_some_and(|first| first.number <= number - i64::from(KEPT)) {
                minutes.pop_front();
            }
            minutes.push_back(Minute { number, ..Minute::default() });
        }
        if let Some(minute) = minutes.back_mut() {
            minute.requests += 1;
            minute.errors += u32::from(is_error);
            minute.took[slot] += 1;
        }
    }

    /// The last `points` stretches of `minutes` each, the oldest first, each with its beginning; the last one is still going on.
    pub(crate) fn last(&self, now: Time, points: u16, minutes: u16) -> Vec<(Time, Minute)> {
        let (points, length) = (i64::from(points), i64::from(minutes));
        let end = now.as_millis().div_euclid(MINUTE_MS * length);
        let begin = end - points + 1;
        let at = |stretch: i64| Time::from_millis(stretch * length * MINUTE_MS);
        let mut stretches: Vec<_> = (begin..=end).map(|stretch| (at(stretch), Minute::default())).collect();
        for minute in &*self.0.lock().unwrap_or_else(PoisonError::into_inner) {
            let place = usize::try_from(minute.number.div_euclid(length) - begin).ok().and_then(|place| stretches.get_mut(place));
            if let Some((_, sum)) = place {
                sum.add(minute);
            }
        }
        stretches
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(minute: i64) -> Time {
        Time::from_millis(minute * MINUTE_MS + 7)
    }

    #[track_caller]
    fn check(counted: &[(i64, u64)], now: i64, points: u16, minutes: u16, expected: &[u32]) {
        let traffic = Traffic::default();
        for (minute, took_ms) in counted {
            traffic.count(at(*minute), Duration::from_millis(*took_ms), *took_ms > 400);
        }
        let shown: Vec<_> = traffic.last(at(now), points, minutes).iter().map(|(_, sum)| sum.requests).collect();
        assert_eq!(shown, expected);
    }

    #[test]
    fn stretches() {
        check(&[], 100, 3, 1, &[0, 0, 0]);
        check(&[(98, 1), (100, 1), (100, 1)], 100, 3, 1, &[1, 0, 2]);
        check(&[(85, 1), (90, 1), (104, 1)], 104, 2, 15, &[1, 2]);
        check(&[(85, 1), (90, 1), (105, 1)], 105, 2, 15, &[1, 1]);
        // A day later only the new one is there.
        check(&[(10, 1), (10 + 24 * 60, 1)], 10 + 24 * 60, 2, 720, &[0, 1]);
        // The clock was set back.
        check(&[(100, 1), (99, 1)], 100, 2, 1, &[0, 2]);
    }

    #[test]
    fn quantiles() {
        let traffic = Traffic::default();
        let quantile = |share| traffic.last(at(5), 1, 1)[0].1.quantile_ms(share);
        assert_eq!(quantile(0.5), None);
        for took_ms in [4, 4, 4, 4, 9] {
            traffic.count(at(5), Duration::from_millis(took_ms), false);
        }
        let within = |share, low: f64, high: f64| {
            let found = quantile(share).unwrap();
            assert!(found > low && found <= high, "{share}: {found}");
        };
        within(0.5, 3.0, 5.0);
        within(0.99, 7.5, 10.0);
        traffic.count(at(5), Duration::from_secs(100), true);
        assert_eq!(quantile(1.0), Some(5000.0));
        assert_eq!(traffic.last(at(5), 1, 1)[0].1.errors, 1);
    }
}
