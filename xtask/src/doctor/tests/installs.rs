//! Programs that are missing or too old: those that install things are played here, and put into PATH what they were asked for.

use magnetiq_doctor::Severity;
use rustix::process::geteuid;
use tempfile::TempDir;

use super::*;

/// PATH has only what was put into the checkout.
fn alone(folder: &TempDir) -> Checkout {
    let mut alone = checkout(folder, &[]);
    alone.environment.insert("PATH".to_owned(), folder.path().join("bin").display().to_string());
    alone
}

/// The command of the finding calls `installer` with these words, and then the programs are there.
#[track_caller]
fn installed(folder: &TempDir, check: &str, severity: Severity, says: &str, installer: (&str, &str), programs: &[(&str, &str)]) {
    let mend = command(check, alone(folder), severity, says);
    for (name, script) in programs {
        fake(folder, &format!("given-{name}"), script);
    }
    let given: String = programs.iter().map(|(name, _)| format!("cp bin/given-{name} bin/{name}; ")).collect();
    let (name, words) = installer;
    // What curl brings is a script for a shell.
    let gives = if name == "curl" { format!("echo '{given}'") } else { given };
    fake(folder, name, &format!("[ \"$*\" = '{words}' ] || exit 1\n{gives}"));
    run(folder.path(), &mend);
    fine(check, alone(folder));
}

/// A checkout in which everybody may do it with `sudo`, and root only without.
fn folder_with_sudo() -> TempDir {
    let folder = folder();
    fake(&folder, "sudo", if geteuid().is_root() { "exit 1" } else { "exec \"$@\"" });
    folder
}

#[test]
fn compilers_that_are_missing_or_too_old() {
    let folder = folder_with_sudo();
    let rustup = ("curl", "--proto =https --tlsv1.2 -sSf https://sh.rustup.rs");
    installed(&folder, "rust", Severity::Error, "there is no rustc in PATH", rustup, &[("rustc", "echo rustc 1.80.0")]);
    checkout(&folder, &[("Cargo.toml", "rust-version = \"9.99\"\n"), ("rust-toolchain.toml", "channel = \"9.99.1\"\n")]);
    let toolchain = ("rustup", "toolchain install 9.99.1");
    installed(
        &folder,
        "rust",
        Severity::Error,
        "rustc is 1.80.0, and the workspace needs 9.99.0",
        toolchain,
        &[("rustc", "echo rustc 9.99.1")],
    );
    let essential = ("apt-get", "install build-essential");
    installed(&folder, "c-compiler", Severity::Error, "there is no C compiler", essential, &[("cc", ""), ("make", "")]);
    fs::remove_file(folder.path().join("bin/make")).expect("it was installed");
    installed(&folder, "c-compiler", Severity::Error, "there is no make", essential, &[("make", "")]);
}

#[test]
fn a_node_that_is_missing_or_comes_without_npm() {
    for (there, says) in [(&[][..], "there is no node in PATH"), (&[("node", "echo v22.1.0")][..], "node is there, and npm is not")] {
        let folder = folder_with_sudo();
        for (name, script) in there {
            fake(&folder, name, script);
        }
        // Only with the source that the first half adds is the package new enough.
        fake(&folder, "curl", "[ \"$*\" = '-fsSL https://deb.nodesource.com/setup_22.x' ] && echo '[ \"$0\" = bash ] && touch source'");
        let mend = command("node", alone(&folder), Severity::Error, says);
        fake(&folder, "given-node", "echo v22.1.0");
        fake(
            &folder,
            "apt-get",
            "[ \"$*\" = 'install -y nodejs' ] && [ -e source ] && cp bin/given-node bin/node && cp bin/given-node bin/npm",
        );
        run(folder.path(), &mend);
        fine("node", alone(&folder));
    }
}

#[test]
fn tools_of_tests_that_are_missing() {
    let folder = folder_with_sudo();
    let nextest = ("cargo", "install --locked cargo-nextest");
    installed(&folder, "nextest", Severity::Warning, "there is no cargo-nextest", nextest, &[("cargo-nextest", "")]);
    let deny = ("cargo", "install --locked cargo-deny");
    installed(&folder, "cargo-deny", Severity::Warning, "there is no cargo-deny", deny, &[("cargo-deny", "")]);
    let python = ("apt-get", "install python3-venv python3-pip");
    installed(&folder, "python", Severity::Warning, "there is no python3", python, &[("python3", "echo Python 3.11.2")]);
    let chromium = ("apt-get", "install chromium");
    installed(&folder, "browser", Severity::Warning, "there is no Chromium", chromium, &[("chromium", "")]);
}

#[test]
fn an_engine_that_is_missing_or_does_not_answer() {
    let folder = folder_with_sudo();
    let docker = ("curl", "-fsSL https://get.docker.com");
    installed(&folder, "engine", Severity::Warning, "neither docker nor podman is in PATH", docker, &[("docker", "echo 28.2.2")]);
    fake(&folder, "docker", &format!("[ -e {}/started ] && echo 28.2.2", folder.path().display()));
    fake(&folder, "systemctl", "[ \"$*\" = 'start docker' ] && touch started");
    let mend = command("engine", alone(&folder), Severity::Warning, "docker is there, and its engine does not answer");
    run(folder.path(), &mend);
    fine("engine", alone(&folder));
    fs::remove_file(folder.path().join("bin/docker")).expect("it was installed");
    fake(&folder, "podman", "echo no subuid ranges found >&2; exit 125");
    let mend = command("engine", alone(&folder), Severity::Warning, "podman is there, and does not answer");
    assert!(output(folder.path(), &mend).contains("no subuid ranges found"), "it says why");
    fake(&folder, "podman", "echo 4.3.1");
    fine("engine", alone(&folder));
}

/// Each system has its own words; where they are not known nothing is run that can not be.
#[test]
fn what_is_missing_is_installed_as_the_system_does() {
    let folder = folder_with_sudo();
    let missing = |system| command("c-compiler", Checkout { system, ..alone(&folder) }, Severity::Error, "there is no C compiler");
    assert!(missing(System::Fedora).ends_with("dnf install gcc make"));
    assert_eq!(missing(System::Mac), "xcode-select --install");
    assert_eq!(missing(System::Other), "");
}

/// The journeys take the one that is named, and look for no other.
#[test]
fn a_browser_may_be_named() {
    let folder = folder();
    fake(&folder, "chromium", "");
    let named = |path: PathBuf| {
        let mut named = alone(&folder);
        named.environment.insert(BROWSER.to_owned(), path.display().to_string());
        named
    };
    let here = folder.path().join("chrome");
    let says = format!("{BROWSER} names {}, which is not there", here.display());
    assert_eq!(command("browser", named(here.clone()), Severity::Warning, &says), format!("unset {BROWSER}"));
    fine("browser", alone(&folder));
    fs::write(&here, "").expect("a browser");
    fine("browser", named(here));
}
