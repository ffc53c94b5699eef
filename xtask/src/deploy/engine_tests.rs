//! What is asked of an engine, and what is made of its answers. Whether a real one does it, `tests/docker` tells.

use std::fs;
use std::path::PathBuf;

use serde_json::{Value, json};
use tempfile::TempDir;

use super::act::World;
use super::adopted::adopted;
use super::facts::{Facts, Learned};
use super::folder;
use super::journal::{Event, Journal};
use super::plan::{self, Step};
use super::release::{Outcome, RECORD, Release};
use super::{carry, clock, store};

struct Engine {
    folder: TempDir,
}

impl Engine {
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        folder::put(&folder.path().join("docker.sh"), include_str!("engine_tests/docker.sh")).expect("a file");
        Self { folder }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Deployment 8 to it, in the place of 7.
    fn facts(&self) -> Facts {
        let mut facts = plan::tests::facts();
        facts.tools.docker = vec!["sh".to_owned(), self.path("docker.sh").display().to_string()];
        facts.folder = self.path("state");
        facts
    }

    /// A record on it, or on this machine.
    fn record(&self, place: &str, number: u32, outcome: Outcome) {
        let release = Release { outcome, ..plan::tests::release(number, 15) };
        let text = serde_json::to_string(&release).expect("a record");
        folder::put(&self.path(place).join(number.to_string()).join(RECORD), &text).expect("a file");
    }

    fn container(&self, name: &str, told: &Value) {
        folder::put(&self.path("containers").join(name), &told.to_string()).expect("a file");
    }

    fn asked(&self) -> String {
        fs::read_to_string(self.path("log")).expect("it was asked")
    }
}

fn step(facts: &Facts, name: &str) -> Step {
    plan::forward(facts).into_iter().find(|step| step.name == name).expect("there is such a step")
}

#[test]
fn nobody_deploys_on_what_somebody_else_tried_meanwhile() {
    let at_last = |number: u32, outcome: Outcome| {
        let engine = Engine::new();
        let facts = engine.facts();
        engine.record("volume", 7, Outcome::Live);
        engine.record("volume", number, outcome);
        let taken = World::new(&facts).act(&step(&facts, "lock"), &mut Learned::default(), None);
        assert_eq!(taken.is_ok(), engine.path("containers/magnetiq-deploy-lock").exists(), "who is refused keeps nobody out");
        let forgot = engine.asked().contains(&format!("image rm release.invalid/magnetiq-backend:{}", facts.release));
        assert_eq!(taken.is_err(), forgot, "nobody would look for its images");
        taken.map_err(|error| error.to_string())
    };
    at_last(6, Outcome::Failed).expect("it was before");
    for outcome in [Outcome::Failed, Outcome::RolledBack, Outcome::Deploying, Outcome::Live] {
        let refused = at_last(8, outcome).expect_err("its files are those of another one now");
        assert!(refused.contains("somebody has deployed meanwhile"), "{refused}");
    }
}

/// What this machine remembers of the one before says nothing about it.
#[test]
fn a_target_that_was_made_anew_is_deployed_to() {
    let engine = Engine::new();
    engine.record("state/releases", 7, Outcome::Live);
    let mut facts = engine.facts();
    (facts.number, facts.previous) = (1, None);
    let known = || store::history(&facts.tools, &facts.name, &facts.releases()).expect("it answers");
    assert_eq!(known().len(), 0);
    World::new(&facts).act(&step(&facts, "lock"), &mut Learned::default(), None).expect("nobody has deployed there");
    assert_eq!(known().len(), 0, "there is a volume now");
    fs::remove_dir_all(engine.path("containers")).expect("the lock goes");
    assert_eq!(known().len(), 0, "it is looked at by a container of its own");
    engine.record("volume", 1, Outcome::Live);
    assert_eq!(known().iter().map(|release| release.number).collect::<Vec<_>>(), [1]);
    assert!(facts.releases().join("1").join(RECORD).is_file(), "its files are here");
    let look = fs::read_dir(facts.releases()).expect("the folder").count();
    assert_eq!(look, 2, "and nothing else: 1, and 7 as it was");
}

