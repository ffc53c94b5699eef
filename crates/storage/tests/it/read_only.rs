//! A database of somebody else: what reading it gives, and what it leaves. The test binary starts itself as another user.

use std::fs;
use std::io::{BufRead, BufReader, Lines, Write};
use std::ops::ControlFlow;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::Duration;

use magnetiq_storage::rusqlite::Connection;
use magnetiq_storage::{Check, Error, Fingerprint, Options, ReadOnlyStore, Store};

use crate::support::{add, block_on, count_for_ever};

fn owner(path: &Path) -> Store {
    let store = Store::open(path, Options::default().application_id(7)).unwrap();
    store.write(|tx| Ok(tx.execute_batch("CREATE TABLE IF NOT EXISTS note (id INTEGER PRIMARY KEY, text TEXT)")?)).wait().unwrap();
    store
}

fn write(store: &Store) {
    store.write(|tx| add(tx, "one more")).wait().unwrap();
}

fn count(conn: &Connection) -> Result<i64, Error> {
    Ok(conn.query_row("SELECT count(*) FROM note", [], |row| row.get(0))?)
}

#[test]
fn it_sees_what_the_owner_commits_and_outlives_the_owner() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("site.sqlite3");
    let store = owner(&path);
    write(&store);
    let other = ReadOnlyStore::open(&path, Options::default().application_id(7)).unwrap();
    assert_eq!(other.path(), store.path());
    assert_eq!(other.read(count).wait().unwrap(), 1);
    let mut view = other.reader().unwrap();
    write(&store);
    assert_eq!(block_on(other.read(count)).unwrap(), 2);
    assert_eq!(view.read(count).unwrap(), 1, "one moment");
    drop(view);
    store.close().unwrap();
    assert_eq!(other.read(count).wait().unwrap(), 2);
    // And the next owner can start and write.
    let store = owner(&path);
    write(&store);
    assert_eq!(other.read(count).wait().unwrap(), 3);
    store.close().unwrap();
    assert_eq!(ReadOnlyStore::open(&path, Options::default()).unwrap().read(count).wait().unwrap(), 3, "with no owner at all");
}

#[test]
fn nothing_can_be_written_through_it() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("site.sqlite3");
    owner(&path).close().unwrap();
    let before = fs::read(&path).unwrap();
    let store = ReadOnlyStore::open(&path, Options::default()).unwrap();
    for sql in ["INSERT INTO note (text) VALUES ('x')", "PRAGMA user_version = 9", "PRAGMA query_only = OFF; DELETE FROM note", "VACUUM"] {
        let refused = store.read(move |conn| Ok(conn.execute_batch(sql)?)).wait();
        assert!(matches!(refused, Err(Error::Sqlite(_) | Error::Refused { .. })), "{sql}: {refused:?}");
    }
    store.close().unwrap();
    assert_eq!(fs::read(&path).unwrap(), before);
}

#[test]
fn what_is_not_there_or_not_ours_is_told_and_nothing_is_made() {
    let folder = tempfile::tempdir().unwrap();
    let missing = folder.path().join("no/site.sqlite3");
    assert!(matches!(ReadOnlyStore::open(&missing, Options::default()), Err(Error::Missing { .. })));
    assert!(!missing.parent().unwrap().exists());
    let path = folder.path().join("site.sqlite3");
    owner(&path).close().unwrap();
    let foreign = ReadOnlyStore::open(&path, Options::default().application_id(8));
    assert!(matches!(foreign, Err(Error::ForeignApplication { found: 7, expected: 8, .. })), "{foreign:?}");
    let letter = folder.path().join("letter.txt");
    fs::write(&letter, "dear reader ".repeat(100)).unwrap();
    assert!(matches!(ReadOnlyStore::open(&letter, Options::default()), Err(Error::NotADatabase { .. })));
    assert!(matches!(ReadOnlyStore::open(folder.path(), Options::default()), Err(Error::Path { .. })));
}

#[test]
fn limits_snapshots_and_checks_are_those_of_a_store() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("site.sqlite3");
    let owner = owner(&path);
    write(&owner);
    let store = ReadOnlyStore::open(&path, Options::default().read_time_limit(Duration::from_millis(20))).unwrap();
    assert!(matches!(store.read(count_for_ever).wait(), Err(Error::TimedOut { .. })));
    let copy = folder.path().join("copy.sqlite3");
    assert_eq!(store.snapshot(&copy).unwrap().path, copy);
    assert_eq!(ReadOnlyStore::open(&copy, Options::default()).unwrap().read(count).wait().unwrap(), 1);
    assert!(store.check(Check::Integrity, |_| ControlFlow::Continue(())).unwrap().is_ok());
    let inner = store.clone();
    assert!(matches!(store.read(move |_| inner.close()).wait(), Err(Error::WouldDeadlock)));
    store.close().unwrap();
    assert!(matches!(store.read(count).wait(), Err(Error::Closed)));
    assert!(matches!(block_on(store.read(count)), Err(Error::Closed)));
}

