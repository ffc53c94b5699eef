use std::net::IpAddr;
use std::path::PathBuf;
use std::time::Duration;

use jiff::civil::Time;
use jiff::tz::TimeZone;
use secrecy::{ExposeSecret, SecretString};
use url::Url;

use crate::groups::WEBHOOKS;
use crate::mail::SmtpTls;
use crate::reader::Reader;

/// `[healthd.alerts]`: who is told that something is wrong, and when.
#[derive(Debug, Clone)]
pub struct HealthdAlerts {
    /// How long something has to be wrong without failing until it is told.
    pub warn_delay: Duration,
    /// How often it is told again while it lasts; `None`: never.
    pub reminder: Option<Duration>,
    /// When only failures of what the site cannot do without are told.
    pub quiet: Option<QuietHours>,
    /// The place whose times messages tell.
    pub zone: TimeZone,
    /// `[healthd.mail]`: letters, where somebody is to get them.
    pub mail: Option<HealthdMail>,
    /// `[healthd.webhooks.NAME]`.
    pub webhooks: Vec<HealthdWebhook>,
}

/// Hours of each day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QuietHours {
    /// When they begin.
    pub from: Time,
    /// When they end; earlier than `from` where midnight lies between.
    pub until: Time,
    /// Where it is that late.
    pub zone: TimeZone,
}

/// `[healthd.mail]`: letters to those who look after the site.
#[derive(Debug, Clone)]
pub struct HealthdMail {
    /// The name of the SMTP server.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// How the connection is encrypted.
    pub tls: SmtpTls,
    /// A PEM file of the authorities that are trusted; `None`: those that browsers trust.
    pub authority: Option<PathBuf>,
    /// Who signs in there, and the password; `None`: nobody has to.
    pub login: Option<(String, SecretString)>,
    /// The address that letters come from.
    pub from: String,
    /// The addresses that get them.
    pub to: Vec<String>,
}

/// `[healthd.webhooks.NAME]`: an address that takes messages over HTTP.
#[derive(Debug, Clone)]
pub struct HealthdWebhook {
    /// The name that the user chose.
    pub name: String,
    /// What is sent.
    pub kind: HealthdWebhookKind,
    /// Where it is sent; with Slack whoever knows it may write there.
    pub url: SecretString,
    /// Goes along in `header`.
    pub token: Option<SecretString>,
    /// The header of the token; `None`: `Authorization`, after the word Bearer.
    pub header: Option<String>,
}

/// What a webhook is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HealthdWebhookKind {
    /// A JSON object of our own.
    Json,
    /// What Slack takes, and Mattermost, Rocket.Chat and Discord (`/slack`) with it.
    Slack,
    /// What ntfy takes; the last part of the address is the topic.
    Ntfy,
}

const SECOND: Duration = Duration::from_secs(1);
const MINUTE: Duration = Duration::from_secs(60);
const DAY_MINUTES: u32 = 24 * 60;
/// More often than this is nagging, and the history has a row for each.
const REMINDER_MIN_MINUTES: u32 = 15;
const RECIPIENTS_MAX: usize = 20;
/// The channel of `[healthd.mail]`: a webhook of this name could not be told from it.
const MAIL: &str = "mail";

const HOURS: &str = r#"two times of day such as "22:00-07:00""#;
const ADDRESS: &str = "an address such as admin@example.com";

impl HealthdAlerts {
    pub(crate) fn read(reader: &mut Reader) -> Self {
        let warn_delay = reader.time("healthd.alerts.warn_delay_s", SECOND, 60, 0..=3600);
        let reminder = reader.time("healthd.alerts.reminder_minutes", MINUTE, 240, 0..=7 * DAY_MINUTES);
        if !reminder.is_zero() && reminder < REMINDER_MIN_MINUTES * MINUTE {
            reader.refuse("healthd.alerts.reminder_minutes", "should be at least 15, or 0 for no reminders");
        }
        let hours = reader.parsed("healthd.alerts.quiet_hours", "", HOURS, hours);
        let zone = reader.parsed("healthd.alerts.time_zone", "UTC", "a time zone such as Europe/Vienna", |name| TimeZone::get(name).ok());
        Self {
            warn_delay,
            reminder: Some(reminder).filter(|reminder| !reminder.is_zero()),
            quiet: hours.map(|(from, until)| QuietHours { from, until, zone: zone.clone() }),
            zone,
            mail: HealthdMail::read(reader),
            webhooks: reader.members(WEBHOOKS).into_iter().map(|name| HealthdWebhook::read(reader, name)).collect(),
        }
    }
}

