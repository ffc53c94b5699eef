//! Each fault is made in a checkout of its own, found, and mended by the command that the finding names.

mod installs;

use std::fs;
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use magnetiq_doctor::{Outcome, Report, Severity, examine};
use tempfile::TempDir;

use super::CHECKS;
use super::checkout::{Checkout, Room};
use crate::system::System;
use crate::test::browser::BROWSER;

/// A checkout with nothing in it but these files.
fn checkout(folder: &TempDir, files: &[(&str, &str)]) -> Checkout {
    for (path, text) in files {
        let path = folder.path().join(path);
        fs::create_dir_all(path.parent().expect("a folder")).expect("made");
        fs::write(path, text).expect("written");
    }
    Checkout { root: folder.path().to_owned(), room: Room { free_min: 1, free_comfortable: 2, target_max: 1000 }, ..here() }
}

/// On Debian, and without a browser that somebody named.
fn here() -> Checkout {
    let mut here = Checkout { system: System::Debian, ..Checkout::here() };
    here.environment.remove(BROWSER);
    here
}

fn folder() -> TempDir {
    tempfile::tempdir().expect("a folder")
}

fn report(name: &str, checkout: Checkout) -> Report {
    examine(CHECKS.iter().filter(|check| check.name == name), &std::sync::Arc::new(checkout))
}

/// The command of the only finding, which is as bad as this and says so.
#[track_caller]
fn command(name: &str, checkout: Checkout, severity: Severity, says: &str) -> String {
    let report = report(name, checkout);
    let Outcome::Seen(seen) = &report.entries[0].outcome else { panic!("{report:?}") };
    let found = seen.findings.iter().find(|found| found.severity == severity && found.seen.contains(says));
    found.unwrap_or_else(|| panic!("{report:?}")).command.clone()
}

#[track_caller]
fn fine(name: &str, checkout: Checkout) {
    let report = report(name, checkout);
    assert!(report.entries[0].worst().is_none(), "{report:?}");
}

#[track_caller]
fn run(folder: &Path, command: &str) {
    let output = shell(folder, command).output().expect("sh");
    assert!(output.status.success(), "{command}: {output:?}");
}

/// What a command says, which may fail.
fn output(folder: &Path, command: &str) -> String {
    let output = shell(folder, command).output().expect("sh");
    String::from_utf8([output.stdout, output.stderr].concat()).expect("text")
}

fn shell(folder: &Path, command: &str) -> Command {
    let path = with_fakes(folder).environment.remove("PATH").expect("a PATH");
    let mut shell = Command::new("sh");
    shell.arg("-c").arg(command).current_dir(folder).env("PATH", path).stdin(Stdio::null());
    shell
}

/// Puts a program of this name into the checkout, before all others in PATH where it is asked for.
fn fake(folder: &TempDir, name: &str, script: &str) {
    let path = folder.path().join("bin").join(name);
    fs::create_dir_all(folder.path().join("bin")).expect("a folder");
    fs::write(&path, format!("#!/bin/sh\n{script}\n")).expect("written");
    fs::set_permissions(path, PermissionsExt::from_mode(0o755)).expect("made a program");
}

fn with_fakes(folder: &Path) -> Checkout {
    let mut checkout = Checkout { root: folder.to_owned(), ..here() };
    let path = checkout.environment.get("PATH").cloned().unwrap_or_default();
    checkout.environment.insert("PATH".to_owned(), format!("{}:{path}", folder.join("bin").display()));
    checkout
}

#[test]
fn what_this_machine_builds_with_is_fine() {
    let folder = folder();
    fine("rust", checkout(&folder, &[("Cargo.toml", "rust-version = \"1.80\"\n")]));
    fine("c-compiler", checkout(&folder, &[]));
}

#[test]
fn a_python_that_can_make_no_environment() {
    let folder = folder();
    let python = |modules: &str| fake(&folder, "python3", &format!("case $1 in --version) echo Python 3.11.2 ;; *) {modules} ;; esac"));
    python("exit 1");
    let mend = command("python", with_fakes(folder.path()), Severity::Warning, "python3 can make no environment");
    fake(&folder, "sudo", "exec \"$@\"");
    fake(&folder, "apt-get", "[ \"$*\" = 'install python3-venv python3-pip' ] && cp bin/with-venv bin/python3");
    fake(&folder, "with-venv", "echo Python 3.11.2");
    run(folder.path(), &mend);
    fine("python", with_fakes(folder.path()));
}