/// Killed while it gave the lock back: another one deploys since.
#[test]
fn what_goes_on_without_the_lock_leaves_others_alone() {
    for is_ours in [true, false] {
        let engine = Engine::new();
        let facts = engine.facts();
        let mut journal = Journal::begin(&engine.path("state/journal"), &facts, clock::now).expect("a journal");
        let mut write = |event: Event| journal.write(event).expect("a line");
        for step in plan::forward(&facts).iter().map(|step| step.name.to_owned()) {
            write(Event::Begun { step: step.clone() });
            if step == if is_ours { "prune" } else { "unlock" } {
                break;
            }
            write(Event::Ended { step, seconds: 0.0, note: String::new(), learned: Learned::default() });
        }
        let release = if is_ours { facts.release.as_str() } else { "8-of-bob" };
        let labels = json!({ "org.magnetiq.deploy": "8", "org.magnetiq.deploy.release": release, "org.magnetiq.deploy.who": "bob" });
        engine.container("magnetiq-deploy-lock", &labels);
        engine.record("volume", 8, Outcome::Live);
        fs::write(engine.path("left-over"), "backup-of-bob\n").expect("a file");
        carry::out(&facts, journal).expect("it ends");
        assert_eq!(engine.asked().contains("container rm --force backup-of-bob"), is_ours, "{}", engine.asked());
        assert_eq!(engine.path("containers/magnetiq-deploy-lock").exists(), !is_ours);
    }
}

#[test]
fn images_that_no_record_names_do_not_stay() {
    let engine = Engine::new();
    let facts = engine.facts();
    let mut journal = Journal::begin(&engine.path("state/journal"), &facts, clock::now).expect("a journal");
    let step = "release".to_owned();
    journal.write(Event::Begun { step: step.clone() }).expect("a line");
    journal.write(Event::Failed { step, seconds: 0.0, reason: "the second image is not there".to_owned() }).expect("a line");
    carry::out(&facts, journal).expect("it ends");
    for image in ["backend", "frontend", "proxy"] {
        assert!(engine.asked().contains(&format!("image rm release.invalid/magnetiq-{image}:{}", facts.release)), "{}", engine.asked());
    }
}

/// It runs and people write to it, so it is backed up and gone back to.
#[test]
fn a_first_deployment_that_came_to_nothing_and_runs_is_what_the_next_one_follows() {
    for (server, proxy, follows) in [("healthy", "running", true), ("unhealthy", "running", false), ("healthy", "restarting", false)] {
        let engine = Engine::new();
        let facts = engine.facts();
        let known = [Release { outcome: Outcome::Failed, ..plan::tests::release(1, 15) }];
        let image = &known[0].images["backend"];
        let state = json!({ "Config": { "Image": image }, "State": { "Status": "running", "Health": { "Status": server } } });
        engine.container("magnetiq-backend-1", &json!([state]));
        engine.container("magnetiq-proxy-1", &json!([{ "State": { "Status": proxy } }]));
        let found = adopted(&facts.tools, &facts.name, &known, &facts.folder, false).expect("it answers");
        let expected = Release { outcome: Outcome::Live, ..known[0].clone() };
        assert_eq!(found, follows.then_some(expected), "{server}, {proxy}");
    }
}

#[test]
fn what_is_kept_is_told_by_the_target() {
    let engine = Engine::new();
    let facts = Facts { keep: 1, ..engine.facts() };
    engine.record("state/releases", 9, Outcome::Live);
    for number in [6, 7, 8] {
        engine.record("volume", number, Outcome::Live);
    }
    World::new(&facts).act(&step(&facts, "prune"), &mut Learned::default(), None).expect("they go");
    let removed = |number: u32| engine.asked().contains(&format!("image rm release.invalid/magnetiq-backend:{number}\n"));
    assert_eq!([6, 7, 8, 9].map(removed), [true, true, false, false], "{}", engine.asked());
}
