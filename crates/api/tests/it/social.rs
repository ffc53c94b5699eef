//! Posts on social networks, against a stand-in that speaks for each of them: what it is asked is what the networks would be asked.

use std::time::{Duration, Instant};

use magnetiq_api::Role;
use serde_json::{Value, json};

use crate::{
    roles::{add_account, sign_in},
    site::{Answer, Site, agent, etag},
    social_network::{Asked, Network, Next},
};

/// A site that posts to this stand-in, under each name.
pub(crate) fn site(network: &Network, more: &[(&str, &str)]) -> Site {
    let url = network.url.as_str();
    let mut variables = vec![
        ("MAGNETIQ__SOCIAL__MASTODON__URL", url),
        ("MAGNETIQ__SOCIAL__MASTODON__TOKEN", "token-of-mastodon"),
        ("MAGNETIQ__SOCIAL__LINKEDIN__URL", url),
        ("MAGNETIQ__SOCIAL__LINKEDIN__TOKEN", "token-of-linkedin"),
        ("MAGNETIQ__SOCIAL__LINKEDIN__AUTHOR", "urn:li:organization:17"),
        ("MAGNETIQ__SOCIAL__X__URL", url),
        ("MAGNETIQ__SOCIAL__X__TOKEN", "token-of-x"),
        ("MAGNETIQ__MAIL__RETRY_FIRST_S", "1"),
        ("MAGNETIQ__MAIL__RETRY_MAX_S", "2"),
    ];
    variables.extend(more);
    let site = Site::with(&variables);
    site.sign_in();
    site
}

fn post(site: &Site, networks: &[&str], text: &str) -> Vec<Value> {
    site.pass_time(1);
    let answer = site.post("/api/v1/admin/posts", &json!({ "networks": networks, "text": text }));
    assert_eq!(answer.status, 201, "{answer:?}");
    answer.json().as_array().unwrap().clone()
}

fn entry(site: &Site, id: &Value) -> Value {
    site.get(&format!("/api/v1/outbox/{}", id.as_str().unwrap())).json()
}

/// Lets time pass until the entry is so.
#[track_caller]
pub(crate) fn until(site: &Site, id: &Value, seconds: i64, is: impl Fn(&Value) -> bool) -> Value {
    let begin = Instant::now();
    loop {
        let entry = entry(site, id);
        if is(&entry) {
            return entry;
        }
        assert!(begin.elapsed() < Duration::from_secs(40), "{entry}");
        std::thread::sleep(Duration::from_millis(100));
        site.pass_time(seconds);
    }
}

#[track_caller]
pub(crate) fn until_state(site: &Site, id: &Value, state: &str) -> Value {
    until(site, id, 1, |entry| entry["state"] == state)
}

#[test]
fn each_network_gets_its_own_request() {
    let network = Network::start();
    let site = site(&network, &[]);
    let posted = site.post(
        "/api/v1/admin/posts",
        &json!({ "networks": ["mastodon", "linkedin", "x"], "text": "We are (nearly) done #launch", "link": "https://example.com/a_b" }),
    );
    assert_eq!(posted.status, 201, "{posted:?}");
    let text = "We are (nearly) done #launch\n\nhttps://example.com/a_b";
    for (posted, receipt) in posted.json().as_array().unwrap().iter().zip([
        "https://social.example/@ana/",
        "https://www.linkedin.com/feed/update/urn:li:share:",
        "https://x.com/i/status/",
    ]) {
        let sent = until_state(&site, &posted["id"], "sent");
        assert!(sent["receipt"].as_str().unwrap().starts_with(receipt), "{sent}");
        assert_eq!((&sent["target"], &sent["post"], &sent["attempts"]), (&json!("127.0.0.1"), &json!(text), &json!(1)));
    }
    let mut asked = network.asked();
    asked.sort_by(|one, other| one.path.cmp(&other.path));
    let [x, mastodon, linkedin] = asked.as_slice() else { panic!("{asked:?}") };
    assert_eq!((x.path.as_str(), x.header("authorization"), &x.body), ("/2/tweets", "Bearer token-of-x", &json!({ "text": text })));
    assert_eq!((mastodon.path.as_str(), mastodon.header("authorization")), ("/api/v1/statuses", "Bearer token-of-mastodon"));
    assert_eq!(mastodon.header("idempotency-key"), posted.json()[0]["id"].as_str().unwrap());
    assert_eq!(mastodon.body, json!({ "status": text, "visibility": "public" }));
    assert_eq!((linkedin.path.as_str(), linkedin.header("linkedin-version")), ("/rest/posts", "202511"));
    assert_eq!(linkedin.body["author"], "urn:li:organization:17");
    assert_eq!(linkedin.body["commentary"], "We are \\(nearly\\) done {hashtag|\\#|launch}\n\nhttps://example.com/a\\_b");
    let audit = site.get("/api/v1/admin/audit?action=post").json();
    assert_eq!(audit["items"].as_array().unwrap().len(), 3);
    for text in [audit.to_string(), posted.text(), site.get("/api/v1/outbox").text()] {
        assert!(!text.contains("token-of"), "{text}");
    }
}

