//! Which settings administrators may change. Everything else is for who runs the machine: where things lie, who is trusted, how long
//! requests may take.

use serde::Serialize;
use utoipa::ToSchema;

/// What a value looks like, for the field in which it is typed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
#[schema(as = SettingKind)]
pub(crate) enum Kind {
    /// One line.
    Text,
    /// A whole number.
    Number,
    /// One of `choices`.
    Choice,
    /// An e-mail address.
    Email,
    /// The address of a server on the web.
    Url,
    /// A day, `2027-01-31`.
    Date,
    /// A text that is told to nobody.
    Secret,
}

/// A setting that administrators may change.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Editable {
    /// As in the file.
    pub(crate) name: &'static str,
    pub(crate) kind: Kind,
    pub(crate) choices: &'static [&'static str],
}

const fn of(name: &'static str, kind: Kind) -> Editable {
    Editable { name, kind, choices: &[] }
}

const fn choice(name: &'static str, choices: &'static [&'static str]) -> Editable {
    Editable { name, kind: Kind::Choice, choices }
}

use Kind::{Date, Email, Number, Secret, Text, Url};

pub(crate) const EDITABLE: &[Editable] = &[
    of("site.title", Text),
    of("site.description", Text),
    of("site.language", Text),
    of("site.logo", Text),
    of("site.contact", Email),
    of("site.notice", Text),
    of("mail.smtp_host", Text),
    choice("mail.smtp_tls", &["starttls", "tls", "none"]),
    of("mail.smtp_port", Number),
    of("mail.smtp_user", Text),
    of("mail.smtp_password", Secret),
    of("mail.from", Email),
    of("mail.name", Text),
    of("mail.attempts", Number),
    of("mail.kept_days", Number),
    of("media.upload_limit_bytes", Number),
    of("media.quota_bytes", Number),
    of("auth.login_attempts_per_minute", Number),
    of("server.rate_limits.login_per_minute", Number),
    of("server.rate_limits.public_write_per_minute", Number),
    of("server.rate_limits.public_read_per_minute", Number),
    of("server.rate_limits.api_per_minute", Number),
    of("social.mastodon.url", Url),
    of("social.mastodon.token", Secret),
    of("social.mastodon.token_expires", Date),
    of("social.mastodon.posts_per_day", Number),
    of("social.mastodon.characters", Number),
    choice("social.mastodon.visibility", &["public", "unlisted", "private"]),
    of("social.linkedin.url", Url),
    of("social.linkedin.token", Secret),
    of("social.linkedin.token_expires", Date),
    of("social.linkedin.posts_per_day", Number),
    of("social.linkedin.author", Text),
    of("social.linkedin.version", Text),
    of("social.x.url", Url),
    of("social.x.token", Secret),
    of("social.x.token_expires", Date),
    of("social.x.posts_per_day", Number),
];

pub(crate) fn find(name: &str) -> Option<&'static Editable> {
    EDITABLE.iter().find(|editable| editable.name == name)
}
