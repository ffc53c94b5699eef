//! Who may call what: every route with every role, and the table of them in the guide.

use expect_test::expect_file;
use magnetiq_api::{Access, Body, Clock, RULES, Role, Rule, Time, commands};
use serde_json::{Value, json};
use ureq::http::Method;

use crate::site::{Answer, EMAIL, PASSWORD, START, Site, agent};

/// Routes that describe the API, and so are not in the description.
const UNDESCRIBED: &[&str] = &["/api/openapi.json", "/api/docs/{_:.*}"];

/// As the description has it: without what a part must look like.
fn described(path: &str) -> String {
    path.replace(":.*}", "}")
}

/// The title that everything after it in the guide is made under.
const TITLE: &str = "## Every route\n";

fn document() -> Value {
    serde_json::to_value(magnetiq_api::routes::openapi()).unwrap()
}

pub(crate) fn add_account(site: &Site, email: &str, role: Role) {
    let clock = Clock::new(|| Time::from_millis(START));
    commands::create_account(&site.store, &clock, email, "Bo", role, &PASSWORD.to_owned().into()).unwrap();
}

pub(crate) fn sign_in(site: &Site, email: &str) {
    let answer = site.post("/api/v1/auth/login", &json!({ "email": email, "password": PASSWORD }));
    assert_eq!(answer.status, 200, "{answer:?}");
}

/// The route asked for with something that is not there.
pub(crate) fn call(site: &Site, rule: &Rule) -> Answer {
    let path = rule.path.replace("{id}", "019aa000-0000-7000-8000-000000000000").replace("{revision}", "1");
    let path = path
        .replace("{sha256}", &"a".repeat(64))
        .replace("{node:.*}", "all")
        .replace("{slug:.*}", "nothing")
        .replace("{_:.*}", "")
        .replace(['{', '}'], "");
    let json = [("content-type", "application/json")];
    match rule.method {
        // It answers for as long as the session lives, so its head has to do where there is one.
        "GET" if path.ends_with("/events") => {
            let head = site.request(Method::HEAD, &path, &[], None);
            if head.status == 200 { head } else { site.get(&path) }
        }
        "GET" => site.get(&path),
        method => site.request(method.parse().unwrap(), &path, &json, Some(b"{}")),
    }
}

fn code(answer: &Answer) -> String {
    let is_problem = answer.header("content-type") == "application/problem+json";
    if is_problem { answer.json()["code"].as_str().unwrap().to_owned() } else { String::new() }
}

#[test]
fn every_route_with_every_role() {
    let mut site = Site::start();
    add_account(&site, "bo@example.com", Role::Editor);
    add_account(&site, "cy@example.com", Role::Viewer);
    let people = [
        (None, None),
        (Some(Role::Viewer), Some("cy@example.com")),
        (Some(Role::Editor), Some("bo@example.com")),
        (Some(Role::Admin), Some(EMAIL)),
    ];
    for (role, email) in people {
        site.agent = agent();
        if let Some(email) = email {
            sign_in(&site, email);
            assert_eq!(site.get("/api/v1/auth/me").json()["role"], role.unwrap().as_str());
        }
        for rule in RULES.iter().filter(|rule| rule.path != "/api/v1/auth/logout") {
            let answer = call(&site, rule);
            let refused = match rule.access {
                Access::AtLeast(least) | Access::Session(least) => match role {
                    None => Some((401, "not-signed-in")),
                    Some(role) if role < least => Some((403, "role-too-low")),
                    Some(_) => None,
                },
                Access::Public | Access::Operator => None,
            };
            match refused {
                Some((status, code)) => {
                    answer.check_problem(status, code);
                }
                None => {
                    let code = code(&answer);
                    assert!(!["not-signed-in", "role-too-low"].contains(&code.as_str()), "{role:?} {rule:?}: {answer:?}");
                    let is_described = !UNDESCRIBED.contains(&rule.path);
                    if is_described && matches!(rule.access, Access::Public | Access::Operator) {
                        assert_ne!(code, "not-found", "{rule:?}: its pattern is not that of the route");
                    }
                }
            }
        }
    }
}

#[test]
fn a_role_that_was_taken_is_gone_at_once() {
    let mut site = Site::start();
    add_account(&site, "bo@example.com", Role::Editor);
    site.agent = agent();
    sign_in(&site, "bo@example.com");
    site.create_page("Mine", "text");
    commands::set_role(&site.store, &Clock::new(|| Time::from_millis(START)), "BO@example.com", Role::Viewer).unwrap();
    site.post("/api/v1/admin/pages", &json!({ "title": "More", "body": "text" })).check_problem(403, "role-too-low");
    assert_eq!(site.get("/api/v1/admin/pages").status, 200);
    let unknown = commands::set_role(&site.store, &Clock::system(), "nobody@example.com", Role::Viewer).unwrap_err();
    assert_eq!(unknown.to_string(), "there is no such account");
}

#[test]
fn the_table_has_every_route_and_no_other() {
    let document = document();
    let mut found = Vec::new();
    for (path, operations) in document["paths"].as_object().unwrap() {
        for (method, operation) in operations.as_object().unwrap() {
            let method = method.to_uppercase();
            let rule = RULES.iter().find(|rule| rule.method == method && described(rule.path) == *path);
            let rule = rule.unwrap_or_else(|| panic!("{method} {path} needs a line in RULES (crates/api/src/auth/rules.rs)"));
            let content = operation["requestBody"]["content"].as_object().and_then(|content| content.keys().next()).map(String::as_str);
            let body = match content {
                None => Body::Empty,
                Some("application/json") => Body::Json,
                Some("application/offset+octet-stream") => Body::Part,
                Some(_) => Body::File,
            };
            assert_eq!(rule.body, body, "{method} {path}");
            let can_be_refused =
                !["GET", "OPTIONS"].contains(&method.as_str()) || matches!(rule.access, Access::AtLeast(_) | Access::Session(_));
            assert_eq!(operation["responses"].get("403").is_some(), can_be_refused, "{method} {path}");
            found.push((method, path.clone()));
        }
    }
    for rule in RULES.iter().filter(|rule| !UNDESCRIBED.contains(&rule.path)) {
        assert!(found.contains(&(rule.method.to_owned(), described(rule.path))), "{rule:?} is no route");
    }
    assert_eq!(RULES.len(), found.len() + UNDESCRIBED.len(), "a route has two lines");
}

#[test]
fn the_guide_shows_the_table() {
    const GUIDE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/guides/accounts.md");
    let guide = std::fs::read_to_string(GUIDE).unwrap();
    let (written, _) = guide.split_once(TITLE).unwrap();
    let mut text = format!("{written}{TITLE}\n| Method | Route | Who | Body, limited by | Requests |\n|---|---|---|---|---|\n");
    for rule in RULES {
        let body = match rule.body {
            Body::Empty => "",
            Body::Json => "JSON, `server.json_limit_bytes`",
            Body::File => "file, `media.upload_limit_bytes`",
            Body::Part => "part of a file, `media.resumable_limit_bytes`",
        };
        text.push_str(&format!("| {} | `{}` | {} | {body} | {} |\n", rule.method, rule.path, rule.access, rule.limit().as_str()));
    }
    expect_file![GUIDE].assert_eq(&text);
}
