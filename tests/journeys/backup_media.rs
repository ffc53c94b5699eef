//! Media while a backup is made: what its rows name is there to be read.

use std::fs::{self, File};
use std::io::{Read, Write};
use std::path::PathBuf;
use std::process::Stdio;
use std::thread;
use std::time::{Duration, Instant};

use magnetiq_storage::Hold;
use magnetiq_tests::{Client, Folder, Server, backupd};
use serde_json::Value;

use crate::backup::{site, stop};

fn upload(ana: &Client, name: &str, body: &[u8]) -> Value {
    let (status, _, media) = ana.upload(name, body).unwrap();
    assert_eq!(status, 201, "{media}");
    media
}

fn delete(ana: &Client, media: &Value) {
    let path = format!("/api/v1/admin/media/{}", media["id"].as_str().unwrap());
    let (status, _, answer) = ana.send("DELETE", &path, &[], b"").unwrap();
    assert_eq!(status, 204, "{answer}");
}

fn file(folder: &Folder, media: &Value) -> PathBuf {
    let (head, rest) = media["sha256"].as_str().unwrap().split_at(2);
    folder.path(&format!("data/media/{head}/{rest}"))
}

fn until(what: &str, is_so: impl Fn() -> bool) {
    let begin = Instant::now();
    while !is_so() {
        assert!(begin.elapsed() < Duration::from_secs(30), "{what}");
        thread::sleep(Duration::from_millis(50));
    }
}

#[test]
fn a_file_that_is_deleted_meanwhile_is_in_the_backup_and_goes_afterwards() {
    let (folder, server, ana) = site();
    let [gone, wanted, later] = [("gone.txt", "nobody wants it"), ("again.txt", "somebody does"), ("later.txt", "for the next start")]
        .map(|(name, text)| upload(&ana, name, text.as_bytes()));
    // It stands still when the pipe is full, and has its copy of the rows by the time anything comes.
    let mut export =
        folder.command_of(backupd(), &["export"]).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    let mut out = export.stdout.take().unwrap();
    let mut first = [0];
    out.read_exact(&mut first).unwrap();
    assert!(Hold::is_held(folder.path("data/magnetiq.sqlite3")).unwrap());

    for media in [&gone, &wanted] {
        delete(&ana, media);
        assert_eq!(ana.get(media["url"].as_str().unwrap()).unwrap().0, 404);
        assert!(file(&folder, media).exists(), "it waits");
    }
    let same = upload(&ana, "again.txt", b"somebody does");
    assert_eq!(same["sha256"], wanted["sha256"]);

    let mut archive = first.to_vec();
    out.read_to_end(&mut archive).unwrap();
    assert!(export.wait().unwrap().success());
    until("the file of a deleted row is still there", || !file(&folder, &gone).exists());
    assert!(file(&folder, &wanted).exists());
    assert_eq!(ana.get(same["url"].as_str().unwrap()).unwrap().0, 200);

    File::create(folder.path("whole.tar.gz")).unwrap().write_all(&archive).unwrap();
    folder.run_backupd(&["restore", "whole.tar.gz", "--to", "restored"]).check_done();
    for media in [&gone, &wanted] {
        let path = file(&folder, media);
        assert!(folder.path("restored").join(path.strip_prefix(folder.path("data")).unwrap()).exists(), "it is in the backup");
    }

    // A server that stops with files that wait removes them after its next start.
    let hold = Hold::take(folder.path("data/magnetiq.sqlite3")).unwrap();
    delete(&ana, &later);
    stop(server);
    assert!(file(&folder, &later).exists());
    drop(hold);
    let _server = Server::start(&folder);
    until("a file that had to wait is still there after a start", || !file(&folder, &later).exists());
    assert!(fs::exists(file(&folder, &wanted)).unwrap());
}
