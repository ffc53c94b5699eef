//! A mind that takes some readings to be changed.

use std::time::Duration;

use crate::check::Damping;
use crate::status::Level;

/// Whether something is believed to be bad. The first reading is believed at once, later ones only after as many in a row as
/// [`Damping`] says.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Gate {
    bad: Option<bool>,
    /// Readings in a row that say the other.
    against: u32,
    /// When the first of them came.
    against_since: Duration,
}

impl Gate {
    pub(crate) fn is_bad(&self) -> bool {
        self.bad == Some(true)
    }

    pub(crate) fn step(&mut self, bad: bool, damping: Damping, now: Duration) {
        match self.bad {
            Some(believed) if believed != bad => {}
            _ => {
                self.bad = Some(bad);
                self.against = 0;
                return;
            }
        }
        if self.against == 0 {
            self.against_since = now;
        }
        self.against = self.against.saturating_add(1);
        let (needed, lasting) = if bad { (damping.fall, damping.lasting) } else { (damping.rise, Duration::ZERO) };
        if self.against >= needed && now.saturating_sub(self.against_since) >= lasting {
            self.bad = Some(bad);
            self.against = 0;
        }
    }
}

/// One gate for each level: warn, and fail.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Gates {
    pub(crate) warn: Gate,
    pub(crate) fail: Gate,
}

impl Gates {
    pub(crate) fn level(&self) -> Level {
        if self.fail.is_bad() {
            Level::Fail
        } else if self.warn.is_bad() {
            Level::Warn
        } else {
            Level::Pass
        }
    }

    pub(crate) fn step(&mut self, level: Level, damping: Damping, now: Duration) {
        self.warn.step(level >= Level::Warn, damping, now);
        self.fail.step(level == Level::Fail, damping, now);
    }
}
