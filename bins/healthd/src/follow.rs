//! From what a monitor tells to incidents: which begin, which go on, which are over. Pure, so that it can be asked again after a write failed.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use magnetiq_health::{CheckId, CheckReport, Report, Status};

use crate::incident::Incident;

/// What the monitor told last of a check.
#[derive(Debug, Clone)]
pub(crate) struct Told {
    pub(crate) status: Status,
    /// When it became so.
    pub(crate) at: Timestamp,
    pub(crate) says: String,
}

/// What incidents are made of.
#[derive(Debug)]
pub(crate) struct Seen<'a> {
    pub(crate) report: &'a Report,
    /// Of checks that are not in it nobody knows anything yet.
    pub(crate) told: &'a BTreeMap<CheckId, Told>,
    /// The open incidents of an earlier process of which nothing was seen yet.
    pub(crate) inherited: &'a BTreeSet<i64>,
    pub(crate) now: Timestamp,
}

/// What of `open` changes, and then what begins; the number of a new incident is 0. Nothing where all is as it was.
pub(crate) fn follow(open: &[Incident], seen: &Seen<'_>, site_of: impl Fn(&CheckReport) -> String) -> Vec<Incident> {
    let mut changed: Vec<Incident> = open.iter().filter_map(|incident| gone_on(incident, seen)).collect();
    for check in &seen.report.checks {
        let Some(told) = seen.told.get(&check.id) else { continue };
        let ends = |id: i64| changed.iter().any(|other| other.id == id && !other.is_open());
        if is_wrong(told.status) && !open.iter().any(|incident| check.id == *incident.check && !ends(incident.id)) {
            changed.push(Incident {
                id: 0,
                site: site_of(check),
                check: check.id.to_string(),
                title: check.title.to_string(),
                critical: check.critical,
                status: told.status,
                worst: told.status,
                says: told.says.clone(),
                also_down: taken_down(check.id.as_str(), &[], seen.report),
                started_at: told.at.min(seen.now),
                ended_at: None,
                unseen_end: false,
                in_maintenance: false,
            });
        }
    }
    changed
}

/// Those of `inherited` of which nothing was told yet: the others go on as any.
pub(crate) fn still_unseen(inherited: &BTreeSet<i64>, open: &[Incident], told: &BTreeMap<CheckId, Told>) -> BTreeSet<i64> {
    let unseen = open.iter().filter(|incident| !told.contains_key(incident.check.as_str()));
    unseen.map(|incident| incident.id).filter(|id| inherited.contains(id)).collect()
}

/// The open incident as it is now; `None` where that is how it was.
fn gone_on(incident: &Incident, seen: &Seen<'_>) -> Option<Incident> {
    let inherited = seen.inherited.contains(&incident.id);
    let over = |at: Timestamp| Incident {
        status: Status::Pass,
        ended_at: Some(at.max(incident.started_at)),
        unseen_end: inherited,
        in_maintenance: false,
        ..incident.clone()
    };
    // It is not watched any more.
    let Some(check) = seen.report.check(&incident.check) else { return Some(over(seen.now)) };
    let told = seen.told.get(&check.id)?;
    if told.status == Status::Maintenance && check.seen == Status::Pass {
        // It was told when the maintenance began, and repaired since.
        return Some(over(check.since.min(seen.now)));
    }
    // A failure that only warns by now is over, and the warning an incident of its own: the next failure is told again.
    let is_milder = told.status == Status::Warn && incident.worst == Status::Fail;
    if told.status == Status::Pass || is_milder {
        return Some(over(told.at));
    }
    let mut now = Incident {
        status: told.status,
        also_down: taken_down(&incident.check, &incident.also_down, seen.report),
        in_maintenance: told.status == Status::Maintenance,
        ..incident.clone()
    };
    if is_wrong(told.status) && told.status.severity() > incident.worst.severity() {
        now.worst = told.status;
        now.says.clone_from(&told.says);
    }
    (now != *incident).then_some(now)
}

/// The checks that were down because of `cause`, and those that are.
fn taken_down(cause: &str, before: &[String], report: &Report) -> Vec<String> {
    let now = report.checks.iter().filter(|check| check.because_of.iter().any(|other| other == cause) && check.seen != Status::Pass);
    let names: BTreeSet<String> = before.iter().cloned().chain(now.map(|check| check.id.to_string())).collect();
    names.into_iter().collect()
}

/// Wrong, and neither explained by another check nor maintained.
fn is_wrong(status: Status) -> bool {
    matches!(status, Status::Warn | Status::Fail | Status::Unknown)
}

#[cfg(test)]
mod tests;
