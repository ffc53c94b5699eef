//! A mail server on this machine: aiosmtpd, a real one, which can be killed and started again.

use std::{
    fs,
    net::TcpStream,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use tempfile::TempDir;

use crate::{free_port, skip};

/// Where `cargo xtask test` has put it.
const VARIABLE: &str = "MAGNETIQ_TEST_SMTPD";
const PROGRAM: &str = "aiosmtpd";

/// A mail server that keeps what it takes. Addresses that begin with `gone` it refuses for good, with `later` for now; at `slow` it hangs.
#[derive(Debug)]
pub struct SmtpServer {
    folder: TempDir,
    port: u16,
    program: PathBuf,
    /// Such as where its certificate is.
    more: Vec<String>,
    child: Option<Child>,
}

impl SmtpServer {
    /// Starts it on a free port and waits until it answers; `None`, and a word about it, where it is not installed.
    pub fn start() -> Option<Self> {
        Self::start_with(&[])
    }

    /// The same with more arguments, as aiosmtpd takes them.
    pub fn start_with(more: &[&str]) -> Option<Self> {
        let Some(program) = find() else {
            skip("no aiosmtpd (PyPI) in PATH; cargo xtask test installs it");
            return None;
        };
        let port = free_port();
        let mut server = Self {
            folder: tempfile::tempdir().unwrap(),
            port,
            program,
            more: more.iter().map(|&word| word.to_owned()).collect(),
            child: None,
        };
        server.restart();
        Some(server)
    }

    /// Where it listens: `127.0.0.1:2525`.
    pub fn address(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    pub fn port(&self) -> u16 {
        self.port
    }

    /// What it has taken, headers and all, in the order in which it came.
    pub fn letters(&self) -> Vec<String> {
        let entries = fs::read_dir(self.folder.path()).unwrap().map(|entry| entry.unwrap().path());
        let mut files: Vec<_> = entries.filter(|path| path.extension().is_some_and(|extension| extension == "eml")).collect();
        files.sort();
        files.iter().map(|file| String::from_utf8_lossy(&fs::read(file).unwrap()).into_owned()).collect()
    }

    /// How often it put an address off that begins with `later`.
    pub fn put_off(&self) -> usize {
        let entries = fs::read_dir(self.folder.path()).unwrap().map(|entry| entry.unwrap().path());
        entries.filter(|path| path.extension().is_some_and(|extension| extension == "later")).count()
    }

    /// Kills it; what it took is kept.
    pub fn kill(&mut self) {
        if let Some(mut child) = self.child.take() {
            child.kill().unwrap();
            child.wait().unwrap();
        }
    }

    /// Starts it again on the same port.
    pub fn restart(&mut self) {
        self.kill();
        let listen = self.address();
        let handler = Path::new(env!("CARGO_MANIFEST_DIR")).join("smtp");
        let mut command = Command::new(&self.program);
        command.args(["--nosetuid", "--listen", &listen, "--class", "letters.Letters"]).args(&self.more).arg(self.folder.path());
        command.env("PYTHONPATH", handler).env("PYTHONDONTWRITEBYTECODE", "1").stdout(Stdio::null()).stderr(Stdio::null());
        self.child = Some(command.spawn().unwrap());
        let begin = Instant::now();
        while TcpStream::connect(&listen).is_err() {
            assert!(begin.elapsed() < Duration::from_secs(30), "the mail server does not answer after 30 s");
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

impl Drop for SmtpServer {
    fn drop(&mut self) {
        self.kill();
    }
}

/// As `cargo xtask test` says, or in PATH, or where it was installed by it before.
#[expect(clippy::disallowed_methods, reason = "a harness is told by its environment where its programs are")]
fn find() -> Option<PathBuf> {
    let named = std::env::var(VARIABLE).ok().map(PathBuf::from);
    let path = std::env::var("PATH").unwrap_or_default();
    let installed = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/tools/aiosmtpd/bin");
    let mut places = std::env::split_paths(&path).chain([installed]).map(|folder| folder.join(PROGRAM));
    named.or_else(|| places.find(|program| program.is_file()))
}
