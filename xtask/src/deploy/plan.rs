//! What will be done, before anything is: steps as values, made of facts alone.
//!
//! Four plans belong to a deployment: `forward`; `back`, when a step of it failed; `stay`, when going back would lose what visitors wrote and
//! nobody has said that it may, or, on a cluster, would end in nobody being served; and `broken`, when the way back failed, too.

pub(crate) mod by_hand;
pub(crate) mod compose;
mod gitops;
pub(crate) mod k8s;
#[cfg(test)]
pub(crate) mod tests;

use std::fmt::Write as _;
use std::path::PathBuf;

use super::facts::{Facts, Learned, Target};
use super::gate;
use super::line::Line;
use super::release::Outcome;

/// One step. It may be done twice: who was killed in the middle of it does it again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Step {
    /// Its name in the journal; no other step of the four plans has it.
    pub(crate) name: &'static str,
    /// What it is for.
    pub(crate) what: String,
    pub(crate) work: Work,
    /// What is run, word by word.
    pub(crate) lines: Vec<Line>,
    /// What undoes it, where something must.
    pub(crate) undone_by: &'static [&'static str],
}

impl Step {
    /// Whether it does something on the target: only then can it fail because that went away.
    pub(crate) fn is_elsewhere(&self) -> bool {
        !matches!(self.work, Work::Preflight | Work::RunShown | Work::Build | Work::Tell)
    }

    /// Whether it comes after it is decided what runs: where it fails that is told, and nothing is undone for it.
    pub(crate) fn is_afterwards(&self) -> bool {
        matches!(self.work, Work::Tell | Work::Keep | Work::Prune | Work::Unlock | Work::ClusterUnlock)
    }
}

/// How the lines of a step are run, and what follows from what they say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Work {
    /// Tools, target, lock, secrets: whatever would stop it later.
    Preflight,
    /// The secrets of the site on another machine.
    Secrets,
    /// One line after the other; each must end well.
    Run,
    /// The same, with what they say on the terminal.
    RunShown,
    /// The same, of images: what they are built of is remembered.
    Build,
    /// The same, of a program of the operator that is told how it ended.
    Tell,
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
    /// The container of the next server, beside the one that runs.
    Prepare,
    /// Copies of what readers may ask for meanwhile.
    Warm,
    /// One server stops, the next starts.
    Exchange,
    /// The next one goes, where there is one.
    ForgetNext,
    /// What Compose takes for the server is made to run, and has its name.
    Server,
    /// The one before goes, and the next has its name.
    Settle,
    /// What a visitor does first, before there are any.
    Trial,
    /// What a visitor does first.
    Smoke,
    /// The same again and again, while visitors are there.
    Watch,
    /// The database as it was before the migration, unless that loses what was written.
    Data,
    /// Others may deploy again.
    Unlock,
    /// The files, for a cluster that is told directly.
    Render,
    /// Nobody else deploys to the cluster meanwhile.
    ClusterLock,
    /// What ran on the cluster, with what runs now.
    ClusterRecord(Outcome),
    /// Whether the schema is the one that the version before works with.
    Schema,
    /// Others may deploy to it again, unless they do.
    ClusterUnlock,
    /// Until every pod is of one version, and ready.
    Rollout,
    /// Each workload as it was before the switch.
    Undo,
    /// The files, as a commit.
    Commit,
    /// The commit taken back by another one.
    Revert,
    /// Until Argo CD has the commit, and all of it is healthy.
    Sync,
    /// A backup of the data that took the place of others.
    Keep,
    /// Images and files of old versions.
    Prune,
}

/// How far a deployment came, for the way back.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Reached {
    /// The lock was taken.
    pub(crate) locked: bool,
    /// The files are those of the new version, or may be.
    pub(crate) filed: bool,
    /// Visitors were kept out, or may have been.
    pub(crate) closed: bool,
    /// Another server was started, or may have been.
    pub(crate) switched: bool,
    /// Other data took the place of the site's, or may have.
    pub(crate) put: bool,
    /// Visitors came to the new server, or may have.
    pub(crate) opened: bool,
}

impl Reached {
    /// What the journal says was begun; a lock counts when it is ours, because one that was refused is somebody else's.
    pub(crate) fn of(has_begun: impl Fn(&str) -> bool, has_ended: impl Fn(&str) -> bool) -> Self {
        Self {
            locked: has_ended("lock"),
            filed: has_begun("files"),
            closed: has_begun("close"),
            switched: ["stop", "switch", "push"].into_iter().any(&has_begun),
            put: ["put", "data-between", "data"].into_iter().any(&has_begun),
            opened: has_begun("open"),
        }
    }
}

pub(crate) fn forward(facts: &Facts) -> Vec<Step> {
    match facts.target {
        Target::Compose => compose::forward(facts),
        Target::K8s => k8s::forward(facts),
        Target::Gitops => gitops::forward(facts),
    }
}

