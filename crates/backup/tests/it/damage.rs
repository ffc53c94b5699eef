//! Whatever becomes of an archive, a verification finds it.

use std::fs;

use magnetiq_backup::magnetiq_storage::rusqlite::Connection;
use magnetiq_backup::{Backups, Compression, Depth, Entry, Error, MediaMode, Outcome, Proof, RestoreRequest, Step, Which};

use crate::support::{Site, create, fails, names, proven, verify};

/// Damages the bytes of an archive and expects that this is found, with its record and without.
fn check(backups: &Backups, entry: &Entry, what: &str, damage: impl Fn(&mut Vec<u8>)) {
    let whole = fs::read(&entry.path).unwrap();
    let mut damaged = whole.clone();
    damage(&mut damaged);
    fs::write(&entry.path, &damaged).unwrap();
    let proof = verify(backups, entry).unwrap();
    assert_eq!(proof.outcome, Outcome::Failed, "{what}: {proof:?}");
    // As a file without a record, only its own checksums speak.
    let alone = entry.path.with_file_name("alone.tar.gz");
    fs::write(&alone, &damaged).unwrap();
    if let Ok(found) = backups.find(&Which::File(alone.clone())) {
        let proof = verify(backups, &found).unwrap();
        assert_eq!(proof.outcome, Outcome::Failed, "{what}, without a record: {proof:?}");
    }
    fs::remove_file(alone).unwrap();
    fs::write(&entry.path, whole).unwrap();
}

#[test]
fn damage_is_found() {
    let site = Site::new();
    for compression in [Compression::Gzip, Compression::Zstd] {
        let backups = Backups::new(site.options().compression(compression)).unwrap();
        let entry = create(&backups);
        let size = fs::read(&entry.path).unwrap().len();
        for percent in 0..100 {
            check(&backups, &entry, &format!("{compression:?} cut at {percent} %"), |bytes| bytes.truncate(size * percent / 100));
        }
        for n in 0..60 {
            let at = size * n / 60 + n % 3;
            check(&backups, &entry, &format!("{compression:?} byte {at}"), |bytes| bytes[at] ^= 4);
        }
        check(&backups, &entry, "something appended", |bytes| bytes.extend_from_slice(b"more"));
        check(&backups, &entry, "a second archive appended", |bytes| bytes.extend_from_within(..));
        check(&backups, &entry, "no archive at all", |bytes| *bytes = b"hello".repeat(100));
        check(&backups, &entry, "empty", Vec::clear);
        proven(&backups, &entry);
        site.wait(60);
    }
}

#[test]
fn an_archive_without_its_seal_is_not_listed() {
    let site = Site::new();
    let backups = site.backups();
    let entry = create(&backups);
    let whole = fs::read(&entry.path).unwrap();
    fs::write(site.path("backups/magnetiq-20261124T020000Z.tar.gz"), &whole[..whole.len() - 600]).unwrap();
    fs::write(site.path("backups/magnetiq-20261125T020000Z.tar.gz"), b"").unwrap();
    fs::write(site.path("backups/magnetiq-20261125.tar.gz"), whole).unwrap();
    assert_eq!(backups.list().unwrap(), [entry]);
}

#[test]
fn an_archive_that_was_read_in_vain_is_read_again_when_it_has_changed() {
    let site = Site::new();
    let backups = site.backups();
    let entry = create(&backups);
    let whole = fs::read(&entry.path).unwrap();
    let record = site.path("backups").join(entry.record.archive.file.replace(".tar.gz", ".proof.json"));
    let text = fs::read(&record).unwrap();
    fs::remove_file(&record).unwrap();
    let mut damaged = whole.clone();
    damaged[whole.len() / 2] ^= 1;
    fs::write(&entry.path, damaged).unwrap();
    assert_eq!(backups.list().unwrap(), []);
    // What nothing tells of is not looked for: a daemon lists every half minute, and an archive may have gigabytes.
    let then = fs::metadata(&entry.path).unwrap().modified().unwrap();
    let put = |at| {
        fs::write(&entry.path, &whole).unwrap();
        fs::File::options().write(true).open(&entry.path).unwrap().set_modified(at).unwrap();
    };
    put(then);
    assert_eq!(backups.list().unwrap(), []);
    fs::write(&record, text).unwrap();
    assert_eq!(backups.list().unwrap().len(), 1, "it has a record again");
    fs::remove_file(&record).unwrap();
    put(then + std::time::Duration::from_secs(1));
    assert_eq!(backups.list().unwrap().len(), 1);
    assert_eq!(backups.find(&Which::Id(entry.id.clone())).unwrap().id, entry.id);
}