#[test]
fn a_fingerprint_takes_as_long_as_it_takes() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("site.sqlite3");
    owner(&path).close().unwrap();
    let owner = Store::open(&path, Options::default().read_time_limit(Duration::ZERO)).unwrap();
    let many = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 5000) INSERT INTO note (text) SELECT i FROM n";
    owner.write(move |tx| Ok(tx.execute(many, [])?)).wait().unwrap();
    let other = ReadOnlyStore::open(&path, Options::default().read_time_limit(Duration::ZERO)).unwrap();
    assert!(matches!(owner.read(Fingerprint::take).wait(), Err(Error::TimedOut { .. })));
    assert!(matches!(other.read(Fingerprint::take).wait(), Err(Error::TimedOut { .. })));
    let taken = other.fingerprint().unwrap();
    assert_eq!(taken.tables().map(|table| table.rows).sum::<u64>(), 5000);
    assert_eq!(taken, owner.fingerprint().unwrap());
}

#[test]
fn an_old_reader_is_taken_back_by_the_next_read() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("site.sqlite3");
    owner(&path).close().unwrap();
    let limit = Duration::from_millis(50);
    let owner = Store::open(&path, Options::default().busy_timeout(limit)).unwrap();
    let store = ReadOnlyStore::open(&path, Options::default().readers(2).read_time_limit(limit)).unwrap();
    let mut old = store.reader().unwrap();
    write(&owner);
    assert!(matches!(owner.checkpoint(), Err(Error::CheckpointBlocked { .. })));
    std::thread::sleep(limit * 2);
    assert_eq!(store.read(count).wait().unwrap(), 1);
    owner.checkpoint().unwrap();
    assert!(matches!(old.read(count), Err(Error::TimedOut { .. })));
}

#[test]
fn another_file_under_the_name_is_opened_by_the_next_read() {
    let folder = tempfile::tempdir().unwrap();
    let (path, other) = (folder.path().join("site.sqlite3"), folder.path().join("other.sqlite3"));
    for (path, rows) in [(&path, 1), (&other, 2)] {
        let store = owner(path);
        (0..rows).for_each(|_| write(&store));
        store.close().unwrap();
    }
    let store = ReadOnlyStore::open(&path, Options::default()).unwrap();
    let mut view = store.reader().unwrap();
    assert_eq!(view.read(count).unwrap(), 1);
    for suffix in ["-wal", "-shm"] {
        let _ = fs::remove_file(format!("{}{suffix}", path.display()));
    }
    fs::rename(&other, &path).unwrap();
    assert_eq!(view.read(count).unwrap(), 1, "what was begun is of one moment");
    assert_eq!(store.read(count).wait().unwrap(), 2);
    fs::remove_file(&path).unwrap();
    assert!(matches!(store.read(count).wait(), Err(Error::Missing { .. })));
}

/// Another process, and another user where that can be: what it says to each line that it gets.
struct Other {
    child: Child,
    input: ChildStdin,
    output: Lines<BufReader<ChildStdout>>,
}

impl Other {
    fn start(path: &Path) -> Self {
        let program = std::env::current_exe().unwrap();
        let mut command = if rustix::process::geteuid().is_root() {
            let mut command = Command::new("setpriv");
            command.args(["--reuid=65534", "--regid=65534", "--clear-groups"]).arg(program);
            command
        } else {
            Command::new(program)
        };
        command.args(["read_only::other_process", "--exact", "--ignored", "--nocapture"]);
        let mut child = command.current_dir("/").stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let mut input = child.stdin.take().unwrap();
        let output = BufReader::new(child.stdout.take().unwrap()).lines();
        writeln!(input, "{}", path.display()).unwrap();
        Self { child, input, output }
    }

    fn next(&mut self) -> String {
        self.output.by_ref().find_map(|line| line.unwrap().split_once("said:").map(|(_, rest)| rest.to_owned())).unwrap()
    }

    fn ask(&mut self, what: &str) {
        writeln!(self.input, "{what}").unwrap();
    }

    fn count(&mut self) -> String {
        self.ask("count");
        self.next()
    }
}

