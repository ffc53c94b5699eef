//! Targets that others use, too, that come and go, and what both sides know of each other.

use std::fs;
use std::path::{Path, PathBuf};

use magnetiq_backup::remote::{Target, Verify};
use magnetiq_backup::{Backups, Clock, Entry, Error, MediaMode, RestoreRequest, Step, Which};
use tempfile::TempDir;

use super::{flip, folder, linked, one_day, options};
use crate::support::{Site, create, fails, names, proven};

fn push(target: &Target, backups: &Backups, entry: &Entry) {
    target.push(backups, entry, &mut |_| ()).unwrap();
}

/// A site whose backup, with linked media, is at a target: the target's folder, the target, the site, its backups, the one that is there.
fn copied() -> (TempDir, Target, Site, Backups, Entry) {
    let (folder, url) = folder();
    let target = Target::new(options(&url)).unwrap();
    let site = Site::new();
    let backups = linked(&site);
    let entry = create(&backups);
    push(&target, &backups, &entry);
    (folder, target, site, backups, entry)
}

/// Where the target has the list of a backup's media.
fn list_of(folder: &TempDir, entry: &Entry) -> PathBuf {
    folder.path().join(entry.record.archive.file.replace(".tar.gz", ".media.txt"))
}

fn prune_after_days(target: &Target, backups: &Backups, days: i64) -> Vec<String> {
    let then = Clock::system().now().saturating_add(jiff::SignedDuration::from_hours(24 * days)).unwrap();
    target.prune(backups, &target.plan_prune(then).unwrap()).unwrap().removed
}

fn put(folder: &Path, name: &str) {
    fs::create_dir_all(folder.join(name).parent().unwrap()).unwrap();
    fs::write(folder.join(name), b"something").unwrap();
}

#[test]
fn a_prune_leaves_alone_what_is_not_ours() {
    let (folder, url) = folder();
    let folder = folder.path();
    let site = Site::new();
    let backups = linked(&site);
    let entry = create(&backups);
    let target = Target::new(options(&url)).unwrap();
    push(&target, &backups, &entry);
    let foreign = [
        "media/holiday/beach.jpg",
        "media/ab/cdef",
        "media/ab/cdef#1",
        "notes#1",
        "todo.media.txt",
        "blog-20260101T020000Z.tar.gz",
        "blog-20260101T020000Z.tar.gz#1",
        "magnetiq-blog-20260101T020000Z.tar.gz",
        "magnetiq-old.tar.gz",
    ];
    let unnamed = format!("media/ab/{}", "c".repeat(62));
    let ours =
        [unnamed.as_str(), "magnetiq-20260101T020000Z.tar.gz", "magnetiq-20260101T020000Z.media.txt", "magnetiq-20260101T020000Z.tar.gz#2"];
    for name in foreign.iter().chain(&ours) {
        put(folder, name);
    }
    // A list of ours has to be readable, or all media stay.
    fs::write(folder.join(ours[2]), b"").unwrap();
    assert_eq!(prune_after_days(&target, &backups, 30), Vec::<String>::new());
    for name in foreign {
        assert!(folder.join(name).exists(), "{name} is not ours");
    }
    for name in ours {
        assert!(!folder.join(name).exists(), "{name} is ours");
    }
    target.verify(&target.find(&Which::Latest).unwrap(), Verify::Read, &mut |_| ()).unwrap();
}

#[test]
fn sites_with_names_of_their_own_share_a_target() {
    let (_folder, url) = folder();
    let of = |name: &str| {
        let site = Site::new();
        let backups = Backups::new(site.options().name(name).media(site.path("media"), MediaMode::Linked)).unwrap();
        let target = Target::new(options(&url).backup_name(name).retention(one_day())).unwrap();
        let first = create(&backups);
        push(&target, &backups, &first);
        site.wait(86_400);
        push(&target, &backups, &create(&backups));
        (site, backups, target, first)
    };
    let (shop, blog) = (of("shop"), of("shop-blog"));
    assert_eq!((shop.2.list().unwrap().len(), blog.2.list().unwrap().len()), (2, 2));
    assert_eq!(prune_after_days(&shop.2, &shop.1, 30), [shop.3.id.as_str()]);
    let left = blog.2.list().unwrap();
    assert_eq!(left.len(), 2);
    for entry in left {
        blog.2.verify(&entry, Verify::Read, &mut |_| ()).unwrap();
    }
    // Backups of another name would not be listed there.
    let error = shop.2.push(&blog.1, &blog.3, &mut |_| ()).unwrap_err();
    assert!(matches!(error, Error::TargetOptions { .. }), "{error:?}");
}