#[test]
fn the_record_of_another_archive_does_not_fit() {
    let site = Site::new();
    let backups = site.backups();
    let old = create(&backups);
    site.wait(86_400);
    site.sql("INSERT INTO note (text) VALUES ('four')");
    let new = create(&backups);
    fs::copy(&old.path, &new.path).unwrap();
    fails(&backups, &new, "its hash is not the one in its record");
    assert!(!backups.find(&Which::Latest).unwrap().is_proven());
}

#[test]
fn another_application_is_refused() {
    let site = Site::new();
    let connection = Connection::open(site.path("site.sqlite3")).unwrap();
    connection.pragma_update(None, "application_id", 0x5348_4f50).unwrap();
    drop(connection);
    let entry = create(&site.backups());
    proven(&site.backups(), &entry);
    let options = magnetiq_backup::magnetiq_storage::Options::default().application_id(1);
    let other = Backups::new(site.options().storage_options(options)).unwrap();
    fails(&other, &entry, "another application");
}

#[test]
fn an_index_that_lies_is_found_by_the_thorough_check() {
    let site = Site::new();
    let connection = Connection::open(site.path("site.sqlite3")).unwrap();
    // An index that has other texts than its table, as many of them: quick_check does not compare them.
    let sql = "PRAGMA writable_schema = ON;
        UPDATE sqlite_schema SET sql = 'CREATE INDEX note_text ON note (upper(text))' WHERE name = 'note_text';
        PRAGMA writable_schema = RESET; REINDEX note_text;
        PRAGMA writable_schema = ON; UPDATE sqlite_schema SET sql = 'CREATE INDEX note_text ON note (text)' WHERE name = 'note_text';
        PRAGMA writable_schema = RESET;";
    connection.execute_batch(sql).unwrap();
    drop(connection);
    let backups = site.backups();
    let entry = create(&backups);
    proven(&backups, &entry);
    let proof = backups.verify(&entry, Depth::Integrity, &mut |_| ()).unwrap();
    assert_eq!(proof.outcome, Outcome::Failed, "{proof:?}");
    assert!(!backups.find(&Which::Latest).unwrap().is_proven(), "the last verification counts");
    assert!(matches!(backups.find(&Which::LatestProven), Err(Error::NotFound { .. })));
    // A check that does not look so closely takes nothing of it back, however often it is done.
    for _ in 0..60 {
        proof_of(&backups, &entry, Depth::Restore, Outcome::Proven);
    }
    assert!(!backups.find(&Which::Latest).unwrap().is_proven());
    proof_of(&backups, &entry, Depth::Integrity, Outcome::Proven);
    assert!(backups.find(&Which::Latest).unwrap().is_proven());
}

fn proof_of(backups: &Backups, entry: &Entry, depth: Depth, outcome: Outcome) {
    backups.record_proof(&entry.id, Proof::new(entry.created_at(), depth, outcome, None, 1, "1")).unwrap();
}

#[test]
fn a_drill_is_no_verification_and_its_failure_unproves_nothing() {
    let site = Site::new();
    let backups = site.backups();
    let entry = create(&backups);
    assert!(matches!(backups.verify(&entry, Depth::Drill, &mut |_| ()), Err(Error::Options { .. })));
    proven(&backups, &entry);
    proof_of(&backups, &entry, Depth::Drill, Outcome::Failed);
    let entry = backups.find(&Which::Latest).unwrap();
    assert!(entry.is_proven() && entry.record.verifications.len() == 2);
}

