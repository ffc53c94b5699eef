//! The folder beside the rows: what kills, races and a disk that fails leave in it.

use std::{
    fs,
    io::{Read, Write},
    net::TcpStream,
    path::{Path, PathBuf},
    time::Duration,
};

use magnetiq_api::Role;
use serde_json::{Value, json};
use ureq::http::Method;

use crate::{
    roles::{add_account, sign_in},
    site::{EMAIL, PASSWORD, Site, agent},
};

fn path(media: &Value) -> String {
    format!("/api/v1/admin/media/{}", media["id"].as_str().unwrap())
}

/// Where a file with this hash lies.
fn place(folder: &Path, sha256: &str) -> PathBuf {
    folder.join("media").join(&sha256[..2]).join(&sha256[2..])
}

#[track_caller]
fn until(what: impl Fn() -> bool) {
    for _ in 0..2000 {
        if what() {
            return;
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    panic!("it does not come");
}

/// Files that are to go and are still there.
fn waiting(site: &Site) -> u64 {
    site.store.read(|conn| Ok(conn.query_row("SELECT count(*) FROM media_deleted", [], |row| row.get(0))?)).wait().unwrap()
}

#[test]
fn a_file_that_can_not_be_removed_fails_no_deletion() {
    let site = Site::signed_in();
    let [stuck, gone, changed] = ["stuck", "gone", "changed"].map(|text| site.upload(&format!("{text}.txt"), text.as_bytes()).json());
    // No file, and so not removed as one.
    let in_the_way = place(site.folder.path(), stuck["sha256"].as_str().unwrap());
    fs::remove_file(&in_the_way).unwrap();
    fs::create_dir(&in_the_way).unwrap();
    assert_eq!(site.delete(&path(&stuck)).status, 204);
    site.get(&path(&stuck)).check_problem(404, "media-not-found");
    assert_eq!(site.delete(&path(&gone)).status, 204);
    let content = format!("{}/content", path(&changed));
    assert_eq!(site.send_file(Method::PUT, &content, &[("if-match", "\"1\"")], "new.txt", b"new").json()["revision"], 2);
    let left = |name: &str| fs::read_dir(site.folder.path().join("media").join(&name[..2])).unwrap().count();
    assert_eq!((site.media_files().len(), left(stuck["sha256"].as_str().unwrap())), (1, 1), "what can go is gone");
    assert_eq!(waiting(&site), 1);
    fs::remove_dir(&in_the_way).unwrap();
    until(|| waiting(&site) == 0);
}

#[test]
fn a_replacement_that_comes_too_late_leaves_nothing() {
    let site = Site::start();
    let login = site.post("/api/v1/auth/login", &json!({ "email": EMAIL, "password": PASSWORD }));
    let cookie = login.header("set-cookie").split(';').next().unwrap();
    let media = site.upload("a.txt", b"first").json();
    let mut stream = TcpStream::connect(site.address).unwrap();
    let begin = "--edge\r\nContent-Disposition: form-data; name=\"file\"; filename=\"b.txt\"\r\n\r\nsecond";
    let end = "\r\n--edge--\r\n";
    write!(
        stream,
        "PUT {}/content HTTP/1.1\r\nHost: {}\r\nCookie: {cookie}\r\nIf-Match: \"1\"\r\nConnection: close\r\n\
         Content-Type: multipart/form-data; boundary=edge\r\nContent-Length: {}\r\n\r\n{begin}",
        path(&media),
        site.address,
        begin.len() + end.len(),
    )
    .unwrap();
    until(|| site.media_files().len() == 2);
    let words = json!({ "name": "a.txt", "alt": "said meanwhile", "tags": [], "focal_point": { "x": 0.5, "y": 0.5 } });
    assert_eq!(site.put(&path(&media), "\"1\"", &words).json()["revision"], 2);
    stream.write_all(end.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 412 "), "{answer}");
    assert_eq!(site.media_files().len(), 1, "{:?}", site.media_files());
    assert_eq!(site.get(media["url"].as_str().unwrap()).text(), "first");
}

/// They may be those of the site as it was an hour ago, which somebody wants back.
#[test]
fn files_that_no_row_names_stay() {
    let site = Site::signed_in();
    for text in ["one", "two", "three"] {
        assert_eq!(site.upload(&format!("{text}.txt"), text.as_bytes()).status, 201);
    }
    let put = |folder: &Path, digit: &str| {
        let place = place(folder, &digit.repeat(64));
        fs::create_dir_all(place.parent().unwrap()).unwrap();
        fs::write(place, "of a later day").unwrap();
    };
    let site = site.stopped();
    for digit in ["a", "b", "c"] {
        put(site.folder.path(), digit);
    }
    // What is to go goes after the look for these.
    let note = format!("INSERT INTO media_deleted (sha256, deleted_at) VALUES ('{}', 1)", "b".repeat(64));
    site.store.write(move |tx| Ok(tx.execute_batch(&note)?)).wait().unwrap();
    let site = site.restarted(&[]);
    until(|| waiting(&site) == 0);
    assert_eq!(site.media_files().len(), 3 + 2, "{:?}", site.media_files());
}

/// A volume may be away for a moment.
#[test]
fn an_upload_whose_file_comes_back_goes_on() {
    let site = Site::signed_in();
    let headers = [("tus-resumable", "1.0.0"), ("upload-length", "10")];
    let begun = site.request(Method::POST, "/api/v1/admin/media/uploads", &headers, None);
    assert_eq!(begun.status, 201, "{begun:?}");
    let file = site.media_files()[0].clone();
    // The server has looked through the folder once more when what nobody knows is gone.
    let look = |name: &str| {
        let unknown = file.with_file_name(name);
        fs::create_dir_all(unknown.parent().unwrap()).unwrap();
        fs::write(&unknown, "").unwrap();
        until(|| !unknown.exists());
    };
    look("first");
    let (folder, away) = (file.parent().unwrap(), site.folder.path().join("away"));
    fs::rename(folder, &away).unwrap();
    look("second");
    look("third");
    fs::remove_dir(folder).unwrap();
    fs::rename(&away, folder).unwrap();
    let state = site.request(Method::HEAD, begun.header("location"), &[("tus-resumable", "1.0.0")], None);
    assert_eq!((state.status, state.header("upload-offset")), (200, "0"));
}

#[test]
fn uploads_of_a_deleted_account_are_removed() {
    let mut site = Site::signed_in();
    add_account(&site, "bo@example.com", Role::Editor);
    let ana = std::mem::replace(&mut site.agent, agent());
    sign_in(&site, "bo@example.com");
    let headers = [("tus-resumable", "1.0.0"), ("upload-length", "10")];
    assert_eq!(site.request(Method::POST, "/api/v1/admin/media/uploads", &headers, None).status, 201);
    site.agent = ana;
    assert_eq!(site.media_files().len(), 1);
    let accounts = site.get("/api/v1/admin/accounts").json();
    let bo = accounts.as_array().unwrap().iter().find(|account| account["email"] == "bo@example.com").unwrap().clone();
    assert_eq!(site.delete(&format!("/api/v1/admin/accounts/{}", bo["id"].as_str().unwrap())).status, 204);
    until(|| site.media_files().is_empty());
}
