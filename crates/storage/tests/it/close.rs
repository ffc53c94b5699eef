//! The end of a store.

use std::ops::ControlFlow;
use std::task::Poll;
use std::time::{Duration, Instant};

use magnetiq_storage::{Check, CheckOn, Error, Options, Store};

use crate::support::{Gate, add, block_on, notes, poll_once, texts};

fn companion(store: &Store, suffix: &str) -> std::path::PathBuf {
    let mut name = store.path().as_os_str().to_owned();
    name.push(suffix);
    name.into()
}

fn persistent(folder: &tempfile::TempDir) -> Store {
    let store = Store::open(folder.path().join("notes.sqlite3"), Options::default()).unwrap();
    store
        .write(|tx| Ok(tx.execute_batch("CREATE TABLE IF NOT EXISTS note (id INTEGER PRIMARY KEY, text TEXT UNIQUE) STRICT")?))
        .wait()
        .unwrap();
    store
}

#[test]
fn closing_writes_what_waits_and_leaves_one_file() {
    let folder = tempfile::tempdir().unwrap();
    let store = persistent(&folder);
    assert!(companion(&store, "-wal").metadata().unwrap().len() > 0);
    let gate = Gate::close(&store);
    let writes: Vec<_> = (0..50).map(|i| store.write(move |tx| add(tx, &format!("note {i}")))).collect();
    let closing = std::thread::spawn({
        let store = store.clone();
        move || store.close()
    });
    while !matches!(poll_once(&mut store.write(|_| Ok(()))), Poll::Ready(Err(Error::Closed))) {
        std::thread::sleep(Duration::from_millis(1));
    }
    assert_eq!(texts(&store), [""; 0], "what waits in the queue may still read");
    gate.open().unwrap();
    closing.join().unwrap().unwrap();
    for write in writes {
        write.wait().unwrap();
    }
    assert!(!companion(&store, "-wal").exists() && !companion(&store, "-shm").exists());
    assert_eq!(texts(&persistent(&folder)).len(), 50, "the lock is free and everything is there");
}

#[test]
fn a_closed_store_refuses_everything() {
    let store = notes(Options::default());
    let handle = store.clone();
    store.close().unwrap();
    store.close().unwrap();
    assert!(matches!(handle.write(|_| Ok(())).wait(), Err(Error::Closed)));
    assert!(matches!(handle.read(|_| Ok(())).wait(), Err(Error::Closed)));
    assert!(matches!(block_on(handle.read(|_| Ok(()))), Err(Error::Closed)));
    assert!(matches!(handle.checkpoint(), Err(Error::Closed)));
    assert!(matches!(handle.facts(), Err(Error::Closed)));
}

#[test]
fn the_last_handle_closes_like_close() {
    let folder = tempfile::tempdir().unwrap();
    let store = persistent(&folder);
    let wal = companion(&store, "-wal");
    let clone = store.clone();
    drop(store);
    drop(clone.write(|tx| add(tx, "on the way out")));
    drop(clone);
    assert!(!wal.exists());
    assert_eq!(texts(&persistent(&folder)), ["on the way out"]);
}

#[test]
fn closing_waits_for_a_read_that_runs() {
    let store = notes(Options::default());
    let (entered, inside) = std::sync::mpsc::channel();
    let reading = std::thread::spawn({
        let store = store.clone();
        move || {
            let read = store.read(move |conn| {
                let count = || conn.query_row("SELECT count(*) FROM note", [], |row| row.get::<_, i64>(0));
                count()?;
                entered.send(()).unwrap();
                std::thread::sleep(Duration::from_millis(100));
                Ok(count()?)
            });
            read.wait()
        }
    });
    inside.recv().unwrap();
    store.close().unwrap();
    assert_eq!(reading.join().unwrap().unwrap(), 0);
}

#[test]
fn a_store_is_not_closed_from_inside_a_read() {
    let store = notes(Options::default());
    let inner = store.clone();
    assert!(matches!(store.read(move |_| Ok(inner.close())).wait().unwrap(), Err(Error::WouldDeadlock)));
    assert_eq!(texts(&store), [""; 0]);
    // Another one is, and knows from which.
    let (inner, other) = (store.clone(), notes(Options::default()));
    let nested = other.clone();
    let closed = store.read(move |_| Ok((other.close(), nested.read(|_| Ok(())).wait(), inner.close())));
    assert!(matches!(closed.wait().unwrap(), (Ok(()), Err(Error::Closed), Err(Error::WouldDeadlock))));
}

