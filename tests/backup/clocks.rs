//! Clocks that are wrong, and clocks of other places: names and retention are in UTC, and names always ascend.

use std::time::{SystemTime, UNIX_EPOCH};

use magnetiq_tests::{Ended, Fault, Random};

use crate::{
    proof::{preload, seed},
    site::{Site, ended},
};

const DAY_S: i64 = 86_400;

/// Runs `backupd` at a moment (seconds since 1970) and a place.
fn at(site: &Site, moment_s: i64, zone: &str, words: &[&str]) -> Option<Ended> {
    #[expect(clippy::disallowed_methods, reason = "how far the true clock is from the moment")]
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
    let mut command = site.command(words);
    command.env("TZ", zone);
    preload(Some(&Fault::ShiftedClock { seconds: moment_s - now.cast_signed() }), &mut command).then(|| ended(command))
}

/// One backup at each moment, and how the ids begin that are left, the newest first.
fn check(zone: &str, daily: u32, moments_s: &[i64], expected: &[&str]) {
    let mut random = Random::new(seed());
    let site = Site::new(&mut random, &format!("[backup.retention]\ndaily = {daily}"));
    for &moment_s in moments_s {
        let Some(ended) = at(&site, moment_s, zone, &["once"]) else { return };
        ended.check_done();
    }
    let ids = site.ids();
    assert_eq!(ids.len(), expected.len(), "{zone}: {ids:?}, expected {expected:?}");
    assert!(ids.iter().zip(expected).all(|(id, begin)| id.starts_with(begin)), "{zone}: {ids:?}, expected {expected:?}");
    site.check_all_restore(zone);
}

/// 2026-10-25, when Berlin has the hour from 2 to 3 twice, 00:30 and 01:30 UTC.
const AUTUMN_S: i64 = 1_792_888_200;
/// 2026-03-29, when Berlin has no hour from 2 to 3, 00:30 UTC.
const SPRING_S: i64 = 1_774_744_200;

#[test]
fn an_hour_that_comes_twice_makes_two_names() {
    check("Europe/Berlin", 1, &[AUTUMN_S, AUTUMN_S + 3600], &["20261025T0130"]);
    let moments: Vec<i64> = (-2..=1).map(|day| AUTUMN_S + day * DAY_S).collect();
    check("Europe/Berlin", 3, &moments, &["20261026T0030", "20261025T0030", "20261024T0030"]);
}

#[test]
fn an_hour_that_never_comes_changes_nothing() {
    let moments: Vec<i64> = (-2..=1).map(|day| SPRING_S + day * DAY_S).collect();
    check("America/New_York", 3, &moments, &["20260330T0030", "20260329T0030", "20260328T0030"]);
}

/// Days end at midnight in UTC, wherever the machine stands.
#[test]
fn days_are_those_of_utc() {
    let midnight_s = AUTUMN_S - 1800;
    for zone in ["Pacific/Kiritimati", "Pacific/Pago_Pago", "<-11>+11", "Nonsense/Zone"] {
        let moments = [midnight_s - 7200, midnight_s - 600, midnight_s + 600];
        check(zone, 2, &moments, &["20261025T0010", "20261024T2350"]);
    }
}

/// The clock is set back by days: the new backup is the newest all the same, tells the true time, and nothing newer is thrown away for it.
#[test]
fn a_clock_that_was_set_back_keeps_the_order() {
    let mut random = Random::new(seed());
    let mut site = Site::new(&mut random, "[backup.retention]\ndaily = 3");
    for moment_s in [AUTUMN_S, AUTUMN_S + DAY_S, AUTUMN_S - 4 * DAY_S] {
        site.write(5, 1);
        let Some(ended) = at(&site, moment_s, "UTC", &["once"]) else { return };
        ended.check_done();
    }
    let list = site.list();
    let ids: Vec<&str> = list.iter().map(|entry| entry["id"].as_str().unwrap()).collect();
    assert!(ids.is_sorted_by(|a, b| a > b) && ids.len() == 3, "{ids:?}");
    assert!(ids[0].starts_with("20261026T0030"), "the second after the newest: {ids:?}");
    assert!(list[0]["summary"]["created_at"].as_str().unwrap().starts_with("2026-10-21T00:30"), "{:#}", list[0]);
    assert_eq!(site.restored("latest", "set back"), site.content("set back"));
}
