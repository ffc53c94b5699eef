//! Closures that go on after a statement has ended the transaction that they run in.

use magnetiq_storage::{Error, Options};

use crate::support::{Gate, add, notes, texts};

const ENDS: &str = "INSERT OR ROLLBACK INTO note (text) VALUES ('taken')";

/// What is told is what is there: nothing of the closure, and of its neighbour what it was told.
fn check(beside: bool, passed_on: bool, goes_on: &'static str) {
    let case = format!("after the end: {goes_on}, beside another: {beside}, its error passed on: {passed_on}");
    let store = notes(Options::default());
    store.write(|tx| add(tx, "taken")).wait().unwrap();
    let gate = beside.then(|| Gate::close(&store));
    let before = beside.then(|| store.write(|tx| add(tx, "before")));
    let ended = store.write(move |tx| {
        add(tx, "a")?;
        let _ = tx.execute(ENDS, []);
        let gone_on = tx.execute_batch(goes_on);
        if passed_on { Ok(gone_on?) } else { Ok(()) }
    });
    if let Some(gate) = gate {
        let _ = gate.open(); // Held for long, it may be a group of its own.
    }
    let ended = ended.wait();
    assert!(matches!(ended, Err(Error::TransactionEnded)), "{case}: {ended:?}");
    let mut expected = vec!["taken"];
    match before.map(magnetiq_storage::Write::wait) {
        Some(Ok(_)) => expected.push("before"),
        Some(Err(e)) => assert!(matches!(e, Error::Undone), "{case}: {e:?}"),
        None => {}
    }
    assert_eq!(texts(&store), expected, "{case}");
    let commits = store.commits().number();
    store.write(|tx| add(tx, "next")).wait().unwrap();
    assert_eq!(store.commits().number(), commits + 1, "{case}");
    expected.push("next");
    assert_eq!(texts(&store), expected, "{case}");
}

#[test]
fn nothing_is_kept_of_a_closure_that_goes_on_without_its_transaction() {
    let ways = [
        "INSERT INTO note (text) VALUES ('b')",
        "CREATE TABLE other (x)",
        "SAVEPOINT s; INSERT INTO note (text) VALUES ('b')",
        "SAVEPOINT s; INSERT INTO note (text) VALUES ('b'); RELEASE s",
        "SAVEPOINT s; INSERT INTO note (text) VALUES ('b'); ROLLBACK TO s; RELEASE s",
        "SAVEPOINT s; SELECT 1",
        "SELECT 1",
    ];
    for goes_on in ways {
        for (beside, passed_on) in [(false, false), (false, true), (true, false), (true, true)] {
            check(beside, passed_on, goes_on);
        }
    }
}

#[test]
fn a_trigger_that_rolls_back_is_no_way_around() {
    let store = notes(Options::default());
    let trigger = "CREATE TRIGGER no BEFORE DELETE ON note BEGIN SELECT RAISE(ROLLBACK, 'no'); END";
    store.write(move |tx| add(tx, "kept").and_then(|_| Ok(tx.execute_batch(trigger)?))).wait().unwrap();
    let ended = store.write(|tx| {
        tx.execute("DELETE FROM note", []).unwrap_err();
        tx.execute_batch("SAVEPOINT s")?;
        add(tx, "b")
    });
    assert!(matches!(ended.wait(), Err(Error::TransactionEnded)));
    assert_eq!(texts(&store), ["kept"]);
}

#[test]
fn a_value_that_panics_when_it_is_replaced_does_not_end_the_writer() {
    struct Bomb;
    impl Drop for Bomb {
        fn drop(&mut self) {
            assert!(std::thread::panicking(), "dropped");
        }
    }
    let store = notes(Options::default());
    store.write(|tx| add(tx, "taken")).wait().unwrap();
    let ended = store.write(|tx| {
        let _ = tx.execute(ENDS, []);
        Ok(Bomb)
    });
    assert!(matches!(ended.wait().map(std::mem::forget), Err(Error::TransactionEnded)));
    store.write(|tx| add(tx, "next")).wait().unwrap();
    assert_eq!(texts(&store), ["taken", "next"]);
}
