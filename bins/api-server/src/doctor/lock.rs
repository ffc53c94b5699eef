//! Whether somebody else has the database open: what makes "database is locked".

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use magnetiq_doctor::{Finding, Holder, Outcome, Seen, as_root, quoted};

use super::database::none_yet;
use super::site::Site;

/// Programs that keep to the rules: one writes, the others only read.
const OURS: [&str; 3] = ["api-server", "backupd", "healthd"];

pub(super) fn look(site: &Site) -> Outcome {
    if let Some(skipped) = none_yet(site) {
        return skipped;
    }
    let why = "One program at a time may write. While another one holds the database, every write waits and then fails as busy, and the \
        write-ahead log can not be used again.";
    let strangers = strangers(site.database()).into_iter().map(|stranger| {
        Finding::warning(format!("{} (process {}) has the database open", stranger.program, stranger.pid), why)
            .advice("A shell that somebody left open: end it there. What it has not committed is lost.")
            .command(format!("kill {}", stranger.pid))
    });
    let says = match site.owner() {
        Some(owner) => format!("{} (process {}) writes it", owner.program, owner.pid),
        None => "nobody writes it".to_owned(),
    };
    Seen::saying(says).with_all(strangers).into()
}

/// What ends the strangers; where none is seen, what names everybody who has the database open.
pub(super) fn ending(database: &Path) -> String {
    match strangers(database).as_slice() {
        [] => as_root(format!("fuser -v {}", quoted(database))),
        strangers => format!("kill {}", strangers.iter().map(|stranger| stranger.pid.to_string()).collect::<Vec<_>>().join(" ")),
    }
}

/// Processes of others that have the file open, as far as this user may see.
fn strangers(database: &Path) -> Vec<Holder> {
    let Ok(wanted) = fs::metadata(database).map(|about| (about.dev(), about.ino())) else { return Vec::new() };
    let Ok(processes) = fs::read_dir("/proc") else { return Vec::new() };
    let pids = processes.flatten().filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok());
    pids.filter(|pid| *pid != std::process::id() && has_open(*pid, wanted))
        .filter_map(|pid| Some(Holder { program: fs::read_to_string(format!("/proc/{pid}/comm")).ok()?.trim_end().to_owned(), pid }))
        .filter(|holder| !OURS.contains(&holder.program.as_str()))
        .collect()
}

/// The links are followed, and the file itself never opened: closing a second handle on it would drop the locks of this process.
fn has_open(pid: u32, wanted: (u64, u64)) -> bool {
    let Ok(open) = fs::read_dir(format!("/proc/{pid}/fd")) else { return false };
    open.flatten().any(|entry| fs::metadata(entry.path()).is_ok_and(|about| (about.dev(), about.ino()) == wanted))
}
