//! Carries a plan out, and goes back where it fails.

use std::io::{IsTerminal, Write, stdout};
use std::process::ExitCode;
use std::time::Instant;

use anyhow::Result;
use owo_colors::AnsiColors;

use super::act::{World, WouldLose};
use super::cluster_record::ReplicaSets;
use super::facts::{Facts, Learned, Target, Tools};
use super::folder;
use super::journal::{Event, Journal};
use super::plan::{self, Reached, Step, Work, by_hand, compose, k8s};
use super::release::Release;
use super::schema::Moved;
use super::watch::Silent;
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
    facts.not_known().iter().for_each(|said| plain(said));
    // Without the lock, what is there may be another one's.
    if journal.needs_lock() {
        world.forget_left_over()?;
    }
    let failed = match journal.failed() {
        Some((step, reason)) => Some(format!("{step}: {reason}")),
        None => match steps(&world, &mut journal, |_| plan::forward(facts), None)? {
            Ended::Well => None,
            Ended::Failed(reason) | Ended::Undecided(reason) => Some(reason),
            Ended::CutOff(reason) => return Ok(cut_off(facts, &journal, &reason)),
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
    if !reached.locked && journal.has_begun("release") {
        world.forget_images();
    }
    let undecided = ["stay-switch", "stay-record"].into_iter().any(|step| journal.has_begun(step));
    let ended = if undecided {
        Ended::Undecided(journal.refused().unwrap_or_default().to_owned())
    } else {
        steps(world, &mut journal, |learned| plan::back(facts, learned, reached), Some(reason))?
    };
    let (outcome, said) = match ended {
        Ended::Well => {
            let (outcome, said) = ended_well(facts, &journal, reached);
            (outcome, with_kept_out(said, facts, &journal))
        }
        Ended::CutOff(reason) => return Ok(cut_off(facts, &journal, &reason)),
        Ended::Failed(second) => ("broken", broken(world, &mut journal, reason, &format!("and the way back failed, too: {second}"))?),
        Ended::Undecided(lost) => match steps(world, &mut journal, |_| plan::stay(facts, reached), Some(reason))? {
            Ended::Well => ("undecided", with_kept_out(stays(facts, &journal, &lost), facts, &journal)),
            Ended::CutOff(reason) => return Ok(cut_off(facts, &journal, &reason)),
            Ended::Failed(second) | Ended::Undecided(second) => {
                ("broken", broken(world, &mut journal, reason, &format!("and the new version does not start again: {second}"))?)
            }
        },
    };
    finish(facts, &mut journal, outcome)?;
    plain(&format!("\n{said}"));
    Ok(ExitCode::FAILURE)
}

/// The way back was gone to its end.
fn ended_well(facts: &Facts, journal: &Journal, reached: Reached) -> (&'static str, String) {
    let learned = journal.learned();
    let has_begun = reached.filed || reached.switched;
    match &facts.data {
        _ if learned.never_pushed => ("failed", "nothing was changed: its commit was never pushed".to_owned()),
        Some(_) if reached.opened => ("stuck", stays_with_other_data(facts, learned.backup.as_deref())),
        _ if has_begun && facts.is_first() => ("failed", left(facts)),
        _ if reached.closed || reached.switched => {
            let is_unwell = facts.previous.as_ref().is_some_and(Release::is_unwell);
            let how = if is_unwell { "is there again; it was not well when this began" } else { "runs, as before" };
            let said = format!("{} {how}{}", before(facts), away(journal));
            ("rolled-back", said + &given_up(facts, learned, reached))
        }
        _ => ("failed", "nothing was changed".to_owned()),
    }
}

/// Of a first version that came to nothing.
fn left(facts: &Facts) -> String {
    match facts.target {
        Target::Gitops => "its commit was taken back, and nothing ran before it".to_owned(),
        _ => "what was started is left as it is, for whoever looks into it; the next deployment takes its place".to_owned(),
    }
}

/// Where what visitors wrote was given up for a version that does not stay.
fn given_up(facts: &Facts, learned: &Learned, reached: Reached) -> String {
    let is_lost = facts.schema_back().is_some() && reached.put && reached.opened;
    let backup = learned.backup.as_deref().filter(|_| is_lost);
    let told = |backup| format!("\nwhat visitors wrote since the migration, and was given up for that version, is in the backup {backup}");
    backup.map(told).unwrap_or_default()
}

/// Nobody can say what runs. The lock stays, so that nobody deploys meanwhile.
fn broken(world: &World<'_>, journal: &mut Journal, reason: &str, said: &str) -> Result<String> {
    let facts = world.facts;
    let mut lines = vec![said.to_owned()];
    match steps(world, journal, |_| plan::broken(facts), Some(&format!("{reason}; {said}")))? {
        Ended::Well => {}
        Ended::Failed(why) | Ended::Undecided(why) | Ended::CutOff(why) => {
            lines.push(format!("and the history does not know of it: {why}"));
        }
    }
    lines.push(format!("what was done stands in {}", journal.path().display()));
    lines.extend(kept_out(facts, journal));
    lines.extend(brought_back(facts, journal));
    if journal.ended("lock").is_some() {
        lines.push(format!("the lock stays, so that nobody deploys meanwhile; when all is well: {}", facts.command(["deploy", "unlock"])));
    }
    Ok(lines.join("\n"))
}

/// What makes the new version run again on a cluster, where the one before does not: of the two it may be the one that serves.
fn brought_back(facts: &Facts, journal: &Journal) -> Option<String> {
    if !["back-undo", "back-push"].into_iter().any(|step| journal.has_begun(step)) {
        return None;
    }
    // What was gone back to and from is counted anew. Where nobody can say how, nothing is said.
    let revisions = facts.of.as_ref().zip(facts.cluster.as_ref()).and_then(|(of, cluster)| {
        let sets = ReplicaSets::read(&k8s::replicasets(&facts.name, cluster)).ok()?;
        sets.revisions(of).ok()
    });
    let lines = by_hand::version_again(facts, journal.learned().commit.as_deref(), &revisions.unwrap_or_default());
    let shown: String = lines.iter().map(|line| format!("\n    {line}")).collect();
    (!lines.is_empty()).then(|| format!("{} runs again by:{shown}", facts.version))
}

/// Who lets visitors in again, where nobody did.
pub(super) fn kept_out(facts: &Facts, journal: &Journal) -> Option<String> {
    let is_kept = facts.target == Target::Compose && journal.keeps_out(facts.closed_before);
    is_kept.then(|| still_kept_out(&facts.tools, &facts.name))
}

pub(super) fn still_kept_out(tools: &Tools, name: &str) -> String {
    format!(
        "visitors are still kept out: who reads gets the last copies, who writes is told to wait. When what runs is well, let them in:\n    {}",
        compose::lets_in(tools, name)
    )
}

fn with_kept_out(said: String, facts: &Facts, journal: &Journal) -> String {
    [Some(said), kept_out(facts, journal)].into_iter().flatten().collect::<Vec<_>>().join("\n")
}

/// Nothing is written to the journal: what was begun is done again by who goes on.
fn cut_off(facts: &Facts, journal: &Journal, reason: &str) -> ExitCode {
    plain(&format!(
        "\n{}\n    {reason}\n\nnothing was undone, since nobody answers there; what runs there goes on as it is. When it answers again, the same command \
         goes on where it was; {} gives it up",
        coloured("the target is out of reach:", AnsiColors::Red),
        facts.command(["deploy", "unlock"])
    ));
    kept_out(facts, journal).iter().for_each(|said| plain(said));
    ExitCode::FAILURE
}

/// The last line. What was packed for it goes: people may be in it.
///
/// # Errors
///
/// When the disk says no.
pub(super) fn finish(facts: &Facts, journal: &mut Journal, outcome: &str) -> Result<()> {
    facts.data.as_ref().map_or(Ok(()), |data| folder::forget(&data.archive))?;
    journal.write(Event::Finished { outcome: outcome.to_owned() })
}

fn stays(facts: &Facts, journal: &Journal, lost: &str) -> String {
    if facts.target != Target::Compose {
        return stays_on_cluster(facts, journal, lost);
    }
    let since = if journal.has_begun("open") {
        "visitors came to it, and going back would lose what they wrote"
    } else {
        "going back leads over the migration of one that was given up, and would lose what visitors wrote to that"
    };
    let backup = journal.learned().backup.as_deref();
    let files = backup.map_or(String::new(), |id| format!(", and media files that were replaced or deleted since in the backup {id}"));
    format!(
        "{} {} goes on running, as it is: {since}\n{lost}\n\
         mend it and deploy again; or lose that, with the database kept beside{files}:\n    {}",
        facts.name,
        facts.version,
        facts.command(["rollback", "--discard-writes"])
    )
}

/// Where the version before would not start, whatever the new one is worth.
fn stays_on_cluster(facts: &Facts, journal: &Journal, moved: &str) -> String {
    let learned = journal.learned();
    let (commit, schema) = (learned.commit.as_deref(), facts.previous.as_ref().and_then(|previous| previous.schema));
    let backup = learned.backup.as_deref().map_or(String::new(), |id| format!("; the backup from before is {id}"));
    format!(
        "{} {} stays, as it is, and nothing goes back: {moved}\n\
         mend it and deploy again, which takes its place. Or go back by hand, which loses what was written since{backup} (docs/operations/deploy.md, \
         \"Back over a migration, on a cluster\"):{}",
        facts.name,
        facts.version,
        by_hand::over_migration(facts, schema, &by_hand::version_before(facts, commit))
    )
}

fn stays_with_other_data(facts: &Facts, backup: Option<&str>) -> String {
    let project = || compose::new(facts);
    let restore = project().with(["run", "--rm", "--no-deps", "backupd", "restore", backup.unwrap_or("latest")]);
    format!(
        "{} goes on running with the other data, since visitors came to it; the data before are the backup {}:\n    {}\n    {restore}\n    {}",
        facts.name,
        backup.unwrap_or("latest"),
        project().with(["stop", "backend", "backupd"]),
        project().with(["restart", "backend", "backupd"])
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

/// One step after the other. What comes next may follow from what the one before found out.
fn steps(world: &World<'_>, journal: &mut Journal, plan: impl Fn(&Learned) -> Vec<Step>, failed: Option<&str>) -> Result<Ended> {
    let mut index = 0;
    while let Some(step) = plan(journal.learned()).get(index) {
        if let Some(ended) = one(world, journal, step, failed)? {
            return Ok(ended);
        }
        index += 1;
    }
    Ok(Ended::Well)
}

/// One step, unless the journal has it. `None`: the next one may come.
fn one(world: &World<'_>, journal: &mut Journal, step: &Step, failed: Option<&str>) -> Result<Option<Ended>> {
    if let Some(note) = journal.ended(step.name) {
        plain(&row("done", AnsiColors::Green, None, step.name, note));
        return Ok(None);
    }
    // Of a deployment that an older command began: what is asked before anything is changed undoes nothing that was.
    if matches!(step.work, Work::Secrets) && journal.ended("lock").is_some() {
        plain(&row("done", AnsiColors::Green, None, step.name, "not asked: it was begun without"));
        return Ok(None);
    }
    journal.write(Event::Begun { step: step.name.to_owned() })?;
    tell(&format!("     …     {:<14} {}", step.name, step.what));
    let (begin, mut learned) = (Instant::now(), journal.learned().clone());
    let done = world.act(step, &mut learned, failed);
    let (seconds, step_name) = (begin.elapsed().as_secs_f64(), || step.name.to_owned());
    let error = match done {
        Ok(note) => {
            plain(&row("done", AnsiColors::Green, Some(seconds), step.name, &note));
            journal.write(Event::Ended { step: step_name(), seconds, note, learned })?;
            return Ok(None);
        }
        Err(error) => error,
    };
    let mut reason = format!("{error:#}");
    if step.is_elsewhere() && (error.downcast_ref::<Silent>().is_some() || !world.answers()) {
        plain(&row("CUT OFF", AnsiColors::Red, Some(seconds), step.name, ""));
        return Ok(Some(Ended::CutOff(format!("{}: {reason}", step.name))));
    }
    if step.is_afterwards() {
        let note = format!("it failed, and nothing is undone for it: {reason}");
        plain(&row("FAILED", AnsiColors::Red, Some(seconds), step.name, &note));
        journal.write(Event::Ended { step: step_name(), seconds, note, learned })?;
        return Ok(None);
    }
    plain(&row("FAILED", AnsiColors::Red, Some(seconds), step.name, ""));
    let is_refused = error.downcast_ref::<WouldLose>().is_some() || error.downcast_ref::<Moved>().is_some();
    if !is_refused {
        journal.write(Event::Failed { step: step_name(), seconds, reason: reason.clone() })?;
        return Ok(Some(Ended::Failed(format!("{}: {reason}", step.name))));
    }
    let is_back = ["back-data", "back-data-between", "back-schema"].contains(&step.name);
    if !is_back {
        reason.push_str("\nto lose them, with the database kept beside: the same command with --discard-writes");
    }
    journal.write(Event::Refused { step: step_name(), seconds, reason: reason.clone() })?;
    Ok(Some(if is_back { Ended::Undecided(reason) } else { Ended::Failed(format!("{}: {reason}", step.name)) }))
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
