//! Work that takes its time does not take it from others.
//!
//! It goes on at nice 19, on all processors. Two ways that leave the site more were measured and are worse (BENCHMARKS.md): `SCHED_IDLE`, and keeping
//! off one processor while the site writes. A thread that is held up in the middle of a write to the disk holds up every commit behind it.

use std::sync::mpsc;

use crate::progress::{Progress, Report};
use crate::{Error, Reason};

/// How a piece of work shares the machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Pace {
    /// Somebody waits for it, so it goes as fast as it can.
    Awaited,
    /// Behind everything else.
    Behind,
}

impl Pace {
    /// That of a backup: a deployment stands still until its own is there.
    pub(crate) fn of(reason: Reason) -> Self {
        match reason {
            Reason::PreMigration | Reason::PreDeploy => Self::Awaited,
            _ => Self::Behind,
        }
    }
}

/// Runs `work` on a thread of its own, at `pace`, and reports what it reports on this one.
pub(crate) fn run<T: Send>(pace: Pace, report: Report, work: impl FnOnce(Report) -> Result<T, Error> + Send) -> Result<T, Error> {
    std::thread::scope(|scope| {
        let (sender, progress) = mpsc::channel::<Progress>();
        let worker = scope.spawn(move || {
            if pace == Pace::Behind {
                lower();
            }
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

/// Of the calling thread and those that it starts, where the system lets us. It cannot be raised again.
fn lower() {
    #[cfg(target_os = "linux")]
    if let Err(error) = rustix::process::setpriority_process(None, 19) {
        tracing::debug!(error = &error as &dyn std::error::Error, "the priority of a thread stays what it is");
    }
}

#[cfg(target_os = "linux")]
#[cfg(test)]
mod tests {
    use rustix::process::getpriority_process;

    use super::*;

    #[track_caller]
    fn check(pace: Pace, nice: i32) {
        let before = getpriority_process(None).unwrap();
        let found = run(pace, &mut |_| (), |_| {
            let helper = std::thread::spawn(|| getpriority_process(None).unwrap());
            Ok((getpriority_process(None).unwrap(), helper.join().unwrap()))
        });
        assert_eq!(found.unwrap(), (nice, nice));
        assert_eq!(getpriority_process(None).unwrap(), before, "the caller's thread stays as it was");
    }

    #[test]
    fn work_that_nobody_waits_for_is_behind_everything_else() {
        check(Pace::Behind, 19);
        check(Pace::Awaited, getpriority_process(None).unwrap());
    }
}
