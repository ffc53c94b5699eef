//! Migrations: all of them or nothing, and never on a history that does not fit.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use magnetiq_storage::refinery::{Migration, Runner, Target};
use magnetiq_storage::rusqlite::types::Value;
use magnetiq_storage::rusqlite::{Connection, OpenFlags};
use magnetiq_storage::{Error, Options, Store, Task, WrittenSince};

const FAMILY: (&str, &str) = (
    "V1__family",
    "CREATE TABLE parent (id INTEGER PRIMARY KEY, name TEXT);
     CREATE TABLE child (id INTEGER PRIMARY KEY, parent INTEGER NOT NULL REFERENCES parent ON DELETE CASCADE);
     INSERT INTO parent VALUES (1, 'Ada'); INSERT INTO child VALUES (1, 1), (2, 1);",
);
const REBUILD: (&str, &str) = (
    "V2__rebuild",
    "CREATE TABLE parent_new (id INTEGER PRIMARY KEY, name TEXT NOT NULL);
     INSERT INTO parent_new SELECT id, name FROM parent; DROP TABLE parent; ALTER TABLE parent_new RENAME TO parent;",
);

fn runner(migrations: &[(&str, &str)]) -> Runner {
    let migrations: Vec<_> = migrations.iter().map(|(name, sql)| Migration::unapplied(name, sql).unwrap()).collect();
    Runner::new(&migrations)
}

fn count(store: &Store, table: &'static str) -> i64 {
    store.read(move |conn| Ok(conn.query_row(&format!("SELECT count(*) FROM {table}"), [], |row| row.get(0))?)).wait().unwrap()
}

fn tables(store: &Store) -> Vec<String> {
    let read = store.read(|conn| {
        let mut statement =
            conn.prepare("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name")?;
        let names = statement.query_map([], |row| row.get(0))?;
        Ok(names.collect::<Result<_, _>>()?)
    });
    read.wait().unwrap()
}

fn foreign_keys_hold(store: &Store) -> bool {
    store.write(|tx| Ok(tx.execute("INSERT INTO child (parent) VALUES (999)", [])?)).wait().is_err()
}

#[test]
fn a_first_run_applies_everything_and_a_second_nothing() {
    let store = Store::temporary(Options::default()).unwrap();
    let migrated = store.migrate(runner(&[FAMILY, REBUILD])).unwrap();
    let names: Vec<_> = migrated.applied.iter().map(|s| (s.version, s.name.as_str())).collect();
    assert_eq!(names, [(1, "family"), (2, "rebuild")]);
    assert_eq!((migrated.from, migrated.to), (None, Some(2)));
    assert_eq!(migrated.snapshot, None, "there was nothing to copy");
    let again = store.migrate(runner(&[FAMILY, REBUILD])).unwrap();
    assert_eq!((again.applied.len(), again.from, again.to, again.snapshot), (0, Some(2), Some(2), None));
}

#[test]
fn rebuilding_a_table_keeps_its_children() {
    for grouped in [false, true] {
        let store = Store::temporary(Options::default()).unwrap();
        store.migrate(runner(&[FAMILY]).set_grouped(grouped)).unwrap();
        store.migrate(runner(&[FAMILY, REBUILD]).set_grouped(grouped)).unwrap();
        assert_eq!(count(&store, "child"), 2);
        assert!(foreign_keys_hold(&store));
    }
}

#[test]
fn a_migration_that_leaves_broken_keys_did_not_happen() {
    let store = Store::temporary(Options::default()).unwrap();
    store.migrate(runner(&[FAMILY])).unwrap();
    let broken = store.migrate(runner(&[FAMILY, ("V2__orphans", "DELETE FROM parent")])).unwrap_err();
    assert!(
        matches!(&broken, Error::ForeignKeys { table, parent, rows: 2, before: 0 } if table == "child" && parent == "parent"),
        "{broken:?}"
    );
    assert_eq!(count(&store, "parent"), 1);
    assert_eq!(count(&store, "refinery_schema_history"), 1);
    assert!(foreign_keys_hold(&store));
    store.migrate(runner(&[FAMILY, REBUILD])).unwrap();
}

