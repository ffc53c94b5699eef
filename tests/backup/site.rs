//! A small site, its backups, and the real `backupd` that makes them.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    process::{Child, Command, ExitStatus, Stdio},
    sync::OnceLock,
    thread,
    time::{Duration, Instant},
};

use magnetiq_storage::{
    Fingerprint, Options, Store,
    rusqlite::{Connection, OpenFlags},
};
use magnetiq_tests::{
    Ended, Fault, Random,
    ledger::{self, Acknowledged, Transfer},
    program,
};
use serde_json::Value;
use sha2::{Digest, Sha256};
use tempfile::TempDir;

use crate::proof::preload;

/// What rows say about media; the bytes lie in files.
const MEDIA: &str = "CREATE TABLE IF NOT EXISTS media (sha256 TEXT PRIMARY KEY, size_bytes INTEGER NOT NULL) STRICT";

pub(crate) fn backupd() -> &'static Path {
    static PROGRAM: OnceLock<PathBuf> = OnceLock::new();
    // One that is built already, to do without Cargo.
    let named = || magnetiq_config::environment().get("MAGNETIQ_TEST_BACKUPD").map(PathBuf::from);
    PROGRAM.get_or_init(|| named().unwrap_or_else(|| program("backupd")))
}

pub(crate) fn storage_options() -> Options {
    Options::default().application_id(magnetiq_config::APPLICATION_ID)
}

/// A folder with a database, media, settings and backups.
pub(crate) struct Site {
    folder: TempDir,
    random: Random,
    /// How many transfers writer 0 made.
    written: u64,
}

/// All that a site holds, to compare.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Content {
    pub(crate) database: Fingerprint,
    /// The hash of each file.
    pub(crate) media: BTreeMap<String, String>,
}

impl Site {
    /// With 400 transfers and twenty media files; `settings` is added to `[backup]`.
    pub(crate) fn new(random: &mut Random, settings: &str) -> Self {
        let mut site = Self { folder: tempfile::tempdir().unwrap(), random: Random::new(random.number()), written: 0 };
        site.settings(settings);
        for folder in ["data/media/incoming", "empty"] {
            fs::create_dir_all(site.path(folder)).unwrap();
        }
        site.write(400, 20);
        site
    }

