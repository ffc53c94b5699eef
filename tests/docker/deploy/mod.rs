//! `cargo xtask deploy` on a real engine: versions that are right, and versions that are wrong in each way that can be thought of.
#![allow(clippy::print_stdout, reason = "what a deployment said, and how long nobody was served, is part of the proof")]

mod carried;
mod far;
mod given_up;
mod killed;
mod reach;
mod refused;
mod site;
mod versions;

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use crate::engine::Engine;
use site::Site;

/// For a version that is never ready.
const SOON: [&str; 2] = ["--set", "deploy.ready_timeout_s=20"];

/// The shortest of all: everything else is long.
#[test]
fn a_version_that_answers_500_meets_no_visitor() {
    let Some(engine) = Engine::find() else { return };
    let mut site = Site::build(&engine);
    site.writers = 10;
    site.ends(site.deploy(1).args(["--set", "deploy.watch_s=1"]), 0);
    site.check_ended("live");
    site.first_administrator();
    refused::before_anything_is_changed(&site);
    refused::by_a_hook(&site);
    make(&site, &engine, 1, 6, None, Some("answers-500.sh"));
    goes_back(&site, &mut site.deploy(6), "trial: / answers 500");
    assert_eq!(site.broken_answers(), 0, "people were kept out until it was gone");
    make(&site, &engine, 1, 7, None, Some("answers-500-later.sh"));
    goes_back(&site, &mut site.deploy(7), " answers were wrong, 1 % may be (deploy.errors_percent_max); the first: / answered 500");
}

/// Two minutes on two cores, and what compiling the next version takes: `cargo xtask test --soak`, or by itself
/// `cargo nextest run --workspace --run-ignored only -E 'test(soak_a_migration)'` with the variables that engine.rs reads.
#[test]
#[ignore = "long: cargo xtask test --soak"]
fn soak_a_migration_loses_nothing_that_was_acknowledged_neither_there_nor_back() {
    let Some((engine, site)) = with_the_next_version() else { return };
    make(&site, &engine, 2, 3, None, Some("never-ready.sh"));
    a_migration_that_would_fail_is_found_on_a_copy(&site);
    never_ready(&site);
    a_migration_that_fails_only_at_the_switch_is_taken_back(&site);
    site.under_writers(|| std::thread::sleep(Duration::from_secs(3)));
    let before = site.ledger();
    the_next_version_loses_nothing_that_was_acknowledged(&site);
    going_back_loses_nothing_unless_it_may(&site, &before);
    // The container of the first migration is still there, and knows less than the database by now.
    site.sign_in_with_a_new_password();
    site.nothing_is_lost();
    site.data_are_whole();
}

/// Two minutes on two cores.
#[test]
#[ignore = "long: cargo xtask test --soak"]
fn soak_a_version_that_ends_after_a_minute_goes_back() {
    let Some(engine) = Engine::find() else { return };
    let site = first_version(&engine);
    make(&site, &engine, 1, 5, None, Some("crashes.sh"));
    goes_back(&site, site.deploy(5).args(["--set", "deploy.watch_s=90"]), "-backend-next ended");
    site.data_are_whole();
}

/// Eight minutes on two cores, and what compiling the next version takes.
#[test]
#[ignore = "long: cargo xtask test --soak"]
fn soak_who_is_killed_at_any_step_goes_on_where_it_was() {
    let Some((engine, site)) = with_the_next_version() else { return };
    make(&site, &engine, 2, 3, None, Some("never-ready.sh"));
    killed::on_the_way_back(&site);
    killed::on_the_way(&site);
    site.data_are_whole();
}

/// Six minutes on two cores.
#[test]
#[ignore = "long: cargo xtask test --soak"]
fn soak_what_was_given_up_is_gone_back_from() {
    let Some((engine, site)) = with_the_next_version() else { return };
    make(&site, &engine, 1, 5, None, None);
    site.ends(&mut site.deploy(5), 0);
    make(&site, &engine, 2, 3, None, Some("never-ready.sh"));
    make(&site, &engine, 2, 6, None, Some("answers-500.sh"));
    given_up::that_is_not_well(&site, 5);
    make(&site, &engine, 2, 4, None, Some("answers-500-later.sh"));
    given_up::that_people_came_to(&site, 5);
    site.data_are_whole();
}

