//! The way back on a cluster: to what ran before, unless that would refuse the schema.

use std::fs;

use super::{Site, done, executable};

pub(super) fn state(site: &Site, name: &str) -> serde_json::Value {
    serde_json::from_str(&fs::read_to_string(site.path(name)).unwrap()).unwrap()
}

/// What the server of the cluster is, by its deployment.
pub(super) fn runs(site: &Site) -> String {
    let sets = state(site, "sets.json");
    let backends = sets.as_array().unwrap().iter().filter(|set| set["workload"] == "backend");
    let newest = backends.max_by_key(|set| set["revision"].as_u64()).unwrap();
    newest["name"].as_str().unwrap().trim_start_matches("backend-").split('-').next().unwrap().to_owned()
}

#[test]
fn a_poor_version_gives_its_place_to_the_one_before() {
    let site = Site::new("k8s");
    site.deploy("1.0.0", 0);
    let said = site.deploy("2.0.0-lame", 1);
    assert!(said.contains("the schema has version 15, as before") && said.contains("magnetiq 1.0.0 runs, as before"), "{said}");
    assert_eq!(runs(&site), "1");
    assert!(!site.path("lock.json").exists(), "others may deploy");
}

/// Whether it answers nothing, or does not even start: the version before would not start either, and nobody would be served.
#[test]
fn what_has_migrated_stays() {
    for (poor, wrong) in [("2.0.0-lame-moves", "smoke: / answers 500"), ("2.0.0-dies", "rollout: ")] {
        let site = Site::new("k8s");
        site.deploy("1.0.0", 0);
        let said = site.deploy(poor, 1);
        assert!(said.contains(wrong), "{said}");
        assert!(said.contains("stays, as it is, and nothing goes back: the schema was migrated from version 15 to 16"), "{said}");
        let typed = [
            r#"patch deployment backend --patch '{"spec":{"revisionHistoryLimit":10,"template":{"spec":{"containers":[{"args":["migrate","--back-to","15"],"name":"api-server"}]}}}}'"#,
            "rollout undo deployment/backend --to-revision=1",
            "the backup from before is 20261126T020000Z",
        ];
        assert!(typed.iter().all(|line| said.contains(line)), "{said}");
        assert_eq!(runs(&site), "2");
        assert!(!site.path("lock.json").exists(), "others may deploy");
        let said = site.run(&["deploy", "status"], 0);
        assert!(said.contains(&format!("magnetiq {poor}, deployment 2 by")) && said.contains("it did not pass, and stayed"), "{said}");
        assert!(site.run(&["deploy", "history"], 0).contains("| stuck"));

        // What mends it takes its place, on the schema that is there.
        site.deploy("3.0.0", 0);
        assert_eq!((runs(&site).as_str(), state(&site, "schema.json").as_u64()), ("3", Some(16)));
    }
}

#[test]
fn a_commit_that_has_migrated_stays() {
    let site = Site::new("gitops");
    site.deploy("1.0.0", 0);
    let said = site.deploy("2.0.0-bad-moves", 1);
    let there = site.tree();
    assert!(said.contains("nothing goes back: the schema was migrated from version 15 to 16, which 1.0.0 refuses"), "{said}");
    for typed in ["patch application magnetiq", r#""--back-to","15""#, "revert --no-edit ", "push --quiet origin HEAD:main"] {
        assert!(said.contains(typed), "{typed}: {said}");
    }
    assert!(!site.git(&["log", "--format=%s", "main"]).contains("Revert "), "{said}");
    site.deploy("3.0.0", 0);
    assert_ne!(site.tree(), there);
    assert!(site.git(&["log", "-1", "--format=%B", "main"]).contains("Schema-before: 16\n"));
}

#[test]
fn a_cluster_goes_back_to_what_it_has_kept() {
    let site = Site::new("k8s");
    for version in ["1.0.0", "2.0.0", "3.0.0"] {
        site.deploy(version, 0);
    }
    // An attempt that came to nothing is none that is gone back to.
    site.deploy("4.0.0-lame", 1);
    let said = site.run(&["rollback", "--plan"], 0);
    assert!(said.contains("deployment 4 of magnetiq 2.0.0, in the place of 3.0.0") && said.contains("--to-revision=2"), "{said}");
    assert_eq!(runs(&site), "3", "nothing was done");
    let said = site.run(&["rollback"], 0);
    assert!(said.contains("back to magnetiq 2.0.0") && said.contains("magnetiq 2.0.0 runs"), "{said}");
    assert_eq!(runs(&site), "2");
    assert!(site.run(&["deploy", "status"], 0).contains("magnetiq 2.0.0, deployment 4 by"));

    // Another machine knows as much, and its own version is another one's number.
    fs::remove_dir_all(site.path("deploy/state")).unwrap();
    let said = site.run(&["rollback", "1.0.0"], 0);
    assert!(said.contains("magnetiq 1.0.0 runs"), "{said}");
    assert_eq!(runs(&site), "1");
    let said = site.run(&["deploy", "history"], 0);
    let rows: Vec<&str> = said.lines().filter(|line| line.contains(".0.0")).collect();
    assert!(rows.len() == 5 && rows[0].contains("1.0.0 (back to 1)") && rows[1].contains("2.0.0 (back to 2)"), "{said}");
    let said = site.run(&["rollback", "3"], 0);
    assert!(said.contains("magnetiq 3.0.0 runs"), "{said}");
    assert_eq!(runs(&site), "3");
    site.deploy("5.0.0", 0);
    assert!(site.run(&["deploy", "status"], 0).contains("magnetiq 5.0.0, deployment 7 by"));
}

