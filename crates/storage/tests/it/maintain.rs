//! Maintenance, checks, and databases that are made for tests.

use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use magnetiq_storage::rusqlite::{Connection, OpenFlags};
use magnetiq_storage::{Check, CheckOn, Durability, Error, Options, Store, Task, Template};

use crate::support::{add, notes, texts};

fn quick() -> Options {
    Options::default().durability(Durability::Normal)
}

/// A store with `mebibytes` of rows, all but a tenth of which were deleted.
fn mostly_free(options: Options, mebibytes: u32) -> Store {
    let store = Store::temporary(options).unwrap();
    let write = store.write_exclusive(move |tx| {
        tx.execute_batch("CREATE TABLE blob (id INTEGER PRIMARY KEY, x BLOB)")?;
        for _ in 0..mebibytes * 10 {
            tx.execute("INSERT INTO blob (x) VALUES (zeroblob(100000))", [])?;
        }
        Ok(tx.execute("DELETE FROM blob WHERE id % 10 > 0", [])?)
    });
    write.wait().unwrap();
    store
}

fn rows(store: &Store) -> i64 {
    store.read(|conn| Ok(conn.query_row("SELECT count(*) FROM blob", [], |row| row.get(0))?)).wait().unwrap()
}

fn on_and_on() -> impl FnMut(magnetiq_storage::Progress) -> ControlFlow<()> + Send + 'static {
    |_| ControlFlow::Continue(())
}

#[test]
fn a_plan_says_what_is_worth_its_cost_and_what_is_not() {
    let small = notes(quick());
    let plan = small.plan_maintenance().unwrap();
    let vacuum = plan.proposals.iter().find(|p| p.task == Task::Vacuum).unwrap();
    assert!(!vacuum.worthwhile && vacuum.reason.contains("not worth"), "{vacuum:?}");
    assert!(!plan.worthwhile().any(|task| matches!(task, Task::Vacuum | Task::IncrementalVacuum | Task::Checkpoint)));

    let full = mostly_free(quick(), 80);
    let plan = full.plan_maintenance().unwrap();
    let vacuum = plan.proposals.iter().find(|p| p.task == Task::Vacuum).unwrap();
    assert!(vacuum.worthwhile && vacuum.gain_bytes > 64 << 20 && vacuum.needs_bytes > 160_000_000, "{vacuum:?}");
    assert!(!plan.worthwhile().any(|task| task == Task::IncrementalVacuum), "not made for it");
}

#[test]
fn a_vacuum_shrinks_the_file_while_readers_go_on() {
    let store = mostly_free(quick(), 10);
    let mut reader = store.reader().unwrap();
    let count = |conn: &Connection| Ok(conn.query_row("SELECT count(*) FROM blob", [], |row| row.get::<_, i64>(0))?);
    assert_eq!(reader.read(count).unwrap(), 10);
    let before = store.facts().unwrap().size_bytes;
    store.maintain(Task::Vacuum).unwrap();
    assert_eq!(reader.read(count).unwrap(), 10);
    drop(reader);
    let facts = store.facts().unwrap();
    assert!(facts.size_bytes < before / 5 && facts.free_bytes == 0, "{facts:?}");
    store.maintain(Task::Checkpoint).unwrap();
    assert_eq!(store.facts().unwrap().wal_bytes, 0);
    assert_eq!(rows(&store), 10);
    assert!(store.check(Check::Integrity, CheckOn::Live, on_and_on()).unwrap().is_ok());
    store.write(|tx| Ok(tx.execute("DELETE FROM blob", [])?)).wait().unwrap();
    assert!(std::fs::read_dir(store.path().parent().unwrap()).unwrap().all(|e| !e.unwrap().path().to_string_lossy().contains("vacuum")));
}

#[test]
fn a_vacuum_does_not_undo_what_another_process_writes() {
    let store = mostly_free(quick(), 30);
    let path = store.path().to_owned();
    let stop = Arc::new(AtomicU64::new(0));
    let (stopped, started) = (Arc::clone(&stop), std::sync::mpsc::channel());
    let writing = std::thread::spawn(move || {
        let other = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_WRITE).unwrap();
        other.execute_batch("PRAGMA synchronous = OFF; PRAGMA busy_timeout = 5000;").unwrap();
        let mut written = 0;
        while stopped.load(Ordering::SeqCst) == 0 {
            written += other.execute("INSERT INTO blob (x) VALUES (1)", []).unwrap();
            let _ = started.0.send(());
        }
        written
    });
    started.1.recv().unwrap();
    let refused = store.maintain(Task::Vacuum);
    stop.store(1, Ordering::SeqCst);
    assert!(matches!(refused, Err(Error::WrittenMeanwhile { .. })), "{refused:?}");
    let written = writing.join().unwrap();
    assert_eq!(rows(&store), 30 + i64::try_from(written).unwrap());
}

