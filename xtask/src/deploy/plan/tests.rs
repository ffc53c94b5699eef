mod clusters;
mod given_up;

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use expect_test::expect_file;
use proptest::prelude::*;

use super::{Reached, Step, Work, back, broken, forward, shown, stay};
use crate::deploy::facts::{Carried, Cluster, Facts, Gate, Hooks, Learned, Repository, Site, Target, Tools};
use crate::deploy::line::Line;
use crate::deploy::release::{Outcome, Release};
use crate::deploy::{gate, gather};

fn images(number: u32) -> BTreeMap<String, String> {
    ["backend", "frontend", "proxy"].map(|image| (image.to_owned(), format!("release.invalid/magnetiq-{image}:{number}"))).into()
}

pub(crate) fn release(number: u32, schema: i64) -> Release {
    Release {
        number,
        release: Some(format!("{number}-6745a1b2")),
        version: format!("2.0.{number}"),
        revision: None,
        images: images(number),
        who: "ana@desk".to_owned(),
        why: None,
        begun_at: "2026-11-26T02:00:00Z".parse().expect("a time"),
        ended_at: "2026-11-26T02:05:00Z".parse().ok(),
        outcome: Outcome::Live,
        reason: None,
        commit: None,
        of: None,
        workloads: BTreeMap::new(),
        other_data: false,
        backup: None,
        schema_from: None,
        schema: Some(schema),
        downtime_ms: None,
        readers_away_ms: None,
    }
}

pub(crate) fn facts() -> Facts {
    let tags = ["backend", "frontend", "proxy"].map(|image| (image.to_owned(), format!("magnetiq-{image}:2.1.0")));
    Facts {
        target: Target::Compose,
        number: 8,
        release: "8-6745a1b2".to_owned(),
        version: "2.1.0".to_owned(),
        name: "magnetiq".to_owned(),
        who: "ana@desk".to_owned(),
        why: Some("it's time".to_owned()),
        begun_at: "2026-11-26T03:00:00Z".parse().expect("a time"),
        deploy: PathBuf::from("/home/ana/site/deploy.toml"),
        given: Vec::new(),
        out: PathBuf::from("/home/ana/site/deploy"),
        folder: PathBuf::from("/home/ana/site/deploy/state/compose-magnetiq"),
        words: vec!["deploy".to_owned()],
        place: Vec::new(),
        previous: Some(release(7, 15)),
        closed_before: false,
        of: None,
        between: None,
        discard: false,
        skip_tests: None,
        skip_backup: None,
        build: true,
        pull: false,
        allow_dirty: false,
        registry: None,
        images: tags.into(),
        site: Site { domain: "www.example.org".to_owned(), port: 443, address: "127.0.0.1".to_owned() },
        gate: Gate { ready_answers: 3, ready_timeout_s: 60, watch_s: 20, errors_percent_max: 1 },
        keep: 5,
        needless: vec!["release.invalid/magnetiq-backend:2".to_owned()],
        hooks: Hooks::default(),
        tools: Tools {
            docker: vec!["docker".to_owned()],
            compose: vec!["docker".to_owned(), "compose".to_owned()],
            environment: Vec::new(),
            project: PathBuf::from("/home/ana/site/deploy/compose"),
            remote: false,
        },
        cluster: None,
        data: None,
    }
}

/// Other data for the version that runs.
fn push() -> Facts {
    let mut push = facts();
    (push.of, push.images, push.build) = (push.previous.clone(), images(7), false);
    let path = PathBuf::from;
    push.data = Some(Carried {
        folder: path("/home/ana/.dev"),
        program: path("/target/backupd"),
        archive: path("/home/ana/site/deploy/state/compose-magnetiq/data/8.tar.gz"),
    });
    push
}

