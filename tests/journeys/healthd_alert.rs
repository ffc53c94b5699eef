//! Alerts of `healthd run`: who hears of a failure, and what stands between them and the message.

mod place;

use std::io::Write;
use std::net::TcpListener;
use std::time::Duration;

use magnetiq_storage::rusqlite::{Connection, OpenFlags};
use magnetiq_tests::{Folder, Server, SmtpServer, healthd};
use rustix::process::Signal;
use serde_json::Value;

use self::place::{Answer, Place, Request, wait};

/// Watches the page `site` under the name `main`, with these channels.
fn settings(folder: &Folder, site: &Place, channels: &str) {
    folder.settings(&format!(
        "profile = 'development'\n[log]\nformat = 'json'\n[healthd]\nport = 0\ninterval_s = 1\ntimeout_ms = 1000\n\
        public_url = 'https://status.example.com'\n{channels}\n[healthd.sites.main]\npage_url = 'http://{}/'\n",
        site.address
    ));
}

fn run(folder: &Folder) -> Server {
    Server::listening(folder.command_of(healthd(), &["run"]))
}

fn webhook(name: &str, place: &Place) -> String {
    format!("[healthd.webhooks.{name}]\nurl = '{}'\n", place.url())
}

fn mail(smtp: &SmtpServer, to: &str) -> String {
    let port = smtp.port();
    format!("[healthd.mail]\nhost = '127.0.0.1'\nport = {port}\ntls = 'none'\nfrom = 'healthd@example.com'\nto = [{to}]\n")
}

/// Letters whose subject begins so.
fn letters(smtp: &SmtpServer, subject: &str) -> Vec<String> {
    smtp.letters().into_iter().filter(|letter| letter.contains(&format!("\nSubject: {subject}"))).collect()
}

fn end(daemon: Server) {
    daemon.signal(Signal::TERM);
    let (ended, log) = daemon.wait();
    assert_eq!(ended.code(), Some(0), "{log:#?}");
}

fn notices(folder: &Folder) -> Vec<String> {
    let history = Connection::open_with_flags(folder.path("data/healthd.sqlite3"), OpenFlags::SQLITE_OPEN_READ_ONLY).unwrap();
    let mut statement = history.prepare("SELECT channel || ' ' || incident_id || ' ' || kind FROM notice ORDER BY sent_at, kind").unwrap();
    statement.query_map([], |row| row.get(0)).unwrap().collect::<Result<_, _>>().unwrap()
}

#[test]
fn a_failure_and_its_end_are_told_once() {
    let Some(smtp) = SmtpServer::start() else { return };
    let (folder, site, hook) = (Folder::new(), Place::well(), Place::well());
    let token = "token = 'a-secret-of-the-hook'\nheader = 'X-Api-Key'\n";
    settings(
        &folder,
        &site,
        &format!("{}{}{token}", mail(&smtp, "'ana@example.com', 'gone@example.com', 'bob@example.com'"), webhook("team", &hook)),
    );
    let daemon = run(&folder);
    site.answers(&[Answer::Code(500)]);
    let told = hook.wait(1).remove(0);
    assert_eq!((told.header("X-Api-Key"), told.header("Authorization")), ("a-secret-of-the-hook", ""));
    let json = told.json();
    assert_eq!(told.header("Idempotency-Key"), json["id"].as_str().unwrap());
    assert_eq!((&json["event"], &json["incidents"][0]["check"]), (&"open".into(), &"http-page-main".into()), "{json:#}");
    let letters_of = |subject: &str| wait("letters", || letters(&smtp, subject), |letters| letters.len() == 2);
    let letter = letters_of("[fail] main: ").remove(0);
    let id = json["id"].as_str().unwrap();
    let parts = [
        "From: healthd@example.com\r\n".to_owned(),
        format!("Message-ID: <{id}@example.com>\r\n"),
        "multipart/alternative".to_owned(),
        "text/html".to_owned(),
        "healthd explain http-page-main".to_owned(),
        "https://status.example.com/".to_owned(),
        "answered 500".to_owned(),
    ];
    for part in parts {
        assert!(letter.contains(&part), "{part:?} is not in:\n{letter}");
    }
    // What was told is known to the next process.
    end(daemon);
    let daemon = run(&folder);
    site.answers(&[Answer::Code(200)]);
    letters_of("[resolved] main: ");
    let told: Vec<_> = hook.wait(2).iter().map(|told| told.json()["event"].clone()).collect();
    assert_eq!(told, ["open", "resolved"]);
    end(daemon);
    assert_eq!(smtp.letters().len(), 4, "two for each who can get mail");
    let mut notices = notices(&folder);
    notices.sort();
    assert_eq!(notices, ["mail 1 open.fail", "mail 1 resolved", "team 1 open.fail", "team 1 resolved"]);
}

