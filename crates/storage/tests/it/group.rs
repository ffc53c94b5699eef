//! Writes: what shares a commit, and what one write may do to another (nothing).

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use magnetiq_storage::rusqlite::ErrorCode;
use magnetiq_storage::{Error, Options, Write};

use crate::support::{Gate, add, notes, poll_once, texts};

fn sqlite_code(error: &Error) -> Option<ErrorCode> {
    match error {
        Error::Sqlite(e) => e.sqlite_error_code(),
        _ => None,
    }
}

#[test]
fn writes_that_wait_share_a_commit() {
    let store = notes(Options::default());
    let before = store.facts().unwrap();
    let gate = Gate::close(&store);
    let writes: Vec<_> = (0..100).map(|i| store.write(move |tx| add(tx, &format!("note {i}")))).collect();
    assert!(store.facts().unwrap().queue_depth >= 100);
    gate.open().unwrap();
    let ids: Vec<i64> = writes.into_iter().map(|w| w.wait().unwrap()).collect();
    assert!(ids.is_sorted(), "first come, first served");
    assert_eq!(texts(&store).len(), 100);
    let after = store.facts().unwrap();
    assert_eq!(after.writes - before.writes, 101);
    assert!(after.commits - before.commits <= 3, "{} commits for 101 writes", after.commits - before.commits);
    assert!(after.last_commit > Duration::ZERO);
}

#[test]
fn of_more_writes_than_a_group_takes_none_is_left_out() {
    let store = notes(Options::default());
    let gate = Gate::close(&store);
    let writes: Vec<_> = (0..1000).map(|i| store.write(move |_| Ok(i))).collect();
    gate.open().unwrap();
    let left_out: Vec<_> = writes.into_iter().map(Write::wait).filter_map(Result::err).collect();
    assert!(left_out.is_empty(), "{left_out:?}");
}

#[test]
fn a_failing_write_among_a_hundred_is_undone_alone() {
    let store = notes(Options::default());
    let gate = Gate::close(&store);
    let writes: Vec<_> = (0..100)
        .map(|i| {
            store.write(move |tx| {
                add(tx, &format!("note {i}"))?;
                if i == 40 { add(tx, "note 39") } else { Ok(0) }
            })
        })
        .collect();
    gate.open().unwrap();
    for (i, write) in writes.into_iter().enumerate() {
        match write.wait() {
            Ok(_) => assert_ne!(i, 40),
            Err(e) => assert!(i == 40 && e.is_unique_violation(), "{i}: {e:?}"),
        }
    }
    let texts = texts(&store);
    assert_eq!(texts.len(), 99);
    assert!(!texts.contains(&"note 40".to_owned()), "its first statement is undone, too");
    assert_eq!(store.facts().unwrap().failed_writes, 1);
}

#[test]
fn a_failing_first_write_is_undone_alone() {
    let no = || Error::abort(std::io::Error::other("no"));
    let store = notes(Options::default());
    let gate = Gate::close_and_fail(&store);
    let kept = store.write(|tx| add(tx, "kept"));
    assert!(matches!(gate.open(), Err(Error::Aborted(_))));
    kept.wait().unwrap();
    let alone = store.write(move |tx| add(tx, "gone").and_then(|_| Err::<(), _>(no())));
    assert!(alone.wait().is_err());
    assert_eq!(texts(&store), ["kept"]);
}

#[test]
fn a_panic_is_undone_alone_and_the_writer_goes_on() {
    let store = notes(Options::default());
    let gate = Gate::close(&store);
    let before = store.write(|tx| add(tx, "before"));
    let panics = store.write(|tx| {
        add(tx, "gone")?;
        if true {
            panic!("ink ran out");
        }
        Ok(())
    });
    let after = store.write(|tx| add(tx, "after"));
    gate.open().unwrap();
    before.wait().unwrap();
    assert!(matches!(panics.wait(), Err(Error::Panicked { message }) if message == "ink ran out"));
    after.wait().unwrap();
    assert_eq!(texts(&store), ["before", "after"]);
}

