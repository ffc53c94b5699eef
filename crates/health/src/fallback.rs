//! Something to answer with while what should answer does not.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use crate::clock::Clock;

/// Keeps the last good value of a call, for the times when it fails.
#[derive(Debug)]
pub struct Fallback<T> {
    clock: Clock,
    keep_for: Duration,
    last: Mutex<Option<(T, Duration)>>,
}

/// What a call with a fallback came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Served<T, E> {
    /// The call succeeded.
    Fresh(T),
    /// It failed, this is what it said before.
    Last {
        /// The last good value.
        value: T,
        /// How old it is.
        age: Duration,
        /// Why there is no newer one.
        error: E,
    },
    /// It failed, and there is no value that is young enough.
    Nothing(E),
}

impl<T: Clone> Fallback<T> {
    /// Keeps a value for `keep_for`.
    pub fn new(keep_for: Duration) -> Self {
        Self::with(keep_for, Clock::system())
    }

    /// The same with a clock.
    pub fn with(keep_for: Duration, clock: Clock) -> Self {
        Self { clock, keep_for, last: Mutex::new(None) }
    }

    /// Calls `primary`: what it returns is kept, and served again when it fails. Nothing is held while it runs.
    pub fn call<E>(&self, primary: impl FnOnce() -> Result<T, E>) -> Served<T, E> {
        let began = self.clock.now().steady;
        match primary() {
            Ok(value) => {
                let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
                // Of two calls at a time the one that began later knows more.
                if last.as_ref().is_none_or(|(_, at)| *at <= began) {
                    *last = Some((value.clone(), began));
                }
                Served::Fresh(value)
            }
            Err(error) => {
                let last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
                let kept = last.as_ref().map(|(value, at)| (value, self.clock.now().since(*at)));
                match kept.filter(|(_, age)| *age <= self.keep_for) {
                    Some((value, age)) => Served::Last { value: value.clone(), age, error },
                    None => Served::Nothing(error),
                }
            }
        }
    }
}

impl<T, E> Served<T, E> {
    /// The value, fresh or not, or `default`.
    pub fn or(self, default: T) -> T {
        self.or_else(|_error| default)
    }

    /// The value, fresh or not, or what `default` makes of the error.
    pub fn or_else(self, default: impl FnOnce(E) -> T) -> T {
        match self {
            Self::Fresh(value) | Self::Last { value, .. } => value,
            Self::Nothing(error) => default(error),
        }
    }

    /// The value, fresh or not.
    ///
    /// # Errors
    ///
    /// The error of the call where there is none.
    pub fn into_result(self) -> Result<T, E> {
        match self {
            Self::Fresh(value) | Self::Last { value, .. } => Ok(value),
            Self::Nothing(error) => Err(error),
        }
    }

    /// Whether the call failed.
    pub fn is_degraded(&self) -> bool {
        !matches!(self, Self::Fresh(_))
    }
}
