//! The file system of a folder: room, inodes, whether it can be written, and when it will be full.

use std::path::PathBuf;
use std::time::Duration;

use rustix::fs::{Access, StatVfs, StatVfsMountFlags, access, statvfs};
use rustix::io::Errno;

use crate::check::{Check, CheckError};
use crate::clock::Clock;
use crate::deadline::Deadline;
use crate::reading::{Facts, Value};

use super::growth::Growth;
use super::mounts;
use super::say::{bytes, percent, time};

/// Looks at the file system that a folder lies on: of the folder itself, because in a container the root is another one.
///
/// A network mount whose server is gone hangs in the kernel, and nothing can interrupt that: the monitor then says that the check does not
/// answer.
#[derive(Debug)]
pub struct Disk {
    folder: PathBuf,
    clock: Clock,
    writes: bool,
    growth: Growth,
}

impl Disk {
    /// Looks at the file system of `folder`, to which this process writes.
    pub fn new(folder: impl Into<PathBuf>, clock: Clock) -> Self {
        Self { folder: folder.into(), clock, writes: true, growth: Growth::new(Duration::from_secs(6 * 3600)) }
    }

    /// This process only reads there, so neither it nor its mount need allow it to write. A file system that takes no writes is told all the same.
    #[must_use]
    pub fn only_read(self) -> Self {
        Self { writes: false, ..self }
    }

    fn look(&self) -> Result<(StatVfs, Option<String>), CheckError> {
        let folder = self.folder.display();
        let stat = statvfs(&self.folder).map_err(|error| match error {
            Errno::NOENT | Errno::NOTDIR => CheckError::failed(format!("there is no folder {folder}")),
            Errno::ACCESS | Errno::PERM => CheckError::undetermined(format!("{folder} may not be looked at: {error}")),
            error => CheckError::failed(format!("the file system of {folder} does not answer: {error}")),
        })?;
        let read_only = Some(format!("{folder} is mounted read-only"));
        let refused = match access(&self.folder, Access::WRITE_OK) {
            _ if mounts::is_read_only(&self.folder) => read_only,
            // A watcher may well see it through a mount that allows nothing else.
            _ if !self.writes => None,
            Err(Errno::ROFS) => read_only,
            _ if stat.f_flag.contains(StatVfsMountFlags::RDONLY) => read_only,
            Err(error) => Some(format!("this process may not write to {folder}: {error}")),
            Ok(()) => None,
        };
        Ok((stat, refused))
    }
}

impl Check for Disk {
    fn run(&mut self, _: Deadline) -> Result<Facts, CheckError> {
        let (stat, refused) = self.look()?;
        let size = stat.f_blocks.saturating_mul(stat.f_frsize);
        // What root may take on top is not for a service; `df` counts in the same way.
        let free = stat.f_bavail.saturating_mul(stat.f_frsize);
        let used = stat.f_blocks.saturating_sub(stat.f_bfree).saturating_mul(stat.f_frsize);
        self.growth.add(self.clock.now().steady, used);
        let mut says = format!("{} of {} are free on {}", bytes(free), bytes(size), self.folder.display());
        let mut facts = Facts::new()
            .with("used", Value::Percent(percent(used, used.saturating_add(free))))
            .with("free", Value::Bytes(free))
            .with("size", Value::Bytes(size));
        // File systems that make inodes as needed have none to count.
        if stat.f_files > 0 {
            let used = stat.f_files.saturating_sub(stat.f_ffree);
            facts = facts.with("inodes_used", Value::Percent(percent(used, used.saturating_add(stat.f_favail))));
        }
        if let Some(until) = self.growth.until(free) {
            says = format!("{says}; full in {} at the present growth", time(until));
            facts = facts.with("full_in", Value::Seconds(until.as_secs_f64()));
        }
        facts = facts.with("writable", Value::Bool(refused.is_none())).saying(says);
        Ok(match refused {
            Some(refused) => facts.failing(refused),
            None => facts,
        })
    }
}
