//! What a cluster tells of deployments: to who deploys, and to who only asks.

use std::fs;

use super::{HELD_BY_BOB, Site, executable};

/// While tests ran and images were built nobody had the lock.
#[test]
fn a_cluster_that_somebody_deployed_to_meanwhile_is_left_alone() {
    let site = Site::new("k8s");
    site.deploy("1.0.0", 0);
    let applied = fs::read_to_string(site.path("sets.json")).unwrap();
    let theirs = r#"{ "metadata": { "annotations": { "org.magnetiq/number": "2", "org.magnetiq/release": "2-abc", "org.magnetiq/version": "1.1.0" } } }"#;
    fs::write(site.path("theirs.json"), theirs).unwrap();
    let (theirs, there) = (site.path("theirs.json"), site.path("deployment.json"));
    let kubectl = format!(
        "#!/bin/sh\ncase \"$*\" in *' apply --filename '*) cp {} {} ;; esac\nexec python3 {} \"$@\"\n",
        theirs.display(),
        there.display(),
        site.path("cluster.py").display()
    );
    executable(&site.path("bin/kubectl"), &kubectl);
    let said = site.deploy("2.0.0", 1);
    assert!(said.contains("lock: somebody has deployed meanwhile"), "{said}");
    assert!(!site.path("lock.json").exists(), "nobody waits for it");
    assert_eq!(fs::read_to_string(site.path("sets.json")).unwrap(), applied);
    let said = site.deploy("2.0.0", 0);
    // Theirs was the second, and what runs is not theirs.
    assert!(said.contains("deployment 4") && said.contains("magnetiq 2.0.0 runs"), "{said}");
}

#[test]
fn a_repository_tells_what_ran_and_what_runs() {
    let site = Site::new("gitops");
    assert!(site.run(&["deploy", "status"], 0).contains("nothing was deployed as magnetiq yet"));
    site.built("1.0.0");
    site.run(&["deploy", "--images", "--skip-tests", "tests deploy", "--why", "the first one"], 0);
    site.deploy("2.0.0-bad", 1);
    let said = site.run(&["deploy", "status"], 0);
    assert!(said.contains("magnetiq 1.0.0, deployment 1 by ") && said.contains(", since 20") && !said.contains("nobody"), "{said}");
    let said = site.run(&["deploy", "history"], 0);
    let rows: Vec<&str> = said.lines().filter(|line| line.contains(".0.0")).collect();
    assert!(rows[0].contains("2.0.0-bad") && rows[0].contains("rolled back"), "{said}");
    assert!(rows[1].contains("1.0.0") && rows[1].contains("live") && rows[1].contains("the first one"), "{said}");
}

/// It keeps what runs; what was tried is known to who tried it.
#[test]
fn a_cluster_tells_what_runs_and_this_machine_what_was_tried() {
    let site = Site::new("k8s");
    assert!(site.run(&["deploy", "status"], 0).contains("nothing was deployed as magnetiq yet"));
    site.deploy("1.0.0", 0);
    site.hook("before", "exit 1");
    site.deploy("2.0.0", 1);
    fs::write(site.path("lock.json"), HELD_BY_BOB).unwrap();
    let said = site.run(&["deploy", "status"], 0);
    assert!(said.contains("magnetiq 1.0.0, deployment 1 by ") && said.contains("bob deploys there since 2026-11-26T02:00:00Z"), "{said}");
    let said = site.run(&["deploy", "history"], 0);
    assert!(said.contains("| failed") && said.contains("before: ") && said.contains("a cluster has records of what ran"), "{said}");
    let told: serde_json::Value = serde_json::from_str(&site.run(&["deploy", "history", "--json"], 0)).unwrap();
    assert_eq!((told[0]["version"].as_str(), told[1]["outcome"].as_str()), (Some("2.0.0"), Some("live")), "{told}");
}
