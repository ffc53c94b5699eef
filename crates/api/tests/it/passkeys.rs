//! Passkeys, through HTTP with an authenticator in software.

use magnetiq_api::{Role, commands};
use serde_json::{Value, json};

use crate::{
    outbox::letters,
    passkey_device::Device,
    roles::{add_account, sign_in},
    second_factor::turn_on,
    site::{Answer, EMAIL, PASSWORD, Site, agent},
};

/// A site for more attempts than people make, with somebody signed in.
fn signed_in() -> Site {
    let site = Site::with(&[("MAGNETIQ__AUTH__LOGIN_ATTEMPTS_PER_MINUTE", "1000")]);
    site.sign_in();
    site
}

fn options(site: &Site) -> Value {
    let answer = site.post("/api/v1/auth/passkeys/options", &json!({ "password": PASSWORD }));
    assert_eq!(answer.status, 200, "{answer:?}");
    answer.json()["options"].clone()
}

fn keep(site: &Site, name: &str, credential: &Value) -> Answer {
    site.post("/api/v1/auth/passkeys", &json!({ "name": name, "credential": credential }))
}

/// A passkey of the account that is signed in.
fn register(site: &Site, device: &mut Device, name: &str) -> Value {
    let answer = keep(site, name, &device.make(&options(site)));
    assert_eq!(answer.status, 201, "{answer:?}");
    answer.json()
}

fn ask(site: &Site) -> Value {
    let answer = site.request("POST".parse().unwrap(), "/api/v1/auth/passkey/options", &[], None);
    assert_eq!(answer.status, 200, "{answer:?}");
    assert!(answer.header("set-cookie").contains("HttpOnly; SameSite=Strict"), "{answer:?}");
    answer.json()["options"].clone()
}

fn enter(site: &Site, credential: &Value) -> Answer {
    site.post("/api/v1/auth/passkey", &json!({ "credential": credential }))
}

fn login(site: &Site, code: Option<&Value>) -> Answer {
    let mut body = json!({ "email": EMAIL, "password": PASSWORD });
    if let Some(code) = code {
        body["code"] = code.clone();
    }
    site.post("/api/v1/auth/login", &body)
}

fn list(site: &Site) -> Vec<Value> {
    site.get("/api/v1/auth/passkeys").json().as_array().unwrap().clone()
}

fn path(passkey: &Value, what: &str) -> String {
    format!("/api/v1/auth/passkeys/{}{what}", passkey["id"].as_str().unwrap())
}

#[test]
fn a_passkey_signs_in_without_a_password() {
    let mut site = signed_in();
    let first = options(&site);
    assert_eq!((&first["rp"]["id"], &first["user"]["name"]), (&json!("localhost"), &json!(EMAIL)));
    let wanted = json!({ "residentKey": "required", "requireResidentKey": true, "userVerification": "required" });
    assert_eq!(first["authenticatorSelection"], wanted, "{first}");
    let mut phone = Device { synced: true, ..Device::new(1) };
    let made = register(&site, &mut phone, " Ana's phone ");
    assert_eq!((&made["name"], &made["synced"], &made["used_at"]), (&json!("Ana's phone"), &json!(true), &Value::Null));
    assert_eq!(options(&site)["excludeCredentials"][0]["transports"], json!(["internal"]));
    let mut key = Device::new(2);
    assert_eq!(register(&site, &mut key, "Key")["recovery_codes"], Value::Null, "it has some already");
    assert_eq!(list(&site).len(), 2);
    site.agent = agent();
    site.pass_time(60);
    let asked = ask(&site);
    assert_eq!((&asked["userVerification"], asked["allowCredentials"].as_array().map(Vec::len)), (&json!("required"), Some(0)), "{asked}");
    let entered = enter(&site, &phone.sign(&asked));
    assert_eq!(
        (entered.status, &entered.json()["email"], &entered.json()["passkey_count"]),
        (200, &json!(EMAIL), &json!(2)),
        "{entered:?}"
    );
    let used = list(&site).into_iter().find(|passkey| passkey["id"] == made["id"]).unwrap();
    assert_eq!((&used["used_at"], &used["used_from"]), (&json!("2025-11-23T16:46:00Z"), &json!("127.0.0.1")));
    assert!(letters(&site, 4).iter().any(|letter| letter.contains("Subject: A passkey for Magnetiq was added")));
}

/// What a device or a browser answers to what it was asked.
type Wrong<'a> = Box<dyn Fn(&Value) -> Value + 'a>;

