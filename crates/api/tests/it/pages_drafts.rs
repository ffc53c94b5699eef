//! Changes of a published page: visitors see them when they are published, and not before.

use serde_json::{Value, json};
use ureq::http::Method;

use crate::site::{Answer, Site, etag};

fn path(page: &Value) -> String {
    format!("/api/v1/admin/pages/{}", page["id"].as_str().unwrap())
}

fn edit(site: &Site, page: &Value, change: Value) -> Value {
    let mut body = json!({ "title": page["title"], "slug": page["slug"], "summary": page["summary"], "body": page["body"] });
    body.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
    let answer = site.put(&path(page), &etag(page), &body);
    assert_eq!(answer.status, 200, "{answer:?}");
    answer.json()
}

fn act(site: &Site, method: Method, page: &Value, action: &str) -> Answer {
    site.request(method, &format!("{}/{action}", path(page)), &[("if-match", &etag(page))], None)
}

/// Everything that visitors and robots get of the site. What is new of it is new to a reader of the feed, too.
fn seen(site: &Site) -> Vec<String> {
    [
        "/api/v1/pages",
        "/api/v1/pages?q=magnets",
        "/api/v1/pages?q=secret",
        "/api/v1/tags",
        "/api/v1/pages/magnets",
        "/sitemap.xml",
        "/feed.xml",
    ]
    .map(|address| {
        let answer = site.get(address);
        format!("{} {}", answer.header("etag"), answer.text())
    })
    .to_vec()
}

/// A published page, and a draft over it that changes all of it.
fn changed(site: &Site) -> (Value, Value) {
    let made = json!({ "title": "Magnets", "summary": "old", "body": "about magnets", "tags": ["old"] });
    let page = site.publish(&site.post("/api/v1/admin/pages", &made).json());
    site.pass_time(60);
    let seo = json!({ "title": "Search me", "description": "", "canonical": "", "noindex": true });
    let draft = json!({ "title": "Secret", "slug": "secret", "summary": "new", "body": "**secret** text", "tags": ["new"], "seo": seo });
    let edited = edit(site, &page, draft);
    (page, edited)
}

#[test]
fn visitors_do_not_see_a_draft() {
    let site = Site::signed_in();
    let page = site.publish(&site.post("/api/v1/admin/pages", &json!({ "title": "Magnets", "body": "m", "tags": ["old"] })).json());
    assert_eq!((&page["has_draft"], &page["live_slug"], &page["live_revision"]), (&json!(false), &json!("magnets"), &page["revision"]));
    let before = seen(&site);
    site.pass_time(60);
    let edited = edit(
        &site,
        &page,
        json!({ "title": "Secret", "slug": "secret", "body": "**secret**", "tags": ["new"], "seo": { "noindex": true } }),
    );
    assert_eq!(
        ["status", "has_draft", "live_slug", "slug", "title", "tags"].map(|key| edited[key].clone()),
        [json!("published"), json!(true), json!("magnets"), json!("secret"), json!("Secret"), json!(["new"])]
    );
    let strip = |seen: Vec<String>| seen.into_iter().map(|answer| answer.split_once(' ').unwrap().1.to_owned()).collect::<Vec<_>>();
    assert_eq!(strip(seen(&site)), strip(before));
    site.get("/api/v1/pages/secret").check_problem(404, "page-not-found");
    assert_eq!(site.get("/magnets").status, 200);

    let found = |query: &str| site.get(&format!("/api/v1/admin/pages?{query}")).json()["items"].as_array().unwrap().len();
    assert_eq!([found("q=secret"), found("q=magnets"), found("tag=new"), found("tag=old")], [1, 1, 1, 0], "editors find both texts");
    assert_eq!([found("has_draft=true"), found("has_draft=false")], [1, 0]);

    let published = act(&site, Method::POST, &edited, "publish").json();
    assert_eq!(
        ["has_draft", "live_slug", "live_revision"].map(|key| published[key].clone()),
        [json!(false), json!("secret"), published["revision"].clone()]
    );
    let read = site.get("/api/v1/pages/secret").json();
    assert_eq!((&read["title"], &read["tags"], &read["seo"]["noindex"]), (&json!("Secret"), &json!(["new"]), &json!(true)));
    assert!(read["html"].as_str().unwrap().contains("<strong>secret</strong>"));
    assert_eq!((&read["published_at"], &read["updated_at"]), (&page["published_at"], &json!("2025-11-23T16:46:00Z")));
    assert_eq!(site.get("/api/v1/pages/magnets").header("location"), "/api/v1/pages/secret");
    assert_eq!(site.get("/api/v1/pages?q=secret").json()["items"][0]["slug"], "secret");
    assert_eq!(site.get("/api/v1/tags").json(), json!([{ "tag": "new", "pages": 1 }]));
    assert!(!site.get("/sitemap.xml").text().contains("secret"), "it asks to be left out now");
}

