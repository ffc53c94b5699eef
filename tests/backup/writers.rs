//! Backups of a site on which people work: 200 commits a second, and media that come and go. Each archive is one moment of it.

use std::{
    fs,
    sync::{
        Mutex,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use magnetiq_storage::Store;
use magnetiq_tests::{
    Random,
    ledger::{self, Transfer},
};

use crate::{
    proof::seed,
    site::{Site, add_media},
};

const EACH: Duration = Duration::from_millis(5);

#[test]
fn an_archive_is_one_moment_of_a_busy_site() {
    backups(4);
}

#[test]
#[ignore = "long: cargo xtask test --soak"]
fn soak_busy_site() {
    backups(100);
}

fn backups(count: u64) {
    let seed = seed();
    let mut random = Random::new(seed);
    let mut site = Site::new(&mut random, "[backup.retention]\ndaily = 1");
    // So that the copy takes its time.
    site.write(3_000, 40);
    let store = site.store();
    let (end, deleted) = (AtomicBool::new(false), Mutex::new(Vec::new()));
    thread::scope(|scope| {
        let (store, end, deleted, site) = (&store, &end, &deleted, &site);
        // Also where a round fails, or nobody would ever know.
        let ending = Ending(end);
        let writer = scope.spawn(move || write(store, end));
        let editor = scope.spawn(move || edit(site, store, end, deleted, random));
        for round in 0..count {
            let about = format!("seed {seed}, round {round}");
            let ended = site.run(&["once"]);
            assert_eq!(ended.code, Some(0), "{about}: {ended:?}");
            // The ledger agrees with itself, and each row's file is there: looked at as what is restored is read. A file may be missing
            // that people deleted between the copy of the database and the reading of the file, and no other.
            let gone = deleted.lock().unwrap().clone();
            site.restored_without("latest", &gone, &about);
        }
        drop(ending);
        let (commits, edits) = (writer.join().unwrap(), editor.join().unwrap());
        eprintln!("{commits} commits and {edits} media during {count} backups");
        assert!(commits > 0 && edits > 0);
    });
    store.close().unwrap();
}

/// Ends the work of the others.
struct Ending<'e>(&'e AtomicBool);

impl Drop for Ending<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// On a fixed schedule, whatever the last one took. None of them may find the database busy.
fn write(store: &Store, end: &AtomicBool) -> u32 {
    let (mut random, first, begin) = (Random::new(1), ledger::last(store, 1).unwrap(), Instant::now());
    for n in 0_u32.. {
        if end.load(Ordering::Relaxed) {
            return n;
        }
        thread::sleep((EACH * n).saturating_sub(begin.elapsed()));
        let transfer = Transfer::random(1, first + u64::from(n) + 1, &mut random);
        store.write(move |tx| transfer.make(tx)).wait().unwrap();
    }
    0
}

/// Files come with their rows, and go after them.
fn edit(site: &Site, store: &Store, end: &AtomicBool, deleted: &Mutex<Vec<String>>, mut random: Random) -> u32 {
    let media = site.path("data/media");
    let mut edits = 0;
    while !end.load(Ordering::Relaxed) {
        let body: Vec<u8> = (0..random.below(30_000)).map(|_| random.number().to_le_bytes()[0]).collect();
        let sha256 = add_media(store, &media, &body);
        thread::sleep(Duration::from_millis(random.below(20)));
        if random.below(2) == 0 {
            let name = sha256.clone();
            store.write(move |tx| Ok(tx.execute("DELETE FROM media WHERE sha256 = ?1", [name])?)).wait().unwrap();
            deleted.lock().unwrap().push(format!("{}/{}", &sha256[..2], &sha256[2..]));
            fs::remove_file(media.join(&sha256[..2]).join(&sha256[2..])).unwrap();
        }
        edits += 1;
    }
    edits
}
