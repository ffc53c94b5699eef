//! Whether the other side is still there. A connection may die without a word, and a command that waits for an answer on it waits for ever:
//! whoever it goes to is asked meanwhile, by a connection of its own.

use std::process::{Child, Output, Stdio};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use rustix::process::{Pid, Signal, kill_process};

use super::line::Line;

const BETWEEN_LOOKS: Duration = Duration::from_millis(50);

/// How often the other side is asked, and how long it may take to answer.
pub(super) struct Patience {
    pub(super) between: Duration,
    pub(super) limit: Duration,
}

/// A machine with much to do, far away, answers in that time all the same.
pub(super) const PATIENCE: Patience = Patience { between: Duration::from_secs(60), limit: Duration::from_secs(20) };

/// Nobody knows what became of it there.
#[derive(Debug, thiserror::Error)]
#[error("the other side does not answer any more, so nobody waits for it: {0}")]
pub(crate) struct Silent(String);

/// Waits for a command that was started as `line` says, as long as `ask` is answered: twice in a row it may not be.
///
/// # Errors
///
/// When it cannot be waited for, or [`Silent`].
pub(super) fn wait(child: Child, line: &Line, ask: &Line, patience: &Patience) -> Result<Output> {
    let pid = Pid::from_child(&child);
    let (send, ended) = mpsc::channel();
    let thread = std::thread::Builder::new().name("command".to_owned());
    thread.spawn(move || send.send(child.wait_with_output())).context("start a thread that waits for a command")?;
    let mut is_silent = false;
    loop {
        match ended.recv_timeout(patience.between) {
            Ok(output) => return output.with_context(|| format!("wait for {line}")),
            Err(RecvTimeoutError::Timeout) if answers(ask, patience.limit) => is_silent = false,
            Err(RecvTimeoutError::Timeout) if !is_silent => is_silent = true,
            Err(_) => break,
        }
    }
    // It passes that on to what it has started. Where it has ended just now there is nothing to be told.
    let _ = kill_process(pid, Signal::TERM);
    if ended.recv_timeout(patience.limit).is_err() {
        let _ = kill_process(pid, Signal::KILL);
    }
    Err(Silent(line.to_string()).into())
}

/// Whether a question is answered well, and in time.
pub(super) fn answers(ask: &Line, limit: Duration) -> bool {
    let begin = Instant::now();
    let Ok(mut child) = ask.command().stdout(Stdio::null()).stderr(Stdio::null()).spawn() else { return false };
    while begin.elapsed() < limit {
        match child.try_wait() {
            Ok(Some(status)) => return status.success(),
            Ok(None) => std::thread::sleep(BETWEEN_LOOKS),
            Err(_) => break,
        }
    }
    let _ = child.kill().and_then(|()| child.wait());
    false
}

#[cfg(test)]
mod tests {
    use std::process::Stdio;
    use std::time::Duration;

    use super::{Patience, Silent, answers, wait};
    use crate::deploy::line::Line;

    /// Longer than anything takes that answers at all.
    const LONG: Duration = Duration::from_secs(30);
    const SHORT: Duration = Duration::from_millis(200);

    fn waited(script: &str, ask: &str, limit: Duration) -> anyhow::Result<String> {
        let line = Line::new(["sh", "-c", script]);
        let child = line.command().stdout(Stdio::piped()).spawn().expect("a shell");
        let patience = Patience { between: Duration::from_millis(20), limit };
        let output = wait(child, &line, &Line::new(["sh", "-c", ask]), &patience)?;
        Ok(String::from_utf8(output.stdout).expect("text"))
    }

    #[test]
    fn who_answers_is_waited_for() {
        let folder = tempfile::tempdir().expect("a folder");
        let asked = folder.path().join("asked").display().to_string();
        // Asked more than once, and each other time without an answer.
        let script = format!("until [ \"$(wc -l < {asked})\" -gt 3 ]; do sleep 0.05; done 2> /dev/null; echo done");
        let ask = format!("echo >> {asked}; [ $(( $(wc -l < {asked}) % 2 )) = 0 ]");
        assert_eq!(waited(&script, &ask, LONG).expect("it is still there"), "done\n");
    }

    #[test]
    fn who_does_not_answer_is_given_up() {
        let folder = tempfile::tempdir().expect("a folder");
        let ended = folder.path().join("ended");
        let tells = format!("trap 'kill $!; touch {}; exit' TERM; sleep 60 & wait", ended.display());
        for (script, ask, limit, is_told) in [
            (tells.as_str(), "false", LONG, true),
            ("exec sleep 60", "false", LONG, false),
            ("exec sleep 60", "exec sleep 60", SHORT, false),
        ] {
            let error = waited(script, ask, limit).expect_err("nobody is there");
            assert!(error.downcast_ref::<Silent>().is_some_and(|silent| silent.to_string().contains("sleep 60")), "{error:#}");
            assert_eq!(std::fs::remove_file(&ended).is_ok(), is_told, "it may tell others that it ends");
        }
    }

    #[test]
    fn an_answer_comes_well_and_in_time() {
        for (ask, limit, expected) in [("true", LONG, true), ("exit 1", LONG, false), ("exec sleep 60", SHORT, false)] {
            assert_eq!(answers(&Line::new(["sh", "-c", ask]), limit), expected, "{ask}");
        }
        assert!(!answers(&Line::new(["/nowhere/at/all"]), LONG));
    }
}
