use std::time::Duration;

use magnetiq_config::SmtpTls;

use crate::{DEVELOPMENT, report, settings};

const PRODUCTION: [(&str, &str); 2] =
    [("SECRET_KEY", "mK4tUe9yJ0bVxq2Zr7Lw8sHd3Gf6Np1C"), ("MAGNETIQ__SERVER__PUBLIC_URL", "https://magnetiq.test")];

#[test]
fn letters_go_to_a_folder_in_development_and_wait_in_production() {
    let mail = settings("", &[DEVELOPMENT]).mail;
    assert!(mail.smtp.is_none() && mail.folder.is_some());
    let mail = settings("", &PRODUCTION).mail;
    assert!(mail.smtp.is_none() && mail.folder.is_none());
}

#[test]
fn a_server_has_the_port_of_its_encryption() {
    for (line, tls, port) in [
        ("", SmtpTls::StartTls, 587),
        ("smtp_tls = 'tls'", SmtpTls::Tls, 465),
        ("smtp_tls = 'none'", SmtpTls::None, 25),
        ("smtp_tls = 'none'\nsmtp_port = 2525", SmtpTls::None, 2525),
    ] {
        let file = format!("[mail]\nsmtp_host = 'smtp.magnetiq.test'\nfrom = 'site@magnetiq.test'\n{line}\n");
        let mail = settings(&file, &PRODUCTION).mail;
        let smtp = mail.smtp.unwrap();
        assert_eq!((smtp.tls, smtp.port, smtp.login.is_none()), (tls, port, true), "{line}");
        assert_eq!(mail.timeout, Duration::from_secs(30));
    }
}

#[test]
fn what_does_not_fit_together_is_refused() {
    let password = "hunter2hunter2";
    for (lines, key) in [
        ("from = 'a@b.test'\nsmtp_user = 'a'", "mail.smtp_password"),
        ("from = 'a@b.test'\nsmtp_password = 'hunter2hunter2'", "mail.smtp_user"),
        ("from = 'a@b.test'\nsmtp_user = 'a'\nsmtp_password = 'hunter2hunter2'\nsmtp_tls = 'none'", "mail.smtp_tls"),
        ("from = 'a@b.test'\nretry_first_s = 100\nretry_max_s = 10", "mail.retry_max_s"),
        ("from = 'a@b.test'\nname = \"x\\r\\nBcc: all@b.test\"", "mail.name"),
        ("from = 'a..b@b.test'", "mail.from"),
        ("from = 'a@-b.test'", "mail.from"),
        ("", "mail.from"),
    ] {
        let report = report(&format!("[mail]\nsmtp_host = 'smtp.magnetiq.test'\n{lines}\n"), &PRODUCTION);
        assert!(report.starts_with("one problem") && report.contains(key), "{lines}: {report}");
        assert!(!report.contains(password), "{report}");
    }
}