#[test]
fn a_backup_of_the_same_name_is_not_overwritten() {
    let (_folder, url) = folder();
    let target = Target::new(options(&url)).unwrap();
    let (site, other) = (Site::new(), Site::new());
    other.sql("INSERT INTO note (text) VALUES ('elsewhere')");
    let (backups, others) = (site.backups(), other.backups());
    let (entry, intruder) = (create(&backups), create(&others));
    assert_eq!(entry.id, intruder.id);
    push(&target, &backups, &entry);
    assert!(matches!(target.push(&others, &intruder, &mut |_| ()), Err(Error::TargetOwned { .. })));
    // Not even by whoever took the target over.
    target.adopt(&others).unwrap();
    let error = target.push(&others, &intruder, &mut |_| ()).unwrap_err();
    assert!(matches!(&error, Error::TargetDiffers { problem, .. } if problem.contains("another backup")), "{error:?}");
    let there = target.find(&Which::Latest).unwrap();
    assert_eq!(there.record.archive, entry.record.archive);
    target.verify(&there, Verify::Read, &mut |_| ()).unwrap();
}

#[test]
fn a_pin_that_is_set_during_a_push_stays() {
    let (_folder, url) = folder();
    let target = Target::new(options(&url)).unwrap();
    let site = Site::new();
    let backups = site.backups();
    let entry = create(&backups);
    let mut pinned = false;
    let copy = target
        .push(&backups, &entry, &mut |_| {
            if !pinned {
                pinned = true;
                backups.pin(&entry.id, true).unwrap();
            }
        })
        .unwrap();
    let here = backups.find(&Which::Latest).unwrap().record;
    assert!(pinned && here.pinned && target.find(&Which::Latest).unwrap().record.pinned);
    assert_eq!(here.copies, [copy]);
}

#[test]
fn a_folder_whose_disk_is_not_mounted_gets_nothing() {
    let (folder, url) = folder();
    let disk = folder.path().join("disk");
    let target = Target::new(options(&format!("{url}/disk"))).unwrap();
    let site = Site::new();
    let backups = site.backups();
    let entry = create(&backups);
    let refused = |result: Result<(), Error>| {
        let error = result.unwrap_err();
        assert!(matches!(&error, Error::TargetOptions { .. }) && error.to_string().contains("is its disk mounted"), "{error:?}");
    };
    let push_it = || target.push(&backups, &entry, &mut |_| ()).map(drop);
    refused(target.list().map(drop));
    refused(push_it());
    assert!(!disk.exists());

    // It comes while the program runs, goes, and leaves its mount point.
    fs::create_dir(&disk).unwrap();
    push_it().unwrap();
    let plan = target.plan_prune(Clock::system().now()).unwrap();
    fs::rename(&disk, folder.path().join("elsewhere")).unwrap();
    fs::create_dir(&disk).unwrap();
    refused(push_it());
    refused(target.prune(&backups, &plan).map(drop));
    refused(target.reconcile(&backups).map(drop));
    assert_eq!(names(&disk), Vec::<String>::new());
    assert_eq!(backups.find(&Which::Latest).unwrap().record.copies.len(), 1);
    fs::remove_dir(&disk).unwrap();
    fs::rename(folder.path().join("elsewhere"), &disk).unwrap();
    push_it().unwrap();
}

