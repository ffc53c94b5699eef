//! Limits on attempts to sign in. How many are taken at all, for the sake of the processor; and a delay that grows with each failure.
//!
//! Nobody is locked out by somebody else: what fails elsewhere delays only strangers, which are addresses that the account has not been signed
//! in from, and them only from their third attempt on. Its owner, somewhere new, gets in with the right password whoever else tries. Codes of the
//! second factor are counted for the account, those of all strangers together: only who knows its password gets that far.

use std::{
    collections::HashMap,
    net::IpAddr,
    num::NonZeroU32,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use governor::{
    DefaultKeyedRateLimiter, NotUntil, Quota, RateLimiter,
    clock::{Clock, DefaultClock},
};

use crate::{clock::Time, error::Error, id::AccountId};

/// An address may try this many times more often than one account from one address: people share addresses.
const ADDRESS_FACTOR: u32 = 5;
/// Keys kept, at least, before those that are back at full quota, or whose failures are old, are forgotten.
const KEYS_MAX: usize = 10_000;
/// Attempts of a stranger for one account that wait for no failures from elsewhere: one, and one for a slip of the finger.
const FIRST_ATTEMPTS: u32 = 2;
/// Failures older than this don't count.
const FORGOTTEN_AFTER: Duration = Duration::from_secs(3600);

/// Somebody tries to sign in.
#[derive(Clone, Debug)]
pub(crate) struct Attempt {
    pub(crate) address: IpAddr,
    pub(crate) email: String,
    /// Whether the account was signed in from this address lately.
    pub(crate) is_known: bool,
}

/// What failures are counted by.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Key {
    Both(IpAddr, String),
    Address(IpAddr),
    /// By strangers.
    Account(String),
    /// By codes of the second factor: from where the account was signed in lately, or by strangers.
    Code(AccountId, bool),
}

impl Key {
    /// Failures that cost nothing, and the longest delay: long where only one who fails is delayed, short where others are as well.
    fn limits(&self) -> (u32, Duration) {
        match self {
            Self::Both(..) => (5, Duration::from_secs(15 * 60)),
            Self::Address(_) => (25, Duration::from_secs(60)),
            Self::Account(_) => (25, Duration::from_secs(30)),
            Self::Code(..) => (10, Duration::from_secs(15 * 60)),
        }
    }

    /// 1 s after the last failure that costs nothing, twice as long after each further one.
    fn delay(&self, failures: u32) -> Duration {
        let (free, longest) = self.limits();
        match failures.checked_sub(free) {
            None => Duration::ZERO,
            Some(further) => Duration::from_secs(1 << further.min(20)).min(longest),
        }
    }
}

#[derive(Clone, Copy, Debug)]
struct Failures {
    count: u32,
    last: Time,
}

#[derive(Debug)]
struct Quotas {
    attempts_per_minute: u32,
    by_address: DefaultKeyedRateLimiter<IpAddr>,
    by_account: DefaultKeyedRateLimiter<(IpAddr, String)>,
}

impl Quotas {
    fn new(attempts_per_minute: u32) -> Self {
        let quota = |attempts: u32| Quota::per_minute(NonZeroU32::new(attempts).unwrap_or(NonZeroU32::MIN));
        Self {
            attempts_per_minute,
            by_address: RateLimiter::keyed(quota(attempts_per_minute.saturating_mul(ADDRESS_FACTOR))),
            by_account: RateLimiter::keyed(quota(attempts_per_minute)),
        }
    }

    fn ask_from(&self, address: IpAddr) -> Result<(), Error> {
        if self.by_address.len() > KEYS_MAX {
            self.by_address.retain_recent();
        }
        self.by_address.check_key(&address).map_err(|until| too_many(&until))
    }
}

#[derive(Debug)]
pub(crate) struct LoginThrottle {
    quotas: Mutex<Arc<Quotas>>,
    failures: Mutex<Counts>,
}

/// Failures by what they are counted by.
#[derive(Debug)]
struct Counts {
    by_key: HashMap<Key, Failures>,
    /// At this many keys the old ones are forgotten: rarely enough that a flood does not make everybody wait for it.
    clean_at: usize,
}

impl Counts {
    /// Those that are not too old to count.
    fn of(&self, key: &Key, now: Time) -> u32 {
        self.by_key.get(key).filter(|failed| failed.last.plus(FORGOTTEN_AFTER) > now).map_or(0, |failed| failed.count)
    }

    fn forget_old(&mut self, now: Time) {
        if self.by_key.len() >= self.clean_at {
            self.by_key.retain(|_, failed| failed.last.plus(FORGOTTEN_AFTER) > now);
            self.clean_at = KEYS_MAX.max(self.by_key.len() * 2);
        }
    }

