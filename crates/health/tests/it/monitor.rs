//! Checks in the background: none waits for another, none runs twice at a time, old answers do not count.

use std::sync::atomic::{AtomicU32, AtomicUsize, Ordering::SeqCst};
use std::sync::mpsc::{Sender, channel};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use magnetiq_health::{
    Check, CheckError, CheckInfo, Clock, Deadline, Error, Facts, Maintenance, Moment, Monitor, MonitorBuilder, Scope, Status,
};

use crate::support::{Hand, answering, at, eventually};

const HOUR: Duration = Duration::from_secs(3600);
const MOMENT: Duration = Duration::from_millis(3);

fn info(id: &str) -> CheckInfo {
    CheckInfo::new(id, "", "A check").critical().every(MOMENT)
}

fn builder() -> MonitorBuilder {
    Monitor::builder().tick(MOMENT)
}

/// A check that passes and counts its runs.
fn counting() -> (Arc<AtomicUsize>, impl Check) {
    let runs = Arc::new(AtomicUsize::new(0));
    let counted = runs.clone();
    (runs, move |_: Deadline| {
        counted.fetch_add(1, SeqCst);
        Ok(Facts::new())
    })
}

/// A check that hangs until the sender is dropped.
fn hanging() -> (Sender<()>, impl Check) {
    let (release, held) = channel::<()>();
    (release, move |_: Deadline| {
        let _released = held.recv();
        Ok(Facts::new())
    })
}

/// A check that is seen as what stands in the cell.
fn told(status: Status) -> (Arc<Mutex<Status>>, impl Check) {
    let cell = Arc::new(Mutex::new(status));
    let read = cell.clone();
    (cell, move |_: Deadline| answering(*read.lock().unwrap()))
}

fn status(monitor: &Monitor, check: &str) -> Status {
    monitor.report().check(check).unwrap().status
}

#[test]
fn a_check_that_hangs_delays_no_other_and_is_told_of() {
    let (release, hangs) = hanging();
    let (runs, works) = counting();
    let monitor = builder().check(info("hangs").timeout(MOMENT).hang_fails(), hangs).check(info("works"), works).start().unwrap();
    eventually("the other one runs on", || runs.load(SeqCst) >= 50);
    eventually("the hang is told of", || status(&monitor, "hangs") == Status::Fail);
    let report = monitor.report();
    assert!(report.check("hangs").unwrap().says.starts_with("has not answered for"));
    assert_eq!((report.status, report.check("works").unwrap().status), (Status::Fail, Status::Pass));
    drop(release);
    eventually("it is well again", || status(&monitor, "hangs") == Status::Pass && monitor.report().settled);
    monitor.stop(HOUR).unwrap();
}

#[test]
fn stopping_is_bounded_and_names_what_hangs() {
    let (release, hangs) = hanging();
    let (_, works) = counting();
    let monitor = builder().check(info("hangs"), hangs).check(info("works"), works).start().unwrap();
    eventually("it hangs", || monitor.report().check("hangs").unwrap().running_seconds.is_some());
    let Error::StillRunning { checks } = monitor.stop(Duration::from_millis(50)).unwrap_err() else { panic!("another error") };
    assert_eq!(checks, ["hangs"]);
    assert!(!monitor.run_now("works"));
    assert!(monitor.transitions(Duration::ZERO).is_closed());
    monitor.stop(Duration::ZERO).expect("a second time does nothing");
    drop(release);
}

#[test]
fn a_check_never_runs_twice_at_a_time_and_is_gone_after_the_stop() {
    struct Alone {
        at_once: Arc<AtomicUsize>,
        runs: Arc<AtomicUsize>,
    }
    impl Check for Alone {
        fn run(&mut self, _deadline: Deadline) -> Result<Facts, CheckError> {
            assert_eq!(self.at_once.fetch_add(1, SeqCst), 0);
            std::thread::yield_now();
            self.at_once.fetch_sub(1, SeqCst);
            self.runs.fetch_add(1, SeqCst);
            Ok(Facts::new())
        }
    }
    impl Drop for Alone {
        fn drop(&mut self) {
            self.runs.store(usize::MAX, SeqCst);
        }
    }
    let runs = Arc::new(AtomicUsize::new(0));
    let monitor = builder().check(info("alone"), Alone { at_once: Arc::default(), runs: runs.clone() }).start().unwrap();
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                while runs.load(SeqCst) < 200 {
                    assert!(monitor.run_now("alone"));
                }
            });
        }
    });
    assert_eq!(status(&monitor, "alone"), Status::Pass, "an assertion in it would have made it unknown");
    assert!(!monitor.run_now("nobody"));
    monitor.stop(HOUR).unwrap();
    assert_eq!(runs.load(SeqCst), usize::MAX, "what the check held is gone when the stop returns");
}

#[test]
fn what_is_old_is_unknown() {
    let (hand, clock) = Hand::new();
    let (_, works) = counting();
    let monitor = builder().clock(clock).check(info("rare").every(HOUR), works).start().unwrap();
    assert_eq!(status(&monitor, "rare"), Status::Unknown);
    eventually("it runs at once", || status(&monitor, "rare") == Status::Pass);
    hand.forward(HOUR * 4);
    // At once, before anybody has judged.
    assert_eq!(monitor.report().status, Status::Unknown);
    eventually("the judge sees it", || status(&monitor, "rare") == Status::Unknown);
    assert!(monitor.run_now("rare"));
    eventually("it is asked again", || status(&monitor, "rare") == Status::Pass);
    monitor.stop(HOUR).unwrap();
    hand.forward(HOUR);
    assert_eq!(monitor.report().status, Status::Unknown, "a monitor that has stopped knows nothing");
}

