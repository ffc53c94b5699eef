//! A target belongs to one backup folder: another one, such as that of a new machine whose site is empty, neither copies nor prunes there.

use std::fs;
use std::path::Path;
use std::thread;

use magnetiq_backup::remote::{Owner, Target, TargetOptions, Verify};
use magnetiq_backup::{Backups, Clock, Entry, Error, Which};
use serde_json::{Value, json};

use super::moto::Moto;
use super::{folder, keys, one_day, options};
use crate::support::{Site, create, names, proven};

/// A machine with its own backup folder, and a proven backup in it.
struct Machine {
    site: Site,
    backups: Backups,
    entry: Entry,
}

/// So many hours later than the others.
fn machine(hours: i64) -> Machine {
    let site = Site::new();
    site.wait(hours * 3_600);
    let backups = site.backups();
    let entry = create(&backups);
    proven(&backups, &entry);
    Machine { site, backups, entry }
}

impl Machine {
    fn push(&self, target: &Target) -> Result<(), Error> {
        target.push(&self.backups, &self.entry, &mut |_| ()).map(drop)
    }

    /// As the daemon does every night.
    fn prune(&self, target: &Target) -> Result<Vec<String>, Error> {
        target.reconcile(&self.backups)?;
        Ok(target.prune(&self.backups, &target.plan_prune(Clock::system().now())?)?.removed)
    }

    /// Nothing that changes the target is done, and the error tells whose it is.
    #[track_caller]
    fn is_refused(&self, target: &Target, other: Option<&Self>) {
        let before = target.list().unwrap();
        let plan = target.plan_prune(Clock::system().now()).unwrap();
        let tries = [self.push(target), target.reconcile(&self.backups).map(drop), target.prune(&self.backups, &plan).map(drop)];
        for tried in tries {
            let error = tried.unwrap_err();
            let Error::TargetOwned { owner, .. } = &error else { panic!("{error:?}") };
            assert_eq!(owner.place.as_ref().map(|(_, folder)| folder.clone()), other.map(|other| other.site.path("backups")));
            assert_eq!(owner.newest_at, before.first().map(Entry::created_at));
            assert!(error.to_string().contains("would remove the last ones"), "{error}");
        }
        assert_eq!(target.list().unwrap(), before);
        for entry in before {
            target.verify(&entry, Verify::Read, &mut |_| ()).unwrap();
        }
    }

    #[track_caller]
    fn goes_on(&self, target: &Target) {
        self.push(target).unwrap();
        self.prune(target).unwrap();
        assert_eq!(target.owner(&self.backups).unwrap(), None);
    }
}

fn contract(options: TargetOptions) {
    let target = Target::new(options.retention(one_day())).unwrap();
    let (old, fresh) = (machine(0), machine(1));
    assert_eq!(target.owner(&old.backups).unwrap(), None);
    old.goes_on(&target);
    old.goes_on(&target);

    // The same day, so that the retention would keep the fresh one's copy in place of the old one's.
    fresh.is_refused(&target, Some(&old));
    assert_eq!(target.find(&Which::LatestProven).unwrap().id, old.entry.id);
    // What it needs is there to be read, and reading takes nothing over.
    let fetched = tempfile::tempdir().unwrap();
    target.fetch(&target.find(&Which::Latest).unwrap(), fetched.path(), &mut |_| ()).unwrap();
    old.goes_on(&target);

    // Taken over: now the old one is refused, when it comes back.
    let before = target.adopt(&fresh.backups).unwrap();
    assert!(matches!(&before, Some(Owner { place: Some((_, folder)), .. }) if *folder == old.site.path("backups")), "{before:?}");
    old.is_refused(&target, Some(&fresh));
    fresh.push(&target).unwrap();
    old.is_refused(&target, Some(&fresh));
    assert_eq!(fresh.prune(&target).unwrap(), [old.entry.id.as_str()]);
    assert_eq!(target.adopt(&fresh.backups).unwrap(), None, "it has it already");

    // And back.
    target.adopt(&old.backups).unwrap().unwrap();
    fresh.is_refused(&target, Some(&old));
    old.goes_on(&target);
}

#[test]
fn a_folder_belongs_to_one() {
    let (_folder, url) = folder();
    contract(options(&url));
}

#[test]
fn a_bucket_belongs_to_one() {
    let Some(moto) = Moto::start() else { return };
    contract(keys(options(&format!("{}/shop", moto.bucket("owner")))).endpoint(moto.url()));
}