impl Drop for Other {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Not a test: what the other process does.
#[test]
#[ignore = "started by the other tests of this file"]
fn other_process() {
    let mut lines = std::io::stdin().lines().map(Result::unwrap);
    let Some(path) = lines.next() else { return };
    let store = match ReadOnlyStore::open(path, Options::default()) {
        Ok(store) => store,
        Err(error) => return println!("\nsaid:{error}"),
    };
    println!("\nsaid:open");
    for line in lines {
        let done = match line.split_once(' ') {
            Some(("snapshot", to)) => store.snapshot(Path::new(to)).map(|_| "copied".to_owned()),
            Some(("scratch", to)) => store.scratch_copy(Path::new(to)).map(|_| "copied".to_owned()),
            _ => store.read(count).wait().map(|count| count.to_string()),
        };
        println!("\nsaid:{}", done.unwrap_or_else(|error| format!("{error:?}")));
    }
}

fn mode(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

/// A folder that everybody may look into, and everybody or nobody else may write to.
fn shared(writable: bool) -> (tempfile::TempDir, std::path::PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    mode(folder.path(), if writable { 0o777 } else { 0o755 });
    let path = folder.path().join("site.sqlite3");
    let store = owner(&path);
    write(&store);
    mode(&path, 0o644);
    store.close().unwrap();
    (folder, path)
}

#[test]
fn a_stranger_who_could_leave_files_behind_is_refused() {
    if !rustix::process::geteuid().is_root() {
        return; // There is no other user to be.
    }
    let (folder, path) = shared(true);
    std::os::unix::fs::chown(&path, Some(1000), Some(1000)).unwrap();
    let said = Other::start(&path).next();
    assert!(said.contains("belongs to user 1000; opened by user 65534"), "{said}");
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 2, "the database and the lock file");
    // Root may: SQLite gives what it leaves to the owner of the database.
    assert_eq!(ReadOnlyStore::open(&path, Options::default()).unwrap().read(count).wait().unwrap(), 1);
}

#[test]
fn in_a_folder_that_cannot_be_written_to_it_reads_with_and_without_the_owner() {
    let (folder, path) = shared(false);
    if !rustix::process::geteuid().is_root() {
        mode(folder.path(), 0o555);
    }
    let mut other = Other::start(&path);
    assert_eq!(other.next(), "open", "at rest");
    assert_eq!(other.count(), "1");
    mode(folder.path(), 0o755);
    let store = owner(&path);
    if !rustix::process::geteuid().is_root() {
        mode(folder.path(), 0o555);
    }
    write(&store);
    assert_eq!(other.count(), "2", "the owner has started");
    store.checkpoint().unwrap();
    write(&store);
    assert_eq!(other.count(), "3");
    let mut second = Other::start(&path);
    assert_eq!((second.next(), second.count()), ("open".to_owned(), "3".to_owned()), "while the owner runs");
    store.checkpoint().unwrap();
    assert_eq!(Other::start(&path).next(), "open", "an empty log of a running owner is no file at rest");
    drop(second);
    mode(folder.path(), 0o755);
    store.close().unwrap();
    assert_eq!(other.count(), "3", "the owner has left");
    drop(other);
    let store = owner(&path);
    write(&store);
    store.close().unwrap();
}

#[test]
fn a_copy_of_a_file_at_rest_is_whole_or_not_there() {
    let (folder, path) = shared(false);
    let store = owner(&path);
    // Copied for long enough that somebody comes in between.
    let fill = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 1500) INSERT INTO note (text) SELECT hex(zeroblob(32768)) FROM n";
    store.write(move |tx| Ok(tx.execute(fill, [])?)).wait().unwrap();
    store.close().unwrap();
    if !rustix::process::geteuid().is_root() {
        mode(folder.path(), 0o555);
    }
    let target = tempfile::tempdir().unwrap();
    mode(target.path(), 0o777);
    let mut other = Other::start(&path);
    assert_eq!(other.next(), "open", "at rest");
    for copying in ["snapshot", "scratch"] {
        let to = target.path().join(copying);
        other.ask(&format!("{copying} {}", to.display()));
        let files = || {
            fs::read_dir(target.path()).unwrap().filter(|entry| entry.as_ref().is_ok_and(|entry| !entry.path().ends_with("done"))).count()
        };
        while files() == 0 {
            std::hint::spin_loop();
        }
        // As any owner would who starts to write.
        let file = fs::File::open(&path).unwrap();
        file.set_modified(file.metadata().unwrap().modified().unwrap() + Duration::from_secs(1)).unwrap();
        let said = other.next();
        assert!(said.starts_with("WrittenMeanwhile"), "{copying}: {said}");
        assert_eq!(files(), 0, "{copying} left something");
        other.ask(&format!("{copying} {}", to.display()));
        assert_eq!(other.next(), "copied", "{copying}: the same call can succeed later");
        fs::rename(&to, target.path().join("done")).unwrap();
        assert_eq!(
            Connection::open(target.path().join("done"))
                .unwrap()
                .query_row("PRAGMA quick_check", [], |row| row.get::<_, String>(0))
                .unwrap(),
            "ok"
        );
    }
    mode(folder.path(), 0o755);
}

#[test]
fn a_log_without_its_index_is_not_passed_over() {
    let (folder, path) = shared(false);
    let store = owner(&path);
    write(&store);
    let aside = tempfile::tempdir().unwrap();
    mode(aside.path(), 0o755);
    let copy = aside.path().join("copy.sqlite3");
    for suffix in ["", "-wal"] {
        let to = format!("{}{suffix}", copy.display());
        fs::copy(format!("{}{suffix}", path.display()), &to).unwrap();
        mode(Path::new(&to), 0o644);
    }
    drop((store, folder));
    mode(aside.path(), 0o555);
    let said = Other::start(&copy).next();
    assert!(said.contains("has a write-ahead log, which cannot be read"), "{said}");
    mode(aside.path(), 0o755);
}
