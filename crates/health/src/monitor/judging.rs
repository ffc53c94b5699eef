//! The thread that judges: it alone holds the state of all checks.

use std::sync::{Arc, PoisonError, Weak};
use std::time::Duration;

use crossbeam_channel::{Receiver, RecvTimeoutError, Sender};

use super::Shared;
use crate::clock::Moment;
use crate::judge::{CheckState, Event};
use crate::report::{CheckReport, Report};
use crate::status::Status;
use crate::transition::{Mailbox, Transition};

/// What the judge hears.
#[derive(Debug)]
pub(super) enum Message {
    /// Something happened to a check.
    Event { place: usize, event: Event, at: Moment },
    /// Somebody wants to hear of changes.
    Subscribe(Weak<Mailbox>),
    /// Something else changed: look again.
    Look,
    /// That is all.
    Stop,
}

pub(super) struct Judging {
    pub(super) shared: Arc<Shared>,
    pub(super) states: Vec<CheckState>,
    pub(super) told: Vec<Told>,
    pub(super) messages: Receiver<Message>,
    /// Not held by workers, so that they end when the monitor drops it.
    pub(super) bells: Weak<Vec<Sender<()>>>,
    pub(super) mailboxes: Vec<Weak<Mailbox>>,
    pub(super) tick: Duration,
}

/// What subscribers know of a check.
#[derive(Debug, Clone)]
pub(super) struct Told {
    /// `None` before anything was found out.
    status: Option<Status>,
    /// When it became something else, which they were not told of yet.
    changed_at: Option<Duration>,
}

impl Told {
    /// Nobody knows anything.
    pub(super) fn nothing() -> Self {
        Self { status: None, changed_at: None }
    }
}

impl Judging {
    pub(super) fn work(mut self) {
        loop {
            let message = match self.messages.recv_timeout(self.tick) {
                Ok(message) => Some(message),
                Err(RecvTimeoutError::Timeout) => None,
                Err(RecvTimeoutError::Disconnected) => break,
            };
            // All that has come is judged as one: a storm makes messages, not reports. Not without end, though.
            let messages = self.messages.clone();
            for message in message.into_iter().chain(messages.try_iter().take(1024)) {
                match message {
                    Message::Event { place, event, at } => self.hear(place, event, at),
                    Message::Subscribe(mailbox) => self.welcome(mailbox),
                    Message::Look => {}
                    Message::Stop => return self.close(),
                }
            }
            self.look();
        }
        self.close();
    }

    fn hear(&mut self, place: usize, event: Event, at: Moment) {
        if let (Some(state), Some(info)) = (self.states.get_mut(place), self.shared.tree.checks().nth(place)) {
            *state = state.clone().step(info, event, at);
        }
    }

    /// Judges everything anew, and tells of it.
    fn look(&mut self) {
        let now = self.shared.clock.now();
        for (state, info) in self.states.iter_mut().zip(self.shared.tree.checks()) {
            *state = state.clone().step(info, Event::Tick, now);
        }
        let windows = self.shared.windows.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let report = Arc::new(self.shared.tree.report(&self.states, &windows, now));
        *self.shared.latest.write().unwrap_or_else(PoisonError::into_inner) = (report.clone(), now.steady);
        self.tell(&report, now);
    }

    fn tell(&mut self, report: &Report, now: Moment) {
        for (place, check) in report.checks.iter().enumerate() {
            let told = &mut self.told[place];
            let info = self.shared.tree.checks().nth(place);
            let at_start = told.status.is_none() && !info.is_some_and(|info| self.states[place].is_settled(info, now));
            if told.status == Some(check.status) || at_start && check.status == Status::Unknown {
                told.changed_at = None;
                continue;
            }
            let first_look = told.changed_at.is_none();
            let changed_at = *told.changed_at.get_or_insert(now.steady);
            if check.is_root() && first_look {
                self.ask_causes(place);
            }
            if check.is_root() && self.waits_for_causes(place, changed_at, now) {
                continue;
            }
            let told = std::mem::replace(&mut self.told[place], Told { status: Some(check.status), changed_at: None });
            let from = told.status.unwrap_or(Status::Unknown);
            log(check, from);
            self.put(&Transition::of(check, from, now.wall));
        }
    }

    /// Begins with what is known, so that nobody misses what was wrong before.
    fn welcome(&mut self, mailbox: Weak<Mailbox>) {
        let (report, _) = self.shared.latest.read().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some(mailbox) = mailbox.upgrade() {
            for (check, _) in report.checks.iter().zip(&self.told).filter(|(check, told)| told.status == Some(check.status)) {
                mailbox.put(Transition::of(check, Status::Unknown, check.since));
            }
        }
        self.mailboxes.retain(|mailbox| mailbox.strong_count() > 0);
        self.mailboxes.push(mailbox);
    }

    /// Has all checks run that may explain the one at `place`.
    fn ask_causes(&self, place: usize) {
        let Some(bells) = self.bells.upgrade() else { return };
        for &cause in self.shared.tree.upstream(place) {
            // A full bell rings already.
            let _full = bells[cause].try_send(());
        }
    }

    /// Whether a check that may explain the one at `place` has not yet answered anew, though it still may.
    fn waits_for_causes(&self, place: usize, changed_at: Duration, now: Moment) -> bool {
        let upstream = self.shared.tree.upstream(place);
        let timeouts = upstream.iter().filter_map(|&cause| self.shared.tree.checks().nth(cause)).map(|info| info.timeout);
        // A run that began before, and the one that was asked for.
        let patience = timeouts.max().unwrap_or_default().saturating_mul(2);
        let answered = |&cause: &usize| self.states[cause].answer_began().is_some_and(|began| began >= changed_at);
        now.since(changed_at) < patience && !upstream.iter().all(answered)
    }

    fn put(&self, transition: &Transition) {
        for mailbox in self.mailboxes.iter().filter_map(Weak::upgrade) {
            mailbox.put(transition.clone());
        }
    }

    fn close(self) {
        for mailbox in self.mailboxes.iter().filter_map(Weak::upgrade) {
            mailbox.close();
        }
    }
}

fn log(check: &CheckReport, from: Status) {
    let CheckReport { id, status, says, .. } = check;
    let because_of = check.because_of.iter().map(crate::CheckId::as_str).collect::<Vec<_>>().join(", ");
    match status {
        Status::Fail => tracing::error!(check = %id, %from, says = &**says, "a check fails"),
        Status::Warn | Status::Unknown => {
            tracing::warn!(check = %id, %from, to = %status, says = &**says, "a check is not as it should be");
        }
        Status::Suppressed => tracing::warn!(check = %id, %from, because_of, says = &**says, "a check is taken down by another"),
        Status::Pass | Status::Maintenance => tracing::info!(check = %id, %from, to = %status, says = &**says, "a check changed"),
    }
}
