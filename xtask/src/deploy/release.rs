//! What was deployed: one record for each attempt. They lie on the target, so that everybody who deploys there sees the same history.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::clock;
use super::facts::{Facts, Learned};
use super::line::Line;

/// The file of a record, in the folder of its number.
pub(crate) const RECORD: &str = "release.json";
/// How the names of images begin that releases have. No registry has this host, so that it is never pulled.
pub(crate) const OURS: &str = "release.invalid/";

/// The number of what somebody started before the first deployment.
pub(crate) const BY_HAND: u32 = 0;

/// How an attempt ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Outcome {
    /// It has begun.
    Deploying,
    /// It passed the gate, and ran until the next one did.
    Live,
    /// The one before runs again, and passed the gate.
    RolledBack,
    /// It came to nothing before anything was switched.
    Failed,
    /// It did not pass the gate, and runs: going back would have lost what was written.
    Stuck,
    /// Neither it nor the one before passed the gate: somebody must look what runs.
    Broken,
    /// It has begun, and nobody goes on with it. Seen by whoever looks: it was not there any more to say so.
    GivenUp,
}

impl Outcome {
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Deploying => "deploying",
            Self::Live => "live",
            Self::RolledBack => "rolled back",
            Self::Failed => "failed",
            Self::Stuck => "stuck",
            Self::Broken => "broken",
            Self::GivenUp => "given up",
        }
    }
}

/// One attempt to make a version run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Release {
    /// Counted on the target, from 1.
    pub(crate) number: u32,
    /// What probes tell: `server.release`. `None`: it was started by hand, and they tell nothing.
    pub(crate) release: Option<String>,
    /// The tag of its images.
    pub(crate) version: String,
    /// The commit that they were made of.
    pub(crate) revision: Option<String>,
    /// What each service runs.
    pub(crate) images: BTreeMap<String, String>,
    pub(crate) who: String,
    pub(crate) why: Option<String>,
    pub(crate) begun_at: Timestamp,
    pub(crate) ended_at: Option<Timestamp>,
    pub(crate) outcome: Outcome,
    /// What went wrong.
    pub(crate) reason: Option<String>,
    /// The commit that made it run, of a cluster that follows a repository.
    #[serde(default)]
    pub(crate) commit: Option<String>,
    /// The release that it goes back to.
    pub(crate) of: Option<u32>,
    /// The backup that was made before.
    pub(crate) backup: Option<String>,
    /// Version of the schema that it found, where it tried a migration.
    #[serde(default)]
    pub(crate) schema_from: Option<i64>,
    /// Version of the schema that it left.
    pub(crate) schema: Option<i64>,
    /// The ReplicaSet of each workload, where a cluster is told directly: its name stays, however its revisions are counted.
    #[serde(default)]
    pub(crate) workloads: BTreeMap<String, String>,
    /// Whether it brought other data and no other version.
    #[serde(default)]
    pub(crate) other_data: bool,
    /// How long the server was away: seen from outside, or, of what was cut off meanwhile, how long visitors were kept out.
    pub(crate) downtime_ms: Option<u64>,
    /// How long readers got neither an answer of it nor a copy, where that was seen to its end.
    pub(crate) readers_away_ms: Option<u64>,
}

impl Release {
    /// What there is to record of a deployment so far, or at its end.
    pub(crate) fn of(facts: &Facts, learned: &Learned, outcome: Outcome, failed: Option<&str>) -> Self {
        let ended = outcome != Outcome::Deploying;
        Self {
            number: facts.number,
            release: facts.of.as_ref().map_or(Some(facts.release.clone()), |of| of.release.clone()),
            version: facts.version.clone(),
            revision: learned.revision.clone(),
            images: learned.images.clone(),
            who: facts.who.clone(),
            why: facts.why.clone(),
            begun_at: facts.begun_at,
            ended_at: ended.then(clock::now),
            outcome,
            reason: failed.map(str::to_owned),
            commit: None,
            of: facts.of.as_ref().map(|of| of.number),
            workloads: BTreeMap::new(),
            other_data: facts.data.is_some(),
            backup: learned.backup.clone(),
            schema_from: learned.schema_from,
            schema: learned.schema_to,
            downtime_ms: learned.downtime_ms,
            readers_away_ms: learned.readers_away_ms,
        }
    }

    /// Whether it was found not to be well, and stayed or was given up: where it comes back, nobody demands more of it.
    pub(crate) fn is_unwell(&self) -> bool {
        // What stayed with other data had passed before these came.
        self.outcome == Outcome::Stuck && !self.other_data
    }

    /// What somebody does who cannot go back to it. `place` is what leads to where it ran.
    pub(crate) fn anew(&self, place: &[String]) -> String {
        let deploy = Line::new(["cargo", "xtask", "deploy"]).with(place);
        let mut text = "Deploy it anew, from the commit that it was built of".to_owned();
        match &self.revision {
            Some(commit) => text.push_str(&format!(":\n    git checkout {commit}\n    {deploy}")),
            // Of images that were built elsewhere, say.
            None => text.push_str(", which nobody wrote down"),
        }
        if !self.images.is_empty() {
            text.push_str(&format!("\nor with the images that it had, once images.lock names them:\n    {deploy} --images"));
            text.extend(self.images.iter().map(|(name, image)| format!("\n    {name} {image}")));
        }
        text
    }
}