/// Every way in which a device or a browser can be wrong, and nobody is signed in.
#[test]
fn what_does_not_sign_in() {
    let mut site = signed_in();
    add_account(&site, "bo@example.com", Role::Editor);
    let mut ana = Device { count: 7, ..Device::new(1) };
    register(&site, &mut ana, "Ana's");
    site.agent = agent();
    sign_in(&site, "bo@example.com");
    let mut bo = Device::new(2);
    register(&site, &mut bo, "Bo's");
    ana.count = 8;
    let forged = |options: &Value, field: &str| {
        let mut credential = ana.sign(options);
        let text = credential["response"][field].as_str().unwrap();
        let changed = if &text[20..21] == "A" { "Q" } else { "A" };
        credential["response"][field] = json!(format!("{}{changed}{}", &text[..20], &text[21..]));
        credential
    };
    let cases: Vec<(&str, Wrong)> = vec![
        ("another origin", Box::new(|options| Device { origin: "http://evil.example:8036", ..ana.clone() }.sign(options))),
        ("another port", Box::new(|options| Device { origin: "http://localhost:8037", ..ana.clone() }.sign(options))),
        ("another site", Box::new(|options| Device { site: "evil.example", ..ana.clone() }.sign(options))),
        ("nobody asked", Box::new(|options| Device { verifies: false, ..ana.clone() }.sign(options))),
        ("another challenge", Box::new(|_| ana.sign(&json!({ "challenge": "AAAAAAAAAAAAAAAAAAAAAA" })))),
        ("a forged signature", Box::new(|options| forged(options, "signature"))),
        ("forged data", Box::new(|options| forged(options, "authenticatorData"))),
        ("another key", Box::new(|options| Device { id: ana.id.clone(), user: ana.user.clone(), ..Device::new(9) }.sign(options))),
        ("an unknown one", Box::new(|options| Device { user: ana.user.clone(), ..Device::new(9) }.sign(options))),
        ("somebody else's account", Box::new(|options| Device { user: bo.user.clone(), ..ana.clone() }.sign(options))),
        ("a copied device", Box::new(|options| Device { count: 7, ..ana.clone() }.sign(options))),
        ("a new key", Box::new(|options| ana.clone().make(&json!({ "challenge": options["challenge"], "user": { "id": "" } })))),
        ("nothing", Box::new(|_| json!({}))),
    ];
    for (what, sign) in &cases {
        site.agent = agent();
        let answer = enter(&site, &sign(&ask(&site)));
        assert_eq!((answer.status, answer.json()["code"].as_str()), (401, Some("passkey-refused")), "{what}: {answer:?}");
        site.get("/api/v1/auth/me").check_problem(401, "not-signed-in");
        assert_eq!(
            site.store
                .read(|conn| Ok(conn.query_row("SELECT count(*) FROM passkey_attempt", [], |row| row.get::<_, i64>(0))?))
                .wait()
                .unwrap(),
            2
        );
    }
    site.agent = agent();
    assert_eq!(enter(&site, &ana.sign(&ask(&site))).status, 200, "all the rest is right");
}

#[test]
fn an_attempt_is_for_one_browser_once() {
    let mut site = signed_in();
    let mut phone = Device::new(1);
    register(&site, &mut phone, "Phone");
    site.agent = agent();
    let begun = site.request("POST".parse().unwrap(), "/api/v1/auth/passkey/options", &[], None);
    let cookie = begun.header("set-cookie").split(';').next().unwrap().to_owned();
    let body = json!({ "credential": phone.sign(&begun.json()["options"]) }).to_string();
    // Each time from a browser without any cookie but this.
    let mut send = |cookie: &str| {
        site.agent = agent();
        let headers = [("content-type", "application/json"), ("cookie", cookie)];
        site.request("POST".parse().unwrap(), "/api/v1/auth/passkey", &headers, Some(body.as_bytes()))
    };
    send("").check_problem(401, "passkey-refused");
    let (name, value) = cookie.split_once('=').unwrap();
    send(&format!("{name}={}{}", if value.starts_with('A') { "B" } else { "A" }, &value[1..])).check_problem(401, "passkey-refused");
    assert_eq!(send(&cookie).status, 200);
    send(&cookie).check_problem(401, "passkey-refused");
    site.agent = agent();
    let late = phone.sign(&ask(&site));
    site.pass_time(301);
    enter(&site, &late).check_problem(401, "passkey-refused");
    // Making one and signing in are two things, and so are two sessions.
    assert_eq!(enter(&site, &phone.sign(&ask(&site))).status, 200);
    enter(&site, &phone.sign(&options(&site))).check_problem(401, "passkey-refused");
    let made = Device::new(2).make(&options(&site));
    let replaced = enter(&site, &phone.sign(&ask(&site)));
    assert_eq!(replaced.status, 200);
    keep(&site, "Mine", &made).check_problem(422, "invalid");
}

