//! Work that takes its time does not take it from others.
//!
//! A site's 200 commits a second have a p99 of 1 to 2 ms on two processors, and of 5 ms beside anything that occupies both: our backup, pigz,
//! two empty loops that touch no disk, at nice 19 (4.1 ms) as at `SCHED_IDLE` (6.3 ms). Beside one loop at nice 19 it is 2.5 to 3.4 ms, beside one
//! at `SCHED_IDLE` 0.9 to 2.0 ms, and beside three of those that share one processor 2.0 ms. So work goes on at `SCHED_IDLE` (nice 10 where the
//! machine has nothing to spare), keeps off one processor while the site writes, and uses all of them while it does not.

mod threads;

use std::path::Path;
use std::sync::mpsc;
use std::time::{Duration, Instant};
use std::{fs, os::unix::fs::MetadataExt};

pub(crate) use threads::Threads;

use crate::progress::{Progress, Report};
use crate::{Backups, Error, Reason, snapshot};

/// How often the database is looked at.
const LOOK: Duration = Duration::from_millis(200);
/// How long after its last change the site counts as one that writes.
const QUIET: Duration = Duration::from_secs(1);

/// How a piece of work shares the machine.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Pace<'p> {
    /// Somebody waits for it, so it goes as fast as it can.
    Awaited,
    /// Behind everything else; where there is a site whose database this is, with a processor left to it while it writes.
    Behind(Option<&'p Path>),
}

impl<'p> Pace<'p> {
    /// That of a backup: a deployment stands still until its own is there.
    pub(crate) fn of(backups: &'p Backups, reason: Reason) -> Self {
        match reason {
            Reason::PreMigration | Reason::PreDeploy => Self::Awaited,
            _ => Self::behind(backups),
        }
    }

    pub(crate) fn behind(backups: &'p Backups) -> Self {
        Self::Behind(backups.options.database_path())
    }
}

/// Runs `work` on a thread of its own, at `pace`, and reports what it reports on this one.
pub(crate) fn run<T: Send>(pace: Pace<'_>, report: Report, work: impl FnOnce(Report) -> Result<T, Error> + Send) -> Result<T, Error> {
    let threads = match pace {
        Pace::Awaited => Threads::default(),
        Pace::Behind(_) => Threads::new(),
    };
    std::thread::scope(|scope| {
        let (sender, progress) = mpsc::channel::<Progress>();
        let (working, ended) = mpsc::channel::<()>();
        if let Pace::Behind(Some(database)) = pace {
            let threads = &threads;
            // At the priority of the caller: it must not wait for those that it is to move.
            scope.spawn(move || watch(database, threads, &ended));
        }
        let threads = &threads;
        let worker = scope.spawn(move || {
            let _working = working;
            let _one_of = threads.enter_first();
            // Nobody listens any more only where the caller has panicked: the work ends as it did, and cleans up on the way.
            work(&mut |at| {
                if sender.send(at).is_err() && !std::thread::panicking() {
                    std::panic::resume_unwind(Box::new("the caller has gone"));
                }
            })
        });
        for at in progress {
            report(at);
        }
        join(worker)
    })
}

/// What a thread found, or its panic.
pub(crate) fn join<T>(thread: std::thread::ScopedJoinHandle<'_, T>) -> T {
    thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
}

/// Leaves a processor free while the files of `database` change, until the work has ended. They are never opened here: closing a file drops the
/// locks that SQLite has on it.
fn watch(database: &Path, threads: &Threads, ended: &mpsc::Receiver<()>) {
    let log = snapshot::log_of(database);
    let state = |path: &Path| fs::metadata(path).ok().map(|about| (about.len(), about.mtime(), about.mtime_nsec()));
    let look = || (state(&log), state(database));
    let (mut seen, mut changed_at) = (look(), None::<Instant>);
    // Until it is known.
    threads.leave_one_free(true);
    while ended.recv_timeout(LOOK) == Err(mpsc::RecvTimeoutError::Timeout) {
        let now = look();
        if now != seen {
            (seen, changed_at) = (now, Some(Instant::now()));
        }
        threads.leave_one_free(changed_at.is_some_and(|at| at.elapsed() < QUIET));
    }
}

#[cfg(target_os = "linux")]
#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicBool, Ordering};
    use std::thread;

    use magnetiq_storage::{Options, Store};
    use rustix::thread::sched_getaffinity;

    use super::*;

    fn processors() -> u32 {
        sched_getaffinity(None).unwrap().count()
    }

    fn until(expected: u32) {
        let begin = Instant::now();
        while processors() != expected {
            assert!(begin.elapsed() < Duration::from_secs(30), "{} processors are used, {expected} should be", processors());
            thread::sleep(Duration::from_millis(20));
        }
    }

    #[test]
    fn a_processor_is_left_to_a_site_while_it_writes() {
        let all = processors();
        let less = (all - 1).max(1);
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("site.sqlite3");
        let store = Store::open(&path, Options::default()).unwrap();
        store.write(|tx| Ok(tx.execute_batch("CREATE TABLE note (id INTEGER PRIMARY KEY) STRICT")?)).wait().unwrap();
        let writes = AtomicBool::new(true);
        thread::scope(|scope| {
            let writer = scope.spawn(|| {
                while writes.load(Ordering::Relaxed) {
                    store.write(|tx| Ok(tx.execute_batch("INSERT INTO note DEFAULT VALUES")?)).wait().unwrap();
                    thread::sleep(Duration::from_millis(10));
                }
            });
            let done = run(Pace::Behind(Some(&path)), &mut |_| (), |_| {
                until(less);
                let threads = Threads::of_this_one();
                let helper = thread::spawn(move || {
                    let _one_of = threads.enter();
                    // It has missed nothing, and is told of the rest.
                    assert_eq!(processors(), less);
                    until(all);
                });
                writes.store(false, Ordering::Relaxed);
                until(all);
                helper.join().unwrap();
                Ok(())
            });
            writer.join().unwrap();
            done.unwrap();
        });
        store.close().unwrap();
        assert_eq!(processors(), all, "the caller's thread stays as it was");
    }

    #[test]
    fn nothing_is_left_where_somebody_waits() {
        let (all, nice) = (processors(), rustix::process::getpriority_process(None).unwrap());
        let done = run(Pace::Awaited, &mut |_| (), |_| {
            assert_eq!((processors(), rustix::process::getpriority_process(None).unwrap()), (all, nice));
            Ok(())
        });
        done.unwrap();
    }
}
