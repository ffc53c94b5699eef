//! Backups of a real site, and the site back from them.

use std::process::{Command, Stdio};

use magnetiq_storage::rusqlite::Connection;
use magnetiq_tests::{Client, Folder, Server, backupd};
use rustix::process::Signal;
use serde_json::{Value, json};

/// A server with a picture, a file of settings beside it, and somebody who writes.
pub(crate) fn site() -> (Folder, Server, Client) {
    let folder = Folder::new();
    std::fs::create_dir(folder.path("content")).unwrap();
    let picture = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/pictures/admin.png");
    std::fs::copy(picture, folder.path("content/admin.png")).unwrap();
    std::fs::write(folder.path("content/picture.md"), "# Picture\n\n![The admin area](admin.png)").unwrap();
    folder.run(&["import", "content"], "").check_done();
    let server = Server::start_new(&folder);
    let ana = server.sign_in();
    (folder, server, ana)
}

pub(crate) fn write(ana: &Client, title: &str) -> String {
    let (status, page) = ana.post("/api/v1/admin/pages", &json!({ "title": title, "body": format!("text of {title}") })).unwrap();
    assert_eq!(status, 201, "{page}");
    page["id"].as_str().unwrap().to_owned()
}

pub(crate) fn stop(server: Server) {
    server.signal(Signal::TERM);
    assert!(server.wait().0.success());
}

pub(crate) fn titles(server: &Server) -> Vec<String> {
    let (_, pages) = server.sign_in().get("/api/v1/admin/pages").unwrap();
    let mut titles: Vec<_> = pages["items"].as_array().unwrap().iter().map(|page| page["title"].as_str().unwrap().to_owned()).collect();
    titles.sort();
    titles
}

pub(crate) fn list(folder: &Folder) -> Vec<Value> {
    serde_json::from_str(folder.run_backupd(&["list", "--json"]).check_done()).unwrap()
}

/// Without the smaller pictures: they are made again, and are in no backup.
pub(crate) fn media_files(folder: &Folder) -> Vec<std::path::PathBuf> {
    let mut found = Vec::new();
    let mut open = vec![folder.path("data/media")];
    let made_again = folder.path("data/media/variants");
    while let Some(next) = open.pop() {
        for entry in std::fs::read_dir(next).unwrap().flatten() {
            if entry.path() == made_again {
                continue;
            }
            if entry.file_type().unwrap().is_dir() { open.push(entry.path()) } else { found.push(entry.path()) }
        }
    }
    found.sort();
    found
}

#[test]
fn a_site_comes_back_and_the_way_back_can_be_taken_back() {
    let (folder, server, ana) = site();
    write(&ana, "Before");
    let said = folder.run_backupd(&["once"]);
    assert!(said.check_done().contains("made and proven"), "{said:?}");
    let backups = list(&folder);
    let [backup] = backups.as_slice() else { panic!("{backups:#?}") };
    assert_eq!((&backup["proven"], &backup["state"], &backup["summary"]["media_files"]), (&json!(true), &json!("complete"), &json!(1)));
    assert_eq!(backup["summary"]["config_files"], 1, "the settings file goes along");
    let depths: Vec<_> = backup["verifications"].as_array().unwrap().iter().map(|proof| (&proof["depth"], &proof["outcome"])).collect();
    assert_eq!(depths, [(&json!("integrity"), &json!("proven")), (&json!("drill"), &json!("proven"))], "the first is checked in every way");

    write(&ana, "After");
    stop(server);
    let pictures = media_files(&folder);
    for picture in &pictures {
        std::fs::remove_file(picture).unwrap();
    }
    let plan = folder.run_backupd(&["restore", "latest", "--plan"]);
    let plan = plan.check_done();
    assert!(plan.contains("page") && plan.contains(backup["id"].as_str().unwrap()), "{plan}");
    assert_eq!(media_files(&folder).len(), 0, "a plan changes nothing");
    folder.run_backupd(&["restore", "latest"]).check_refused(&["--yes"]);
    let said = folder.run_backupd(&["restore", "latest", "--yes"]);
    assert!(said.check_done().contains("data/replaced-") && said.stdout.contains("rm -r"), "{said:?}");
    let said = folder.run_backupd(&["prune", "--dry-run"]);
    assert!(said.check_done().contains("kept since a restore"), "{said:?}");
    assert_eq!(media_files(&folder), pictures);
    let server = Server::start(&folder);
    assert_eq!(titles(&server), ["Before", "Picture"]);
    stop(server);

    folder.run_backupd(&["restore", "--undo", "--yes"]).check_done();
    let server = Server::start(&folder);
    assert_eq!(titles(&server), ["After", "Before", "Picture"]);
}

