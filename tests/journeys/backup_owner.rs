//! Two machines and one target: a new one whose site is empty, and the one whose copies lie there.

use std::collections::BTreeSet;

use magnetiq_tests::{Folder, Server};
use serde_json::{Value, json};

use crate::backup::{list, site, stop, titles, write};
use crate::backup_daemon::{daemon, is_idle, wait};

fn with_target(folder: &Folder, url: &str) -> String {
    let target = format!("[backup.targets.usb]\nurl = \"file://{url}\"\n");
    folder.settings(&format!("profile = \"development\"\n[server]\nport = 0\n[log]\nformat = \"json\"\n{target}"));
    target
}

/// The names of the archives in a folder.
fn archives(folder: &Folder, name: &str) -> BTreeSet<String> {
    let names = std::fs::read_dir(folder.path(name)).unwrap().flatten().map(|entry| entry.file_name().into_string().unwrap());
    names.filter(|name| name.ends_with(".tar.gz")).collect()
}

fn copies(backup: &Value) -> usize {
    backup["copies"].as_array().unwrap().len()
}

#[test]
fn a_new_machine_leaves_the_copies_of_the_old_one_alone() {
    let (old, server, ana) = site();
    write(&ana, "All that there is");
    std::fs::create_dir(old.path("usb")).unwrap();
    let url = old.path("usb").display().to_string();
    with_target(&old, &url);
    old.run_backupd(&["once"]).check_done();
    stop(server);
    let kept = archives(&old, "usb");
    assert_eq!(kept.len(), 1);

    // The new one backs up its empty site the moment that it starts, and every day.
    let new = Folder::new();
    let target = with_target(&new, &url);
    stop(Server::start_new(&new));
    let refused = ["belong to", "data/backups of", "backupd restore latest --from usb", "backupd adopt usb"];
    let daemon = daemon(&new, &target);
    let status = wait(&daemon, is_idle);
    assert_eq!((&status["state"], &status["last_run"]["ok"]), (&json!("failed"), &json!(false)), "{status:#}");
    let problems = status["last_run"]["problems"].to_string();
    assert!(refused.iter().all(|part| problems.contains(part)), "{problems}");
    stop(daemon);
    with_target(&new, &url);
    new.run_backupd(&["once"]).check_refused(&refused);
    let empty = list(&new);
    assert!(empty.iter().all(|backup| backup["proven"] == json!(true) && copies(backup) == 0), "backups here go on: {empty:#?}");
    assert_eq!(archives(&old, "usb"), kept);
    // It belongs to the old one as before.
    old.run_backupd(&["once"]).check_done();
    let kept = archives(&old, "usb");

    // A look at the copies takes nothing over, and the site itself does.
    new.run_backupd(&["restore", "latest", "--from", "usb", "--to", "look"]).check_done();
    let plan = new.run_backupd(&["restore", "latest", "--from", "usb", "--plan"]);
    assert!(plan.check_done().contains("takes usb over from the backup folder"), "{plan:?}");
    new.run_backupd(&["once"]).check_refused(&refused);
    let restored = new.run_backupd(&["restore", "latest", "--from", "usb", "--yes"]);
    assert!(restored.check_done().contains("usb belongs to this backup folder from now on"), "{restored:?}");
    let server = Server::start(&new);
    assert_eq!(titles(&server), ["All that there is", "Picture"]);
    stop(server);
    assert_eq!(archives(&old, "usb"), kept);

    // The old one wakes up.
    old.run_backupd(&["once"]).check_refused(&refused);
    assert_eq!(archives(&old, "usb"), kept);
    new.run_backupd(&["once"]).check_done();
    let here = list(&new);
    assert_eq!(copies(&here[0]), 1);
    let names = archives(&old, "usb");
    let is_there = |backup: &Value| names.contains(backup["archive"]["file"].as_str().unwrap());
    assert!(is_there(&here[0]) && !empty.iter().any(is_there), "what was backed up of the empty site is copied nowhere: {names:?}");
}

#[test]
fn a_target_is_adopted_by_who_says_so() {
    let (old, server, _) = site();
    std::fs::create_dir(old.path("usb")).unwrap();
    let url = old.path("usb").display().to_string();
    with_target(&old, &url);
    old.run_backupd(&["once"]).check_done();
    stop(server);
    // The same site on another machine, by an export.
    let new = Folder::new();
    with_target(&new, &url);
    old.run_backupd(&["export", "--output", "whole.tar.gz"]).check_done();
    new.run_backupd(&["import", old.path("whole.tar.gz").to_str().unwrap(), "--yes"]).check_done();
    new.run_backupd(&["once"]).check_refused(&["belong to", "backupd adopt usb"]);

    new.run_backupd(&["adopt", "nowhere"]).check_refused(&["there is no target nowhere", "hint: "]);
    let asked = new.run_backupd(&["adopt", "usb"]);
    asked.check_refused(&["--yes"]);
    assert!(asked.stdout.contains("data/backups of") && asked.stdout.contains("restore latest --from usb"), "{asked:?}");
    old.run_backupd(&["once"]).check_done();
    // A backup has its second for a name, and two machines have two of them.
    std::thread::sleep(std::time::Duration::from_secs(1));
    for _ in 0..2 {
        assert!(new.run_backupd(&["adopt", "usb", "--yes"]).check_done().contains("usb belongs to this backup folder"));
        new.run_backupd(&["once"]).check_done();
    }
    old.run_backupd(&["once"]).check_refused(&["belong to", "backupd adopt usb"]);
    assert!(list(&new).iter().any(|backup| copies(backup) == 1));
}