    /// Another one, the same in all.
    pub(crate) fn copy(&self) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let from = self.folder.path().join(".");
        assert!(Command::new("cp").arg("-a").arg(from).arg(folder.path()).status().unwrap().success());
        Self { folder, random: self.random.clone(), written: self.written }
    }

    /// Below `[backup]`.
    pub(crate) fn settings(&self, settings: &str) {
        // What is due after days is not due here.
        let verify = "[backup.verify]\nintegrity_days = 0\ndrill_days = 0\nrotation = 0";
        fs::write(self.path("magnetiq.toml"), format!("profile = \"development\"\n[backup]\nport = 0\n{settings}\n{verify}\n")).unwrap();
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn database(&self) -> PathBuf {
        self.path("data/magnetiq.sqlite3")
    }

    pub(crate) fn backups(&self) -> PathBuf {
        self.path("data/backups")
    }

    pub(crate) fn store(&self) -> Store {
        let store = Store::open(self.database(), storage_options()).unwrap();
        ledger::create(&store).unwrap();
        store.write(|tx| Ok(tx.execute_batch(MEDIA)?)).wait().unwrap();
        store
    }

    /// People are at work.
    pub(crate) fn write(&mut self, transfers: u64, media: u64) {
        let store = self.store();
        let transfers: Vec<Transfer> =
            (self.written + 1..=self.written + transfers).map(|n| Transfer::random(0, n, &mut self.random)).collect();
        self.written += transfers.len() as u64;
        store.write(move |tx| transfers.iter().try_for_each(|transfer| transfer.make(tx).map(drop))).wait().unwrap();
        for _ in 0..media {
            let bytes = 1000 + self.random.below(60_000);
            let body: Vec<u8> = (0..bytes).map(|_| self.random.number().to_le_bytes()[0]).collect();
            add_media(&store, &self.path("data/media"), &body);
        }
        store.close().unwrap();
    }

    /// People tidy up: a few media go, the row first, as the server does it.
    pub(crate) fn remove_media(&self, count: usize) {
        let store = self.store();
        let names = "SELECT sha256 FROM media ORDER BY sha256 LIMIT ?1";
        let names: Vec<String> = store
            .read(move |conn| Ok(conn.prepare(names)?.query_map([count], |row| row.get(0))?.collect::<Result<_, _>>()?))
            .wait()
            .unwrap();
        for sha256 in names {
            let file = self.path("data/media").join(&sha256[..2]).join(&sha256[2..]);
            store.write(move |tx| Ok(tx.execute("DELETE FROM media WHERE sha256 = ?1", [sha256])?)).wait().unwrap();
            fs::remove_file(file).unwrap();
        }
        store.close().unwrap();
    }

    /// What is in a backup, as `restore --to` brings it.
    #[track_caller]
    pub(crate) fn restored(&self, which: &str, about: &str) -> Content {
        self.restored_without(which, &[], about)
    }

    /// The same, where rows may name these files although they are not there.
    #[track_caller]
    pub(crate) fn restored_without(&self, which: &str, gone: &[String], about: &str) -> Content {
        let to = self.path("restored");
        let _ = fs::remove_dir_all(&to);
        let ended = self.run(&["restore", which, "--to", "restored", "--yes"]);
        assert_eq!(ended.code, Some(0), "{about}: {ended:?}");
        let content = content(&to.join("database.sqlite3"), &to.join("media"), gone, about);
        fs::remove_dir_all(to).unwrap();
        content
    }

    /// What it holds now. The database must be there, whole and agreeing with itself.
    #[track_caller]
    pub(crate) fn content(&self, about: &str) -> Content {
        content(&self.database(), &self.path("data/media"), &[], about)
    }

    /// The same of what was restored into this folder.
    #[track_caller]
    pub(crate) fn content_of(&self, folder: &str, about: &str) -> Content {
        content(&self.path(folder).join("database.sqlite3"), &self.path(folder).join("media"), &[], about)
    }

    /// The database, whatever the media are at this moment.
    #[track_caller]
    pub(crate) fn database_alone(&self, about: &str) -> Fingerprint {
        database(&self.database(), about).1
    }

    /// `backupd` with nothing of this process's environment.
    pub(crate) fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new(backupd());
        command.current_dir(self.folder.path()).env_clear().args(words).stdin(Stdio::null());
        command
    }

    /// Runs it to its end.
    pub(crate) fn run(&self, words: &[&str]) -> Ended {
        ended(self.command(words))
    }

    /// The same where something fails; `None`, and said, where that cannot be had.
    pub(crate) fn run_with(&self, fault: &Fault, words: &[&str]) -> Option<Ended> {
        let mut command = self.command(words);
        preload(Some(fault), &mut command).then(|| ended(command))
    }

    /// Kills it after this time; `None` where it was quicker.
    pub(crate) fn kill(&self, words: &[&str], after: Duration) -> Option<ExitStatus> {
        let mut command = self.command(words);
        let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        thread::sleep(after);
        let ended = child.try_wait().unwrap();
        kill(&mut child);
        ended
    }

    /// The backups that are listed, the newest first.
    #[track_caller]
    pub(crate) fn list(&self) -> Vec<Value> {
        let ended = self.run(&["list", "--json"]);
        serde_json::from_str(ended.check_done()).unwrap_or_else(|error| panic!("{error}: {ended:?}"))
    }

    pub(crate) fn ids(&self) -> Vec<String> {
        self.list().iter().map(|entry| entry["id"].as_str().unwrap().to_owned()).collect()
    }

    /// Every backup that is listed restores.
    #[track_caller]
    pub(crate) fn check_all_restore(&self, about: &str) {
        if !self.ids().is_empty() {
            let ended = self.run(&["verify", "--all"]);
            assert_eq!(ended.code, Some(0), "{about}: {ended:?}");
        }
    }

    /// Nothing but backups lies in the backup folder: no work in progress, no media that nobody names.
    #[track_caller]
    pub(crate) fn check_clean(&self, about: &str) {
        let ids = self.ids();
        for path in files(&self.backups()) {
            let name = path.strip_prefix(self.backups()).unwrap().to_string_lossy().into_owned();
            // Locks stay, and so does what the daemon remembers of its last run.
            let is_known = name.ends_with(".lock") || name.starts_with("media/") || name == "backupd.json";
            let is_backup = is_known || ids.iter().any(|id| name.contains(id.as_str()));
            assert!(is_backup && !name.contains("partial"), "{about}: {name} is left behind");
        }
        for name in fs::read_dir(self.path("data")).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()) {
            assert!(!name.contains("restoring"), "{about}: {name} is left behind");
        }
    }

    /// How long a command takes when nobody kills it.
    pub(crate) fn time(&self, words: &[&str]) -> Duration {
        let began = Instant::now();
        self.run(words).check_done();
        began.elapsed()
    }
}

