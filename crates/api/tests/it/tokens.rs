//! Tokens for programs.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use magnetiq_api::{Access, RULES};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::site::{Answer, Site, agent};

fn create(site: &Site, role: &str) -> Value {
    let answer = site.post("/api/v1/auth/tokens", &json!({ "name": "script", "role": role, "expires_at": "2025-12-23T00:00:00Z" }));
    assert_eq!(answer.status, 201, "{answer:?}");
    answer.json()
}

fn call(site: &Site, secret: &str, method: &str, path: &str) -> Answer {
    let authorization = format!("Bearer {secret}");
    let headers = [("authorization", authorization.as_str()), ("content-type", "application/json")];
    let body: Option<&[u8]> = (method != "GET").then_some(br#"{"title":"By a script","body":"x"}"#);
    site.request(method.parse().unwrap(), path, &headers, body)
}

#[test]
fn a_token_does_what_it_was_made_for() {
    let mut site = Site::signed_in();
    let (reads, writes) = (create(&site, "viewer"), create(&site, "editor"));
    let (reads, writes) = (reads["secret"].as_str().unwrap().to_owned(), writes["secret"].as_str().unwrap().to_owned());
    let (text, checksum) = reads.split_at(reads.len() - 6);
    assert!(text.starts_with("mgt_") && text.len() == 47, "{reads}");
    assert!(BASE64_URL_SAFE_NO_PAD.encode(Sha256::digest(text.as_bytes())).starts_with(checksum), "{reads}");
    let own = std::mem::replace(&mut site.agent, agent());
    assert_eq!(call(&site, &reads, "GET", "/api/v1/auth/me").json()["role"], "viewer");
    call(&site, &reads, "POST", "/api/v1/admin/pages").check_problem(403, "role-too-low");
    assert_eq!(call(&site, &writes, "POST", "/api/v1/admin/pages").status, 201);
    call(&site, &writes, "GET", "/api/v1/admin/accounts").check_problem(403, "role-too-low");
    for wrong in ["", "mgt_", "mgt_x", &format!("{reads}x"), "Zm9v"] {
        call(&site, wrong, "GET", "/api/v1/auth/me").check_problem(401, "not-signed-in");
    }
    site.agent = own;
    let list = site.get("/api/v1/auth/tokens").json();
    assert!(!list.to_string().contains(&reads), "{list}");
    let used = list.as_array().unwrap().iter().filter(|token| token["used_from"] == "127.0.0.1" && token["used_at"].is_string());
    assert_eq!(used.count(), 2, "{list}");
    let id = list[0]["id"].as_str().unwrap().to_owned();
    assert_eq!(site.delete(&format!("/api/v1/auth/tokens/{id}")).status, 204);
    site.delete(&format!("/api/v1/auth/tokens/{id}")).check_problem(404, "not-found");
    assert_eq!(site.get("/api/v1/auth/tokens").json().as_array().unwrap().len(), 1);
}

#[test]
fn a_token_is_for_its_areas() {
    let mut site = Site::signed_in();
    let wanted = |areas: &Value| json!({ "name": "import", "role": "admin", "areas": areas, "expires_at": "2025-12-23T00:00:00Z" });
    let made = site.post("/api/v1/auth/tokens", &wanted(&json!(["pages", "media"]))).json();
    assert_eq!(
        (&made["areas"], &site.get("/api/v1/auth/tokens").json()[0]["areas"]),
        (&json!(["pages", "media"]), &json!(["pages", "media"]))
    );
    site.post("/api/v1/auth/tokens", &wanted(&json!([]))).check_problem(422, "invalid");
    site.post("/api/v1/auth/tokens", &wanted(&json!(["everything"]))).check_problem(400, "bad-request");
    site.agent = agent();
    let secret = made["secret"].as_str().unwrap();
    assert_eq!(call(&site, secret, "POST", "/api/v1/admin/pages").status, 201);
    assert_eq!(call(&site, secret, "GET", "/api/v1/auth/me").status, 200);
    for path in ["/api/v1/admin/accounts", "/api/v1/admin/leads", "/api/v1/admin/audit.csv", "/api/v1/admin/overview", "/api/v1/outbox"] {
        call(&site, secret, "GET", path).check_problem(403, "outside-area");
    }
}

#[test]
fn a_token_ends() {
    let mut site = Site::signed_in();
    let secret = create(&site, "viewer")["secret"].as_str().unwrap().to_owned();
    let own = std::mem::replace(&mut site.agent, agent());
    site.pass_time(31 * 24 * 3600);
    call(&site, &secret, "GET", "/api/v1/auth/me").check_problem(401, "not-signed-in");
    site.agent = own;
}

#[test]
fn a_token_is_no_way_to_more() {
    let mut site = Site::signed_in();
    let secret = create(&site, "admin")["secret"].as_str().unwrap().to_owned();
    site.agent = agent();
    for rule in RULES.iter().filter(|rule| matches!(rule.access, Access::Session(_))) {
        let path = rule.path.replace("{id}", "019aa000-0000-7000-8000-000000000000");
        call(&site, &secret, rule.method, &path).check_problem(403, "session-needed");
    }
    assert_eq!(call(&site, &secret, "GET", "/api/v1/admin/accounts").status, 200);
}

#[test]
fn what_can_not_be_a_token() {
    let site = Site::signed_in();
    let pointer = |name: &str, role: &str, expires_at: &str| {
        let answer = site.post("/api/v1/auth/tokens", &json!({ "name": name, "role": role, "expires_at": expires_at }));
        answer.check_problem(422, "invalid");
        answer.json()["errors"][0]["pointer"].as_str().unwrap().to_owned()
    };
    assert_eq!(pointer(" ", "viewer", "2025-12-23T00:00:00Z"), "/name");
    assert_eq!(pointer("x", "viewer", "2025-01-01T00:00:00Z"), "/expires_at");
    assert_eq!(pointer("x", "viewer", "2035-01-01T00:00:00Z"), "/expires_at");
    for _ in 0..50 {
        create(&site, "viewer");
    }
    assert_eq!(pointer("one more", "viewer", "2025-12-23T00:00:00Z"), "/name");
}
