//! `cargo xtask data`: the data of a site come here, and take their place there again.

use std::fs;

use super::site::Site;

/// What the site had when it was pulled takes the place of what was written since.
pub(super) fn down_and_up_again(site: &Site) {
    let kept = site.ledger();
    let here = site.path("development");
    let data = |direction: &str, more: &[&str]| {
        let mut command = site.command(&["data", direction, "--yes", "--data"]);
        command.arg(&here).args(more);
        command
    };
    let said = site.ends(&mut data("pull", &[]), 0);
    assert!(said.contains("the data of") && here.join("magnetiq.sqlite3").is_file(), "{said}");
    let left = fs::read_dir(site.path("deploy/data")).map(Iterator::count).unwrap_or_default();
    assert_eq!(left, 0, "people may be in what was carried");

    let later = site.write("Later than the copy").expect("the site takes it");
    let planned = site.ends(&mut data("push", &["--plan"]), 0);
    assert!(planned.contains("import - --yes") && site.has(&later), "{planned}");
    let said = site.ends(&mut data("push", &["--why", "the data of the last month"]), 0);
    assert!(said.contains("put") && said.contains("nobody could write for"), "{said}");
    let record = site.check_ended("live");
    assert_eq!(record["why"], "the data of the last month");
    site.sign_in_with_a_new_password();
    site.nothing_is_lost();
    assert!(!kept.is_empty() && !site.has(&later), "it was not in the copy");
}
