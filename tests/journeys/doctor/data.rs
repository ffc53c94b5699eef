//! Faults of the database and of its backups.

use std::fs;
use std::io::{Seek, SeekFrom, Write};
use std::os::unix::fs::chown;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use magnetiq_storage::rusqlite::Connection;
use magnetiq_tests::{Folder, Server};
use rustix::process::geteuid;
use serde_json::json;

use super::{check, check_fix, fake, finding, fine, look, mode, open_folder, seen, shell, site};
use crate::backup::{stop, titles, write};

/// Ends what it started.
struct Ends(Child);

impl Drop for Ends {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

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
fn a_file_that_is_no_database_is_moved_aside_and_restored() {
    let folder = site();
    folder.run_backupd(&["once"]).check_done();
    fs::write(folder.database(), "this is a shopping list, and long enough for a header ".repeat(100)).unwrap();
    for suffix in ["-wal", "-shm"] {
        let _ = fs::remove_file(format!("{}{suffix}", folder.database().display()));
    }
    let command = finding(&look(&folder, "database"), "error", "is not an SQLite database")["command"].as_str().unwrap().to_owned();
    // It asks on a terminal; here is none.
    // What comes out of a backup gets its write-ahead log at the start of the server.
    let entry = seen(shell(&folder, &format!("{{ {command} --yes\n}} >&2\ndoctor database"))).remove(0);
    assert_eq!(entry["status"], "warning", "{entry:#}");
    finding(&entry, "warning", "no write-ahead log");
    assert!(folder.path("data/magnetiq.sqlite3.damaged").exists());
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
fn a_database_that_another_user_looks_at() {
    if !geteuid().is_root() {
        return crate::proof::skip("only root can look as another user");
    }
    let folder = open_folder();
    fake(&folder, "sudo", "exec \"$@\"");
    fs::copy(magnetiq_tests::api_server(), folder.path("bin/api-server")).unwrap();
    folder.run(&["migrate"], "").check_done();
    for (path, wanted) in [("bin", 0o755), ("magnetiq.toml", 0o644), ("data", 0o777)] {
        mode(&folder.path(path), wanted);
    }
    for name in fs::read_dir(folder.path("data")).unwrap() {
        chown(name.unwrap().path(), Some(12345), Some(12345)).unwrap();
    }
    let look_as_another = "setpriv --reuid 54321 --clear-groups api-server doctor --json --only database";
    let command = finding(&seen(shell(&folder, look_as_another))[0], "error", "12345")["command"].as_str().unwrap().to_owned();
    fine(&seen(shell(&folder, &format!("{command} --json --only database"))).remove(0));
}

#[test]
fn pages_that_are_damaged() {
    let folder = site();
    let server = Server::start_new(&folder);
    let ana = server.sign_in();
    for number in 0..20 {
        let page = json!({ "title": format!("Page {number}"), "body": "some text ".repeat(600) });
        assert_eq!(ana.post("/api/v1/admin/pages", &page).unwrap().0, 201);
    }
    stop(server);
    folder.run_backupd(&["once"]).check_done();
    fine(&look(&folder, "quick-check"));
    let pages = fs::metadata(folder.database()).unwrap().len() / 4096;
    let mut file = fs::File::options().write(true).open(folder.database()).unwrap();
    for page in pages / 2..pages {
        file.seek(SeekFrom::Start(page * 4096)).unwrap();
        file.write_all(&[0xAB; 4096]).unwrap();
    }
    drop(file);
    let command = finding(&look(&folder, "quick-check"), "error", "is damaged")["command"].as_str().unwrap().to_owned();
    fine(&seen(shell(&folder, &format!("{{ {command} --yes\n}} >&2\ndoctor quick-check"))).remove(0));
    let server = Server::start(&folder);
    assert_eq!(titles(&server).len(), 20, "nothing is lost");
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
fn a_log_that_was_left_over_is_brought_in_and_nothing_is_lost() {
    let folder = site();
    let written = std::cell::Cell::new(0);
    let kill = || {
        let server = Server::start_new_or_old(&folder);
        written.set(written.get() + 1);
        write(&server.sign_in(), &format!("Acknowledged {}", written.get()));
        server.kill();
    };
    check_fix(&folder, "wal", "warning", "no server runs, and", kill);
    let server = Server::start(&folder);
    assert_eq!(titles(&server), ["Acknowledged 1", "Acknowledged 2"]);
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
    let reader = "import sqlite3, sys, time\nconn = sqlite3.connect(sys.argv[1])\nconn.execute('BEGIN')\n\
        conn.execute('SELECT count(*) FROM page').fetchall()\nprint('reading', flush=True)\ntime.sleep(600)";
    let mut reader = Ends(Command::new("python3").args(["-c", reader]).arg(folder.database()).stdout(Stdio::piped()).spawn().unwrap());
    let mut line = String::new();
    std::io::BufRead::read_line(&mut std::io::BufReader::new(reader.0.stdout.take().unwrap()), &mut line).unwrap();
    assert_eq!(line, "reading\n");
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

#[test]
fn a_database_that_is_larger_than_promised() {
    let folder = site();
    Connection::open(folder.database())
        .unwrap()
        .execute_batch("CREATE TABLE large (content BLOB); INSERT INTO large VALUES (zeroblob(1000000))")
        .unwrap();
    check(&folder, "export MAGNETIQ__HEALTH__DATABASE_LIMIT_BYTES=1300000", "database-size", "error", "");
}

#[test]
fn a_clock_that_was_set_back() {
    let folder = site();
    let server = Server::start_new(&folder);
    write(&server.sign_in(), "From tomorrow");
    stop(server);
    let conn = Connection::open(folder.database()).unwrap();
    conn.execute_batch("UPDATE page SET updated_at = updated_at + 86400000").unwrap();
    drop(conn);
    let found = finding(&look(&folder, "clock"), "error", "by how much the newest stored time is ahead of the clock");
    assert_eq!(found["command"], "timedatectl set-ntp true");
}
