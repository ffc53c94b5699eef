//! Reads: one moment, no writing, no waiting for the writer.

use std::time::{Duration, Instant};

use magnetiq_storage::rusqlite::ErrorCode;
use magnetiq_storage::{Durability, Error, Options, Store};

use crate::support::{Gate, add, notes, texts};

#[test]
fn all_queries_of_a_read_see_the_same_moment() {
    let store = notes(Options::default());
    let writing = store.clone();
    let counts = store.read(move |conn| {
        let count = || conn.query_row("SELECT count(*) FROM note", [], |row| row.get::<_, i64>(0));
        let first = count()?;
        writing.write(|tx| add(tx, "in between")).wait()?;
        Ok((first, count()?))
    });
    assert_eq!(counts.wait().unwrap(), (0, 0));
    assert_eq!(texts(&store), ["in between"]);
}

#[test]
fn readers_do_not_wait_for_the_writer() {
    let store = notes(Options::default());
    let gate = Gate::close(&store);
    let writing = store.write(|tx| add(tx, "later"));
    let started = Instant::now();
    assert_eq!(texts(&store), [""; 0]);
    assert!(started.elapsed() < Duration::from_secs(20), "the gate is closed until it is opened");
    gate.open().unwrap();
    writing.wait().unwrap();
}

#[test]
fn a_read_cannot_write() {
    let store = notes(Options::default());
    for preparation in ["", "BEGIN; COMMIT;", "BEGIN;"] {
        let written = store.read(move |conn| {
            conn.execute_batch(preparation)?;
            Ok(conn.execute("INSERT INTO note (text) VALUES ('x')", [])?)
        });
        let Err(Error::Sqlite(e)) = written.wait() else { panic!("{preparation}: it was written") };
        assert_eq!(e.sqlite_error_code(), Some(ErrorCode::ReadOnly));
    }
    assert_eq!(texts(&store), [""; 0]);
}

#[test]
fn a_read_leaves_nothing_on_the_connection_for_the_next_one() {
    let store = notes(Options::default().readers(1));
    for statement in ["PRAGMA query_only = OFF", "PRAGMA cache_size = 3", "ATTACH ':memory:' AS other", "CREATE TEMP TABLE note (x)"] {
        let refused = [
            store.read(move |conn| Ok(conn.execute_batch(statement)?)).wait(),
            crate::support::block_on(store.read(move |conn| Ok(conn.execute_batch(statement)?))),
            store.reader().unwrap().read(|conn| Ok(conn.execute_batch(statement)?)),
        ];
        for refused in refused {
            let by_sqlite = statement.starts_with("CREATE");
            let told = matches!(&refused, Err(Error::Refused { statement: told }) if told.starts_with(&statement[..6]));
            assert!(told || by_sqlite && refused.is_err(), "{statement}: {refused:?}");
        }
    }
    let asked = store.read(|conn| {
        let columns: i64 = conn.query_row("SELECT count(*) FROM pragma_table_info('note')", [], |row| row.get(0))?;
        let cache: i64 = conn.pragma_query_value(None, "cache_size", |row| row.get(0))?;
        Ok((columns, cache, conn.query_row("PRAGMA quick_check(1)", [], |row| row.get::<_, String>(0))?))
    });
    assert_eq!(asked.wait().unwrap(), (2, -4096, "ok".to_owned()));
}

#[test]
fn a_panic_in_a_read_is_an_error_and_the_connection_is_used_again() {
    let store = notes(Options::default().readers(1));
    let panics = || store.read(|_| if true { panic!("lost the page") } else { Ok(()) });
    assert!(matches!(panics().wait(), Err(Error::Panicked { message }) if message == "lost the page"));
    assert!(matches!(crate::support::block_on(panics()), Err(Error::Panicked { .. })));
    assert_eq!(texts(&store), [""; 0]);
}

#[test]
fn a_read_that_finds_no_connection_is_busy() {
    let store = notes(Options::default().readers(1).read_deadline(Duration::from_millis(200)));
    let inner = store.clone();
    let outer = store.read(move |_| Ok(inner.read(|_| Ok(())).wait()));
    let inner = outer.wait().unwrap().unwrap_err();
    assert!(inner.is_busy(), "{inner:?}");
}

#[test]
fn a_read_that_is_never_waited_for_does_nothing() {
    let store = notes(Options::default());
    drop(store.read(|_| -> Result<(), Error> { panic!("nobody asked") }));
}

#[test]
fn every_connection_has_its_settings() {
    const NAMES: [&str; 7] =
        ["foreign_keys", "trusted_schema", "cell_size_check", "temp_store", "synchronous", "query_only", "busy_timeout"];
    let settings = |conn: &magnetiq_storage::rusqlite::Connection| {
        let mut values = Vec::new();
        for name in NAMES.into_iter().chain(["cache_size", "journal_size_limit"]) {
            values.push(conn.pragma_query_value(None, name, |row| row.get::<_, i64>(0))?);
        }
        Ok(values)
    };
    for (durability, synchronous) in [(Durability::Full, 2), (Durability::Normal, 1)] {
        let store = Store::temporary(Options::default().durability(durability).readers(2).wal_limit_bytes(1 << 20)).unwrap();
        let writer = store.write(move |tx| settings(tx)).wait().unwrap();
        assert_eq!(writer, [1, 0, 1, 1, synchronous, 0, 5000, -8192, 1 << 20]);
        // Both reader connections at once.
        let inner = store.clone();
        let readers = store.read(move |conn| Ok([settings(conn)?, inner.read(move |conn| settings(conn)).wait()?])).wait().unwrap();
        for reader in readers {
            assert_eq!(reader[..4], [1, 0, 1, 1]);
            assert_eq!(reader[5..8], [1, 5000, -4096]);
        }
        let mode = store.read(|conn| Ok(conn.pragma_query_value(None, "journal_mode", |row| row.get::<_, String>(0))?));
        assert_eq!(mode.wait().unwrap(), "wal");
    }
}

#[test]
fn full_text_triggers_work_without_a_trusted_schema() {
    let store = notes(Options::default());
    let schema = "CREATE VIRTUAL TABLE note_text USING fts5 (text, content = 'note', content_rowid = 'id');
        CREATE TRIGGER note_added AFTER INSERT ON note BEGIN INSERT INTO note_text (rowid, text) VALUES (new.id, new.text); END;";
    store.write(move |tx| Ok(tx.execute_batch(schema)?)).wait().unwrap();
    store.write(|tx| add(tx, "the quick brown fox")).wait().unwrap();
    let found =
        store.read(|conn| Ok(conn.query_row("SELECT rowid FROM note_text WHERE note_text MATCH 'quick'", [], |row| row.get::<_, i64>(0))?));
    assert_eq!(found.wait().unwrap(), 1);
}

#[test]
fn a_read_cannot_end_its_transaction() {
    let store = notes(Options::default());
    for end in ["COMMIT", "ROLLBACK"] {
        let ended = store.read(move |conn| Ok(conn.execute_batch(end)?));
        assert!(matches!(ended.wait(), Err(Error::Sqlite(_))));
    }
    let writing = store.clone();
    let counts = store.read(move |conn| {
        conn.execute_batch("BEGIN; ROLLBACK")?;
        writing.write(|tx| add(tx, "in between")).wait()?;
        Ok(conn.query_row("SELECT count(*) FROM note", [], |row| row.get::<_, i64>(0))?)
    });
    assert_eq!(counts.wait().unwrap(), 0);
}
