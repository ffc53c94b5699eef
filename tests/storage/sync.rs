//! A disk whose syncs fail.

use magnetiq_storage::{Options, Store};
use magnetiq_tests::{Fault, Random};

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
        // What was refused may have reached the log all the same, and comes back whole at the next start where nothing was written over
        // it: after a crash, or where the disk failed for good. Else it is gone.
        let settled = !crash && times < FOR_GOOD;
        assert!(!settled || found == acknowledged.len(), "seed {seed}, round {round}: {found} of {}", acknowledged.len());
        returned += found - acknowledged.len();
    }
    eprintln!("{failed} writes refused, {returned} of them came back at the next start");
    assert!(failed > 0, "no sync of a commit failed");
}
