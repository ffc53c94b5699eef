//! Tags: renamed, merged and taken away from all pages at once.

use serde_json::{Value, json};
use ureq::http::Method;

use crate::site::{Answer, Site};

fn create(site: &Site, title: &str, tags: &[&str]) -> Value {
    let answer = site.post("/api/v1/admin/pages", &json!({ "title": title, "tags": tags }));
    assert_eq!(answer.status, 201, "{answer:?}");
    answer.json()
}

fn rename(site: &Site, tag: &str, etag: &str, change: Value) -> Answer {
    site.put(&format!("/api/v1/admin/tags/{tag}"), etag, &change)
}

fn tags(site: &Site) -> Value {
    site.get("/api/v1/admin/tags").json()
}

#[test]
fn a_tag_is_renamed_merged_and_taken_away() {
    let site = Site::signed_in();
    let [first, second] =
        [create(&site, "First", &["news", "old name"]), create(&site, "Second", &["old name"])].map(|page| site.publish(&page));
    create(&site, "Hidden", &["news"]);
    // A draft has what its page has not.
    let path = format!("/api/v1/admin/pages/{}", second["id"].as_str().unwrap());
    let draft = json!({ "title": "Second", "slug": "second", "summary": "", "body": "", "tags": ["draft only", "old name"] });
    let edited = site.put(&path, "*", &draft).json();
    let count = |tag: &str, pages: i64, published: i64| json!({ "tag": tag, "pages": pages, "published": published });
    assert_eq!(tags(&site), json!([count("draft only", 1, 0), count("news", 2, 1), count("old name", 2, 2)]));

    let renamed = rename(&site, "old%20name", "\"2\"", json!({ "tag": " Magnets " }));
    assert_eq!(renamed.json(), json!({ "tag": "magnets", "pages": 2 }));
    assert_eq!(tags(&site), json!([count("draft only", 1, 0), count("magnets", 2, 2), count("news", 2, 1)]));
    assert_eq!(
        site.get("/api/v1/pages/second").json()["tags"],
        json!(["magnets"]),
        "visitors see it at once, and nothing else of the draft"
    );
    let now = site.get(&path).json();
    assert_eq!((&now["tags"], &now["has_draft"]), (&json!(["draft only", "magnets"]), &json!(true)));
    site.put(&path, &format!("\"{}\"", edited["revision"]), &draft).check_problem(412, "precondition-failed");

    let taken = rename(&site, "news", "\"2\"", json!({ "tag": "magnets" }));
    assert_eq!(taken.json()["errors"][0]["pointer"], "/tag");
    assert_eq!(rename(&site, "news", "\"2\"", json!({ "tag": "magnets", "merge": true })).status, 200);
    assert_eq!(tags(&site), json!([count("draft only", 1, 0), count("magnets", 3, 2)]));
    assert_eq!(site.get("/api/v1/pages/first").json()["tags"], json!(["magnets"]), "once");

    let delete = |tag: &str, etag: &str| site.request(Method::DELETE, &format!("/api/v1/admin/tags/{tag}"), &[("if-match", etag)], None);
    site.request(Method::DELETE, "/api/v1/admin/tags/magnets", &[], None).check_problem(428, "precondition-required");
    delete("magnets", "\"2\"").check_problem(412, "precondition-failed");
    assert_eq!(delete("magnets", "\"3\"").status, 204);
    delete("magnets", "*").check_problem(404, "tag-not-found");
    assert_eq!(tags(&site), json!([count("draft only", 1, 0)]));
    rename(&site, "nothing", "*", json!({ "tag": "x" })).check_problem(404, "tag-not-found");
    rename(&site, "draft%20only", "*", json!({ "tag": "a,b" })).check_problem(422, "invalid");
    assert_eq!(site.get("/api/v1/tags").json(), json!([]));
    let actions: Vec<Value> = site.get("/api/v1/admin/audit?action=tag").json()["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|entry| entry["action"].clone())
        .collect();
    assert_eq!(actions, ["tag.delete", "tag.rename", "tag.rename"]);
    assert_eq!(first["tags"], json!(["news", "old name"]));
}

#[test]
fn the_link_of_a_tag_leads_to_its_pages() {
    let site = Site::signed_in();
    site.publish(&create(&site, "First", &["ui/ux", "50%"]));
    let tags = site.get("/tags").text();
    for path in ["/tags/ui%2Fux", "/tags/50%25"] {
        assert!(tags.contains(&format!("href=\"{path}\"")), "{tags}");
        let shown = site.get(path);
        assert!(shown.status == 200 && shown.text().contains("href=\"/first\""), "{path}: {}", shown.text());
    }
    assert_eq!(rename(&site, "ui%2Fux", "*", json!({ "tag": "design" })).status, 200);
    for way in [".", ".."] {
        site.post("/api/v1/admin/pages", &json!({ "title": "x", "tags": [way] })).check_problem(422, "invalid");
    }
}

#[test]
fn pages_in_the_trash_come_back_with_the_new_name() {
    let site = Site::signed_in();
    let page = create(&site, "Page", &["old"]);
    create(&site, "Other", &["old"]);
    let path = format!("/api/v1/admin/pages/{}", page["id"].as_str().unwrap());
    assert_eq!(site.request(Method::DELETE, &path, &[("if-match", "*")], None).status, 204);
    assert_eq!(rename(&site, "old", "\"1\"", json!({ "tag": "new" })).status, 200);
    let back = site.restore(&page["id"], &json!({})).json();
    assert_eq!(back["tags"], json!(["new"]));
}
