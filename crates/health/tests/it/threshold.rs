//! Thresholds that make no sense are refused, and told why.

use expect_test::{Expect, expect};
use magnetiq_health::{Error, Level, Threshold, ThresholdBuilder};

#[track_caller]
fn refused(threshold: ThresholdBuilder, expected: Expect) {
    expected.assert_eq(&threshold.build().unwrap_err().to_string());
}

#[test]
fn the_wrong_way_round_is_told_which() {
    refused(
        Threshold::above("used").warn(90.0).fail(80.0),
        expect!["the threshold of used makes no sense: warn (90) lies above fail (80), but large values are the bad ones"],
    );
    refused(
        Threshold::below("free").warn(1.0).fail(5.0),
        expect!["the threshold of free makes no sense: warn (1) lies below fail (5), but small values are the bad ones"],
    );
    refused(
        Threshold::above("used").warn(80.0).leave_warn(85.0),
        expect!["the threshold of used makes no sense: leave_warn (85) lies above warn (80), but large values are the bad ones"],
    );
    refused(
        Threshold::below("days").fail(7.0).leave_fail(3.0),
        expect!["the threshold of days makes no sense: leave_fail (3) lies below fail (7), but small values are the bad ones"],
    );
    refused(
        Threshold::above("used").warn(80.0).leave_warn(79.0).fail(90.0).leave_fail(70.0),
        expect!["the threshold of used makes no sense: leave_warn (79) lies above leave_fail (70), but large values are the bad ones"],
    );
}

#[test]
fn what_is_missing_or_no_number_is_refused() {
    refused(Threshold::above("used"), expect!["the threshold of used makes no sense: it has neither a warn nor a fail value"]);
    refused(
        Threshold::above("used").warn(1.0).leave_fail(1.0),
        expect!["the threshold of used makes no sense: it has leave_fail, but no fail"],
    );
    refused(
        Threshold::above("used").warn(f64::NAN),
        expect!["the threshold of used makes no sense: warn (NaN, left at NaN) is not a number"],
    );
    refused(
        Threshold::above("used").warn(1.0).fall(0),
        expect!["the threshold of used makes no sense: rise and fall count readings, at least 1"],
    );
}

#[test]
fn other_values_keep_the_rest() {
    let threshold = Threshold::above("latency").warn(2.0).leave_warn(1.5).fail(8.0).fall(3).optional().build().unwrap();
    let limits =
        |threshold: &Threshold| [Level::Warn, Level::Fail].map(|level| threshold.limit(level).map(|limit| (limit.enter, limit.leave)));
    let other = threshold.with_limits(Some(4.0), None).unwrap();
    assert_eq!(limits(&other), [Some((4.0, 3.0)), Some((8.0, 8.0))]);
    assert_eq!((other.damping(), other.is_optional(), other.measurement()), (threshold.damping(), true, "latency"));
    let added = Threshold::below("free").warn(10.0).build().unwrap().with_limits(None, Some(5.0)).unwrap();
    assert_eq!(limits(&added), [Some((10.0, 10.0)), Some((5.0, 5.0))]);
    assert!(matches!(threshold.with_limits(Some(9.0), None), Err(Error::Threshold { measurement, .. }) if measurement == "latency"));
}

#[test]
fn what_makes_sense_is_kept() {
    let threshold = Threshold::below("free").warn(10.0).fail(5.0).leave_warn(12.0).leave_fail(6.0).rise(2).fall(3).build().unwrap();
    let limit = |level| threshold.limit(level).map(|limit| (limit.enter, limit.leave));
    assert_eq!((limit(Level::Pass), limit(Level::Warn), limit(Level::Fail)), (None, Some((10.0, 12.0)), Some((5.0, 6.0))));
    assert!(matches!(Threshold::above("x").build(), Err(Error::Threshold { measurement, .. }) if measurement == "x"));
}
