//! A disk whose syncs fail.

use magnetiq_storage::{Options, Store};
use magnetiq_tests::{Fault, Forget, PowerCut, Random, schema};

use crate::support::{Running, check_ledger, kept, preload, seed, victim};

#[test]
fn a_write_whose_sync_failed_is_not_acknowledged() {
    rounds(6);
}

#[test]
#[ignore = "long: cargo xtask test --soak"]
fn soak_failing_syncs() {
    rounds(200);
}

/// Opening, creating and the first commits need about ten syncs; those before the failure must pass.
const OPENING: u64 = 20;
const FOR_GOOD: u64 = u64::MAX >> 2;

fn rounds(count: u64) {
    let seed = seed();
    let mut random = Random::new(seed);
    let (mut failed, mut returned) = (0, 0);
    for round in 0..count {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("site.sqlite3");
        let times = [1, 3, FOR_GOOD][usize::try_from(round % 3).unwrap()];
        let fault = Fault::FailingSync { after: OPENING + random.below(100), times };
        let crash = random.below(2) == 0;
        let mut command = victim("sync", &path);
        command.arg(u8::from(crash).to_string());
        if !preload(Some(&fault), &mut command) {
            return;
        }
        let lines = Running::start(command).end();
        let number = |line: &String| line.strip_prefix("failed ").map(|number| number.parse::<usize>().unwrap());
        failed += lines.iter().find_map(number).unwrap();
        let acknowledged = kept(&lines);
        check_ledger(&path, &acknowledged, &format!("seed {seed}, round {round}, {fault:?}, crash: {crash}\n{}", lines[lines.len() - 1]));
        let store = Store::open(&path, Options::default()).unwrap();
        let found =
            store.read(|conn| Ok(conn.query_row("SELECT count(*) FROM transfer", [], |row| row.get::<_, usize>(0))?)).wait().unwrap();
        // Only where the program said so, because the disk failed again and again, may the next start find what was refused.
        let settled = !lines.iter().any(|line| line == "in doubt") || (!crash && times < FOR_GOOD);
        assert!(!settled || found == acknowledged.len(), "seed {seed}, round {round}: {found} of {}", acknowledged.len());
        returned += found - acknowledged.len();
    }
    eprintln!("{failed} writes refused, {returned} of them, in doubt, were there at the next start");
    assert!(failed > 0, "no sync of a commit failed");
}

/// A program that learns of a refusal and ends at once; `lines` is what it had said.
fn refused(what: &str, times: usize, power: bool, check: impl Fn(&Store, &[String])) {
    let seed = seed();
    let mut random = Random::new(seed);
    for forget in [Forget::Everything, Forget::Some, Forget::Some] {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().join("data");
        std::fs::create_dir(&root).unwrap();
        let (path, next) = (root.join("site.sqlite3"), folder.path().join("next"));
        let cut = power.then(|| PowerCut::new(&root, &folder.path().join("side")));
        let mut command = victim("next sync", &path);
        command.arg(&next).arg(what).arg(times.to_string());
        if !preload(Some(&Fault::FailingNext(next)), &mut command) || !preload(cut.as_ref().map(PowerCut::fault).as_ref(), &mut command) {
            return;
        }
        let lines = Running::start(command).end();
        if let Some(cut) = cut {
            cut.cut(forget, &mut random);
        }
        check(&Store::open(&path, Options::default()).unwrap(), &lines);
    }
}

fn check_notes(store: &Store, lines: &[String]) {
    assert_eq!(lines, ["refused"]);
    let notes = store.read(|conn| Ok(conn.query_row("SELECT group_concat(text) FROM note", [], |row| row.get::<_, String>(0))?));
    assert_eq!(notes.wait().unwrap(), "kept");
}

fn check_migration(store: &Store, lines: &[String]) {
    assert_eq!(lines, ["refused"]);
    assert_eq!(store.plan(&schema::runner(3)).unwrap().from, None);
}

#[test]
fn a_refused_write_does_not_come_back_after_a_kill() {
    refused("write", 1, false, check_notes);
    refused("migrate", 1, false, check_migration);
}

#[test]
fn a_refused_write_does_not_come_back_after_a_power_cut() {
    refused("write", 1, true, check_notes);
    refused("migrate", 1, true, check_migration);
}

#[test]
fn where_the_disk_fails_again_and_again_the_writer_says_that_it_does_not_know() {
    refused("write", 2, false, |_, lines| assert_eq!(lines, ["in doubt"]));
}