#[test]
fn a_running_site_is_not_replaced() {
    let (folder, server, ana) = site();
    write(&ana, "Before");
    folder.run_backupd(&["once"]).check_done();
    write(&ana, "After");
    folder.run_backupd(&["restore", "latest", "--yes"]).check_refused(&["api-server", "hint: "]);
    assert_eq!(titles(&server), ["After", "Before", "Picture"]);
    folder.run_backupd(&["restore", "latest", "--to", "elsewhere", "--yes"]).check_done();
    assert!(folder.path("elsewhere").read_dir().unwrap().count() > 0, "beside it there is no harm");
}

#[test]
fn a_site_moves_through_a_pipe() {
    let (folder, server, ana) = site();
    write(&ana, "Moved");
    let other = Folder::new();
    let mut export = folder.command_of(backupd(), &["export"]).stdout(Stdio::piped()).spawn().unwrap();
    let mut import: Command = other.command_of(backupd(), &["import", "-", "--yes"]);
    let import = import.stdin(export.stdout.take().unwrap()).output().unwrap();
    assert!(export.wait().unwrap().success());
    assert!(import.status.success(), "{}", String::from_utf8_lossy(&import.stderr));
    assert_eq!(media_files(&other).len(), 1);
    let moved = Server::start(&other);
    assert_eq!(titles(&moved), ["Moved", "Picture"]);
    drop((server, moved));

    let cut = other.path("cut.tar.gz");
    folder.run_backupd(&["export", "--output", "whole.tar.gz"]).check_done();
    let whole = std::fs::read(folder.path("whole.tar.gz")).unwrap();
    std::fs::write(&cut, &whole[..whole.len() / 2]).unwrap();
    other.run_backupd(&["import", "cut.tar.gz", "--yes"]).check_refused(&["cut.tar.gz"]);
    assert_eq!(titles(&Server::start(&other)), ["Moved", "Picture"], "half a site replaces none");
}

#[test]
fn tables_for_people() {
    let (folder, _server, ana) = site();
    folder.run_backupd(&["once", "--pin", "--reason", "manual"]).check_done();
    write(&ana, "Second");
    folder.run_backupd(&["once"]).check_done();
    let ids: Vec<_> = list(&folder).iter().map(|backup| backup["id"].as_str().unwrap().to_owned()).collect();
    let [second, first] = ids.as_slice() else { panic!("{ids:?}") };
    assert!(second > first);

    let check = |arguments: &[&str], parts: &[&str]| {
        let ended = folder.run_backupd(arguments);
        let said = ended.check_done();
        for part in parts {
            assert!(said.contains(part), "{part:?} is not in what {arguments:?} said:\n{said}");
        }
    };
    check(&["list"], &["proven", "pinned", "complete", first, second]);
    check(&["show", first], &["sha-256", "integrity_check", "1 files", "schema version"]);
    check(&["show", "latest", "--json"], &["\"proven\": true"]);
    check(&["diff", first, second], &["rows", "page"]);
    check(&["diff", second, second], &["hold the same"]);
    check(&["prune", "--dry-run"], &["newest proven", "pinned", first]);
    check(&["verify", first], &["proven in"]);
    check(&["verify", "--all", "--drill"], &["carried a server"]);
    check(&["unpin", first], &["left to the retention"]);
    // two on one day: the retention keeps the newest
    check(&["prune"], &["REMOVE", "removed 1 backups"]);
    assert_eq!(list(&folder).len(), 1);
}

