//! Faults of backups.

use std::fs;
use std::path::PathBuf;

use std::os::unix::fs::chown;

use magnetiq_storage::rusqlite::Connection;
use magnetiq_tests::Folder;
use rustix::process::geteuid;
use serde_json::{Value, json};

use super::{check, days_ago, fake, finding, fine, look, mode, open_folder, run, seen, shell, site};
use crate::backup::list;

/// Files of the backup folder with this ending, the oldest first.
fn files(folder: &Folder, ending: &str) -> Vec<PathBuf> {
    let all = fs::read_dir(folder.path("data/backups")).unwrap().flatten().map(|entry| entry.path());
    let mut files: Vec<PathBuf> = all.filter(|path| path.to_string_lossy().ends_with(ending)).collect();
    files.sort();
    files
}

fn change_newest_record(folder: &Folder, change: impl FnOnce(&mut Value)) {
    change_record(files(folder, ".proof.json").pop().unwrap(), change);
}

fn change_record(path: PathBuf, change: impl FnOnce(&mut Value)) {
    let mut record: Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
    change(&mut record);
    fs::write(&path, record.to_string()).unwrap();
}

/// The newest one was made so many days ago.
pub(super) fn dated(folder: &Folder, days: f64) {
    change_newest_record(folder, |record| record["summary"]["created_at"] = json!(days_ago(days)));
}

#[test]
fn a_site_without_a_backup() {
    let folder = site();
    check(&folder, "", "backups", "error", "there is no backup");
    change_newest_record(&folder, |record| record["verifications"] = json!([]));
    check(&folder, "", "backups", "error", "was ever restored to prove it");
    let empty = site();
    fs::create_dir(empty.path("data/backups")).unwrap();
    check(&empty, "", "backups", "error", "there is no backup in data/backups");
}

#[test]
fn backups_that_nobody_restores() {
    let folder = site();
    for _ in 0..4 {
        folder.run_backupd(&["once", "--pin"]).check_done();
        fine(&look(&folder, "backups"));
    }
    for newer in files(&folder, ".proof.json").into_iter().skip(1) {
        change_record(newer, |record| record["verifications"] = json!([]));
    }
    check(&folder, "", "backups", "warning", "newer backups that were not proven");
}

#[test]
fn a_backup_that_is_dated_in_the_future() {
    let folder = site();
    folder.run_backupd(&["once"]).check_done();
    dated(&folder, -2.0);
    check(&folder, "", "backups", "warning", "is dated in the future");
    let aside = fs::read_dir(folder.path("data/backups/dated-in-the-future")).unwrap().flatten();
    let aside: Vec<String> = aside.map(|entry| entry.file_name().into_string().unwrap()).collect();
    let is_kept = |ending: &str| aside.iter().any(|name| name.ends_with(ending));
    assert!(is_kept(".tar.gz") && is_kept(".proof.json"), "it is kept with its record: {aside:?}");
    // Beside those that are not.
    dated(&folder, -2.0);
    folder.run_backupd(&["once"]).check_done();
    check(&folder, "", "backups", "warning", "is dated in the future");
}

#[test]
fn a_backup_that_is_not_whole() {
    let folder = site();
    folder.run_backupd(&["once"]).check_done();
    change_newest_record(&folder, |record| record["state"] = json!("partial"));
    check(&folder, "", "backups", "warning", "is not complete: something could not be read when it was made");
    let archive = files(&folder, ".tar.gz").pop().unwrap();
    fs::write(&archive, [fs::read(&archive).unwrap(), vec![0]].concat()).unwrap();
    check(&folder, "", "backups", "error", "does not restore: the archive has");
}

