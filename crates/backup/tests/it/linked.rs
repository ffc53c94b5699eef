//! Media that are kept once.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use magnetiq_backup::magnetiq_storage::rusqlite::Connection;
use magnetiq_backup::{Backups, Entry, MediaMode, Reason, Request, RestoreRequest, Retention, State, Step, Which};
use sha2::{Digest, Sha256};

use crate::support::{Site, create, fails, names, noise, proven};

fn linked(site: &Site) -> Backups {
    let options = site.options().media(site.path("media"), MediaMode::Linked).retention(Retention::daily(1));
    Backups::new(options).unwrap()
}

#[test]
fn each_file_is_kept_once_and_goes_with_the_last_archive_that_names_it() {
    let site = Site::new();
    site.put("media/again/picture", &noise(70_000));
    let backups = linked(&site);
    let first = create(&backups);
    assert_eq!(first.record.summary.media_files, 3);
    assert_eq!(names(&site.path("backups/media")).len(), 2, "the same content under two names");
    assert!(first.size_bytes() < 10_000, "{}", first.size_bytes());
    proven(&backups, &first);

    site.wait(86_400);
    fs::remove_file(site.path("media/cd/drawing.svg")).unwrap();
    site.put("media/ef/new", b"new");
    let second = create(&backups);
    assert_eq!(names(&site.path("backups/media")).len(), 3);
    let difference = backups.diff(&first, &second).unwrap();
    let media: Vec<_> = difference.media.iter().map(|file| (file.path.as_str(), file.bytes_before, file.bytes_after)).collect();
    assert_eq!(media, [("cd/drawing.svg", Some(55_000), None), ("ef/new", None, Some(3))]);
    assert!(difference.tables.is_empty() && difference.config.is_empty() && !difference.schema);

    let prune = || backups.prune(&backups.plan_prune(second.created_at()).unwrap()).unwrap();
    let pruned = prune();
    assert!(pruned.removed.is_empty(), "the first is the newest proven one: {pruned:?}");
    proven(&backups, &second);
    let pruned = prune();
    assert_eq!((pruned.removed, pruned.media_files, pruned.media_bytes), (vec![first.id], 1, 55_000));
    proven(&backups, &second);
    assert_eq!(backups.list().unwrap().len(), 1);
    let left: Vec<_> = names(&site.path("backups")).into_iter().filter(|name| name.contains("20261123T020000Z")).collect();
    assert!(left.is_empty(), "{left:?}");
}

#[test]
fn a_file_of_the_store_that_rots_is_found_and_made_good_by_the_next_backup() {
    let site = Site::new();
    let backups = linked(&site);
    let entry = create(&backups);
    let store = site.path("backups/media");
    let file = store.join(&names(&store)[0]);
    let mut content = fs::read(&file).unwrap();
    content[17] ^= 1;
    fs::write(&file, content).unwrap();
    fails(&backups, &entry, "1 of the linked media");
    site.wait(60);
    create(&backups);
    proven(&backups, &entry);
}

#[test]
fn a_live_file_that_rots_does_not_take_the_place_of_the_good_one() {
    let site = Site::new();
    let content = noise(40_000);
    let sha256 = hex::encode(Sha256::digest(&content));
    let path = format!("{}/{}", &sha256[..2], &sha256[2..]);
    let (live, stored) = (site.path(&format!("media/{path}")), site.path(&format!("backups/media/{path}")));
    site.put(&format!("media/{path}"), &content);
    let mut rotten = content.clone();
    rotten[99] ^= 1;
    let backups = linked(&site);
    let first = create(&backups);
    proven(&backups, &first);
    fs::write(&live, &rotten).unwrap();
    for night in 1..=2 {
        site.wait(86_400);
        let entry = create(&backups);
        assert_eq!(entry.record.state, State::Partial, "night {night}");
        assert!(entry.record.problems.iter().any(|found| found.problem.contains(&path)), "{:?}", entry.record.problems);
        proven(&backups, &entry);
        backups.prune(&backups.plan_prune(entry.created_at()).unwrap()).unwrap();
        assert_eq!(fs::read(&stored).unwrap(), content, "night {night}");
    }
    let to = site.path("restored");
    let plan = backups.plan_restore(&Which::Latest, RestoreRequest::new().to(&to).allow_partial(true)).unwrap();
    backups.restore(&plan, &mut |_| ()).unwrap();
    assert_eq!(fs::read(to.join("media").join(&path)).unwrap(), content);
    // Where nobody has the good one, there is at least what there is, and it is told.
    let full = site.backups();
    let entry = create(&full);
    assert_eq!((entry.record.state, entry.record.summary.media_files), (State::Partial, 3));
    proven(&full, &entry);
}

