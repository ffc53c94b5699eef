//! Tells somebody elsewhere that backups are made, in the way of Healthchecks: silence is what raises the alarm.

use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};

const TIME_LIMIT: Duration = Duration::from_secs(10);
const ATTEMPTS: u32 = 3;
/// Healthchecks keeps 100 kB of a body; nobody reads that much.
const BODY_LIMIT_BYTES: usize = 2_000;

/// What is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Signal {
    Start,
    Done,
    Failed,
}

/// Sends a signal with a short text. A failure is logged and changes nothing: the backup is what counts.
pub(crate) fn send(url: Option<&SecretString>, signal: Signal, text: &str) {
    let Some(url) = url else { return };
    let end = match signal {
        Signal::Start => "/start",
        Signal::Done => "",
        Signal::Failed => "/fail",
    };
    let url = format!("{}{end}", url.expose_secret().trim_end_matches('/'));
    let text: String = text.chars().take(BODY_LIMIT_BYTES).collect();
    let sent = tokio::runtime::Builder::new_current_thread().enable_all().build().map(|runtime| runtime.block_on(post(&url, &text)));
    match sent {
        Ok(Ok(())) => {}
        // Whoever knows the address may send signals: it stays out of the log.
        Ok(Err(error)) => {
            let error = error.without_url();
            tracing::warn!(error = &error as &dyn std::error::Error, ?signal, "the ping was not sent; backups go on");
        }
        Err(error) => tracing::warn!(error = &error as &dyn std::error::Error, ?signal, "the ping was not sent; backups go on"),
    }
}

async fn post(url: &str, text: &str) -> Result<(), reqwest::Error> {
    let client =
        reqwest::Client::builder().timeout(TIME_LIMIT).user_agent(concat!("magnetiq-backupd/", env!("CARGO_PKG_VERSION"))).build()?;
    let mut attempt = 1;
    loop {
        let answer = client.post(url).body(text.to_owned()).send().await.and_then(reqwest::Response::error_for_status);
        match answer {
            Ok(_) => return Ok(()),
            Err(error) if attempt >= ATTEMPTS => return Err(error),
            Err(_) => tokio::time::sleep(Duration::from_secs(1) * attempt).await,
        }
        attempt += 1;
    }
}
