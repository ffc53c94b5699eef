//! Forms that visitors fill in, and what becomes of it.

use std::time::{Duration, Instant};

use magnetiq_api::Role;
use serde_json::{Value, json};

use crate::{
    outbox::letters,
    roles::{add_account, sign_in},
    site::{Answer, Site, agent, etag},
};

pub(crate) const VISITOR: &str = "visitor@example.com";

pub(crate) fn form(change: Value) -> Value {
    let mut form = json!({
        "slug": "contact", "title": "Contact", "kind": "contact", "notify": ["team@example.com"], "double_opt_in": false,
        "thanks": "We answer within a day.", "kept_days": 30, "open": true,
        "fields": [
            { "name": "name", "label": "Your name", "kind": "text", "required": true },
            { "name": "email", "label": "E-mail", "kind": "email", "required": true },
            { "name": "text", "label": "Text", "kind": "long-text" },
        ],
    });
    form.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
    form
}

/// A site with a form and somebody signed in; the form as the team sees it.
pub(crate) fn site(change: Value) -> (Site, Value) {
    let site = Site::signed_in();
    let made = site.post("/api/v1/admin/forms", &form(change));
    assert_eq!(made.status, 201, "{made:?}");
    (site, made.json())
}

/// What stands behind the # in the letter that asks to confirm an address.
pub(crate) fn confirmation(site: &Site) -> String {
    let letters_now = letters(site, 2);
    let letter = letters_now.iter().find(|letter| letter.contains("To: visitor@example.com")).unwrap().replace("=\r\n", "");
    let (_, rest) = letter.split_once("/confirm#").unwrap();
    rest.split_whitespace().next().unwrap().to_owned()
}

/// A site with what somebody sent, and somebody signed in.
pub(crate) fn site_with_a_lead() -> Site {
    let (site, _) = site(json!({}));
    assert_eq!(fill_in(&site, "Hello").status, 202);
    site
}

pub(crate) fn token(site: &Site) -> String {
    site.get("/api/v1/forms/contact").json()["token"].as_str().unwrap().to_owned()
}

fn answers(text: &str) -> Value {
    json!({ "name": "Vi", "email": VISITOR, "text": text })
}

pub(crate) fn send(site: &Site, token: &str, answers: Value) -> Answer {
    site.post("/api/v1/forms/contact/leads", &json!({ "token": token, "answers": answers }))
}

/// Fetches the form, reads it for a while and sends it.
pub(crate) fn fill_in(site: &Site, text: &str) -> Answer {
    let token = token(site);
    site.pass_time(5);
    send(site, &token, answers(text))
}

pub(crate) fn leads(site: &Site, query: &str) -> Vec<Value> {
    site.get(&format!("/api/v1/admin/leads{query}")).json()["items"].as_array().unwrap().clone()
}

#[track_caller]
fn until(what: impl Fn() -> bool) {
    let begin = Instant::now();
    while !what() {
        assert!(begin.elapsed() < Duration::from_secs(60));
        std::thread::sleep(Duration::from_millis(100));
    }
}

fn path(lead: &Value) -> String {
    format!("/api/v1/admin/leads/{}", lead["id"].as_str().unwrap())
}

#[test]
fn a_visitor_writes_and_the_team_is_told() {
    let (site, _) = site(json!({}));
    let sent = fill_in(&site, "Do you have <b>magnets</b>?\nOr not?");
    assert_eq!(
        (sent.status, sent.json()),
        (
            202,
            json!({
                "thanks": "We answer within a day.", "html": "<p>We answer within a day.</p>\n", "to_confirm": false, "link": null, "starts_at": null,
            })
        )
    );
    let lead = &leads(&site, "")[0];
    assert_eq!((&lead["email"], &lead["state"], &lead["form"]), (&json!(VISITOR), &json!("new"), &json!("Contact")));
    assert_eq!(lead["answers"][2], json!({ "name": "text", "label": "Text", "value": "Do you have <b>magnets</b>?\nOr not?" }));
    let letters = letters(&site, 2);
    let letter = letters.iter().find(|letter| letter.contains("To: team@example.com")).unwrap();
    assert!(letter.contains("Subject: Contact: somebody wrote") && letter.contains("&lt;b&gt;magnets"), "{letter}");
    assert!(site.get("/metrics").text().contains("magnetiq_leads_taken_total 1"));
}

#[test]
fn each_form_has_a_token_and_each_token_one_lead() {
    let (site, _) = site(json!({}));
    let first = site.get("/api/v1/forms/contact");
    assert_eq!(first.header("cache-control"), "no-store");
    let (one, two) = (token(&site), token(&site));
    assert_ne!(one, two);
    site.pass_time(5);
    for _ in 0..2 {
        assert_eq!(send(&site, &one, answers("x")).status, 202);
    }
    assert_eq!(leads(&site, "").len(), 1);
    send(&site, &format!("{two}0"), answers("x")).check_problem(410, "form-expired");
    send(&site, "", answers("x")).check_problem(410, "form-expired");
    site.pass_time(24 * 3600);
    send(&site, &two, answers("x")).check_problem(410, "form-expired");
}

