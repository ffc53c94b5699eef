//! What is asked of an engine, and what is made of its answers. Whether a real one does it, `tests/docker` tells.

mod servers;
mod unrecorded;

use std::fs;
use std::net::TcpListener;
use std::path::PathBuf;

use serde_json::{Value, json};
use tempfile::TempDir;

use super::act::World;
use super::adopted::adopted;
use super::facts::{Facts, Learned, Tools};
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

/// All that the facts of it ask for on this machine.
fn with_files(engine: &Engine) -> Facts {
    let mut facts = engine.facts();
    (facts.deploy, facts.tools.project) = (engine.path("deploy.toml"), engine.path("compose"));
    (facts.tools.compose, facts.build) = (facts.tools.docker.iter().cloned().chain(["compose".to_owned()]).collect(), false);
    folder::put(&facts.deploy, "domain = \"www.example.org\"\ncontact = \"ops@example.org\"\n").expect("a file");
    for secret in ["auth-secret-key", "health-token", "backup-token", "healthd-token"] {
        folder::put(&facts.tools.project.join("secrets").join(secret), "secret").expect("a file");
    }
    folder::put(&engine.path("containers/magnetiq-proxy-1"), "running").expect("a file");
    facts
}

fn preflight(facts: &Facts) -> String {
    let done = World::new(facts).act(&step(facts, "preflight"), &mut Learned::default(), None);
    done.unwrap_or_else(|error| format!("{error:#}"))
}

/// What is asked where nobody answers would end in a way back that nobody sees the end of either.
#[test]
fn who_does_not_reach_the_site_changes_nothing() {
    let engine = Engine::new();
    let mut facts = with_files(&engine);
    // Taken by nobody once it is let go.
    facts.site.address = TcpListener::bind("127.0.0.1:0").and_then(|port| port.local_addr()).expect("a port").to_string();
    let said = preflight(&facts);
    assert!(said.starts_with(&format!("nobody answers at {} for www.example.org", facts.site.address)), "{said}");
    assert!(said.contains("set deploy.address"), "{said}");
    facts.previous = None;
    assert!(preflight(&facts).starts_with("Docker "), "of a first version nobody can answer yet");
}

