//! What readers get while the server does not answer: the last copy of what it showed to strangers, and nothing else.

use std::fs;

use serde_json::{Value, json};

use super::edge::{Answer, Edge};
use magnetiq_tests::{EMAIL, PASSWORD, Server};

/// Says that an answer is a copy.
const IS_COPY: &str = "magnetiq; hit";

/// Somebody who is signed in through the proxy.
struct Ana<'a> {
    edge: &'a Edge,
    cookies: String,
}

impl<'a> Ana<'a> {
    fn of(edge: &'a Edge) -> Self {
        let ana = Self { edge, cookies: edge.folder.path("cookies").display().to_string() };
        let signed_in = ana.send("POST", "/api/v1/auth/login", "*", &json!({ "email": EMAIL, "password": PASSWORD }));
        assert_eq!(signed_in.status, 200, "{signed_in:?}");
        ana
    }

    fn send(&self, method: &str, path: &str, revision: &str, body: &Value) -> Answer {
        let (body, revision) = (body.to_string(), format!("If-Match: {revision}"));
        let json = ["--header", "Content-Type: application/json", "--header", &revision, "--request", method, "--data", &body];
        self.edge.ask(path, &[&json[..], &["--cookie", &self.cookies, "--cookie-jar", &self.cookies]].concat())
    }

    /// Puts a page on the site, and gives its address in the API.
    fn publish(&self, title: &str, text: &str) -> String {
        let made = self.send("POST", "/api/v1/admin/pages", "*", &json!({ "title": title, "body": text }));
        assert_eq!(made.status, 201, "{made:?}");
        let page: Value = serde_json::from_slice(&made.body).unwrap();
        let page = format!("/api/v1/admin/pages/{}", page["id"].as_str().unwrap());
        let shown = self.send("POST", &format!("{page}/publish"), made.header("etag"), &json!({}));
        assert_eq!(shown.status, 200, "{shown:?}");
        page
    }

    fn change(&self, page: &str, text: &str) {
        let now = self.edge.ask(page, &["--cookie", &self.cookies]);
        let mut fields: Value = serde_json::from_slice(&now.body).unwrap();
        let body =
            json!({ "title": fields["title"].take(), "slug": fields["slug"].take(), "summary": fields["summary"].take(), "body": text });
        let changed = self.send("PUT", page, now.header("etag"), &body);
        assert_eq!(changed.status, 200, "{changed:?}");
        let shown = self.send("POST", &format!("{page}/publish"), changed.header("etag"), &json!({}));
        assert_eq!(shown.status, 200, "{shown:?}");
    }
}

fn is_copy(answer: &Answer) -> bool {
    answer.header("cache-status") == IS_COPY
}

#[test]
fn while_the_server_answers_nobody_gets_a_copy() {
    Edge::each(|edge| {
        let ana = Ana::of(&edge);
        let page = ana.publish("Opening hours", "From nine to five");
        for text in ["From nine to six", "From ten to six", "Closed"] {
            ana.change(&page, text);
            for path in ["/opening-hours", "/api/v1/pages/opening-hours"] {
                let answer = edge.ask(path, &[]);
                assert!(answer.status == 200 && answer.text().contains(text), "{path}: {answer:?}");
                assert!(!is_copy(&answer), "{path}: {answer:?}");
                let again = edge.ask(path, &["--header", &format!("If-None-Match: {}", answer.header("etag"))]);
                assert!(again.status == 304 && !is_copy(&again), "{path}: {again:?}");
            }
        }
        let gone = ana.send("DELETE", &page, edge.ask(&page, &["--cookie", &ana.cookies]).header("etag"), &json!({}));
        assert_eq!(gone.status, 204, "{gone:?}");
        assert_eq!(edge.ask("/opening-hours", &[]).status, 404);
    });
}

