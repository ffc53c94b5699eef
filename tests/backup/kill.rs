//! `kill -9` while a backup is made, verified, pruned: what is listed is whole, and the next run clears up.

use std::time::Duration;

use magnetiq_tests::{Fault, Random};

use crate::{
    proof::seed,
    site::{Site, moment},
};

#[test]
fn a_killed_backup_is_never_listed() {
    create(10);
}

#[test]
fn a_killed_verification_leaves_the_backup_as_it_was() {
    verify(10);
}

#[test]
fn a_killed_prune_leaves_whole_backups() {
    prune(10);
}

#[test]
#[ignore = "long: cargo xtask test --soak"]
fn soak_killed_backups() {
    create(200);
}

#[test]
#[ignore = "long: cargo xtask test --soak"]
fn soak_killed_verifications() {
    verify(200);
}

#[test]
#[ignore = "long: cargo xtask test --soak"]
fn soak_killed_prunes() {
    prune(200);
}

/// Rounds, of which some must have hit a program at work.
#[derive(Default)]
pub(crate) struct Hits {
    killed: u64,
    ended: u64,
    /// It is known to have ended within this: the first run may have been a slow one.
    shortest: Option<Duration>,
}

impl Hits {
    pub(crate) fn kill(&mut self, site: &Site, words: &[&str], after: Duration) {
        match site.kill(words, after) {
            None => self.killed += 1,
            Some(_) => {
                self.ended += 1;
                self.shortest = Some(self.within(after));
            }
        }
    }

    /// The time within which to kill, where one run took `time`.
    pub(crate) fn within(&self, time: Duration) -> Duration {
        self.shortest.map_or(time, |shortest| shortest.min(time))
    }

    #[track_caller]
    pub(crate) fn check(&self, about: &str) {
        eprintln!("{about}: {} killed, {} had ended", self.killed, self.ended);
        assert!(self.killed * 2 >= self.ended, "{about}: nearly everything was over before the kill");
    }
}

fn create(count: u64) {
    let seed = seed();
    let mut random = Random::new(seed);
    let mut site = Site::new(&mut random, "[backup.retention]\ndaily = 1");
    let time = site.time(&["once"]).min(site.time(&["once"]));
    let mut hits = Hits::default();
    for round in 0..count {
        site.write(random.below(40), random.below(3));
        // Archives of a second share no name, so the round needs no pause.
        let (before, after) = (site.ids(), moment(hits.within(time), &mut random));
        let about = format!("seed {seed}, round {round}, killed after {after:?}");
        hits.kill(&site, &["once"], after);
        let listed = site.ids();
        let lost = before.iter().filter(|id| !listed.contains(id)).count();
        assert!(lost == 0 || listed.iter().any(|id| !before.contains(id)), "{about}: {before:?} became {listed:?}");
        site.check_all_restore(&about);
        let ended = site.run(&["once"]);
        assert_eq!(ended.code, Some(0), "{about}: {ended:?}");
        assert_eq!(site.restored("latest", &about), site.content(&about), "{about}");
        site.check_clean(&about);
    }
    hits.check("backups");
}

fn verify(count: u64) {
    let seed = seed();
    let mut random = Random::new(seed);
    let site = Site::new(&mut random, "");
    site.run(&["once"]).check_done();
    let listed = site.list();
    // Other programs may have been in the way of the first.
    let time = site.time(&["verify"]).min(site.time(&["verify"]));
    let mut hits = Hits::default();
    for round in 0..count {
        let after = moment(hits.within(time), &mut random);
        let about = format!("seed {seed}, round {round}, killed after {after:?}");
        hits.kill(&site, &["verify"], after);
        let now = site.list();
        assert_eq!(now.len(), 1, "{about}");
        for key in ["id", "archive", "proven", "partial", "summary"] {
            assert_eq!(now[0][key], listed[0][key], "{about}");
        }
        let ended = site.run(&["verify"]);
        assert_eq!(ended.code, Some(0), "{about}: {ended:?}");
        site.check_clean(&about);
    }
    hits.check("verifications");
}

const DAY_S: i64 = 86_400;

/// A backup for each of so many days, with media that come and go.
pub(crate) fn history(random: &mut Random, days: i64) -> Option<Site> {
    let mut site = Site::new(random, "[backup.retention]\ndaily = 30");
    for day in (0..days).rev() {
        let ended = site.run_with(&Fault::ShiftedClock { seconds: -day * DAY_S }, &["once"])?;
        ended.check_done();
        site.write(10, 2);
        site.remove_media(2);
    }
    assert_eq!(site.ids().len(), usize::try_from(days).unwrap());
    Some(site)
}

fn prune(count: u64) {
    let seed = seed();
    let mut random = Random::new(seed);
    let Some(made) = history(&mut random, 6) else { return };
    made.settings("[backup.retention]\ndaily = 2");
    let before = made.ids();
    let finished = made.copy();
    // One that is slow by chance would put all kills behind the end.
    let time = finished.time(&["prune"]).min(made.copy().time(&["prune"])).min(made.copy().time(&["prune"]));
    assert_eq!(finished.ids(), before[..2]);
    let mut hits = Hits::default();
    for round in 0..count {
        let site = made.copy();
        let after = moment(hits.within(time), &mut random);
        let about = format!("seed {seed}, round {round}, killed after {after:?}");
        hits.kill(&site, &["prune"], after);
        let listed = site.ids();
        assert!(listed.starts_with(&before[..2]) && listed.iter().all(|id| before.contains(id)), "{about}: {listed:?}");
        site.check_all_restore(&about);
        let ended = site.run(&["prune"]);
        assert_eq!(ended.code, Some(0), "{about}: {ended:?}");
        assert_eq!(site.ids(), before[..2], "{about}");
        site.check_clean(&about);
        site.check_all_restore(&about);
        let media = |site: &Site| crate::site::files(&site.backups().join("media")).len();
        assert_eq!(media(&site), media(&finished), "{about}: media that no backup names");
    }
    hits.check("prunes");
}
