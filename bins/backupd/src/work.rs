//! One run: create, verify, copy to the targets, prune, tell.

use std::error::Error;
use std::fmt::Write as _;
use std::time::Duration;

use jiff::Timestamp;
use magnetiq_backup::remote::Target;
use magnetiq_backup::{Backups, Clock, Depth, Entry, Outcome, Progress, Request};
use magnetiq_config::Settings;

use crate::memory::Memory;
use crate::ping::{self, Signal};
use crate::status::{self, LastRun};
use crate::{drill, open, targets};

/// What a run needs.
pub(crate) struct Work {
    pub(crate) settings: Settings,
    pub(crate) backups: Backups,
    pub(crate) targets: Vec<Target>,
    pub(crate) clock: Clock,
}

type Report<'a> = &'a mut dyn FnMut(Progress);

/// Proofs are due a little before their time, so that a daily run does not miss them by a minute.
const SLACK: Duration = Duration::from_secs(60 * 60);
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

impl Work {
    pub(crate) fn new(settings: Settings) -> anyhow::Result<Self> {
        let backups = open::backups(&settings)?;
        let targets = targets::all(&settings)?;
        targets::warn_of_plain_secrets(&settings);
        Ok(Self { settings, backups, targets, clock: Clock::system() })
    }

    pub(crate) fn target_names(&self) -> Vec<String> {
        self.targets.iter().map(|target| target.name().to_owned()).collect()
    }

    /// Makes a backup and does all that belongs to it. What goes wrong is in the result, and in the log as it happens.
    pub(crate) fn run(&self, request: &Request, report: Report) -> LastRun {
        let ping_url = self.settings.backup.ping_url.as_ref();
        let started_at = self.clock.now();
        tracing::info!(reason = %request.reason, "a backup begins");
        ping::send(ping_url, Signal::Start, "");
        let mut problems = Problems::default();
        let id = self.create(request, &mut problems, report);
        if id.is_some() {
            self.upkeep(&mut problems, report);
        }
        let ended_at = self.clock.now();
        let ok = problems.0.is_empty();
        let run = LastRun { started_at, ended_at, reason: request.reason, id, ok, problems: problems.0 };
        self.remember(|memory| memory.last_run = Some(run.clone()));
        let text = in_words(&run);
        ping::send(ping_url, if ok { Signal::Done } else { Signal::Failed }, &text);
        tracing::info!(ok, id = run.id, seconds = ended_at.as_second() - started_at.as_second(), "the backup has ended");
        run
    }

    /// The backup itself. Returns its id where there is one, proven or not.
    fn create(&self, request: &Request, problems: &mut Problems, report: Report) -> Option<String> {
        let entry = match self.backups.create(request, report) {
            Ok(entry) => entry,
            Err(error) => {
                problems.add("the backup failed", &error);
                return None;
            }
        };
        for problem in &entry.record.problems {
            problems.say(format!("{} is not whole: {}: {}", entry.id, problem.path, problem.problem));
        }
        let depth =
            if self.is_due(Depth::Integrity, self.settings.backup.verify.integrity_days) { Depth::Integrity } else { Depth::Restore };
        let proven = self.verify(&entry, depth, problems, report);
        for target in &self.targets {
            match target.push(&self.backups, &entry, report) {
                Ok(copy) => tracing::info!(target = target.name(), id = entry.id, verified = copy.verified, "the backup has a copy"),
                Err(error) => problems.add(&format!("{} is not copied to {}", entry.id, target.name()), &error),
            }
        }
        // While new backups cannot be proven or are not whole, the old ones are what is left.
        if proven && !entry.is_partial() {
            self.prune(problems);
        }
        Some(entry.id)
    }

    fn verify(&self, entry: &Entry, depth: Depth, problems: &mut Problems, report: Report) -> bool {
        match self.backups.verify(entry, depth, report) {
            Ok(proof) if proof.outcome == Outcome::Proven => {
                self.remember(|memory| memory.proven(depth, proof.at));
                tracing::info!(
                    id = entry.id,
                    ?depth,
                    milliseconds = proof.duration_ms,
                    "the backup is proven: it was restored and compared"
                );
                return true;
            }
            Ok(proof) => problems.say(format!("{} does not restore: {}", entry.id, proof.problem.unwrap_or_default())),
            Err(error) => problems.add(&format!("{} could not be verified", entry.id), &error),
        }
        false
    }

