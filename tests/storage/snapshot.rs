//! `kill -9` and power cuts while snapshots are made: a file under its name is whole.

use std::time::Duration;

use magnetiq_storage::rusqlite::{Connection, OpenFlags};
use magnetiq_tests::{
    Forget, PowerCut, Random,
    ledger::{self, Acknowledged},
};

use crate::support::{Running, check_ledger, kept, preload, seed, victim};

#[test]
fn a_snapshot_under_its_name_is_whole_after_a_kill() {
    rounds(3, false);
}

#[test]
fn a_snapshot_under_its_name_is_whole_after_a_power_cut() {
    rounds(3, true);
}

#[test]
#[ignore = "long: cargo xtask test --soak"]
fn soak_killed_snapshots() {
    rounds(100, false);
    rounds(100, true);
}

fn rounds(count: u64, power: bool) {
    let seed = seed();
    let mut random = Random::new(seed);
    let mut whole = 0;
    for round in 0..count {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().join("data");
        std::fs::create_dir(&root).unwrap();
        let path = root.join("site.sqlite3");
        let cut = power.then(|| PowerCut::new(&root, &folder.path().join("side")));
        let mut command = victim("snapshot", &path);
        // odd: the victim takes `Durability::Full`
        command.arg((random.below(1_000_000) | 1).to_string());
        if !preload(cut.as_ref().map(PowerCut::fault).as_ref(), &mut command) {
            return;
        }
        let lines = Running::start_ready(command).kill_after(Duration::from_micros(50_000 + random.below(400_000)));
        let forget = if random.below(2) == 0 { Forget::Everything } else { Forget::Some };
        let changes = cut.map(|cut| cut.cut(forget, &mut random));
        let about = format!("seed {seed}, round {round}, {changes:?} changes forgotten ({forget:?})");
        check_ledger(&path, &kept(&lines), &about);
        for name in lines.iter().filter_map(|line| line.strip_prefix("snapshot ")) {
            assert!(std::path::Path::new(name).exists(), "{about}: {name} was acknowledged and is gone");
        }
        for entry in std::fs::read_dir(&root).unwrap() {
            let entry = entry.unwrap();
            let name = entry.file_name().into_string().unwrap();
            if name.starts_with("snapshot-") && name.ends_with(".sqlite3") {
                let conn = Connection::open_with_flags(entry.path(), OpenFlags::SQLITE_OPEN_READ_ONLY).unwrap();
                assert_eq!(ledger::problems(&conn, &Acknowledged::new()).unwrap(), [""; 0], "{about}: {name}");
                whole += 1;
            }
        }
    }
    eprintln!("{whole} snapshots in {count} rounds");
}
