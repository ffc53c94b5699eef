//! The size of the write-ahead log.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use magnetiq_storage::refinery::{Migration, Runner};
use magnetiq_storage::{Durability, Error, Options, Store};

use crate::support::{add, notes};

const LIMIT_BYTES: u64 = 8 << 20;

fn quick() -> Options {
    Options::default().durability(Durability::Normal).wal_limit_bytes(LIMIT_BYTES)
}

fn write_bytes(store: &Store, bytes: usize) {
    store.write(|tx| Ok(tx.execute_batch("CREATE TABLE IF NOT EXISTS blob (id INTEGER PRIMARY KEY, x BLOB)")?)).wait().unwrap();
    for _ in 0..bytes / 100_000 {
        store.write(|tx| Ok(tx.execute("REPLACE INTO blob VALUES (1, randomblob(100000))", [])?)).wait().unwrap();
    }
}

#[test]
fn the_log_is_used_again_and_stays_small() {
    let store = notes(quick());
    // A thousand pages are 4 MB.
    for _ in 0..20 {
        write_bytes(&store, 2 << 20);
        let facts = store.facts().unwrap();
        assert!(facts.wal_bytes < 6 << 20, "{facts:?}");
    }
}

#[test]
fn a_migration_does_not_end_the_watch_over_the_log() {
    let store = notes(quick());
    let migration = Migration::unapplied("V1__meddling", "PRAGMA wal_autocheckpoint = 0").unwrap();
    store.migrate(Runner::new(&[migration])).unwrap();
    write_bytes(&store, 40 << 20);
    let facts = store.facts().unwrap();
    assert!(facts.wal_bytes < LIMIT_BYTES, "{facts:?}");
}

#[test]
fn a_long_read_lets_the_log_grow_but_holds_no_writer_up() {
    let waits = Duration::from_secs(120);
    let store = notes(quick().busy_timeout(waits));
    write_bytes(&store, 1 << 20);
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
    let started = Instant::now();
    write_bytes(&store, 24 << 20);
    assert!(started.elapsed() < waits / 2, "no write waited for the busy timeout");
    assert!(store.facts().unwrap().wal_bytes > LIMIT_BYTES);
    send.send(()).unwrap();
    reading.join().unwrap().unwrap();
    // With the reader gone the writer empties the file by itself.
    write_bytes(&store, 5 << 20);
    let facts = store.facts().unwrap();
    assert!(facts.wal_bytes < LIMIT_BYTES, "{facts:?}");
}

#[test]
fn readers_that_overlap_for_ever_do_not_let_the_log_grow_for_ever() {
    let limit = 1 << 20;
    let store = notes(quick().wal_limit_bytes(limit));
    let done = Arc::new(AtomicBool::new(false));
    let reading = std::thread::spawn({
        let (store, done) = (store.clone(), Arc::clone(&done));
        move || {
            let mut open = store.reader().unwrap();
            while !done.load(Ordering::Relaxed) {
                // Before the other one goes: at each moment there is one.
                let next = store.reader().unwrap();
                std::thread::sleep(Duration::from_millis(20));
                open = next;
            }
            drop(open);
        }
    });
    for _ in 0..20 {
        write_bytes(&store, 2 << 20);
        let facts = store.facts().unwrap();
        assert!(facts.wal_bytes < 12 * limit, "{facts:?}");
    }
    done.store(true, Ordering::Relaxed);
    reading.join().unwrap();
}

#[test]
fn a_checkpoint_empties_the_log_or_says_why_not() {
    let store = notes(Options::default().busy_timeout(Duration::from_millis(50)));
    store.write(|tx| add(tx, "one")).wait().unwrap();
    assert!(store.facts().unwrap().wal_bytes > 0);
    store.checkpoint().unwrap();
    assert_eq!(store.facts().unwrap().wal_bytes, 0);
    let inner = store.clone();
    let blocked = store.read(move |conn| {
        conn.query_row("SELECT count(*) FROM note", [], |_| Ok(()))?;
        inner.write(|tx| add(tx, "two")).wait()?;
        Ok(inner.checkpoint())
    });
    assert!(matches!(blocked.wait().unwrap(), Err(Error::CheckpointBlocked { frames: 1.. })));
    store.write(|tx| add(tx, "three")).wait().unwrap();
}

#[test]
fn facts_wait_for_nobody_and_know_the_last_commit() {
    let store = Store::temporary(Options::default().readers(1)).unwrap();
    let empty = store.facts().unwrap();
    let fill = "CREATE TABLE blob (x); WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 100)
        INSERT INTO blob SELECT randomblob(4000) FROM n";
    store.write(move |tx| Ok(tx.execute_batch(fill)?)).wait().unwrap();
    let ask = |conn: &rusqlite::Connection, name: &str| conn.pragma_query_value(None, name, |row| row.get::<_, u64>(0)).unwrap();
    let sizes =
        move |conn: &rusqlite::Connection| Ok(["page_count", "freelist_count"].map(|name| ask(conn, name) * ask(conn, "page_size")));
    let facts = store.facts().unwrap();
    assert_eq!(store.read(sizes).wait().unwrap(), [facts.size_bytes, facts.free_bytes]);
    assert!(facts.size_bytes > empty.size_bytes + 400_000 && facts.free_bytes == 0, "{facts:?}");
    store.write(|tx| Ok(tx.execute("DELETE FROM blob", [])?)).wait().unwrap();
    let facts = store.facts().unwrap();
    assert_eq!(store.read(sizes).wait().unwrap(), [facts.size_bytes, facts.free_bytes]);
    assert!(facts.free_bytes > 380_000, "{facts:?}");
    store.maintain(magnetiq_storage::Task::Vacuum).unwrap();
    assert_eq!(store.facts().unwrap().free_bytes, 0, "after work of its own on the writer thread, too");
    // With the only connection taken, and the writer in the middle of something.
    let _reader = store.reader().unwrap();
    let gate = crate::support::Gate::close(&store);
    assert!(store.facts().unwrap().oldest_reader.is_some());
    gate.open().unwrap();
}

#[test]
fn a_writer_at_a_checkpoint_is_not_at_rest() {
    let store = Store::temporary(Options::default()).unwrap();
    store.write(|tx| Ok(tx.execute_batch("CREATE TABLE blob (x)")?)).wait().unwrap();
    let seen = (0..20).any(|_| {
        // 32 MiB, which make a checkpoint that can be seen.
        store.write(|tx| Ok(tx.execute_batch("DELETE FROM blob; INSERT INTO blob VALUES (zeroblob(33554432))")?)).wait().unwrap();
        store.facts().unwrap().queue_age > Duration::ZERO
    });
    assert!(seen);
}
