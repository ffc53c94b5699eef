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

/// The address of something that is not there.
fn address(rule: &Rule) -> String {
    let path = rule.path.replace("{id}", "019aa000-0000-7000-8000-000000000000").replace("{revision}", "1");
    path.replace("{part}", "1")
        .replace("{sha256}", &"a".repeat(64))
        .replace("{node:.*}", "all")
        .replace("{slug:.*}", "nothing")
        .replace("{_:.*}", "")
        .replace(['{', '}'], "")
}

/// The route asked for with something that is not there, and with these headers.
pub(crate) fn call(site: &Site, rule: &Rule, headers: &[(&str, &str)]) -> Answer {
    call_at(site, rule, &address(rule), headers)
}

fn call_at(site: &Site, rule: &Rule, path: &str, headers: &[(&str, &str)]) -> Answer {
    let json = [headers, &[("content-type", "application/json")]].concat();
    let get = || site.request(Method::GET, path, headers, None);
    match rule.method {
        // It answers for as long as the session lives, so its head has to do where there is one.
        "GET" if path.ends_with("/events") => {
            let head = site.request(Method::HEAD, path, headers, None);
            if head.status == 200 { head } else { get() }
        }
        "GET" => get(),
        method => site.request(method.parse().unwrap(), path, &json, Some(b"{}")),
    }
}

fn code(answer: &Answer) -> String {
    let is_problem = answer.header("content-type") == "application/problem+json";
    if is_problem { answer.json()["code"].as_str().unwrap().to_owned() } else { String::new() }
}

/// Who calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Who {
    Nobody,
    Session(Role),
    /// A token for all that an administrator may do.
    Token,
}

const WHO: [Who; 5] = [Who::Nobody, Who::Session(Role::Viewer), Who::Session(Role::Editor), Who::Session(Role::Admin), Who::Token];

/// How each route answered each of [`WHO`], in the order of the table.
fn answers() -> Vec<(&'static Rule, Vec<Answer>)> {
    let mut site = Site::start();
    add_account(&site, "bo@example.com", Role::Editor);
    add_account(&site, "cy@example.com", Role::Viewer);
    site.sign_in();
    let wanted = json!({ "name": "all", "role": "admin", "expires_at": "2025-12-23T00:00:00Z" });
    let secret = site.post("/api/v1/auth/tokens", &wanted).json()["secret"].as_str().unwrap().to_owned();
    let mut answers: Vec<_> = RULES.iter().filter(|rule| rule.path != "/api/v1/auth/logout").map(|rule| (rule, Vec::new())).collect();
    for who in WHO {
        site.agent = agent();
        let email = match who {
            Who::Nobody | Who::Token => None,
            Who::Session(Role::Viewer) => Some("cy@example.com"),
            Who::Session(Role::Editor) => Some("bo@example.com"),
            Who::Session(Role::Admin) => Some(EMAIL),
        };
        if let Some(email) = email {
            sign_in(&site, email);
        }
        let authorization = format!("Bearer {secret}");
        let headers: &[(&str, &str)] = if who == Who::Token { &[("authorization", &authorization)] } else { &[] };
        for (rule, given) in &mut answers {
            given.push(call(&site, rule, headers));
        }
    }
    answers
}

/// What an answer says against a route being for those of whom `access` tells.
fn mistake(access: Access, who: Who, answer: &Answer) -> Option<String> {
    let expected = match (access, who) {
        (Access::Public | Access::Operator, _) => None,
        (_, Who::Nobody) => Some((401, "not-signed-in")),
        (Access::Session(_), Who::Token) => Some((403, "session-needed")),
        (Access::AtLeast(least) | Access::Session(least), Who::Session(role)) if role < least => Some((403, "role-too-low")),
        _ => None,
    };
    let code = code(answer);
    let is_right = match expected {
        Some(expected) => (answer.status, code.as_str()) == expected,
        None => !["not-signed-in", "role-too-low", "session-needed"].contains(&code.as_str()),
    };
    (!is_right).then(|| format!("{who:?} got {} {code} where {access} may", answer.status))
}

#[test]
fn every_route_with_every_role() {
    let answers = answers();
    for (rule, given) in &answers {
        for (who, answer) in WHO.into_iter().zip(given) {
            assert_eq!(mistake(rule.access, who, answer), None, "{rule:?}: {answer:?}");
        }
        if !UNDESCRIBED.contains(&rule.path) && matches!(rule.access, Access::Public | Access::Operator) {
            assert_ne!(code(&given[0]), "not-found", "{rule:?}: its pattern is not that of the route");
        }
    }
    // The same look sees each rule that would be wrong: for too many, for too few, with a token or without.
    let right = |access: Access| if access == Access::Operator { Access::Public } else { access };
    let all = [Role::Viewer, Role::Editor, Role::Admin].into_iter().flat_map(|role| [Access::AtLeast(role), Access::Session(role)]);
    for wrong in all.chain([Access::Public]) {
        for (rule, given) in answers.iter().filter(|(rule, _)| right(rule.access) != wrong) {
            let seen = WHO.into_iter().zip(given).any(|(who, answer)| mistake(wrong, who, answer).is_some());
            assert!(seen, "nobody would see that {rule:?} is for {wrong}");
        }
    }
}

/// A letter, written as a percent sign and its number, is that letter to the router.
#[test]
fn an_address_that_is_written_otherwise_is_no_way_around() {
    let site = Site::start();
    let private = |rule: &&Rule| matches!(rule.access, Access::AtLeast(_) | Access::Session(_));
    for rule in RULES.iter().filter(private) {
        let path = address(rule);
        for place in [1, "/api/v1/".len(), path.len() - 1] {
            let letter = path.as_bytes()[place];
            for number in [format!("%{letter:02x}"), format!("%{letter:02X}")] {
                let written = format!("{}{number}{}", &path[..place], &path[place + 1..]);
                call_at(&site, rule, &written, &[]).check_problem(401, "not-signed-in");
            }
        }
    }
    // What is no route is none of the page either: nothing below it is answered by chance.
    for path in
        ["/api/v1/admin/nothing", "/api/v2/admin/accounts", "/%61pi/v1/nothing", "/api//v1/admin/accounts", "/api/v1/admin/accounts/"]
    {
        site.get(path).check_problem(404, "not-found");
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
