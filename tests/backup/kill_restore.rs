//! `kill -9` in the middle of a restore: the site has a database at every moment, the old one or the new one, and the next run ends it.

use magnetiq_tests::Random;

use crate::{
    kill::Hits,
    proof::seed,
    site::{Site, moment},
};

#[test]
fn a_killed_restore_leaves_a_site() {
    restore(10);
}

#[test]
fn a_killed_undo_leaves_a_site() {
    undo(10);
}

#[test]
#[ignore = "long: cargo xtask test --soak"]
fn soak_killed_restores() {
    restore(200);
}

#[test]
#[ignore = "long: cargo xtask test --soak"]
fn soak_killed_undos() {
    undo(200);
}

const RESTORE: [&str; 3] = ["restore", "latest", "--yes"];
const UNDO: [&str; 3] = ["restore", "--undo", "--yes"];

/// A site that went on after its backup: rows and files came, and files went.
fn gone_on(random: &mut Random) -> Site {
    let mut site = Site::new(random, "");
    site.run(&["once"]).check_done();
    site.write(50, 3);
    site.remove_media(3);
    site
}

fn restore(count: u64) {
    let seed = seed();
    let mut random = Random::new(seed);
    let made = gone_on(&mut random);
    let (new, old) = (made.restored("latest", "before"), made.content("before"));
    assert_ne!(new, old);
    let time = made.copy().time(&RESTORE);
    let (mut hits, mut swapped) = (Hits::default(), 0);
    for round in 0..count {
        let site = made.copy();
        let after = moment(hits.within(time), &mut random);
        let about = format!("seed {seed}, round {round}, killed after {after:?}");
        hits.kill(&site, &RESTORE, after);
        let found = site.database_alone(&about);
        assert!(found == old.database || found == new.database, "{about}: neither the old nor the new database");
        swapped += u64::from(found == new.database);
        let ended = site.run(&RESTORE);
        assert_eq!(ended.code, Some(0), "{about}: {ended:?}");
        assert_eq!(site.content(&about), new, "{about}: after the second run");
        let ended = site.run(&UNDO);
        assert_eq!(ended.code, Some(0), "{about}: {ended:?}");
        let undone = site.content(&about);
        assert!(undone == old || undone == new, "{about}: undone to something else");
        site.check_clean(&about);
    }
    eprintln!("{swapped} of {count} had the new database after the kill");
    hits.check("restores");
}

fn undo(count: u64) {
    let seed = seed();
    let mut random = Random::new(seed);
    let made = gone_on(&mut random);
    let before = made.content("before");
    made.run(&RESTORE).check_done();
    let restored = made.content("restored");
    let time = made.copy().time(&UNDO);
    let mut hits = Hits::default();
    for round in 0..count {
        let site = made.copy();
        let after = moment(hits.within(time), &mut random);
        let about = format!("seed {seed}, round {round}, killed after {after:?}");
        hits.kill(&site, &UNDO, after);
        let found = site.database_alone(&about);
        assert!(found == before.database || found == restored.database, "{about}: neither the old nor the new database");
        // Undone again is restored again, so the next run may go either way; it must come to a whole site.
        let ended = site.run(&UNDO);
        let found = site.content(&about);
        assert!(found == before || found == restored, "{about}: {ended:?}");
        let ended = site.run(&RESTORE);
        assert_eq!(ended.code, Some(0), "{about}: {ended:?}");
        assert_eq!(site.content(&about), restored, "{about}");
    }
    hits.check("undos");
}
