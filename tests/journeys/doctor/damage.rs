//! A database that is damaged, not there, or not to be read.

use std::fs;
use std::io::{Seek, SeekFrom, Write};
use std::os::unix::fs::chown;

use magnetiq_tests::{Folder, Server};
use rustix::process::geteuid;
use serde_json::json;

use super::{check_fix, fake, finding, fine, look, mode, open_folder, run, seen, shell, site};
use crate::backup::{stop, titles, write};

#[test]
fn a_file_that_is_no_database_is_kept_and_replaced_by_a_backup() {
    let folder = site();
    folder.run_backupd(&["once"]).check_done();
    fs::write(folder.database(), "this is a shopping list, and long enough for a header ".repeat(100)).unwrap();
    let command = finding(&look(&folder, "database"), "error", "is not an SQLite database")["command"].as_str().unwrap().to_owned();
    // It asks on a terminal; here is none.
    // What comes out of a backup gets its write-ahead log at the start of the server.
    let entry = seen(shell(&folder, &format!("{{ {command} --yes\n}} >&2\ndoctor database"))).remove(0);
    assert_eq!(entry["status"], "warning", "{entry:#}");
    finding(&entry, "warning", "no write-ahead log");
    let undone = run(&folder, "backupd restore --undo --yes >&2; head -c 23 data/magnetiq.sqlite3");
    assert_eq!(undone, "this is a shopping list", "it was kept");
}

/// Whatever keeps the command from mending: what is there stays, for there is nothing else.
#[test]
fn without_a_backup_what_is_damaged_stays() {
    let folder = site();
    let content = "this is a shopping list, and long enough for a header ".repeat(100);
    fs::write(folder.database(), &content).unwrap();
    let command = finding(&look(&folder, "database"), "error", "is not an SQLite database")["command"].as_str().unwrap().to_owned();
    assert!(!shell(&folder, &format!("{command} --yes")).output().unwrap().status.success());
    assert_eq!(fs::read_to_string(folder.database()).unwrap(), content);
}

/// At rest, and with a log that was left over.
#[test]
fn a_database_that_was_cut_short() {
    for is_killed in [false, true] {
        let folder = site();
        let server = Server::start_new(&folder);
        write(&server.sign_in(), "A page");
        if is_killed {
            folder.run_backupd(&["once"]).check_done();
            server.kill();
        } else {
            stop(server);
            folder.run_backupd(&["once"]).check_done();
        }
        let file = fs::File::options().write(true).open(folder.database()).unwrap();
        file.set_len(file.metadata().unwrap().len() / 2).unwrap();
        // With a log the size is that which the log tells, so only who reads all pages misses some.
        let name = if is_killed { "quick-check" } else { "database" };
        let command = finding(&look(&folder, name), "error", "damaged")["command"].as_str().unwrap().to_owned();
        fine(&seen(shell(&folder, &format!("{{ {command} --yes\n}} >&2\ndoctor quick-check"))).remove(0));
        assert_eq!(titles(&Server::start(&folder)), ["A page"]);
    }
}