#[test]
fn what_can_not_be_kept() {
    let site = signed_in();
    site.post("/api/v1/auth/passkeys/options", &json!({ "password": "wrong horse battery" })).check_problem(422, "invalid");
    keep(&site, "No attempt", &Device::new(1).make(&json!({ "challenge": "AAAAAAAAAAAAAAAAAAAAAA", "user": { "id": "" } })))
        .check_problem(422, "invalid");
    for mut wrong in [
        Device { origin: "http://evil.example", ..Device::new(1) },
        Device { site: "evil.example", ..Device::new(1) },
        Device { verifies: false, ..Device::new(1) },
    ] {
        let answer = keep(&site, "Wrong", &wrong.make(&options(&site)));
        answer.check_problem(422, "invalid");
        assert_eq!(answer.json()["errors"][0]["pointer"], "/credential", "{answer:?}");
    }
    let mut phone = Device::new(1);
    let nameless = keep(&site, " ", &phone.make(&options(&site)));
    assert_eq!(nameless.json()["errors"][0]["pointer"], "/name", "{nameless:?}");
    register(&site, &mut phone, "Phone");
    keep(&site, "Again", &phone.make(&options(&site))).check_problem(422, "invalid");
    assert_eq!(list(&site).len(), 1);
    for number in 2..=20 {
        register(&site, &mut Device::new(number), "One more");
    }
    site.post("/api/v1/auth/passkeys/options", &json!({ "password": PASSWORD })).check_problem(422, "invalid");
}

#[test]
fn it_is_the_second_step_of_a_password_and_codes_replace_it() {
    let mut site = signed_in();
    let here = std::mem::replace(&mut site.agent, agent());
    site.sign_in();
    let elsewhere = std::mem::replace(&mut site.agent, here);
    let made = register(&site, &mut Device::new(1), "Phone");
    let codes = made["recovery_codes"].as_array().unwrap().clone();
    assert_eq!(codes.len(), 10);
    let here = std::mem::replace(&mut site.agent, elsewhere);
    site.get("/api/v1/auth/me").check_problem(401, "not-signed-in");
    login(&site, None).check_problem(401, "second-factor-required");
    login(&site, Some(&json!("123456"))).check_problem(401, "wrong-code");
    assert_eq!(login(&site, Some(&codes[0])).status, 200);
    login(&site, Some(&codes[0])).check_problem(401, "wrong-code");
    site.agent = here;
    let me = site.get("/api/v1/auth/me").json();
    assert_eq!((&me["second_factor"], &me["authenticator_app"]), (&json!(true), &json!(false)));
    site.post(&path(&made, "/remove"), &json!({ "password": "wrong horse battery" })).check_problem(422, "invalid");
    assert_eq!(site.post(&path(&made, "/remove"), &json!({ "password": PASSWORD })).status, 204);
    assert_eq!(site.get("/api/v1/auth/me").json()["second_factor"], false);
    site.agent = agent();
    assert_eq!(login(&site, None).status, 200, "the last one is gone");
    let left = site.store.read(|conn| Ok(conn.query_row("SELECT count(*) FROM account_recovery_code", [], |row| row.get::<_, i64>(0))?));
    assert_eq!(left.wait().unwrap(), 0);
}