#[test]
fn what_is_refused_is_given_up_and_what_fails_is_tried_again() {
    let network = Network::start();
    let site = site(&network, &[]);
    network.then(Next::Say(422, "x-none: 1", "{\"error\":\"Validation failed\"}"));
    let dead = until_state(&site, &post(&site, &["mastodon"], "one")[0]["id"], "dead");
    assert_eq!((&dead["attempts"], &dead["last_error"]), (&json!(1), &json!("422 {\"error\":\"Validation failed\"}")));
    let retried = site.post(&format!("/api/v1/outbox/{}/retry", dead["id"].as_str().unwrap()), &json!({}));
    assert_eq!(retried.status, 200, "{retried:?}");
    until_state(&site, &dead["id"], "sent");

    network.then(Next::Say(503, "x-none: 1", "later"));
    network.then(Next::Lose);
    let sent = until_state(&site, &post(&site, &["mastodon"], "two")[0]["id"], "sent");
    assert_eq!((&sent["attempts"], &sent["last_error"]), (&json!(3), &Value::Null));
    let two: Vec<Asked> = network.asked().into_iter().filter(|asked| asked.body["status"] == "two").collect();
    assert_eq!(two.len(), 3);
    assert!(two.iter().all(|asked| asked.header("idempotency-key") == sent["id"].as_str().unwrap()), "{two:?}");

    // X took it, was not heard, and refuses it as a duplicate: it is there.
    network.then(Next::Lose);
    network.then(Next::Say(403, "x-none: 1", "{\"detail\":\"You are not allowed to create a Tweet with duplicate content.\"}"));
    let sent = until_state(&site, &post(&site, &["x"], "three")[0]["id"], "sent");
    assert_eq!(sent["attempts"], 2);

    // Nobody is sent elsewhere with the token.
    let other = Network::start();
    let location: &'static str = Box::leak(format!("location: {}/2/tweets", other.url).into_boxed_str());
    network.then(Next::Say(307, location, ""));
    let sent = until_state(&site, &post(&site, &["x"], "four")[0]["id"], "sent");
    assert_eq!((&sent["attempts"], other.asked().len()), (&json!(2), 0));
}

#[test]
fn a_network_that_says_nothing_holds_up_no_other() {
    let network = Network::start();
    let site = site(&network, &[("MAGNETIQ__SOCIAL__TIMEOUT_S", "1")]);
    network.then(Next::Wait(Duration::from_secs(60)));
    let slow = post(&site, &["linkedin"], "slow");
    let begin = Instant::now();
    while network.asked().is_empty() {
        assert!(begin.elapsed() < Duration::from_secs(30));
        std::thread::sleep(Duration::from_millis(20));
    }
    until_state(&site, &post(&site, &["mastodon"], "quick")[0]["id"], "sent");
    let waits = until(&site, &slow[0]["id"], 0, |entry| entry["last_error"].is_string());
    assert_eq!(waits["last_error"], "no answer in time");
    until_state(&site, &slow[0]["id"], "sent");
}

#[test]
fn a_network_that_had_enough_is_left_alone_after_a_restart_too() {
    let network = Network::start();
    let site = site(&network, &[]);
    network.then(Next::Say(429, "retry-after: 3600", "slow down"));
    let first = post(&site, &["x"], "first");
    let waits = until(&site, &first[0]["id"], 0, |entry| entry["last_error"].is_string());
    assert_eq!((&waits["state"], &waits["last_error"]), (&json!("queued"), &json!("429 slow down")));
    let second = post(&site, &["x"], "second");
    until_state(&site, &post(&site, &["mastodon"], "others go")[0]["id"], "sent");
    let site = site.restarted(&[]);
    std::thread::sleep(Duration::from_millis(500));
    assert_eq!(entry(&site, &second[0]["id"])["attempts"], 0);
    site.pass_time(3600);
    until_state(&site, &first[0]["id"], "sent");
    until_state(&site, &second[0]["id"], "sent");
}

#[test]
fn no_more_leave_in_a_day_than_may() {
    let network = Network::start();
    let site = site(&network, &[("MAGNETIQ__SOCIAL__X__POSTS_PER_DAY", "2")]);
    let posted: Vec<Value> = ["one", "two", "three"].iter().flat_map(|text| post(&site, &["x"], text)).collect();
    until_state(&site, &posted[1]["id"], "sent");
    let site = site.restarted(&[]);
    std::thread::sleep(Duration::from_millis(500));
    assert_eq!(entry(&site, &posted[2]["id"])["state"], "queued");
    site.pass_time(24 * 3600);
    site.sign_in();
    until_state(&site, &posted[2]["id"], "sent");
    assert_eq!(network.asked().len(), 3);
}

