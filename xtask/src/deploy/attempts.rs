//! What was tried from this machine, by its journals: all that is known of it where the target keeps no history.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::path::Path;

use anyhow::Result;

use super::facts::Facts;
use super::journal::{Event, Journal};
use super::release::{Outcome, Release};

/// Every attempt, the newest first.
///
/// # Errors
///
/// When a journal cannot be read.
pub(super) fn of(journals: &Path) -> Result<Vec<Release>> {
    let mut attempts: Vec<Release> = Vec::new();
    for path in Journal::files(journals) {
        for (at, event) in Journal::events(&path)? {
            if let Event::Planned { facts } = event {
                attempts.push(begun(*facts));
                continue;
            }
            let Some(attempt) = attempts.last_mut() else { continue };
            match event {
                Event::Failed { step, reason, .. } => {
                    attempt.reason.get_or_insert(format!("{step}: {reason}"));
                }
                Event::Ended { learned, .. } => {
                    (attempt.downtime_ms, attempt.readers_away_ms) = (learned.downtime_ms, learned.readers_away_ms);
                    (attempt.commit, attempt.backup) = (learned.commit, learned.backup);
                }
                Event::Finished { outcome } => (attempt.outcome, attempt.ended_at) = (ended(&outcome), Some(at)),
                _ => {}
            }
        }
    }
    attempts.sort_by_key(|attempt| Reverse(attempt.begun_at));
    Ok(attempts)
}

fn begun(facts: Facts) -> Release {
    Release {
        number: facts.number,
        release: Some(facts.release),
        version: facts.version,
        revision: None,
        images: facts.images,
        who: facts.who,
        why: facts.why,
        begun_at: facts.begun_at,
        ended_at: None,
        outcome: Outcome::Deploying,
        reason: None,
        commit: None,
        of: facts.of.map(|of| of.number),
        workloads: BTreeMap::new(),
        other_data: facts.data.is_some(),
        backup: None,
        schema_from: None,
        schema: None,
        downtime_ms: None,
        readers_away_ms: None,
    }
}

/// As the last line of a journal has it.
fn ended(outcome: &str) -> Outcome {
    match outcome {
        "live" => Outcome::Live,
        "rolled-back" => Outcome::RolledBack,
        "stuck" | "undecided" => Outcome::Stuck,
        "broken" => Outcome::Broken,
        super::GIVEN_UP => Outcome::GivenUp,
        _ => Outcome::Failed,
    }
}

#[cfg(test)]
mod tests {
    use super::of;
    use crate::deploy::facts::Facts;
    use crate::deploy::journal::{Event, Journal};
    use crate::deploy::plan::tests::facts;

    #[test]
    fn each_attempt_is_told_with_how_it_ended() {
        let folder = tempfile::tempdir().expect("a folder");
        assert!(of(&folder.path().join("nowhere")).expect("nothing was tried").is_empty());
        let now = || "2026-11-26T05:00:00Z".parse().expect("a time");
        // The first left its number to the second, since nobody knew of it.
        for (number, begun_at, failed, outcome) in [
            (8, "02", Some("the disk is full"), Some("failed")),
            (8, "03", None, Some("live")),
            (9, "04", None, Some("given up")),
            (10, "05", None, None),
        ] {
            let begun_at = format!("2026-11-26T{begun_at}:00:00Z").parse().expect("a time");
            let mut journal = Journal::begin(folder.path(), &Facts { number, begun_at, ..facts() }, now).expect("a journal");
            let failed = failed.map(|reason| Event::Failed { step: "preflight".to_owned(), seconds: 0.0, reason: reason.to_owned() });
            let finished = outcome.map(|outcome| Event::Finished { outcome: outcome.to_owned() });
            for event in failed.into_iter().chain(finished) {
                journal.write(event).expect("a line");
            }
        }
        let told: Vec<_> = of(folder.path()).expect("they are read").into_iter().map(|a| (a.number, a.outcome.word(), a.reason)).collect();
        let failed = Some("preflight: the disk is full".to_owned());
        assert_eq!(told, [(10, "deploying", None), (9, "given up", None), (8, "live", None), (8, "failed", failed)]);
    }
}
