//! What holds for every answer: headers, limits, problems, compression, other sites' scripts.

use magnetiq_api::Role;
use serde_json::json;
use ureq::http::Method;

use crate::{
    roles::{add_account, sign_in},
    site::{Answer, Site, agent},
};

/// With few requests a minute, and nobody exempt.
fn limited() -> Site {
    let limit = |name: &'static str, value: &'static str| (name, value);
    Site::with(&[
        limit("MAGNETIQ__SERVER__RATE_LIMITS__EXEMPT", ""),
        limit("MAGNETIQ__SERVER__RATE_LIMITS__LOGIN_PER_MINUTE", "3"),
        limit("MAGNETIQ__SERVER__RATE_LIMITS__PUBLIC_READ_PER_MINUTE", "4"),
        limit("MAGNETIQ__SERVER__RATE_LIMITS__API_PER_MINUTE", "5"),
    ])
}

fn from(site: &Site, address: &str, path: &str) -> Answer {
    site.request(Method::GET, path, &[("x-forwarded-for", address)], None)
}

#[test]
fn one_address_gets_so_many_answers() {
    let site = limited();
    for left in (0..4).rev() {
        let answer = from(&site, "203.0.113.9", "/api/v1/pages");
        assert_eq!((answer.status, answer.header("ratelimit-policy")), (200, "\"public-read\";q=4;w=60"));
        assert!(answer.header("ratelimit").starts_with(&format!("\"public-read\";r={left};t=")), "{answer:?}");
    }
    let refused = from(&site, "203.0.113.9", "/api/v1/tags");
    refused.check_problem(429, "too-many-requests");
    assert!((1..=15).contains(&refused.header("retry-after").parse::<u32>().unwrap()), "{refused:?}");
    assert!(refused.header("ratelimit").starts_with("\"public-read\";r=0;t="), "{refused:?}");
    from(&site, "203.0.113.9", "/").check_problem(429, "too-many-requests");
    from(&site, "198.51.100.1, 203.0.113.9", "/").check_problem(429, "too-many-requests");
    assert_eq!(from(&site, "203.0.113.9, 198.51.100.1", "/api/v1/tags").status, 200, "another address");
    for probe in ["/livez", "/readyz", "/startupz"] {
        let answer = from(&site, "203.0.113.9", probe);
        assert_eq!((answer.status, answer.header("ratelimit")), (200, ""), "{probe}");
    }
}

#[test]
fn an_address_that_says_whom_it_speaks_for_is_not_believed() {
    let site = Site::with(&[
        ("MAGNETIQ__SERVER__TRUSTED_PROXIES", "10.0.0.0/8"),
        ("MAGNETIQ__SERVER__RATE_LIMITS__EXEMPT", ""),
        ("MAGNETIQ__SERVER__RATE_LIMITS__PUBLIC_READ_PER_MINUTE", "4"),
    ]);
    let statuses: Vec<u16> = (0..5).map(|n| from(&site, &format!("203.0.113.{n}"), "/api/v1/pages").status).collect();
    assert_eq!(statuses, [200, 200, 200, 200, 429]);
}

#[test]
fn accounts_are_counted_wherever_they_sign_in() {
    let mut site = limited();
    add_account(&site, "bo@example.com", Role::Viewer);
    site.sign_in();
    for n in 0..5 {
        let answer = from(&site, &format!("203.0.113.{n}"), "/api/v1/auth/me");
        assert_eq!((answer.status, answer.header("ratelimit-policy")), (200, "\"api\";q=5;w=60"), "{answer:?}");
    }
    from(&site, "203.0.113.9", "/api/v1/auth/me").check_problem(429, "too-many-requests");
    site.agent = agent();
    sign_in(&site, "bo@example.com");
    assert_eq!(site.get("/api/v1/auth/me").status, 200, "another account");
    site.agent = agent();
    let statuses: Vec<u16> = (0..5).map(|_| site.get("/api/v1/auth/me").status).collect();
    assert_eq!(statuses, [401, 401, 401, 401, 429], "who is nobody is counted as a visitor");
    let wrong = json!({ "email": "bo@example.com", "password": "wrong" });
    assert_eq!(site.post("/api/v1/auth/login", &wrong).status, 401);
    site.post("/api/v1/auth/login", &wrong).check_problem(429, "too-many-requests");
}