fn cluster(target: Target) -> Facts {
    let repository = Repository {
        revision: "main".to_owned(),
        folder: Some("production".to_owned()),
        clone: PathBuf::from("/home/ana/site/deploy/state/gitops-magnetiq/repository"),
        argocd_namespace: "argocd".to_owned(),
    };
    let kubectl = ["kubectl", "--context", "production"].map(str::to_owned).into();
    let is_gitops = target == Target::Gitops;
    let mut facts = facts();
    let counted = |revisions: [u64; 3]| {
        let of = ["backend", "frontend", "healthd"].map(str::to_owned).into_iter().zip(revisions);
        if is_gitops { BTreeMap::new() } else { of.collect() }
    };
    facts.cluster = Some(Cluster {
        kubectl,
        namespace: "magnetiq".to_owned(),
        back_to: counted([11, 3, 4]),
        revisions: counted([12, 3, 5]),
        repository: is_gitops.then_some(repository),
    });
    facts.folder = PathBuf::from(format!("/home/ana/site/deploy/state/{}-magnetiq", target.word()));
    (facts.target, facts.registry, facts.site.address) =
        (target, Some("registry.example.org/team".to_owned()), "www.example.org".to_owned());
    facts
}

/// A site on another machine.
fn remote() -> Facts {
    let mut remote = facts();
    remote.registry = Some("registry.example.org/team".to_owned());
    remote.tools.docker = ["docker", "--context", "production"].map(str::to_owned).into();
    remote.tools.compose = ["docker", "--context", "production", "compose"].map(str::to_owned).into();
    remote.tools.environment = gather::with_context("production");
    (remote.tools.project, remote.tools.remote) = (PathBuf::from("/srv/magnetiq"), true);
    remote.site.address = "www.example.org".to_owned();
    remote
}

/// A connection may die without a word, and then nobody is to wait for ever.
#[test]
fn whoever_talks_to_another_machine_asks_whether_it_is_there() {
    for (facts, programs) in
        [(remote(), ["docker"].as_slice()), (cluster(Target::K8s), &["kubectl"]), (cluster(Target::Gitops), &["kubectl", "git"])]
    {
        let reached = Reached { locked: true, filed: true, closed: true, switched: true, put: true, opened: true };
        let steps = [forward(&facts), back(&facts, &Learned::default(), reached)].concat();
        let is_question = |line: &Line| ["version", "--version", "ls-remote"].iter().any(|word| line.words().iter().any(|it| it == word));
        let talks = |line: &&Line| programs.contains(&line.words()[0].as_str()) && !is_question(line);
        let lines: Vec<&Line> = steps.iter().flat_map(|step| &step.lines).filter(talks).collect();
        let silent: Vec<String> = lines.iter().filter(|line| !line.asks()).map(ToString::to_string).collect();
        assert!(lines.len() > 5 && silent.is_empty(), "{silent:#?}");
    }
}

#[test]
fn a_plan_is_shown_command_by_command() {
    expect_file!["snapshots/compose.txt"].assert_eq(&shown(&facts()));
    let mut remote = remote();
    remote.hooks.before = Some(PathBuf::from("/home/ana/site/hooks/before"));
    remote.hooks.failed = Some(PathBuf::from("/home/ana/site/hooks/failed"));
    expect_file!["snapshots/compose-remote.txt"].assert_eq(&shown(&remote));
    let mut rollback = facts();
    (rollback.of, rollback.images) = (Some(release(6, 14)), images(6));
    expect_file!["snapshots/compose-rollback.txt"].assert_eq(&shown(&rollback));
    expect_file!["snapshots/compose-push.txt"].assert_eq(&shown(&push()));
    let mut first = facts();
    first.previous = None;
    expect_file!["snapshots/compose-first.txt"].assert_eq(&shown(&first));
}

/// Once it is decided what runs, nothing that fails undoes it.
#[test]
fn what_comes_after_the_end_undoes_nothing() {
    for target in [Target::Compose, Target::K8s, Target::Gitops] {
        let mut facts = if target == Target::Compose { facts() } else { cluster(target) };
        let hook = |name: &str| Some(PathBuf::from("/hooks").join(name));
        facts.hooks = Hooks { before: hook("before"), after: hook("after"), failed: hook("failed") };
        let steps = forward(&facts);
        let end = place(&steps, "live").or_else(|| place(&steps, "watch")).expect("an end");
        assert!(place(&steps, "after").is_some_and(|after| after > end));
        assert!(steps[end + 1..].iter().all(Step::is_afterwards) && !steps[..=end].iter().any(Step::is_afterwards), "{target:?}");
        let reached = Reached { locked: true, filed: true, closed: true, switched: true, put: false, opened: true };
        let way = back(&facts, &Learned::default(), reached);
        let told = [way, stay(&facts, reached), broken(&facts)].concat();
        let mut told: Vec<_> = told.iter().filter(|step| step.name.ends_with("failed")).collect();
        assert!(told.iter().all(|step| step.is_afterwards()));
        told.dedup_by_key(|step| step.name);
        assert!(told.len() >= 2, "{told:?}");
    }
}

