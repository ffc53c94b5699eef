//! Every text that is sent, in one list. What comes from people is escaped in HTML and put on one line in plain text.

mod english;
mod german;

use magnetiq_config::Settings;
use maud::{DOCTYPE, Markup, html};
use serde::{Deserialize, Serialize};

use crate::{
    auth::{keys::Keys, link},
    clock::Time,
    error::Error,
    id::{LeadId, LinkId},
    leads::{Answered, tokens},
};

/// A text and what it is filled with. As JSON it is an object with the fields; the name of the template stands beside it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "template", content = "payload", rename_all = "kebab-case")]
pub(crate) enum Template {
    /// Somebody signed in to an account.
    SignIn {
        /// The name of the account.
        name: String,
        /// When.
        at: Time,
    },
    /// The password of an account was set anew.
    PasswordReset {
        /// The name of the account.
        name: String,
        /// When.
        at: Time,
    },
    /// Somebody was given an account, and is to choose a password.
    Invitation {
        /// The name of the account.
        name: String,
        /// Who gave it.
        by: String,
        /// The link to choose a password.
        link: LinkId,
        /// When it ends.
        until: Time,
    },
    /// A link to choose a new password.
    PasswordLink {
        /// The name of the account.
        name: String,
        /// The link.
        link: LinkId,
        /// When it ends.
        until: Time,
    },
    /// The owner of an account, or somebody with a link to it, chose a password.
    PasswordChanged {
        /// The name of the account.
        name: String,
        /// When.
        at: Time,
    },
    /// The second factor of an account was turned on or off.
    SecondFactor {
        /// The name of the account.
        name: String,
        /// When.
        at: Time,
        /// Whether it is on now.
        on: bool,
    },
    /// A passkey of an account came or went.
    Passkey {
        /// The name of the account.
        name: String,
        /// What its owner calls it.
        passkey: String,
        /// When.
        at: Time,
        /// Whether it came.
        added: bool,
    },
    /// An administrator gave an account another address; this goes to the one before.
    AddressChanged {
        /// The name of the account.
        name: String,
        /// Its address now.
        email: String,
        /// When.
        at: Time,
    },
    /// Somebody sent a form; this goes to the team.
    Lead {
        /// The form's heading.
        form: String,
        /// What was answered.
        answers: Vec<Answered>,
    },
    /// Somebody sent a form, and is to confirm the address.
    ConfirmLead {
        /// The form's heading.
        form: String,
        /// What they sent.
        lead: LeadId,
        /// When the link ends.
        until: Time,
    },
    /// Somebody sent a form, and confirmed the address where that is asked for: this is what the form gives.
    LeadReply {
        /// The form's heading.
        form: String,
        /// An address of this site, or one with https.
        link: Option<String>,
        /// When the webinar begins.
        starts_at: Option<Time>,
    },
    /// An administrator wants to see whether letters arrive.
    Test {
        /// The name of the administrator.
        by: String,
        /// When.
        at: Time,
    },
}

/// What is sent, as text and as HTML.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Rendered {
    pub(crate) subject: String,
    pub(crate) text: String,
    pub(crate) html: String,
}

/// What every text may say of the site.
#[derive(Clone, Debug)]
pub(crate) struct Site {
    title: String,
    url: String,
    language: String,
    keys: Keys,
}

impl Site {
    pub(crate) fn of(settings: &Settings) -> Self {
        Self {
            title: one_line(&settings.site.title),
            url: settings.server.public_url.to_string(),
            language: settings.site.language.clone(),
            keys: Keys::of(&settings.auth),
        }
    }
}

impl Site {
    /// The same in another language.
    pub(crate) fn speaking(self, language: String) -> Self {
        Self { language, ..self }
    }
}

/// Who reads a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reader {
    /// Whom it is sent to.
    Receiver,
    /// Somebody in the admin area, who must not be able to follow a link that is for the receiver alone.
    Team,
}

/// Links of letters, whole for whom they are sent to only.
struct Links<'a> {
    site: &'a Site,
    reader: Reader,
}

impl Links<'_> {
    /// To choose a password.
    fn password(&self, id: LinkId) -> String {
        self.with_token("admin/password", || link::token(&self.site.keys, id))
    }

    /// To confirm an address.
    fn lead(&self, id: LeadId) -> String {
        self.with_token("confirm", || tokens::confirmation(&self.site.keys, id))
    }

    /// What a form gives.
    fn given(&self, link: &str) -> String {
        link.strip_prefix('/').map_or_else(|| link.to_owned(), |path| format!("{}{path}", self.site.url))
    }

    fn with_token(&self, path: &str, token: impl FnOnce() -> String) -> String {
        match self.reader {
            // Behind the hash: no server and no log on the way sees it.
            Reader::Receiver => format!("{}{path}#{}", self.site.url, token()),
            Reader::Team => format!("{}{path}", self.site.url),
        }
    }
}

