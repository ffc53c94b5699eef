//! Copies elsewhere: one contract for every kind of target.

mod faults;
mod moto;
mod owner;
mod proxy;
mod shared;

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use magnetiq_backup::remote::{Credentials, Target, TargetOptions, Verify};
use magnetiq_backup::{Backups, Because, Error, MediaMode, Outcome, RestoreRequest, Retention, Step, Which};
use tempfile::TempDir;

use crate::support::{Site, create, fails, noise, proven};
use moto::Moto;

/// Options that give up soon, so that a test does.
fn options(url: &str) -> TargetOptions {
    TargetOptions::new("offsite", url).retry_for(Duration::from_secs(20)).part_size_bytes(5 << 20).parts_in_flight(2)
}

fn keys(options: TargetOptions) -> TargetOptions {
    options.credentials(Credentials::Keys { id: "test".to_owned(), secret: "test".to_owned().into() })
}

/// A site of which an archive takes several parts.
fn large_site() -> Site {
    let site = Site::new();
    site.put("media/ef/film.mp4", &noise(17 << 20));
    site
}

fn linked(site: &Site) -> Backups {
    Backups::new(site.options().media(site.path("media"), MediaMode::Linked)).unwrap()
}

/// Everything that a target promises, whatever it is.
fn contract(options: TargetOptions) {
    let target = Target::new(options).unwrap();
    assert_eq!(target.list().unwrap(), []);
    assert!(matches!(target.find(&Which::Latest), Err(Error::NotAtTarget { .. })));

    // With everything in the archive, in several parts.
    let site = large_site();
    let full = site.backups();
    let entry = create(&full);
    proven(&full, &entry);
    let mut reported = Vec::new();
    let copy = target.push(&full, &entry, &mut |progress| reported.push(progress)).unwrap();
    assert!(copy.verified && copy.size_bytes == entry.size_bytes() && copy.target == "offsite", "{copy:?}");
    assert_eq!(full.find(&Which::Latest).unwrap().record.copies, [copy]);
    let last = reported.iter().rfind(|progress| progress.step.to_string() == "upload").unwrap();
    assert_eq!((last.done_bytes, last.total_bytes), (entry.size_bytes(), entry.size_bytes()));

    // With linked media, twice: what is there already is not sent again.
    site.wait(86_400);
    let backups = linked(&site);
    let second = create(&backups);
    target.push(&backups, &second, &mut |_| ()).unwrap();
    site.wait(86_400);
    let third = create(&backups);
    let mut sent = 0;
    target
        .push(&backups, &third, &mut |at| {
            if at.step.to_string() == "upload" {
                sent = sent.max(at.total_bytes);
            }
        })
        .unwrap();
    assert_eq!(sent, third.size_bytes(), "media are sent once");
    target
        .push(&backups, &third, &mut |at| assert_ne!((at.step.to_string().as_str(), at.total_bytes), ("upload", third.size_bytes())))
        .unwrap();

    let listed = target.list().unwrap();
    let ids: Vec<_> = listed.iter().map(|entry| entry.id.as_str()).collect();
    assert_eq!(ids, [third.id.as_str(), second.id.as_str(), entry.id.as_str()]);
    assert_eq!(target.find(&Which::LatestProven).unwrap().id, entry.id);
    for entry in &listed {
        for how in [Verify::Read, Verify::Size] {
            target.verify(entry, how, &mut |_| ()).unwrap();
        }
    }

    // Fetched to a machine that has nothing, and restored there.
    for entry in &listed {
        let elsewhere = tempfile::tempdir().unwrap();
        let path = target.fetch(entry, elsewhere.path(), &mut |_| ()).unwrap();
        let fetched = Backups::new(magnetiq_backup::Options::new(elsewhere.path())).unwrap();
        proven(&fetched, &fetched.find(&Which::Latest).unwrap());
        let plan = fetched.plan_restore(&Which::File(path), RestoreRequest::new().to(elsewhere.path().join("site"))).unwrap();
        fetched.restore(&plan, &mut |_| ()).unwrap();
        assert_eq!(fs::read(elsewhere.path().join("site/media/ef/film.mp4")).unwrap(), noise(17 << 20));
    }

    // Retention there: the newest one, and the newest proven one, stay.
    let plan = target.plan_prune(magnetiq_backup::Clock::system().now()).unwrap();
    let kept: Vec<_> = plan.items.iter().map(|item| (item.entry.id.as_str(), item.keep)).collect();
    assert_eq!(kept, [(third.id.as_str(), true), (second.id.as_str(), false), (entry.id.as_str(), true)]);
    assert!(plan.items[2].reasons.contains(&Because::NewestProven));
    let pruned = target.prune(&backups, &plan).unwrap();
    assert_eq!((pruned.removed, pruned.media_files), (vec![second.id], 0));
    let left = target.list().unwrap();
    assert_eq!(left.len(), 2);
    for entry in &left {
        target.verify(entry, Verify::Read, &mut |_| ()).unwrap();
    }
}