#[test]
fn keys_that_were_broken_before_are_mended_by_a_migration_and_block_nothing_else() {
    let store = Store::temporary(Options::default()).unwrap();
    store.migrate(runner(&[FAMILY])).unwrap();
    let other = Connection::open(store.path()).unwrap();
    other.execute_batch("PRAGMA foreign_keys = OFF; INSERT INTO child VALUES (3, 77)").unwrap();
    other.close().unwrap();
    store.maintain(Task::Vacuum).unwrap();
    assert!(store.migrate(runner(&[FAMILY])).unwrap().applied.is_empty(), "with nothing to do, nothing is in the way");
    let refused = store.migrate(runner(&[FAMILY, REBUILD])).unwrap_err();
    assert!(
        matches!(refused, Error::ForeignKeys { rows: 1, before: 1, .. }) && refused.to_string().contains("before the migrations, 1 did")
    );
    assert!(!store.path().with_file_name("temporary.sqlite3.before-v2.sqlite3").exists(), "one that fails is not worth a copy");
    let mend = ("V2__mend", "DELETE FROM child WHERE parent NOT IN (SELECT id FROM parent)");
    let rehearsal = store.rehearse(&runner(&[FAMILY, mend])).unwrap();
    assert!(rehearsal.foreign_keys.is_empty() && rehearsal.writes_wait > rehearsal.duration, "{rehearsal:?}");
    let copy = store.migrate(runner(&[FAMILY, mend])).unwrap().snapshot.unwrap();
    assert_eq!(count(&store, "child"), 2);
    store.roll_back(&copy, WrittenSince::Refuse).unwrap();
    assert_eq!(count(&store, "child"), 3);
}

#[test]
fn temporary_tables_of_a_migration_do_not_stay() {
    let temporary = "CREATE TEMP TABLE kept AS SELECT name FROM parent; CREATE TEMP TABLE parent AS SELECT * FROM kept;
        CREATE TEMP VIEW \"odd \"\" name\" AS SELECT * FROM kept; CREATE VIRTUAL TABLE temp.words USING fts5 (word);
        CREATE TEMP TRIGGER never BEFORE INSERT ON child BEGIN SELECT RAISE(ABORT, 'never'); END;
        INSERT INTO main.parent (name) SELECT name || ' the second' FROM kept;";
    for end in ["", "CREATE TABEL typo (x)"] {
        let store = Store::temporary(Options::default()).unwrap();
        store.migrate(runner(&[FAMILY])).unwrap();
        let migrated = store.migrate(runner(&[FAMILY, ("V2__temporary", &format!("{temporary} {end}"))]));
        assert_eq!(migrated.is_ok(), end.is_empty(), "{migrated:?}");
        let left = store.write(|tx| {
            tx.execute("INSERT INTO child (parent) VALUES (1)", [])?;
            Ok(tx.query_row("SELECT (SELECT count(*) FROM temp.sqlite_schema), (SELECT count(*) FROM parent)", [], |row| {
                Ok((row.get::<_, i64>(0)?, row.get::<_, i64>(1)?))
            })?)
        });
        assert_eq!(left.wait().unwrap(), (0, if end.is_empty() { 2 } else { 1 }), "{end}");
    }
}

#[test]
fn a_failing_migration_takes_the_others_of_its_run_back() {
    for grouped in [false, true] {
        let store = Store::temporary(Options::default()).unwrap();
        let migrations = [FAMILY, REBUILD, ("V3__typo", "CREATE TABLE fine (x); CREATE TABEL typo (x)"), ("V4__never", "SELECT 1")];
        let failed = store.migrate(runner(&migrations).set_grouped(grouped)).unwrap_err();
        let Error::Migration { version: 3, name, source } = &failed else { panic!("{failed:?}") };
        assert_eq!(name, "typo");
        assert!(matches!(**source, Error::Sqlite(_)), "{source:?}");
        assert_eq!(tables(&store), [""; 0], "not even the history table");
        store.migrate(runner(&[FAMILY, REBUILD])).unwrap();
    }
}