/// The tag that is deployed is the one that is built; and what is built gets to the registry before that is asked, which has an older one.
#[test]
fn images_are_built_of_what_the_command_line_says() {
    let mut facts = facts();
    facts.given = vec![("images.tag".to_owned(), "2.1.0".to_owned())];
    (facts.registry, facts.pull) = (Some("registry.example.org/team".to_owned()), true);
    let steps = forward(&facts);
    let images = &steps[place(&steps, "images").expect("they are built")].lines[0];
    assert!(images.to_string().ends_with(" --push registry.example.org/team --pull --set images.tag=2.1.0"), "{images}");
    assert!(is_before(&steps, "images", "release"));
}

/// One that was given up in between had migrated: what passed last refuses its data, and nobody says that nothing was written to them.
#[test]
fn a_migration_of_somebody_else_goes_back_where_nothing_was_written_since() {
    let facts = facts();
    let works_with = facts.previous.as_ref().and_then(|previous| previous.schema).expect("it is known");
    let to = |version: i64| format!("--back-to {version}");
    for (found, migrates, goes_back) in [
        (works_with, false, vec![]),
        (works_with + 1, false, vec![to(works_with)]),
        (works_with, true, vec![to(works_with) + " --discard"]),
        (works_with + 1, true, vec![to(works_with + 1) + " --discard", to(works_with)]),
    ] {
        let learned = Learned { migrates, schema_from: Some(found), ..Learned::default() };
        let reached = Reached { locked: true, filed: true, closed: true, switched: true, put: false, opened: false };
        let way = back(&facts, &learned, reached);
        let lines: Vec<String> = way.iter().filter(|step| step.work == Work::Data).map(|step| step.lines[0].to_string()).collect();
        assert!(lines.len() == goes_back.len() && lines.iter().zip(&goes_back).all(|(line, end)| line.ends_with(end)), "{lines:?}");
        assert!(is_before(&way, "back-stop", "back-data") && is_before(&way, "back-data-between", "back-switch"));
    }
}

/// Wherever it stops: what the site had comes back, unless visitors came to what took its place.
#[test]
fn other_data_go_where_they_came_from() {
    let steps = forward(&push());
    for pair in ["pack", "lock", "close", "stop", "backup", "put", "switch", "gate", "trial", "open"].windows(2) {
        assert!(is_before(&steps, pair[0], pair[1]), "{pair:?}");
    }
    for stop in 0..steps.len() {
        let begun: Vec<&str> = steps.iter().take(stop + 1).map(|step| step.name).collect();
        let ended = &begun[..begun.len() - 1];
        let reached = Reached::of(|name| begun.contains(&name), |name| ended.contains(&name));
        let learned = Learned { backup: Some("20261126T030000Z".to_owned()), ..Learned::default() };
        let way = back(&push(), &learned, reached);
        let restored = place(&way, "back-put").map(|at| way[at].lines[0].to_string());
        assert_eq!(restored.is_some(), reached.put && !reached.opened, "{begun:?}");
        assert!(restored.is_none_or(|line| line.ends_with("backupd restore 20261126T030000Z --yes")));
        assert_eq!(place(&way, "back-open").is_some(), reached.filed && !reached.opened, "{begun:?}");
        assert_eq!(place(&way, "back-settle").is_some(), reached.opened, "of two servers both would start again: {begun:?}");
        for pair in ["back-close", "back-stop", "back-put", "back-switch", "back-gate", "back-trial", "back-open"].windows(2) {
            assert!(is_before(&way, pair[0], pair[1]), "{pair:?}");
        }
        // What the daemon does by itself is in nobody's way, and goes on however it ends.
        let backs_up =
            |name: &str| place(&way, name).map(|at| way[at].lines.iter().any(|line| line.words().contains(&"backupd".to_owned())));
        assert_eq!(backs_up("back-others"), begun.contains(&"stop").then_some(true), "{begun:?}");
        assert!(place(&way, "back-put").is_none() || backs_up("back-stop") == Some(true), "{begun:?}");
    }
}

