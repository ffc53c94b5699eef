//! The connections for reading: opened and lent out by r2d2, with a seat for each thread in front of it.
//!
//! A thread that reads again and again finds the connection that it used last in its seat, warm and without the lock that all threads
//! share. Seats hold connections only as long as nobody waits for one.

use std::cell::Cell;
use std::ops::Deref;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use r2d2::{ManageConnection, PooledConnection};
use r2d2_sqlite::SqliteConnectionManager;
use rusqlite::Connection;

use crate::connection::configure_reader;
use crate::guard::Guard;
use crate::place::Place;
use crate::time_limit::Watch;
use crate::{Error, Options};

/// How long the first connection may take on a machine that is very busy.
const OPEN_TIMEOUT: Duration = Duration::from_secs(30);

static THREADS: AtomicUsize = AtomicUsize::new(0);

thread_local! {
    static NUMBER: Cell<usize> = Cell::new(THREADS.fetch_add(1, Ordering::Relaxed));
}

/// A small number of this thread, and of no other.
pub(crate) fn thread_number() -> usize {
    NUMBER.get()
}

#[derive(Debug)]
pub(crate) struct Pool {
    inner: r2d2::Pool<Manager>,
    seats: Box<[Seat]>,
    /// Threads that found no connection; while there are any, nothing is kept in a seat.
    waiting: AtomicUsize,
    closed: Arc<AtomicBool>,
    opening: Arc<AtomicUsize>,
    watches: Arc<Mutex<Vec<Arc<Watch>>>>,
}

/// A cache line of its own, so that threads do not slow each other down.
#[derive(Debug, Default)]
#[repr(align(128))]
struct Seat(Mutex<Option<PooledConnection<Manager>>>);

impl Seat {
    fn take(&self) -> Option<PooledConnection<Manager>> {
        self.0.try_lock().ok()?.take()
    }
}

/// A connection with the clock that watches it and the guard that keeps its settings.
#[derive(Debug)]
pub(crate) struct Watched {
    conn: Connection,
    pub(crate) watch: Arc<Watch>,
    pub(crate) guard: Arc<Guard>,
    /// Whether it is to be closed and not to be lent out again.
    pub(crate) unfit: Cell<bool>,
}

impl Deref for Watched {
    type Target = Connection;

    fn deref(&self) -> &Connection {
        &self.conn
    }
}

impl Pool {
    pub(crate) fn open(place: &Place, options: &Options) -> Result<Self, Error> {
        let closed = Arc::new(AtomicBool::new(false));
        let settings = options.clone();
        let files = SqliteConnectionManager::file(place.name());
        let files = files.with_flags(place.flags()).with_init(move |conn| configure_reader(conn, &settings));
        let size = options.readers;
        let opening = Arc::new(AtomicUsize::new(0));
        let watches = Arc::new(Mutex::new(Vec::new()));
        let inner = r2d2::Pool::builder()
            .max_size(size)
            // They are opened when they are first needed, so that a start is quick and small; and r2d2 keeps up no number of them, which it
            // would try for ever once the pool is closed, with a line in the log each time.
            .min_idle(Some(0))
            .error_handler(Box::new(r2d2::NopErrorHandler))
            .max_lifetime(None)
            .idle_timeout(None)
            .test_on_check_out(false)
            .connection_timeout(OPEN_TIMEOUT)
            .build(Manager { files, closed: Arc::clone(&closed), opening: Arc::clone(&opening), watches: Arc::clone(&watches) })
            .map_err(|e| Error::Reader(Box::new(e)))?;
        // The first one now, because where it cannot be opened, none can.
        drop(inner.get_timeout(OPEN_TIMEOUT).map_err(|e| Error::Reader(Box::new(e)))?);
        let seats = (0..size).map(|_| Seat::default()).collect();
        Ok(Self { inner, seats, waiting: AtomicUsize::new(0), closed, opening, watches })
    }

