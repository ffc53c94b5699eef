//! A reader that keeps one moment of the database for several reads.

use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::{Duration, Instant};

use r2d2::PooledConnection;
use rusqlite::Connection;

use crate::Error;
use crate::pool::Manager;
use crate::readers::Readers;

/// One moment of the database, for several reads that belong together, with other work or an `.await` in between.
/// From [`Store::reader`](crate::Store::reader).
///
/// Holds a connection of the pool, and keeps the write-ahead log from being used again. So it may not get older than
/// [`read_time_limit`](field@crate::Options::read_time_limit): a query that runs then is interrupted, and where the store needs the log or
/// the connection, it takes them back. Each further use is [`Error::TimedOut`].
#[derive(Debug)]
pub struct Reader {
    readers: Arc<Readers>,
    view: Arc<View>,
    limit: Duration,
}

#[derive(Debug)]
pub(crate) struct View {
    until: Option<Instant>,
    /// Empty when it was taken back.
    conn: Mutex<Option<PooledConnection<Manager>>>,
}

impl Reader {
    pub(crate) fn open(readers: Arc<Readers>) -> Result<Self, Error> {
        let limit = readers.time_limit;
        let conn = readers.take(Duration::ZERO)?.into_pooled();
        // Before the watch's own deadline, so that an interrupted reader is old, too.
        let until = Instant::now().checked_add(limit);
        conn.watch.begin(limit);
        // The transaction begins with the first query, so it is made here.
        let begun = conn.execute_batch("BEGIN; PRAGMA user_version;").map_err(Error::Sqlite).and_then(|()| readers.begun(&conn));
        if let Err(e) = begun {
            conn.watch.end();
            return Err(e);
        }
        let view = Arc::new(View { until, conn: Mutex::new(Some(conn)) });
        readers.register(&view);
        Ok(Self { readers, view, limit })
    }

    /// Runs `work` on the caller's thread and blocks meanwhile. Unlike that of [`Store::read`](crate::Store::read), the closure may borrow.
    ///
    /// # Errors
    ///
    /// What the closure returned; [`Error::TimedOut`] when the reader is too old; [`Error::Closed`].
    pub fn read<T>(&mut self, work: impl FnOnce(&Connection) -> Result<T, Error>) -> Result<T, Error> {
        let conn = self.view.conn.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(conn) = conn.as_ref().filter(|_| !self.view.is_old() && !self.readers.pool.is_closed()) else {
            return Err(self.readers.interrupted(self.limit));
        };
        if conn.is_autocommit() {
            return Err(Error::TransactionEnded); // By an earlier closure; another moment must not pass for this one.
        }
        self.readers.call(conn, self.limit, work)
    }
}

impl Drop for Reader {
    fn drop(&mut self) {
        self.view.end();
    }
}

impl View {
    pub(crate) fn is_old(&self) -> bool {
        self.until.is_some_and(|until| Instant::now() >= until)
    }

    /// Gives the connection back, if no query runs on it.
    pub(crate) fn end(&self) {
        let Ok(mut conn) = self.conn.try_lock() else { return };
        if let Some(conn) = conn.take() {
            conn.watch.calm();
            if !conn.is_autocommit()
                && let Err(e) = conn.execute_batch("ROLLBACK")
            {
                tracing::warn!(error = &e as &dyn std::error::Error, "cannot end a read transaction; its connection is dropped");
            }
            conn.watch.end();
        }
    }
}

/// The readers that are open.
#[derive(Debug, Default)]
pub(crate) struct Views(Mutex<Vec<Weak<View>>>);

impl Views {
    pub(crate) fn add(&self, view: &Arc<View>) {
        let mut views = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        views.retain(|view| view.strong_count() > 0);
        views.push(Arc::downgrade(view));
    }

    /// Takes the connections of those that are too old back, or of all.
    pub(crate) fn reclaim(&self, all: bool) {
        let views: Vec<_> = self.0.lock().unwrap_or_else(PoisonError::into_inner).iter().filter_map(Weak::upgrade).collect();
        views.iter().filter(|view| all || view.is_old()).for_each(|view| view.end());
    }
}