#[test]
fn who_reads_reads_on_and_who_writes_is_told_to_wait() {
    Edge::each(|mut edge| {
        let ana = Ana::of(&edge);
        ana.publish("Opening hours", &"From nine to five. ".repeat(200));
        ana.publish("Never read", "Nobody was here");
        let gone = ana.publish("Taken back", "A mistake");
        let gzip = ["--header", "Accept-Encoding: br, gzip;q=0.8"];
        let read = ["/", "/opening-hours", "/api/v1/pages/opening-hours", "/api/v1/pages", "/feed.xml", "/sitemap.xml", "/not/there"];
        let before: Vec<Answer> = read.iter().map(|path| edge.ask(path, &[])).collect();
        let compressed = edge.ask("/opening-hours", &gzip);
        assert_eq!((edge.ask("/taken-back", &[]).status, compressed.header("content-encoding")), (200, "gzip"));
        let taken = ana.send("DELETE", &gone, edge.ask(&gone, &["--cookie", &ana.cookies]).header("etag"), &json!({}));
        assert_eq!((taken.status, edge.ask("/taken-back", &[]).status), (204, 404));
        // Read by somebody who is signed in, and by nobody else.
        assert_eq!(edge.ask("/never-read", &["--cookie", &ana.cookies]).status, 200);
        assert_eq!(edge.ask("/api/v1/auth/me", &["--cookie", &ana.cookies]).status, 200);
        let cookies = ana.cookies.clone();

        // Closed on purpose, and not there at all.
        let closed = edge.folder.path("state/maintenance");
        fs::write(&closed, "").unwrap();
        let check = |edge: &Edge, status: u16, page_says: &str| {
            for (path, before) in read.iter().zip(&before) {
                let copy = edge.ask(path, &[]);
                assert_eq!((copy.status, copy.text()), (before.status, before.text()), "{path}");
                assert!(is_copy(&copy), "{path}: {copy:?}");
                assert_eq!(copy.header("content-type"), before.header("content-type"), "{path}");
                assert_eq!(copy.all("content-security-policy").len(), 1, "{path}");
            }
            let copy = edge.ask("/opening-hours", &gzip);
            assert_eq!((copy.header("content-encoding"), &copy.body), ("gzip", &compressed.body), "each gets what it takes");
            let fresh = edge.ask("/opening-hours", &["--header", &format!("If-None-Match: {}", before[1].header("etag"))]);
            assert_eq!(fresh.status, 304, "who has it keeps it: {fresh:?}");
            assert_eq!(edge.ask("/opening-hours", &["--head"]).status, 200);
            assert_eq!(edge.ask("/taken-back", &[]).status, 404, "the last copy is that it is not there");

            let none = edge.ask("/never-read", &[]);
            assert!(none.status == status && none.text().contains(page_says), "no copy is made of what one person read: {none:?}");
            for more in [
                ["--cookie", &cookies],
                ["--header", "Authorization: Bearer abc"],
                ["--header", "Cache-Control: no-cache"],
                ["--header", "Origin: https://other.example"],
            ] {
                let none = edge.ask("/opening-hours", &more);
                assert!(none.status == status && !is_copy(&none), "{more:?}: {none:?}");
            }
            for path in ["/api/v1/auth/me", "/api/v1/admin/pages"] {
                assert_eq!(edge.ask(path, &["--cookie", &cookies]).status, status, "{path}");
            }
            for (path, body) in [("/api/v1/forms/contact/leads", "{}"), ("/api/v1/pages", "{}"), ("/api/v1/admin/pages", "{}")] {
                let answer = edge.ask(path, &["--header", "Content-Type: application/json", "--data", body]);
                assert_eq!((answer.status, answer.header("content-type")), (status, "application/problem+json"), "{path}: {answer:?}");
                assert_eq!(answer.header("retry-after"), if status == 503 { "60" } else { "" }, "{path}: {answer:?}");
            }
            let sent = edge.ask("/opening-hours", &["--data", "a=b"]);
            assert!(sent.status == status && sent.text().contains(page_says), "{sent:?}");
        };
        check(&edge, 503, "being worked on");
        fs::remove_file(&closed).unwrap();
        assert!(!is_copy(&edge.ask("/opening-hours", &[])));
        edge.server.take().unwrap().kill();
        check(&edge, 502, "Not reachable right now");
        edge.page.end();
        check(&edge, 502, "Not reachable right now");
    });
}

#[test]
fn a_server_that_is_back_is_asked_again() {
    Edge::each(|mut edge| {
        let page = Ana::of(&edge).publish("Opening hours", "From nine to five");
        assert_eq!(edge.ask("/opening-hours", &[]).status, 200);
        edge.server.take().unwrap().kill();
        assert!(is_copy(&edge.ask("/opening-hours", &[])));
        edge.server = Some(Server::start(&edge.folder));
        edge.until("the server itself answers", || !is_copy(&edge.ask("/opening-hours", &[])));
        Ana::of(&edge).change(&page, "From ten to six");
        assert!(edge.ask("/opening-hours", &[]).text().contains("From ten to six"));
    });
}
