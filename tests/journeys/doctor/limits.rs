//! Faults of what the machine allows: files, memory, the time that it tells.

use std::fs;
use std::process::Command;

use magnetiq_storage::rusqlite::Connection;
use magnetiq_tests::{Folder, Server};
use rustix::process::geteuid;

use super::{PRODUCTION, apart, check, fake, finding, fine, look, may_unshare, mode, open_folder, run, seen, shell, site};
use crate::backup::{stop, write};

#[test]
fn few_files_can_be_opened() {
    let folder = site();
    check(&folder, "ulimit -S -n 256", "file-descriptors", "warning", "at most 256 files");
    let server = Server::start(&folder);
    let limits = |limits: String| {
        assert!(
            Command::new("prlimit").args(["--pid", &server.pid().to_string(), &format!("--nofile={limits}")]).status().unwrap().success()
        );
    };
    limits("300:".to_owned());
    let entry = look(&folder, "file-descriptors");
    let found = finding(&entry, "warning", "at most 300 files");
    assert!(found["command"].as_str().unwrap().contains(&format!("--pid {}", server.pid())), "{found:#}");
    if !geteuid().is_root() {
        return;
    }
    let hard = "sed -n 's/^Max open files *[^ ]* *//p' /proc/PID/limits".replace("PID", &server.pid().to_string());
    let before = run(&folder, &hard);
    check(&folder, "", "file-descriptors", "warning", "at most 300 files");
    assert_eq!(run(&folder, &hard), before, "the hard limit stays");
    let open = fs::read_dir(format!("/proc/{}/fd", server.pid())).unwrap().count();
    limits(format!("{}:", open * 100 / 80));
    check(&folder, "", "file-descriptors", "warning", "share of the limit: ");
    limits(format!("{open}:"));
    check(&folder, "", "file-descriptors", "error", "share of the limit: ");
    // Where the hard limit is in the way it is raised, too, which not every root may.
    limits("300:300".to_owned());
    let found = finding(&look(&folder, "file-descriptors"), "warning", "at most 300 files");
    assert!(found["command"].as_str().unwrap().ends_with("--nofile=16384:16384"), "{found:#}");
}

#[test]
fn files_of_a_server_of_another_user() {
    if !geteuid().is_root() {
        return crate::proof::skip("only root can look as another user");
    }
    let folder = open_folder();
    fs::create_dir_all(folder.path("bin")).unwrap();
    fs::copy(magnetiq_tests::api_server(), folder.path("bin/api-server")).unwrap();
    for name in ["data", "bin"] {
        fs::create_dir_all(folder.path(name)).unwrap();
        mode(&folder.path(name), 0o755);
    }
    mode(&folder.path("magnetiq.toml"), 0o644);
    let _server = Server::start(&folder);
    mode(&folder.path("data/magnetiq.sqlite3.lock"), 0o644);
    let as_another = "setpriv --reuid 54321 --clear-groups api-server doctor --json --only file-descriptors";
    let entry = seen(shell(&folder, as_another)).remove(0);
    // It is told by the server itself, and by nobody wrongly.
    assert!(entry["status"] == "skipped" && entry.to_string().contains("the server watches it itself"), "{entry:#}");
    assert_ne!(look(&folder, "file-descriptors")["status"], "skipped", "root looks");
}

/// What a shell allows is not what a unit or a container allows.
#[test]
fn files_of_a_server_that_does_not_run() {
    let folder = Folder::new();
    folder.settings(PRODUCTION);
    let entry = seen(shell(&folder, "ulimit -S -n 256\ndoctor file-descriptors")).remove(0);
    assert!(entry["status"] == "skipped" && entry.to_string().contains("no server is seen from here"), "{entry:#}");
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
    let tight = "awk '/^MemTotal:/ { total = $2 } /^MemAvailable:/ { $2 = int(total / 10) } { print }' /proc/meminfo > meminfo\n\
        mount --bind meminfo /proc/meminfo\ndoctor memory";
    finding(&seen(apart(&folder, "--mount", tight))[0], "warning", "share of the limit that is in use");
    let untold = "sed '/^MemAvailable:/d' /proc/meminfo > meminfo; mount --bind meminfo /proc/meminfo\ndoctor memory";
    finding(&seen(apart(&folder, "--mount", untold))[0], "warning", "does not tell MemTotal and MemAvailable");
}

#[test]
fn settings_that_allow_more_memory_than_there_is() {
    let folder = Folder::new();
    let greedy = "export MAGNETIQ__DATABASE__READER_CACHE_BYTES=17179869184 MAGNETIQ__DATABASE__READERS=100";
    check(&folder, greedy, "memory", "error", "the settings allow");
}

/// A cache is the least of it here: it is the largest part that is made to fit.
#[test]
fn pictures_that_need_more_memory_than_there_is() {
    if !may_unshare("--mount") {
        return;
    }
    let folder = Folder::new();
    let small = "sed 's/^MemTotal:.*/MemTotal: 2000000 kB/; s/^MemAvailable:.*/MemAvailable: 1500000 kB/' /proc/meminfo > meminfo\n\
        mount --bind meminfo /proc/meminfo\nexport MAGNETIQ__MEDIA__PICTURE_MEMORY_BYTES=4294967296\ndoctor memory";
    let found = finding(&seen(apart(&folder, "--mount", small))[0], "error", "the settings allow");
    let command = found["command"].as_str().unwrap();
    assert!(command.starts_with("export MAGNETIQ__MEDIA__PICTURE_MEMORY_BYTES="), "{command}");
    fine(&seen(apart(&folder, "--mount", &format!("{small}\n{command}\ndoctor memory")))[1]);
}

#[test]
fn a_clock_that_nobody_keeps_in_step() {
    let folder = Folder::new();
    let script = "case $* in\n'show --property=NTPSynchronized --value') cat ntp ;;\n'set-ntp true') echo yes > ntp ;;\n*) exit 1 ;;\nesac";
    fake(&folder, "timedatectl", script);
    fake(&folder, "sudo", "exec \"$@\"");
    fs::write(folder.path("ntp"), "no\n").unwrap();
    check(&folder, "", "clock", "warning", "nobody keeps the clock of this machine in step");
}

#[test]
fn a_clock_that_was_set_back() {
    let folder = site();
    let server = Server::start_new(&folder);
    write(&server.sign_in(), "From tomorrow");
    stop(server);
    fake(&folder, "timedatectl", "echo yes");
    let ahead = |milliseconds: u32| {
        let conn = Connection::open(folder.database()).unwrap();
        conn.execute_batch(&format!("UPDATE page SET updated_at = updated_at + {milliseconds}")).unwrap();
    };
    for (milliseconds, severity) in [(60_000, "warning"), (86_400_000, "error")] {
        ahead(milliseconds);
        let found = finding(&look(&folder, "clock"), severity, "by how much the newest stored time is ahead of the clock");
        assert!(found["command"].as_str().unwrap().ends_with("timedatectl set-ntp true"), "{found:#}");
        assert!(found["advice"].as_str().unwrap().contains("nothing mends this but time"), "{found:#}");
    }
}
