//! Learning of commits, and writes that share none.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Wake, Waker};
use std::thread;
use std::time::Duration;

use magnetiq_storage::refinery::{Migration, Runner};
use magnetiq_storage::{Error, Latency, Options, Task, WrittenSince};

use crate::support::{Gate, add, block_on, notes, poll_once, texts};

#[test]
fn the_number_grows_with_each_commit_and_is_that_of_the_facts() {
    let store = notes(Options::default());
    let commits = store.commits();
    let first = commits.number();
    store.write(|tx| add(tx, "one")).wait().unwrap();
    assert_eq!(commits.number(), first + 1);
    store.write(|tx| add(tx, "one")).wait().unwrap_err();
    assert_eq!(commits.number(), first + 1, "nothing was committed");
    let facts = store.facts().unwrap();
    assert_eq!(facts.commits, first + 1);
    assert!(facts.since_commit.is_some() && facts.last_commit > Duration::ZERO && facts.commit_latency.max >= facts.last_commit);
    let counts = facts.commit_latency.counts();
    assert_eq!(counts.iter().sum::<u64>(), facts.commits);
    assert_eq!(counts.len(), Latency::BOUNDS.len() + 1, "one for those above all bounds");
    // The writer comes to rest a moment after it has answered.
    while store.facts().unwrap().queue_age > Duration::ZERO {
        thread::yield_now();
    }
    store.migrate(Runner::new(&[Migration::unapplied("V1__a", "CREATE TABLE a (x)").unwrap()])).unwrap();
    assert!(commits.number() > first + 1, "a migration changes data, too");
}

#[test]
fn it_is_known_which_tables_were_written_to() {
    let store = notes(Options::default());
    let commits = store.commits();
    store.write(|tx| Ok(tx.execute_batch("CREATE TABLE other (x TEXT) STRICT")?)).wait().unwrap();
    let seen = commits.number();
    assert_eq!(commits.written_since(seen), [""; 0]);
    store.write(|tx| add(tx, "one")).wait().unwrap();
    assert_eq!(commits.written_since(seen), ["note"]);
    let later = commits.number();
    store.write(|tx| Ok(tx.execute_batch("INSERT INTO other VALUES ('x'); UPDATE other SET x = 'y'")?)).wait().unwrap();
    assert_eq!(
        (commits.written_since(later), commits.written_since(seen)),
        (vec!["other".to_owned()], vec!["note".to_owned(), "other".to_owned()])
    );
    assert_eq!(commits.written_since(commits.number()), [""; 0]);
}

#[test]
fn a_thread_waits_for_the_next_commit() {
    let store = notes(Options::default());
    let commits = store.commits();
    let seen = commits.number();
    assert_eq!(commits.wait_past_timeout(seen, Duration::from_millis(10)).unwrap(), None);
    assert_eq!(commits.wait_past(seen - 1).unwrap(), seen, "that one was already there");
    let waiting: Vec<_> = (0..4)
        .map(|_| {
            let commits = commits.clone();
            thread::spawn(move || commits.wait_past(seen))
        })
        .collect();
    store.write(|tx| add(tx, "one")).wait().unwrap();
    for waiting in waiting {
        assert_eq!(waiting.join().unwrap().unwrap(), seen + 1);
    }
}

#[test]
fn a_task_waits_for_the_next_commit_and_misses_none() {
    let store = notes(Options::default());
    let mut commits = store.commits();
    let first = commits.number();
    assert!(poll_once(&mut commits.changed()).is_pending());
    let writing = thread::spawn({
        let store = store.clone();
        move || (0..50).for_each(|i| assert!(store.write(move |tx| add(tx, &i.to_string())).wait().is_ok()))
    });
    let mut seen = first;
    while seen < first + 50 {
        let number = block_on(commits.changed()).unwrap();
        assert!(number > seen);
        seen = number;
    }
    writing.join().unwrap();
    assert!(poll_once(&mut commits.changed()).is_pending());
}

#[test]
fn watchers_learn_of_the_end() {
    let store = notes(Options::default());
    let mut commits = store.commits();
    let waiting = thread::spawn({
        let commits = commits.clone();
        move || commits.wait_past(commits.number())
    });
    assert!(poll_once(&mut commits.changed()).is_pending());
    drop(store);
    assert!(matches!(waiting.join().unwrap(), Err(Error::Closed)));
    assert!(matches!(block_on(commits.changed()), Err(Error::Closed)));
}

