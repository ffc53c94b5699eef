//! `kill -9` and power cuts under 32 writers, and while the database is rewritten.

use std::time::Duration;

use magnetiq_tests::{Forget, PowerCut, Random, ledger::Acknowledged};

use crate::support::{Running, check_ledger, kept, preload, seed, victim};

/// Rounds on one database; then comes a new one, so that checking does not get slower and slower.
const ROUNDS_EACH: u64 = 10;

#[test]
fn every_acknowledged_write_survives_a_kill() {
    rounds("write", 5, false);
}

#[test]
fn every_acknowledged_write_survives_a_power_cut() {
    rounds("write", 8, true);
}

#[test]
fn every_acknowledged_write_survives_a_kill_in_maintenance() {
    rounds("vacuum", 5, false);
}

#[test]
fn every_acknowledged_write_survives_a_power_cut_in_maintenance() {
    rounds("vacuum", 5, true);
}

#[test]
fn a_batch_that_is_written_alone_is_whole_after_a_kill() {
    rounds("exclusive", 5, false);
}

#[test]
fn a_batch_that_is_written_alone_is_whole_after_a_power_cut() {
    rounds("exclusive", 5, true);
}

#[test]
#[ignore = "long: cargo xtask test --soak"]
fn soak_batches() {
    rounds("exclusive", 100, false);
    rounds("exclusive", 100, true);
}

#[test]
#[ignore = "long: cargo xtask test --soak"]
fn soak_maintenance() {
    rounds("vacuum", 100, false);
    rounds("vacuum", 100, true);
}

#[test]
#[ignore = "long: cargo xtask test --soak"]
fn soak_kills() {
    rounds("write", 300, false);
}

#[test]
#[ignore = "long: cargo xtask test --soak"]
fn soak_power_cuts() {
    rounds("write", 300, true);
}

fn rounds(role: &str, count: u64, power: bool) {
    let seed = seed();
    let mut random = Random::new(seed);
    let (mut written, mut forgotten) = (0, 0);
    for first in (0..count).step_by(usize::try_from(ROUNDS_EACH).unwrap()) {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().join("data");
        std::fs::create_dir(&root).unwrap();
        let path = root.join("site.sqlite3");
        let cut = power.then(|| PowerCut::new(&root, &folder.path().join("side")));
        let mut acknowledged = Acknowledged::new();
        for round in first..count.min(first + ROUNDS_EACH) {
            let round_seed = random.below(1_000_000);
            let mut command = victim(role, &path);
            command.arg(round_seed.to_string());
            if !preload(cut.as_ref().map(PowerCut::fault).as_ref(), &mut command) {
                return;
            }
            // Every fifth is killed while it opens the database, perhaps for the first time.
            let early = random.below(5) == 0;
            let time = Duration::from_micros(random.below(if early { 30_000 } else { 250_000 }));
            let running = if early { Running::start(command) } else { Running::start_ready(command) };
            let lines = running.kill_after(time);
            let new = kept(&lines);
            written += new.len();
            let mut about = format!("seed {seed}, round {round}, killed after {time:?}");
            // The victim takes `Durability::Normal` then: a power cut may take the last writes, and nothing else.
            let may_lose = power && round_seed.is_multiple_of(4);
            acknowledged.extend(new);
            if let Some(cut) = &cut {
                let forget = if random.below(2) == 0 { Forget::Everything } else { Forget::Some };
                let changes = cut.cut(forget, &mut random);
                forgotten += changes;
                about = format!("{about}, {changes} changes forgotten ({forget:?})");
            }
            if may_lose {
                acknowledged.clear();
            }
            check_ledger(&path, &acknowledged, &about);
        }
    }
    eprintln!("{written} writes acknowledged in {count} rounds, {forgotten} changes forgotten");
    assert!(written > 0, "the victims were killed before they could write");
}