impl HealthdMail {
    fn read(reader: &mut Reader) -> Option<Self> {
        let host = reader.parsed("healthd.mail.host", "", "the name of a server, without its port", |text| {
            let right = |c: char| c.is_ascii_alphanumeric() || ".-_:".contains(c);
            text.chars().all(right).then(|| text.to_owned())
        });
        let tls = [("starttls", SmtpTls::StartTls), ("tls", SmtpTls::Tls), ("none", SmtpTls::None)];
        let tls = reader.choice("healthd.mail.tls", SmtpTls::StartTls, &tls);
        let port = match (reader.number("healthd.mail.port", 0, 0..=u16::MAX), tls) {
            (0, SmtpTls::StartTls) => 587,
            (0, SmtpTls::Tls) => 465,
            (0, SmtpTls::None) => 25,
            (port, _) => port,
        };
        let authority = reader.path_if_any("healthd.mail.authority");
        let user = reader.text("healthd.mail.user", "");
        let password = reader.secret_if_any("healthd.mail.password");
        let from = reader.parsed("healthd.mail.from", "healthd@localhost", ADDRESS, address);
        let to = reader.list("healthd.mail.to", &[], ADDRESS, address);
        if to.is_empty() {
            return None;
        }
        if host.is_empty() {
            reader.refuse("healthd.mail.host", "somebody is to get mail (healthd.mail.to): name the SMTP server that takes it");
        }
        if to.len() > RECIPIENTS_MAX {
            reader.refuse("healthd.mail.to", "should be at most 20 addresses: make a list of your mail server");
        }
        if user.is_empty() != password.is_none() {
            let key = if user.is_empty() { "healthd.mail.user" } else { "healthd.mail.password" };
            reader.refuse(key, "healthd.mail.user and healthd.mail.password belong together: give both, or none");
        }
        if tls == SmtpTls::None && password.is_some() && !is_here(&host) {
            reader.refuse("healthd.mail.tls", "should be starttls or tls: the password would be sent for all to read");
        }
        Some(Self { host, port, tls, authority, login: password.map(|password| (user, password)), from, to })
    }
}

impl HealthdWebhook {
    fn read(reader: &mut Reader, name: String) -> Self {
        let key = |last: &str| format!("{WEBHOOKS}.{name}.{last}");
        let kinds = [("json", HealthdWebhookKind::Json), ("slack", HealthdWebhookKind::Slack), ("ntfy", HealthdWebhookKind::Ntfy)];
        let webhook = Self {
            kind: reader.choice(&key("kind"), HealthdWebhookKind::Json, &kinds),
            url: reader.secret(&key("url"), "").into(),
            token: reader.secret_if_any(&key("token")),
            header: Some(reader.text(&key("header"), "")).filter(|header| !header.is_empty()),
            name: name.clone(),
        };
        if !webhook.has_right_url() {
            reader.refuse(&key("url"), "should be an address such as https://www.example.com/hook, for ntfy with the topic at its end");
        }
        let visible = |text: &str| text.chars().all(|c| c.is_ascii_graphic());
        if webhook.token.as_ref().is_some_and(|token| !visible(token.expose_secret())) {
            reader.refuse(&key("token"), "should have letters, digits and signs only, no spaces");
        }
        let right = |c: char| c.is_ascii_alphanumeric() || c == '-';
        if webhook.header.as_ref().is_some_and(|header| header.len() > 64 || !header.chars().all(right)) {
            reader.refuse(&key("header"), "should be the name of the header that the token is sent in, such as X-Api-Key");
        }
        if webhook.header.is_some() && webhook.token.is_none() {
            reader.refuse(&key("token"), "should be given where header says in which one it is sent");
        }
        if name == MAIL {
            reader.refuse(&key("url"), "mail is the name of what [healthd.mail] sends: call the webhook otherwise");
        }
        webhook
    }

    fn has_right_url(&self) -> bool {
        let Ok(url) = Url::parse(self.url.expose_secret()) else { return false };
        let plain = matches!(url.scheme(), "http" | "https") && url.has_host() && url.username().is_empty() && url.password().is_none();
        let topic = || url.path_segments().and_then(|mut parts| parts.next_back()).is_some_and(|last| !last.is_empty());
        plain && (self.kind != HealthdWebhookKind::Ntfy || topic())
    }
}

/// `Some(None)` is a right value, too: no quiet hours.
fn hours(text: &str) -> Option<Option<(Time, Time)>> {
    if text.is_empty() {
        return Some(None);
    }
    let time = |text: &str| Time::strptime("%H:%M", text.trim()).ok();
    let (from, until) = text.split_once('-')?;
    let (from, until) = (time(from)?, time(until)?);
    (from != until).then_some(Some((from, until)))
}

fn address(text: &str) -> Option<String> {
    let (local, domain) = text.split_once('@')?;
    let plain = |part: &str| !part.is_empty() && part.len() <= 128 && part.chars().all(|c| c.is_ascii_alphanumeric() || "._+-".contains(c));
    (plain(local) && plain(domain)).then(|| text.to_owned())
}

fn is_here(host: &str) -> bool {
    host == "localhost" || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}
