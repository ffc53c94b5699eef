//! The way back, and what is done where going back would lose what visitors wrote.

use super::super::{Reached, Step, Work, ready, smoke, step, told};
use super::{
    before, close, data, docker, files, inspect, new, open, record_lines, run, settle, stop, trial, unlock, up_backend, up_others,
};
use crate::deploy::facts::{Facts, Learned};
use crate::deploy::release::Outcome;
use crate::deploy::server;

pub(in crate::deploy::plan) fn back(facts: &Facts, learned: &Learned, reached: Reached) -> Vec<Step> {
    let mut steps = Vec::new();
    let Some(previous) = facts.previous.as_ref().filter(|_| reached.filed || reached.closed) else {
        // Nothing was changed; what a first deployment started is left for whoever looks into it.
        if reached.locked {
            steps.push(step("back-record", "in the history: it came to nothing", Work::Record(Outcome::Failed), record_lines(facts)));
            steps.push(unlock(facts, "back-unlock"));
        }
        steps.extend(told("failed", facts.hooks.failed.as_ref()));
        return steps;
    };
    if facts.data.is_some() && reached.opened {
        // What visitors wrote to the new data stays with them. Backups go on, where it failed before they did.
        steps.push(step("back-others", "backups", Work::Run, vec![new(facts).with(["up", "--detach", "--no-deps", "backupd"])]));
        // Who decides stops and starts the service by name: of two servers both would start.
        steps.push(settle(facts, "back-settle"));
        steps.push(step("back-record", "in the history: somebody must decide", Work::Record(Outcome::Stuck), record_lines(facts)));
        steps.push(unlock(facts, "back-unlock"));
        steps.extend(told("failed", facts.hooks.failed.as_ref()));
        return steps;
    }
    if reached.switched {
        steps.push(close(facts, "back-close"));
        // What visitors wrote to a version that went back over a migration stays with it, and migrates again at the start of the one before.
        if reached.put && !reached.opened {
            steps.push(stop(new(facts), "back-stop"));
            let id = learned.backup.as_deref().unwrap_or("BACKUP");
            let line = run(facts, before(facts)).with(["backupd", "restore", id, "--yes"]);
            steps.push(step("back-put", "the data as they were when the site was closed", Work::Run, vec![line]));
        }
        // What a rollback took back, the version before migrates again at its start; what it migrated again goes back as it did the first time.
        // A deployment in between migrated, and was given up: people may have written to it.
        let is_between = previous.schema.zip(learned.schema_from).is_some_and(|(works_with, found)| works_with < found);
        if learned.migrates || is_between {
            steps.push(step("back-stop", "nobody writes", Work::Run, vec![new(facts).with(["stop", "backend"])]));
        }
        if learned.migrates {
            // Nobody was let in: what the new server itself wrote at its start may go.
            steps.push(data(facts, "back-data", new(facts), learned.schema_from, !reached.opened || facts.discard));
        }
        if is_between {
            steps.push(data(facts, "back-data-between", new(facts), previous.schema, facts.discard));
        }
    }
    if reached.filed {
        let next = server::next_name(facts);
        let lines = vec![docker(facts, ["container", "stop", &next]), docker(facts, ["container", "rm", &next])];
        steps.push(step("back-next", "the new server goes, where there is one", Work::ForgetNext, lines));
        steps.push(files(facts, "back-files", previous.number));
    }
    if reached.switched {
        steps.push(step("back-switch", "the server of the version before", Work::Server, vec![up_backend(before(facts))]));
    }
    let answers = reached.switched && !previous.is_unwell();
    if answers {
        steps.push(ready(facts, "back-gate", previous.release.as_deref(), inspect(facts, &server::name(facts))));
        steps.push(trial(facts, "back-trial"));
    }
    // Who was kept out from something that never passed stays so, unless what has passed answers again.
    if answers || !facts.closed_before {
        steps.push(open(facts, "back-open"));
    }
    if reached.switched {
        steps.push(step("back-others", "page, proxy, backups, watcher of the version before", Work::Run, up_others(&before(facts))));
    }
    if answers {
        steps.push(smoke(facts, "back-smoke"));
    }
    let (what, outcome) = if reached.closed || reached.switched {
        ("in the history: the version before runs", Outcome::RolledBack)
    } else {
        ("in the history: it came to nothing", Outcome::Failed)
    };
    steps.push(step("back-record", what, Work::Record(outcome), record_lines(facts)));
    steps.push(unlock(facts, "back-unlock"));
    steps.extend(told("failed", facts.hooks.failed.as_ref()));
    steps
}

pub(in crate::deploy::plan) fn stay(facts: &Facts, reached: Reached) -> Vec<Step> {
    let mut steps = vec![step("stay-switch", "the new server again", Work::Server, vec![up_backend(new(facts))])];
    // As on the way back: it never passed, unless visitors were let in to it.
    if reached.opened || !facts.closed_before {
        steps.push(open(facts, "stay-open"));
    }
    steps.push(step("stay-record", "in the history: somebody must decide", Work::Record(Outcome::Stuck), record_lines(facts)));
    steps.push(unlock(facts, "stay-unlock"));
    steps.extend(told("stay-failed", facts.hooks.failed.as_ref()));
    steps
}

pub(in crate::deploy::plan) fn broken(facts: &Facts) -> Step {
    step("broken-record", "in the history: somebody must look what runs", Work::Record(Outcome::Broken), record_lines(facts))
}
