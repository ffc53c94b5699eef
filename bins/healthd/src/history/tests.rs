use std::time::Duration;

use magnetiq_health::Status::{Fail, Maintenance, Pass, Unknown, Warn};
use magnetiq_health::{Moment, Scope, Status};
use proptest::prelude::*;

use super::record::hour;
use super::*;
use crate::incident::Incident;

fn store() -> Store {
    let store = Store::temporary(Options::default().readers(1)).unwrap();
    store.migrate(embedded::migrations::runner()).unwrap();
    store
}

/// 2026-11-24T00:00:00Z, so many minutes later.
fn at(minutes: i64) -> Timestamp {
    "2026-11-24T00:00:00Z".parse::<Timestamp>().unwrap() + jiff::SignedDuration::from_mins(minutes)
}

const MINUTE_MS: i64 = 60_000;

fn site() -> Subject {
    Subject { site: "main".to_owned(), check: String::new() }
}

/// The site was so from one minute to another, within an hour.
fn lasted(status: Status, from: i64, to: i64) -> Lasted {
    Lasted { subject: site(), from: at(from), status, milliseconds: (to - from) * MINUTE_MS }
}

fn write(store: &Store, lasted: Vec<Lasted>) {
    store.write(move |tx| record(tx, &lasted, &[])).wait().unwrap();
}

fn past_of(store: &Store, now: Timestamp) -> Past {
    store.read(move |conn| past(conn, "main", now)).wait().unwrap()
}

/// Minutes of the day that has `now` in it: up, down, maintenance, not known.
fn today(store: &Store, now: i64) -> [i64; 4] {
    let past = past_of(store, at(now));
    assert_eq!(past.days.len(), 90);
    let day = past.days[89];
    [day.up_ms, day.down_ms, day.maintenance_ms, day.unknown_ms].map(|milliseconds| milliseconds / MINUTE_MS)
}

#[test]
fn a_site_that_is_new_has_no_past() {
    let store = store();
    let past = past_of(&store, at(600));
    assert!(past.days.iter().all(|day| !day.is_watched()));
    assert_eq!((past.whole().uptime(), past.whole().unknown()), (None, 0.0));
}

#[test]
fn what_nobody_saw_is_not_up() {
    let store = store();
    // Watched since ten past, with a hole of half an hour.
    write(
        &store,
        vec![lasted(Pass, 10, 20), lasted(Fail, 50, 60), lasted(Warn, 60, 70), lasted(Unknown, 70, 75), lasted(Maintenance, 75, 80)],
    );
    assert_eq!(today(&store, 80), [20, 10, 5, 35]);
    let whole = past_of(&store, at(80)).whole();
    assert!((whole.uptime().unwrap() - 2.0 / 3.0).abs() < 1e-9 && (whole.unknown() - 0.5).abs() < 1e-9, "{whole:?}");
    // A day on which it did not run at all, and a new beginning.
    write(&store, vec![lasted(Pass, 2 * 1440, 2 * 1440 + 30)]);
    let past = past_of(&store, at(2 * 1440 + 30));
    let unknown = past.days.iter().map(|day| day.unknown_ms / MINUTE_MS).rev().take(3).collect::<Vec<_>>();
    assert_eq!(unknown, [0, 1440, 1440 - 10 - 35], "today, yesterday, the day before");
    assert!(past.days[88].is_watched() && past.days[88].uptime().is_none());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    /// Whatever was written down: no day has more than it lasted, and what is not known and what is add up.
    #[test]
    fn a_day_adds_up(pieces in prop::collection::vec((0..5_usize, 1..60_i64, 0..120_i64), 1..60)) {
        let (store, mut now, mut rows) = (store(), 0, Vec::new());
        for (status, lasts, gap) in pieces {
            let from = now + gap;
            // Within one hour, as the tally cuts it.
            let to = (from + lasts).min(from - from % 60 + 60);
            rows.push(lasted([Pass, Warn, Fail, Unknown, Maintenance][status], from, to));
            now = to;
        }
        let first = rows[0].from;
        write(&store, rows);
        let past = past_of(&store, at(now));
        for day in &past.days {
            let sum = day.up_ms + day.down_ms + day.maintenance_ms + day.unknown_ms;
            let begin = day.at.max(first).as_millisecond();
            let end = (day.at + jiff::SignedDuration::from_hours(24)).min(at(now)).as_millisecond();
            prop_assert_eq!(sum, (end - begin).max(0), "{:?}", day);
        }
    }
}

#[test]
fn answers_are_added_up_by_hours() {
    let store = store();
    let answer = |minute, took_us| Answer { subject: site(), at: at(minute), status: Pass, took_us, reading: Some(1.5) };
    let answers = vec![answer(1, Some(30)), answer(2, Some(10)), answer(3, None), answer(61, None), answer(62, Some(7))];
    store.write(move |tx| record(tx, &[], &answers)).wait().unwrap();
    let rows = store.read(|conn| {
        let mut statement = conn.prepare("SELECT at, answers, took_min_us, took_sum_us, took_max_us FROM hour ORDER BY at")?;
        let rows = statement.query_map([], |row| Ok((row.get(0)?, [row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?])))?;
        Ok(rows.collect::<Result<Vec<(i64, [i64; 4])>, _>>()?)
    });
    assert_eq!(rows.wait().unwrap(), [(hour(at(0)).as_millisecond(), [3, 10, 40, 30]), (hour(at(61)).as_millisecond(), [2, 7, 7, 7])]);
    let lines = store.read(|conn| latencies(conn, at(62))).wait().unwrap();
    let points: Vec<f64> = lines[""].iter().flatten().copied().collect();
    assert_eq!((lines[""].len(), points), (96, vec![20e-6, 7e-6]));
}