#[test]
fn a_folder_in_the_place_of_the_database() {
    let folder = Folder::new();
    fs::create_dir_all(folder.database()).unwrap();
    let found = finding(&look(&folder, "database"), "error", "is a folder, and no database");
    assert_eq!(look(&folder, "quick-check")["says"], "it is no file");
    run(&folder, &format!("{}\napi-server migrate", found["command"].as_str().unwrap()));
    fine(&look(&folder, "database"));
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

/// What was acknowledged is in the log alone, and a database that is made anew would take it along.
#[test]
fn a_log_whose_database_is_not_there() {
    let folder = site();
    let server = Server::start_new(&folder);
    write(&server.sign_in(), "Acknowledged");
    server.kill();
    let (log, aside) = (folder.path("data/magnetiq.sqlite3-wal"), folder.path("aside"));
    let before = fs::read(&log).unwrap();
    fs::rename(folder.database(), &aside).unwrap();
    let found = finding(&look(&folder, "wal"), "error", "its database is not there");
    assert_eq!(found["safe"], false, "{found:#}");
    assert_eq!(look(&folder, "database")["says"], "there is no database, only its write-ahead log");
    let command = found["command"].as_str().unwrap();
    run(&folder, &format!("{command}\napi-server doctor --fix || true"));
    assert!(fs::read(&log).unwrap() == before && !folder.database().exists());
    assert!(fs::read(folder.path("data/magnetiq.sqlite3-wal.kept")).unwrap() == before);
    fs::rename(&aside, folder.database()).unwrap();
    assert_eq!(titles(&Server::start(&folder)), ["Acknowledged"]);
}

/// It was moved away without its log, and another one was begun in its place: what was acknowledged is in what the store kept.
#[test]
fn a_log_that_was_kept_of_a_database_that_was_moved_away() {
    let folder = site();
    let server = Server::start_new(&folder);
    write(&server.sign_in(), "Acknowledged");
    server.kill();
    fs::rename(folder.database(), folder.path("data/moved.sqlite3")).unwrap();
    stop(Server::start_new(&folder));
    let kept = folder.path("data/magnetiq.sqlite3-wal.replaced-1");
    let found = finding(&look(&folder, "wal"), "warning", "has commits of a database that was moved away or replaced");
    assert!(found["seen"].as_str().unwrap().starts_with("data/magnetiq.sqlite3-wal.replaced-1 "), "{found:#}");
    assert!(run(&folder, found["command"].as_str().unwrap()).contains("moved.sqlite3"), "it shows what it may belong to");
    fs::rename(&kept, folder.path("data/moved.sqlite3-wal")).unwrap();
    fine(&look(&folder, "wal"));
    fs::rename(folder.path("data/moved.sqlite3"), folder.database()).unwrap();
    fs::rename(folder.path("data/moved.sqlite3-wal"), folder.path("data/magnetiq.sqlite3-wal")).unwrap();
    let server = Server::start(&folder);
    assert_eq!(titles(&server), ["Acknowledged"]);
    stop(server);

    // Of one that was replaced, or was no write-ahead log.
    for name in ["wal.outgoing.replaced-12", "journal.replaced-1"] {
        let log = folder.path(&format!("data/magnetiq.sqlite3-{name}"));
        fs::write(&log, "").unwrap();
        fine(&look(&folder, "wal"));
        fs::write(&log, "commits").unwrap();
        finding(&look(&folder, "wal"), "warning", &format!("{name} has commits of a database"));
        fs::remove_file(log).unwrap();
    }
    // A copy that was replaced is a whole database.
    fs::copy(folder.database(), folder.path("data/magnetiq.sqlite3.replaced-1.sqlite3")).unwrap();
    fine(&look(&folder, "wal"));
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
fn a_log_that_cannot_be_read_in_its_folder() {
    if !geteuid().is_root() {
        return crate::proof::skip("only root can look as another user");
    }
    let folder = open_folder();
    fake(&folder, "api-server", "");
    fs::copy(magnetiq_tests::api_server(), folder.path("bin/api-server")).unwrap();
    Server::start_new(&folder).kill();
    fs::remove_file(folder.path("data/magnetiq.sqlite3-shm")).unwrap();
    for (path, wanted) in [("bin", 0o755), ("magnetiq.toml", 0o644), ("data", 0o555)] {
        mode(&folder.path(path), wanted);
    }
    for name in fs::read_dir(folder.path("data")).unwrap().map(|entry| entry.unwrap().path()).chain([folder.path("data")]) {
        chown(name, Some(54321), Some(54321)).unwrap();
    }
    let look_as_owner = "setpriv --reuid 54321 --clear-groups api-server doctor --json --only database";
    let found = finding(&seen(shell(&folder, look_as_owner))[0], "error", "has a write-ahead log, which cannot be read");
    fine(&seen(shell(&folder, &format!("{}\n{look_as_owner}", found["command"].as_str().unwrap()))).remove(0));
}