#[test]
fn what_is_not_whole_says_so() {
    let (folder, server, _) = site();
    let settings = "profile = \"development\"\n[server]\nport = 0\n[log]\nformat = \"json\"\n[backup]\nconfig_files = [\"gone.env\"]\n";
    folder.settings(settings);
    folder.run_backupd(&["once"]).check_refused(&["gone.env", "not whole"]);
    let backups = list(&folder);
    assert_eq!((&backups[0]["state"], &backups[0]["proven"]), (&json!("partial"), &json!(true)), "what there is was stored, and is marked");
    folder.run_backupd(&["once"]).check_refused(&["gone.env"]);
    assert_eq!(list(&folder).len(), 1, "what is proven is pruned, whole or not: of two on one day one stays");
    drop(server);

    folder.settings(&format!("{settings}[backup.retention]\ndaily = 0\n"));
    folder.run_backupd(&["once"]).check_refused(&["backup.retention.daily", "keeps nothing"]);
    folder.settings("profile = \"development\"\n");
    folder.run_backupd(&["show", "1999"]).check_refused(&["1999", "hint: "]);
    std::fs::write(folder.path("text.tar.gz"), "no archive").unwrap();
    folder.run_backupd(&["restore", "text.tar.gz", "--yes"]).check_refused(&["text.tar.gz"]);
    assert_eq!(folder.run_backupd(&["restor"]).code, Some(2));
    folder.run_backupd(&["restore", "--undo", "--yes"]).check_refused(&["nothing that a restore replaced"]);
}

#[test]
fn a_copy_lies_at_a_target_and_comes_back_from_it() {
    let (folder, server, ana) = site();
    write(&ana, "Kept elsewhere");
    std::fs::create_dir(folder.path("elsewhere")).unwrap();
    let url = format!("file://{}", folder.path("elsewhere").display());
    let settings =
        format!("profile = \"development\"\n[server]\nport = 0\n[log]\nformat = \"json\"\n[backup.targets.usb]\nurl = \"{url}\"\n");
    folder.settings(&settings);
    let said = folder.run_backupd(&["once"]);
    said.check_done();
    assert!(said.stderr.contains("unencrypted"), "secrets on a disk that is carried about: {said:?}");
    let backups = list(&folder);
    assert_eq!((&backups[0]["copies"][0]["target"], &backups[0]["copies"][0]["verified"]), (&json!("usb"), &json!(true)));
    stop(server);
    // Another target that is away is in nobody's way.
    folder.settings(&format!("{settings}[backup.targets.away]\nurl = \"{url}-away\"\n"));
    folder.run_backupd(&["once", "--alone", "--reason", "pre-deploy"]).check_done();
    let alone = &list(&folder)[0];
    assert_ne!(alone["id"], backups[0]["id"]);
    assert_eq!((&alone["proven"], &alone["copies"][0]), (&json!(true), &Value::Null), "nothing else was waited for: {alone:#}");
    folder.run_backupd(&["restore", "latest", "--from", "away", "--yes"]).check_refused(&["away", "mounted"]);
    let lock = std::fs::File::create(folder.path("data/backups/backup.lock")).unwrap();
    lock.lock().unwrap();
    folder.run_backupd(&["restore", "latest", "--from", "usb", "--yes"]).check_refused(&["in use"]);
    drop(lock);
    std::fs::remove_dir_all(folder.path("data")).unwrap();
    folder.run_backupd(&["restore", "latest", "--from", "usb", "--yes"]).check_done();
    assert_eq!(std::fs::read_dir(folder.path("data/backups/.partial")).map_or(0, Iterator::count), 0, "nothing that was fetched stays");
    assert_eq!(titles(&Server::start(&folder)), ["Kept elsewhere", "Picture"]);
}

