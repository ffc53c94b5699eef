//! A target that has no room, and one that is out of reach in the middle of a deployment.

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
