//! What forms give those who send them.

use magnetiq_api::Role;
use serde_json::{Value, json};

use crate::{
    leads::{VISITOR, confirmation, fill_in, form, site},
    outbox::letters,
    roles::{add_account, sign_in},
    site::{Site, agent, etag},
};

/// The letters to the visitor with what the form gives, as the team reads them.
fn replies(site: &Site) -> Vec<String> {
    let list = site.get("/api/v1/outbox?limit=100").json();
    let ids = list["items"].as_array().unwrap().iter().filter(|entry| entry["template"] == "lead-reply").map(|entry| {
        assert_eq!(entry["target"], VISITOR, "{entry}");
        entry["id"].as_str().unwrap().to_owned()
    });
    ids.map(|id| site.get(&format!("/api/v1/outbox/{id}")).json()["texts"]["text"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn a_file_is_given_after_sending_and_not_before() {
    let (mut site, _) = site(json!({ "kind": "download", "link": "/media/guide.pdf", "thanks": "Read it **first**." }));
    let before = site.get("/api/v1/forms/contact").text() + &site.get("/forms/contact").text();
    assert!(before.contains("Your name") && !before.contains("guide.pdf"), "{before}");
    let sent = fill_in(&site, "x").json();
    let given = (&sent["html"], &sent["link"], &sent["to_confirm"]);
    assert_eq!(given, (&json!("<p>Read it <strong>first</strong>.</p>\n"), &json!("/media/guide.pdf"), &json!(false)));
    let told = replies(&site);
    assert!(told.len() == 1 && told[0].contains("http://localhost:8036/media/guide.pdf"), "{told:?}");
    for _ in 0..4 {
        site.pass_time(60);
        assert_eq!(fill_in(&site, "x").json()["link"], "/media/guide.pdf");
    }
    assert_eq!(replies(&site).len(), 3, "nobody's mailbox is filled by strangers");
    add_account(&site, "cy@example.com", Role::Viewer);
    site.agent = agent();
    sign_in(&site, "cy@example.com");
    assert!(replies(&site).is_empty(), "they are for who sees leads");
    assert!(!site.get("/api/v1/outbox?limit=100").text().contains(VISITOR));
}

#[test]
fn with_double_opt_in_it_is_given_after_confirming() {
    let link = "https://meet.example.com/a?b=1&c";
    let change = json!({ "kind": "webinar", "link": link, "starts_at": "2026-01-15T16:30:00Z", "double_opt_in": true });
    let (site, _) = site(change);
    let sent = fill_in(&site, "x").json();
    assert_eq!((&sent["to_confirm"], &sent["link"], &sent["starts_at"]), (&json!(true), &Value::Null, &Value::Null));
    let token = confirmation(&site);
    assert!(replies(&site).is_empty());
    for _ in 0..2 {
        let confirmed = site.post("/api/v1/leads/confirm", &json!({ "token": token })).json();
        assert_eq!(
            confirmed,
            json!({
                "thanks": "We answer within a day.", "html": "<p>We answer within a day.</p>\n", "to_confirm": false, "link": link,
                "starts_at": "2026-01-15T16:30:00Z",
            })
        );
    }
    let told = replies(&site);
    assert!(told.len() == 1 && told[0].contains(link) && told[0].contains("2026-01-15 at 16:30 (UTC)"), "{told:?}");
    let person = json!({ "email": VISITOR, "confirm": true });
    assert_eq!(site.post("/api/v1/admin/people/erase", &person).json()["letters"], 3);
    assert!(replies(&site).is_empty());
}

#[test]
fn a_form_that_gives_nothing_writes_to_nobody() {
    let (site, made) = site(json!({}));
    fill_in(&site, "x");
    letters(&site, 2);
    assert!(replies(&site).is_empty());
    let path = format!("/api/v1/admin/forms/{}", made["id"].as_str().unwrap());
    for link in ["", "guide.pdf", "//evil.example", "http://example.com", "javascript:alert(1)", "mailto:a@example.com", "/a b"] {
        let refused = site.put(&path, &etag(&made), &form(json!({ "link": link })));
        refused.check_problem(422, "invalid");
        assert_eq!(refused.json()["errors"][0]["pointer"], "/link", "{link}");
    }
    for (kind, starts_at) in [("contact", "2026-01-15T16:30:00Z"), ("webinar", "1969-12-31T23:59:59Z")] {
        let refused = site.put(&path, &etag(&made), &form(json!({ "kind": kind, "starts_at": starts_at })));
        refused.check_problem(422, "invalid");
        assert_eq!(refused.json()["errors"][0]["pointer"], "/starts_at", "{kind}");
    }
}