#[test]
fn a_copy_that_rots_is_noticed() {
    let (folder, _server, _) = site();
    folder.run_backupd(&["once"]).check_done();
    change_record(&folder, |record| record["summary"]["created_at"] = json!("2026-01-01T02:00:00Z"));
    std::fs::create_dir(folder.path("elsewhere")).unwrap();
    let url = format!("file://{}", folder.path("elsewhere").display());
    folder.settings(&format!("profile = \"development\"\n[backup.targets.usb]\nurl = \"{url}\"\n"));
    folder.run_backupd(&["once"]).check_done();
    let backups = list(&folder);
    let (old, file) = (&backups[1]["id"].as_str().unwrap(), backups[1]["archive"]["file"].as_str().unwrap());
    assert_eq!(backups[1]["copies"][0]["target"], "usb", "an older one that has no copy gets one");

    let copy = folder.path("elsewhere").join(file);
    let good = std::fs::read(&copy).unwrap();
    let mut bytes = good.clone();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    std::fs::write(&copy, bytes).unwrap();
    folder.run_backupd(&["once"]).check_done();
    // A week later, with another one that can be read.
    let second = &list(&folder)[0];
    let newest = second["archive"]["file"].as_str().unwrap();
    let made = &second["summary"]["created_at"].as_str().unwrap()[..10];
    for record in [folder.path("data/backups"), folder.path("elsewhere")].map(|place| place.join(newest.replace(".tar.gz", ".proof.json")))
    {
        let text = std::fs::read_to_string(&record).unwrap();
        std::fs::write(&record, text.replace(&format!("\"created_at\": \"{made}"), "\"created_at\": \"2026-01-02")).unwrap();
    }
    let memory = folder.path("data/backups/backupd.json");
    std::fs::remove_file(&memory).unwrap();
    folder.run_backupd(&["once"]).check_refused(&[old, "usb", "SHA-256"]);
    let seen: Value = serde_json::from_slice(&std::fs::read(&memory).unwrap()).unwrap();
    assert!(seen["copies_checked"]["usb"][second["id"].as_str().unwrap()].is_string(), "the next one was read: {seen:#}");
    // It says so each time, until it is mended.
    folder.run_backupd(&["once"]).check_refused(&[old, "usb", "SHA-256"]);
    std::fs::write(&copy, good).unwrap();
    folder.run_backupd(&["once"]).check_done();

    // A media file is sent anew by the next backup that has it.
    let picture = media_files(&folder).remove(0);
    let object = folder.path("elsewhere/media").join(picture.strip_prefix(folder.path("data/media")).unwrap());
    let damaged = std::fs::read(&object).unwrap().iter().map(|byte| !byte).collect::<Vec<_>>();
    std::fs::write(&object, damaged).unwrap();
    std::fs::remove_file(&memory).unwrap();
    folder.run_backupd(&["once"]).check_refused(&["usb", "SHA-256"]);
    folder.run_backupd(&["once"]).check_done();
    assert_eq!(std::fs::read(&object).unwrap(), std::fs::read(&picture).unwrap());
}

#[test]
fn backups_that_do_not_restore_do_not_fill_the_disk() {
    let (folder, server, _) = site();
    folder.run_backupd(&["once"]).check_done();
    let good = list(&folder)[0]["id"].clone();
    stop(server);
    let conn = Connection::open(folder.path("data/magnetiq.sqlite3")).unwrap();
    conn.execute_batch("PRAGMA foreign_keys = OFF; INSERT INTO page_tag (page_number, tag) VALUES (4711, 'lost')").unwrap();
    conn.close().unwrap();
    for _ in 0..5 {
        folder.run_backupd(&["once"]).check_refused(&["does not restore", "page_tag"]);
    }
    let backups = list(&folder);
    let proven: Vec<_> = backups.iter().map(|backup| backup["proven"] == json!(true)).collect();
    assert_eq!(proven, [false, false, false, true], "{backups:#?}");
    assert_eq!(backups[3]["id"], good, "the one that restores stays");
    let said = folder.run_backupd(&["prune", "--dry-run"]);
    assert!(said.check_done().contains("to see why it does not restore"), "{said:?}");
}