/// As the server does: the file first, then the row.
pub(crate) fn add_media(store: &Store, media: &Path, body: &[u8]) -> String {
    let sha256 = hex::encode(Sha256::digest(body));
    let folder = media.join(&sha256[..2]);
    fs::create_dir_all(&folder).unwrap();
    let unfinished = media.join("incoming").join(&sha256);
    fs::write(&unfinished, body).unwrap();
    fs::rename(unfinished, folder.join(&sha256[2..])).unwrap();
    let (name, bytes) = (sha256.clone(), body.len());
    store.write(move |tx| Ok(tx.execute("INSERT OR IGNORE INTO media VALUES (?1, ?2)", (name, bytes))?)).wait().unwrap();
    sha256
}

/// A database that is whole and agrees with itself, and what is in it; panics where it is not.
#[track_caller]
fn database(path: &Path, about: &str) -> (Connection, Fingerprint) {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let conn = Connection::open_with_flags(path, flags).unwrap_or_else(|error| panic!("{about}: there is no database: {error}"));
    let problems = ledger::problems(&conn, &Acknowledged::new()).unwrap_or_else(|error| panic!("{about}: {error}"));
    assert!(problems.is_empty(), "{about}: {problems:?}");
    let fingerprint = Fingerprint::take(&conn).unwrap();
    (conn, fingerprint)
}

/// What a database and a folder of media hold; panics where they are not whole, but for files that may be gone.
#[track_caller]
fn content(path: &Path, media: &Path, gone: &[String], about: &str) -> Content {
    let (conn, fingerprint) = database(path, about);
    let mut hashes = BTreeMap::new();
    for path in files(media).into_iter().filter(|path| !path.starts_with(media.join("incoming"))) {
        let name = path.strip_prefix(media).unwrap().to_string_lossy().into_owned();
        hashes.insert(name, hex::encode(Sha256::digest(fs::read(path).unwrap())));
    }
    let mut rows = conn.prepare("SELECT sha256 FROM media").unwrap();
    for sha256 in rows.query_map([], |row| row.get::<_, String>(0)).unwrap().map(Result::unwrap) {
        let name = format!("{}/{}", &sha256[..2], &sha256[2..]);
        let found = hashes.get(&name);
        assert!(
            found == Some(&sha256) || found.is_none() && gone.contains(&name),
            "{about}: {found:?} for {name}: the file of a row is not there, or another"
        );
    }
    Content { database: fingerprint, media: hashes }
}

/// All files below a folder.
pub(crate) fn files(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let mut found = Vec::new();
    for path in entries.map(|entry| entry.unwrap().path()) {
        if path.is_dir() {
            found.extend(files(&path));
        } else {
            found.push(path);
        }
    }
    found.sort();
    found
}

pub(crate) fn ended(mut command: Command) -> Ended {
    let output = command.output().unwrap();
    let [stdout, stderr] = [output.stdout, output.stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
    Ended { code: output.status.code(), stdout, stderr }
}

pub(crate) fn kill(child: &mut Child) {
    let _ = child.kill();
    child.wait().unwrap();
}

/// A moment within this time, and a little after it.
pub(crate) fn moment(within: Duration, random: &mut Random) -> Duration {
    within.mul_f64(f64::from(u32::try_from(random.below(1050)).unwrap()) / 1000.0)
}
