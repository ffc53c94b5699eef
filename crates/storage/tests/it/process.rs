//! What other processes see, and what is left when one is killed. The test binary starts itself as the other process.

use std::collections::HashSet;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::Duration;

use magnetiq_storage::refinery::{Migration, Runner};
use magnetiq_storage::rusqlite::Connection;
use magnetiq_storage::{Error, Options, Store};

pub(crate) struct Other {
    child: Child,
    lines: std::io::Lines<BufReader<ChildStdout>>,
}

impl Other {
    pub(crate) fn start(role: &str, path: &Path) -> Self {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["process::other_process", "--exact", "--ignored", "--nocapture"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        writeln!(child.stdin.take().unwrap(), "{role}\n{}", path.display()).unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        Self { child, lines }
    }

    /// What follows `mark` in the next line that has it; the harness prints lines of its own.
    pub(crate) fn next(&mut self, mark: &str) -> Option<String> {
        self.lines.by_ref().map_while(Result::ok).find_map(|line| line.split_once(mark).map(|(_, rest)| rest.trim().to_owned()))
    }

    /// SIGKILL.
    pub(crate) fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

/// Not a test: what the other process does.
#[test]
#[ignore = "started by the other tests of this file"]
fn other_process() {
    let mut lines = std::io::stdin().lines().map(Result::unwrap);
    let (Some(role), Some(path)) = (lines.next(), lines.next()) else { return };
    match role.as_str() {
        "hold" => {
            let _store = Store::open(&path, Options::default()).unwrap();
            println!("\nready:");
            std::thread::sleep(Duration::from_secs(60));
        }
        "look" => {
            let conn = Connection::open(&path).unwrap();
            let rows: i64 = conn.query_row("SELECT count(*) FROM note", [], |row| row.get(0)).unwrap();
            println!("\nrows:{rows}");
            std::thread::sleep(Duration::from_secs(60));
        }
        "sort" => {
            let store = Store::open(&path, Options::default()).unwrap();
            let files = store.read(|conn| {
                let sql = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 20000)
                    SELECT randomblob(1000) AS blob FROM n ORDER BY blob";
                let mut sorted = conn.prepare(sql)?;
                let mut rows = sorted.query([])?;
                rows.next()?;
                let open = std::fs::read_dir("/proc/self/fd").unwrap().filter_map(|fd| std::fs::read_link(fd.unwrap().path()).ok());
                Ok(open.map(|file| file.display().to_string()).find(|file| file.contains("/etilqs_")))
            });
            println!("\nspilled:{:?}", files.wait().unwrap());
        }
        "migrate slowly" => {
            let store = Store::open(&path, Options::default()).unwrap();
            println!("\nready:");
            store.migrate(migrations(1_000_000_000)).unwrap();
        }
        "migrate" => {
            let store = Store::open(&path, Options::default().lock_wait(Duration::from_secs(30))).unwrap();
            println!("\napplied:{}", store.migrate(migrations(10)).unwrap().applied.len());
            store.close().unwrap();
        }
        "write" => {
            let store = Store::open(&path, Options::default()).unwrap();
            store.write(|tx| Ok(tx.execute_batch("CREATE TABLE note (id INTEGER PRIMARY KEY, half INTEGER)")?)).wait().unwrap();
            let write = |first: i64| {
                for id in (first..).step_by(16) {
                    let write = store.write(move |tx| {
                        tx.execute("INSERT INTO note VALUES (?1, 1)", [id])?;
                        Ok(tx.execute("INSERT INTO note VALUES (?1, 2)", [-id])?)
                    });
                    write.wait().unwrap();
                    println!("\nwritten:{id}");
                }
            };
            std::thread::scope(|scope| (1..=16).for_each(|first| drop(scope.spawn(move || write(first)))));
        }
        other => panic!("unknown role {other}"),
    }
}

fn migrations(rows: u64) -> Runner {
    let fill = format!("CREATE TABLE b AS WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT {rows}) SELECT i FROM n");
    Runner::new(&[Migration::unapplied("V1__a", "CREATE TABLE a (x)").unwrap(), Migration::unapplied("V2__b", &fill).unwrap()])
}

#[test]
fn another_process_is_named_and_its_death_frees_the_lock() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("site.sqlite3");
    let mut other = Other::start("hold", &path);
    other.next("ready:").unwrap();
    let error = Store::open(&path, Options::default()).unwrap_err();
    let Error::Locked { owner: Some(owner), .. } = &error else { panic!("{error:?}") };
    assert_eq!(owner.pid, other.child.id());
    assert!(error.to_string().contains(&format!("(process {})", owner.pid)), "{error}");
    other.kill();
    Store::open(&path, Options::default()).unwrap();
}

/// In a process of its own, because SQLite has one folder for temporary files in each.
#[test]
#[cfg(target_os = "linux")]
fn a_large_sort_lies_beside_the_database_and_not_in_memory() {
    let folder = tempfile::Builder::new().prefix("it's ").tempdir().unwrap();
    let mut other = Other::start("sort", &folder.path().join("site.sqlite3"));
    let spilled = other.next("spilled:").unwrap();
    assert!(spilled.contains(&format!("{}/etilqs_", folder.path().canonicalize().unwrap().display())), "{spilled}");
    other.child.wait().unwrap();
    assert!(std::fs::read_dir(folder.path()).unwrap().all(|file| !file.unwrap().path().to_string_lossy().contains("etilqs")));
}

#[test]
fn a_migration_that_was_killed_did_not_happen() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("site.sqlite3");
    let mut other = Other::start("migrate slowly", &path);
    other.next("ready:").unwrap();
    std::thread::sleep(Duration::from_millis(200));
    other.kill();
    let store = Store::open(&path, Options::default()).unwrap();
    assert_eq!(store.plan(&migrations(1_000_000_000)).unwrap().from, None);
    assert_eq!(store.migrate(migrations(10)).unwrap().applied.len(), 2, "no half-made table is in the way");
}

#[test]
fn processes_that_start_together_migrate_once() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("site.sqlite3");
    let mut others: Vec<_> = (0..4).map(|_| Other::start("migrate", &path)).collect();
    let mut applied: Vec<_> = others.iter_mut().map(|o| o.next("applied:").unwrap()).collect();
    for other in &mut others {
        other.child.wait().unwrap();
    }
    applied.sort();
    assert_eq!(applied, ["0", "0", "0", "2"]);
}

#[test]
fn every_acknowledged_write_survives_a_kill() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("site.sqlite3");
    let mut other = Other::start("write", &path);
    let mut acknowledged = HashSet::new();
    while acknowledged.len() < 500 {
        acknowledged.insert(other.next("written:").unwrap().parse::<i64>().unwrap());
    }
    other.child.kill().unwrap();
    while let Some(id) = other.next("written:").and_then(|id| id.parse().ok()) {
        acknowledged.insert(id);
    }
    other.child.wait().unwrap();
    let store = Store::open(&path, Options::default()).unwrap();
    let read = store.read(|conn| {
        let mut statement = conn.prepare("SELECT id FROM note")?;
        let ids = statement.query_map([], |row| row.get::<_, i64>(0))?;
        Ok((ids.collect::<Result<HashSet<_>, _>>()?, conn.query_row("PRAGMA quick_check", [], |row| row.get::<_, String>(0))?))
    });
    let (found, check) = read.wait().unwrap();
    assert_eq!(check, "ok");
    assert!(acknowledged.iter().all(|id| found.contains(id)));
    assert!(found.iter().all(|id| found.contains(&-id)), "no half of a write");
}
