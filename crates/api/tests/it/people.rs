//! What is held about somebody, and how it is erased.

use serde_json::{Value, json};

use crate::{
    leads::{VISITOR, fill_in, leads, send, site, token},
    outbox::letters,
    site::{Site, etag},
};

#[test]
fn somebody_is_shown_and_forgotten() {
    let (site, _) = site(json!({}));
    fill_in(&site, "about me");
    fill_in(&site, "again");
    letters(&site, 3);
    let person = json!({ "email": "VISITOR@example.com" });
    let held = site.post("/api/v1/admin/people/export", &person).json();
    assert_eq!((held["leads"].as_array().unwrap().len(), held["letters"].as_array().unwrap().len()), (2, 2), "{held}");
    assert!(held["letters"].to_string().contains("about me"), "{held}");
    for _ in 0..2 {
        let headers = [("content-type", "application/json"), ("idempotency-key", "kept-nowhere")];
        let again = site.request("POST".parse().unwrap(), "/api/v1/admin/people/export", &headers, Some(person.to_string().as_bytes()));
        assert_eq!((again.status, again.header("idempotency-replayed")), (200, ""));
    }
    let plan = site.post("/api/v1/admin/people/erase", &person).json();
    assert_eq!(plan, json!({ "leads": 2, "letters": 2, "mentioned": [], "done": false, "has_account": false }));
    assert_eq!(leads(&site, "").len(), 2);
    let done = site.post("/api/v1/admin/people/erase", &json!({ "email": VISITOR, "confirm": true })).json();
    assert_eq!(done["done"], true);
    assert_eq!(leads(&site, "").len(), 0);
    let held = site.post("/api/v1/admin/people/export", &person).json();
    assert_eq!((&held["leads"], &held["letters"]), (&json!([]), &json!([])));
    let rest = site.store.read(|conn| {
        let sql = "SELECT count(*) FROM audit_entry WHERE concat(subject, before, after, actor) LIKE '%visitor%'";
        Ok(conn.query_row(sql, [], |row| row.get::<_, u32>(0))?)
    });
    assert_eq!(rest.wait().unwrap(), 0, "the log, which is never changed, names nobody who may ask to be forgotten");
    let noted = site.get("/api/v1/admin/audit?action=person").json();
    assert_eq!(noted["items"][1]["after"], json!({ "leads": 2, "letters": 2 }), "{noted}");
}

/// The texts of the answers to `text`.
fn texts(leads: &Value) -> Vec<&str> {
    leads.as_array().unwrap().iter().map(|lead| lead["answers"].as_array().unwrap().last().unwrap()["value"].as_str().unwrap()).collect()
}

fn send_as(site: &Site, email: &str, text: &str) {
    let token = token(site);
    site.pass_time(5);
    assert_eq!(send(site, &token, json!({ "name": "Bo", "email": email, "text": text })).status, 202);
}

#[test]
fn leads_of_others_that_name_an_address_are_shown_and_stay() {
    let (site, _) = site(json!({}));
    send_as(&site, VISITOR, "mine");
    send_as(&site, "bo@example.com", "Ask Visitor@Example.com.");
    send_as(&site, "cy@example.com", VISITOR);
    send_as(&site, "di@example.com", "noted");
    send_as(&site, "revisitor@example.com", "<revisitor@example.com>, visitor@example.com.au or x.visitor@example.com");
    let noted = leads(&site, "?q=noted").remove(0);
    let path = format!("/api/v1/admin/leads/{}", noted["id"].as_str().unwrap());
    let note = json!({ "state": "new", "note": "a friend of <visitor@example.com>" });
    assert_eq!(site.put(&path, &etag(&noted), &note).status, 200);

    let held = site.post("/api/v1/admin/people/export", &json!({ "email": VISITOR })).json();
    assert_eq!(texts(&held["leads"]), ["mine"]);
    assert_eq!(texts(&held["mentioned"]), ["Ask Visitor@Example.com.", VISITOR, "noted"]);
    for confirm in [false, true] {
        let erased = site.post("/api/v1/admin/people/erase", &json!({ "email": VISITOR, "confirm": confirm })).json();
        assert_eq!((&erased["leads"], &erased["letters"], &erased["mentioned"]), (&json!(1), &json!(1), &held["mentioned"]));
    }
    assert_eq!(leads(&site, "").len(), 4, "nobody else's lead went");
    assert_eq!(site.delete(&path).status, 204);
    let held = site.post("/api/v1/admin/people/export", &json!({ "email": VISITOR })).json();
    assert_eq!(texts(&held["mentioned"]), ["Ask Visitor@Example.com.", VISITOR]);
}

#[test]
fn an_answer_alone_is_theirs_where_no_address_is_asked_for() {
    let field = |name: &str| json!({ "name": name, "label": name, "kind": "text" });
    let (site, _) = site(json!({ "fields": [field("reach_me"), field("text")] }));
    for (reach_me, text) in [(VISITOR, "mine"), ("by phone", VISITOR), ("by phone", "ask visitor@example.com")] {
        let token = token(&site);
        site.pass_time(5);
        assert_eq!(send(&site, &token, json!({ "reach_me": reach_me, "text": text })).status, 202);
    }
    let held = site.post("/api/v1/admin/people/export", &json!({ "email": VISITOR })).json();
    assert_eq!((texts(&held["leads"]), texts(&held["mentioned"])), (vec!["mine", VISITOR], vec!["ask visitor@example.com"]));
}
