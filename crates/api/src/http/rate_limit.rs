//! Rate limits: how many requests of a kind one address, or one account, gets answered in a minute.
//!
//! The headers are those of draft-ietf-httpapi-ratelimit-headers since its eighth version: `RateLimit-Policy` says what the limit is, `RateLimit`
//! what is left of it.

use std::{
    fmt,
    hash::{BuildHasher, Hash, RandomState},
    net::IpAddr,
    num::NonZeroU32,
    sync::{Arc, PoisonError, RwLock},
};

use actix_web::http::header::{HeaderMap, HeaderName, HeaderValue};
use governor::{
    Quota, RateLimiter,
    clock::{Clock, DefaultClock},
    middleware::{NoOpMiddleware, StateInformationMiddleware},
    nanos::Nanos,
    state::{InMemoryState, NotKeyed, StateStore},
};
use ipnet::IpNet;
use magnetiq_config as config;

use crate::{error::Error, http::address};

/// Says what the limit is.
pub(crate) const POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");
/// Says what is left of it.
pub(crate) const LEFT: HeaderName = HeaderName::from_static("ratelimit");

/// Counts of one limit. Addresses share them by their hash: with a thousand visitors at once, one in sixty shares with another. In return
/// no stranger makes the table grow, and counting takes neither a lock nor memory.
const SLOTS: usize = 1 << 16;
const WINDOW_S: u64 = 60;

/// What requests of a route are counted for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Limit {
    /// Nothing: probes are asked by machines, and have to be answered.
    None,
    /// `server.rate_limits.login_per_minute`, for each address.
    Login,
    /// `server.rate_limits.public_write_per_minute`, for each address.
    PublicWrite,
    /// `server.rate_limits.public_read_per_minute`, for each address.
    PublicRead,
    /// `server.rate_limits.api_per_minute`, for each account and each token.
    Api,
}

impl Limit {
    /// The name of it, as in `RateLimit-Policy`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Login => "login",
            Self::PublicWrite => "public-write",
            Self::PublicRead => "public-read",
            Self::Api => "api",
        }
    }

    /// Requests in a minute, as the settings have it; `None`: as many as come.
    pub fn per_minute(self, limits: &config::RateLimits) -> Option<NonZeroU32> {
        match self {
            Self::None => None,
            Self::Login => limits.login,
            Self::PublicWrite => limits.public_write,
            Self::PublicRead => limits.public_read,
            Self::Api => limits.api,
        }
    }
}

/// All limits.
#[derive(Debug)]
pub(crate) struct RateLimits {
    exempt: Vec<IpNet>,
    /// In the order of [`Limit`]. Replaced when administrators change a limit.
    meters: RwLock<[Option<Arc<Meter>>; 5]>,
    hasher: RandomState,
}

const ALL: [Limit; 5] = [Limit::None, Limit::Login, Limit::PublicWrite, Limit::PublicRead, Limit::Api];

impl RateLimits {
    pub(crate) fn new(limits: &config::RateLimits) -> Self {
        let meters = ALL.map(|limit| limit.per_minute(limits).map(|per_minute| Arc::new(Meter::new(limit, per_minute))));
        Self { exempt: limits.exempt.clone(), meters: RwLock::new(meters), hasher: RandomState::new() }
    }

    /// From now on it is these. A limit that stays as it was goes on counting; one that changes begins anew.
    pub(crate) fn follow(&self, limits: &config::RateLimits) {
        let mut meters = self.meters.write().unwrap_or_else(PoisonError::into_inner);
        for (limit, meter) in ALL.into_iter().zip(&mut *meters) {
            let per_minute = limit.per_minute(limits);
            if meter.as_ref().map(|meter| meter.per_minute) != per_minute {
                *meter = per_minute.map(|per_minute| Arc::new(Meter::new(limit, per_minute)));
            }
        }
    }

    /// Counts a request of `address`; `None` where it is not counted.
    pub(crate) fn count_address(&self, limit: Limit, address: IpAddr) -> Option<Count> {
        self.count(limit, address, address::neighbourhood(address))
    }

    /// Counts a request of whom `key` stands for, who sends from `address`.
    pub(crate) fn count(&self, limit: Limit, address: IpAddr, key: impl Hash) -> Option<Count> {
        let meter = self.meters.read().unwrap_or_else(PoisonError::into_inner)[limit as usize].clone()?;
        if self.exempt.iter().any(|net| net.contains(&address)) {
            return None;
        }
        let slot = self.hasher.hash_one(key) % SLOTS as u64;
        Some(meter.count(usize::try_from(slot).expect("it is one of SLOTS")))
    }
}

/// What came of counting a request.
#[derive(Debug)]
pub(crate) struct Count {
    policy: HeaderValue,
    left: HeaderValue,
    retry_after_s: Option<u64>,
}

