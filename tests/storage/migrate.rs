//! `kill -9` and power cuts in the middle of a migration: it happened completely, or not at all.

use std::{
    path::Path,
    time::{Duration, Instant},
};

use magnetiq_storage::{
    Options, Store,
    rusqlite::{Connection, OpenFlags},
};
use magnetiq_tests::{Forget, PowerCut, Random, schema};

use crate::support::{Running, preload, seed, victim};

#[test]
fn a_migration_that_was_killed_happened_or_did_not() {
    rounds(5, false);
}

#[test]
fn a_migration_whose_power_was_cut_happened_or_did_not() {
    rounds(5, true);
}

#[test]
#[ignore = "long: cargo xtask test --soak"]
fn soak_killed_migrations() {
    rounds(100, false);
    rounds(100, true);
}

fn rounds(count: u64, power: bool) {
    let seed = seed();
    let mut random = Random::new(seed);
    let template = tempfile::tempdir().unwrap();
    let filled = template.path().join("filled.sqlite3");
    let store = Store::open(&filled, Options::default()).unwrap();
    schema::fill(&store).unwrap();
    store.close().unwrap();
    let mut whole = Duration::from_millis(200);
    let mut done = 0;
    for round in 0..count {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().join("data");
        std::fs::create_dir(&root).unwrap();
        let path = root.join("site.sqlite3");
        std::fs::copy(&filled, &path).unwrap();
        let cut = power.then(|| PowerCut::new(&root, &folder.path().join("side")));
        let mut command = victim("migrate", &path);
        if !preload(cut.as_ref().map(PowerCut::fault).as_ref(), &mut command) {
            return;
        }
        let running = Running::start_ready(command);
        let began = Instant::now();
        let lines = if round == 0 {
            // Only to learn how long it takes.
            let lines = running.end();
            whole = began.elapsed();
            lines
        } else {
            running.kill_after(Duration::from_micros(random.below(1 + u64::try_from(whole.as_micros()).unwrap() * 11 / 10)))
        };
        let forget = if random.below(2) == 0 { Forget::Everything } else { Forget::Some };
        let changes = cut.map(|cut| cut.cut(forget, &mut random));
        let about = format!("seed {seed}, round {round}, {changes:?} changes forgotten ({forget:?})");
        let acknowledged = lines.iter().any(|line| line == "migrated");
        done += i64::from(check(&path, acknowledged, &about));
    }
    eprintln!("{done} of {count} migrations had happened");
}

/// Whether the migration had happened.
fn check(path: &Path, acknowledged: bool, about: &str) -> bool {
    let copy = path.with_file_name("site.sqlite3.before-v3.sqlite3");
    if copy.exists() {
        let conn = Connection::open_with_flags(&copy, OpenFlags::SQLITE_OPEN_READ_ONLY).unwrap();
        assert_eq!(schema::problems(&conn, 1).unwrap(), [""; 0], "{about}: the copy from before");
    }
    let store = Store::open(path, Options::default()).unwrap_or_else(|error| panic!("{about}: {error:?}"));
    let version = store.plan(&schema::runner(3)).unwrap().from.unwrap();
    assert!(version == 3 || (version == 1 && !acknowledged), "{about}: version {version}, acknowledged: {acknowledged}");
    let problems = store.read(move |conn| Ok(schema::problems(conn, version)?)).wait().unwrap();
    assert_eq!(problems, [""; 0], "{about}");
    assert!(version == 1 || copy.exists(), "{about}: migrated without a copy");
    // Whatever was left does not stand in the way of the next start.
    store.migrate(schema::runner(3)).unwrap();
    let problems = store.read(move |conn| Ok(schema::problems(conn, 3)?)).wait().unwrap();
    assert_eq!(problems, [""; 0], "{about}, after the next start");
    store.close().unwrap();
    version == 3
}
