//! Whether the clock can be right: it does not jump back, and nothing that was stored is newer than now.

use std::fmt;

use jiff::Timestamp;

use crate::check::{Check, CheckError};
use crate::clock::{Clock, Moment};
use crate::deadline::Deadline;
use crate::reading::{Facts, Value, seconds};

type Newest = Box<dyn Fn() -> Result<Option<Timestamp>, String> + Send>;

/// Adjusting a clock slowly does not come near it.
const JUMP_SECONDS: f64 = 2.0;

/// Compares the clock with itself and with the past, without asking anybody else.
pub struct WallClock {
    clock: Clock,
    newest: Option<Newest>,
    last: Option<Moment>,
}

impl WallClock {
    /// Of this clock.
    pub fn new(clock: Clock) -> Self {
        Self { clock, newest: None, last: None }
    }

    /// Compares it with the newest time that was stored, too. `newest` returns none where nothing was, and otherwise says in a sentence why it
    /// cannot tell.
    #[must_use]
    pub fn newest(self, newest: impl Fn() -> Result<Option<Timestamp>, String> + Send + 'static) -> Self {
        Self { newest: Some(Box::new(newest)), ..self }
    }
}

impl Check for WallClock {
    fn run(&mut self, _: Deadline) -> Result<Facts, CheckError> {
        let newest = self.newest.as_ref().map(|newest| newest());
        let now = self.clock.now();
        let mut facts = Facts::new().saying(format!("the clock says {}", now.wall));
        if let Some(last) = self.last.replace(now) {
            let jump = now.wall.duration_since(last.wall).as_secs_f64() - now.since(last.steady).as_secs_f64();
            facts = facts.with("jumped", Value::Seconds(jump));
            // Forwards is what a machine does that slept.
            if jump < -JUMP_SECONDS {
                facts = facts.warning(format!("the clock was set back by {}", seconds(-jump)));
            }
        }
        Ok(match newest {
            Some(Ok(Some(newest))) => facts.with("behind", Value::Seconds(newest.duration_since(now.wall).as_secs_f64().max(0.0))),
            Some(Err(error)) => facts.without("behind", error),
            Some(Ok(None)) | None => facts.with("behind", Value::Seconds(0.0)),
        })
    }
}

impl fmt::Debug for WallClock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WallClock").field("clock", &self.clock).field("last", &self.last).finish_non_exhaustive()
    }
}
