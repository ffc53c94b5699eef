//! Uploads in parts, by tus: to the end, cut off, after a restart, and by people who lie.

use std::{io::Write, net::TcpStream, time::Duration};

use base64::{Engine, prelude::BASE64_STANDARD};
use magnetiq_api::Role;
use serde_json::{Value, json};
use ureq::http::Method;

use crate::{
    roles::{add_account, sign_in},
    site::{Answer, EMAIL, PASSWORD, Site, agent},
};

const UPLOADS: &str = "/api/v1/admin/media/uploads";
const TUS: (&str, &str) = ("tus-resumable", "1.0.0");
const PART: (&str, &str) = ("content-type", "application/offset+octet-stream");

fn create(site: &Site, size_bytes: u64, name: &str) -> Answer {
    let metadata = format!("filename {},type dGV4dA==", BASE64_STANDARD.encode(name));
    site.request(Method::POST, UPLOADS, &[TUS, ("upload-length", &size_bytes.to_string()), ("upload-metadata", &metadata)], None)
}

fn begun(site: &Site, size_bytes: u64, name: &str) -> String {
    let answer = create(site, size_bytes, name);
    assert_eq!(answer.status, 201, "{answer:?}");
    answer.header("location").to_owned()
}

fn append(site: &Site, url: &str, offset: u64, part: &[u8], more: &[(&str, &str)]) -> Answer {
    let offset = offset.to_string();
    let headers = [&[TUS, PART, ("upload-offset", offset.as_str())], more].concat();
    site.request(Method::PATCH, url, &headers, Some(part))
}

fn offset(site: &Site, url: &str) -> u64 {
    let answer = site.request(Method::HEAD, url, &[TUS], None);
    assert_eq!((answer.status, answer.header("cache-control")), (200, "no-store"), "{answer:?}");
    answer.header("upload-offset").parse().unwrap()
}

/// Text of this length in which no place is like another.
fn text(length: usize) -> Vec<u8> {
    (0..).flat_map(|n: u32| format!("line {n}\n").into_bytes()).take(length).collect()
}

#[test]
fn a_file_comes_in_parts() {
    let site = Site::signed_in();
    let about = site.request(Method::OPTIONS, UPLOADS, &[], None);
    assert_eq!((about.status, about.header("tus-version"), about.header("tus-resumable")), (204, "1.0.0", "1.0.0"));
    assert_eq!(about.header("tus-extension"), "creation,termination,checksum,expiration");
    assert_eq!((about.header("tus-max-size"), about.header("tus-checksum-algorithm")), ("2147483648", "sha1,sha256"));

    let content = text(300_000);
    let created = create(&site, 300_000, "Große Datei.txt");
    assert_eq!(
        (created.status, created.header("tus-resumable"), created.header("upload-expires")),
        (201, "1.0.0", "Mon, 24 Nov 2025 16:45:00 GMT")
    );
    let url = created.header("location").to_owned();
    assert_eq!(offset(&site, &url), 0);
    let first = append(&site, &url, 0, &content[..100_000], &[]);
    assert_eq!((first.status, first.header("upload-offset"), first.header("content-location")), (204, "100000", ""), "{first:?}");
    assert_eq!(offset(&site, &url), 100_000);
    let summary = site.get("/api/v1/admin/media/summary").json();
    assert_eq!((&summary["files"], &summary["coming_bytes"]), (&json!(0), &json!(300_000)));
    let last = append(&site, &url, 100_000, &content[100_000..], &[]);
    assert_eq!((last.status, last.header("upload-offset")), (204, "300000"), "{last:?}");
    let media = site.get(last.header("content-location")).json();
    assert_eq!((&media["name"], &media["original_name"]), (&json!("Grosse-Datei.txt"), &json!("Große Datei.txt")), "{media}");
    assert_eq!(site.get(media["url"].as_str().unwrap()).body, content);
    assert_eq!(media["uploaded_by"], "Ana");
    let state = site.get(&url).json();
    assert_eq!((&state["media"]["id"], &state["offset_bytes"]), (&media["id"], &json!(300_000)));
    assert_eq!(site.media_files().len(), 1, "{:?}", site.media_files());
    let audit = site.get("/api/v1/admin/audit").json();
    assert_eq!((&audit["items"][0]["action"], &audit["items"][0]["actor"]), (&json!("media.create"), &json!(EMAIL)));
    // The same content once more.
    let again = begun(&site, 300_000, "copy.txt");
    let last = append(&site, &again, 0, &content, &[]);
    assert_eq!((last.status, last.header("content-location").ends_with(media["id"].as_str().unwrap())), (204, true));
    assert_eq!(site.media_files().len(), 1);
}

