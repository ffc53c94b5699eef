//! Faults of the mail server.

use std::fs;

use magnetiq_tests::{Folder, SmtpServer, free_port};

use super::certificates::certificates;
use super::network::Listener;
use super::{finding, fine, look, run, shell};

/// Settings with a mail server on this port.
fn sending(folder: &Folder, port: u16, more: &str) {
    folder.settings(&format!("profile = 'development'\n[mail]\nsmtp_host = '127.0.0.1'\nsmtp_port = {port}\n{more}\n"));
}

#[test]
fn a_mail_server_that_does_not_talk() {
    let folder = Folder::new();
    assert_eq!(look(&folder, "mail")["status"], "skipped");
    let Some(mut server) = SmtpServer::start() else { return };
    sending(&folder, server.port(), "smtp_tls = 'none'");
    fine(&look(&folder, "mail"));
    server.kill();
    // It is somebody else's server: the command shows how it answers.
    let command = finding(&look(&folder, "mail"), "error", "does not answer")["command"].as_str().unwrap().to_owned();
    assert!(!shell(&folder, &command).output().unwrap().status.success());
    server.restart();
    let answer = shell(&folder, &command).output().unwrap();
    assert!(String::from_utf8_lossy(&answer.stderr).contains("< 220 "), "{answer:?}");
    fine(&look(&folder, "mail"));
    // It takes letters in the clear only, and they would not be told to it so.
    sending(&folder, server.port(), "smtp_tls = 'starttls'");
    let command = finding(&look(&folder, "mail"), "error", "STARTTLS")["command"].as_str().unwrap().to_owned();
    let answer = shell(&folder, &command).output().unwrap();
    assert!(String::from_utf8_lossy(&answer.stderr).to_lowercase().contains("starttls"), "{answer:?}");
}

#[test]
fn what_is_no_mail_server_or_wants_no_letters() {
    let folder = Folder::new();
    let Some(server) = SmtpServer::start() else { return };
    for (answer, says) in
        [("554 go away\r\n", "it refused the connection: 554 go away"), ("HTTP/1.1 400 Bad Request\r\n\r\n", "this is no answer of SMTP")]
    {
        let other = Listener::start(free_port(), answer);
        sending(&folder, other.port, "smtp_tls = 'none'");
        let command = finding(&look(&folder, "mail"), "error", says)["command"].as_str().unwrap().to_owned();
        let shown = shell(&folder, &command).output().unwrap();
        assert!(String::from_utf8_lossy(&shown.stderr).contains(answer.trim_end()), "it shows how it answers: {shown:?}");
        drop(other);
    }
    sending(&folder, server.port(), "smtp_tls = 'none'");
    fine(&look(&folder, "mail"));
}

#[test]
fn a_mail_server_that_says_nothing() {
    let folder = Folder::new();
    let silent = Listener::start(free_port(), "");
    sending(&folder, silent.port, "smtp_tls = 'none'");
    finding(&look(&folder, "mail"), "error", "its greeting did not come in time");
}

#[test]
fn a_mail_server_whose_certificate_nobody_signed() {
    let folder = Folder::new();
    certificates(&folder, "authority", &[("mail", "localhost", -60..80), ("other", "mail.example", -60..80)]);
    let path = |name: &str| folder.path(name).display().to_string();
    let (certificate, key, other, other_key) = (path("mail.pem"), path("mail.key"), path("other.pem"), path("other.key"));
    let kinds = [("tls", "--smtpscert", "--smtpskey"), ("starttls", "--tlscert", "--tlskey")];
    for (tls, with, with_key) in kinds {
        let settings = |server: &SmtpServer, authority: &str| {
            sending(&folder, server.port(), &format!("smtp_tls = '{tls}'\n{authority}"));
            let settings = fs::read_to_string(folder.path("magnetiq.toml")).unwrap();
            folder.settings(&settings.replace("127.0.0.1", "localhost"));
        };
        let Some(server) = SmtpServer::start_with(&[with, &certificate, with_key, &key]) else { return };
        settings(&server, "");
        let found = finding(&look(&folder, "mail"), "error", "whose certificate is not to be trusted: nobody who is trusted has signed it");
        assert!(found["advice"].as_str().unwrap().contains("mail.smtp_authority"), "{found:#}");
        assert!(run(&folder, found["command"].as_str().unwrap()).contains("BEGIN CERTIFICATE"), "it shows the certificate");
        settings(&server, "smtp_authority = 'authority.pem'");
        fine(&look(&folder, "mail"));
        let Some(server) = SmtpServer::start_with(&[with, &other, with_key, &other_key]) else { return };
        settings(&server, "smtp_authority = 'authority.pem'");
        finding(&look(&folder, "mail"), "error", "whose certificate is not to be trusted");
    }
}
