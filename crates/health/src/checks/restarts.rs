//! Whether the program starts again and again.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use jiff::Timestamp;

use crate::check::{Check, CheckError};
use crate::clock::Clock;
use crate::deadline::Deadline;
use crate::error::Error;
use crate::reading::{Facts, Value, seconds};

use super::read::text;
use super::say::count;

/// Starts that are remembered.
const STARTS_MAX: usize = 100;

/// Counts the starts of a program, which it writes down itself with [`Restarts::started`]: a supervisor that brings it back each time hides
/// that it falls.
#[derive(Debug)]
pub struct Restarts {
    path: PathBuf,
    clock: Clock,
}

impl Restarts {
    /// Of the starts in `path`.
    pub fn new(path: impl Into<PathBuf>, clock: Clock) -> Self {
        Self { path: path.into(), clock }
    }

    /// Writes down that the program starts at `now`; for the beginning of `main`. The last hundred are kept. A file that cannot be understood is
    /// begun anew.
    ///
    /// # Errors
    ///
    /// [`Error::Start`] if the file cannot be written. Nothing that a program should stop for.
    pub fn started(path: &Path, now: Timestamp) -> Result<(), Error> {
        let mut starts = text(path).map(|text| read(&text)).unwrap_or_default();
        starts.push(now);
        let first = starts.len().saturating_sub(STARTS_MAX);
        let lines: String = starts[first..].iter().map(|start| format!("{start}\n")).collect();
        let temporary = path.with_extension("new");
        let written = fs::write(&temporary, lines).and_then(|()| fs::rename(&temporary, path));
        written.map_err(|source| Error::Start { path: path.to_owned(), source })
    }
}

impl Check for Restarts {
    fn run(&mut self, _: Deadline) -> Result<Facts, CheckError> {
        let path = self.path.display();
        let starts = text(&self.path).map(|text| read(&text)).map_err(|error| match error.kind() {
            io::ErrorKind::NotFound => CheckError::undetermined(format!("no start was written down in {path}")),
            _ => CheckError::undetermined(format!("{path} cannot be read: {error}")),
        })?;
        let now = self.clock.now().wall;
        let within = |time: Duration| starts.iter().filter(|start| now.duration_since(**start).as_secs_f64() < time.as_secs_f64()).count();
        let (hour, day) = (within(Duration::from_secs(3600)), within(Duration::from_secs(86_400)));
        let Some(last) = starts.iter().max() else {
            return Err(CheckError::undetermined(format!("no start was written down in {path}")));
        };
        let up = now.duration_since(*last).as_secs_f64().max(0.0);
        Ok(Facts::new()
            .with("last_hour", Value::Count(hour as u64))
            .with("last_day", Value::Count(day as u64))
            .with("up", Value::Seconds(up))
            .saying(format!("up for {}, {} in the last hour", seconds(up), count(hour, "start"))))
    }
}

fn read(lines: &str) -> Vec<Timestamp> {
    lines.lines().filter_map(|line| line.trim().parse().ok()).collect()
}
