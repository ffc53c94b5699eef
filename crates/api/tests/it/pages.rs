use serde_json::{Value, json};
use ureq::http::Method;

use crate::{
    media::PNG,
    site::{Site, etag},
};

fn admin_path(page: &Value) -> String {
    format!("/api/v1/admin/pages/{}", page["id"].as_str().unwrap())
}

fn change(title: &str, slug: &str, body: &str) -> Value {
    json!({ "title": title, "slug": slug, "summary": "", "body": body })
}

#[test]
fn the_life_of_a_page() {
    let site = Site::signed_in();
    let page = site.create_page("Über uns", "# Hi\n\n**bold** <script>alert(1)</script>");
    assert_eq!((&page["slug"], &page["status"], &page["author"]), (&json!("uber-uns"), &json!("draft"), &json!("Ana")));
    site.get("/api/v1/pages/uber-uns").check_problem(404, "page-not-found");

    let published = site.publish(&page);
    let read = site.get("/api/v1/pages/uber-uns");
    assert_eq!(read.status, 200);
    assert!(read.json()["html"].as_str().unwrap().contains("<strong>bold</strong>"));
    assert!(!read.text().contains("<script") && !read.text().contains("alert"), "{}", read.text());
    let fresh = site.request(Method::GET, "/api/v1/pages/uber-uns", &[("if-none-match", read.header("etag"))], None);
    assert_eq!((fresh.status, fresh.body.len()), (304, 0));

    site.pass_time(60);
    let edited = site.publish(&site.put(&admin_path(&page), &etag(&published), &change("About", "guides/about", "new")).json());
    assert_eq!(edited["published_at"], published["published_at"]);
    assert_ne!(edited["updated_at"], published["updated_at"]);
    assert_eq!(site.get("/api/v1/pages/uber-uns").header("location"), "/api/v1/pages/guides/about");
    let read = site.request(Method::GET, "/api/v1/pages/guides/about", &[("if-none-match", read.header("etag"))], None);
    assert_eq!((read.status, &read.json()["title"]), (200, &json!("About")));

    let hidden = site.request(Method::POST, &format!("{}/unpublish", admin_path(&page)), &[("if-match", &etag(&edited))], None).json();
    site.get("/api/v1/pages/guides/about").check_problem(404, "page-not-found");
    let deleted = site.request(Method::DELETE, &admin_path(&page), &[("if-match", &etag(&hidden))], None);
    assert_eq!(deleted.status, 204);
    site.get(&admin_path(&page)).check_problem(404, "page-not-found");
}

#[test]
fn what_a_new_page_is_answered_as_is_what_is_read() {
    let site = Site::signed_in();
    let picture = site.upload("dot.png", PNG).json();
    let seo = json!({ "title": " For machines ", "description": "", "canonical": "https://example.com/", "noindex": true });
    let body = format!("# Hi\n\n![dot]({})", picture["url"].as_str().unwrap());
    for page in [
        json!({ "title": " Bare " }),
        json!({ "title": "Full", "slug": "guides/full", "summary": " Two words ", "body": body, "tags": ["Über", "about", "about"], "seo": seo }),
    ] {
        let made = site.post("/api/v1/admin/pages", &page);
        assert_eq!(made.status, 201, "{made:?}");
        let read = site.get(&admin_path(&made.json()));
        assert_eq!((made.json(), made.header("etag")), (read.json(), read.header("etag")));
    }
}

#[test]
fn nobodys_change_is_overwritten_unseen() {
    let site = Site::signed_in();
    let page = site.create_page("Page", "one");
    let path = admin_path(&page);
    site.request(Method::PUT, &path, &[("content-type", "application/json")], Some(change("x", "x", "").to_string().as_bytes()))
        .check_problem(428, "precondition-required");
    assert_eq!(site.put(&path, "\"1\"", &change("Page", "page", "two")).status, 200);
    let detail = site.put(&path, "\"1\"", &change("Page", "page", "three")).check_problem(412, "precondition-failed");
    assert!(detail.contains("revision 2"), "{detail}");
    site.request(Method::DELETE, &path, &[("if-match", "\"1\"")], None).check_problem(412, "precondition-failed");
    site.request(Method::POST, &format!("{path}/publish"), &[], None).check_problem(428, "precondition-required");
    site.put(&path, "nonsense", &change("Page", "page", "four")).check_problem(400, "bad-request");
    assert_eq!(site.get(&path).json()["body"], "two");
    assert_eq!(site.put(&path, "*", &change("Page", "page", "five")).status, 200);
}

#[test]
fn bad_fields_are_all_named() {
    let site = Site::signed_in();
    site.create_page("Taken", "");
    let answer = site.post("/api/v1/admin/pages", &json!({ "title": " ", "slug": "Admin Area", "summary": "x".repeat(501) }));
    answer.check_problem(422, "invalid");
    let problem = answer.json();
    let pointers: Vec<&str> = problem["errors"].as_array().unwrap().iter().map(|error| error["pointer"].as_str().unwrap()).collect();
    assert_eq!(pointers, ["/title", "/slug", "/summary"]);
    let taken = site.post("/api/v1/admin/pages", &json!({ "title": "x", "slug": "taken" }));
    taken.check_problem(422, "invalid");
    assert_eq!(taken.json()["errors"][0]["pointer"], "/slug");
}