#[test]
fn a_migration_cannot_commit_half_of_itself() {
    for sql in ["CREATE TABLE half (x); COMMIT; CREATE TABLE rest (x)", "BEGIN; CREATE TABLE half (x); COMMIT", "ROLLBACK"] {
        let store = Store::temporary(Options::default()).unwrap();
        store.migrate(runner(&[FAMILY])).unwrap();
        let refused = store.migrate(runner(&[FAMILY, ("V2__half", sql)])).unwrap_err();
        let Error::Migration { version: 2, source, .. } = refused else { panic!("{refused:?}") };
        assert!(matches!(*source, Error::Refused { .. }), "{source:?}");
        assert_eq!(tables(&store), ["child", "parent", "refinery_schema_history"]);
        assert_eq!(count(&store, "refinery_schema_history"), 1);
    }
}

#[test]
fn settings_that_a_migration_changes_are_restored() {
    let store = Store::temporary(Options::default()).unwrap();
    store.migrate(runner(&[("V1__odd", "PRAGMA cache_size = 3; PRAGMA query_only = ON; PRAGMA trusted_schema = ON")])).unwrap_err();
    store.migrate(runner(&[("V1__odd", "PRAGMA cache_size = 3; PRAGMA trusted_schema = ON; PRAGMA busy_timeout = 1")])).unwrap();
    let setting = |name| store.write(move |tx| Ok(tx.pragma_query_value(None, name, |row| row.get::<_, i64>(0))?)).wait().unwrap();
    assert_eq!(["cache_size", "query_only", "trusted_schema", "busy_timeout"].map(setting), [-8192, 0, 0, 5000]);
}

#[test]
fn no_setting_of_a_migration_stays_whether_it_succeeds_or_fails() {
    let sets = "PRAGMA ignore_check_constraints = ON; PRAGMA writable_schema = ON; PRAGMA legacy_alter_table = ON;
        PRAGMA recursive_triggers = ON; PRAGMA locking_mode = EXCLUSIVE; PRAGMA reverse_unordered_selects = ON;
        PRAGMA automatic_index = OFF; PRAGMA fullfsync = OFF; PRAGMA checkpoint_fullfsync = OFF;";
    let positive = ("V1__positive", "CREATE TABLE positive (n INTEGER CHECK (n > 0)) STRICT");
    for end in ["", "CREATE TABEL typo (x)"] {
        let store = Store::temporary(Options::default()).unwrap();
        store.migrate(runner(&[positive])).unwrap();
        let all = || {
            let names = ["ignore_check_constraints", "writable_schema", "legacy_alter_table", "recursive_triggers", "locking_mode"];
            let more = ["reverse_unordered_selects", "automatic_index", "fullfsync", "checkpoint_fullfsync", "synchronous"];
            let read = store.write(move |tx| {
                let value =
                    |name: &&str| tx.pragma_query_value(None, name, |row| row.get::<_, Value>(0)).map(|value| ((*name).to_owned(), value));
                Ok(names.iter().chain(&more).map(value).collect::<Result<Vec<_>, _>>()?)
            });
            read.wait().unwrap()
        };
        let before = all();
        let migrated = store.migrate(runner(&[positive, ("V2__sets", &format!("{sets} {end}"))]));
        assert_eq!(migrated.is_ok(), end.is_empty());
        assert_eq!(all(), before, "{end}");
        store.write(|tx| Ok(tx.execute("INSERT INTO positive VALUES (-1)", [])?)).wait().unwrap_err();
    }
}

#[test]
fn the_copy_just_made_stays_when_the_clock_was_ahead() {
    let store = Store::temporary(Options::default()).unwrap();
    let mut migrations = vec![FAMILY];
    store.migrate(runner(&migrations)).unwrap();
    let names: Vec<String> = (2..=5).map(|v| format!("V{v}__step")).collect();
    let mut copies = Vec::new();
    for name in &names {
        migrations.push((name, "INSERT INTO parent (name) VALUES ('more')"));
        let copy = store.migrate(runner(&migrations)).unwrap().snapshot.unwrap();
        assert!(copy.exists(), "{}", copy.display());
        let tomorrow = fs::metadata(&copy).unwrap().modified().unwrap() + std::time::Duration::from_secs(24 * 3600);
        fs::File::options().write(true).open(&copy).unwrap().set_modified(tomorrow).unwrap();
        copies.push(copy);
    }
    assert_eq!(copies.iter().filter(|copy| copy.exists()).count(), 3);
}