fn one_day() -> Retention {
    Retention::daily(1)
}

fn folder() -> (TempDir, String) {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("file://{}", folder.path().display());
    (folder, url)
}

#[test]
fn a_folder_keeps_the_contract() {
    let (folder, url) = folder();
    contract(options(&url).retention(one_day()));
    // It is a backup folder itself.
    let mounted = Backups::new(magnetiq_backup::Options::new(folder.path())).unwrap();
    for entry in mounted.list().unwrap() {
        proven(&mounted, &entry);
    }
}

#[test]
fn memory_keeps_the_contract() {
    contract(options("memory:///shop").retention(one_day()));
}

#[test]
fn s3_keeps_the_contract() {
    let Some(moto) = Moto::start() else { return };
    contract(keys(options(&moto.bucket("contract")).endpoint(moto.url()).retention(one_day())));
    // A prefix of its own, and a store that wants no checksums.
    contract(keys(options(&format!("{}/a/b", moto.bucket("prefix"))).endpoint(moto.url()).retention(one_day()).checksums(false)));
}

#[test]
fn media_that_no_archive_names_go_after_a_day() {
    let (folder, url) = folder();
    let target = Target::new(options(&url).retention(one_day())).unwrap();
    let site = Site::new();
    let backups = linked(&site);
    let first = create(&backups);
    target.push(&backups, &first, &mut |_| ()).unwrap();
    fs::remove_file(site.path("media/ab/picture")).unwrap();
    site.wait(86_400);
    let second = create(&backups);
    target.push(&backups, &second, &mut |_| ()).unwrap();
    // What a killed copy left, by the name that it has meanwhile.
    fs::write(folder.path().join("magnetiq-20261120T020000Z.tar.gz#1"), b"half").unwrap();
    let media = || crate::support::names(&folder.path().join("media")).len();
    assert_eq!(media(), 2);
    let now = magnetiq_backup::Clock::system().now();
    let plan = target.plan_prune(now).unwrap();
    assert_eq!(target.prune(&backups, &plan).unwrap().media_files, 0, "an upload from elsewhere may be under way");
    let later = now.saturating_add(jiff::SignedDuration::from_hours(25)).unwrap();
    let pruned = target.prune(&backups, &target.plan_prune(later).unwrap()).unwrap();
    assert_eq!((pruned.media_files, media()), (1, 1));
    assert!(!folder.path().join("magnetiq-20261120T020000Z.tar.gz#1").exists());
    target.verify(&target.find(&Which::Latest).unwrap(), Verify::Read, &mut |_| ()).unwrap();
}

