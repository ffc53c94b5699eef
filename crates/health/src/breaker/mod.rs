//! A circuit breaker: stops calling what does not work, and tries again now and then.

mod circuit;
mod look;
mod window;

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::clock::Clock;
use crate::error::Error;
use crate::reading::seconds;
use circuit::{Circuit, Outcome, Position, Ticket};

/// When a breaker opens, and for how long.
#[derive(Debug, Clone, PartialEq)]
pub struct BreakerOptions {
    /// Calls of this last while count. Longer than zero.
    pub window: Duration,
    /// With fewer calls in the window it does not open. At least 1.
    pub minimum_calls: u32,
    /// It opens when this share of calls failed, above 0 and up to 1.
    pub failure_rate: f64,
    /// A call that takes this long is slow.
    pub slow_after: Duration,
    /// It opens when this share of calls was slow, above 0 and up to 1.
    pub slow_rate: f64,
    /// How long it stays open the first time; twice as long each time after, until a probe succeeds.
    pub open_for: Duration,
    /// How long it stays open at most.
    pub open_max: Duration,
    /// The share of the open time that is random, in both directions: 0 to 1. So that not all come back at one moment.
    pub jitter: f64,
    /// How many calls may try while it is half open, and have to succeed to close it. At least 1.
    pub probes: u32,
}

impl Default for BreakerOptions {
    /// For a service that is called now and then: half of 5 calls or more in a minute, or 8 of 10 slower than 10 seconds; open for 30
    /// seconds at first and 15 minutes at most; one probe.
    fn default() -> Self {
        Self {
            window: Duration::from_secs(60),
            minimum_calls: 5,
            failure_rate: 0.5,
            slow_after: Duration::from_secs(10),
            slow_rate: 0.8,
            open_for: Duration::from_secs(30),
            open_max: Duration::from_secs(15 * 60),
            jitter: 0.2,
            probes: 1,
        }
    }
}

impl BreakerOptions {
    fn problem(&self) -> Option<&'static str> {
        let is_share = |share: f64| share > 0.0 && share <= 1.0;
        if self.window.is_zero() || self.open_for.is_zero() || self.slow_after.is_zero() {
            Some("window, open_for and slow_after must be longer than zero")
        } else if self.open_max < self.open_for {
            Some("open_max is shorter than open_for")
        } else if self.minimum_calls == 0 || self.probes == 0 {
            Some("minimum_calls and probes are at least 1")
        } else if !is_share(self.failure_rate) || !is_share(self.slow_rate) {
            Some("failure_rate and slow_rate are above 0 and at most 1")
        } else if !(0.0..=1.0).contains(&self.jitter) {
            Some("jitter is from 0 to 1")
        } else {
            None
        }
    }
}

/// What a breaker does with calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BreakerState {
    /// Lets all through.
    Closed,
    /// Refuses all until its time is over.
    Open,
    /// Lets a few through, to see.
    HalfOpen,
}

/// Where a breaker stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct BreakerFacts {
    /// What it does with calls.
    pub state: BreakerState,
    /// Calls in the window.
    pub calls: u32,
    /// Those that failed.
    pub failed: u32,
    /// Those that were slow.
    pub slow: u32,
    /// Calls that were refused since it was made.
    pub refused: u64,
    /// How long until it lets a probe through; zero where it does, or would.
    pub retry_after: Duration,
}

/// A circuit breaker. Clones are the same breaker.
///
/// For what is far away and can be done later or without: mail, webhooks, social networks. Not for a database: there a bounded queue that
/// refuses is the better answer.
#[derive(Clone)]
pub struct Breaker(Arc<Inner>);

struct Inner {
    name: String,
    clock: Clock,
    core: Mutex<Core>,
}

struct Core {
    circuit: Circuit,
    random: Box<dyn FnMut() -> f64 + Send>,
    refused: u64,
}

/// The breaker is open: the call was not made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{name} is not called for another {}, it failed too often", seconds(retry_after.as_secs_f64()))]
pub struct Refused {
    /// The breaker's name.
    pub name: String,
    /// When to ask again.
    pub retry_after: Duration,
}

