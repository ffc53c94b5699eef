//! The team: invited, changed, taken away; passwords and sessions of one's own.

use std::{
    io::{Read, Write},
    net::TcpStream,
};

use magnetiq_api::Role;
use serde_json::{Value, json};
use ureq::http::Method;

use crate::{
    outbox::letters,
    roles::{add_account, sign_in},
    site::{Answer, EMAIL, PASSWORD, Site, agent},
};

const NEW: &str = "violet kettle mountain";

fn login(site: &Site, email: &str, password: &str) -> Answer {
    site.post("/api/v1/auth/login", &json!({ "email": email, "password": password }))
}

/// What stands behind the # in a letter to somebody; of several the newest.
#[track_caller]
fn link(site: &Site, to: &str, count: usize) -> String {
    let mut links: Vec<(String, String)> = letters(site, count)
        .iter()
        .filter(|letter| letter.contains(&format!("To: {to}\r\n")))
        .map(|letter| letter.replace("=\r\n", "").replace("=3D", "="))
        .filter_map(|letter| {
            let (_, rest) = letter.split_once("admin/password#")?;
            let token = rest.split(|c: char| !c.is_ascii_alphanumeric() && !"-_.".contains(c)).next().unwrap();
            Some((token.split('.').next().unwrap().to_owned(), token.to_owned()))
        })
        .collect();
    links.sort();
    links.pop().unwrap_or_else(|| panic!("no link to {to}")).1
}

fn choose(site: &Site, token: &str, password: &str) -> Answer {
    site.post("/api/v1/auth/password-link", &json!({ "token": token, "password": password }))
}

fn account(site: &Site, email: &str) -> Value {
    let accounts = site.get("/api/v1/admin/accounts").json();
    accounts.as_array().unwrap().iter().find(|account| account["email"] == email).unwrap().clone()
}

fn path(account: &Value) -> String {
    format!("/api/v1/admin/accounts/{}", account["id"].as_str().unwrap())
}

fn etag(account: &Value) -> String {
    format!("\"{}\"", account["revision"])
}

fn wanted(email: &str, role: &str, disabled: bool) -> Value {
    json!({ "email": email, "name": "Bo", "role": role, "disabled": disabled })
}

#[test]
fn somebody_is_invited_and_chooses_a_password() {
    let mut site = Site::signed_in();
    let made = site.post("/api/v1/admin/accounts", &json!({ "email": "bo@example.com", "name": "Bo", "role": "editor" }));
    assert_eq!((made.status, made.json()["state"].as_str()), (201, Some("invited")), "{made:?}");
    let token = link(&site, "bo@example.com", 2);
    let in_outbox = site.get("/api/v1/outbox?q=bo@").json()["items"][0]["id"].as_str().unwrap().to_owned();
    let preview = site.get(&format!("/api/v1/outbox/{in_outbox}")).text();
    assert!(!preview.contains(token.split_once('.').unwrap().1), "the team can use the link: {preview}");
    site.agent = agent();
    login(&site, "bo@example.com", PASSWORD).check_problem(401, "wrong-credentials");
    let errors = choose(&site, &token, "bo@example.com").json()["errors"].clone();
    assert_eq!(errors[0]["pointer"], "/password", "{errors}");
    choose(&site, &format!("{token}0"), NEW).check_problem(410, "link-gone");
    assert_eq!(choose(&site, &token, NEW).status, 204);
    choose(&site, &token, "another password entirely").check_problem(410, "link-gone");
    assert_eq!(login(&site, "bo@example.com", NEW).json()["state"], "active");
}

#[test]
fn an_invitation_ends_and_can_be_sent_again() {
    let mut site = Site::signed_in();
    site.post("/api/v1/admin/accounts", &json!({ "email": "bo@example.com", "name": "Bo", "role": "editor" }));
    let first = link(&site, "bo@example.com", 2);
    assert_eq!(site.post(&format!("{}/link", path(&account(&site, "bo@example.com"))), &json!({})).status, 202);
    let second = link(&site, "bo@example.com", 3);
    choose(&site, &first, NEW).check_problem(410, "link-gone");
    site.pass_time(8 * 24 * 3600);
    choose(&site, &second, NEW).check_problem(410, "link-gone");
    site.agent = agent();
    site.sign_in();
    site.post(&format!("{}/link", path(&account(&site, "bo@example.com"))), &json!({}));
    assert_eq!(choose(&site, &link(&site, "bo@example.com", 5), NEW).status, 204);
}