#[test]
fn a_line_is_as_long_as_a_day() {
    let store = store();
    let answers: Vec<Answer> =
        (0..200).map(|quarter| Answer { subject: site(), at: at(15 * quarter), status: Pass, took_us: Some(1), reading: None }).collect();
    store.write(move |tx| record(tx, &[], &answers)).wait().unwrap();
    let lines = store.read(|conn| latencies(conn, at(15 * 199))).wait().unwrap();
    assert!(lines[""].iter().all(Option::is_some), "{lines:?}");
}

fn incident(started: i64, ended: Option<i64>) -> Incident {
    Incident {
        id: 0,
        site: "main".to_owned(),
        check: format!("check-{started}"),
        title: "Title".to_owned(),
        critical: true,
        status: Fail,
        worst: Fail,
        says: "it is broken".to_owned(),
        also_down: vec!["other".to_owned()],
        started_at: at(started),
        ended_at: ended.map(at),
        unseen_end: false,
        in_maintenance: false,
    }
}

#[test]
fn what_is_too_old_goes() {
    let store = store();
    let day = |days: i64| days * 1440;
    let answers: Vec<Answer> =
        (0..20).map(|days| Answer { subject: site(), at: at(day(days)), status: Pass, took_us: None, reading: None }).collect();
    store.write(move |tx| record(tx, &[lasted(Pass, 0, 60)], &answers)).wait().unwrap();
    let incidents = vec![incident(0, None), incident(1, Some(2)), incident(day(100), Some(day(101)))];
    store.write(move |tx| save(tx, incidents)).wait().unwrap();
    let prune_at = |now: i64| {
        let mut slices = 1;
        while store.write(move |tx| prune(tx, Duration::from_secs(7 * 24 * 60 * 60), at(now))).wait().unwrap() {
            slices += 1;
        }
        slices
    };
    let count = |table: &'static str| {
        store
            .read(move |conn| Ok(conn.query_row(&format!("SELECT count(*) FROM {table}"), [], |row| row.get::<_, i64>(0))?))
            .wait()
            .unwrap()
    };
    assert!(prune_at(day(20)) > 1, "a day at a time");
    assert_eq!((count("sample"), count("hour"), count("incident")), (7, 20, 3));
    prune_at(day(380));
    assert_eq!((count("sample"), count("hour"), count("incident")), (0, 0, 2), "what is open stays");
}

#[test]
fn a_clock_that_jumps_makes_nothing_old() {
    let moment = |wall: i64, steady: u64| Moment { wall: at(wall), steady: Duration::from_secs(60 * steady) };
    let (day, year) = (24 * 60, 365 * 24 * 60);
    assert!(
        is_sure(moment(0, 100), moment(60, 160)) && is_sure(moment(0, 0), moment(day + 60, 60)) && is_sure(moment(0, 0), moment(-day, 0))
    );
    assert!(!is_sure(moment(0, 0), moment(year, 60)), "there");
    assert!(!is_sure(moment(year, 60), moment(120, 120)), "and back");
    assert!(!is_sure(moment(0, 0), moment(day + 61, 60)) && !is_sure(moment(0, 0), moment(60, 3 * 24 * 60)));
}

#[test]
fn the_newest_incidents_stay() {
    let store = store();
    let incidents = (0..10_050).map(|minute| incident(minute, (minute != 3).then_some(minute + 1))).collect();
    store.write_exclusive(move |tx| save(tx, incidents)).wait().unwrap();
    store.write_exclusive(move |tx| prune(tx, Duration::from_secs(1), at(10_060))).wait().unwrap();
    let kept = store.read(|conn| Ok(conn.query_row("SELECT count(*), min(id) FROM incident", [], |row| Ok((row.get(0)?, row.get(1)?)))?));
    let kept: (i64, i64) = kept.wait().unwrap();
    assert_eq!(kept, (10_001, 4), "the open one, however old, and the newest");
    let known = store.read(|conn| known(conn, at(0))).wait().unwrap();
    assert!(known.len() == 500 && known[0].is_open() && known[1].id == 10_050, "the open ones first");
}

#[test]
fn windows_are_kept_until_they_are_over() {
    let store = store();
    let window = |scope: &Scope, until: i64| magnetiq_health::Maintenance {
        scope: scope.clone(),
        from: at(0),
        until: at(until),
        reason: "r".to_owned(),
    };
    let (all, check) = (Scope::all(), Scope::Check("disk".into()));
    for window in [window(&all, 10), window(&check, 20), window(&all, 30)] {
        store.write(move |tx| keep_window(tx, &window)).wait().unwrap();
    }
    let left = |now: i64| store.read(move |conn| windows(conn, at(now))).wait().unwrap();
    assert_eq!(left(15), [window(&check, 20), window(&all, 30)]);
    assert_eq!(left(25), [window(&all, 30)]);
    assert!(store.write(move |tx| remove_window(tx, &all)).wait().unwrap());
    assert_eq!(left(25), []);
}
