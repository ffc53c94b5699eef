//! What administrators set, through HTTP.

use magnetiq_api::{Clock, Role, Time, commands};
use magnetiq_config::{Settings, Sources};
use serde_json::{Value, json};

use crate::{
    outbox::letters,
    roles::{add_account, sign_in},
    site::{Answer, EMAIL, PASSWORD, START, Site, agent},
};

const PATH: &str = "/api/v1/admin/settings";
const PASSWORD_OF_MAIL: &str = "open sesame 4711";

#[track_caller]
fn set(site: &Site, values: &Value) -> Answer {
    let etag = site.get(PATH).header("etag").to_owned();
    site.put(PATH, &etag, &json!({ "values": values }))
}

#[track_caller]
fn setting(site: &Site, name: &str) -> Value {
    let list = site.get(PATH).json();
    list["settings"].as_array().unwrap().iter().find(|setting| setting["name"] == name).unwrap_or_else(|| panic!("{name}: {list}")).clone()
}

#[track_caller]
fn check_refused(answer: &Answer, expected: &[(&str, &str)]) {
    answer.check_problem(422, "invalid");
    let problem = answer.json();
    let errors = problem["errors"].as_array().unwrap();
    assert_eq!(errors.len(), expected.len(), "{problem}");
    for (pointer, detail) in expected {
        let error = errors.iter().find(|error| error["pointer"] == *pointer).unwrap_or_else(|| panic!("{pointer}: {problem}"));
        assert!(error["detail"].as_str().unwrap().contains(detail), "{error}");
    }
}

#[test]
fn what_is_set_holds_at_once_and_after_a_restart() {
    let site = Site::signed_in();
    letters(&site, 1);
    assert_eq!(
        site.get("/api/v1/site").json(),
        json!({
            "title": "Magnetiq", "description": "", "language": "en", "languages": [], "logo": null, "contact": null, "notice": null,
        })
    );
    assert!(site.get("/feed.xml").text().contains("<title>Magnetiq</title>"));
    let answer = set(
        &site,
        &json!({ "site.title": "Ana & Co", "site.notice": "Away on Sunday.", "mail.from": "site@example.com", "mail.name": "Ana" }),
    );
    assert_eq!((answer.status, answer.header("etag")), (200, "\"2\""), "{answer:?}");
    let shown = site.get("/api/v1/site").json();
    assert_eq!((&shown["title"], &shown["notice"]), (&json!("Ana & Co"), &json!("Away on Sunday.")));
    assert!(site.get("/feed.xml").text().contains("<title>Ana &amp; Co</title>"));
    site.pass_time(1);
    site.sign_in();
    let letters = letters(&site, 2).concat();
    assert!(letters.contains("From: Ana <site@example.com>") && letters.contains("Subject: New sign-in to Ana & Co"), "{letters}");
    let title = setting(&site, "site.title");
    assert_eq!((&title["origin"], &title["fixed"], &title["kind"]), (&json!("database"), &json!(false), &json!("text")));
    assert_eq!(title["changed_at"], "2025-11-23T16:45:00Z");
    let site = site.restarted(&[]);
    assert_eq!(site.get("/api/v1/site").json()["title"], "Ana & Co");
    site.sign_in();
    let answer = set(&site, &json!({ "site.title": null }));
    assert_eq!(answer.status, 200);
    assert_eq!(site.get("/api/v1/site").json()["title"], "Magnetiq");
    assert_eq!(setting(&site, "site.title")["origin"], "default");
}

#[test]
fn what_file_and_environment_give_is_fixed() {
    let site = Site::signed_in();
    assert_eq!(set(&site, &json!({ "site.title": "Mine" })).status, 200);
    let site = site.restarted(&[("MAGNETIQ__SITE__TITLE", "Given")]);
    site.sign_in();
    assert_eq!(site.get("/api/v1/site").json()["title"], "Given");
    let title = setting(&site, "site.title");
    assert_eq!((&title["value"], &title["fixed"]), (&json!("Given"), &json!(true)));
    assert_eq!(title["origin"], "environment variable MAGNETIQ__SITE__TITLE");
    let answer = set(&site, &json!({ "site.title": "Mine again" }));
    check_refused(&answer, &[("/values/site.title", "set by environment variable MAGNETIQ__SITE__TITLE")]);
}

