//! Menus: made by editors, read by visitors, true to the pages that they lead to.

use serde_json::{Value, json};
use ureq::http::Method;

use crate::site::{Site, etag};

const MENUS: &str = "/api/v1/admin/menus";

fn site() -> Site {
    let site = Site::with(&[("MAGNETIQ__SITE__LANGUAGES", "de")]);
    site.sign_in();
    site
}

fn path(menu: &Value) -> String {
    format!("{MENUS}/{}", menu["id"].as_str().unwrap())
}

fn create(site: &Site, fields: Value) -> Value {
    let answer = site.post(MENUS, &fields);
    assert_eq!(answer.status, 201, "{answer:?}");
    answer.json()
}

#[test]
fn a_menu_follows_its_pages() {
    let site = site();
    let [about, team] = ["About", "Team"].map(|title| site.publish(&site.create_page(title, "")));
    let items = json!([
        { "label": "We", "items": [
            { "page": about["id"], "items": [{ "label": "The team", "page": team["id"] }] },
            { "label": "Write", "url": "mailto:ana@example.com" },
        ] },
        { "label": "Only a heading", "items": [{ "label": "Team", "page": team["id"] }] },
        { "label": "Search", "url": "/search" },
    ]);
    let menu = create(&site, json!({ "name": "main", "items": items }));
    assert_eq!((&menu["language"], &menu["revision"], menu["pages"].as_array().unwrap().len()), (&Value::Null, &json!(1), 2));
    let shown = || site.get("/api/v1/menus/main").json()["items"].clone();
    let leaf = |label: &str, url: &str| json!({ "label": label, "url": url, "items": [] });
    let search = leaf("Search", "/search");
    assert_eq!(
        shown(),
        json!([
            { "label": "We", "url": null, "items": [
                { "label": "About", "url": "/about", "items": [leaf("The team", "/team")] },
                leaf("Write", "mailto:ana@example.com"),
            ] },
            { "label": "Only a heading", "url": null, "items": [leaf("Team", "/team")] },
            search,
        ])
    );
    // The address and the title change: so does the menu, when visitors see them.
    let moved = json!({ "title": "About us", "slug": "firm", "summary": "", "body": "" });
    let draft = site.put(&format!("/api/v1/admin/pages/{}", about["id"].as_str().unwrap()), "*", &moved).json();
    assert_eq!(shown()[0]["items"][0]["url"], "/about");
    site.publish(&draft);
    assert_eq!((&shown()[0]["items"][0]["url"], &shown()[0]["items"][0]["label"]), (&json!("/firm"), &json!("About us")));
    // Hidden: it is not in the menu, and neither is what is below it or over nothing else.
    let act = |page: &Value, method: Method, action: &str| {
        let path = format!("/api/v1/admin/pages/{}{action}", page["id"].as_str().unwrap());
        assert!(site.request(method, &path, &[("if-match", "*")], None).status < 300);
    };
    act(&team, Method::POST, "/unpublish");
    assert_eq!(shown().as_array().unwrap().len(), 2);
    act(&about, Method::DELETE, "");
    assert_eq!(shown(), json!([{ "label": "We", "url": null, "items": [leaf("Write", "mailto:ana@example.com")] }, search]));
    let known = site.get(&path(&menu)).json();
    assert_eq!(known["items"], menu["items"], "the editors' menu is as they made it");
    assert_eq!(site.delete(&format!("/api/v1/admin/trash/{}", about["id"].as_str().unwrap())).status, 204);
    assert_eq!(site.get(&path(&menu)).json()["pages"].as_array().unwrap().len(), 1);
    let answer = site.put(&path(&menu), &etag(&menu), &json!({ "name": "main", "items": menu["items"] }));
    assert_eq!(answer.json()["errors"][0]["pointer"], "/items/0/items/0/page");
}

