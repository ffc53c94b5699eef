//! What is refused before anything is changed, and how that is said.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use super::site::Site;
use crate::engine::done;

/// None of it is an attempt, and what runs goes on running.
pub(super) fn before_anything_is_changed(site: &Site) {
    let (release, attempts) = (site.release(), site.history().len());
    let said = site.ends(site.deploy(1).env("DOCKER_HOST", "unix:///nowhere.sock"), 1);
    assert!(said.contains("the engine does not answer") && said.contains("/nowhere.sock"), "{said}");
    let said = site.ends(site.deploy(1).args(["--set", "compose.context=nowhere"]), 1);
    assert!(said.contains("nowhere") && said.contains("docker context ls"), "{said}");
    // Without the list of what is committed, nothing is.
    let mut dirty = site.command(&["deploy", "--skip-tests", "they pass"]);
    let said = site.ends(dirty.env("GIT_INDEX_FILE", site.path("none")), 1);
    assert!(said.contains("not committed") && said.contains("--allow-dirty"), "{said}");

    let secret = site.path("deploy/compose/secrets/health-token");
    fs::rename(&secret, site.path("moved")).unwrap();
    let said = site.ends(&mut site.deploy(1), 1);
    assert!(said.contains("secrets are missing") && said.contains("health-token"), "{said}");
    fs::rename(site.path("moved"), &secret).unwrap();

    let labels = [("", "7"), (".release", "7-0-0"), (".who", "bob@desk"), (".since", "2026-11-26T03:00:00Z"), (".why", "a hot day")];
    // As theirs would be: who holds it lets others see the history.
    let releases = format!("{}:/releases", site.releases());
    let mut lock = site.engine().docker(&["container", "create", "--name", &site.lock(), "--volume", &releases]);
    for (name, value) in labels {
        lock.args(["--label", &format!("org.magnetiq.deploy{name}={value}")]);
    }
    done(lock.args([&site.engine().base, "true"]));
    let said = site.ends(&mut site.deploy(1), 1);
    assert!(said.contains("bob@desk deploys there since 2026-11-26T03:00:00Z (deployment 7: a hot day)"), "{said}");
    let status = site.ends(&mut site.command(&["deploy", "status"]), 0);
    assert!(status.contains("bob@desk"), "{status}");
    site.ends(&mut site.command(&["deploy", "unlock"]), 0);

    assert_eq!((site.release(), site.history().len()), (release, attempts));
}

/// A program of somebody else says no, and one is told how it ended.
pub(super) fn by_a_hook(site: &Site) {
    let (release, told) = (site.release(), site.path("told"));
    fs::create_dir(site.path("hooks")).unwrap();
    for (name, script) in [("before", "echo 'not on a Friday' >&2; exit 1".to_owned()), ("failed", format!("env >'{}'", told.display()))] {
        let path = site.path("hooks").join(name);
        fs::write(&path, format!("#!/bin/sh\n{script}\n")).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    }
    let said = site.ends(&mut site.deploy(1), 1);
    assert!(said.contains("not on a Friday") && said.contains("nothing was changed"), "{said}");
    assert_eq!(site.release(), release);
    site.check_ended("failed");
    let told = fs::read_to_string(told).expect("who is told of failures was told");
    assert!(told.contains(&site.version(1)), "{told}");
    fs::remove_dir_all(site.path("hooks")).unwrap();
}
