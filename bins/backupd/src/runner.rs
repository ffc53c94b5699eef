//! The daemon's own runner: one run at a time, whoever asks for it, on a thread that may block.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use magnetiq_backup::{Backups, Clock, Entry, Progress, Reason, Request, Step, Turn};

use crate::memory::Memory;
use crate::schedule::{History, Schedule, has_rested, missed};
use crate::status::{Known, LastRun, Running, Status, has_failed};
use crate::work::Work;
use crate::{metrics, textfile};

/// Orders for the runner, and what it knows. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Runner(Arc<Inner>);

struct Inner {
    orders: SyncSender<Order>,
    board: Mutex<Board>,
    schedule: Schedule,
    clock: Clock,
    backups: Backups,
    targets: Vec<String>,
    time_limit: Duration,
    grace: Duration,
    stopping: AtomicBool,
}

#[derive(Default)]
struct Board {
    entries: Vec<Entry>,
    /// From the order to its end.
    taken: bool,
    running: Option<Running>,
    memory: Memory,
    /// The last run where the folder could not remember it, and what it remembers instead.
    unsaved: Option<(LastRun, Option<LastRun>)>,
    failed_at: Option<Timestamp>,
    failures: u32,
    /// When the last run ended, however it did.
    ended_at: Option<Timestamp>,
    missed_runs: u64,
    /// An order waits for its moment.
    waiting: bool,
    /// What takes its place, at once.
    instead: Option<Job>,
    /// A recent backup lacks a copy or a proof.
    undone: bool,
    /// The copy that is on its way is to give way to the next backup.
    turn: Option<Turn>,
}

#[derive(Debug, Clone, Copy)]
enum Job {
    Backup(Reason),
    /// What earlier runs left undone, without a new backup.
    MakeUp,
}

struct Order {
    job: Job,
    /// Waited before it begins.
    delay: Duration,
}

/// A run, or an order for one, is there already.
#[derive(Debug)]
pub(crate) struct Busy;

/// How late the scheduler may be.
const GRACE: Duration = Duration::from_secs(60);
/// How often the folder is looked at: other processes work in it, too.
const LOOK: Duration = Duration::from_secs(30);

impl Runner {
    /// The runner, and the thread that it works on.
    pub(crate) fn start(work: Work, schedule: Schedule) -> std::io::Result<(Self, std::thread::JoinHandle<()>)> {
        let (orders, received) = sync_channel(1);
        let backup = &work.settings.backup;
        let inner = Inner {
            orders,
            board: Mutex::default(),
            schedule,
            clock: work.clock.clone(),
            backups: work.backups.clone(),
            targets: work.target_names(),
            time_limit: backup.time_limit,
            grace: GRACE + backup.jitter,
            stopping: AtomicBool::new(false),
        };
        let runner = Self(Arc::new(inner));
        runner.look(&work);
        let own = runner.clone();
        let thread = std::thread::Builder::new().name("runner".to_owned()).spawn(move || own.serve(&work, &received))?;
        Ok((runner, thread))
    }

    /// Asks for a run that begins after `delay`. One that is to begin at once takes the place of one that still waits.
    pub(crate) fn order(&self, reason: Reason, delay: Duration) -> Result<(), Busy> {
        self.take(Job::Backup(reason), delay)
    }

    fn take(&self, job: Job, delay: Duration) -> Result<(), Busy> {
        let mut board = self.board();
        if self.is_stopping() {
            return Err(Busy);
        }
        if board.waiting && delay.is_zero() {
            board.waiting = false;
            board.instead = Some(job);
            return Ok(());
        }
        if board.taken {
            return Err(Busy);
        }
        self.0.orders.try_send(Order { job, delay }).or(Err(Busy))?;
        board.taken = true;
        board.waiting = !delay.is_zero();
        Ok(())
    }