/// Why a call through a breaker has no result.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CallError<E> {
    /// It was not made.
    #[error(transparent)]
    Refused(#[from] Refused),
    /// It failed.
    #[error("the call failed")]
    Failed(#[source] E),
}

impl Breaker {
    /// A closed breaker named after what is behind it.
    ///
    /// # Errors
    ///
    /// [`Error::Breaker`] for options that make no sense.
    pub fn new(name: impl Into<String>, options: BreakerOptions) -> Result<Self, Error> {
        let mut random = fastrand::Rng::new();
        Self::with(name, options, Clock::system(), move || random.f64())
    }

    /// The same with a clock, and a source of random numbers from 0 to 1 for the jitter.
    ///
    /// # Errors
    ///
    /// [`Error::Breaker`] for options that make no sense.
    pub fn with(
        name: impl Into<String>,
        options: BreakerOptions,
        clock: Clock,
        random: impl FnMut() -> f64 + Send + 'static,
    ) -> Result<Self, Error> {
        let name = name.into();
        if let Some(problem) = options.problem() {
            return Err(Error::Breaker { name, problem });
        }
        let core = Core { circuit: Circuit::new(options), random: Box::new(random), refused: 0 };
        Ok(Self(Arc::new(Inner { name, clock, core: Mutex::new(core) })))
    }

    /// What is behind it.
    pub fn name(&self) -> &str {
        &self.0.name
    }

    /// Calls `primary`, unless the breaker is open. A panic counts as nothing.
    ///
    /// # Errors
    ///
    /// [`CallError::Refused`] if it is open, [`CallError::Failed`] with what `primary` returned.
    pub fn call<T, E>(&self, primary: impl FnOnce() -> Result<T, E>) -> Result<T, CallError<E>> {
        let permit = self.enter()?;
        match primary() {
            Ok(value) => {
                permit.succeed();
                Ok(value)
            }
            Err(error) => {
                permit.fail();
                Err(CallError::Failed(error))
            }
        }
    }

    /// Asks for one call, for code that cannot use a closure: async code, or where not every error is the service's fault.
    ///
    /// # Errors
    ///
    /// [`Refused`] if the breaker is open, or half open with its probes under way.
    pub fn enter(&self) -> Result<Permit, Refused> {
        let mut core = self.lock();
        let now = self.0.clock.now().steady;
        let Core { circuit, random, refused } = &mut *core;
        match circuit.enter(now, random) {
            Ok(ticket) => Ok(Permit { breaker: self.clone(), ticket: Some(ticket), began: now }),
            Err(retry_after) => {
                *refused += 1;
                Err(Refused { name: self.0.name.clone(), retry_after })
            }
        }
    }

    /// Where it stands. Changes nothing.
    pub fn facts(&self) -> BreakerFacts {
        let core = self.lock();
        let now = self.0.clock.now().steady;
        let counts = core.circuit.counts(now);
        let (state, retry_after) = match core.circuit.position() {
            Position::Closed => (BreakerState::Closed, Duration::ZERO),
            Position::Open { until } => (BreakerState::Open, until.saturating_sub(now)),
            Position::HalfOpen { .. } => (BreakerState::HalfOpen, Duration::ZERO),
        };
        BreakerFacts { state, calls: counts.calls, failed: counts.failed, slow: counts.slow, refused: core.refused, retry_after }
    }

    fn lock(&self) -> MutexGuard<'_, Core> {
        self.0.core.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Breaker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Breaker").field("name", &self.0.name).field("facts", &self.facts()).finish()
    }
}

/// The right to one call. Dropped without a word, the call counts as never made: it was cancelled.
#[derive(Debug)]
#[must_use]
pub struct Permit {
    breaker: Breaker,
    ticket: Option<Ticket>,
    began: Duration,
}

impl Permit {
    /// The call came to its end; how long it took since the permit was given decides whether it was slow.
    pub fn succeed(mut self) {
        self.end(Outcome::Good);
    }

    /// The call failed, and the service is to blame.
    pub fn fail(mut self) {
        self.end(Outcome::Failed);
    }

    fn end(&mut self, outcome: Outcome) {
        let Some(ticket) = self.ticket.take() else { return };
        let mut core = self.breaker.lock();
        let now = self.breaker.0.clock.now().steady;
        let Core { circuit, random, .. } = &mut *core;
        circuit.leave(ticket, outcome, now.saturating_sub(self.began), now, random);
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        self.end(Outcome::Abandoned);
    }
}
