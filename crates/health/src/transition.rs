//! Changes of checks, for those who alert: never more than one waits for each check, however often it flips and however slow they are.

use std::collections::BTreeMap;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::id::CheckId;
use crate::report::CheckReport;
use crate::status::Status;

/// A check is not what it was.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Transition {
    /// The check.
    pub check: CheckId,
    /// What the last transition of it ended with; unknown at the start.
    pub from: Status,
    /// What it is now. The same as `from` if it came and went in between: look at [`flips`](Self::flips).
    pub to: Status,
    /// When it last changed.
    pub at: Timestamp,
    /// Why, in a sentence for people.
    pub says: Arc<str>,
    /// The checks that explain it; those alert.
    pub because_of: Vec<CheckId>,
    /// How many changes this one stands for: more than 1 where it changed faster than it was asked for.
    pub flips: u32,
}

impl Transition {
    pub(crate) fn of(check: &CheckReport, from: Status, at: Timestamp) -> Self {
        Self {
            check: check.id.clone(),
            from,
            to: check.status,
            at,
            says: check.says.clone(),
            because_of: check.because_of.clone(),
            flips: 1,
        }
    }

    /// Whether somebody should be told of something wrong: not pass, and neither explained by another check nor maintained.
    pub fn is_alert(&self) -> bool {
        matches!(self.to, Status::Warn | Status::Fail | Status::Unknown)
    }
}

/// What waits for one subscriber.
#[derive(Debug, Default)]
struct Queue {
    slots: BTreeMap<CheckId, Slot>,
    closed: bool,
}

#[derive(Debug, Default)]
struct Slot {
    pending: Option<Transition>,
    told_at: Option<Instant>,
    /// The worst that was told since the last gap began.
    worst_told: u8,
}

impl Slot {
    /// How long until what is pending may be told; `None` while nothing is.
    fn wait(&self, gap: Duration, now: Instant) -> Option<Duration> {
        let pending = self.pending.as_ref()?;
        let worse = pending.to.severity() > self.worst_told;
        match self.told_at {
            Some(told_at) if !worse => Some(gap.saturating_sub(now.saturating_duration_since(told_at))),
            _ => Some(Duration::ZERO),
        }
    }

    fn tell(&mut self, gap: Duration, now: Instant) -> Option<Transition> {
        let told = self.pending.take()?;
        let in_gap = self.told_at.is_some_and(|told_at| now.saturating_duration_since(told_at) < gap);
        self.worst_told = if in_gap { self.worst_told.max(told.to.severity()) } else { told.to.severity() };
        self.told_at = Some(now);
        Some(told)
    }
}

#[derive(Debug, Default)]
pub(crate) struct Mailbox {
    queue: Mutex<Queue>,
    arrived: Condvar,
}

impl Mailbox {
    fn lock(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn put(&self, transition: Transition) {
        let mut queue = self.lock();
        let slot = queue.slots.entry(transition.check.clone()).or_default();
        slot.pending = Some(match slot.pending.take() {
            Some(earlier) => Transition { from: earlier.from, flips: earlier.flips.saturating_add(1), ..transition },
            None => transition,
        });
        self.arrived.notify_all();
    }

    pub(crate) fn close(&self) {
        self.lock().closed = true;
        self.arrived.notify_all();
    }
}

/// The transitions of a monitor, for one subscriber. A slow one holds nobody up, and loses nothing but the steps in between.
#[derive(Debug)]
pub struct Transitions {
    mailbox: Arc<Mailbox>,
    gap: Duration,
}

impl Transitions {
    pub(crate) fn new(mailbox: Arc<Mailbox>, gap: Duration) -> Self {
        Self { mailbox, gap }
    }

    /// The next one, waiting `time` at most; `None` if none came, or none will come since the monitor has stopped.
    pub fn next_within(&self, time: Duration) -> Option<Transition> {
        let start = Instant::now();
        let mut queue = self.mailbox.lock();
        loop {
            let now = Instant::now();
            let due = queue.slots.values_mut().filter_map(|slot| Some((slot.wait(self.gap, now)?, slot))).min_by_key(|(wait, _)| *wait);
            let wait = match due {
                Some((Duration::ZERO, slot)) => return slot.tell(self.gap, now),
                Some((wait, _)) => wait,
                None => Duration::MAX,
            };
            let left = time.saturating_sub(now.saturating_duration_since(start));
            if left.is_zero() || queue.closed {
                return None;
            }
            // Capped, because a condition variable cannot wait for ever.
            let wait = wait.min(left).min(Duration::from_secs(3600));
            (queue, _) = self.mailbox.arrived.wait_timeout(queue, wait).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Whether the monitor has stopped: nothing more will come than what waits.
    pub fn is_closed(&self) -> bool {
        self.mailbox.lock().closed
    }
}
