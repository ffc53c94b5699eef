//! Restores and undos that were killed between two renames: whoever comes next carries them out.

use std::fs;
use std::path::Path;
use std::process::Command;

use magnetiq_backup::{Error, Repaired, RestoreRequest, What, repair};

use super::{change, leftovers, restore, state};
use crate::support::{Site, create};

/// Puts the site into the state of a restore that was killed after `done` of its renames, and returns how many there are.
fn kill_after(site: &Site, kept: &Path, done: usize) -> usize {
    let work = site.path(".site.sqlite3.restoring");
    fs::rename(kept, &work).unwrap();
    let journal = fs::read_to_string(work.join("journal.json")).unwrap().replace("\"stage\": \"replaced\"", "\"stage\": \"replacing\"");
    fs::write(work.join("journal.json"), &journal).unwrap();
    let journal: serde_json::Value = serde_json::from_str(&journal).unwrap();
    let parts = journal["parts"].as_array().unwrap();
    for part in &parts[done..] {
        let (live, held) = (Path::new(part["live"].as_str().unwrap()), work.join(part["held"].as_str().unwrap()));
        let aside = site.path("aside");
        fs::rename(live, &aside).unwrap();
        fs::rename(&held, live).unwrap();
        fs::rename(&aside, &held).unwrap();
    }
    parts.len()
}

#[test]
fn a_restore_that_was_killed_is_carried_out() {
    let site = Site::new();
    let backups = site.backups();
    let before = state(&site);
    create(&backups);
    change(&site);
    let after = state(&site);
    let request = || RestoreRequest::new().only(What::Database).only(What::Media).only(What::Config);
    assert_eq!(backups.repair().unwrap(), None);
    let mut done = 0;
    loop {
        let kept = restore(&backups, request()).unwrap().kept.unwrap();
        let parts = kill_after(&site, &kept, done);
        let repaired = backups.repair().unwrap();
        assert!(matches!(repaired, Some(Repaired::Restored(_))), "{repaired:?}");
        assert_eq!(state(&site), before, "killed after {done}");
        backups.undo().unwrap();
        assert_eq!(state(&site), after, "killed after {done}");
        done += 1;
        if done > parts {
            break;
        }
    }
    // Whoever comes next repairs by the way.
    kill_after(&site, &restore(&backups, request()).unwrap().kept.unwrap(), 1);
    backups.undo().unwrap();
    assert_eq!(state(&site), after);

    // So does a backup, which must not be one of two sites.
    kill_after(&site, &restore(&backups, request()).unwrap().kept.unwrap(), 2);
    site.wait(60);
    create(&backups);
    assert_eq!(state(&site), before);
    backups.undo().unwrap();
    assert_eq!(state(&site), after);

    // While the database is in use somebody else is at work; what has not begun is in nobody's way.
    site.put(".site.sqlite3.restoring/database.sqlite3", b"half");
    let owner = site.store();
    assert_eq!(repair(&site.path("site.sqlite3"), jiff::Timestamp::UNIX_EPOCH).unwrap(), None);
    owner.close().unwrap();

    // Killed while it unpacked: nothing was replaced.
    site.put(".site.sqlite3.restoring/database.sqlite3", b"half");
    assert_eq!(backups.repair().unwrap(), Some(Repaired::Removed));
    assert_eq!((state(&site), backups.repair().unwrap(), leftovers(&site)), (after, None, vec![]));
}

/// A machine is lost in the middle of a restore, and what its disk has is copied to another one, file by file.
#[test]
fn a_restore_that_was_killed_is_carried_out_in_a_copy_of_the_site() {
    let site = Site::new();
    let backups = site.backups();
    let before = state(&site);
    create(&backups);
    change(&site);
    let request = || RestoreRequest::new().only(What::Database).only(What::Media).only(What::Config);
    for done in 0..=3 {
        kill_after(&site, &restore(&backups, request()).unwrap().kept.unwrap(), done);
        copy_all(&site, &["-a"]);
        assert!(matches!(backups.repair().unwrap(), Some(Repaired::Restored(_))));
        assert_eq!(state(&site), before, "killed after {done}");
        backups.undo().unwrap();
    }

    // Without its times nobody knows which is which, and nothing is thrown away, by whoever tries how often.
    kill_after(&site, &restore(&backups, request()).unwrap().kept.unwrap(), 1);
    copy_all(&site, &["-r"]);
    for _ in 0..2 {
        let refused = backups.repair().unwrap_err();
        assert!(matches!(&refused, Error::RestoreUnclear { .. }), "{refused:?}");
    }
    let held = site.path(".site.sqlite3.restoring");
    assert!(site.path("site.sqlite3").exists() && held.join("database.sqlite3").exists() && held.join("media").exists());
}

/// In the place of everything in the folder of the site comes a copy.
fn copy_all(site: &Site, how: &[&str]) {
    let copy = tempfile::tempdir().unwrap();
    let command = |program: &str, args: &[&str]| assert!(Command::new(program).args(args).status().unwrap().success());
    let (here, there) = (site.folder.path().to_str().unwrap(), copy.path().to_str().unwrap());
    command("cp", &[how, &[&format!("{here}/."), there]].concat());
    command("find", &[here, "-mindepth", "1", "-delete"]);
    // What has just become free is handed out again: not to the same files.
    fs::write(copy.path().join("first"), "").unwrap();
    command("cp", &[how, &[&format!("{there}/."), here]].concat());
}

#[test]
fn an_undo_that_was_killed_is_carried_out_and_goes_no_further() {
    let site = Site::new();
    let backups = site.backups();
    create(&backups);
    change(&site);
    restore(&backups, RestoreRequest::new()).unwrap();
    site.wait(60);
    site.sql("INSERT INTO note (text) VALUES ('since the first restore')");
    let since = state(&site);
    restore(&backups, RestoreRequest::new()).unwrap();
    let kept = backups.undo().unwrap().kept;
    assert_eq!(state(&site), since);

    // As it was after the first of its renames.
    let journal = fs::read_to_string(kept.join("journal.json")).unwrap().replace("\"stage\": \"undone\"", "\"stage\": \"undoing\"");
    fs::write(kept.join("journal.json"), &journal).unwrap();
    let (live, held, aside) = (site.path("media"), kept.join("media"), site.path("aside"));
    for (from, to) in [(&live, &aside), (&held, &live), (&aside, &held)] {
        fs::rename(from, to).unwrap();
    }
    backups.undo().unwrap();
    assert_eq!(state(&site), since);
    assert_eq!(backups.repair().unwrap(), None);
}
