//! What is looked at before a file is touched, and what a new file looks like.

use std::fs;
use std::ops::ControlFlow;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::Path;
use std::time::Duration;

use magnetiq_storage::refinery::{Migration, Runner};
use magnetiq_storage::rusqlite::Connection;
use magnetiq_storage::{Check, CheckOn, Durability, Error, Lock, Options, ReadOnlyStore, Store, Task, WrittenSince};

fn mode(path: impl AsRef<Path>) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

#[test]
fn a_new_database_is_private_and_its_folder_is_made() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("data/site/site.sqlite3");
    let store = Store::open(&path, Options::default().application_id(0x4d51)).unwrap();
    store.write(|tx| Ok(tx.execute_batch("CREATE TABLE t (x)")?)).wait().unwrap();
    assert_eq!(store.path(), path.canonicalize().unwrap());
    assert_eq!(mode(folder.path().join("data/site")), 0o700);
    for suffix in ["", "-wal", "-shm", ".lock"] {
        assert_eq!(mode(format!("{}{suffix}", path.display())), 0o600, "{suffix}");
    }
    let id = store.read(|conn| Ok(conn.pragma_query_value(None, "application_id", |row| row.get::<_, i32>(0))?));
    assert_eq!(id.wait().unwrap(), 0x4d51);
}

#[test]
fn what_root_makes_belongs_to_the_service() {
    if !rustix::process::geteuid().is_root() {
        return; // Nothing can be given away.
    }
    let folder = tempfile::tempdir().unwrap();
    std::os::unix::fs::chown(folder.path(), Some(1000), Some(1001)).unwrap();
    let path = folder.path().join("site.sqlite3");
    let owner = |suffix: &str| fs::metadata(format!("{}{suffix}", path.display())).map(|about| (about.uid(), about.gid())).unwrap();
    let store = Store::open(&path, Options::default()).unwrap();
    store.write(|tx| Ok(tx.execute_batch("CREATE TABLE t (x)")?)).wait().unwrap();
    assert_eq!(["", "-wal", "-shm", ".lock"].map(owner), [(1000, 1001); 4]);
    store.close().unwrap();
    std::os::unix::fs::chown(&path, Some(1002), Some(1003)).unwrap();
    fs::remove_file(folder.path().join("site.sqlite3.lock")).unwrap();
    drop(Lock::take(&path, Duration::ZERO).unwrap());
    assert_eq!(owner(".lock"), (1002, 1003), "of the database, where there is one");
}

#[test]
fn a_program_prepares_each_connection() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("site.sqlite3");
    let options = Options::default().on_open(|conn| conn.execute_batch("PRAGMA case_sensitive_like = ON"));
    let store = Store::open(&path, options.clone()).unwrap();
    // Without what is prepared, this row breaks its constraint, and whoever checks a copy says so.
    let schema = "CREATE TABLE t (x TEXT CHECK (x NOT LIKE 'A%')); INSERT INTO t VALUES ('a1')";
    store.write(move |tx| Ok(tx.execute_batch(schema)?)).wait().unwrap();
    let runner = || {
        let more = "CREATE TABLE more (x TEXT CHECK (x NOT LIKE 'A%')); INSERT INTO more VALUES ('a1')";
        Runner::new(&[Migration::unapplied("V1__more", more).unwrap()])
    };
    store.rehearse(&runner()).unwrap();
    let copy = store.migrate(runner()).unwrap().snapshot.unwrap();
    store.write(|tx| Ok(tx.execute("INSERT INTO more VALUES ('a2')", [])?)).wait().unwrap();
    assert!(store.drift(&runner()).is_ok());
    assert!(store.check(Check::Integrity, CheckOn::Snapshot, |_| ControlFlow::Continue(())).unwrap().is_ok());
    store.maintain(Task::Vacuum).unwrap();
    store.roll_back(&copy, WrittenSince::Discard).unwrap();
    let alike = |conn: &Connection| Ok(conn.query_row("SELECT 'a' LIKE 'A'", [], |row| row.get::<_, bool>(0))?);
    assert!(!store.read(alike).wait().unwrap());
    assert!(!ReadOnlyStore::open(&path, options.clone()).unwrap().read(alike).wait().unwrap());
    assert!(options == options.clone() && options != Options::default());
    let broken = Options::default().on_open(|conn| conn.execute_batch("no SQL"));
    assert!(matches!(Store::open(folder.path().join("other.sqlite3"), broken), Err(Error::Open { .. })));
}

#[test]
fn the_database_of_another_program_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("other.sqlite3");
    let other = Connection::open(&path).unwrap();
    other.execute_batch("PRAGMA application_id = 99; CREATE TABLE t (x)").unwrap();
    other.close().unwrap();
    let before = fs::read(&path).unwrap();
    let opened = Store::open(&path, Options::default().application_id(7));
    assert!(matches!(opened, Err(Error::ForeignApplication { found: 99, expected: 7, .. })), "{opened:?}");
    assert_eq!(fs::read(&path).unwrap(), before);
    Store::open(&path, Options::default().application_id(99)).unwrap();
}