#[test]
fn a_draft_is_discarded_and_comes_back_from_the_revisions() {
    let site = Site::signed_in();
    let (page, edited) = changed(&site);
    site.request(Method::DELETE, &format!("{}/draft", path(&page)), &[], None).check_problem(428, "precondition-required");
    act(&site, Method::DELETE, &page, "draft").check_problem(412, "precondition-failed");
    let discarded = act(&site, Method::DELETE, &edited, "draft").json();
    assert_eq!((&discarded["title"], &discarded["has_draft"], &discarded["tags"]), (&json!("Magnets"), &json!(false), &json!(["old"])));
    assert_eq!(act(&site, Method::DELETE, &discarded, "draft").json()["revision"], discarded["revision"], "there is none any more");
    // Its address is free again.
    assert_eq!(site.create_page("Secret", "")["slug"], "secret");

    let back = format!("revisions/{}/restore", edited["revision"]);
    let restored = act(&site, Method::POST, &discarded, &back).json();
    assert_eq!(
        ["title", "slug", "summary", "body", "tags", "has_draft"].map(|key| restored[key].clone()),
        [json!("Secret"), json!("magnets"), json!("new"), json!("**secret** text"), json!(["new"]), json!(true)]
    );
    assert_eq!(restored["seo"], edited["seo"]);
    assert_eq!(site.get("/api/v1/pages/magnets").json()["title"], "Magnets");
    let live = restored["live_revision"].as_i64().unwrap();
    let diff = site.get(&format!("{}/revisions/{}/diff?from={live}", path(&page), restored["revision"])).json();
    let text = diff["text"].as_str().unwrap();
    let changed: Vec<&str> = text.lines().skip(2).filter(|line| line.starts_with(['+', '-'])).collect();
    assert_eq!(
        changed,
        [
            "-title: Magnets",
            "-summary: old",
            "-status: published",
            "-tags: old",
            "+title: Secret",
            "+summary: new",
            "+status: draft",
            "+tags: new",
            "+title for search engines: Search me",
            "+search engines: asked to leave it out",
            "-about magnets",
            "+**secret** text",
        ]
    );
}

#[test]
fn what_visitors_read_stays_among_the_revisions() {
    let site = Site::with(&[("MAGNETIQ__AUTH__SESSION_IDLE_HOURS", "720")]);
    site.sign_in();
    let (page, mut edited) = changed(&site);
    for n in 0..60 {
        edited = edit(&site, &edited, json!({ "body": n.to_string() }));
    }
    let live = site.get(&format!("{}/revisions/{}", path(&page), edited["live_revision"])).json();
    assert_eq!((&live["body"], &live["status"]), (&json!("about magnets"), &json!("published")));
}

