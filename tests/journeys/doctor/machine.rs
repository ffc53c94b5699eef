//! Faults of the machine and of what it is told: settings, modes, folders, disks, limits, the kernel, the clock.

use std::fs;
use std::os::unix::fs::{MetadataExt, chown};
use std::process::Command;

use magnetiq_tests::{Folder, Server};
use rustix::process::geteuid;

use super::{PRODUCTION, apart, check, check_fix, fake, finding, fine, look, may_unshare, mode, open_folder, run, seen, shell, site};

#[test]
fn settings_are_begun_and_mended_where_they_stand() {
    let folder = Folder::new();
    check_fix(&folder, "settings", "error", "there is no magnetiq.toml", || {
        // Nothing at all is a production without a secret.
        let _ = fs::remove_file(folder.path("magnetiq.toml"));
    });
    assert_eq!(look(&folder, "secrets")["status"], "fine", "what was begun is for its owner only");
    let variable = "export MAGNETIQ__PROFILE=development";
    check(&folder, &format!("{variable} MAGNETIQ__SERVER__PROT=1"), "settings", "error", "MAGNETIQ__SERVER__PROT is not a setting");
    let short = "export MAGNETIQ__PROFILE=production MAGNETIQ__SERVER__PUBLIC_URL=https://www.site.example";
    check(
        &folder,
        &format!("rm -f magnetiq.toml\n{short} MAGNETIQ__AUTH__SECRET_KEY=short"),
        "settings",
        "error",
        "auth.secret_key = (hidden)",
    );
    // An editor that takes the line away.
    let editor = "export EDITOR=./editor; printf '#!/bin/sh\\nsed -i \"${1#+}d\" \"$2\"\\n' > editor; chmod +x editor";
    for (settings, says) in
        [("profile = 'development'\n[server]\nprot = 1\n", "server.prot"), ("profile = 'development'\n[server\n", "magnetiq.toml:2")]
    {
        folder.settings(settings);
        check(&folder, editor, "settings", "error", says);
    }
    folder.settings(PRODUCTION);
    fs::write(folder.path("key"), "change-me-please-change-me-please").unwrap();
    let sample = "sed -i '/secret_key/d' magnetiq.toml; export MAGNETIQ__AUTH__SECRET_KEY_FILE=key";
    check(&folder, sample, "settings", "error", "key, named by MAGNETIQ__AUTH__SECRET_KEY_FILE");
    folder.settings("profile = 'development'\n[server]\nhost = '0.0.0.0'\n");
    check(&folder, "", "settings", "error", "lets other machines in");
    let others = look(&Folder::new(), "settings");
    fine(&others);
}

#[test]
fn without_right_settings_the_rest_is_skipped_and_not_called_fine() {
    let folder = Folder::new();
    folder.settings("profile = 'staging'\n");
    let output = shell(&folder, "api-server doctor --json").output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    let report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let entry = |name: &str| report["checks"].as_array().unwrap().iter().find(|entry| entry["name"] == name).unwrap()["status"].clone();
    assert_eq!((entry("settings"), entry("database")), ("error".into(), "skipped".into()));
}

#[test]
fn secrets_that_others_can_read() {
    let folder = open_folder();
    folder.settings(PRODUCTION);
    check_fix(&folder, "secrets", "error", "magnetiq.toml can be read by others", || mode(&folder.path("magnetiq.toml"), 0o644));
    let key = folder.path("key");
    fs::write(&key, "f1d2d2f924e986ac86fdf7b36c94bcdf32beec15").unwrap();
    mode(&key, 0o640);
    let by_file = "sed -i '/secret_key/d' magnetiq.toml; export MAGNETIQ__AUTH__SECRET_KEY_FILE=$PWD/key";
    check(&folder, by_file, "secrets", "error", "key can be read by others");
    folder.settings(PRODUCTION);
    mode(&folder.path("magnetiq.toml"), 0o600);
    folder.run(&["migrate"], "").check_done();
    mode(&folder.path("data"), 0o755);
    check_fix(&folder, "secrets", "error", "magnetiq.sqlite3 can be read by others", || mode(&folder.database(), 0o644));
    if geteuid().is_root() {
        // Programs of another user than root read it by their group.
        let own = |path: &str, user, group| chown(folder.path(path), Some(user), Some(group)).unwrap();
        own("data", 1, 1);
        own("data/magnetiq.sqlite3", 1, 1);
        own("magnetiq.toml", 0, 1);
        mode(&folder.database(), 0o600);
        mode(&folder.path("magnetiq.toml"), 0o640);
        fine(&look(&folder, "secrets"));
        check(&folder, "chmod 0644 magnetiq.toml", "secrets", "error", "magnetiq.toml can be read by others");
        assert_eq!(fs::metadata(folder.path("magnetiq.toml")).unwrap().mode() & 0o777, 0o640);
        own("data", 0, 0);
        own("data/magnetiq.sqlite3", 0, 0);
        own("magnetiq.toml", 0, 0);
        mode(&folder.path("magnetiq.toml"), 0o600);
    }
    // In a folder that nobody else enters modes say nothing.
    mode(&folder.path("data"), 0o700);
    mode(&folder.database(), 0o644);
    fine(&look(&folder, "secrets"));
}

