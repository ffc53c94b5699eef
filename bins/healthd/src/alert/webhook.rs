//! Messages over HTTP.

use std::io::Read;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, bail};
use magnetiq_config::{HealthdWebhook, HealthdWebhookKind};
use magnetiq_health::Status;
use rustls::crypto::ring;
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};
use ureq::Agent;
use ureq::tls::{RootCerts, TlsConfig};
use url::Url;

use super::message::Letter;

/// Of an answer nobody reads more.
const ANSWER_MAX_BYTES: u64 = 4096;
/// What of it is told.
const ANSWER_MAX_CHARS: usize = 200;
/// What is longer ntfy takes for a file.
const NTFY_MAX_BYTES: usize = 4000;

/// Posts messages to one address. It follows no redirect: what it sends is for nobody else.
pub(super) struct Webhook {
    kind: HealthdWebhookKind,
    url: SecretString,
    /// The topic of ntfy.
    topic: String,
    token: Option<(String, SecretString)>,
}

impl Webhook {
    pub(super) fn new(settings: &HealthdWebhook) -> anyhow::Result<Self> {
        let mut url = Url::parse(settings.url.expose_secret()).context("read the address of the webhook")?;
        let mut topic = String::new();
        if settings.kind == HealthdWebhookKind::Ntfy {
            topic = url.path_segments().and_then(|mut parts| parts.next_back()).unwrap_or_default().to_owned();
            // Messages as JSON go to the address above the topic, so that nothing of them is in a header.
            if let Ok(mut parts) = url.path_segments_mut() {
                parts.pop();
            }
        }
        let token = settings.token.as_ref().map(|token| match &settings.header {
            Some(header) => (header.clone(), token.clone()),
            None => ("Authorization".to_owned(), format!("Bearer {}", token.expose_secret()).into()),
        });
        Ok(Self { kind: settings.kind, url: String::from(url).into(), topic, token })
    }

    /// Blocks for `deadline` at most, whatever the other side does. Done when it answered with 200 to 299.
    pub(super) fn send(&self, letter: &Letter, deadline: Duration) -> anyhow::Result<()> {
        let tls = TlsConfig::builder()
            .root_certs(RootCerts::WebPki)
            .unversioned_rustls_crypto_provider(Arc::new(ring::default_provider()))
            .build();
        let agent: Agent = Agent::config_builder()
            .timeout_global(Some(deadline))
            .http_status_as_error(false)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .max_idle_connections(0)
            .proxy(None)
            .user_agent(concat!("magnetiq-healthd/", env!("CARGO_PKG_VERSION")))
            .tls_config(tls)
            .build()
            .into();
        let mut request = agent.post(self.url.expose_secret()).header("Idempotency-Key", &letter.id);
        if let Some((header, token)) = &self.token {
            request = request.header(header, token.expose_secret());
        }
        let mut response = request.send_json(self.body(letter)?).context("the webhook does not answer")?;
        let status = response.status();
        if status.is_success() {
            return Ok(());
        }
        let mut answer = Vec::new();
        // The status says it all where the rest does not come.
        let _ = response.body_mut().as_reader().take(ANSWER_MAX_BYTES).read_to_end(&mut answer);
        bail!("the webhook answered {}{}", status.as_u16(), self.said(&answer))
    }

    fn body(&self, letter: &Letter) -> anyhow::Result<Value> {
        Ok(match self.kind {
            HealthdWebhookKind::Json => serde_json::to_value(letter).context("write the message")?,
            HealthdWebhookKind::Slack => json!({ "text": slack(letter) }),
            HealthdWebhookKind::Ntfy => ntfy(letter, &self.topic),
        })
    }

    /// The first line of an answer, without what it may repeat of ours.
    fn said(&self, answer: &[u8]) -> String {
        let text = String::from_utf8_lossy(answer);
        let first: String = text.lines().next().unwrap_or_default().chars().filter(|c| !c.is_control()).collect();
        let secrets =
            self.token.iter().map(|(_, token)| token.expose_secret().trim_start_matches("Bearer ")).chain([self.url.expose_secret()]);
        let plain = secrets.fold(first, |text, secret| text.replace(secret, "(hidden)"));
        let cut: String = plain.chars().take(ANSWER_MAX_CHARS).collect();
        if cut.is_empty() { cut } else { format!(": {cut}") }
    }
}

/// In Slack's markup these three begin mentions and links.
pub(super) fn slack(letter: &Letter) -> String {
    let escaped = |text: &str| text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    format!("*{}*\n{}", escaped(&letter.subject), escaped(&letter.text))
}

pub(super) fn ntfy(letter: &Letter, topic: &str) -> Value {
    let urgent = letter.incidents.iter().any(|told| told.ended_at.is_none() && told.critical && told.worst == Status::Fail);
    let wrong = letter.incidents.iter().any(|told| told.ended_at.is_none());
    let (priority, tag) = if urgent {
        (5, "rotating_light")
    } else if wrong {
        (4, "warning")
    } else {
        (3, "white_check_mark")
    };
    let end = letter.text.floor_char_boundary(NTFY_MAX_BYTES);
    let mut body = json!({ "topic": topic, "title": letter.subject, "message": letter.text[..end], "priority": priority, "tags": [tag] });
    if let Some(url) = &letter.status_page {
        body["click"] = url.as_str().into();
    }
    body
}
