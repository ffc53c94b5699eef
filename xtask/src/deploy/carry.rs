//! Carries a plan out, and goes back where it fails.

use std::io::{IsTerminal, Write, stdout};
use std::process::ExitCode;
use std::time::Instant;

use anyhow::{Context, Result};
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
    /// The target went away in the middle of a step, and nothing can be done there, neither forward nor back.
    CutOff(String),
}

/// Everything, from where the journal ends.
///
/// # Errors
///
/// When the journal cannot be written: nothing goes on without it.
pub(crate) fn out(facts: &Facts, mut journal: Journal) -> Result<ExitCode> {
    let world = World::new(facts);
    plain(&bold(&title(facts)));
    if journal.ended("lock").is_some() {
        world.forget_left_over()?;
    }
    let failed = match journal.failed() {
        Some((step, reason)) => Some(format!("{step}: {reason}")),
        None => match steps(&world, &mut journal, &plan::forward(facts), None)? {
            Ended::Well => None,
            Ended::Failed(reason) | Ended::Undecided(reason) => Some(reason),
            Ended::CutOff(reason) => return Ok(cut_off(&reason)),
        },
    };
    let Some(reason) = failed else {
        finish(facts, &mut journal, "live")?;
        plain(&format!("\n{} {} runs{}", facts.name, facts.version, away(&journal)));
        return Ok(ExitCode::SUCCESS);
    };
    plain(&format!("\n{}\n    {reason}\n", coloured("it failed:", AnsiColors::Red)));
    back(facts, &world, journal, &reason)
}

fn back(facts: &Facts, world: &World<'_>, mut journal: Journal, reason: &str) -> Result<ExitCode> {
    let reached = Reached::of(|step| journal.has_begun(step), |step| journal.ended(step).is_some());
    let undecided = journal.has_begun("stay-switch");
    let ended = if undecided {
        Ended::Undecided(String::new())
    } else {
        let plan = plan::back(facts, journal.learned(), reached);
        steps(world, &mut journal, &plan, Some(reason))?
    };
    let put_and_open = facts.data.is_some() && reached.opened;
    let (outcome, said) = match ended {
        Ended::Well if put_and_open => ("stuck", stays_with_other_data(facts, journal.learned().backup.as_deref())),
        Ended::Well if (reached.closed || reached.switched) && !facts.is_first() => {
            ("rolled-back", format!("{} runs, as before{}", before(facts), away(&journal)))
        }
        Ended::Well => ("failed", "nothing was changed".to_owned()),
        Ended::CutOff(reason) => return Ok(cut_off(&reason)),
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
            Ended::CutOff(reason) => return Ok(cut_off(&reason)),
            Ended::Failed(second) | Ended::Undecided(second) => ("stuck", format!("and the new version does not start again: {second}")),
        },
    };
    finish(facts, &mut journal, outcome)?;
    plain(&format!("\n{said}"));
    Ok(ExitCode::FAILURE)
}

/// Nothing is written to the journal: what was begun is done again by who goes on.
fn cut_off(reason: &str) -> ExitCode {
    plain(&format!(
        "\n{}\n    {reason}\n\nnothing was undone, since nobody answers there; what runs there goes on as it is. When it answers again, the same command \
         goes on where it was",
        coloured("the target is out of reach:", AnsiColors::Red)
    ));
    ExitCode::FAILURE
}

fn finish(facts: &Facts, journal: &mut Journal, outcome: &str) -> Result<()> {
    if let Some(data) = facts.data.as_ref().filter(|data| data.archive.exists()) {
        // People may be in it.
        std::fs::remove_file(&data.archive).with_context(|| format!("delete {}", data.archive.display()))?;
    }
    journal.write(Event::Finished { outcome: outcome.to_owned() })
}

fn stays(facts: &Facts, lost: &str) -> String {
    format!(
        "{} {} goes on running, as it is: visitors came to it, and going back would lose what they wrote\n{lost}\n\
         mend it and deploy again; or lose that, with the database kept beside:\n    cargo xtask rollback --discard-writes",
        facts.name, facts.version
    )
}

