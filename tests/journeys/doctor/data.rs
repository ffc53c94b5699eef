//! Faults of the database and of who uses it.

use std::fs;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use magnetiq_storage::rusqlite::Connection;
use magnetiq_tests::{Folder, Server};
use serde_json::json;

use super::{check, check_fix, fake, finding, fine, has, look, run, seen, shell, site};
use crate::backup::{stop, titles, write};

/// Ends what it started.
struct Ends(Child);

impl Drop for Ends {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A program that has something of the database until it is ended.
struct Python(Ends);

impl Python {
    /// Runs `script` with the database as its argument, until it says that it is ready.
    fn start(python: &Path, folder: &Folder, script: &str) -> Self {
        let mut started = Command::new(python);
        started.args(["-c", script]).arg(folder.database()).stdout(Stdio::piped());
        let mut started = Ends(started.spawn().unwrap());
        let mut line = String::new();
        std::io::BufRead::read_line(&mut std::io::BufReader::new(started.0.stdout.take().unwrap()), &mut line).unwrap();
        assert_eq!(line, "ready\n");
        Self(started)
    }
}

const READER: &str = "import sqlite3, sys, time\nconn = sqlite3.connect(sys.argv[1])\nconn.execute('BEGIN')\n\
    conn.execute('SELECT count(*) FROM page').fetchall()\nprint('ready', flush=True)\ntime.sleep(600)";

#[test]
fn a_stranger_who_holds_the_database() {
    let folder = site();
    fine(&look(&folder, "lock"));
    let holding = fs::File::open(folder.database()).unwrap();
    let mut stranger = Ends(Command::new("sleep").arg("600").stdin(holding).spawn().unwrap());
    check(&folder, "", "lock", "warning", &format!("sleep (process {}) has the database open", stranger.0.id()));
    assert!(stranger.0.wait().is_ok_and(|status| !status.success()), "it was ended");
}

#[test]
fn a_database_without_a_write_ahead_log() {
    let folder = site();
    let switch_off = || {
        let mode: String =
            Connection::open(folder.database()).unwrap().query_row("PRAGMA journal_mode = delete", [], |row| row.get(0)).unwrap();
        assert_eq!(mode, "delete");
    };
    check_fix(&folder, "database", "warning", "the journal mode of", switch_off);
    switch_off();
    finding(&look(&folder, "database"), "warning", "is delete, and no write-ahead log");
}

#[test]
fn a_database_of_another_program() {
    let folder = site();
    Connection::open(folder.database()).unwrap().execute_batch("PRAGMA application_id = 1196444487").unwrap();
    let before = fs::read(folder.database()).unwrap();
    let command = finding(&look(&folder, "database"), "error", "belongs to another program")["command"].as_str().unwrap().to_owned();
    let looks = seen(shell(&folder, &format!("{command}\ndoctor database\napi-server migrate >&2\ndoctor database")));
    assert_eq!(looks[0]["says"], "there is no database yet; the server makes it at its start");
    fine(&looks[1]);
    assert_eq!(fs::read(folder.database()).unwrap(), before, "it was left as it is");
}

#[test]
fn keys_that_lead_nowhere() {
    let folder = site();
    let server = Server::start_new(&folder);
    write(&server.sign_in(), "A page");
    stop(server);
    folder.run_backupd(&["once"]).check_done();
    Connection::open(folder.database()).unwrap().execute_batch("PRAGMA foreign_keys = OFF; DELETE FROM account").unwrap();
    let command = finding(&look(&folder, "quick-check"), "error", "that are not there")["command"].as_str().unwrap().to_owned();
    fine(&seen(shell(&folder, &format!("{{ {command} --yes\n}} >&2\ndoctor quick-check"))).remove(0));
    let server = Server::start(&folder);
    assert_eq!(titles(&server), ["A page"]);
}

#[test]
fn a_schema_that_is_older_or_newer() {
    let folder = Folder::new();
    fs::create_dir_all(folder.path("data/media")).unwrap();
    let conn = Connection::open(folder.database()).unwrap();
    conn.execute_batch(&format!(
        "PRAGMA application_id = {}; PRAGMA journal_mode = wal; CREATE TABLE x (y)",
        magnetiq_config::APPLICATION_ID
    ))
    .unwrap();
    conn.execute_batch("DROP TABLE x").unwrap();
    drop(conn);
    check(&folder, "", "migrations", "warning", "migrations are pending, the first is V1__first_schema");
    let newest =
        "INSERT INTO refinery_schema_history SELECT 9999, 'from_the_future', applied_on, checksum FROM refinery_schema_history LIMIT 1";
    Connection::open(folder.database()).unwrap().execute_batch(newest).unwrap();
    let found = finding(&look(&folder, "migrations"), "error", "is version 9999");
    assert_eq!(found["command"], "ls -l data/magnetiq.sqlite3.before-v*.sqlite3", "there is no backup yet");
    // This program does not start on it, so the drill fails.
    folder.run_backupd(&["once"]);
    let found = finding(&look(&folder, "migrations"), "error", "is version 9999");
    assert!(found["command"].as_str().unwrap().starts_with("ls -l"), "it is of the same version: {found:#}");
    Connection::open(folder.database()).unwrap().execute_batch("DELETE FROM refinery_schema_history WHERE version = 9999").unwrap();
    fine(&look(&folder, "migrations"));
    folder.run_backupd(&["once"]).check_done();
    Connection::open(folder.database()).unwrap().execute_batch(newest).unwrap();
    let command = finding(&look(&folder, "migrations"), "error", "is version 9999")["command"].as_str().unwrap().to_owned();
    fine(&seen(shell(&folder, &format!("{{ {command} --yes\n}} >&2\ndoctor migrations"))).remove(0));
}

#[test]
fn a_history_of_other_sources() {
    for (change, says) in [
        ("UPDATE refinery_schema_history SET checksum = '1' WHERE version = 1", "differs from the one that was applied"),
        ("DELETE FROM refinery_schema_history WHERE version = 1", "migration V1__first_schema"),
    ] {
        let folder = site();
        Connection::open(folder.database()).unwrap().execute_batch(change).unwrap();
        let found = finding(&look(&folder, "migrations"), "error", says);
        assert!(found["advice"].as_str().unwrap().contains("built from other sources"), "{found:#}");
    }
}

#[test]
fn a_reader_that_keeps_the_log_from_being_used_again() {
    let folder = Folder::new();
    folder.settings("profile = 'development'\n[server]\nport = 0\n[log]\nformat = 'json'\n[database]\nwal_limit_bytes = 1_048_576\n");
    let server = Server::start_new(&folder);
    let ana = server.sign_in();
    let mut body = 0;
    let mut grow = |megabytes: usize| {
        for _ in 0..megabytes * 2 {
            body += 1;
            let page = json!({ "title": format!("Page {body}"), "body": format!("{body} ").repeat(100_000) });
            assert_eq!(ana.post("/api/v1/admin/pages", &page).unwrap().0, 201);
        }
    };
    grow(1);
    fine(&look(&folder, "wal"));
    let mut reader = Python::start("python3".as_ref(), &folder, READER).0;
    grow(6);
    let found = finding(&look(&folder, "wal"), "warning", "and should stay near");
    let command = found["command"].as_str().unwrap();
    assert_eq!(command, format!("kill {}", reader.0.id()));
    assert!(Command::new("sh").arg("-c").arg(command).status().unwrap().success());
    reader.0.wait().unwrap();
    let begun = Instant::now();
    while look(&folder, "wal")["status"] != "fine" {
        assert!(begun.elapsed() < Duration::from_secs(60), "{:#}", look(&folder, "wal"));
        grow(1);
    }
}

/// The same by a backup that hangs: it is one of ours, so nobody is told to kill it, but its number is.
#[test]
fn a_program_of_ours_that_keeps_the_log_from_being_used_again() {
    if !has("fuser") {
        return;
    }
    let folder = Folder::new();
    folder.settings("profile = 'development'\n[server]\nport = 0\n[log]\nformat = 'json'\n[database]\nwal_limit_bytes = 1_048_576\n");
    folder.run(&["migrate"], "").check_done();
    fake(&folder, "sudo", "exec \"$@\"");
    let python = run(&folder, "python3 -c 'import sys; print(sys.executable)'");
    fs::create_dir(folder.path("ours")).unwrap();
    std::os::unix::fs::symlink(python.trim(), folder.path("ours/backupd")).unwrap();
    let reader = Python::start(&folder.path("ours/backupd"), &folder, READER);
    let conn = Connection::open(folder.database()).unwrap();
    conn.execute_batch("CREATE TABLE large (content BLOB); INSERT INTO large VALUES (zeroblob(6000000))").unwrap();
    drop(conn);
    let _server = Server::start(&folder);
    let command = finding(&look(&folder, "wal"), "warning", "and should stay near")["command"].as_str().unwrap().to_owned();
    assert!(command.ends_with(&format!("fuser -v {}", "data/magnetiq.sqlite3")), "{command}");
    let told = shell(&folder, &format!("{{ {command}\n}} 2>&1")).output().unwrap().stdout;
    assert!(String::from_utf8_lossy(&told).contains(&reader.0.0.id().to_string()), "{}", String::from_utf8_lossy(&told));
}

#[test]
fn a_stranger_who_locks_the_database() {
    let folder = site();
    let lock = "import sqlite3, sys, time\nconn = sqlite3.connect(sys.argv[1], isolation_level=None)\n\
        conn.execute('PRAGMA journal_mode = delete')\nconn.execute('BEGIN EXCLUSIVE')\nprint('ready', flush=True)\ntime.sleep(600)";
    let mut stranger = Python::start("python3".as_ref(), &folder, lock);
    assert_eq!(look(&folder, "database-size")["status"], "skipped");
    let wanted = format!("kill {}", stranger.0.0.id());
    assert_eq!(finding(&look(&folder, "quick-check"), "error", "locked")["command"], wanted.as_str());
    let found = finding(&look(&folder, "database"), "error", "locked");
    assert_eq!(found["command"], wanted.as_str());
    run(&folder, &wanted);
    stranger.0.0.wait().unwrap();
    let entry = look(&folder, "database");
    assert!(!entry.to_string().contains("locked"), "{entry:#}");
    fine(&look(&folder, "quick-check"));
    fine(&look(&folder, "database-size"));
}

#[test]
fn a_database_that_is_larger_than_promised() {
    let folder = site();
    Connection::open(folder.database())
        .unwrap()
        .execute_batch("CREATE TABLE large (content BLOB); INSERT INTO large VALUES (zeroblob(6000000))")
        .unwrap();
    let size = fs::metadata(folder.database()).unwrap().len();
    for (limit, severity) in [(size * 100 / 88, "warning"), (size * 100 / 98, "error"), (size / 4, "error")] {
        let limit = format!("export MAGNETIQ__HEALTH__DATABASE_LIMIT_BYTES={limit}");
        check(&folder, &limit, "database-size", severity, "share of the limit that is used");
    }
}
