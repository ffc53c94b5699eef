//! A target that has no room, one that is out of reach in the middle of a deployment, and the data that go there and back.

use std::fs;

use super::killed::begins;
use super::site::Site;

/// What a backup needs is found to be missing before anything is done.
pub(super) fn no_room_for_the_backup(site: &Site) {
    let fill = "head -c 210000000 /dev/zero >/var/lib/magnetiq/backups/fill; true";
    site.exec("backupd", &["sh", "-c", fill]);
    let before = site.history().len();
    let said = site.ends(&mut site.deploy(2), 1);
    assert!(said.contains("preflight: a backup would not find room there") && said.contains("backupd prune"), "{said}");
    assert!(said.contains("nothing was changed"), "{said}");
    assert_eq!(site.history().len(), before, "it is no attempt");
    site.exec("backupd", &["rm", "/var/lib/magnetiq/backups/fill"]);
}

/// Every connection to the machine is cut while `step` is done, and it comes back.
pub(super) fn out_of_reach_in_the_middle(site: &Site, step: &str) {
    let (release, version) = (site.release(), if step == "backup" { 2 } else { 3 });
    site.under_writers(|| {
        let mut first = site.deploy(version);
        std::thread::scope(|scope| {
            let ended = scope.spawn(|| site.ends(&mut first, 1));
            begins(site, step);
            site.far().cut();
            let said = ended.join().unwrap();
            assert!(said.contains("the target is out of reach") && said.contains("goes on where it was"), "{said}");
        });
        // Still away: it says so, and waits for nobody.
        let said = site.ends(&mut site.deploy(version), 1);
        assert!(said.contains("docker") && !said.contains("runs, as before"), "{said}");
        site.far().open();
        let said = site.ends(&mut site.deploy(version), 0);
        assert!(said.contains("going on with deployment") && !said.contains(" for 0.000 s, "), "{said}");
    });
    assert_ne!(site.release(), release);
    site.check_ended("live");
    site.nothing_is_lost();
}

/// What the site had when it was pulled takes the place of what was written since.
pub(super) fn data_go_down_and_up_again(site: &Site) {
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