#[test]
fn containers_of_the_site_are_looked_at_where_it_runs() {
    let folder = folder();
    let container = r#"[{"Name": "/site-backend-1", "State": {"Status": "exited", "ExitCode": 1}, "Config": {"Labels": {"org.opencontainers.image.title": "magnetiq-backend"}}}]"#;
    let tells = |context: &str| {
        let here = folder.path().display();
        let script = format!(
            "cd {here}\ncase \"$*\" in\n'{context}ps --all --quiet') [ -e started ] || echo 1 ;;\n'{context}inspect 1') echo '{container}' ;;\n\
             '{context}start site-backend-1') touch started ;;\n*) exit 1 ;;\nesac"
        );
        fake(&folder, "docker", &script);
    };
    let look = || with_fakes(folder.path());
    tells("");
    let mend = command("containers", look(), Severity::Error, "site-backend-1 is exited, it ended with 1");
    run(folder.path(), &mend);
    fine("containers", look());
    fs::remove_file(folder.path().join("started")).expect("it was started");
    tells("--context far ");
    fs::write(
        folder.path().join("deploy.toml"),
        "domain = \"www.example.org\"\ncontact = \"ops@example.org\"\n[compose]\ncontext = \"far\"\n",
    )
    .expect("written");
    let mend = command("containers", look(), Severity::Error, "site-backend-1 is exited, it ended with 1");
    assert_eq!(mend, "docker --context far start site-backend-1");
    run(folder.path(), &mend);
    fine("containers", look());
    // Not those of another engine.
    fs::write(folder.path().join("deploy.toml"), "domian = 1\n").expect("written");
    let skipped = report("containers", look());
    assert!(skipped.text().contains("deploy.toml is not right"), "{skipped:?}");
}

#[test]
fn a_page_that_wants_a_newer_node() {
    let folder = folder();
    let wants = |version: &str| [("crates/web/ui/package.json", format!("{{\"engines\": {{\"node\": \">={version}\"}}}}"))];
    let checkout = |version: &str| {
        let [(path, text)] = &wants(version);
        checkout(&folder, &[(path, text)])
    };
    if checkout("1.0").program("node").is_none() {
        return;
    }
    assert!(command("node", checkout("99.1"), Severity::Error, "the page needs 99.1.0").contains("nodejs"));
    fine("node", checkout("1.0"));
}