#[test]
fn a_schedule_publishes_the_draft() {
    let site = Site::signed_in();
    let (page, edited) = changed(&site);
    let schedule = |page: &Value, at: Option<&str>| {
        site.put(&format!("{}/schedule", path(page)), &etag(page), &json!({ "publish_at": at, "unpublish_at": null }))
    };
    let planned = schedule(&edited, Some("2025-11-24T00:00:00Z")).json();
    let discarded = act(&site, Method::DELETE, &planned, "draft").json();
    assert_eq!(discarded["publish_at"], Value::Null, "nothing is left to publish");
    schedule(&discarded, Some("2025-11-24T00:00:00Z")).check_problem(422, "invalid");
    let edited = edit(&site, &discarded, json!({ "title": "Later", "slug": "later" }));
    let planned = schedule(&edited, Some("2025-11-24T00:00:00Z")).json();
    let again = edit(&site, &planned, json!({ "title": "Later still" }));
    assert_eq!(again["publish_at"], "2025-11-24T00:00:00Z", "what is written until then goes with it");
    site.get("/api/v1/pages/later").check_problem(404, "page-not-found");
    site.pass_time(8 * 3600);
    let begin = std::time::Instant::now();
    while site.get("/api/v1/pages/later").status != 200 {
        assert!(begin.elapsed().as_secs() < 60);
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    assert_eq!(site.get("/api/v1/pages/later").json()["title"], "Later still");
    assert_eq!(site.get("/api/v1/pages/magnets").header("location"), "/api/v1/pages/later");
    site.sign_in();
    let after = site.get(&path(&page)).json();
    assert_eq!((&after["has_draft"], &after["publish_at"]), (&json!(false), &Value::Null));
}

#[test]
fn hidden_and_deleted_pages_are_what_their_drafts_were() {
    let site = Site::signed_in();
    let (_, edited) = changed(&site);
    let hidden = act(&site, Method::POST, &edited, "unpublish").json();
    assert_eq!(
        ["status", "title", "slug", "has_draft", "live_slug", "live_revision"].map(|key| hidden[key].clone()),
        [json!("draft"), json!("Secret"), json!("secret"), json!(false), Value::Null, Value::Null]
    );
    site.get("/api/v1/pages/magnets").check_problem(404, "page-not-found");
    let shown = site.publish(&hidden);
    assert_eq!(site.get("/api/v1/pages/magnets").header("location"), "/api/v1/pages/secret", "it was read there");
    let edited = edit(&site, &shown, json!({ "title": "Third", "slug": "third" }));
    assert_eq!(site.request(Method::DELETE, &path(&edited), &[("if-match", &etag(&edited))], None).status, 204);
    let back = site.restore(&edited["id"], &json!({})).json();
    assert_eq!((&back["title"], &back["slug"], &back["status"]), (&json!("Third"), &json!("third"), &json!("draft")));
}

#[test]
fn the_address_of_a_draft_is_reserved() {
    let site = Site::signed_in();
    let (page, edited) = changed(&site);
    for slug in ["secret", "magnets"] {
        let answer = site.post("/api/v1/admin/pages", &json!({ "title": "Other", "slug": slug }));
        assert_eq!(answer.json()["errors"][0]["pointer"], "/slug", "{slug}");
    }
    let other = site.publish(&site.create_page("Other", ""));
    let body = json!({ "title": "Other", "slug": "secret", "summary": "", "body": "" });
    site.put(&path(&other), "*", &body).check_problem(422, "invalid");
    // Back to where it is: as it was.
    let same = edit(&site, &edited, json!({ "slug": "magnets" }));
    site.publish(&same);
    assert_eq!(site.get("/api/v1/pages/magnets").json()["title"], "Secret");
    assert_eq!(page["slug"], "magnets");
}

#[test]
fn files_of_both_texts_are_in_use() {
    let site = Site::signed_in();
    let url = |name: &str, text: &[u8]| site.upload(name, text).json();
    let (old, new) = (url("old.txt", b"old"), url("new.txt", b"new"));
    let shows = |file: &Value| format!("[file]({})", file["url"].as_str().unwrap());
    let page = site.publish(&site.create_page("Files", &shows(&old)));
    let edited = edit(&site, &page, json!({ "body": shows(&new) }));
    let delete = |file: &Value| site.delete(&format!("/api/v1/admin/media/{}", file["id"].as_str().unwrap()));
    delete(&old).check_problem(409, "media-in-use");
    delete(&new).check_problem(409, "media-in-use");
    site.publish(&edited);
    assert_eq!(delete(&old).status, 204);
    delete(&new).check_problem(409, "media-in-use");
}

#[test]
fn links_show_the_draft_and_bulk_works_with_it() {
    let site = Site::signed_in();
    let (page, _) = changed(&site);
    let link = site.post(&format!("{}/preview-link", path(&page)), &json!({ "hours": 1 })).json();
    let token = link["url"].as_str().unwrap().split_once('#').unwrap().1;
    assert_eq!(site.post("/api/v1/preview", &json!({ "token": token })).json()["title"], "Secret");
    let bulk = |action: &str, tag: Option<&str>| {
        let answer = site.post("/api/v1/admin/pages/bulk", &json!({ "action": action, "ids": [page["id"]], "tag": tag }));
        assert_eq!(answer.json()[0]["problem"], Value::Null, "{answer:?}");
        site.get(&path(&page)).json()
    };
    assert_eq!(bulk("add-tag", Some("both"))["tags"], json!(["both", "new"]));
    assert_eq!(site.get("/api/v1/pages/magnets").json()["tags"], json!(["both", "old"]), "at once");
    assert_eq!(bulk("discard-draft", None)["tags"], json!(["both", "old"]));
    let edited = edit(&site, &site.get(&path(&page)).json(), json!({ "title": "Again" }));
    assert_eq!(edited["has_draft"], true);
    assert_eq!(bulk("publish", None)["has_draft"], false);
    assert_eq!(site.get("/api/v1/pages/magnets").json()["title"], "Again");
}