#[test]
fn an_older_database_without_an_id_is_accepted_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("old.sqlite3");
    Connection::open(&path).unwrap().execute_batch("CREATE TABLE t (x)").unwrap();
    let store = Store::open(&path, Options::default().application_id(7)).unwrap();
    let id = store.read(|conn| Ok(conn.pragma_query_value(None, "application_id", |row| row.get::<_, i32>(0))?));
    assert_eq!(id.wait().unwrap(), 0);
}

#[test]
fn what_is_no_database_is_refused_and_kept() {
    let folder = tempfile::tempdir().unwrap();
    for content in ["not a database, but a letter to a friend".repeat(40), "short".to_owned()] {
        let path = folder.path().join("letter.txt");
        fs::write(&path, &content).unwrap();
        let opened = Store::open(&path, Options::default());
        assert!(matches!(&opened, Err(Error::NotADatabase { path: p, .. }) if p.ends_with("letter.txt")), "{opened:?}");
        assert_eq!(fs::read_to_string(&path).unwrap(), content);
    }
}

#[test]
fn a_database_that_was_cut_short_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("cut.sqlite3");
    let store = Store::open(&path, Options::default()).unwrap();
    let fill = "CREATE TABLE t (x); INSERT INTO t SELECT randomblob(4000) FROM json_each('[1,2,3,4,5,6,7,8,9]')";
    store.write(move |tx| Ok(tx.execute_batch(fill)?)).wait().unwrap();
    store.close().unwrap();
    let file = fs::OpenOptions::new().write(true).open(&path).unwrap();
    file.set_len(file.metadata().unwrap().len() / 2).unwrap();
    let opened = Store::open(&path, Options::default());
    assert!(matches!(opened, Err(Error::Damaged { .. })), "{opened:?}");
}

#[test]
fn a_folder_that_cannot_be_used_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    fs::write(&file, "").unwrap();
    let below = Store::open(file.join("data/site.sqlite3"), Options::default());
    assert!(matches!(&below, Err(Error::Folder { path, .. }) if path.ends_with("file/data")), "{below:?}");
    let itself = Store::open(folder.path(), Options::default());
    assert!(matches!(itself, Err(Error::Path { .. })), "{itself:?}");
    assert!(matches!(Store::open("/", Options::default()), Err(Error::Path { .. })));
    // Nobody can create files here, root included.
    let unwritable = Store::open("/proc/self/site.sqlite3", Options::default());
    assert!(matches!(unwritable, Err(Error::Lock { .. } | Error::Folder { .. })), "{unwritable:?}");
}

#[test]
fn a_path_may_have_any_characters() {
    let folder = tempfile::tempdir().unwrap();
    let names: [&[u8]; 5] =
        [b"file:x.db?mode=memory", b"50%41 #1?.db", "über 'quoted' \"site\".db".as_bytes(), b"-wal", b"not \xff utf8.db"];
    for name in names {
        let path = folder.path().join(std::ffi::OsStr::from_bytes(name));
        let store = Store::open(&path, Options::default()).unwrap();
        store.write(|tx| Ok(tx.execute_batch("CREATE TABLE t (x); INSERT INTO t VALUES (1)")?)).wait().unwrap();
        let copy = folder.path().join(std::ffi::OsStr::from_bytes(&[b"copy of ", name].concat()));
        store.snapshot(&copy).unwrap();
        store.close().unwrap();
        for path in [&path, &copy] {
            assert!(path.exists());
            let store = Store::open(path, Options::default()).unwrap();
            let x = store.read(|conn| Ok(conn.query_row("SELECT x FROM t", [], |row| row.get::<_, i64>(0))?));
            assert_eq!(x.wait().unwrap(), 1, "{path:?}");
        }
    }
}

#[test]
fn a_second_owner_is_told_who_the_first_one_is() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("site.sqlite3");
    let store = Store::open(&path, Options::default()).unwrap();
    let link = folder.path().join("link.sqlite3");
    std::os::unix::fs::symlink(&path, &link).unwrap();
    for name in [&path, &link] {
        let second = Store::open(name, Options::default()).unwrap_err();
        let Error::Locked { owner: Some(owner), .. } = &second else { panic!("{second:?}") };
        assert_eq!(owner.pid, std::process::id());
        assert!(second.to_string().contains(&owner.program), "{second}");
    }
    // Waiting for the first one to leave helps.
    let waiting = std::thread::spawn(move || Store::open(path, Options::default().lock_wait(Duration::from_secs(10))));
    std::thread::sleep(Duration::from_millis(30));
    drop(store);
    waiting.join().unwrap().unwrap();
}