#[test]
fn a_forgotten_password_is_chosen_anew() {
    let site = Site::signed_in();
    let known = site.post("/api/v1/auth/forgotten", &json!({ "email": "ANA@example.com" }));
    let unknown = site.post("/api/v1/auth/forgotten", &json!({ "email": "nobody@example.com" }));
    assert_eq!((known.status, &known.body), (unknown.status, &unknown.body));
    assert_eq!(known.status, 202);
    let token = link(&site, EMAIL, 2);
    let program = json!({ "name": "not mine", "role": "admin", "expires_at": "2025-12-23T00:00:00Z" });
    let secret = site.post("/api/v1/auth/tokens", &program).json()["secret"].as_str().unwrap().to_owned();
    let authorization = format!("Bearer {secret}");
    let by_token = || site.request("GET".parse().unwrap(), "/api/v1/admin/leads", &[("authorization", &authorization)], None);
    assert_eq!(by_token().status, 200);
    assert_eq!(choose(&site, &token, NEW).status, 204);
    by_token().check_problem(401, "not-signed-in");
    site.get("/api/v1/auth/me").check_problem(401, "not-signed-in");
    login(&site, EMAIL, PASSWORD).check_problem(401, "wrong-credentials");
    site.pass_time(60);
    assert_eq!(login(&site, EMAIL, NEW).status, 200);
    assert!(letters(&site, 4).iter().any(|letter| letter.contains("Subject: Your password for Magnetiq was changed")));
    for _ in 0..5 {
        site.post("/api/v1/auth/forgotten", &json!({ "email": EMAIL }));
    }
    // Three at once, whoever asks; and then the mailbox rests.
    let begin = std::time::Instant::now();
    while site.get("/api/v1/outbox?q=ana&limit=100").json()["items"].as_array().unwrap().len() < 7 {
        assert!(begin.elapsed().as_secs() < 30);
    }
    site.post("/api/v1/auth/forgotten", &json!({ "email": "nobody@example.com" }));
    assert_eq!(site.get("/api/v1/outbox?q=ana&limit=100").json()["items"].as_array().unwrap().len(), 7);
}

/// Its head was let pass; its body comes when the session is over.
#[test]
fn a_session_that_ends_while_a_request_arrives_makes_nobody_an_administrator() {
    let site = Site::signed_in();
    let eve = json!({ "email": "eve@example.com", "name": "Eve", "role": "admin", "password": NEW });
    arrives_late(&site, "POST /api/v1/admin/accounts", &eve);
    arrives_late(&site, "PUT /api/v1/admin/settings", &json!({ "values": { "site.title": "Eve's" } }));
    arrives_late(&site, "PUT /api/v1/auth/password", &json!({ "current_password": PASSWORD, "password": NEW }));
    arrives_late(&site, "POST /api/v1/auth/second-factor/confirm", &json!({ "code": "000000" }));
    arrives_late(&site, "POST /api/v1/auth/second-factor/remove", &json!({ "password": PASSWORD }));
    login(&site, "eve@example.com", NEW).check_problem(401, "wrong-credentials");
    assert_eq!(site.get("/api/v1/site").json()["title"], "Magnetiq");
    site.sign_in();
}

