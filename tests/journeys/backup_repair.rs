//! A restore that was killed between two renames: whoever comes next finds a whole site.

use std::path::{Path, PathBuf};

use magnetiq_tests::{Folder, Server};
use rustix::process::Signal;
use serde_json::Value;

use crate::backup::{media_files, site, stop, titles, write};

/// The site after a restore, as if that had been killed after `done` of its renames.
fn killed_after(folder: &Folder, done: usize) {
    folder.run_backupd(&["restore", "latest", "--yes"]).check_done();
    let kept = replaced(folder);
    let work = folder.path("data/.magnetiq.sqlite3.restoring");
    std::fs::rename(kept.last().unwrap(), &work).unwrap();
    let journal = std::fs::read_to_string(work.join("journal.json")).unwrap().replace("\"replaced\"", "\"replacing\"");
    std::fs::write(work.join("journal.json"), &journal).unwrap();
    let journal: Value = serde_json::from_str(&journal).unwrap();
    for part in &journal["parts"].as_array().unwrap()[done..] {
        let (live, held) = (Path::new(part["live"].as_str().unwrap()), work.join(part["held"].as_str().unwrap()));
        let aside = folder.path("aside");
        for (from, to) in [(live, &*aside), (&held, live), (&aside, &held)] {
            // A name that is new, or goes, is on one side only.
            if from.exists() {
                std::fs::rename(from, to).unwrap();
            }
        }
    }
}

/// Oldest first.
fn replaced(folder: &Folder) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder.path("data")).unwrap().flatten().map(|entry| entry.path());
    let mut found: Vec<_> = entries.filter(|path| path.file_name().unwrap().to_str().unwrap().starts_with("replaced-")).collect();
    found.sort();
    found
}

#[test]
fn a_restore_that_was_killed_is_whole_for_whoever_comes_next() {
    let (folder, server, ana) = site();
    write(&ana, "Before");
    folder.run_backupd(&["once"]).check_done();
    write(&ana, "After");
    stop(server);
    let pictures = media_files(&folder);
    let other = folder.path("data/media/only-now");
    let whole = |who: &str| {
        assert_eq!(media_files(&folder), pictures, "{who}");
        assert!(!folder.path("data/.magnetiq.sqlite3.restoring").exists(), "{who}");
        assert!(replaced(&folder).last().unwrap().join("media/only-now").exists(), "{who} keeps what was there before");
    };
    let back = || {
        folder.run_backupd(&["restore", "--undo", "--yes"]).check_done();
        for kept in replaced(&folder) {
            std::fs::remove_dir_all(kept).unwrap();
        }
    };
    std::fs::write(&other, "a file of today").unwrap();

    // The media are those of the backup, the database is that of today.
    killed_after(&folder, 1);
    let server = Server::start(&folder);
    whole("serve");
    assert_eq!(titles(&server), ["Before", "Picture"]);
    server.signal(Signal::TERM);
    let (_, log) = server.wait();
    assert!(log.iter().any(|line| line.contains("it is carried out now")), "{log:#?}");
    back();
    assert!(other.exists());

    for arguments in [["admin", "list"].as_slice(), &["migrate"], &["import", "content"]] {
        killed_after(&folder, 1);
        let ended = folder.run(arguments, "");
        ended.check_done();
        assert!(ended.stderr.contains("it is carried out now"), "{ended:?}");
        if arguments[0] != "import" {
            whole(arguments[0]);
        }
        back();
    }

    killed_after(&folder, 1);
    folder.run_backupd(&["restore", "latest", "--plan"]).check_done();
    assert!(folder.path("data/.magnetiq.sqlite3.restoring").exists(), "a plan changes nothing");
    folder.run_backupd(&["export", "--output", "whole.tar.gz"]).check_done();
    whole("export");
    assert_eq!(titles(&Server::start(&folder)), ["Before", "Picture"]);
}

#[test]
fn an_undo_that_was_killed_goes_on_with_the_server() {
    let (folder, server, ana) = site();
    write(&ana, "Before");
    folder.run_backupd(&["once"]).check_done();
    write(&ana, "After");
    stop(server);
    std::fs::write(folder.path("data/media/only-now"), "a file of today").unwrap();
    folder.run_backupd(&["restore", "latest", "--yes"]).check_done();
    let journal = replaced(&folder)[0].join("journal.json");
    folder.run_backupd(&["restore", "--undo", "--yes"]).check_done();
    let text = std::fs::read_to_string(&journal).unwrap().replace("\"undone\"", "\"undoing\"");
    let value: Value = serde_json::from_str(&text).unwrap();
    let media = value["parts"].as_array().unwrap().iter().find(|part| part["what"] == "media").unwrap();
    let (live, held) = (folder.path("data/media"), journal.with_file_name(media["held"].as_str().unwrap()));
    // As it was before the media went back.
    for (from, to) in [(&live, folder.path("aside")), (&held, live.clone()), (&folder.path("aside"), held.clone())] {
        std::fs::rename(from, to).unwrap();
    }
    std::fs::write(&journal, text).unwrap();
    let server = Server::start(&folder);
    assert_eq!(titles(&server), ["After", "Before", "Picture"]);
    assert!(folder.path("data/media/only-now").exists());
}