#[test]
fn an_emptied_site_does_not_take_the_place_of_the_full_one() {
    let (folder, server, ana) = site();
    for number in 0..30 {
        write(&ana, &format!("Page {number}"));
    }
    folder.run_backupd(&["once"]).check_done();
    let full = list(&folder)[0]["id"].clone();
    stop(server);
    for end in ["", "-wal", "-shm"] {
        let _ = std::fs::remove_file(folder.path(&format!("data/magnetiq.sqlite3{end}")));
    }
    stop(Server::start_new(&folder));
    for _ in 0..2 {
        folder.run_backupd(&["once"]).check_refused(&["not whole: database: has", "backupd once --accept"]);
    }
    let backups = list(&folder);
    assert_eq!((&backups[0]["state"], backups.iter().any(|backup| backup["id"] == full)), (&json!("partial"), true), "{backups:#?}");
    folder.run_backupd(&["once", "--accept"]).check_done();
    folder.run_backupd(&["once"]).check_done();
}

pub(crate) fn change_record(folder: &Folder, change: impl FnOnce(&mut Value)) {
    let mut files = std::fs::read_dir(folder.path("data/backups")).unwrap().flatten().map(|entry| entry.path());
    let record = files.find(|path| path.to_str().unwrap().ends_with(".proof.json")).unwrap();
    let mut text: Value = serde_json::from_slice(&std::fs::read(&record).unwrap()).unwrap();
    change(&mut text);
    std::fs::write(&record, text.to_string()).unwrap();
}

#[test]
fn a_drill_that_fails_is_told_and_the_backup_stays_proven() {
    let (folder, _server, _) = site();
    program(&folder, "echo no such luck >&2");
    folder.settings("profile = \"development\"\n[backup]\ndrill_program = \"server.sh\"\n");
    folder.run_backupd(&["once"]).check_refused(&["restore drill failed", "no such luck"]);
    assert_eq!(list(&folder)[0]["proven"], true);
    let path = list(&folder)[0]["path"].as_str().unwrap().to_owned();

    // An archive that is a file elsewhere is drilled itself, whatever has its id here.
    folder.settings("profile = \"development\"\n");
    folder.run_backupd(&["export", "--output", "whole.tar.gz"]).check_done();
    std::fs::remove_file(folder.path(&path)).unwrap();
    let said = folder.run_backupd(&["verify", "whole.tar.gz", "--drill"]);
    assert!(said.check_done().contains("carried a server"), "{said:?}");
}

#[test]
fn one_that_cannot_be_tried_does_not_keep_others_from_it() {
    let (folder, _server, _) = site();
    let recipient = "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p";
    folder.settings(&format!("profile = \"development\"\n[backup]\nmedia = \"full\"\nrecipients = [\"{recipient}\"]\n"));
    folder.run_backupd(&["once", "--pin"]).check_refused(&["identity_files"]);
    folder.settings("profile = \"development\"\n");
    folder.run_backupd(&["once"]).check_done();
    let second = &list(&folder)[0];
    let said = folder.run_backupd(&["verify", "--all"]);
    assert_ne!(said.code, Some(0), "{said:?}");
    assert!(said.stdout.contains(&format!("{} proven", second["id"].as_str().unwrap())), "{said:?}");
}

#[test]
fn with_media_that_would_not_be_encrypted_no_backup_is_made_and_all_else_works() {
    let (folder, server, _) = site();
    folder.run_backupd(&["once"]).check_done();
    stop(server);
    let recipient = "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p";
    folder.settings(&format!("profile = \"development\"\n[backup]\nrecipients = [\"{recipient}\"]\n"));
    for command in ["once", "run"] {
        folder.run_backupd(&[command]).check_refused(&["not encrypted", "set backup.media to full"]);
    }
    assert_eq!(list(&folder).len(), 1);
    folder.run_backupd(&["restore", "latest", "--yes"]).check_done();
    folder.run_backupd(&["once", "--full"]).check_refused(&["identity_files"]);
    assert_eq!(list(&folder).len(), 2, "it is made, but cannot be proven without a key");
}

/// A server for drills that does as it is told.
pub(crate) fn program(folder: &Folder, script: &str) {
    let path = folder.path("server.sh");
    std::fs::write(&path, format!("#!/bin/sh\n{script}\n")).unwrap();
    std::fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
}
