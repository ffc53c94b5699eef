//! Runs checks in the background and keeps the report of the last of each.

mod builder;
mod judging;
mod worker;

use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::thread::JoinHandle;
use std::time::Duration;

use crossbeam_channel::{Receiver, Sender};

use crate::clock::Clock;
use crate::deadline::Deadline;
use crate::error::Error;
use crate::id::CheckId;
use crate::maintenance::{Maintenance, Scope};
use crate::report::Report;
use crate::status::Status;
use crate::transition::{Mailbox, Transitions};
use crate::tree::Tree;

pub use builder::MonitorBuilder;

use judging::Message;

/// Runs checks in the background: each on a thread of its own, at its own interval, never twice at a time. Asking it costs nothing: a
/// report is made when something changed, not when somebody asks.
///
/// Dropping it tells the threads to end and waits for none; [`stop`](Self::stop) waits.
#[derive(Debug)]
pub struct Monitor {
    shared: Arc<Shared>,
    running: Mutex<Option<Running>>,
}

/// What the threads and those who ask have in common.
#[derive(Debug)]
struct Shared {
    tree: Tree,
    clock: Clock,
    /// The latest report, and when it was judged. Held only to swap the pointer.
    latest: RwLock<(Arc<Report>, Duration)>,
    /// How old a report may get before the judge itself is taken for hanging.
    stale_after: Duration,
    /// One for each scope. Those that are over stay: the clock that says so may be set back.
    windows: Mutex<Vec<Maintenance>>,
    messages: Sender<Message>,
}

/// What only a monitor that runs has.
#[derive(Debug)]
struct Running {
    /// One bell for each check: ringing it runs the check now, dropping it ends its thread.
    bells: Arc<Vec<Sender<()>>>,
    workers: Vec<JoinHandle<()>>,
    judge: JoinHandle<()>,
    /// The place of each worker that has ended.
    ended: Receiver<usize>,
}

impl Monitor {
    /// A monitor in the making.
    pub fn builder() -> MonitorBuilder {
        MonitorBuilder::default()
    }

    /// The latest report: clones a pointer, runs nothing and waits for nobody.
    ///
    /// If the monitor has stopped or its own thread hangs, the report is old and the whole is unknown.
    pub fn report(&self) -> Arc<Report> {
        let (report, judged) = self.shared.latest.read().unwrap_or_else(PoisonError::into_inner).clone();
        if self.shared.clock.now().since(judged) <= self.shared.stale_after {
            return report;
        }
        let mut report = Arc::unwrap_or_clone(report);
        report.status = Status::Unknown;
        report.tree.status = Status::Unknown;
        Arc::new(report)
    }

    /// The checks, nodes and features.
    pub fn tree(&self) -> &Tree {
        &self.shared.tree
    }

    /// Changes of checks from now on, beginning with how each is now. Of one check no two come within `gap`, unless the later is worse than
    /// all that came within it: what happens in between is told as one.
    ///
    /// A check that begins to fail is told of only after the checks that may explain it were asked again.
    pub fn transitions(&self, gap: Duration) -> Transitions {
        let mailbox = Arc::new(Mailbox::default());
        if self.shared.messages.send(Message::Subscribe(Arc::downgrade(&mailbox))).is_err() {
            mailbox.close();
        }
        Transitions::new(mailbox, gap)
    }

    /// Runs a check now, or once more if it is running. Returns whether there is such a check and the monitor runs.
    pub fn run_now(&self, check: &str) -> bool {
        let running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
        let bell = running.as_ref().and_then(|running| running.bells.get(self.shared.tree.place(check)?));
        // A full bell rings already.
        bell.is_some_and(|bell| !matches!(bell.try_send(()), Err(crossbeam_channel::TrySendError::Disconnected(()))))
    }

    /// Begins a maintenance window, in place of the one of the same scope.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownScope`] and [`Error::WindowOrder`].
    pub fn maintain(&self, window: Maintenance) -> Result<(), Error> {
        self.shared.tree.knows(&window.scope)?;
        window.is_in_order()?;
        {
            let mut windows = self.shared.windows.lock().unwrap_or_else(PoisonError::into_inner);
            windows.retain(|other| other.scope != window.scope);
            windows.push(window);
        }
        self.look();
        Ok(())
    }

    /// Ends the maintenance of `scope`. Returns whether there was one.
    pub fn end_maintenance(&self, scope: &Scope) -> bool {
        let there_was = self.windows().iter().any(|window| window.scope == *scope);
        self.shared.windows.lock().unwrap_or_else(PoisonError::into_inner).retain(|window| window.scope != *scope);
        self.look();
        there_was
    }

    /// The maintenance windows that run or are to come.
    pub fn windows(&self) -> Vec<Maintenance> {
        let now = self.shared.clock.now().wall;
        let windows = self.shared.windows.lock().unwrap_or_else(PoisonError::into_inner);
        windows.iter().filter(|window| window.until > now).cloned().collect()
    }

    /// Ends all threads and waits for them, `within` at most. A second call does nothing.
    ///
    /// # Errors
    ///
    /// [`Error::StillRunning`] names the checks that hang. Their threads end as soon as they come back.
    pub fn stop(&self, within: Duration) -> Result<(), Error> {
        let Some(running) = self.running.lock().unwrap_or_else(PoisonError::into_inner).take() else { return Ok(()) };
        let deadline = Deadline::after(within);
        self.silence();
        let Running { bells, workers, judge, ended } = running;
        drop(bells);
        let mut hanging: Vec<Option<JoinHandle<()>>> = workers.into_iter().map(Some).collect();
        while hanging.iter().any(Option::is_some) {
            let Ok(place) = ended.recv_deadline(deadline.at()) else { break };
            if let Some(worker) = hanging[place].take() {
                join(worker);
            }
        }
        // It ends at once: it has been told, and never waits for a check.
        join(judge);
        let checks: Vec<CheckId> =
            self.shared.tree.checks().zip(&hanging).filter(|(_, hangs)| hangs.is_some()).map(|(info, _)| info.id.clone()).collect();
        if checks.is_empty() { Ok(()) } else { Err(Error::StillRunning { checks }) }
    }

    fn look(&self) {
        // Without a judge there is nobody to look.
        let _gone = self.shared.messages.send(Message::Look);
    }

    /// Ends the judge, and with it all transitions.
    fn silence(&self) {
        let _gone = self.shared.messages.send(Message::Stop);
    }
}

impl Drop for Monitor {
    fn drop(&mut self) {
        self.silence();
    }
}

fn join(thread: JoinHandle<()>) {
    if thread.join().is_err() {
        tracing::error!("a thread of the health monitor panicked");
    }
}
