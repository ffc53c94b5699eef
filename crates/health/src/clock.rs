//! The time, as an argument: everything that needs it asks a [`Clock`], so that tests can set it.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

use jiff::Timestamp;

/// One moment on two clocks: one for people, one that never jumps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Moment {
    /// The time of day, for people and for maintenance windows. May jump, in both directions.
    pub wall: Timestamp,
    /// Time since some fixed start; never goes back. Ages, intervals and validity are measured with it, so that a clock that is set does
    /// not make a site healthy or sick.
    pub steady: Duration,
}

impl Moment {
    /// How long before this moment `earlier` was; zero if it was not.
    pub fn since(self, earlier: Duration) -> Duration {
        self.steady.saturating_sub(earlier)
    }
}

/// Tells the time. The one of the system unless another is made with [`Clock::new`].
#[derive(Clone)]
pub struct Clock(Arc<dyn Fn() -> Moment + Send + Sync>);

impl Clock {
    /// A clock that asks `now`.
    pub fn new(now: impl Fn() -> Moment + Send + Sync + 'static) -> Self {
        Self(Arc::new(now))
    }

    /// The clock of the system.
    pub fn system() -> Self {
        let start = Instant::now();
        #[expect(clippy::disallowed_methods, reason = "the default of an embeddable library, and the only place of this crate that asks")]
        Self::new(move || Moment { wall: Timestamp::now(), steady: start.elapsed() })
    }

    /// What it is now.
    pub fn now(&self) -> Moment {
        (self.0)()
    }
}

impl Default for Clock {
    fn default() -> Self {
        Self::system()
    }
}

impl fmt::Debug for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Clock")
    }
}
