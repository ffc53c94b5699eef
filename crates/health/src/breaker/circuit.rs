//! The states of a breaker and how they follow each other. Pure: the time and the chance come in.

use std::time::Duration;

use super::BreakerOptions;
use super::window::{Counts, Window};

#[derive(Debug, Clone)]
pub(super) struct Circuit {
    options: BreakerOptions,
    position: Position,
    window: Window,
    /// How often it opened since it was closed last.
    openings: u32,
    /// Changes with the position, so that a call that began before does not count after.
    generation: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Position {
    Closed,
    Open { until: Duration },
    HalfOpen { since: Duration, out: u32, good: u32 },
}

/// The right to one call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Ticket {
    generation: u64,
}

/// How a call went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Outcome {
    Good,
    Failed,
    /// It was given up before anybody knew.
    Abandoned,
}

impl Circuit {
    pub(super) fn new(options: BreakerOptions) -> Self {
        Self { position: Position::Closed, window: Window::new(options.window), openings: 0, generation: 0, options }
    }

    pub(super) fn position(&self) -> Position {
        self.position
    }

    pub(super) fn counts(&self, now: Duration) -> Counts {
        self.window.counts(now)
    }

    /// Asks for a call. Refused with the time after which to ask again.
    pub(super) fn enter(&mut self, now: Duration, random: &mut dyn FnMut() -> f64) -> Result<Ticket, Duration> {
        if let Position::Open { until } = self.position
            && now >= until
        {
            self.turn(Position::HalfOpen { since: now, out: 0, good: 0 });
        }
        if let Position::HalfOpen { since, out, .. } = self.position
            && out > 0
            && now >= since.saturating_add(self.probe_limit())
        {
            // A probe that never came back is an answer, too.
            self.open(now, random);
        }
        match &mut self.position {
            Position::Closed => {}
            Position::Open { until } => return Err(until.saturating_sub(now)),
            Position::HalfOpen { since, out, good } => {
                if *out + *good >= self.options.probes {
                    let limit = since.saturating_add(self.probe_limit());
                    return Err(limit.saturating_sub(now));
                }
                *out += 1;
            }
        }
        Ok(Ticket { generation: self.generation })
    }

    /// Gives a call back.
    pub(super) fn leave(&mut self, ticket: Ticket, outcome: Outcome, took: Duration, now: Duration, random: &mut dyn FnMut() -> f64) {
        if ticket.generation != self.generation {
            return;
        }
        let slow = took >= self.options.slow_after;
        match (&mut self.position, outcome) {
            (Position::Closed, Outcome::Abandoned) | (Position::Open { .. }, _) => {}
            (Position::Closed, Outcome::Good | Outcome::Failed) => {
                self.window.add(outcome == Outcome::Failed, slow, now);
                if self.is_too_much(self.window.counts(now)) {
                    self.open(now, random);
                }
            }
            (Position::HalfOpen { out, .. }, Outcome::Abandoned) => *out = out.saturating_sub(1),
            (Position::HalfOpen { out, good, .. }, Outcome::Good) if !slow => {
                *out = out.saturating_sub(1);
                *good += 1;
                if *good >= self.options.probes {
                    self.turn(Position::Closed);
                    self.openings = 0;
                    self.window = Window::new(self.options.window);
                }
            }
            (Position::HalfOpen { .. }, Outcome::Good | Outcome::Failed) => self.open(now, random),
        }
    }

    fn is_too_much(&self, counts: Counts) -> bool {
        let share = |part: u32| f64::from(part) / f64::from(counts.calls.max(1));
        counts.calls >= self.options.minimum_calls
            && (share(counts.failed) >= self.options.failure_rate || share(counts.slow) >= self.options.slow_rate)
    }

    fn open(&mut self, now: Duration, random: &mut dyn FnMut() -> f64) {
        let doubled = self.options.open_for.saturating_mul(2_u32.saturating_pow(self.openings)).min(self.options.open_max);
        let jitter = 1.0 + self.options.jitter * (2.0 * random().clamp(0.0, 1.0) - 1.0);
        self.openings = self.openings.saturating_add(1);
        self.turn(Position::Open { until: now.saturating_add(doubled.mul_f64(jitter)) });
    }

    fn turn(&mut self, position: Position) {
        self.position = position;
        self.generation += 1;
    }

    /// How long a half-open breaker waits for its probes.
    fn probe_limit(&self) -> Duration {
        self.options.slow_after.max(self.options.open_for)
    }
}
