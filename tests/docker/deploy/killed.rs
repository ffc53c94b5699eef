//! The command is killed at the beginning of each of its steps, and goes on where it was.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

use super::site::Site;
use super::{SOON, carried};
use crate::engine::{PATIENCE, done, until};

/// A command that is killed at its steps, and begun again each time.
struct Victim<'a> {
    command: &'a dyn Fn() -> Command,
    /// How it ends all the same.
    code: i32,
    /// Where it is killed, with blanks between.
    steps: &'a str,
    /// Whether it is killed at all others, too. Those that take no time may be missed.
    others: bool,
}

/// A deployment to its end.
pub(super) fn on_the_way(site: &Site) {
    let before = site.release();
    let steps = "preflight release lock record backup rehearse drill files prepare warm close switch gate trial open others smoke watch settle live prune unlock";
    let deploy = Victim { command: &|| site.deploy(2), code: 0, steps, others: true };
    site.under_writers(|| deploy.dies(site, |_| {}));
    site.nothing_is_lost();
    assert_ne!(site.release(), before);
    assert_eq!(site.check_ended("live")["schema"], 999);
}

/// One whose server migrates and is never ready, killed at each step back, too.
pub(super) fn on_the_way_back(site: &Site) {
    let before = site.release();
    let steps = "back-close back-stop back-data back-next back-switch back-gate back-trial back-open back-others back-smoke back-record back-unlock";
    let deploy = || {
        let mut deploy = site.deploy(3);
        deploy.args(SOON);
        deploy
    };
    let deploy = Victim { command: &deploy, code: 1, steps, others: true };
    site.under_writers(|| deploy.dies(site, |_| {}));
    site.nothing_is_lost();
    assert_eq!(site.release(), before);
    site.check_ended("rolled-back");
}

/// One that migrates, lets people in, and is wrong then: it stays, since going back would lose what they wrote. Gives what was written before the
/// migration.
pub(super) fn where_it_stays(site: &Site) -> BTreeSet<String> {
    let (release, mut before) = (site.release(), BTreeSet::new());
    let steps = "gate back-data stay-switch stay-open stay-record stay-unlock";
    let deploy = Victim { command: &|| site.deploy(4), code: 1, steps, others: false };
    site.under_writers(|| {
        deploy.dies(site, |step| {
            // Nobody is let in yet, and nobody writes any more.
            if step == "gate" {
                before = site.ledger();
            }
        });
    });
    site.nothing_is_lost();
    assert_ne!(site.release(), release);
    assert_eq!(site.check_ended("stuck")["schema"], 999);
    before
}

/// Back over a migration: what was written since may be lost, and nothing else. `before` was written before the migration.
pub(super) fn in_a_rollback(site: &Site, before: BTreeSet<String>) {
    let (release, mut given_up) = (site.release(), BTreeSet::new());
    let steps = "preflight release lock record files prepare warm close stop backup data switch gate trial open others smoke watch settle live keep prune unlock";
    let rollback = || site.command(&["rollback", &site.version(1), "--discard-writes"]);
    let rollback = Victim { command: &rollback, code: 0, steps, others: true };
    site.under_writers(|| {
        rollback.dies(site, |step| {
            if step == "gate" {
                given_up = site.ledger();
            }
        });
    });
    let since = site.ledger().difference(&given_up).cloned().collect();
    site.forget_all_but(&(&before | &since));
    site.nothing_is_lost();
    assert_ne!(site.release(), release);
    assert_eq!(site.check_ended("live")["of"], 1);
}

/// Data that the site cannot work with: those from before come back.
pub(super) fn in_a_push_that_is_refused(site: &Site, data: &Path) {
    carried::spoil(data);
    let steps = "put back-close back-stop back-put back-next back-switch back-gate back-open back-others back-unlock";
    let push = Victim { command: &|| carried::push(site, data), code: 1, steps, others: true };
    site.under_writers(|| push.dies(site, |_| {}));
    site.nothing_is_lost();
    site.check_ended("rolled-back");
}

/// Other data take the place of the site's, and people are without passwords then: nobody writes.
pub(super) fn in_a_push(site: &Site, data: &Path, in_it: &BTreeSet<String>) {
    let steps = "preflight pack release lock record files prepare warm close stop backup put switch gate trial open others smoke watch settle live keep prune unlock";
    Victim { command: &|| carried::push(site, data), code: 0, steps, others: true }.dies(site, |_| {});
    site.check_ended("live");
    site.sign_in_with_a_new_password();
    site.forget_all_but(in_it);
    site.nothing_is_lost();
}

impl Victim<'_> {
    /// `killed` is told of each step that it was killed at.
    fn dies(&self, site: &Site, mut killed: impl FnMut(&str)) {
        let mut killed_at: Vec<String> = Vec::new();
        let is_victim = |step: &str| self.others || self.steps.split(' ').any(|one| one == step);
        let held_up = is_victim("files").then(|| files_are_held_up(site));
        let next = |before: &[String]| {
            let is_next = |step: &str| is_victim(step) && !before.iter().any(|killed| killed == step);
            killed_at_the_next_step(site, (self.command)(), self.code, is_next)
        };
        while let Some(step) = next(&killed_at) {
            killed(&step);
            if let Some(held_up) = held_up.as_ref().filter(|_| step == "files") {
                fs::remove_file(held_up).unwrap();
            }
            killed_at.push(step);
        }
        println!("killed at {killed_at:?}");
        for step in self.steps.split(' ') {
            assert!(killed_at.iter().any(|killed| killed == step), "{step} was not killed: {killed_at:?}\n{}", newest_journal(site));
        }
        let status = site.ends(&mut site.command(&["deploy", "status"]), 0);
        assert!(status.contains("nobody deploys"), "{status}");
    }
}

/// They are there within a millisecond, where nobody else writes to the disk: one of them waits for somebody who reads it.
fn files_are_held_up(site: &Site) -> PathBuf {
    let path = site.path("deploy/compose/compose.yaml.new");
    done(Command::new("mkfifo").arg(&path));
    path
}

/// Starts the command and kills it once it has begun a step that is next. `None`: it came to its end.
fn killed_at_the_next_step(site: &Site, mut deploy: Command, code: i32, is_next: impl Fn(&str) -> bool) -> Option<String> {
    let mut child = site.spawn(&mut deploy);
    loop {
        if let Some(ended) = child.try_wait().unwrap() {
            assert_eq!(ended.code(), Some(code), "{ended}\n{}", newest_journal(site));
            return None;
        }
        let begun = last_begun(&newest_journal(site));
        if let Some(step) = begun.filter(|step| is_next(step)) {
            kill_process(Pid::from_child(&child), Signal::KILL).unwrap();
            until(|| child.try_wait().unwrap().ok_or_else(|| "it was killed and runs".to_owned()));
            return Some(step);
        }
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// Killed once it has begun this step, and not before.
pub(super) fn at(site: &Site, command: Command, step: &str) {
    let killed = killed_at_the_next_step(site, command, 0, |begun| begun == step);
    assert_eq!(killed.as_deref(), Some(step), "{}", newest_journal(site));
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
