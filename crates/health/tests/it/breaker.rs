//! The breaker against a plain model that remembers every call, and what a single case looks like.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Barrier};
use std::time::Duration;

use magnetiq_health::{Breaker, BreakerOptions, BreakerState, CallError, Check, Deadline, Level, Permit};
use proptest::prelude::*;

use crate::support::Hand;

fn options() -> BreakerOptions {
    BreakerOptions {
        window: Duration::from_secs(10),
        minimum_calls: 4,
        failure_rate: 0.5,
        slow_after: Duration::from_secs(2),
        slow_rate: 0.75,
        open_for: Duration::from_secs(5),
        open_max: Duration::from_secs(40),
        jitter: 0.2,
        probes: 2,
    }
}

fn breaker(options: BreakerOptions, random: f64) -> (Breaker, Hand) {
    let (hand, clock) = Hand::new();
    (Breaker::with("mail", options, clock, move || random).unwrap(), hand)
}

fn fail(breaker: &Breaker) -> Result<(), CallError<&'static str>> {
    breaker.call(|| Err("no"))
}

#[test]
fn it_opens_probes_and_closes() {
    let (breaker, hand) = breaker(options(), 0.5);
    for _ in 0..4 {
        assert_eq!(fail(&breaker), Err(CallError::Failed("no")));
    }
    let refused = fail(&breaker).unwrap_err();
    assert_eq!(refused.to_string(), "mail is not called for another 5 s, it failed too often");
    // A probe that fails doubles the time.
    for expected in [10, 20, 40, 40] {
        let wait = breaker.facts().retry_after;
        hand.forward(wait);
        assert_eq!(fail(&breaker), Err(CallError::Failed("no")));
        assert_eq!((breaker.facts().state, breaker.facts().retry_after), (BreakerState::Open, Duration::from_secs(expected)));
    }
    hand.forward(Duration::from_secs(40));
    let (one, two) = (breaker.enter().unwrap(), breaker.enter().unwrap());
    assert!(breaker.enter().is_err(), "two probes, not three");
    drop(one);
    let three = breaker.enter().expect("one that was cancelled makes room");
    two.succeed();
    assert_eq!(breaker.facts().state, BreakerState::HalfOpen);
    three.succeed();
    assert_eq!((breaker.facts().state, breaker.facts().calls), (BreakerState::Closed, 0));
}

#[test]
fn a_slow_service_opens_it_too() {
    let (breaker, hand) = breaker(options(), 0.5);
    let permits: Vec<_> = (0..4).map(|_| breaker.enter().unwrap()).collect();
    hand.forward(Duration::from_secs(2));
    permits.into_iter().for_each(Permit::succeed);
    assert_eq!(breaker.facts().state, BreakerState::Open);
}

#[test]
fn a_probe_that_never_comes_back_does_not_hold_it_half_open() {
    let (breaker, hand) = breaker(BreakerOptions { probes: 1, ..options() }, 0.5);
    (0..4).for_each(|_| drop(fail(&breaker)));
    hand.forward(Duration::from_secs(5));
    let lost = breaker.enter().unwrap();
    assert!(breaker.enter().is_err());
    hand.forward(Duration::from_secs(5));
    assert_eq!(breaker.enter().unwrap_err().retry_after, Duration::from_secs(10), "open again, for twice as long");
    lost.succeed();
    assert_eq!(breaker.facts().state, BreakerState::Open, "it came too late to count");
}

#[test]
fn of_many_at_once_only_the_probes_get_through() {
    let (breaker, hand) = breaker(options(), 0.5);
    (0..4).for_each(|_| drop(fail(&breaker)));
    hand.forward(Duration::from_secs(5));
    let (together, through) = (Arc::new(Barrier::new(16)), AtomicUsize::new(0));
    std::thread::scope(|scope| {
        for _ in 0..16 {
            scope.spawn(|| {
                together.wait();
                let permit = breaker.enter();
                through.fetch_add(usize::from(permit.is_ok()), Ordering::Relaxed);
                // Nobody gives back before all have asked.
                together.wait();
            });
        }
    });
    assert_eq!(through.into_inner(), 2);
}

