//! Letters through a real mail server: one that is killed, one that says no, one that hangs; and a server that is killed while it sends.

use std::{
    collections::BTreeMap,
    io::{Read, Write},
    net::TcpListener,
    time::{Duration, Instant},
};

use magnetiq_storage::rusqlite::Connection;
use magnetiq_tests::{Client, EMAIL, Folder, PASSWORD, Random, Server, SmtpServer};
use serde_json::{Value, json};

/// Quick to try again. `more` goes to `[mail]`.
fn settings(folder: &Folder, port: u16, more: &str) {
    folder.settings(&format!(
        "profile = \"development\"\n[server]\nport = 0\n[log]\nformat = \"json\"\n[auth]\nlogin_attempts_per_minute = 1000\n[mail]\n\
         smtp_host = \"127.0.0.1\"\nsmtp_port = {port}\nsmtp_tls = \"none\"\nfrom = \"site@example.com\"\nretry_first_s = 1\nretry_max_s = 2\n{more}"
    ));
}

#[track_caller]
fn until<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let begin = Instant::now();
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(begin.elapsed() < Duration::from_secs(60), "{what}: it never came");
        std::thread::sleep(Duration::from_millis(50));
    }
}

#[track_caller]
fn until_mail_is(client: &Client, availability: &str) {
    until(&format!("mail {availability}"), || {
        let (_, features) = client.get("/health/features").ok()?;
        let feature = features["features"].as_array()?.iter().find(|feature| feature["id"] == "mail")?;
        (feature["availability"] == availability).then_some(())
    });
}

fn in_state(client: &Client, state: &str) -> Vec<Value> {
    let (status, list) = client.get(&format!("/api/v1/outbox?limit=100&state={state}")).unwrap();
    assert_eq!(status, 200, "{list}");
    list["items"].as_array().unwrap().clone()
}

#[track_caller]
fn until_state(client: &Client, state: &str, count: usize) -> Vec<Value> {
    until(&format!("{count} {state}"), || Some(in_state(client, state)).filter(|items| items.len() == count))
}

fn login(client: &Client) {
    let (status, answer) = client.post("/api/v1/auth/login", &json!({ "email": EMAIL, "password": PASSWORD })).unwrap();
    assert_eq!(status, 200, "{answer}");
}

/// How often each letter arrived, by its id.
fn arrived(smtp: &SmtpServer) -> BTreeMap<String, usize> {
    let mut ids = BTreeMap::new();
    for letter in smtp.letters() {
        let id = letter.split("Message-ID: <").nth(1).unwrap().split('@').next().unwrap().to_owned();
        *ids.entry(id).or_default() += 1;
    }
    ids
}

fn ids(entries: &[Value]) -> Vec<String> {
    entries.iter().map(|entry| entry["id"].as_str().unwrap().to_owned()).collect()
}

/// While no server runs.
fn readdress(folder: &Folder, email: &str) {
    let database = Connection::open(folder.database()).unwrap();
    database.execute("UPDATE account SET email = ?", [email]).unwrap();
}

#[test]
fn a_mail_server_that_is_killed_costs_no_letter() {
    let Some(mut smtp) = SmtpServer::start() else { return };
    let folder = Folder::new();
    settings(&folder, smtp.port(), "");
    let server = Server::start_new(&folder);
    let client = server.sign_in();
    until_state(&client, "sent", 1);
    until_mail_is(&client, "available");
    let letter = smtp.letters().remove(0);
    for part in ["From: Magnetiq <site@example.com>", "To: ana@example.com", "Subject: New sign-in to Magnetiq"] {
        assert!(letter.contains(part), "{letter}");
    }

    smtp.kill();
    for _ in 0..5 {
        login(&client);
    }
    until_mail_is(&client, "degraded");
    assert_eq!((in_state(&client, "sent").len(), in_state(&client, "dead").len()), (1, 0));
    let (_, _, tree) = client.send("GET", "/health/mail", &[], b"").unwrap();
    assert!(tree.contains("the mail server failed too often"), "{tree}");
    let (status, page) = client.post("/api/v1/admin/pages", &json!({ "title": "Written", "body": "meanwhile" })).unwrap();
    assert_eq!((status, client.get("/api/v1/pages").unwrap().0, client.get("/readyz").unwrap().0), (201, 200, 200), "{page}");
    until("a reason", || {
        let waiting = in_state(&client, "queued");
        waiting.iter().any(|entry| entry["last_error"].as_str().is_some_and(|reason| reason.contains("refused"))).then_some(())
    });

    smtp.restart();
    let sent = until_state(&client, "sent", 6);
    until_mail_is(&client, "available");
    let arrived = arrived(&smtp);
    assert_eq!(arrived.len(), 6);
    assert!(ids(&sent).iter().all(|id| arrived.get(id) == Some(&1)), "{arrived:?}");
}