#[test]
fn programs_are_answered_and_not_kept() {
    let (site, _) = site(json!({}));
    let quick = token(&site);
    let answered = send(&site, &quick, answers("x"));
    let trapped = token(&site);
    site.pass_time(5);
    let body = json!({ "token": trapped, "answers": answers("x"), "website": "https://spam.example" });
    let fooled = site.post("/api/v1/forms/contact/leads", &body);
    assert_eq!((answered.status, &answered.body), (fooled.status, &fooled.body));
    assert_eq!(answered.status, 202);
    assert_eq!(leads(&site, "").len(), 0);
    assert!(site.get("/metrics").text().contains("magnetiq_leads_dropped_total 2"));
}

#[test]
fn what_strangers_send_is_limited() {
    let (site, _) = site(json!({}));
    let mut statuses = Vec::new();
    for _ in 0..1_000 {
        statuses.push(send(&site, "x", answers("x")).status);
    }
    let looked_at = statuses.iter().filter(|status| **status == 410).count();
    assert!((5..=20).contains(&looked_at), "{looked_at}");
    assert_eq!(statuses.last(), Some(&429));
}

#[test]
fn what_is_no_form_silences_none() {
    let site = Site::with(&[("MAGNETIQ__SERVER__TRUSTED_PROXIES", "127.0.0.0/8")]);
    site.sign_in();
    assert_eq!(site.post("/api/v1/admin/forms", &form(json!({}))).status, 201);
    let junk = json!({ "token": "", "answers": {} }).to_string();
    for n in 0..100 {
        let from = format!("203.0.113.{n}");
        let headers = [("content-type", "application/json"), ("x-forwarded-for", from.as_str())];
        let answer = site.request("POST".parse().unwrap(), "/api/v1/forms/contact/leads", &headers, Some(junk.as_bytes()));
        answer.check_problem(410, "form-expired");
    }
    assert_eq!(fill_in(&site, "I am none of them").status, 202);
}

#[test]
fn what_does_not_fit_is_named() {
    let (site, _) = site(json!({}));
    let good = token(&site);
    site.pass_time(5);
    let wrong = send(&site, &good, json!({ "name": "Vi\r\nBcc: all@example.com", "email": "nobody", "role": "admin" }));
    wrong.check_problem(422, "invalid");
    let wrong = wrong.json();
    let pointers: Vec<&str> = wrong["errors"].as_array().unwrap().iter().map(|error| error["pointer"].as_str().unwrap()).collect();
    assert_eq!(pointers, ["/answers/role", "/answers/name", "/answers/email"]);
    site.post("/api/v1/forms/contact/leads", &json!({ "token": good, "answers": [] })).check_problem(400, "bad-request");
    site.post("/api/v1/forms/contact/leads", &json!({ "token": good, "answers": {}, "state": "done" })).check_problem(400, "bad-request");
    let huge = json!({ "token": good, "answers": { "name": "x".repeat(3 << 20) } });
    site.post("/api/v1/forms/contact/leads", &huge).check_problem(413, "upload-too-large");
    assert_eq!(send(&site, &good, answers("x")).status, 202, "the token was not used up");
}

#[test]
fn an_address_is_confirmed_by_its_owner() {
    let (site, _) = site(json!({ "double_opt_in": true }));
    assert_eq!(fill_in(&site, "x").json()["to_confirm"], true);
    assert_eq!(leads(&site, "?state=unconfirmed").len(), 1);
    let token = confirmation(&site);
    let token = token.as_str();
    let in_outbox = site.get("/api/v1/outbox?q=visitor").json()["items"][0]["id"].as_str().unwrap().to_owned();
    assert!(!site.get(&format!("/api/v1/outbox/{in_outbox}")).text().contains(token), "the team can confirm it");
    let confirm = |token: &str| site.post("/api/v1/leads/confirm", &json!({ "token": token }));
    confirm("guessed").check_problem(410, "link-gone");
    assert_eq!(confirm(token).status, 200);
    assert_eq!(confirm(token).status, 200, "once more is no harm");
    assert_eq!(leads(&site, "?state=new").len(), 1);
    let told = letters(&site, 3).iter().filter(|letter| letter.contains("To: team@example.com")).count();
    assert_eq!(told, 1, "the team is told once, and not before");
}