#[test]
fn a_database_that_another_program_holds_is_busy() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("site.sqlite3");
    let other = Connection::open(&path).unwrap();
    other.execute_batch("CREATE TABLE t (x); BEGIN EXCLUSIVE").unwrap();
    let opened = Store::open(&path, Options::default().busy_timeout(Duration::from_millis(20))).unwrap_err();
    assert!(matches!(opened, Error::Open { .. }) && opened.is_busy(), "{opened:?}");
}

#[test]
fn a_writer_in_another_program_makes_a_write_busy_and_nothing_worse() {
    let store = crate::support::notes(Options::default().busy_timeout(Duration::from_millis(20)));
    let other = Connection::open(store.path()).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let refused = store.write(|tx| crate::support::add(tx, "x")).wait().unwrap_err();
    assert!(matches!(refused, Error::Begin(_)) && refused.is_retryable(), "{refused:?}");
    other.execute_batch("COMMIT").unwrap();
    store.write(|tx| crate::support::add(tx, "x")).wait().unwrap();
}

#[test]
fn errors_name_the_subject_and_leave_the_cause_to_the_chain() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("letter");
    fs::write(&path, "x".repeat(2000)).unwrap();
    let error = Store::open(&path, Options::default()).unwrap_err();
    let cause = std::error::Error::source(&error).unwrap().to_string();
    assert!(error.to_string().contains("letter") && !error.to_string().contains(&cause), "{error}: {cause}");
}

#[test]
fn a_lock_keeps_stores_out_and_asking_for_its_owner_keeps_nobody_out() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("new/site.sqlite3");
    assert_eq!(Lock::owner(&path).unwrap(), None);
    let lock = Lock::take(&path, Duration::ZERO).unwrap();
    assert_eq!(lock.path(), path.parent().unwrap().canonicalize().unwrap().join("site.sqlite3"));
    assert_eq!(Lock::owner(&path).unwrap().map(|owner| owner.pid), Some(std::process::id()));
    assert!(matches!(Store::open(&path, Options::default()), Err(Error::Locked { owner: Some(_), .. })));
    assert!(matches!(Lock::take(&path, Duration::from_millis(20)), Err(Error::Locked { .. })));
    drop(lock);
    assert_eq!(Lock::owner(&path).unwrap(), None);
    // By another name of the same file, too.
    let store = Store::open(&path, Options::default()).unwrap();
    let link = folder.path().join("link.sqlite3");
    std::os::unix::fs::symlink(&path, &link).unwrap();
    assert!(matches!(Lock::take(&link, Duration::ZERO), Err(Error::Locked { .. })));
    assert!(Lock::owner(&link).unwrap().is_some());
    store.close().unwrap();
    let done = std::sync::atomic::AtomicBool::new(false);
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                while !done.load(std::sync::atomic::Ordering::Relaxed) {
                    let _ = Lock::owner(&path);
                }
            });
        }
        let taken: Vec<_> = (0..200).map(|_| Lock::take(&path, Duration::ZERO).map(drop)).collect();
        done.store(true, std::sync::atomic::Ordering::Relaxed);
        assert!(taken.iter().all(Result::is_ok), "{taken:?}");
    });
}

#[test]
fn options_out_of_reach_are_taken_as_the_nearest_that_can_be_had() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("notes.sqlite3");
    let far = || Options::default().queue_limit(usize::MAX).busy_timeout(Duration::MAX).read_deadline(Duration::MAX).readers(1);
    let store = Store::open(&path, far()).unwrap();
    let reader = store.reader().unwrap();
    let waiting = std::thread::spawn({
        let store = store.clone();
        move || store.read(|conn| Ok(conn.query_row("SELECT 1", [], |row| row.get::<_, i64>(0))?)).wait()
    });
    std::thread::sleep(Duration::from_millis(50));
    drop(reader);
    assert_eq!(waiting.join().unwrap().unwrap(), 1);
    assert!(ReadOnlyStore::open(&path, far().readers(0).queue_limit(0)).is_ok());
    store.close().unwrap();
    assert!(Store::open(&path, far().readers(u32::MAX)).is_ok());
}

/// Of no effect but on macOS, where a commit would not be on disk without it.
#[test]
fn full_durability_asks_for_a_full_sync() {
    for (durability, expected) in [(Durability::Full, [2, 1, 1]), (Durability::Normal, [1, 0, 0])] {
        let store = Store::temporary(Options::default().durability(durability)).unwrap();
        let ask = |name| store.write(move |tx| Ok(tx.pragma_query_value(None, name, |row| row.get::<_, i64>(0))?)).wait().unwrap();
        assert_eq!(["synchronous", "fullfsync", "checkpoint_fullfsync"].map(ask), expected);
    }
}
