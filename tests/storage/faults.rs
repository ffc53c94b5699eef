//! The fault libraries themselves: a proof by a library that does nothing would prove nothing.

use std::{fs, time::Duration};

use magnetiq_tests::{Forget, PowerCut, Random, ledger::Acknowledged};

use crate::support::{Running, kept, preload, seed, victim};

#[test]
fn a_power_cut_takes_what_was_not_synced_and_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().join("data");
    fs::create_dir(&root).unwrap();
    for (name, text) in [("written", "before"), ("cut", "before"), ("removed", "before"), ("renamed", "before"), ("replaced", "old")] {
        fs::write(root.join(name), text).unwrap();
    }
    let cut = PowerCut::new(&root, &folder.path().join("side"));
    let mut command = victim("files", &root);
    if !preload(Some(&cut.fault()), &mut command) {
        return;
    }
    assert_eq!(Running::start(command).end(), ["done"]);
    let text = |name: &str| fs::read_to_string(root.join(name)).ok();
    assert_eq!(text("replaced").as_deref(), Some("before"), "what happened, before the cut");
    assert_eq!(text("linked").as_deref(), Some("synced"), "what happened, before the cut");
    assert!(cut.cut(Forget::Everything, &mut Random::new(1)) > 0);
    let state = ["written", "cut", "removed", "renamed", "replaced", "kept", "lost", "linked"].map(|name| (name, text(name)));
    let expected = [
        ("written", Some("before synced")),
        ("cut", Some("before")),
        ("removed", Some("before")),
        ("renamed", Some("before")),
        ("replaced", Some("old")),
        ("kept", Some("synced")),
        ("lost", None),
        ("linked", None),
    ];
    assert_eq!(state, expected.map(|(name, text)| (name, text.map(str::to_owned))));
}

/// The proof of the proof: without a sync in each commit the same check finds writes that are gone.
#[test]
fn without_syncs_a_power_cut_takes_acknowledged_writes() {
    let seed = seed();
    let mut random = Random::new(seed);
    for _ in 0..20 {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().join("data");
        fs::create_dir(&root).unwrap();
        let path = root.join("site.sqlite3");
        let cut = PowerCut::new(&root, &folder.path().join("side"));
        let mut command = victim("write", &path);
        // a multiple of four: `Durability::Normal`
        command.arg((random.below(1000) * 4).to_string());
        if !preload(Some(&cut.fault()), &mut command) {
            return;
        }
        let acknowledged: Acknowledged = kept(&Running::start_ready(command).kill_after(Duration::from_millis(100)));
        cut.cut(Forget::Everything, &mut random);
        let store = magnetiq_storage::Store::open(&path, magnetiq_storage::Options::default()).unwrap();
        magnetiq_tests::ledger::create(&store).unwrap();
        let problems = store.read(move |conn| Ok(magnetiq_tests::ledger::problems(conn, &acknowledged)?)).wait().unwrap();
        if problems.iter().any(|problem| problem.contains("acknowledged writes are gone")) {
            return;
        }
    }
    panic!("seed {seed}: twenty power cuts without syncs, and nothing was missed");
}