/// The same where all data of the site are replaced, and where a version stays since going back would lose some.
#[test]
#[ignore = "long: cargo xtask test --soak"]
fn soak_who_is_killed_while_data_are_replaced_goes_on_where_it_was() {
    let Some((engine, site)) = with_the_next_version() else { return };
    make(&site, &engine, 2, 4, None, Some("answers-500-later.sh"));
    site.under_writers(|| std::thread::sleep(Duration::from_secs(3)));
    site.publish("A page of the site");
    let (pulled, in_it) = (carried::pull(&site, &[]), site.ledger());
    let before = killed::where_it_stays(&site);
    killed::in_a_rollback(&site, before);
    killed::in_a_push(&site, &pulled, &in_it);
    killed::in_a_push_that_is_refused(&site, &pulled);
    site.data_are_whole();
}

/// Over ssh, as to any machine that is not this one. Five minutes on two cores: `cargo xtask test --soak`.
#[test]
#[ignore = "long: cargo xtask test --soak"]
fn soak_another_machine_that_is_full_or_goes_away() {
    let Some(engine) = Engine::find() else { return };
    let site = Site::build_far(&engine);
    site.small_disk_for_backups();
    site.ends(&mut site.deploy(1), 0);
    site.first_administrator();
    make(&site, &engine, 1, 2, None, None);
    reach::no_room_for_the_backup(&site);
    reach::out_of_reach_in_the_middle(&site, "backup");
    make(&site, &engine, 1, 3, None, None);
    reach::out_of_reach_in_the_middle(&site, "switch");
    site.data_are_whole();
}

/// Over ssh. Two minutes on two cores.
#[test]
#[ignore = "long: cargo xtask test --soak"]
fn soak_data_of_another_machine_go_down_and_up_again() {
    let Some(engine) = Engine::find() else { return };
    let site = Site::build_far(&engine);
    site.ends(&mut site.deploy(1), 0);
    site.first_administrator();
    site.under_writers(|| std::thread::sleep(Duration::from_secs(3)));
    carried::down_without_people(&site);
    carried::up_in_vain(&site);
    carried::down_and_up_again(&site);
    site.data_are_whole();
}

/// A site that people can write to.
fn first_version(engine: &Engine) -> Site {
    let site = Site::build(engine);
    site.ends(&mut site.deploy(1), 0);
    site.check_ended("live");
    site.first_administrator();
    site
}

/// The same, and a version 2 with one more migration.
fn with_the_next_version() -> Option<(Engine, Site)> {
    let engine = Engine::find()?;
    let next = versions::next_programs();
    let site = first_version(&engine);
    make(&site, &engine, 1, 2, Some(&next), None);
    Some((engine, site))
}

fn make(site: &Site, engine: &Engine, from: u32, to: u32, programs: Option<&Path>, fault: Option<&str>) {
    versions::make(engine, &site.version(from), &site.version(to), programs, fault);
}

/// Two pages of one title, which the next version does not allow.
fn a_migration_that_would_fail_is_found_on_a_copy(site: &Site) {
    let (first, release) = (site.write("Twice").unwrap(), site.release());
    site.write("Twice").unwrap();
    let said = site.ends(&mut site.deploy(2), 1);
    assert!(said.contains("rehearse: the migration does not go well on a copy") && said.contains("UNIQUE constraint failed"), "{said}");
    assert!(said.contains("nothing was changed"), "{said}");
    assert_eq!(site.release(), release, "nothing was switched");
    site.check_ended("failed");
    site.rename(&first, "Once");
}

