//! A reader that stays at one moment.

use std::thread;
use std::time::Duration;

use magnetiq_storage::rusqlite::Connection;
use magnetiq_storage::{Durability, Error, Options, Reader, Store};

use crate::support::{add, block_on, count_for_ever, notes, texts};

fn count(conn: &Connection) -> Result<i64, Error> {
    Ok(conn.query_row("SELECT count(*) FROM note", [], |row| row.get(0))?)
}

#[test]
fn all_reads_of_a_reader_see_one_moment_also_across_an_await() {
    let store = notes(Options::default());
    let seen = block_on(async {
        let mut reader = store.reader()?;
        store.write(|tx| add(tx, "after the reader was taken")).await?;
        let first = reader.read(count)?;
        store.write(|tx| add(tx, "between")).await?;
        Ok::<_, Error>((first, reader.read(count)?))
    });
    assert_eq!(seen.unwrap(), (0, 0));
    assert_eq!(store.reader().unwrap().read(count).unwrap(), 2);
    fn moves<T: Send + 'static>(_: &T) {}
    moves::<Reader>(&store.reader().unwrap());
}

#[test]
fn a_closure_of_a_reader_may_borrow_and_fail() {
    let store = notes(Options::default().readers(1));
    let mut reader = store.reader().unwrap();
    let mut sum = 1;
    reader
        .read(|conn| {
            sum += count(conn)?;
            Ok(())
        })
        .unwrap();
    assert_eq!(sum, 1);
    assert!(matches!(reader.read(|_| -> Result<(), Error> { panic!("lost") }), Err(Error::Panicked { .. })));
    assert!(matches!(reader.read(|conn| Ok(conn.execute("DELETE FROM note", [])?)), Err(Error::Sqlite(_))));
    reader.read(count).unwrap();
    // One that leaves its moment cannot slip into another.
    reader.read(|conn| Ok(conn.execute_batch("COMMIT")?)).unwrap();
    assert!(matches!(reader.read(count), Err(Error::TransactionEnded)));
    drop(reader);
    assert_eq!(texts(&store), [""; 0]);
}

#[test]
fn an_old_reader_gives_the_connection_and_the_log_back() {
    let limit = Duration::from_millis(100);
    let options = Options::default().durability(Durability::Normal).readers(1).read_time_limit(limit).wal_limit_bytes(8 << 20);
    let store = Store::temporary(options).unwrap();
    store.write(|tx| Ok(tx.execute_batch("CREATE TABLE blob (id INTEGER PRIMARY KEY, x BLOB)")?)).wait().unwrap();
    let mut reader = store.reader().unwrap();
    assert!(store.facts().unwrap().oldest_reader.is_some(), "the facts need no connection, and the only one is taken");
    thread::sleep(limit);
    let mut second = store.reader().unwrap();
    assert!(matches!(reader.read(|_| Ok(())), Err(Error::TimedOut { .. })), "taken back for the second one");
    thread::sleep(limit * 2);
    for _ in 0..300 {
        store.write(|tx| Ok(tx.execute("REPLACE INTO blob VALUES (1, randomblob(100000))", [])?)).wait().unwrap();
    }
    let facts = store.facts().unwrap();
    assert!(facts.wal_bytes < 8 << 20, "{facts:?}");
    assert!(matches!(second.read(|_| Ok(())), Err(Error::TimedOut { .. })));
}

#[test]
fn a_query_of_an_old_reader_is_interrupted() {
    let store = notes(Options::default().read_time_limit(Duration::from_millis(50)));
    let mut reader = store.reader().unwrap();
    assert!(matches!(reader.read(count_for_ever), Err(Error::TimedOut { .. })));
    assert!(matches!(reader.read(count), Err(Error::TimedOut { .. })));
}

#[test]
fn a_reader_does_not_outlive_its_store() {
    let store = notes(Options::default().close_grace(Duration::from_millis(50)));
    let mut reader = store.reader().unwrap();
    reader.read(count).unwrap();
    assert!(store.facts().unwrap().oldest_reader.is_some());
    store.close().unwrap();
    assert!(matches!(reader.read(count), Err(Error::Closed)));
    assert!(matches!(store.reader(), Err(Error::Closed)));
}
