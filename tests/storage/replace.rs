//! A file is put in the place of a database, and a kill, a power cut or a failing sync comes in between: one of the two is there, whole.

use std::{
    fs,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use magnetiq_storage::{
    Check, CheckOn, Options, ReadOnlyStore, Reader, Store,
    rusqlite::{self, Connection},
};
use magnetiq_tests::{Fault, Forget, PowerCut, Random};

use crate::support::{Running, preload, seed, victim};

#[test]
fn a_replacement_that_was_killed_happened_or_did_not() {
    rounds(20, false);
}

#[test]
fn a_replacement_whose_power_was_cut_happened_or_did_not() {
    rounds(20, true);
}

#[test]
#[ignore = "long: cargo xtask test --soak"]
fn soak_replacements() {
    rounds(150, false);
    rounds(150, true);
}

#[test]
fn a_replacement_whose_sync_failed_says_what_is_there() {
    failing_syncs(false);
}

#[test]
fn what_is_there_after_a_failed_sync_survives_a_power_cut() {
    failing_syncs(true);
}

const OLD: [&str; 2] = ["first", "acknowledged"];
const NEW: [&str; 1] = ["restored"];

/// A database of a program that was killed, the copy that is to take its place, and somebody who reads it all the while: what was committed last
/// is in the log alone, because of him.
struct Site {
    folder: tempfile::TempDir,
    path: PathBuf,
    /// The reader goes first: the end of the store waits for it.
    reading: Option<(Reader, ReadOnlyStore)>,
}

fn texts(conn: &Connection) -> rusqlite::Result<Vec<String>> {
    conn.prepare("SELECT text FROM note ORDER BY rowid")?.query_map([], |row| row.get(0))?.collect()
}

impl Site {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().join("data");
        fs::create_dir(&root).unwrap();
        let path = root.canonicalize().unwrap().join("site.sqlite3");
        let source = Store::temporary(Options::default()).unwrap();
        source.write(|tx| Ok(tx.execute_batch("CREATE TABLE note (text TEXT); INSERT INTO note VALUES ('restored')")?)).wait().unwrap();
        source.snapshot(&path.with_file_name("copy.sqlite3")).unwrap();
        let owner = Connection::open(&path).unwrap();
        owner.pragma_update(None, "journal_mode", "wal").unwrap();
        owner.execute_batch("CREATE TABLE note (text TEXT); INSERT INTO note VALUES ('first')").unwrap();
        let store = ReadOnlyStore::open(&path, Options::default()).unwrap();
        let reader = store.reader().unwrap();
        owner.execute_batch("INSERT INTO note VALUES ('acknowledged')").unwrap();
        drop(owner);
        Self { folder, path, reading: Some((reader, store)) }
    }

    fn cut(&self) -> PowerCut {
        PowerCut::new(self.path.parent().unwrap(), &self.folder.path().join("side"))
    }

    /// What the next start of the owner finds.
    #[track_caller]
    fn check(&mut self, lines: &[String], may_go_back: bool, about: &str) -> Vec<String> {
        let store = Store::open(&self.path, Options::default()).unwrap_or_else(|error| panic!("{about}: {error:?}"));
        let found = store.read(|conn| Ok(texts(conn)?)).wait().unwrap_or_else(|error| panic!("{about}: {error:?}"));
        assert!(found == OLD || found == NEW, "{about}: {found:?}");
        let said = lines.iter().find(|line| *line != "ready").map_or("", |line| line);
        assert!(!said.starts_with("refused") || found == OLD, "{about}: {said}, and {found:?}");
        assert!(said != "replaced" || found == NEW, "{about}: {said}, and {found:?}");
        assert!(said != "in place" || found == NEW || may_go_back, "{about}: {said}, and {found:?}");
        assert!(store.check(Check::Integrity, CheckOn::Live, |_| std::ops::ControlFlow::Continue(())).unwrap().is_ok(), "{about}");
        store.write(|tx| Ok(tx.execute_batch("INSERT INTO note VALUES ('after')")?)).wait().unwrap();
        if let Some((reader, store)) = &mut self.reading {
            assert_eq!(reader.read(|conn| Ok(texts(conn)?)).unwrap(), ["first"], "{about}: what was begun is of one moment");
            assert_eq!(store.read(|conn| Ok(texts(conn)?)).wait().unwrap().len(), found.len() + 1, "{about}: what begins is of now");
        }
        self.reading = None;
        store.close().unwrap();
        let names = fs::read_dir(self.path.parent().unwrap()).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
        let left: Vec<_> = names.filter(|name| name.ends_with(".outgoing")).collect();
        assert_eq!(left, [""; 0], "{about}");
        let copies = ["copy.sqlite3", "site.sqlite3.incoming"].map(|name| self.path.with_file_name(name));
        assert_eq!(copies.iter().any(|copy| is_restored(copy)), found == OLD, "{about}: the copy is in one place");
        found
    }
}

fn is_restored(copy: &Path) -> bool {
    copy.exists() && texts(&Connection::open(copy).unwrap()).unwrap() == NEW
}

fn rounds(count: u64, power: bool) {
    let seed = seed();
    let mut random = Random::new(seed);
    let mut whole = Duration::from_millis(100);
    let mut replaced = 0;
    for round in 0..count {
        let mut site = Site::new();
        let cut = power.then(|| site.cut());
        let mut command = victim("replace", &site.path);
        // Most of the time is spent in syncs, and that is when a kill comes.
        let fault = cut.as_ref().map_or(Fault::SlowSync(Duration::from_millis(2)), PowerCut::fault);
        if !preload(Some(&fault), &mut command) {
            return;
        }
        let running = Running::start_ready(command);
        let began = Instant::now();
        let lines = if round == 0 {
            // Only to learn how long it takes.
            let lines = running.end();
            whole = began.elapsed();
            lines
        } else {
            running.kill_after(Duration::from_micros(random.below(1 + u64::try_from(whole.as_micros()).unwrap() * 11 / 10)))
        };
        let forget = if random.below(2) == 0 { Forget::Everything } else { Forget::Some };
        let changes = cut.map(|cut| {
            // Nobody survives that.
            site.reading = None;
            cut.cut(forget, &mut random)
        });
        let about = format!("seed {seed}, round {round}, {changes:?} changes forgotten ({forget:?}), {lines:?}");
        replaced += u64::from(site.check(&lines, false, &about) == NEW);
    }
    eprintln!("{replaced} of {count} had happened");
}

/// One sync after the other fails, alone or with all that follow.
fn failing_syncs(power: bool) {
    let mut random = Random::new(seed());
    let mut said = Vec::new();
    for times in [1, u64::MAX >> 2] {
        for after in 0..12 {
            let mut site = Site::new();
            let cut = power.then(|| site.cut());
            let mut command = victim("replace", &site.path);
            let fault = Fault::FailingSync { after, times };
            if !preload(Some(&fault), &mut command) || !preload(cut.as_ref().map(PowerCut::fault).as_ref(), &mut command) {
                return;
            }
            let lines = Running::start(command).end();
            if let Some(cut) = cut {
                site.reading = None;
                cut.cut(Forget::Everything, &mut random);
            }
            site.check(&lines, power, &format!("{fault:?}, power cut: {power}, {lines:?}"));
            said.extend(lines.last().and_then(|line| line.split(' ').next().map(str::to_owned)));
        }
    }
    for outcome in ["refused", "in", "replaced"] {
        assert!(said.iter().any(|said| said == outcome), "{outcome}: {said:?}");
    }
}
