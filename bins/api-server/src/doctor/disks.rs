//! The file systems that data lie on.

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use magnetiq_doctor::{Finding, Outcome, Seen, as_root, quoted};
use magnetiq_health::Threshold;
use magnetiq_health::checks::{Disk, is_read_only};
use magnetiq_storage::network_filesystem;
use rustix::fs::{StatVfsMountFlags, statvfs};

use super::look::{known, look_with};
use super::settings::set;
use super::site::Site;

/// Whether the disks can be written, and hold SQLite's locks.
pub(super) fn file_system(site: &Site) -> Outcome {
    let folders = present(site);
    let read_only = folders.iter().filter(|folder| takes_no_writes(folder)).map(|folder| {
        let why = "The kernel mounts a disk so after errors: nothing can be saved there, and the disk may be dying.";
        let advice = "Look at dmesg first: a disk with errors has to be checked or replaced. Where the kernel refuses to mount it so again, stop \
            the programs, then umount it, fsck its device and mount it.";
        let seen = format!("{} is mounted read-only", folder.display());
        Finding::error(seen, why).advice(advice).command(as_root(format!("mount -o remount,rw \"$(stat -c %m {})\"", quoted(folder))))
    });
    let data = site.data_folder();
    let allowed = site.settings.database.options().allow_network_filesystem;
    let network = network_filesystem(data).unwrap_or(None).filter(|_| !allowed).map(|name| {
        let why = "SQLite's locks and shared memory do not hold there: the database is damaged sooner or later, so the server refuses it.";
        let seen = format!("{} lies on {name}, a network file system", data.display());
        let advice = "Stop the programs first. For good: database.path in the settings, on a local disk or a volume of one node. A container has no \
            other disk: there the volume of the database has to be one that lies on a local disk, or on a block device of its node.";
        Finding::error(seen, why).advice(advice).command(moved(site))
    });
    Seen::saying(format!("{} folders", folders.len())).with_all(read_only).with_all(network).into()
}

/// To a folder that is not there yet, so that nothing of another site is overwritten.
fn moved(site: &Site) -> String {
    let local = Path::new(LOCAL);
    let database = local.join(site.database().file_name().unwrap_or_default());
    let name = set("database.path", &quoted(database));
    let from = quoted(site.data_folder());
    let (made, copied) = (as_root(format!("mkdir -m 0700 {LOCAL}")), as_root(format!("cp -a {from}/. {LOCAL}/")));
    format!("{made} && {copied} && {name}")
}

const LOCAL: &str = "/var/lib/magnetiq-local";

/// The mount, or the file system below it.
fn takes_no_writes(folder: &Path) -> bool {
    is_read_only(folder) || statvfs(folder).is_ok_and(|stat| stat.f_flag.contains(StatVfsMountFlags::RDONLY))
}

fn present(site: &Site) -> Vec<&Path> {
    site.folders().into_iter().map(|(folder, ..)| folder).filter(|folder| folder.is_dir()).collect()
}

/// Whether there is room, by the limits of the settings.
pub(super) fn room(site: &Site) -> Outcome {
    let folders = present(site);
    let mut devices = BTreeSet::new();
    let disks: Vec<&Path> =
        folders.into_iter().filter(|folder| fs::metadata(folder).is_ok_and(|about| devices.insert(about.dev()))).collect();
    if disks.is_empty() {
        return Outcome::skipped("none of the folders is there yet");
    }
    let mut all = Seen::default();
    for disk in disks {
        let seen = look_with("disk", Disk::new(disk, site.clock.clone()), thresholds(site));
        all.says = if all.says.is_empty() { seen.says } else { format!("{}; {}", all.says, seen.says) };
        // Who may write where is told by `folders`, and what takes no writes by `file-system`.
        let full =
            seen.findings.into_iter().filter(|finding| !finding.seen.contains("may not write") && !finding.seen.contains("read-only"));
        all.findings.extend(full.map(|finding| finding.command(freeing(site, disk))));
    }
    all.into()
}

/// As the server itself judges: see `health.disk_warn_percent` and those beside it.
fn thresholds(site: &Site) -> Vec<Threshold> {
    let health = &site.settings.health;
    let mut thresholds = known("disk").info().thresholds;
    thresholds.retain(|threshold| !["used", "free"].contains(&threshold.measurement()));
    let (warn, fail) = (f64::from(health.disk_warn_percent), f64::from(health.disk_fail_percent));
    #[expect(clippy::cast_precision_loss, reason = "2^53 bytes are 9 petabytes")]
    let (uploads, writes) = (health.uploads_min_free_bytes as f64, health.writes_min_free_bytes as f64);
    let limits =
        [Threshold::above("used").warn(warn).fail(fail).build(), Threshold::below("free").warn(uploads * 2.0).fail(writes).build()];
    thresholds.extend(limits.into_iter().map(|limit| limit.expect("the settings put the warning before the failure")));
    thresholds
}

/// What takes the room, and what can go without a loss: backups that the retention does not keep.
fn freeing(site: &Site, disk: &Path) -> String {
    let device = |path: &Path| fs::metadata(path).map(|about| about.dev()).ok();
    let find = format!("du -xh --max-depth=2 {} | sort -h | tail -20", quoted(disk));
    if device(&site.settings.backup.folder).is_some_and(|of_backups| Some(of_backups) == device(disk)) {
        return format!("backupd prune\n{find}");
    }
    find
}
