//! Two-step sign-in.

use serde_json::{Value, json};
use totp_rs::{Builder, Secret};

use crate::site::{Answer, EMAIL, PASSWORD, START, Site, agent};

fn code(secret: &str, seconds_after_start: i64) -> String {
    let totp = Builder::new().with_secret(Secret::try_from_base32(secret).unwrap()).build_noncompliant();
    let time = u64::try_from(START / 1000 + seconds_after_start).unwrap();
    totp.generate(time).to_string()
}

fn login(site: &Site, code: Option<&str>) -> Answer {
    let body = match code {
        Some(code) => json!({ "email": EMAIL, "password": PASSWORD, "code": code }),
        None => json!({ "email": EMAIL, "password": PASSWORD }),
    };
    site.post("/api/v1/auth/login", &body)
}

/// Turns it on; gives the secret and the recovery codes.
pub(crate) fn turn_on(site: &Site) -> (String, Vec<String>) {
    let offer = site.post("/api/v1/auth/second-factor", &json!({ "password": PASSWORD })).json();
    let secret = offer["secret"].as_str().unwrap().to_owned();
    assert!(offer["url"].as_str().unwrap().starts_with("otpauth://totp/Magnetiq:ana%40example.com?"), "{offer}");
    assert!(offer["picture"].as_str().unwrap().contains("<svg"), "{offer}");
    let wrong = site.post("/api/v1/auth/second-factor/confirm", &json!({ "code": "000000" }));
    assert_eq!(wrong.json()["errors"][0]["pointer"], "/code", "{wrong:?}");
    let on = site.post("/api/v1/auth/second-factor/confirm", &json!({ "code": code(&secret, 0) }));
    assert_eq!(on.status, 200, "{on:?}");
    let codes = on.json()["recovery_codes"].as_array().unwrap().iter().map(|code| code.as_str().unwrap().to_owned()).collect();
    (secret, codes)
}

#[test]
fn a_code_is_needed_and_none_is_taken_twice() {
    let mut site = Site::signed_in();
    let (secret, recovery) = turn_on(&site);
    assert_eq!(site.get("/api/v1/auth/me").json()["second_factor"], true);
    site.agent = agent();
    login(&site, None).check_problem(401, "second-factor-required");
    login(&site, Some(&code(&secret, 0))).check_problem(401, "wrong-code");
    site.pass_time(60);
    assert_eq!(login(&site, Some(&code(&secret, 60))).status, 200);
    login(&site, Some(&code(&secret, 60))).check_problem(401, "wrong-code");
    assert_eq!(recovery.len(), 10);
    let typed = recovery[0].to_uppercase().replace('-', " ");
    assert_eq!(login(&site, Some(&typed)).status, 200);
    login(&site, Some(&recovery[0])).check_problem(401, "wrong-code");
    login(&site, Some(&"1".repeat(10_000))).check_problem(401, "wrong-code");
}

#[test]
fn codes_can_not_be_guessed() {
    let mut site = Site::with(&[("MAGNETIQ__AUTH__LOGIN_ATTEMPTS_PER_MINUTE", "1000")]);
    site.sign_in();
    turn_on(&site);
    site.agent = agent();
    let mut answers = Vec::new();
    for guess in 0..20 {
        answers.push(login(&site, Some(&format!("{guess:06}"))).status);
        // Asking without a code makes the count no smaller.
        login(&site, None);
    }
    assert_eq!(answers.iter().filter(|status| **status == 401).count(), 5, "{answers:?}");
    assert_eq!(answers.last(), Some(&429));
}

/// Each address has attempts of its own, and there are many: who sends codes from all of them knows the password.
#[test]
fn codes_can_not_be_guessed_from_everywhere() {
    let mut site = Site::with(&[("MAGNETIQ__SERVER__TRUSTED_PROXIES", "127.0.0.0/8")]);
    site.sign_in();
    let (secret, _) = turn_on(&site);
    site.agent = agent();
    let from = |n: u32, code: &str| {
        let body = json!({ "email": EMAIL, "password": PASSWORD, "code": code }).to_string();
        let address = format!("203.0.113.{n}");
        let headers = [("content-type", "application/json"), ("x-forwarded-for", address.as_str())];
        site.request("POST".parse().unwrap(), "/api/v1/auth/login", &headers, Some(body.as_bytes()))
    };
    let statuses: Vec<u16> = (0..20).map(|n| from(n, "000000").status).collect();
    assert_eq!((statuses.iter().filter(|status| **status == 401).count(), statuses.last()), (10, Some(&429)), "{statuses:?}");
    let waits = from(100, &code(&secret, 0));
    waits.check_problem(429, "too-many-attempts");
    assert!((1..=15 * 60).contains(&waits.header("retry-after").parse::<u32>().unwrap()), "{waits:?}");
    site.pass_time(60);
    from(100, "000000").check_problem(401, "wrong-code");
    from(101, "000000").check_problem(429, "too-many-attempts");
    assert_eq!(login(&site, Some(&code(&secret, 60))).status, 200, "where the owner signed in before, no stranger is in the way");
    from(101, "000000").check_problem(429, "too-many-attempts");
    site.pass_time(60);
    assert_eq!(from(102, &code(&secret, 120)).status, 200);
    from(103, "000000").check_problem(401, "wrong-code");
}

#[test]
fn it_goes_with_the_password_or_an_administrator() {
    let site = Site::signed_in();
    let (_, old) = turn_on(&site);
    let post = |what: &str, password: &str| site.post(&format!("/api/v1/auth/second-factor{what}"), &json!({ "password": password }));
    post("", PASSWORD).check_problem(422, "invalid");
    post("/remove", "wrong horse battery").check_problem(422, "invalid");
    let renewed: Value = post("/recovery-codes", PASSWORD).json();
    assert!(!renewed.to_string().contains(&old[0]), "{renewed}");
    assert_eq!(post("/remove", PASSWORD).status, 204);
    assert_eq!(login(&site, None).status, 200);
    turn_on(&site);
    let id = site.get("/api/v1/auth/me").json()["id"].as_str().unwrap().to_owned();
    assert_eq!(site.delete(&format!("/api/v1/admin/accounts/{id}/second-factor")).status, 204);
    assert_eq!(login(&site, None).status, 200);
}

#[test]
fn a_copy_of_the_database_has_no_secret() {
    let site = Site::signed_in();
    let (secret, recovery) = turn_on(&site);
    let raw = Secret::try_from_base32(&secret).unwrap();
    let database = std::fs::read(site.folder.path().join("magnetiq.sqlite3-wal")).unwrap();
    let holds = |part: &[u8]| database.windows(part.len()).any(|window| window == part);
    assert!(holds(b"audit_entry"), "this is the place to look");
    assert!(!holds(raw.as_ref()) && !holds(secret.as_bytes()));
    assert!(!holds(recovery[0].as_bytes()) && !holds(recovery[0].replace('-', "").as_bytes()));
}
