//! The stream of events: what it tells to whom, and when it ends.

use std::{
    io::{BufRead, BufReader},
    net::TcpStream,
    time::Duration,
};

use magnetiq_api::Role;
use serde_json::{Value, json};
use ureq::http::Method;

use crate::{
    roles::{add_account, sign_in},
    site::{EMAIL, PASSWORD, Site, agent},
};

const PATH: &str = "/api/v1/admin/events";

/// A browser that listens.
struct Browser {
    lines: BufReader<TcpStream>,
    head: String,
}

#[derive(Debug, PartialEq)]
struct Event {
    id: String,
    name: String,
    data: Value,
}

impl Browser {
    fn listen(site: &Site, email: &str, last_event: Option<&str>) -> Self {
        use std::io::Write;
        let credentials = json!({ "email": email, "password": PASSWORD });
        // A browser of its own: signing in where somebody is signed in ends that session.
        let login = agent().post(site.url("/api/v1/auth/login")).header("content-type", "application/json");
        let answer = login.send(credentials.to_string().as_bytes()).unwrap();
        let cookie = answer.headers()["set-cookie"].to_str().unwrap().split(';').next().unwrap().to_owned();
        let mut connection = TcpStream::connect(site.address).unwrap();
        connection.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
        let last_event = last_event.map_or_else(String::new, |id| format!("last-event-id: {id}\r\n"));
        write!(connection, "GET {PATH} HTTP/1.1\r\nhost: x\r\naccept-encoding: gzip\r\ncookie: {cookie}\r\n{last_event}\r\n").unwrap();
        let mut browser = Self { lines: BufReader::new(connection), head: String::new() };
        while !browser.head.ends_with("\r\n\r\n") {
            assert!(browser.lines.read_line(&mut browser.head).unwrap() > 0, "{}", browser.head);
        }
        browser
    }

    /// The next event; `None` at the end.
    fn next(&mut self) -> Option<Event> {
        let mut event = Event { id: String::new(), name: String::new(), data: Value::Null };
        loop {
            let mut line = String::new();
            if self.lines.read_line(&mut line).unwrap() == 0 || line == "0\r\n" {
                return None;
            }
            match line.trim_end().split_once(": ") {
                Some(("id", id)) => id.clone_into(&mut event.id),
                Some(("event", name)) => name.clone_into(&mut event.name),
                Some(("data", data)) => event.data = serde_json::from_str(data).unwrap(),
                _ if line == "\n" && !event.name.is_empty() => return Some(event),
                _ => {}
            }
        }
    }

    #[track_caller]
    fn check_kinds(&mut self, expected: &[&str]) -> String {
        let event = self.next().unwrap();
        assert_eq!((event.name.as_str(), &event.data), ("change", &json!({ "kinds": expected })), "{event:?}");
        event.id
    }

    /// Waits until all of these were told; nobody else's are. Gives the last event.
    #[track_caller]
    fn until(&mut self, expected: &[&str]) -> Event {
        let mut heard: Vec<String> = Vec::new();
        loop {
            let event = self.next().unwrap();
            heard.extend(event.data["kinds"].as_array().unwrap().iter().map(|kind| kind.as_str().unwrap().to_owned()));
            // Ana is an administrator, and so hears of the audit log; nobody else may.
            assert!(
                expected.contains(&"audit") || !heard.iter().any(|kind| ["audit", "accounts", "leads"].contains(&kind.as_str())),
                "{heard:?}"
            );
            if expected.iter().all(|kind| heard.iter().any(|told| told == kind)) {
                return event;
            }
        }
    }

    #[track_caller]
    fn check_end(&mut self) {
        let mut event = self.next().unwrap();
        while event.name == "change" {
            event = self.next().unwrap();
        }
        assert_eq!((event.name.as_str(), self.next()), ("end", None));
    }
}

