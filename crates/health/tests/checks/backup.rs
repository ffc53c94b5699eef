//! Folders of backups as they are after good and after bad days.

use std::fs;
use std::path::Path;

use magnetiq_health::checks::Backup;
use magnetiq_health::{CheckError, Facts};

use crate::support::{clock, expect, number, run, told};

/// Writes an archive and its record, as `magnetiq-backup` has it: outcomes of restores, or as in `drill failed` of something else.
fn put(folder: &Path, id: &str, created_at: &str, database_bytes: u64, outcomes: &[&str], more: &str) {
    let file = format!("magnetiq-{id}.tar.gz");
    fs::write(folder.join(&file), vec![0; 1000]).unwrap();
    let verifications: Vec<String> = outcomes
        .iter()
        .map(|outcome| {
            let (depth, outcome) = outcome.split_once(' ').unwrap_or(("restore", outcome));
            let problem = if outcome == "failed" { "\"row 7 of page differs\"" } else { "null" };
            format!(
                r#"{{"at":"2026-11-23T03:00:00Z","depth":"{depth}","outcome":"{outcome}","problem":{problem},"duration_ms":9,"program_version":"0.0.0"}}"#
            )
        })
        .collect();
    let record = format!(
        r#"{{"archive":{{"file":"{file}","sha256":"00","size_bytes":1000}},
            "summary":{{"format_version":1,"id":"{id}","sequence":1,"created_at":"{created_at}","reason":"schedule","program":"backupd",
                "program_version":"0.0.0","schema_version":3,"database_bytes":{database_bytes},"tables":1,"rows":1,"media_mode":"linked",
                "media_files":0,"media_bytes":0,"config_files":0,"encrypted":false}},
            {more}
            "verifications":[{}]}}"#,
        verifications.join(",")
    );
    fs::write(folder.join(format!("magnetiq-{id}.proof.json")), record).unwrap();
}

const WHOLE: &str = r#""state":"complete","#;

/// Nine hours old at noon, and proven.
fn put_good(folder: &Path) {
    put(folder, "20261123T030000Z", "2026-11-23T03:00:00Z", 5000, &["proven"], WHOLE);
}

fn check(fill: impl FnOnce(&Path), expected: &[&str]) {
    drop(look(fill, expected));
}

fn look(fill: impl FnOnce(&Path), expected: &[&str]) -> Result<Facts, CheckError> {
    let folder = tempfile::tempdir().unwrap();
    fill(folder.path());
    let result = run(&mut Backup::new(folder.path(), clock(0)));
    expect(&result, expected);
    result
}

#[test]
fn a_good_day() {
    let result = look(
        |folder| {
            put_good(folder);
            put(folder, "20261122T030000Z", "2026-11-22T03:00:00Z", 5000, &["failed"], WHOLE);
        },
        &[],
    );
    assert_eq!(number(&result, "age"), Some(9.0 * 3600.0));
    assert_eq!((number(&result, "shrunk"), number(&result, "unproven"), number(&result, "copies")), (Some(0.0), Some(0.0), Some(0.0)));
}

#[test]
fn nothing_there() {
    expect(&run(&mut Backup::new("/not/there", clock(0))), &["failed: there is no backup folder /not/there"]);
    check(|_| {}, &["fail: there is no backup in /"]);
    check(|folder| fs::write(folder.join("notes.txt"), "").unwrap(), &["fail: there is no backup in /"]);
}

#[test]
fn what_was_never_restored_is_no_backup() {
    let unproven = |outcomes: &'static [&'static str]| {
        move |folder: &Path| put(folder, "20261123T030000Z", "2026-11-23T03:00:00Z", 1, outcomes, WHOLE)
    };
    check(unproven(&[]), &["fail: none of 1 backup in "]);
    check(unproven(&["inconclusive"]), &["fail: none of 1 backup in "]);
    check(
        unproven(&["proven", "failed"]),
        &["fail: none of 1 backup in ", "fail: magnetiq-20261123T030000Z.tar.gz does not restore: row 7"],
    );
    check(unproven(&["failed", "proven", "inconclusive"]), &[]);
}