/// The records in a folder of releases, the newest first.
///
/// # Errors
///
/// Where the folder or a record cannot be read.
pub(crate) fn read_all(folder: &Path) -> Result<Vec<Release>> {
    let mut releases = Vec::new();
    for entry in fs::read_dir(folder).with_context(|| format!("look into {}", folder.display()))? {
        let path = entry?.path().join(RECORD);
        if path.is_file() {
            let text = fs::read_to_string(&path).with_context(|| format!("read {}", path.display()))?;
            let release: Release = serde_json::from_str(&text).with_context(|| format!("understand {}", path.display()))?;
            releases.push(release);
        }
    }
    releases.sort_by_key(|release| std::cmp::Reverse(release.number));
    fill_in_schemas(&mut releases);
    Ok(releases)
}

/// What was started first, or by hand, was told by nobody which schema it has: the first that came after it found it.
fn fill_in_schemas(releases: &mut [Release]) {
    let mut found = None;
    for release in releases {
        release.schema = release.schema.or(found);
        // One that nobody ended may have migrated, and says nothing about those before it.
        found = release.schema_from.or(found.filter(|_| release.outcome != Outcome::Deploying));
    }
}

/// What runs: the newest that passed its gate, or that stayed although it did not.
pub(crate) fn live(releases: &[Release]) -> Option<&Release> {
    releases.iter().find(|release| matches!(release.outcome, Outcome::Live | Outcome::Stuck))
}

/// Images that nobody goes back to any more once one version more is live, or `of` again, and `keep` stay. What came to nothing is not gone back
/// to, either.
pub(crate) fn needless(releases: &[Release], keep: u32, of: Option<&Release>) -> Vec<String> {
    let live = releases.iter().filter(|release| release.outcome == Outcome::Live);
    let kept: Vec<&Release> = live.take(usize::try_from(keep).unwrap_or(usize::MAX).saturating_sub(1)).chain(of).collect();
    let is_kept = |image: &String| kept.iter().any(|release| release.images.values().any(|used| used == image));
    let ours = releases.iter().flat_map(|release| release.images.values()).filter(|image| image.starts_with(OURS) && !is_kept(image));
    ours.collect::<BTreeSet<_>>().into_iter().cloned().collect()
}

/// The version of the schema that the migration to this one found, and that its copy is of.
fn found_by_migration(releases: &[Release], to: i64) -> Option<i64> {
    let migrated = releases.iter().enumerate().filter(|(_, release)| release.schema == Some(to));
    // Where nobody wrote down what one that was given up found: what passed before it left that.
    let found = |(at, release): (usize, &Release)| {
        let before = releases[at + 1..].iter().find(|before| before.outcome == Outcome::Live);
        release.schema_from.or_else(|| before?.schema)
    };
    // Whatever tried this migration last; others had nothing to do.
    migrated.filter_map(found).find(|from| *from < to)
}

/// The versions of the schema that are there and that a release works with, where they are known.
fn from_and_to(releases: &[Release], of: &Release) -> Option<(i64, i64)> {
    live(releases).and_then(|live| live.schema).zip(of.schema)
}

/// The schema between two migrations that a way back goes over, where nothing that works with it ever passed: over both, then, or not at all.
pub(crate) fn between(releases: &[Release], of: &Release) -> Option<i64> {
    let (now, wanted) = from_and_to(releases, of)?;
    let between = found_by_migration(releases, now).filter(|between| *between > wanted)?;
    let has_passed = releases.iter().any(|release| release.outcome == Outcome::Live && release.schema == Some(between));
    (!has_passed && found_by_migration(releases, between) == Some(wanted)).then_some(between)
}

/// Refuses a way back over more than one migration: the copy that the last one left is of the schema before that one. `place` is what leads there.
///
/// # Errors
///
/// With the release that is on the way.
pub(crate) fn refuse_two_migrations(releases: &[Release], of: &Release, place: &[String]) -> Result<()> {
    let Some((now, wanted)) = from_and_to(releases, of) else { return Ok(()) };
    let Some(before) = found_by_migration(releases, now).filter(|before| *before > wanted) else { return Ok(()) };
    let passed = releases.iter().filter(|release| release.outcome == Outcome::Live);
    let step = passed.filter(|release| release.schema == Some(before)).map(|release| release.number).next();
    let rollback = |number: u32| Line::new(["cargo", "xtask", "rollback", &number.to_string()]).with(place);
    let first = step.map_or_else(|| "restore a backup from then".to_owned(), |number| format!("first {}", rollback(number)));
    bail!(
        "{} works with schema version {wanted}, and what runs with {now}: the copy from before the last migration is of version {before}. Go back one \
         migration after the other: {first}",
        of.version
    )
}