#[test]
fn what_was_gone_back_from_by_hand_is_gone_back_to_by_nobody() {
    let site = Site::new("k8s");
    for version in ["1.0.0", "2.0.0", "3.0.0"] {
        site.deploy(version, 0);
    }
    for workload in ["backend", "frontend", "healthd"] {
        let mut kubectl = std::process::Command::new(site.path("bin/kubectl"));
        let of = format!("deployment/{workload}");
        done(kubectl.args(["--namespace", "magnetiq", "rollout", "undo", &of, "--to-revision=2"]));
    }
    assert!(site.run(&["deploy", "status"], 0).contains("magnetiq 2.0.0, deployment 2 by"));
    site.deploy("4.0.0", 0);
    let said = site.run(&["rollback"], 0);
    assert!(said.contains("magnetiq 2.0.0 runs"), "{said}");
    assert_eq!(runs(&site), "2");
}

#[test]
fn a_rollback_that_is_not_good_goes_back_itself() {
    let site = Site::new("k8s");
    site.deploy("1.0.0-lame", 1);
    site.deploy("2.0.0", 0);
    site.deploy("3.0.0", 0);
    // Somebody has made the version before one that dies.
    let programs = fs::read_to_string(site.path("programs.json")).unwrap().replace(r#""2.0.0": 15"#, r#""2.0.0": 14"#);
    fs::write(site.path("programs.json"), programs).unwrap();
    let said = site.run(&["rollback"], 1);
    assert!(said.contains("nothing was migrated") && said.contains("magnetiq 3.0.0 runs, as before"), "{said}");
    assert_eq!(runs(&site), "3");

    // And then the one that runs, too: by then the revisions are counted otherwise.
    let programs = fs::read_to_string(site.path("programs.json")).unwrap().replace(r#""3.0.0": 15"#, r#""3.0.0": 14"#);
    fs::write(site.path("programs.json"), programs).unwrap();
    let said = site.run(&["rollback"], 1);
    let sets = state(&site, "sets.json");
    let mut sets = sets.as_array().unwrap().iter().filter(|set| set["workload"] == "backend");
    let of = sets.find(|set| set["settings"].as_str().unwrap().contains("2.0.0")).unwrap();
    let again = format!("kubectl --namespace magnetiq rollout undo deployment/backend --to-revision={}\n", of["revision"]);
    assert!(said.contains("2.0.0 runs again by:") && said.contains(&again), "{of} {said}");
}

#[test]
fn what_a_cluster_cannot_go_back_to_is_refused() {
    let site = Site::new("k8s");
    site.deploy("1.0.0", 0);
    assert!(site.run(&["rollback"], 1).contains("nothing ran there before what runs now"));
    site.deploy("2.0.0-moves", 0);
    let said = site.run(&["rollback"], 1);
    assert!(said.contains("1.0.0 works with schema version 15, and refuses version 16, which is there. By hand"), "{said}");
    assert!(said.contains(r#""--back-to","15""#) && said.contains("rollout undo deployment/backend --to-revision=1"), "{said}");
    assert_eq!(runs(&site), "2");

    fs::write(site.path("limit"), "1").unwrap();
    site.deploy("3.0.0", 0);
    site.deploy("4.0.0", 0);
    let said = site.run(&["rollback", "2.0.0-moves"], 1);
    assert!(said.contains("the cluster does not have what deployment 2 ran any more, of backend, frontend, healthd"), "{said}");
    assert!(said.contains("which nobody wrote down\nor with the images that it had") && !said.contains("git checkout"), "{said}");
    assert!(said.contains("\n    cargo xtask deploy --target k8s --images\n"), "{said}");
    assert!(
        said.contains("\n    backend registry.example.org/team/magnetiq-backend:2.0.0-moves@sha256:"),
        "what images.lock has to name: {said}"
    );

    // Of what was deployed before there were records, nothing is known but what runs.
    fs::remove_file(site.path("records.json")).unwrap();
    let said = site.run(&["rollback"], 1);
    assert!(said.contains("is recorded from the second deployment") && said.contains("rollout history deployment/backend"), "{said}");
    assert!(site.run(&["deploy", "status"], 0).contains("magnetiq 4.0.0, deployment 4 by"));
    site.deploy("5.0.0", 0);
    assert!(site.run(&["rollback"], 0).contains("magnetiq 4.0.0 runs"), "it was recorded with what took its place");
}

#[test]
fn a_repository_is_not_gone_back_in_over_a_migration() {
    let site = Site::new("gitops");
    site.deploy("1.0.0", 0);
    site.deploy("2.0.0-moves", 0);
    let there = site.tree();
    let said = site.run(&["rollback"], 1);
    assert!(said.contains("1.0.0 works with schema version 15, and refuses version 16, which is there. By hand"), "{said}");
    assert!(said.contains("restore --source") && said.contains(r#""selfHeal":true"#), "{said}");
    assert_eq!(site.tree(), there, "nothing was done");
    site.deploy("3.0.0", 0);
    site.run(&["rollback"], 0);
    assert!(site.git(&["log", "-1", "--format=%s", "main"]).contains("back to 2.0.0-moves"));
}

/// The copy from before the last migration is of the version in between.
#[test]
fn over_two_migrations_it_is_said_which_one_comes_first() {
    for target in ["k8s", "gitops"] {
        let site = Site::new(target);
        for version in ["1.0.0", "2.0.0-moves", "3.0.0-moves"] {
            site.deploy(version, 0);
        }
        let said = site.run(&["rollback", "1.0.0"], 1);
        let first = format!(
            "the copy from before the last migration is of version 16. Go back one migration after the other: first cargo xtask rollback 2 --target {target}"
        );
        assert!(said.contains(&first) && !said.contains("--back-to"), "{said}");
        let said = site.run(&["rollback", "2"], 1);
        assert!(said.contains(r#""--back-to","16""#), "{said}");
    }
}

/// As an older command has committed it.
#[test]
fn what_nobody_wrote_down_is_told_as_such() {
    let site = Site::new("gitops");
    site.deploy("1.0.0", 0);
    site.deploy("2.0.0", 0);
    site.deploy("3.0.0", 0);
    let script = "git filter-branch --force --msg-filter 'grep -v ^Schema-before' main && git push --quiet --force origin main";
    let mut rewritten = std::process::Command::new("sh");
    rewritten
        .args(["-c", &format!("git pull --quiet && {script}")])
        .current_dir(site.path("work"))
        .env("FILTER_BRANCH_SQUELCH_WARNING", "1");
    done(super::identified(&mut rewritten));
    let said = site.run(&["rollback"], 0);
    assert!(said.contains("which schema 2.0.0 works with was never recorded"), "{said}");
}

/// Once for each question that is asked of a version that is good, and for each answer that is kept of it.
#[test]
fn a_connection_that_breaks_says_nothing_about_a_version() {
    let site = Site::new("k8s");
    let script = format!(
        "#!/bin/sh\nfor what in 'get pods' 'get replicasets' releases.json annotate; do\n\
         case \"$*\" in *\"$what\"*) [ -e \"broke $what\" ] || {{ touch \"broke $what\"; echo 'unexpected EOF' >&2; exit 1; }} ;; esac\n\
         done\nexec python3 {} \"$@\"\n",
        site.path("cluster.py").display()
    );
    executable(&site.path("bin/kubectl"), &script);
    let long = "ü".repeat(2000);
    site.built("1.0.0");
    let said = site.run(&["deploy", "--images", "--skip-tests", "tests deploy", "--why", &long], 0);
    assert!(said.contains("magnetiq 1.0.0 runs"), "{said}");
    for what in ["get pods", "get replicasets", "releases.json", "annotate"] {
        assert!(site.path(&format!("broke {what}")).exists(), "{what}");
    }
    let records = state(&site, "records.json");
    let record: serde_json::Value = serde_json::from_str(records["data"]["1"].as_str().unwrap()).unwrap();
    assert!(record["why"].as_str().unwrap().chars().count() < 600, "all records are one object, which may not grow without end: {record}");
}

#[test]
fn a_pod_that_was_evicted_long_ago_is_nobodys_fault() {
    for target in ["k8s", "gitops"] {
        let site = Site::new(target);
        fs::write(site.path("evicted"), "").unwrap();
        site.deploy("1.0.0", 0);
        site.deploy("2.0.0", 0);
    }
}
