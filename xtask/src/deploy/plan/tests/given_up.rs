//! Plans about what was given up, and what it leaves.

use super::{facts, is_before, place, release};
use crate::deploy::facts::{Facts, Learned};
use crate::deploy::plan::{Reached, Work, back, forward, stay};
use crate::deploy::release::{Outcome, Release};

/// It had migrated, and is not well: 9 in the place of it goes back to 6.
fn rollback() -> Facts {
    let left = Release { outcome: Outcome::Stuck, ended_at: None, ..release(7, 16) };
    Facts { previous: Some(left), of: Some(release(6, 15)), ..facts() }
}

/// What somebody started by hand, or gave up, comes into the history with what takes its place.
#[test]
fn what_runs_unrecorded_is_known_to_others_too() {
    let recorded = |previous: Release| {
        let facts = Facts { previous: Some(previous), ..facts() };
        let steps = forward(&facts);
        let lines = &steps[place(&steps, "record").expect("it is recorded")].lines;
        lines.iter().map(|line| line.words()[3].rsplit('/').next().expect("a number").to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(recorded(release(7, 15)), ["8"]);
    assert_eq!(recorded(Release { ended_at: None, ..release(7, 15) }), ["7", "8"]);
    assert_eq!(
        recorded(Release { ended_at: None, outcome: Outcome::Stuck, ..release(7, 15) }),
        ["8"],
        "what is not well was given up, and stays so"
    );
}

/// Where the rollback is refused, or comes to nothing, what was there comes back, and is asked for nothing: it was not well before.
#[test]
fn what_was_not_well_comes_back_unasked() {
    let reached = Reached { locked: true, filed: true, closed: true, switched: true, put: false, opened: false };
    let way = back(&rollback(), &Learned::default(), reached);
    for name in ["back-switch", "back-open", "back-others", "back-unlock"] {
        assert!(place(&way, name).is_some(), "{name}");
    }
    for name in ["back-gate", "back-trial", "back-smoke"] {
        assert!(place(&way, name).is_none(), "{name}");
    }
}

/// It never passed, and nobody had let visitors in to it: what fails does not do so, either.
#[test]
fn who_was_kept_out_before_comes_in_to_nothing_but_what_has_passed() {
    let opens = |facts: &Facts, switched: bool| {
        let reached = Reached { locked: true, filed: true, closed: switched, switched, put: false, opened: false };
        place(&back(facts, &Learned::default(), reached), "back-open").is_some()
    };
    for (closed_before, from_it) in [(true, false), (false, true)] {
        let unwell = Facts { closed_before, ..rollback() };
        assert_eq!([opens(&unwell, false), opens(&unwell, true)], [from_it, from_it]);
        // A deployment goes back to what passed; until that runs, what runs is what was given up.
        let over_it = Facts { closed_before, ..facts() };
        assert_eq!([opens(&over_it, false), opens(&over_it, true)], [from_it, true]);
        // Where the way back is refused, what fails goes on running: it did not pass, either.
        let stays_open = |opened| {
            let reached = Reached { locked: true, filed: true, closed: true, switched: true, put: false, opened };
            place(&stay(&over_it, reached), "stay-open").is_some()
        };
        assert_eq!([stays_open(false), stays_open(true)], [from_it, true]);
    }
}

#[test]
fn it_is_gone_back_over_two_migrations_one_after_the_other() {
    let back_to = |facts: &Facts| {
        let steps = forward(facts);
        assert!(is_before(&steps, "backup", "data-between") && is_before(&steps, "data", "switch"));
        let data = steps.iter().filter(|step| step.work == Work::Data && step.undone_by == ["back-put"]);
        data.map(|step| step.lines[0].words().last().expect("a version").clone()).collect::<Vec<_>>()
    };
    assert_eq!(back_to(&rollback()), ["15"]);
    assert_eq!(back_to(&Facts { between: Some(15), of: Some(release(6, 14)), ..rollback() }), ["15", "14"]);
}
