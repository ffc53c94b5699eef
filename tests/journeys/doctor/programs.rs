//! Faults of programs: the server itself, its log, and those of others.

use std::fs;

use magnetiq_tests::{Folder, Server, free_port};
use rustix::process::Signal;

use super::network::serving;
use super::{Supervisor, apart, check, fake, finding, fine, look, may_unshare, run, seen, shell, site, until};
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
    fake(&folder, "sudo", "exec \"$@\"");
    for (name, answer, says, package) in OLD {
        fake(&folder, name, answer);
        // The package has a newer one.
        fake(&folder, "apt-get", &format!("[ \"$*\" = update ] || {{ [ \"$*\" = 'install {package}' ] && rm bin/{name}; }}"));
        let found = finding(&look(&folder, "tools"), "warning", says);
        run(&folder, found["command"].as_str().unwrap());
        assert_eq!(found["advice"].as_str().unwrap().contains("Docker's own source"), name == "docker", "{found:#}");
        let after = look(&folder, "tools").to_string();
        assert!(!after.contains(says), "{after}");
    }
}

/// The one of the machine corrupts what a server writes at the same time; no package brings a newer one.
#[test]
fn a_sqlite3_that_may_only_read() {
    let folder = Folder::new();
    for (version, warns) in [("3.37.0", true), ("3.40.1", true), ("3.51.2", true), ("3.51.3", false), ("3.60.0", false)] {
        fake(&folder, "sqlite3", &format!("echo {version} 2026-01-01 00:00:00"));
        let seen = look(&folder, "tools").to_string();
        assert_eq!(seen.contains("the first that may write beside a server"), warns, "{version}: {seen}");
        assert_eq!(seen.contains("sqlite3 -readonly"), warns, "{version}: {seen}");
        assert!(!seen.contains("install sqlite3"), "{version}: {seen}");
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

/// In a pod neither Compose nor systemd is near.
#[test]
fn a_server_of_a_cluster_is_looked_after_by_kubectl() {
    let folder = site();
    serving(&folder, free_port());
    let server = Server::start(&folder);
    server.signal(Signal::STOP);
    let pod = "export KUBERNETES_SERVICE_HOST=10.43.0.1";
    let found = finding(&seen(shell(&folder, &format!("{pod}\ndoctor server"))).remove(0), "error", "does not answer");
    let lines: Vec<&str> = found["command"].as_str().unwrap().lines().collect();
    let wanted = ["logs deployment/backend --container api-server --tail 50", "rollout restart deployment/backend"];
    assert_eq!(lines, wanted.map(|words| format!("kubectl --namespace magnetiq {words}")));
    let list = shell(&folder, &format!("{pod}\napi-server doctor --checklist")).output().unwrap();
    let list = String::from_utf8(list.stdout).unwrap();
    assert!(list.contains("$ kubectl --namespace magnetiq rollout restart deployment/healthd\n"), "{list}");
    assert!(!list.contains("docker compose restart") && !list.contains("systemctl") && !list.contains("journalctl"), "{list}");
    server.signal(Signal::CONT);
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

/// A server with nothing that is wrong and a supervisor that brings it back; its settings have these lines below the table.
fn supervised<'f>(folder: &'f Folder, table: &str, lines: &str) -> (Server, Supervisor<'f>) {
    serving(folder, free_port());
    below(folder, table, lines);
    folder.run_backupd(&["once"]).check_done();
    let server = Server::start(folder);
    let supervisor = Supervisor::new(folder);
    supervisor.adopt(server.pid());
    fine(&look(folder, "server"));
    (server, supervisor)
}

/// Adds lines below a table of the settings.
fn below(folder: &Folder, table: &str, lines: &str) {
    let settings = fs::read_to_string(folder.path("magnetiq.toml")).unwrap();
    folder.settings(&settings.replace(&format!("[{table}]\n"), &format!("[{table}]\n{lines}\n")));
}

#[test]
fn a_server_that_takes_no_more_requests() {
    let folder = site();
    let (server, _supervisor) = supervised(&folder, "server", "drain_ms = 60_000");
    // It was told to end, and waits until nobody is sent to it any more.
    server.signal(Signal::TERM);
    until(&folder, "server", |entry| entry["status"] == "error");
    let found = finding(&look(&folder, "server"), "error", "/readyz answered 503, wanted is 200 to 299");
    run(&folder, found["command"].as_str().unwrap());
    until(&folder, "server", |entry| entry["status"] == "fine");
}

#[test]
fn a_server_that_does_not_take_the_token() {
    let folder = site();
    let (_server, _supervisor) = supervised(&folder, "health", "token = 'the first health token'");
    let second = fs::read_to_string(folder.path("magnetiq.toml")).unwrap().replace("first", "second");
    folder.settings(&second);
    let found = finding(&look(&folder, "server"), "warning", "/health answered 401: it does not take the token, or wants one");
    run(&folder, found["command"].as_str().unwrap());
    until(&folder, "server", |entry| entry["status"] == "fine");
}

#[test]
fn a_server_that_says_that_something_is_broken() {
    if !may_unshare("--mount") {
        return;
    }
    let folder = Folder::new();
    fs::create_dir(folder.path("data")).unwrap();
    serving(&folder, free_port());
    below(&folder, "health", "disk_interval_ms = 100\nuploads_min_free_bytes = 10_000_000\nwrites_min_free_bytes = 8_388_608");
    let script = "tries() { for try in $(seq 300); do \"$@\" >/dev/null 2>&1 && return; sleep 0.1; done; exit 1; }\n\
         mount -t tmpfs -o size=64m tmpfs data; api-server migrate >&2; api-server serve >/dev/null 2>&1 & server=$!\n\
         trap 'kill -9 $server' EXIT\n\
         tries api-server doctor --only server\nhead -c 60000000 /dev/zero > data/old.log\n\
         broken() { ! api-server doctor --only server; }\ntries broken\ndoctor server\n(COMMAND) >&2\n\
         rm data/old.log\ntries api-server doctor --only server\ndoctor server";
    let looks = seen(apart(&folder, "--mount", &script.replace("COMMAND", ":")));
    let found = finding(&looks[0], "error", "/health says fail");
    let output = apart(&folder, "--mount", &script.replace("COMMAND", found["command"].as_str().unwrap())).output().unwrap();
    assert!(String::from_utf8_lossy(&output.stderr).contains("disk"), "it names the check: {output:?}");
    assert_ne!(looks[1]["status"], "error", "{:#}", looks[1]);
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
    for _ in 0..3 {
        Server::start(&folder).kill();
    }
    let found = finding(&look(&folder, "restarts"), "error", "had not been told to stop: 7, more than 6");
    assert!(run(&folder, found["command"].as_str().unwrap()).contains("its last lines"));
    // Time mends it.
    let starts = folder.path("data/magnetiq.sqlite3.starts");
    let last = fs::read_to_string(&starts).unwrap().lines().last().unwrap().to_owned();
    fs::write(&starts, format!("{last}\n")).unwrap();
    fine(&look(&folder, "restarts"));
    // A full disk may leave nothing of it; the next start writes it anew.
    fs::write(&starts, "").unwrap();
    let found = finding(&look(&folder, "restarts"), "warning", "no start was written down in data/magnetiq.sqlite3.starts");
    assert!(run(&folder, found["command"].as_str().unwrap()).contains("its last lines"));
    stop(Server::start(&folder));
    fine(&look(&folder, "restarts"));
}

#[test]
fn a_log_that_is_not_rotated() {
    let folder = site();
    folder.settings("profile = 'development'\n[log]\nfolder = 'my logs'\n");
    fs::create_dir(folder.path("my logs")).unwrap();
    assert_eq!(look(&folder, "log")["status"], "skipped");
    let sized =
        |ending: &str, bytes: u64| fs::File::create(folder.path(&format!("my logs/api-server.log{ending}"))).unwrap().set_len(bytes);
    for (size, severity) in [(600_000_000, "warning"), (6_000_000_000, "error")] {
        sized("", size).unwrap();
        check(&folder, "", "log", severity, "size of the file: 6");
    }
    // What logrotate left is not compressed, and is the oldest.
    for ending in [".20261123T020000Z.gz", ".1"] {
        for newer in 1..5 {
            sized(&format!(".2026112{newer}T030000Z.gz"), 1).unwrap();
        }
        sized(ending, 3_000_000_000).unwrap();
        let old = fs::File::options().append(true).open(folder.path(&format!("my logs/api-server.log{ending}"))).unwrap();
        old.set_modified(std::time::UNIX_EPOCH).unwrap();
        check(&folder, "", "log", "warning", "size of all of these: 3 GB");
    }
    let left = fs::read_dir(folder.path("my logs")).unwrap().count();
    assert_eq!(left, 4, "the one that is written, and the newest three");
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