/// One of them is written after the copy: the server that runs goes on, and so do both pages.
fn a_migration_that_fails_only_at_the_switch_is_taken_back(site: &Site) {
    let (first, release) = (site.write("At once").unwrap(), site.release());
    let (said, second) = site.under_writers(|| {
        std::thread::scope(|scope| {
            let deploys = scope.spawn(|| site.ends(&mut site.deploy(2), 1));
            killed::begins(site, "drill");
            let second = site.write("At once").unwrap();
            (deploys.join().unwrap(), second)
        })
    });
    assert!(said.contains("1 to version 999") && said.contains("-backend-next ended"), "{said}");
    assert!(said.contains("UNIQUE constraint failed") && said.contains("runs, as before"), "{said}");
    assert_eq!(site.release(), release);
    site.check_ended("rolled-back");
    assert!(site.has(&first) && site.has(&second));
    site.nothing_is_lost();
    site.rename(&first, "Before");
}

fn the_next_version_loses_nothing_that_was_acknowledged(site: &Site) {
    let ([_, unread, ..], addresses) = (site.publish("A page that nobody has read"), site.publish("A page to read"));
    let deployed = || {
        std::thread::scope(|scope| {
            let deploys = scope.spawn(|| site.ends(&mut site.deploy(2), 0));
            // The site is closed, and its server ends.
            killed::begins(site, "switch");
            site.read(&unread);
            deploys.join().unwrap()
        })
    };
    let said = site.under_writers(|| site.under_readers(&addresses, deployed));
    assert!(said.contains("1 to version 999") && said.contains("nobody could write for"), "{said}");
    let record = site.check_ended("live");
    assert_eq!((&record["schema"], &record["release"]), (&999.into(), &site.release()));
    let downtime_ms = record["downtime_ms"].as_u64().unwrap_or_default();
    println!("nobody could write for {downtime_ms} ms");
    // Seconds on a machine that does other things as well; far more would be a step too many between two servers.
    assert!(record["backup"].is_string() && downtime_ms > 0 && downtime_ms < 10_000, "{record:#}");
    assert_eq!(record["readers_away_ms"], 0, "{record:#}");
    site.nothing_is_lost();
}

/// `before` was written before the migration.
fn going_back_loses_nothing_unless_it_may(site: &Site, before: &BTreeSet<String>) {
    let release = site.release();
    let refused = site.under_writers(|| site.ends(&mut site.command(&["rollback"]), 1));
    assert!(refused.contains("page: ") && refused.contains("rows new or changed") && refused.contains("--discard-writes"), "{refused}");
    assert_eq!(site.release(), release, "the version that could not be left runs again");
    site.check_ended("rolled-back");
    site.nothing_is_lost();

    site.ends(&mut site.command(&["rollback", &site.version(1), "--discard-writes"]), 0);
    let record = site.check_ended("live");
    assert_eq!((&record["of"], &record["release"]), (&1.into(), &site.release()));
    assert_ne!(site.release(), release);
    assert!(!before.is_empty());
    site.forget_all_but(before);
    site.nothing_is_lost();

    // Forward again, it migrates again: tried on a copy first, as it was the first time.
    let said = site.ends(&mut site.command(&["rollback", &site.version(2)]), 0);
    assert!(said.contains("rehearse") && said.contains("1 to version 999"), "{said}");
    let record = site.check_ended("live");
    assert_eq!((&record["version"], &record["schema"]), (&site.version(2).into(), &999.into()));
    site.nothing_is_lost();
}

/// It migrates, and nobody is let in: the database is put back by itself, and loses nothing.
fn never_ready(site: &Site) {
    let release = site.release();
    let said = site.under_writers(|| site.ends(site.deploy(3).args(SOON), 1));
    assert!(said.contains("ready answers of release") && said.contains("back-data") && said.contains("runs, as before"), "{said}");
    assert_eq!(site.release(), release);
    site.check_ended("rolled-back");
    site.nothing_is_lost();
}

/// What runs goes on running, and nobody loses anything.
fn goes_back(site: &Site, deploy: &mut Command, why: &str) {
    let release = site.release();
    let said = site.under_writers(|| site.ends(deploy, 1));
    assert!(said.contains(why) && said.contains("runs, as before"), "{said}");
    assert_eq!(site.release(), release);
    site.check_ended("rolled-back");
    site.nothing_is_lost();
}