#[test]
fn a_value_that_panics_when_it_is_dropped_does_not_end_the_writer() {
    struct Bomb;
    impl Drop for Bomb {
        fn drop(&mut self) {
            if !std::thread::panicking() {
                panic!("dropped");
            }
        }
    }
    let store = notes(Options::default());
    drop(store.write(|_| Ok(Bomb)));
    store.write(|tx| add(tx, "kept")).wait().unwrap();
}

#[test]
fn the_result_arrives_after_the_commit() {
    let store = notes(Options::default());
    let gate = Gate::close(&store);
    let mut early = store.write(|tx| add(tx, "early"));
    let (send, hold) = std::sync::mpsc::channel::<()>();
    let (ran, runs) = std::sync::mpsc::channel();
    let late = store.write(move |_| {
        ran.send(()).unwrap();
        let _ = hold.recv();
        Ok(())
    });
    let opened = std::thread::spawn(|| gate.open());
    runs.recv().unwrap();
    assert!(poll_once(&mut early).is_pending(), "its closure has run, its commit has not");
    assert_eq!(texts(&store), [""; 0]);
    send.send(()).unwrap();
    early.wait().unwrap();
    late.wait().unwrap();
    opened.join().unwrap().unwrap();
    assert_eq!(texts(&store), ["early"]);
}

#[test]
fn a_write_that_waited_too_long_is_not_run() {
    let store = notes(Options::default().write_deadline(Duration::from_millis(300)));
    let gate = Gate::close(&store);
    let ran = Arc::new(AtomicBool::new(false));
    let flag = Arc::clone(&ran);
    let late = store.write(move |_| {
        flag.store(true, Ordering::SeqCst);
        Ok(())
    });
    std::thread::sleep(Duration::from_millis(400));
    gate.open().unwrap();
    let error = late.wait().unwrap_err();
    assert!(matches!(error, Error::Busy { waited } if waited >= Duration::from_millis(300)));
    assert!(error.is_busy() && error.is_retryable());
    assert!(!ran.load(Ordering::SeqCst));
    store.write(|tx| add(tx, "next")).wait().unwrap();
}

#[test]
fn a_full_queue_refuses_at_once() {
    let store = notes(Options::default().queue_limit(1));
    let gate = Gate::close(&store);
    let queued = store.write(|tx| add(tx, "queued"));
    let refused = store.write(|tx| add(tx, "refused"));
    assert!(matches!(refused.wait(), Err(Error::Busy { waited: Duration::ZERO })));
    gate.open().unwrap();
    queued.wait().unwrap();
    assert_eq!(texts(&store), ["queued"]);
}

#[test]
fn a_dropped_handle_does_not_take_the_write_back() {
    let store = notes(Options::default());
    let gate = Gate::close(&store);
    drop(store.write(|tx| add(tx, "kept")));
    gate.open().unwrap();
    store.write(|_| Ok(())).wait().unwrap();
    assert_eq!(texts(&store), ["kept"]);
}

#[test]
fn a_closure_can_neither_end_the_transaction_of_its_group_nor_leave_anything_behind() {
    let statements = [
        "COMMIT",
        "ROLLBACK",
        "BEGIN",
        "END",
        "RELEASE magnetiq_write",
        "ROLLBACK TO magnetiq_write",
        "ATTACH ':memory:' AS other",
        "CREATE TEMP TABLE note (id, text)",
        "CREATE TEMP VIEW note AS SELECT 1 AS text",
        "CREATE TEMP TRIGGER never BEFORE INSERT ON note BEGIN SELECT RAISE(ABORT, 'no'); END",
        "CREATE VIRTUAL TABLE temp.note USING fts5 (text)",
    ];
    for statement in statements {
        let store = notes(Options::default());
        let gate = Gate::close(&store);
        let before = store.write(|tx| add(tx, "before"));
        let refused = store.write(move |tx| {
            add(tx, "gone")?;
            Ok(tx.execute_batch(statement)?)
        });
        let after = store.write(|tx| add(tx, "after"));
        gate.open().unwrap();
        assert!(matches!(refused.wait(), Err(Error::Refused { .. })), "{statement}");
        before.wait().unwrap();
        after.wait().unwrap();
        assert_eq!(texts(&store), ["before", "after"], "{statement}");
    }
}

