//! What goes to somebody far away: letters now, posts on social networks later. Written in the transaction of what causes it, delivered
//! afterwards by [`dispatch`], at least once: a server that is killed between the last answer of a mail server and its own note sends
//! the letter again, with the same `Message-ID`.

mod channels;
pub(crate) mod dispatch;
mod letter;
pub(crate) mod metrics;
mod retry;
pub(crate) mod routes;
pub(crate) mod rows;
pub(crate) mod template;
mod transport;
pub(crate) mod watch;

use serde::{Deserialize, Serialize};
use tokio::sync::Notify;
use utoipa::ToSchema;

pub(crate) use self::channels::Channels;
use self::metrics::Counts;
use crate::{clock::Time, id::OutboxId};

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

/// What the dispatcher, the check and the routes share, whatever the settings say.
#[derive(Debug, Default)]
pub(crate) struct Outbox {
    pub(crate) counts: Counts,
    /// Something was written: the dispatcher need not wait any longer.
    written: Notify,
}

impl Outbox {
    /// Something was written: it is sent at once.
    pub(crate) fn wake(&self) {
        self.written.notify_one();
    }
}