#[test]
fn what_an_address_does_not_take_is_said() {
    let site = Site::signed_in();
    for (method, path, allow) in [
        (Method::DELETE, "/api/v1/pages", "GET, HEAD"),
        (Method::PUT, "/api/v1/auth/login", "POST"),
        (Method::PATCH, "/api/v1/admin/accounts/1", "GET, HEAD, PUT, DELETE"),
        (Method::POST, "/livez", "GET, HEAD"),
        (Method::DELETE, "/", "GET, HEAD"),
        (Method::OPTIONS, "/api/v1/site", "GET, HEAD"),
    ] {
        let answer = site.request(method.clone(), path, &[], None);
        answer.check_problem(405, "method-not-allowed");
        assert_eq!(answer.header("allow"), allow, "{method} {path}");
    }
    site.get("/api/v1/nothing").check_problem(404, "not-found");
    site.post("/api/nothing", &json!({})).check_problem(404, "not-found");
    let json = |kind: &str, body: &[u8]| site.request(Method::POST, "/api/v1/admin/pages", &[("content-type", kind)], Some(body));
    json("text/plain", b"{}").check_problem(415, "unsupported-media-type");
    json("application/json", b"{").check_problem(400, "bad-request");
    json("application/json", &vec![b' '; 2 << 20]).check_problem(413, "upload-too-large");
    let keyed = [("content-type", "application/json"), ("idempotency-key", "k")];
    let answer = site.request(Method::POST, "/api/v1/admin/pages", &keyed, Some(&vec![b' '; 2 << 20]));
    answer.check_problem(413, "upload-too-large");
    site.request(Method::GET, "/api/v1/site", &[("accept-encoding", "identity;q=0, br")], None).check_problem(406, "not-acceptable");
}

#[test]
fn every_answer_is_secured_and_nothing_twice() {
    let site = Site::with(&[("MAGNETIQ__SERVER__PUBLIC_URL", "https://www.example.com")]);
    let media = {
        let credentials = json!({ "email": crate::site::EMAIL, "password": crate::site::PASSWORD });
        let answer = site.post("/api/v1/auth/login", &credentials);
        let cookie = answer.header("set-cookie").split(';').next().unwrap().to_owned();
        let kind = [("content-type", "multipart/form-data; boundary=edge"), ("cookie", cookie.as_str())];
        let body = b"--edge\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.txt\"\r\n\r\ntext\r\n--edge--\r\n";
        let answer = site.request(Method::POST, "/api/v1/admin/media", &kind, Some(body));
        assert_eq!(answer.status, 201, "{answer:?}");
        answer.json()["url"].as_str().unwrap().to_owned()
    };
    for path in
        ["/", "/a/page", "/api/v1/site", "/api/v1/pages/nothing", "/api/nothing", "/api/v1/auth/me", "/livez", "/robots.txt", &media]
    {
        let answer = site.get(path);
        for (name, expected) in [
            ("content-security-policy", ""),
            ("x-content-type-options", "nosniff"),
            ("x-frame-options", "DENY"),
            ("referrer-policy", "strict-origin-when-cross-origin"),
            ("permissions-policy", ""),
            ("cross-origin-opener-policy", "same-origin"),
            ("cross-origin-resource-policy", "same-origin"),
            ("strict-transport-security", "max-age=31536000"),
            ("x-request-id", ""),
        ] {
            let values: Vec<_> = answer.headers.get_all(name).iter().collect();
            assert!(matches!(values.as_slice(), [value] if *value == expected || expected.is_empty()), "{path} {name}: {values:?}");
        }
        for name in ["server", "x-powered-by"] {
            assert_eq!(answer.header(name), "", "{path}");
        }
    }
}

#[test]
fn what_is_private_is_kept_nowhere() {
    let site = Site::signed_in();
    for path in ["/api/v1/auth/me", "/api/v1/admin/pages", "/api/v1/admin/accounts", "/api/v1/outbox", "/api/v1/admin/nothing", "/metrics"]
    {
        assert_eq!(site.get(path).header("cache-control"), "no-store", "{path}");
    }
}

#[test]
fn long_texts_are_compressed_and_secrets_are_not() {
    let site = Site::signed_in();
    let page = site.create_page("Long", &"word ".repeat(2_000));
    site.publish(&page);
    let zipped = |path: &str| site.request(Method::GET, path, &[("accept-encoding", "gzip")], None);
    let varies = |answer: &Answer| {
        let lines = answer.headers.get_all("vary").iter().map(|line| line.to_str().unwrap());
        lines.flat_map(|line| line.split(',')).any(|name| name.trim().eq_ignore_ascii_case("accept-encoding"))
    };
    let check = |path: &str, encoding: &str, vary: bool| {
        let answer = zipped(path);
        assert_eq!((answer.header("content-encoding"), varies(&answer)), (encoding, vary), "{path} {answer:?}");
    };
    check("/api/v1/pages/long", "gzip", true);
    check("/api/v1/site", "", false);
    check("/api/v1/auth/sessions", "", false);
    let (text, picture) =
        (site.upload("long.txt", &b"word ".repeat(2_000)), site.upload("x.zip", &[b"PK\x03\x04".as_slice(), &[0; 4_000]].concat()));
    check(text.json()["url"].as_str().unwrap(), "gzip", true);
    check(picture.json()["url"].as_str().unwrap(), "", false);
    let plain = site.request(Method::GET, "/api/v1/pages/long", &[("accept-encoding", "br")], None);
    assert_eq!((plain.header("content-encoding"), varies(&plain)), ("", true), "{plain:?}");
}