#[test]
fn a_closure_cannot_change_the_connection_of_the_others() {
    let store = notes(Options::default());
    for pragma in ["query_only = ON", "foreign_keys = OFF", "synchronous = OFF", "cache_size = 1", "journal_mode = DELETE"] {
        let refused = store.write(move |tx| Ok(tx.execute_batch(&format!("PRAGMA {pragma}"))?)).wait();
        assert!(matches!(refused, Err(Error::Refused { statement }) if statement.contains(pragma.split(' ').next().unwrap())));
    }
    let asked = store.write(|tx| {
        let columns: i64 = tx.query_row("SELECT count(*) FROM pragma_table_info('note')", [], |row| row.get(0))?;
        tx.execute_batch("PRAGMA user_version = 7")?;
        Ok(columns)
    });
    assert_eq!(asked.wait().unwrap(), 2);
}

#[test]
fn a_closure_may_use_savepoints_of_its_own() {
    let store = notes(Options::default());
    let gate = Gate::close(&store);
    let write = store.write(|tx| {
        add(tx, "kept")?;
        tx.execute_batch("SAVEPOINT mine")?;
        add(tx, "gone")?;
        tx.execute_batch("ROLLBACK TO mine; RELEASE mine; SAVEPOINT left_open")?;
        Ok(())
    });
    let after = store.write(|tx| add(tx, "after"));
    gate.open().unwrap();
    write.wait().unwrap();
    after.wait().unwrap();
    assert_eq!(texts(&store), ["kept", "after"]);
}

#[test]
fn a_conflict_clause_that_ends_the_transaction_is_told_to_all_whom_it_hits() {
    let store = notes(Options::default());
    store.write(|tx| add(tx, "taken")).wait().unwrap();
    let gate = Gate::close(&store);
    let before = store.write(|tx| add(tx, "before"));
    let ends = store.write(|tx| Ok(tx.execute("INSERT OR ROLLBACK INTO note (text) VALUES ('taken')", [])?));
    let hides = store.write(|tx| {
        let _ = tx.execute("INSERT OR ROLLBACK INTO note (text) VALUES ('taken')", []);
        Ok(())
    });
    let after = store.write(|tx| add(tx, "after"));
    let gate = gate.open();
    // The gate's own write was in the group, too: nothing was kept, and it was told.
    assert!(matches!(gate, Err(Error::Undone)));
    let before = before.wait().unwrap_err();
    assert!(matches!(before, Error::Undone) && before.is_retryable());
    // Whether it met a row that stays cannot be told any more.
    assert!(matches!(ends.wait(), Err(Error::Undone)));
    assert!(matches!(hides.wait(), Err(Error::TransactionEnded)));
    after.wait().unwrap();
    let alone = store.write(|tx| Ok(tx.execute("INSERT OR ROLLBACK INTO note (text) VALUES ('taken')", [])?)).wait();
    assert!(alone.unwrap_err().is_unique_violation());
    assert_eq!(texts(&store), ["taken", "after"]);
}

#[test]
fn a_conflict_with_a_neighbour_is_told_when_the_neighbour_is_committed() {
    let store = notes(Options::default());
    let gate = Gate::close(&store);
    let first = store.write(|tx| add(tx, "same"));
    let second = store.write(|tx| add(tx, "same"));
    let (go_on, may_go_on) = std::sync::mpsc::channel();
    let last = store.write(move |tx| {
        may_go_on.recv().unwrap();
        add(tx, "last")
    });
    let mut second = second;
    let opened = std::thread::spawn(|| gate.open().unwrap());
    std::thread::sleep(std::time::Duration::from_millis(50));
    assert!(poll_once(&mut second).is_pending(), "the row that it met may still be taken back");
    go_on.send(()).unwrap();
    assert!(second.wait().unwrap_err().is_unique_violation());
    opened.join().unwrap();
    first.wait().unwrap();
    last.wait().unwrap();
    assert_eq!(texts(&store), ["same", "last"]);
}