#[test]
fn both_sides_learn_what_became_of_a_copy() {
    let (_folder, url) = folder();
    let target = Target::new(options(&url).retention(one_day())).unwrap();
    let site = Site::new();
    let backups = site.backups();
    let make = || {
        site.wait(86_400);
        let entry = create(&backups);
        push(&target, &backups, &entry);
        entry
    };
    let entries = [make(), make(), make(), make()];
    backups.pin(&entries[0].id, true).unwrap();
    proven(&backups, &entries[1]);
    assert_eq!(target.reconcile(&backups).unwrap(), 2);
    assert_eq!(target.reconcile(&backups).unwrap(), 0);
    // What rots here, or is cut short, does not make the copy a bad one.
    let whole = fs::read(&entries[1].path).unwrap();
    flip(&entries[1].path);
    fails(&backups, &entries[1], "checksum");
    assert_eq!(target.reconcile(&backups).unwrap(), 0);
    fs::write(&entries[1].path, &whole[..whole.len() / 2]).unwrap();
    assert_eq!(target.reconcile(&backups).unwrap(), 0);
    fs::write(&entries[1].path, &whole).unwrap();
    assert_eq!(target.find(&Which::LatestProven).unwrap().id, entries[1].id);
    assert!(target.find(&Which::Id(entries[0].id.clone())).unwrap().record.pinned);
    assert_eq!(prune_after_days(&target, &backups, 30), [entries[2].id.as_str()], "the pinned, the proven and the newest one stay");
    assert_eq!(target.reconcile(&backups).unwrap(), 1);
    let copies = entries.map(|entry| backups.find(&Which::Id(entry.id)).unwrap().record.copies.len());
    assert_eq!(copies, [1, 1, 0, 1]);
}

#[test]
fn media_that_were_never_read_back_are_not_trusted() {
    let (folder, url) = folder();
    let site = Site::new();
    let backups = linked(&site);
    push(&Target::new(options(&url).verify(Verify::Size)).unwrap(), &backups, &create(&backups));
    let media = folder.path().join("media");
    for name in names(&media) {
        flip(&media.join(name));
    }
    site.wait(86_400);
    let second = create(&backups);
    let target = Target::new(options(&url)).unwrap();
    assert!(target.push(&backups, &second, &mut |_| ()).unwrap().verified);
    let there = target.find(&Which::Latest).unwrap();
    target.verify(&there, Verify::Read, &mut |_| ()).unwrap();
}

#[test]
fn a_lost_list_costs_no_media() {
    let (folder, target, _site, backups, entry) = copied();
    let list = list_of(&folder, &entry);
    let text = fs::read(&list).unwrap();
    fs::remove_file(&list).unwrap();
    let days_later = Clock::system().now().saturating_add(jiff::SignedDuration::from_hours(24 * 30)).unwrap();
    let refused = target.prune(&backups, &target.plan_prune(days_later).unwrap());
    assert!(matches!(&refused, Err(Error::TargetDiffers { object, .. }) if object.ends_with(".media.txt")), "{refused:?}");
    assert_eq!(names(&folder.path().join("media")).len(), 2);
    fs::write(&list, text).unwrap();
    assert_eq!(target.prune(&backups, &target.plan_prune(days_later).unwrap()).unwrap().media_files, 0);
    target.verify(&target.find(&Which::Latest).unwrap(), Verify::Read, &mut |_| ()).unwrap();
}

#[test]
fn what_is_left_of_a_copy_is_fetched_and_restored() {
    for lost in ["a media file", "a damaged media file", "the list"] {
        let (folder, target, _site, _backups, entry) = copied();
        let media = folder.path().join("media");
        let one = media.join(&names(&media)[0]);
        match lost {
            "a media file" => fs::remove_file(one).unwrap(),
            "the list" => fs::remove_file(list_of(&folder, &entry)).unwrap(),
            _ => fs::write(one, "something else").unwrap(),
        }
        let elsewhere = tempfile::tempdir().unwrap();
        let path = target.fetch(&target.find(&Which::Latest).unwrap(), elsewhere.path(), &mut |_| ()).unwrap();
        let fetched = Backups::new(magnetiq_backup::Options::new(elsewhere.path())).unwrap();
        let restore = |to: &str, allow: bool| {
            let request = RestoreRequest::new().to(elsewhere.path().join(to)).allow_partial(allow);
            fetched.restore(&fetched.plan_restore(&Which::File(path.clone()), request).unwrap(), &mut |_| ())
        };
        let refused = restore("whole", false);
        assert!(matches!(&refused, Err(Error::Damaged { problem, .. }) if problem.contains("media file")), "{lost}: {refused:?}");
        let restored = restore("what there is", true).unwrap();
        let left = u64::from(lost != "the list");
        assert_eq!((restored.rows, restored.media_files), (5, left), "{lost}");
        assert_eq!(names(&elsewhere.path().join("what there is/media")).len() as u64, left, "{lost}");
    }
}

