//! Every text that is sent, in one list. What comes from people is escaped in HTML and put on one line in plain text.

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
            Self::Test { by: by(), at },
        ]
    }

    fn draft(&self, site: &Site, reader: Reader) -> Draft {
        let links = Links { site, reader };
        let is_german = site.language.split('-').next().is_some_and(|language| language.eq_ignore_ascii_case("de"));
        if is_german { german::draft(self, site, &links) } else { self.english(site, &links) }
    }

    fn english(&self, site: &Site, links: &Links<'_>) -> Draft {
        let Site { title, url, .. } = site;
        let hello = |name: &str| format!("Hello {},", one_line(name));
        match self {
            Self::SignIn { name, at } => Draft {
                subject: format!("New sign-in to {title}"),
                greeting: hello(name),
                paragraphs: vec![
                    format!("somebody signed in to your account at {title} ({url}) on {at}."),
                    "If it was not you, ask for a new password: that ends every session.".to_owned(),
                ],
                action: None,
            },
            Self::PasswordReset { name, at } => Draft {
                subject: format!("New password for {title}"),
                greeting: hello(name),
                paragraphs: vec![
                    format!("an administrator gave your account at {title} ({url}) a new password on {at}. Every session has ended."),
                    "If you did not ask for it, talk to them.".to_owned(),
                ],
                action: None,
            },
            Self::Invitation { name, by, link: id, until } => Draft {
                subject: format!("Your account at {title}"),
                greeting: hello(name),
                paragraphs: vec![
                    format!("{} made an account for you at {title} ({url}). Choose a password to use it.", one_line(by)),
                    format!("The link below can be used once, until {until}."),
                ],
                action: Some(("Choose a password", links.password(*id))),
            },
            Self::PasswordLink { name, link: id, until } => Draft {
                subject: format!("Choose a new password for {title}"),
                greeting: hello(name),
                paragraphs: vec![
                    format!("somebody asked for a new password for your account at {title} ({url})."),
                    format!("The link below can be used once, until {until}. If it was not you, do nothing: your password stays as it is."),
                ],
                action: Some(("Choose a new password", links.password(*id))),
            },
            Self::PasswordChanged { name, at } => Draft {
                subject: format!("Your password for {title} was changed"),
                greeting: hello(name),
                paragraphs: vec![
                    format!("the password of your account at {title} ({url}) was changed on {at}. Your other sessions have ended."),
                    "If it was not you, ask for a new password at once, and tell an administrator.".to_owned(),
                ],
                action: None,
            },
            Self::SecondFactor { name, at, on } => Draft {
                subject: format!("Two-step sign-in to {title} is {}", if *on { "on" } else { "off" }),
                greeting: hello(name),
                paragraphs: vec![
                    if *on {
                        format!("signing in to your account at {title} ({url}) needs a code of your authenticator app since {at}.")
                    } else {
                        format!("no code of an authenticator app is needed to sign in to your account at {title} ({url}) since {at}.")
                    },
                    "If it was not you, ask for a new password at once, and tell an administrator.".to_owned(),
                ],
                action: None,
            },
            Self::Passkey { name, passkey, at, added } => Draft {
                subject: format!("A passkey for {title} was {}", if *added { "added" } else { "removed" }),
                greeting: hello(name),
                paragraphs: vec![
                    if *added {
                        format!("the passkey \"{}\" signs in to your account at {title} ({url}) since {at}.", one_line(passkey))
                    } else {
                        format!("the passkey \"{}\" was removed from your account at {title} ({url}) on {at}.", one_line(passkey))
                    },
                    "If it was not you, ask for a new password at once, and tell an administrator.".to_owned(),
                ],
                action: None,
            },
            Self::AddressChanged { name, email, at } => Draft {
                subject: format!("Your account at {title} has another address"),
                greeting: hello(name),
                paragraphs: vec![
                    format!("an administrator changed the address of your account at {title} ({url}) to {} on {at}.", one_line(email)),
                    "If you did not ask for it, talk to them.".to_owned(),
                ],
                action: None,
            },
            Self::Lead { form, answers } => Draft {
                subject: format!("{}: somebody wrote", one_line(form)),
                greeting: "Hello,".to_owned(),
                paragraphs: [format!("somebody sent the form \"{}\" of {title}:", one_line(form))]
                    .into_iter()
                    .chain(answers.iter().map(|answer| format!("{}:\n{}", one_line(&answer.label), lines(&answer.value))))
                    .collect(),
                action: Some(("Open it in the admin area", format!("{url}admin/leads"))),
            },
            Self::ConfirmLead { form, lead, until } => Draft {
                subject: format!("Please confirm your address: {title}"),
                greeting: "Hello,".to_owned(),
                paragraphs: vec![
                    format!("this address was given in the form \"{}\" of {title} ({url}).", one_line(form)),
                    format!(
                        "If it was you, confirm it by the link below, until {until}. If not, do nothing: what was sent is deleted then."
                    ),
                ],
                action: Some(("Confirm the address", links.lead(*lead))),
            },
            Self::Test { by, at } => Draft {
                subject: format!("Test: mail of {title}"),
                greeting: "Hello,".to_owned(),
                paragraphs: vec![
                    format!("{} sent this letter from {title} ({url}) on {at}, to see whether letters arrive.", one_line(by)),
                    "It did. There is nothing to do.".to_owned(),
                ],
                action: None,
            },
        }
    }
}