prop_compose! {
    fn any_facts()(first in any::<bool>(), rollback in any::<bool>(), schema in 14_i64..=16, tests in any::<bool>(), build in any::<bool>(),
                   registry in any::<bool>(), remote in any::<bool>(), hooks in any::<bool>(), discard in any::<bool>()) -> Facts {
        let mut facts = facts();
        if first {
            facts.previous = None;
        } else if rollback {
            facts.of = Some(release(6, schema));
            facts.images = images(6);
        }
        facts.skip_tests = (!tests).then(|| "in a hurry".to_owned());
        (facts.build, facts.tools.remote, facts.discard) = (build, remote, discard);
        facts.registry = registry.then(|| "registry.example.org/team".to_owned());
        if hooks {
            let hook = |name: &str| Some(PathBuf::from("/hooks").join(name));
            facts.hooks = Hooks { before: hook("before"), after: hook("after"), failed: hook("failed") };
        }
        facts
    }
}

/// A new version, and one that is gone back to of a newer schema than that of what runs, 15.
fn may_migrate(facts: &Facts) -> bool {
    facts.of.as_ref().is_none_or(|of| of.schema == Some(16))
}

fn place(steps: &[Step], name: &str) -> Option<usize> {
    steps.iter().position(|step| step.name == name)
}

fn is_before(steps: &[Step], first: &str, second: &str) -> bool {
    match (place(steps, first), place(steps, second)) {
        (Some(first), Some(second)) => first < second,
        // What is not there comes in no wrong order.
        _ => true,
    }
}