fn stays_with_other_data(facts: &Facts, backup: Option<&str>) -> String {
    format!(
        "{} goes on running with the other data, since visitors came to it; the data before are the backup {}:\n    docker compose stop backend\n    \
         docker compose run --rm --no-deps backupd restore {1}\n    docker compose start backend",
        facts.name,
        backup.unwrap_or("latest")
    )
}

fn before(facts: &Facts) -> String {
    facts.previous.as_ref().map_or_else(|| facts.name.clone(), |previous| format!("{} {}", facts.name, previous.version))
}

fn title(facts: &Facts) -> String {
    let kind = match (&facts.data, &facts.of) {
        (Some(_), _) => "other data for",
        (None, Some(_)) => "back to",
        (None, None) => "deploy",
    };
    format!("== {kind} {} {} (deployment {}, {})", facts.name, facts.version, facts.number, facts.who)
}

fn away(journal: &Journal) -> String {
    let learned = journal.learned();
    let seconds = |ms: u64| format!("{}.{:03} s", ms / 1000, ms % 1000);
    match (learned.downtime_ms, learned.readers_away_ms) {
        (Some(server), Some(readers)) => {
            format!("; nobody could write for {}, and readers got no answer for {} of it", seconds(server), seconds(readers))
        }
        // It was cut off meanwhile, and nobody looked on.
        (Some(closed), None) => format!("; visitors were kept out for {}, and readers got the last copies meanwhile", seconds(closed)),
        (None, _) => String::new(),
    }
}

/// One step after the other; those that the journal has are not done again.
fn steps(world: &World<'_>, journal: &mut Journal, steps: &[Step], failed: Option<&str>) -> Result<Ended> {
    for step in steps {
        if let Some(note) = journal.ended(step.name) {
            plain(&row("done", AnsiColors::Green, None, step.name, note));
            continue;
        }
        journal.write(Event::Begun { step: step.name.to_owned() })?;
        tell(&format!("     …     {:<14} {}", step.name, step.what));
        let (begin, mut learned) = (Instant::now(), journal.learned().clone());
        let done = world.act(step, &mut learned, failed);
        let seconds = begin.elapsed().as_secs_f64();
        match done {
            Ok(note) => {
                plain(&row("done", AnsiColors::Green, Some(seconds), step.name, &note));
                journal.write(Event::Ended { step: step.name.to_owned(), seconds, note, learned })?;
            }
            Err(error) => {
                let mut reason = format!("{error:#}");
                let would_lose = error.downcast_ref::<WouldLose>().is_some();
                let undecided = would_lose && step.name == "back-data";
                if would_lose && !undecided {
                    reason.push_str("\nto lose them, with the database kept beside: the same command with --discard-writes");
                }
                if step.is_elsewhere() && !world.answers() {
                    plain(&row("CUT OFF", AnsiColors::Red, Some(seconds), step.name, ""));
                    return Ok(Ended::CutOff(format!("{}: {reason}", step.name)));
                }
                plain(&row("FAILED", AnsiColors::Red, Some(seconds), step.name, ""));
                journal.write(Event::Failed { step: step.name.to_owned(), seconds, reason: reason.clone() })?;
                return Ok(if undecided { Ended::Undecided(reason) } else { Ended::Failed(format!("{}: {reason}", step.name)) });
            }
        }
    }
    Ok(Ended::Well)
}

/// `seconds` is what it took; `None`: it was done before this command was started.
fn row(word: &str, colour: AnsiColors, seconds: Option<f64>, name: &str, note: &str) -> String {
    let took = seconds.map_or_else(|| "before".to_owned(), |seconds| format!("{seconds:.1} s"));
    format!("{} {took:>9}  {name:<14} {note}", coloured(&format!("{word:<7}"), colour)).trim_end().to_owned()
}

/// What is being done, until the line about how it went takes its place.
fn tell(line: &str) {
    if stdout().is_terminal() {
        let shown: String = line.chars().take(78).collect();
        let _ = write!(stdout(), "{shown}\r").and_then(|()| stdout().flush());
    }
}
