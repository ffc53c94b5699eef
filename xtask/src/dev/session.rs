//! The one queue of everything that happens while `dev` runs, and the waiting for it.

use std::collections::HashMap;
use std::fmt;
use std::process::Command;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use signal_hook::consts::{SIGHUP, SIGINT, SIGQUIT, SIGTERM};
use signal_hook::iterator::Signals;

use super::children::{Children, Finished, GRACE, Id, Output};
use crate::output::Label;

/// Something that happened.
#[derive(Debug)]
pub(crate) enum Event {
    /// The user, the terminal or the system wants everything to end.
    Stop,
    /// A program ended.
    Ended(Id, Finished),
    /// A source changed.
    Changed,
}

/// Why work was left undone: it is time to end.
#[derive(Debug)]
pub(crate) struct Stopped;

impl fmt::Display for Stopped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("asked to stop")
    }
}

impl std::error::Error for Stopped {}

#[derive(Debug)]
pub(crate) struct Session {
    pub(crate) children: Children,
    sender: Sender<Event>,
    events: Receiver<Event>,
    stopped: bool,
    changed: bool,
    finished: HashMap<Id, Finished>,
}

impl Session {
    /// Catches Ctrl-C, Ctrl-\, SIGTERM and the end of the terminal from now on.
    ///
    /// # Errors
    ///
    /// When the system refuses.
    pub(crate) fn begin() -> Result<Self> {
        let (sender, events) = mpsc::channel();
        let mut signals = Signals::new([SIGINT, SIGQUIT, SIGTERM, SIGHUP]).context("catch signals")?;
        let stop = sender.clone();
        thread::spawn(move || signals.forever().for_each(|_| drop(stop.send(Event::Stop))));
        let children = Children::new(sender.clone());
        Ok(Self { children, sender, events, stopped: false, changed: false, finished: HashMap::new() })
    }

    /// Where others put their events.
    pub(crate) fn sender(&self) -> Sender<Event> {
        self.sender.clone()
    }

    /// Runs a program to its end.
    ///
    /// # Errors
    ///
    /// When it cannot be started, or [`Stopped`].
    pub(crate) fn run(&mut self, label: Label, output: Output, input: Option<&str>, command: &mut Command) -> Result<Finished> {
        let id = self.children.start_with(label, output, input, command)?;
        loop {
            if let Some(finished) = self.ended(id) {
                return Ok(finished);
            }
            self.wait()?;
        }
    }

    /// Ends a program: asks it to, and after a while doesn't ask any more.
    ///
    /// # Errors
    ///
    /// [`Stopped`].
    pub(crate) fn end(&mut self, id: Id) -> Result<()> {
        Children::terminate(id);
        let deadline = Instant::now() + GRACE;
        while self.ended(id).is_none() {
            if !self.wait_until(deadline)? && Instant::now() >= deadline {
                Children::kill(id);
                self.wait()?;
            }
        }
        Ok(())
    }

    /// How a program ended, if it did; told once.
    pub(crate) fn ended(&mut self, id: Id) -> Option<Finished> {
        self.finished.remove(&id)
    }

    /// Whether sources changed since the last time this was asked.
    pub(crate) fn take_changed(&mut self) -> bool {
        std::mem::take(&mut self.changed)
    }

    /// Waits until no source has changed for `quiet`: an editor or a checkout changes several at once.
    ///
    /// # Errors
    ///
    /// [`Stopped`].
    pub(crate) fn settle(&mut self, quiet: Duration) -> Result<()> {
        while self.wait_until(Instant::now() + quiet)? {}
        Ok(())
    }

    /// Waits for the next event.
    ///
    /// # Errors
    ///
    /// [`Stopped`].
    pub(crate) fn wait(&mut self) -> Result<()> {
        let event = self.events.recv().expect("the session holds a sender itself");
        self.note(event)
    }

    /// Waits for the next event until `deadline`; tells whether there was one.
    ///
    /// # Errors
    ///
    /// [`Stopped`].
    pub(crate) fn wait_until(&mut self, deadline: Instant) -> Result<bool> {
        match self.events.recv_timeout(deadline.saturating_duration_since(Instant::now())) {
            Ok(event) => self.note(event).map(|()| true),
            Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => Ok(false),
        }
    }

    fn note(&mut self, event: Event) -> Result<()> {
        match event {
            Event::Stop => self.stopped = true,
            Event::Changed => self.changed = true,
            Event::Ended(id, finished) => drop(self.finished.insert(id, finished)),
        }
        if self.stopped { Err(Stopped.into()) } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::output::DEV;

    fn shell(script: &str) -> Command {
        let mut command = Command::new("sh");
        command.args(["-c", script]);
        command
    }

    #[test]
    fn a_program_is_run_with_its_input_and_its_output() {
        let mut session = Session::begin().expect("a session");
        let done = session.run(DEV, Output::Collect, Some("word"), &mut shell("cat; exit 3")).expect("it runs");
        assert_eq!((done.status.code(), done.output.as_str()), (Some(3), "word"));
    }

    #[test]
    fn what_a_program_started_ends_with_it() {
        let mut session = Session::begin().expect("a session");
        let mut parent = shell("sleep 100 & echo $! >&2; exec sleep 100");
        session.children.start(DEV, Output::Show, &mut parent).expect("it starts");
        let begin = Instant::now();
        session.children.end_all();
        assert!(begin.elapsed() < GRACE, "asked, it ends at once");
        assert!(session.children.all_gone(), "no process of the group is left");
    }

    #[test]
    fn a_program_that_does_not_listen_is_killed() {
        let mut session = Session::begin().expect("a session");
        let mut deaf = shell("trap '' TERM; while :; do sleep 0.01; done");
        session.children.start(DEV, Output::Show, &mut deaf).expect("it starts");
        thread::sleep(Duration::from_millis(100));
        let begin = Instant::now();
        session.children.end_all();
        assert!(begin.elapsed() >= GRACE && begin.elapsed() < GRACE + Duration::from_secs(1));
        assert!(session.children.all_gone());
    }

    #[test]
    fn changes_are_told_once_they_settle() {
        let mut session = Session::begin().expect("a session");
        let sender = session.sender();
        thread::spawn(move || (0..3).for_each(|_| drop(sender.send(Event::Changed))));
        session.wait().expect("a change");
        session.settle(Duration::from_millis(50)).expect("it settles");
        assert!(session.take_changed());
        assert!(!session.take_changed());
    }

    #[test]
    fn work_is_left_when_it_is_time_to_end() {
        let mut session = Session::begin().expect("a session");
        session.sender().send(Event::Stop).expect("the session listens");
        let error = session.run(DEV, Output::Show, None, &mut shell("sleep 100")).expect_err("it is left");
        assert!(error.is::<Stopped>());
        session.children.end_all();
    }
}
