//! The doctor of a site: each fault is made, found, and mended by the very command that the finding names.

mod backups;
mod certificates;
mod containers;
mod damage;
mod data;
mod disks;
mod limits;
mod machine;
mod mail;
mod maintenance;
mod network;
mod pages;
mod programs;
mod settings;
mod whole;

use std::fs;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use magnetiq_storage::rusqlite::Connection;
use magnetiq_tests::{Folder, api_server, backupd};
use serde_json::Value;

/// Enough for production, with folders of this test.
const PRODUCTION: &str = "profile = 'production'\n[server]\nport = 0\npublic_url = 'https://localhost:8443'\n\
    [auth]\nsecret_key = 'f1d2d2f924e986ac86fdf7b36c94bcdf32beec15'\n";

/// A shell in the folder, in which `doctor NAME` looks at one thing and prints JSON, and the programs are found by their names.
fn shell(folder: &Folder, script: &str) -> Command {
    // The programs lie beside each other.
    backupd();
    let programs = api_server().parent().unwrap().display().to_string();
    let path = magnetiq_config::environment().get("PATH").cloned().unwrap_or_default();
    let mut command = Command::new("sh");
    command.arg("-c").arg(format!("doctor() {{ name=$1; shift; api-server doctor --json --only $name \"$@\"; }}\n{script}"));
    let fakes = folder.path("bin").display().to_string();
    command.current_dir(folder.path("")).env_clear().env("PATH", format!("{fakes}:{programs}:{path}:/usr/sbin:/sbin"));
    command.env("HOME", folder.path(""));
    command.stdin(Stdio::null());
    command
}

/// Puts a program of this name before all others in PATH: it stands for one that is not here, or too old, or not to be called by a test.
fn fake(folder: &Folder, name: &str, script: &str) {
    fs::create_dir_all(folder.path("bin")).unwrap();
    let path = folder.path("bin").join(name);
    fs::write(&path, format!("#!/bin/sh\n{script}\n")).unwrap();
    mode(&path, 0o755);
}

/// Runs a command of a finding to its end; gives what it says.
#[track_caller]
fn run(folder: &Folder, command: &str) -> String {
    let output = shell(folder, command).output().unwrap();
    assert!(output.status.success(), "{command}: {output:?}");
    String::from_utf8(output.stdout).unwrap()
}

/// Stands for systemd: ends what it started before, and starts the program of a unit anew.
struct Supervisor<'f>(&'f Folder);

impl<'f> Supervisor<'f> {
    fn new(folder: &'f Folder) -> Self {
        // What is killed holds its files until its last thread has ended; then it waits for whoever started it, or is gone.
        let ended = "[ ! -e /proc/$p ] || { [ \"$(ls /proc/$p/task)\" = $p ] && grep -q 'State:.Z' /proc/$p/status; }";
        let script = &format!(
            "[ \"$1\" = restart ] || exit 1\nif [ -f pid ]; then p=$(cat pid); kill -9 $p; until {ended}; do sleep 0.01; done; fi\ncase $2 in\n\
             magnetiq-server) api-server serve >/dev/null 2>&1 & ;;\nmagnetiq-health) healthd run >/dev/null 2>&1 & ;;\n*) exit 1 ;;\nesac\n\
             echo $! > pid"
        );
        fake(folder, "systemctl", script);
        fake(folder, "sudo", "exec \"$@\"");
        // Neither the containers nor the journal of this machine are about this folder.
        fake(folder, "docker", "exit 1");
        fake(folder, "journalctl", "echo its last lines");
        Self(folder)
    }

    /// What runs now is its own.
    fn adopt(&self, pid: u32) {
        fs::write(self.0.path("pid"), pid.to_string()).unwrap();
    }

    /// What it started is ended.
    fn stop(&self) {
        if let Ok(pid) = fs::read_to_string(self.0.path("pid")) {
            let _ = Command::new("kill").args(["-9", pid.trim()]).output();
            fs::remove_file(self.0.path("pid")).unwrap();
        }
    }
}

impl Drop for Supervisor<'_> {
    fn drop(&mut self) {
        self.stop();
    }
}

/// Waits until the doctor sees what is wanted; gives what it saw then.
#[track_caller]
fn until(folder: &Folder, name: &str, is_so: impl Fn(&Value) -> bool) -> Value {
    let begun = Instant::now();
    loop {
        let entry = look(folder, name);
        if is_so(&entry) {
            return entry;
        }
        assert!(begun.elapsed() < Duration::from_secs(60), "{entry:#}");
        std::thread::sleep(Duration::from_millis(100));
    }
}

