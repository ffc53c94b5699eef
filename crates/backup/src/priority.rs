//! Work that takes its time does not take it from others.

use std::sync::mpsc;

use crate::Error;
use crate::progress::{Progress, Report};

/// Lowers the priority of the calling thread where the system lets us (nice 19; it cannot be raised again).
pub(crate) fn lower() {
    #[cfg(target_os = "linux")]
    if let Err(error) = rustix::process::setpriority_process(None, 19) {
        tracing::debug!(error = &error as &dyn std::error::Error, "the priority of a thread stays what it is");
    }
}

/// Runs `work` on a thread of low priority and reports what it reports on this one.
pub(crate) fn in_background<T: Send>(report: Report, work: impl FnOnce(Report) -> Result<T, Error> + Send) -> Result<T, Error> {
    std::thread::scope(|scope| {
        let (sender, progress) = mpsc::channel::<Progress>();
        let worker = scope.spawn(move || {
            lower();
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
