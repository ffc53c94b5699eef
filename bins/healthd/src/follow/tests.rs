use expect_test::{Expect, expect};
use magnetiq_health::{Facts, NodeReport};
use proptest::prelude::*;
use serde_json::json;

use super::*;

/// `page` is explained by `api`; `disk` stands alone.
const CHECKS: [(&str, &[&str]); 3] = [("api", &[]), ("page", &["api"]), ("disk", &[])];

fn at(minute: i64) -> Timestamp {
    Timestamp::from_second(1_800_000_000 + 60 * minute).unwrap()
}

/// A report in which the checks are seen so. What fails because of another one is told as suppressed.
fn report(seen: &[Status], now: Timestamp) -> Report {
    let is_down = |name: &str| CHECKS.iter().zip(seen).any(|((other, _), seen)| *other == name && *seen == Status::Fail);
    let checks = CHECKS.iter().zip(seen).map(|((name, causes), seen)| {
        let causes: Vec<&&str> = causes.iter().filter(|cause| *seen != Status::Pass && is_down(cause)).collect();
        let status = if causes.is_empty() { *seen } else { Status::Suppressed };
        json!({
            "id": name, "node": "", "title": format!("About {name}"), "component": "", "critical": *name != "disk", "status": status, "seen": seen,
            "since": now, "says": format!("{name} says {seen}"), "reasons": [], "because_of": causes, "facts": Facts::new(), "affects": [], "limits": [],
        })
    });
    let tree = json!({ "id": "", "title": "", "status": "pass", "critical": true, "nodes": [], "checks": [] });
    let _: NodeReport = serde_json::from_value(tree.clone()).unwrap();
    let report = json!({
        "at": now, "status": "pass", "settled": true, "tree": tree, "checks": checks.collect::<serde_json::Value>(), "features": [],
    });
    serde_json::from_value(report).unwrap()
}

/// A history in memory, and a process that hears of everything.
#[derive(Default)]
struct World {
    told: BTreeMap<CheckId, Told>,
    inherited: BTreeSet<i64>,
    file: Vec<Incident>,
}

impl World {
    fn open(&self) -> Vec<Incident> {
        self.file.iter().filter(|incident| incident.is_open()).cloned().collect()
    }

    fn follow(&self, report: &Report, now: Timestamp) -> Vec<Incident> {
        let seen = Seen { report, told: &self.told, inherited: &self.inherited, now };
        follow(&self.open(), &seen, |_| "main".to_owned())
    }

    fn hear(&mut self, report: &Report, now: Timestamp) {
        for check in &report.checks {
            let changed = self.told.get(&check.id).is_none_or(|told| told.status != check.status);
            if changed {
                self.told.insert(check.id.clone(), Told { status: check.status, at: now, says: check.says.to_string() });
            }
        }
    }

    /// What the keeper does; `fails` as on a full disk.
    fn save(&mut self, changed: Vec<Incident>, fails: bool) {
        if fails {
            return;
        }
        for incident in changed {
            match self.file.iter_mut().find(|other| other.id == incident.id) {
                Some(other) => *other = incident,
                None => {
                    let id = i64::try_from(self.file.len()).unwrap() + 1;
                    self.file.push(Incident { id, ..incident });
                }
            }
        }
        self.inherited = still_unseen(&self.inherited, &self.open(), &self.told);
    }

    fn restart(&mut self) {
        self.told.clear();
        self.inherited = self.open().iter().map(|incident| incident.id).collect();
    }

    fn step(&mut self, seen: [Status; 3], minute: i64) {
        let report = report(&seen, at(minute));
        self.hear(&report, at(minute));
        let changed = self.follow(&report, at(minute));
        self.save(changed, false);
    }
}

fn shown(world: &World) -> String {
    world.file.iter().fold(String::new(), |text, incident| {
        let minute = |at: Timestamp| (at.as_second() - 1_800_000_000) / 60;
        let end = incident.ended_at.map_or("…".to_owned(), |ended_at| minute(ended_at).to_string());
        let Incident { id, check, status, worst, says, also_down, unseen_end, .. } = incident;
        let unseen = if *unseen_end { ", unseen" } else { "" };
        format!("{text}{id} {check} {}–{end}{unseen}: {status}, at worst {worst}: {says}; {also_down:?}\n", minute(incident.started_at))
    })
}

use Status::{Fail, Maintenance, Pass, Unknown, Warn};

fn check(steps: &[[Status; 3]], expected: &Expect) {
    let mut world = World::default();
    for (minute, seen) in steps.iter().enumerate() {
        world.step(*seen, i64::try_from(minute).unwrap());
    }
    expected.assert_eq(&shown(&world));
}

