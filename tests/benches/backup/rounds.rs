//! Everybody in turn, in another order each round.

use std::{
    fs,
    path::{Path, PathBuf},
    thread,
    time::Duration,
};

use crate::{
    contestants::Contestant,
    measure::{Cost, script, settle, size_bytes},
    pocketbase::PocketBase,
    site::Site,
    writer::{Latencies, Writer},
};

/// What was measured of one contestant.
#[derive(Debug)]
pub(crate) struct Entrant {
    pub(crate) contestant: Contestant,
    folder: PathBuf,
    pub(crate) first: Vec<Cost>,
    pub(crate) size_bytes: u64,
    /// The archive of the first backup alone, without what is kept once.
    pub(crate) archive_bytes: u64,
    pub(crate) verify: Vec<Cost>,
    pub(crate) restore: Vec<Cost>,
    pub(crate) second: Vec<Cost>,
    pub(crate) added_bytes: u64,
    /// Backups beside a writer, and what the writer felt.
    pub(crate) beside: Vec<Cost>,
    pub(crate) writer: Latencies,
    pub(crate) problems: Vec<String>,
}

/// Where things lie.
#[derive(Clone, Debug)]
pub(crate) struct Place {
    pub(crate) site: Site,
    pub(crate) folder: PathBuf,
    pub(crate) backupd: PathBuf,
}

impl Entrant {
    pub(crate) fn new(contestant: Contestant, place: &Place) -> Self {
        let name: String = contestant.name.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).collect();
        Self {
            contestant,
            folder: place.folder.join(name),
            first: Vec::new(),
            size_bytes: 0,
            archive_bytes: 0,
            verify: Vec::new(),
            restore: Vec::new(),
            second: Vec::new(),
            added_bytes: 0,
            beside: Vec::new(),
            writer: Latencies::default(),
            problems: Vec::new(),
        }
    }

    fn store(&self) -> PathBuf {
        self.folder.join("store")
    }

    /// Runs one of its scripts; a failure is kept for the table, so that the others go on.
    fn run(&mut self, place: &Place, text: &str) -> Option<Cost> {
        let [store, stage, out, repository] = ["store", "stage", "out", "store/repository"].map(|name| self.folder.join(name));
        let variables: [(&str, &Path); 13] = [
            ("SITE", &place.site.folder),
            ("HERE", &self.folder),
            ("STORE", &store),
            ("STAGE", &stage),
            ("OUT", &out),
            ("BACKUPD", &place.backupd),
            ("BENCH", &std::env::current_exe().unwrap()),
            ("RESTIC_REPOSITORY", &repository),
            ("RESTIC_PASSWORD", Path::new("bench")),
            ("RESTIC_CACHE_DIR", &self.folder.join("cache")),
            ("BORG_REPO", &repository),
            ("BORG_BASE_DIR", &self.folder),
            ("BORG_UNKNOWN_UNENCRYPTED_REPO_ACCESS_IS_OK", Path::new("yes")),
        ];
        match script(text, &variables, &self.folder) {
            Ok(cost) => Some(cost),
            Err(problem) => {
                eprintln!("{}: {problem}", self.contestant.name);
                self.problems.push(problem);
                None
            }
        }
    }

    /// As if it had never backed up anything.
    fn clear(&mut self, place: &Place) {
        let _ = fs::remove_dir_all(&self.folder);
        for name in ["store", "stage"] {
            fs::create_dir_all(self.folder.join(name)).unwrap();
        }
        self.settings(place);
        let prepare = self.contestant.prepare;
        self.run(place, prepare);
        settle();
    }

    /// For `backupd`; the others have none.
    fn settings(&self, place: &Place) {
        let [compression, media] = ["zstd", "full"].map(|word| self.contestant.name.contains(word));
        let settings = format!(
            "profile = \"development\"\n[database]\npath = {:?}\n[media]\nfolder = {:?}\n[backup]\nfolder = {:?}\ncompression = {:?}\nmedia = {:?}
[backup.verify]\nintegrity_days = 0\ndrill_days = 0\nrotation = 0\n",
            place.site.database(),
            place.site.media(),
            self.store(),
            if compression { "zstd" } else { "gzip" },
            if media { "full" } else { "linked" },
        );
        fs::write(self.folder.join("magnetiq.toml"), settings).unwrap();
    }

    fn first_backup(&mut self, place: &Place) {
        self.clear(place);
        let before = size_bytes(&self.store());
        let Some(cost) = self.run(place, self.contestant.backup) else { return };
        self.first.push(cost);
        self.size_bytes = size_bytes(&self.store()) - before;
        self.archive_bytes = archive_bytes(&self.store());
        settle();
        let verify = self.run(place, self.contestant.verify);
        self.verify.extend(verify);
        fs::create_dir_all(self.folder.join("out")).unwrap();
        let restore = self.run(place, &self.contestant.restore_and_check());
        self.restore.extend(restore);
        let _ = fs::remove_dir_all(self.folder.join("out"));
    }

    fn second_backup(&mut self, place: &Place) {
        settle();
        let before = size_bytes(&self.store());
        if let Some(cost) = self.run(place, self.contestant.backup) {
            self.second.push(cost);
            self.added_bytes = size_bytes(&self.store()) - before;
        }
    }

    fn backup_beside_a_writer(&mut self, place: &Place) {
        self.clear(place);
        let beside = if self.contestant.beside.is_empty() { self.contestant.backup } else { self.contestant.beside };
        let writer = Writer::start(&place.site.database());
        let cost = self.run(place, beside);
        self.writer.add(writer.stop());
        self.beside.extend(cost);
    }

    fn remove(&self) {
        let _ = fs::remove_dir_all(&self.folder);
    }
}