#[test]
fn mail_comes_once_its_server_is_back() {
    let Some(mut smtp) = SmtpServer::start() else { return };
    let (folder, site, hook) = (Folder::new(), Place::well(), Place::well());
    let fast = "[healthd.alerts]\nwarn_delay_s = 0\n";
    settings(&folder, &site, &format!("{fast}{}{}", mail(&smtp, "'ana@example.com'"), webhook("team", &hook)));
    let daemon = run(&folder);
    smtp.kill();
    site.answers(&[Answer::Code(500)]);
    // The other channel tells of the site, and that no mail goes out.
    let checks = |requests: &Vec<Request>| {
        let told: Vec<Value> = requests.iter().map(Request::json).collect();
        let is_told = |check: &str| told.iter().flat_map(|told| told["incidents"].as_array().unwrap()).any(|told| told["check"] == check);
        is_told("http-page-main") && is_told("breaker-alert-mail")
    };
    wait("word of both", || hook.requests(), checks);
    assert!(smtp.letters().is_empty());
    smtp.restart();
    wait("letter", || letters(&smtp, "[fail] main: "), |letters| letters.len() == 1);
    site.answers(&[Answer::Code(200)]);
    wait("letter", || letters(&smtp, "[resolved] main: "), |letters| letters.len() == 1);
    assert_eq!(letters(&smtp, "[fail] main: ").len(), 1);
    end(daemon);
}

#[test]
fn a_webhook_that_hangs_holds_nobody_up() {
    let (folder, site, hanging, hook) = (Folder::new(), Place::well(), Place::start(&[Answer::Hang]), Place::well());
    settings(&folder, &site, &format!("{}{}", webhook("a_hanging_one", &hanging), webhook("team", &hook)));
    let daemon = run(&folder);
    for count in [2, 4] {
        site.answers(&[Answer::Code(500)]);
        hook.wait(count - 1);
        site.answers(&[Answer::Code(200)]);
        hook.wait(count);
    }
    assert!(!hanging.requests().is_empty());
    end(daemon);
    assert!(notices(&folder).iter().all(|notice| notice.starts_with("team ")));
}

#[test]
fn what_a_webhook_does_not_take_is_sent_again() {
    let (folder, site) = (Folder::new(), Place::well());
    let hook = Place::start(&[Answer::Code(500), Answer::Code(200)]);
    settings(&folder, &site, &webhook("team", &hook));
    let daemon = run(&folder);
    site.answers(&[Answer::Code(500)]);
    let told = hook.wait(2);
    assert_eq!(told[0].header("Idempotency-Key"), told[1].header("Idempotency-Key"));
    site.answers(&[Answer::Code(200)]);
    let told = hook.wait(3);
    assert_eq!(told[2].json()["event"], "resolved");
    end(daemon);
    assert_eq!((hook.requests().len(), notices(&folder).len()), (3, 2));
}

#[test]
fn a_message_that_is_refused_does_not_hold_up_the_others() {
    let (folder, site) = (Folder::new(), Place::start(&[Answer::Code(500)]));
    let hook = Place::start(&[Answer::Refuse("http-page-main")]);
    settings(&folder, &site, &webhook("team", &hook));
    let toml = std::fs::read_to_string(folder.path("magnetiq.toml")).unwrap();
    folder.settings(&format!("{toml}certificate = 'gone.pem'\n"));
    let daemon = run(&folder);
    let told = |requests: &Vec<Request>, check: &str| requests.iter().any(|request| request.json()["incidents"][0]["check"] == check);
    wait("word of both", || hook.requests(), |all| told(all, "http-page-main") && told(all, "certificate-file-main"));
    wait("notice", || notices(&folder), |notices| notices.iter().any(|notice| notice.starts_with("team ")));
    end(daemon);
}