    /// Compares what should have happened with what has, and makes up for it. To be called now and then, and at the start.
    pub(crate) fn watch(&self) {
        let now = self.0.clock.now();
        let mut board = self.board();
        if let Some(running) = board.running.as_mut().filter(|running| !running.stuck && elapsed(running.since, now) > self.0.time_limit) {
            running.stuck = true;
            tracing::error!(since = %running.since, step = running.step, "the backup takes longer than backup.time_limit_min; it goes on");
        }
        let history = board.history();
        let busy = board.taken;
        // Where a backup is missing, that comes first.
        let late = missed(&self.0.schedule, now, &history.unfailed(), self.0.grace);
        let may_make_up = board.undone && late.is_none() && board.ended_at.is_none_or(|at| has_rested(at, board.failures.max(1), now));
        if let Some(due) = late.filter(|due| board.copies_since_before(*due)) {
            tracing::warn!(%due, "a copy is still on its way elsewhere: it gives way to the next backup, and goes on after that");
            let asked = self.0.backups.ask_for_turn();
            board.turn = asked.inspect_err(|error| tracing::warn!(error = error as &dyn std::error::Error, "it cannot be asked to")).ok();
        }
        drop(board);
        if busy {
            return;
        }
        let Some(due) = missed(&self.0.schedule, now, &history, self.0.grace) else {
            if may_make_up {
                // Where somebody was quicker it comes the next time.
                let _ = self.take(Job::MakeUp, Duration::ZERO);
            }
            return;
        };
        match history.newest_good {
            None => tracing::info!("there is no backup yet, so one is made now"),
            Some(_) => tracing::warn!(%due, "no backup was made at its time, so it is made now"),
        }
        if self.order(Reason::Schedule, Duration::ZERO).is_ok() {
            self.board().missed_runs += 1;
        }
    }

    /// Gives up what runs at its next step; what it has begun is cleaned up.
    pub(crate) fn stop(&self) {
        self.0.stopping.store(true, Ordering::Relaxed);
    }

    /// The status now, from memory.
    pub(crate) fn status(&self) -> Status {
        self.with_entries(|status, _| status)
    }

    /// The same, with the backups.
    pub(crate) fn with_entries<T>(&self, show: impl FnOnce(Status, &[Entry]) -> T) -> T {
        let now = self.0.clock.now();
        let board = self.board();
        let known = Known {
            schedule: self.0.schedule.text().to_owned(),
            next_run_at: self.0.schedule.next(now),
            late_since: missed(&self.0.schedule, now, &board.history().unfailed(), self.0.grace),
            missed_runs: board.missed_runs,
            running: board.running.clone(),
            memory: board.memory.clone(),
            targets: self.0.targets.clone(),
        };
        let status = Status::of(&board.entries, known, now);
        show(status, &board.entries)
    }

    fn is_stopping(&self) -> bool {
        self.0.stopping.load(Ordering::Relaxed)
    }

    fn board(&self) -> MutexGuard<'_, Board> {
        self.0.board.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn serve(&self, work: &Work, orders: &Receiver<Order>) {
        while !self.is_stopping() {
            match orders.recv_timeout(Duration::from_secs(1)) {
                Ok(order) => {
                    if self.wait(order.delay) {
                        let instead = self.board().instead.take();
                        self.run(work, instead.unwrap_or(order.job));
                    }
                    self.board().taken = false;
                }
                Err(RecvTimeoutError::Timeout) => {
                    if self.0.clock.now().as_second() % i64::try_from(LOOK.as_secs()).unwrap_or(1) == 0 {
                        self.look(work);
                    }
                }
                Err(RecvTimeoutError::Disconnected) => return,
            }
        }
    }

    /// Waits unless another order takes its place, or it is to stop; then the answer is no.
    fn wait(&self, delay: Duration) -> bool {
        let until = std::time::Instant::now() + delay;
        while std::time::Instant::now() < until && !self.is_stopping() && self.board().waiting {
            std::thread::sleep(Duration::from_millis(200).min(delay));
        }
        self.board().waiting = false;
        !self.is_stopping()
    }