#[test]
fn one_run_as_root_leaves_nothing_that_the_owner_cannot_read() {
    if !rustix::process::geteuid().is_root() {
        return;
    }
    let site = Site::new();
    let backups = linked(&site);
    let folder = site.path("backups");
    std::os::unix::fs::chown(&folder, Some(1234), Some(1234)).unwrap();
    let entry = create(&backups);
    proven(&backups, &entry);
    let scratch = backups.scratch().unwrap();
    let mut open = vec![folder];
    while let Some(next) = open.pop() {
        for found in fs::read_dir(next).unwrap().flatten() {
            let about = found.metadata().unwrap();
            assert_eq!((about.uid(), about.gid()), (1234, 1234), "{}", found.path().display());
            open.extend(Some(found.path()).filter(|_| about.is_dir()));
        }
    }
    drop(scratch);
}

/// So that what is done at the beginning of the copy is done before its end.
const MUCH_TO_COPY: &str = "INSERT INTO note (text) VALUES (hex(zeroblob(16000000)))";

#[test]
fn media_that_come_and_go_meanwhile_are_no_failure() {
    let site = Site::new();
    site.sql(MUCH_TO_COPY);
    for n in 0..200 {
        site.put(&format!("media/gone/{n}"), &noise(1000 + n));
        site.put(&format!("media/stay/{n}"), &noise(10));
    }
    for mode in [MediaMode::Linked, MediaMode::Full] {
        let backups = Backups::new(site.options().media(site.path("media"), mode)).unwrap();
        let entry = backups.create(&Request::new(Reason::Manual), &mut |at| {
            if at.step == magnetiq_backup::Step::Snapshot {
                let _ = fs::remove_dir_all(site.path("media/gone"));
                site.put("media/new/file", b"uploaded meanwhile");
            }
        });
        let entry = entry.unwrap();
        assert_eq!(entry.record.state, State::Complete, "{:?}", entry.record.problems);
        assert_eq!(
            entry.record.summary.media_files + entry.record.vanished.len() as u64,
            if mode == MediaMode::Linked { 403 } else { 203 }
        );
        proven(&backups, &entry);
    }
}

#[test]
fn media_that_go_all_at_once_make_it_partial() {
    for mode in [MediaMode::Linked, MediaMode::Full] {
        let site = Site::new();
        site.sql(MUCH_TO_COPY);
        let backups = Backups::new(site.options().media(site.path("media"), mode)).unwrap();
        assert_eq!(create(&backups).record.state, State::Complete);
        let told = |entry: &Entry, problem: &str| {
            assert_eq!(entry.record.state, State::Partial, "{mode:?}");
            assert!(entry.record.problems.iter().any(|found| found.problem.contains(problem)), "{:?}", entry.record.problems);
        };
        // Unmounted while it is copied.
        let entry = backups.create(&Request::new(Reason::Manual), &mut |at| {
            if at.step == Step::Snapshot && site.path("media/ab").exists() {
                fs::rename(site.path("media"), site.path("elsewhere")).unwrap();
                fs::create_dir(site.path("media")).unwrap();
            }
        });
        told(&entry.unwrap(), "2 of 2 files went meanwhile");
        fs::remove_dir(site.path("media")).unwrap();
        fs::rename(site.path("elsewhere"), site.path("media")).unwrap();
        assert_eq!(create(&backups).record.state, State::Complete);
        // And before it begins.
        site.sql("DELETE FROM note WHERE length(text) > 1000");
        fs::rename(site.path("media"), site.path("elsewhere")).unwrap();
        fs::create_dir(site.path("media")).unwrap();
        told(&create(&backups), "the last complete backup had 2");
        // The next night it is not forgotten.
        site.wait(86_400);
        told(&create(&backups), "the last complete backup had 2");
        // Until somebody says that it is meant.
        let accepted = backups.create(&Request::new(Reason::Manual).accept_emptied(true), &mut |_| ()).unwrap();
        assert_eq!(accepted.record.state, State::Complete, "{mode:?}");
        site.wait(86_400);
        assert_eq!(create(&backups).record.state, State::Complete, "{mode:?}");
    }
}

