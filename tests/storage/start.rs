//! Programs that start at the same moment, each of which migrates.

use magnetiq_storage::{Options, Store};
use magnetiq_tests::schema;

use crate::support::{Running, victim};

#[test]
fn eight_programs_that_start_together_migrate_once() {
    rounds(5);
}

#[test]
#[ignore = "long: cargo xtask test --soak"]
fn soak_starts() {
    rounds(50);
}

fn rounds(count: u64) {
    for round in 0..count {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("site.sqlite3");
        if round % 2 == 1 {
            // with content, of which a copy is made first
            schema::fill(&Store::open(&path, Options::default()).unwrap()).unwrap();
        }
        let programs: Vec<_> = (0..8).map(|_| Running::start(victim("start", &path))).collect();
        let mut applied: Vec<String> = programs.into_iter().flat_map(Running::end).collect();
        applied.sort();
        let once = if round % 2 == 1 { "applied 2" } else { "applied 3" };
        assert_eq!(applied[..7], ["applied 0"; 7], "round {round}");
        assert_eq!(applied[7..], [once], "round {round}");
    }
}