    fn run(&self, work: &Work, job: Job) {
        let reason = match job {
            Job::Backup(reason) => reason,
            Job::MakeUp => Reason::Schedule,
        };
        let since = self.0.clock.now();
        let running = Running { since, reason, step: "start".to_owned(), done_bytes: 0, total_bytes: 0, stuck: false };
        self.board().running = Some(running);
        // The library has no other way out of a long copy. What it has begun is cleaned up by the values that are dropped on the way.
        let mut report = |progress| self.progress(progress);
        let ended = catch_unwind(AssertUnwindSafe(|| match job {
            Job::Backup(reason) => work.run(&Request::new(reason), &mut report),
            Job::MakeUp => work.make_up(&mut report),
        }));
        let run = ended.unwrap_or_else(|payload| {
            let problem = if payload.is::<Stopped>() { "the program was asked to stop" } else { "a defect in the program; see the log" };
            let run = LastRun {
                started_at: since,
                ended_at: self.0.clock.now(),
                reason,
                id: None,
                ok: false,
                problems: vec![problem.to_owned()],
            };
            work.remember(|memory| memory.last_run = Some(run.clone()));
            run
        });
        let mut board = self.board();
        board.running = None;
        board.ended_at = Some(run.ended_at);
        let told = work.memory().last_run;
        board.unsaved = (told.as_ref() != Some(&run)).then(|| (run.clone(), told));
        // One that gave way failed in nothing that has to be waited for.
        if board.turn.take().is_some() || run.ok {
            board.failures = 0;
            board.failed_at = None;
        } else {
            board.failures += 1;
            board.failed_at = Some(run.ended_at);
        }
        drop(board);
        self.look(work);
        if let Some(path) = &work.settings.backup.textfile
            && let Err(error) = textfile::write(path, &metrics::text(&self.status()))
        {
            tracing::warn!(error = &error as &dyn std::error::Error, path = %path.display(), "the metrics file was not written");
        }
    }

    fn progress(&self, progress: Progress) {
        if self.is_stopping() && !std::thread::panicking() {
            resume_unwind(Box::new(Stopped));
        }
        if let Some(running) = &mut self.board().running {
            running.step = progress.step.to_string();
            running.done_bytes = progress.done_bytes;
            running.total_bytes = progress.total_bytes;
        }
    }

    /// Brings what is shown up to date with the folder. Of one that cannot be read nothing is known, and what it had is no comfort.
    fn look(&self, work: &Work) {
        let listed = work.backups.list();
        let listed = listed.inspect_err(|error| tracing::error!(error = error as &dyn std::error::Error, "the backups cannot be listed"));
        let entries = listed.unwrap_or_default();
        let (undone, memory) = (work.is_undone(&entries), work.memory());
        let mut board = self.board();
        board.undone = undone;
        board.entries = entries;
        board.remember(memory);
    }
}

struct Stopped;

impl Board {
    /// What the folder remembers; and of the last run what we know ourselves, until another one is remembered there.
    fn remember(&mut self, memory: Memory) {
        self.unsaved.take_if(|(_, told)| *told != memory.last_run);
        let last_run = self.unsaved.as_ref().map(|(run, _)| run.clone()).or(memory.last_run);
        self.memory = Memory { last_run, ..memory };
    }

    /// Whether it is a copy that is under way, of a run that began before `due`, and that was not asked to give way yet.
    fn copies_since_before(&self, due: Timestamp) -> bool {
        let copies = |running: &Running| running.step == Step::Upload.to_string() && running.since < due;
        self.turn.is_none() && self.running.as_ref().is_some_and(copies)
    }

    fn history(&self) -> History {
        let newest_good = self.entries.iter().find(|entry| !has_failed(entry)).map(Entry::created_at);
        History { newest_good, failed_at: self.failed_at, failures: self.failures }
    }
}

fn elapsed(then: Timestamp, now: Timestamp) -> Duration {
    Duration::try_from(now.duration_since(then)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use magnetiq_config::{Settings, Sources};

    use super::*;

    #[test]
    fn whoever_wants_one_now_does_not_wait_for_one_that_waits() {
        let folder = tempfile::tempdir().unwrap();
        let place = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
        let environment = [
            ("MAGNETIQ__PROFILE".to_owned(), "development".to_owned()),
            ("MAGNETIQ__DATABASE__PATH".to_owned(), place("site.sqlite3")),
            ("MAGNETIQ__BACKUP__FOLDER".to_owned(), place("backups")),
        ];
        let work = Work::new(Settings::load(Sources { file: None, environment: environment.into() }).unwrap()).unwrap();
        let (runner, thread) = Runner::start(work, Schedule::parse("0 2 * * *").unwrap()).unwrap();
        let (hour, now) = (Duration::from_secs(60 * 60), Duration::ZERO);
        runner.order(Reason::Schedule, hour).unwrap();
        runner.order(Reason::Schedule, hour).unwrap_err();
        runner.order(Reason::Manual, now).unwrap();
        let run = loop {
            match runner.status().last_run {
                Some(run) => break run,
                None => std::thread::sleep(Duration::from_millis(10)),
            }
        };
        assert_eq!(run.reason, Reason::Manual);
        runner.stop();
        thread.join().unwrap();
    }
}
