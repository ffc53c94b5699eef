//! Running `api-server` in a folder of its own.

use std::{
    io::Write,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::OnceLock,
};

use tempfile::TempDir;

/// What Cargo and nextest tell a test about its package. Build scripts (of ring, for one) that look at the same variables would run again, and
/// everything that is built on them.
const OF_THE_TEST: [&str; 7] = [
    "CARGO_MANIFEST_DIR",
    "CARGO_PKG_NAME",
    "CARGO_PKG_VERSION_MAJOR",
    "CARGO_PKG_VERSION_MINOR",
    "CARGO_PKG_VERSION_PATCH",
    "CARGO_PKG_VERSION_PRE",
    "CARGO_MANIFEST_LINKS",
];

/// Cargo, as it is outside of tests.
pub fn cargo() -> Command {
    let mut cargo = Command::new(env!("CARGO"));
    for name in OF_THE_TEST {
        cargo.env_remove(name);
    }
    cargo
}

/// Set by `cargo xtask test`, which builds all programs before any test: a thousand tests need not ask Cargo for them.
const BUILT: &str = "MAGNETIQ_TEST_PROGRAMS_BUILT";

/// A program of the workspace, built from the sources as they are, with the features of the whole: what its tests were built with is not built
/// again.
pub fn program(package: &str) -> PathBuf {
    if std::env::var_os(BUILT).is_none() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
        let built = cargo().current_dir(root).args(["build", "--quiet", "--workspace", "--bin", package]).status().unwrap();
        assert!(built.success(), "{package} does not build");
    }
    // this test is target/debug/deps/…
    std::env::current_exe().unwrap().parent().unwrap().parent().unwrap().join(package)
}

/// `api-server`, built once for each test program.
pub fn api_server() -> &'static Path {
    static PROGRAM: OnceLock<PathBuf> = OnceLock::new();
    PROGRAM.get_or_init(|| program("api-server"))
}

/// `backupd`, built once for each test program; `api-server` is beside it, for its restore drills.
pub fn backupd() -> &'static Path {
    static PROGRAM: OnceLock<PathBuf> = OnceLock::new();
    PROGRAM.get_or_init(|| {
        api_server();
        program("backupd")
    })
}

/// `healthd`, built once for each test program.
pub fn healthd() -> &'static Path {
    static PROGRAM: OnceLock<PathBuf> = OnceLock::new();
    PROGRAM.get_or_init(|| program("healthd"))
}

/// A folder that the program runs in: its settings file, its data.
#[derive(Debug)]
pub struct Folder(TempDir);

impl Folder {
    /// With settings for development, their data below this folder and the port left to the system.
    pub fn new() -> Self {
        let folder = Folder(tempfile::tempdir().unwrap());
        folder.settings("profile = \"development\"\n[server]\nport = 0\n[log]\nformat = \"json\"\n");
        folder
    }

    pub fn settings(&self, toml: &str) {
        std::fs::write(self.path("magnetiq.toml"), toml).unwrap();
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    pub fn database(&self) -> PathBuf {
        self.path("data/magnetiq.sqlite3")
    }

    /// The program with nothing of this process's environment.
    pub fn command(&self, arguments: &[&str]) -> Command {
        self.command_of(api_server(), arguments)
    }

    /// Another program, in the same way.
    pub fn command_of(&self, program: &Path, arguments: &[&str]) -> Command {
        let mut command = Command::new(program);
        command.current_dir(self.0.path()).env_clear().args(arguments);
        command
    }

    /// Runs the program to its end.
    pub fn run(&self, arguments: &[&str], input: &str) -> Ended {
        Self::run_to_end(self.command(arguments), input)
    }

    /// Runs `backupd` to its end.
    pub fn run_backupd(&self, arguments: &[&str]) -> Ended {
        Self::run_to_end(self.command_of(backupd(), arguments), "")
    }

    /// Runs `healthd` to its end.
    pub fn run_healthd(&self, arguments: &[&str]) -> Ended {
        Self::run_to_end(self.command_of(healthd(), arguments), "")
    }

    fn run_to_end(mut command: Command, input: &str) -> Ended {
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        // A program that refuses to start reads nothing.
        let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
        let output = child.wait_with_output().unwrap();
        Ended {
            code: output.status.code(),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }
}

impl Default for Folder {
    fn default() -> Self {
        Self::new()
    }
}

/// What a program left.
#[derive(Debug)]
pub struct Ended {
    pub code: Option<i32>,
    pub stdout: String,
    pub stderr: String,
}

impl Ended {
    /// It failed with code 1, and what it said has each of these in it.
    #[track_caller]
    pub fn check_refused(&self, parts: &[&str]) {
        assert_eq!(self.code, Some(1), "{self:?}");
        for part in parts {
            assert!(self.stderr.contains(part), "{part:?} is not in:\n{}", self.stderr);
        }
    }

    #[track_caller]
    pub fn check_done(&self) -> &str {
        assert_eq!(self.code, Some(0), "{self:?}");
        &self.stdout
    }
}