#[test]
fn a_history_that_does_not_fit_is_refused_whatever_the_runner_was_told() {
    let three: (&str, &str) = ("V3__three", "CREATE TABLE three (x)");
    let lenient = |migrations: &[(&str, &str)]| runner(migrations).set_abort_divergent(false).set_abort_missing(false);
    let store = Store::temporary(Options::default()).unwrap();
    store.migrate(runner(&[FAMILY, three])).unwrap();
    let newer = store.migrate(lenient(&[FAMILY])).unwrap_err();
    assert!(matches!(newer, Error::NewerSchema { found: 3, supported: 1 }), "{newer:?}");
    let gone = store.migrate(lenient(&[three])).unwrap_err();
    assert!(matches!(gone, Error::MissingMigration { version: 1, .. }), "{gone:?}");
    let late = store.migrate(lenient(&[FAMILY, REBUILD, three])).unwrap_err();
    assert!(matches!(late, Error::MissingMigration { version: 2, .. }), "{late:?}");
    let edited = store.migrate(lenient(&[FAMILY, ("V3__three", "CREATE TABLE three (x, y)")])).unwrap_err();
    assert!(matches!(&edited, Error::DivergentMigration { version: 3, name } if name == "three"), "{edited:?}");
    assert!(matches!(store.plan(&runner(&[FAMILY])), Err(Error::NewerSchema { .. })));
    let twice = store.migrate(runner(&[FAMILY, three, ("V4__a", ""), ("V4__a", "")])).unwrap_err();
    assert!(matches!(twice, Error::Migrations(_)), "{twice:?}");
    assert_eq!(count(&store, "refinery_schema_history"), 2);
}

#[test]
fn a_plan_tells_what_would_run_and_changes_nothing() {
    let store = Store::temporary(Options::default()).unwrap();
    let plan = store.plan(&runner(&[FAMILY, REBUILD])).unwrap();
    assert_eq!((plan.pending.len(), plan.from, plan.to), (2, None, Some(2)));
    assert_eq!(tables(&store), [""; 0]);
    store.migrate(runner(&[FAMILY, REBUILD]).set_target(Target::Version(1))).unwrap();
    let plan = store.plan(&runner(&[FAMILY, REBUILD])).unwrap();
    assert_eq!((plan.pending[0].version, plan.pending.len(), plan.from, plan.to), (2, 1, Some(1), Some(2)));
    assert_eq!(store.plan(&runner(&[FAMILY, REBUILD]).set_target(Target::Version(1))).unwrap().pending.len(), 0);
}

#[test]
fn the_history_table_may_have_another_name() {
    let named = || {
        let mut runner = runner(&[FAMILY, REBUILD]);
        runner.set_migration_table_name("schema_history");
        runner
    };
    let store = Store::temporary(Options::default()).unwrap();
    assert_eq!(store.migrate(named()).unwrap().applied.len(), 2);
    assert_eq!(store.migrate(named()).unwrap().applied.len(), 0);
    assert_eq!(tables(&store), ["child", "parent", "schema_history"]);
}

