//! A site to back up, and shorthand.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use magnetiq_backup::magnetiq_storage::{self as storage, Store};
use magnetiq_backup::{Backups, Clock, Depth, Entry, Error, MediaMode, Options, Outcome, Proof, Reason, Request};
use tempfile::TempDir;

/// 2026-11-23T02:00:00Z.
pub(crate) const TWO_O_CLOCK: i64 = 1_795_399_200;

/// A folder with a database, media and settings, and one for backups.
pub(crate) struct Site {
    pub(crate) folder: TempDir,
    pub(crate) now: Arc<AtomicI64>,
}

impl Site {
    /// Three notes, two media files, one settings file.
    pub(crate) fn new() -> Self {
        let site = Self { folder: tempfile::tempdir().unwrap(), now: Arc::new(AtomicI64::new(TWO_O_CLOCK)) };
        let store = site.store();
        let sql = "CREATE TABLE note (id INTEGER PRIMARY KEY, text TEXT NOT NULL) STRICT;
            CREATE TABLE tag (id INTEGER PRIMARY KEY, note_id INTEGER NOT NULL REFERENCES note (id)) STRICT;
            CREATE INDEX note_text ON note (text);
            INSERT INTO note (text) VALUES ('one'), ('two'), ('three');
            INSERT INTO tag (note_id) VALUES (1), (2);";
        store.write(move |tx| Ok(tx.execute_batch(sql)?)).wait().unwrap();
        store.close().unwrap();
        site.put("media/ab/picture", &noise(70_000));
        site.put("media/cd/drawing.svg", "<svg></svg>".repeat(5_000).as_bytes());
        site.put("site.toml", b"name = \"a site\"\n");
        site
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn put(&self, name: &str, content: &[u8]) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }

    pub(crate) fn store(&self) -> Store {
        Store::open(self.path("site.sqlite3"), storage::Options::default()).unwrap()
    }

    pub(crate) fn sql(&self, sql: &'static str) {
        let store = self.store();
        store.write(move |tx| Ok(tx.execute_batch(sql)?)).wait().unwrap();
        store.close().unwrap();
    }

    pub(crate) fn options(&self) -> Options {
        let now = Arc::clone(&self.now);
        Options::new(self.path("backups"))
            .database(self.path("site.sqlite3"))
            .media(self.path("media"), MediaMode::Full)
            .config_file(self.path("site.toml"))
            .clock(Clock::new(move || jiff::Timestamp::from_second(now.load(Ordering::Relaxed)).unwrap()))
    }

    pub(crate) fn backups(&self) -> Backups {
        Backups::new(self.options()).unwrap()
    }

    pub(crate) fn wait(&self, seconds: i64) {
        self.now.fetch_add(seconds, Ordering::Relaxed);
    }
}

pub(crate) fn create(backups: &Backups) -> Entry {
    backups.create(&Request::new(Reason::Schedule), &mut |_| ()).unwrap()
}

pub(crate) fn verify(backups: &Backups, entry: &Entry) -> Result<Proof, Error> {
    backups.verify(entry, Depth::Restore, &mut |_| ())
}

/// The backup restores, says the proof that is recorded.
pub(crate) fn proven(backups: &Backups, entry: &Entry) {
    let proof = verify(backups, entry).unwrap();
    assert_eq!(proof.outcome, Outcome::Proven, "{proof:?}");
}

/// The backup does not restore, and the proof names `problem`.
pub(crate) fn fails(backups: &Backups, entry: &Entry, problem: &str) {
    let proof = verify(backups, entry).unwrap();
    assert_eq!(proof.outcome, Outcome::Failed, "{problem}: {proof:?}");
    let told = proof.problem.unwrap();
    assert!(told.contains(problem), "{told:?} does not tell of {problem:?}");
}

/// Bytes that do not compress, always the same.
pub(crate) fn noise(bytes: usize) -> Vec<u8> {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let step = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state.to_le_bytes()
    };
    std::iter::repeat_with(step).flatten().take(bytes).collect()
}

/// Names of all files below a folder.
pub(crate) fn names(folder: &Path) -> Vec<String> {
    let mut found = Vec::new();
    let mut open = vec![folder.to_owned()];
    while let Some(next) = open.pop() {
        for entry in fs::read_dir(next).unwrap().flatten() {
            let path = entry.path();
            if path.is_dir() { open.push(path) } else { found.push(path.strip_prefix(folder).unwrap().to_string_lossy().into_owned()) }
        }
    }
    found.sort();
    found
}
