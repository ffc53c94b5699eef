//! One run: create, verify, copy to the targets, prune, tell.

use std::time::Duration;

use jiff::Timestamp;
use magnetiq_backup::{Backups, Clock, Depth, Entry, Outcome, Progress, PrunePlan, Reason, Request, Which};
use magnetiq_config::Settings;
use magnetiq_service::chain;

use crate::copies::RECENT;
use crate::memory::Memory;
use crate::ping::{self, Signal};
use crate::status::{self, LastRun};
use crate::{drill, open, targets};

/// What a run needs.
pub(crate) struct Work {
    pub(crate) settings: Settings,
    pub(crate) backups: Backups,
    pub(crate) clock: Clock,
}

pub(crate) type Report<'a> = &'a mut dyn FnMut(Progress);

/// Proofs are due a little before their time, so that a daily run does not miss them by a minute.
pub(crate) const SLACK: Duration = Duration::from_secs(60 * 60);
pub(crate) const DAY: Duration = Duration::from_secs(24 * 60 * 60);

impl Work {
    pub(crate) fn new(settings: Settings) -> anyhow::Result<Self> {
        let backups = open::site(&settings)?;
        targets::warn_of_plain_secrets(&settings);
        Ok(Self { settings, backups, clock: Clock::system() })
    }

    pub(crate) fn target_names(&self) -> Vec<String> {
        self.settings.backup.targets.iter().map(|target| target.name.clone()).collect()
    }

    /// Makes a backup and does all that belongs to it. What goes wrong is in the result, and in the log as it happens.
    pub(crate) fn run(&self, request: &Request, report: Report) -> LastRun {
        self.told(request.reason, |problems| {
            let id = self.create(request, problems, report)?;
            self.upkeep(problems, report);
            Some(id)
        })
    }

    /// Makes a backup and proves it, and nothing else: a target out of reach, and old backups, are nothing that people wait for.
    pub(crate) fn run_alone(&self, request: &Request, report: Report) -> LastRun {
        self.told(request.reason, |problems| Some(self.proven(request, Depth::Restore, problems, report)?.0.id))
    }

    /// Tells that a run begins and how it ended. `make` gives the id of the backup where there is one.
    fn told(&self, reason: Reason, make: impl FnOnce(&mut Problems) -> Option<String>) -> LastRun {
        let started_at = self.clock.now();
        tracing::info!(%reason, "a backup begins");
        ping::send(self.settings.backup.ping_url.as_ref(), Signal::Start, "");
        let mut problems = Problems::default();
        let id = make(&mut problems);
        self.ended(started_at, reason, id, problems)
    }

    /// Proves and copies what is there, without a new backup: for one whose proof could not be tried, or that did not get to a target.
    pub(crate) fn make_up(&self, report: Report) -> LastRun {
        let started_at = self.clock.now();
        let mut problems = Problems::default();
        let entries = self.backups.list().unwrap_or_default();
        tracing::info!("what the last runs left undone is tried again");
        for entry in self.unproven(&entries) {
            self.verify(entry, Depth::Restore, &mut problems, report);
        }
        self.copy(&mut problems, report);
        self.check_copies(&mut problems, report);
        // What else is wrong is not made up for by that.
        if let Some(newest) = entries.first() {
            problems.of(newest);
        }
        if let Some(problem) = status::drill_problem(&entries) {
            problems.say(format!("restore drill failed: {problem}"));
        }
        let (id, reason) = entries.first().map_or((None, Reason::Schedule), |entry| (Some(entry.id.clone()), entry.record.summary.reason));
        self.ended(started_at, reason, id, problems)
    }

    /// Whether [`make_up`](Self::make_up) has something to do.
    pub(crate) fn is_undone(&self, entries: &[Entry]) -> bool {
        !self.unproven(entries).is_empty() || self.settings.backup.targets.iter().any(|target| !self.lacking(target, entries).is_empty())
    }

