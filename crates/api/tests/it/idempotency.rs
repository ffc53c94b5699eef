//! A POST that is sent again with its `Idempotency-Key` is done once.

use magnetiq_api::Role;
use serde_json::{Value, json};
use ureq::http::Method;

use crate::{
    roles::{add_account, sign_in},
    site::{Answer, Site, agent},
};

fn create(site: &Site, key: &str, title: &str) -> Answer {
    let body = json!({ "title": title, "body": "text" }).to_string();
    let headers = [("content-type", "application/json"), ("idempotency-key", key)];
    site.request(Method::POST, "/api/v1/admin/pages", &headers, Some(body.as_bytes()))
}

fn count(site: &Site) -> usize {
    site.get("/api/v1/admin/pages").json()["items"].as_array().unwrap().len()
}

#[test]
fn sent_again_it_is_answered_as_before() {
    let mut site = Site::signed_in();
    let (first, second) = (create(&site, "order-7", "One"), create(&site, "order-7", "One"));
    assert_eq!((first.status, first.header("idempotency-replayed")), (201, ""));
    assert_eq!((second.status, second.header("idempotency-replayed")), (201, "true"));
    assert_eq!((&first.body, first.header("etag")), (&second.body, second.header("etag")));
    assert_eq!(second.header("content-type"), "application/json");
    create(&site, "order-7", "Another").check_problem(422, "idempotency-key-reused");
    assert_eq!(create(&site, "order-8", "Another").status, 201);
    assert_eq!(count(&site), 2);
    add_account(&site, "bo@example.com", Role::Editor);
    let own = std::mem::replace(&mut site.agent, agent());
    sign_in(&site, "bo@example.com");
    assert_eq!(create(&site, "order-7", "By Bo").header("idempotency-replayed"), "", "keys are of an account");
    site.agent = own;
    site.pass_time(24 * 3600 + 1);
    site.sign_in();
    assert_eq!(create(&site, "order-7", "Later").status, 201, "a day later the key is free");
}

#[test]
fn what_was_refused_may_be_tried_again() {
    let site = Site::signed_in();
    create(&site, "k", "").check_problem(422, "invalid");
    create(&site, "k", "").check_problem(422, "invalid");
    assert_eq!(create(&site, "k", "Title").status, 201);
    for key in ["", &"x".repeat(256)] {
        create(&site, key, "Title").check_problem(400, "bad-request");
    }
    assert_eq!(count(&site), 1);
}

#[test]
fn many_at_once_are_one() {
    let site = Site::signed_in();
    let answers: Vec<(u16, Value)> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..8).map(|_| scope.spawn(|| create(&site, "same", "One"))).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).map(|answer| (answer.status, answer.json())).collect()
    });
    assert!(answers.iter().all(|(status, answer)| *status == 201 || answer["code"] == "idempotency-open"), "{answers:?}");
    assert!(answers.iter().any(|(status, _)| *status == 201));
    assert_eq!(count(&site), 1);
}

#[test]
fn what_nobody_knows_is_not_done_twice() {
    let site = Site::signed_in();
    create(&site, "k", "One");
    // As a server leaves it that is killed before it has answered.
    site.store.write(|tx| Ok(tx.execute("UPDATE idempotency SET status = NULL, headers = NULL, body = NULL", [])?)).wait().unwrap();
    create(&site, "k", "One").check_problem(409, "idempotency-open");
    assert_eq!(count(&site), 1);
}

#[test]
fn what_is_shown_once_is_not_kept() {
    let site = Site::signed_in();
    let body = json!({ "name": "x", "role": "viewer", "expires_at": "2025-12-23T00:00:00Z" }).to_string();
    let headers = [("content-type", "application/json"), ("idempotency-key", "k")];
    let make = || site.request(Method::POST, "/api/v1/auth/tokens", &headers, Some(body.as_bytes()));
    assert_ne!(make().json()["secret"], make().json()["secret"]);
    let kept = site.store.read(|conn| Ok(conn.query_row("SELECT count(*) FROM idempotency", [], |row| row.get::<_, u32>(0))?));
    assert_eq!(kept.wait().unwrap(), 0);
}
