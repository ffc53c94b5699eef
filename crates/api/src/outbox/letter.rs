//! From a row of the outbox to a message as mail servers take it.

use std::time::{Duration, UNIX_EPOCH};

use lettre::{
    Address, Message,
    message::{
        Mailbox, MultiPart,
        header::{Header, HeaderName, HeaderValue},
    },
};
use magnetiq_config::Settings;

use super::{
    delivery::Item,
    template::{Reader, Rendered, Site, Template},
};
use crate::error::Error;

/// Who letters come from.
#[derive(Clone, Debug)]
pub(crate) struct Sender {
    from: Mailbox,
    site: Site,
}

impl Sender {
    pub(crate) fn new(settings: &Settings) -> Result<Self, Error> {
        let address: Address = settings.mail.from.parse().map_err(failed)?;
        let name = if settings.mail.name.is_empty() { &settings.site.title } else { &settings.mail.name };
        Ok(Self { from: Mailbox::new(Some(name.clone()), address), site: Site::of(settings) })
    }

    /// The same in another language.
    pub(crate) fn speaking(self, language: String) -> Self {
        Self { site: self.site.speaking(language), ..self }
    }

    /// The texts of a letter.
    pub(crate) fn render(&self, template: &str, payload: &str, reader: Reader) -> Result<Rendered, Error> {
        Ok(Template::of(template, payload)?.render(&self.site, reader))
    }

    /// The whole message. The same letter makes the same `Message-ID` each time, by which receivers know that they have it already.
    pub(crate) fn compose(&self, letter: &Item) -> Result<Message, Error> {
        let rendered = self.render(&letter.template, &letter.payload, Reader::Receiver)?;
        let to: Address = letter.target.parse().map_err(failed)?;
        if !letter.target.is_ascii() {
            // Few servers take such addresses, and each would have to be asked first.
            return Err(Error::internal("send a letter", "the address has letters beyond ASCII"));
        }
        Message::builder()
            .message_id(Some(format!("<{}@{}>", letter.id, self.from.email.domain())))
            .date(UNIX_EPOCH + Duration::from_millis(letter.created_at.as_millis().try_into().unwrap_or(0)))
            .from(self.from.clone())
            .to(Mailbox::new(None, to))
            .subject(rendered.subject)
            .header(AutoSubmitted)
            .multipart(MultiPart::alternative_plain_html(rendered.text, rendered.html))
            .map_err(failed)
    }
}

fn failed(source: impl std::error::Error + Send + Sync + 'static) -> Error {
    Error::internal("send a letter", source)
}

/// Tells programs that answer mail by themselves not to answer this one.
#[derive(Clone, Debug)]
struct AutoSubmitted;

impl Header for AutoSubmitted {
    fn name() -> HeaderName {
        HeaderName::new_from_ascii_str("Auto-Submitted")
    }

    fn parse(_: &str) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        Ok(Self)
    }

    fn display(&self) -> HeaderValue {
        HeaderValue::new(Self::name(), "auto-generated".to_owned())
    }
}
