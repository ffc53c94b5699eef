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

/// What stands behind a start whose program was told to stop.
const STOPPED: &str = " stopped";

/// Counts the starts of a program that nobody asked for: a supervisor that brings it back each time hides that it falls. The program writes
/// down itself that it starts, with [`Restarts::started`], and that it was told to stop, with [`Restarts::stopped`]: the start after that is a
/// deployment, or somebody's wish, however many there are.
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
        let mut lines = lines(path);
        lines.push(now.to_string());
        write(path, &lines)
    }

    /// Writes down that the program that started last was told to stop.
    ///
    /// # Errors
    ///
    /// [`Error::Start`] if the file cannot be written. Nothing that a program should do anything about: its next start counts.
    pub fn stopped(path: &Path) -> Result<(), Error> {
        let mut lines = lines(path);
        match lines.last_mut() {
            Some(last) if !last.ends_with(STOPPED) => last.push_str(STOPPED),
            _ => return Ok(()),
        }
        write(path, &lines)
    }
}

/// The lines that can be understood.
fn lines(path: &Path) -> Vec<String> {
    let text = text(path).unwrap_or_default();
    text.lines().map(str::trim).filter(|line| read(line).is_some()).map(str::to_owned).collect()
}

/// The last hundred of them.
fn write(path: &Path, lines: &[String]) -> Result<(), Error> {
    let text: String = lines[lines.len().saturating_sub(STARTS_MAX)..].iter().map(|line| format!("{line}\n")).collect();
    let temporary = path.with_extension("new");
    let written = fs::write(&temporary, text).and_then(|()| fs::rename(&temporary, path));
    written.map_err(|source| Error::Start { path: path.to_owned(), source })
}

impl Check for Restarts {
    fn run(&mut self, _: Deadline) -> Result<Facts, CheckError> {
        let path = self.path.display();
        let text = text(&self.path).map_err(|error| match error.kind() {
            io::ErrorKind::NotFound => CheckError::undetermined(format!("no start was written down in {path}")),
            _ => CheckError::undetermined(format!("{path} cannot be read: {error}")),
        })?;
        let now = self.clock.now().wall;
        let starts: Vec<_> = text.lines().filter_map(|line| read(line.trim())).collect();
        let unasked: Vec<_> = starts.windows(2).filter(|pair| !pair[0].1).map(|pair| pair[1].0).collect();
        let within = |time: Duration| unasked.iter().filter(|start| now.duration_since(**start).as_secs_f64() < time.as_secs_f64()).count();
        let (hour, day) = (within(Duration::from_secs(3600)), within(Duration::from_secs(86_400)));
        let Some((last, _)) = starts.iter().max() else {
            return Err(CheckError::undetermined(format!("no start was written down in {path}")));
        };
        let up = now.duration_since(*last).as_secs_f64().max(0.0);
        Ok(Facts::new()
            .with("last_hour", Value::Count(hour as u64))
            .with("last_day", Value::Count(day as u64))
            .with("up", Value::Seconds(up))
            .saying(format!("up for {}, {} in the last hour that nobody asked for", seconds(up), count(hour, "start"))))
    }
}

/// A start, and whether the program was told to stop after it.
fn read(line: &str) -> Option<(Timestamp, bool)> {
    let start = line.strip_suffix(STOPPED);
    Some((start.unwrap_or(line).parse().ok()?, start.is_some()))
}
