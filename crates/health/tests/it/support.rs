//! Time that stands still until it is moved, and checks that say what they are told to.

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use magnetiq_health::{CheckError, CheckInfo, CheckState, Clock, Event, Facts, Moment, Status, Value};

/// 2026-11-23T12:00:00Z, `seconds` later.
pub(crate) fn at(seconds: f64) -> Moment {
    let steady = Duration::from_secs_f64(seconds);
    let wall = "2026-11-23T12:00:00Z".parse::<jiff::Timestamp>().unwrap() + steady;
    Moment { wall, steady }
}

/// Moves a clock by hand.
#[derive(Clone)]
pub(crate) struct Hand(Arc<Mutex<Duration>>);

impl Hand {
    pub(crate) fn new() -> (Self, Clock) {
        let hand = Self(Arc::default());
        let shown = hand.0.clone();
        (hand, Clock::new(move || at(shown.lock().unwrap().as_secs_f64())))
    }

    pub(crate) fn forward(&self, time: Duration) {
        *self.0.lock().unwrap() += time;
    }
}

/// The check after it answered with `result` at `now`.
pub(crate) fn answer(state: CheckState, info: &CheckInfo, result: Result<Facts, CheckError>, now: Moment) -> CheckState {
    state.step(info, Event::Answered { result, took: Duration::from_millis(20) }, now)
}

/// Facts with one percentage.
pub(crate) fn used(percent: f64) -> Facts {
    Facts::new().with("used", Value::Percent(percent))
}

/// What a check answers that is to be seen as `status`.
pub(crate) fn answering(status: Status) -> Result<Facts, CheckError> {
    match status {
        Status::Pass => Ok(Facts::new()),
        Status::Warn => Ok(Facts::new().warning("looks odd")),
        Status::Fail => Err(CheckError::failed("is broken")),
        _ => Err(CheckError::undetermined("cannot tell")),
    }
}

/// Waits until something is so; a test that waits half a minute has failed.
#[track_caller]
pub(crate) fn eventually(what: &str, mut is_so: impl FnMut() -> bool) {
    let start = Instant::now();
    while !is_so() {
        assert!(start.elapsed() < Duration::from_secs(30), "never: {what}");
        std::thread::sleep(Duration::from_millis(2));
    }
}