#[test]
fn one_rule_with_backupd_for_what_is_proven() {
    let proven = |outcomes: &'static [&'static str], expected: &[&str]| {
        check(|folder| put(folder, "20261123T030000Z", "2026-11-23T03:00:00Z", 1, outcomes, WHOLE), expected);
    };
    let damaged = ["fail: none of 1 backup in ", "fail: magnetiq-20261123T030000Z.tar.gz does not restore: row 7"];
    // A drill that failed says as much of the program.
    proven(&["proven", "drill failed"], &[]);
    proven(&["proven", "failed", "drill failed"], &damaged);
    proven(&["drill failed"], &["fail: none of 1 backup in "]);
    // Only what is as thorough lifts a failure.
    proven(&["proven", "integrity failed", "proven"], &damaged);
    proven(&["integrity failed", "proven", "integrity proven"], &[]);
    proven(&["failed", "drill proven"], &[]);
    let cut_short = |folder: &Path| {
        put_good(folder);
        fs::write(folder.join("magnetiq-20261123T030000Z.tar.gz"), vec![0; 999]).unwrap();
    };
    let cut = "fail: magnetiq-20261123T030000Z.tar.gz does not restore: the archive has 999 bytes, it had 1000";
    check(cut_short, &["fail: none of 1 backup in ", cut]);
}

#[test]
fn an_older_one_counts_where_the_newest_is_not_proven() {
    let result = look(
        |folder| {
            put(folder, "20261123T030000Z", "2026-11-23T03:00:00Z", 2000, &["failed"], WHOLE);
            put(folder, "20261121T120000Z", "2026-11-21T12:00:00Z", 5000, &["proven"], WHOLE);
        },
        &["fail: magnetiq-20261123T030000Z.tar.gz does not restore"],
    );
    assert_eq!((number(&result, "age"), number(&result, "unproven")), (Some(48.0 * 3600.0), Some(1.0)));
    assert_eq!(number(&result, "shrunk"), Some(60.0));
}

#[test]
fn a_time_in_the_future_hides_nothing() {
    let future = |folder: &Path| put(folder, "20271123T030000Z", "2027-11-23T03:00:00Z", 1, &["proven"], WHOLE);
    let result = look(future, &["warn: magnetiq-20271123T030000Z.tar.gz is dated in the future, 2027-11-23T03:00:00Z"]);
    let age = result.unwrap().reading("age").cloned().unwrap();
    assert_eq!(age.number(), None, "a limit of it makes the check unknown: {age:?}");
    let result = look(
        |folder| {
            future(folder);
            put_good(folder);
        },
        &["warn: magnetiq-20271123T030000Z.tar.gz is dated in the future"],
    );
    assert_eq!(number(&result, "age"), Some(9.0 * 3600.0));
}

#[test]
fn what_else_is_told() {
    let partial = r#""state":"partial","problems":[{"path":"media/a","problem":"gone"}],"#;
    check(
        |folder| put(folder, "20261123T030000Z", "2026-11-23T03:00:00Z", 1, &["proven"], partial),
        &["warn: magnetiq-20261123T030000Z.tar.gz is not complete"],
    );
    check(
        |folder| {
            put_good(folder);
            fs::write(folder.join("magnetiq-20261122T030000Z.proof.json"), "{").unwrap();
            fs::write(folder.join("magnetiq-20261122T030000Z.tar.gz"), "").unwrap();
        },
        &["warn: 1 record cannot be read, the first is magnetiq-20261122T030000Z.proof.json: "],
    );
    check(
        |folder| {
            put(folder, "20261122T030000Z", "2026-11-22T03:00:00Z", 1, &["proven"], WHOLE);
            fs::remove_file(folder.join("magnetiq-20261122T030000Z.tar.gz")).unwrap();
            put_good(folder);
        },
        &["warn: 1 archive gone and left a record, the first is magnetiq-20261122T030000Z.tar.gz"],
    );
    check(
        |folder| {
            put_good(folder);
            fs::write(folder.join("magnetiq-20261122T030000Z.tar.zst.age"), "").unwrap();
        },
        &["warn: 1 archive without a record"],
    );
}

#[test]
fn copies_elsewhere() {
    let folder = tempfile::tempdir().unwrap();
    let copy = |target| format!(r#"{{"target":"{target}","at":"2026-11-23T03:10:00Z","size_bytes":1000,"verified":true}}"#);
    let copies = format!("{WHOLE}\"copies\":[{},{},{}],", copy("s3"), copy("s3"), copy("nas"));
    put(folder.path(), "20261123T030000Z", "2026-11-23T03:00:00Z", 1, &["proven"], &copies);
    let wanting = |wanted| run(&mut Backup::new(folder.path(), clock(0)).copies(wanted));
    assert_eq!(number(&wanting(2), "copies"), Some(2.0));
    expect(&wanting(2), &[]);
    assert_eq!(told(&wanting(3)), ["warn: magnetiq-20261123T030000Z.tar.gz is on 2 targets elsewhere, 3 are wanted"]);
}
