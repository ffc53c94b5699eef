//! Letters over SMTP.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, SystemTime};

use anyhow::{Context, anyhow, bail};
use lettre::address::Envelope;
use lettre::message::{Mailboxes, MultiPart, header};
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Certificate, CertificateStore, Tls, TlsParameters};
use lettre::{Address, AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor};
use magnetiq_config::{HealthdMail, SmtpTls};
use maud::{DOCTYPE, html};
use secrecy::ExposeSecret;

use super::message::Letter;

/// Sends letters to all who should get them, each in a transaction of its own: one address that is refused keeps nothing from the others.
pub(super) struct Mail {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    from: Address,
    to: Vec<Address>,
    /// Who got the letters that did not reach everybody yet, by their ids: after a failure the others get them, and not all again.
    done: BTreeMap<String, BTreeSet<Address>>,
}

/// So many letters are waited with at most; of what is forgotten somebody may get a second copy.
const DONE_MAX: usize = 100;

impl Mail {
    pub(super) fn new(settings: &HealthdMail, deadline: Duration) -> anyhow::Result<Self> {
        let mut builder =
            AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(&settings.host).port(settings.port).timeout(Some(deadline));
        builder = builder.tls(match settings.tls {
            SmtpTls::None => Tls::None,
            SmtpTls::StartTls => Tls::Required(parameters(settings)?),
            SmtpTls::Tls => Tls::Wrapper(parameters(settings)?),
        });
        if let Some((user, password)) = &settings.login {
            builder = builder.credentials(Credentials::new(user.clone(), password.expose_secret().to_owned()));
        }
        let address = |text: &String| text.parse::<Address>().with_context(|| format!("{text} is no mail address"));
        let to = settings.to.iter().map(address).collect::<Result<_, _>>()?;
        Ok(Self { transport: builder.build(), from: address(&settings.from)?, to, done: Default::default() })
    }

    /// Blocks for `deadline` at most, whatever the server does.
    ///
    /// Done when each address took the letter or refused it for good, and one took it.
    pub(super) fn send(&mut self, letter: &Letter, deadline: Duration) -> anyhow::Result<()> {
        let message = self.message(letter)?;
        let mut done = self.done.remove(&letter.id).unwrap_or_default();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().context("start the mail client")?;
        let sent = runtime.block_on(async { tokio::time::timeout(deadline, self.deliver(&message, &mut done)).await });
        // A lookup of the server's name may go on for longer than anybody waits.
        runtime.shutdown_background();
        let sent = sent.unwrap_or_else(|_late| Err(anyhow!("the mail server did not take it within {} s", deadline.as_secs())));
        if sent.is_err() {
            if self.done.len() >= DONE_MAX {
                self.done.clear();
            }
            self.done.insert(letter.id.clone(), done);
        }
        sent
    }

    async fn deliver(&self, message: &[u8], done: &mut BTreeSet<Address>) -> anyhow::Result<()> {
        let (mut refused, mut later) = (None, None);
        for to in &self.to {
            if done.contains(to) {
                continue;
            }
            let envelope = Envelope::new(Some(self.from.clone()), vec![to.clone()]).context("address the mail")?;
            match self.transport.send_raw(&envelope, message).await {
                Ok(_) => {
                    done.insert(to.clone());
                }
                Err(error) if error.is_permanent() => {
                    tracing::error!(error = &error as &dyn std::error::Error, %to, "the mail server refuses alerts to this address");
                    refused = Some(error);
                }
                // This address has to wait, which is nothing to the others.
                Err(error) if error.is_transient() => later = Some(error),
                Err(error) => bail!("the mail was not taken: {error}"),
            }
        }
        if let Some(error) = later {
            bail!("the mail was not taken: {error}");
        }
        match refused {
            Some(error) if done.is_empty() => bail!("the mail server refuses it: {error}"),
            _ => Ok(()),
        }
    }

    fn message(&self, letter: &Letter) -> anyhow::Result<Vec<u8>> {
        let to: Mailboxes = self.to.iter().map(|to| to.clone().into()).collect();
        let builder = Message::builder()
            .from(self.from.clone().into())
            .mailbox(header::To::from(to))
            .subject(&letter.subject)
            .date(SystemTime::try_from(letter.at).context("date the mail")?)
            .message_id(Some(format!("<{}@{}>", letter.id, self.from.domain())))
            // No holiday notes, please.
            .header(AutoSubmitted);
        let message = builder.multipart(MultiPart::alternative_plain_html(letter.text.clone(), page(letter))).context("write the mail")?;
        Ok(message.formatted())
    }
}

fn parameters(settings: &HealthdMail) -> anyhow::Result<TlsParameters> {
    let mut builder = TlsParameters::builder(settings.host.clone()).certificate_store(CertificateStore::WebpkiRoots);
    if let Some(path) = &settings.authority {
        let read = || format!("read the authorities of healthd.mail.authority, {}", path.display());
        let pem = std::fs::read(path).with_context(read)?;
        let authority = Certificate::from_pem(&pem).with_context(read)?;
        builder = builder.certificate_store(CertificateStore::None).add_root_certificate(authority);
    }
    builder.build_rustls().context("set TLS up for mail")
}

/// RFC 3834.
#[derive(Clone)]
struct AutoSubmitted;

impl header::Header for AutoSubmitted {
    fn name() -> header::HeaderName {
        header::HeaderName::new_from_ascii_str("Auto-Submitted")
    }

    fn parse(_: &str) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        Ok(Self)
    }

    fn display(&self) -> header::HeaderValue {
        header::HeaderValue::new(Self::name(), "auto-generated".to_owned())
    }
}

/// The same as the text, to look at. Mail programs know no style sheets.
pub(super) fn page(letter: &Letter) -> String {
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head { meta charset="utf-8"; title { (letter.subject) } }
            body style="font-family: sans-serif; line-height: 1.5" {
                @for told in &letter.incidents {
                    h2 style="font-size: 1.1rem" { (told.site) ": " (told.says) }
                    table style="border-collapse: collapse" {
                        @for (name, value) in told.rows() {
                            tr { th align="left" valign="top" style="padding-right: 1rem" { (name) } td { (value) } }
                        }
                    }
                }
                @if letter.incidents.is_empty() { p { (letter.text) } }
                @if letter.others > 0 { p { "and " (letter.others) " others" } }
                @if let Some(url) = &letter.status_page { p { a href=(url) { "Status page" } } }
            }
        }
    };
    page.into_string()
}