    /// Whether none of these has to wait for its failures.
    fn admit<'a>(&mut self, keys: impl Iterator<Item = &'a Key>, now: Time) -> Result<(), Error> {
        let until = keys.filter_map(|key| {
            let failed = self.by_key.get_mut(key)?;
            // The clock may have been set back: nobody waits for the moment at which it was wrong.
            failed.last = failed.last.min(now);
            Some(failed.last.plus(key.delay(failed.count)))
        });
        match until.max().filter(|until| *until > now) {
            Some(until) => Err(Error::TooManyAttempts { retry_after_s: until.since(now).as_secs() + 1 }),
            None => Ok(()),
        }
    }

    fn add(&mut self, key: Key, now: Time) {
        let count = self.of(&key, now).saturating_add(1);
        self.by_key.insert(key, Failures { count, last: now });
    }
}

impl LoginThrottle {
    /// `attempts_per_minute` for one account from one address.
    pub(crate) fn new(attempts_per_minute: u32) -> Self {
        let failures = Mutex::new(Counts { by_key: HashMap::new(), clean_at: KEYS_MAX });
        Self { quotas: Mutex::new(Arc::new(Quotas::new(attempts_per_minute))), failures }
    }

    /// Another number from now on; what was counted with the one before is forgotten.
    pub(crate) fn set_attempts(&self, attempts_per_minute: u32) {
        let mut quotas = self.quotas.lock().unwrap_or_else(PoisonError::into_inner);
        if quotas.attempts_per_minute != attempts_per_minute {
            *quotas = Arc::new(Quotas::new(attempts_per_minute));
        }
    }

    /// Counts an attempt as one that fails, until [`passed`](Self::passed) says otherwise: a thousand at once are a thousand.
    ///
    /// # Errors
    ///
    /// [`Error::TooManyAttempts`]; such an attempt is not looked at, and counts for nothing.
    pub(crate) fn admit(&self, attempt: &Attempt, now: Time) -> Result<(), Error> {
        let keys = keys(attempt);
        let mut failures = self.failures();
        failures.forget_old(now);
        let is_new = failures.of(&keys[0], now) < FIRST_ATTEMPTS;
        failures.admit(keys.iter().filter(|key| !(is_new && matches!(key, Key::Account(_)))), now)?;
        self.within_quota(attempt)?;
        keys.into_iter().for_each(|key| failures.add(key, now));
        Ok(())
    }

    /// Counts a code of an account's second factor, after its password, as one that is wrong, until [`code_passed`](Self::code_passed).
    ///
    /// # Errors
    ///
    /// [`Error::TooManyAttempts`]; such a code is not looked at.
    pub(crate) fn admit_code(&self, account: AccountId, attempt: &Attempt, now: Time) -> Result<(), Error> {
        let key = Key::Code(account, attempt.is_known);
        let mut failures = self.failures();
        failures.forget_old(now);
        failures.admit(std::iter::once(&key), now)?;
        failures.add(key, now);
        Ok(())
    }

    /// A code was right: those before, by strangers or from where the account is known, are forgotten.
    pub(crate) fn code_passed(&self, account: AccountId, attempt: &Attempt) {
        self.failures().by_key.remove(&Key::Code(account, attempt.is_known));
    }

    /// Counts a request that costs something and can't be guessed at: only the quotas hold.
    ///
    /// # Errors
    ///
    /// [`Error::TooManyAttempts`].
    pub(crate) fn ask(&self, attempt: &Attempt) -> Result<(), Error> {
        self.within_quota(attempt)
    }

    /// The same for what is not about one account: an address has the quota of many.
    ///
    /// # Errors
    ///
    /// [`Error::TooManyAttempts`].
    pub(crate) fn ask_from(&self, address: IpAddr) -> Result<(), Error> {
        self.quotas().ask_from(address)
    }

    /// It did not fail: what was counted for it is taken back.
    pub(crate) fn was_no_failure(&self, attempt: &Attempt) {
        let mut failures = self.failures();
        for key in keys(attempt) {
            if let Some(failed) = failures.by_key.get_mut(&key) {
                failed.count = failed.count.saturating_sub(1);
            }
        }
    }

    /// Its owner is in: what failed before from there is forgotten.
    pub(crate) fn passed(&self, attempt: &Attempt) {
        self.was_no_failure(attempt);
        self.failures().by_key.remove(&Key::Both(attempt.address, attempt.email.to_lowercase()));
    }

    fn within_quota(&self, attempt: &Attempt) -> Result<(), Error> {
        let quotas = self.quotas();
        if quotas.by_account.len() > KEYS_MAX {
            quotas.by_account.retain_recent();
        }
        quotas.ask_from(attempt.address)?;
        quotas.by_account.check_key(&(attempt.address, attempt.email.to_lowercase())).map_err(|until| too_many(&until))
    }