#[test]
fn a_backup_that_does_not_fit_is_not_fetched() {
    let (folder, target, _site, _backups, entry) = copied();
    let list = list_of(&folder, &entry);
    fs::write(list, format!("{} {}\n", "a".repeat(64), 1_u64 << 60)).unwrap();
    let error = target.fetch(&target.find(&Which::Latest).unwrap(), &folder.path().join("fetched"), &mut |_| ()).unwrap_err();
    assert!(matches!(error, Error::Space { .. }), "{error:?}");
}

#[test]
fn what_was_fetched_is_restored_by_the_folder_that_it_belongs_to() {
    let (_folder, target, site, ..) = copied();
    fs::remove_dir_all(site.path("backups")).unwrap();
    // The same folder, and so the same lock as everything else that works there.
    let own = linked(&site);
    let fetched = site.path("backups/.fetched-1");
    let path = target.fetch(&target.find(&Which::Latest).unwrap(), &fetched, &mut |_| ()).unwrap();
    site.sql("DELETE FROM tag");
    fs::remove_dir_all(site.path("media")).unwrap();
    let plan = own.plan_restore(&Which::File(path), RestoreRequest::new()).unwrap();
    let lock = fs::File::options().write(true).create(true).truncate(false).open(site.path("backups/backup.lock")).unwrap();
    lock.lock().unwrap();
    assert!(matches!(own.restore(&plan, &mut |_| ()), Err(Error::Locked { .. })));
    lock.unlock().unwrap();
    own.restore(&plan, &mut |_| ()).unwrap();
    assert!(site.path("media/ab/picture").exists());
}

#[test]
fn media_that_a_push_counts_on_are_not_pruned_by_another_site_meanwhile() {
    // While it sends, before it reads back what it counts on, and after that.
    for reading in [0, 2] {
        let (folder, url) = folder();
        let of = |name: &str| {
            let site = Site::new();
            let backups = Backups::new(site.options().name(name).media(site.path("media"), MediaMode::Linked)).unwrap();
            (create(&backups), Target::new(options(&url).backup_name(name)).unwrap(), backups, site)
        };
        let (entry, target, backups, _site) = of("blog");
        let (old, shop, shops, _shop) = of("shop");
        // All that is left of the other site's backup is media, the same that this one has.
        push(&shop, &shops, &old);
        for name in names(folder.path()).iter().filter(|name| name.starts_with("shop-")) {
            fs::remove_file(folder.path().join(name)).unwrap();
        }
        let then = Clock::system().now().saturating_add(jiff::SignedDuration::from_hours(48)).unwrap();
        let (mut begun, mut pruned) = (0, false);
        let pushed = target.push(&backups, &entry, &mut |at| {
            begun += usize::from(at.step == Step::Download && at.done_bytes == 0);
            if begun == reading && !std::mem::replace(&mut pruned, true) {
                let prune = || shop.prune(&shops, &shop.plan_prune(then).unwrap()).unwrap();
                assert_eq!(std::thread::scope(|scope| scope.spawn(prune).join().unwrap()).media_files, 0);
                // By a version that does not look again.
                let media = folder.path().join("media");
                fs::rename(media.join(&names(&media)[0]), folder.path().join("gone")).unwrap();
            }
        });
        assert!(pruned, "reading {reading}");
        if reading == 0 {
            assert!(pushed.unwrap().verified, "it is sent anew");
        } else {
            assert!(matches!(&pushed, Err(Error::TargetDiffers { problem, .. }) if problem.contains("removed while")), "{pushed:?}");
            assert_eq!(target.list().unwrap(), [], "what is not whole is not listed");
            push(&target, &backups, &entry);
        }
        target.verify(&target.find(&Which::Latest).unwrap(), Verify::Read, &mut |_| ()).unwrap();
    }
}

#[test]
fn nobody_prunes_a_target_while_its_folder_is_in_use() {
    let (_folder, target, site, backups, _entry) = copied();
    let plan = target.plan_prune(Clock::system().now()).unwrap();
    let lock = fs::File::options().write(true).open(site.path("backups/backup.lock")).unwrap();
    lock.lock().unwrap();
    let refused = target.prune(&backups, &plan);
    assert!(matches!(refused, Err(Error::Locked { .. })), "{refused:?}");
}