#[test]
fn all_or_nothing_and_each_field_is_named() {
    let site = Site::signed_in();
    let answer = set(
        &site,
        &json!({
            "site.title": " ", "site.logo": "https://elsewhere.example/x.svg", "mail.from": "nobody", "mail.attempts": "many",
            "mail.smtp_user": "ana", "social.x.url": "https://api.x.com", "social.mastodon.token_expires": "tomorrow",
        }),
    );
    check_refused(
        &answer,
        &[
            ("/values/site.title", "1 to 100 characters"),
            ("/values/site.logo", "a file of this site"),
            ("/values/mail.from", "an address"),
            ("/values/mail.attempts", "a whole number from 1 to 1000"),
            ("/values/mail.smtp_password", "belong together"),
            ("/values/social.x.url", "production profile"),
            ("/values/social.mastodon.token_expires", "a day such as"),
        ],
    );
    let answer = set(&site, &json!({ "site.title": "Mine", "server.port": "1", "auth.secret_key": "x", "a/b": "x" }));
    let strange = "no such setting";
    check_refused(&answer, &[("/values/server.port", strange), ("/values/auth.secret_key", strange), ("/values/a~1b", strange)]);
    check_refused(&set(&site, &json!({ "site.description": "x".repeat(6000) })), &[("/values/site.description", "5000")]);
    for from in ["a..b@example.com", "site@-example.com", ".site@example.com"] {
        check_refused(&set(&site, &json!({ "mail.from": from })), &[("/values/mail.from", "an address")]);
    }
    assert_eq!(site.get("/api/v1/site").json()["title"], "Magnetiq");
    assert_eq!(site.get(PATH).json()["revision"], 1);
    set(&site, &json!({ "site.title": 5 })).check_problem(400, "bad-request");
    let unseen = site.put(PATH, "\"7\"", &json!({ "values": {} }));
    unseen.check_problem(412, "precondition-failed");
    let headers = [("content-type", "application/json")];
    let blind = site.request("PUT".parse().unwrap(), PATH, &headers, Some(b"{\"values\":{}}"));
    blind.check_problem(428, "precondition-required");
}

#[test]
fn of_two_at_once_one_wins() {
    let site = Site::signed_in();
    let etag = site.get(PATH).header("etag").to_owned();
    assert_eq!(site.put(PATH, &etag, &json!({ "values": { "site.title": "First" } })).status, 200);
    site.put(PATH, &etag, &json!({ "values": { "site.title": "Second" } })).check_problem(412, "precondition-failed");
    assert_eq!(site.get("/api/v1/site").json()["title"], "First");
}

#[test]
fn a_secret_is_told_to_nobody() {
    let site = Site::signed_in();
    let values = json!({ "mail.smtp_host": "smtp.invalid", "mail.smtp_user": "ana", "mail.smtp_password": PASSWORD_OF_MAIL });
    let answer = set(&site, &values);
    assert_eq!(answer.status, 200, "{answer:?}");
    let password = setting(&site, "mail.smtp_password");
    assert_eq!((&password["value"], &password["is_set"], &password["kind"]), (&Value::Null, &json!(true), &json!("secret")));
    set(&site, &json!({ "mail.smtp_host": "evil.invalid" })).check_problem(422, "invalid");
    site.pass_time(60);
    assert_eq!(set(&site, &json!({ "mail.smtp_password": "open barley 4711" })).status, 200);
    let log = site.get("/api/v1/admin/audit?action=settings").json();
    let (newest, first) = (&log["items"][0], &log["items"][1]);
    assert_eq!((&newest["action"], &newest["actor"]), (&json!("settings.update"), &json!(EMAIL)));
    assert_eq!(newest["before"], json!({ "mail.smtp_password": "(hidden, set at 2025-11-23T16:45:00Z)" }));
    assert_eq!(newest["after"], json!({ "mail.smtp_password": "(hidden, set at 2025-11-23T16:46:00Z)" }));
    assert_eq!((&first["before"]["mail.smtp_user"], &first["after"]["mail.smtp_user"]), (&Value::Null, &json!("ana")));
    for text in [answer.text(), site.get(PATH).text(), log.to_string(), site.get("/api/v1/admin/audit.csv").text()] {
        assert!(!text.contains("sesame") && !text.contains("barley"), "{text}");
    }
    let kept: Vec<u8> = site
        .store
        .read(|conn| Ok(conn.query_row("SELECT sealed FROM setting WHERE name = 'mail.smtp_password'", [], |row| row.get(0))?))
        .wait()
        .unwrap();
    assert!(kept.len() > 40 && !String::from_utf8_lossy(&kept).contains("barley"));
    // Moved to another row it opens nothing.
    let moved = "UPDATE setting SET name = 'social.x.token' WHERE name = 'mail.smtp_password'";
    site.store.write(move |tx| Ok(tx.execute(moved, [])?)).wait().unwrap();
    let error = site.try_restart(&[]).unwrap_err();
    assert!(error.to_string().contains("the setting social.x.token"), "{error}");
}