#[test]
fn a_browser_hears_what_changes_and_nothing_that_it_may_not_see() {
    let site = Site::signed_in();
    add_account(&site, "cy@example.com", Role::Viewer);
    let (mut ana, mut cy) = (Browser::listen(&site, EMAIL, None), Browser::listen(&site, "cy@example.com", None));
    for (name, value) in [("content-type", "text/event-stream"), ("cache-control", "no-store"), ("x-accel-buffering", "no")] {
        assert!(ana.head.to_lowercase().contains(&format!("{name}: {value}\r\n")), "{}", ana.head);
    }
    assert!(!ana.head.to_lowercase().contains("content-encoding"), "{}", ana.head);
    cy.check_kinds(&[]);
    let first = ana.check_kinds(&[]);
    site.create_page("One", "text");
    let heard = ana.until(&["pages", "audit"]);
    cy.until(&["pages"]);
    // Where it was cut off it goes on.
    let mut again = Browser::listen(&site, EMAIL, Some(&first));
    let missed = again.next().unwrap().data;
    assert!(missed["kinds"].as_array().unwrap().contains(&json!("pages")), "{missed}");
    let kinds = Browser::listen(&site, "cy@example.com", Some(&heard.id)).next().unwrap().data;
    assert!(!kinds["kinds"].as_array().unwrap().contains(&json!("pages")), "what was heard is not told again: {kinds}");
    // The events of another run of the server say nothing about this one.
    Browser::listen(&site, "cy@example.com", Some("0123456789abcdef-7")).check_kinds(&["pages", "media", "forms", "outbox", "health"]);
}

#[test]
fn it_ends_with_the_session_the_role_and_the_server() {
    let mut site = Site::signed_in();
    add_account(&site, "bo@example.com", Role::Editor);
    let listen = |site: &Site| {
        let mut browser = Browser::listen(site, "bo@example.com", None);
        browser.check_kinds(&[]);
        browser
    };
    let own = std::mem::replace(&mut site.agent, agent());
    let mut bo = listen(&site);
    sign_in(&site, "bo@example.com");
    assert_eq!(site.delete("/api/v1/auth/sessions").status, 204);
    bo.check_end();

    let mut bo = listen(&site);
    site.agent = own;
    let accounts = site.get("/api/v1/admin/accounts").json();
    let account = accounts["items"].as_array().or(accounts.as_array()).unwrap().iter().find(|account| account["email"] == "bo@example.com");
    let (id, revision) = (account.unwrap()["id"].as_str().unwrap(), &account.unwrap()["revision"]);
    let body = json!({ "email": "bo@example.com", "name": "Bo", "role": "viewer", "disabled": false });
    let answer = site.put(&format!("/api/v1/admin/accounts/{id}"), &format!("\"{revision}\""), &body);
    assert_eq!(answer.status, 200, "{answer:?}");
    bo.check_end();

    let mut bo = listen(&site);
    site.ask_to_stop();
    bo.check_end();
}

#[test]
fn one_account_has_few_and_a_token_has_none() {
    let site = Site::signed_in();
    let mut browsers: Vec<Browser> = (0..8).map(|_| Browser::listen(&site, EMAIL, None)).collect();
    site.sign_in();
    site.get(PATH).check_problem(429, "too-many-streams");
    browsers.pop();
    // The server finds out that it is gone when it speaks.
    let opened = (0..200).any(|n| {
        site.create_page(&format!("Page {n}"), "text");
        std::thread::sleep(Duration::from_millis(100));
        site.request(Method::HEAD, PATH, &[], None).status == 200
    });
    assert!(opened);
    let body = json!({ "name": "x", "role": "viewer", "expires_at": "2025-12-23T00:00:00Z" });
    let secret = site.post("/api/v1/auth/tokens", &body).json()["secret"].as_str().unwrap().to_owned();
    let mut other = site;
    other.agent = agent();
    let bearer = format!("Bearer {secret}");
    other.request(Method::GET, PATH, &[("authorization", &bearer)], None).check_problem(403, "session-needed");
}