#[test]
fn a_copy_from_before_is_kept_private_and_only_the_newest_three() {
    let store = Store::temporary(Options::default()).unwrap();
    let names: Vec<String> = (2..=6).map(|v| format!("V{v}__step")).collect();
    let mut migrations = vec![FAMILY];
    store.migrate(runner(&migrations)).unwrap();
    let left_over = format!("{}.before-v2.sqlite3.x1.partial", store.path().display());
    fs::create_dir(&left_over).unwrap();
    let mut copies = Vec::new();
    for name in &names {
        migrations.push((name, "INSERT INTO parent (name) VALUES ('more')"));
        let rows = count(&store, "parent");
        let copy = store.migrate(runner(&migrations)).unwrap().snapshot.unwrap();
        assert_eq!(fs::metadata(&copy).unwrap().permissions().mode() & 0o777, 0o600);
        let before = Connection::open_with_flags(&copy, OpenFlags::SQLITE_OPEN_READ_ONLY).unwrap();
        assert_eq!(before.query_row("SELECT count(*) FROM parent", [], |row| row.get::<_, i64>(0)).unwrap(), rows);
        copies.push(copy);
        // Copies are told apart by when they were made.
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    let expected = format!("{}.before-v6.sqlite3", store.path().display());
    assert_eq!(copies[4], std::path::Path::new(&expected));
    assert!(!fs::exists(left_over).unwrap());
    assert_eq!(copies.iter().map(|c| c.exists()).collect::<Vec<_>>(), [false, false, true, true, true]);
}

#[test]
fn as_many_copies_as_wanted_are_kept() {
    let folder = tempfile::tempdir().unwrap();
    let migrate = |version: usize, copies: u32| {
        let names: Vec<String> = (2..=version).map(|v| format!("V{v}__step")).collect();
        let more = names.iter().map(|name| (name.as_str(), "INSERT INTO parent (name) VALUES ('more')"));
        let migrations: Vec<_> = std::iter::once(FAMILY).chain(more).collect();
        let store = Store::open(folder.path().join("site.sqlite3"), Options::default().migration_copies(copies)).unwrap();
        store.migrate(runner(&migrations)).unwrap().snapshot
    };
    assert_eq!(migrate(1, 1), None);
    let first = migrate(2, 1).unwrap();
    assert_eq!(migrate(3, 0), None, "none is made");
    assert!(first.exists(), "nor removed");
    let last = migrate(4, 1).unwrap();
    assert!(last.exists() && !first.exists());
}

#[test]
fn a_migration_that_is_not_committed_leaves_the_way_back_from_what_there_is() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path().join("site.sqlite3"), Options::default().migration_copies(1)).unwrap();
    store.migrate(runner(&[FAMILY])).unwrap();
    let back = store.migrate(runner(&[FAMILY, REBUILD])).unwrap().snapshot.unwrap();
    let third = ("V3__three", "CREATE TABLE three (x)");
    // The copy is there by then, and what belongs to it cannot be written.
    let in_the_way = folder.path().join("site.sqlite3.before-v3.sqlite3.after");
    fs::create_dir(&in_the_way).unwrap();
    let failed = store.migrate(runner(&[FAMILY, REBUILD, third])).unwrap_err();
    assert!(matches!(failed, Error::SnapshotFile { .. }), "{failed:?}");
    store.roll_back(&back, WrittenSince::Refuse).unwrap();
    assert_eq!(store.plan(&runner(&[FAMILY, REBUILD])).unwrap().from, Some(1));
    store.migrate(runner(&[FAMILY, REBUILD])).unwrap();
    fs::remove_dir(in_the_way).unwrap();
    let made = store.migrate(runner(&[FAMILY, REBUILD, third])).unwrap().snapshot.unwrap();
    assert!(made.exists() && !back.exists(), "once it is committed, the other one goes");
}

#[test]
fn a_database_that_was_made_without_migrations_is_copied_too() {
    let store = Store::temporary(Options::default()).unwrap();
    store.write(|tx| Ok(tx.execute_batch("CREATE TABLE old (x)")?)).wait().unwrap();
    assert!(store.migrate(runner(&[FAMILY])).unwrap().snapshot.unwrap().exists());
}

#[test]
fn a_second_attempt_makes_a_fresh_copy() {
    let store = Store::temporary(Options::default()).unwrap();
    store.migrate(runner(&[FAMILY])).unwrap();
    store.migrate(runner(&[FAMILY, ("V2__typo", "CREATE TABEL typo (x)")])).unwrap_err();
    store.write(|tx| Ok(tx.execute("INSERT INTO parent (name) VALUES ('Grace')", [])?)).wait().unwrap();
    let copy = store.migrate(runner(&[FAMILY, REBUILD])).unwrap().snapshot.unwrap();
    let before = Connection::open_with_flags(&copy, OpenFlags::SQLITE_OPEN_READ_ONLY).unwrap();
    assert_eq!(before.query_row("SELECT count(*) FROM parent", [], |row| row.get::<_, i64>(0)).unwrap(), 2);
}

#[test]
fn writes_wait_for_a_migration_and_then_go_on() {
    let store = Store::temporary(Options::default()).unwrap();
    store.migrate(runner(&[FAMILY])).unwrap();
    let migrating = std::thread::spawn({
        let store = store.clone();
        move || store.migrate(runner(&[FAMILY, REBUILD]))
    });
    let writes: Vec<_> = (0..20).map(|_| store.write(|tx| Ok(tx.execute("INSERT INTO parent (name) VALUES ('x')", [])?))).collect();
    for write in writes {
        write.wait().unwrap();
    }
    migrating.join().unwrap().unwrap();
    assert_eq!(count(&store, "parent"), 21);
}
