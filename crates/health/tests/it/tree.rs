//! From checks to the whole: the worst counts, causes explain, features follow.

use std::time::Duration;

use magnetiq_health::{Availability, CheckInfo, Feature, Maintenance, Node, NodeId, Report, Scope, Status, Tree};
use proptest::prelude::*;

use crate::support::{answer, answering, at};

/// The report when each check is seen so.
fn report(tree: &Tree, seen: &[Status], windows: &[Maintenance]) -> Report {
    let states = tree.start(at(0.0)).into_iter().zip(tree.checks()).zip(seen);
    let states: Vec<_> = states.map(|((state, info), seen)| answer(state, info, answering(*seen), at(1.0))).collect();
    tree.report(&states, windows, at(2.0))
}

fn tree(checks: Vec<CheckInfo>) -> Tree {
    Tree::new(checks, Vec::new(), Vec::new()).unwrap()
}

fn info(id: &str) -> CheckInfo {
    CheckInfo::new(id, "", id.to_owned()).critical()
}

fn window(scope: Scope) -> Maintenance {
    Maintenance { scope, from: at(0.0).wall, until: at(100.0).wall, reason: "a new disk".to_owned() }
}

/// disk <- database <- {login, pages}; and mail, which hangs from nothing.
fn site() -> Tree {
    let checks = vec![
        info("disk"),
        info("database").depends_on("disk"),
        info("login").depends_on("database"),
        CheckInfo::new("mail", "mail", "Mail"),
    ];
    let features = vec![
        Feature::new("pages", "Pages").requires("database"),
        Feature::new("leads", "Messages").requires("database").degrades_with("mail", "messages are kept and sent later"),
    ];
    Tree::new(checks, Vec::new(), features).unwrap()
}

#[test]
fn only_the_root_of_a_cascade_alerts() {
    use Status::{Fail, Maintenance, Pass, Suppressed, Unknown, Warn};
    let check = |seen: [Status; 4], expected: [Status; 4], roots: &[&str]| {
        let report = report(&site(), &seen, &[]);
        assert_eq!(report.checks.iter().map(|check| check.status).collect::<Vec<_>>(), expected, "{seen:?}");
        assert_eq!(report.roots().iter().map(|root| root.id.as_str()).collect::<Vec<_>>(), roots, "{seen:?}");
    };
    check([Pass; 4], [Pass; 4], &[]);
    check([Fail, Fail, Fail, Pass], [Fail, Suppressed, Suppressed, Pass], &["disk"]);
    // However far away the cause is.
    check([Fail, Pass, Unknown, Pass], [Fail, Pass, Suppressed, Pass], &["disk"]);
    // A warning explains nothing, and neither does what nobody knows.
    check([Warn, Fail, Warn, Pass], [Warn, Fail, Suppressed, Pass], &["database", "disk"]);
    check([Unknown, Fail, Fail, Fail], [Unknown, Fail, Suppressed, Fail], &["database", "mail", "disk"]);

    let maintained = report(&site(), &[Fail, Fail, Pass, Pass], &[window(Scope::Check("disk".into()))]);
    assert_eq!(maintained.checks.iter().map(|check| check.status).collect::<Vec<_>>(), [Maintenance, Suppressed, Pass, Pass]);
    assert!(maintained.roots().is_empty());
    assert_eq!(maintained.status, Pass, "what is planned does not count, and neither does what it takes down");
    assert_eq!(maintained.feature("pages").unwrap().availability, Availability::Unavailable { because_of: vec!["disk".into()] });
}

#[test]
fn features_tell_what_is_left() {
    use Status::{Fail, Pass, Unknown};
    let check = |seen: [Status; 4], feature: &str, word: &str, because_of: &[&str]| {
        let report = report(&site(), &seen, &[]);
        let availability = &report.feature(feature).unwrap().availability;
        let causes: Vec<_> = availability.because_of().iter().map(magnetiq_health::CheckId::as_str).collect();
        assert_eq!((availability.word(), causes.as_slice()), (word, because_of), "{seen:?}");
    };
    check([Pass; 4], "leads", "available", &[]);
    check([Fail, Fail, Pass, Pass], "pages", "unavailable", &["disk"]);
    check([Pass, Fail, Pass, Fail], "leads", "unavailable", &["database"]);
    check([Pass, Pass, Pass, Fail], "leads", "degraded", &["mail"]);
    check([Pass, Pass, Pass, Fail], "pages", "available", &[]);
    check([Pass, Unknown, Pass, Pass], "pages", "degraded", &["database"]);
}

#[test]
fn maintenance_ends_by_itself_and_covers_what_it_names() {
    let check = |windows: &[Maintenance], now: f64, expected: Status| {
        let tree = site();
        let states = tree.start(at(0.0)).into_iter().zip(tree.checks());
        let states: Vec<_> = states.map(|(state, info)| answer(state, info, answering(Status::Fail), at(now))).collect();
        assert_eq!(tree.report(&states, windows, at(now)).check("mail").unwrap().status, expected);
    };
    check(&[], 1.0, Status::Fail);
    check(&[window(Scope::Node("mail".into()))], 1.0, Status::Maintenance);
    check(&[window(Scope::all())], 99.9, Status::Maintenance);
    check(&[window(Scope::all())], 100.0, Status::Fail);
    check(&[window(Scope::Check("disk".into()))], 1.0, Status::Fail);
    assert!(NodeId::from("storage").holds(&"storage/disk".into()) && !NodeId::from("storage").holds(&"storages".into()));
}

