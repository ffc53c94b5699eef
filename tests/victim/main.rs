//! Programs that use a store and are killed while they do, or run where something fails: `storage-victim ROLE PATH …`.
//! What they say on standard output is what they were promised.
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "part of the tests")]

mod trouble;

use std::{
    fs::{self, File, OpenOptions},
    io::Write,
    path::{Path, PathBuf},
    thread,
    time::Duration,
};

use magnetiq_storage::{Durability, Error, Lock, Options, Store, Task, WrittenSince};
use magnetiq_tests::{
    Random,
    ledger::{self, Transfer},
    schema,
};

fn main() {
    let mut words = std::env::args().skip(1);
    let (role, path) = (words.next().unwrap(), PathBuf::from(words.next().unwrap()));
    if role == "next sync" {
        let [next, what, times] = [0; 3].map(|_| words.next().unwrap());
        return trouble::failing_next(&path, Path::new(&next), what == "migrate", times.parse().unwrap());
    }
    let mut number = || words.next().map_or(0, |word| word.parse::<u64>().unwrap());
    match role.as_str() {
        "write" => write(&path, number()),
        "migrate" => migrate(&path),
        "vacuum" => vacuum(&path, number()),
        "exclusive" => exclusive(&path, number()),
        "snapshot" => snapshot(&path, number()),
        "roll back" | "stamp" | "rehearse" => operate(&role, &path),
        "start" => start(&path),
        "replace" => replace(&path),
        "files" => files(&path),
        "full" => trouble::full_disk(&path),
        "sync" => trouble::failing_sync(&path, number() == 1),
        other => panic!("unknown role {other}"),
    }
}

/// A store, with settings that the seed chooses: often a log that is emptied early.
fn open(path: &Path, seed: u64) -> Store {
    let durability = if seed.is_multiple_of(4) { Durability::Normal } else { Durability::Full };
    let limit = if seed.is_multiple_of(3) { 64 << 20 } else { 1 << 20 };
    let store =
        Store::open(path, Options::default().durability(durability).wal_limit_bytes(limit).incremental_vacuum(seed.is_multiple_of(5)))
            .unwrap();
    ledger::create(&store).unwrap();
    println!("ready");
    store
}

/// 32 writers, until the end.
fn write(path: &Path, seed: u64) {
    let store = open(path, seed);
    thread::scope(|scope| (0..32).for_each(|number| drop(scope.spawn(writer(&store, number, seed)))));
}

/// One writer, until the end.
fn writer(store: &Store, writer: u64, seed: u64) -> impl FnOnce() + Send {
    let store = store.clone();
    move || {
        let mut random = Random::new(seed.wrapping_mul(1000) + writer);
        for n in ledger::last(&store, writer).unwrap() + 1.. {
            if random.below(8) == 0 {
                let half = Transfer::random(writer, n, &mut random);
                let failed =
                    store.write(move |tx| half.make_half(tx).and_then(|_| Err::<(), _>(Error::abort(std::io::Error::other("no")))));
                assert!(matches!(failed.wait(), Err(Error::Aborted(_))));
            }
            let transfer = Transfer::random(writer, n, &mut random);
            let id = store.write(move |tx| transfer.make(tx)).wait().unwrap();
            println!("kept {writer} {n} {id}");
        }
    }
}

/// Writers, and batches that are written alone, each whole or not at all.
fn exclusive(path: &Path, seed: u64) {
    let store = open(path, seed);
    thread::scope(|scope| {
        (0..4).for_each(|number| drop(scope.spawn(writer(&store, number, seed))));
        let mut random = Random::new(seed);
        let first = ledger::last(&store, ledger::BATCHES).unwrap() + 1;
        for first in (first..).step_by(usize::try_from(ledger::BATCH).unwrap()) {
            let batch: Vec<_> = (first..first + ledger::BATCH).map(|n| Transfer::random(ledger::BATCHES, n, &mut random)).collect();
            let write = store.write_exclusive(move |tx| batch.iter().map(|t| Ok((t.n, t.make(tx)?))).collect::<Result<Vec<_>, Error>>());
            for (n, id) in write.wait().unwrap() {
                println!("kept {} {n} {id}", ledger::BATCHES);
            }
        }
    });
}

