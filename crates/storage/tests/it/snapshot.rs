//! Copies of a live database.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use magnetiq_storage::rusqlite::{Connection, OpenFlags};
use magnetiq_storage::{Error, Options, ReadOnlyStore, Snapshot, Store};

use crate::support::{Gate, add, notes};

#[test]
fn a_copy_is_one_private_file_with_everything_that_was_acknowledged() {
    type Copying = fn(&Store, &Path) -> Result<Snapshot, Error>;
    let check = |copying: Copying| {
        let store = notes(Options::default());
        store.write(|tx| add(tx, "one")).wait().unwrap();
        let folder = tempfile::tempdir().unwrap();
        let to = folder.path().join("copy.sqlite3");
        let snapshot = copying(&store, &to).unwrap();
        assert_eq!(snapshot.path, to);
        assert_eq!(snapshot.size_bytes, fs::metadata(&to).unwrap().len());
        assert_eq!(fs::metadata(&to).unwrap().permissions().mode() & 0o777, 0o600);
        let copy = Connection::open_with_flags(&to, OpenFlags::SQLITE_OPEN_READ_ONLY).unwrap();
        assert_eq!(copy.query_row("SELECT text FROM note", [], |row| row.get::<_, String>(0)).unwrap(), "one");
        assert_eq!(copy.query_row("PRAGMA integrity_check", [], |row| row.get::<_, String>(0)).unwrap(), "ok");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "no companions, nothing unfinished");
    };
    check(Store::snapshot);
    check(Store::scratch_copy);
    check(|store, to| ReadOnlyStore::open(store.path(), Options::default())?.scratch_copy(to));
}

#[test]
fn nothing_is_overwritten() {
    let store = notes(Options::default());
    let folder = tempfile::tempdir().unwrap();
    let to = folder.path().join("precious");
    fs::write(&to, "precious").unwrap();
    assert!(matches!(store.snapshot(&to), Err(Error::SnapshotExists { .. })));
    assert!(matches!(store.snapshot(store.path()), Err(Error::SnapshotExists { .. })));
    assert!(matches!(store.scratch_copy(&to), Err(Error::SnapshotExists { .. })));
    assert!(matches!(store.scratch_copy(store.path()), Err(Error::SnapshotExists { .. })));
    assert_eq!(fs::read(&to).unwrap(), b"precious");
}

#[test]
fn a_target_that_cannot_be_written_is_named_and_nothing_stays_behind() {
    let store = notes(Options::default());
    let folder = tempfile::tempdir().unwrap();
    let missing = store.snapshot(&folder.path().join("missing/copy"));
    assert!(matches!(missing, Err(Error::SnapshotFile { .. })), "{missing:?}");
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[test]
fn what_a_killed_snapshot_left_goes_with_the_next_one() {
    let store = notes(Options::default());
    let folder = tempfile::tempdir().unwrap();
    let left = |name: &str, file: &str| {
        let left = folder.path().join(name);
        fs::create_dir(&left).unwrap();
        fs::write(left.join(file), "half a copy").unwrap();
        left
    };
    let killed = left("monday.sqlite3.aB3dE6.partial", "copy.sqlite3");
    let at_work = left("tuesday.sqlite3.aB3dE6.partial", "copy.sqlite3");
    let lock = fs::File::open(&at_work).unwrap();
    lock.lock_shared().unwrap();
    let foreign = [left("a.partial", "copy.sqlite3"), left("b.aB3dE6.partial", "film.mkv"), left("c.aB3dE6", "copy.sqlite3")];
    store.snapshot(&folder.path().join("wednesday.sqlite3")).unwrap();
    assert!(!killed.exists() && at_work.exists() && foreign.iter().all(|foreign| foreign.exists()));
    drop(lock);
    store.snapshot(&folder.path().join("thursday.sqlite3")).unwrap();
    assert!(!at_work.exists() && foreign.iter().all(|foreign| foreign.exists()));
}

#[test]
fn a_snapshot_does_not_wait_for_the_writer() {
    let store = notes(Options::default());
    let folder = tempfile::tempdir().unwrap();
    let gate = Gate::close(&store);
    let pending = store.write(|tx| add(tx, "not yet"));
    store.snapshot(&folder.path().join("copy")).unwrap();
    gate.open().unwrap();
    pending.wait().unwrap();
}

#[test]
fn a_snapshot_under_writers_is_one_moment() {
    let store = notes(Options::default());
    let folder = tempfile::tempdir().unwrap();
    let stop = Arc::new(AtomicBool::new(false));
    // Rows come in pairs, so an odd number would be half a transaction.
    let writing = std::thread::spawn({
        let (store, stop) = (store.clone(), Arc::clone(&stop));
        move || {
            while !stop.load(Ordering::Relaxed) {
                store.write(|tx| Ok(tx.execute_batch("INSERT INTO note DEFAULT VALUES; INSERT INTO note DEFAULT VALUES")?)).wait().unwrap();
            }
        }
    });
    let mut last = -1;
    for i in 0..10 {
        let to = folder.path().join(format!("copy{i}"));
        store.snapshot(&to).unwrap();
        let copy = Connection::open_with_flags(&to, OpenFlags::SQLITE_OPEN_READ_ONLY).unwrap();
        let rows: i64 = copy.query_row("SELECT count(*) FROM note", [], |row| row.get(0)).unwrap();
        assert!(rows % 2 == 0 && rows >= last, "{rows} after {last}");
        assert_eq!(copy.query_row("PRAGMA integrity_check", [], |row| row.get::<_, String>(0)).unwrap(), "ok");
        last = rows;
    }
    stop.store(true, Ordering::Relaxed);
    writing.join().unwrap();
    assert!(count(&store) >= last);
}

fn count(store: &magnetiq_storage::Store) -> i64 {
    store.read(|conn| Ok(conn.query_row("SELECT count(*) FROM note", [], |row| row.get(0))?)).wait().unwrap()
}
