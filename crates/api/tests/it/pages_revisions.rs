//! What a page was: kept, shown, compared, brought back, and thinned out.

use expect_test::{Expect, expect};
use magnetiq_api::Role;
use serde_json::{Value, json};
use ureq::http::Method;

use crate::{
    roles,
    site::{Site, etag},
};

const DAY_S: i64 = 24 * 3600;

fn path(page: &Value) -> String {
    format!("/api/v1/admin/pages/{}", page["id"].as_str().unwrap())
}

fn edit(site: &Site, page: &Value, title: &str, body: &str) -> Value {
    let change = json!({ "title": title, "slug": page["slug"], "summary": "", "body": body });
    let answer = site.put(&path(page), "*", &change);
    assert_eq!(answer.status, 200, "{answer:?}");
    answer.json()
}

fn restore(site: &Site, page: &Value, revision: i64, etag: &str) -> crate::site::Answer {
    site.request(Method::POST, &format!("{}/revisions/{revision}/restore", path(page)), &[("if-match", etag)], None)
}

/// All revisions, read in parts.
fn revisions(site: &Site, page: &Value) -> Vec<Value> {
    let (mut all, mut cursor) = (Vec::new(), String::new());
    loop {
        let part = site.get(&format!("{}/revisions?limit=7{cursor}", path(page))).json();
        all.extend(part["items"].as_array().unwrap().iter().cloned());
        match part["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return all,
        }
    }
}

#[track_caller]
fn check(site: &Site, page: &Value, expected: Expect) {
    let mut lines = String::new();
    for row in revisions(site, page) {
        let [reason, status, title, author, at] =
            ["reason", "status", "title", "author", "saved_at"].map(|key| row[key].as_str().unwrap_or("-"));
        lines += &format!("{} {reason} {status} {title:?} {author} {at}\n", row["revision"]);
    }
    expected.assert_eq(&lines);
}

