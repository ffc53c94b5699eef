//! What will be done, before anything is: steps as values, made of facts alone.
//!
//! Three plans belong to a deployment: `forward`; `back`, when a step of it failed; and `stay`, when going back would lose what visitors
//! wrote and nobody has said that it may.

pub(crate) mod compose;
#[cfg(test)]
mod tests;

use std::fmt::Write as _;

use super::facts::{Facts, Learned, Target};
use super::line::Line;
use super::release::Outcome;

/// One step. It may be done twice: who was killed in the middle of it does it again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Step {
    /// Its name in the journal; no other step of the three plans has it.
    pub(crate) name: &'static str,
    /// What it is for.
    pub(crate) what: String,
    pub(crate) work: Work,
    /// What is run, word by word.
    pub(crate) lines: Vec<Line>,
    /// What undoes it, where something must.
    pub(crate) undone_by: &'static [&'static str],
}

/// How the lines of a step are run, and what follows from what they say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Work {
    /// Tools, target, lock, secrets: whatever would stop it later.
    Preflight,
    /// One line after the other; each must end well.
    Run,
    /// The same, with what they say on the terminal.
    RunShown,
    /// What the images are that were named, and the files that name them.
    Release,
    /// Nobody else deploys there meanwhile.
    Lock,
    /// The record on the target: so far, or how it ended.
    Record(Outcome),
    /// A backup, and its proof.
    Backup,
    /// The migration on a copy.
    Rehearse,
    /// The new server on a restored backup.
    Drill,
    /// The files of a release in the place that the containers have them from.
    Files(u32),
    /// Visitors read that the site is being worked on; from here on it is measured how long.
    Close,
    /// Visitors come in again.
    Open,
    /// Ready answers, one after the other, of the server that tells this.
    Gate { release: Option<String> },
    /// What a visitor does first.
    Smoke,
    /// The same again and again, while visitors are there.
    Watch,
    /// The database as it was before the migration, unless that loses what was written.
    Data,
    /// Others may deploy again.
    Unlock,
    /// Images and files of old versions.
    Prune,
}

/// How far a deployment came, for the way back.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Reached {
    /// The lock was taken, or may have been.
    pub(crate) locked: bool,
    /// Visitors were kept out, or may have been.
    pub(crate) closed: bool,
    /// Another server was started, or may have been.
    pub(crate) switched: bool,
    /// Visitors came to the new server, or may have.
    pub(crate) opened: bool,
}

impl Reached {
    /// What the journal says was begun.
    pub(crate) fn of(has_begun: impl Fn(&str) -> bool) -> Self {
        Self {
            locked: has_begun("lock"),
            closed: has_begun("close"),
            switched: ["stop", "files", "switch"].into_iter().any(&has_begun),
            opened: has_begun("open"),
        }
    }
}

pub(crate) fn forward(facts: &Facts) -> Vec<Step> {
    match facts.target {
        Target::Compose => compose::forward(facts),
        Target::K8s | Target::Gitops => Vec::new(),
    }
}

pub(crate) fn back(facts: &Facts, learned: &Learned, reached: Reached) -> Vec<Step> {
    match facts.target {
        Target::Compose => compose::back(facts, learned, reached),
        Target::K8s | Target::Gitops => Vec::new(),
    }
}

pub(crate) fn stay(facts: &Facts) -> Vec<Step> {
    match facts.target {
        Target::Compose => compose::stay(facts),
        Target::K8s | Target::Gitops => Vec::new(),
    }
}

/// For people, and for whoever wants to do it by hand.
pub(crate) fn shown(facts: &Facts) -> String {
    let mut text = format!("deployment {} of {} {}", facts.number, facts.name, facts.version);
    if let Some(previous) = &facts.previous {
        let _ = write!(text, ", in the place of {} (deployment {})", previous.version, previous.number);
    }
    text.push('\n');
    list(&mut text, &forward(facts));
    if !facts.is_first() {
        // As far as it can come, with a migration: the longest way back.
        let learned =
            Learned { migrates: true, schema_from: facts.previous.as_ref().and_then(|previous| previous.schema), ..Learned::default() };
        let reached = Reached { locked: true, closed: true, switched: true, opened: true };
        text.push_str("\nif a step fails after the switch (before it, only what was begun):\n");
        list(&mut text, &back(facts, &learned, reached));
        text.push_str("\nif that would lose what visitors wrote, and nobody said --discard-writes:\n");
        list(&mut text, &stay(facts));
    }
    text
}

fn list(text: &mut String, steps: &[Step]) {
    for (index, step) in steps.iter().enumerate() {
        let _ = writeln!(text, "{:>3} {:<14} {}", index + 1, step.name, step.what);
        for line in &step.lines {
            let _ = writeln!(text, "        $ {line}");
        }
        if !step.undone_by.is_empty() {
            let _ = writeln!(text, "        undone by {}", step.undone_by.join(", "));
        }
    }
}
