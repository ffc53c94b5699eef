//! Calls of the last while, counted in ten parts of it.

use std::time::Duration;

const PARTS: u64 = 10;

/// How many calls there were, and how many of each kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Counts {
    pub(super) calls: u32,
    pub(super) failed: u32,
    pub(super) slow: u32,
}

/// Forgets a tenth of the window at a time, so that it takes no more room for more calls.
#[derive(Debug, Clone)]
pub(super) struct Window {
    part: Duration,
    /// Each with the number of its part since the clock's start.
    parts: [(u64, Counts); 10],
}

impl Window {
    pub(super) fn new(length: Duration) -> Self {
        Self { part: (length / 10).max(Duration::from_nanos(1)), parts: Default::default() }
    }

    pub(super) fn add(&mut self, failed: bool, slow: bool, now: Duration) {
        let number = self.number(now);
        let place = usize::try_from(number % PARTS).unwrap_or_default();
        let (old, counts) = &mut self.parts[place];
        if *old != number {
            (*old, *counts) = (number, Counts::default());
        }
        counts.calls = counts.calls.saturating_add(1);
        counts.failed = counts.failed.saturating_add(u32::from(failed));
        counts.slow = counts.slow.saturating_add(u32::from(slow));
    }

    pub(super) fn counts(&self, now: Duration) -> Counts {
        let number = self.number(now);
        let young = self.parts.iter().filter(|(part, _)| *part <= number && number - part < PARTS);
        young.fold(Counts::default(), |sum, (_, part)| Counts {
            calls: sum.calls.saturating_add(part.calls),
            failed: sum.failed.saturating_add(part.failed),
            slow: sum.slow.saturating_add(part.slow),
        })
    }

    fn number(&self, now: Duration) -> u64 {
        u64::try_from(now.as_nanos() / self.part.as_nanos()).unwrap_or(u64::MAX)
    }
}
