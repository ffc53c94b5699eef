//! The thread of one check.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, RecvTimeoutError, Sender};

use super::judging::Message;
use crate::check::{Check, CheckError};
use crate::clock::Clock;
use crate::deadline::Deadline;
use crate::judge::Event;

pub(super) struct Worker {
    pub(super) place: usize,
    pub(super) check: Box<dyn Check>,
    pub(super) interval: Duration,
    pub(super) timeout: Duration,
    pub(super) clock: Clock,
    pub(super) random: fastrand::Rng,
    pub(super) bell: Receiver<()>,
    pub(super) messages: Sender<Message>,
    pub(super) ended: Sender<usize>,
}

impl Worker {
    /// Runs the check, first at once, then at its interval or when the bell rings, until the bell is gone.
    pub(super) fn work(mut self) {
        loop {
            if !self.run() {
                break;
            }
            let pause = self.interval.mul_f64(0.95 + 0.1 * self.random.f64());
            match self.bell.recv_timeout(pause) {
                Ok(()) | Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => break,
            }
        }
        // What the check holds is gone before anybody hears that it ended.
        let Self { check, ended, place, .. } = self;
        drop(check);
        let _nobody_waits = ended.send(place);
    }

    /// One run. Returns whether anybody wants to hear of it.
    fn run(&mut self) -> bool {
        if !self.tell(Event::Started) {
            return false;
        }
        let start = Instant::now();
        let check = &mut self.check;
        let deadline = Deadline::after(self.timeout);
        // A check that panicked is asked again: what it holds is its own, and a monitor that went silent helps nobody.
        let result = catch_unwind(AssertUnwindSafe(|| check.run(deadline)));
        let result = result.unwrap_or_else(|panic| Err(CheckError::Undetermined(format!("the check panicked: {}", words(&*panic)))));
        self.tell(Event::Answered { result, took: start.elapsed() })
    }

    fn tell(&self, event: Event) -> bool {
        let message = Message::Event { place: self.place, event, at: self.clock.now() };
        self.messages.send(message).is_ok()
    }
}

fn words(panic: &(dyn std::any::Any + Send)) -> &str {
    let text = panic.downcast_ref::<&str>().copied();
    text.or_else(|| panic.downcast_ref::<String>().map(String::as_str)).unwrap_or("without a word")
}
