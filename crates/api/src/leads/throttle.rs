//! How many forms are taken, from one address and altogether.

use std::{net::IpAddr, num::NonZeroU32};

use governor::{DefaultDirectRateLimiter, DefaultKeyedRateLimiter, NotUntil, Quota, RateLimiter, clock::Clock, clock::DefaultClock};

use crate::error::Error;

/// Forms that one address sends in a minute.
const PER_ADDRESS: NonZeroU32 = NonZeroU32::new(5).expect("not zero");
/// Forms that everybody together sends in a minute: the team reads a letter for each.
const TOGETHER: NonZeroU32 = NonZeroU32::new(60).expect("not zero");
const KEYS_MAX: usize = 10_000;

#[derive(Debug)]
pub(crate) struct LeadThrottle {
    by_address: DefaultKeyedRateLimiter<IpAddr>,
    together: DefaultDirectRateLimiter,
}

impl Default for LeadThrottle {
    fn default() -> Self {
        Self { by_address: RateLimiter::keyed(Quota::per_minute(PER_ADDRESS)), together: RateLimiter::direct(Quota::per_minute(TOGETHER)) }
    }
}

impl LeadThrottle {
    /// Counts what an address sends: a form, or that it is confirmed.
    ///
    /// # Errors
    ///
    /// [`Error::TooManyAttempts`].
    pub(crate) fn count(&self, address: IpAddr) -> Result<(), Error> {
        if self.by_address.len() > KEYS_MAX {
            self.by_address.retain_recent();
        }
        self.by_address.check_key(&address).map_err(|until| too_many(&until))
    }

    /// Counts a form that is about to be kept, and only such: nobody silences forms with what is none.
    ///
    /// # Errors
    ///
    /// [`Error::TooManyAttempts`].
    pub(crate) fn count_kept(&self) -> Result<(), Error> {
        self.together.check().map_err(|until| too_many(&until))
    }
}

fn too_many(until: &NotUntil<<DefaultClock as Clock>::Instant>) -> Error {
    Error::TooManyAttempts { retry_after_s: until.wait_time_from(DefaultClock::default().now()).as_secs() + 1 }
}
