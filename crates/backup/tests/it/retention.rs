//! What is kept, as a table and as properties.

use std::fs::{self, File};
use std::thread;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use magnetiq_backup::{Because, Candidate, Reason, Retention, Which};
use proptest::prelude::*;

use crate::support::{Site, create, proven};

const DAY: i64 = 86_400;

/// One backup a day at 02:00, the last on 2026-11-23 (a Monday), named by how many days ago.
fn daily(days: i64) -> Vec<Candidate> {
    (0..days)
        .map(|ago| {
            let created_at = Timestamp::from_second(crate::support::TWO_O_CLOCK - ago * DAY).unwrap();
            let id = created_at.strftime("%Y%m%dT%H%M%SZ").to_string();
            Candidate {
                id,
                created_at,
                reason: Reason::Schedule,
                pinned: false,
                proven: true,
                was_proven: true,
                failed: false,
                partial: false,
                emptied: false,
                size_bytes: 100,
            }
        })
        .collect()
}

fn now() -> Timestamp {
    Timestamp::from_second(crate::support::TWO_O_CLOCK + 60).unwrap()
}

/// How many days ago those were made that are kept.
fn kept(retention: &Retention, candidates: &[Candidate]) -> Vec<usize> {
    let plan = retention.plan(candidates, now());
    (0..candidates.len()).filter(|at| plan.iter().any(|d| d.id == candidates[*at].id && d.keep)).collect()
}

#[test]
fn the_newest_of_each_period_is_kept() {
    let check = |retention: Retention, expected: &[usize]| assert_eq!(kept(&retention, &daily(800)), expected, "{retention:?}");
    check(Retention::default(), &[0, 1, 2, 3, 4, 5, 6]);
    check(Retention::daily(2).weekly(3), &[0, 1, 8]);
    check(Retention::daily(1).monthly(3), &[0, 23, 54]);
    check(Retention::daily(1).yearly(4), &[0, 327, 692]);
    check(Retention::daily(7).size_limit_bytes(Some(350)), &[0, 1, 2]);
    check(Retention::daily(7).size_limit_bytes(Some(1)), &[0]);
    check(Retention::daily(0), &[0]);
}

#[test]
fn some_are_kept_whatever_the_rest_says() {
    let check = |what: &str, change: fn(&mut Vec<Candidate>), expected: &[usize]| {
        let mut candidates = daily(60);
        change(&mut candidates);
        assert_eq!(kept(&Retention::daily(2), &candidates), expected, "{what}");
    };
    check("pinned", |c| c[40].pinned = true, &[0, 1, 40]);
    check("the newest proven one", |c| c.iter_mut().take(30).for_each(|c| c.proven = false), &[0, 1, 30]);
    let partial = |c: &mut Vec<Candidate>| c.iter_mut().take(30).for_each(|c| c.partial = true);
    check("the newest proven without a gap", partial, &[0, 1, 30]);
    let emptied = |c: &mut Vec<Candidate>| {
        c.iter_mut().for_each(|c| c.partial = true);
        c.iter_mut().take(30).for_each(|c| c.emptied = true);
    };
    check("the newest proven from before the database was emptied", emptied, &[0, 1, 30]);
    let failing = |c: &mut Vec<Candidate>| c.iter_mut().take(10).for_each(|c| (c.failed, c.proven, c.was_proven) = (true, false, false));
    check("three of those that never restored, which stand for no day", failing, &[0, 1, 2, 10, 11]);
    let pinned =
        |c: &mut Vec<Candidate>| c[5..9].iter_mut().for_each(|c| (c.failed, c.proven, c.was_proven, c.pinned) = (true, false, false, true));
    check("pinned ones, whether they restore or not", pinned, &[0, 1, 5, 6, 7, 8]);
    check("nothing proven", |c| c.iter_mut().for_each(|c| c.proven = false), &[0, 1]);
    check("before a deployment, for 30 days", |c| c[29].reason = Reason::PreDeploy, &[0, 1, 29]);
    let many = |c: &mut Vec<Candidate>| c.iter_mut().skip(40).for_each(|c| c.reason = Reason::PreMigration);
    check("before migrations, at least three", many, &[0, 1, 40, 41, 42]);
    // The clock was set back by a year: ids go on, days are those of the clock.
    let set_back = |c: &mut Vec<Candidate>| {
        for candidate in c.iter_mut().take(3) {
            candidate.created_at = Timestamp::from_second(candidate.created_at.as_second() - 365 * DAY).unwrap();
        }
    };
    check("clock set back", set_back, &[0, 1]);
    // Two of one day, of which the newer one failed.
    let failed = |c: &mut Vec<Candidate>| {
        (c[1].failed, c[1].proven) = (true, false);
        c[2].created_at = c[1].created_at;
    };
    check("a failed one does not stand for its day", failed, &[0, 2]);
    let partial = |c: &mut Vec<Candidate>| {
        c[1].partial = true;
        c[2].created_at = c[1].created_at;
    };
    check("one with a gap does not stand for its day", partial, &[0, 2]);
    // The newer one is as good for all that anybody knows, and nobody has tried.
    let unproven = |c: &mut Vec<Candidate>| {
        c[1].proven = false;
        c[2].created_at = c[1].created_at;
    };
    check("one that nobody verified does not displace the proven one of its day", unproven, &[0, 2]);
}