#[test]
fn what_is_optional_only_warns() {
    let checks = || vec![CheckInfo::new("x", "social/x", "X").critical()];
    let whole = |nodes: Vec<Node>, seen| report(&Tree::new(checks(), nodes, Vec::new()).unwrap(), &[seen], &[]);
    assert_eq!(whole(Vec::new(), Status::Fail).status, Status::Fail);
    let optional = whole(vec![Node::new("social", "Social networks").optional()], Status::Fail);
    assert_eq!((optional.status, optional.node("social").unwrap().status), (Status::Warn, Status::Fail));
    assert_eq!(optional.below("social").unwrap().status, Status::Fail);
    assert!(optional.below("elsewhere").is_none());
}

#[test]
fn a_tree_without_checks_knows_nothing() {
    assert_eq!(report(&tree(Vec::new()), &[], &[]).status, Status::Unknown);
}

#[test]
fn it_is_settled_when_all_have_answered_or_should_have() {
    let tree = tree(vec![info("a"), info("b").timeout(Duration::from_secs(1))]);
    let mut states = tree.start(at(0.0));
    assert!(!tree.report(&states, &[], at(60.0)).settled);
    let infos: Vec<_> = tree.checks().cloned().collect();
    states[0] = answer(states[0].clone(), &infos[0], answering(Status::Fail), at(1.0));
    states[1] = states[1].clone().step(&infos[1], magnetiq_health::Event::Started, at(1.0));
    assert!(!tree.report(&states, &[], at(1.5)).settled);
    assert!(tree.report(&states, &[], at(2.5)).settled);
}

/// A check of a random tree: its node, whether it is critical, what it depends on among those before it, how it is seen.
type Random = (usize, bool, Vec<prop::sample::Index>, Status);

fn random() -> impl Strategy<Value = Vec<Random>> {
    let status = prop_oneof![Just(Status::Pass), Just(Status::Warn), Just(Status::Fail), Just(Status::Unknown)];
    prop::collection::vec((0..5_usize, any::<bool>(), prop::collection::vec(any::<prop::sample::Index>(), 0..3), status), 1..12)
}

fn grown(random: &[Random]) -> Tree {
    const NODES: [&str; 5] = ["", "a", "a/b", "a/b/c", "d"];
    let checks = random.iter().enumerate().map(|(i, (node, critical, depends, _))| {
        let mut info = CheckInfo::new(format!("c{i}"), NODES[*node], "A check");
        info.critical = *critical;
        for on in depends.iter().filter(|_| i > 0) {
            info = info.depends_on(format!("c{}", on.index(i)));
        }
        info
    });
    tree(checks.collect())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn laws_of_the_tree(random in random(), which in any::<prop::sample::Index>()) {
        let tree = grown(&random);
        let seen: Vec<_> = random.iter().map(|(.., status)| *status).collect();
        let whole = report(&tree, &seen, &[]);

        // Pass means that all pass; nothing else is taken for it.
        prop_assert_eq!(whole.status == Status::Pass, seen.iter().all(|seen| *seen == Status::Pass));
        // It fails exactly when something critical does: all nodes here are critical.
        let critical_fails = random.iter().any(|(_, critical, _, seen)| *critical && *seen == Status::Fail);
        prop_assert_eq!(whole.status == Status::Fail, critical_fails);
        // A node is as bad as the worst that it holds.
        for node in ["", "a", "a/b", "a/b/c", "d"] {
            if let Some(part) = whole.below(node) {
                let fails = part.checks.iter().any(|check| check.critical && check.seen == Status::Fail);
                prop_assert_eq!(part.status == Status::Fail, fails);
                prop_assert!(part.status.severity() <= whole.status.severity());
            }
        }
        // Every check that is not pass alerts, or is explained by one that fails and alerts.
        for check in &whole.checks {
            prop_assert_eq!(check.seen == Status::Pass, check.status == Status::Pass);
            prop_assert_eq!(check.status == Status::Suppressed, !check.because_of.is_empty());
            for cause in &check.because_of {
                let cause = whole.check(cause.as_str()).unwrap();
                prop_assert!(cause.status == Status::Fail && cause.is_root() && cause.id != check.id);
            }
        }
        // If something fails, somebody is told.
        prop_assert_eq!(whole.roots().is_empty(), whole.status == Status::Pass);

        // What gets worse makes nothing better.
        let mut worse = seen.clone();
        let place = which.index(worse.len());
        worse[place] = Status::Fail;
        prop_assert!(report(&tree, &worse, &[]).status.severity() >= whole.status.severity());
        // All of it maintained: nobody is told anything.
        let maintained = report(&tree, &seen, &[window(Scope::all())]);
        prop_assert_eq!(maintained.status, Status::Maintenance);
        prop_assert!(maintained.roots().is_empty());
        // A report is plain data.
        let text = serde_json::to_string(&whole).unwrap();
        prop_assert_eq!(serde_json::from_str::<Report>(&text).unwrap(), whole);
    }
}