/// Some kills fall into a conversation: whether the letter was taken, nobody knows.
#[test]
fn a_server_that_is_killed_while_it_sends_loses_no_letter() {
    let Some(smtp) = SmtpServer::start() else { return };
    let folder = Folder::new();
    settings(&folder, smtp.port(), "");
    let mut random = Random::new(crate::proof::seed());
    let mut server = Server::start_new(&folder);
    let mut acknowledged = 0;
    for round in 0..10 {
        let client = server.client();
        for _ in 0..4 {
            login(&client);
            acknowledged += 1;
        }
        // A conversation takes some milliseconds.
        std::thread::sleep(Duration::from_micros(random.below(30_000)));
        server.kill();
        server = Server::start(&folder);
        assert_eq!(server.client().get("/readyz").unwrap().0, 200, "round {round}");
    }
    let client = server.client();
    login(&client);
    acknowledged += 1;
    let sent = until_state(&client, "sent", acknowledged);
    assert_eq!((in_state(&client, "queued").len(), in_state(&client, "dead").len()), (0, 0));
    let arrived = arrived(&smtp);
    assert!(ids(&sent).iter().all(|id| arrived.contains_key(id)), "a letter was lost: {arrived:?}");
    // One letter was under way at each kill, at most.
    let twice = arrived.values().map(|times| times - 1).sum::<usize>();
    eprintln!("{acknowledged} letters, {twice} of them twice");
    assert!(arrived.len() == acknowledged && twice <= 10, "{twice} too many: {arrived:?}");
}

#[test]
fn a_refused_address_is_given_up_at_once_and_a_busy_one_later() {
    let Some(smtp) = SmtpServer::start() else { return };
    let folder = Folder::new();
    settings(&folder, smtp.port(), "attempts = 2\n");
    drop(Server::start_new(&folder));
    for (email, attempts, reason) in [("gone@example.com", 1, "no such mailbox"), ("later@example.com", 2, "come back later")] {
        readdress(&folder, email);
        let server = Server::start(&folder);
        let client = server.client();
        let credentials = json!({ "email": email, "password": PASSWORD });
        assert_eq!(client.post("/api/v1/auth/login", &credentials).unwrap().0, 200);
        let dead = until("given up", || in_state(&client, "dead").into_iter().find(|entry| entry["target"] == email));
        assert_eq!(dead["attempts"], attempts, "{dead}");
        assert!(dead["last_error"].as_str().unwrap().contains(reason), "{dead}");
        until("told", || client.send("GET", "/health/mail-dead", &[], b"").unwrap().2.contains("\"warn\"").then_some(()));
        // The mail server is well, and the others get theirs.
        until_mail_is(&client, "available");
    }
    let server = Server::start(&folder);
    let client = server.client();
    assert_eq!(client.post("/api/v1/auth/login", &json!({ "email": "later@example.com", "password": PASSWORD })).unwrap().0, 200);
    let dead = until_state(&client, "dead", 3);
    let id = dead[0]["id"].as_str().unwrap();
    let (status, entry) = client.post(&format!("/api/v1/outbox/{id}/retry"), &json!({})).unwrap();
    assert_eq!((status, &entry["attempts"]), (200, &json!(0)), "{entry}");
    until_state(&client, "dead", 3);
    assert!(smtp.letters().is_empty());
}

/// A certificate for this machine, by an authority of its own.
fn certificate(folder: &Folder) -> [String; 3] {
    let authority_key = rcgen::KeyPair::generate().unwrap();
    let mut authority = rcgen::CertificateParams::new(Vec::new()).unwrap();
    authority.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
    let authority_certificate = authority.self_signed(&authority_key).unwrap();
    let key = rcgen::KeyPair::generate().unwrap();
    let issuer = rcgen::Issuer::from_params(&authority, &authority_key);
    let signed = rcgen::CertificateParams::new(vec!["localhost".to_owned()]).unwrap().signed_by(&key, &issuer).unwrap();
    let texts = [("authority.pem", authority_certificate.pem()), ("smtp.pem", signed.pem()), ("smtp.key", key.serialize_pem())];
    texts.map(|(name, text)| {
        std::fs::write(folder.path(name), text).unwrap();
        folder.path(name).display().to_string()
    })
}