/// The release that somebody means: by its number, or by the version that it brought; without a name, the one before what runs.
pub(crate) fn find<'a>(releases: &'a [Release], name: Option<&str>) -> Option<&'a Release> {
    let passed = || releases.iter().filter(|release| release.outcome == Outcome::Live);
    match name {
        Some(name) => passed().find(|release| release.version == name || release.number.to_string() == name),
        None => {
            let runs = live(releases)?;
            passed().find(|release| release.images != runs.images || release.release != runs.release)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Outcome, Release, between, fill_in_schemas, find, live, refuse_two_migrations};

    fn release(number: u32, from: Option<i64>, schema: Option<i64>) -> Release {
        let record = serde_json::json!({ "number": number, "version": "1", "images": {}, "who": "ana", "begun_at": "2026-11-26T03:00:00Z",
                                         "outcome": "live", "schema_from": from, "schema": schema });
        serde_json::from_value(record).expect("a record")
    }

    #[test]
    fn a_schema_that_nobody_told_is_what_the_next_one_found() {
        let mut releases = [release(4, None, None), release(3, Some(15), Some(16)), release(2, None, None), release(1, None, None)];
        fill_in_schemas(&mut releases);
        assert_eq!(releases.map(|release| release.schema), [None, Some(16), Some(15), Some(15)]);
        // The second was given up, and had migrated: what the third found says nothing about the first.
        let given_up = Release { outcome: Outcome::Deploying, ..release(2, None, None) };
        let mut releases = [release(3, Some(17), Some(17)), given_up, release(1, None, None)];
        fill_in_schemas(&mut releases);
        assert_eq!(releases.map(|release| release.schema), [Some(17), Some(17), None]);
    }
    #[test]
    fn what_stayed_is_what_runs_and_what_is_gone_back_from() {
        let numbered = |number: u32, outcome: Outcome| Release {
            images: [("backend".to_owned(), format!("release.invalid/site-backend:{number}"))].into(),
            release: Some(number.to_string()),
            outcome,
            ..release(number, None, None)
        };
        let releases = [
            numbered(5, Outcome::Broken),
            numbered(4, Outcome::GivenUp),
            numbered(3, Outcome::Stuck),
            numbered(2, Outcome::Live),
            numbered(1, Outcome::Live),
        ];
        assert_eq!(live(&releases).map(|release| release.number), Some(3));
        assert_eq!(find(&releases, None).map(|release| release.number), Some(2));
        assert_eq!(find(&releases, Some("3")).map(|release| release.number), None, "it never passed");
        // Once another one passed, it is gone back to what passed before.
        assert_eq!(find(&[[numbered(6, Outcome::Live)].as_slice(), &releases].concat(), None).map(|release| release.number), Some(2));
    }

    #[test]
    fn a_migration_is_gone_back_over_one_at_a_time() {
        let refuse = |releases: &[Release], of: &Release| refuse_two_migrations(releases, of, &["--target".to_owned(), "k8s".to_owned()]);
        let releases = [release(3, Some(15), Some(16)), release(2, Some(14), Some(15)), release(1, None, Some(14))];
        refuse(&releases, &releases[1]).expect("one step");
        let refused = refuse(&releases, &releases[2]).expect_err("two steps").to_string();
        assert!(refused.ends_with("first cargo xtask rollback 2 --target k8s"), "{refused}");
        // There, it is one; and two migrations of one deployment are one.
        let back = [&[release(4, None, Some(15))], releases.as_slice()].concat();
        refuse(&back, &back[3]).expect("one step");
        refuse(&[release(2, Some(14), Some(16)), release(1, None, Some(14))], &releases[2]).expect("one step");
        refuse(&[release(2, None, None), release(1, None, None)], &release(1, None, None)).expect("nobody knows");
        // What was given up and followed was recorded before it was known what it found.
        let followed =
            [release(4, Some(16), Some(16)), release(3, None, Some(16)), release(2, Some(14), Some(15)), release(1, None, Some(14))];
        refuse(&followed, &followed[2]).expect("one step");
        for releases in [&followed[..], &followed[1..]] {
            let refused = refuse(releases, &followed[3]).expect_err("two steps").to_string();
            assert!(refused.contains("is of version 15.") && refused.ends_with("first cargo xtask rollback 2 --target k8s"), "{refused}");
        }
    }

    /// Nobody goes back to what lies between: it never passed.
    #[test]
    fn over_the_migration_of_one_that_was_given_up_it_is_gone_back_with_the_next() {
        let outcome = |outcome: Outcome, release: Release| Release { outcome, ..release };
        let given_up = |outcome_of: Outcome| {
            let stays = outcome(Outcome::Stuck, release(4, Some(16), Some(17)));
            let mut releases =
                [stays, outcome(outcome_of, release(3, None, None)), release(2, Some(14), Some(15)), release(1, None, Some(14))];
            fill_in_schemas(&mut releases);
            releases
        };
        let releases = given_up(Outcome::Deploying);
        assert_eq!((between(&releases, &releases[2]), between(&releases, &releases[3])), (Some(16), None), "three are two steps");
        let releases = given_up(Outcome::Live);
        assert_eq!(between(&releases, &releases[2]), None, "it is gone back to first");
        assert_eq!(between(&releases[1..], &releases[2]), None, "one step");
    }
}
