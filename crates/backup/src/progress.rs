//! How far an operation is.

use std::fmt;
use std::time::{Duration, Instant};

/// What an operation is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Step {
    /// Copying the database in one step; its bytes are not known meanwhile.
    Snapshot,
    /// Reading the copy: hash of the file, hash of every table.
    Fingerprint,
    /// Hashing media, and copying those that the backup folder does not have.
    Media,
    /// Compressing into the archive; bytes before compression.
    Write,
    /// Unpacking the archive and checking every hash; bytes after decompression.
    Unpack,
    /// Checking the unpacked database.
    Check,
    /// Putting files in place.
    Replace,
    /// Sending to a target.
    Upload,
    /// Fetching from a target.
    Download,
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Step::Snapshot => "snapshot",
            Step::Fingerprint => "fingerprint",
            Step::Media => "media",
            Step::Write => "write",
            Step::Unpack => "unpack",
            Step::Check => "check",
            Step::Replace => "replace",
            Step::Upload => "upload",
            Step::Download => "download",
        })
    }
}

/// How far a step is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Progress {
    /// What is being done.
    pub step: Step,
    /// Bytes of this step that are done.
    pub done_bytes: u64,
    /// Bytes of this step in all; zero where they are not known.
    pub total_bytes: u64,
    /// Since the step began.
    pub elapsed: Duration,
}

impl Progress {
    /// Bytes in a second, of this step so far; zero at its beginning.
    pub fn rate(&self) -> f64 {
        let seconds = self.elapsed.as_secs_f64();
        if seconds < 0.001 { 0.0 } else { self.done_bytes as f64 / seconds }
    }

    /// How long this step still takes at its rate so far; `None` while that is not known.
    pub fn left(&self) -> Option<Duration> {
        let rate = self.rate();
        if rate <= 0.0 || self.total_bytes == 0 {
            return None;
        }
        Duration::try_from_secs_f64(self.total_bytes.saturating_sub(self.done_bytes) as f64 / rate).ok()
    }
}

/// Where [`Progress`] goes.
pub type Report<'a> = &'a mut dyn FnMut(Progress);

/// Counts the bytes of one step and reports at most every tenth of a second.
pub(crate) struct Meter<'a> {
    report: &'a mut dyn FnMut(Progress),
    progress: Progress,
    started: Instant,
    reported: Instant,
}

impl<'a> Meter<'a> {
    pub(crate) fn start(report: &'a mut dyn FnMut(Progress), step: Step, total_bytes: u64) -> Self {
        let progress = Progress { step, done_bytes: 0, total_bytes, elapsed: Duration::ZERO };
        report(progress);
        let started = Instant::now();
        Self { report, progress, started, reported: started }
    }

    /// The bytes of the step in all, where they are known later.
    pub(crate) fn expect(&mut self, total_bytes: u64) {
        self.progress.total_bytes = total_bytes;
    }

    pub(crate) fn add(&mut self, bytes: u64) {
        self.progress.done_bytes += bytes;
        let now = Instant::now();
        if now.duration_since(self.reported) >= Duration::from_millis(100) {
            self.reported = now;
            self.progress.elapsed = now.duration_since(self.started);
            (self.report)(self.progress);
        }
    }
}

impl Drop for Meter<'_> {
    fn drop(&mut self) {
        self.progress.elapsed = self.started.elapsed();
        (self.report)(self.progress);
    }
}
