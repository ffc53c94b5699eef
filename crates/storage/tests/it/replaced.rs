//! A database file that loses its name while it is open.

use std::fs;
use std::ops::ControlFlow;
use std::path::Path;

use magnetiq_storage::refinery::{Migration, Runner};
use magnetiq_storage::{Check, CheckOn, Error, Options, Store, Task};

use crate::support::{Gate, add, texts};

fn open(path: &Path) -> Store {
    let store = Store::open(path, Options::default().readers(1)).unwrap();
    store.write(|tx| Ok(tx.execute_batch("CREATE TABLE IF NOT EXISTS note (id INTEGER PRIMARY KEY, text TEXT UNIQUE)")?)).wait().unwrap();
    store
}

fn is_replaced<T>(result: Result<T, Error>, path: &Path) -> bool {
    matches!(result, Err(Error::Replaced { path: told }) if told == path)
}

#[test]
fn nothing_is_acknowledged_that_nobody_would_find_again() {
    let check = |replace: fn(&Path, &Path)| {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().canonicalize().unwrap().join("site.sqlite3");
        let other = folder.path().join("other.sqlite3");
        let store = open(&path);
        store.write(|tx| add(tx, "before")).wait().unwrap();
        store.snapshot(&other).unwrap();
        store.write(|tx| add(tx, "in the log")).wait().unwrap();
        replace(&other, &path);

        let gate = Gate::close(&store);
        let (first, second) = (store.write(|tx| add(tx, "lost 1")), store.write(|tx| add(tx, "lost 1")));
        let defers = store.write(|tx| Ok(tx.execute_batch("PRAGMA defer_foreign_keys = ON; INSERT INTO note (text) VALUES ('lost 2')")?));
        let exclusive = store.write_exclusive(|tx| add(tx, "lost 3"));
        assert!(is_replaced(gate.open(), &path));
        assert!(is_replaced(first.wait(), &path) && is_replaced(exclusive.wait(), &path) && is_replaced(defers.wait(), &path));
        assert!(is_replaced(second.wait(), &path), "no conflict with a row that never was");
        let first = Migration::unapplied("V1__more", "CREATE TABLE more (x)").unwrap();
        assert!(is_replaced(store.migrate(Runner::new(&[first])), &path));
        assert!(is_replaced(store.maintain(Task::Vacuum), &path));
        assert_eq!(texts(&store), ["before", "in the log"], "what is open is read as it was");
        let inner = store.clone();
        let second_connection = store.read(move |_| Ok(inner.reader().map(|_| ())));
        assert!(is_replaced(second_connection.wait().unwrap(), &path), "none is opened to the other file");
        store.close().unwrap();
        let store = open(&path);
        let found = texts(&store);
        assert!(store.check(Check::Integrity, CheckOn::Live, |_| ControlFlow::Continue(())).unwrap().is_ok());
        store.write(|tx| add(tx, "after")).wait().unwrap();
        found
    };
    assert_eq!(check(|other, path| fs::rename(other, path).unwrap()), ["before"], "the other file, without a log of the first");
    assert_eq!(check(|_, path| fs::remove_file(path).unwrap()), [""; 0]);
}