proptest! {
    #[test]
    fn what_must_come_first_comes_first(facts in any_facts()) {
        let steps = forward(&facts);
        let asks = gate::ask(&facts.site, "/readyz");
        prop_assert_eq!(steps[0].lines.contains(&asks), !facts.is_first(), "the gate's question is tried before anybody is kept out");
        // On another machine somebody must be there to look: what runs, or what was just built.
        prop_assert_eq!(place(&steps, "secrets").is_some(), facts.tools.remote);
        let mut order = vec!["preflight", "tests", "images", "release", "lock", "record", "before", "backup", "rehearse", "schema", "drill", "files", "prepare", "warm", "close",
                     "stop", "data", "put", "switch", "gate", "trial", "open", "others", "smoke", "watch", "settle", "live", "keep", "prune", "unlock", "after"];
        order.insert(if facts.is_first() { 4 } else { 1 }, "secrets");
        for pair in order.windows(2) {
            prop_assert!(is_before(&steps, pair[0], pair[1]), "{pair:?}");
        }
        for step in &steps {
            prop_assert!(order.contains(&step.name), "{} has a place", step.name);
        }
        for name in ["preflight", "lock", "switch", "gate", "smoke", "watch", "live", "unlock"] {
            prop_assert!(place(&steps, name).is_some(), "{name}");
        }
        if !facts.is_first() {
            prop_assert!(place(&steps, "backup").is_some() && place(&steps, "close").is_some() && place(&steps, "open").is_some());
            prop_assert_eq!(place(&steps, "rehearse").is_some(), may_migrate(&facts));
            prop_assert_eq!(place(&steps, "schema").is_some(), may_migrate(&facts), "who gives it up leaves it to the way back");
            prop_assert_eq!(place(&steps, "drill").is_some(), facts.of.is_none());
            prop_assert_eq!(place(&steps, "data").is_some(), facts.schema_back().is_some());
            // What is given up for an older schema is in a backup: nobody writes between the two.
            prop_assert!(facts.schema_back().is_none() || (is_before(&steps, "stop", "backup") && is_before(&steps, "backup", "data")));
            // While people are kept out nobody waits for more than what is gone back to.
            let backup = &steps[place(&steps, "backup").expect("a backup")].lines[0];
            prop_assert_eq!(is_before(&steps, "close", "backup"), backup.words().contains(&"--alone".to_owned()));
        }
    }

    #[test]
    fn a_name_is_that_of_one_step(facts in any_facts(), migrates in any::<bool>(), opened in any::<bool>()) {
        let learned = Learned { migrates, schema_from: Some(15), ..Learned::default() };
        let reached = Reached { locked: true, filed: true, closed: true, switched: true, put: false, opened };
        let steps: Vec<Step> = [forward(&facts), back(&facts, &learned, reached), stay(&facts, reached), broken(&facts)].concat();
        let ours = steps.iter().filter(|step| step.name != "failed");
        let names: Vec<_> = ours.map(|step| step.name).collect();
        prop_assert_eq!(names.iter().collect::<BTreeSet<_>>().len(), names.len(), "{:?}", names);
        for step in &steps {
            for undo in step.undone_by {
                prop_assert!(undo.starts_with("back-") || *undo == "unlock", "{}", undo);
            }
        }
    }

    /// Wherever it stops: what was begun is undone, what was not is left alone, and the site is open and free in the end.
    #[test]
    fn the_way_back_undoes_what_was_begun(facts in any_facts(), stop in 0_usize..28, migrates in any::<bool>()) {
        let steps = forward(&facts);
        let begun: Vec<&str> = steps.iter().take(stop + 1).map(|step| step.name).collect();
        let ended = &begun[..begun.len() - 1];
        let reached = Reached::of(|name| begun.contains(&name), |name| ended.contains(&name));
        let learned = Learned { migrates: migrates && may_migrate(&facts), schema_from: Some(15), ..Learned::default() };
        let way = back(&facts, &learned, reached);
        let has = |name: &str| place(&way, name).is_some();
        prop_assert_eq!(has("back-unlock"), ended.contains(&"lock"), "a lock that was refused is somebody else's");
        if facts.is_first() || !begun.contains(&"files") {
            prop_assert!(way.iter().all(|step| ["back-record", "back-unlock", "failed"].contains(&step.name)), "nothing was changed");
            return Ok(());
        }
        prop_assert!(has("back-open"), "visitors come in again");
        prop_assert!(has("back-files"), "the files are those of the version that runs");
        prop_assert!(has("back-next"), "one server is left");
        let changed = ["stop", "switch"].iter().any(|name| begun.contains(name));
        for name in ["back-close", "back-switch", "back-gate", "back-trial", "back-smoke"] {
            prop_assert_eq!(has(name), changed, "{}", name);
        }
        prop_assert_eq!(has("back-data"), changed && learned.migrates);
        let ended = if begun.contains(&"close") { Outcome::RolledBack } else { Outcome::Failed };
        prop_assert_eq!(place(&way, "back-record").map(|at| way[at].work.clone()), Some(Work::Record(ended)));
        prop_assert_eq!(has("back-put"), begun.contains(&"data") && !begun.contains(&"open"), "what the site had comes back");
        prop_assert!(is_before(&way, "back-stop", "back-put") && is_before(&way, "back-put", "back-switch"));
        for pair in ["back-close", "back-stop", "back-data", "back-next", "back-files", "back-switch", "back-gate", "back-trial", "back-open", "back-others", "back-smoke"].windows(2) {
            prop_assert!(is_before(&way, pair[0], pair[1]), "{:?}", pair);
        }
        let gate = way.iter().find_map(|step| match &step.work {
            Work::Gate { release } => Some(release.clone()),
            _ => None,
        });
        if let Some(gate) = gate {
            prop_assert_eq!(gate, facts.previous.as_ref().and_then(|previous| previous.release.clone()), "the one before is who must answer");
        }
        // What visitors may have written is lost only by somebody who said so.
        let data = way.iter().find(|step| step.name == "back-data");
        let discards = data.is_some_and(|step| step.lines[0].words().contains(&"--discard".to_owned()));
        prop_assert!(!discards || facts.discard || !begun.contains(&"open"), "it would lose what was written");
    }
}
