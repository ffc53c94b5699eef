//! What goes in is found again, under all circumstances in which a site may be.

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::sync::atomic::Ordering;

use magnetiq_backup::{
    Backups, Clock, Compression, Entry, Error, MediaMode, Outcome, Reason, Request, RestoreRequest, Retention, State, Which,
};

use crate::support::{Site, TWO_O_CLOCK, create, names, proven, verify};

#[test]
fn a_backup_is_listed_and_restores() {
    for (compression, mode) in [
        (Compression::Gzip, MediaMode::Full),
        (Compression::Gzip, MediaMode::Linked),
        (Compression::Zstd, MediaMode::Full),
        (Compression::Zstd, MediaMode::Linked),
    ] {
        let site = Site::new();
        let backups = Backups::new(site.options().compression(compression).media(site.path("media"), mode)).unwrap();
        let entry = create(&backups);
        assert_eq!(backups.list().unwrap(), std::slice::from_ref(&entry));
        assert_eq!((entry.id.as_str(), entry.record.state), ("20261123T020000Z", State::Complete), "{compression:?} {mode:?}");
        assert!(!entry.is_proven());
        proven(&backups, &entry);
        let entry = backups.find(&Which::LatestProven).unwrap();
        assert!(entry.is_proven());
        let summary = &entry.record.summary;
        assert_eq!((summary.tables, summary.rows, summary.media_files, summary.config_files), (2, 5, 2, 1));
        assert_eq!(fs::metadata(&entry.path).unwrap().permissions().mode() & 0o777, 0o600);
        let left: Vec<_> = names(&site.path("backups/.partial"));
        assert!(left.is_empty(), "{left:?}");
    }
}

#[test]
fn a_record_that_was_lost_is_made_anew_without_its_proof() {
    let site = Site::new();
    let backups = site.backups();
    let entry = create(&backups);
    proven(&backups, &entry);
    fs::remove_file(site.path("backups/magnetiq-20261123T020000Z.proof.json")).unwrap();
    let again = backups.find(&Which::Latest).unwrap();
    assert_eq!(again, entry);
}

#[test]
fn a_record_that_is_damaged_is_made_anew_and_pinned() {
    let site = Site::new();
    let backups = site.backups();
    let entry = create(&backups);
    proven(&backups, &entry);
    site.put("backups/magnetiq-20261123T020000Z.proof.json", b"{ half");
    let again = backups.find(&Which::Latest).unwrap();
    assert!(again.record.pinned && !again.is_proven());
    assert!(!backups.pin(&entry.id, false).unwrap().record.pinned);
}

#[test]
fn a_record_that_cannot_be_read_is_left_alone() {
    let site = Site::new();
    let backups = site.backups();
    create(&backups);
    let record = site.path("backups/magnetiq-20261123T020000Z.proof.json");
    fs::rename(&record, site.path("record")).unwrap();
    // Reading a folder fails, also for root.
    fs::create_dir(&record).unwrap();
    assert!(backups.list().unwrap().is_empty(), "nothing that is known to nobody is pruned");
    assert!(backups.pin("20261123T020000Z", true).is_err());
    fs::remove_dir(&record).unwrap();
    fs::rename(site.path("record"), &record).unwrap();
    assert_eq!(backups.list().unwrap().len(), 1);
}

#[test]
fn what_root_writes_belongs_to_whose_folder_it_is() {
    if !rustix::process::geteuid().is_root() {
        return;
    }
    let site = Site::new();
    let backups = site.backups();
    std::os::unix::fs::chown(site.path("backups"), Some(4711), Some(4711)).unwrap();
    let entry = create(&backups);
    proven(&backups, &entry);
    let owner = |path: &str| fs::metadata(site.path(path)).unwrap().uid();
    for file in ["magnetiq-20261123T020000Z.tar.gz", "magnetiq-20261123T020000Z.proof.json", "backup.lock", "records.lock"] {
        assert_eq!(owner(&format!("backups/{file}")), 4711, "{file}");
    }
    // On a new machine, before there ever was a server.
    fs::remove_file(site.path("site.sqlite3.lock")).unwrap();
    std::os::unix::fs::chown(site.path(""), Some(4711), Some(4711)).unwrap();
    backups.restore(&backups.plan_restore(&Which::Latest, RestoreRequest::new()).unwrap(), &mut |_| ()).unwrap();
    assert_eq!(owner("site.sqlite3.lock"), 4711);
}

