//! Faults of disks: those that fill, that take no writes, that hang, that are not of this machine.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use magnetiq_tests::Folder;
use rustix::process::geteuid;
use serde_json::Value;

use super::{apart, check, finding, fine, has, may_unshare, seen, site};

#[test]
fn a_disk_that_is_mounted_read_only() {
    if !may_unshare("--mount") {
        return;
    }
    let folder = Folder::new();
    fs::create_dir(folder.path("data")).unwrap();
    let mounted = "mount -t tmpfs -o ro,size=16m tmpfs data\ndoctor file-system";
    let entry = seen(apart(&folder, "--mount", mounted)).remove(0);
    let command = finding(&entry, "error", "data is mounted read-only")["command"].as_str().unwrap().to_owned();
    let mut after = seen(apart(&folder, "--mount", &format!("{mounted}\n{{ {command}\n}} >&2\ndoctor file-system")));
    fine(&after.remove(1));
}

/// As Linux tells of ext4 after an error: the mount stays rw, and only the file system says that nothing is written any more.
#[test]
fn a_disk_that_the_kernel_gave_up() {
    if !may_unshare("--mount") {
        return;
    }
    let folder = Folder::new();
    fs::create_dir(folder.path("data")).unwrap();
    let script = "mount -t tmpfs -o size=64m tmpfs data\ndoctor file-system\n\
        sed \"\\|$PWD/data |s/$/,emergency_ro/\" /proc/self/mountinfo > mountinfo\nmount --bind mountinfo /proc/$$/mountinfo\n\
        exec api-server doctor --json --only file-system";
    let looks = seen(apart(&folder, "--mount", script));
    fine(&looks[0]);
    let found = finding(&looks[1], "error", "data is mounted read-only");
    assert!(found["advice"].as_str().unwrap().contains("fsck"), "{found:#}");
}

/// So that the folder can be removed in the end.
struct Immutable(PathBuf);

impl Drop for Immutable {
    fn drop(&mut self) {
        let _ = Command::new("chattr").arg("-i").arg(&self.0).status();
    }
}

#[test]
fn a_folder_that_is_marked_as_immutable() {
    let folder = site();
    let media = Immutable(folder.path("data/media"));
    if !Command::new("chattr").arg("+i").arg(&media.0).output().is_ok_and(|output| output.status.success()) {
        return crate::proof::skip("nothing can be marked as immutable here");
    }
    for name in ["data/backups", "data/mail"] {
        fs::create_dir_all(folder.path(name)).unwrap();
    }
    check(&folder, "", "folders", "error", "nobody may write to data/media (media.folder): it is marked as immutable");
}

/// A mount whose daemon is not there, of another user: whoever asks is told what it is all the same.
#[test]
fn data_on_a_network_file_system() {
    if !may_unshare("--mount") || fs::File::options().read(true).write(true).open("/dev/fuse").is_err() {
        return crate::proof::skip("nothing of FUSE can be mounted here");
    }
    let folder = site();
    let mounted = "mount -t tmpfs tmpfs /var/lib\nover() {\n\
        exec 3<>/dev/fuse; mount -i -t fuse -o fd=3,rootmode=40000,user_id=12345,group_id=12345 far data\n}";
    let entry = seen(apart(&folder, "--mount", &format!("{mounted}\nover\ndoctor file-system"))).remove(0);
    let command = finding(&entry, "error", "data lies on FUSE, a network file system")["command"].as_str().unwrap().to_owned();
    let moved = format!("{mounted}\n{{ {command}\n}} >&2\nover\ndoctor file-system\ndoctor database");
    let looks = seen(apart(&folder, "--mount", &moved));
    fine(&looks[0]);
    fine(&looks[1]);
}

/// The daemon of the mount is there, and never answers.
#[test]
fn a_disk_that_hangs_holds_nobody_up() {
    if !geteuid().is_root() || !may_unshare("--mount") || fs::File::options().read(true).write(true).open("/dev/fuse").is_err() {
        return crate::proof::skip("nothing of FUSE can be mounted here");
    }
    let folder = site();
    let script = "exec 3<>/dev/fuse; mount -i -t fuse -o fd=3,rootmode=40000,user_id=0,group_id=0 far data\n\
        exec timeout -s KILL 60 api-server doctor --json --only database,wal";
    let output = apart(&folder, "--mount", script).output().unwrap();
    let report: Value = serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {output:?}"));
    let checks = report["checks"].as_array().unwrap();
    assert_eq!(checks.len(), 2, "{report:#}");
    for entry in checks {
        let found = finding(entry, "warning", "it did not answer within 20 s");
        assert!(found["why"].as_str().unwrap().contains("network file system"), "{found:#}");
    }
}

