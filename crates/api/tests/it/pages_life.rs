//! What becomes of pages: tags, schedules, the trash, links to read a draft.

use std::time::{Duration, Instant};

use serde_json::{Value, json};
use ureq::http::Method;

use crate::site::{Answer, Site, agent, etag};

fn path(page: &Value) -> String {
    format!("/api/v1/admin/pages/{}", page["id"].as_str().unwrap())
}

fn delete(site: &Site, page: &Value) {
    assert_eq!(site.request(Method::DELETE, &path(page), &[("if-match", &etag(page))], None).status, 204);
}

fn slugs(site: &Site, query: &str) -> Vec<String> {
    let list = site.get(&format!("/api/v1/pages{query}")).json();
    list["items"].as_array().unwrap().iter().map(|page| page["slug"].as_str().unwrap().to_owned()).collect()
}

fn trash(site: &Site) -> Vec<Value> {
    site.get("/api/v1/admin/trash").json()["items"].as_array().unwrap().clone()
}

fn put(site: &Site, page: &Value, change: Value) -> Answer {
    let mut body = json!({ "title": page["title"], "slug": page["slug"], "summary": page["summary"], "body": page["body"] });
    body.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
    site.put(&path(page), &etag(page), &body)
}

fn schedule(site: &Site, page: &Value, publish_at: Option<&str>, unpublish_at: Option<&str>) -> Answer {
    site.put(&format!("{}/schedule", path(page)), &etag(page), &json!({ "publish_at": publish_at, "unpublish_at": unpublish_at }))
}

#[track_caller]
fn until(what: impl Fn() -> bool) {
    let begin = Instant::now();
    while !what() {
        assert!(begin.elapsed() < Duration::from_secs(60));
        std::thread::sleep(Duration::from_millis(50));
    }
}

