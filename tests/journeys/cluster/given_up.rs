//! What was given up on a cluster, and runs or does not: what the next deployment follows, and where a rollback leads.

use std::fs;

use serde_json::json;

use super::back::{runs, state};
use super::{Site, done};

fn gives_up(site: &Site, version: &str, number: u32, step: &str) {
    site.built(version);
    site.killed(&["deploy", "--images", "--skip-tests", "tests deploy"], number, step);
    assert!(site.run(&["deploy", "unlock"], 0).contains(&format!("deployment {number} is given up")));
}

/// People may write to it, so it is what the next one follows; what passed last stays to be gone back to.
#[test]
fn what_was_given_up_and_runs_is_gone_back_to() {
    let site = Site::new("k8s");
    // The very first, too.
    gives_up(&site, "1.0.0", 1, "watch");
    let said = site.deploy("2.0.0-lame", 1);
    assert!(said.contains("magnetiq 1.0.0 runs, as before"), "{said}");
    site.deploy("2.0.0", 0);

    gives_up(&site, "3.0.0", 3, "watch");
    assert!(site.run(&["deploy", "status"], 0).contains("magnetiq 3.0.0, deployment 3 by somebody"));
    let said = site.deploy("4.0.0-lame", 1);
    assert!(said.contains("magnetiq 3.0.0 runs, as before"), "{said}");
    assert_eq!(runs(&site), "3");
    let said = site.run(&["rollback"], 0);
    assert!(said.contains("magnetiq 2.0.0 runs"), "{said}");
    let said = site.run(&["rollback", "3"], 0);
    assert!(said.contains("magnetiq 3.0.0 runs"), "it was recorded with what took its place: {said}");

    // What does not even start is gone back to by nobody.
    let programs = fs::read_to_string(site.path("programs.json")).unwrap().replacen('{', r#"{"6.0.0": 14, "#, 1);
    fs::write(site.path("programs.json"), programs).unwrap();
    gives_up(&site, "6.0.0", 6, "rollout");
    let said = site.run(&["deploy", "status"], 0);
    assert!(said.contains("magnetiq 6.0.0, deployment 6 by somebody") && said.contains("its server tells no release"), "{said}");
    let said = site.run(&["rollback"], 0);
    assert!(said.contains("magnetiq 3.0.0 runs"), "{said}");
    assert_eq!(runs(&site), "3");
}

/// It has migrated, and does not start: the version before would not, either, and nobody waits a quarter of an hour to be told that.
#[test]
fn what_was_given_up_and_has_migrated_is_not_gone_back_from_unawares() {
    let site = Site::new("k8s");
    site.deploy("1.0.0", 0);
    site.deploy("2.0.0", 0);
    gives_up(&site, "3.0.0-dies", 3, "rollout");
    let said = site.run(&["rollback"], 1);
    assert!(said.contains("2.0.0 works with schema version 15, and refuses version 16, which is there. By hand"), "{said}");
    assert!(said.contains(r#""--back-to","15""#) && said.contains("rollout undo deployment/backend --to-revision=2"), "{said}");
    assert_eq!(runs(&site), "3");
    assert!(!site.path("lock.json").exists(), "others may deploy");
    // What mends it takes its place; nobody goes back to what does not start.
    site.deploy("4.0.0", 0);
    let said = site.run(&["rollback"], 1);
    assert!(said.contains("2.0.0 works with schema version 15, and refuses version 16"), "{said}");
}

/// By the time the next one fails it may be well, or not: nobody waits for what was never ready, nor demands more of it than before.
#[test]
fn what_was_still_starting_is_gone_back_to() {
    for becomes_well in [true, false] {
        let site = Site::new("k8s");
        site.deploy("1.0.0", 0);
        gives_up(&site, "2.0.0", 2, "rollout");
        let programs = |second: u32| json!({ "1.0.0": 14, "2.0.0": second, "3.0.0-half": 14 }).to_string();
        fs::write(site.path("programs.json"), programs(14)).unwrap();
        if becomes_well {
            site.hook("before", &format!("echo '{}' >{}", programs(15), site.path("programs.json").display()));
        }
        let is_there_again = |said: &str| {
            assert!(said.contains("magnetiq 2.0.0 is there again; it was not well when this began"), "{said}");
            assert_eq!(runs(&site), "2");
            assert!(!site.path("lock.json").exists(), "others may deploy");
        };
        is_there_again(&site.deploy("3.0.0-half", 1));
        if !becomes_well {
            // Somebody has made the version before it one that dies.
            is_there_again(&site.run(&["rollback"], 1));
        }
    }
}

/// It is down for the moment, which is why somebody deploys: it ran all the same.
#[test]
fn what_was_applied_by_hand_and_is_down_is_gone_back_to() {
    let site = Site::new("k8s");
    site.built("1.0.0");
    site.run(&["manifests", "--out", "deploy"], 0);
    let mut kubectl = std::process::Command::new(site.path("bin/kubectl"));
    done(kubectl.args(["--namespace", "magnetiq", "apply", "--kustomize"]).arg(site.path("deploy/k8s")));
    let programs = |first: u32| fs::write(site.path("programs.json"), json!({ "1.0.0": first }).to_string()).unwrap();
    programs(14);
    assert!(site.run(&["deploy", "status"], 0).contains("magnetiq 1.0.0, deployment 0 by by hand"));
    site.deploy("2.0.0", 0);
    programs(15);
    let said = site.run(&["rollback"], 0);
    assert!(said.contains("magnetiq 1.0.0 runs"), "{said}");
    assert_eq!(runs(&site), "0");
}

#[test]
fn a_first_deployment_that_never_ran_is_gone_back_to_by_nobody() {
    let site = Site::new("k8s");
    site.deploy("1.0.0-dies", 1);
    let said = site.run(&["deploy", "status"], 0);
    assert!(said.contains("magnetiq 1.0.0-dies, deployment 1 by somebody") && said.contains("no record tells of it"), "{said}");
    site.deploy("2.0.0", 0);
    let said = site.run(&["rollback"], 1);
    assert!(said.contains("nothing ran there before what runs now"), "{said}");
    assert_eq!(runs(&site), "2");
}

/// The records say what ran before the Deployment of the server does.
#[test]
fn what_is_recorded_and_named_nowhere_is_what_runs() {
    let site = Site::new("k8s");
    for version in ["1.0.0", "2.0.0", "3.0.0"] {
        site.deploy(version, 0);
    }
    let sets = state(&site, "sets.json");
    let second = sets.as_array().unwrap().iter().find(|set| set["name"].as_str().unwrap().starts_with("backend-2-")).unwrap();
    fs::write(site.path("deployment.json"), json!({ "metadata": { "annotations": second["annotations"] } }).to_string()).unwrap();
    assert!(site.run(&["deploy", "status"], 0).contains("magnetiq 3.0.0, deployment 3 by"));
    let said = site.run(&["rollback"], 0);
    assert!(said.contains("magnetiq 2.0.0 runs"), "{said}");
    assert_eq!(runs(&site), "2");
}
