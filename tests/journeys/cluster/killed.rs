//! A deployment to a cluster that is killed, step by step: the same command goes on, and in the end one version runs and others may deploy.

use std::fs;

use super::Site;

const DEPLOY: [&str; 4] = ["deploy", "--images", "--skip-tests", "tests deploy"];

fn is_free(site: &Site) -> bool {
    !site.path("lock.json").exists()
}

fn status(site: &Site) -> String {
    site.run(&["deploy", "status"], 0)
}

#[test]
fn a_cluster_comes_to_the_new_version() {
    let site = Site::new("k8s");
    site.deploy("1.0.0", 0);
    let steps = ["release", "namespace", "lock", "backup", "rehearse", "switch", "rollout", "gate", "smoke", "watch", "live", "unlock"];
    for (number, step) in (2..).zip(steps) {
        let version = format!("2.0.{number}");
        site.built(&version);
        site.killed(&DEPLOY, number, step);
        let said = site.run(&DEPLOY, 0);
        assert!(said.contains(&format!("magnetiq {version} runs")) && is_free(&site), "{step}: {said}");
        assert!(status(&site).contains(&format!("magnetiq {version}, deployment {number} by")), "{step}");
    }
}

#[test]
fn a_cluster_comes_back_to_the_version_before() {
    let site = Site::new("k8s");
    site.deploy("1.0.0", 0);
    for step in ["back-schema", "back-undo", "back-rollout", "back-gate", "back-smoke", "back-unlock"] {
        site.built("2.0.0-half");
        site.killed(&DEPLOY, 2, step);
        let said = site.run(&DEPLOY, 1);
        assert!(said.contains("magnetiq 1.0.0 runs, as before") && is_free(&site), "{step}: {said}");
        assert!(status(&site).contains("magnetiq 1.0.0, deployment 1 by"), "{step}");
    }
    // What has migrated stays, wherever it was killed.
    for (number, step) in [(2, "back-schema"), (3, "stay-record"), (4, "stay-unlock")] {
        let version = format!("3.0.{number}-half-moves");
        site.built(&version);
        site.killed(&DEPLOY, number, step);
        let said = site.run(&DEPLOY, 1);
        let stays = format!("magnetiq {version} stays, as it is, and nothing goes back: the schema was migrated");
        assert!(said.contains(&stays) && is_free(&site), "{step}: {said}");
        assert!(status(&site).contains(&format!("magnetiq {version}, deployment {number} by")), "{step}");
    }
}

#[test]
fn a_rollback_of_a_cluster_comes_to_its_end() {
    let site = Site::new("k8s");
    site.deploy("1.0.0", 0);
    site.deploy("2.0.0", 0);
    let steps = ["lock", "backup", "release", "switch", "rollout", "gate", "smoke", "watch", "live", "unlock"];
    for (number, step) in (3..).zip(steps) {
        let version = if number % 2 == 0 { "2.0.0" } else { "1.0.0" };
        site.killed(&["rollback"], number, step);
        let said = site.run(&["rollback"], 0);
        assert!(said.contains(&format!("magnetiq {version} runs")) && is_free(&site), "{step}: {said}");
        assert!(status(&site).contains(&format!("magnetiq {version}, deployment {number} by")), "{step}");
    }
}

#[test]
fn a_repository_comes_to_the_new_version() {
    let site = Site::new("gitops");
    site.deploy("1.0.0", 0);
    for (number, step) in (2..).zip(["backup", "commit", "push", "sync", "gate", "smoke", "watch"]) {
        let version = format!("2.0.{number}");
        site.built(&version);
        site.killed(&DEPLOY, number, step);
        let said = site.run(&DEPLOY, 0);
        assert!(said.contains(&format!("magnetiq {version} runs")), "{step}: {said}");
        assert!(status(&site).contains(&format!("magnetiq {version}, deployment {number} by")), "{step}");
        assert_eq!(site.git(&["rev-list", "--count", "main"]).trim(), (number + 1).to_string(), "{step}: one commit for each");
    }
}

#[test]
fn a_repository_comes_back_to_the_version_before() {
    let site = Site::new("gitops");
    site.deploy("1.0.0", 0);
    let tree = site.tree();
    for (number, step) in (2..).zip(["back-revert", "back-schema", "back-push", "back-sync", "back-gate", "back-smoke"]) {
        site.built("2.0.0-bad");
        site.killed(&DEPLOY, number, step);
        let said = site.run(&DEPLOY, 1);
        assert!(said.contains("magnetiq 1.0.0 runs, as before"), "{step}: {said}");
        assert_eq!(site.tree(), tree, "{step}");
        let journal = fs::read_to_string(site.journal(number)).unwrap();
        assert!(journal.lines().last().unwrap().contains("rolled-back"), "{step}");
    }
}
