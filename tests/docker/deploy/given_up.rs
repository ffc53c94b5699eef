//! A version is given up while it is being deployed, and goes on running, well or not: `rollback` leads from it to what passed last.

use std::process::Command;

use super::killed;
use super::site::Site;
use crate::engine::{said, until};

/// It has migrated, and is never ready: nobody came to it, and nothing is lost, by a deployment that fails or by a rollback.
pub(super) fn that_is_not_well(site: &Site, passed: u32) {
    let before = site.ledger();
    site.under_writers(|| {
        given_up(site, site.deploy(3), "gate");
        has_migrated(site, "backend-next");
        let said = site.ends(&mut site.deploy(6), 1);
        assert!(said.contains("trial: / answers 500") && said.contains("back-data-between"), "{said}");
        assert!(said.contains(&format!("{} runs, as before", site.version(passed))), "{said}");
        site.check_ended("rolled-back");
        given_up(site, site.deploy(3), "gate");
        has_migrated(site, "backend-next");
        let said = site.ends(&mut site.command(&["rollback", "--plan"]), 0);
        let over = format!("{} {}, in the place of {}", site.name(), site.version(passed), site.version(3));
        assert!(said.contains(&over) && said.contains("--back-to "), "{said}");
        site.ends(&mut site.command(&["rollback"]), 0);
    });
    runs(site, passed);
    assert!(site.ledger().is_superset(&before));
    site.nothing_is_lost();
}

/// People have come to it, and it says that it is ready: what they wrote is lost by nobody who does not say so, and it runs on until then.
pub(super) fn that_people_came_to(site: &Site, passed: u32) {
    site.under_writers(|| {
        given_up(site, site.deploy(4), "watch");
        std::thread::sleep(std::time::Duration::from_secs(2));
    });
    let release = site.release();
    let said = site.ends(&mut site.command(&["rollback"]), 1);
    assert!(said.contains("rows new or changed") && said.contains("--discard-writes"), "{said}");
    assert_eq!(site.release(), release, "it runs again");
    site.nothing_is_lost();
    site.ends(&mut site.command(&["rollback", "--discard-writes"]), 0);
    runs(site, passed);
}

/// Killed at a step, and nobody goes on with it.
fn given_up(site: &Site, command: Command, step: &str) {
    killed::at(site, command, step);
    let said = site.ends(&mut site.command(&["deploy", "unlock"]), 0);
    assert!(said.contains("is given up"), "{said}");
}

fn has_migrated(site: &Site, server: &str) {
    let name = format!("{}-{server}", site.name());
    until(|| {
        let output = site.engine().docker(&["exec", &name, "/usr/local/bin/api-server", "migrate", "--json"]).output().unwrap();
        let text = said(&output);
        if text.contains("\"to\": 999") { Ok(()) } else { Err(text) }
    });
}

fn runs(site: &Site, passed: u32) {
    let record = site.check_ended("live");
    assert_eq!((&record["version"], &record["release"]), (&site.version(passed).into(), &site.release()), "{record:#}");
    let status = site.ends(&mut site.command(&["deploy", "status"]), 0);
    assert!(status.contains("nobody deploys"), "{status}");
}