    /// A connection that is free, if there is one.
    pub(crate) fn take_now(&self) -> Result<Option<Lent<'_>>, Error> {
        if self.is_closed() {
            return Err(Error::Closed);
        }
        let conn = self.own_seat().take().or_else(|| self.inner.try_get());
        Ok(conn.map(|conn| Lent { pool: self, conn: Some(conn) }))
    }

    /// A connection, after waiting for one at most `limit`.
    pub(crate) fn take(&self, limit: Duration) -> Result<Lent<'_>, Error> {
        self.waiting.fetch_add(1, Ordering::SeqCst);
        // Whoever puts a connection into a seat looks afterwards whether somebody waits, and this looks after saying so.
        let conn = self.seats.iter().find_map(Seat::take).map_or_else(|| self.inner.get_timeout(limit), Ok);
        self.waiting.fetch_sub(1, Ordering::SeqCst);
        match conn {
            Ok(conn) => Ok(Lent { pool: self, conn: Some(conn) }),
            Err(_) if self.is_closed() => Err(Error::Closed),
            Err(_) if self.inner.state().connections >= self.inner.max_size() => Err(Error::Busy { waited: limit }),
            Err(e) => Err(Error::Reader(Box::new(e))),
        }
    }

    fn give_back(&self, conn: PooledConnection<Manager>) {
        // Without a seat it goes to r2d2, which wakes who waits there, and drops it if it is broken.
        if is_broken(&conn) || self.is_closed() || self.waiting.load(Ordering::SeqCst) > 0 {
            return;
        }
        let seat = self.own_seat();
        if let Ok(mut seat) = seat.0.try_lock()
            && seat.is_none()
        {
            *seat = Some(conn);
        }
        if self.waiting.load(Ordering::SeqCst) > 0 || self.is_closed() {
            drop(seat.take());
        }
    }

    fn own_seat(&self) -> &Seat {
        &self.seats[thread_number() % self.seats.len()]
    }

    pub(crate) fn is_closed(&self) -> bool {
        self.closed.load(Ordering::SeqCst)
    }

    /// The flag that [`close`](Self::close) sets, for who cannot borrow the pool.
    pub(crate) fn closed(&self) -> Arc<AtomicBool> {
        Arc::clone(&self.closed)
    }

    /// How long the oldest read transaction has been open.
    pub(crate) fn oldest(&self) -> Option<Duration> {
        self.watches.lock().unwrap_or_else(PoisonError::into_inner).iter().filter_map(|watch| watch.age()).max()
    }

    /// From now on nothing is lent out.
    pub(crate) fn close(&self) {
        self.closed.store(true, Ordering::SeqCst);
    }

    /// No connection is open, nor about to be: r2d2 opens them on threads of its own, and counts them only afterwards.
    fn is_empty(&self) -> bool {
        // In this order: who is not opening any more has its watch in the list, and who begins to later finds the pool closed.
        let opening = self.opening.load(Ordering::SeqCst);
        let watches = self.watches.lock().unwrap_or_else(PoisonError::into_inner);
        opening == 0 && watches.iter().all(|watch| Arc::strong_count(watch) == 1)
    }

    /// Waits up to `grace` for reads that run, then interrupts them and waits up to `limit`.
    pub(crate) fn wait_for_all(&self, grace: Duration, limit: Duration, interrupt: impl Fn()) {
        let started = Instant::now();
        loop {
            for seat in &self.seats {
                drop(seat.take());
            }
            // Coming back into a closed pool, a connection is dropped.
            while self.inner.try_get().is_some() {}
            let waited = started.elapsed();
            if self.is_empty() || waited >= grace.saturating_add(limit) {
                return;
            }
            if waited >= grace {
                self.watches.lock().unwrap_or_else(PoisonError::into_inner).iter().for_each(|watch| watch.expire());
                interrupt();
            }
            thread::sleep(Duration::from_millis(1));
        }
    }
}

/// A connection that goes back when it is dropped.
#[derive(Debug)]
pub(crate) struct Lent<'p> {
    pool: &'p Pool,
    conn: Option<PooledConnection<Manager>>,
}

impl Lent<'_> {
    /// For a holder that cannot borrow the pool.
    pub(crate) fn into_pooled(mut self) -> PooledConnection<Manager> {
        self.conn.take().expect("taken only when it goes")
    }
}

impl Deref for Lent<'_> {
    type Target = Watched;

    fn deref(&self) -> &Watched {
        self.conn.as_ref().expect("taken only when it goes")
    }
}

impl Drop for Lent<'_> {
    fn drop(&mut self) {
        if let Some(conn) = self.conn.take() {
            self.pool.give_back(conn);
        }
    }
}

/// A transaction that could not be ended would show the next reader an old state.
fn is_broken(conn: &Watched) -> bool {
    conn.unfit.get() || !conn.is_autocommit()
}

/// `r2d2_sqlite`'s manager, which also lets go of its connections when the store closes, and of those with an open transaction.
#[derive(Debug)]
pub(crate) struct Manager {
    files: SqliteConnectionManager,
    closed: Arc<AtomicBool>,
    opening: Arc<AtomicUsize>,
    watches: Arc<Mutex<Vec<Arc<Watch>>>>,
}

