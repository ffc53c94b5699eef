//! The number of the last commit, for those who want to know when the data has changed.

use std::collections::BTreeMap;
use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant};

use crate::Error;

/// Advanced by the writer. Costs it one addition and one look while nobody waits.
#[derive(Debug, Default)]
pub(crate) struct CommitClock {
    number: AtomicU64,
    closed: AtomicBool,
    /// Threads and wakers that wait. Whoever waits says so first and looks at the number afterwards; the writer does it the other way
    /// round, so that one of them sees the other.
    waiting: AtomicUsize,
    wakers: Mutex<Wakers>,
    advanced: Condvar,
    tables: Mutex<Tables>,
}

/// Of the futures that wait, each by its number.
#[derive(Debug, Default)]
struct Wakers {
    numbers: u64,
    waiting: BTreeMap<u64, Waker>,
}

/// Which tables were written to.
#[derive(Debug, Default)]
struct Tables {
    /// By the transaction under way; by one that was undone, too, which is then told with the next commit.
    touched: Vec<String>,
    /// The last commit that wrote to each.
    written: BTreeMap<String, u64>,
}

impl CommitClock {
    pub(crate) fn number(&self) -> u64 {
        self.number.load(SeqCst)
    }

    /// The writer has changed a row of this table.
    pub(crate) fn touch(&self, table: &str) {
        let touched = &mut self.tables().touched;
        if !touched.iter().any(|known| known == table) {
            touched.push(table.to_owned());
        }
    }

    fn tables(&self) -> MutexGuard<'_, Tables> {
        self.tables.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn advance(&self, by: u64) {
        {
            // Before the number: who sees it finds the tables of all commits up to it.
            let mut tables = self.tables();
            let Tables { touched, written } = &mut *tables;
            written.extend(touched.drain(..).map(|table| (table, self.number() + by)));
        }
        self.number.fetch_add(by, SeqCst);
        self.wake();
    }

    pub(crate) fn close(&self) {
        self.closed.store(true, SeqCst);
        self.wake();
    }

    fn wake(&self) {
        if self.waiting.load(SeqCst) == 0 {
            return;
        }
        let wakers = {
            let mut wakers = self.wakers();
            self.waiting.fetch_sub(wakers.waiting.len(), SeqCst);
            std::mem::take(&mut wakers.waiting)
        };
        self.advanced.notify_all();
        for waker in wakers.into_values() {
            // Foreign code, whose panic must not end the thread.
            let _ = catch_unwind(AssertUnwindSafe(|| waker.wake()));
        }
    }

    fn wakers(&self) -> MutexGuard<'_, Wakers> {
        self.wakers.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The number if it is past `seen`. A store that has closed makes no more.
    fn past(&self, seen: u64) -> Option<Result<u64, Error>> {
        let closed = self.closed.load(SeqCst);
        let number = self.number();
        if number > seen {
            return Some(Ok(number));
        }
        closed.then_some(Err(Error::Closed))
    }

    fn wait_past(&self, seen: u64, until: Option<Instant>) -> Result<Option<u64>, Error> {
        let mut wakers = self.wakers();
        self.waiting.fetch_add(1, SeqCst);
        let found = loop {
            if let Some(found) = self.past(seen) {
                break found.map(Some);
            }
            let Some(until) = until else {
                wakers = self.advanced.wait(wakers).unwrap_or_else(PoisonError::into_inner);
                continue;
            };
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                break Ok(None);
            }
            wakers = self.advanced.wait_timeout(wakers, left).unwrap_or_else(PoisonError::into_inner).0;
        };
        self.waiting.fetch_sub(1, SeqCst);
        found
    }

    /// `number` is that of the future, once it has one.
    fn poll_past(&self, seen: u64, number: &mut Option<u64>, cx: &Context<'_>) -> Poll<Result<u64, Error>> {
        if let Some(found) = self.past(seen) {
            return Poll::Ready(found);
        }
        let waker = cx.waker().clone();
        let replaced = {
            let mut wakers = self.wakers();
            let number = *number.get_or_insert_with(|| {
                wakers.numbers += 1;
                wakers.numbers
            });
            let replaced = wakers.waiting.insert(number, waker);
            if replaced.is_none() {
                self.waiting.fetch_add(1, SeqCst);
            }
            replaced
        };
        // Foreign code, and so without the lock.
        drop(replaced);
        self.past(seen).map_or(Poll::Pending, Poll::Ready)
    }

    /// Nobody waits for the future with this number any more.
    fn forget(&self, number: u64) {
        let forgotten = {
            let mut wakers = self.wakers();
            let forgotten = wakers.waiting.remove(&number);
            if forgotten.is_some() {
                self.waiting.fetch_sub(1, SeqCst);
            }
            forgotten
        };
        drop(forgotten);
    }
}