#[test]
fn free_pages_are_given_back_in_slices_between_which_others_write() {
    let store = mostly_free(quick().incremental_vacuum(true), 20);
    let pages = store.facts().unwrap().free_bytes / 4096;
    let commits = store.commits().number();
    let done = store.maintain(Task::IncrementalVacuum).unwrap();
    assert_eq!((done.task, store.facts().unwrap().free_bytes), (Task::IncrementalVacuum, 0));
    assert!(store.commits().number() - commits >= pages / 256, "one commit for each slice");
    assert_eq!(rows(&store), 20);
    // Nothing to do, and nothing that could be done.
    store.maintain(Task::IncrementalVacuum).unwrap();
    mostly_free(quick(), 1).maintain(Task::IncrementalVacuum).unwrap();
}

#[test]
fn statistics_are_refreshed_where_they_are_missing() {
    let store = notes(quick());
    store.write(|tx| (0..200).try_for_each(|i| add(tx, &i.to_string()).map(|_| ()))).wait().unwrap();
    store.write(|tx| Ok(tx.execute_batch("CREATE INDEX by_text ON note (text)")?)).wait().unwrap();
    assert!(store.plan_maintenance().unwrap().worthwhile().any(|task| task == Task::Optimize));
    store.maintain(Task::Optimize).unwrap();
    assert!(!store.plan_maintenance().unwrap().worthwhile().any(|task| task == Task::Optimize));
}

#[test]
fn checks_find_what_is_broken_and_nothing_else() {
    let store = notes(quick());
    for check in [Check::Quick, Check::ForeignKeys, Check::Integrity] {
        for on in [CheckOn::Snapshot, CheckOn::Live] {
            let checked = store.check(check, on, on_and_on()).unwrap();
            assert!(checked.is_ok(), "{checked:?}");
        }
    }
    let path = store.path().to_owned();
    let break_keys = "PRAGMA foreign_keys = OFF; CREATE TABLE child (note REFERENCES note); INSERT INTO child VALUES (7), (8);";
    Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_WRITE).unwrap().execute_batch(break_keys).unwrap();
    let checked = store.check(Check::ForeignKeys, CheckOn::default(), on_and_on()).unwrap();
    assert_eq!(checked.findings, ["2 rows of child point to rows of note that are not there"]);
}

#[test]
fn a_check_reports_and_can_be_stopped() {
    let store = Store::temporary(quick()).unwrap();
    let fill = "CREATE TABLE n (i INTEGER PRIMARY KEY, x UNIQUE);
        INSERT INTO n WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 200000) SELECT i, i FROM n;";
    store.write_exclusive(move |tx| Ok(tx.execute_batch(fill)?)).wait().unwrap();
    let reports = Arc::new(AtomicU64::new(0));
    let counting = Arc::clone(&reports);
    let count = move |progress: magnetiq_storage::Progress| {
        counting.store(progress.reports, Ordering::SeqCst);
        ControlFlow::Continue(())
    };
    assert!(store.check(Check::Integrity, CheckOn::Snapshot, count).unwrap().is_ok());
    assert!(reports.load(Ordering::SeqCst) > 0);
    assert!(matches!(store.check(Check::Integrity, CheckOn::Live, |_| ControlFlow::Break(())), Err(Error::CheckStopped)));
}

#[test]
fn a_template_gives_each_test_a_database_of_its_own() {
    let template = Template::new(quick(), |store| {
        store
            .write(|tx| Ok(tx.execute_batch("CREATE TABLE note (id INTEGER PRIMARY KEY, text TEXT); INSERT INTO note VALUES (1, 'a')")?))
            .wait()
    })
    .unwrap();
    let (one, two) = (template.store().unwrap(), template.store().unwrap());
    one.write(|tx| add(tx, "b")).wait().unwrap();
    assert_eq!(texts(&one), ["a", "b"]);
    assert_eq!(texts(&two), ["a"]);
    let folder = one.path().parent().unwrap().to_owned();
    drop(one);
    assert!(!folder.exists());
    let refused = Template::new(quick(), |_| Err(Error::abort(std::io::Error::other("no"))));
    assert!(matches!(refused, Err(Error::Aborted(_))));
}

#[test]
fn what_a_killed_process_left_of_its_own_copies_is_removed() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("site.sqlite3");
    let left = ["vacuum", "check", "rehearsal", "replaced-1.sqlite3"].map(|of| folder.path().join(format!("site.sqlite3.{of}.x1.partial")));
    let others = folder.path().join("site.sqlite3.other.x1.partial");
    let in_use = folder.path().join("site.sqlite3.rehearsal.x2.partial");
    std::fs::create_dir(&in_use).unwrap();
    let lock = std::fs::File::open(&in_use).unwrap();
    lock.lock_shared().unwrap();
    left.iter().for_each(|left| std::fs::create_dir(left).unwrap());
    std::fs::create_dir(&others).unwrap();
    let store = Store::open(&path, Options::default().busy_timeout(Duration::from_secs(1))).unwrap();
    assert!(!left.iter().any(|left| left.exists()) && others.exists() && in_use.exists());
    store.close().unwrap();
    drop(lock);
    Store::open(&path, Options::default()).unwrap().close().unwrap();
    assert!(!in_use.exists());
}