    /// Of the newest backups those that no verification came to a result for; without a key none can.
    fn unproven<'a>(&self, entries: &'a [Entry]) -> Vec<&'a Entry> {
        let has_key = !self.settings.backup.identity_files.is_empty();
        let can = |entry: &&Entry| entry.record.last_proof().is_none() && (has_key || !entry.record.summary.encrypted);
        entries.iter().take(RECENT).filter(can).collect()
    }

    /// Remembers and tells how it went.
    fn ended(&self, started_at: Timestamp, reason: Reason, id: Option<String>, problems: Problems) -> LastRun {
        let ended_at = self.clock.now();
        let ok = problems.0.is_empty();
        let run = LastRun { started_at, ended_at, reason, id, ok, problems: problems.0 };
        self.remember(|memory| memory.last_run = Some(run.clone()));
        let text = in_words(&run);
        ping::send(self.settings.backup.ping_url.as_ref(), if ok { Signal::Done } else { Signal::Failed }, &text);
        tracing::info!(ok, id = run.id, seconds = ended_at.as_second() - started_at.as_second(), "the backup has ended");
        run
    }

    /// The backup, its copies, and that others go. Returns its id where there is one, proven or not.
    fn create(&self, request: &Request, problems: &mut Problems, report: Report) -> Option<String> {
        let depth =
            if self.is_due(Depth::Integrity, self.settings.backup.verify.integrity_days) { Depth::Integrity } else { Depth::Restore };
        let (entry, proven) = self.proven(request, depth, problems, report)?;
        self.copy(problems, report);
        self.prune(proven, problems);
        Some(entry.id)
    }

    /// The backup itself where there is one, and whether it is proven.
    fn proven(&self, request: &Request, depth: Depth, problems: &mut Problems, report: Report) -> Option<(Entry, bool)> {
        let entry = match self.backups.create(request, report) {
            Ok(entry) => entry,
            Err(error) => {
                problems.add("the backup failed", &error);
                return None;
            }
        };
        problems.of(&entry);
        let proven = self.verify(&entry, depth, problems, report);
        Some((entry, proven))
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

    /// While new backups cannot be proven, the old ones are what is left, and only others go, so that those that fail do not fill the disk.
    /// That the newest whole one stays is the retention's affair.
    pub(crate) fn prune(&self, proven: bool, problems: &mut Problems) {
        let now = self.clock.now();
        let careful = |plan: PrunePlan| if proven { plan } else { plan.sparing_proven() };
        let entries = self.backups.list().unwrap_or_default();
        // The copy of one that is partly elsewhere would begin anew with the next.
        let begun: Vec<_> = self.settings.backup.targets.iter().flat_map(|target| self.begun(target, &entries)).collect();
        let spare = |plan: PrunePlan| careful(plan).sparing(|entry| begun.iter().any(|begun| begun.id == entry.id));
        match self.backups.plan_prune(now).and_then(|plan| self.backups.prune(&spare(plan))) {
            Ok(pruned) if pruned.removed.is_empty() => {}
            Ok(pruned) => tracing::info!(removed = ?pruned.removed, freed_bytes = pruned.freed_bytes, "old backups are removed"),
            Err(error) => problems.add("old backups are not removed", &error),
        }
        self.prune_copies(now, careful, problems);
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
        let made = entries.first().map(|entry| &entry.id);
        for entry in self.unproven(&entries).into_iter().filter(|entry| Some(&entry.id) != made) {
            self.verify(entry, Depth::Restore, problems, report);
        }
        self.check_copies(problems, report);
        if self.is_due(Depth::Drill, self.settings.backup.verify.drill_days) {
            self.drill(problems, report);
        }
    }

    fn drill(&self, problems: &mut Problems, report: Report) {
        match self.healthy().and_then(|entry| drill::run(&self.settings, &self.backups, &entry, report)) {
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

    /// The newest backup that a server has to start on: proven, and whole where there is such a one.
    fn healthy(&self) -> anyhow::Result<Entry> {
        let whole = self.backups.list()?.into_iter().find(|entry| entry.is_proven() && !entry.is_partial());
        whole.map_or_else(|| Ok(self.backups.find(&Which::LatestProven)?), Ok)
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

pub(crate) fn age(then: Timestamp, now: Timestamp) -> Duration {
    Duration::try_from(now.duration_since(then)).unwrap_or_default()
}

/// What went wrong in a run, each in one line.
#[derive(Default)]
pub(crate) struct Problems(Vec<String>);

impl Problems {
    fn say(&mut self, problem: String) {
        tracing::error!("{problem}");
        self.0.push(problem);
    }

    /// What is missing in a backup.
    fn of(&mut self, entry: &Entry) {
        for problem in &entry.record.problems {
            self.say(format!("{} is not whole: {}: {}", entry.id, problem.path, problem.problem));
        }
    }

    /// Whoever reads of a target that is refused has to decide something, and is told what there is to choose from.
    pub(crate) fn add(&mut self, what: &str, error: &magnetiq_backup::Error) {
        let is_owned = matches!(error, magnetiq_backup::Error::TargetOwned { .. });
        let choice = open::what_to_do(error).filter(|_| is_owned).map(|choice| format!("; {choice}"));
        self.say(format!("{what}: {}{}", chain(error), choice.unwrap_or_default()));
    }
}

/// A run for the body of a ping and for people.
pub(crate) fn in_words(run: &LastRun) -> String {
    match &run.id {
        Some(id) if run.ok => format!("{id}: made and proven"),
        _ => run.problems.join("\n"),
    }
}
