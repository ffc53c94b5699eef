//! The command is killed at the beginning of each of its steps, and goes on where it was.

use std::fs;
use std::process::Command;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

use super::SOON;
use super::site::Site;
use crate::engine::{PATIENCE, until};

/// A deployment to its end, killed at each of its steps. Those that take no time may be missed.
pub(super) fn on_the_way(site: &Site) {
    let before = site.release();
    at_every_step(
        site,
        || site.deploy(2),
        0,
        &[
            "preflight",
            "release",
            "lock",
            "record",
            "backup",
            "rehearse",
            "drill",
            "prepare",
            "close",
            "switch",
            "gate",
            "trial",
            "open",
            "others",
            "smoke",
            "watch",
            "settle",
            "live",
            "unlock",
        ],
    );
    assert_ne!(site.release(), before);
    assert_eq!(site.check_ended("live")["schema"], 999);
}

/// One whose server migrates and is never ready, killed at each step back, too.
pub(super) fn on_the_way_back(site: &Site) {
    let before = site.release();
    let steps = ["close", "stop", "data", "next", "switch", "gate", "trial", "open", "others", "smoke", "record", "unlock"];
    let deploy = || {
        let mut deploy = site.deploy(3);
        deploy.args(SOON);
        deploy
    };
    at_every_step(site, deploy, 1, &steps.map(|step| format!("back-{step}")));
    assert_eq!(site.release(), before);
    site.check_ended("rolled-back");
}

fn at_every_step(site: &Site, deploy: impl Fn() -> Command, code: i32, steps: &[impl AsRef<str>]) {
    let mut killed_at = Vec::new();
    site.under_writers(|| {
        while let Some(step) = killed_at_the_next_step(site, deploy(), code, &killed_at) {
            killed_at.push(step);
        }
    });
    println!("killed at {killed_at:?}");
    for step in steps.iter().map(AsRef::as_ref) {
        assert!(killed_at.iter().any(|killed| killed == step), "{step} was not killed: {killed_at:?}\n{}", newest_journal(site));
    }
    site.nothing_is_lost();
    let status = site.ends(&mut site.command(&["deploy", "status"]), 0);
    assert!(status.contains("nobody deploys"), "{status}");
}

/// Starts the command and kills it once it has begun a step that it was not killed at before. `None`: it came to its end.
fn killed_at_the_next_step(site: &Site, mut deploy: Command, code: i32, before: &[String]) -> Option<String> {
    let mut child = site.spawn(&mut deploy);
    loop {
        if let Some(ended) = child.try_wait().unwrap() {
            assert_eq!(ended.code(), Some(code), "{ended}\n{}", newest_journal(site));
            return None;
        }
        let begun = last_begun(&newest_journal(site));
        if let Some(step) = begun.filter(|step| !before.contains(step)) {
            kill_process(Pid::from_child(&child), Signal::KILL).unwrap();
            until(|| child.try_wait().unwrap().ok_or_else(|| "it was killed and runs".to_owned()));
            return Some(step);
        }
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// Waits until the step is being done.
pub(super) fn begins(site: &Site, step: &str) {
    let asked = Instant::now();
    while last_begun(&newest_journal(site)).is_none_or(|begun| begun != step) {
        assert!(asked.elapsed() < PATIENCE, "{step} was not begun\n{}", newest_journal(site));
        std::thread::sleep(Duration::from_millis(2));
    }
}

/// The step that the journal ends in; none where the last line says that it has ended.
fn last_begun(journal: &str) -> Option<String> {
    let last: serde_json::Value = serde_json::from_str(journal.lines().last()?).ok()?;
    (last["event"] == "begun").then(|| last["step"].as_str().unwrap().to_owned())
}

fn newest_journal(site: &Site) -> String {
    let Ok(entries) = fs::read_dir(site.journals()) else { return String::new() };
    let mut paths: Vec<_> = entries.map(|entry| entry.unwrap().path()).filter(|path| path.extension().is_some()).collect();
    paths.sort();
    paths.pop().map(|path| fs::read_to_string(path).unwrap()).unwrap_or_default()
}
