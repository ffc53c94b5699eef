//! What people say of files, where they are shown, what replaces them, and how much room there is.

use serde_json::{Value, json};
use ureq::http::Method;

use crate::{
    roles::{add_account, sign_in},
    site::{Site, agent, etag},
};
use magnetiq_api::Role;

/// The head of a PNG of this size: enough to know what it is, and nothing can be made of it.
pub(crate) fn png_head(width: u32, height: u32) -> Vec<u8> {
    let mut png = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".to_vec();
    png.extend(width.to_be_bytes());
    png.extend(height.to_be_bytes());
    png.extend(b"\x08\x02\0\0\0\0\0\0\0");
    png
}

fn path(media: &Value) -> String {
    format!("/api/v1/admin/media/{}", media["id"].as_str().unwrap())
}

fn change(name: &str, alt: &str, tags: &[&str]) -> Value {
    json!({ "name": name, "alt": alt, "tags": tags, "focal_point": { "x": 0.25, "y": 1 } })
}

fn names(site: &Site, query: &str) -> Vec<String> {
    let list = site.get(&format!("/api/v1/admin/media?{query}")).json();
    list["items"].as_array().unwrap().iter().map(|item| item["name"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn what_people_say_of_a_file_is_kept() {
    let site = Site::signed_in();
    let uploaded = site.upload("Mein Büro (1).PNG", &png_head(300, 200)).json();
    assert_eq!((&uploaded["original_name"], &uploaded["duplicate"]), (&json!("Mein Büro (1).PNG"), &json!(false)));
    assert_eq!((&uploaded["uploaded_by"], &uploaded["alt"], &uploaded["revision"]), (&json!("Ana"), &json!(""), &json!(1)));
    let again = site.upload("x.png", &png_head(300, 200));
    assert_eq!((again.status, &again.json()["duplicate"], &again.json()["id"]), (200, &json!(true), &uploaded["id"]));

    site.pass_time(5);
    let wanted = change("our office.png", " The office, from the street ", &["Team", "office", "team"]);
    let answer = site.put(&path(&uploaded), &etag(&uploaded), &wanted);
    let changed = answer.json();
    assert_eq!((answer.status, answer.header("etag")), (200, "\"2\""), "{changed}");
    assert_eq!((&changed["name"], &changed["alt"]), (&json!("our-office.png"), &json!("The office, from the street")));
    assert_eq!((&changed["tags"], &changed["focal_point"]), (&json!(["office", "team"]), &json!({ "x": 0.25, "y": 1.0 })));
    assert_eq!(changed["original_name"], uploaded["original_name"]);
    assert_ne!(changed["updated_at"], changed["created_at"]);
    assert!(changed["url"].as_str().unwrap().ends_with("/our-office.png"));
    assert_eq!(site.get(uploaded["url"].as_str().unwrap()).status, 200, "the name in an address is for people");
    assert_eq!(site.put(&path(&uploaded), "\"2\"", &wanted).json()["revision"], 2, "a change of nothing is none");

    site.put(&path(&uploaded), "\"1\"", &wanted).check_problem(412, "precondition-failed");
    let unconditional = site.request(Method::PUT, &path(&uploaded), &[("content-type", "application/json")], Some(b"{}"));
    assert!([400, 428].contains(&unconditional.status), "{unconditional:?}");
    let wrong = json!({ "name": " ", "alt": "x".repeat(1001), "tags": ["a,b"], "focal_point": { "x": -0.1, "y": 1.1 } });
    let invalid = site.put(&path(&uploaded), "\"2\"", &wrong);
    invalid.check_problem(422, "invalid");
    let pointers: Vec<Value> = invalid.json()["errors"].as_array().unwrap().iter().map(|error| error["pointer"].clone()).collect();
    assert_eq!(pointers, ["/tags/0", "/name", "/alt", "/focal_point/x", "/focal_point/y"]);

    let audit = site.get("/api/v1/admin/audit").json();
    let actions: Vec<_> = audit["items"].as_array().unwrap().iter().map(|entry| entry["action"].as_str().unwrap()).collect();
    assert_eq!(actions.iter().filter(|action| action.starts_with("media.")).collect::<Vec<_>>(), [&"media.update", &"media.create"]);
    let stale = site.request(Method::DELETE, &path(&uploaded), &[("if-match", "\"1\"")], None);
    stale.check_problem(412, "precondition-failed");
    assert_eq!(site.request(Method::DELETE, &path(&uploaded), &[("if-match", "\"2\"")], None).status, 204);
}

#[test]
fn names_that_play_tricks_are_only_names() {
    let site = Site::signed_in();
    for (index, (name, clean, original)) in [
        ("../../etc/passwd", "passwd", "passwd"),
        ("a<img src=x onerror=alert(1)>.txt", "a-img-src-x-onerror-alert-1-.txt", "a<img src=x onerror=alert(1)>.txt"),
        ("....", "file", "...."),
        ("CON", "CON", "CON"),
        ("foto\u{202e}gpj.exe", "fotogpj.exe", "fotogpj.exe"),
        (&"x".repeat(5000), &"x".repeat(89), &"x".repeat(255)),
    ]
    .into_iter()
    .enumerate()
    {
        let media = site.upload(name, format!("text {index}").as_bytes()).json();
        assert_eq!((&media["name"], &media["original_name"]), (&json!(clean), &json!(original)), "{name}");
        assert_eq!(site.get(media["url"].as_str().unwrap()).text(), format!("text {index}"));
    }
    let folder = site.folder.path().join("media");
    assert!(site.media_files().iter().all(|file| file.starts_with(&folder)), "{:?}", site.media_files());
}

#[test]
fn the_library_is_filtered_and_counted() {
    let site = Site::signed_in();
    let mut files = Vec::new();
    for (name, content) in
        [("a.txt", b"text".to_vec()), ("b.png", png_head(10, 10)), ("c.mp4", b"\0\0\0\x20ftypisom\0\0\x02\0isomiso2".to_vec())]
    {
        site.pass_time(1);
        files.push(site.upload(name, &content).json());
    }
    let (text, picture) = (&files[0], &files[1]);
    site.put(&path(picture), &etag(picture), &change("b.png", "A quiet lake in Österreich", &["nature", "Über uns"]));
    let page = site.create_page("Gallery", &format!("![x]({})", picture["url"].as_str().unwrap()));
    assert_eq!(names(&site, "kind=picture"), ["b.png"]);
    assert_eq!(names(&site, "kind=video"), ["c.mp4"]);
    assert_eq!(names(&site, "kind=audio"), Vec::<String>::new());
    assert_eq!(names(&site, "kind=document"), ["a.txt"]);
    assert_eq!(names(&site, "tag=nature"), ["b.png"]);
    assert_eq!(names(&site, "q=LAKE"), ["b.png"]);
    assert_eq!(names(&site, "q=natu"), ["b.png"]);
    assert_eq!(names(&site, "q=%C3%B6STERREICH"), ["b.png"], "capitals of all letters");
    assert_eq!(names(&site, "q=%C3%9CBER"), ["b.png"]);
    assert_eq!(names(&site, "tag=%20Nature"), ["b.png"], "as people write it");
    assert_eq!(names(&site, "limit=1"), ["c.mp4"]);
    assert_eq!(names(&site, "unused=true"), ["c.mp4", "a.txt"]);
    assert_eq!(names(&site, "unused=false"), ["b.png"]);
    site.get("/api/v1/admin/media?kind=nonsense").check_problem(400, "bad-request");

    let summary = site.get("/api/v1/admin/media/summary").json();
    assert_eq!((&summary["files"], &summary["unused_files"]), (&json!(3), &json!(2)));
    assert_eq!((&summary["quota_bytes"], &summary["left_bytes"]), (&Value::Null, &Value::Null));
    assert_eq!(summary["tags"], json!([{ "tag": "nature", "files": 1 }, { "tag": "über uns", "files": 1 }]));

    let answer = site.get(&path(picture));
    let shown = answer.json();
    assert_eq!((answer.header("etag"), &shown["pages"]), ("\"2\"", &json!(1)));
    let of_page = json!([{ "id": page["id"], "title": "Gallery", "slug": "gallery", "status": "draft", "in_trash": false }]);
    assert_eq!(shown["used_by"], of_page);
    let page_path = format!("/api/v1/admin/pages/{}", page["id"].as_str().unwrap());
    assert_eq!(site.request(Method::DELETE, &page_path, &[("if-match", "*")], None).status, 204);
    let shown = site.get(&path(picture)).json();
    assert_eq!((&shown["used_by"][0]["in_trash"], &shown["used_by"][0]["slug"]), (&json!(true), &json!("gallery")));
    assert_eq!(site.get(&path(text)).json()["used_by"], json!([]));
}

#[test]
fn a_viewer_looks_and_does_not_touch() {
    let mut site = Site::signed_in();
    let media = site.upload("a.txt", b"text").json();
    add_account(&site, "cy@example.com", Role::Viewer);
    site.agent = agent();
    sign_in(&site, "cy@example.com");
    assert_eq!(site.get(&path(&media)).status, 200);
    assert_eq!(site.get("/api/v1/admin/media/summary").status, 200);
    site.put(&path(&media), "*", &change("b.txt", "", &[])).check_problem(403, "role-too-low");
    site.send_file(Method::PUT, &format!("{}/content", path(&media)), &[("if-match", "*")], "b.txt", b"other")
        .check_problem(403, "role-too-low");
}

#[test]
fn a_replaced_file_is_replaced_everywhere() {
    let site = Site::signed_in();
    let first = site.upload("logo.png", &png_head(10, 10)).json();
    let other = site.upload("other.png", &png_head(20, 20)).json();
    let text = site.upload("a.txt", b"text").json();
    let page = site.create_page("Home", &format!("![logo]({})", first["url"].as_str().unwrap()));
    site.publish(&page);
    let shown = |site: &Site| site.get("/api/v1/pages/home");
    let before = shown(&site);
    let html = before.json()["html"].as_str().unwrap().to_owned();
    assert!(html.contains("width=\"10\" height=\"10\""), "{html}");

    let content = format!("{}/content", path(&first));
    let replace =
        |seen: &str, name: &str, content_bytes: &[u8]| site.send_file(Method::PUT, &content, &[("if-match", seen)], name, content_bytes);
    site.send_file(Method::PUT, &content, &[], "x.png", &png_head(1, 1)).check_problem(428, "precondition-required");
    replace("\"9\"", "x.png", &png_head(1, 1)).check_problem(412, "precondition-failed");
    replace("\"1\"", "x.txt", b"no picture").check_problem(415, "unsupported-media-type");
    assert!(replace("\"1\"", "x.png", &png_head(20, 20)).check_problem(409, "media-exists").contains("other.png"));
    assert_eq!(replace("\"1\"", "same.png", &png_head(10, 10)).json()["revision"], 1, "the same content is no change");
    let answer = replace("\"1\"", "Logo neu.png", &png_head(30, 40));
    let second = answer.json();
    assert_eq!((answer.status, &second["id"], &second["revision"]), (200, &first["id"], &json!(2)), "{second}");
    assert_eq!((&second["name"], &second["original_name"], &second["width"]), (&json!("logo.png"), &json!("Logo neu.png"), &json!(30)));
    assert_ne!(second["url"], first["url"]);

    let after = shown(&site);
    let html = after.json()["html"].as_str().unwrap().to_owned();
    assert!(html.contains(second["url"].as_str().unwrap()) && html.contains("width=\"30\" height=\"40\""), "{html}");
    assert_ne!(before.header("etag"), after.header("etag"), "visitors hear of it");
    let led = site.get(first["url"].as_str().unwrap());
    assert_eq!((led.status, led.header("location")), (302, second["url"].as_str().unwrap()));
    assert!(!led.header("cache-control").contains("immutable"));
    assert_eq!(site.get(second["url"].as_str().unwrap()).status, 200);
    assert_eq!(site.media_files().len(), 3, "the former content is gone: {:?}", site.media_files());

    // Its address is taken for good, and a text that names it still uses the file.
    assert!(site.upload("old.png", &png_head(10, 10)).check_problem(409, "media-replaced").contains("logo.png"));
    let content_of_other = format!("{}/content", path(&other));
    site.send_file(Method::PUT, &content_of_other, &[("if-match", "*")], "x.png", &png_head(10, 10)).check_problem(409, "media-replaced");
    site.create_page("Late", &format!("![logo]({})", first["url"].as_str().unwrap()));
    assert_eq!(site.get(&path(&first)).json()["used_by"].as_array().unwrap().len(), 2);
    let back = replace("\"2\"", "back.png", &png_head(10, 10)).json();
    assert_eq!((&back["url"], &back["revision"]), (&first["url"], &json!(3)));
    assert_eq!(site.get(second["url"].as_str().unwrap()).header("location"), first["url"].as_str().unwrap());
    assert_eq!(site.delete(&path(&text)).status, 204);
}

#[test]
fn the_quota_holds() {
    let site = Site::with(&[("MAGNETIQ__MEDIA__QUOTA_BYTES", "100000")]);
    site.sign_in();
    let first = site.upload("a.txt", &[b'a'; 60_000]).json();
    let summary = site.get("/api/v1/admin/media/summary").json();
    assert_eq!((&summary["quota_bytes"], &summary["left_bytes"]), (&json!(100_000), &json!(40_000)));
    let detail = site.upload("b.txt", &[b'b'; 40_001]).check_problem(507, "media-quota");
    assert!(detail.contains("97 KiB") && detail.contains("39 KiB"), "{detail}");
    let content = format!("{}/content", path(&first));
    site.send_file(Method::PUT, &content, &[("if-match", "*")], "a.txt", &[b'c'; 100_001]).check_problem(507, "media-quota");
    assert_eq!(site.media_files().len(), 1, "what has no room leaves nothing");
    assert_eq!(site.upload("a.txt", &[b'a'; 60_000]).status, 200, "what is here takes no room");
    // Many at once: together they would not fit, each alone would.
    std::thread::scope(|scope| {
        let threads: Vec<_> = (0..8_u8)
            .map(|n| {
                scope.spawn({
                    let site = &site;
                    move || site.upload("x.txt", &[b'0' + n; 30_000]).status
                })
            })
            .collect();
        let mut answers: Vec<u16> = threads.into_iter().map(|thread| thread.join().unwrap()).collect();
        answers.sort_unstable();
        assert_eq!(answers, [[201].as_slice(), &[507; 7]].concat());
    });
    assert_eq!(site.get("/api/v1/admin/media/summary").json()["left_bytes"], 10_000);
    assert_eq!(site.delete(&path(&first)).status, 204);
    assert_eq!(site.upload("b.txt", &[b'b'; 60_000]).status, 201, "deleting makes room");
}

#[test]
fn what_the_site_shows_beside_its_pages_is_used() {
    let site = Site::signed_in();
    let files = ["logo", "prices", "terms", "guide", "nothing"].map(|name| {
        site.pass_time(1);
        site.upload(&format!("{name}.txt"), name.as_bytes()).json()
    });
    let [logo, prices, terms, guide, nothing] = &files;
    let url = |media: &Value| media["url"].as_str().unwrap().to_owned();
    let items = json!([{ "label": "More", "items": [
        { "label": "Prices", "url": url(prices) }, { "label": "Terms", "url": format!("https://example.com{}", url(terms)) },
    ] }]);
    let menu = site.post("/api/v1/admin/menus", &json!({ "name": "main", "items": items })).json();
    let form = json!({
        "slug": "guide", "title": "Guide", "kind": "download", "notify": [], "double_opt_in": false, "thanks": "", "link": url(guide),
        "kept_days": 1, "open": true, "fields": [{ "name": "email", "label": "E-mail", "kind": "email" }],
    });
    assert_eq!(site.post("/api/v1/admin/forms", &form).status, 201);
    let site = site.restarted_after(&[("MAGNETIQ__SITE__LOGO", &url(logo))], |_| {});
    // By its former address, too.
    assert_eq!(site.send_file(Method::PUT, &format!("{}/content", path(logo)), &[("if-match", "\"1\"")], "new.txt", b"new").status, 200);
    assert_eq!(names(&site, "unused=true"), ["nothing.txt"]);
    assert_eq!(names(&site, "unused=false"), ["guide.txt", "terms.txt", "prices.txt", "logo.txt"]);
    assert_eq!(site.get("/api/v1/admin/media/summary").json()["unused_files"], 1);
    for (media, place) in [(logo, "site.logo"), (prices, "menu main"), (terms, "menu main"), (guide, "form Guide")] {
        let shown = site.get(&path(media)).json();
        assert_eq!((&shown["used_by"], &shown["used_beside"]), (&json!([]), &json!([place])));
        assert!(site.delete(&path(media)).check_problem(409, "media-in-use").contains(place));
    }
    assert_eq!(site.get(&path(nothing)).json()["used_beside"], json!([]));
    assert_eq!(site.delete(&format!("/api/v1/admin/menus/{}", menu["id"].as_str().unwrap())).status, 204);
    assert_eq!(site.delete(&path(prices)).status, 204);
}

#[test]
fn a_file_that_comes_after_its_page_is_shown_by_it() {
    let site = Site::signed_in();
    let files = ["a", "b"].map(|name| site.upload(&format!("{name}.txt"), name.as_bytes()).json());
    for media in &files {
        assert_eq!(site.delete(&path(media)).status, 204);
    }
    let body = |media: &Value| format!("[x]({})", media["url"].as_str().unwrap());
    // As a former state that is restored names it: the page itself one, its draft the other.
    let page = site.publish(&site.create_page("Home", &body(&files[0])));
    let page_path = format!("/api/v1/admin/pages/{}", page["id"].as_str().unwrap());
    let draft = json!({ "title": "Home", "slug": "home", "summary": "", "body": body(&files[1]) });
    assert_eq!(site.put(&page_path, &etag(&page), &draft).status, 200);
    for name in ["a", "b"] {
        let again = site.upload(&format!("{name}.txt"), name.as_bytes()).json();
        assert_eq!((&again["duplicate"], &again["pages"]), (&json!(false), &json!(1)), "{again}");
        assert!(site.delete(&path(&again)).check_problem(409, "media-in-use").contains("Home"));
    }
    // What is no longer named is no longer waited for.
    let other = site.upload("c.txt", b"c").json();
    assert_eq!(site.delete(&path(&other)).status, 204);
    let page = site.create_page("Other", &body(&other));
    let page_path = format!("/api/v1/admin/pages/{}", page["id"].as_str().unwrap());
    assert_eq!(site.put(&page_path, &etag(&page), &json!({ "title": "Other", "slug": "other", "summary": "", "body": "" })).status, 200);
    assert_eq!(site.upload("c.txt", b"c").json()["pages"], 0);
}