#[test]
fn an_exclusive_write_shares_its_commit_with_nobody() {
    let store = notes(Options::default());
    // It fails: one that is held for long commits by itself, and would count.
    let gate = Gate::close_and_fail(&store);
    let first = store.commits().number();
    let before = store.write(|tx| add(tx, "before"));
    let alone = store.write_exclusive(|tx| {
        add(tx, "alone")?;
        // Would undo whoever shared the transaction.
        tx.execute("INSERT OR ROLLBACK INTO note (text) VALUES ('alone')", []).unwrap_err();
        Err::<(), _>(Error::abort(std::io::Error::other("no")))
    });
    let second = store.write_exclusive(|tx| add(tx, "second"));
    let after = store.write(|tx| add(tx, "after"));
    assert!(store.facts().unwrap().queue_age > Duration::ZERO);
    assert!(matches!(gate.open(), Err(Error::Aborted(_))));
    before.wait().unwrap();
    assert!(matches!(alone.wait(), Err(Error::Aborted(_))));
    second.wait().unwrap();
    after.wait().unwrap();
    assert_eq!(texts(&store), ["before", "second", "after"]);
    // `before`, `second`, `after`.
    assert_eq!(store.commits().number(), first + 3);
}

#[test]
fn what_no_hook_sees_is_told_of_every_table() {
    let migrations = |extra: &[(&str, &str)]| {
        let notes = ("V1__notes", "CREATE TABLE mark (id INTEGER PRIMARY KEY, name TEXT); INSERT INTO mark VALUES (1, 'a')");
        let all = std::iter::once(&notes).chain(extra).map(|(name, sql)| Migration::unapplied(name, sql).unwrap());
        Runner::new(&all.collect::<Vec<_>>())
    };
    let rebuild = (
        "V2__rebuild",
        "CREATE TABLE mark_new (id INTEGER PRIMARY KEY, name TEXT NOT NULL); INSERT INTO mark_new SELECT id, name FROM mark;
         DROP TABLE mark; ALTER TABLE mark_new RENAME TO mark; CREATE TABLE later (x); DROP TABLE note;",
    );
    let store = notes(Options::default());
    store.migrate(migrations(&[])).unwrap();
    let commits = store.commits();
    let since = |seen| commits.written_since(seen).into_iter().filter(|table| !table.starts_with("mark_")).collect::<Vec<_>>();
    let seen = commits.number();
    let copy = store.migrate(migrations(&[rebuild])).unwrap().snapshot.unwrap();
    let all = ["later", "mark", "note", "refinery_schema_history"];
    assert_eq!(since(seen), all, "a migration");
    assert_eq!(since(commits.number()), [""; 0]);
    let seen = commits.number();
    assert!(store.migrate(migrations(&[rebuild])).unwrap().applied.is_empty());
    store.write(|tx| Ok(tx.execute("INSERT INTO later VALUES (1)", [])?)).wait().unwrap();
    assert_eq!(since(seen), ["later"], "one with nothing to do");
    let seen = commits.number();
    store.roll_back(&copy, WrittenSince::Discard).unwrap();
    assert_eq!(since(seen), all, "a roll back, of what came and of what went");
    let seen = commits.number();
    store.maintain(Task::Vacuum).unwrap();
    assert_eq!(since(seen), ["mark", "note", "refinery_schema_history"], "a vacuum");
}

#[test]
fn a_watcher_that_gave_up_leaves_no_waker_behind() {
    struct Counted;
    impl Wake for Counted {
        fn wake(self: Arc<Self>) {}
    }
    let store = notes(Options::default());
    let mut commits = store.commits();
    let counted = Arc::new(Counted);
    let waker = Waker::from(Arc::clone(&counted));
    let mut context = Context::from_waker(&waker);
    for _ in 0..10 {
        let mut changed = commits.changed();
        assert!(Pin::new(&mut changed).poll(&mut context).is_pending());
        assert!(Pin::new(&mut changed).poll(&mut context).is_pending(), "twice is as good as once");
    }
    assert_eq!(Arc::strong_count(&counted), 2, "this one and that of `waker`");
    // Another one of the same task is still woken, and the count of those who wait is right.
    let mut stays = store.commits();
    let mut changed = stays.changed();
    assert!(Pin::new(&mut changed).poll(&mut context).is_pending());
    drop(commits.changed());
    assert_eq!(Arc::strong_count(&counted), 3);
    store.write(|tx| add(tx, "one")).wait().unwrap();
    assert_eq!(Arc::strong_count(&counted), 2);
    assert!(Pin::new(&mut changed).poll(&mut context).is_ready());
    drop(changed);
    assert!(block_on(commits.changed()).is_ok());
}