/// Two letters wait for one address that the server puts off: nobody else gets one of them twice.
#[test]
fn a_mailbox_that_takes_nothing_for_now_costs_the_others_nothing() {
    let Some(smtp) = SmtpServer::start() else { return };
    let (folder, site) = (Folder::new(), Place::start(&[Answer::Code(500)]));
    settings(&folder, &site, &mail(&smtp, "'later@example.com', 'ana@example.com'"));
    let toml = std::fs::read_to_string(folder.path("magnetiq.toml")).unwrap();
    folder.settings(&format!("{toml}certificate = 'gone.pem'\n"));
    let daemon = run(&folder);
    // Each was tried twice by then, whichever came first.
    wait("fourth refusal", || smtp.put_off(), |times| *times >= 4);
    end(daemon);
    let mut ids: Vec<_> = smtp.letters().iter().map(|letter| letter.split("Message-ID: ").nth(1).unwrap()[..34].to_owned()).collect();
    assert!(ids.len() > 1, "{ids:?}");
    let count = ids.len();
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), count, "one came twice");
    assert!(notices(&folder).is_empty(), "it goes on until everybody has it");
}

/// What an earlier process left open is told of once its check has looked, and not before.
#[test]
fn nobody_is_told_of_what_may_be_over_long_ago() {
    let (folder, site, hook) = (Folder::new(), Place::start(&[Answer::Code(500)]), Place::start(&[Answer::Code(500)]));
    settings(&folder, &site, &webhook("team", &hook));
    let daemon = run(&folder);
    hook.wait(1);
    daemon.kill();
    let before = hook.requests().len();
    hook.answers(&[Answer::Code(200)]);
    site.answers(&[Answer::Late(Duration::from_millis(500))]);
    let daemon = run(&folder);
    let told = hook.wait(before + 1).remove(before).json();
    assert_eq!(told["event"], "over", "{told:#}");
    end(daemon);
}

/// Killed after the other side had it and before that was written down: it comes again, and can be known by its id.
#[test]
fn a_kill_in_the_middle_loses_nothing() {
    let (folder, site, hook) = (Folder::new(), Place::start(&[Answer::Code(500)]), Place::start(&[Answer::Hang]));
    settings(&folder, &site, &webhook("team", &hook));
    let daemon = run(&folder);
    let first = hook.wait(1).remove(0);
    daemon.kill();
    hook.answers(&[Answer::Code(200)]);
    let daemon = run(&folder);
    let second = hook.wait(2).remove(1);
    assert_eq!(second.header("Idempotency-Key"), first.header("Idempotency-Key"));
    wait("notice", || notices(&folder), |notices| notices == &["team 1 open.fail"]);
    end(daemon);
}

#[test]
fn a_test_message_says_what_became_of_it() {
    let Some(smtp) = SmtpServer::start() else { return };
    let (folder, site, hook, elsewhere) = (Folder::new(), Place::well(), Place::well(), Place::well());
    folder.run_healthd(&["alert-test"]).check_refused(&["no channel", "hint: ", "healthd.mail"]);
    let token = "token = 'a-secret-of-the-hook'\n";
    settings(&folder, &site, &format!("{}{}{token}", mail(&smtp, "'ana@example.com'"), webhook("team", &hook)));
    let ended = folder.run_healthd(&["alert-test"]);
    assert_eq!(ended.check_done().lines().map(|line| line.split(';').next().unwrap()).collect::<Vec<_>>(), ["mail: sent", "team: sent"]);
    assert_eq!((letters(&smtp, "[test] ").len(), hook.requests()[0].header("Authorization")), (1, "Bearer a-secret-of-the-hook"));
    folder.run_healthd(&["alert-test", "taem"]).check_refused(&["taem", "mail, team"]);

    // What it sends is for nobody else.
    hook.answers(&[Answer::Redirect(elsewhere.url())]);
    let ended = folder.run_healthd(&["alert-test", "team"]);
    ended.check_refused(&["one channel does not work"]);
    assert!(ended.stdout.contains("team: failed: the webhook answered 302"), "{ended:?}");
    assert!(elsewhere.requests().is_empty());
    settings(
        &folder,
        &site,
        &format!("{}[healthd.webhooks.chat]\nkind = 'slack'\nurl = '{}'\n", mail(&smtp, "'gone@example.com'"), hook.url()),
    );
    hook.answers(&[Answer::Code(404)]);
    let ended = folder.run_healthd(&["alert-test"]);
    ended.check_refused(&["2 channels do not work"]);
    assert!(
        ended.stdout.contains("no such mailbox") && ended.stdout.contains("chat: failed: the webhook answered 404: answer"),
        "{ended:?}"
    );
    assert!(hook.requests().last().unwrap().json()["text"].as_str().unwrap().starts_with("*[test] "));
}