fn preflight(site: &Site, origin: &str, method: &str, headers: &str) -> Answer {
    let asked = [("origin", origin), ("access-control-request-method", method), ("access-control-request-headers", headers)];
    site.request(Method::OPTIONS, "/api/v1/admin/pages", &asked, None)
}

#[test]
fn scripts_of_named_sites_may_read() {
    let site = Site::with(&[("MAGNETIQ__SERVER__CORS_ORIGINS", "https://app.example.com")]);
    for method in ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"] {
        let answer = preflight(&site, "https://app.example.com", method, "authorization, content-type, idempotency-key, if-match");
        assert_eq!((answer.status, answer.header("access-control-allow-origin")), (200, "https://app.example.com"), "{method}: {answer:?}");
        assert_eq!(answer.header("access-control-allow-credentials"), "true");
        assert!(answer.header("access-control-allow-methods").contains(method), "{answer:?}");
    }
    let answer = site.request(Method::GET, "/api/v1/pages", &[("origin", "https://app.example.com")], None);
    let exposed = answer.header("access-control-expose-headers").to_lowercase();
    for name in ["etag", "link", "location", "retry-after", "ratelimit", "ratelimit-policy", "x-request-id", "idempotency-replayed"] {
        assert!(exposed.split(',').any(|given| given.trim() == name), "{name}: {exposed}");
    }
    for origin in ["https://evil.example", "https://app.example.com.evil.example", "null"] {
        let answer = preflight(&site, origin, "GET", "content-type");
        assert_eq!(answer.header("access-control-allow-origin"), "", "{origin}: {answer:?}");
        let answer = site.request(Method::GET, "/api/v1/pages", &[("origin", origin)], None);
        assert_eq!(answer.header("access-control-allow-origin"), "", "{origin}: {answer:?}");
    }
    assert!(preflight(&site, "https://app.example.com", "GET", "x-else").status >= 400);
}

#[test]
fn everybody_is_nobody_with_a_cookie() {
    let site = Site::with(&[("MAGNETIQ__SERVER__CORS_ORIGINS", "*,https://app.example.com")]);
    let answer = site.request(Method::GET, "/api/v1/pages", &[("origin", "https://evil.example")], None);
    assert_eq!((answer.header("access-control-allow-origin"), answer.header("access-control-allow-credentials")), ("*", ""), "{answer:?}");
}

#[test]
fn a_body_that_can_not_be_read_is_told_where() {
    let site = Site::signed_in();
    for (body, line, column, part) in [
        ("{\n  \"title\": \"x\",\n  \"colour\": 1\n}", 3, 10, "unknown field `colour`"),
        ("{\"title\": \"x\",}", 1, 15, "trailing comma"),
        ("{\"title\": 7}", 1, 11, "invalid type: integer `7`, expected a string"),
        ("{}", 1, 2, "missing field `title`"),
        ("", 1, 0, "EOF"),
    ] {
        let json = [("content-type", "application/json")];
        let answer = site.request(Method::POST, "/api/v1/admin/pages", &json, Some(body.as_bytes()));
        let detail = answer.check_problem(400, "bad-request");
        assert!(detail.contains(part), "{detail}");
        assert_eq!(answer.json()["position"], json!({ "line": line, "column": column }), "{body}: {detail}");
    }
}

#[test]
fn what_tus_is_refused_speaks_tus() {
    let mut site = Site::signed_in();
    let uploads = "/api/v1/admin/media/uploads";
    let gone = format!("{uploads}/019aa000-0000-7000-8000-000000000000");
    for (method, path, status) in
        [(Method::GET, &*gone, 404), (Method::PUT, &*gone, 405), (Method::POST, uploads, 412), (Method::GET, "/api/v1/nothing", 404)]
    {
        let answer = site.request(method, path, &[], None);
        let speaks = if path.starts_with(uploads) { "1.0.0" } else { "" };
        assert_eq!((answer.status, answer.header("tus-resumable")), (status, speaks), "{answer:?}");
    }
    site.agent = agent();
    let answer = site.request(Method::HEAD, &gone, &[], None);
    assert_eq!((answer.status, answer.header("tus-resumable")), (401, "1.0.0"), "{answer:?}");
}