#[test]
fn packages_that_are_not_those_of_the_lock_file() {
    let folder = folder();
    let lock = r#"{"name":"page","lockfileVersion":3,"requires":true,"packages":{"":{"name":"page"}}}"#;
    let files = [("crates/web/ui/package.json", r#"{"name":"page"}"#), ("crates/web/ui/package-lock.json", lock)];
    let mend = command("packages", checkout(&folder, &files), Severity::Warning, "its packages are not installed");
    assert_eq!(mend, "npm ci --no-audit --no-fund --prefix crates/web/ui");
    let noted = "crates/web/ui/node_modules/.package-lock.json";
    let one = |version: &str| {
        format!(
            r#"{{"packages":{{"":{{}},"node_modules/one":{{"version":"{version}"}},"node_modules/for-mac":{{"version":"1","optional":true}}}}}}"#
        )
    };
    let (wanted, installed) = (one("2.0.0"), r#"{"packages":{"node_modules/one":{"version":"1.0.0"}}}"#);
    let files = [("crates/web/ui/package-lock.json", wanted.as_str()), (noted, installed)];
    command("packages", checkout(&folder, &files), Severity::Warning, "one is not the one of the lock file");
    fine("packages", checkout(&folder, &[(noted, r#"{"packages":{"node_modules/one":{"version":"2.0.0"}}}"#)]));
    let two = r#"{"packages":{"":{},"node_modules/one":{"version":"3.0.0"},"node_modules/two":{"version":"1.0.0"}}}"#;
    let files = [("crates/web/ui/package-lock.json", two)];
    command("packages", checkout(&folder, &files), Severity::Warning, "2 packages are not those of the lock file, the first is one");
}

/// A package that lies beside the lock file, so that npm asks nobody.
#[test]
fn packages_are_installed_by_the_command_and_by_fix() {
    let folder = folder();
    if checkout(&folder, &[]).program("npm").is_none() {
        return;
    }
    let lock = r#"{"name":"page","version":"1.0.0","lockfileVersion":3,"requires":true,"packages":{"":{"name":"page","version":"1.0.0","dependencies":{"one":"file:one.tgz"}},"node_modules/one":{"version":"1.0.0","resolved":"file:one.tgz"}}}"#;
    let files = [
        ("crates/web/ui/package.json", r#"{"name":"page","version":"1.0.0","dependencies":{"one":"file:one.tgz"}}"#),
        ("crates/web/ui/package-lock.json", lock),
        ("one/package/package.json", r#"{"name":"one","version":"1.0.0"}"#),
    ];
    let modules = folder.path().join("crates/web/ui/node_modules");
    let mend = command("packages", checkout(&folder, &files), Severity::Warning, "its packages are not installed");
    run(folder.path(), "tar -czf crates/web/ui/one.tgz -C one package");
    run(folder.path(), &mend);
    fine("packages", checkout(&folder, &files));
    fs::remove_dir_all(&modules).expect("npm made it");
    let (lines, names) = report("packages", checkout(&folder, &files)).mend();
    assert_eq!((lines, names), (vec![format!("packages: mended: {mend}")], vec!["packages"]));
    fine("packages", checkout(&folder, &files));
    assert!(modules.join("one/package.json").is_file());
}

#[test]
fn variables_that_no_program_reads() {
    let folder = folder();
    let mut strange = checkout(&folder, &[]);
    strange.environment.insert("MAGNETIQ__SERVER__PROT".to_owned(), "1".to_owned());
    let mend = command("variables", strange, Severity::Error, "MAGNETIQ__SERVER__PROT is not a setting");
    unset("MAGNETIQ__SERVER__PROT", &mend);
    let empty = || {
        let mut empty = checkout(&folder, &[]);
        empty.environment.clear();
        empty
    };
    fine("variables", empty());
    let with = |name: &str, value: &str| {
        let mut one = empty();
        one.environment.insert(name.to_owned(), value.to_owned());
        one
    };
    let mail = with("MAGNETIQ__MAIL__SMTP_HOST", "mail.example.com");
    unset("MAGNETIQ__MAIL__SMTP_HOST", &command("variables", mail, Severity::Warning, "SMTP_HOST is set in this shell"));
    let other = with("DATABASE_URL", "postgres://localhost/other");
    unset("DATABASE_URL", &command("variables", other, Severity::Error, "DATABASE_URL"));
}

/// After the command a shell has no such variable any more.
#[track_caller]
fn unset(name: &str, command: &str) {
    let left = output(Path::new("/"), &format!("export {name}=1; {command}; env"));
    assert!(left.contains("PATH=") && !left.contains(name), "{left}");
}

#[test]
fn a_port_that_is_held_is_free_once_its_holder_is_ended() {
    let folder = folder();
    let port = TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr()).expect("a port").port();
    let here = || Checkout { ports: [(port, "--api-port"), (port, "--page-port")], ..checkout(&folder, &[]) };
    fine("ports", here());
    let script = format!("import socket, time\ns = socket.socket()\ns.bind(('127.0.0.1', {port}))\ns.listen()\ntime.sleep(600)");
    let Ok(mut holder) = Command::new("python3").args(["-c", &script]).stdin(Stdio::null()).spawn() else { return };
    while std::net::TcpStream::connect(("127.0.0.1", port)).is_err() {
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
    run(folder.path(), &command("ports", here(), Severity::Warning, &format!("port {port} is held by")));
    holder.wait().expect("it ended");
    fine("ports", here());
}

#[test]
fn what_is_left_half_done_in_git() {
    let folder = folder();
    let begin = "git init -q -b main . && git config user.email a@example.org && git config user.name A && echo 1 > file && git add . && git commit -qm one \
        && git checkout -qb other && echo 2 > file && git commit -qam two && git checkout -q main && echo 3 > file && git commit -qam three";
    run(folder.path(), begin);
    fine("git", checkout(&folder, &[]));
    run(folder.path(), "git format-patch -1 --stdout other > patch && echo patch > .git/info/exclude");
    for (begin, says) in [
        ("git merge other", "a merge is not finished"),
        ("git rebase other", "a rebase is not finished"),
        ("git rebase --apply other", "a rebase is not finished"),
        ("git am --3way patch", "a series of patches is not finished"),
        ("git cherry-pick other", "a cherry-pick is not finished"),
    ] {
        run(folder.path(), &format!("{begin} >/dev/null 2>&1 || true"));
        let look = command("git", checkout(&folder, &[]), Severity::Error, "1 files have conflicts, the first is file");
        assert!(output(folder.path(), &look).contains("file"), "it names them");
        run(folder.path(), &command("git", checkout(&folder, &[]), Severity::Warning, says));
        fine("git", checkout(&folder, &[]));
    }
}

#[test]
fn nobody_to_sign_commits_with() {
    let folder = folder();
    run(folder.path(), "git init -q -b main . && git -c user.email=a@example.org -c user.name=A commit -q --allow-empty -m one");
    // As on a machine where nobody said so for all checkouts.
    fake(&folder, "git", &format!("export GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_SYSTEM=/dev/null; exec {} \"$@\"", git().display()));
    let mend = command("git", with_fakes(folder.path()), Severity::Warning, "Git does not know who you are");
    run(folder.path(), &mend);
    fine("git", with_fakes(folder.path()));
}

fn git() -> PathBuf {
    Checkout::here().program("git").expect("a checkout needs it")
}

#[test]
fn a_disk_without_room_and_a_large_target() {
    let folder = folder();
    let wants =
        |free_min, free_comfortable| Checkout { room: Room { free_min, free_comfortable, target_max: 1000 }, ..checkout(&folder, &[]) };
    assert_eq!(command("disk", wants(u64::MAX, u64::MAX), Severity::Error, "are free on the disk"), "cargo clean");
    command("disk", wants(1, u64::MAX), Severity::Warning, "are free on the disk");
    fine("disk", wants(1, 2));
    let large = || checkout(&folder, &[("target/debug/old", &"x".repeat(2000))]);
    let mend = command("target", large(), Severity::Warning, "target has");
    run(folder.path(), &mend);
    fine("target", checkout(&folder, &[]));
}
