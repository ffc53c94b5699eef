//! How one check is seen: hysteresis, counting, age, hanging; by cases, and by ten thousand random stories.

use std::time::Duration;

use expect_test::{Expect, expect};
use magnetiq_health::{CheckError, CheckInfo, CheckState, Damping, Event, Facts, Status, Threshold, Value};
use proptest::prelude::*;

use crate::support::{answer, at, used};

fn disk(threshold: Threshold) -> CheckInfo {
    CheckInfo::new("disk", "storage", "Disk").every(Duration::from_secs(10)).timeout(Duration::from_secs(5)).threshold(threshold)
}

/// Tells what is seen after each of `values`, ten seconds apart.
#[track_caller]
fn check(threshold: Threshold, values: &[f64], expected: Expect) {
    let info = disk(threshold);
    let mut state = CheckState::new(&info, at(0.0));
    let mut story = String::new();
    for (i, value) in values.iter().enumerate() {
        state = answer(state, &info, Ok(used(*value)), at(10.0 * (i as f64 + 1.0)));
        story += &format!("{:<4} {}\n", state.seen().word(), state.says());
    }
    expected.assert_eq(&story);
}

#[test]
fn a_value_that_trembles_at_the_limit_does_not_flap() {
    check(
        Threshold::above("used").warn(80.0).leave_warn(75.0).fail(90.0).leave_fail(85.0).build().unwrap(),
        &[79.9, 80.0, 79.9, 76.0, 80.1, 75.0, 90.0, 89.0, 84.0, 74.0],
        expect![[r#"
            pass used 79.9 %
            warn used is 80 %, warn at or above 80 %
            warn used is 79.9 %, warn until it stays below 75 %
            warn used is 76 %, warn until it stays below 75 %
            warn used is 80.1 %, warn at or above 80 %
            pass used 75 %
            fail used is 90 %, fail at or above 90 %
            fail used is 89 %, fail until it stays below 85 %
            warn used is 84 %, warn at or above 80 %
            pass used 74 %
        "#]],
    );
}

#[test]
fn it_takes_as_many_readings_as_asked_for() {
    check(
        Threshold::below("used").fail(10.0).leave_fail(20.0).fall(3).rise(2).build().unwrap(),
        &[50.0, 9.0, 9.0, 50.0, 9.0, 9.0, 9.0, 15.0, 21.0, 9.0, 21.0, 22.0],
        expect![[r#"
            pass used 50 %
            pass used 9 %
            pass used 9 %
            pass used 50 %
            pass used 9 %
            pass used 9 %
            fail used is 9 %, fail at or below 10 %
            fail used is 15 %, fail until it stays above 20 %
            fail used is 21 %, fail until it stays above 20 %
            fail used is 9 %, fail at or below 10 %
            fail used is 21 %, fail until it stays above 20 %
            pass used 22 %
        "#]],
    );
    check(
        Threshold::above("used").warn(80.0).lasting(Duration::from_secs(20)).build().unwrap(),
        &[50.0, 81.0, 50.0, 81.0, 81.0, 81.0, 50.0],
        expect![[r#"
            pass used 50 %
            pass used 81 %
            pass used 50 %
            pass used 81 %
            pass used 81 %
            warn used is 81 %, warn at or above 80 %
            pass used 50 %
        "#]],
    );
}

#[test]
fn what_nobody_knows_is_never_pass() {
    let info = disk(Threshold::above("used").warn(80.0).build().unwrap());
    let new = || CheckState::new(&info, at(0.0));
    let good = || answer(new(), &info, Ok(used(1.0)), at(1.0));
    let seen = |state: &CheckState| format!("{}: {}", state.seen(), state.says());
    let cases = [
        new(),
        good(),
        good().step(&info, Event::Tick, at(36.0)),
        good().step(&info, Event::Tick, at(36.1)),
        good().step(&info, Event::Started, at(11.0)).step(&info, Event::Tick, at(16.0)),
        good().step(&info, Event::Started, at(11.0)).step(&info, Event::Tick, at(23.0)),
        answer(good(), &info, Err(CheckError::undetermined("/proc is not mounted")), at(2.0)),
        answer(good(), &info, Err(CheckError::failed("it is gone")), at(2.0)),
        answer(good(), &info, Ok(Facts::new()), at(2.0)),
        answer(good(), &info, Ok(Facts::new().without("used", "no such folder")), at(2.0)),
        answer(good(), &info, Ok(used(f64::NAN)), at(2.0)),
    ];
    expect![[r#"
        unknown: has not run yet
        pass: used 1 %
        pass: used 1 %
        unknown: answered 35.1 s ago, an answer counts for 35 s
        pass: used 1 %
        unknown: has not answered for 12 s
        unknown: could not find out: /proc is not mounted
        fail: it is gone
        unknown: used was not measured
        unknown: used is not known: no such folder
        unknown: used is not a number"#]]
    .assert_eq(&cases.iter().map(seen).collect::<Vec<_>>().join("\n"));
}

#[test]
fn a_hang_is_a_failure_where_it_is_said_to_be_one() {
    let info = CheckInfo::new("database", "", "Database").hang_fails();
    let state = CheckState::new(&info, at(0.0)).step(&info, Event::Started, at(0.0));
    let state = state.step(&info, Event::Tick, at(12.0));
    assert_eq!((state.seen(), state.says()), (Status::Fail, "has not answered for 12 s"));
    assert_eq!(answer(state, &info, Ok(Facts::new()), at(13.0)).seen(), Status::Pass);
}

#[test]
fn a_measurement_that_need_not_be_there_may_be_missing() {
    let info = disk(Threshold::below("full_in").warn(3600.0).optional().build().unwrap());
    let full_in = |seconds| Ok(Facts::new().with("full_in", Value::Seconds(seconds)));
    let mut state = answer(CheckState::new(&info, at(0.0)), &info, Ok(Facts::new()), at(1.0));
    assert_eq!(state.seen(), Status::Pass);
    state = answer(state, &info, full_in(60.0), at(2.0));
    assert_eq!((state.seen(), state.says()), (Status::Warn, "full in is 1 min, warn at or below 1 h"));
    state = answer(state, &info, Ok(Facts::new()), at(3.0));
    assert_eq!(state.seen(), Status::Pass);
    state = answer(state, &info, Ok(Facts::new().without("full_in", "no history")), at(4.0));
    assert_eq!(state.seen(), Status::Unknown);
}

#[test]
fn errors_and_findings_are_damped_as_asked_for() {
    let damping = Damping { rise: 2, fall: 2, lasting: Duration::ZERO };
    let info = CheckInfo::new("mail", "", "Mail").damping(damping);
    let refused = || Err(CheckError::failed("refused"));
    let fine = || Ok(Facts::new());
    let mut state = CheckState::new(&info, at(0.0));
    let mut seen = Vec::new();
    for (i, result) in
        [fine(), refused(), fine(), refused(), refused(), fine(), fine(), Ok(Facts::new().warning("slow"))].into_iter().enumerate()
    {
        state = answer(state, &info, result, at(i as f64));
        seen.push(state.seen().word());
    }
    assert_eq!(seen, ["pass", "pass", "pass", "pass", "fail", "fail", "pass", "pass"]);
}

/// What may happen to a check.
#[derive(Debug, Clone)]
enum Happens {
    Reads(f64),
    ReadsNothing,
    ReadsError,
    Fails,
    CannotTell,
    Starts,
    Nothing,
}

fn happens() -> impl Strategy<Value = Happens> {
    prop_oneof![
        12 => (0.0..100.0_f64).prop_map(Happens::Reads),
        1 => Just(Happens::Reads(f64::INFINITY)),
        1 => Just(Happens::ReadsNothing),
        1 => Just(Happens::ReadsError),
        1 => Just(Happens::Fails),
        1 => Just(Happens::CannotTell),
        2 => Just(Happens::Starts),
        3 => Just(Happens::Nothing),
    ]
}

/// Four limits in order, and how many readings it takes.
fn threshold() -> impl Strategy<Value = (Threshold, [f64; 4], u32, u32)> {
    (prop::array::uniform4(0.0..100.0_f64), any::<bool>(), 1..4_u32, 1..4_u32, 0..3_u64).prop_map(
        |(mut limits, above, rise, fall, lasting)| {
            limits.sort_by(f64::total_cmp);
            let ([leave_warn, warn, leave_fail, fail], builder) = if above {
                (limits, Threshold::above("used"))
            } else {
                limits.reverse();
                (limits, Threshold::below("used"))
            };
            let lasting = Duration::from_secs(lasting * 10);
            let builder =
                builder.warn(warn).leave_warn(leave_warn).fail(fail).leave_fail(leave_fail).rise(rise).fall(fall).lasting(lasting);
            (builder.build().unwrap(), [leave_warn, warn, leave_fail, fail], rise, fall)
        },
    )
}

fn result(happens: &Happens) -> Option<Result<Facts, CheckError>> {
    match happens {
        Happens::Reads(value) => Some(Ok(used(*value))),
        Happens::ReadsNothing => Some(Ok(Facts::new())),
        Happens::ReadsError => Some(Ok(Facts::new().without("used", "gone"))),
        Happens::Fails => Some(Err(CheckError::failed("broken"))),
        Happens::CannotTell => Some(Err(CheckError::undetermined("dark"))),
        Happens::Starts | Happens::Nothing => None,
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 10_000, failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever happens: pass is said only of a value that was read, and is young; a mind is changed only by enough readings in a row that
    /// are beyond the line which leads there.
    #[test]
    fn never_pass_for_unknown_and_never_without_reason(
        (threshold, [leave_warn, warn, _, _], rise, fall) in threshold(),
        story in prop::collection::vec((happens(), 0.0..30.0_f64), 1..30),
    ) {
        let above = leave_warn <= warn;
        let is_bad = |value: f64, line: f64| if above { value >= line } else { value <= line };
        let info = disk(threshold);
        let mut state = CheckState::new(&info, at(0.0));
        let mut now = 0.0;
        let (mut read_at, mut last, mut running) = (None, None, None);
        let mut readings: Vec<f64> = Vec::new();
        let mut believed = None;
        for (happens, pause) in story {
            now += pause;
            match result(&happens) {
                Some(result) => {
                    state = answer(state, &info, result, at(now));
                    (last, running) = (Some(happens.clone()), None);
                }
                None if matches!(happens, Happens::Starts) => {
                    state = state.step(&info, Event::Started, at(now));
                    running = Some(now);
                }
                None => state = state.step(&info, Event::Tick, at(now)),
            }
            if let Happens::Reads(value) = happens && value.is_finite() {
                read_at = Some(now);
                readings.push(value);
            }
            if state.seen() == Status::Pass {
                prop_assert!(now - read_at.unwrap() <= 35.0, "the last reading is too old to be believed");
                prop_assert!(matches!(last, Some(Happens::Reads(value)) if value.is_finite()), "pass after {last:?}");
                prop_assert!(running.is_none_or(|since| now - since <= 5.0), "pass while it hangs");
            }
            // A change that a reading brought, between two states that readings make.
            if let Happens::Reads(value) = happens && value.is_finite() {
                let seen = state.seen();
                let bad = matches!(seen, Status::Warn | Status::Fail);
                let in_a_row = |n: u32| readings.iter().rev().take(n as usize);
                if believed == Some(false) && bad {
                    prop_assert!(readings.len() > fall as usize);
                    prop_assert!(in_a_row(fall).all(|value| is_bad(*value, warn)), "bad after {readings:?}");
                }
                if believed == Some(true) && !bad {
                    prop_assert!(in_a_row(rise).all(|value| !is_bad(*value, leave_warn) || *value == leave_warn), "good after {readings:?}");
                }
                believed = Some(bad);
            }
        }
    }

    /// Between leaving and entering, nothing changes, however long it trembles there.
    #[test]
    fn never_flaps_inside_the_hysteresis(
        (threshold, [leave_warn, warn, ..], ..) in threshold(),
        before in prop::collection::vec(0.0..100.0_f64, 1..10),
        trembling in prop::collection::vec(0.001..0.999_f64, 1..20),
    ) {
        prop_assume!((warn - leave_warn).abs() > 0.001);
        let info = disk(threshold);
        let mut state = CheckState::new(&info, at(0.0));
        let mut now = 0.0;
        let mut read = |state: CheckState, value: f64| {
            now += 10.0;
            answer(state, &info, Ok(used(value)), at(now))
        };
        for value in before {
            state = read(state, value);
        }
        let (mut changes, start) = (Vec::new(), state.seen());
        for share in trembling {
            let was = state.seen();
            state = read(state, leave_warn + share * (warn - leave_warn));
            if state.seen() != was {
                changes.push((was, state.seen()));
            }
        }
        // A failure may end, since this is beyond where it is left; it ends as a warning, and nothing else changes.
        match start {
            Status::Fail => prop_assert!(changes.is_empty() || changes == [(Status::Fail, Status::Warn)], "{changes:?}"),
            _ => prop_assert!(changes.is_empty(), "{changes:?}"),
        }
    }
}