#[test]
fn a_backup_folder_that_may_not_be_read() {
    if !geteuid().is_root() {
        return crate::proof::skip("only root can look as another user");
    }
    let folder = open_folder();
    fs::create_dir_all(folder.path("data/media")).unwrap();
    fake(&folder, "api-server", "");
    fs::copy(magnetiq_tests::api_server(), folder.path("bin/api-server")).unwrap();
    folder.run(&["migrate"], "").check_done();
    folder.run_backupd(&["once"]).check_done();
    for (path, wanted) in [("bin", 0o755), ("magnetiq.toml", 0o644), ("data", 0o777), ("data/backups", 0o700)] {
        mode(&folder.path(path), wanted);
    }
    let as_another = "setpriv --reuid 12345 --clear-groups api-server doctor --json --only backups";
    let entry = seen(shell(&folder, as_another)).remove(0);
    let command = finding(&entry, "warning", "the backup folder data/backups cannot be read")["command"].as_str().unwrap().to_owned();
    assert!(run(&folder, &command).contains("drwx------ root"), "it shows whose it is");
    for path in [folder.path("data/backups")].into_iter().chain(files(&folder, "")) {
        chown(path, Some(12345), Some(12345)).unwrap();
    }
    fine(&seen(shell(&folder, as_another)).remove(0));
}

#[test]
fn a_backup_that_is_too_old() {
    for (days, severity) in [(1.2, "warning"), (3.0, "error")] {
        let folder = site();
        folder.run_backupd(&["once"]).check_done();
        fine(&look(&folder, "backups"));
        dated(&folder, days);
        check(&folder, "", "backups", severity, "age of the newest backup that was restored to prove it");
    }
}

#[test]
fn a_backup_that_is_on_no_other_place() {
    let folder = site();
    folder.run_backupd(&["once"]).check_done();
    let target = format!("[backup.targets.usb]\nurl = 'file://{}'\n", folder.path("usb").display());
    folder.settings(&format!("profile = 'development'\n[server]\nport = 0\n[log]\nformat = 'json'\n{target}"));
    fs::create_dir(folder.path("usb")).unwrap();
    check(&folder, "", "backups", "warning", "is on 0 targets elsewhere, 1 is wanted");
}

#[test]
fn a_backup_that_is_much_smaller_than_the_one_before() {
    let folder = site();
    let change = |sql: &str| Connection::open(folder.database()).unwrap().execute_batch(sql).unwrap();
    change("CREATE TABLE large (content BLOB); INSERT INTO large VALUES (randomblob(5000000))");
    folder.run_backupd(&["once", "--pin"]).check_done();
    change("DELETE FROM large; VACUUM");
    folder.run_backupd(&["once"]);
    let unpin = || run(&folder, &format!("backupd unpin {}", list(&folder)[1]["id"].as_str().unwrap()));
    unpin();
    let found = finding(&look(&folder, "backups"), "warning", "smaller than the one before");
    // It says what is gone, and keeps what has it.
    let said = run(&folder, found["command"].as_str().unwrap());
    assert!(said.contains("large"), "{said}");
    assert_eq!([&list(&folder)[0]["pinned"], &list(&folder)[1]["pinned"]], [false, true], "{:#?}", list(&folder));
    // Whoever has seen that it was meant to go leaves the larger one to the retention again.
    unpin();
    folder.run_backupd(&["once"]);
    fine(&look(&folder, "backups"));
}

#[test]
fn an_archive_that_was_damaged() {
    let folder = site();
    folder.run_backupd(&["once"]).check_done();
    let archive = files(&folder, ".tar.gz").pop().unwrap();
    let mut bytes = fs::read(&archive).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle..middle + 64].fill(0);
    fs::write(&archive, bytes).unwrap();
    folder.run_backupd(&["verify", "latest"]).check_refused(&["do not restore"]);
    check(&folder, "", "backups", "error", "does not restore");
}

#[test]
fn archives_and_records_that_do_not_belong_together() {
    let folder = site();
    let older = |ending: &str| {
        folder.run_backupd(&["once", "--pin"]).check_done();
        folder.run_backupd(&["once"]).check_done();
        fine(&look(&folder, "backups"));
        files(&folder, ending).remove(0)
    };
    fs::remove_file(older(".tar.gz")).unwrap();
    check(&folder, "", "backups", "warning", "gone and left a record");
    fs::remove_file(older(".proof.json")).unwrap();
    check(&folder, "", "backups", "warning", "without a record");
    fs::write(older(".proof.json"), "{").unwrap();
    check(&folder, "", "backups", "warning", "cannot be read, the first is");
}