/// As a version left it that knew no owners.
fn forget(target: &Path, machine: &Machine) {
    fs::remove_file(target.join("magnetiq.owner.json")).unwrap();
    let _ = fs::remove_file(machine.site.path("backups/.owner"));
}

#[test]
fn what_a_version_without_owners_left_goes_on() {
    let (folder, url) = folder();
    let target = Target::new(options(&url).retention(one_day())).unwrap();
    let (old, fresh) = (machine(0), machine(1));
    old.goes_on(&target);
    forget(folder.path(), &old);
    // It knows none of the copies, and nobody says whose they are.
    fresh.is_refused(&target, None);
    assert!(!folder.path().join("magnetiq.owner.json").exists());
    old.goes_on(&target);
    assert!(folder.path().join("magnetiq.owner.json").exists());
    fresh.is_refused(&target, Some(&old));

    // It need not be a copy that comes first.
    forget(folder.path(), &old);
    old.prune(&target).unwrap();
    fresh.is_refused(&target, Some(&old));
    forget(folder.path(), &old);
    target.adopt(&fresh.backups).unwrap().unwrap();
    old.is_refused(&target, Some(&fresh));
}

#[test]
fn markers_of_other_versions_are_read() {
    let (folder, url) = folder();
    let target = Target::new(options(&url)).unwrap();
    let (old, fresh) = (machine(0), machine(1));
    old.goes_on(&target);
    let marker = folder.path().join("magnetiq.owner.json");
    let own: Value = serde_json::from_slice(&fs::read(&marker).unwrap()).unwrap();
    assert_eq!(own["id"].as_str().unwrap().len(), 32);
    let check = |text: String, is_ours: bool| {
        fs::write(&marker, &text).unwrap();
        assert_eq!(target.owner(&old.backups).unwrap().is_none(), is_ours, "{text}");
        assert!(target.owner(&fresh.backups).unwrap().is_some(), "{text}");
    };
    check(json!({ "id": own["id"], "colour": "red", "since": null }).to_string(), true);
    check(json!({ "id": "another", "colour": "red" }).to_string(), false);
    // Nobody is named: the one that knows the copies goes on.
    check(json!({ "colour": "red" }).to_string(), true);
    check(String::new(), true);
    check("no json".to_owned(), true);
    old.goes_on(&target);
    fresh.is_refused(&target, Some(&old));
}

#[test]
fn a_target_of_a_new_name_is_still_ones_own() {
    let (_folder, url) = folder();
    let old = machine(0);
    old.goes_on(&Target::new(options(&url)).unwrap());
    let renamed = Target::new(TargetOptions::new("renamed", &url)).unwrap();
    let again = Machine { backups: old.site.backups(), ..old };
    again.goes_on(&renamed);
}

#[test]
fn of_many_that_come_at_once_one_has_it() {
    let (_folder, url) = folder();
    let machines: Vec<_> = (0..4).map(machine).collect();
    thread::scope(|scope| {
        for machine in &machines {
            let url = &url;
            scope.spawn(move || {
                // Refused, or overtaken on its way.
                let _ = machine.push(&Target::new(options(url)).unwrap());
            });
        }
    });
    let target = Target::new(options(&url)).unwrap();
    let pushed: Vec<_> = machines.iter().map(|machine| machine.push(&target)).collect();
    let refused = pushed.iter().filter(|pushed| matches!(pushed, Err(Error::TargetOwned { .. }))).count();
    assert_eq!((refused, pushed.iter().filter(|pushed| pushed.is_ok()).count()), (3, 1), "{pushed:?}");
}

#[test]
fn a_push_that_is_overtaken_lists_nothing() {
    let (folder, url) = folder();
    let target = Target::new(options(&url)).unwrap();
    let (slow, quick) = (machine(0), machine(1));
    let mut is_taken = false;
    let pushed = target.push(&slow.backups, &slow.entry, &mut |_| {
        if !is_taken {
            is_taken = true;
            // The runtime of this thread is busy with the push.
            let take = || Target::new(options(&url)).unwrap().adopt(&quick.backups).unwrap();
            thread::scope(|scope| scope.spawn(take).join()).unwrap();
        }
    });
    assert!(is_taken && matches!(pushed, Err(Error::TargetOwned { .. })), "{pushed:?}");
    assert_eq!(target.list().unwrap(), []);
    assert!(names(folder.path()).iter().all(|name| !name.ends_with(".proof.json")));
    assert_eq!(slow.backups.find(&Which::Latest).unwrap().record.copies, []);
}