impl Manager {
    fn open(&self) -> Result<Watched, rusqlite::Error> {
        if self.closed.load(Ordering::SeqCst) {
            return Err(rusqlite::Error::InvalidQuery); // Never seen: the caller gets `Closed`.
        }
        let conn = self.files.connect()?;
        let watch = Watch::install(&conn)?;
        let guard = Guard::install_for_reads(&conn)?;
        let mut watches = self.watches.lock().unwrap_or_else(PoisonError::into_inner);
        // Those of connections that are gone are held here alone.
        watches.retain(|watch| Arc::strong_count(watch) > 1);
        watches.push(Arc::clone(&watch));
        Ok(Watched { conn, watch, guard, unfit: Cell::new(false) })
    }
}

impl ManageConnection for Manager {
    type Connection = Watched;
    type Error = rusqlite::Error;

    fn connect(&self) -> Result<Watched, rusqlite::Error> {
        self.opening.fetch_add(1, Ordering::SeqCst);
        let opened = self.open();
        self.opening.fetch_sub(1, Ordering::SeqCst);
        opened
    }

    fn is_valid(&self, conn: &mut Watched) -> Result<(), rusqlite::Error> {
        self.files.is_valid(&mut conn.conn)
    }

    fn has_broken(&self, conn: &mut Watched) -> bool {
        self.closed.load(Ordering::SeqCst) || is_broken(conn)
    }
}

/// The hand-over between seats and r2d2, every interleaving of it. A model and not the code itself: loom and shuttle want their own locks in
/// place of r2d2's and crossbeam's, which cannot be had; what is ours is the order of a few steps, and that is here.
#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    /// One gives its connection back, one waits for it. Each number is the next step of a thread, 9 the end.
    #[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
    struct State {
        giver: u8,
        waiter: u8,
        closer: u8,
        closed: bool,
        waiting: bool,
        seat_locked: bool,
        in_seat: bool,
        in_r2d2: bool,
    }

    /// `give_back`; with `again` it looks once more after it has filled the seat.
    fn giver(s: State, again: bool) -> Option<State> {
        Some(match s.giver {
            0 if s.closed => State { giver: 9, ..s },
            0 => State { giver: 1, ..s },
            1 if s.waiting => State { in_r2d2: true, giver: 9, ..s },
            1 => State { giver: 2, ..s },
            2 => State { seat_locked: true, giver: 3, ..s },
            3 => State { seat_locked: false, in_seat: true, giver: if again { 4 } else { 9 }, ..s },
            4 if s.waiting => State { giver: 6, ..s },
            4 => State { giver: 5, ..s },
            5 => State { giver: if s.closed { 6 } else { 9 }, ..s },
            // A closed pool drops what comes back.
            6 => State { in_r2d2: s.in_r2d2 || (s.in_seat && !s.closed), in_seat: false, giver: 9, ..s },
            _ => return None,
        })
    }

    /// `take`; r2d2 wakes it when it has one, and so does the end of its time.
    fn waiter(s: State) -> Option<State> {
        Some(match s.waiter {
            0 => State { waiting: true, waiter: 1, ..s },
            1 if s.in_seat && !s.seat_locked => State { in_seat: false, waiter: 3, ..s },
            1 => State { waiter: 2, ..s },
            2 if s.in_r2d2 => State { in_r2d2: false, waiter: 3, ..s },
            2 if s.closed => State { waiter: 3, ..s },
            3 => State { waiting: false, waiter: 9, ..s },
            _ => return None,
        })
    }

    /// `close` and one round of `wait_for_all`, at most: without it the pool stays open.
    fn closer(s: State) -> Option<State> {
        Some(match s.closer {
            0 => State { closed: true, closer: 1, ..s },
            1 if !s.seat_locked => State { in_seat: false, closer: 2, ..s },
            1 => State { closer: 2, ..s },
            2 => State { in_r2d2: false, closer: 9, ..s },
            _ => return None,
        })
    }

    /// The states in which nothing can happen any more.
    fn ends(again: bool, closes: bool) -> Vec<State> {
        let (mut open, mut seen, mut ends) = (vec![State::default()], HashSet::new(), Vec::new());
        while let Some(state) = open.pop() {
            if !seen.insert(state) {
                continue;
            }
            let next = [giver(state, again), waiter(state), closer(state).filter(|_| closes)];
            if next.iter().all(Option::is_none) {
                ends.push(state);
            }
            open.extend(next.into_iter().flatten());
        }
        ends
    }

    #[test]
    fn nobody_waits_for_a_connection_that_lies_in_a_seat() {
        assert!(ends(true, false).iter().all(|end| end.waiter == 9));
        assert!(ends(false, false).iter().any(|end| end.waiter == 2 && end.in_seat), "and the model would see it");
    }

    #[test]
    fn no_connection_stays_in_a_seat_of_a_closed_pool() {
        assert!(ends(true, true).iter().all(|end| end.waiter == 9 && !end.in_seat));
        assert!(ends(false, true).iter().any(|end| end.in_seat), "and the model would see it");
    }
}