#[test]
fn mail_goes_over_tls_to_whom_it_trusts() {
    let (folder, site) = (Folder::new(), Place::well());
    let file = |name: &str| folder.path(name).to_str().unwrap().to_owned();
    let (ca_key, key) = (rcgen::KeyPair::generate().unwrap(), rcgen::KeyPair::generate().unwrap());
    let mut authority = rcgen::CertificateParams::new(Vec::new()).unwrap();
    authority.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
    let certificate = rcgen::CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
    let signed = certificate.signed_by(&key, &rcgen::Issuer::from_params(&authority, &ca_key)).unwrap();
    std::fs::write(file("authority.pem"), authority.self_signed(&ca_key).unwrap().pem()).unwrap();
    std::fs::write(file("smtp.pem"), signed.pem()).unwrap();
    std::fs::write(file("smtp.key"), key.serialize_pem()).unwrap();
    for (tls, certificate, key) in [("starttls", "--tlscert", "--tlskey"), ("tls", "--smtpscert", "--smtpskey")] {
        let Some(smtp) = SmtpServer::start_with(&[certificate, &file("smtp.pem"), key, &file("smtp.key")]) else { return };
        let test = |host: &str, authority: &str| {
            let to = "from = 'healthd@example.com'\nto = ['ana@example.com']";
            let mail = format!("[healthd.mail]\nhost = '{host}'\nport = {}\ntls = '{tls}'\n{to}\n{authority}\n", smtp.port());
            settings(&folder, &site, &mail);
            folder.run_healthd(&["alert-test"])
        };
        let authority = "authority = 'authority.pem'";
        test("localhost", authority).check_done();
        assert_eq!(letters(&smtp, "[test] ").len(), 1, "{tls}");
        let refused = [test("localhost", ""), test("127.0.0.1", authority)];
        for ended in refused {
            ended.check_refused(&["one channel does not work"]);
            assert!(ended.stdout.contains("certificate"), "{tls}: {ended:?}");
        }
        assert_eq!(smtp.letters().len(), 1, "and nothing goes to anybody else");
    }
    // A server that offers no encryption gets nothing.
    let Some(smtp) = SmtpServer::start() else { return };
    settings(&folder, &site, &mail(&smtp, "'ana@example.com'").replace("'none'", "'starttls'"));
    folder.run_healthd(&["alert-test"]).check_refused(&["one channel does not work"]);
    assert!(smtp.letters().is_empty());
}

/// A conversation that goes on and on, a letter at a time, ends as well.
#[test]
fn a_mail_server_that_trickles_is_given_up() {
    let (folder, site) = (Folder::new(), Place::well());
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let (mut greeting, pause) = ("220-a".bytes().chain(std::iter::repeat(b'a')), Duration::from_millis(200));
        while greeting.next().is_some_and(|byte| stream.write_all(&[byte]).is_ok()) {
            std::thread::sleep(pause);
        }
    });
    settings(&folder, &site, &format!("[healthd.mail]\nhost = '127.0.0.1'\nport = {port}\ntls = 'none'\nto = ['ana@example.com']\n"));
    let ended = folder.run_healthd(&["alert-test"]);
    ended.check_refused(&["one channel does not work"]);
    assert!(ended.stdout.contains("did not take it within 10 s"), "{ended:?}");
}
