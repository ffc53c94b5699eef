//! Old links: they lead to where the page is now, and to nothing else.

use serde_json::{Value, json};
use ureq::http::Method;

use crate::site::{Site, etag};

fn path(page: &Value) -> String {
    format!("/api/v1/admin/pages/{}", page["id"].as_str().unwrap())
}

/// Moves a page, and shows the move where the page is shown.
fn move_to(site: &Site, page: &Value, slug: &str) -> Value {
    let change = json!({ "title": page["title"], "slug": slug, "summary": "", "body": page["body"] });
    let answer = site.put(&path(page), "*", &change);
    assert_eq!(answer.status, 200, "{answer:?}");
    let page = answer.json();
    if page["has_draft"] == true { site.publish(&page) } else { page }
}

/// Visitors and programs who ask for `slug` are sent to `expected`; `None`: nobody is sent anywhere.
#[track_caller]
fn check(site: &Site, slug: &str, expected: Option<&str>) {
    let page = site.get(&format!("/{slug}"));
    let api = site.get(&format!("/api/v1/pages/{slug}"));
    match expected {
        Some(target) => {
            assert_eq!((page.status, page.header("location")), (301, format!("/{target}").as_str()), "{slug}");
            assert_eq!((api.status, api.header("location")), (301, format!("/api/v1/pages/{target}").as_str()), "{slug}");
            assert_eq!((page.header("cache-control"), api.header("cache-control")), ("no-cache", "no-cache"));
        }
        None => {
            assert_eq!((page.header("location"), api.header("location")), ("", ""), "{slug}");
            assert_eq!(page.status, api.status, "{slug}");
        }
    }
}

#[test]
fn old_addresses_lead_to_the_page() {
    let site = Site::signed_in();
    let page = site.publish(&site.create_page("One", "text"));
    let page = move_to(&site, &page, "two");
    let page = move_to(&site, &page, "guides/three");
    check(&site, "one", Some("guides/three"));
    assert_eq!(site.get("/one/").header("location"), "/guides/three");
    check(&site, "two", Some("guides/three"));
    check(&site, "guides/three", None);
    check(&site, "never", None);

    // Back where it was: no circle.
    let page = move_to(&site, &page, "one");
    check(&site, "one", None);
    check(&site, "two", Some("one"));
    check(&site, "guides/three", Some("one"));

    // Hidden: nothing tells where it is. Shown again: the links work again.
    let hidden = site.request(Method::POST, &format!("{}/unpublish", path(&page)), &[("if-match", &etag(&page))], None).json();
    check(&site, "two", None);
    let page = site.publish(&hidden);
    check(&site, "two", Some("one"));
    assert_eq!(site.request(Method::DELETE, &path(&page), &[("if-match", "*")], None).status, 204);
    check(&site, "two", None);
}

#[test]
fn another_page_may_take_an_old_address() {
    let site = Site::signed_in();
    let first = site.publish(&site.create_page("One", ""));
    move_to(&site, &first, "moved");
    check(&site, "one", Some("moved"));
    let second = site.create_page("One", "another");
    assert_eq!(second["slug"], "one");
    check(&site, "one", Some("moved"));
    let second = site.publish(&second);
    check(&site, "one", None);
    assert_eq!(site.get("/api/v1/pages/one").json()["html"], second["html"]);

    // Its own old address goes over to a page that moves there.
    move_to(&site, &second, "elsewhere");
    check(&site, "one", Some("elsewhere"));
    // One that is not shown leaves the links alone that lead to the other.
    let third = move_to(&site, &site.create_page("One", ""), "third");
    check(&site, "one", Some("elsewhere"));
    site.publish(&third);
    check(&site, "one", Some("elsewhere"));
    move_to(&site, &first, "one");
    check(&site, "one", None);
    check(&site, "moved", Some("one"));
}

#[test]
fn drafts_leave_nothing_behind_and_neither_does_the_first_page() {
    let site = Site::signed_in();
    let draft = site.create_page("Draft", "");
    let page = move_to(&site, &draft, "finished");
    site.publish(&page);
    check(&site, "draft", None);
    let home = site.publish(&site.create_page("Home", ""));
    move_to(&site, &home, "start");
    check(&site, "home", None);
    site.get("/api/v1/pages/home").check_problem(404, "page-not-found");
    let moved = move_to(&site, &page, "home");
    assert_eq!(site.get("/finished").header("location"), "/", "{moved}");
}