#[test]
fn a_change_of_the_key_that_is_not_finished() {
    let folder = site();
    let previous =
        "export SECRET_KEY=f1d2d2f924e986ac86fdf7b36c94bcdf32beec15 SECRET_KEY_PREVIOUS=development-only-secret-key-known-to-everybody";
    let entry = seen(shell(&folder, &format!("{previous}\ndoctor secrets"))).remove(0);
    let command = finding(&entry, "warning", "secret_key_previous is set")["command"].as_str().unwrap().to_owned();
    fine(
        &seen(shell(&folder, &format!("{previous}\n{{ {command}\n}} >&2 || exit 1\nunset SECRET_KEY_PREVIOUS\ndoctor secrets"))).remove(0),
    );
}

#[test]
fn folders_that_are_not_there_or_not_ours() {
    let folder = open_folder();
    check_fix(&folder, "folders", "warning", "data/media (media.folder) is not there", || {
        let _ = fs::remove_dir_all(folder.path("data"));
        for name in ["data", "data/backups", "data/mail"] {
            fs::create_dir(folder.path(name)).unwrap();
        }
    });
    fs::remove_dir_all(folder.path("data/media")).unwrap();
    fs::write(folder.path("data/media"), "a file").unwrap();
    let found = finding(&look(&folder, "folders"), "error", "is a file, and no folder");
    run(&folder, found["command"].as_str().unwrap());
    finding(&look(&folder, "folders"), "warning", "data/media (media.folder) is not there");
    std::os::unix::fs::symlink("media", folder.path("data/media")).unwrap();
    let found = finding(&look(&folder, "folders"), "error", "data/media (media.folder) cannot be looked at");
    assert!(shell(&folder, found["command"].as_str().unwrap()).output().unwrap().stdout.starts_with(b"f: data/media"));
    fs::remove_file(folder.path("data/media")).unwrap();
    fs::create_dir(folder.path("data/media")).unwrap();
    if !geteuid().is_root() {
        mode(&folder.path("data/media"), 0o500);
        return check(&folder, "", "folders", "error", "may not write to data/media");
    }
    // As somebody who is not root, from a place that everybody may enter.
    fake(&folder, "api-server", "");
    mode(&folder.path("bin"), 0o755);
    fs::copy(magnetiq_tests::api_server(), folder.path("bin/api-server")).unwrap();
    mode(&folder.path("magnetiq.toml"), 0o644);
    for name in ["data", "data/media", "data/backups", "data/mail"] {
        mode(&folder.path(name), 0o755);
    }
    let as_another = "setpriv --reuid 12345 --clear-groups api-server doctor --json --only folders";
    let entry = seen(shell(&folder, as_another)).remove(0);
    let commands: Vec<String> =
        entry["findings"].as_array().unwrap().iter().map(|found| found["command"].as_str().unwrap().to_owned()).collect();
    finding(&entry, "error", "user 12345 may not write to data/media");
    fine(&seen(shell(&folder, &format!("{{ {}\n}} >&2\n{as_another}", commands.join("\n")))).remove(0));
    let rooted = finding(&look(&folder, "folders"), "warning", "belongs to user 12345");
    assert!(run(&folder, &format!("{} --only folders", rooted["command"].as_str().unwrap())).contains("0 errors, 0 warnings"));
}

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

