//! A check that flips all the time: what is told of it stays bounded, and nothing that is wrong goes untold.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::time::Duration;

use magnetiq_health::{CheckInfo, Deadline, Monitor, Status, Transition, Transitions};

use crate::support::{answering, eventually};

const HOUR: Duration = Duration::from_secs(3600);

/// A monitor whose check fails every other time.
fn storm() -> (Arc<AtomicUsize>, Monitor) {
    let runs = Arc::new(AtomicUsize::new(0));
    let counted = runs.clone();
    let check = move |_: Deadline| match counted.fetch_add(1, SeqCst) % 2 {
        0 => answering(Status::Pass),
        _ => answering(Status::Fail),
    };
    let info = CheckInfo::new("flips", "", "Flips").every(Duration::from_millis(1));
    (runs, Monitor::builder().check(info, check).start().unwrap())
}

fn all(transitions: &Transitions) -> Vec<Transition> {
    std::iter::from_fn(|| transitions.next_within(Duration::ZERO)).collect()
}

#[test]
fn a_thousand_flips_are_told_in_a_few_words() {
    let (runs, monitor) = storm();
    let often = monitor.transitions(HOUR);
    let asleep = monitor.transitions(Duration::ZERO);
    let mut told = Vec::new();
    eventually("a thousand flips", || {
        told.extend(all(&often));
        runs.load(SeqCst) > 1000
    });
    monitor.stop(HOUR).unwrap();
    // What was told first, and the failure, which is worse than that.
    assert!((1..=2).contains(&told.len()), "{told:?}");
    assert!(told.iter().any(|told| told.to == Status::Fail));
    // Who did not listen hears of all in one.
    let slept = all(&asleep);
    assert_eq!(slept.len(), 1, "{slept:?}");
    assert!(slept[0].flips > 100, "{slept:?}");
    assert!(asleep.is_closed());
}
