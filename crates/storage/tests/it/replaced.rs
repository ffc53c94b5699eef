//! A database file that loses its name while it is open.

use std::fs;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::time::Duration;

use magnetiq_storage::refinery::{Migration, Runner};
use magnetiq_storage::rusqlite::Connection;
use magnetiq_storage::{Check, CheckOn, Error, Lock, Options, ReadOnlyStore, Store, Task};

use crate::support::{Gate, add, texts};

pub(crate) fn open(path: &Path) -> Store {
    let store = Store::open(path, Options::default().readers(1)).unwrap();
    store.write(|tx| Ok(tx.execute_batch("CREATE TABLE IF NOT EXISTS note (id INTEGER PRIMARY KEY, text TEXT UNIQUE)")?)).wait().unwrap();
    store
}

fn count(conn: &Connection) -> Result<i64, Error> {
    Ok(conn.query_row("SELECT count(*) FROM note", [], |row| row.get(0))?)
}

fn is_replaced<T>(result: Result<T, Error>, path: &Path) -> bool {
    matches!(result, Err(Error::Replaced { path: told }) if told == path)
}

#[test]
fn nothing_is_acknowledged_that_nobody_would_find_again() {
    let check = |replace: fn(&Path, &Path)| {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().canonicalize().unwrap().join("site.sqlite3");
        let other = folder.path().join("other.sqlite3");
        let store = open(&path);
        store.write(|tx| add(tx, "before")).wait().unwrap();
        store.snapshot(&other).unwrap();
        store.write(|tx| add(tx, "in the log")).wait().unwrap();
        replace(&other, &path);

        let gate = Gate::close(&store);
        let (first, second) = (store.write(|tx| add(tx, "lost 1")), store.write(|tx| add(tx, "lost 1")));
        let defers = store.write(|tx| Ok(tx.execute_batch("PRAGMA defer_foreign_keys = ON; INSERT INTO note (text) VALUES ('lost 2')")?));
        let exclusive = store.write_exclusive(|tx| add(tx, "lost 3"));
        assert!(is_replaced(gate.open(), &path));
        assert!(is_replaced(first.wait(), &path) && is_replaced(exclusive.wait(), &path) && is_replaced(defers.wait(), &path));
        assert!(is_replaced(second.wait(), &path), "no conflict with a row that never was");
        let first = Migration::unapplied("V1__more", "CREATE TABLE more (x)").unwrap();
        assert!(is_replaced(store.migrate(Runner::new(&[first])), &path));
        assert!(is_replaced(store.maintain(Task::Vacuum), &path));
        assert_eq!(texts(&store), ["before", "in the log"], "what is open is read as it was");
        let inner = store.clone();
        let second_connection = store.read(move |_| Ok(inner.reader().map(|_| ())));
        assert!(is_replaced(second_connection.wait().unwrap(), &path), "none is opened to the other file");
        store.close().unwrap();
        let store = open(&path);
        let found = texts(&store);
        assert!(store.check(Check::Integrity, CheckOn::Live, |_| ControlFlow::Continue(())).unwrap().is_ok());
        store.write(|tx| add(tx, "after")).wait().unwrap();
        found
    };
    assert_eq!(check(|other, path| fs::rename(other, path).unwrap()), ["before"], "the other file, without a log of the first");
    assert_eq!(check(|_, path| fs::remove_file(path).unwrap()), [""; 0]);
}

pub(crate) fn beside(path: &Path, suffix: &str) -> PathBuf {
    PathBuf::from(format!("{}{suffix}", path.display()))
}

pub(crate) fn is_sound(store: &Store) -> bool {
    store.check(Check::Integrity, CheckOn::Live, |_| ControlFlow::Continue(())).unwrap().is_ok()
}

#[test]
fn a_log_that_a_reader_holds_is_taken_away_from_the_new_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().canonicalize().unwrap().join("site.sqlite3");
    let other = folder.path().join("other.sqlite3");
    open(&path).close().unwrap();
    let store = Store::open(&path, Options::default().busy_timeout(Duration::from_millis(50))).unwrap();
    store.write(|tx| add(tx, "before")).wait().unwrap();
    store.snapshot(&other).unwrap();
    let reading = ReadOnlyStore::open(&path, Options::default()).unwrap();
    let mut reader = reading.reader().unwrap();
    store.write(|tx| add(tx, "in the log")).wait().unwrap();
    fs::rename(&other, &path).unwrap();
    assert!(matches!(store.close(), Err(Error::CheckpointBlocked { .. })));
    let store = open(&path);
    assert_eq!(texts(&store), ["before"], "no commit of the old file comes back");
    assert!(is_sound(&store));
    assert!(beside(&path, "-wal.replaced-1").metadata().unwrap().len() > 0, "what the old file lacks is kept");
    assert_eq!(reader.read(count).unwrap(), 1, "and who read it goes on");
}

/// A database as a killed program leaves it, with its last commit in the log.
pub(crate) fn killed(folder: &Path) -> PathBuf {
    let (from, to) = (folder.join("running.sqlite3"), folder.join("site.sqlite3"));
    let store = open(&from);
    store.checkpoint().unwrap();
    store.write(|tx| add(tx, "in the log")).wait().unwrap();
    for suffix in ["-wal", ""] {
        fs::copy(beside(&from, suffix), beside(&to, suffix)).unwrap();
    }
    to
}