#[test]
fn the_last_restore_is_undone_whatever_the_clock_says() {
    let site = Site::new();
    let backups = site.backups();
    let first = create(&backups);
    site.wait(86_400);
    site.sql("INSERT INTO note (text) VALUES ('four')");
    let second = create(&backups);
    for id in [&second.id, &first.id] {
        let plan = backups.plan_restore(&Which::Id(id.clone()), RestoreRequest::new()).unwrap();
        backups.restore(&plan, &mut |_| ()).unwrap();
        site.wait(-3_600);
    }
    let kept: Vec<_> = backups.kept_sites().unwrap().into_iter().map(|kept| kept.id).collect();
    assert_eq!(kept, [first.id.clone(), second.id]);
    assert_eq!(backups.undo().unwrap().id, first.id);
}

#[test]
fn names_ascend_when_the_clock_does_not() {
    let site = Site::new();
    let backups = site.backups();
    let first = create(&backups);
    let same_second = create(&backups);
    site.now.store(TWO_O_CLOCK - 86_400, Ordering::Relaxed);
    let set_back = create(&backups);
    let found: Vec<_> = backups.list().unwrap().into_iter().map(|entry| entry.id).collect();
    assert_eq!(found, ["20261123T020002Z", "20261123T020001Z", "20261123T020000Z"]);
    assert_eq!([first, same_second, set_back.clone()].map(|entry| entry.record.summary.sequence), [1, 2, 3]);
    assert_eq!(set_back.created_at().as_second(), TWO_O_CLOCK - 86_400, "the manifest has what the clock said");
}

#[test]
fn an_empty_site_without_media_is_backed_up() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("empty.sqlite3");
    let store = magnetiq_backup::magnetiq_storage::Store::open(&path, Default::default()).unwrap();
    let options = magnetiq_backup::Options::new(folder.path().join("backups"));
    for options in [options.clone().store(store), options.database(&path)] {
        let backups = Backups::new(options).unwrap();
        let entry = create(&backups);
        proven(&backups, &entry);
    }
}

#[test]
fn odd_names_of_media_come_through() {
    let site = Site::new();
    let long = format!("{}/{}", "d".repeat(120), "f".repeat(200));
    for name in ["ü/ß €.txt", "a b/ c ", "quote\"s/new\nline", "-rf/*", &long, "d\\e/..f", "100%/%2e%2e"] {
        site.put(&format!("media/{name}"), name.as_bytes());
    }
    site.put("media/incoming/half", b"an upload that is under way");
    site.put("media/uploads/019aa000-0000-7000-8000-000000000000", b"one that comes in parts");
    site.put("media/variants/ab/cd/small-0.webp", b"what can be made again");
    for compression in [Compression::Gzip, Compression::Zstd] {
        let backups = Backups::new(site.options().compression(compression)).unwrap();
        let entry = create(&backups);
        assert_eq!((entry.record.state, entry.record.summary.media_files), (State::Complete, 9));
        proven(&backups, &entry);
    }
}

#[test]
fn what_cannot_be_read_makes_it_partial() {
    let site = Site::new();
    // A link and a missing settings file: root reads everything else.
    std::os::unix::fs::symlink("/etc/passwd", site.path("media/link")).unwrap();
    let backups = Backups::new(site.options().config_file(site.path("gone.toml"))).unwrap();
    let entry = create(&backups);
    assert_eq!(entry.record.state, State::Partial);
    let problems: Vec<_> = entry.record.problems.iter().map(|problem| problem.path.clone()).collect();
    assert_eq!(problems, ["media/link".to_owned(), site.path("gone.toml").display().to_string()]);
    proven(&backups, &entry);
}