#[test]
fn few_files_can_be_opened() {
    let folder = site();
    check(&folder, "ulimit -S -n 256", "file-descriptors", "warning", "at most 256 files");
    let server = Server::start(&folder);
    let lowered = Command::new("prlimit").args(["--pid", &server.pid().to_string(), "--nofile=300:"]).status().unwrap();
    assert!(lowered.success());
    let entry = look(&folder, "file-descriptors");
    let found = finding(&entry, "warning", "at most 300 files");
    assert!(found["command"].as_str().unwrap().contains(&format!("--pid {}", server.pid())), "{found:#}");
    if geteuid().is_root() {
        check(&folder, "", "file-descriptors", "warning", "at most 300 files");
        let open = fs::read_dir(format!("/proc/{}/fd", server.pid())).unwrap().count();
        let lowered = Command::new("prlimit").args(["--pid", &server.pid().to_string(), &format!("--nofile={open}:")]).status().unwrap();
        assert!(lowered.success());
        check(&folder, "", "file-descriptors", "error", "share of the limit: ");
    }
}

/// Each parameter, and a value that does not do.
const WRONG: [(&str, u64); 5] =
    [("net.core.somaxconn", 64), ("net.ipv4.tcp_syncookies", 0), ("vm.swappiness", 100), ("vm.dirty_ratio", 60), ("fs.file-max", 4096)];

/// Most are the host's: here a file lies in the place of each.
#[test]
fn a_kernel_that_is_not_set_up_for_a_server() {
    if !may_unshare("--mount") {
        return;
    }
    let folder = Folder::new();
    let mounted: String = WRONG
        .iter()
        .map(|(name, value)| format!("echo {value} > {name}; mount --bind {name} /proc/sys/{}\n", name.replace('.', "/")))
        .collect();
    let entry = seen(apart(&folder, "--mount", &format!("{mounted}doctor kernel"))).remove(0);
    let mend: String = WRONG
        .iter()
        .map(|(name, value)| format!("{}\n", finding(&entry, "warning", &format!("{name} = {value}"))["command"].as_str().unwrap()))
        .collect();
    fine(&seen(apart(&folder, "--mount", &format!("{mounted}{{ {mend} }} >&2\ndoctor kernel"))).remove(0));
}

#[test]
fn a_kernel_that_drops_connections() {
    if !may_unshare("--net") {
        return;
    }
    let folder = Folder::new();
    let lower = "sysctl -q -w net.core.somaxconn=64 >&2 || exit 0";
    let entry = seen(apart(&folder, "--net", &format!("{lower}\ndoctor kernel"))).remove(0);
    let command = finding(&entry, "warning", "net.core.somaxconn = 64")["command"].as_str().unwrap().to_owned();
    let after = seen(apart(&folder, "--net", &format!("{lower}\n{{ {command}\n}} >&2\ndoctor kernel"))).remove(0);
    assert!(!after.to_string().contains("somaxconn = "), "{after:#}");
}

#[test]
fn memory_that_is_used_up() {
    if !may_unshare("--mount") {
        return;
    }
    let folder = Folder::new();
    let short = "sed 's/^MemAvailable:.*/MemAvailable:      20000 kB/' /proc/meminfo > meminfo; mount --bind meminfo /proc/meminfo";
    let entry = seen(apart(&folder, "--mount", &format!("{short}\ndoctor memory"))).remove(0);
    let found = finding(&entry, "error", "share of the limit that is in use");
    assert!(run(&folder, found["command"].as_str().unwrap()).contains("PID"), "it names who takes it");
    let entry = seen(apart(&folder, "--mount", &format!("{short}\numount /proc/meminfo\ndoctor memory"))).remove(0);
    assert!(!entry.to_string().contains("more than 95 %"), "{entry:#}");
}

#[test]
fn a_clock_that_nobody_keeps_in_step() {
    let folder = Folder::new();
    let script = "case $* in\n'show --property=NTPSynchronized --value') cat ntp ;;\n'set-ntp true') echo yes > ntp ;;\n*) exit 1 ;;\nesac";
    fake(&folder, "timedatectl", script);
    fs::write(folder.path("ntp"), "no\n").unwrap();
    check(&folder, "", "clock", "warning", "nobody keeps the clock of this machine in step");
}

#[test]
fn settings_that_allow_more_memory_than_there_is() {
    let folder = Folder::new();
    let greedy = "export MAGNETIQ__DATABASE__READER_CACHE_BYTES=17179869184 MAGNETIQ__DATABASE__READERS=100";
    check(&folder, greedy, "memory", "error", "the settings allow");
}