/// A text in its two forms: what it says, paragraph by paragraph.
struct Draft {
    subject: String,
    greeting: String,
    paragraphs: Vec<String>,
    /// What to do, and where.
    action: Option<(&'static str, String)>,
}

impl Template {
    /// Its name, and what it is filled with as JSON.
    pub(crate) fn parts(&self) -> Result<(String, String), Error> {
        let value = serde_json::to_value(self).map_err(unreadable)?;
        Ok((value["template"].as_str().unwrap_or_default().to_owned(), value["payload"].to_string()))
    }

    /// From what [`parts`](Self::parts) gave.
    pub(crate) fn of(name: &str, payload: &str) -> Result<Self, Error> {
        let payload: serde_json::Value = serde_json::from_str(payload).map_err(unreadable)?;
        serde_json::from_value(serde_json::json!({ "template": name, "payload": payload })).map_err(unreadable)
    }

    pub(crate) fn render(&self, site: &Site, reader: Reader) -> Rendered {
        let draft = self.draft(site, reader);
        let action = draft.action.as_ref().map(|(label, url)| format!("\n\n{label}:\n{url}")).unwrap_or_default();
        let text = format!("{}\n\n{}{action}\n\n-- \n{}\n{}\n", draft.greeting, draft.paragraphs.join("\n\n"), site.title, site.url);
        Rendered { html: page(&draft, site).into_string(), text, subject: draft.subject }
    }

    /// Of each kind one, with made-up names.
    pub(crate) fn samples(now: Time) -> Vec<Self> {
        let (name, by) = (|| "Ana Example".to_owned(), || "Bo Example".to_owned());
        let (at, until) = (now, now.plus(std::time::Duration::from_secs(1800)));
        let (link, lead) = (LinkId::new(now), LeadId::new(now));
        let form = || "Contact".to_owned();
        let answer = |name: &str, label: &str, value: &str| Answered { name: name.into(), label: label.into(), value: value.into() };
        let answers = vec![answer("email", "E-mail", "cy@example.com"), answer("text", "Message", "Hello,\nwhen do you open?")];
        vec![
            Self::SignIn { name: name(), at },
            Self::PasswordReset { name: name(), at },
            Self::Invitation { name: name(), by: by(), link, until },
            Self::PasswordLink { name: name(), link, until },
            Self::PasswordChanged { name: name(), at },
            Self::SecondFactor { name: name(), at, on: true },
            Self::Passkey { name: name(), passkey: "Phone".to_owned(), at, added: true },
            Self::AddressChanged { name: name(), email: "ana.new@example.com".to_owned(), at },
            Self::Lead { form: form(), answers },
            Self::ConfirmLead { form: form(), lead, until },
            Self::LeadReply {
                form: "Webinar".to_owned(),
                link: Some("https://meet.example.com/webinar".to_owned()),
                starts_at: Some(until),
            },
            Self::Test { by: by(), at },
        ]
    }

    fn draft(&self, site: &Site, reader: Reader) -> Draft {
        let links = Links { site, reader };
        let is_german = site.language.split('-').next().is_some_and(|language| language.eq_ignore_ascii_case("de"));
        if is_german { german::draft(self, site, &links) } else { english::draft(self, site, &links) }
    }
}

/// What a visitor wrote, line by line, each set in: it must not look like words of ours.
fn lines(text: &str) -> String {
    text.lines().map(|line| format!("    {}", one_line(line))).collect::<Vec<_>>().join("\n")
}

/// A moment as people write it, in UTC: where the reader is, the server can't know.
fn moment(time: Time, format: &str) -> String {
    jiff::Timestamp::from(time).strftime(format).to_string()
}

/// Mail programs know no style sheets: the little there is stands with the elements.
fn page(draft: &Draft, site: &Site) -> Markup {
    html! {
        (DOCTYPE)
        html {
            head { meta charset="utf-8"; title { (draft.subject) } }
            body style="font-family: sans-serif; line-height: 1.5; color: #1c1c1c; max-width: 36em" {
                p { (draft.greeting) }
                @for paragraph in &draft.paragraphs { p style="white-space: pre-line" { (paragraph) } }
                @if let Some((label, url)) = &draft.action { p { a href=(url) { (label) } } }
                p style="color: #666" { a href=(site.url) { (site.title) } }
            }
        }
    }
}

/// Without line breaks and other characters that do something: a name must not look like a second paragraph, or a header.
fn one_line(text: &str) -> String {
    text.chars().map(|c| if c.is_control() || matches!(c, '\u{2028}' | '\u{2029}' | '\u{202a}'..='\u{202e}') { ' ' } else { c }).collect()
}

fn unreadable(source: serde_json::Error) -> Error {
    Error::internal("send a letter", source)
}

#[cfg(test)]
mod tests;