#[test]
fn what_is_not_certainly_garbage_stays_in_the_store() {
    let site = Site::new();
    let backups = linked(&site);
    let entry = create(&backups);
    proven(&backups, &entry);
    let store = site.path("backups/media");
    let file = store.join(&names(&store)[0]);
    let content = fs::read(&file).unwrap();
    let prune = || backups.prune(&backups.plan_prune(entry.created_at()).unwrap()).unwrap();
    // A disk that reads wrongly for a while.
    fs::write(&file, "something else").unwrap();
    fails(&backups, &entry, "1 of the linked media");
    let aside = file.with_file_name(format!("{}.damaged", file.file_name().unwrap().to_string_lossy()));
    fs::write(&aside, content).unwrap();
    assert_eq!(prune().media_files, 0);
    proven(&backups, &entry);
    assert!(file.exists() && !aside.exists());
    // Files that are not ours, and lists that are damaged.
    site.put("backups/media/2026/holiday.jpg", b"no copy of ours");
    let list = site.path("backups/magnetiq-20261123T020000Z.media.txt");
    let whole = fs::read_to_string(&list).unwrap();
    let first_line = format!("{}\n", whole.lines().next().unwrap());
    for damaged in ["", &first_line, &whole.replace(' ', ""), &whole[..whole.len() / 2], &whole.replacen('1', "\u{fffd}", 1)] {
        fs::write(&list, damaged).unwrap();
        assert_eq!(prune().media_files, 0, "{damaged:?}");
    }
    assert!(site.path("backups/media/2026/holiday.jpg").exists());
    proven(&backups, &entry);
    // An archive of which nobody can say what it names.
    site.put(&format!("backups/media/ab/{}", "c".repeat(62)), b"what no archive names");
    site.put("backups/other-20261123T020000Z.tar.gz", b"no archive");
    assert_eq!(prune().media_files, 0);
    fs::remove_file(site.path("backups/other-20261123T020000Z.tar.gz")).unwrap();
    assert_eq!(prune().media_files, 1);
}

#[test]
fn a_backup_is_one_moment_while_others_write() {
    let site = Site::new();
    site.sql("CREATE TABLE debit (n INTEGER NOT NULL) STRICT; CREATE TABLE credit (n INTEGER NOT NULL) STRICT");
    let store = site.store();
    let stop = Arc::new(AtomicBool::new(false));
    let writer = std::thread::spawn({
        let (store, stop) = (store.clone(), Arc::clone(&stop));
        move || {
            let mut n = 0_i64;
            while !stop.load(Ordering::Relaxed) {
                let sql = "INSERT INTO debit VALUES (?1)";
                let write = store.write(move |tx| Ok(tx.execute(sql, [n])? + tx.execute("INSERT INTO credit VALUES (?1)", [-n])?));
                write.wait().unwrap();
                n += 1;
            }
            n
        }
    });
    // From outside, as a process of its own would, and from inside.
    for backups in [site.backups(), Backups::new(site.options().store(store.clone())).unwrap()] {
        for _ in 0..3 {
            let entry = create(&backups);
            proven(&backups, &entry);
            let to = tempfile::tempdir().unwrap();
            let tar = std::process::Command::new("tar").arg("-xzf").arg(&entry.path).arg("-C").arg(to.path()).status().unwrap();
            assert!(tar.success());
            let copy = Connection::open(to.path().join("database.sqlite3")).unwrap();
            let sql = "SELECT (SELECT count(*) FROM debit) - (SELECT count(*) FROM credit), (SELECT sum(n) FROM debit) + (SELECT sum(n) FROM credit)";
            let sums: (i64, Option<i64>) = copy.query_row(sql, [], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
            assert!(matches!(sums, (0, Some(0) | None)), "{sums:?}");
        }
    }
    stop.store(true, Ordering::Relaxed);
    assert!(writer.join().unwrap() > 0);
    assert_eq!(site.backups().find(&Which::Latest).unwrap().record.summary.sequence, 6);
}
