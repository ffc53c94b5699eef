//! The time, as an argument: everything that needs it asks a [`Clock`], so that tests can set it.

use std::fmt;
use std::sync::Arc;

use jiff::Timestamp;

/// Tells the time. The one of the system unless another is made with [`Clock::new`].
#[derive(Clone)]
pub struct Clock(Arc<dyn Fn() -> Timestamp + Send + Sync>);

impl Clock {
    /// A clock that asks `now`.
    pub fn new(now: impl Fn() -> Timestamp + Send + Sync + 'static) -> Self {
        Self(Arc::new(now))
    }

    /// The clock of the system.
    pub fn system() -> Self {
        #[expect(clippy::disallowed_methods, reason = "the default of an embeddable library, and the only place of this crate that asks")]
        Self::new(Timestamp::now)
    }

    /// What it is now.
    pub fn now(&self) -> Timestamp {
        (self.0)()
    }
}

impl fmt::Debug for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Clock")
    }
}
