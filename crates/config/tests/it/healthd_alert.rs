use magnetiq_config::{HealthdAlerts, HealthdWebhookKind, Program, SmtpTls};
use secrecy::ExposeSecret;

use crate::{DEVELOPMENT, report, report_for, settings};

const EXAMPLE: &str = include_str!("../../../../magnetiq.example.toml");

fn alerts(file: &str, variables: &[(&str, &str)]) -> HealthdAlerts {
    let mut variables = variables.to_vec();
    variables.push(DEVELOPMENT);
    settings(file, &variables).healthd.alerts
}

#[test]
fn without_settings_nobody_is_told() {
    let alerts = alerts("", &[]);
    assert!(alerts.mail.is_none() && alerts.webhooks.is_empty() && alerts.quiet.is_none());
    assert_eq!((alerts.warn_delay.as_secs(), alerts.reminder.map(|reminder| reminder.as_secs())), (60, Some(4 * 3600)));
}

/// A webhook has no default to show, so the example has one to uncomment.
#[test]
fn the_webhook_of_the_example_is_right_once_it_is_uncommented() {
    let lines = EXAMPLE.lines().skip_while(|line| *line != "# [healthd.webhooks.team]").take_while(|line| line.starts_with('#'));
    let lines: Vec<_> = lines.map(|line| line.trim_start_matches("# ")).collect();
    let webhook = &alerts(&lines.join("\n"), &[("MAGNETIQ__HEALTHD__WEBHOOKS__TEAM__TOKEN", "of-the-topic")]).webhooks[0];
    assert_eq!((webhook.name.as_str(), webhook.kind, webhook.header.as_deref()), ("team", HealthdWebhookKind::Ntfy, None));
    assert_eq!(webhook.token.as_ref().unwrap().expose_secret(), "of-the-topic");
    assert!(!format!("{webhook:?}").contains("of-the-topic"));
}

#[test]
fn the_port_of_the_mail_server_is_the_usual_one() {
    let port = |tls: &str| {
        let mail = alerts(&format!("healthd.mail = {{ host = 'smtp.example.com', to = ['ana@example.com'], tls = '{tls}' }}"), &[]).mail;
        mail.map(|mail| (mail.tls, mail.port)).expect("there is somebody to write to")
    };
    assert_eq!(port("starttls"), (SmtpTls::StartTls, 587));
    assert_eq!(port("tls"), (SmtpTls::Tls, 465));
    assert_eq!(port("none"), (SmtpTls::None, 25));
}

#[test]
fn quiet_hours_are_those_of_a_place() {
    let quiet = alerts("[healthd.alerts]\nquiet_hours = '22:00-07:30'\ntime_zone = 'Europe/Vienna'\nreminder_minutes = 0\n", &[]);
    assert_eq!(quiet.reminder, None);
    let quiet = quiet.quiet.unwrap();
    assert_eq!((quiet.from.to_string(), quiet.until.to_string()), ("22:00:00".to_owned(), "07:30:00".to_owned()));
    assert_eq!(quiet.zone.iana_name(), Some("Europe/Vienna"));
}

#[test]
fn wrong_alerts() {
    let file = "[healthd.alerts]\nquiet_hours = '22:00'\ntime_zone = 'Vienna'\nreminder_minutes = 1\nwarn_delay_s = 4000\n\
        [healthd.mail]\nto = ['ana@example.com']\nuser = 'ana'\nfrom = \"a@example.com\\nBcc: all@example.com\"\n\
        [healthd.webhooks.mail]\nurl = 'https://example.com/hook'\n\
        [healthd.webhooks.a]\nurl = 'example.com/secret'\n[healthd.webhooks.b]\nkind = 'ntfy'\nurl = 'https://ntfy.sh/'\n\
        [healthd.webhooks.c]\nurl = 'https://example.com'\ntoken = \"hunter22\\nX-Evil: 1\"\nheader = 'X Key'\n\
        [healthd.webhooks.d]\nkind = 'teams'\nurl = 'https://example.com'\ntokn = 'x'\n";
    let report = report_for(Program::Health, file, &[DEVELOPMENT]);
    let parts = [
        "alerts.quiet_hours = 22:00",
        "22:00-07:00",
        "alerts.time_zone = Vienna",
        "Europe/Vienna",
        "at least 15, or 0",
        "alerts.warn_delay_s",
        "healthd.mail.host is missing",
        "healthd.mail.password is missing",
        "healthd.mail.from",
        "webhooks.mail.url",
        "call the webhook otherwise",
        "webhooks.a.url = (hidden)",
        "webhooks.b.url",
        "webhooks.c.token = (hidden)",
        "webhooks.c.header = X Key",
        "json or slack or ntfy",
        "did you mean healthd.webhooks.d.token?",
    ];
    for part in parts {
        assert!(report.contains(part), "{part:?} is not in:\n{report}");
    }
    assert!(!report.contains("secret'") && !report.contains("hunter22"), "{report}");
}

#[test]
fn a_password_is_not_sent_for_all_to_read() {
    let mail = |host: &str| {
        format!("healthd.mail = {{ host = '{host}', tls = 'none', user = 'ana', password = 'hunter22', to = ['ana@example.com'] }}")
    };
    let told = report(&mail("smtp.example.com"), &[DEVELOPMENT]);
    assert!(told.contains("healthd.mail.tls = none") && told.contains("for all to read") && !told.contains("hunter22"), "{told}");
    assert!(alerts(&mail("127.0.0.1"), &[]).mail.is_some());
}
