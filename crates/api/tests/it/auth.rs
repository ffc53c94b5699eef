use magnetiq_api::{Clock, Role, Time, commands};
use serde_json::json;
use ureq::http::Method;

use crate::{
    roles::{add_account, sign_in},
    site::{Answer, EMAIL, PASSWORD, START, Site, agent},
};

#[test]
fn sign_in_and_out() {
    let site = Site::start();
    let answer = site.post("/api/v1/auth/login", &json!({ "email": "ANA@example.com", "password": PASSWORD }));
    assert_eq!(answer.status, 200);
    assert_eq!(answer.json()["email"], EMAIL);
    let cookie = answer.header("set-cookie");
    assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax") && cookie.contains("Path=/"), "{cookie}");
    assert_eq!(site.get("/api/v1/auth/me").json()["name"], "Ana");
    assert_eq!(site.post("/api/v1/auth/logout", &json!({})).status, 204);
    site.get("/api/v1/auth/me").check_problem(401, "not-signed-in");
}

#[test]
fn over_https_the_cookie_is_bound_to_the_host() {
    let site = Site::with(&[("MAGNETIQ__SERVER__PUBLIC_URL", "https://www.example.com")]);
    let answer = site.post("/api/v1/auth/login", &json!({ "email": EMAIL, "password": PASSWORD }));
    let cookie = answer.header("set-cookie");
    assert!(cookie.starts_with("__Host-magnetiq=") && cookie.contains("Secure"), "{cookie}");
    assert!(answer.header("strict-transport-security").contains("max-age"));
}

#[test]
fn wrong_credentials_tell_nothing() {
    let site = Site::start();
    let wrong = site.post("/api/v1/auth/login", &json!({ "email": EMAIL, "password": "wrong horse battery" }));
    let unknown = site.post("/api/v1/auth/login", &json!({ "email": "bob@example.com", "password": PASSWORD }));
    assert_eq!(wrong.check_problem(401, "wrong-credentials"), unknown.check_problem(401, "wrong-credentials"));
    let huge = "x".repeat(100_000);
    site.post("/api/v1/auth/login", &json!({ "email": huge, "password": PASSWORD })).check_problem(401, "wrong-credentials");
    site.post("/api/v1/auth/login", &json!({ "email": EMAIL, "password": huge })).check_problem(401, "wrong-credentials");
}

#[test]
fn ten_thousand_wrong_logins_are_told_to_wait() {
    let site = Site::start();
    let mut hashed = 0;
    for n in 0..10_000 {
        let answer = site.post("/api/v1/auth/login", &json!({ "email": EMAIL, "password": format!("wrong horse {n}") }));
        if answer.status == 401 {
            hashed += 1;
        } else {
            answer.check_problem(429, "too-many-attempts");
            let seconds: u64 = answer.header("retry-after").parse().unwrap();
            assert!((1..=900).contains(&seconds), "{seconds}");
        }
    }
    assert_eq!(hashed, 5, "the delay grows, and the site's clock stands");
    site.pass_time(3600);
    site.sign_in();
    assert_eq!(site.get("/readyz").status, 200);
    // A clock that was wrong and is set right keeps nobody out.
    site.pass_time(-24 * 3600);
    site.sign_in();
}

#[test]
fn sessions_end() {
    let site = Site::signed_in();
    for _ in 0..5 {
        site.pass_time(11 * 3600);
        assert_eq!(site.get("/api/v1/auth/me").status, 200, "used, it goes on");
    }
    site.pass_time(13 * 3600);
    site.get("/api/v1/auth/me").check_problem(401, "not-signed-in");
    site.sign_in();
    for _ in 0..(30 * 24 / 11) {
        site.pass_time(11 * 3600);
        site.get("/api/v1/auth/me");
    }
    site.pass_time(11 * 3600);
    site.get("/api/v1/auth/me").check_problem(401, "not-signed-in");
}

#[test]
fn a_new_sign_in_ends_the_session_before() {
    let site = Site::start();
    let login = json!({ "email": EMAIL, "password": PASSWORD });
    let first = site.post("/api/v1/auth/login", &login);
    let old_cookie = first.header("set-cookie").split(';').next().unwrap().to_owned();
    site.sign_in();
    let stranger = ureq::http::Request::get(site.url("/api/v1/auth/me")).header("cookie", old_cookie).body(()).unwrap();
    assert_eq!(agent().run(stranger).unwrap().status(), 401);
    assert_eq!(site.get("/api/v1/auth/me").status, 200);
}

/// Who copied the cookie before a change of password or second factor has nothing of it after.
#[test]
fn a_change_of_what_proves_who_one_is_gives_another_cookie() {
    let site = Site::start();
    let signed_in = site.post("/api/v1/auth/login", &json!({ "email": EMAIL, "password": PASSWORD }));
    let cookie = |answer: &Answer| answer.header("set-cookie").split(';').next().unwrap().to_owned();
    let status = |cookie: &str| {
        let request = ureq::http::Request::get(site.url("/api/v1/auth/me")).header("cookie", cookie).body(()).unwrap();
        agent().run(request).unwrap().status().as_u16()
    };
    let before = cookie(&signed_in);
    assert_eq!(status(&before), 200);
    let body = json!({ "current_password": PASSWORD, "password": "violet kettle mountain" }).to_string();
    let changed = site.request(Method::PUT, "/api/v1/auth/password", &[("content-type", "application/json")], Some(body.as_bytes()));
    assert_eq!(changed.status, 204, "{changed:?}");
    assert_eq!((status(&before), status(&cookie(&changed))), (401, 200));
    assert_eq!(site.get("/api/v1/auth/sessions").json().as_array().unwrap().len(), 1, "it is the same session");
}

/// A session that was taken from a viewer does not become an administrator's.
#[test]
fn a_role_that_may_more_needs_a_new_sign_in() {
    let mut site = Site::start();
    add_account(&site, "bo@example.com", Role::Viewer);
    site.agent = agent();
    sign_in(&site, "bo@example.com");
    let clock = Clock::new(|| Time::from_millis(START));
    commands::set_role(&site.store, &clock, "bo@example.com", Role::Editor).unwrap();
    site.get("/api/v1/auth/me").check_problem(401, "not-signed-in");
    sign_in(&site, "bo@example.com");
    assert_eq!(site.get("/api/v1/auth/me").json()["role"], "editor");
}

#[test]
fn another_site_can_change_nothing() {
    let site = Site::signed_in();
    let json = ("content-type", "application/json");
    let body = br#"{"title":"x"}"#;
    for headers in [
        vec![json, ("sec-fetch-site", "cross-site"), ("origin", "https://evil.example")],
        vec![json, ("sec-fetch-site", "same-site")],
        vec![json, ("origin", "https://evil.example")],
        vec![json, ("origin", "null")],
    ] {
        site.request(Method::POST, "/api/v1/admin/pages", &headers, Some(body)).check_problem(403, "cross-origin");
    }
    let own = site.url("");
    for headers in [vec![json, ("sec-fetch-site", "same-origin"), ("origin", &own)], vec![json, ("origin", &own)], vec![json]] {
        let answer = site.request(Method::POST, "/api/v1/admin/pages", &headers, Some(body));
        assert!(answer.status == 201 || answer.status == 422, "{answer:?}");
    }
    // what a form of another site can send without asking first is refused for its type too
    site.request(Method::POST, "/api/v1/admin/pages", &[("content-type", "text/plain")], Some(body))
        .check_problem(415, "unsupported-media-type");
}
