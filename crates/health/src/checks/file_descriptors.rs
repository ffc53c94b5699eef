//! Open files of the process against its limit.

use std::fs;
use std::path::{Path, PathBuf};

use crate::check::{Check, CheckError};
use crate::deadline::Deadline;
use crate::reading::{Facts, Value};

use super::read::text;
use super::say::percent;

/// Compares the number of open files and connections of a process with its soft limit.
#[derive(Debug)]
pub struct FileDescriptors {
    process: PathBuf,
}

impl Default for FileDescriptors {
    fn default() -> Self {
        Self::at(Path::new("/proc/self"))
    }
}

impl FileDescriptors {
    /// Of this process.
    pub fn new() -> Self {
        Self::default()
    }

    /// Of the process with this folder, such as `/proc/4711`.
    pub fn at(process: &Path) -> Self {
        Self { process: process.to_owned() }
    }
}

impl Check for FileDescriptors {
    fn run(&mut self, _: Deadline) -> Result<Facts, CheckError> {
        let unreadable = |path: &Path, error| CheckError::undetermined(format!("{} cannot be read: {error}", path.display()));
        let (folder, limits) = (self.process.join("fd"), self.process.join("limits"));
        let open = fs::read_dir(&folder).map_err(|error| unreadable(&folder, error))?.count() as u64;
        let limits_text = text(&limits).map_err(|error| unreadable(&limits, error))?;
        let facts = Facts::new().with("open", Value::Count(open));
        match soft_limit(&limits_text) {
            Some(Some(limit)) => Ok(facts
                .with("used", Value::Percent(percent(open, limit)))
                .with("limit", Value::Count(limit))
                .saying(format!("{open} of {limit} are open"))),
            Some(None) => Ok(facts.with("used", Value::Percent(0.0)).saying(format!("{open} are open, without a limit"))),
            None => Err(CheckError::undetermined(format!("{} does not tell \"Max open files\"", limits.display()))),
        }
    }
}

/// The soft limit of open files in `/proc/<pid>/limits`; `Some(None)` is none.
fn soft_limit(limits: &str) -> Option<Option<u64>> {
    let word = limits.lines().find_map(|line| line.strip_prefix("Max open files"))?.split_whitespace().next()?;
    if word == "unlimited" { Some(None) } else { word.parse().ok().map(Some) }
}