#[test]
fn only_the_cause_is_an_incident() {
    check(
        &[[Pass, Pass, Pass], [Fail, Fail, Pass], [Fail, Fail, Pass], [Pass, Pass, Pass]],
        &expect![[r#"
        1 api 1–3: pass, at worst fail: api says fail; ["page"]
    "#]],
    );
}

#[test]
fn an_incident_gets_worse_and_better() {
    check(
        &[[Pass, Pass, Warn], [Pass, Pass, Unknown], [Pass, Pass, Warn], [Pass, Pass, Pass], [Pass, Pass, Fail]],
        &expect![[r#"
        1 disk 0–3: pass, at worst unknown: disk says unknown; []
        2 disk 4–…: fail, at worst fail: disk says fail; []
    "#]],
    );
}

#[test]
fn a_failure_that_only_warns_is_over_and_the_next_one_is_another() {
    check(
        &[[Pass, Pass, Fail], [Pass, Pass, Unknown], [Pass, Pass, Warn], [Pass, Pass, Warn], [Pass, Pass, Fail], [Pass, Pass, Pass]],
        &expect![[r#"
        1 disk 0–2: pass, at worst fail: disk says fail; []
        2 disk 2–5: pass, at worst fail: disk says fail; []
    "#]],
    );
}

#[test]
fn what_is_explained_later_lasts_until_it_passes() {
    check(
        &[[Pass, Fail, Pass], [Fail, Fail, Pass], [Pass, Fail, Pass], [Pass, Pass, Pass]],
        &expect![[r#"
        1 page 0–3: pass, at worst fail: page says fail; []
        2 api 1–2: pass, at worst fail: api says fail; ["page"]
    "#]],
    );
}

#[test]
fn maintenance_begins_nothing_and_ends_nothing() {
    check(
        &[[Pass, Pass, Maintenance], [Pass, Pass, Fail], [Pass, Pass, Maintenance], [Pass, Pass, Fail], [Pass, Pass, Pass]],
        &expect![[r#"
        1 disk 1–4: pass, at worst fail: disk says fail; []
    "#]],
    );
}

#[test]
fn what_is_repaired_in_maintenance_ends_when_it_was_repaired() {
    let mut world = World::default();
    world.step([Pass, Pass, Fail], 0);
    let mut maintained = report(&[Pass, Pass, Maintenance], at(10));
    world.hear(&maintained, at(10));
    world.save(world.follow(&maintained, at(10)), false);
    maintained.checks[2].seen = Pass;
    maintained.checks[2].since = at(50);
    world.save(world.follow(&maintained, at(51)), false);
    expect![[r#"
        1 disk 0–50: pass, at worst fail: disk says fail; []
    "#]]
    .assert_eq(&shown(&world));
}

#[test]
fn what_ended_while_nobody_looked_says_so() {
    let mut world = World::default();
    world.step([Fail, Fail, Fail], 0);
    world.restart();
    world.step([Pass, Pass, Fail], 60);
    world.step([Pass, Pass, Pass], 61);
    expect![[r#"
        1 api 0–60, unseen: pass, at worst fail: api says fail; ["page"]
        2 disk 0–61: pass, at worst fail: disk says fail; []
    "#]]
    .assert_eq(&shown(&world));
}

fn status() -> impl Strategy<Value = Status> {
    prop_oneof![Just(Pass), Just(Pass), Just(Warn), Just(Fail), Just(Unknown), Just(Maintenance)]
}

proptest! {
    /// Whatever happens, and whenever the disk is full or the process dies: one open incident for each check that is wrong, none for one that
    /// passes, and what is over stays as it was.
    #[test]
    fn incidents_are_what_was_told(steps in prop::collection::vec((prop::array::uniform3(status()), 0..10_u8), 1..40)) {
        let mut world = World::default();
        for (minute, (seen, chance)) in steps.into_iter().enumerate() {
            let now = at(i64::try_from(minute).unwrap());
            if chance == 0 {
                world.restart();
            }
            let report = report(&seen, now);
            world.hear(&report, now);
            let over: Vec<Incident> = world.file.iter().filter(|incident| !incident.is_open()).cloned().collect();
            let changed = world.follow(&report, now);
            world.save(changed, chance == 1);
            for incident in over {
                prop_assert!(world.file.contains(&incident), "{incident:?} changed after its end");
            }
            for check in &report.checks {
                let open = world.open().iter().filter(|incident| check.id == *incident.check).count();
                prop_assert!(open <= 1);
                if chance != 1 {
                    prop_assert!(!is_wrong(check.status) || open == 1, "{} is {} and has no incident", check.id, check.status);
                    prop_assert!(check.status != Pass || open == 0, "{} passes and has an incident", check.id);
                    let failed = world.open().iter().any(|incident| check.id == *incident.check && incident.worst == Fail);
                    prop_assert!(check.status != Warn || !failed, "{} warns in an incident that failed", check.id);
                }
            }
            if chance != 1 {
                prop_assert_eq!(world.follow(&report, now), Vec::new(), "nothing more to do");
            }
            for incident in &world.file {
                prop_assert!(is_wrong(incident.worst) && incident.ended_at.is_none_or(|ended_at| ended_at >= incident.started_at));
            }
        }
    }
}