#[test]
fn administrators_only_and_never_a_token() {
    let mut site = Site::signed_in();
    let token = site.post("/api/v1/auth/tokens", &json!({ "name": "ci", "role": "admin", "expires_at": "2025-12-23T00:00:00Z" })).json();
    let bearer = format!("Bearer {}", token["secret"].as_str().unwrap_or_else(|| panic!("{token}")));
    add_account(&site, "bo@example.com", Role::Editor);
    site.agent = agent();
    sign_in(&site, "bo@example.com");
    site.get(PATH).check_problem(403, "role-too-low");
    site.agent = agent();
    let headers = [("authorization", bearer.as_str()), ("content-type", "application/json"), ("if-match", "*")];
    assert_eq!(site.request("GET".parse().unwrap(), PATH, &headers, None).status, 200);
    let changed = site.request("PUT".parse().unwrap(), PATH, &headers, Some(b"{\"values\":{}}"));
    changed.check_problem(403, "session-needed");
}

#[test]
fn limits_follow_at_once() {
    let site = Site::signed_in();
    assert_eq!(site.upload("a.txt", &[b'a'; 4000]).status, 201);
    assert_eq!(set(&site, &json!({ "media.upload_limit_bytes": "2000" })).status, 200);
    site.upload("b.txt", &[b'b'; 4000]).check_problem(413, "upload-too-large");
    assert_eq!(set(&site, &json!({ "auth.login_attempts_per_minute": "1" })).status, 200);
    let login = json!({ "email": EMAIL, "password": PASSWORD });
    assert_eq!(site.post("/api/v1/auth/login", &login).status, 200);
    site.post("/api/v1/auth/login", &login).check_problem(429, "too-many-attempts");
    assert_eq!(set(&site, &json!({ "media.quota_bytes": "4500" })).status, 200);
    site.upload("c.txt", &[b'c'; 1000]).check_problem(507, "media-quota");
    assert_eq!(set(&site, &json!({ "media.quota_bytes": "0" })).status, 200);
    assert_eq!(site.upload("c.txt", &[b'c'; 1000]).status, 201);
}

#[test]
fn how_many_requests_are_answered_follows_at_once() {
    let site = Site::with(&[("MAGNETIQ__SERVER__RATE_LIMITS__EXEMPT", "10.0.0.0/8")]);
    site.sign_in();
    let read = || site.get("/api/v1/pages");
    let policy = || read().header("ratelimit-policy").to_owned();
    assert_eq!(policy(), "\"public-read\";q=3000;w=60");
    assert_eq!(set(&site, &json!({ "server.rate_limits.public_read_per_minute": "2" })).status, 200);
    assert_eq!((policy().as_str(), read().status), ("\"public-read\";q=2;w=60", 200));
    read().check_problem(429, "too-many-requests");
    // What is not changed goes on counting.
    assert_eq!(set(&site, &json!({ "site.title": "Mine" })).status, 200);
    read().check_problem(429, "too-many-requests");
    assert_eq!(set(&site, &json!({ "server.rate_limits.public_read_per_minute": "0" })).status, 200);
    assert_eq!((policy().as_str(), read().status), ("", 200));
}

#[test]
fn what_does_not_fit_any_more_keeps_no_site_from_starting() {
    let site = Site::signed_in();
    assert_eq!(set(&site, &json!({ "site.title": "Mine", "mail.attempts": "7" })).status, 200);
    let broken = "UPDATE setting SET value = 'many' WHERE name = 'mail.attempts'";
    site.store.write(move |tx| Ok(tx.execute(broken, [])?)).wait().unwrap();
    let site = site.restarted(&[]);
    site.sign_in();
    assert_eq!(site.get("/api/v1/site").json()["title"], "Mine");
    assert_eq!((&setting(&site, "mail.attempts")["origin"], &setting(&site, "mail.attempts")["value"]), (&json!("default"), &json!("12")));
}

/// The settings that the command line would read.
fn with_keys(current: &str, previous: &str) -> Settings {
    let variables = [("MAGNETIQ__PROFILE", "development"), ("SECRET_KEY", current), ("SECRET_KEY_PREVIOUS", previous)];
    let environment = variables.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    Settings::load(Sources { file: None, environment }).unwrap()
}

