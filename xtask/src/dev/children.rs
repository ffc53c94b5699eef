//! The programs that `dev` runs, each in a process group of its own, so that what it starts ends with it.

use std::io::{BufRead, BufReader, Read};
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::Sender;
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use rustix::process::{Pid, Signal, WaitOptions, kill_process_group, test_kill_process_group, waitpgid};

use super::session::Event;
use crate::output::Label;

/// How long a program may take to end before it is killed: Ctrl-C ends everything within five seconds.
pub(crate) const GRACE: Duration = Duration::from_secs(4);
/// How often a process group is asked whether it is gone: the system has no event for that.
const POLL: Duration = Duration::from_millis(5);

/// One run of a program.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Id(Pid);

/// How a run ended.
#[derive(Debug)]
pub(crate) struct Finished {
    pub(crate) status: ExitStatus,
    /// What it wrote to standard output, when that was collected.
    pub(crate) output: String,
}

/// What happens to the standard output of a program. Standard error is always shown.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Output {
    Show,
    Collect,
}

#[derive(Debug)]
pub(crate) struct Children {
    events: Sender<Event>,
    groups: Vec<Pid>,
}

impl Children {
    pub(crate) fn new(events: Sender<Event>) -> Self {
        adopt_orphans();
        Self { events, groups: Vec::new() }
    }

    /// Starts a program whose lines are shown with a label; its end is an event.
    ///
    /// # Errors
    ///
    /// When it cannot be started.
    pub(crate) fn start(&mut self, label: Label, output: Output, command: &mut Command) -> Result<Id> {
        self.start_with(label, output, None, command)
    }

    /// Like [`start`](Self::start), with something to read on standard input.
    ///
    /// # Errors
    ///
    /// When it cannot be started.
    pub(crate) fn start_with(&mut self, label: Label, output: Output, input: Option<&str>, command: &mut Command) -> Result<Id> {
        command.process_group(0).stdout(Stdio::piped()).stderr(Stdio::piped());
        command.stdin(if input.is_some() { Stdio::piped() } else { Stdio::null() });
        let mut child = command.spawn().with_context(|| format!("start {}", command.get_program().display()))?;
        let group = Pid::from_child(&child);
        self.groups.push(group);
        if let (Some(mut pipe), Some(input)) = (child.stdin.take(), input) {
            // A program that does not read its input says itself what was wrong.
            let _ = std::io::Write::write_all(&mut pipe, input.as_bytes());
        }
        let events = self.events.clone();
        thread::spawn(move || wait(child, Id(group), label, output, &events));
        Ok(Id(group))
    }

    /// Asks a program and all it started to end.
    pub(crate) fn terminate(Id(group): Id) {
        // It may be gone already.
        let _ = kill_process_group(group, Signal::TERM);
    }

    /// Ends a program and all it started without asking.
    pub(crate) fn kill(Id(group): Id) {
        let _ = kill_process_group(group, Signal::KILL);
    }

    /// Ends all programs and waits until no process of theirs is left: first asked, then, after [`GRACE`], killed.
    pub(crate) fn end_all(&mut self) {
        if self.all_gone() {
            return;
        }
        for group in &self.groups {
            let _ = kill_process_group(*group, Signal::TERM);
        }
        if !self.all_gone_by(Instant::now() + GRACE) {
            for group in &self.groups {
                let _ = kill_process_group(*group, Signal::KILL);
            }
            self.all_gone_by(Instant::now() + GRACE / 4);
        }
    }

    fn all_gone_by(&mut self, deadline: Instant) -> bool {
        while !self.all_gone() && Instant::now() < deadline {
            thread::sleep(POLL);
        }
        self.all_gone()
    }

    /// Whether no process is left of all that were started.
    pub(crate) fn all_gone(&mut self) -> bool {
        self.groups.retain(|group| is_alive(*group));
        self.groups.is_empty()
    }
}

/// Makes the processes that lose their parent ours: in a container, the first process may never bury them, and what is not buried looks
/// alive. Elsewhere than on Linux the first process is trusted to.
fn adopt_orphans() {
    #[cfg(target_os = "linux")]
    // Without it the end may take as long as the grace.
    let _ = rustix::process::set_child_subreaper(Some(rustix::process::getpid()));
}

fn is_alive(group: Pid) -> bool {
    while let Ok(Some(_)) = waitpgid(group, WaitOptions::NOHANG) {}
    test_kill_process_group(group).is_ok()
}

fn wait(mut child: Child, id: Id, label: Label, output: Output, events: &Sender<Event>) {
    let mut shown = Vec::from_iter(child.stderr.take().map(|pipe| show(pipe, label)));
    let mut collected = Vec::new();
    match (child.stdout.take(), output) {
        (Some(pipe), Output::Show) => shown.push(show(pipe, label)),
        // What was cut off is judged by the exit status.
        (Some(mut pipe), Output::Collect) => drop(pipe.read_to_end(&mut collected)),
        (None, _) => {}
    }
    // The end of everything may bury the program first; then nobody asks how it ended.
    let Ok(status) = child.wait() else { return };
    // Its last words come before the news of its end.
    for lines in shown {
        let _ = lines.join();
    }
    let output = String::from_utf8_lossy(&collected).into_owned();
    // Nobody listens any more when everything ends.
    let _ = events.send(Event::Ended(id, Finished { status, output }));
}

fn show(pipe: impl Read + Send + 'static, label: Label) -> JoinHandle<()> {
    thread::spawn(move || {
        let mut lines = BufReader::new(pipe);
        let mut line = Vec::new();
        while lines.read_until(b'\n', &mut line).is_ok_and(|length| length > 0) {
            let text = String::from_utf8_lossy(&line);
            if !text.trim().is_empty() {
                label.say(text.trim_end());
            }
            line.clear();
        }
    })
}