#[track_caller]
fn check_refused(answer: &Answer, pointer: &str, detail: &str) {
    answer.check_problem(422, "invalid");
    let error = answer.json()["errors"][0].clone();
    assert_eq!(error["pointer"], pointer, "{error}");
    assert!(error["detail"].as_str().unwrap().contains(detail), "{error}");
}

#[test]
fn what_a_network_does_not_take_is_not_queued() {
    let network = Network::start();
    let site = site(&network, &[("MAGNETIQ__SOCIAL__MASTODON__CHARACTERS", "1000")]);
    let create = |body: Value| site.post("/api/v1/admin/posts", &body);
    let long = "日".repeat(200);
    check_refused(
        &create(json!({ "networks": ["mastodon", "x"], "text": long })),
        "/networks/1",
        "X takes 280 characters; as it counts them, this has 400.",
    );
    check_refused(&create(json!({ "networks": [], "text": "x" })), "/networks", "Name a network");
    check_refused(&create(json!({ "networks": ["x", "x"], "text": "x" })), "/networks/1", "named twice");
    check_refused(&create(json!({ "networks": ["x"], "text": " \n" })), "/text", "says something");
    check_refused(&create(json!({ "networks": ["x"], "text": "a\u{0}b" })), "/text", "no control characters");
    check_refused(&create(json!({ "networks": ["x"], "text": "x", "link": "javascript:alert(1)" })), "/link", "https://");
    check_refused(&create(json!({ "networks": ["x"], "text": "x", "schedule_at": "2020-01-01T00:00:00Z" })), "/schedule_at", "future");
    create(json!({ "networks": ["friendster"], "text": "x" })).check_problem(400, "bad-request");
    assert_eq!(site.get("/api/v1/outbox?kind=x").json()["items"], json!([]));
    let preview = site.post(
        "/api/v1/admin/posts/preview",
        &json!({ "networks": ["mastodon", "linkedin", "x"], "text": long, "link": "https://example.com/" }),
    );
    let preview = preview.json();
    let seen: Vec<_> =
        preview.as_array().unwrap().iter().map(|one| (one["length"].clone(), one["limit"].clone(), one["problem"].is_null())).collect();
    assert_eq!(seen, [(json!(225), json!(1000), true), (json!(222), json!(3000), true), (json!(425), json!(280), false)], "{preview}");
}

#[test]
fn what_waits_can_be_taken_back() {
    let network = Network::start();
    let mut site = site(&network, &[]);
    let at = "2025-11-24T16:45:00Z";
    let body = json!({ "networks": ["x"], "text": "tomorrow", "schedule_at": at });
    let posted = site.post("/api/v1/admin/posts", &body).json();
    let other = site.post("/api/v1/admin/posts", &body).json();
    assert_eq!((&posted[0]["state"], &posted[0]["next_at"]), (&json!("queued"), &json!(at)));
    let letters = site.get("/api/v1/outbox?kind=mail").json();
    add_account(&site, "bo@example.com", Role::Editor);
    site.agent = agent();
    sign_in(&site, "bo@example.com");
    let cancel = |id: &Value| site.post(&format!("/api/v1/outbox/{}/cancel", id.as_str().unwrap()), &json!({}));
    let cancelled = cancel(&posted[0]["id"]);
    assert_eq!((cancelled.status, &cancelled.json()["state"]), (200, &json!("cancelled")), "{cancelled:?}");
    cancel(&posted[0]["id"]).check_problem(409, "not-waiting");
    cancel(&letters["items"][0]["id"]).check_problem(409, "not-waiting");
    site.pass_time(24 * 3600);
    sign_in(&site, "bo@example.com");
    until_state(&site, &other[0]["id"], "sent");
    assert_eq!(network.asked().len(), 1);
    // A letter is not an editor's to take back.
    let back = "UPDATE outbox SET state = 'queued', sent_at = NULL, next_at = 4102444800000 WHERE kind = 'mail'";
    site.store.write(move |tx| Ok(tx.execute(back, [])?)).wait().unwrap();
    cancel(&letters["items"][0]["id"]).check_problem(403, "role-too-low");
    assert_eq!(entry(&site, &letters["items"][0]["id"])["state"], "queued");
}