#[test]
fn in_the_tree_it_warns_and_never_fails() {
    let (breaker, hand) = breaker(options(), 0.5);
    let says = |breaker: &Breaker| {
        let facts = breaker.clone().run(Deadline::after(Duration::from_secs(1))).unwrap();
        assert!(facts.findings.iter().all(|finding| finding.level == Level::Warn));
        facts.findings.first().map(|finding| finding.says.clone()).or(facts.says).unwrap()
    };
    assert_eq!(says(&breaker), "mail is called");
    (0..4).for_each(|_| drop(fail(&breaker)));
    assert_eq!(says(&breaker), "mail failed too often and is not called for another 5 s");
    hand.forward(Duration::from_secs(6));
    assert_eq!(says(&breaker), "mail failed too often, the next call will try");
    let _probe = breaker.enter().unwrap();
    assert_eq!(says(&breaker), "mail failed too often and is being tried again");
}

#[test]
fn options_that_make_no_sense_are_refused() {
    let refused = |options| Breaker::new("mail", options).unwrap_err().to_string();
    let cases = [
        BreakerOptions { window: Duration::ZERO, ..options() },
        BreakerOptions { open_max: Duration::from_secs(1), ..options() },
        BreakerOptions { probes: 0, ..options() },
        BreakerOptions { failure_rate: 0.0, ..options() },
        BreakerOptions { slow_rate: f64::NAN, ..options() },
        BreakerOptions { jitter: 2.0, ..options() },
    ];
    expect_test::expect![[r#"
        the circuit breaker mail makes no sense: window, open_for and slow_after must be longer than zero
        the circuit breaker mail makes no sense: open_max is shorter than open_for
        the circuit breaker mail makes no sense: minimum_calls and probes are at least 1
        the circuit breaker mail makes no sense: failure_rate and slow_rate are above 0 and at most 1
        the circuit breaker mail makes no sense: failure_rate and slow_rate are above 0 and at most 1
        the circuit breaker mail makes no sense: jitter is from 0 to 1"#]]
    .assert_eq(&cases.map(refused).join("\n"));
}

/// The breaker as one would explain it: it remembers all calls, and counts anew each time. Times in milliseconds.
struct Model {
    now: u64,
    calls: Vec<(u64, bool, bool)>,
    mode: Mode,
    /// Counts changes of mode: a call belongs to the one that it began in.
    era: u32,
    openings: u32,
    random: f64,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Mode {
    Closed,
    Open { until: f64 },
    HalfOpen { since: u64, out: usize, good: usize },
}

impl Model {
    fn turn(&mut self, mode: Mode) {
        self.mode = mode;
        self.era += 1;
    }

    fn open(&mut self) {
        let seconds = (5.0 * 2_f64.powf(f64::from(self.openings))).min(40.0) * (0.8 + 0.4 * self.random);
        self.openings += 1;
        self.turn(Mode::Open { until: self.now as f64 + seconds * 1000.0 });
    }

    fn enter(&mut self) -> Option<u32> {
        match self.mode {
            Mode::Open { until } if self.now as f64 >= until => self.turn(Mode::HalfOpen { since: self.now, out: 0, good: 0 }),
            Mode::HalfOpen { since, out, .. } if out > 0 && self.now >= since + 5000 => self.open(),
            _ => {}
        }
        match &mut self.mode {
            Mode::Closed => Some(self.era),
            Mode::HalfOpen { out, good, .. } if *out + *good < 2 => {
                *out += 1;
                Some(self.era)
            }
            _ => None,
        }
    }

    /// Calls in the tenths of the window that are not over, as (all, failed, slow).
    fn counts(&self) -> (usize, usize, usize) {
        let young = self.calls.iter().filter(|(at, ..)| self.now / 1000 - at / 1000 < 10);
        young.fold((0, 0, 0), |(all, failed, slow), call| (all + 1, failed + usize::from(call.1), slow + usize::from(call.2)))
    }

    fn leave(&mut self, era: u32, outcome: Option<bool>, took: u64) {
        let slow = took >= 2000;
        if era != self.era {
            return;
        }
        match (self.mode, outcome) {
            (Mode::Closed, Some(good)) => {
                self.calls.push((self.now, !good, slow));
                let (all, failed, slow) = self.counts();
                if all >= 4 && (failed * 2 >= all || slow * 4 >= all * 3) {
                    self.open();
                }
            }
            (Mode::HalfOpen { since, out, good }, None) => self.mode = Mode::HalfOpen { since, out: out - 1, good },
            (Mode::HalfOpen { good: 1, .. }, Some(true)) if !slow => {
                self.turn(Mode::Closed);
                self.calls.clear();
                self.openings = 0;
            }
            (Mode::HalfOpen { since, out, good }, Some(true)) if !slow => {
                self.mode = Mode::HalfOpen { since, out: out - 1, good: good + 1 }
            }
            (Mode::HalfOpen { .. }, Some(_)) => self.open(),
            _ => {}
        }
    }
}

#[derive(Debug, Clone)]
enum Step {
    Enter,
    /// Gives back one of those that are out: true good, false failed, none cancelled.
    Leave(prop::sample::Index, Option<bool>),
    Wait(u64),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        5 => Just(Step::Enter),
        5 => (any::<prop::sample::Index>(), prop_oneof![3 => Just(Some(true)), 4 => Just(Some(false)), 1 => Just(None)]).prop_map(|(which, how)| Step::Leave(which, how)),
        3 => (0..1500_u64).prop_map(Step::Wait),
        1 => (1500..50_000_u64).prop_map(Step::Wait),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 10_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn it_does_what_the_model_does(steps in prop::collection::vec(step(), 1..80), random in 0.0..1.0_f64) {
        let (breaker, hand) = breaker(options(), random);
        let mut model = Model { now: 0, calls: Vec::new(), mode: Mode::Closed, era: 0, openings: 0, random };
        let mut out: Vec<(Permit, u32, u64)> = Vec::new();
        for step in steps {
            match step {
                Step::Enter => match (breaker.enter(), model.enter()) {
                    (Ok(permit), Some(era)) => out.push((permit, era, model.now)),
                    (Err(refused), None) => prop_assert!(refused.retry_after > Duration::ZERO),
                    (real, model) => prop_assert!(false, "the breaker says {real:?}, the model {model:?}"),
                },
                Step::Leave(which, outcome) if !out.is_empty() => {
                    let (permit, era, began) = out.swap_remove(which.index(out.len()));
                    match outcome {
                        Some(true) => permit.succeed(),
                        Some(false) => permit.fail(),
                        None => drop(permit),
                    }
                    model.leave(era, outcome, model.now - began);
                }
                Step::Leave(..) => {}
                Step::Wait(millis) => {
                    hand.forward(Duration::from_millis(millis));
                    model.now += millis;
                }
            }
            let facts = breaker.facts();
            let state = match model.mode {
                Mode::Closed => BreakerState::Closed,
                Mode::Open { .. } => BreakerState::Open,
                Mode::HalfOpen { .. } => BreakerState::HalfOpen,
            };
            prop_assert_eq!(facts.state, state);
            if let Mode::Closed = model.mode {
                prop_assert_eq!((facts.calls as usize, facts.failed as usize, facts.slow as usize), model.counts());
            }
            if let Mode::Open { until } = model.mode {
                let left = (until - model.now as f64).max(0.0) / 1000.0;
                prop_assert!((facts.retry_after.as_secs_f64() - left).abs() < 0.001);
            }
        }
    }
}