    fn prune(&self, problems: &mut Problems) {
        let now = self.clock.now();
        match self.backups.plan_prune(now).and_then(|plan| self.backups.prune(&plan)) {
            Ok(pruned) if pruned.removed.is_empty() => {}
            Ok(pruned) => tracing::info!(removed = ?pruned.removed, freed_bytes = pruned.freed_bytes, "old backups are removed"),
            Err(error) => problems.add("old backups are not removed", &error),
        }
        for target in &self.targets {
            match target.plan_prune(now).and_then(|plan| target.prune(&plan)) {
                Ok(pruned) if pruned.removed.is_empty() => {}
                Ok(pruned) => tracing::info!(target = target.name(), removed = ?pruned.removed, "old copies are removed"),
                Err(error) => problems.add(&format!("old copies are not removed at {}", target.name()), &error),
            }
        }
    }

    /// What keeps old proofs fresh: archives that were not verified for long, and the restore drill.
    fn upkeep(&self, problems: &mut Problems, report: Report) {
        let entries = match self.backups.list() {
            Ok(entries) => entries,
            Err(error) => return problems.add("the backups cannot be listed", &error),
        };
        for entry in stale(&entries, self.settings.backup.verify.rotation as usize, self.clock.now()) {
            self.verify(entry, Depth::Restore, problems, report);
        }
        if self.is_due(Depth::Drill, self.settings.backup.verify.drill_days) {
            self.drill(problems, report);
        }
    }

    fn drill(&self, problems: &mut Problems, report: Report) {
        let proof = self.backups.find(&magnetiq_backup::Which::LatestProven).map_err(anyhow::Error::from);
        match proof.and_then(|entry| drill::run(&self.settings, &self.backups, &entry, report)) {
            Ok(proof) if proof.outcome == Outcome::Proven => {
                self.remember(|memory| memory.proven(Depth::Drill, proof.at));
                tracing::info!(milliseconds = proof.duration_ms, "restore drill: a server answered");
            }
            Ok(proof) if proof.outcome == Outcome::Failed => {
                problems.say(format!("restore drill failed: {}", proof.problem.unwrap_or_default()));
            }
            // What could not be tried says nothing about the backup.
            Ok(proof) => tracing::warn!(problem = proof.problem, "no restore drill was held"),
            Err(error) => tracing::warn!(error = %chain(error.as_ref()), "no restore drill was held"),
        }
    }

    /// What this run and the ones before it did.
    pub(crate) fn memory(&self) -> Memory {
        Memory::of(&self.settings.backup.folder)
    }

    pub(crate) fn remember(&self, change: impl FnOnce(&mut Memory)) {
        let mut memory = self.memory();
        change(&mut memory);
        memory.save(&self.settings.backup.folder);
    }

    /// Whether the last proof of this kind is older than `days`; 0 means never.
    fn is_due(&self, depth: Depth, days: u32) -> bool {
        let Ok(entries) = self.backups.list() else { return false };
        days > 0 && status::last_proof(&entries, &self.memory(), depth).is_none_or(|at| age(at, self.clock.now()) + SLACK >= DAY * days)
    }
}

/// Up to `count` backups that were not verified for a day, the longest first; none where so many were verified again today.
fn stale(entries: &[Entry], count: usize, now: Timestamp) -> Vec<&Entry> {
    let is_old = |entry: &&Entry| age(entry.created_at(), now) + SLACK >= DAY;
    let verified_at = |entry: &Entry| entry.record.verifications.last().map(|proof| proof.at);
    let today = |entry: &&Entry| verified_at(entry).is_some_and(|at| age(at, now) + SLACK < DAY);
    let done = entries.iter().filter(is_old).filter(today).count();
    let mut waiting: Vec<&Entry> = entries.iter().filter(is_old).filter(|entry| !today(entry)).collect();
    waiting.sort_by_key(|entry| verified_at(entry));
    waiting.truncate(count.saturating_sub(done));
    waiting
}

fn age(then: Timestamp, now: Timestamp) -> Duration {
    Duration::try_from(now.duration_since(then)).unwrap_or_default()
}

/// What went wrong in a run, each in one line.
#[derive(Default)]
struct Problems(Vec<String>);

impl Problems {
    fn say(&mut self, problem: String) {
        tracing::error!("{problem}");
        self.0.push(problem);
    }

    fn add(&mut self, what: &str, error: &(dyn Error + 'static)) {
        self.say(format!("{what}: {}", chain(error)));
    }
}

/// An error and its causes in one line.
fn chain(error: &(dyn Error + 'static)) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let _ = write!(text, ": {error}");
        cause = error.source();
    }
    text.replace('\n', " ")
}

/// A run for the body of a ping and for people.
pub(crate) fn in_words(run: &LastRun) -> String {
    match &run.id {
        Some(id) if run.ok => format!("{id}: made and proven"),
        _ => run.problems.join("\n"),
    }
}