#[test]
fn what_is_confirmed_late_is_kept_from_then_on() {
    let (site, form_now) = site(json!({ "double_opt_in": true, "kept_days": 3 }));
    fill_in(&site, "x");
    let token = confirmation(&site);
    site.pass_time(5 * 24 * 3600);
    assert_eq!(site.post("/api/v1/leads/confirm", &json!({ "token": token })).status, 200);
    let days = || number(&site, "SELECT (expires_at - created_at) / 86400000 FROM lead");
    assert_eq!(days(), 8);
    site.sign_in();
    let edit = form(json!({ "double_opt_in": true, "kept_days": 4 }));
    assert_eq!(site.put(&format!("/api/v1/admin/forms/{}", form_now["id"].as_str().unwrap()), &etag(&form_now), &edit).status, 200);
    assert_eq!(days(), 9, "who keeps leads longer deletes none");
}

fn number(site: &Site, sql: &'static str) -> u32 {
    site.store.read(move |conn| Ok(conn.query_row(sql, [], |row| row.get(0))?)).wait().unwrap()
}

#[test]
fn nobody_has_a_mailbox_filled() {
    let (site, _) = site(json!({ "double_opt_in": true }));
    let links = || number(&site, "SELECT count(*) FROM outbox WHERE template = 'confirm-lead'");
    for n in 0..4 {
        let sent = fill_in(&site, &format!("{n}"));
        assert_eq!((sent.status, &sent.json()["to_confirm"]), (202, &json!(true)));
    }
    assert_eq!((links(), leads(&site, "?state=unconfirmed").len()), (3, 4), "the fourth is kept like any other");
    site.pass_time(24 * 3600);
    assert_eq!(fill_in(&site, "another day").status, 202);
    assert_eq!(links(), 4);
}

#[test]
fn who_sends_one_form_keeps_nobody_from_another() {
    let (site, _) = site(json!({ "double_opt_in": true }));
    for n in 0..3 {
        assert_eq!(fill_in(&site, &format!("{n}")).status, 202);
    }
    let other = form(json!({ "slug": "other", "double_opt_in": true }));
    assert_eq!(site.post("/api/v1/admin/forms", &other).status, 201);
    let token = site.get("/api/v1/forms/other").json()["token"].clone();
    site.pass_time(5);
    let sent = site.post("/api/v1/forms/other/leads", &json!({ "token": token, "answers": answers("x") }));
    let links = number(&site, "SELECT count(*) FROM outbox WHERE template = 'confirm-lead'");
    assert_eq!((sent.status, links), (202, 4));
}

#[test]
fn long_answers_are_kept_whole_and_told_in_part() {
    let field = |n: usize| json!({ "name": format!("f{n}"), "label": "\"\\".repeat(150), "kind": "long-text" });
    let (site, _) = site(json!({ "fields": (0..30).map(field).collect::<Vec<_>>() }));
    let good = token(&site);
    site.pass_time(5);
    let long = "\"ä\\\n".repeat(1_248) + "THE END";
    let answers: serde_json::Map<String, Value> = (0..30).map(|n| (format!("f{n}"), json!(long))).collect();
    let sent = send(&site, &good, answers.into());
    assert_eq!(sent.status, 202, "{sent:?}");
    assert!(leads(&site, "")[0]["answers"].as_array().unwrap().iter().all(|answer| answer["value"] == json!(long)));
    let outbox = site.get("/api/v1/outbox").json();
    let letter = outbox["items"].as_array().unwrap().iter().find(|letter| letter["template"] == "lead").unwrap()["id"].as_str().unwrap();
    let text = site.get(&format!("/api/v1/outbox/{letter}")).json()["texts"]["text"].as_str().unwrap().to_owned();
    assert_eq!((text.matches('…').count(), text.contains("THE END")), (30, false));
}

#[test]
fn what_nobody_confirms_is_forgotten() {
    let (site, _) = site(json!({ "double_opt_in": true }));
    fill_in(&site, "x");
    letters(&site, 2);
    site.pass_time(7 * 24 * 3600);
    site.sign_in();
    until(|| leads(&site, "").is_empty());
    assert_eq!(site.get("/api/v1/outbox?q=visitor").json()["items"], json!([]));
}

#[test]
fn leads_are_kept_as_long_as_the_form_says() {
    let (mut site, form_now) = site(json!({}));
    fill_in(&site, "x");
    let edit = form(json!({ "kept_days": 1 }));
    let path = format!("/api/v1/admin/forms/{}", form_now["id"].as_str().unwrap());
    site.delete(&path).check_problem(409, "form-has-leads");
    add_account(&site, "bo@example.com", Role::Editor);
    let own = std::mem::replace(&mut site.agent, agent());
    sign_in(&site, "bo@example.com");
    site.put(&path, &etag(&form_now), &edit).check_problem(403, "role-too-low");
    site.agent = own;
    assert_eq!(site.put(&path, &etag(&form_now), &edit).status, 200);
    site.put(&path, &etag(&form_now), &edit).check_problem(412, "precondition-failed");
    site.pass_time(25 * 3600);
    site.sign_in();
    until(|| leads(&site, "").is_empty());
    assert_eq!(site.delete(&path).status, 204);
    site.get("/api/v1/forms/contact").check_problem(404, "form-not-found");
}

