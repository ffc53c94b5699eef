//! Every text that is sent, in one list. What comes from people is escaped in HTML and put on one line in plain text.

use magnetiq_config::Settings;
use maud::{DOCTYPE, Markup, html};
use serde::{Deserialize, Serialize};

use crate::{clock::Time, error::Error};

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
}

impl Site {
    pub(crate) fn of(settings: &Settings) -> Self {
        Self { title: one_line(&settings.site.title), url: settings.server.public_url.to_string() }
    }
}

/// A text in its two forms: what it says, paragraph by paragraph.
struct Draft {
    subject: String,
    greeting: String,
    paragraphs: Vec<String>,
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

    pub(crate) fn render(&self, site: &Site) -> Rendered {
        let draft = self.draft(site);
        let text = format!("{}\n\n{}\n\n-- \n{}\n{}\n", draft.greeting, draft.paragraphs.join("\n\n"), site.title, site.url);
        Rendered { html: page(&draft, site).into_string(), text, subject: draft.subject }
    }

    fn draft(&self, site: &Site) -> Draft {
        let Site { title, url } = site;
        match self {
            Self::SignIn { name, at } => Draft {
                subject: format!("New sign-in to {title}"),
                greeting: format!("Hello {},", one_line(name)),
                paragraphs: vec![
                    format!("somebody signed in to your account at {title} ({url}) on {at}."),
                    "If it was not you, ask for a new password: that ends every session.".to_owned(),
                ],
            },
            Self::PasswordReset { name, at } => Draft {
                subject: format!("New password for {title}"),
                greeting: format!("Hello {},", one_line(name)),
                paragraphs: vec![
                    format!("an administrator gave your account at {title} ({url}) a new password on {at}. Every session has ended."),
                    "If you did not ask for it, talk to them.".to_owned(),
                ],
            },
        }
    }
}

/// Mail programs know no style sheets: the little there is stands with the elements.
fn page(draft: &Draft, site: &Site) -> Markup {
    html! {
        (DOCTYPE)
        html {
            head { meta charset="utf-8"; title { (draft.subject) } }
            body style="font-family: sans-serif; line-height: 1.5; color: #1c1c1c; max-width: 36em" {
                p { (draft.greeting) }
                @for paragraph in &draft.paragraphs { p { (paragraph) } }
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
        let site = Site { title: "Ana & Co".to_owned(), url: "https://www.example.com/".to_owned() };
        let letter = template.render(&site);
        expected.assert_eq(&format!("{name} {payload}\nSubject: {}\n\n{}\n{}\n", letter.subject, letter.text, letter.html));
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

            <!DOCTYPE html><html><head><meta charset="utf-8"><title>New sign-in to Ana &amp; Co</title></head><body style="font-family: sans-serif; line-height: 1.5; color: #1c1c1c; max-width: 36em"><p>Hello Ana,</p><p>somebody signed in to your account at Ana &amp; Co (https://www.example.com/) on 2025-11-23T16:45:00Z.</p><p>If it was not you, ask for a new password: that ends every session.</p><p style="color: #666"><a href="https://www.example.com/">Ana &amp; Co</a></p></body></html>
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

            <!DOCTYPE html><html><head><meta charset="utf-8"><title>New password for Ana &amp; Co</title></head><body style="font-family: sans-serif; line-height: 1.5; color: #1c1c1c; max-width: 36em"><p>Hello Ana,</p><p>an administrator gave your account at Ana &amp; Co (https://www.example.com/) a new password on 2025-11-23T16:45:00Z. Every session has ended.</p><p>If you did not ask for it, talk to them.</p><p style="color: #666"><a href="https://www.example.com/">Ana &amp; Co</a></p></body></html>
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

            <!DOCTYPE html><html><head><meta charset="utf-8"><title>New sign-in to Ana &amp; Co</title></head><body style="font-family: sans-serif; line-height: 1.5; color: #1c1c1c; max-width: 36em"><p>Hello &lt;img src=x&gt;  Bcc: all@example.com &quot;',</p><p>somebody signed in to your account at Ana &amp; Co (https://www.example.com/) on 2025-11-23T16:45:00Z.</p><p>If it was not you, ask for a new password: that ends every session.</p><p style="color: #666"><a href="https://www.example.com/">Ana &amp; Co</a></p></body></html>
        "#]],
        );
    }
}
