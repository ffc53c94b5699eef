//! Random interleavings of writes that succeed, fail, panic, end the transaction or come too late, from several threads, against a model.
//!
//! Each write that is kept draws the next number of a clock in the database. So the order in which writes happened is known afterwards,
//! and the model makes them again, one after the other: it must come to the same answers and to the same end.

use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::Duration,
};

use magnetiq_storage::{
    Error, Options, Store, Tx,
    rusqlite::{OptionalExtension, params},
};
use proptest::prelude::*;

/// What a write does with one of a few keys.
#[derive(Clone, Copy, Debug)]
enum Act {
    /// Adds, and gives the sum.
    Add(i64),
    /// Takes the key away, and gives what it had.
    Remove,
    /// Adds, and gives up.
    Fail,
    /// Adds, and panics.
    Panic,
    /// Adds, takes it back with a savepoint of its own, and adds one.
    Savepoint,
    /// Ends the transaction that it shares.
    EndTransaction,
    /// Tries to commit, and passes over that it may not.
    Commit,
    /// Holds the writer up, so that what waits may come too late.
    Hold,
}

#[derive(Clone, Copy, Debug)]
struct Op {
    act: Act,
    key: i64,
    /// Whether the thread waits for the answer before it goes on.
    wait: bool,
}

/// What the caller learned.
#[derive(Debug, PartialEq)]
enum Answer {
    Kept { clock: i64, value: Option<i64> },
    NotRun,
    NotKept,
}

fn act() -> impl Strategy<Value = Act> {
    prop_oneof![
        8 => (-100..100_i64).prop_map(Act::Add),
        3 => Just(Act::Remove),
        2 => Just(Act::Fail),
        1 => Just(Act::Panic),
        2 => Just(Act::Savepoint),
        1 => Just(Act::EndTransaction),
        1 => Just(Act::Commit),
        1 => Just(Act::Hold),
    ]
}