#[test]
fn bodies_that_are_no_json_are_told() {
    let site = Site::signed_in();
    let post = |body: &[u8]| site.request(Method::POST, "/api/v1/admin/pages", &[("content-type", "application/json")], Some(body));
    let detail = post(b"{\"title\": ").check_problem(400, "bad-request");
    assert!(detail.contains("line 1"), "{detail}");
    let detail = post(br#"{"title": 1}"#).check_problem(400, "bad-request");
    assert!(detail.contains("string"), "{detail}");
    let detail = post(br#"{"titel": "x"}"#).check_problem(400, "bad-request");
    assert!(detail.contains("titel"), "{detail}");
    let huge = format!(r#"{{"title": "x", "body": "{}"}}"#, "x".repeat(2 << 20));
    post(huge.as_bytes()).check_problem(413, "upload-too-large");
    site.get("/api/v1/admin/pages/nonsense").check_problem(404, "not-found");
    site.request(Method::PATCH, "/api/v1/site", &[], Some(b"{}")).check_problem(405, "method-not-allowed");
}

#[test]
fn long_lists_come_in_parts() {
    let site = Site::signed_in();
    for n in 0..25 {
        site.pass_time(i64::from(n % 3 == 0));
        let page = site.create_page(&format!("Page {n}"), "");
        if n % 2 == 0 {
            site.publish(&page);
        }
    }
    let check = |path: &str, expected: usize| {
        let mut seen = Vec::new();
        let mut cursor = String::new();
        loop {
            let list = site.get(&format!("{path}limit=4{cursor}")).json();
            let items = list["items"].as_array().unwrap().clone();
            assert!(items.len() <= 4);
            seen.extend(items.iter().map(|item| item["slug"].as_str().unwrap().to_owned()));
            match list["next_cursor"].as_str() {
                Some(next) => cursor = format!("&cursor={next}"),
                None => break,
            }
        }
        assert_eq!(seen.len(), expected, "{path}");
        seen.sort();
        seen.dedup();
        assert_eq!(seen.len(), expected, "{path}: none twice");
    };
    check("/api/v1/admin/pages?", 25);
    check("/api/v1/admin/pages?status=draft&", 12);
    check("/api/v1/admin/pages?q=page&", 25);
    check("/api/v1/pages?", 13);
    check("/api/v1/pages?q=pag&", 13);
    for query in ["limit=0", "limit=101", "limit=x", "cursor=nonsense"] {
        site.get(&format!("/api/v1/pages?{query}")).check_problem(400, "bad-request");
    }
}

#[test]
fn visitors_find_words_in_published_pages_only() {
    let site = Site::signed_in();
    let page = site.create_page("Geräte", "Die **Sicherung** läuft täglich <b>um</b> zwei & wird geprüft.");
    site.publish(&page);
    site.create_page("Secret", "Sicherung");
    let find = |words: &str| site.get(&format!("/api/v1/pages?q={words}")).json()["items"].as_array().unwrap().clone();
    let found = find("sicher%20taglich");
    assert_eq!(found.len(), 0, "every word but the last must be whole");
    let found = find("sicherung%20tagl");
    assert_eq!(found.len(), 1, "accents don't matter, the last word may be unfinished");
    let excerpt = found[0]["excerpt"].as_str().unwrap();
    assert!(excerpt.contains("<mark>Sicherung</mark>") && excerpt.contains("&amp;") && !excerpt.contains("<b>"), "{excerpt}");
    for words in ["%22", "a%20AND", "NEAR(", "*", "title:x", "%F0%9F%98%80", "-", "%00"] {
        assert_eq!(site.get(&format!("/api/v1/pages?q={words}")).status, 200, "{words}");
    }
    assert_eq!(find("nirgends").len(), 0);
}

#[test]
fn the_preview_is_what_will_be_published() {
    let site = Site::signed_in();
    let body = "## Head\n\n- [x] a\n\n| a |\n|---|\n| b |\n\n<img src=x onerror=alert(1)>";
    let preview = site.post("/api/v1/admin/preview", &json!({ "body": body })).json();
    assert_eq!(preview["html"], site.create_page("Page", body)["html"]);
}

#[test]
fn the_overview_counts() {
    let site = Site::signed_in();
    let page = site.create_page("One", "");
    site.publish(&page);
    site.create_page("Two", "");
    site.upload("a.txt", b"hello");
    let overview = site.get("/api/v1/admin/overview").json();
    assert_eq!(overview["pages"], json!({ "published": 1, "draft": 1 }));
    assert_eq!(overview["media"], json!({ "count": 1, "size_bytes": 5 }));
    assert_eq!(overview["recent"].as_array().unwrap().len(), 2);
}

#[test]
fn another_page_at_the_same_address_is_another_page() {
    let site = Site::signed_in();
    let old = site.publish(&site.create_page("News", "old"));
    let seen = site.get("/api/v1/pages/news").header("etag").to_owned();
    assert_eq!(site.request(Method::DELETE, &admin_path(&old), &[("if-match", &etag(&old))], None).status, 204);
    site.publish(&site.create_page("News", "new"));
    let read = site.request(Method::GET, "/api/v1/pages/news", &[("if-none-match", &seen)], None);
    assert_eq!(read.status, 200);
    assert!(read.text().contains("new"));
}

#[test]
fn a_title_is_one_line() {
    let site = Site::signed_in();
    for title in ["\u{0}abc", "a\nb", "a\u{0}"] {
        site.post("/api/v1/admin/pages", &json!({ "title": title })).check_problem(422, "invalid");
    }
}
