use std::io;

use tokio::signal::unix::{Signal, SignalKind, signal};

const FAILED: i32 = 1;

/// The signals that ask a daemon to end: SIGTERM from the system, SIGINT from a keyboard.
#[derive(Debug)]
pub struct Signals {
    terminate: Signal,
    interrupt: Signal,
}

impl Signals {
    /// Catches the signals from now on, so that one that comes during the start is not lost.
    ///
    /// # Errors
    ///
    /// When the system refuses a handler.
    ///
    /// # Panics
    ///
    /// Outside a Tokio runtime.
    pub fn catch() -> io::Result<Self> {
        Ok(Self { terminate: signal(SignalKind::terminate())?, interrupt: signal(SignalKind::interrupt())? })
    }

    /// Waits for the first signal and names it. A second one ends the process at once: whoever sends it has waited enough.
    pub async fn stop(mut self) -> &'static str {
        let name = self.next().await;
        tokio::spawn(async move {
            let second = self.next().await;
            tracing::warn!(signal = second, "asked to stop a second time, so nothing is waited for");
            std::process::exit(FAILED);
        });
        name
    }

    async fn next(&mut self) -> &'static str {
        tokio::select! {
            _ = self.terminate.recv() => "SIGTERM",
            _ = self.interrupt.recv() => "SIGINT",
        }
    }
}

#[cfg(test)]
mod tests {
    use rustix::process::{Signal, getpid, kill_process};

    use super::Signals;

    #[tokio::test]
    async fn a_signal_before_the_wait_is_not_lost() {
        let signals = Signals::catch().expect("signals are caught");
        kill_process(getpid(), Signal::TERM).expect("the signal is sent");
        assert_eq!(signals.stop().await, "SIGTERM");
    }
}