#[test]
fn reasons_are_told() {
    let plan = Retention::daily(2).plan(&daily(3), now());
    let reasons: Vec<_> = plan.iter().map(|decision| decision.reasons.clone()).collect();
    assert_eq!(reasons, [vec![Because::Newest, Because::NewestProven, Because::Daily], vec![Because::Daily], vec![Because::Surplus]]);
}

#[test]
fn what_was_pinned_after_the_plan_stays() {
    let site = Site::new();
    let backups = magnetiq_backup::Backups::new(site.options().retention(Retention::daily(1))).unwrap();
    for _ in 0..4 {
        let entry = create(&backups);
        proven(&backups, &entry);
        site.wait(DAY);
    }
    let plan = backups.plan_prune(now()).unwrap();
    assert_eq!((plan.removed().count(), backups.list().unwrap().len()), (3, 4), "a plan removes nothing");
    let oldest = plan.items.last().unwrap().entry.id.clone();
    backups.pin(&oldest, true).unwrap();
    let pruned = backups.prune(&plan).unwrap();
    assert_eq!(pruned.removed.len(), 2);
    assert!(pruned.freed_bytes > 0);
    assert_eq!(backups.list().unwrap().last().unwrap().id, oldest);
}

#[test]
fn what_is_being_pinned_stays() {
    let site = Site::new();
    let backups = magnetiq_backup::Backups::new(site.options().retention(Retention::daily(1))).unwrap();
    let old = create(&backups);
    proven(&backups, &old);
    site.wait(DAY);
    let new = create(&backups);
    proven(&backups, &new);
    let plan = backups.plan_prune(now()).unwrap();
    assert_eq!(plan.removed().count(), 1);
    // Somebody is about to change a record.
    let records = File::options().write(true).open(site.path("backups/records.lock")).unwrap();
    records.lock().unwrap();
    let pruned = thread::scope(|scope| {
        let prune = scope.spawn(|| backups.prune(&plan).unwrap());
        // One that waits for nobody gets the time to do its damage.
        let begin = Instant::now();
        while !prune.is_finished() && begin.elapsed() < Duration::from_millis(500) {
            thread::sleep(Duration::from_millis(5));
        }
        let record = site.path(&format!("backups/magnetiq-{}.proof.json", old.id));
        let pinned = fs::read_to_string(&record).map(|text| text.replace("\"pinned\": false", "\"pinned\": true"));
        pinned.and_then(|text| fs::write(&record, text)).unwrap();
        drop(records);
        prune.join().unwrap()
    });
    assert!(pruned.removed.is_empty(), "{pruned:?}");
    assert!(backups.find(&Which::Id(old.id)).unwrap().record.pinned);
}

#[test]
fn a_record_that_is_lost_meanwhile_is_made_anew() {
    let site = Site::new();
    let backups = site.backups();
    let entry = create(&backups);
    let plan = backups.plan_prune(now()).unwrap();
    let record = site.path(&format!("backups/magnetiq-{}.proof.json", entry.id));
    fs::remove_file(&record).unwrap();
    assert!(backups.prune(&plan).unwrap().removed.is_empty());
    assert!(record.exists(), "who prunes does not wait for itself");
}