#[test]
fn a_check_that_panics_is_unknown_and_asked_again() {
    let runs = AtomicUsize::new(0);
    let check = move |_: Deadline| match runs.fetch_add(1, SeqCst) {
        0 => panic!("the first time"),
        _ => Ok(Facts::new()),
    };
    let (_, works) = counting();
    let monitor = builder().check(info("panics").every(HOUR), check).check(info("works"), works).start().unwrap();
    eventually("it is told of", || {
        &*monitor.report().check("panics").unwrap().says == "could not find out: the check panicked: the first time"
    });
    assert!(monitor.run_now("panics"));
    eventually("it passes", || status(&monitor, "panics") == Status::Pass);
    eventually("so does the other", || monitor.report().status == Status::Pass);
}

#[test]
fn the_deadline_is_the_timeout() {
    let (sender, deadlines) = channel();
    let check = move |deadline: Deadline| {
        let _gone = sender.send(deadline.remaining());
        Ok(Facts::new())
    };
    let _monitor = builder().check(info("looks").timeout(HOUR), check).start().unwrap();
    let left = deadlines.recv().unwrap();
    assert!(left <= HOUR && left > HOUR / 2);
}

#[test]
fn a_cascade_alerts_once_though_the_symptom_is_seen_first() {
    let (disk, disk_check) = told(Status::Pass);
    let (database, database_check) = told(Status::Pass);
    // The disk is looked at so rarely that only asking finds it.
    let monitor = builder().check(info("disk").every(HOUR), disk_check).check(info("database").depends_on("disk"), database_check);
    let monitor = monitor.start().unwrap();
    let transitions = monitor.transitions(Duration::ZERO);
    for _ in 0..2 {
        assert_eq!(transitions.next_within(HOUR).unwrap().to, Status::Pass);
    }
    *disk.lock().unwrap() = Status::Fail;
    *database.lock().unwrap() = Status::Fail;
    let mut came = [transitions.next_within(HOUR).unwrap(), transitions.next_within(HOUR).unwrap()];
    came.sort_by(|one, other| other.check.cmp(&one.check));
    let [disk_came, database_came] = came;
    assert_eq!((disk_came.to, disk_came.is_alert()), (Status::Fail, true));
    assert_eq!((database_came.to, database_came.is_alert()), (Status::Suppressed, false));
    assert_eq!(database_came.because_of, ["disk"]);
    // Without a cause it alerts for itself.
    *disk.lock().unwrap() = Status::Pass;
    assert!(monitor.run_now("disk"));
    eventually("the database fails for itself", || {
        let came = transitions.next_within(HOUR).unwrap();
        came.check == "database" && came.to == Status::Fail && came.is_alert()
    });
}

#[test]
fn who_comes_late_hears_what_is_wrong() {
    let (_, fails) = told(Status::Fail);
    let monitor = builder().check(info("fails"), fails).start().unwrap();
    eventually("it fails", || status(&monitor, "fails") == Status::Fail);
    let first = monitor.transitions(Duration::ZERO).next_within(HOUR).unwrap();
    assert_eq!((first.check.as_str(), first.to, first.is_alert()), ("fails", Status::Fail, true));
}

#[test]
fn maintenance_outlives_a_clock_that_jumps() {
    let ahead = Arc::new(AtomicU32::new(0));
    let told_ahead = ahead.clone();
    let clock = Clock::new(move || Moment { wall: at(f64::from(told_ahead.load(SeqCst))).wall, ..at(0.0) });
    let (_, fails) = told(Status::Fail);
    let monitor = builder().clock(clock).check(info("fails"), fails).start().unwrap();
    let window = Maintenance { scope: Scope::all(), from: at(0.0).wall, until: at(60.0).wall, reason: "a move".to_owned() };
    monitor.maintain(window.clone()).unwrap();
    eventually("it is maintained", || status(&monitor, "fails") == Status::Maintenance);
    ahead.store(365 * 24 * 3600, SeqCst);
    eventually("it is over", || status(&monitor, "fails") == Status::Fail && monitor.windows().is_empty());
    ahead.store(1, SeqCst);
    eventually("it goes on", || status(&monitor, "fails") == Status::Maintenance && monitor.windows() == [window.clone()]);
}

#[test]
fn maintenance_begins_and_ends() {
    let (hand, clock) = Hand::new();
    let (_, fails) = told(Status::Fail);
    let monitor = builder().clock(clock).check(info("fails"), fails).start().unwrap();
    eventually("it fails", || status(&monitor, "fails") == Status::Fail);
    let window = |until| Maintenance { scope: Scope::all(), from: at(0.0).wall, until: at(until).wall, reason: "a move".to_owned() };
    monitor.maintain(window(60.0)).unwrap();
    eventually("it is maintained", || status(&monitor, "fails") == Status::Maintenance);
    hand.forward(Duration::from_secs(60));
    eventually("that has ended by itself", || status(&monitor, "fails") == Status::Fail && monitor.windows().is_empty());
    monitor.maintain(window(1000.0)).unwrap();
    monitor.maintain(window(2000.0)).unwrap();
    assert_eq!(monitor.windows(), [window(2000.0)]);
    assert!(monitor.end_maintenance(&Scope::all()) && !monitor.end_maintenance(&Scope::all()));
    eventually("it was ended", || status(&monitor, "fails") == Status::Fail);
    assert!(monitor.maintain(Maintenance { scope: Scope::Node("nowhere".into()), ..window(1.0) }).is_err());
}