#[test]
fn a_conflict_with_a_row_that_never_was_is_not_claimed() {
    let store = notes(Options::default());
    store.write(|tx| add(tx, "taken")).wait().unwrap();
    let gate = Gate::close(&store);
    let first = store.write(|tx| add(tx, "same"));
    let second = store.write(|tx| add(tx, "same"));
    let asks = store.write(|tx| -> Result<(), Error> {
        let found = tx.prepare("SELECT 1 FROM note WHERE text = 'same'")?.exists([])?;
        Err(Error::abort(std::io::Error::other(format!("found: {found}"))))
    });
    let begins = store.write(|tx| Ok(tx.execute_batch("BEGIN")?));
    let ends = store.write(|tx| Ok(tx.execute("INSERT OR ROLLBACK INTO note (text) VALUES ('taken')", [])?));
    let _ = gate.open(); // Held for long, it is a group of its own.
    assert!(matches!(first.wait(), Err(Error::Undone)));
    assert!(matches!(second.wait(), Err(Error::Undone)));
    assert!(matches!(asks.wait(), Err(Error::Undone)));
    assert!(matches!(begins.wait(), Err(Error::Refused { .. })), "on its own account");
    assert!(matches!(ends.wait(), Err(Error::Undone)));
    assert_eq!(texts(&store), ["taken"]);
}

#[test]
fn a_deferred_foreign_key_that_stays_broken_fails_alone() {
    let in_schema = ("CREATE TABLE reply (note INTEGER REFERENCES note DEFERRABLE INITIALLY DEFERRED) STRICT", "SELECT 1");
    let by_pragma = ("CREATE TABLE reply (note INTEGER REFERENCES note) STRICT", "PRAGMA defer_foreign_keys = ON");
    for (schema, before_insert) in [in_schema, by_pragma] {
        let store = notes(Options::default());
        store.write(move |tx| Ok(tx.execute_batch(schema)?)).wait().unwrap();
        for _ in 0..2 {
            let gate = Gate::close(&store);
            let before = store.write(|tx| Ok(tx.execute("INSERT INTO note DEFAULT VALUES", [])?));
            let broken = store.write(move |tx| {
                let _ = tx.prepare_cached(before_insert)?.query([])?.next()?;
                Ok(tx.execute("INSERT INTO reply VALUES (999)", [])?)
            });
            let after = store.write(|tx| Ok(tx.execute("INSERT INTO note DEFAULT VALUES", [])?));
            gate.open().unwrap();
            before.wait().unwrap();
            assert_eq!(sqlite_code(&broken.wait().unwrap_err()), Some(ErrorCode::ConstraintViolation), "{schema}");
            after.wait().unwrap();
        }
        let rows: (i64, i64) = store
            .read(|conn| {
                Ok(conn.query_row("SELECT (SELECT count(*) FROM note), (SELECT count(*) FROM reply)", [], |r| Ok((r.get(0)?, r.get(1)?)))?)
            })
            .wait()
            .unwrap();
        assert_eq!(rows, (4, 0));
    }
}

#[test]
fn an_application_error_comes_back_and_the_write_is_undone() {
    #[derive(Debug, PartialEq)]
    struct Stale(u32);
    impl std::fmt::Display for Stale {
        fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            write!(f, "version {} is stale", self.0)
        }
    }
    impl std::error::Error for Stale {}
    impl From<Stale> for Error {
        fn from(error: Stale) -> Self {
            Error::abort(error)
        }
    }
    let store = notes(Options::default());
    let write = store.write(|tx| {
        add(tx, "gone")?;
        Err::<(), _>(Stale(3))?;
        Ok(())
    });
    assert_eq!(write.wait().unwrap_err().downcast_abort::<Stale>().unwrap(), Stale(3));
    assert_eq!(texts(&store), [""; 0]);
}

#[test]
fn waiting_for_the_writer_inside_a_write_is_refused() {
    let store = notes(Options::default());
    let inner = store.clone();
    let outer = store.write(move |_| {
        assert!(matches!(inner.write(|tx| add(tx, "later")).wait(), Err(Error::WouldDeadlock)));
        assert!(matches!(inner.checkpoint(), Err(Error::WouldDeadlock)));
        assert!(matches!(inner.close(), Err(Error::WouldDeadlock)));
        Ok(())
    });
    outer.wait().unwrap();
    store.write(|_| Ok(())).wait().unwrap();
    assert_eq!(texts(&store), ["later"], "it was queued and ran afterwards");
}
