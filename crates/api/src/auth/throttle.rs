//! A limit on attempts to sign in, per address and per account from that address.
//!
//! Never per account alone: that would let anybody lock somebody else out.

use std::{net::IpAddr, num::NonZeroU32};

use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter, clock::Clock, clock::DefaultClock};

use crate::error::Error;

/// An address may try this many times more often than one account from one address: people share addresses.
const ADDRESS_FACTOR: u32 = 5;
/// Keys kept before those that are back at full quota are forgotten.
const KEYS_MAX: usize = 10_000;

#[derive(Debug)]
pub(crate) struct LoginThrottle {
    by_address: DefaultKeyedRateLimiter<IpAddr>,
    by_account: DefaultKeyedRateLimiter<(IpAddr, String)>,
}

impl LoginThrottle {
    /// `attempts_per_minute` for one account from one address.
    pub(crate) fn new(attempts_per_minute: u32) -> Self {
        let quota = |attempts: u32| Quota::per_minute(NonZeroU32::new(attempts).unwrap_or(NonZeroU32::MIN));
        Self {
            by_address: RateLimiter::keyed(quota(attempts_per_minute.saturating_mul(ADDRESS_FACTOR))),
            by_account: RateLimiter::keyed(quota(attempts_per_minute)),
        }
    }

    /// Counts an attempt.
    pub(crate) fn count(&self, address: IpAddr, email: &str) -> Result<(), Error> {
        if self.by_account.len() > KEYS_MAX {
            self.by_account.retain_recent();
            self.by_address.retain_recent();
        }
        let key = (address, email.to_lowercase());
        let now = DefaultClock::default().now();
        let refused = self.by_address.check_key(&address).err().or_else(|| self.by_account.check_key(&key).err());
        match refused {
            None => Ok(()),
            Some(until) => Err(Error::TooManyAttempts { retry_after_s: until.wait_time_from(now).as_secs() + 1 }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flood_is_refused_and_others_are_not() {
        let throttle = LoginThrottle::new(10);
        let attacker = "203.0.113.9".parse().unwrap();
        let passed = (0..10_000).filter(|_| throttle.count(attacker, "ana@example.com").is_ok()).count();
        assert!((10..=12).contains(&passed), "{passed}");
        throttle.count("198.51.100.1".parse().unwrap(), "Ana@example.com").unwrap();
    }

    #[test]
    fn one_address_can_not_try_every_account() {
        let throttle = LoginThrottle::new(10);
        let attacker = "203.0.113.9".parse().unwrap();
        let passed = (0..1_000).filter(|n| throttle.count(attacker, &format!("user{n}@example.com")).is_ok()).count();
        assert!((50..=52).contains(&passed), "{passed}");
    }
}
