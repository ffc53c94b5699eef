//! The restore drill: a real server starts on the restored data, and answers.

use std::io::{BufRead, BufReader};
use std::net::Ipv4Addr;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStderr, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

use anyhow::{Context, anyhow, bail};
use magnetiq_backup::{Backups, Clock, Depth, Entry, Outcome, Progress, Proof};
use magnetiq_config::Settings;
use serde_json::Value;

use crate::restore;

/// How long the server may take to be ready: it may have to migrate, or to take up an old log.
const START_LIMIT: Duration = Duration::from_secs(60);
const ANSWER_LIMIT: Duration = Duration::from_secs(10);
const BETWEEN_LOOKS: Duration = Duration::from_millis(200);

/// Runs the program `$0`, and kills it when standard input ends: with the process at its other end, however that ended. Of the standard error
/// nothing is kept open, so that its end is that of the program; whose exit code is that of the shell.
const UNTIL_WE_END: &str = r#"exec 3>&2 2>/dev/null
"$0" "$@" 2>&3 3>&- &
program=$!
exec 3>&-
read -r _
kill -9 $program
wait $program"#;
const SHELL: &str = "/bin/sh";

/// Restores a backup to scratch, starts a server on it, asks for `/readyz` and a page, and records the result.
///
/// # Errors
///
/// Where the result could not be recorded.
pub(crate) fn run(settings: &Settings, backups: &Backups, entry: &Entry, report: &mut dyn FnMut(Progress)) -> anyhow::Result<Proof> {
    let (at, started) = (Clock::system().now(), Instant::now());
    let (outcome, problem) = match held(settings, backups, entry, report) {
        Ok(()) => (Outcome::Proven, None),
        Err(Ended::Inconclusive(error)) => (Outcome::Inconclusive, Some(format!("{error:#}"))),
        Err(Ended::Failed(error)) => (Outcome::Failed, Some(format!("{error:#}"))),
    };
    let milliseconds = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
    let proof = Proof::new(at, Depth::Drill, outcome, problem, milliseconds, env!("CARGO_PKG_VERSION"));
    // A file elsewhere has no record of ours, though one of the same id may lie here.
    if entry.path.parent() == Some(&backups.options().folder) {
        backups.record_proof(&entry.id, proof.clone())?;
    }
    Ok(proof)
}

enum Ended {
    /// It says nothing about the backup: no room, no server to start.
    Inconclusive(anyhow::Error),
    Failed(anyhow::Error),
}

fn held(settings: &Settings, backups: &Backups, entry: &Entry, report: &mut dyn FnMut(Progress)) -> Result<(), Ended> {
    let program = program(settings).map_err(Ended::Inconclusive)?;
    let scratch = backups.scratch().map_err(|error| Ended::Inconclusive(error.into()))?;
    let mut last = None;
    let mut restoring = |progress| {
        last = Some(progress);
        report(progress);
    };
    let site = restore::to_scratch(backups, entry, &scratch.path().join("site"), &mut restoring).map_err(Ended::Inconclusive)?;
    // Whoever is told may want to stop, and a server may take its time.
    let mut alive = || last.into_iter().for_each(&mut *report);
    // The site's key is not known here, nor is it wanted: what only that key opens is forgotten, in this copy.
    let mut opened =
        Program::start(&program, &["secrets", "rotate", "--discard-unreadable"], scratch.path(), &site).map_err(Ended::Inconclusive)?;
    opened.finish(&mut alive).map_err(|error| Ended::Failed(error.context(opened.last_words())))?;
    let mut server = Program::start(&program, &["serve"], scratch.path(), &site).map_err(Ended::Inconclusive)?;
    let answered = server.address(&mut alive).and_then(|address| ask(&address, &mut alive));
    answered.map_err(|error| Ended::Failed(error.context(server.last_words())))
}

/// What a restored folder has.
pub(crate) struct Site {
    pub(crate) database: PathBuf,
    pub(crate) media: PathBuf,
}

pub(crate) fn program(settings: &Settings) -> anyhow::Result<PathBuf> {
    if let Some(program) = &settings.backup.drill_program {
        return Ok(program.clone());
    }
    let own = std::env::current_exe().context("failed to find the folder of this program")?;
    let beside = own.with_file_name("api-server");
    if !beside.exists() {
        bail!("there is no {} to start: name the server in backup.drill_program", beside.display());
    }
    Ok(beside)
}

/// The program of the server, at work on the restored data; killed when it is dropped.
struct Program {
    child: Child,
    lines: Receiver<String>,
    said: Vec<String>,
}

