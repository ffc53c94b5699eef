//! How backups are, made from the records and from what this process has seen: the same for people, programs and Prometheus.

use std::collections::BTreeMap;

use jiff::Timestamp;
use magnetiq_backup::{Depth, Entry, Outcome, Reason};
use serde::{Deserialize, Serialize};

use crate::memory::Memory;

/// In one word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum State {
    /// The newest backup is proven and as new as the schedule wants it.
    Ok,
    /// A backup that the schedule wants is missing.
    Late,
    /// The last run failed or left something out, or the newest backup is not proven.
    Failed,
    /// There is no proven backup at all.
    None,
}

impl State {
    fn of(any_is_proven: bool, newest_is_proven: bool, failed: bool, late: bool) -> Self {
        match any_is_proven {
            false => Self::None,
            true if failed || !newest_is_proven => Self::Failed,
            true if late => Self::Late,
            true => Self::Ok,
        }
    }
}

/// A run that is on its way.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct Running {
    pub(crate) since: Timestamp,
    pub(crate) reason: Reason,
    pub(crate) step: String,
    pub(crate) done_bytes: u64,
    pub(crate) total_bytes: u64,
    /// It takes longer than `backup.time_limit_min`.
    pub(crate) stuck: bool,
}

/// A run that has ended.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct LastRun {
    pub(crate) started_at: Timestamp,
    pub(crate) ended_at: Timestamp,
    pub(crate) reason: Reason,
    pub(crate) id: Option<String>,
    pub(crate) ok: bool,
    pub(crate) problems: Vec<String>,
}

/// A backup in short.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct Backup {
    pub(crate) id: String,
    pub(crate) created_at: Timestamp,
    pub(crate) age_seconds: i64,
    pub(crate) size_bytes: u64,
    pub(crate) proven: bool,
}

/// Copies at one target.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct Target {
    pub(crate) name: String,
    pub(crate) copies: usize,
    /// When the newest backup was made that has a copy there.
    pub(crate) newest_created_at: Option<Timestamp>,
}

/// How many there are of which kind.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub(crate) struct Counts {
    pub(crate) all: usize,
    pub(crate) proven: usize,
    pub(crate) failed: usize,
    pub(crate) partial: usize,
    pub(crate) pinned: usize,
}

/// Everything that is shown.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct Status {
    pub(crate) state: State,
    pub(crate) version: &'static str,
    pub(crate) at: Timestamp,
    pub(crate) schedule: String,
    pub(crate) next_run_at: Option<Timestamp>,
    /// The moment of the schedule for which there is no backup.
    pub(crate) late_since: Option<Timestamp>,
    /// Moments that nothing was started for in time, and that were made up for.
    pub(crate) missed_runs: u64,
    pub(crate) running: Option<Running>,
    pub(crate) last_run: Option<LastRun>,
    pub(crate) newest: Option<Backup>,
    pub(crate) newest_proven: Option<Backup>,
    pub(crate) last_integrity_check_at: Option<Timestamp>,
    pub(crate) last_drill_at: Option<Timestamp>,
    /// What is wrong, where the last drill failed.
    pub(crate) drill_problem: Option<String>,
    pub(crate) backups: Counts,
    pub(crate) size_bytes: u64,
    pub(crate) targets: Vec<Target>,
}

/// What a process knows besides the records.
#[derive(Debug, Clone, Default)]
pub(crate) struct Known {
    pub(crate) schedule: String,
    pub(crate) next_run_at: Option<Timestamp>,
    pub(crate) late_since: Option<Timestamp>,
    pub(crate) missed_runs: u64,
    pub(crate) running: Option<Running>,
    pub(crate) memory: Memory,
    pub(crate) targets: Vec<String>,
}

