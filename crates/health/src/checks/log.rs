//! Whether a log file is written, and rotated.

use std::ffi::OsStr;
use std::fs;
use std::io;
use std::path::PathBuf;

use jiff::Timestamp;

use crate::check::{Check, CheckError};
use crate::clock::Clock;
use crate::deadline::Deadline;
use crate::reading::{Facts, Value, seconds};

use super::say::bytes;

/// A folder with more files than this is not looked through to its end.
const FILES_MAX: usize = 20_000;

/// Looks at a log file and at the older ones beside it: `api.log.1`, `api.log.2026-11-23.gz`, `api-2026-11-23.log` beside `api.log`.
#[derive(Debug)]
pub struct Log {
    path: PathBuf,
    clock: Clock,
}

impl Log {
    /// Of the log file that is written now.
    pub fn new(path: impl Into<PathBuf>, clock: Clock) -> Self {
        Self { path: path.into(), clock }
    }

    /// Number and size of the older files.
    fn rotated(&self) -> io::Result<(u64, u64)> {
        let folder = self.path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or_else(|| ".".as_ref());
        let current = self.path.file_name().and_then(OsStr::to_str).unwrap_or_default();
        let (mut files, mut size) = (0, 0);
        for entry in fs::read_dir(folder)?.take(FILES_MAX) {
            let entry = entry?;
            if entry.file_name().to_str().is_some_and(|name| is_older(name, current)) {
                files += 1;
                // It may have been deleted meanwhile.
                size += entry.metadata().map_or(0, |metadata| metadata.len());
            }
        }
        Ok((files, size))
    }
}

impl Check for Log {
    fn run(&mut self, _: Deadline) -> Result<Facts, CheckError> {
        let path = self.path.display();
        let metadata = fs::metadata(&self.path).map_err(|error| match error.kind() {
            io::ErrorKind::NotFound => CheckError::failed(format!("there is no log file {path}")),
            _ => CheckError::undetermined(format!("the log file {path} cannot be looked at: {error}")),
        })?;
        let changed = metadata.modified().and_then(|time| Timestamp::try_from(time).map_err(io::Error::other));
        let changed = changed.map_err(|error| CheckError::undetermined(format!("{path} does not tell when it was written: {error}")))?;
        let silent = self.clock.now().wall.duration_since(changed).as_secs_f64().max(0.0);
        let facts = Facts::new().with("silent", Value::Seconds(silent)).with("size", Value::Bytes(metadata.len())).saying(format!(
            "{path} was written {} ago and has {}",
            seconds(silent),
            bytes(metadata.len())
        ));
        Ok(match self.rotated() {
            Ok((files, size)) => facts.with("older_files", Value::Count(files)).with("older_size", Value::Bytes(size)),
            Err(error) => facts.without("older_files", format!("the folder of {path} cannot be read: {error}")),
        })
    }
}

/// Whether `name` is an older file of the log `current`: its whole name goes on after a dot, or a number comes after its stem.
fn is_older(name: &str, current: &str) -> bool {
    if name.strip_prefix(current).is_some_and(|rest| rest.starts_with('.')) {
        return true;
    }
    let stem = current.rsplit_once('.').map_or(current, |(stem, _)| stem);
    let rest = name.strip_prefix(stem).and_then(|rest| rest.strip_prefix(['.', '-', '_']));
    !stem.is_empty() && rest.is_some_and(|rest| rest.starts_with(|first: char| first.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn older_files_are_told_from_those_of_others() {
        for (name, expected) in [
            ("api.log", false),
            ("api.log.1", true),
            ("api.log.2026-11-23.gz", true),
            ("api-2026-11-23.log", true),
            ("api.1.log", true),
            ("api_20261123.log.gz", true),
            ("api-server.log", false),
            ("api-server-2026-11-23.log", false),
            ("api.logs", false),
            ("other.log.1", false),
        ] {
            assert_eq!(is_older(name, "api.log"), expected, "{name}");
        }
    }
}