    fn failures(&self) -> MutexGuard<'_, Counts> {
        self.failures.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn quotas(&self) -> Arc<Quotas> {
        Arc::clone(&self.quotas.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

fn too_many(until: &NotUntil<<DefaultClock as Clock>::Instant>) -> Error {
    Error::TooManyAttempts { retry_after_s: until.wait_time_from(DefaultClock::default().now()).as_secs() + 1 }
}

fn keys(attempt: &Attempt) -> Vec<Key> {
    let email = attempt.email.to_lowercase();
    let mut keys = vec![Key::Both(attempt.address, email.clone()), Key::Address(attempt.address)];
    if !attempt.is_known {
        keys.push(Key::Account(email));
    }
    keys
}

#[cfg(test)]
mod tests {
    use super::*;

    fn attempt(address: &str, email: &str, is_known: bool) -> Attempt {
        Attempt { address: address.parse().unwrap(), email: email.to_owned(), is_known }
    }

    fn at(seconds: i64) -> Time {
        Time::from_millis(1_763_916_300_000 + seconds * 1000)
    }

    #[test]
    fn a_flood_is_refused_and_others_are_not() {
        let throttle = LoginThrottle::new(10);
        let attacker = attempt("203.0.113.9", "ana@example.com", false);
        let passed = (0..10_000).filter(|_| throttle.admit(&attacker, at(0)).is_ok()).count();
        assert_eq!(passed, 5);
        throttle.admit(&attempt("198.51.100.1", "Ana@example.com", false), at(0)).unwrap();
    }

    #[test]
    fn one_address_can_not_try_every_account() {
        let throttle = LoginThrottle::new(10);
        let passed = (0..1_000).filter(|n| throttle.admit(&attempt("203.0.113.9", &format!("user{n}@example.com"), false), at(0)).is_ok());
        assert_eq!(passed.count(), 25);
    }

    #[test]
    fn the_delay_grows_and_ends() {
        let throttle = LoginThrottle::new(u32::MAX);
        let attacker = attempt("203.0.113.9", "ana@example.com", true);
        let passed: Vec<i64> = (0..4000).filter(|second| throttle.admit(&attacker, at(*second)).is_ok()).collect();
        assert_eq!(passed, [0, 1, 2, 3, 4, 5, 7, 11, 19, 35, 67, 131, 259, 515, 1027, 1927, 2827, 3727]);
        throttle.admit(&attacker, at(4000 + 3600)).unwrap();
        throttle.passed(&attacker);
        for _ in 0..5 {
            throttle.admit(&attacker, at(8000)).unwrap();
        }
    }

    #[test]
    fn codes_are_counted_wherever_strangers_send_them_from() {
        let throttle = LoginThrottle::new(u32::MAX);
        let (account, other) = (AccountId::new(at(0)), AccountId::new(at(1)));
        let stranger = |n: i64| attempt(&format!("203.0.113.{}", n % 256), "ana@example.com", false);
        let passed = (0..3600).filter(|second| throttle.admit_code(account, &stranger(*second), at(*second)).is_ok()).count();
        assert_eq!(passed, 22);
        throttle.admit_code(other, &stranger(0), at(3600)).unwrap();
        let owner = attempt("198.51.100.1", "ana@example.com", true);
        for _ in 0..10 {
            throttle.admit_code(account, &owner, at(3600)).unwrap();
        }
        assert!(throttle.admit_code(account, &owner, at(3600)).is_err());
        throttle.code_passed(account, &owner);
        throttle.admit_code(account, &owner, at(3600)).unwrap();
        assert!(throttle.admit_code(account, &stranger(0), at(3600)).is_err(), "the owner's code is none of theirs");
    }

    #[test]
    fn a_clock_that_is_set_back_keeps_nobody_waiting() {
        let throttle = LoginThrottle::new(u32::MAX);
        let owner = attempt("203.0.113.9", "ana@example.com", true);
        throttle.admit(&owner, at(100_000)).unwrap();
        throttle.passed(&owner);
        throttle.admit(&owner, at(0)).unwrap();
        throttle.passed(&owner);
        for _ in 0..5 {
            throttle.admit(&owner, at(100_000)).unwrap();
        }
        assert!(throttle.admit(&owner, at(0)).is_err(), "who failed waits, from then on");
        throttle.admit(&owner, at(2)).unwrap();
    }

    #[test]
    fn a_crowd_delays_strangers_and_not_the_owner() {
        let throttle = LoginThrottle::new(u32::MAX);
        for n in 0..200 {
            let _ = throttle.admit(&attempt(&format!("203.0.113.{n}"), "ana@example.com", false), at(n));
        }
        let stranger = attempt("203.0.113.250", "ana@example.com", false);
        for _ in 0..FIRST_ATTEMPTS {
            throttle.admit(&stranger, at(199)).unwrap();
        }
        assert!(throttle.admit(&stranger, at(199)).is_err());
        throttle.admit(&attempt("198.51.100.1", "ana@example.com", true), at(199)).unwrap();
        throttle.admit(&attempt("203.0.113.250", "ana@example.com", false), at(230)).unwrap();
    }
}
