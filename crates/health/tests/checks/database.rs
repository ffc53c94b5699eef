//! A real store: well, with a writer that hangs, with readers that hang, closed, behind the program and ahead of it.

use std::sync::atomic::Ordering;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;

use magnetiq_health::checks::{DatabaseRead, DatabaseSize, DatabaseWal, DatabaseWrite, Migrations};
use magnetiq_storage::refinery::{Migration, Runner};
use magnetiq_storage::{Options, ReadOnlyStore, Store};

use crate::support::{clock, clock_to_set, expect, number, run, run_short, told};

fn store() -> Store {
    Store::temporary(Options::default().readers(1)).unwrap()
}

/// Blocks until somebody sends, and tells when it has begun.
fn hang() -> (impl FnOnce() + Send + 'static, Receiver<()>, Sender<()>) {
    let (begun, has_begun) = channel();
    let (end, ended) = channel::<()>();
    let body = move || {
        begun.send(()).unwrap();
        ended.recv().ok();
    };
    (body, has_begun, end)
}

#[test]
fn a_store_that_is_well() {
    let store = store();
    for check in [
        &mut DatabaseRead::new(store.clone()) as &mut dyn magnetiq_health::Check,
        &mut DatabaseWrite::new(store.clone()),
        &mut DatabaseWal::new(store.clone()),
        &mut DatabaseSize::new(store.clone(), clock(0)),
    ] {
        let result = run(check);
        expect(&result, &[]);
        assert!(result.unwrap().says.is_some());
    }
}

#[test]
fn a_writer_that_hangs_is_told_within_the_deadline_and_gets_one_probe() {
    let store = store();
    let (body, has_begun, end) = hang();
    let write = store.write(move |_| {
        body();
        Ok(())
    });
    has_begun.recv().unwrap();
    let mut check = DatabaseWrite::new(store.clone());
    let result = run_short(&mut check);
    expect(&result, &["fail: a write to "]);
    assert!(number(&result, "queue_age").unwrap() > 0.0, "{result:?}");
    assert_eq!(number(&run_short(&mut check), "queue"), Some(1.0), "the probe is not sent again");
    // Readers go on.
    expect(&run(&mut DatabaseRead::new(store.clone())), &[]);

    end.send(()).unwrap();
    write.wait().unwrap();
    let late = run(&mut check);
    expect(&late, &[]);
    assert!(number(&late, "latency").unwrap() >= 0.5, "the answer counts from when it was asked: {late:?}");
    expect(&run(&mut check), &[]);
}

#[test]
fn a_reader_that_hangs_is_told_within_the_deadline() {
    let store = store();
    let (body, has_begun, end) = hang();
    let reading = {
        let store = store.clone();
        thread::spawn(move || {
            store
                .read(move |_| {
                    body();
                    Ok(())
                })
                .wait()
        })
    };
    has_begun.recv().unwrap();
    expect(&run_short(&mut DatabaseRead::new(store.clone())), &["failed: "]);
    expect(&run_short(&mut DatabaseSize::new(store.clone(), clock(0))), &["failed: "]);
    end.send(()).unwrap();
    reading.join().unwrap().unwrap();
    expect(&run(&mut DatabaseRead::new(store)), &[]);
}

#[test]
fn a_store_that_is_closed() {
    let store = store();
    store.close().unwrap();
    let expected =
        |result| assert!(told(&result)[0].starts_with("failed: ") && told(&result)[0].ends_with("the store is closed"), "{result:?}");
    expected(run(&mut DatabaseRead::new(store.clone())));
    expected(run(&mut DatabaseWrite::new(store.clone())));
    expected(run(&mut DatabaseWal::new(store.clone())));
    expected(run(&mut DatabaseSize::new(store, clock(0))));
}

#[test]
fn a_database_of_another_process() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("site.sqlite3");
    let owner = Store::open(&path, Options::default()).unwrap();
    owner.write(|tx| Ok(tx.execute_batch("CREATE TABLE note (text TEXT)")?)).wait().unwrap();
    let other = ReadOnlyStore::open(&path, Options::default()).unwrap();
    let result = run(&mut DatabaseRead::of_another(other.clone()));
    assert_eq!(number(&result, "tables"), Some(1.0), "{result:?}");
    expect(&run(&mut DatabaseSize::of_another(other, clock(0))), &[]);
}

#[test]
fn the_day_of_reaching_the_limit() {
    let store = store();
    store.write(|tx| Ok(tx.execute_batch("CREATE TABLE note (text BLOB)")?)).wait().unwrap();
    let (clock, time) = clock_to_set();
    let mut check = DatabaseSize::new(store.clone(), clock).limit_bytes(100_000_000);
    let mut last = None;
    for hour in (0..24).step_by(2) {
        time.store(hour * 3600, Ordering::Relaxed);
        store.write(|tx| Ok(tx.execute("INSERT INTO note VALUES (zeroblob(200000))", [])?)).wait().unwrap();
        let result = run(&mut check);
        expect(&result, &[]);
        last = Some(result);
    }
    // 100 KB an hour: 98 of 100 MB take about 40 days.
    let last = last.unwrap();
    let days = number(&last, "full_in").unwrap() / 86_400.0;
    assert!((35.0..45.0).contains(&days), "{days}");
    let says = last.unwrap().says.unwrap();
    assert!(says.contains("and reaches it on 2027-01-"), "{says}");
}

#[test]
fn migrations_that_are_pending_and_a_program_that_is_too_old() {
    let migration = |name, sql| Migration::unapplied(name, sql).unwrap();
    let first = migration("V1__notes", "CREATE TABLE note (id INTEGER PRIMARY KEY) STRICT");
    let second = migration("V2__more", "CREATE TABLE more (id INTEGER PRIMARY KEY) STRICT");
    let (one, both) = (vec![first.clone()], vec![first, second]);
    let store = store();
    let runner = |migrations: &[Migration]| {
        let migrations = migrations.to_vec();
        move || Runner::new(&migrations)
    };
    let pending = run(&mut Migrations::new(store.clone(), runner(&both)));
    expect(&pending, &["fail: 2 migrations pending: V1__notes, V2__more"]);
    store.migrate(Runner::new(&one)).unwrap();
    expect(&run(&mut Migrations::new(store.clone(), runner(&both))), &["fail: 1 migration pending: V2__more"]);
    store.migrate(Runner::new(&both)).unwrap();
    expect(&run(&mut Migrations::new(store.clone(), runner(&both))), &[]);
    expect(&run(&mut Migrations::new(store, runner(&one))), &["failed: the program does not fit the database "]);
}