#[track_caller]
fn arrives_late(site: &Site, route: &str, body: &Value) {
    let answer = login(site, EMAIL, PASSWORD);
    let cookie = answer.header("set-cookie").split(';').next().unwrap().to_owned();
    let body = body.to_string();
    let mut stream = TcpStream::connect(site.address).unwrap();
    let head = format!(
        "{route} HTTP/1.1\r\nHost: localhost\r\nCookie: {cookie}\r\nContent-Type: application/json\r\nIf-Match: *\r\n\
         Content-Length: {}\r\nConnection: close\r\n\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes()).unwrap();
    // Its head is looked at before the next request is answered: there is one worker, or it takes long until the sessions have ended.
    std::thread::sleep(std::time::Duration::from_millis(300));
    assert!([200, 204].contains(&site.delete("/api/v1/auth/sessions").status));
    assert!([200, 204].contains(&site.post("/api/v1/auth/logout", &json!({})).status));
    stream.write_all(body.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 401"), "{route}: {answer}");
}

#[test]
fn a_link_is_good_for_half_an_hour() {
    let site = Site::signed_in();
    site.post("/api/v1/auth/forgotten", &json!({ "email": EMAIL }));
    let token = link(&site, EMAIL, 2);
    site.pass_time(31 * 60);
    choose(&site, &token, NEW).check_problem(410, "link-gone");
    for nonsense in ["", ".", "x.y", "019aa000-0000-7000-8000-000000000000.", &"a".repeat(100_000)] {
        choose(&site, nonsense, NEW).check_problem(410, "link-gone");
    }
}

#[test]
fn an_account_is_changed_at_once() {
    let mut site = Site::signed_in();
    add_account(&site, "bo@example.com", Role::Editor);
    let admin = std::mem::replace(&mut site.agent, agent());
    sign_in(&site, "bo@example.com");
    let bo = std::mem::replace(&mut site.agent, admin);
    let before = account(&site, "bo@example.com");
    site.put(&path(&before), "\"99\"", &wanted("bo@example.com", "viewer", false)).check_problem(412, "precondition-failed");
    let unsure = [("content-type", "application/json")];
    let body = wanted("bo@example.com", "viewer", false).to_string();
    site.request(Method::PUT, &path(&before), &unsure, Some(body.as_bytes())).check_problem(428, "precondition-required");
    site.put(&path(&before), &etag(&before), &wanted(EMAIL, "viewer", false)).check_problem(422, "invalid");
    let after = site.put(&path(&before), &etag(&before), &wanted("robert@example.com", "viewer", false));
    assert_eq!((after.status, after.header("etag")), (200, "\"2\""), "{after:?}");
    assert!(letters(&site, 3).iter().any(|letter| letter.contains("To: bo@example.com") && letter.contains("has another address")));
    let admin = std::mem::replace(&mut site.agent, bo);
    site.post("/api/v1/admin/pages", &json!({ "title": "x" })).check_problem(403, "role-too-low");
    let bo = std::mem::replace(&mut site.agent, admin);
    let disabled = site.put(&path(&before), "\"2\"", &wanted("robert@example.com", "viewer", true));
    assert_eq!(disabled.json()["state"], "disabled");
    site.post(&format!("{}/link", path(&before)), &json!({})).check_problem(404, "not-found");
    let admin = std::mem::replace(&mut site.agent, bo);
    site.get("/api/v1/auth/me").check_problem(401, "not-signed-in");
    login(&site, "robert@example.com", PASSWORD).check_problem(401, "wrong-credentials");
    site.agent = admin;
    site.put(&path(&before), "\"3\"", &wanted("robert@example.com", "viewer", false));
    assert_eq!(login(&site, "robert@example.com", PASSWORD).status, 200);
}

#[test]
fn the_last_administrator_stays() {
    let site = Site::signed_in();
    let ana = account(&site, EMAIL);
    let demoted = json!({ "email": EMAIL, "name": "Ana", "role": "editor", "disabled": false });
    let disabled = json!({ "email": EMAIL, "name": "Ana", "role": "admin", "disabled": true });
    site.put(&path(&ana), &etag(&ana), &demoted).check_problem(409, "last-admin");
    site.put(&path(&ana), &etag(&ana), &disabled).check_problem(409, "last-admin");
    site.delete(&path(&ana)).check_problem(409, "last-admin");
    site.post("/api/v1/admin/accounts", &json!({ "email": "bo@example.com", "name": "Bo", "role": "admin" }));
    site.delete(&path(&ana)).check_problem(409, "last-admin");
    assert_eq!(choose(&site, &link(&site, "bo@example.com", 2), NEW).status, 204);
    site.create_page("By Ana", "text");
    site.request(Method::DELETE, &path(&ana), &[], None).check_problem(428, "precondition-required");
    site.request(Method::DELETE, &path(&ana), &[("if-match", "\"99\"")], None).check_problem(412, "precondition-failed");
    let seen = etag(&account(&site, EMAIL));
    assert_eq!(site.request(Method::DELETE, &path(&ana), &[("if-match", &seen)], None).status, 204);
    site.get("/api/v1/auth/me").check_problem(401, "not-signed-in");
    assert_eq!(login(&site, "bo@example.com", NEW).status, 200);
    assert_eq!(site.get("/api/v1/admin/pages").json()["items"][0]["title"], "By Ana");
}

#[test]
fn the_own_password_needs_the_one_before() {
    let mut site = Site::signed_in();
    site.post("/api/v1/auth/forgotten", &json!({ "email": EMAIL }));
    let by_link = link(&site, EMAIL, 2);
    let here = std::mem::replace(&mut site.agent, agent());
    site.sign_in();
    let elsewhere = std::mem::replace(&mut site.agent, here);
    let change = |current: &str, new: &str| {
        let body = json!({ "current_password": current, "password": new }).to_string();
        site.request(Method::PUT, "/api/v1/auth/password", &[("content-type", "application/json")], Some(body.as_bytes()))
    };
    assert_eq!(change("wrong horse battery", NEW).json()["errors"][0]["pointer"], "/current_password");
    assert_eq!(change(PASSWORD, "short").json()["errors"][0]["pointer"], "/password");
    assert_eq!(change(PASSWORD, "1q2w3e4r5t6y").json()["errors"][0]["pointer"], "/password");
    assert_eq!(change(PASSWORD, NEW).status, 204);
    assert_eq!(site.get("/api/v1/auth/me").status, 200);
    choose(&site, &by_link, "another password entirely").check_problem(410, "link-gone");
    for _ in 0..5 {
        change("wrong horse battery", NEW);
    }
    change("wrong horse battery", NEW).check_problem(429, "too-many-attempts");
    site.agent = elsewhere;
    site.get("/api/v1/auth/me").check_problem(401, "not-signed-in");
}

#[test]
fn sessions_are_seen_and_ended() {
    let mut site = Site::signed_in();
    let phone = std::mem::replace(&mut site.agent, agent());
    site.pass_time(60);
    site.sign_in();
    let list = site.get("/api/v1/auth/sessions").json();
    let sessions = list.as_array().unwrap();
    assert_eq!((sessions.len(), &sessions[0]["current"], &sessions[1]["current"]), (2, &json!(true), &json!(false)));
    assert_eq!(sessions[0]["address"], "127.0.0.1");
    assert!(sessions[0]["agent"].as_str().unwrap().contains("ureq"), "{list}");
    assert!(!list.to_string().contains("token"), "{list}");
    let other = format!("/api/v1/auth/sessions/{}", sessions[1]["id"].as_str().unwrap());
    assert_eq!(site.delete(&other).status, 204);
    site.delete(&other).check_problem(404, "not-found");
    let laptop = std::mem::replace(&mut site.agent, phone);
    site.get("/api/v1/auth/me").check_problem(401, "not-signed-in");
    site.sign_in();
    let phone = std::mem::replace(&mut site.agent, laptop);
    assert_eq!(site.delete("/api/v1/auth/sessions").status, 204);
    assert_eq!(site.get("/api/v1/auth/me").status, 200);
    let noted = site.get("/api/v1/admin/audit?limit=2").json();
    let actions = (&noted["items"][0]["action"], &noted["items"][1]["action"]);
    assert_eq!(actions, (&json!("account.end-sessions"), &json!("account.end-session")), "{noted}");
    site.agent = phone;
    site.get("/api/v1/auth/me").check_problem(401, "not-signed-in");
    // Somebody else's can't be ended by its id.
    add_account(&site, "bo@example.com", Role::Admin);
    sign_in(&site, "bo@example.com");
    site.delete(&format!("/api/v1/auth/sessions/{}", sessions[0]["id"].as_str().unwrap())).check_problem(404, "not-found");
    assert_eq!(site.delete(&format!("{}/sessions", path(&account(&site, EMAIL)))).status, 204);
    assert_eq!(site.get(&path(&account(&site, EMAIL))).json()["sessions"], json!([]));
}

#[test]
fn the_first_administrator_needs_the_link_of_the_log() {
    let first = |token: &str| json!({ "token": token, "email": EMAIL, "name": "Ana", "password": NEW });
    let site = Site::prepared(&[], |_, _| {});
    site.post("/api/v1/auth/first", &first("guessed")).check_problem(410, "link-gone");
    site.post("/api/v1/auth/first", &first("")).check_problem(410, "link-gone");
    let with_accounts = Site::start();
    with_accounts.post("/api/v1/auth/first", &first("")).check_problem(410, "link-gone");
}

#[test]
fn what_no_letter_can_go_to_is_no_address() {
    let site = Site::signed_in();
    for email in ["ana@gmail..com", "a@b@c.com", ".ana@example.com", "ana@-example.com", "ana@localhost", "ana", "@example.com"] {
        let made = site.post("/api/v1/admin/accounts", &json!({ "email": email, "name": "Ana", "role": "viewer" }));
        made.check_problem(422, "invalid");
        assert_eq!(made.json()["errors"][0]["pointer"], "/email", "{email}");
    }
    let made = site.post("/api/v1/admin/accounts", &json!({ "email": "o'neil+news@mail.example.com", "name": "Ana", "role": "viewer" }));
    assert_eq!(made.status, 201, "{made:?}");
}

#[test]
fn who_asks_changes_only_their_name() {
    let site = Site::signed_in();
    let put = |body: &Value| {
        let body = body.to_string();
        site.request(Method::PUT, "/api/v1/auth/me", &[("content-type", "application/json")], Some(body.as_bytes()))
    };
    assert_eq!(put(&json!({ "name": "  Ana Smith " })).json()["name"], "Ana Smith");
    put(&json!({ "name": "x", "role": "admin" })).check_problem(400, "bad-request");
    put(&json!({ "name": "two\nlines" })).check_problem(422, "invalid");
}