#[test]
fn each_change_keeps_what_was_before_it() {
    let site = Site::signed_in();
    let page = site.create_page("One", "first\n");
    site.pass_time(60);
    let page = edit(&site, &page, "Two", "first\nsecond\n");
    site.pass_time(60);
    let same = edit(&site, &page, "Two", "first\nsecond\n");
    assert_eq!(same["revision"], page["revision"], "a change of nothing is none");
    let published = site.publish(&page);
    let again = site.request(Method::POST, &format!("{}/publish", path(&page)), &[("if-match", &etag(&published))], None).json();
    assert_eq!(again["revision"], published["revision"]);
    check(
        &site,
        &page,
        expect![[r#"
            3 published published "Two" Ana 2025-11-23T16:47:00Z
            2 edited draft "Two" Ana 2025-11-23T16:46:00Z
            1 created draft "One" Ana 2025-11-23T16:45:00Z
        "#]],
    );
    let first = site.get(&format!("{}/revisions/1", path(&page))).json();
    assert_eq!((&first["title"], &first["body"], &first["slug"]), (&json!("One"), &json!("first\n"), &json!("one")));
}

#[test]
fn two_states_are_compared_line_by_line() {
    let site = Site::signed_in();
    let page = site.create_page("One", "same\nold\nend\n");
    let page = edit(&site, &page, "Two", "same\nnew\nend\n");
    site.publish(&page);
    let check = |query: &str, from: Value, expected: Expect| {
        let diff = site.get(&format!("{}/revisions/{query}", path(&page))).json();
        assert_eq!(diff["from"], from, "{diff}");
        expected.assert_eq(diff["text"].as_str().unwrap());
    };
    check(
        "2/diff",
        json!(1),
        expect![[r#"
            --- revision 1
            +++ revision 2
            @@ -1,8 +1,8 @@
             address: /one
            -title: One
            +title: Two
             summary: 
             status: draft
             
             same
            -old
            +new
             end
        "#]],
    );
    check(
        "3/diff",
        json!(2),
        expect![[r#"
            --- revision 2
            +++ revision 3
            @@ -1,7 +1,7 @@
             address: /one
             title: Two
             summary: 
            -status: draft
            +status: published
             
             same
             new
        "#]],
    );
    check(
        "1/diff",
        Value::Null,
        expect![[r#"
            --- nothing
            +++ revision 1
            @@ -0,0 +1,8 @@
            +address: /one
            +title: One
            +summary: 
            +status: draft
            +
            +same
            +old
            +end
        "#]],
    );
    check("2/diff?from=2", json!(2), expect![""]);
    site.get(&format!("{}/revisions/2/diff?from=9", path(&page))).check_problem(404, "revision-not-found");
    site.get(&format!("{}/revisions/2/diff?from=x", path(&page))).check_problem(400, "bad-request");
}

#[test]
fn an_earlier_state_comes_back_as_a_new_one() {
    let site = Site::signed_in();
    let page = site.create_page("One", "**first**");
    let moved = json!({ "title": "Two", "slug": "two", "summary": "s", "body": "second" });
    let page = site.put(&path(&page), "\"1\"", &moved).json();
    let page = site.publish(&page);

    restore(&site, &page, 1, "\"2\"").check_problem(412, "precondition-failed");
    site.request(Method::POST, &format!("{}/revisions/1/restore", path(&page)), &[], None).check_problem(428, "precondition-required");
    restore(&site, &page, 9, &etag(&page)).check_problem(404, "revision-not-found");

    let restored = restore(&site, &page, 1, &etag(&page)).json();
    assert_eq!((&restored["title"], &restored["summary"], &restored["body"]), (&json!("One"), &json!(""), &json!("**first**")));
    assert_eq!((&restored["slug"], &restored["status"]), (&json!("two"), &json!("published")), "where it is, and seen as it is");
    assert_eq!(site.get("/api/v1/pages/two").json()["title"], "Two", "as a draft");
    site.publish(&restored);
    assert!(site.get("/api/v1/pages/two").json()["html"].as_str().unwrap().contains("<strong>first</strong>"));
    assert_eq!(revisions(&site, &page).len(), 5);
    assert_eq!(revisions(&site, &page)[1]["reason"], "restored");
    let found = site.get("/api/v1/pages?q=first").json();
    assert_eq!(found["items"].as_array().unwrap().len(), 1, "the search knows the text that came back");
}

#[test]
fn of_what_is_old_the_last_of_each_month_stays() {
    let site = Site::with(&[("MAGNETIQ__AUTH__SESSION_IDLE_HOURS", "720"), ("MAGNETIQ__AUTH__SESSION_MAX_DAYS", "365")]);
    site.sign_in();
    let page = site.create_page("Page", "0");
    for n in 1..=120 {
        site.pass_time(DAY_S);
        edit(&site, &page, "Page", &n.to_string());
    }
    let kept: Vec<i64> = revisions(&site, &page).iter().map(|row| row["revision"].as_i64().unwrap()).collect();
    // Made on 2025-11-23, a revision each day: number 8 is of the last day of November, 39 of December; January's last is among the newest.
    let expected: Vec<i64> = (71..=121).rev().chain([70, 39, 8]).collect();
    assert_eq!(kept, expected);
    assert_eq!(site.get(&format!("{}/revisions/8", path(&page))).json()["body"], "7");
    site.get(&format!("{}/revisions/9", path(&page))).check_problem(404, "revision-not-found");
    let diff = site.get(&format!("{}/revisions/39/diff", path(&page))).json();
    assert_eq!(diff["from"], 8, "the one that is kept next before it");
}

#[test]
fn revisions_are_of_one_page_and_go_with_it() {
    let site = Site::signed_in();
    let page = site.create_page("One", "1");
    let other = site.create_page("Other", "other");
    edit(&site, &page, "One", "2");
    assert_eq!(revisions(&site, &other).len(), 1);
    site.get(&format!("{}/revisions?cursor=nonsense", path(&page))).check_problem(400, "bad-request");
    site.get(&format!("{}/revisions?limit=0", path(&page))).check_problem(400, "bad-request");
    assert_eq!(site.request(Method::DELETE, &path(&page), &[("if-match", "*")], None).status, 204);
    assert_eq!(site.delete(&format!("/api/v1/admin/trash/{}", page["id"].as_str().unwrap())).status, 204);
    site.get(&format!("{}/revisions", path(&page))).check_problem(404, "page-not-found");
    let left: i64 = site.store.read(|conn| Ok(conn.query_row("SELECT count(*) FROM page_revision", [], |row| row.get(0))?)).wait().unwrap();
    assert_eq!(left, 0);
    site.post("/api/v1/auth/logout", &json!({}));
    for address in ["revisions", "revisions/1", "revisions/1/diff"] {
        site.get(&format!("{}/{address}", path(&other))).check_problem(401, "not-signed-in");
    }
    restore(&site, &other, 1, "*").check_problem(401, "not-signed-in");
}

#[test]
fn what_an_editor_saves_by_itself_is_one_working_copy() {
    let site = Site::signed_in();
    let page = site.create_page("Page", "0");
    let save = |body: &str, autosave: bool| {
        site.pass_time(3);
        let change = json!({ "title": "Page", "slug": "page", "summary": "", "body": body, "autosave": autosave });
        let answer = site.put(&path(&page), "*", &change);
        assert_eq!(answer.status, 200, "{answer:?}");
        answer.json()
    };
    let bodies = || -> Vec<String> {
        let text =
            |row: &Value| site.get(&format!("{}/revisions/{}", path(&page), row["revision"])).json()["body"].as_str().unwrap().to_owned();
        revisions(&site, &page).iter().map(text).collect()
    };
    for n in 1..=100 {
        let saved = save(&n.to_string(), true);
        assert_eq!(saved["revision"], n + 1, "each is another version for whoever has it open");
    }
    assert_eq!(bodies(), ["100", "0"]);
    assert_eq!(site.get("/api/v1/admin/audit?action=page.update").json()["items"].as_array().unwrap().len(), 1);
    // By hand: it takes the place of the working copy, and stays.
    save("by hand", false);
    save("101", true);
    assert_eq!(bodies(), ["101", "by hand", "0"]);
    // What was saved by itself is kept once a person wanted just that.
    save("101", false);
    save("102", true);
    assert_eq!(bodies(), ["102", "101", "by hand", "0"]);
    // After ten minutes it is a state of its own.
    site.pass_time(600);
    let saved = save("103", true);
    assert_eq!(bodies(), ["103", "102", "101", "by hand", "0"]);
    // What is done to it keeps it, and visitors' text is kept in any case.
    let published = site.publish(&saved);
    let draft = save("104", true);
    save("105", true);
    assert_eq!(bodies()[..3], ["105", "103", "103"]);
    assert_eq!(draft["live_revision"], published["revision"]);
    let restored = restore(&site, &page, 1, "*");
    assert_eq!(restored.status, 200, "{restored:?}");
    assert_eq!(bodies()[..2], ["0", "105"]);
    save("106", true);
    // Nobody's working copy is another one's to write over.
    roles::add_account(&site, "bo@example.com", Role::Editor);
    roles::sign_in(&site, "bo@example.com");
    save("107, Bo", true);
    save("108, Bo", true);
    assert_eq!(bodies()[..3], ["108, Bo", "106", "0"]);
}