/// Watches the commits of a store: for caches that have to forget, and streams of changes. From [`Store::commits`](crate::Store::commits).
///
/// The number counts since the store was opened and is that of [`Facts::commits`](field@crate::Facts::commits). A write whose result has
/// arrived is part of a commit that was counted. Watching does not keep the store open, and several commits may be seen as one step.
#[derive(Debug, Clone)]
pub struct Commits {
    clock: Arc<CommitClock>,
    seen: u64,
}

impl Commits {
    pub(crate) fn new(clock: Arc<CommitClock>) -> Self {
        let seen = clock.number();
        Self { clock, seen }
    }

    /// The number of the last commit.
    pub fn number(&self) -> u64 {
        self.clock.number()
    }

    /// The tables that commits with a number above `seen` wrote to, in the order of their names. What a commit wrote is here once its number is,
    /// perhaps a moment before; so ask for the number first.
    ///
    /// As SQLite's update hook tells it: nothing of tables that are `WITHOUT ROWID`, nothing of a `DELETE` without `WHERE`, nothing of tables
    /// that a write renames or drops. A migration, [`roll_back`](crate::Store::roll_back) and a `VACUUM` name every table there is, before or
    /// after. A table may be named that was written to by a write that was undone.
    pub fn written_since(&self, seen: u64) -> Vec<String> {
        let tables = self.clock.tables();
        tables.written.iter().filter(|(_, number)| **number > seen).map(|(table, _)| table.clone()).collect()
    }

    /// Blocks until there is a commit with a number above `seen`, and returns the number of the last one.
    ///
    /// # Errors
    ///
    /// [`Error::Closed`] when the store closes and no such commit came.
    pub fn wait_past(&self, seen: u64) -> Result<u64, Error> {
        self.clock.wait_past(seen, None).map(|number| number.unwrap_or(seen))
    }

    /// Blocks until there is a commit with a number above `seen`, at most for `timeout`, and returns the number of the last one; `None` if
    /// nothing came.
    ///
    /// # Errors
    ///
    /// As [`wait_past`](Self::wait_past).
    pub fn wait_past_timeout(&self, seen: u64, timeout: Duration) -> Result<Option<u64>, Error> {
        self.clock.wait_past(seen, Instant::now().checked_add(timeout))
    }

    /// Resolves when there is a commit that this watcher has not told of yet, to the number of the last one; or to [`Error::Closed`].
    /// Commits from before the watcher was made do not count. Works on any executor, and may be dropped at any time.
    pub fn changed(&mut self) -> Changed<'_> {
        Changed { commits: self, number: None }
    }
}

/// What [`Commits::changed`] returns.
#[derive(Debug)]
#[must_use = "a future does nothing until it is awaited"]
pub struct Changed<'c> {
    commits: &'c mut Commits,
    /// By which the clock knows its waker; `None` before there is one.
    number: Option<u64>,
}

impl Future for Changed<'_> {
    type Output = Result<u64, Error>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let Self { commits, number } = &mut *self;
        let polled = commits.clock.poll_past(commits.seen, number, cx);
        if let Poll::Ready(Ok(number)) = polled {
            commits.seen = number;
        }
        polled
    }
}

impl Drop for Changed<'_> {
    fn drop(&mut self) {
        if let Some(number) = self.number {
            self.commits.clock.forget(number);
        }
    }
}