#[test]
fn without_a_stand_in_development_records() {
    let site = Site::signed_in();
    let posted = post(&site, &["mastodon"], "only here");
    let sent = until_state(&site, &posted[0]["id"], "sent");
    assert_eq!((&sent["target"], &sent["receipt"], &sent["post"]), (&json!("recorded"), &Value::Null, &json!("only here")));
    let listed = site.get("/api/v1/outbox?kind=mastodon&state=sent").json();
    assert_eq!(listed["items"].as_array().unwrap().len(), 1);
}

#[test]
fn a_page_is_announced_once_when_it_is_published() {
    let network = Network::start();
    let site = site(&network, &[]);
    let page = site.create_page("News", "text");
    let path = format!("/api/v1/admin/pages/{}/announcement", page["id"].as_str().unwrap());
    let put = |body: &Value| {
        site.request("PUT".parse().unwrap(), &path, &[("content-type", "application/json")], Some(body.to_string().as_bytes()))
    };
    assert_eq!(site.get(&path).json(), Value::Null);
    check_refused(&put(&json!({ "networks": ["x"], "text": "x".repeat(281) })), "/networks/0", "X takes 280");
    // Of a link networks count 23 characters.
    let link = format!("https://example.com/{}", "x".repeat(5000));
    check_refused(&put(&json!({ "networks": ["mastodon"], "text": link })), "/text", "At most 5000 characters");
    let wanted = json!({ "networks": ["x", "mastodon"], "text": "Read this" });
    assert_eq!(put(&wanted).status, 204);
    assert_eq!(site.get(&path).json(), wanted);
    assert_eq!(site.get("/api/v1/outbox?kind=x").json()["items"], json!([]));
    site.pass_time(1);
    let published = site.publish(&page);
    let listed = site.get("/api/v1/outbox?kind=x").json();
    let sent = until_state(&site, &listed["items"][0]["id"], "sent");
    assert_eq!(sent["post"], "Read this\n\nhttp://localhost:8036/news");
    assert_eq!(site.get(&path).json(), Value::Null);
    let unpublish = format!("/api/v1/admin/pages/{}/unpublish", page["id"].as_str().unwrap());
    let hidden = site.request("POST".parse().unwrap(), &unpublish, &[("if-match", &etag(&published))], None);
    site.pass_time(1);
    site.publish(&hidden.json());
    assert_eq!(site.get("/api/v1/outbox?kind=x").json()["items"].as_array().unwrap().len(), 1);
    // Of one that is public already, at once.
    site.pass_time(1);
    assert_eq!(put(&wanted).status, 204);
    assert_eq!(site.get("/api/v1/outbox?kind=x").json()["items"].as_array().unwrap().len(), 2);
    // By its schedule, too.
    let later = site.create_page("Later", "text");
    let path = format!("/api/v1/admin/pages/{}", later["id"].as_str().unwrap());
    let put = |path: &str, etag: &str, body: &Value| site.put(path, etag, body);
    assert_eq!(put(&format!("{path}/announcement"), "*", &json!({ "networks": ["x"], "text": "By its schedule" })).status, 204);
    let planned = put(&format!("{path}/schedule"), &etag(&later), &json!({ "publish_at": "2025-11-23T18:00:00Z", "unpublish_at": null }));
    assert_eq!(planned.status, 200, "{planned:?}");
    site.pass_time(2 * 3600);
    let begin = Instant::now();
    while network.asked().iter().all(|asked| !asked.body.to_string().contains("By its schedule")) {
        assert!(begin.elapsed() < Duration::from_secs(40));
        std::thread::sleep(Duration::from_millis(100));
        site.pass_time(1);
    }
}

#[track_caller]
pub(crate) fn until_health(site: &Site, check: &str, says: &[&str]) {
    let begin = Instant::now();
    loop {
        let text = site.get(&format!("/health/{check}")).text();
        if says.iter().all(|part| text.contains(part)) {
            return;
        }
        assert!(begin.elapsed() < Duration::from_secs(40), "{text}");
        std::thread::sleep(Duration::from_millis(100));
    }
}

#[test]
fn a_token_that_ends_is_told_before() {
    let network = Network::start();
    let site = site(&network, &[("MAGNETIQ__SOCIAL__LINKEDIN__TOKEN_EXPIRES", "2025-11-27")]);
    until_health(&site, "social-token", &["warn", "the token of LinkedIn ends in 3 days"]);
    // More than the breaker opens at: it must not have closed again before the check looks.
    for _ in 0..6 {
        network.then(Next::Say(401, "x-none: 1", "{\"error\":\"The access token is invalid\"}"));
    }
    let posted = post(&site, &["mastodon"], "unknown");
    until(&site, &posted[0]["id"], 2, |entry| {
        entry["attempts"].as_i64() >= Some(3) && entry["last_error"].as_str().is_some_and(|text| text.contains("the token is not taken"))
    });
    until_health(&site, "social", &["warn", "Mastodon failed too often"]);
    until_state(&site, &posted[0]["id"], "sent");
}