pub(crate) fn back(facts: &Facts, learned: &Learned, reached: Reached) -> Vec<Step> {
    match facts.target {
        Target::Compose => compose::back(facts, learned, reached),
        Target::K8s => k8s::back(facts, reached),
        Target::Gitops => gitops::back(facts, learned, reached),
    }
}

pub(crate) fn broken(facts: &Facts) -> Vec<Step> {
    let mut steps = if facts.target == Target::Compose { vec![compose::broken(facts)] } else { Vec::new() };
    steps.extend(told("broken-failed", facts.hooks.failed.as_ref()));
    steps
}

pub(crate) fn stay(facts: &Facts, reached: Reached) -> Vec<Step> {
    match facts.target {
        Target::Compose => compose::stay(facts, reached),
        Target::K8s => k8s::stay(facts),
        // What runs is told by the commits, and this one stays.
        Target::Gitops => told("stay-failed", facts.hooks.failed.as_ref()).into_iter().collect(),
    }
}

/// For people, and for whoever wants to do it by hand.
pub(crate) fn shown(facts: &Facts) -> String {
    let mut text = format!("deployment {} of {} {}", facts.number, facts.name, facts.version);
    if let Some(previous) = &facts.previous {
        let _ = write!(text, ", in the place of {} (deployment {})", previous.version, previous.number);
    }
    text.push('\n');
    text.extend(facts.not_known().map(|said| format!("{said}\n")));
    list(&mut text, &forward(facts));
    if !facts.is_first() {
        // As far as it can come, with a migration where there may be one: the longest way back.
        let schema_from = facts.previous.as_ref().and_then(|previous| previous.schema);
        let learned = Learned { migrates: facts.may_migrate(), schema_from, ..Learned::default() };
        let put = facts.replaces_data();
        let reached = Reached { locked: true, filed: true, closed: true, switched: true, put, opened: !put };
        text.push_str("\nif a step fails after the switch (before it, only what was begun):\n");
        list(&mut text, &back(facts, &learned, reached));
        let stays = stay(facts, reached);
        if !stays.is_empty() {
            text.push_str(match facts.target {
                Target::Compose => "\nif that would lose what visitors wrote, and nobody said --discard-writes:\n",
                Target::K8s | Target::Gitops => "\nif the version before would refuse the schema, which was migrated:\n",
            });
            list(&mut text, &stays);
        }
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

fn tests(facts: &Facts) -> Option<Step> {
    let line = Line::new(["cargo", "xtask", "test", "--fast"]);
    facts.skip_tests.is_none().then(|| step("tests", "what is deployed is proven", Work::RunShown, vec![line]))
}

fn images(facts: &Facts) -> Option<Step> {
    let deploy = facts.deploy.display().to_string();
    let mut line = Line::new(&facts.tools.environment).with(["cargo", "xtask", "images", "--deploy", &deploy]);
    if let Some(registry) = &facts.registry {
        line = line.with(["--push", registry]);
    }
    if facts.pull {
        line = line.with(["--pull"]);
    }
    if facts.allow_dirty {
        line = line.with(["--allow-dirty"]);
    }
    // The tag that is deployed is the one that is built.
    line = line.with(facts.given.iter().flat_map(|(key, value)| ["--set".to_owned(), format!("{key}={value}")]));
    facts.build.then(|| step("images", "backend, frontend, proxy", Work::Build, vec![line]))
}

fn hook(name: &'static str, program: Option<&PathBuf>) -> Option<Step> {
    program.map(|program| step(name, "what you want to happen here", Work::RunShown, vec![Line::new([program.display().to_string()])]))
}

/// Whoever is told how it ended changes nothing of that.
fn told(name: &'static str, program: Option<&PathBuf>) -> Option<Step> {
    hook(name, program).map(|step| Step { work: Work::Tell, ..step })
}

/// `inspect` says how the containers of the server are.
fn ready(facts: &Facts, name: &'static str, release: Option<&str>, inspect: Line) -> Step {
    let told = release.map_or_else(String::new, |release| format!(" that is {release}"));
    let what = format!("{} ready answers one after the other, of a server{told}", facts.gate.ready_answers);
    step(name, what, Work::Gate { release: release.map(str::to_owned) }, vec![gate::ask(&facts.site, "/readyz"), inspect])
}

fn smoke(facts: &Facts, name: &'static str) -> Step {
    step(name, "what a visitor does first", Work::Smoke, gate::journey(&facts.site))
}

/// Whether the site is reached where the gate will ask it. Of a first version there is nobody yet who could answer.
fn question(facts: &Facts) -> Vec<Line> {
    facts.previous.iter().map(|_| gate::ask(&facts.site, "/readyz")).collect()
}

fn watch(facts: &Facts, inspect: Line) -> Step {
    let what =
        format!("{} s of it, at most {} % of the answers wrong, and nothing ends", facts.gate.watch_s, facts.gate.errors_percent_max);
    step("watch", what, Work::Watch, vec![inspect])
}

fn step(name: &'static str, what: impl Into<String>, work: Work, lines: Vec<Line>) -> Step {
    Step { name, what: what.into(), work, lines, undone_by: &[] }
}