#[test]
fn a_copy_that_rotted_is_found_and_sent_anew() {
    let (folder, url) = folder();
    let target = Target::new(options(&url)).unwrap();
    let site = Site::new();
    let backups = linked(&site);
    let entry = create(&backups);
    target.push(&backups, &entry, &mut |_| ()).unwrap();
    let there = target.find(&Which::Latest).unwrap();
    let archive = folder.path().join(&there.record.archive.file);
    let picture = folder.path().join("media").join(&crate::support::names(&folder.path().join("media"))[0]);
    for path in [&archive, &picture] {
        flip(path);
        assert!(matches!(target.verify(&there, Verify::Read, &mut |_| ()), Err(Error::TargetDiffers { .. })));
        target.verify(&there, Verify::Size, &mut |_| ()).unwrap();
        let fetched = tempfile::tempdir().unwrap();
        let got = target.fetch(&there, fetched.path(), &mut |_| ());
        let fetched = Backups::new(magnetiq_backup::Options::new(fetched.path())).unwrap();
        if path == &archive {
            assert!(matches!(got, Err(Error::TargetDiffers { .. })), "{got:?}");
            assert_eq!(fetched.list().unwrap(), []);
        } else {
            // What else is there is worth having.
            got.unwrap();
            fails(&fetched, &fetched.find(&Which::Latest).unwrap(), "1 of the linked media");
        }
        // An archive is read back by each push, and replaced; media that a backup there names were checked once, until somebody finds one damaged.
        if path != &archive {
            target.push(&backups, &entry, &mut |_| ()).unwrap();
            assert!(matches!(target.verify(&there, Verify::Read, &mut |_| ()), Err(Error::TargetDiffers { .. })));
            let object = path.strip_prefix(folder.path()).unwrap().to_str().unwrap();
            target.distrust(&backups, object).unwrap();
        }
        target.push(&backups, &entry, &mut |_| ()).unwrap();
        target.verify(&there, Verify::Read, &mut |_| ()).unwrap();
    }
    // An archive that is damaged here does not become a verified copy there.
    fs::remove_file(&archive).unwrap();
    fs::remove_file(folder.path().join(entry.record.archive.file.replace(".tar.gz", ".proof.json"))).unwrap();
    flip(&entry.path);
    assert!(matches!(target.push(&backups, &entry, &mut |_| ()), Err(Error::TargetDiffers { .. })));
    assert_eq!((target.list().unwrap(), archive.exists()), (vec![], false));
}

fn flip(path: &Path) {
    let mut content = fs::read(path).unwrap();
    let middle = content.len() / 2;
    content[middle] ^= 1;
    fs::write(path, content).unwrap();
}

#[test]
fn copies_in_a_folder_are_for_its_owner_alone() {
    let (folder, url) = folder();
    let is_root = rustix::process::geteuid().is_root();
    if is_root {
        std::os::unix::fs::chown(folder.path(), Some(4711), Some(4711)).unwrap();
    }
    let target = Target::new(options(&url)).unwrap();
    let site = large_site();
    let backups = linked(&site);
    let mut staged = Vec::new();
    let entry = create(&backups);
    let mut look = |_: magnetiq_backup::Progress| {
        staged.extend(files(folder.path()).into_iter().filter(|(path, _)| path.to_str().unwrap().contains('#')));
    };
    target.push(&backups, &entry, &mut look).unwrap();
    let found = files(folder.path());
    assert!(found.len() > 8, "an archive, its record and list, the marker, three media in their folders: {found:?}");
    for (path, about) in found.into_iter().chain(staged) {
        let wanted = if about.is_dir() { 0o700 } else { 0o600 };
        assert_eq!(about.mode() & 0o777, wanted, "{}", path.display());
        assert!(!is_root || about.uid() == 4711, "{}", path.display());
    }
}

/// Everything in a folder.
fn files(folder: &Path) -> Vec<(PathBuf, fs::Metadata)> {
    let found = walkdir::WalkDir::new(folder).min_depth(1).into_iter().flatten();
    found.filter_map(|entry| Some((entry.path().to_owned(), entry.metadata().ok()?))).collect()
}

#[test]
fn a_copy_gives_way_to_whoever_waits_for_the_folder() {
    let (_folder, url) = folder();
    let target = Target::new(options(&url)).unwrap();
    let site = large_site();
    let backups = site.backups();
    let entry = create(&backups);
    site.wait(60);
    let asks = || fs::File::open(site.path("backups/turn.lock")).is_ok_and(|file| file.try_lock().is_err());
    let (pushed, made) = std::thread::scope(|scope| {
        let mut making = None;
        let pushed = target.push(&backups, &entry, &mut |at| {
            if at.step == Step::Upload {
                let making = making.get_or_insert_with(|| scope.spawn(|| create(&backups)));
                while !asks() && !making.is_finished() {
                    std::thread::sleep(Duration::from_millis(5));
                }
            }
        });
        (pushed, making.unwrap().join().unwrap())
    });
    assert!(matches!(pushed, Err(Error::GaveWay { .. })), "{pushed:?}");
    assert_eq!(backups.find(&Which::Latest).unwrap().id, made.id);
    // Nobody waits any more; and who asks without a hurry is heard as well.
    let turn = backups.ask_for_turn().unwrap();
    assert!(matches!(target.push(&backups, &entry, &mut |_| ()), Err(Error::GaveWay { .. })));
    drop(turn);
    assert!(target.push(&backups, &entry, &mut |_| ()).unwrap().verified);
}