#[test]
fn requests_that_are_wrong_are_told_so() {
    let site = Site::with(&[("MAGNETIQ__MEDIA__RESUMABLE_LIMIT_BYTES", "1000000")]);
    site.sign_in();
    let length = ("upload-length", "10");
    let old = site.request(Method::POST, UPLOADS, &[("tus-resumable", "0.2.2"), length], None);
    old.check_problem(412, "tus-version");
    assert_eq!(old.header("tus-resumable"), "1.0.0");
    assert_eq!(old.header("tus-version"), "1.0.0");
    site.request(Method::POST, UPLOADS, &[length], None).check_problem(412, "tus-version");
    for wrong in ["-1", "+5", "1e3", "", "0", "99999999999999999999"] {
        site.request(Method::POST, UPLOADS, &[TUS, ("upload-length", wrong)], None).check_problem(400, "bad-request");
    }
    site.request(Method::POST, UPLOADS, &[TUS, ("upload-defer-length", "1")], None).check_problem(400, "bad-request");
    site.request(Method::POST, UPLOADS, &[TUS, length, ("upload-metadata", "filename %%%")], None).check_problem(400, "bad-request");
    create(&site, 1_000_001, "x").check_problem(413, "upload-too-large");

    let url = begun(&site, 20, "a.txt");
    site.request(Method::PATCH, &url, &[PART, ("upload-offset", "0")], Some(b"x")).check_problem(412, "tus-version");
    site.request(Method::PATCH, &url, &[TUS, ("content-type", "text/plain"), ("upload-offset", "0")], Some(b"x"))
        .check_problem(415, "unsupported-media-type");
    site.request(Method::PATCH, &url, &[TUS, PART], Some(b"x")).check_problem(400, "bad-request");
    assert_eq!(append(&site, &url, 0, b"hello ", &[]).status, 204);
    for lie in [0, 5, 7, 20, 21, u64::MAX] {
        assert!(append(&site, &url, lie, b"x", &[]).check_problem(409, "upload-offset").contains("6 bytes"), "{lie}");
    }
    append(&site, &url, 6, b"much more than was said", &[]).check_problem(413, "upload-too-long");
    assert_eq!(offset(&site, &url), 6);
    append(&site, &url, 6, b"world", &[("upload-checksum", "md5 AAAA")]).check_problem(400, "bad-request");
    append(&site, &url, 6, b"world", &[("upload-checksum", "sha1 AAAAAAAAAAAAAAAAAAAAAAAAAAA=")]).check_problem(460, "checksum-mismatch");
    assert_eq!(offset(&site, &url), 6, "what is not as it should be is not kept");
    let right = append(&site, &url, 6, b"world", &[("upload-checksum", "sha1 fCEUM/AgcVl3Qeb/Wo6jR4mrv0M=")]);
    assert_eq!(right.status, 204, "{right:?}");
    append(&site, "/api/v1/admin/media/uploads/019aa000-0000-7000-8000-000000000000", 0, b"x", &[]).check_problem(404, "upload-not-found");

    // A program is not taken, and nothing of it stays.
    let program = begun(&site, 20_000, "tool.txt");
    let mut content = b"\x7fELF\x02\x01\x01".to_vec();
    content.resize(20_000, 0);
    append(&site, &program, 0, &content[..10_000], &[]).check_problem(415, "unsupported-media-type");
    site.get(&program).check_problem(404, "upload-not-found");
    assert_eq!(site.delete(&url).status, 412, "termination speaks tus, too");
    assert_eq!(site.request(Method::DELETE, &url, &[TUS], None).status, 204);
    site.get(&url).check_problem(404, "upload-not-found");
    assert_eq!(site.media_files(), Vec::<std::path::PathBuf>::new());
}

#[test]
fn an_upload_belongs_to_who_began_it() {
    let mut site = Site::signed_in();
    let url = begun(&site, 10, "a.txt");
    add_account(&site, "bo@example.com", Role::Editor);
    add_account(&site, "cy@example.com", Role::Viewer);
    site.agent = agent();
    site.get(&url).check_problem(401, "not-signed-in");
    sign_in(&site, "cy@example.com");
    create(&site, 10, "x").check_problem(403, "role-too-low");
    site.agent = agent();
    sign_in(&site, "bo@example.com");
    site.get(&url).check_problem(404, "upload-not-found");
    append(&site, &url, 0, b"x", &[]).check_problem(404, "upload-not-found");
    site.request(Method::DELETE, &url, &[TUS], None).check_problem(404, "upload-not-found");
    for _ in 0..20 {
        begun(&site, 10, "a.txt");
    }
    create(&site, 10, "a.txt").check_problem(409, "too-many-uploads");
    assert_eq!(site.media_files().len(), 21);
}