#[test]
fn the_team_works_on_leads() {
    let (mut site, form_now) = site(json!({}));
    fill_in(&site, "=HYPERLINK(\"https://evil.example\")");
    fill_in(&site, "second \"Übung\"");
    let lead = leads(&site, "?q=SECOND")[0].clone();
    assert_eq!(leads(&site, "?q=%22%C3%9Cbung%22").len(), 1);
    for word in ["value", "label", "Your%20name"] {
        assert_eq!(leads(&site, &format!("?q={word}")), [] as [Value; 0], "nobody wrote {word}");
    }
    let done = site.put(&path(&lead), &etag(&lead), &json!({ "state": "done", "note": "called" }));
    assert_eq!((done.status, done.json()["state"].as_str()), (200, Some("done")), "{done:?}");
    site.put(&path(&lead), &etag(&lead), &json!({ "state": "new", "note": "" })).check_problem(412, "precondition-failed");
    site.put(&path(&lead), "*", &json!({ "state": "unconfirmed", "note": "" })).check_problem(422, "invalid");
    assert_eq!(leads(&site, "?state=done").len(), 1);
    let letters = site.get("/api/v1/outbox").json();
    let letter = letters["items"].as_array().unwrap().iter().find(|letter| letter["template"] == "lead").unwrap()["id"].as_str().unwrap();
    let table = site.get(&format!("/api/v1/admin/leads.csv?form={}", form_now["id"].as_str().unwrap())).text();
    let lines: Vec<&str> = table.lines().collect();
    assert_eq!(lines[0], "created_at,state,note,name,email,text");
    assert!(lines[2].ends_with(",new,,Vi,visitor@example.com,\"'=HYPERLINK(\"\"https://evil.example\"\")\""), "{table}");
    let renamed = form(json!({ "fields": [{ "name": "mail", "label": "E-mail", "kind": "email" }] }));
    assert_eq!(site.put(&format!("/api/v1/admin/forms/{}", form_now["id"].as_str().unwrap()), &etag(&form_now), &renamed).status, 200);
    let table = site.get(&format!("/api/v1/admin/leads.csv?form={}", form_now["id"].as_str().unwrap())).text();
    assert!(table.starts_with("created_at,state,note,mail,email,name,text\r\n"), "{table}");
    assert!(table.lines().nth(1).unwrap().contains(",done,called,,visitor@example.com,Vi,"), "{table}");
    add_account(&site, "bo@example.com", Role::Editor);
    add_account(&site, "cy@example.com", Role::Viewer);
    site.agent = agent();
    sign_in(&site, "cy@example.com");
    site.get("/api/v1/admin/leads").check_problem(403, "role-too-low");
    let letters = site.get("/api/v1/outbox").json();
    assert!(!letters["items"].as_array().unwrap().iter().any(|letter| letter["template"] == "lead"), "{letters}");
    site.get(&format!("/api/v1/outbox/{letter}")).check_problem(404, "not-found");
    sign_in(&site, "bo@example.com");
    assert_eq!(leads(&site, "").len(), 2);
    site.delete(&path(&lead)).check_problem(403, "role-too-low");
}

#[test]
fn a_form_that_can_not_be() {
    let site = Site::signed_in();
    let pointers = |change: Value| -> Vec<String> {
        let answer = site.post("/api/v1/admin/forms", &form(change));
        answer.check_problem(422, "invalid");
        answer.json()["errors"].as_array().unwrap().iter().map(|error| error["pointer"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(pointers(json!({ "slug": "Über uns" })), ["/slug"]);
    assert_eq!(
        pointers(json!({ "title": "two\nlines", "kept_days": 0, "notify": ["me", "bo@example.com"] })),
        ["/title", "/kept_days", "/notify/0"]
    );
    assert_eq!(pointers(json!({ "fields": [] })), ["/fields"]);
    site.post("/api/v1/admin/forms", &form(json!({})));
    assert_eq!(pointers(json!({})), ["/slug"]);
    site.post("/api/v1/admin/forms", &form(json!({ "id": "x" }))).check_problem(400, "bad-request");
}

#[test]
fn a_closed_form_is_not_there() {
    let (site, _) = site(json!({ "open": false }));
    site.get("/api/v1/forms/contact").check_problem(404, "form-not-found");
    send(&site, "x", answers("x")).check_problem(404, "form-not-found");
}