#[test]
fn whom_nobody_lets_in_is_told_with_who_does() {
    let engine = Engine::new();
    let facts = engine.facts();
    for (ended, begun, is_kept_out) in [
        (&["prepare"] as &[&str], "prepare", false),
        (&[], "close", true),
        (&["close"], "switch", true),
        (&["close", "switch", "gate", "trial", "open"], "others", false),
        (&["close", "switch", "gate", "trial", "open"], "back-close", true),
        (&["close", "switch", "back-close", "back-switch"], "back-gate", true),
        (&["close", "switch", "back-close", "back-switch", "back-gate", "back-open"], "back-smoke", false),
        (&["close", "switch", "open", "back-close", "stay-switch", "stay-open"], "stay-record", false),
    ] {
        let folder = tempfile::tempdir().expect("a folder");
        let mut journal = Journal::begin(folder.path(), &facts, clock::now).expect("a journal");
        for step in ended.iter().chain([&begun]).map(|step| (*step).to_owned()) {
            journal.write(Event::Begun { step: step.clone() }).expect("a line");
            if step != begun {
                journal.write(Event::Ended { step, seconds: 0.0, note: String::new(), learned: Learned::default() }).expect("a line");
            }
        }
        let told = carry::kept_out(&facts, &journal);
        let before = Facts { closed_before: true, ..facts.clone() };
        let is_opened = ["open", "back-open", "stay-open"].iter().any(|step| ended.contains(step)) && begun != "back-close";
        assert_eq!(carry::kept_out(&before, &journal).is_some(), !is_opened, "{ended:?}, {begun}: they were when it began");
        assert_eq!(told.is_some(), is_kept_out, "{ended:?}, {begun}: {told:?}");
        let opens = "magnetiq-proxy-1 rm -f /var/lib/magnetiq/proxy/maintenance";
        assert!(told.is_none_or(|told| told.ends_with(opens)));
    }
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

#[test]
fn what_is_missing_on_another_machine_is_told_before_anything_is_changed() {
    let engine = Engine::new();
    let mut facts = with_files(&engine);
    folder::put(&engine.path("endpoint"), "ssh://ops@203.0.113.5\n").expect("a file");
    let said = preflight(&facts);
    assert!(said.contains("ssh://ops@203.0.113.5") && said.contains("compose.folder"), "its files are not here: {said}");

    (facts.tools.remote, facts.tools.project) = (true, PathBuf::from("/srv/magnetiq"));
    facts.previous = None;
    assert!(preflight(&facts).starts_with("Docker "), "it is said where the files are");
    let secrets = ["auth-secret-key", "health-token", "backup-token", "healthd-token"].map(|secret| format!("secrets/{secret}\n"));
    for (looked, expected) in [
        (format!("{}name: magnetiq\n", secrets.concat()), None),
        (secrets.concat(), None),
        (secrets[1..].concat(), Some("secrets are missing in /srv/magnetiq/secrets on the machine of the site: auth-secret-key\n")),
        (format!("{}name: shop\n", secrets.concat()), Some("/srv/magnetiq has the files of shop, not of magnetiq")),
    ] {
        folder::put(&engine.path("looked"), &looked).expect("a file");
        let done = World::new(&facts).act(&step(&facts, "secrets"), &mut Learned::default(), None);
        let said = done.err().map_or_else(String::new, |error| format!("{error:#}"));
        assert!(expected.map_or(said.is_empty(), |expected| said.contains(expected)), "{looked}: {said}");
    }
    fs::remove_file(engine.path("looked")).expect("the folder goes");
    let done = World::new(&facts).act(&step(&facts, "secrets"), &mut Learned::default(), None);
    let said = format!("{:#}", done.expect_err("there is no such folder"));
    assert!(said.contains("sudo sh /srv/magnetiq/secrets.sh"), "{said}");
}

#[test]
fn an_engine_that_does_not_answer_is_told_as_one() {
    let mut facts = Engine::new().facts();
    facts.tools.docker = vec!["false".to_owned()];
    let folder = tempfile::tempdir().expect("a folder");
    let said = format!("{:#}", store::history(&facts.tools, &facts.name, folder.path()).expect_err("nobody is there"));
    assert!(said.starts_with("the engine does not answer") && said.contains("docker context ls"), "{said}");
}

/// A build that went to another engine leaves an old image under the same name.
#[test]
fn what_is_deployed_is_what_was_built() {
    for (label, is_taken) in [(Some("c0ffee"), true), (Some("0ld"), false), (None, false)] {
        let engine = Engine::new();
        let facts = Facts { build: true, ..with_files(&engine) };
        let seen = json!([{ "Config": { "Labels": { "org.opencontainers.image.revision": label } }, "RootFS": { "Layers": [] } }]);
        folder::put(&engine.path("image"), &seen.to_string()).expect("a file");
        let mut learned = Learned { revision: Some("c0ffee".to_owned()), ..Learned::default() };
        let done = World::new(&facts).act(&step(&facts, "release"), &mut learned, None).map_err(|error| error.to_string());
        assert_eq!(done.is_ok(), is_taken, "{done:?}");
        assert!(done.err().is_none_or(|said| said.contains("magnetiq-backend:") && said.contains("and c0ffee was built")));
    }
}

/// What somebody started, of the images of `tag`, and files that name those of `named`.
fn by_hand(engine: &Engine, files: &str, named: &str) {
    let image = |image: &str, tag: &str| format!("registry.example.org:5000/magnetiq-{image}:{tag}@sha256:1111");
    let mut text = "name: magnetiq\n".to_owned();
    for service in ["backend", "frontend", "proxy"] {
        let seen = json!([{ "Image": format!("sha256:{service}"), "Config": { "Image": image(service, "2.0.7") } }]);
        engine.container(&format!("magnetiq-{service}-1"), &seen);
        text.push_str(&format!("  {service}:\n    image: {}\n", image(service, named)));
    }
    for (name, text) in [("compose.yaml", text.as_str()), ("nginx/proxy.conf", "http {}\n"), ("secrets/auth-secret-key", "secret")] {
        folder::put(&engine.path(files).join(name), text).expect("a file");
    }
}

#[test]
fn what_somebody_started_by_hand_is_gone_back_to_as_it_runs() {
    for remote in [false, true] {
        let engine = Engine::new();
        let facts = with_files(&engine);
        let tools = Tools { remote, ..facts.tools };
        let adopt = |only_look| adopted(&tools, &facts.name, &[], &facts.folder, false, only_look);
        let files = if remote { "site" } else { "compose" };
        by_hand(&engine, files, "2.1.0");
        let refused = adopt(false).expect_err("going back would start 2.1.0").to_string();
        assert!(refused.contains("magnetiq-backend-1 was not started by") && refused.contains("--set images.tag=2.0.7"), "{refused}");
        assert!(!engine.asked().contains("image tag"), "nothing was changed");

        by_hand(&engine, files, "2.0.7");
        let planned = adopt(true).expect("it is known").expect("it runs");
        assert!(!facts.folder.join("releases").exists(), "a plan changes nothing");
        let runs = adopt(false).expect("it is known").expect("it runs");
        assert_eq!((planned.images, runs.version.as_str(), runs.number), (runs.images.clone(), "2.0.7", 0));
        let kept = |name: &str| fs::read_to_string(facts.folder.join("releases/0/compose").join(name));
        let compose = kept("compose.yaml").expect("it is kept");
        for service in ["backend", "frontend", "proxy"] {
            let ours = &runs.images[service];
            assert!(compose.contains(&format!("image: {ours}\n")), "{compose}");
            assert!(engine.asked().contains(&format!("image tag sha256:{service} {ours}\n")), "its name does not move");
        }
        assert!(kept("nginx/proxy.conf").is_ok() && kept("secrets/auth-secret-key").is_err(), "secrets stay where they are");
        let look = format!("magnetiq-deploy-look-{}", std::process::id());
        assert!(!engine.path("containers").join(look).exists(), "nothing is left there");
    }
}

/// Taken for a first version it would neither be backed up nor tried.
#[test]
fn what_runs_with_files_that_nobody_has_is_not_deployed_over() {
    for remote in [false, true] {
        let engine = Engine::new();
        let facts = engine.facts();
        engine.container("magnetiq-backend-1", &json!([{ "Image": "sha256:backend", "Config": { "Image": "magnetiq-backend:2.0.7" } }]));
        let tools = Tools { remote, project: engine.path("nowhere"), ..facts.tools };
        let refused = adopted(&tools, &facts.name, &[], &facts.folder, false, false).expect_err("nobody can go back to it");
        let said = format!("{refused:#}");
        assert!(said.contains("has no compose.yaml of it") && said.contains("working_dir"), "{said}");
    }
}

#[test]
fn a_version_that_has_a_part_of_one_before_keeps_it() {
    let engine = Engine::new();
    let image = |name: &str| format!("release.invalid/magnetiq-{name}:2");
    let facts = Facts { needless: ["backend", "proxy"].map(image).into(), ..engine.facts() };
    let mut learned = Learned { images: [("proxy".to_owned(), image("proxy"))].into(), ..Learned::default() };
    let said = World::new(&facts).act(&step(&facts, "prune"), &mut learned, None).expect("one goes");
    let removed = |name: &str| engine.asked().contains(&format!("image rm {}\n", image(name)));
    assert_eq!((said.as_str(), removed("backend"), removed("proxy")), ("1 images", true, false), "{}", engine.asked());
}
