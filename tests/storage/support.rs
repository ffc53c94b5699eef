//! What the tests share: victims, seeds, and tests that cannot be done here.

use std::{
    io::{BufRead, BufReader},
    path::Path,
    process::{Child, Command, Stdio},
    sync::mpsc::{Receiver, channel},
    thread::JoinHandle,
    time::Duration,
};

use magnetiq_storage::{Options, Store};
use magnetiq_tests::ledger::{self, Acknowledged};

pub(crate) use crate::proof::{preload, seed, skip};

pub(crate) fn victim(role: &str, path: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_storage-victim"));
    command.arg(role).arg(path);
    command
}

/// A victim that runs, and what it says.
pub(crate) struct Running {
    child: Child,
    lines: JoinHandle<Vec<String>>,
    spoke: Receiver<()>,
}

impl Running {
    pub(crate) fn start(mut command: Command) -> Self {
        let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn().unwrap();
        let mut output = BufReader::new(child.stdout.take().unwrap());
        let (speaks, spoke) = channel();
        let lines = std::thread::spawn(move || {
            let mut lines = Vec::new();
            let mut line = String::new();
            // The kill may cut the last line, which then was not said.
            while output.read_line(&mut line).unwrap() > 0 && line.ends_with('\n') {
                lines.push(line.trim_end().to_owned());
                line.clear();
                let _ = speaks.send(());
            }
            lines
        });
        Self { child, lines, spoke }
    }

    /// Starts it, and waits until it says that it is ready (or has ended).
    pub(crate) fn start_ready(command: Command) -> Self {
        let running = Self::start(command);
        let _ = running.spoke.recv();
        running
    }

    /// SIGKILL; what it had said.
    pub(crate) fn kill_after(mut self, time: Duration) -> Vec<String> {
        std::thread::sleep(time);
        if let Some(status) = self.child.try_wait().unwrap() {
            assert!(status.success(), "the victim ended by itself: {status}");
        }
        self.child.kill().unwrap();
        self.child.wait().unwrap();
        self.lines.join().unwrap()
    }

    /// Lets it come to its end.
    pub(crate) fn end(mut self) -> Vec<String> {
        let lines = self.lines.join().unwrap();
        let status = self.child.wait().unwrap();
        assert!(status.success(), "the victim: {status}\n{}", lines.join("\n"));
        lines
    }
}

/// The lines `kept WRITER N ID`.
pub(crate) fn kept(lines: &[String]) -> Acknowledged {
    let words = lines.iter().filter_map(|line| line.strip_prefix("kept "));
    words
        .map(|words| {
            let [writer, n, id] = words.split(' ').map(|word| word.parse::<u64>().unwrap()).collect::<Vec<_>>()[..] else {
                panic!("{words}")
            };
            ((writer, n), id.cast_signed())
        })
        .collect()
}

/// Opens the store as the next start of a program does, and looks at everything.
#[track_caller]
pub(crate) fn check_ledger(path: &Path, acknowledged: &Acknowledged, about: &str) {
    let store = Store::open(path, Options::default()).unwrap_or_else(|error| panic!("{about}: {error:?}"));
    // A program that was killed before its first commit has no tables.
    ledger::create(&store).unwrap();
    let expected = acknowledged.clone();
    let problems = store.read(move |conn| Ok(ledger::problems(conn, &expected)?)).wait().unwrap();
    assert!(problems.is_empty(), "{about}: {problems:#?}");
    store.close().unwrap();
}
