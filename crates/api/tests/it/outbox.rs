//! What is sent to people, as the API shows it. Here letters go to a folder; the journeys have a mail server.

use std::{
    fs,
    io::{BufRead, BufReader, Write},
    net::TcpListener,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use magnetiq_api::commands;
use serde_json::{Value, json};

use crate::site::{Answer, EMAIL, PASSWORD, Site};

/// The letters that arrived, once there are so many.
#[track_caller]
pub(crate) fn letters(site: &Site, count: usize) -> Vec<String> {
    let begin = Instant::now();
    loop {
        let entries = fs::read_dir(site.folder.path().join("mail")).unwrap();
        let letters: Vec<String> = entries.map(|entry| fs::read_to_string(entry.unwrap().path()).unwrap()).collect();
        if letters.len() >= count && letters.iter().all(|letter| letter.ends_with("--\r\n")) {
            return letters;
        }
        assert!(begin.elapsed() < Duration::from_secs(30), "{letters:?}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

#[track_caller]
fn until(site: &Site, query: &str, count: usize) -> Vec<Value> {
    let begin = Instant::now();
    loop {
        let list = site.get(&format!("/api/v1/outbox{query}")).json();
        let items = list["items"].as_array().unwrap();
        if items.len() == count {
            return items.clone();
        }
        assert!(begin.elapsed() < Duration::from_secs(30), "{list}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

fn retry(site: &Site, entry: &Value) -> Answer {
    site.post(&format!("/api/v1/outbox/{}/retry", entry["id"].as_str().unwrap()), &json!({}))
}

/// What would need a database of its own to come about.
fn change(site: &Site, sql: &'static str) {
    site.store.write(move |tx| Ok(tx.execute_batch(sql)?)).wait().unwrap();
}

#[test]
fn a_sign_in_is_told_by_mail() {
    let site = Site::signed_in();
    let letters = letters(&site, 1);
    for part in [
        "To: ana@example.com",
        "From: Magnetiq <noreply@localhost>",
        "Subject: New sign-in to Magnetiq",
        "Auto-Submitted: auto-generated",
        "Content-Type: multipart/alternative",
        "somebody signed in to your account",
        "<p>Hello Ana,</p>",
    ] {
        assert!(letters[0].contains(part), "{part}: {}", letters[0]);
    }
    let sent = until(&site, "?state=sent", 1);
    let (entry, id) = (&sent[0], sent[0]["id"].as_str().unwrap());
    assert_eq!(
        (&entry["kind"], &entry["template"], &entry["target"], &entry["attempts"], &entry["next_at"], &entry["last_error"]),
        (&json!("mail"), &json!("sign-in"), &json!(EMAIL), &json!(1), &Value::Null, &Value::Null)
    );
    assert!(letters[0].contains(&format!("Message-ID: <{id}@localhost>")), "{}", letters[0]);
    let preview = site.get(&format!("/api/v1/outbox/{id}")).json();
    assert_eq!((&preview["state"], &preview["texts"]["subject"]), (&json!("sent"), &json!("New sign-in to Magnetiq")));
    assert!(preview["texts"]["text"].as_str().unwrap().starts_with("Hello Ana,\n"));
    assert!(preview["texts"]["html"].as_str().unwrap().starts_with("<!DOCTYPE html>"));
    retry(&site, entry).check_problem(409, "not-given-up");
}

#[test]
fn the_list_has_parts_and_filters() {
    let site = Site::start();
    for _ in 0..3 {
        site.sign_in();
        site.pass_time(1);
    }
    until(&site, "?state=sent", 3);
    until(&site, "?state=dead", 0);
    until(&site, "?q=ANA@", 3);
    until(&site, "?q=bob", 0);
    let first = site.get("/api/v1/outbox?limit=2").json();
    let next = site.get(&format!("/api/v1/outbox?limit=2&cursor={}", first["next_cursor"].as_str().unwrap())).json();
    assert_eq!((first["items"].as_array().unwrap().len(), next["items"].as_array().unwrap().len()), (2, 1));
    assert!(first["items"][1]["created_at"].as_str() > next["items"][0]["created_at"].as_str());
    assert_eq!(next["next_cursor"], Value::Null);
    site.get("/api/v1/outbox?state=lost").check_problem(400, "bad-request");
    site.get("/api/v1/outbox?cursor=x").check_problem(400, "bad-request");
    site.get("/api/v1/outbox/019aa000-0000-7000-8000-000000000000").check_problem(404, "not-found");
}

#[test]
fn a_letter_that_cannot_be_sent_is_given_up_with_its_reason_and_sent_again_by_hand() {
    let site = Site::start();
    change(&site, "UPDATE account SET email = 'ana@example.com@'");
    let answer = site.post("/api/v1/auth/login", &json!({ "email": "ana@example.com@", "password": PASSWORD }));
    assert_eq!(answer.status, 200, "mail keeps nobody out: {answer:?}");
    let dead = until(&site, "?state=dead", 1);
    assert!(dead[0]["last_error"].as_str().unwrap().starts_with("failed to send a letter: "), "{}", dead[0]);
    assert!(dead[0]["dead_at"].is_string());
    change(&site, "UPDATE outbox SET target = 'ana@example.com'");
    let again = retry(&site, &dead[0]);
    assert_eq!((again.status, &again.json()["state"]), (200, &json!("queued")), "{again:?}");
    let sent = until(&site, "?state=sent", 1);
    assert_eq!((&sent[0]["id"], &sent[0]["attempts"], &sent[0]["dead_at"]), (&dead[0]["id"], &json!(1), &Value::Null));
    letters(&site, 1);
    retry(&site, &dead[0]).check_problem(409, "not-given-up");
}

#[test]
fn a_letter_that_was_given_up_is_taken_back_and_counts_no_more() {
    let site = Site::start();
    change(&site, "UPDATE account SET email = 'ana@example.com@'");
    let answer = site.post("/api/v1/auth/login", &json!({ "email": "ana@example.com@", "password": PASSWORD }));
    assert_eq!(answer.status, 200, "{answer:?}");
    let dead = until(&site, "?state=dead", 1);
    let cancel = || site.post(&format!("/api/v1/outbox/{}/cancel", dead[0]["id"].as_str().unwrap()), &json!({}));
    let cancelled = cancel();
    let entry = cancelled.json();
    assert_eq!((cancelled.status, &entry["state"], &entry["dead_at"]), (200, &json!("cancelled"), &Value::Null), "{entry}");
    assert_eq!(entry["last_error"], dead[0]["last_error"], "its reason stays");
    until(&site, "?state=dead", 0);
    cancel().check_problem(409, "not-waiting");
    retry(&site, &dead[0]).check_problem(409, "not-given-up");
    let noted = site.get("/api/v1/admin/audit?action=outbox.cancel").json();
    assert_eq!(noted["items"][0]["subject"], "sign-in to ana@example.com@", "{noted}");
}

#[test]
fn nobody_adds_a_header() {
    let site = Site::start();
    change(&site, "UPDATE account SET name = 'Ana' || char(13, 10) || 'Bcc: all@example.com' || char(13, 10, 13, 10) || '<b>x</b>'");
    site.sign_in();
    let letter = letters(&site, 1).remove(0);
    assert!(letter.contains("Hello Ana  Bcc: all@example.com    <b>x</b>,"), "{letter}");
    assert!(letter.contains("&lt;b&gt;x&lt;/b&gt;"), "{letter}");
    assert!(!letter.contains("\nBcc:"), "{letter}");
}

#[test]
fn a_new_password_is_told_once_a_server_runs() {
    let site = Site::start();
    commands::reset_password(&site.store, &site.clock(), EMAIL, &"another horse battery".to_owned().into(), false).unwrap();
    let login = json!({ "email": EMAIL, "password": "another horse battery" });
    assert_eq!(site.post("/api/v1/auth/login", &login).status, 200);
    let subjects = letters(&site, 2).concat();
    assert!(subjects.contains("Subject: New password for Magnetiq") && subjects.contains("Subject: New sign-in"), "{subjects}");
}

#[test]
fn what_was_sent_long_ago_is_cleared_away() {
    let site = Site::start();
    site.sign_in();
    until(&site, "?state=sent", 1);
    site.pass_time(31 * 24 * 3600);
    site.sign_in();
    // the second wakes the dispatcher, which sweeps first
    let left = until(&site, "", 1);
    assert!(left[0]["created_at"].as_str().unwrap().starts_with("2025-12-24"), "{left:?}");
}

#[test]
fn without_a_mail_server_letters_wait_and_it_is_said() {
    let site = Site::with(&[("MAGNETIQ__MAIL__FOLDER", "")]);
    site.sign_in();
    until(&site, "?state=queued", 1);
    let begin = Instant::now();
    loop {
        let tree = site.get("/health/mail").text();
        let metrics = site.get("/metrics").text();
        let features = site.get("/health/features").json();
        let feature = features["features"].as_array().unwrap().iter().find(|feature| feature["id"] == "mail").unwrap().clone();
        let is_told = tree.contains("no mail server is set") && feature["availability"] == "degraded";
        if is_told && metrics.contains("magnetiq_outbox_queued 1\n") && metrics.contains("magnetiq_outbox_sent_total 0\n") {
            assert_eq!(feature["still_works"], json!(["letters are kept and sent later"]));
            break;
        }
        assert!(begin.elapsed() < Duration::from_secs(30), "{tree} {feature} {metrics}");
        std::thread::sleep(Duration::from_millis(50));
    }
    assert_eq!(site.get("/readyz").status, 200);
}

/// A mail server that takes letters and says nothing to goodbye: its port, and how many it took.
fn without_goodbye() -> (u16, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let (port, taken) = (listener.local_addr().unwrap().port(), Arc::new(AtomicUsize::new(0)));
    let count = Arc::clone(&taken);
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let lines = BufReader::new(stream.try_clone().unwrap()).lines();
            let mut is_text = false;
            stream.write_all(b"220 here\r\n").unwrap();
            for line in lines.map_while(Result::ok) {
                let answer = match line.as_str() {
                    "." if is_text => {
                        count.fetch_add(1, Ordering::SeqCst);
                        is_text = false;
                        "250 taken\r\n"
                    }
                    _ if is_text => continue,
                    "DATA" => {
                        is_text = true;
                        "354 go on\r\n"
                    }
                    "QUIT" => continue,
                    _ => "250 yes\r\n",
                };
                if stream.write_all(answer.as_bytes()).is_err() {
                    break;
                }
            }
        }
    });
    (port, taken)
}

#[test]
fn a_letter_that_was_taken_is_sent_however_the_goodbye_goes() {
    let (port, taken) = without_goodbye();
    let site = Site::with(&[
        ("MAGNETIQ__MAIL__SMTP_HOST", "127.0.0.1"),
        ("MAGNETIQ__MAIL__SMTP_PORT", &port.to_string()),
        ("MAGNETIQ__MAIL__SMTP_TLS", "none"),
        ("MAGNETIQ__MAIL__TIMEOUT_S", "20"),
    ]);
    site.sign_in();
    let sent = until(&site, "?state=sent", 1);
    assert_eq!((&sent[0]["attempts"], taken.load(Ordering::SeqCst)), (&json!(1), 1), "{sent:?}");
}

#[test]
fn every_letter_can_be_seen_in_both_languages() {
    let site = Site::signed_in();
    let samples = |query: &str| site.get(&format!("/api/v1/admin/letters{query}")).json().as_array().unwrap().clone();
    let (english, german) = (samples(""), samples("?language=de-CH"));
    assert_eq!((english.len(), german.len()), (12, 12));
    for (english, german) in english.iter().zip(&german) {
        assert_eq!(english["template"], german["template"]);
        for (sample, hello) in [(english, "Hello"), (german, "Hallo")] {
            let texts = &sample["texts"];
            let (text, html) = (texts["text"].as_str().unwrap(), texts["html"].as_str().unwrap());
            assert!(text.starts_with(hello) && html.contains(hello), "{sample}");
            assert!(!html.contains("<img") && !html.contains("src=") && !text.contains('#'), "nothing from elsewhere, no token: {sample}");
            assert_ne!(english["texts"]["subject"], german["texts"]["subject"]);
        }
    }
}

#[test]
fn a_test_letter_says_what_became_of_it() {
    let site = Site::signed_in();
    letters(&site, 1);
    let send = |to: &str| site.post("/api/v1/admin/letters/test", &json!({ "to": to }));
    let sent = send("bo@example.com").json();
    assert_eq!(sent["delivered"], true, "{sent}");
    assert!(sent["detail"].as_str().unwrap().starts_with("taken by the folder "), "{sent}");
    assert!(
        letters(&site, 2).iter().any(|letter| letter.contains("To: bo@example.com") && letter.contains("Subject: Test: mail of Magnetiq"))
    );
    send("nobody").check_problem(422, "invalid");
    let etag = site.get("/api/v1/admin/settings").header("etag").to_owned();
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port().to_string();
    let values = json!({ "values": { "mail.smtp_host": "127.0.0.1", "mail.smtp_port": port, "mail.smtp_tls": "none" } });
    assert_eq!(site.put("/api/v1/admin/settings", &etag, &values).status, 200);
    let refused = send("bo@example.com").json();
    assert_eq!(refused["delivered"], false, "{refused}");
    assert!(!refused["detail"].as_str().unwrap().is_empty());
    let log = site.get("/api/v1/admin/audit?action=letter.test").json();
    assert_eq!(log["items"].as_array().unwrap().len(), 2, "{log}");
}
