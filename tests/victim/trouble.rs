//! A disk that is full, and one that fails to sync. These programs judge for themselves, because what happens to them happens inside.

use std::{io::Write, ops::ControlFlow, path::Path, sync::Mutex, thread, time::Duration};

use magnetiq_storage::{
    Check, CheckOn, Error, Options, Store,
    refinery::{Migration, Runner},
    rusqlite::{Connection, ErrorCode},
};
use magnetiq_tests::{
    Random,
    ledger::{self, Acknowledged, Transfer},
    schema,
};

/// `folder` is a file system of its own, of 40 MiB.
pub(crate) fn full_disk(folder: &Path) {
    let ballast = folder.join("ballast");
    std::fs::write(&ballast, vec![7; 24 << 20]).unwrap();
    let path = folder.join("data/site.sqlite3");
    // A small log, so that a copy and what it leaves for that fit beside the ballast.
    let store = Store::open(&path, Options::default().wal_limit_bytes(1 << 20)).unwrap();
    ledger::create(&store).unwrap();
    let acknowledged = Mutex::new(Acknowledged::new());

    let full = |error: &Error| error.is_disk_full() || matches!(error, Error::Undone);
    let errors = write_until(&store, &acknowledged, u64::MAX);
    assert!(errors.iter().all(full), "{errors:?}");
    assert!(errors.iter().any(Error::is_disk_full), "{errors:?}");

    // The disk is full: reads go on, and writes fail at once, clearly, again and again.
    check(&store, &acknowledged);
    for _ in 0..20 {
        let errors = write_until(&store, &acknowledged, u64::MAX);
        assert!(errors.iter().all(full), "{errors:?}");
    }
    let snapshot = store.snapshot(&folder.join("copy.sqlite3")).unwrap_err();
    assert!(snapshot.is_disk_full(), "{snapshot:?}");
    assert!(!folder.join("copy.sqlite3").exists());
    let migration = store.migrate(schema::runner(3)).unwrap_err();
    assert!(migration.is_disk_full(), "{migration:?}");
    store.facts().unwrap();
    check(&store, &acknowledged);
    let before = acknowledged.lock().unwrap().len();

    // Space comes back, and nothing has to be restarted.
    std::fs::remove_file(ballast).unwrap();
    let errors = write_until(&store, &acknowledged, 20);
    assert!(errors.is_empty(), "{errors:?}");
    assert!(acknowledged.lock().unwrap().len() > before);
    // What does not fit is given up before it takes what writes need. They add nothing, else a slow rehearsal lets them fill the disk themselves.
    let rehearsed = thread::scope(|scope| {
        let rehearsing = scope.spawn(|| store.rehearse(&too_large()));
        while !rehearsing.is_finished() {
            store.write(|tx| Ok(tx.execute("UPDATE account SET balance = balance", [])?)).wait().unwrap();
            thread::sleep(Duration::from_millis(5));
        }
        rehearsing.join().unwrap()
    });
    assert!(matches!(rehearsed, Err(Error::DiskSpace { .. })), "{rehearsed:?}");
    assert_eq!(store.migrate(schema::runner(3)).unwrap().applied.len(), 3);
    check(&store, &acknowledged);

    // Nearly full: what needs a copy does not begin, and takes no space from those who write.
    fill_but(&folder.join("ballast"), 2 << 20);
    let size = store.facts().unwrap().size_bytes;
    assert!(size > 2 << 20, "{size}");
    let without = |refused: Option<Error>| assert!(matches!(refused, Some(Error::DiskSpace { .. })), "{refused:?}");
    without(store.check(Check::Quick, CheckOn::Snapshot, |_| ControlFlow::Continue(())).err());
    without(store.rehearse(&schema::runner(3)).err());
    without(store.snapshot(&folder.join("copy.sqlite3")).err());
    without(store.scratch_copy(&folder.join("copy.sqlite3")).err());
    assert!(!folder.join("copy.sqlite3").exists());
    let errors = write_until(&store, &acknowledged, 1);
    assert!(errors.is_empty(), "{errors:?}");
    // The log may be larger than what is left; it stays beside the database then.
    if let Err(error) = store.close() {
        assert!(error.is_disk_full(), "{error:?}");
    }
    check(&Store::open(&path, Options::default()).unwrap(), &acknowledged);
    println!("done, {before} writes before the disk was full");
}