#[test]
fn what_is_told_a_mail_server_is_encrypted_or_not_told() {
    let folder = Folder::new();
    let [authority, certificate, key] = certificate(&folder);
    let Some(plain) = SmtpServer::start() else { return };
    let Some(starttls) = SmtpServer::start_with(&["--tlscert", &certificate, "--tlskey", &key]) else { return };
    let Some(implicit) = SmtpServer::start_with(&["--smtpscert", &certificate, "--smtpskey", &key]) else { return };
    let write = |port: u16, tls: &str, password: &str, authority: &str| {
        let user = if password.is_empty() { "" } else { "site" };
        folder.settings(&format!(
            "profile = \"development\"\n[server]\nport = 0\n[log]\nformat = \"json\"\n[mail]\nsmtp_host = \"localhost\"\nsmtp_port = {port}\n\
             smtp_tls = \"{tls}\"\nsmtp_user = \"{user}\"\nsmtp_password = \"{password}\"\nsmtp_authority = \"{authority}\"\nretry_first_s = 1\n"
        ));
    };
    let (right, wrong) = ("open sesame", "open barley");
    write(plain.port(), "starttls", right, &authority);
    drop(Server::start_new(&folder));
    let mut sent = 0;
    for (name, port, tls, password, authority, refused) in [
        ("no STARTTLS", plain.port(), "starttls", right, &*authority, Some("STARTTLS is not supported")),
        ("a stranger's certificate", starttls.port(), "starttls", right, "", Some("UnknownIssuer")),
        ("a stranger's certificate from the start", implicit.port(), "tls", right, "", Some("UnknownIssuer")),
        ("a wrong password", starttls.port(), "starttls", wrong, &authority, Some("535")),
        ("STARTTLS", starttls.port(), "starttls", right, &authority, None),
        // aiosmtpd lets nobody sign in here.
        ("TLS from the start", implicit.port(), "tls", "", &authority, None),
    ] {
        write(port, tls, password, authority);
        let server = Server::start(&folder);
        let client = server.sign_in();
        sent += 1;
        match refused {
            Some(reason) => until(name, || {
                let tried = in_state(&client, "queued");
                tried.iter().any(|entry| entry["last_error"].as_str().is_some_and(|text| text.contains(reason))).then_some(())
            }),
            None => drop(until_state(&client, "sent", sent)),
        }
        server.signal(rustix::process::Signal::TERM);
        let (status, log) = server.wait();
        assert!(status.success(), "{name}: {log:#?}");
        assert!(!log.iter().any(|line| line.contains(right) || line.contains(wrong)), "{log:#?}");
    }
    assert!(plain.letters().is_empty());
    assert_eq!((starttls.letters().len(), implicit.letters().len()), (5, 1));
}

#[test]
fn a_mail_server_that_hangs_holds_up_nobody() {
    let Some(mut smtp) = SmtpServer::start() else { return };
    // One that takes connections, and gives a byte now and then for ever.
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            std::thread::spawn(move || {
                let mut stream = stream.unwrap();
                let mut greeting = b"220-".iter().chain(std::iter::repeat(&b'x')).take(400);
                while greeting.next().is_some_and(|byte| stream.write_all(&[*byte]).is_ok()) {
                    std::thread::sleep(Duration::from_millis(100));
                }
                let _ = stream.read(&mut [0; 1]);
            });
        }
    });
    let folder = Folder::new();
    settings(&folder, port, "timeout_s = 1\n");
    let server = Server::start_new(&folder);
    let client = server.sign_in();
    until("tried", || in_state(&client, "queued").iter().any(|entry| entry["last_error"] == "no answer within 1 s").then_some(()));
    for n in 0..20 {
        let (status, page) = client.post("/api/v1/admin/pages", &json!({ "title": format!("Page {n}"), "body": "x" })).unwrap();
        assert_eq!(status, 201, "{page}");
    }
    login(&client);
    until_mail_is(&client, "degraded");
    server.signal(rustix::process::Signal::TERM);
    let (status, log) = server.wait();
    assert!(status.success(), "{log:#?}");

    smtp.restart();
    settings(&folder, smtp.port(), "");
    let server = Server::start(&folder);
    let client = server.sign_in();
    until_state(&client, "sent", 3);
}
