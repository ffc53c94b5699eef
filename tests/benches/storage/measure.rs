//! Rounds: every contestant in turn, again and again, so that what else the machine does falls on all of them; then medians.

use std::{
    sync::Barrier,
    thread,
    time::{Duration, Instant},
};

use magnetiq_tests::Random;

use crate::contestants::{Contestant, Wrote};

/// Threads that write, and threads that read one of so many rows.
#[derive(Clone, Copy)]
pub(crate) struct Load {
    pub(crate) writers: usize,
    pub(crate) readers: usize,
    pub(crate) rows: u64,
}

impl Load {
    pub(crate) fn writers(writers: usize) -> Self {
        Self { writers, readers: 0, rows: 1 }
    }

    pub(crate) fn readers(readers: usize, rows: u64) -> Self {
        Self { writers: 0, readers, rows }
    }
}

/// What one contestant did, as medians over its rounds.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Figures {
    pub(crate) writes_per_s: f64,
    pub(crate) reads_per_s: f64,
    /// Of the writes, as those of the worst one are.
    pub(crate) p99_ms: f64,
    /// The worst write of a round.
    pub(crate) worst_ms: f64,
    /// Writes that ended in `SQLITE_BUSY`, in all rounds together.
    pub(crate) busy: usize,
}

#[derive(Clone, Copy)]
pub(crate) struct Rounds {
    pub(crate) count: usize,
    pub(crate) each: Duration,
}

/// Lets all contestants run in turn; the order changes from round to round.
pub(crate) fn compete<const N: usize>(contestants: [&dyn Contestant; N], load: Load, rounds: Rounds) -> [Figures; N] {
    let mut done: [Vec<Figures>; N] = std::array::from_fn(|_| Vec::new());
    for contestant in contestants {
        round(contestant, load, Duration::from_millis(100)); // opens connections, fills caches
    }
    for number in 0..rounds.count {
        for place in 0..N {
            let who = (place + number) % N;
            done[who].push(round(contestants[who], load, rounds.each));
        }
    }
    done.map(|figures| Figures {
        writes_per_s: median(&figures, |f| f.writes_per_s),
        reads_per_s: median(&figures, |f| f.reads_per_s),
        p99_ms: median(&figures, |f| f.p99_ms),
        worst_ms: median(&figures, |f| f.worst_ms),
        busy: figures.iter().map(|f| f.busy).sum(),
    })
}

fn median<T>(values: &[T], of: impl Fn(&T) -> f64) -> f64 {
    let mut values: Vec<f64> = values.iter().map(of).collect();
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or_default()
}

/// What one thread did.
#[derive(Default)]
struct Done {
    in_time: usize,
    busy: usize,
    latencies: Vec<Duration>,
}

fn round(contestant: &dyn Contestant, load: Load, time: Duration) -> Figures {
    let barrier = Barrier::new(load.writers + load.readers);
    let (writes, reads) = thread::scope(|scope| {
        let barrier = &barrier;
        let writers: Vec<_> = (0..load.writers).map(|_| scope.spawn(move || write(contestant, barrier, time))).collect();
        let readers: Vec<_> = (0..load.readers).map(|n| scope.spawn(move || read(contestant, barrier, time, load.rows, n))).collect();
        let writes: Vec<Done> = writers.into_iter().map(|thread| thread.join().expect("a writer ends")).collect();
        (writes, readers.into_iter().map(|thread| thread.join().expect("a reader ends")).sum::<usize>())
    });
    let mut latencies: Vec<Duration> = writes.iter().flat_map(|done| &done.latencies).copied().collect();
    latencies.sort_unstable();
    let at = |index: usize| latencies.get(index).map_or(0.0, |latency| latency.as_secs_f64() * 1000.0);
    Figures {
        writes_per_s: per_s(writes.iter().map(|done| done.in_time).sum(), time),
        reads_per_s: per_s(reads, time),
        p99_ms: at(latencies.len() * 99 / 100),
        worst_ms: at(latencies.len().saturating_sub(1)),
        busy: writes.iter().map(|done| done.busy).sum(),
    }
}

fn per_s(count: usize, time: Duration) -> f64 {
    f64::from(u32::try_from(count).unwrap_or(u32::MAX)) / time.as_secs_f64()
}

fn write(contestant: &dyn Contestant, barrier: &Barrier, time: Duration) -> Done {
    let mut session = contestant.session();
    let mut done = Done::default();
    barrier.wait();
    let began = Instant::now();
    while began.elapsed() < time {
        let asked = Instant::now();
        let wrote = session.write();
        done.latencies.push(asked.elapsed());
        match wrote {
            Wrote::Busy => done.busy += 1,
            // What comes after the end of the round counts for the latency, and not for the throughput.
            Wrote::Kept if began.elapsed() <= time => done.in_time += 1,
            Wrote::Kept => {}
        }
    }
    done
}

fn read(contestant: &dyn Contestant, barrier: &Barrier, time: Duration, rows: u64, seed: usize) -> usize {
    let mut session = contestant.session();
    let mut random = Random::new(seed as u64);
    let mut count = 0;
    barrier.wait();
    let began = Instant::now();
    while began.elapsed() < time {
        assert!(session.read(random.below(rows) + 1) > 0);
        count += 1;
    }
    count
}
