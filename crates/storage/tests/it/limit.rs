//! What runs for too long, and what nobody waits for any more.

use std::task::Poll;
use std::time::Duration;

use magnetiq_storage::{Error, Options};

use crate::support::{Gate, add, block_on, count_for_ever, notes, poll_once, texts};

const SHORT: Duration = Duration::from_millis(50);

#[test]
fn a_read_without_end_is_interrupted() {
    let store = notes(Options::default().readers(1).read_time_limit(SHORT));
    for _ in 0..2 {
        assert!(matches!(store.read(count_for_ever).wait(), Err(Error::TimedOut { limit }) if limit == SHORT));
        assert!(matches!(block_on(store.read(count_for_ever)), Err(Error::TimedOut { .. })));
    }
    // The connection is as good as before, and so is the clock of the next read.
    assert_eq!(texts(&store), [""; 0]);
    assert_eq!(store.facts().unwrap().oldest_reader, None);
}

#[test]
fn a_read_that_is_interrupted_by_itself_keeps_its_own_error() {
    let store = notes(Options::default());
    let read = store.read(|conn| {
        conn.get_interrupt_handle().interrupt();
        Err::<(), _>(Error::Sqlite(magnetiq_storage::rusqlite::Error::SqliteFailure(
            magnetiq_storage::rusqlite::ffi::Error::new(magnetiq_storage::rusqlite::ffi::SQLITE_INTERRUPT),
            None,
        )))
    });
    assert!(matches!(read.wait(), Err(Error::Sqlite(_))));
}

#[test]
fn a_write_without_end_is_interrupted_and_the_others_are_kept() {
    let store = notes(Options::default().write_time_limit(SHORT));
    let gate = Gate::close(&store);
    let before = store.write(|tx| add(tx, "before"));
    let endless = store.write(|tx| {
        add(tx, "never")?;
        count_for_ever(tx)
    });
    let after = store.write(|tx| add(tx, "after"));
    gate.open().unwrap();
    before.wait().unwrap();
    assert!(matches!(endless.wait(), Err(Error::TimedOut { .. })));
    after.wait().unwrap();
    assert_eq!(texts(&store), ["before", "after"]);
}

#[test]
fn an_endless_statement_that_writes_loses_nothing_silently() {
    let store = notes(Options::default().write_time_limit(SHORT));
    let gate = Gate::close(&store);
    let before = store.write(|tx| add(tx, "before"));
    let endless = store.write(|tx| {
        let sql = "INSERT INTO note (text) WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n";
        Ok(tx.execute(sql, [])?)
    });
    let after = store.write(|tx| add(tx, "after"));
    gate.open().unwrap_or_else(|e| assert!(matches!(e, Error::Undone)));
    // SQLite ends the whole transaction there; who shared it is told to come again.
    let undone = before.wait().unwrap_err();
    assert!(matches!(undone, Error::Undone) && undone.is_retryable());
    assert!(matches!(endless.wait(), Err(Error::TimedOut { .. })));
    after.wait().unwrap();
    assert_eq!(texts(&store), ["after"]);
}

#[test]
fn an_exclusive_write_has_a_limit_of_its_own() {
    let store = notes(Options::default().write_time_limit(Duration::from_secs(30)).exclusive_time_limit(SHORT));
    assert!(matches!(store.write_exclusive(|tx| count_for_ever(tx)).wait(), Err(Error::TimedOut { limit }) if limit == SHORT));
}

#[test]
fn a_write_whose_turn_does_not_come_is_given_up_in_time_and_never_runs() {
    let deadline = Duration::from_millis(500);
    let store = notes(Options::default().write_deadline(deadline));
    let gate = Gate::close(&store);
    let (waited_for, awaited) = (store.write(|tx| add(tx, "waited for")), store.write(|tx| add(tx, "awaited")));
    // Nobody would learn that these did not run.
    drop(store.write(|tx| add(tx, "dropped")));
    let mut given_up = store.write(|tx| add(tx, "given up"));
    assert!(poll_once(&mut given_up).is_pending());
    drop(given_up);
    // The writer is held all the while.
    assert!(matches!(waited_for.wait(), Err(Error::Busy { waited }) if waited >= deadline));
    gate.open().unwrap();
    assert!(matches!(block_on(awaited), Err(Error::Busy { .. })));
    store.write(|tx| add(tx, "the next one")).wait().unwrap();
    assert_eq!(texts(&store), ["dropped", "given up", "the next one"]);
    assert_eq!(store.facts().unwrap().failed_writes, 2);
}

#[test]
fn a_dropped_read_that_runs_is_interrupted() {
    let store = notes(Options::default().readers(1));
    let (entered, inside) = std::sync::mpsc::channel();
    let mut read = store.read(move |conn| {
        entered.send(()).unwrap();
        count_for_ever(conn)
    });
    assert!(poll_once(&mut read).is_pending());
    inside.recv().unwrap();
    drop(read);
    // The only connection is free again, long before the limit of 30 s.
    assert_eq!(texts(&store), [""; 0]);
}

#[test]
fn dropping_a_read_does_not_touch_the_next_one() {
    let store = notes(Options::default().readers(2));
    for round in 0..200 {
        let mut dropped = store.read(move |conn| Ok(conn.query_row("SELECT ?1", [round], |row| row.get::<_, i64>(0))?));
        let polled = poll_once(&mut dropped);
        let next = store.read(|conn| {
            let sql = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 5000) SELECT count(*) FROM n";
            Ok(conn.query_row(sql, [], |row| row.get::<_, i64>(0))?)
        });
        drop(dropped);
        assert!(matches!(polled, Poll::Pending | Poll::Ready(Ok(_))));
        assert_eq!(block_on(next).unwrap(), 5000);
    }
}
