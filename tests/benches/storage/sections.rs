//! What is measured, and the bars of it.

use std::{
    fs::File,
    io::Write,
    path::Path,
    sync::mpsc::channel,
    time::{Duration, Instant},
};

use magnetiq_storage::{Durability, Error};
use tempfile::TempDir;

use crate::{
    contestants::{Bare, Ours, Pool},
    measure::{Figures, Load, Rounds, compete},
    table::Row,
};

/// How long it may take.
#[derive(Clone, Copy)]
pub(crate) struct Pace {
    rounds: Rounds,
    /// With 100 writers, where the pool needs time to show its worst.
    long: Rounds,
    rows: u64,
}

impl Pace {
    pub(crate) const FULL: Self = Self {
        rounds: Rounds { count: 7, each: Duration::from_secs(1) },
        long: Rounds { count: 5, each: Duration::from_secs(4) },
        rows: 20_000,
    };
    pub(crate) const QUICK: Self = Self {
        rounds: Rounds { count: 3, each: Duration::from_millis(400) },
        long: Rounds { count: 3, each: Duration::from_millis(1500) },
        rows: 5_000,
    };
}

pub(crate) fn this_disk(folder: &Path, pace: Pace) -> Vec<Row> {
    let disk = "this disk";
    let mut rows = writes(disk, folder, pace);
    rows.extend(normal_writes(disk, folder, pace));
    rows.extend(reads(disk, folder, pace));
    rows.extend(reads_beside_writes(disk, folder, pace));
    rows.push(a_failing_write_among_a_hundred(disk));
    rows
}

/// Durable writes: all that a slow sync changes.
pub(crate) fn writes(disk: &str, folder: &Path, pace: Pace) -> Vec<Row> {
    let mut rows = Vec::new();
    say(disk, "syncs");
    let sync = sync_ms(folder);
    rows.push(Row { disk: disk.to_owned(), measure: "one sync alone".into(), unit: "ms", ours: sync, other: None, ratio: None, bar: None });
    let alone = alone(disk, folder, pace);
    rows.push(if disk == "this disk" { alone.at_least(0.8) } else { alone });
    for writers in [1, 10, 100] {
        let [ours, pool] = against_pool(disk, folder, pace, Durability::Full, writers);
        let measure = format!("FULL, {writers} writers");
        let rate = Row::rate(disk, format!("{measure}, writes"), ours.writes_per_s, "pool", pool.writes_per_s);
        let worst = Row::latency(disk, format!("{measure}, worst"), ours.worst_ms, "pool", pool.worst_ms);
        let many = writers == 100;
        rows.push(match disk {
            "this disk" if many => rate.at_least(3.0),
            "fsync 2 ms" if many => rate.at_least(25.0),
            _ => rate,
        });
        rows.push(Row::latency(disk, format!("{measure}, 99 of 100"), ours.p99_ms, "pool", pool.p99_ms));
        rows.push(if many { worst.at_least(20.0) } else { worst });
        if many {
            rows.push(Row::exactly(disk, format!("{measure}, refused as busy"), "writes", ours.busy, 0));
        }
    }
    rows
}

fn normal_writes(disk: &str, folder: &Path, pace: Pace) -> Vec<Row> {
    let mut rows = Vec::new();
    for writers in [1, 10, 100] {
        let [ours, pool] = against_pool(disk, folder, pace, Durability::Normal, writers);
        let measure = format!("NORMAL, {writers} writers");
        rows.push(Row::rate(disk, format!("{measure}, writes"), ours.writes_per_s, "pool", pool.writes_per_s));
        rows.push(Row::latency(disk, format!("{measure}, worst"), ours.worst_ms, "pool", pool.worst_ms));
    }
    rows
}

fn against_pool(disk: &str, folder: &Path, pace: Pace, durability: Durability, writers: usize) -> [Figures; 2] {
    say(disk, &format!("{durability:?}, {writers} writers"));
    let folder = scratch(folder);
    let (ours, pool) = (Ours::open(folder.path(), durability), Pool::open(folder.path(), durability));
    compete([&ours, &pool], Load::writers(writers), if writers == 100 { pace.long } else { pace.rounds })
}

fn alone(disk: &str, folder: &Path, pace: Pace) -> Row {
    say(disk, "one writer alone");
    let folder = scratch(folder);
    let (ours, bare) = (Ours::open(folder.path(), Durability::Full), Bare::open(folder.path(), Durability::Full));
    let [ours, bare] = compete([&ours, &bare], Load::writers(1), pace.rounds);
    Row::rate(disk, "FULL, one writer alone".into(), ours.writes_per_s, "bare", bare.writes_per_s)
}