/// What a visitor wrote, line by line, each set in: it must not look like words of ours.
fn lines(text: &str) -> String {
    text.lines().map(|line| format!("    {}", one_line(line))).collect::<Vec<_>>().join("\n")
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
    Error::Mail { source: Box::new(source) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::{Expect, expect};

    fn at() -> Time {
        Time::from_millis(1_763_916_300_000)
    }

    #[track_caller]
    fn check(template: &Template, expected: &Expect) {
        let (name, payload) = template.parts().unwrap();
        assert_eq!(&Template::of(&name, &payload).unwrap(), template);
        let keys = Keys::for_tests("a secret key for tests");
        let site = Site { title: "Ana & Co".to_owned(), url: "https://www.example.com/".to_owned(), language: "en".to_owned(), keys };
        let letter = template.render(&site, Reader::Receiver);
        let hash = hash_in(&letter.text);
        assert!(hash.is_none_or(|hash| !template.render(&site, Reader::Team).text.contains(hash)), "the team sees the link");
        expected.assert_eq(&format!("{name} {payload}\nSubject: {}\n\n{}\n{}\n", letter.subject, letter.text, letter.html));
    }

    fn hash_in(text: &str) -> Option<&str> {
        text.split_once('#').map(|(_, rest)| rest.split_whitespace().next().unwrap())
    }

    fn link() -> LinkId {
        "019aa000-0000-7000-8000-000000000000".parse().unwrap()
    }

    #[test]
    fn links_and_changes() {
        let name = || "Ana".to_owned();
        let by = "Bo\n<b>".to_owned();
        check(
            &Template::Invitation { name: name(), by, link: link(), until: at() },
            &expect![[r#"
                invitation {"by":"Bo\n<b>","link":"019aa000-0000-7000-8000-000000000000","name":"Ana","until":"2025-11-23T16:45:00Z"}
                Subject: Your account at Ana & Co

                Hello Ana,

                Bo <b> made an account for you at Ana & Co (https://www.example.com/). Choose a password to use it.

                The link below can be used once, until 2025-11-23T16:45:00Z.

                Choose a password:
                https://www.example.com/admin/password#019aa000-0000-7000-8000-000000000000.4588f4f82191e00a91145da6a7b572e6447dcb83304e7913bba5ca033ced795c

                -- 
                Ana & Co
                https://www.example.com/

                <!DOCTYPE html><html><head><meta charset="utf-8"><title>Your account at Ana &amp; Co</title></head><body style="font-family: sans-serif; line-height: 1.5; color: #1c1c1c; max-width: 36em"><p>Hello Ana,</p><p style="white-space: pre-line">Bo &lt;b&gt; made an account for you at Ana &amp; Co (https://www.example.com/). Choose a password to use it.</p><p style="white-space: pre-line">The link below can be used once, until 2025-11-23T16:45:00Z.</p><p><a href="https://www.example.com/admin/password#019aa000-0000-7000-8000-000000000000.4588f4f82191e00a91145da6a7b572e6447dcb83304e7913bba5ca033ced795c">Choose a password</a></p><p style="color: #666"><a href="https://www.example.com/">Ana &amp; Co</a></p></body></html>
            "#]],
        );
        check(
            &Template::PasswordLink { name: name(), link: link(), until: at() },
            &expect![[r#"
                password-link {"link":"019aa000-0000-7000-8000-000000000000","name":"Ana","until":"2025-11-23T16:45:00Z"}
                Subject: Choose a new password for Ana & Co

                Hello Ana,

                somebody asked for a new password for your account at Ana & Co (https://www.example.com/).

                The link below can be used once, until 2025-11-23T16:45:00Z. If it was not you, do nothing: your password stays as it is.

                Choose a new password:
                https://www.example.com/admin/password#019aa000-0000-7000-8000-000000000000.4588f4f82191e00a91145da6a7b572e6447dcb83304e7913bba5ca033ced795c

                -- 
                Ana & Co
                https://www.example.com/

                <!DOCTYPE html><html><head><meta charset="utf-8"><title>Choose a new password for Ana &amp; Co</title></head><body style="font-family: sans-serif; line-height: 1.5; color: #1c1c1c; max-width: 36em"><p>Hello Ana,</p><p style="white-space: pre-line">somebody asked for a new password for your account at Ana &amp; Co (https://www.example.com/).</p><p style="white-space: pre-line">The link below can be used once, until 2025-11-23T16:45:00Z. If it was not you, do nothing: your password stays as it is.</p><p><a href="https://www.example.com/admin/password#019aa000-0000-7000-8000-000000000000.4588f4f82191e00a91145da6a7b572e6447dcb83304e7913bba5ca033ced795c">Choose a new password</a></p><p style="color: #666"><a href="https://www.example.com/">Ana &amp; Co</a></p></body></html>
            "#]],
        );
        check(
            &Template::PasswordChanged { name: name(), at: at() },
            &expect![[r#"
                password-changed {"at":"2025-11-23T16:45:00Z","name":"Ana"}
                Subject: Your password for Ana & Co was changed

                Hello Ana,

                the password of your account at Ana & Co (https://www.example.com/) was changed on 2025-11-23T16:45:00Z. Your other sessions have ended.

                If it was not you, ask for a new password at once, and tell an administrator.

                -- 
                Ana & Co
                https://www.example.com/

                <!DOCTYPE html><html><head><meta charset="utf-8"><title>Your password for Ana &amp; Co was changed</title></head><body style="font-family: sans-serif; line-height: 1.5; color: #1c1c1c; max-width: 36em"><p>Hello Ana,</p><p style="white-space: pre-line">the password of your account at Ana &amp; Co (https://www.example.com/) was changed on 2025-11-23T16:45:00Z. Your other sessions have ended.</p><p style="white-space: pre-line">If it was not you, ask for a new password at once, and tell an administrator.</p><p style="color: #666"><a href="https://www.example.com/">Ana &amp; Co</a></p></body></html>
            "#]],
        );
        check(
            &Template::SecondFactor { name: name(), at: at(), on: true },
            &expect![[r#"
                second-factor {"at":"2025-11-23T16:45:00Z","name":"Ana","on":true}
                Subject: Two-step sign-in to Ana & Co is on

                Hello Ana,

                signing in to your account at Ana & Co (https://www.example.com/) needs a code of your authenticator app since 2025-11-23T16:45:00Z.

                If it was not you, ask for a new password at once, and tell an administrator.

                -- 
                Ana & Co
                https://www.example.com/

                <!DOCTYPE html><html><head><meta charset="utf-8"><title>Two-step sign-in to Ana &amp; Co is on</title></head><body style="font-family: sans-serif; line-height: 1.5; color: #1c1c1c; max-width: 36em"><p>Hello Ana,</p><p style="white-space: pre-line">signing in to your account at Ana &amp; Co (https://www.example.com/) needs a code of your authenticator app since 2025-11-23T16:45:00Z.</p><p style="white-space: pre-line">If it was not you, ask for a new password at once, and tell an administrator.</p><p style="color: #666"><a href="https://www.example.com/">Ana &amp; Co</a></p></body></html>
            "#]],
        );
        check(
            &Template::Passkey { name: name(), passkey: "Phone\n<b>".to_owned(), at: at(), added: true },
            &expect![[r#"
                passkey {"added":true,"at":"2025-11-23T16:45:00Z","name":"Ana","passkey":"Phone\n<b>"}
                Subject: A passkey for Ana & Co was added

                Hello Ana,

                the passkey "Phone <b>" signs in to your account at Ana & Co (https://www.example.com/) since 2025-11-23T16:45:00Z.

                If it was not you, ask for a new password at once, and tell an administrator.

                -- 
                Ana & Co
                https://www.example.com/

                <!DOCTYPE html><html><head><meta charset="utf-8"><title>A passkey for Ana &amp; Co was added</title></head><body style="font-family: sans-serif; line-height: 1.5; color: #1c1c1c; max-width: 36em"><p>Hello Ana,</p><p style="white-space: pre-line">the passkey &quot;Phone &lt;b&gt;&quot; signs in to your account at Ana &amp; Co (https://www.example.com/) since 2025-11-23T16:45:00Z.</p><p style="white-space: pre-line">If it was not you, ask for a new password at once, and tell an administrator.</p><p style="color: #666"><a href="https://www.example.com/">Ana &amp; Co</a></p></body></html>
            "#]],
        );
        check(
            &Template::AddressChanged { name: name(), email: "bo@example.com".to_owned(), at: at() },
            &expect![[r#"
                address-changed {"at":"2025-11-23T16:45:00Z","email":"bo@example.com","name":"Ana"}
                Subject: Your account at Ana & Co has another address

                Hello Ana,

                an administrator changed the address of your account at Ana & Co (https://www.example.com/) to bo@example.com on 2025-11-23T16:45:00Z.

                If you did not ask for it, talk to them.

                -- 
                Ana & Co
                https://www.example.com/

                <!DOCTYPE html><html><head><meta charset="utf-8"><title>Your account at Ana &amp; Co has another address</title></head><body style="font-family: sans-serif; line-height: 1.5; color: #1c1c1c; max-width: 36em"><p>Hello Ana,</p><p style="white-space: pre-line">an administrator changed the address of your account at Ana &amp; Co (https://www.example.com/) to bo@example.com on 2025-11-23T16:45:00Z.</p><p style="white-space: pre-line">If you did not ask for it, talk to them.</p><p style="color: #666"><a href="https://www.example.com/">Ana &amp; Co</a></p></body></html>
            "#]],
        );
    }

    #[test]
    fn leads() {
        let answers = vec![
            Answered { name: "name".to_owned(), label: "Name".to_owned(), value: "Bo".to_owned() },
            Answered { name: "text".to_owned(), label: "Text".to_owned(), value: "one <b>\n-- \nMagnetiq".to_owned() },
        ];
        check(
            &Template::Lead { form: "Contact".to_owned(), answers },
            &expect![[r#"
            lead {"answers":[{"label":"Name","name":"name","value":"Bo"},{"label":"Text","name":"text","value":"one <b>\n-- \nMagnetiq"}],"form":"Contact"}
            Subject: Contact: somebody wrote

            Hello,

            somebody sent the form "Contact" of Ana & Co:

            Name:
                Bo

            Text:
                one <b>
                -- 
                Magnetiq

            Open it in the admin area:
            https://www.example.com/admin/leads

            -- 
            Ana & Co
            https://www.example.com/

            <!DOCTYPE html><html><head><meta charset="utf-8"><title>Contact: somebody wrote</title></head><body style="font-family: sans-serif; line-height: 1.5; color: #1c1c1c; max-width: 36em"><p>Hello,</p><p style="white-space: pre-line">somebody sent the form &quot;Contact&quot; of Ana &amp; Co:</p><p style="white-space: pre-line">Name:
                Bo</p><p style="white-space: pre-line">Text:
                one &lt;b&gt;
                -- 
                Magnetiq</p><p><a href="https://www.example.com/admin/leads">Open it in the admin area</a></p><p style="color: #666"><a href="https://www.example.com/">Ana &amp; Co</a></p></body></html>
        "#]],
        );
        let lead = "019aa000-0000-7000-8000-000000000000".parse().unwrap();
        check(
            &Template::ConfirmLead { form: "Contact".to_owned(), lead, until: at() },
            &expect![[r#"
            confirm-lead {"form":"Contact","lead":"019aa000-0000-7000-8000-000000000000","until":"2025-11-23T16:45:00Z"}
            Subject: Please confirm your address: Ana & Co

            Hello,

            this address was given in the form "Contact" of Ana & Co (https://www.example.com/).

            If it was you, confirm it by the link below, until 2025-11-23T16:45:00Z. If not, do nothing: what was sent is deleted then.

            Confirm the address:
            https://www.example.com/confirm#019aa000-0000-7000-8000-000000000000.0551c835611198661c829b3462888eab2de86090748af9980c2bb28f0cf007c2

            -- 
            Ana & Co
            https://www.example.com/

            <!DOCTYPE html><html><head><meta charset="utf-8"><title>Please confirm your address: Ana &amp; Co</title></head><body style="font-family: sans-serif; line-height: 1.5; color: #1c1c1c; max-width: 36em"><p>Hello,</p><p style="white-space: pre-line">this address was given in the form &quot;Contact&quot; of Ana &amp; Co (https://www.example.com/).</p><p style="white-space: pre-line">If it was you, confirm it by the link below, until 2025-11-23T16:45:00Z. If not, do nothing: what was sent is deleted then.</p><p><a href="https://www.example.com/confirm#019aa000-0000-7000-8000-000000000000.0551c835611198661c829b3462888eab2de86090748af9980c2bb28f0cf007c2">Confirm the address</a></p><p style="color: #666"><a href="https://www.example.com/">Ana &amp; Co</a></p></body></html>
        "#]],
        );
    }

    #[test]
    fn sign_in() {
        check(
            &Template::SignIn { name: "Ana".to_owned(), at: at() },
            &expect![[r#"
                sign-in {"at":"2025-11-23T16:45:00Z","name":"Ana"}
                Subject: New sign-in to Ana & Co

                Hello Ana,

                somebody signed in to your account at Ana & Co (https://www.example.com/) on 2025-11-23T16:45:00Z.

                If it was not you, ask for a new password: that ends every session.

                -- 
                Ana & Co
                https://www.example.com/

                <!DOCTYPE html><html><head><meta charset="utf-8"><title>New sign-in to Ana &amp; Co</title></head><body style="font-family: sans-serif; line-height: 1.5; color: #1c1c1c; max-width: 36em"><p>Hello Ana,</p><p style="white-space: pre-line">somebody signed in to your account at Ana &amp; Co (https://www.example.com/) on 2025-11-23T16:45:00Z.</p><p style="white-space: pre-line">If it was not you, ask for a new password: that ends every session.</p><p style="color: #666"><a href="https://www.example.com/">Ana &amp; Co</a></p></body></html>
            "#]],
        );
    }

    #[test]
    fn password_reset() {
        check(
            &Template::PasswordReset { name: "Ana".to_owned(), at: at() },
            &expect![[r#"
                password-reset {"at":"2025-11-23T16:45:00Z","name":"Ana"}
                Subject: New password for Ana & Co

                Hello Ana,

                an administrator gave your account at Ana & Co (https://www.example.com/) a new password on 2025-11-23T16:45:00Z. Every session has ended.

                If you did not ask for it, talk to them.

                -- 
                Ana & Co
                https://www.example.com/

                <!DOCTYPE html><html><head><meta charset="utf-8"><title>New password for Ana &amp; Co</title></head><body style="font-family: sans-serif; line-height: 1.5; color: #1c1c1c; max-width: 36em"><p>Hello Ana,</p><p style="white-space: pre-line">an administrator gave your account at Ana &amp; Co (https://www.example.com/) a new password on 2025-11-23T16:45:00Z. Every session has ended.</p><p style="white-space: pre-line">If you did not ask for it, talk to them.</p><p style="color: #666"><a href="https://www.example.com/">Ana &amp; Co</a></p></body></html>
            "#]],
        );
    }

    #[test]
    fn what_people_write_stays_text() {
        let name = "<img src=x>\r\nBcc: all@example.com\u{2028}\"'".to_owned();
        check(
            &Template::SignIn { name, at: at() },
            &expect![[r#"
                sign-in {"at":"2025-11-23T16:45:00Z","name":"<img src=x>\r\nBcc: all@example.com \"'"}
                Subject: New sign-in to Ana & Co

                Hello <img src=x>  Bcc: all@example.com "',

                somebody signed in to your account at Ana & Co (https://www.example.com/) on 2025-11-23T16:45:00Z.

                If it was not you, ask for a new password: that ends every session.

                -- 
                Ana & Co
                https://www.example.com/

                <!DOCTYPE html><html><head><meta charset="utf-8"><title>New sign-in to Ana &amp; Co</title></head><body style="font-family: sans-serif; line-height: 1.5; color: #1c1c1c; max-width: 36em"><p>Hello &lt;img src=x&gt;  Bcc: all@example.com &quot;',</p><p style="white-space: pre-line">somebody signed in to your account at Ana &amp; Co (https://www.example.com/) on 2025-11-23T16:45:00Z.</p><p style="white-space: pre-line">If it was not you, ask for a new password: that ends every session.</p><p style="color: #666"><a href="https://www.example.com/">Ana &amp; Co</a></p></body></html>
            "#]],
        );
    }
}
