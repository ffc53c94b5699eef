//! `cargo xtask data`: the data of a site come here, and take their place there again.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use magnetiq_storage::rusqlite::Connection;

use super::site::Site;
use crate::engine::done;

/// Who is on the site, under no other name than these.
const PEOPLE: [&str; 3] = ["ana@example.com", "zaphod@heart-of-gold.example", "Zaphod Beeblebrox"];

fn carry(site: &Site, direction: &str, here: &Path, more: &[&str]) -> Command {
    let mut command = site.command(&["data", direction, "--yes", "--data"]);
    command.arg(here).args(more);
    command
}

/// The data of the site, on this machine.
pub(super) fn pull(site: &Site, more: &[&str]) -> PathBuf {
    let here = site.path("development");
    let said = site.ends(&mut carry(site, "pull", &here, more), 0);
    assert!(said.contains("the data of") && here.join("magnetiq.sqlite3").is_file(), "{said}");
    let left = fs::read_dir(site.path("deploy/data")).map(Iterator::count).unwrap_or_default();
    assert_eq!(left, 0, "people may be in what was carried");
    here
}

pub(super) fn push(site: &Site, here: &Path) -> Command {
    carry(site, "push", here, &["--why", "the data of the last month"])
}

/// What the site had when it was pulled takes the place of what was written since.
pub(super) fn down_and_up_again(site: &Site) {
    let kept = site.ledger();
    let here = pull(site, &[]);
    let later = site.write("Later than the copy").expect("the site takes it");
    let planned = site.ends(&mut carry(site, "push", &here, &["--plan"]), 0);
    assert!(planned.contains("import - --yes") && site.has(&later), "{planned}");
    let said = site.ends(&mut push(site, &here), 0);
    assert!(said.contains("put") && said.contains("nobody could write for"), "{said}");
    let record = site.check_ended("live");
    assert_eq!(record["why"], "the data of the last month");
    site.sign_in_with_a_new_password();
    site.nothing_is_lost();
    assert!(!kept.is_empty() && !site.has(&later), "it was not in the copy");
}

/// What comes here, all of it as it lies on the way, has nobody in it.
pub(super) fn down_without_people(site: &Site) {
    site.invite(PEOPLE[1], PEOPLE[2]);
    let [_, _, _, picture] = site.publish("A page of the site");
    let on_the_way = |more: &[&str]| {
        let (pulled, kept) = (AtomicBool::new(false), site.path("on-the-way"));
        std::thread::scope(|scope| {
            scope.spawn(|| keep_what_is_carried(site, &kept, &pulled));
            pull(site, more);
            pulled.store(true, Ordering::Relaxed);
        });
        let files = done(Command::new("tar").arg("-tzf").arg(&kept));
        let content = Command::new("tar").arg("--to-stdout").arg("-xzf").arg(&kept).output().unwrap();
        assert!(content.status.success() && files.contains("database.sqlite3"), "{files}");
        fs::remove_file(kept).unwrap();
        (files, content.stdout)
    };
    let (files, content) = on_the_way(&["--scrub"]);
    for person in PEOPLE {
        assert!(!has(&content, person) && !has(files.as_bytes(), person), "{person} came along");
    }
    assert!(has(&content, "A page of the site"), "what is published stays as it is");
    let (folder, hash) = picture.split('/').nth(2).unwrap().split_at(2);
    assert!(files.contains(&format!("media/{folder}/{hash}")), "{picture} is not in\n{files}");
    let (_, content) = on_the_way(&[]);
    for person in PEOPLE {
        assert!(has(&content, person), "{person} is on the site, or this proves nothing");
    }
}

/// It is deleted as soon as it has arrived: it gets a second name until then.
fn keep_what_is_carried(site: &Site, kept: &Path, pulled: &AtomicBool) {
    let archive = site.path("deploy/data").join(format!("{}.tar.gz", site.name()));
    while !pulled.load(Ordering::Relaxed) {
        if archive.exists() && fs::hard_link(&archive, kept).is_ok() {
            return;
        }
        std::thread::sleep(Duration::from_millis(1));
    }
}

fn has(bytes: &[u8], text: &str) -> bool {
    bytes.windows(text.len()).any(|part| part.eq_ignore_ascii_case(text.as_bytes()))
}

/// Data that are whole, and that no server can tell: a page of a time that no calendar has.
pub(super) fn spoil(here: &Path) {
    let conn = Connection::open(here.join("magnetiq.sqlite3")).unwrap();
    let spoilt = conn.execute("UPDATE page SET live_at = 9223372036854775807 WHERE status = 'published'", []).unwrap();
    assert!(spoilt > 0, "nothing is published");
}

/// The data from before come back by themselves.
pub(super) fn up_in_vain(site: &Site) {
    let here = pull(site, &[]);
    spoil(&here);
    let release = site.release();
    let said = site.under_writers(|| site.ends(&mut push(site, &here), 1));
    assert!(said.contains("trial: ") && said.contains(" answers 500") && said.contains("back-put"), "{said}");
    assert!(said.contains("runs, as before"), "{said}");
    let record = site.check_ended("rolled-back");
    assert!(record["other_data"] == true && record["backup"].is_string(), "{record:#}");
    // Who wrote is still signed in: all of it is there as it was.
    assert_eq!(site.release(), release);
    site.nothing_is_lost();
}