#[test]
fn each_language_has_its_own_or_that_of_the_site() {
    let site = site();
    let line = |label: &str| json!([{ "label": label, "url": "/" }]);
    create(&site, json!({ "name": "main", "items": line("Home") }));
    let label = |query: &str| site.get(&format!("/api/v1/menus/main{query}")).json();
    assert_eq!((&label("?language=de")["items"][0]["label"], &label("?language=de")["language"]), (&json!("Home"), &Value::Null));
    let german = create(&site, json!({ "name": "main", "language": "DE", "items": line("Start") }));
    assert_eq!(german["language"], "de");
    assert_eq!((&label("?language=de")["items"][0]["label"], &label("?language=de")["language"]), (&json!("Start"), &json!("de")));
    assert_eq!(label("")["items"][0]["label"], "Home");
    assert_eq!(label("?language=fr")["items"][0]["label"], "Home");
    let pointer = |fields: Value| site.post(MENUS, &fields).json()["errors"][0]["pointer"].clone();
    assert_eq!(pointer(json!({ "name": "main", "language": "de", "items": [] })), "/name");
    assert_eq!(pointer(json!({ "name": "main", "language": "fr", "items": [] })), "/language");
    let names: Vec<Value> = site.get(MENUS).json().as_array().unwrap().iter().map(|menu| menu["language"].clone()).collect();
    assert_eq!(names, [Value::Null, json!("de")]);
}

#[test]
fn lines_that_can_not_be() {
    let site = site();
    let pointers = |items: Value| -> Vec<String> {
        let answer = site.post(MENUS, &json!({ "name": "main", "items": items }));
        answer.check_problem(422, "invalid");
        answer.json()["errors"].as_array().unwrap().iter().map(|error| error["pointer"].as_str().unwrap().to_owned()).collect()
    };
    let nobody = "019aa000-0000-7000-8000-000000000000";
    assert_eq!(
        pointers(json!([{ "label": "x", "url": "javascript:alert(1)" }, { "label": "x", "url": "//evil.example" }])),
        ["/items/0/url", "/items/1/url"]
    );
    assert_eq!(pointers(json!([{ "label": "x", "url": "/", "page": nobody }])), ["/items/0/url"]);
    assert_eq!(pointers(json!([{ "label": "", "url": "/" }])), ["/items/0/label"]);
    assert_eq!(pointers(json!([{ "label": "x".repeat(101), "url": "/" }])), ["/items/0/label"]);
    assert_eq!(pointers(json!([{ "label": "alone" }])), ["/items/0"]);
    assert_eq!(pointers(json!([{ "page": nobody }])), ["/items/0/page"]);
    let leaf = json!({ "label": "x", "url": "/" });
    let deep =
        |below: Value| json!([{ "label": "1", "items": [{ "label": "2", "items": [{ "label": "3", "url": "/", "items": below }] }] }]);
    assert_eq!(pointers(deep(json!([leaf]))), ["/items/0/items/0/items/0/items"]);
    assert_eq!(pointers(json!(vec![leaf.clone(); 201])), ["/items"]);
    let name = site.post(MENUS, &json!({ "name": "Main menu", "items": [] }));
    assert_eq!(name.json()["errors"][0]["pointer"], "/name");
    assert_eq!(site.post(MENUS, &json!({ "name": "main", "items": deep(json!([])) })).status, 201);
    site.post(MENUS, &json!({ "name": "x", "items": [{ "label": "x", "url": "/", "onclick": "x" }] })).check_problem(400, "bad-request");
}

#[test]
fn nobodys_change_of_a_menu_is_overwritten_unseen() {
    let site = site();
    let menu = create(&site, json!({ "name": "main", "items": [{ "label": "One", "url": "/" }] }));
    let two = json!({ "name": "main", "items": [{ "label": "Two", "url": "/" }] });
    site.request(Method::PUT, &path(&menu), &[("content-type", "application/json")], Some(two.to_string().as_bytes()))
        .check_problem(428, "precondition-required");
    let changed = site.put(&path(&menu), &etag(&menu), &two).json();
    assert_eq!(changed["revision"], 2);
    assert_eq!(site.put(&path(&menu), &etag(&changed), &two).json()["revision"], 2, "a change of nothing is none");
    site.put(&path(&menu), &etag(&menu), &two).check_problem(412, "precondition-failed");
    site.request(Method::DELETE, &path(&menu), &[], None).check_problem(428, "precondition-required");
    site.request(Method::DELETE, &path(&menu), &[("if-match", &etag(&menu))], None).check_problem(412, "precondition-failed");
    assert_eq!(site.request(Method::DELETE, &path(&menu), &[("if-match", &etag(&changed))], None).status, 204);
    site.get(&path(&menu)).check_problem(404, "menu-not-found");
    site.get("/api/v1/menus/main").check_problem(404, "menu-not-found");
    let actions: Vec<Value> = site.get("/api/v1/admin/audit?action=menu").json()["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|entry| entry["action"].clone())
        .collect();
    assert_eq!(actions, ["menu.delete", "menu.update", "menu.create"]);
}
