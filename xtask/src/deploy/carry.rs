//! Carries a plan out, and goes back where it fails.

use std::io::{IsTerminal, Write, stdout};
use std::process::ExitCode;
use std::time::Instant;

use anyhow::Result;
use owo_colors::AnsiColors;

use super::act::{World, WouldLose};
use super::facts::Facts;
use super::journal::{Event, Journal};
use super::plan::{self, Reached, Step};
use crate::output::{bold, coloured, plain};

/// How a list of steps ended.
enum Ended {
    Well,
    /// This step came to nothing.
    Failed(String),
    /// It would have lost what was written.
    Undecided(String),
}

/// Everything, from where the journal ends.
///
/// # Errors
///
/// When the journal cannot be written: nothing goes on without it.
pub(crate) fn out(facts: &Facts, mut journal: Journal) -> Result<ExitCode> {
    let world = World::new(facts);
    plain(&bold(&title(facts)));
    let failed = match journal.failed() {
        Some((step, reason)) => Some(format!("{step}: {reason}")),
        None => match steps(&world, &mut journal, &plan::forward(facts), None)? {
            Ended::Well => None,
            Ended::Failed(reason) | Ended::Undecided(reason) => Some(reason),
        },
    };
    let Some(reason) = failed else {
        journal.write(Event::Finished { outcome: "live".to_owned() })?;
        plain(&format!("\n{} {} runs{}", facts.name, facts.version, away(&journal)));
        return Ok(ExitCode::SUCCESS);
    };
    plain(&format!("\n{}\n    {reason}\n", coloured("it failed:", AnsiColors::Red)));
    back(facts, &world, journal, &reason)
}

fn back(facts: &Facts, world: &World<'_>, mut journal: Journal, reason: &str) -> Result<ExitCode> {
    let reached = Reached::of(|step| journal.has_begun(step));
    let undecided = journal.has_begun("stay-switch");
    let ended = if undecided {
        Ended::Undecided(String::new())
    } else {
        let plan = plan::back(facts, journal.learned(), reached);
        steps(world, &mut journal, &plan, Some(reason))?
    };
    let (outcome, said) = match ended {
        Ended::Well if (reached.closed || reached.switched) && !facts.is_first() => {
            ("rolled-back", format!("{} runs, as before{}", before(facts), away(&journal)))
        }
        Ended::Well => ("failed", "nothing was changed".to_owned()),
        Ended::Failed(second) => {
            let lines = [
                format!("and the way back failed, too: {second}"),
                format!("what was done stands in {}", journal.path().display()),
                "the lock stays, so that nobody deploys meanwhile; when all is well: cargo xtask deploy unlock".to_owned(),
            ];
            ("stuck", lines.join("\n"))
        }
        Ended::Undecided(lost) => match steps(world, &mut journal, &plan::stay(facts), Some(reason))? {
            Ended::Well => ("undecided", stays(facts, &lost)),
            Ended::Failed(second) | Ended::Undecided(second) => ("stuck", format!("and the new version does not start again: {second}")),
        },
    };
    journal.write(Event::Finished { outcome: outcome.to_owned() })?;
    plain(&format!("\n{said}"));
    Ok(ExitCode::FAILURE)
}

fn stays(facts: &Facts, lost: &str) -> String {
    format!(
        "{} {} goes on running, as it is: visitors came to it, and going back would lose what they wrote\n{lost}\n\
         mend it and deploy again; or lose that, with the database kept beside:\n    cargo xtask rollback --discard-writes",
        facts.name, facts.version
    )
}

fn before(facts: &Facts) -> String {
    facts.previous.as_ref().map_or_else(|| facts.name.clone(), |previous| format!("{} {}", facts.name, previous.version))
}

fn title(facts: &Facts) -> String {
    let kind = if facts.of.is_some() { "back to" } else { "deploy" };
    format!("== {kind} {} {} (deployment {}, {})", facts.name, facts.version, facts.number, facts.who)
}

fn away(journal: &Journal) -> String {
    let learned = journal.learned();
    let (Some(server), Some(readers)) = (learned.downtime_ms, learned.readers_away_ms) else { return String::new() };
    let seconds = |ms: u64| format!("{}.{:03} s", ms / 1000, ms % 1000);
    format!("; nobody could write for {}, and readers got no answer for {} of it", seconds(server), seconds(readers))
}

/// One step after the other; those that the journal has are not done again.
fn steps(world: &World<'_>, journal: &mut Journal, steps: &[Step], failed: Option<&str>) -> Result<Ended> {
    for step in steps {
        if let Some(note) = journal.ended(step.name) {
            plain(&row("done", AnsiColors::Green, 0.0, step.name, &format!("before; {note}")));
            // From a killed one nobody knows how long it was; what comes is measured.
            if step.name == "close" && journal.ended("smoke").is_none() {
                world.start_prober()?;
            }
            continue;
        }
        journal.write(Event::Begun { step: step.name.to_owned() })?;
        tell(&format!("     …     {:<14} {}", step.name, step.what));
        let (begin, mut learned) = (Instant::now(), journal.learned().clone());
        let done = world.act(step, &mut learned, failed);
        let seconds = begin.elapsed().as_secs_f64();
        match done {
            Ok(note) => {
                plain(&row("done", AnsiColors::Green, seconds, step.name, &note));
                journal.write(Event::Ended { step: step.name.to_owned(), seconds, note, learned })?;
            }
            Err(error) => {
                let reason = format!("{error:#}");
                plain(&row("FAILED", AnsiColors::Red, seconds, step.name, ""));
                journal.write(Event::Failed { step: step.name.to_owned(), seconds, reason: reason.clone() })?;
                let undecided = error.downcast_ref::<WouldLose>().is_some() && step.name == "back-data";
                return Ok(if undecided { Ended::Undecided(reason) } else { Ended::Failed(format!("{}: {reason}", step.name)) });
            }
        }
    }
    Ok(Ended::Well)
}

fn row(word: &str, colour: AnsiColors, seconds: f64, name: &str, note: &str) -> String {
    format!("{} {seconds:>7.1} s  {name:<14} {note}", coloured(&format!("{word:<7}"), colour)).trim_end().to_owned()
}

/// What is being done, until the line about how it went takes its place.
fn tell(line: &str) {
    if stdout().is_terminal() {
        let shown: String = line.chars().take(78).collect();
        let _ = write!(stdout(), "{shown}\r").and_then(|()| stdout().flush());
    }
}