#[test]
fn a_media_file_that_cannot_be_looked_at_makes_it_partial() {
    use rustix::fs::{Mode, OFlags, mkdirat, open, openat};
    let site = Site::new();
    // Its whole path is longer than the system takes: it is listed, and nothing can be done with it.
    let mut folder = open(site.path("media"), OFlags::DIRECTORY, Mode::empty()).unwrap();
    let mut left = 4_094 - site.path("media").as_os_str().len();
    while left > 1 {
        let name = "d".repeat(if left > 220 { 200 } else { left - 1 });
        mkdirat(&folder, name.as_str(), Mode::RWXU).unwrap();
        folder = openat(&folder, name.as_str(), OFlags::DIRECTORY, Mode::empty()).unwrap();
        left -= name.len() + 1;
    }
    openat(&folder, "file", OFlags::CREATE | OFlags::WRONLY, Mode::RUSR).unwrap();
    let entry = create(&site.backups());
    assert_eq!((entry.record.state, entry.record.summary.media_files), (State::Partial, 2), "{:?}", entry.record.problems);
    assert!(entry.record.problems.iter().all(|problem| problem.path.ends_with("d/file")), "listed, but not looked at");
}

#[test]
fn no_room_is_told_before_anything_is_begun() {
    let site = Site::new();
    // A file of 100 TB that takes no room.
    let huge = fs::File::create(site.path("media/huge")).unwrap();
    if huge.set_len(16 << 40).is_err() {
        huge.set_len(2 << 40).unwrap();
    }
    let backups = site.backups();
    let error = backups.create(&Request::new(Reason::Manual), &mut |_| ()).unwrap_err();
    assert!(matches!(&error, Error::Space { needed_bytes, .. } if *needed_bytes > 2 << 40), "{error}");
    assert!(error.is_disk_full() && error.to_string().contains("GB"), "{error}");
    assert!(backups.list().unwrap().is_empty());
}

#[test]
fn encrypted_for_those_who_have_the_key() {
    let site = Site::new();
    let key = age::x25519::Identity::generate();
    let file = site.path("key.txt");
    fs::write(&file, age::secrecy::ExposeSecret::expose_secret(&key.to_string())).unwrap();
    let encrypting = site.options().recipients(vec![key.to_public().to_string()]);
    let without_key = Backups::new(encrypting.clone()).unwrap();
    let entry = create(&without_key);
    assert!(entry.path.to_string_lossy().ends_with(".tar.gz.age") && entry.record.summary.encrypted);
    let content = fs::read(&entry.path).unwrap();
    assert!(content.starts_with(b"age-encryption.org/v1"));
    let error = verify(&without_key, &entry).unwrap_err();
    assert!(matches!(error, Error::Key { .. }), "{error}");
    let entry = without_key.find(&Which::Latest).unwrap();
    assert_eq!(entry.record.verifications[0].outcome, Outcome::Inconclusive);
    proven(&Backups::new(encrypting.identities(vec![file])).unwrap(), &entry);

    let error = Backups::new(site.options().recipients(vec!["age1nonsense".into()])).unwrap_err();
    assert!(error.to_string().contains("age1nonsense"), "{error}");
}

#[test]
fn encryption_leaves_no_media_beside_the_archives() {
    let site = Site::new();
    let encrypting = site.options().recipients(vec![age::x25519::Identity::generate().to_public().to_string()]);
    let refused = |error: Error| {
        assert!(matches!(&error, Error::Options { problem } if problem.contains("media = \"full\"")), "{error:?}");
    };
    // Who only looks at backups, or restores one, is not refused.
    let linked = Backups::new(encrypting.clone().media(site.path("media"), MediaMode::Linked)).unwrap();
    assert!(linked.list().unwrap().is_empty());
    refused(linked.create(&Request::new(Reason::Manual), &mut |_| ()).unwrap_err());
    let backups = Backups::new(encrypting).unwrap();
    refused(backups.create(&Request::new(Reason::Manual).media(MediaMode::Linked), &mut |_| ()).unwrap_err());
    assert!(!site.path("backups/media").exists());
}