/// What an operator does, once.
fn operate(role: &str, path: &Path) {
    let store = Store::open(path, Options::default()).unwrap();
    println!("ready");
    match role {
        "roll back" => drop(store.roll_back(&schema::copy_before(path), WrittenSince::Refuse).unwrap()),
        "stamp" => drop(store.stamp(schema::runner(3)).unwrap()),
        _ => drop(store.rehearse(&schema::runner(3)).unwrap()),
    }
    println!("done");
    store.close().unwrap();
}

/// Writers, and one snapshot after the other.
fn snapshot(path: &Path, seed: u64) {
    let store = open(path, seed | 1);
    thread::scope(|scope| {
        (0..4).for_each(|number| drop(scope.spawn(writer(&store, number, seed))));
        for n in 0.. {
            let to = path.with_file_name(format!("snapshot-{n}.sqlite3"));
            store.snapshot(&to).unwrap();
            println!("snapshot {}", to.display());
        }
    });
}

/// Writers, and every kind of maintenance, with pages to give back.
fn vacuum(path: &Path, seed: u64) {
    let store = open(path, seed);
    let mut random = Random::new(seed);
    thread::scope(|scope| {
        (0..4).for_each(|number| drop(scope.spawn(writer(&store, number, seed))));
        loop {
            let fill = "CREATE TABLE IF NOT EXISTS filler (body BLOB) STRICT;
                WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 300) INSERT INTO filler SELECT randomblob(4000) FROM n;";
            store.write(move |tx| Ok(tx.execute_batch(fill)?)).wait().unwrap();
            store.write(|tx| Ok(tx.execute("DELETE FROM filler", [])?)).wait().unwrap();
            let tasks = [Task::Vacuum, Task::Vacuum, Task::IncrementalVacuum, Task::Optimize, Task::Checkpoint];
            let task = tasks[usize::try_from(random.below(5)).unwrap()];
            store.maintain(task).unwrap();
            println!("done {task:?}");
        }
    });
}

fn migrate(path: &Path) {
    let store = Store::open(path, Options::default()).unwrap();
    println!("ready");
    store.migrate(schema::runner(3)).unwrap();
    println!("migrated");
    store.close().unwrap();
}

/// Puts `copy.sqlite3` in the place of the database, once.
fn replace(path: &Path) {
    let lock = Lock::take(path, Duration::ZERO).unwrap();
    println!("ready");
    match lock.replace_database(path.with_file_name("copy.sqlite3"), &Options::default()) {
        Ok(()) => println!("replaced"),
        Err(Error::SnapshotFile { path: named, .. }) if named == lock.path() => println!("in place"),
        Err(error) => println!("refused {error:?}"),
    }
}

/// A program that starts together with others.
fn start(path: &Path) {
    let store = Store::open(path, Options::default().lock_wait(Duration::from_secs(120))).unwrap();
    let applied = store.migrate(schema::runner(3)).unwrap().applied.len();
    store.close().unwrap();
    println!("applied {applied}");
}

/// Files of a folder, changed with and without syncs.
fn files(root: &Path) {
    let write = |name: &str| OpenOptions::new().append(true).open(root.join(name)).unwrap();
    let mut written = write("written");
    written.write_all(b" synced").unwrap();
    written.sync_data().unwrap();
    written.write_all(b" lost").unwrap();
    write("cut").set_len(2).unwrap();
    let mut kept = File::create(root.join("kept")).unwrap();
    kept.write_all(b"synced").unwrap();
    kept.sync_all().unwrap();
    File::open(root).unwrap().sync_all().unwrap();
    // the folder is not synced again
    let mut lost = File::create(root.join("lost")).unwrap();
    lost.write_all(b"synced").unwrap();
    lost.sync_all().unwrap();
    fs::hard_link(root.join("kept"), root.join("linked")).unwrap();
    fs::remove_file(root.join("removed")).unwrap();
    fs::rename(root.join("renamed"), root.join("replaced")).unwrap();
    println!("done");
}