#[test]
fn a_push_brings_what_is_missing_before_it_reads_what_another_left() {
    let (folder, url) = folder();
    let target = Target::new(options(&url)).unwrap();
    let site = large_site();
    let backups = linked(&site);
    let entry = create(&backups);
    target.push(&backups, &entry, &mut |_| ()).unwrap();
    // As one that gave way leaves it: media that no record speaks for, and no archive.
    let archive = entry.record.archive.file.clone();
    for name in [archive.replace(".tar.gz", ".proof.json"), archive.clone()] {
        fs::remove_file(folder.path().join(name)).unwrap();
    }
    let mut sent = false;
    target
        .push(&backups, &entry, &mut |at| match at.step {
            Step::Upload => sent |= at.done_bytes > 0,
            _ => assert!(sent, "it reads before it sends"),
        })
        .unwrap();
    assert!(sent && target.list().unwrap().len() == 1);
}

#[test]
fn without_reading_back_a_copy_is_not_called_verified() {
    let (_folder, url) = folder();
    let target = Target::new(options(&url).verify(Verify::Size)).unwrap();
    let site = Site::new();
    let backups = site.backups();
    let entry = create(&backups);
    assert!(!target.push(&backups, &entry, &mut |_| ()).unwrap().verified);
}

#[test]
fn an_encrypted_backup_goes_there_without_a_key() {
    let site = Site::new();
    let identity = "AGE-SECRET-KEY-1GQ9778VQXMMJVE8SK7J6VT8UJ4HDQAJUVSFCWCM02D8GEWQ72PVQ2Y5J33";
    let recipient = "age1t7rxyev2z3rw82stdlrrepyc39nvn86l5078zqkf5uasdy86jp6svpy7pa";
    let keyless = Backups::new(site.options().recipients(vec![recipient.to_owned()])).unwrap();
    let entry = create(&keyless);
    let (_folder, url) = folder();
    let target = Target::new(options(&url)).unwrap();
    target.push(&keyless, &entry, &mut |_| ()).unwrap();
    let later = magnetiq_backup::Clock::system().now().saturating_add(jiff::SignedDuration::from_hours(48)).unwrap();
    assert_eq!(target.prune(&keyless, &target.plan_prune(later).unwrap()).unwrap().media_files, 0);

    let elsewhere = tempfile::tempdir().unwrap();
    target.fetch(&target.find(&Which::Latest).unwrap(), &elsewhere.path().join("b"), &mut |_| ()).unwrap();
    fs::write(elsewhere.path().join("key"), identity).unwrap();
    let options = magnetiq_backup::Options::new(elsewhere.path().join("b")).identities(vec![elsewhere.path().join("key")]);
    let fetched = Backups::new(options).unwrap();
    let entry = fetched.find(&Which::Latest).unwrap();
    assert_eq!(fetched.verify(&entry, magnetiq_backup::Depth::Restore, &mut |_| ()).unwrap().outcome, Outcome::Proven);
}

#[test]
fn options_that_cannot_work_say_why() {
    let (folder, url) = folder();
    let refused = |options: TargetOptions, problem: &str| {
        let error = Target::new(options).unwrap_err().to_string();
        assert!(error.contains(problem), "{error:?} does not tell of {problem:?}");
    };
    refused(options("s3://bucket").endpoint("http://s3.example.org"), "no TLS");
    refused(options("s3:///prefix"), "no bucket");
    refused(options("https://example.org/x"), "none of s3, gs, az, file");
    refused(options("s3://key:secret@bucket"), "keys do not belong into the URL");
    refused(TargetOptions::new("../x", &url), "letters, digits");
    refused(
        options("gs://bucket").credentials(Credentials::Keys { id: "a".to_owned(), secret: "b".to_owned().into() }),
        "service accounts",
    );
    refused(options(&url).retention(Retention::daily(0)), "retention of nothing");
    drop(folder);
    let shown = format!("{:?}", keys(options("s3://bucket")).setting("proxy_url", "http://secret.example".to_owned().into()));
    assert!(!shown.contains("secret.example") && !shown.contains("secret: \"test\""), "{shown}");
}