#[test]
fn the_quota_counts_what_is_coming() {
    let site = Site::with(&[("MAGNETIQ__MEDIA__QUOTA_BYTES", "100000")]);
    site.sign_in();
    let url = begun(&site, 60_000, "a.txt");
    assert!(create(&site, 40_001, "b.txt").check_problem(507, "media-quota").contains("39 KiB"));
    site.upload("b.txt", &[b'b'; 40_001]).check_problem(507, "media-quota");
    assert_eq!(site.request(Method::DELETE, &url, &[TUS], None).status, 204);
    std::thread::scope(|scope| {
        let threads: Vec<_> = (0..8).map(|_| scope.spawn(|| create(&site, 30_000, "x.txt").status)).collect();
        let mut answers: Vec<u16> = threads.into_iter().map(|thread| thread.join().unwrap()).collect();
        answers.sort_unstable();
        assert_eq!(answers, [[201; 3].as_slice(), &[507; 5]].concat());
    });
    // Nobody goes on with them: the room is free again.
    site.pass_time(25 * 3600);
    site.sign_in();
    for _ in 0..3000 {
        if site.media_files().is_empty() {
            break;
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    assert_eq!(site.media_files(), Vec::<std::path::PathBuf>::new());
    assert_eq!(site.get("/api/v1/admin/media/summary").json()["left_bytes"], 100_000);
}

#[test]
fn what_was_cut_off_goes_on() {
    let site = Site::start();
    let login = site.post("/api/v1/auth/login", &json!({ "email": EMAIL, "password": PASSWORD }));
    let cookie = login.header("set-cookie").split(';').next().unwrap().to_owned();
    let content = text(20_000_000);
    let url = begun(&site, 20_000_000, "large.txt");
    let mut stream = TcpStream::connect(site.address).unwrap();
    write!(
        stream,
        "PATCH {url} HTTP/1.1\r\nHost: {}\r\nCookie: {cookie}\r\nTus-Resumable: 1.0.0\r\nUpload-Offset: 0\r\n\
         Content-Type: application/offset+octet-stream\r\nContent-Length: 20000000\r\n\r\n",
        site.address
    )
    .unwrap();
    stream.write_all(&content[..9_000_000]).unwrap();
    // A part is coming: nobody else may send one, and the first checkpoint can be seen.
    for _ in 0..1500 {
        if offset(&site, &url) > 0 {
            break;
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    append(&site, &url, offset(&site, &url), b"x", &[]).check_problem(423, "upload-locked");
    stream.shutdown(std::net::Shutdown::Both).unwrap();
    drop(stream);
    let mut at = 0;
    for _ in 0..1500 {
        at = offset(&site, &url);
        if at == 9_000_000 {
            break;
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    assert_eq!(at, 9_000_000, "what came is kept");

    // A kill leaves more in the file than the database knows; and files of uploads that nobody knows.
    let file = site.media_files().remove(0);
    let stranger = file.with_file_name("019aa000-0000-7000-8000-000000000000");
    let site = site.restarted_after(&[], |_| {
        std::fs::OpenOptions::new().append(true).open(&file).unwrap().write_all(b"bytes of nobody knows what").unwrap();
        std::fs::write(&stranger, "left").unwrap();
    });
    assert_eq!(offset(&site, &url), 9_000_000);
    let answer = append(&site, &url, 9_000_000, &content[9_000_000..], &[]);
    assert_eq!(answer.status, 204, "{answer:?}");
    let media = site.get(answer.header("content-location")).json();
    assert_eq!(site.get(media["url"].as_str().unwrap()).body, content);
    for _ in 0..3000 {
        if !stranger.exists() {
            break;
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    assert_eq!(site.media_files().len(), 1, "{:?}", site.media_files());
}

#[test]
fn a_kill_while_it_is_put_in_its_place_is_carried_out() {
    let site = Site::signed_in();
    let (whole, moved, lost) = (begun(&site, 6, "whole.txt"), begun(&site, 5, "moved.txt"), begun(&site, 4, "lost.txt"));
    let id = |url: &str| url.rsplit('/').next().unwrap().to_owned();
    let sha256 = "486ea46224d1bb4fb680f34f7c9ad96a8f24ec88be73ea8e5a6c65260e9cb8a7"; // of "world"
    let (of_whole, of_moved) = (id(&whole), id(&moved));
    site.store
        .write(move |tx| {
            tx.execute("UPDATE media_upload SET offset_bytes = size_bytes WHERE id = ?", [of_whole])?;
            Ok(tx.execute("UPDATE media_upload SET offset_bytes = size_bytes, sha256 = ?2 WHERE id = ?1", [of_moved.as_str(), sha256])?)
        })
        .wait()
        .unwrap();
    let site = site.restarted_after(&[], |folder| {
        let uploads = folder.join("media/uploads");
        std::fs::write(uploads.join(id(&whole)), "hello!").unwrap();
        std::fs::remove_file(uploads.join(id(&moved))).unwrap();
        std::fs::remove_file(uploads.join(id(&lost))).unwrap();
        std::fs::create_dir_all(folder.join("media").join(&sha256[..2])).unwrap();
        std::fs::write(folder.join("media").join(&sha256[..2]).join(&sha256[2..]), "world").unwrap();
    });
    let names = || -> Vec<Value> {
        site.get("/api/v1/admin/media").json()["items"].as_array().unwrap().iter().map(|item| item["name"].clone()).collect()
    };
    for _ in 0..1000 {
        if names().len() == 2 {
            break;
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    assert_eq!(names().len(), 2, "{:?}", names());
    assert_eq!(site.get(&whole).json()["media"]["name"], "whole.txt");
    assert_eq!(site.get(&moved).json()["media"]["name"], "moved.txt");
    site.get(&lost).check_problem(404, "upload-not-found");
    assert_eq!(site.media_files().len(), 2, "{:?}", site.media_files());
}