impl Program {
    /// With nothing of this process's environment: neither the live data nor its secrets are within reach. What the environment gives counts
    /// more than what administrators set, which came back with the data: nothing is sent to anybody.
    fn start(program: &Path, arguments: &[&str], folder: &Path, site: &Site) -> anyhow::Result<Self> {
        let program = std::path::absolute(program)?;
        let mut command = if Path::new(SHELL).exists() {
            let mut shell = Command::new(SHELL);
            shell.args(["-c", UNTIL_WE_END]).arg(&program).stdin(Stdio::piped());
            shell
        } else {
            let mut alone = Command::new(&program);
            alone.stdin(Stdio::null());
            alone
        };
        command.args(arguments);
        command.current_dir(folder).env_clear().stdout(Stdio::null()).stderr(Stdio::piped());
        for (name, value) in [
            ("MAGNETIQ__PROFILE", "development".as_ref()),
            ("MAGNETIQ__DATABASE__PATH", site.database.as_os_str()),
            ("MAGNETIQ__MEDIA__FOLDER", site.media.as_os_str()),
            ("MAGNETIQ__MAIL__FOLDER", "".as_ref()),
            ("MAGNETIQ__MAIL__SMTP_HOST", "".as_ref()),
            ("MAGNETIQ__SOCIAL__MASTODON__URL", "".as_ref()),
            ("MAGNETIQ__SOCIAL__LINKEDIN__URL", "".as_ref()),
            ("MAGNETIQ__SOCIAL__X__URL", "".as_ref()),
            ("MAGNETIQ__SERVER__HOST", "127.0.0.1".as_ref()),
            ("MAGNETIQ__SERVER__PORT", "0".as_ref()),
            ("MAGNETIQ__LOG__FORMAT", "json".as_ref()),
        ] {
            command.env(name, value);
        }
        let mut child = command.spawn().with_context(|| format!("failed to start {}", program.display()))?;
        let errors = child.stderr.take().context("the program has no standard error")?;
        let lines = read(errors)?;
        Ok(Self { child, lines, said: Vec::new() })
    }

    /// Waits for its end, which is to be a good one.
    fn finish(&mut self, alive: &mut dyn FnMut()) -> anyhow::Result<()> {
        let until = Instant::now() + START_LIMIT;
        loop {
            alive();
            match self.lines.recv_timeout(BETWEEN_LOOKS) {
                Ok(line) => self.said.push(line),
                Err(RecvTimeoutError::Timeout) if Instant::now() < until => {}
                Err(RecvTimeoutError::Timeout) => bail!("the restored database was not made ready in time"),
                Err(RecvTimeoutError::Disconnected) => break,
            }
        }
        drop(self.child.stdin.take());
        let status = self.child.wait()?;
        if status.success() { Ok(()) } else { Err(anyhow!("the restored database could not be made ready: {status}")) }
    }

    /// Where it listens, once it says so.
    fn address(&mut self, alive: &mut dyn FnMut()) -> anyhow::Result<String> {
        let until = Instant::now() + START_LIMIT;
        loop {
            alive();
            let line = match self.lines.recv_timeout(BETWEEN_LOOKS) {
                Ok(line) => line,
                Err(RecvTimeoutError::Timeout) if Instant::now() < until => continue,
                Err(_) => bail!("the server ended, or did not listen in time"),
            };
            let entry: Value = serde_json::from_str(&line).unwrap_or_default();
            if entry["message"] == "listening"
                && let Some(address) = entry["address"].as_str()
            {
                return Ok(address.to_owned());
            }
            self.said.push(line);
        }
    }

    /// What it said last, for the record.
    fn last_words(&mut self) -> String {
        self.said.extend(self.lines.try_iter());
        let last: Vec<&str> = self.said.iter().rev().take(3).rev().map(String::as_str).collect();
        if last.is_empty() { "the server said nothing".to_owned() } else { format!("the server said {}", last.join(" / ")) }
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // Its data is scratch: there is nothing to finish.
        if self.child.stdin.take().is_none() {
            let _ = self.child.kill();
        }
        let _ = self.child.wait();
    }
}

/// A thread reads on, as a server whose log nobody reads would stop at a full pipe.
fn read(errors: ChildStderr) -> anyhow::Result<Receiver<String>> {
    let (sender, lines) = channel();
    let read = move || {
        for line in BufReader::new(errors).lines().map_while(Result::ok) {
            // Nobody listens any more; the pipe is emptied all the same.
            let _ = sender.send(line);
        }
    };
    std::thread::Builder::new().name("drill".to_owned()).spawn(read)?;
    Ok(lines)
}

/// `/readyz` says that database and writer work; the list of pages, that content is read.
fn ask(address: &str, alive: &mut dyn FnMut()) -> anyhow::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let client = reqwest::Client::builder().timeout(ANSWER_LIMIT).no_proxy().local_address(Some(Ipv4Addr::LOCALHOST.into())).build()?;
        let until = Instant::now() + START_LIMIT;
        for path in ["/readyz", "/api/v1/pages"] {
            loop {
                alive();
                let url = format!("http://{address}{path}");
                let answer = client.get(&url).send().await.and_then(reqwest::Response::error_for_status);
                match answer {
                    Ok(_) => break,
                    Err(error) if Instant::now() >= until => {
                        return Err(error).with_context(|| format!("the server does not answer {path}"));
                    }
                    Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
                }
            }
        }
        Ok(())
    })
}