/// So many days before now, or after it where they are negative, as text in UTC.
fn days_ago(days: f64) -> String {
    let ago = "SELECT strftime('%Y-%m-%dT%H:%M:%SZ', 'now', ?1)";
    Connection::open_in_memory().unwrap().query_row(ago, [format!("{} seconds", days * -86_400.0)], |row| row.get(0)).unwrap()
}

/// What each doctor of the script saw of what it was asked for.
#[track_caller]
fn seen(mut command: Command) -> Vec<Value> {
    let Output { stdout, stderr, .. } = command.output().unwrap();
    let reports = serde_json::Deserializer::from_slice(&stdout).into_iter::<Value>();
    let reports: Result<Vec<Value>, _> = reports.collect();
    let told = || format!("{}\n{}", String::from_utf8_lossy(&stdout), String::from_utf8_lossy(&stderr));
    let reports = reports.unwrap_or_else(|error| panic!("{error}: {}", told()));
    assert!(!reports.is_empty(), "{}", told());
    reports.into_iter().map(|report| report["checks"][0].clone()).collect()
}

/// What the doctor sees now.
#[track_caller]
fn look(folder: &Folder, name: &str) -> Value {
    seen(shell(folder, &format!("doctor {name}"))).remove(0)
}

/// There is a finding as bad as this that says so; gives it.
#[track_caller]
fn finding(entry: &Value, severity: &str, says: &str) -> Value {
    let findings = entry["findings"].as_array().unwrap();
    let found = findings.iter().find(|found| found["severity"] == severity && found["seen"].as_str().unwrap().contains(says));
    let found = found.unwrap_or_else(|| panic!("no {severity} says {says:?}: {entry:#}"));
    assert!(!found["why"].as_str().unwrap().is_empty() && !found["command"].as_str().unwrap().is_empty(), "{found:#}");
    found.clone()
}

#[track_caller]
fn fine(entry: &Value) {
    assert_eq!(entry["status"], "fine", "{entry:#}");
}

/// The fault is found; the command of the finding is run as it stands, and then nothing is wrong any more. `before` is what a shell does first:
/// limits, variables.
#[track_caller]
fn check(folder: &Folder, before: &str, name: &str, severity: &str, says: &str) {
    let entry = seen(shell(folder, &format!("{before}\ndoctor {name}"))).remove(0);
    let command = finding(&entry, severity, says)["command"].as_str().unwrap().to_owned();
    fine(&seen(shell(folder, &format!("{before}\n{{ {command}\n}} >&2\ndoctor {name}"))).remove(0));
}

/// The same, with `--fix` instead of the command, for a fault that `make` makes.
#[track_caller]
fn check_fix(folder: &Folder, name: &str, severity: &str, says: &str, make: impl Fn()) {
    make();
    check(folder, "", name, severity, says);
    make();
    let found = finding(&look(folder, name), severity, says);
    assert_eq!(found["safe"], true, "{found:#}");
    let mut reports = seen(shell(folder, &format!("doctor {name} --fix\ndoctor {name}")));
    fine(&reports.remove(0));
    fine(&reports.remove(0));
}

/// A folder that others may enter, so that modes of files count.
fn open_folder() -> Folder {
    let folder = Folder::new();
    mode(&folder.path(""), 0o755);
    folder
}

fn mode(path: &Path, mode: u32) {
    fs::set_permissions(path, std::os::unix::fs::PermissionsExt::from_mode(mode)).unwrap();
}

/// A site with a database and a folder of media.
fn site() -> Folder {
    let folder = Folder::new();
    fs::create_dir_all(folder.path("data/media")).unwrap();
    folder.run(&["migrate"], "").check_done();
    folder
}

/// Whether a program of the machine is there; said where not.
fn has(program: &str) -> bool {
    let has = Command::new("sh").args(["-c", "command -v \"$0\"", program]).output().is_ok_and(|output| output.status.success());
    if !has {
        crate::proof::skip(&format!("there is no {program}"));
    }
    has
}

/// Whether this user may mount something, or have a network of its own; said where not.
fn may_unshare(what: &str) -> bool {
    let may = Command::new("unshare").args([what, "true"]).output().is_ok_and(|output| output.status.success());
    if !may {
        crate::proof::skip(&format!("unshare {what} is not allowed here"));
    }
    may
}

/// The script in a place of its own for mounts or networks.
fn apart(folder: &Folder, what: &str, script: &str) -> Command {
    let inner = shell(folder, script);
    let mut command = Command::new("unshare");
    command.arg(what).arg("sh").args(inner.get_args()).env_clear().current_dir(folder.path(""));
    command.envs(inner.get_envs().filter_map(|(name, value)| Some((name, value?)))).stdin(Stdio::null());
    command
}
