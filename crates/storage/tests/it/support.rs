//! What the tests share.

use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::sync::mpsc::{Sender, channel};
use std::task::{Context, Poll, Wake, Waker};
use std::thread::{self, Thread};

use magnetiq_storage::rusqlite::Connection;
use magnetiq_storage::{Error, Options, Store, Tx, Write};

/// A store with one table, `note (id INTEGER PRIMARY KEY, text TEXT UNIQUE)`.
pub(crate) fn notes(options: Options) -> Store {
    let store = Store::temporary(options).unwrap();
    store.write(|tx| Ok(tx.execute_batch("CREATE TABLE note (id INTEGER PRIMARY KEY, text TEXT UNIQUE) STRICT")?)).wait().unwrap();
    store
}

pub(crate) fn add(tx: &Tx, text: &str) -> Result<i64, Error> {
    tx.prepare_cached("INSERT INTO note (text) VALUES (?1)")?.execute([text])?;
    Ok(tx.last_insert_rowid())
}

pub(crate) fn texts(store: &Store) -> Vec<String> {
    store
        .read(|conn| {
            let mut statement = conn.prepare("SELECT text FROM note ORDER BY id")?;
            let rows = statement.query_map([], |row| row.get(0))?;
            Ok(rows.collect::<Result<_, _>>()?)
        })
        .wait()
        .unwrap()
}

/// A query that has no end.
pub(crate) fn count_for_ever(conn: &Connection) -> Result<i64, Error> {
    let sql = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n";
    Ok(conn.query_row(sql, [], |row| row.get(0))?)
}

/// Holds the writer until the gate is opened, so that what is queued meanwhile forms one group with this write.
pub(crate) struct Gate {
    opener: Sender<()>,
    held: Write<()>,
}

impl Gate {
    pub(crate) fn close(store: &Store) -> Self {
        Self::close_then(store, |_| Ok(()))
    }

    /// The write that holds the gate leaves a row behind and fails.
    pub(crate) fn close_and_fail(store: &Store) -> Self {
        Self::close_then(store, |tx| add(tx, "gone").and_then(|_| Err(Error::abort(std::io::Error::other("no")))))
    }

    fn close_then(store: &Store, last: fn(&Tx) -> Result<(), Error>) -> Self {
        let (opener, opened) = channel();
        let (entered, inside) = channel();
        let held = store.write(move |tx| {
            entered.send(()).unwrap();
            opened.recv().unwrap();
            last(tx)
        });
        inside.recv().unwrap();
        Self { opener, held }
    }

    pub(crate) fn open(self) -> Result<(), Error> {
        self.opener.send(()).unwrap();
        self.held.wait()
    }
}

/// An executor of one future, to show that no runtime is needed.
pub(crate) fn block_on<F: Future>(future: F) -> F::Output {
    let waker = Waker::from(Arc::new(Unpark(thread::current())));
    let mut future = pin!(future);
    loop {
        match future.as_mut().poll(&mut Context::from_waker(&waker)) {
            Poll::Ready(value) => return value,
            Poll::Pending => thread::park(),
        }
    }
}

struct Unpark(Thread);

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}

/// Polls once, with nobody to wake.
pub(crate) fn poll_once<F: Future + Unpin>(future: &mut F) -> Poll<F::Output> {
    std::pin::Pin::new(future).poll(&mut Context::from_waker(Waker::noop()))
}
