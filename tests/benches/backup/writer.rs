//! A program that writes while it is backed up: 200 commits a second on a fixed schedule, each of them on the disk before it counts.

use std::{
    path::Path,
    sync::atomic::{AtomicBool, AtomicU64, Ordering},
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use magnetiq_storage::rusqlite::Connection;
use magnetiq_tests::Random;
use std::sync::Arc;

const EACH: Duration = Duration::from_millis(5);
const KEPT: u64 = 20_000;

/// Commits that found the database locked; SQLite asks a plain function.
static BUSY: AtomicU64 = AtomicU64::new(0);

/// A writer at work.
#[derive(Debug)]
pub(crate) struct Writer {
    stop: Arc<AtomicBool>,
    thread: JoinHandle<Latencies>,
}

/// How long commits took.
#[derive(Clone, Debug, Default)]
pub(crate) struct Latencies {
    commits: Vec<Duration>,
    /// From the moment at which each was due: what the program's own client would see.
    answers: Vec<Duration>,
    pub(crate) busy: u64,
}

impl Writer {
    pub(crate) fn start(database: &Path) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let (database, told) = (database.to_owned(), stop.clone());
        let thread = thread::spawn(move || write(&database, &told));
        // its first commits make files and fill caches
        thread::sleep(Duration::from_millis(300));
        Self { stop, thread }
    }

    pub(crate) fn stop(self) -> Latencies {
        self.stop.store(true, Ordering::Relaxed);
        self.thread.join().unwrap()
    }
}

fn write(database: &Path, stop: &AtomicBool) -> Latencies {
    let conn = Connection::open(database).unwrap();
    conn.execute_batch("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL").unwrap();
    conn.busy_handler(Some(|times| {
        if times == 0 {
            BUSY.fetch_add(1, Ordering::Relaxed);
        }
        thread::sleep(Duration::from_millis(1));
        times < 20_000
    }))
    .unwrap();
    conn.execute_batch("CREATE TABLE IF NOT EXISTS event (id INTEGER PRIMARY KEY, body BLOB NOT NULL) STRICT").unwrap();
    let mut insert = conn.prepare("INSERT OR REPLACE INTO event VALUES (?1, ?2)").unwrap();
    let mut random = Random::new(7);
    let (mut latencies, busy) = (Latencies::default(), BUSY.load(Ordering::Relaxed));
    let mut body = vec![0; 2000];
    let begin = Instant::now();
    for n in 0_u32.. {
        let due = EACH * n;
        if stop.load(Ordering::Relaxed) {
            break;
        }
        thread::sleep(due.saturating_sub(begin.elapsed()));
        body.fill_with(|| random.number().to_le_bytes()[0]);
        let asked = begin.elapsed();
        // half of them new rows, half of them old ones
        let id = if n % 2 == 0 { u64::from(n) } else { random.below(KEPT) };
        insert.execute((id, &body)).unwrap();
        let done = begin.elapsed();
        latencies.commits.push(done - asked);
        latencies.answers.push(done.saturating_sub(due));
    }
    latencies.busy = BUSY.load(Ordering::Relaxed) - busy;
    latencies
}

impl Latencies {
    pub(crate) fn add(&mut self, other: Self) {
        self.commits.extend(other.commits);
        self.answers.extend(other.answers);
        self.busy += other.busy;
    }

    pub(crate) fn count(&self) -> usize {
        self.commits.len()
    }

    /// Milliseconds that so many of a hundred commits took at most.
    pub(crate) fn commit_ms(&self, percent: f64) -> f64 {
        percentile_ms(&self.commits, percent)
    }

    /// The same, from when they were due.
    pub(crate) fn answer_ms(&self, percent: f64) -> f64 {
        percentile_ms(&self.answers, percent)
    }
}

#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_precision_loss, reason = "a few thousand commits")]
fn percentile_ms(times: &[Duration], percent: f64) -> f64 {
    let mut sorted = times.to_vec();
    sorted.sort_unstable();
    let place = (sorted.len() as f64 * percent / 100.0) as usize;
    sorted.get(place.min(sorted.len().saturating_sub(1))).map_or(0.0, |time| time.as_secs_f64() * 1000.0)
}