impl Count {
    /// # Errors
    ///
    /// [`Error::TooManyRequests`] when it is one too many.
    pub(crate) fn admitted(&self) -> Result<(), Error> {
        match self.retry_after_s {
            None => Ok(()),
            Some(retry_after_s) => Err(Error::TooManyRequests { retry_after_s }),
        }
    }

    /// Tells the client.
    pub(crate) fn tell(self, headers: &mut HeaderMap) {
        headers.insert(POLICY, self.policy);
        headers.insert(LEFT, self.left);
    }
}

/// One limit.
#[derive(Debug)]
struct Meter {
    name: &'static str,
    policy: HeaderValue,
    per_minute: NonZeroU32,
    limiter: RateLimiter<usize, Slots, DefaultClock, StateInformationMiddleware>,
}

impl Meter {
    fn new(limit: Limit, per_minute: NonZeroU32) -> Self {
        let name = limit.as_str();
        let slots = Slots(std::iter::repeat_with(InMemoryState::default).take(SLOTS).collect());
        let limiter: RateLimiter<_, _, _, NoOpMiddleware> = RateLimiter::new(Quota::per_minute(per_minute), slots, DefaultClock::default());
        let policy = value(format!("\"{name}\";q={per_minute};w={WINDOW_S}"));
        Self { name, policy, per_minute, limiter: limiter.with_middleware() }
    }

    fn count(&self, slot: usize) -> Count {
        let (left, retry_after_s) = match self.limiter.check_key(&slot) {
            Ok(snapshot) => (snapshot.remaining_burst_capacity(), None),
            Err(until) => (0, Some(until.wait_time_from(self.limiter.clock().now()).as_secs() + 1)),
        };
        // Seconds until all of it is there again.
        let whole_in_s = (u64::from(self.per_minute.get().saturating_sub(left)) * WINDOW_S).div_ceil(self.per_minute.get().into());
        Count { policy: self.policy.clone(), left: value(format!("\"{}\";r={left};t={whole_in_s}", self.name)), retry_after_s }
    }
}

fn value(text: String) -> HeaderValue {
    HeaderValue::try_from(text).expect("names and numbers are visible characters")
}

/// Counts in a table that does not grow.
struct Slots(Box<[InMemoryState]>);

impl StateStore for Slots {
    type Key = usize;

    fn measure_and_replace<T, F, E>(&self, key: &usize, f: F) -> Result<T, E>
    where
        F: Fn(Option<Nanos>) -> Result<(T, Nanos), E>,
    {
        self.0[*key].measure_and_replace(&NotKeyed::NonKey, f)
    }
}

impl fmt::Debug for Slots {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Slots").field(&self.0.len()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limits(exempt: &[&str]) -> RateLimits {
        let per_minute = NonZeroU32::new(10);
        let exempt = exempt.iter().map(|net| net.parse().unwrap()).collect();
        RateLimits::new(&config::RateLimits { login: per_minute, public_write: None, public_read: per_minute, api: per_minute, exempt })
    }

    fn admitted(limits: &RateLimits, limit: Limit, address: &str, requests: usize) -> usize {
        let address = address.parse().unwrap();
        let admits = |count: Option<Count>| count.is_none_or(|count| count.admitted().is_ok());
        (0..requests).filter(|_| admits(limits.count_address(limit, address))).count()
    }

    #[test]
    fn each_address_and_each_kind_has_its_own() {
        let limits = limits(&["127.0.0.0/8", "::1/128"]);
        assert_eq!(admitted(&limits, Limit::Login, "203.0.113.9", 100), 10);
        assert_eq!(admitted(&limits, Limit::Login, "203.0.113.10", 100), 10);
        assert_eq!(admitted(&limits, Limit::PublicRead, "203.0.113.9", 100), 10);
        assert_eq!(admitted(&limits, Limit::PublicWrite, "203.0.113.9", 100), 100, "no limit");
        assert_eq!(admitted(&limits, Limit::None, "203.0.113.9", 100), 100);
        assert_eq!(admitted(&limits, Limit::Login, "127.0.0.1", 100), 100, "exempt");
        assert_eq!(admitted(&limits, Limit::Login, "::1", 100), 100, "exempt");
        assert_eq!(admitted(&limits, Limit::Login, "2001:db8:1:2::1", 10) + admitted(&limits, Limit::Login, "2001:db8:1:2::2", 10), 10);
    }

    #[test]
    fn the_client_is_told() {
        let limits = limits(&[]);
        let mut headers = HeaderMap::new();
        limits.count_address(Limit::Login, "203.0.113.9".parse().unwrap()).unwrap().tell(&mut headers);
        assert_eq!(headers.get(POLICY).unwrap(), "\"login\";q=10;w=60");
        assert_eq!(headers.get(LEFT).unwrap(), "\"login\";r=9;t=6");
    }
}
