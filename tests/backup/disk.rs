//! A disk that fills up at any byte of a backup or a restore.

use magnetiq_tests::{Fault, Random};

use crate::{
    proof::seed,
    site::{Site, files},
};

#[test]
fn a_full_disk_leaves_no_half_backup() {
    backup(10);
}

#[test]
fn a_full_disk_leaves_the_site_as_it_was() {
    restore(10);
}

#[test]
#[ignore = "long: cargo xtask test --soak"]
fn soak_full_disks() {
    backup(200);
    restore(200);
}

fn bytes(site: &Site, folder: &str) -> u64 {
    files(&site.path(folder)).iter().map(|path| path.metadata().unwrap().len()).sum()
}

/// Whether it says what is wrong: no room, found before or met meanwhile.
pub(crate) fn is_clear(said: &str) -> bool {
    ["full", "No space left", "no room", " free, "].iter().any(|words| said.contains(words))
}

fn backup(count: u64) {
    let seed = seed();
    let mut random = Random::new(seed);
    let mut site = Site::new(&mut random, "[backup.retention]\ndaily = 1");
    let mut failed = 0;
    for round in 0..count {
        site.write(20, 2);
        // The snapshot, the archive, new media, and all of it unpacked again; now and then it fits.
        let most = bytes(&site, "data") * 2;
        let fault = Fault::FullDisk { after_bytes: random.below(most) };
        let about = format!("seed {seed}, round {round}, {fault:?}");
        let before = site.ids();
        let Some(ended) = site.run_with(&fault, &["once"]) else { return };
        if ended.code != Some(0) {
            failed += 1;
            assert_eq!(ended.code, Some(1), "{about}: {ended:?}");
            assert!(is_clear(&ended.stderr), "{about}: {ended:?}");
        }
        let listed = site.ids();
        assert!(before.iter().all(|id| listed.contains(id)) || ended.code == Some(0), "{about}: {before:?} became {listed:?}");
        site.check_all_restore(&about);
        let ended = site.run(&["once"]);
        assert_eq!(ended.code, Some(0), "{about}: {ended:?}");
        assert_eq!(site.restored("latest", &about), site.content(&about), "{about}");
        site.check_clean(&about);
    }
    eprintln!("{failed} of {count} backups met the full disk");
    assert!(failed > 0);
}

fn restore(count: u64) {
    let seed = seed();
    let mut random = Random::new(seed);
    let mut made = Site::new(&mut random, "");
    made.run(&["once"]).check_done();
    made.write(50, 3);
    made.remove_media(3);
    let (old, new) = (made.content("before"), made.restored("latest", "before"));
    // What is unpacked beside the site, as large as the site; nothing else is written.
    let most = bytes(&made, "data") - bytes(&made, "data/backups");
    let mut failed = 0;
    for round in 0..count {
        let site = made.copy();
        let fault = Fault::FullDisk { after_bytes: random.below(most) };
        let about = format!("seed {seed}, round {round}, {fault:?}");
        let Some(ended) = site.run_with(&fault, &["restore", "latest", "--yes"]) else { return };
        let found = site.content(&about);
        if ended.code == Some(0) {
            assert_eq!(found, new, "{about}");
            continue;
        }
        failed += 1;
        assert_eq!(ended.code, Some(1), "{about}: {ended:?}");
        assert!(is_clear(&ended.stderr), "{about}: {ended:?}");
        assert_eq!(found, old, "{about}");
        let ended = site.run(&["restore", "latest", "--yes"]);
        assert_eq!(ended.code, Some(0), "{about}: {ended:?}");
        assert_eq!(site.content(&about), new, "{about}");
        site.check_clean(&about);
    }
    eprintln!("{failed} of {count} restores met the full disk");
    assert!(failed > 0);
}
