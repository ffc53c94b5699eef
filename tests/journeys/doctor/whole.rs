//! The doctor as a program: its codes, its list, a site with nothing wrong.

use std::collections::BTreeSet;

use magnetiq_tests::{Folder, Server};
use serde_json::Value;

use super::{fake, shell, site};
use crate::backup::stop;

#[test]
fn a_site_that_is_well_is_called_so_beside_its_server() {
    let folder = site();
    let server = Server::start_new(&folder);
    folder.run_backupd(&["once"]).check_done();
    fake(&folder, "timedatectl", "echo yes");
    let output = shell(&folder, "api-server doctor --json").output().unwrap();
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    // What this machine's own kernel, programs, containers and limits are is not of this site.
    let of_site: Vec<&Value> = report["checks"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|entry| !["kernel", "tools", "containers", "disk", "memory", "file-descriptors"].contains(&entry["name"].as_str().unwrap()))
        .collect();
    for entry in &of_site {
        assert!(["fine", "skipped"].contains(&entry["status"].as_str().unwrap()), "{entry:#}");
    }
    assert!(of_site.len() >= 20);
    let text = String::from_utf8(shell(&folder, "api-server doctor").output().unwrap().stdout).unwrap();
    assert!(text.contains("checks,") && text.contains("errors,"), "{text}");
    // It changed nothing that the server would mind.
    stop(server);
}

#[test]
fn a_name_that_is_none_is_a_wrong_command_line() {
    let folder = Folder::new();
    let output = shell(&folder, "api-server doctor --only dataase").output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("did you mean database?"), "{output:?}");
    let output = shell(&folder, "api-server doctor --no-such-flag").output().unwrap();
    assert_eq!(output.status.code(), Some(2));
}

#[test]
fn several_names_and_the_list() {
    let folder = Folder::new();
    let output = shell(&folder, "api-server doctor --json --only settings,ports --only mail").output().unwrap();
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    let names: Vec<&str> = report["checks"].as_array().unwrap().iter().map(|entry| entry["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["settings", "ports", "mail"]);
    let list = String::from_utf8(shell(&folder, "api-server doctor --list").output().unwrap().stdout).unwrap();
    let listed: BTreeSet<&str> = list.lines().filter_map(|line| line.split_whitespace().next()).collect();
    assert!(listed.len() > 20 && listed.contains("quick-check"), "{list}");
}