/// Some sync fails, once or for good; see `Fault::FailingSync`. With `crash` the program ends when that happens, and does nothing more.
pub(crate) fn failing_sync(path: &Path, crash: bool) {
    let store = Store::open(path, Options::default().wal_limit_bytes(1 << 20)).unwrap();
    ledger::create(&store).unwrap();
    let acknowledged = Mutex::new(Acknowledged::new());
    let (mut failed, mut in_doubt) = (0, false);
    for _ in 0..10 {
        let errors = write_until(&store, &acknowledged, 30);
        failed += errors.len();
        for error in errors {
            let (Error::Commit(cause) | Error::InDoubt(cause)) = &error else { panic!("{error:?}") };
            in_doubt |= matches!(error, Error::InDoubt(_));
            assert_eq!(cause.sqlite_error_code(), Some(ErrorCode::SystemIoFailure), "{error:?}");
        }
        // Readers go on, and see what was acknowledged and nothing of what was not: the failed write may be made again.
        check(&store, &acknowledged);
        if crash && failed > 0 {
            tell(&acknowledged, failed, in_doubt);
            std::process::exit(0);
        }
    }
    tell(&acknowledged, failed, in_doubt);
    // With a disk that fails for good the log cannot go into the file; it stays beside it.
    if let Err(error) = store.close() {
        println!("closed with {error:?}");
    }
}

/// A migration that would fill the disk.
fn too_large() -> Runner {
    let sql = "CREATE TABLE large (body BLOB) STRICT;
        WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 20000) INSERT INTO large SELECT zeroblob(4000) FROM n";
    Runner::new(&[Migration::unapplied("V1__large", sql).unwrap()])
}

/// Fills the disk until so many bytes are left.
fn fill_but(ballast: &Path, left_bytes: u64) {
    let mut file = std::fs::File::create(ballast).unwrap();
    let mut filled = 0;
    while let Ok(written @ 1..) = file.write(&[7; 1 << 16]) {
        filled += written as u64;
    }
    file.set_len(filled - left_bytes).unwrap();
}

fn tell(acknowledged: &Mutex<Acknowledged>, failed: usize, in_doubt: bool) {
    for (&(writer, n), id) in &*acknowledged.lock().unwrap() {
        println!("kept {writer} {n} {id}");
    }
    println!("failed {failed}");
    if in_doubt {
        println!("in doubt");
    }
}

/// The syncs of one commit fail (see `Fault::FailingNext`), and the program ends as soon as it knows what became of it.
pub(crate) fn failing_next(path: &Path, next: &Path, migrate: bool, times: usize) {
    let store = Store::open(path, Options::default()).unwrap();
    store.write(|tx| Ok(tx.execute_batch("PRAGMA user_version = 1")?)).wait().unwrap();
    let fail = || std::fs::write(next, vec![b'x'; times]).unwrap();
    let error = if migrate {
        fail();
        store.migrate(schema::runner(3)).unwrap_err()
    } else {
        store.write(|tx| Ok(tx.execute_batch("CREATE TABLE note (text TEXT UNIQUE); INSERT INTO note VALUES ('kept')")?)).wait().unwrap();
        let (open, opened) = std::sync::mpsc::channel::<()>();
        let gate = store.write(move |_| opened.recv().map_err(Error::abort));
        let add = || store.write(|tx| Ok(tx.execute("INSERT INTO note VALUES ('refused')", [])?));
        let (first, second) = (add(), add());
        fail();
        open.send(()).unwrap();
        // The second met a row that was not kept in the end, and must not tell of it.
        let second = second.wait().unwrap_err();
        assert!(matches!(second, Error::Commit(_)), "{second:?}");
        let _ = gate.wait(); // Of the same group, or of one of its own that had nothing to sync.
        first.wait().unwrap_err()
    };
    let (Error::Commit(cause) | Error::InDoubt(cause)) = &error else { panic!("{error:?}") };
    assert_eq!(cause.sqlite_error_code(), Some(ErrorCode::SystemIoFailure), "{error:?}");
    println!("{}", if matches!(error, Error::InDoubt(_)) { "in doubt" } else { "refused" });
    std::process::exit(0);
}

/// Eight writers until each has met an error or has written so often.
fn write_until(store: &Store, acknowledged: &Mutex<Acknowledged>, limit: u64) -> Vec<Error> {
    thread::scope(|scope| {
        let writers: Vec<_> = (0..8).map(|writer| scope.spawn(move || write(store, acknowledged, writer, limit))).collect();
        writers.into_iter().filter_map(|writer| writer.join().unwrap()).collect()
    })
}

fn write(store: &Store, acknowledged: &Mutex<Acknowledged>, writer: u64, limit: u64) -> Option<Error> {
    let last = ledger::last(store, writer).unwrap();
    let mut random = Random::new(last * 10 + writer);
    for n in (last + 1..).take(usize::try_from(limit).unwrap()) {
        let transfer = Transfer::random(writer, n, &mut random);
        match store.write(move |tx| transfer.make(tx)).wait() {
            Ok(id) => acknowledged.lock().unwrap().insert((writer, n), id),
            Err(error) => return Some(error),
        };
    }
    None
}

fn check(store: &Store, acknowledged: &Mutex<Acknowledged>) {
    let acknowledged = acknowledged.lock().unwrap().clone();
    let problems = store.read(move |conn: &Connection| Ok(ledger::problems(conn, &acknowledged)?)).wait().unwrap();
    assert!(problems.is_empty(), "{problems:?}");
}
