use std::{
    io::{Read, Write},
    net::TcpStream,
    time::Duration,
};

use serde_json::json;
use ureq::http::Method;

use crate::site::{EMAIL, PASSWORD, Site, etag};

/// One red pixel.
pub(crate) const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\x02\0\0\0\x90wS\xde\0\0\0\x0cIDATx\x9cc\xf8\xcf\xc0\0\0\x03\x01\x01\0\xc9\xfe\x92\xef\0\0\0\0IEND\xaeB`\x82";

#[test]
fn a_picture_comes_and_is_served() {
    let site = Site::signed_in();
    let answer = site.upload("Mein Foto.exe", PNG);
    assert_eq!(answer.status, 201, "{answer:?}");
    let media = answer.json();
    assert_eq!((&media["media_type"], &media["width"], &media["name"]), (&json!("image/png"), &json!(1), &json!("Mein-Foto.exe")));
    let again = site.upload("other.png", PNG);
    assert_eq!((again.status, &again.json()["id"]), (200, &media["id"]));
    assert_eq!(site.media_files().len(), 1);

    let url = media["url"].as_str().unwrap();
    let file = site.get(url);
    assert_eq!(file.body, PNG);
    assert_eq!(file.header("content-type"), "image/png");
    assert!(file.header("cache-control").contains("immutable"));
    assert!(file.header("content-security-policy").contains("sandbox"));
    let range = site.request(Method::GET, url, &[("range", "bytes=1-3")], None);
    assert_eq!(
        (range.status, range.text().as_str(), range.header("content-range")),
        (206, "PNG", format!("bytes 1-3/{}", PNG.len()).as_str())
    );
    let fresh = site.request(Method::GET, url, &[("if-none-match", file.header("etag"))], None);
    assert_eq!(fresh.status, 304);
    let beyond = site.request(Method::GET, url, &[("range", "bytes=900-")], None);
    beyond.check_problem(416, "range-not-satisfiable");
    site.get(&format!("/media/{}/x.png", "0".repeat(64))).check_problem(404, "media-not-found");
    site.get("/media/..%2f..%2fetc/passwd").check_problem(404, "media-not-found");
}

#[test]
fn what_could_run_a_script_can_not() {
    let site = Site::signed_in();
    let svg = site.upload("x.png", b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>").json();
    let html = site.upload("x.txt", b"<!doctype html><script>alert(1)</script>").json();
    assert_eq!((&svg["media_type"], &html["media_type"]), (&json!("image/svg+xml"), &json!("text/html")));
    for media in [svg, html] {
        let file = site.get(media["url"].as_str().unwrap());
        let policy = file.header("content-security-policy");
        assert!(policy.starts_with("default-src 'none'") && policy.contains("sandbox") && !policy.contains("allow-scripts"), "{policy}");
        assert_eq!(file.header("x-content-type-options"), "nosniff");
        let in_place = file.header("content-disposition").starts_with("inline");
        assert_eq!(in_place, media["media_type"] == "image/svg+xml");
    }
}

#[test]
fn bad_uploads_are_told_and_leave_nothing() {
    let site = Site::with(&[("MAGNETIQ__MEDIA__UPLOAD_LIMIT_BYTES", "100000")]);
    site.sign_in();
    let detail = site.upload("big.txt", &vec![b'x'; 200_000]).check_problem(413, "upload-too-large");
    assert!(detail.contains("97 KiB"), "{detail}");
    site.upload("x.exe", b"MZ\x90\0\x03\0\0\0\x04\0\0\0\xff\xff\0\0").check_problem(415, "unsupported-media-type");
    site.upload("empty.txt", b"").check_problem(415, "unsupported-media-type");
    let form = ("content-type", "multipart/form-data; boundary=edge");
    site.request(Method::POST, "/api/v1/admin/media", &[form], Some(b"--edge--\r\n")).check_problem(400, "bad-request");
    site.request(Method::POST, "/api/v1/admin/media", &[("content-type", "text/plain")], Some(b"x")).check_problem(400, "bad-request");
    let cut_off = b"--edge\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a\"\r\n\r\nhalf";
    site.request(Method::POST, "/api/v1/admin/media", &[form], Some(cut_off)).check_problem(400, "bad-request");
    assert_eq!(site.media_files(), Vec::<std::path::PathBuf>::new());
}

#[test]
fn an_upload_whose_client_goes_away_leaves_nothing() {
    let site = Site::start();
    let login = site.post("/api/v1/auth/login", &json!({ "email": EMAIL, "password": PASSWORD }));
    let cookie = login.header("set-cookie").split(';').next().unwrap();
    let mut stream = TcpStream::connect(site.address).unwrap();
    write!(
        stream,
        "POST /api/v1/admin/media HTTP/1.1\r\nHost: {}\r\nCookie: {cookie}\r\nContent-Type: multipart/form-data; boundary=edge\r\n\
         Content-Length: 10000000\r\n\r\n--edge\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.txt\"\r\n\r\n",
        site.address
    )
    .unwrap();
    stream.write_all(&vec![b'x'; 1_000_000]).unwrap();
    let wait_for = |n: usize| {
        for _ in 0..500 {
            if site.media_files().len() == n {
                return;
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        panic!("{:?}", site.media_files());
    };
    wait_for(1);
    stream.shutdown(std::net::Shutdown::Both).unwrap();
    let _ = stream.read(&mut [0; 1]);
    wait_for(0);
}

#[test]
fn a_file_in_use_stays() {
    let site = Site::signed_in();
    let media = site.upload("a.png", PNG).json();
    let page = site.create_page("Gallery", &format!("![x]({})", media["url"].as_str().unwrap()));
    let path = format!("/api/v1/admin/media/{}", media["id"].as_str().unwrap());
    let detail = site.request(Method::DELETE, &path, &[], None).check_problem(409, "media-in-use");
    assert!(detail.contains("Gallery"), "{detail}");
    let page_path = format!("/api/v1/admin/pages/{}", page["id"].as_str().unwrap());
    assert_eq!(site.request(Method::DELETE, &page_path, &[("if-match", &etag(&page))], None).status, 204);
    assert!(site.delete(&path).check_problem(409, "media-in-use").contains("(in the trash)"));
    let trashed = format!("/api/v1/admin/trash/{}", page["id"].as_str().unwrap());
    assert_eq!(site.delete(&trashed).status, 204);
    assert_eq!(site.request(Method::DELETE, &path, &[], None).status, 204);
    site.get(media["url"].as_str().unwrap()).check_problem(404, "media-not-found");
    assert!(site.media_files().is_empty());
    site.request(Method::DELETE, &path, &[], None).check_problem(404, "media-not-found");
}

#[test]
fn the_library_is_listed_and_searched() {
    let site = Site::signed_in();
    for name in ["apple.txt", "Pear.txt", "100%.txt"] {
        site.pass_time(1);
        assert_eq!(site.upload(name, name.as_bytes()).status, 201);
    }
    let names = |query: &str| {
        let list = site.get(&format!("/api/v1/admin/media?{query}")).json();
        list["items"].as_array().unwrap().iter().map(|item| item["name"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(names(""), ["100-.txt", "Pear.txt", "apple.txt"]);
    assert_eq!(names("q=PEA"), ["Pear.txt"]);
    assert_eq!(names("q=%25"), ["100-.txt"], "the original name is looked at, too");
    assert_eq!(names("q=_"), Vec::<String>::new(), "no wildcards");
}