fn reads(disk: &str, folder: &Path, pace: Pace) -> Vec<Row> {
    say(disk, "point reads");
    let folder = scratch(folder);
    let contestants = filled(folder.path(), pace.rows);
    let (ours, pool, bare) = &contestants;
    let mut rows = Vec::new();
    for threads in [1, 2] {
        let [ours, bare, pool] = compete([ours, bare, pool], Load::readers(threads, pace.rows), pace.rounds);
        let row =
            |name, other: Figures| Row::rate(disk, format!("point reads, {threads} threads"), ours.reads_per_s, name, other.reads_per_s);
        rows.push(if threads == 2 { row("bare", bare).at_least(0.9) } else { row("bare", bare) });
        rows.push(row("pool", pool));
    }
    rows
}

fn reads_beside_writes(disk: &str, folder: &Path, pace: Pace) -> Vec<Row> {
    say(disk, "readers beside writers");
    let folder = scratch(folder);
    let (ours, pool, _) = &filled(folder.path(), pace.rows);
    let load = Load { writers: 10, readers: 4, rows: pace.rows };
    let [ours, pool] = compete([ours, pool], load, pace.rounds);
    let measure = "FULL, 4 readers beside 10 writers";
    vec![
        Row::rate(disk, format!("{measure}, reads"), ours.reads_per_s, "pool", pool.reads_per_s),
        Row::rate(disk, format!("{measure}, writes"), ours.writes_per_s, "pool", pool.writes_per_s),
    ]
}

/// Everybody with so many rows.
fn filled(folder: &Path, rows: u64) -> (Ours, Pool, Bare) {
    let durability = Durability::Normal;
    drop((Ours::open(folder, durability), Pool::open(folder, durability), Bare::open(folder, durability)));
    for name in ["ours", "pool", "bare"] {
        let conn = magnetiq_storage::rusqlite::Connection::open(folder.join(format!("{name}.sqlite3"))).unwrap();
        let numbers = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT ?1)";
        conn.execute(&format!("{numbers} INSERT INTO item SELECT i, randomblob(2000) FROM n"), [rows]).unwrap();
        conn.close().unwrap();
    }
    let durability = Durability::Full;
    (Ours::open(folder, durability), Pool::open(folder, durability), Bare::open(folder, durability))
}

/// A hundred writes that share a commit, one of which fails: how many of the others are kept, in the worst of twenty rounds.
fn a_failing_write_among_a_hundred(disk: &str) -> Row {
    say(disk, "a failing write among a hundred");
    let mut kept = 99;
    for round in 0..20 {
        let folder = tempfile::tempdir().unwrap();
        let Ours(store) = Ours::open(folder.path(), Durability::Full);
        let (opener, opened) = channel::<()>();
        let gate = store.write(move |_| {
            let _ = opened.recv();
            Ok(())
        });
        let writes: Vec<_> = (0..100)
            .map(|n| {
                store.write(move |tx| {
                    tx.execute("INSERT INTO item (body) VALUES (x'00')", [])?;
                    if n == round * 5 { Err(Error::abort(std::io::Error::other("no"))) } else { Ok(()) }
                })
            })
            .collect();
        opener.send(()).unwrap();
        gate.wait().unwrap();
        let good = writes.into_iter().filter_map(|write| write.wait().ok()).count();
        let found: usize = store.read(|conn| Ok(conn.query_row("SELECT count(*) FROM item", [], |row| row.get(0))?)).wait().unwrap();
        kept = kept.min(if good == found { good } else { 0 });
    }
    Row::exactly(disk, "a failing write among 100: the others kept".into(), "writes", kept, 99)
}

/// The median of syncing a page that was appended.
fn sync_ms(folder: &Path) -> f64 {
    let folder = scratch(folder);
    let mut file = File::create(folder.path().join("page")).unwrap();
    let mut times: Vec<f64> = (0..50)
        .map(|_| {
            file.write_all(&[7; 4096]).unwrap();
            let began = Instant::now();
            file.sync_data().unwrap();
            began.elapsed().as_secs_f64() * 1000.0
        })
        .collect();
    times.sort_by(f64::total_cmp);
    times[times.len() / 2]
}

fn scratch(folder: &Path) -> TempDir {
    tempfile::Builder::new().prefix("bench-storage-").tempdir_in(folder).unwrap()
}

fn say(disk: &str, what: &str) {
    eprintln!("{disk}: {what}");
}