#[test]
fn a_read_that_does_not_end_does_not_hold_the_end_up_for_ever() {
    let short = Duration::from_millis(100);
    let store = notes(Options::default().busy_timeout(short).close_grace(short));
    store.write(|tx| add(tx, "one")).wait().unwrap();
    let (entered, inside) = std::sync::mpsc::channel();
    let (send, hold) = std::sync::mpsc::channel::<()>();
    let reading = std::thread::spawn({
        let store = store.clone();
        move || {
            let read = store.read(move |conn| {
                conn.query_row("SELECT count(*) FROM note", [], |_| Ok(()))?;
                entered.send(()).unwrap();
                let _ = hold.recv();
                Ok(())
            });
            read.wait()
        }
    });
    inside.recv().unwrap();
    store.write(|tx| add(tx, "two")).wait().unwrap();
    let closed = store.close();
    assert!(matches!(closed, Err(Error::CheckpointBlocked { .. })), "{closed:?}");
    send.send(()).unwrap();
    reading.join().unwrap().unwrap();
}

#[test]
fn the_last_handle_may_go_inside_a_closure() {
    for last_in_write in [true, false] {
        let folder = tempfile::tempdir().unwrap();
        let store = persistent(&folder);
        let inner = store.clone();
        let (send, hold) = std::sync::mpsc::channel::<()>();
        let started = Instant::now();
        if last_in_write {
            let write = store.write(move |tx| {
                let _ = hold.recv();
                drop(inner);
                add(tx, "last")
            });
            drop(store);
            send.send(()).unwrap();
            write.wait().unwrap();
        } else {
            let mut read = store.read(move |_| {
                let _ = hold.recv();
                drop(inner);
                Ok(())
            });
            assert!(poll_once(&mut read).is_pending());
            drop(store);
            send.send(()).unwrap();
            read.wait().unwrap();
        }
        // The thread that had it closes on its own.
        let options = Options::default().lock_wait(Duration::from_secs(5));
        drop(Store::open(folder.path().join("notes.sqlite3"), options).unwrap());
        assert!(started.elapsed() < Duration::from_secs(4));
    }
}

#[test]
fn closing_interrupts_a_read_that_computes_after_a_grace() {
    let store = notes(Options::default().close_grace(Duration::from_millis(100)));
    let mut reading = store.read(crate::support::count_for_ever);
    assert!(poll_once(&mut reading).is_pending());
    // Until it runs: a queued one would not be waited for.
    while store.facts().unwrap().oldest_reader.is_none() {
        std::thread::yield_now();
    }
    store.close().unwrap();
    assert!(matches!(reading.wait(), Err(Error::Closed)));
}

#[test]
fn nobody_waits_for_a_writer_that_is_gone() {
    for _ in 0..20 {
        let store = notes(Options::default().queue_limit(1).readers(1));
        let (done, all) = std::sync::mpsc::channel();
        for number in 0..8 {
            let (store, done) = (store.clone(), done.clone());
            std::thread::spawn(move || {
                let ask = || if number % 2 == 0 { store.checkpoint() } else { store.write(|_| Ok(())).wait() };
                while !matches!(ask(), Err(Error::Closed)) {}
                done.send(()).unwrap();
            });
        }
        std::thread::sleep(Duration::from_millis(5));
        store.close().unwrap();
        (0..8).for_each(|_| all.recv_timeout(Duration::from_secs(20)).unwrap());
    }
}

#[test]
fn the_end_of_a_store_is_the_end_of_a_check_of_it() {
    let store = notes(Options::default().busy_timeout(Duration::from_millis(50)));
    let many = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 600000) INSERT INTO note (text) SELECT i FROM n";
    store.write(move |tx| Ok(tx.execute(many, [])?)).wait().unwrap();
    let closing = store.clone();
    let checked = store.check(Check::Integrity, CheckOn::Live, move |_| {
        // What the check reads keeps the log beside the database.
        let _ = closing.close();
        ControlFlow::Continue(())
    });
    assert!(matches!(checked, Err(Error::Closed)), "{checked:?}");
    for on in [CheckOn::Live, CheckOn::Snapshot] {
        let checked = store.check(Check::Quick, on, |_| ControlFlow::Continue(()));
        assert!(matches!(checked, Err(Error::Closed)), "{checked:?}");
    }
}
