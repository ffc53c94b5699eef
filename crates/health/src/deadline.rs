//! Until when a check may take its time.

use std::time::{Duration, Instant};

/// The moment at which a check should have answered. Pass [`remaining`](Self::remaining) to every call that can wait: connect, read, lock.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Deadline(Instant);

impl Deadline {
    /// A deadline `time` from now.
    pub fn after(time: Duration) -> Self {
        let now = Instant::now();
        // A duration that no clock can hold is as good as a year.
        Self(now.checked_add(time).unwrap_or_else(|| now + Duration::from_secs(365 * 24 * 3600)))
    }

    /// The moment itself.
    pub fn at(self) -> Instant {
        self.0
    }

    /// What is left; zero once it is over. Many system calls take zero for "for ever": look at [`is_over`](Self::is_over) first, or use
    /// [`left`](Self::left).
    pub fn remaining(self) -> Duration {
        self.0.saturating_duration_since(Instant::now())
    }

    /// What is left, `None` once it is over: never zero.
    pub fn left(self) -> Option<Duration> {
        Some(self.remaining()).filter(|left| !left.is_zero())
    }

    /// Whether nothing is left.
    pub fn is_over(self) -> bool {
        self.remaining().is_zero()
    }
}
