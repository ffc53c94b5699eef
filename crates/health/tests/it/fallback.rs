//! The last good value stands in, as long as it is young enough.

use std::time::Duration;

use magnetiq_health::{Fallback, Served};

use crate::support::Hand;

#[test]
fn the_last_good_value_stands_in_until_it_is_too_old() {
    let (hand, clock) = Hand::new();
    let rates = Fallback::with(Duration::from_secs(60), clock);
    let good = |value| move || Ok::<_, &str>(value);
    let bad = || Err::<i32, _>("down");
    assert_eq!(rates.call(bad), Served::Nothing("down"));
    assert_eq!(rates.call(bad).or(7), 7);
    assert_eq!(rates.call(good(1)), Served::Fresh(1));
    assert_eq!(rates.call(good(2)).into_result(), Ok(2));
    hand.forward(Duration::from_secs(60));
    let served = rates.call(bad);
    assert!(served.is_degraded());
    assert_eq!(served, Served::Last { value: 2, age: Duration::from_secs(60), error: "down" });
    hand.forward(Duration::from_secs(1));
    assert_eq!(rates.call(bad).into_result(), Err("down"));
    assert_eq!(rates.call(bad).or_else(|error| i32::try_from(error.len()).unwrap()), 4);
}

#[test]
fn a_call_that_began_earlier_does_not_overwrite_a_later_one() {
    let (hand, clock) = Hand::new();
    let fallback = Fallback::with(Duration::from_secs(60), clock);
    let slow = fallback.call(|| {
        hand.forward(Duration::from_secs(1));
        assert_eq!(fallback.call(|| Ok::<_, &str>("new")), Served::Fresh("new"));
        Ok::<_, &str>("old")
    });
    assert_eq!(slow, Served::Fresh("old"));
    assert_eq!(fallback.call(|| Err::<&str, _>("down")).into_result(), Ok("new"));
}
