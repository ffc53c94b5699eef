//! Faults of programs: the server itself, its log, and those of others.

use std::fs;

use magnetiq_tests::{Folder, Server};
use rustix::process::Signal;

use super::network::{free_port, serving};
use super::{Supervisor, check, fake, finding, fine, look, run, shell, site, until};
use crate::backup::stop;

/// What each of the tools says of its version, an old one's answer, and its package.
const OLD: [(&str, &str, &str, &str); 5] = [
    ("sqlite3", "echo 3.31.1 2020-01-27 19:55:54", "sqlite3 is 3.31.1, and 3.37.0 is the first", "sqlite3"),
    ("nginx", "echo 'nginx version: nginx/1.18.0 (Ubuntu)' >&2", "nginx is 1.18.0, and 1.22.0 is the first", "nginx"),
    ("certbot", "echo certbot 0.40.0", "certbot is 0.40.0, and 1.12.0 is the first", "certbot"),
    ("openssl", "echo 'OpenSSL 1.0.2g  1 Mar 2016'", "openssl is 1.0.2, and 1.1.1 is the first", "openssl"),
    ("docker", "echo Docker Compose version v2.20.3", "docker is 2.20.3, and 2.26.0 is the first", "docker-compose-plugin"),
];

#[test]
fn tools_that_are_too_old() {
    let folder = Folder::new();
    for (name, answer, says, package) in OLD {
        fake(&folder, name, answer);
        // The package has a newer one.
        fake(&folder, "apt-get", &format!("[ \"$*\" = update ] || {{ [ \"$*\" = 'install {package}' ] && rm bin/{name}; }}"));
        let found = finding(&look(&folder, "tools"), "warning", says);
        run(&folder, found["command"].as_str().unwrap());
        let after = look(&folder, "tools").to_string();
        assert!(!after.contains(says), "{after}");
    }
}

#[test]
fn a_server_that_does_not_answer() {
    let folder = site();
    assert_eq!(look(&folder, "server")["status"], "skipped");
    serving(&folder, free_port());
    folder.run_backupd(&["once"]).check_done();
    let server = Server::start(&folder);
    fine(&look(&folder, "server"));
    let supervisor = Supervisor::new(&folder);
    supervisor.adopt(server.pid());
    server.signal(Signal::STOP);
    let found = finding(&look(&folder, "server"), "error", "does not answer");
    assert!(run(&folder, found["command"].as_str().unwrap()).contains("its last lines"));
    until(&folder, "server", |entry| entry["status"] == "fine");
}

#[test]
fn a_server_that_says_that_something_is_wrong() {
    let folder = site();
    serving(&folder, free_port());
    let server = Server::start(&folder);
    let found = finding(&look(&folder, "server"), "warning", "there is no backup folder data/backups");
    let told = shell(&folder, found["command"].as_str().unwrap()).output().unwrap();
    let told = String::from_utf8(told.stdout).unwrap();
    assert!(told.contains("backup"), "it names the check: {told}");
    stop(server);
    folder.run_backupd(&["once"]).check_done();
    let _server = Server::start(&folder);
    fine(&look(&folder, "server"));
}

#[test]
fn a_server_that_starts_again_and_again() {
    let folder = site();
    for _ in 0..5 {
        Server::start(&folder).kill();
    }
    let _supervisor = Supervisor::new(&folder);
    // Nobody had told four of them to stop.
    let found = finding(&look(&folder, "restarts"), "warning", "had not been told to stop: 4, more than 3");
    assert!(run(&folder, found["command"].as_str().unwrap()).contains("its last lines"));
    // Time mends it.
    let starts = folder.path("data/magnetiq.sqlite3.starts");
    let last = fs::read_to_string(&starts).unwrap().lines().last().unwrap().to_owned();
    fs::write(&starts, format!("{last}\n")).unwrap();
    fine(&look(&folder, "restarts"));
}

#[test]
fn a_log_that_is_not_rotated() {
    let folder = site();
    folder.settings("profile = 'development'\n[log]\nfolder = 'logs'\n");
    fs::create_dir(folder.path("logs")).unwrap();
    assert_eq!(look(&folder, "log")["status"], "skipped");
    fs::File::create(folder.path("logs/api-server.log")).unwrap().set_len(600_000_000).unwrap();
    check(&folder, "", "log", "warning", "size of the file: 600 MB");
    fs::File::create(folder.path("logs/api-server.log.20261123T020000Z.gz")).unwrap().set_len(3_000_000_000).unwrap();
    for older in 1..5 {
        fs::write(folder.path(&format!("logs/api-server.log.2026112{older}T020000Z.gz")), "").unwrap();
    }
    // The largest is the oldest.
    let old = fs::File::options().append(true).open(folder.path("logs/api-server.log.20261123T020000Z.gz")).unwrap();
    old.set_len(3_000_000_000).unwrap();
    old.set_modified(std::time::UNIX_EPOCH).unwrap();
    check(&folder, "", "log", "warning", "size of all of these: 3 GB");
}

#[test]
fn a_log_that_was_moved_away_under_the_server() {
    let folder = site();
    folder.settings("profile = 'development'\n[server]\nport = 0\n[log]\nfolder = 'logs'\n");
    fs::create_dir(folder.path("logs")).unwrap();
    let supervisor = Supervisor::new(&folder);
    run(&folder, "systemctl restart magnetiq-server");
    until(&folder, "log", |entry| entry["status"] == "fine");
    until(&folder, "lock", |entry| entry["says"].as_str().unwrap().starts_with("api-server"));
    fs::rename(folder.path("logs/api-server.log"), folder.path("elsewhere")).unwrap();
    let found = finding(&look(&folder, "log"), "error", "a server runs, and logs/api-server.log is not there");
    run(&folder, found["command"].as_str().unwrap());
    until(&folder, "log", |entry| entry["status"] == "fine");
    drop(supervisor);
}
