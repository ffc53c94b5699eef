//! What goes to somebody far away: letters now, posts on social networks later. Written in the transaction of what causes it, delivered
//! afterwards by [`dispatch`], at least once: a server that is killed between the last answer of a mail server and its own note sends
//! the letter again, with the same `Message-ID`.

pub(crate) mod dispatch;
mod letter;
pub(crate) mod metrics;
mod retry;
pub(crate) mod routes;
pub(crate) mod rows;
pub(crate) mod template;
mod transport;
pub(crate) mod watch;

use std::time::Duration;

use magnetiq_config::{Mail, Settings};
use magnetiq_health::{Breaker, BreakerOptions};
use serde::{Deserialize, Serialize};
use tokio::sync::Notify;
use utoipa::ToSchema;

use self::{letter::Sender, metrics::Counts, transport::Transport};
use crate::{clock::Time, error::Error, id::OutboxId};

/// Failures are counted this long, so that a few letters that wait for each other's backoff still open the breaker.
const BREAKER_WINDOW: Duration = Duration::from_secs(10 * 60);
/// So many failures, and the mail server is left alone for a while.
const BREAKER_CALLS: u32 = 3;
/// A mail server that is back is noticed within this time.
const BREAKER_OPEN_MAX: Duration = Duration::from_secs(5 * 60);

/// Where something in the outbox stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
#[schema(as = OutboxState)]
pub(crate) enum State {
    /// It waits for its next attempt.
    Queued,
    /// It is being sent.
    Leased,
    /// The server at the other end has taken it.
    Sent,
    /// It was given up, for the reason in `last_error`.
    Dead,
}

/// Something to be sent, or that was.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = OutboxEntry)]
pub(crate) struct Entry {
    /// Its id; the `Message-ID` of a letter begins with it.
    pub(crate) id: OutboxId,
    /// `mail`.
    pub(crate) kind: String,
    /// The address that it goes to.
    pub(crate) target: String,
    /// Which text it is.
    #[schema(examples("sign-in"))]
    pub(crate) template: String,
    /// Where it stands.
    pub(crate) state: State,
    /// How often it was tried.
    pub(crate) attempts: u32,
    /// Of what is queued: when it is tried, at the earliest.
    pub(crate) next_at: Option<Time>,
    /// Why the last attempt failed.
    pub(crate) last_error: Option<String>,
    /// When it was written.
    pub(crate) created_at: Time,
    /// When it was taken.
    pub(crate) sent_at: Option<Time>,
    /// When it was given up.
    pub(crate) dead_at: Option<Time>,
}

/// What the dispatcher, the check and the routes share.
#[derive(Debug)]
pub(crate) struct Outbox {
    transport: Transport,
    sender: Sender,
    settings: Mail,
    pub(crate) breaker: Breaker,
    pub(crate) counts: Counts,
    /// Something was written: the dispatcher need not wait any longer.
    written: Notify,
}

impl Outbox {
    /// Nothing is sent yet: see [`dispatch::run`].
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
            transport: Transport::new(mail)?,
            sender: Sender::new(settings)?,
            breaker: Breaker::new("the mail server", options).map_err(|source| Error::Checks { source: Box::new(source) })?,
            counts: Counts::default(),
            settings: mail.clone(),
            written: Notify::new(),
        })
    }

    /// Something was written: it is sent at once.
    pub(crate) fn wake(&self) {
        self.written.notify_one();
    }
}
