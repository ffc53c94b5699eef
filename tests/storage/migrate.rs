//! `kill -9` and power cuts in the middle of a migration: it happened completely, or not at all.

use std::{
    path::Path,
    time::{Duration, Instant},
};

use magnetiq_storage::{
    Options, ReadOnlyStore, Store,
    rusqlite::{Connection, OpenFlags},
};
use magnetiq_tests::{Forget, PowerCut, Random, schema};

use crate::support::{Running, preload, seed, victim};

#[test]
fn a_migration_that_was_killed_happened_or_did_not() {
    rounds("migrate", 5, false);
}

#[test]
fn a_migration_whose_power_was_cut_happened_or_did_not() {
    rounds("migrate", 5, true);
}

#[test]
fn rolling_back_happened_or_did_not() {
    rounds("roll back", 5, false);
    rounds("roll back", 5, true);
}

#[test]
fn stamping_happened_or_did_not() {
    rounds("stamp", 5, false);
    rounds("stamp", 5, true);
}

#[test]
fn a_rehearsal_that_was_killed_leaves_nothing() {
    rounds("rehearse", 5, false);
    rounds("rehearse", 5, true);
}

#[test]
#[ignore = "long: cargo xtask test --soak"]
fn soak_killed_migrations() {
    rounds("migrate", 100, false);
    rounds("migrate", 100, true);
}

#[test]
#[ignore = "long: cargo xtask test --soak"]
fn soak_killed_operations() {
    for role in ["roll back", "stamp", "rehearse"] {
        rounds(role, 60, false);
        rounds(role, 60, true);
    }
}

/// The files that a role starts from.
fn template(role: &str, folder: &Path) {
    let path = folder.join("site.sqlite3");
    let store = Store::open(&path, Options::default()).unwrap();
    schema::fill(&store).unwrap();
    if role != "migrate" && role != "rehearse" {
        store.migrate(schema::runner(3)).unwrap();
    }
    if role == "stamp" {
        store.write(|tx| Ok(tx.execute_batch("DROP TABLE refinery_schema_history")?)).wait().unwrap();
    }
    store.close().unwrap();
}

fn rounds(role: &str, count: u64, power: bool) {
    let seed = seed();
    let mut random = Random::new(seed);
    let start = tempfile::tempdir().unwrap();
    template(role, start.path());
    let mut whole = Duration::from_millis(200);
    let mut done = 0;
    for round in 0..count {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().join("data");
        std::fs::create_dir(&root).unwrap();
        let path = root.join("site.sqlite3");
        for file in std::fs::read_dir(start.path()).unwrap().map(Result::unwrap) {
            std::fs::copy(file.path(), root.join(file.file_name())).unwrap();
        }
        let cut = power.then(|| PowerCut::new(&root, &folder.path().join("side")));
        let mut command = victim(role, &path);
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
        let about = format!("{role}, seed {seed}, round {round}, {changes:?} changes forgotten ({forget:?})");
        let acknowledged = lines.iter().any(|line| line == "migrated" || line == "done");
        done += i64::from(match role {
            "migrate" => check(&path, acknowledged, &about),
            "roll back" => check_rolled_back(&path, acknowledged, &about),
            "stamp" => check_stamped(&path, acknowledged, &about),
            _ => check_rehearsed(&path, acknowledged, &about),
        });
    }
    eprintln!("{role}: {done} of {count} had happened");
}

fn version(store: &Store) -> Option<i64> {
    store.plan(&schema::runner(3)).unwrap().from
}

fn problems(store: &Store, version: i64) -> Vec<String> {
    store.read(move |conn| Ok(schema::problems(conn, version)?)).wait().unwrap()
}

fn check_rolled_back(path: &Path, acknowledged: bool, about: &str) -> bool {
    let store = Store::open(path, Options::default()).unwrap_or_else(|error| panic!("{about}: {error:?}"));
    let found = version(&store).unwrap();
    assert!(found == 1 || (found == 3 && !acknowledged), "{about}: version {found}, acknowledged: {acknowledged}");
    assert_eq!(problems(&store, found), [""; 0], "{about}");
    let replaced = path.with_file_name("site.sqlite3.replaced-1.sqlite3");
    assert!(found == 3 || replaced.exists(), "{about}: what was replaced is gone");
    if replaced.exists() {
        let kept = ReadOnlyStore::open(&replaced, Options::default()).unwrap().read(|conn| Ok(schema::problems(conn, 3)?)).wait().unwrap();
        assert_eq!(kept, [""; 0], "{about}: what was replaced");
    }
    if found == 3 {
        store.roll_back(&schema::copy_before(path), magnetiq_storage::WrittenSince::Refuse).unwrap();
    }
    store.migrate(schema::runner(3)).unwrap();
    assert_eq!(problems(&store, 3), [""; 0], "{about}, forward again");
    store.close().unwrap();
    found == 1
}

fn check_stamped(path: &Path, acknowledged: bool, about: &str) -> bool {
    let store = Store::open(path, Options::default()).unwrap_or_else(|error| panic!("{about}: {error:?}"));
    let found = version(&store);
    assert!(found == Some(3) || (found.is_none() && !acknowledged), "{about}: version {found:?}, acknowledged: {acknowledged}");
    let left = store.stamp(schema::runner(3)).unwrap().len();
    assert_eq!(left, if found.is_some() { 0 } else { 3 }, "{about}");
    assert_eq!(problems(&store, 3), [""; 0], "{about}");
    store.close().unwrap();
    found.is_some()
}

/// Whether the rehearsal came to its end.
fn check_rehearsed(path: &Path, acknowledged: bool, about: &str) -> bool {
    let store = Store::open(path, Options::default()).unwrap_or_else(|error| panic!("{about}: {error:?}"));
    assert_eq!((version(&store), problems(&store, 1)), (Some(1), Vec::new()), "{about}");
    let names = std::fs::read_dir(path.parent().unwrap()).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let left: Vec<_> = names.filter(|name| name.contains("rehearsal")).collect();
    assert_eq!(left, [""; 0], "{about}");
    store.close().unwrap();
    acknowledged
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
