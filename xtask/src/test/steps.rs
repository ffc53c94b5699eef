//! Runs one step after the other, goes on after one that fails, and sums up at the end.

use std::process::{Command, ExitCode};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use owo_colors::AnsiColors;

use crate::output::{bold, coloured, plain};

/// How a step ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Outcome {
    Passed,
    Failed(String),
    /// What it needs cannot be had here, and why.
    Skipped(String),
}

/// Why a step cannot be done here, although nothing is wrong with the repository.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(crate) struct Skip(pub(crate) String);

#[derive(Debug)]
struct Done {
    name: &'static str,
    outcome: Outcome,
    took: Duration,
}

pub(crate) struct Steps {
    done: Vec<Done>,
    /// Whether what cannot be had must be had.
    strict: bool,
}

impl Steps {
    pub(crate) fn new(strict: bool) -> Self {
        Self { done: Vec::new(), strict }
    }

    /// Does a step; a [`Skip`] error skips it, every other one fails it. Tells whether it passed.
    pub(crate) fn step(&mut self, name: &'static str, work: impl FnOnce() -> Result<()>) -> bool {
        plain(&format!("\n{}", bold(&format!("== {name}"))));
        let begin = Instant::now();
        let outcome = judge(work(), self.strict);
        let done = Done { name, outcome, took: begin.elapsed() };
        plain(&row(&done));
        self.done.push(done);
        self.done.last().is_some_and(|done| done.outcome == Outcome::Passed)
    }

    /// Prints a table of all steps and the line that counts them.
    pub(crate) fn summary(&self) -> ExitCode {
        plain(&format!("\n{}", bold("== summary")));
        for done in &self.done {
            plain(&row(done));
        }
        let (counts, success) = counts(self.done.iter().map(|done| &done.outcome));
        plain(&format!("\n{counts}"));
        if success { ExitCode::SUCCESS } else { ExitCode::FAILURE }
    }
}

fn judge(result: Result<()>, strict: bool) -> Outcome {
    match result {
        Ok(()) => Outcome::Passed,
        Err(error) => match error.downcast_ref::<Skip>() {
            Some(Skip(reason)) if strict => Outcome::Failed(format!("may not be skipped in CI: {reason}")),
            Some(Skip(reason)) => Outcome::Skipped(reason.clone()),
            None => Outcome::Failed(format!("{error:#}")),
        },
    }
}

fn row(done: &Done) -> String {
    let (word, colour, reason) = match &done.outcome {
        Outcome::Passed => ("passed", AnsiColors::Green, ""),
        Outcome::Failed(reason) => ("FAILED", AnsiColors::Red, reason.as_str()),
        Outcome::Skipped(reason) => ("SKIPPED", AnsiColors::Yellow, reason.as_str()),
    };
    let word = coloured(&format!("{word:<7}"), colour);
    format!("{word} {:>7.1} s  {:<16} {reason}", done.took.as_secs_f32(), done.name).trim_end().to_owned()
}

/// The last line, and whether nothing failed.
fn counts<'a>(outcomes: impl Iterator<Item = &'a Outcome>) -> (String, bool) {
    let (mut passed, mut failed, mut skipped) = (0, 0, 0);
    for outcome in outcomes {
        match outcome {
            Outcome::Passed => passed += 1,
            Outcome::Failed(_) => failed += 1,
            Outcome::Skipped(_) => skipped += 1,
        }
    }
    let skipped = if skipped > 0 { format!(", {skipped} skipped") } else { String::new() };
    (format!("{passed} passed, {failed} failed{skipped}"), failed == 0)
}

/// Runs a program whose output is seen as it comes.
///
/// # Errors
///
/// When it cannot be started, or doesn't end well.
pub(crate) fn run(command: &mut Command) -> Result<()> {
    let line = shown(command);
    plain(&format!("$ {line}"));
    let status = command.status().with_context(|| format!("start {}", command.get_program().display()))?;
    if !status.success() {
        bail!("{line}: {status}");
    }
    Ok(())
}

fn shown(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    words.map(|word| word.to_string_lossy()).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use anyhow::anyhow;

    use super::{Outcome, Skip, counts, judge};

    #[test]
    fn a_skip_is_a_failure_where_everything_must_be_proven() {
        let skip = || Err(Skip("no browser".to_owned()).into());
        assert_eq!(judge(skip(), false), Outcome::Skipped("no browser".to_owned()));
        assert!(matches!(judge(skip(), true), Outcome::Failed(_)));
        assert_eq!(judge(Err(anyhow!("b").context("a")), false), Outcome::Failed("a: b".to_owned()));
    }

    #[test]
    fn the_last_line_counts() {
        let (failed, skipped) = (Outcome::Failed(String::new()), Outcome::Skipped(String::new()));
        assert_eq!(counts([Outcome::Passed, Outcome::Passed].iter()), ("2 passed, 0 failed".to_owned(), true));
        assert_eq!(counts([Outcome::Passed, failed, skipped].iter()), ("1 passed, 1 failed, 1 skipped".to_owned(), false));
    }
}