#[test]
fn what_is_put_in_the_place_of_a_database_stays_what_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let path = killed(folder.path());
    let copy = folder.path().join("copy.sqlite3");
    let source = open(&folder.path().join("source.sqlite3"));
    source.write(|tx| add(tx, "restored")).wait().unwrap();
    source.snapshot(&copy).unwrap();

    let lock = Lock::take(&path, Duration::ZERO).unwrap();
    let letter = folder.path().join("letter.txt");
    fs::write(&letter, "dear reader ".repeat(100)).unwrap();
    let options = Options::default();
    assert!(matches!(lock.replace_database(&letter, &options), Err(Error::NotADatabase { .. })));
    assert!(matches!(lock.replace_database(folder.path().join("none"), &options), Err(Error::Missing { .. })));
    let half = folder.path().join("half.sqlite3");
    let bytes = fs::read(&copy).unwrap();
    fs::write(&half, &bytes[..bytes.len() - 4096]).unwrap();
    assert!(lock.replace_database(&half, &options).is_err());
    fs::write(beside(&path, "-journal"), "of another day").unwrap();
    assert!(letter.exists() && half.exists() && beside(&path, "-wal").metadata().unwrap().len() > 0, "nothing was touched");

    lock.replace_database(&copy, &options).unwrap();
    assert!(!copy.exists() && ["-wal", "-shm", "-journal"].iter().all(|suffix| !beside(&path, suffix).exists()));
    drop(lock);
    let store = open(&path);
    assert_eq!(texts(&store), ["restored"]);
    assert!(is_sound(&store));
}

#[test]
fn what_cannot_be_moved_there_touches_nothing_and_a_reader_is_in_nobodys_way() {
    let (folder, elsewhere) = (tempfile::tempdir().unwrap(), tempfile::tempdir_in("/dev/shm").unwrap());
    let path = killed(folder.path());
    let source = open(&folder.path().join("source.sqlite3"));
    source.write(|tx| add(tx, "restored")).wait().unwrap();
    let (far, near) = (elsewhere.path().join("far.sqlite3"), folder.path().join("near.sqlite3"));
    source.snapshot(&far).unwrap();
    source.snapshot(&near).unwrap();
    let (lock, options) = (Lock::take(&path, Duration::ZERO).unwrap(), Options::default());
    assert!(matches!(lock.replace_database(&far, &options), Err(Error::SnapshotFile { .. })), "another file system");
    assert!(far.exists() && beside(&path, "-wal").metadata().unwrap().len() > 0);

    // It reads what there was before the last commit in the log.
    let reading = ReadOnlyStore::open(&path, options.clone()).unwrap();
    let mut reader = reading.reader().unwrap();
    assert_eq!(reader.read(count).unwrap(), 1);
    lock.replace_database(&near, &options).unwrap();
    assert_eq!(reader.read(count).unwrap(), 1, "and goes on");
    assert!(!beside(&path, "-wal.replaced-1").exists(), "nobody could open what it belongs to");
    drop(lock);
    let store = open(&path);
    assert_eq!(texts(&store), ["restored"]);
    assert!(is_sound(&store));
}

#[test]
fn a_file_that_is_put_in_place_brings_its_own_log_along() {
    let folder = tempfile::tempdir().unwrap();
    let (from, path) = (killed(folder.path()), folder.path().join("new.sqlite3"));
    let lock = Lock::take(&path, Duration::ZERO).unwrap();
    lock.replace_database(&from, &Options::default()).unwrap();
    assert!(!beside(&from, "-wal").exists());
    drop(lock);
    assert_eq!(texts(&open(&path)), ["in the log"]);
}

#[test]
fn without_its_lock_file_an_owner_writes_no_more() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().canonicalize().unwrap().join("site.sqlite3");
    let name = beside(&path, ".lock");
    open(&path).close().unwrap();
    let first = Store::open(&path, Options::default().readers(3)).unwrap();
    first.write(|tx| add(tx, "first")).wait().unwrap();
    fs::remove_file(&name).unwrap();
    assert!(is_replaced(first.write(|tx| add(tx, "lost")).wait(), &name));
    // Reads need the file alone, those on a connection that is opened now, too.
    let mut readers = [(); 3].map(|()| first.reader().unwrap());
    for reader in &mut readers {
        assert_eq!(reader.read(count).unwrap(), 1);
    }
    drop(readers);
    let second = open(&path);
    second.write(|tx| add(tx, "second")).wait().unwrap();
    assert!(is_replaced(first.write(|tx| add(tx, "lost")).wait(), &name));
    first.close().unwrap();
    second.write(|tx| add(tx, "third")).wait().unwrap();
    second.close().unwrap();
    let store = open(&path);
    assert_eq!(texts(&store), ["first", "second", "third"]);
    assert!(is_sound(&store));
}

#[test]
fn who_waits_for_a_lock_gets_the_one_that_others_see() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().canonicalize().unwrap().join("site.sqlite3");
    let name = beside(&path, ".lock");
    let first = Lock::take(&path, Duration::ZERO).unwrap();
    let waiting = std::thread::spawn({
        let path = path.clone();
        move || Lock::take(path, Duration::from_secs(20)).unwrap()
    });
    std::thread::sleep(Duration::from_millis(100));
    fs::remove_file(&name).unwrap();
    assert!(is_replaced(first.replace_database(&path, &Options::default()), &name));
    drop(first);
    let second = waiting.join().unwrap();
    assert!(matches!(Lock::take(&path, Duration::ZERO), Err(Error::Locked { owner: Some(_), .. })));
    drop(second);
    let left = fs::read_to_string(&name).unwrap();
    assert!(left.contains("Leave this file where it is") && !left.contains(&std::process::id().to_string()), "{left}");
    assert_eq!(Lock::owner(&path).unwrap(), None);
}