fn ops() -> impl Strategy<Value = Vec<Op>> {
    let op = (act(), 0..4_i64, prop::bool::weighted(0.3)).prop_map(|(act, key, wait)| Op { act, key, wait });
    prop::collection::vec(op, 1..40)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn whatever_happens_the_kept_writes_explain_the_database(
        threads in prop::collection::vec(ops(), 1..5),
        queue_limit in 2..40_usize,
        deadline_ms in prop_oneof![Just(3_u64), Just(5000)],
    ) {
        check(&threads, queue_limit, deadline_ms);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 5000, failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    #[ignore = "long: cargo xtask test --soak"]
    fn soak_model(
        threads in prop::collection::vec(ops(), 1..5),
        queue_limit in 2..40_usize,
        deadline_ms in prop_oneof![Just(3_u64), Just(5000)],
    ) {
        check(&threads, queue_limit, deadline_ms);
    }
}

fn check(threads: &[Vec<Op>], queue_limit: usize, deadline_ms: u64) {
    let options = Options::default().queue_limit(queue_limit).write_deadline(Duration::from_millis(deadline_ms));
    let store = Store::temporary(options).unwrap();
    let schema = "CREATE TABLE item (key INTEGER PRIMARY KEY, value INTEGER NOT NULL) STRICT;
        CREATE TABLE clock (id INTEGER PRIMARY KEY, now INTEGER NOT NULL) STRICT; INSERT INTO clock VALUES (1, 0);";
    // With a short deadline the machine may be too slow even for this.
    while let Err(error) = store.write(move |tx| Ok(tx.execute_batch(schema)?)).wait() {
        assert!(error.is_busy(), "{error:?}");
    }
    let answers: Vec<(Op, Answer)> = thread::scope(|scope| {
        let running: Vec<_> = threads.iter().map(|ops| scope.spawn(|| run(&store, ops))).collect();
        running.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
    });
    let (found, now) = store
        .read(|conn| {
            let mut statement = conn.prepare("SELECT key, value FROM item")?;
            let found = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?.collect::<Result<BTreeMap<i64, i64>, _>>()?;
            Ok((found, conn.query_row("SELECT now FROM clock", [], |row| row.get::<_, i64>(0))?))
        })
        .wait()
        .unwrap();

    let mut happened = BTreeMap::new();
    for (op, answer) in &answers {
        if let Answer::Kept { clock, value } = answer {
            assert!(happened.insert(*clock, (op, *value)).is_none(), "two writes at {clock}");
        }
    }
    assert_eq!(
        happened.keys().copied().collect::<Vec<_>>(),
        (1..=now).collect::<Vec<_>>(),
        "a write that was kept was not acknowledged, or the other way round"
    );
    let mut model = BTreeMap::new();
    for (clock, (op, value)) in happened {
        assert_eq!(play(&mut model, op), value, "{op:?} at {clock}");
    }
    assert_eq!(model, found);
    store.close().unwrap();
}

fn play(model: &mut BTreeMap<i64, i64>, op: &Op) -> Option<i64> {
    let mut add = |amount| {
        let value = model.entry(op.key).or_default();
        *value += amount;
        Some(*value)
    };
    match op.act {
        Act::Add(amount) => add(amount),
        Act::Savepoint => add(1),
        Act::Remove => model.remove(&op.key),
        Act::Hold => None,
        act => panic!("{act:?} was kept"),
    }
}

/// Makes the writes of one thread, in order.
fn run(store: &Store, ops: &[Op]) -> Vec<(Op, Answer)> {
    let mut open = Vec::new();
    let mut answers = Vec::new();
    for &op in ops {
        let ran = Arc::new(AtomicBool::new(false));
        let flag = Arc::clone(&ran);
        let write = store.write(move |tx| {
            flag.store(true, Ordering::SeqCst);
            perform(tx, op)
        });
        open.push((op, ran, write));
        if op.wait {
            answers.extend(open.drain(..).map(|(op, ran, write)| (op, judge(op, &ran, write.wait()))));
        }
    }
    answers.extend(open.into_iter().map(|(op, ran, write)| (op, judge(op, &ran, write.wait()))));
    answers
}

fn perform(tx: &Tx, op: Op) -> Result<(i64, Option<i64>), Error> {
    let add = |amount: i64| -> Result<i64, Error> {
        let sql = "INSERT INTO item VALUES (?1, ?2) ON CONFLICT DO UPDATE SET value = value + ?2 RETURNING value";
        Ok(tx.prepare_cached(sql)?.query_row([op.key, amount], |row| row.get(0))?)
    };
    let value = match op.act {
        Act::Add(amount) => Some(add(amount)?),
        Act::Remove => tx.query_row("DELETE FROM item WHERE key = ?1 RETURNING value", [op.key], |row| row.get(0)).optional()?,
        Act::Fail => {
            add(1000)?;
            return Err(Error::abort(std::io::Error::other("no")));
        }
        Act::Panic => {
            add(1000)?;
            // Without the hook, which would print each of them.
            std::panic::resume_unwind(Box::new("of the test"));
        }
        Act::Savepoint => {
            tx.execute_batch("SAVEPOINT mine")?;
            add(1000)?;
            tx.execute_batch("ROLLBACK TO mine; RELEASE mine")?;
            Some(add(1)?)
        }
        Act::EndTransaction => {
            add(1000)?;
            tx.execute("INSERT OR ROLLBACK INTO clock VALUES (1, 0)", [])?;
            None
        }
        Act::Commit => {
            add(1000)?;
            tx.execute_batch("COMMIT")?;
            None
        }
        Act::Hold => {
            thread::sleep(Duration::from_millis(6));
            None
        }
    };
    let clock = tx.query_row("UPDATE clock SET now = now + 1 RETURNING now", params![], |row| row.get(0))?;
    Ok((clock, value))
}

/// The answer is one that this act may get.
fn judge(op: Op, ran: &AtomicBool, result: Result<(i64, Option<i64>), Error>) -> Answer {
    let ran = ran.load(Ordering::SeqCst);
    match (op.act, result) {
        (_, Err(Error::Busy { .. })) => {
            assert!(!ran, "{op:?} was run, and is said to have been too late");
            Answer::NotRun
        }
        // A neighbour ended the transaction.
        (_, Err(Error::Undone)) if ran => Answer::NotKept,
        (Act::Fail, Err(Error::Aborted(_)))
        | (Act::Panic, Err(Error::Panicked { .. }))
        | (Act::EndTransaction, Err(Error::Sqlite(_)))
        | (Act::Commit, Err(Error::Refused { .. })) => Answer::NotKept,
        (Act::Add(_) | Act::Remove | Act::Savepoint | Act::Hold, Ok((clock, value))) => Answer::Kept { clock, value },
        (_, other) => panic!("{op:?} got {other:?}"),
    }
}