#[test]
fn a_deleted_page_comes_back() {
    let site = Site::signed_in();
    let page = site.publish(&site.create_page("About us", "text"));
    delete(&site, &page);
    site.get(&path(&page)).check_problem(404, "page-not-found");
    site.get("/api/v1/pages/about-us").check_problem(404, "page-not-found");
    site.put(&path(&page), "*", &json!({ "title": "x", "slug": "x", "summary": "", "body": "" })).check_problem(404, "page-not-found");
    assert_eq!(site.get("/api/v1/admin/pages?q=about").json()["items"], json!([]));
    assert_eq!(site.get("/api/v1/admin/overview").json()["pages"], json!({ "published": 0, "draft": 0 }));
    let trashed = &trash(&site)[0];
    assert_eq!((&trashed["title"], &trashed["slug"]), (&json!("About us"), &json!("about-us")));
    assert_eq!(trashed["gone_at"], "2025-12-23T16:45:00Z");
    // Its address is free, and then taken.
    site.create_page("About us", "another text");
    let back = |wanted: Value| site.restore(&page["id"], &wanted);
    let path_back = format!("/api/v1/admin/trash/{}/restore", page["id"].as_str().unwrap());
    site.post(&path_back, &json!({})).check_problem(428, "precondition-required");
    let stale = [("content-type", "application/json"), ("if-match", &*etag(&page))];
    site.request(Method::POST, &path_back, &stale, Some(b"{}")).check_problem(412, "precondition-failed");
    assert_eq!(back(json!({})).json()["errors"][0]["pointer"], "/slug");
    back(json!({ "slug": "admin/x" })).check_problem(422, "invalid");
    let restored = site
        .request(
            Method::POST,
            &path_back,
            &[("content-type", "application/json"), ("if-match", &etag(trashed))],
            Some(br#"{"slug":"about-them"}"#),
        )
        .json();
    assert_eq!((&restored["status"], &restored["slug"], &restored["body"]), (&json!("draft"), &json!("about-them"), &json!("text")));
    back(json!({})).check_problem(404, "page-not-found");
    assert_eq!(trash(&site), Vec::<Value>::new());
    site.publish(&restored);
    assert_eq!(slugs(&site, ""), ["about-them"]);
}

#[test]
fn the_trash_is_emptied_by_hand_and_by_time() {
    let site = Site::signed_in();
    let (first, second) = (site.create_page("First", "text"), site.create_page("Second", "text"));
    delete(&site, &first);
    delete(&site, &second);
    let purge = format!("/api/v1/admin/trash/{}", first["id"].as_str().unwrap());
    site.request(Method::DELETE, &purge, &[], None).check_problem(428, "precondition-required");
    site.request(Method::DELETE, &purge, &[("if-match", &etag(&first))], None).check_problem(412, "precondition-failed");
    let seen = trash(&site).iter().find(|page| page["id"] == first["id"]).map(etag).unwrap();
    assert_eq!(site.request(Method::DELETE, &purge, &[("if-match", &seen)], None).status, 204);
    site.delete(&purge).check_problem(404, "page-not-found");
    assert_eq!(trash(&site).len(), 1);
    site.pass_time(30 * 24 * 3600);
    site.sign_in();
    until(|| trash(&site).is_empty());
    let last = site.get("/api/v1/admin/audit?action=page.purge").json();
    assert_eq!((&last["items"][0]["via"], &last["items"][1]["via"]), (&json!("server"), &json!("session")));
}

#[test]
fn tags_and_what_search_engines_are_told() {
    let site = Site::signed_in();
    let made = json!({ "title": "Magnets", "body": "text", "tags": [" Guides ", "guides", "Über Uns"] });
    let page = site.post("/api/v1/admin/pages", &made).json();
    assert_eq!(page["tags"], json!(["guides", "über uns"]));
    assert_eq!(site.get("/api/v1/tags").json(), json!([]), "it is not published");
    let page = site.publish(&page);
    let other = site.publish(&site.create_page("Other", "text"));
    assert_eq!(site.get("/api/v1/tags").json(), json!([{ "tag": "guides", "pages": 1 }, { "tag": "über uns", "pages": 1 }]));
    assert_eq!(slugs(&site, "?tag=guides"), ["magnets"]);
    assert_eq!(slugs(&site, "?tag=guides&q=other").len(), 0);
    assert_eq!(site.get("/api/v1/admin/pages?tag=guides").json()["items"].as_array().unwrap().len(), 1);
    let seo = json!({ "title": "All about magnets", "description": "", "canonical": "https://example.com/magnets", "noindex": true });
    let changed = put(&site, &page, json!({ "seo": seo })).json();
    assert_eq!((&changed["tags"], &changed["seo"]), (&page["tags"], &seo), "what is not given stays");
    assert_eq!(changed["revision"].as_i64().unwrap(), page["revision"].as_i64().unwrap() + 1);
    assert_eq!(put(&site, &changed, json!({ "seo": seo })).json()["revision"], changed["revision"], "a change of nothing is none");
    assert_eq!(site.get("/api/v1/pages/magnets").json()["seo"]["noindex"], false, "not published yet");
    site.publish(&changed);
    assert_eq!(site.get("/api/v1/pages/magnets").json()["seo"], seo);
    let sitemap = site.get("/sitemap.xml").text();
    assert!(!sitemap.contains("/magnets") && sitemap.contains("/other"), "{sitemap}");
    assert!(!site.get("/feed.xml").text().contains("/magnets"));
    let unlisted = |path: &str| site.get(path).text().contains(r#"<meta name="robots" content="noindex">"#);
    assert!(unlisted("/magnets") && !unlisted("/other"));
    let wrong = json!({ "tags": ["a,b"], "seo": { "canonical": "javascript:alert(1)" } });
    let errors = put(&site, &other, wrong).json()["errors"].clone();
    assert_eq!((&errors[0]["pointer"], &errors[1]["pointer"]), (&json!("/tags/0"), &json!("/seo/canonical")));
}

#[test]
fn a_page_is_shown_and_hidden_by_itself() {
    let site = Site::signed_in();
    let page = site.create_page("Sale", "text");
    let planned = schedule(&site, &page, Some("2025-11-24T00:00:00Z"), Some("2025-11-25T00:00:00Z")).json();
    assert_eq!((&planned["publish_at"], &planned["status"]), (&json!("2025-11-24T00:00:00Z"), &json!("draft")));
    site.get("/api/v1/pages/sale").check_problem(404, "page-not-found");
    site.pass_time(8 * 3600);
    until(|| site.get("/api/v1/pages/sale").status == 200);
    site.sign_in();
    let shown = site.get(&path(&page)).json();
    assert_eq!((&shown["publish_at"], &shown["unpublish_at"]), (&Value::Null, &json!("2025-11-25T00:00:00Z")));
    site.pass_time(24 * 3600);
    until(|| site.get("/api/v1/pages/sale").status == 404);
    site.sign_in();
    let revisions = site.get(&format!("{}/revisions", path(&page))).json();
    let reasons: Vec<&str> = revisions["items"].as_array().unwrap().iter().map(|row| row["reason"].as_str().unwrap()).collect();
    assert_eq!(reasons[..2], ["unpublished", "published"]);
}

#[test]
fn what_was_due_while_no_server_ran_is_done_at_the_start() {
    let site = Site::signed_in();
    let page = site.create_page("Sale", "text");
    schedule(&site, &page, Some("2025-11-24T00:00:00Z"), Some("2025-11-25T00:00:00Z"));
    site.pass_time(7 * 24 * 3600);
    site.sign_in();
    until(|| site.get(&path(&page)).json()["unpublish_at"].is_null());
    assert_eq!(site.get(&path(&page)).json()["status"], "draft");
}

#[test]
fn a_schedule_that_can_not_be() {
    let site = Site::signed_in();
    let draft = site.create_page("Draft", "text");
    let shown = site.publish(&site.create_page("Shown", "text"));
    let pointer = |page: &Value, publish_at, unpublish_at| {
        let answer = schedule(&site, page, publish_at, unpublish_at);
        answer.check_problem(422, "invalid");
        answer.json()["errors"][0]["pointer"].as_str().unwrap().to_owned()
    };
    let later = Some("2026-01-01T00:00:00Z");
    assert_eq!(pointer(&draft, Some("2020-01-01T00:00:00Z"), None), "/publish_at");
    assert_eq!(pointer(&draft, Some("2099-01-01T00:00:00Z"), None), "/publish_at");
    assert_eq!(pointer(&draft, None, later), "/unpublish_at");
    assert_eq!(pointer(&draft, later, later), "/unpublish_at");
    assert_eq!(pointer(&shown, later, None), "/publish_at");
    assert_eq!(schedule(&site, &shown, None, later).status, 200);
    schedule(&site, &shown, None, later).check_problem(412, "precondition-failed");
    let published = schedule(&site, &draft, later, None).json();
    assert_eq!(site.publish(&published)["publish_at"], Value::Null, "by hand before its time");
}

#[test]
fn many_pages_at_once() {
    let mut site = Site::signed_in();
    let pages: Vec<Value> = (0..3).map(|n| site.create_page(&format!("Page {n}"), "text")).collect();
    let mut ids: Vec<Value> = pages.iter().map(|page| page["id"].clone()).collect();
    ids.push(json!("019aa000-0000-7000-8000-000000000000"));
    let bulk = |action: &str, tag: Option<&str>| -> Vec<bool> {
        let answer = site.post("/api/v1/admin/pages/bulk", &json!({ "action": action, "ids": ids, "tag": tag }));
        assert_eq!(answer.status, 200, "{answer:?}");
        answer.json().as_array().unwrap().iter().map(|result| result["problem"].is_null()).collect()
    };
    for (action, tag) in [
        ("publish", None),
        ("publish", None),
        ("add-tag", Some(" New ")),
        ("remove-tag", Some("other")),
        ("unpublish", None),
        ("delete", None),
    ] {
        assert_eq!(bulk(action, tag), [true, true, true, false], "{action}");
    }
    assert_eq!(bulk("publish", None), [false; 4], "in the trash");
    assert_eq!(bulk("undelete", None), [true, true, true, false]);
    let list = site.get("/api/v1/admin/pages?tag=new").json();
    assert_eq!(list["items"].as_array().unwrap().len(), 3);
    let actions = site.get("/api/v1/admin/audit?action=page&limit=100").json();
    let count = |action: &str| actions["items"].as_array().unwrap().iter().filter(|entry| entry["action"] == action).count();
    assert_eq!((count("page.publish"), count("page.update"), count("page.undelete")), (3, 3, 3));
    site.post("/api/v1/admin/pages/bulk", &json!({ "action": "add-tag", "ids": [pages[0]["id"]] })).check_problem(422, "invalid");
    site.post("/api/v1/admin/pages/bulk", &json!({ "action": "publish", "ids": [] })).check_problem(422, "invalid");

    // Only as they were seen, and from the trash for good.
    let [first, second] = [0, 1].map(|n| site.get(&path(&pages[n])).json());
    let both = |action: &str, revisions: Value| {
        let body = json!({ "action": action, "ids": [first["id"], second["id"]], "revisions": revisions });
        site.post("/api/v1/admin/pages/bulk", &body)
    };
    let done = |answer: &Answer| answer.json().as_array().unwrap().iter().map(|result| result["problem"].is_null()).collect::<Vec<_>>();
    both("publish", json!([1])).check_problem(422, "invalid");
    for action in ["publish", "delete"] {
        assert_eq!(done(&both(action, json!([1, 1]))), [false, false], "{action}");
    }
    assert_eq!(done(&both("delete", json!([first["revision"], 1]))), [true, false]);
    assert_eq!(done(&both("purge", json!([first["revision"], second["revision"]]))), [false, false]);
    let trashed = trash(&site);
    assert_eq!(done(&both("purge", json!([trashed[0]["revision"], second["revision"]]))), [true, false]);
    assert_eq!((trash(&site).len(), site.get(&path(&second)).status), (0, 200));
    site.agent = agent();
    site.post("/api/v1/admin/pages/bulk", &json!({})).check_problem(401, "not-signed-in");
}

#[test]
fn a_draft_is_read_by_a_link() {
    let mut site = Site::signed_in();
    let page = site.create_page("Secret plan", "with **magnets**");
    let link = |hours: u32| site.post(&format!("{}/preview-link", path(&page)), &json!({ "hours": hours }));
    link(0).check_problem(422, "invalid");
    link(721).check_problem(422, "invalid");
    let made = link(2).json();
    assert_eq!(made["until"], "2025-11-23T18:45:00Z");
    let (address, token) = made["url"].as_str().unwrap().split_once('#').unwrap();
    assert!(address.ends_with("/preview"), "{address}");
    let own = std::mem::replace(&mut site.agent, agent());
    let read = |token: &str| site.post("/api/v1/preview", &json!({ "token": token }));
    let preview = read(token);
    assert_eq!((preview.status, preview.header("cache-control"), preview.header("x-robots-tag")), (200, "no-store", "noindex"));
    assert!(preview.json()["html"].as_str().unwrap().contains("<strong>magnets</strong>"));
    let later = token.replacen("176392", "186392", 1);
    for wrong in ["", "x", &later, &format!("{token}0")] {
        read(wrong).check_problem(410, "link-gone");
    }
    site.pass_time(2 * 3600);
    let token = token.to_owned();
    site.post("/api/v1/preview", &json!({ "token": token })).check_problem(410, "link-gone");
    site.agent = own;
}

#[test]
fn what_is_saved_is_found_at_once_however_often_it_changes() {
    let site = Site::signed_in();
    let found = |words: &str| {
        let list = site.get(&format!("/api/v1/admin/pages?q={words}")).json();
        list["items"].as_array().unwrap().iter().map(|page| page["title"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    let change = |page: &Value, title: &str| {
        let etag = format!("\"{}\"", page["revision"]);
        let change = json!({ "slug": page["slug"], "title": title, "summary": "", "body": format!("about {title}") });
        let answer = site.put(&format!("/api/v1/admin/pages/{}", page["id"].as_str().unwrap()), &etag, &change);
        assert_eq!(answer.status, 200, "{answer:?}");
        answer.json()
    };
    let page = site.create_page("Walrus", "text");
    let page = change(&page, "Seal");
    assert_eq!((found("walrus"), found("seal")), (vec![], vec!["Seal".to_owned()]));
    let page = change(&page, "Otter");
    let page = change(&page, "Beaver");
    assert_eq!((found("seal"), found("otter"), found("beaver")), (vec![], vec![], vec!["Beaver".to_owned()]));
    let other = site.create_page("Badger", "text");
    for gone in [&page, &other] {
        let id = gone["id"].as_str().unwrap();
        assert_eq!(site.delete(&format!("/api/v1/admin/pages/{id}")).status, 204);
        assert_eq!(site.delete(&format!("/api/v1/admin/trash/{id}")).status, 204);
    }
    assert_eq!((found("beaver"), found("badger")), (vec![], vec![]));
    for number in 0..450 {
        site.create_page(&format!("Hare {number}"), "text");
    }
    assert_eq!(found("hare").len(), 20);
    // Compares the index with the pages, and fails where they differ.
    let check = site.store.write(|tx| Ok(tx.execute("INSERT INTO page_search (page_search, rank) VALUES ('integrity-check', 1)", [])?));
    check.wait().unwrap();
}