#[test]
fn a_new_secret_key_carries_everything_over() {
    let (old, new) = ("an old key of more than thirty-two bytes", "a new key of more than thirty-two bytes");
    let site = Site::with(&[("SECRET_KEY", old)]);
    site.sign_in();
    let values = json!({ "mail.smtp_host": "smtp.invalid", "mail.smtp_user": "ana", "mail.smtp_password": PASSWORD_OF_MAIL });
    assert_eq!(set(&site, &values).status, 200);
    let token = site.post("/api/v1/auth/tokens", &json!({ "name": "ci", "role": "viewer", "expires_at": "2025-12-23T00:00:00Z" })).json();
    let bearer = format!("Bearer {}", token["secret"].as_str().unwrap());
    assert_eq!(site.post("/api/v1/auth/second-factor", &json!({ "password": PASSWORD })).status, 200);

    // Without the old key nothing is served.
    let error = site.try_restart(&[("SECRET_KEY", new)]).unwrap_err();
    let said = error.to_string();
    assert!(said.contains("the setting mail.smtp_password") && said.contains("the second factor of ana@example.com"), "{said}");
    let refused =
        commands::rotate_secrets(&site.store, &Clock::new(|| Time::from_millis(START)), &with_keys(new, "").auth, false).unwrap_err();
    assert!(refused.to_string().contains("mail.smtp_password"), "{refused}");

    // With both keys all is as it was, before and after the rotation.
    let both = with_keys(new, old).auth;
    let plan = commands::plan_rotation(&site.store, &both).unwrap();
    assert_eq!(plan.anew, ["the setting mail.smtp_password", "the second factor of ana@example.com"]);
    let site = site.restarted(&[("SECRET_KEY", new), ("SECRET_KEY_PREVIOUS", old)]);
    assert_eq!(site.get("/api/v1/auth/me").status, 200, "the session goes on");
    let site = site.stopped();
    let clock = Clock::new(|| Time::from_millis(START));
    assert_eq!(commands::rotate_secrets(&site.store, &clock, &both, false).unwrap(), plan);
    let again = commands::rotate_secrets(&site.store, &clock, &both, false).unwrap();
    assert_eq!((again.anew.len(), again.already.len()), (0, 2));
    let site = site.restarted(&[("SECRET_KEY", new), ("SECRET_KEY_PREVIOUS", old)]);
    site.pass_time(600);
    assert_eq!(site.get("/api/v1/auth/me").status, 200);
    let me =
        |site: &Site| site.request("GET".parse().unwrap(), "/api/v1/auth/me", &[("authorization", &bearer), ("cookie", "")], None).status;
    assert_eq!(me(&site), 200, "the token goes on");

    // The old key is forgotten: what is encrypted is read, and what was used meanwhile is kept by the new one.
    let site = site.restarted(&[("SECRET_KEY", new)]);
    assert_eq!(me(&site), 200);
    assert_eq!(setting(&site, "mail.smtp_password")["is_set"], true);
    let log = site.get("/api/v1/admin/audit?action=secrets").json();
    assert_eq!((&log["items"][0]["actor"], &log["items"][0]["via"]), (&json!("command line"), &json!("command-line")), "{log}");
}

#[test]
fn a_key_that_is_lost_costs_what_it_sealed_and_no_more() {
    let (lost, new) = ("a lost key of more than thirty-two bytes", "a new key of more than thirty-two bytes");
    let site = Site::with(&[("SECRET_KEY", lost)]);
    site.sign_in();
    let values = json!({ "site.title": "Mine", "social.mastodon.token": "a-token" });
    assert_eq!(set(&site, &values).status, 200);
    let site = site.stopped();
    let clock = Clock::new(|| Time::from_millis(START));
    let rotation = commands::rotate_secrets(&site.store, &clock, &with_keys(new, "").auth, true).unwrap();
    assert_eq!(rotation.unreadable, ["the setting social.mastodon.token"]);
    let site = site.restarted(&[("SECRET_KEY", new)]);
    site.sign_in();
    assert_eq!(
        (&setting(&site, "social.mastodon.token")["is_set"], &setting(&site, "site.title")["value"]),
        (&json!(false), &json!("Mine"))
    );
}

/// Of administrators; what stands in the file may lead anywhere.
#[test]
fn an_address_that_leads_into_a_private_network_is_not_called() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let port = listener.local_addr().unwrap().port().to_string();
    let site = Site::with(&[("MAGNETIQ__SERVER__PRIVATE_TARGETS", "false")]);
    site.sign_in();
    for host in ["127.0.0.1", "localhost", "::1", "169.254.169.254"] {
        assert_eq!(set(&site, &json!({ "mail.smtp_host": host, "mail.smtp_port": port, "mail.smtp_tls": "none" })).status, 200);
        site.pass_time(1);
        site.sign_in();
        let begin = std::time::Instant::now();
        loop {
            let newest = site.get("/api/v1/outbox?limit=1").json()["items"][0].clone();
            if newest["last_error"].as_str().is_some_and(|text| text.contains("it leads into a private network")) {
                break;
            }
            assert!(begin.elapsed() < std::time::Duration::from_secs(30), "{host}: {newest}");
            std::thread::sleep(std::time::Duration::from_millis(50));
        }
    }
    assert!(listener.accept().is_err(), "nobody knocked");
}