impl Status {
    /// `entries` have the newest first.
    pub(crate) fn of(entries: &[Entry], known: Known, now: Timestamp) -> Self {
        let newest_proven = entries.iter().find(|entry| entry.is_proven());
        let failed = known.memory.last_run.as_ref().is_some_and(|run| !run.ok);
        let newest_is_proven = entries.first().is_some_and(Entry::is_proven);
        let state = State::of(newest_proven.is_some(), newest_is_proven, failed, known.late_since.is_some());
        let count = |fits: &dyn Fn(&Entry) -> bool| entries.iter().filter(|entry| fits(entry)).count();
        Self {
            state,
            version: env!("CARGO_PKG_VERSION"),
            at: now,
            schedule: known.schedule,
            next_run_at: known.next_run_at,
            late_since: known.late_since,
            missed_runs: known.missed_runs,
            running: known.running,
            last_integrity_check_at: last_proof(entries, &known.memory, Depth::Integrity),
            last_drill_at: last_proof(entries, &known.memory, Depth::Drill),
            drill_problem: drill_problem(entries),
            last_run: known.memory.last_run,
            newest: entries.first().map(|entry| short(entry, now)),
            newest_proven: newest_proven.map(|entry| short(entry, now)),
            backups: Counts {
                all: entries.len(),
                proven: count(&Entry::is_proven),
                failed: count(&has_failed),
                partial: count(&Entry::is_partial),
                pinned: count(&|entry| entry.record.pinned),
            },
            size_bytes: entries.iter().map(Entry::size_bytes).sum(),
            targets: targets(entries, known.targets),
        }
    }
}

/// When a backup was last proven in this way, whichever it was, by this program or another.
pub(crate) fn last_proof(entries: &[Entry], memory: &Memory, depth: Depth) -> Option<Timestamp> {
    let proofs = entries.iter().flat_map(|entry| &entry.record.verifications);
    proofs
        .filter(|proof| proof.depth == depth && proof.outcome == Outcome::Proven)
        .map(|proof| proof.at)
        .max()
        .max(memory.last_proof(depth))
}

/// What is wrong, where the last drill failed.
pub(crate) fn drill_problem(entries: &[Entry]) -> Option<String> {
    let drills = entries.iter().flat_map(|entry| &entry.record.verifications);
    let last = drills.filter(|proof| proof.depth == Depth::Drill && proof.outcome != Outcome::Inconclusive).max_by_key(|proof| proof.at)?;
    (last.outcome == Outcome::Failed).then(|| last.problem.clone().unwrap_or_default())
}

pub(crate) fn has_failed(entry: &Entry) -> bool {
    entry.record.last_proof().is_some_and(|proof| proof.outcome == Outcome::Failed)
}

fn short(entry: &Entry, now: Timestamp) -> Backup {
    Backup {
        id: entry.id.clone(),
        created_at: entry.created_at(),
        age_seconds: now.as_second() - entry.created_at().as_second(),
        size_bytes: entry.size_bytes(),
        proven: entry.is_proven(),
    }
}

fn targets(entries: &[Entry], names: Vec<String>) -> Vec<Target> {
    let mut copies: BTreeMap<&str, (usize, Timestamp)> = BTreeMap::new();
    for entry in entries {
        for copy in &entry.record.copies {
            let (count, newest) = copies.entry(&copy.target).or_insert((0, Timestamp::MIN));
            *count += 1;
            *newest = (*newest).max(entry.created_at());
        }
    }
    let known = |name: String| {
        let found = copies.get(name.as_str());
        Target { copies: found.map_or(0, |(count, _)| *count), newest_created_at: found.map(|(_, newest)| *newest), name }
    };
    names.into_iter().map(known).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn in_one_word() {
        let check = |any, newest, failed, late, wanted| assert_eq!(State::of(any, newest, failed, late), wanted);
        check(true, true, false, false, State::Ok);
        check(true, true, false, true, State::Late);
        check(true, true, true, true, State::Failed);
        check(true, false, false, false, State::Failed);
        check(false, false, false, true, State::None);
    }
}