#[test]
fn a_disk_that_fills() {
    if !may_unshare("--mount") {
        return;
    }
    let folder = Folder::new();
    folder.settings("profile = 'development'\n[health]\nuploads_min_free_bytes = 10_000_000\nwrites_min_free_bytes = 8_388_608\n");
    fs::create_dir(folder.path("data")).unwrap();
    let script = "mount -t tmpfs -o size=64m tmpfs data\ndoctor disk\n\
        head -c 48000000 /dev/zero > data/old.log\ndoctor disk\nhead -c 12000000 /dev/zero > data/older.log\ndoctor disk\nrm data/*.log\ndoctor disk";
    let seen = seen(apart(&folder, "--mount", script));
    fine(&seen[0]);
    finding(&seen[1], "warning", "space that is left");
    let full = finding(&seen[2], "error", "space that is left");
    // It names what takes the room.
    let mut found = apart(
        &folder,
        "--mount",
        &format!("mount -t tmpfs tmpfs data; mkdir data/logs; echo 1 > data/logs/old.log\n{}", full["command"].as_str().unwrap()),
    );
    assert!(String::from_utf8_lossy(&found.output().unwrap().stdout).contains("data/logs"));
    fine(&seen[3]);
}

/// Much is left, and yet it is more than the settings want to be used.
#[test]
fn a_disk_of_which_a_share_is_used() {
    if !may_unshare("--mount") {
        return;
    }
    let folder = Folder::new();
    let limits = "disk_warn_percent = 50\ndisk_fail_percent = 60\nuploads_min_free_bytes = 10_000_000\nwrites_min_free_bytes = 8_388_608\n";
    folder.settings(&format!("profile = 'development'\n[health]\n{limits}"));
    fs::create_dir(folder.path("data")).unwrap();
    let script = "mount -t tmpfs -o size=64m tmpfs data\nhead -c 36000000 /dev/zero > data/old.log\ndoctor disk\n\
        head -c 42000000 /dev/zero > data/old.log\ndoctor disk\nrm data/old.log\ndoctor disk";
    let looks = seen(apart(&folder, "--mount", script));
    for (entry, severity) in [(&looks[0], "warning"), (&looks[1], "error")] {
        finding(entry, severity, "share of the space that is used");
        assert_eq!(entry["findings"].as_array().unwrap().len(), 1, "{entry:#}");
    }
    fine(&looks[2]);
}

#[test]
fn a_disk_without_inodes() {
    if !may_unshare("--mount") {
        return;
    }
    let folder = Folder::new();
    folder.settings("profile = 'development'\n[health]\nuploads_min_free_bytes = 10_000_000\nwrites_min_free_bytes = 8_388_608\n");
    fs::create_dir(folder.path("data")).unwrap();
    let script = "mount -t tmpfs -o size=64m,nr_inodes=20 tmpfs data\nfor i in $(seq 19); do touch data/$i; done\ndoctor disk\n\
        rm data/*\ndoctor disk";
    let looks = seen(apart(&folder, "--mount", script));
    finding(&looks[0], "error", "share of the inodes that is used");
    fine(&looks[1]);
}

#[test]
fn a_disk_that_backups_fill() {
    if !may_unshare("--mount") || !has("sqlite3") {
        return;
    }
    let folder = Folder::new();
    folder.settings("profile = 'development'\n[health]\nuploads_min_free_bytes = 42_000_000\nwrites_min_free_bytes = 8_388_608\n");
    fs::create_dir(folder.path("data")).unwrap();
    let filled = "mount -t tmpfs -o size=100m tmpfs data\n{ mkdir data/backups; api-server migrate\n\
        sqlite3 data/magnetiq.sqlite3 'CREATE TABLE large (content BLOB); INSERT INTO large VALUES (randomblob(5000000))'\n\
        for i in 1 2 3 4; do backupd once --pin; done\n\
        sed -i 's/\"pinned\": *true/\"pinned\":false/' data/backups/*.proof.json; } >&2\ndoctor disk";
    let found = finding(&seen(apart(&folder, "--mount", filled))[0], "warning", "space that is left");
    let command = found["command"].as_str().unwrap();
    assert!(command.starts_with("backupd prune\n"), "{command}");
    fine(&seen(apart(&folder, "--mount", &format!("{filled}\n{{ {command}\n}} >&2\ndoctor disk")))[1]);
}
