//! Memory against the limit of the control group, or of the machine.

use std::path::{Path, PathBuf};

use crate::check::{Check, CheckError};
use crate::deadline::Deadline;
use crate::reading::{Facts, Value};

use super::cgroup::{self, GroupMemory};
use super::read::text;
use super::say::{bytes, percent};

/// Compares the memory in use with the lower of two limits: that of the control group (of the container, or the systemd unit), and the
/// memory of the machine.
#[derive(Debug)]
pub struct Memory {
    process: PathBuf,
    machine: PathBuf,
    groups: PathBuf,
    kills: Option<u64>,
}

impl Default for Memory {
    fn default() -> Self {
        Self::at(Path::new("/proc"), Path::new("/sys/fs/cgroup"))
    }
}

impl Memory {
    /// Of this process.
    pub fn new() -> Self {
        Self::default()
    }

    /// Of another process of this machine, and of its control group.
    pub fn of_process(pid: u32) -> Self {
        Self { process: Path::new("/proc").join(pid.to_string()), ..Self::default() }
    }

    /// With other places of `/proc` and `/sys/fs/cgroup`, such as those of a host that are mounted into a container.
    pub fn at(proc: &Path, groups: &Path) -> Self {
        Self { process: proc.join("self"), machine: proc.join("meminfo"), groups: groups.to_owned(), kills: None }
    }
}

impl Check for Memory {
    fn run(&mut self, _: Deadline) -> Result<Facts, CheckError> {
        let machine =
            text(&self.machine).map_err(|error| CheckError::undetermined(format!("{} cannot be read: {error}", self.machine.display())))?;
        let (Some(total), Some(available)) = (kilobytes(&machine, "MemTotal:"), kilobytes(&machine, "MemAvailable:")) else {
            return Err(CheckError::undetermined(format!("{} does not tell MemTotal and MemAvailable", self.machine.display())));
        };
        let group = cgroup::memory(&self.process, &self.groups);
        let (used, limit, of) = tighter(group, total, available);
        let mut facts = Facts::new()
            .with("used", Value::Percent(percent(used, limit)))
            .with("free", Value::Bytes(limit.saturating_sub(used)))
            .with("limit", Value::Bytes(limit));
        if let Some(resident) = text(&self.process.join("status")).ok().and_then(|status| kilobytes(&status, "VmRSS:")) {
            facts = facts.with("resident", Value::Bytes(resident));
        }
        if let Some(group) = group {
            facts = facts.with("kills", Value::Count(group.kills));
            let before = self.kills.replace(group.kills).unwrap_or(group.kills);
            if group.kills > before {
                facts = facts.warning("the kernel has killed a process of this group for want of memory");
            }
        }
        Ok(facts.saying(format!("{} of {} are in use, {of}", bytes(used), bytes(limit))))
    }
}

/// What is used, of how much, and of what: that which leaves less room.
fn tighter(group: Option<GroupMemory>, total: u64, available: u64) -> (u64, u64, &'static str) {
    let machine = (total.saturating_sub(available), total, "of the machine");
    match group {
        Some(GroupMemory { used_bytes, limit_bytes: Some(limit), .. })
            if limit <= total && limit.saturating_sub(used_bytes) <= available =>
        {
            (used_bytes, limit, "of the limit of the control group")
        }
        _ => machine,
    }
}

/// The value of a line `name   123 kB`, in bytes.
fn kilobytes(lines: &str, name: &str) -> Option<u64> {
    let line = lines.lines().find_map(|line| line.strip_prefix(name))?;
    line.trim().strip_suffix("kB")?.trim().parse::<u64>().ok()?.checked_mul(1024)
}