#[test]
fn two_at_once_are_refused_by_name_and_leftovers_go() {
    let site = Site::new();
    let backups = site.backups();
    let mut refused = None;
    let entry = backups.create(&Request::new(Reason::Manual), &mut |_| {
        if refused.is_none() {
            let others = site.backups();
            refused = Some(others.prune(&others.plan_prune(Clock::system().now()).unwrap()).unwrap_err());
        }
    });
    let error = refused.unwrap();
    assert!(matches!(&error, Error::Locked { owner, .. } if owner.contains(&std::process::id().to_string())), "{error}");
    proven(&backups, &entry.unwrap());
    // What a process that was killed leaves.
    site.put("backups/.partial/4711-0.lock", b"");
    site.put("backups/.partial/4711-0/archive", b"half an archive");
    site.put("backups/magnetiq-20261124T020000Z.proof.json", b"{}");
    create(&backups);
    assert!(names(&site.path("backups/.partial")).is_empty());
    assert_eq!(backups.list().unwrap().len(), 2);
}

#[test]
fn options_that_cannot_be_used_are_told() {
    let site = Site::new();
    let check = |options: magnetiq_backup::Options, problem: &str| {
        let error = Backups::new(options).unwrap_err().to_string();
        assert!(error.contains(problem), "{error:?} does not tell of {problem:?}");
    };
    check(site.options().name("a/b"), "letters");
    check(site.options().level(22), "not within 1 to 9");
    check(site.options().threads(0), "threads");
    check(site.options().media(site.path(""), MediaMode::Full), "inside the media folder");
    fs::create_dir_all(site.path("backups/media/2026")).unwrap();
    std::os::unix::fs::symlink(site.path("backups"), site.path("link")).unwrap();
    for media in ["backups/media", "backups/media/2026", "media/../backups/media", "link/media", "link/media/new"] {
        let error = Backups::new(site.options().media(site.path(media), MediaMode::Full)).unwrap_err().to_string();
        assert!(error.contains("media folder"), "{media}: {error}");
    }
    check(site.options().retention(magnetiq_backup::Retention::daily(0)), "at least 1");
}

#[test]
fn a_database_that_was_emptied_is_told_until_somebody_says_that_it_is_meant() {
    let site = Site::new();
    site.sql(
        "CREATE TABLE page (text TEXT) STRICT; CREATE TABLE queue (text TEXT) STRICT; CREATE TABLE log (text TEXT) STRICT;
        INSERT INTO page VALUES ('home'), ('contact'), ('imprint'); INSERT INTO queue VALUES ('letter'), ('post');
        WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 40) INSERT INTO log SELECT 'line' FROM n;",
    );
    let backups = Backups::new(site.options().retention(Retention::daily(1))).unwrap();
    let next = |accept: bool| {
        site.wait(86_400);
        let entry = backups.create(&Request::new(Reason::Manual).accept_emptied(accept), &mut |_| ()).unwrap();
        proven(&backups, &entry);
        entry
    };
    let told = |entry: &Entry, what: &str| {
        let problems = &entry.record.problems;
        assert!(entry.is_emptied() && entry.is_partial() && problems.iter().any(|p| p.problem.contains(what)), "{what}: {problems:?}");
    };
    let good = next(false);
    // What happens every day: a queue is sent, the log is shortened, a page goes.
    site.sql("DELETE FROM queue; DELETE FROM log WHERE rowid <= 20; DELETE FROM page WHERE rowid = 1; DELETE FROM tag");
    let last_good = next(false);
    assert!(!last_good.is_partial(), "{:?}", last_good.record.problems);
    let removed = backups.prune(&backups.plan_prune(last_good.created_at()).unwrap()).unwrap().removed;
    assert_eq!(removed, [good.id], "of those before, only the last counts");
    // Most tables have none, whatever the largest has.
    site.sql("DELETE FROM page; DELETE FROM note");
    told(&next(false), "has rows in 1 of its tables");
    // Most rows are gone. The backup with the accident does not hide it from the next ones, and pushes out none from before.
    site.sql("DELETE FROM log WHERE rowid > 22");
    for _ in 0..3 {
        let emptied = next(false);
        told(&emptied, &format!("has 2 rows, backup {} had 25", last_good.id));
        backups.prune(&backups.plan_prune(emptied.created_at()).unwrap()).unwrap();
        assert!(backups.list().unwrap().iter().any(|entry| entry.id == last_good.id), "the last one from before stays");
    }
    let meant = next(true);
    assert!(!meant.is_partial() && !next(false).is_partial());
    backups.prune(&backups.plan_prune(meant.created_at()).unwrap()).unwrap();
    assert!(!backups.list().unwrap().iter().any(|entry| entry.id == last_good.id));
}
