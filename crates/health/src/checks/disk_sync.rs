//! Whether what is written to a disk arrives there.

use std::fs::File;
use std::io::Write;
use std::path::PathBuf;
use std::time::Instant;

use crate::check::{Check, CheckError};
use crate::deadline::Deadline;
use crate::reading::{Facts, Value};

use super::say::time;

/// Writes a few bytes into a file and syncs it. Everything else may look well on a volume that hangs: what was read before is in memory,
/// and a write that changes nothing needs no sync.
///
/// The file stays and is written over, so a full disk is no failure here. A sync each time wears flash memory a little: at every 10 seconds
/// about 150 MB a day.
///
/// A volume that hangs holds the check in the kernel, and nothing can interrupt that: the monitor then says that it does not answer.
#[derive(Debug)]
pub struct DiskSync {
    file: PathBuf,
}

impl DiskSync {
    /// Uses `file`, which belongs to this check alone, on the disk in question.
    pub fn new(file: impl Into<PathBuf>) -> Self {
        Self { file: file.into() }
    }

    fn sync(&self) -> std::io::Result<()> {
        let mut file = File::options().write(true).create(true).truncate(false).open(&self.file)?;
        file.write_all(b"Written and synced by the health check disk-sync; may be deleted.\n")?;
        file.sync_data()
    }
}

impl Check for DiskSync {
    fn run(&mut self, _: Deadline) -> Result<Facts, CheckError> {
        let (started, file) = (Instant::now(), self.file.display());
        self.sync().map_err(|error| CheckError::failed(format!("{file} cannot be written and synced: {error}")))?;
        let took = started.elapsed();
        Ok(Facts::new()
            .with("latency", Value::Seconds(took.as_secs_f64()))
            .saying(format!("{file} was written and synced in {}", time(took))))
    }
}
