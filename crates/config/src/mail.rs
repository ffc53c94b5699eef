use std::path::PathBuf;
use std::time::Duration;

use secrecy::SecretString;

use crate::profile::Profile;
use crate::reader::Reader;

/// `[mail]`: letters that the site sends.
#[derive(Debug, Clone)]
pub struct Mail {
    /// The server that takes the letters.
    pub smtp: Option<Smtp>,
    /// Without a server: the folder that every letter is written to, as a file. With neither, letters wait in the database.
    pub folder: Option<PathBuf>,
    /// The address that letters come from.
    pub from: String,
    /// The name beside that address; empty: the title of the site.
    pub name: String,
    /// How long handing over one letter may take, from the connection to the last answer.
    pub timeout: Duration,
    /// How long the first new attempt waits; each one after waits twice as long.
    pub retry_first: Duration,
    /// How long an attempt waits at most.
    pub retry_max: Duration,
    /// After so many attempts a letter that the server does not want is given up.
    pub attempts: u32,
    /// How long letters are kept that were sent.
    pub kept: Duration,
}

/// A mail server.
#[derive(Debug, Clone)]
pub struct Smtp {
    /// Its name, which its certificate must have, or its address.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// How the conversation is encrypted.
    pub tls: SmtpTls,
    /// A PEM file of an authority to trust, besides those that browsers trust.
    pub authority: Option<PathBuf>,
    /// Whom to sign in as; nobody where the server takes letters as they come.
    pub login: Option<SmtpLogin>,
}

/// How a conversation with a mail server is encrypted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SmtpTls {
    /// It begins in the clear and must be encrypted before anything is told: port 587.
    StartTls,
    /// From the first byte: port 465.
    Tls,
    /// Not at all: for a server on this machine. Port 25.
    None,
}

/// Who signs in to a mail server.
#[derive(Debug, Clone)]
pub struct SmtpLogin {
    /// The name.
    pub user: String,
    /// The password.
    pub password: SecretString,
}

const DAY: Duration = Duration::from_secs(24 * 3600);
const NO_SENDER: &str = "noreply@localhost";

impl Mail {
    pub(crate) fn read(reader: &mut Reader) -> Self {
        let folder = reader.by_profile("data/mail", "");
        let smtp = smtp(reader);
        let folder = reader.text("mail.folder", folder);
        let mail = Self {
            smtp,
            folder: (!folder.is_empty()).then(|| folder.into()),
            from: reader.parsed("mail.from", NO_SENDER, "an address such as site@example.com", address),
            name: reader.parsed("mail.name", "", "a name on one line, 100 characters at most", name),
            timeout: reader.time("mail.timeout_s", Duration::from_secs(1), 30, 1..=600),
            retry_first: reader.time("mail.retry_first_s", Duration::from_secs(1), 30, 1..=3600),
            retry_max: reader.time("mail.retry_max_s", Duration::from_secs(1), 6 * 3600, 1..=7 * 24 * 3600),
            attempts: reader.number("mail.attempts", 12, 1..=1000),
            kept: reader.time("mail.kept_days", DAY, 30, 1..=3650),
        };
        if mail.retry_first > mail.retry_max {
            reader.refuse("mail.retry_max_s", "should be at least mail.retry_first_s: attempts wait longer each time");
        }
        if reader.profile == Profile::Production && mail.smtp.is_some() && mail.from == NO_SENDER {
            reader.refuse("mail.from", "production needs the address that letters come from, such as site@example.com");
        }
        mail
    }
}

fn smtp(reader: &mut Reader) -> Option<Smtp> {
    let host = reader.parsed("mail.smtp_host", "", "the name of a mail server, such as smtp.example.com", host);
    let tls = [("starttls", SmtpTls::StartTls), ("tls", SmtpTls::Tls), ("none", SmtpTls::None)];
    let tls = reader.choice("mail.smtp_tls", SmtpTls::StartTls, &tls);
    let usual = match tls {
        SmtpTls::StartTls => 587,
        SmtpTls::Tls => 465,
        SmtpTls::None => 25,
    };
    let port = match reader.number("mail.smtp_port", 0, 0..=u16::MAX) {
        0 => usual,
        port => port,
    };
    let user = reader.text("mail.smtp_user", "");
    let password = reader.secret_if_any("mail.smtp_password");
    if user.is_empty() != password.is_none() {
        let key = if user.is_empty() { "mail.smtp_user" } else { "mail.smtp_password" };
        reader.refuse(key, "mail.smtp_user and mail.smtp_password belong together: give both, or none");
    }
    let authority = reader.path_if_any("mail.smtp_authority");
    let is_this_machine = ["localhost", "127.0.0.1", "::1"].contains(&host.as_str());
    if reader.profile == Profile::Production && tls == SmtpTls::None && password.is_some() && !is_this_machine {
        reader.refuse("mail.smtp_tls", "production tells no password to another machine in the clear: set it to starttls or tls");
    }
    let login = password.map(|password| SmtpLogin { user, password });
    (!host.is_empty()).then_some(Smtp { host, port, tls, authority, login })
}

/// As mail servers take them: there is something on both sides of each dot.
pub(crate) fn address(text: &str) -> Option<String> {
    let (local, domain) = text.split_once('@')?;
    let is_word = |word: &str, signs: &str| !word.is_empty() && word.chars().all(|c| c.is_ascii_alphanumeric() || signs.contains(c));
    let is_label = |label: &str| is_word(label, "-") && label.len() <= 63 && !label.starts_with('-') && !label.ends_with('-');
    let right = local.len() <= 64 && local.split('.').all(|word| is_word(word, "_+-")) && domain.split('.').all(is_label);
    (right && text.len() <= 254).then(|| text.to_owned())
}

/// Empty, or what can be a name or an address of a machine.
fn host(text: &str) -> Option<String> {
    let right = text.len() <= 253 && text.chars().all(|c| c.is_ascii_alphanumeric() || ".:-".contains(c));
    right.then(|| text.to_owned())
}

fn name(text: &str) -> Option<String> {
    let right = text.chars().count() <= 100 && !text.chars().any(char::is_control);
    right.then(|| text.to_owned())
}