#[test]
fn they_are_renamed_and_removed_by_their_owner_or_an_administrator() {
    let mut site = signed_in();
    add_account(&site, "bo@example.com", Role::Viewer);
    let mut phone = Device::new(1);
    let made = register(&site, &mut phone, "Phone");
    let rename = |name: &str| {
        let body = json!({ "name": name }).to_string();
        site.request("PUT".parse().unwrap(), &path(&made, ""), &[("content-type", "application/json")], Some(body.as_bytes()))
    };
    assert_eq!(rename("Old phone").json()["name"], "Old phone");
    rename("two\nlines").check_problem(422, "invalid");
    let ana = site.get("/api/v1/auth/me").json()["id"].as_str().unwrap().to_owned();
    let ana_path = format!("/api/v1/admin/accounts/{ana}");
    assert_eq!(site.get(&ana_path).json()["passkeys"][0]["name"], "Old phone");
    let admin = std::mem::replace(&mut site.agent, agent());
    sign_in(&site, "bo@example.com");
    site.post(&path(&made, "/remove"), &json!({ "password": PASSWORD })).check_problem(404, "not-found");
    let bo = std::mem::replace(&mut site.agent, agent());
    let asked = ask(&site);
    let browser = std::mem::replace(&mut site.agent, admin);
    assert_eq!(site.delete(&format!("{ana_path}/passkeys")).status, 204);
    site.agent = browser;
    enter(&site, &phone.sign(&asked)).check_problem(401, "passkey-refused");
    site.agent = bo;
    site.delete(&format!("{ana_path}/passkeys")).check_problem(403, "role-too-low");
    site.agent = agent();
    assert_eq!(login(&site, None).status, 200);
    assert!(letters(&site, 4).iter().any(|letter| letter.contains("Subject: A passkey for Magnetiq was removed")));
    let audit = site.get("/api/v1/admin/audit?limit=10").json();
    let noted: Vec<&str> = audit["items"].as_array().unwrap().iter().map(|entry| entry["action"].as_str().unwrap()).collect();
    assert_eq!(noted, ["account.passkeys", "passkey.update", "passkey.create", "account.create", "account.create"]);
    let [by_admin, renamed] = [&audit["items"][0], &audit["items"][1]];
    assert_eq!((&by_admin["before"]["passkey_count"], &by_admin["after"]["passkey_count"]), (&json!(1), &json!(0)));
    assert_eq!((&renamed["before"], &renamed["after"]), (&json!({ "name": "Phone" }), &json!({ "name": "Old phone" })));
}

#[test]
fn who_lost_all_of_them_is_let_in_from_the_command_line() {
    let mut site = signed_in();
    register(&site, &mut Device::new(1), "Phone");
    turn_on(&site);
    site.agent = agent();
    let reset = |without_second_factor| {
        site.pass_time(60);
        commands::reset_password(&site.store, &site.clock(), EMAIL, &PASSWORD.to_owned().into(), without_second_factor).unwrap()
    };
    assert!(reset(false).second_factor);
    login(&site, None).check_problem(401, "second-factor-required");
    let account = reset(true);
    assert_eq!((account.second_factor, account.passkey_count), (false, 0));
    assert_eq!(login(&site, None).status, 200);
    let sent = letters(&site, 8).concat();
    for subject in ["A passkey for Magnetiq was removed", "Two-step sign-in to Magnetiq is off", "New password for Magnetiq"] {
        assert!(sent.contains(&format!("Subject: {subject}")), "{subject}: {sent}");
    }
    let audit = site.get("/api/v1/admin/audit?limit=3").json();
    let noted: Vec<_> = audit["items"].as_array().unwrap().iter().map(|entry| (&entry["action"], &entry["via"])).collect();
    let by_hand = json!("command-line");
    let expected = [json!("account.passkeys"), json!("account.second-factor"), json!("account.password")];
    assert_eq!(noted, expected.iter().map(|action| (action, &by_hand)).collect::<Vec<_>>());
}

#[test]
fn who_is_disabled_has_no_passkey() {
    let mut site = signed_in();
    add_account(&site, "bo@example.com", Role::Viewer);
    let admin = std::mem::replace(&mut site.agent, agent());
    sign_in(&site, "bo@example.com");
    let mut phone = Device::new(1);
    register(&site, &mut phone, "Phone");
    let me = site.get("/api/v1/auth/me").json();
    site.agent = admin;
    let body = json!({ "email": "bo@example.com", "name": "Bo", "role": "viewer", "disabled": true });
    let etag = format!("\"{}\"", me["revision"]);
    assert_eq!(site.put(&format!("/api/v1/admin/accounts/{}", me["id"].as_str().unwrap()), &etag, &body).status, 200);
    site.agent = agent();
    enter(&site, &phone.sign(&ask(&site))).check_problem(401, "passkey-refused");
}

#[test]
fn an_address_without_a_name_has_no_passkeys() {
    let site = Site::with(&[("MAGNETIQ__SERVER__PUBLIC_URL", "http://127.0.0.1:8036")]);
    site.sign_in();
    site.request("POST".parse().unwrap(), "/api/v1/auth/passkey/options", &[], None).check_problem(409, "no-passkeys");
    site.post("/api/v1/auth/passkeys/options", &json!({ "password": PASSWORD })).check_problem(409, "no-passkeys");
    let secure = Site::with(&[("MAGNETIQ__SERVER__PUBLIC_URL", "https://www.example.com")]);
    let begun = secure.request("POST".parse().unwrap(), "/api/v1/auth/passkey/options", &[], None);
    assert!(
        begun.header("set-cookie").starts_with("__Host-magnetiq-passkey=") && begun.header("set-cookie").contains("Secure"),
        "{begun:?}"
    );
    assert_eq!(begun.json()["options"]["rpId"], "www.example.com");
}