#[test]
fn trouble_of_the_machine_says_nothing_of_the_backup() {
    let site = Site::new();
    let backups = Backups::new(site.options().media(site.path("media"), MediaMode::Linked)).unwrap();
    let entry = create(&backups);
    proven(&backups, &entry);
    // The scratch goes away under the check, which may be quicker.
    let verify_in_vain = || {
        backups.verify(&entry, Depth::Restore, &mut |at| {
            if at.step == Step::Check {
                let _ = fs::remove_dir_all(site.path("backups/.partial"));
            }
        })
    };
    let gone = (0..100).map(|_| verify_in_vain()).find(Result::is_err);
    assert!(matches!(gone, Some(Err(Error::Database { .. }))), "{gone:?}");
    // A file of the store that cannot be read, also not by root.
    let store = site.path("backups/media");
    let file = store.join(&names(&store)[0]);
    fs::rename(&file, site.path("away")).unwrap();
    fs::create_dir(&file).unwrap();
    let unread = verify(&backups, &entry);
    assert!(matches!(unread, Err(Error::File { .. })), "{unread:?}");
    let entry = backups.find(&Which::Latest).unwrap();
    let outcomes: Vec<_> = entry.record.verifications.iter().rev().map(|proof| proof.outcome).collect();
    assert_eq!(outcomes[..3], [Outcome::Inconclusive, Outcome::Inconclusive, Outcome::Proven]);
    assert!(entry.is_proven());
}

#[test]
fn an_archive_of_another_size_is_not_proven() {
    let site = Site::new();
    let backups = site.backups();
    let entry = create(&backups);
    proven(&backups, &entry);
    let whole = fs::read(&entry.path).unwrap();
    fs::write(&entry.path, &whole[..whole.len() / 2]).unwrap();
    assert!(!backups.find(&Which::Latest).unwrap().is_proven());
    assert!(matches!(backups.find(&Which::LatestProven), Err(Error::NotFound { .. })));
    backups.pin(&entry.id, true).unwrap();
    fs::write(&entry.path, whole).unwrap();
    assert!(backups.find(&Which::LatestProven).unwrap().record.pinned, "nothing of it was written down");
}

#[test]
fn rows_that_point_nowhere_are_found() {
    let site = Site::new();
    let connection = Connection::open(site.path("site.sqlite3")).unwrap();
    connection.execute_batch("PRAGMA foreign_keys = OFF; INSERT INTO tag (note_id) VALUES (77)").unwrap();
    drop(connection);
    let backups = site.backups();
    let entry = create(&backups);
    fails(&backups, &entry, "rows of tag point to rows that are not there");
}

#[test]
fn what_is_left_of_a_damaged_database_is_stored_and_is_no_good_backup() {
    let site = Site::new();
    let backups = site.backups();
    let good = create(&backups);
    proven(&backups, &good);
    site.wait(60);
    let live = site.path("site.sqlite3");
    let conn = Connection::open(&live).unwrap();
    let at = |sql: &str| usize::try_from(conn.query_row(sql, [], |row| row.get::<_, i64>(0)).unwrap()).unwrap();
    let page = at("PRAGMA page_size");
    let root = at("SELECT rootpage FROM sqlite_schema WHERE name = 'note'");
    conn.close().unwrap();
    let mut bytes = fs::read(&live).unwrap();
    bytes[(root - 1) * page..root * page].fill(0x5a);
    fs::write(&live, &bytes).unwrap();

    let entry = create(&backups);
    let problems = &entry.record.problems;
    assert!(entry.is_partial() && problems.iter().any(|p| p.problem.contains("is damaged")), "{problems:?}");
    fails(&backups, &entry, "damaged");
    assert_eq!(backups.find(&Which::LatestProven).unwrap().id, good.id);
    let to = |folder: &str, allow: bool| {
        let request = RestoreRequest::new().to(site.path(folder)).allow_partial(allow);
        backups.restore(&backups.plan_restore(&Which::Latest, request)?, &mut |_| ())
    };
    let refused = to("whole", false);
    assert!(matches!(refused, Err(Error::Partial { .. })), "{refused:?}");
    to("what there is", true).unwrap();
    let conn = Connection::open(site.path("what there is/database.sqlite3")).unwrap();
    let count = |table: &str| conn.query_row(&format!("SELECT count(text) FROM {table}"), [], |row| row.get::<_, i64>(0));
    assert!(count("note").is_err());
    assert_eq!(conn.query_row("SELECT count(*) FROM tag", [], |row| row.get::<_, i64>(0)).unwrap(), 2, "the other table can be saved");
}