fn archive_bytes(store: &Path) -> u64 {
    let archives = fs::read_dir(store).unwrap().map(|entry| entry.unwrap().path());
    archives.filter(|path| path.to_string_lossy().contains(".tar.")).map(|path| path.metadata().unwrap().len()).sum()
}

/// First backups, with verification and restore; a change of the site; second backups; backups beside a writer. Gives what the writer
/// felt while nobody backed up.
pub(crate) fn compete(entrants: &mut [Entrant], place: &Place, rounds: usize) -> Latencies {
    for round in 0..rounds {
        for turn in 0..entrants.len() {
            let count = entrants.len();
            let entrant = &mut entrants[(turn + round * 3) % count];
            // One order backwards, too: who comes after whom matters on a disk.
            if !(entrant.contestant.slow && round > 0) {
                eprintln!("round {}: {}", round + 1, entrant.contestant.name);
                entrant.first_backup(place);
            }
        }
    }
    eprintln!("one page of a hundred changes");
    place.site.change();
    for entrant in entrants.iter_mut().filter(|entrant| entrant.contestant.incremental) {
        eprintln!("second backup: {}", entrant.contestant.name);
        entrant.second_backup(place);
    }
    let mut alone = Latencies::default();
    for round in 0..rounds {
        let count = entrants.len();
        for turn in 0..count {
            let entrant = &mut entrants[(turn + round * 3) % count];
            if !(entrant.contestant.slow && round > 0) {
                eprintln!("beside a writer, round {}: {}", round + 1, entrant.contestant.name);
                entrant.backup_beside_a_writer(place);
                entrant.remove();
            }
            if turn % 2 == 0 {
                settle();
                alone.add(quiet(&place.site.database(), Duration::from_secs(4)));
            }
        }
    }
    alone
}

/// A writer with nobody beside it.
fn quiet(database: &Path, time: Duration) -> Latencies {
    let writer = Writer::start(database);
    thread::sleep(time);
    writer.stop()
}

/// PocketBase, which has its own copy of the site and is no script.
#[derive(Debug)]
pub(crate) struct OwnBackup {
    pub(crate) first: Vec<Cost>,
    pub(crate) size_bytes: u64,
    pub(crate) beside: Vec<Cost>,
    pub(crate) writer: Latencies,
    pub(crate) alone: Latencies,
}

pub(crate) fn pocketbase(program: &Path, place: &Place, rounds: usize) -> OwnBackup {
    eprintln!("PocketBase: filling it");
    let folder = place.folder.join("pocketbase");
    fs::create_dir_all(&folder).unwrap();
    let server = PocketBase::start(program, &folder, &place.site);
    let mut own =
        OwnBackup { first: Vec::new(), size_bytes: 0, beside: Vec::new(), writer: Latencies::default(), alone: Latencies::default() };
    for round in 0..rounds.min(2) {
        eprintln!("round {}: PocketBase", round + 1);
        settle();
        own.first.push(server.backup());
        own.size_bytes = server.archive_bytes();
        settle();
        own.alone.add(quiet(&server.database(), Duration::from_secs(4)));
        let writer = Writer::start(&server.database());
        own.beside.push(server.backup());
        own.writer.add(writer.stop());
    }
    drop(server);
    let _ = fs::remove_dir_all(folder);
    own
}
