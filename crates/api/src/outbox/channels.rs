//! The way out, as the settings have it. Made anew when they change, and then everything is tried at once.

use std::time::Duration;

use magnetiq_config::{Mail, Settings};
use magnetiq_health::{Breaker, BreakerOptions};

use super::{letter::Sender, transport::Transport};
use crate::{error::Error, outbound::Reach};

/// Failures are counted this long, so that a few letters that wait for each other's backoff still open the breaker.
const BREAKER_WINDOW: Duration = Duration::from_secs(10 * 60);
/// So many failures, and the mail server is left alone for a while.
const BREAKER_CALLS: u32 = 3;
/// A mail server that is back is noticed within this time.
const BREAKER_OPEN_MAX: Duration = Duration::from_secs(5 * 60);

#[derive(Debug)]
pub(crate) struct Channels {
    pub(super) transport: Transport,
    pub(super) sender: Sender,
    pub(super) settings: Mail,
    pub(super) breaker: Breaker,
}

impl Channels {
    pub(crate) fn new(settings: &Settings) -> Result<Self, Error> {
        let mail = &settings.mail;
        let options = BreakerOptions {
            window: BREAKER_WINDOW,
            minimum_calls: BREAKER_CALLS,
            open_for: mail.retry_first,
            open_max: mail.retry_max.min(BREAKER_OPEN_MAX).max(mail.retry_first),
            slow_after: mail.timeout,
            ..BreakerOptions::default()
        };
        Ok(Self {
            transport: Transport::new(mail, Reach::of(settings, "mail.smtp_host"))?,
            sender: Sender::new(settings)?,
            breaker: Breaker::new("the mail server", options).map_err(|source| Error::Checks { source: Box::new(source) })?,
            settings: mail.clone(),
        })
    }
}