prop_compose! {
    fn candidate()(hours in 0_i64..20_000, reason in 0_usize..4, pinned in prop::bool::weighted(0.05), proof in 0..4, partial in prop::bool::weighted(0.1), size_bytes in 0_u64..1000) -> Candidate {
        let created_at = Timestamp::from_second(1_700_000_000 + hours * 3600).unwrap();
        let reason = [Reason::Schedule, Reason::Manual, Reason::PreDeploy, Reason::PreMigration][reason];
        let (proven, failed, was_proven) = (proof == 1, proof >= 2, proof == 1 || proof == 3);
        Candidate { id: String::new(), created_at, reason, pinned, proven, was_proven, failed, partial, emptied: partial && hours % 2 == 0, size_bytes }
    }
}

prop_compose! {
    /// Ids ascend in the order of making, whatever the clock says.
    fn candidates()(mut all in prop::collection::vec(candidate(), 1..60), sorted in any::<bool>()) -> Vec<Candidate> {
        if sorted {
            all.sort_by_key(|candidate| candidate.created_at);
        }
        for (number, candidate) in all.iter_mut().enumerate() {
            candidate.id = format!("{number:05}");
        }
        all
    }
}

prop_compose! {
    fn retention()(daily in 0_u32..10, weekly in 0_u32..5, monthly in 0_u32..5, yearly in 0_u32..3, days in 0_u32..50, limit in prop::option::of(0_u64..20_000))
        -> Retention {
        Retention::daily(daily).weekly(weekly).monthly(monthly).yearly(yearly).keep_special_days(days).size_limit_bytes(limit)
    }
}

proptest! {
    #[test]
    fn nothing_that_counts_is_removed(candidates in candidates(), retention in retention()) {
        let plan = retention.plan(&candidates, Timestamp::from_second(1_780_000_000).unwrap());
        let keeps = |candidate: &Candidate| plan.iter().any(|decision| decision.id == candidate.id && decision.keep);
        prop_assert_eq!(plan.len(), candidates.len());
        prop_assert!(plan.iter().all(|decision| !decision.reasons.is_empty()));
        prop_assert!(keeps(candidates.last().unwrap()), "the newest");
        prop_assert!(candidates.iter().rev().find(|candidate| candidate.proven).is_none_or(keeps), "the newest proven");
        prop_assert!(candidates.iter().rev().find(|c| c.proven && !c.partial).is_none_or(keeps), "the newest proven without a gap");
        prop_assert!(candidates.iter().rev().find(|c| c.proven && !c.emptied).is_none_or(keeps), "the newest proven from before an accident");
        prop_assert!(candidates.iter().filter(|candidate| candidate.pinned).all(keeps), "pinned");
    }

    #[test]
    fn asking_for_more_never_removes_more(candidates in candidates(), retention in retention()) {
        let now = Timestamp::from_second(1_780_000_000).unwrap();
        let kept = |retention: &Retention| -> Vec<String> {
            retention.plan(&candidates, now).into_iter().filter(|decision| decision.keep).map(|decision| decision.id).collect()
        };
        let less = retention.clone().size_limit_bytes(None);
        let mut more = less.clone().weekly(retention.weekly + 1).monthly(retention.monthly + 2).keep_special_days(retention.keep_special_days + 9);
        more.daily += 1;
        let more_kept = kept(&more);
        prop_assert!(kept(&less).iter().all(|id| more_kept.contains(id)));
        let unlimited = kept(&less);
        prop_assert!(kept(&retention).iter().all(|id| unlimited.contains(id)), "a limit only removes");
    }

    #[test]
    fn pruning_twice_removes_nothing_the_second_time(mut candidates in candidates(), retention in retention()) {
        // One that is worth less than the best of its day and is pinned may stand for it once the best is gone, and that takes a turn from
        // another day.
        candidates.iter_mut().for_each(|candidate| {
            (candidate.failed, candidate.partial, candidate.emptied) = (false, false, false);
            (candidate.proven, candidate.was_proven) = (true, true);
        });
        let now = Timestamp::from_second(1_780_000_000).unwrap();
        let first = retention.plan(&candidates, now);
        let left: Vec<_> = candidates.iter().filter(|c| first.iter().any(|d| d.id == c.id && d.keep)).cloned().collect();
        prop_assert!(retention.plan(&left, now).iter().all(|decision| decision.keep));
    }
}
