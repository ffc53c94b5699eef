//! What goes to somebody far away: letters, and posts on social networks. Written in the transaction of what causes it, delivered afterwards by
//! [`dispatch`], at least once: a server that is killed between the last answer of the other side and its own note sends again, a letter with
//! the same `Message-ID`, a post on Mastodon with the same `Idempotency-Key`.

mod channels;
mod delivery;
pub(crate) mod dispatch;
mod letter;
pub(crate) mod letters;
pub(crate) mod metrics;
mod retry;
pub(crate) mod routes;
pub(crate) mod rows;
pub(crate) mod social;
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
    /// Somebody took it back before it was sent.
    Cancelled,
}

/// By what it leaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
#[schema(as = OutboxKind)]
pub(crate) enum Kind {
    /// A letter.
    Mail,
    /// A post on Mastodon.
    Mastodon,
    /// A post on LinkedIn.
    LinkedIn,
    /// A post on X.
    X,
}

impl Kind {
    pub(crate) const ALL: [Self; 4] = [Self::Mail, Self::Mastodon, Self::LinkedIn, Self::X];

    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Mail => "mail",
            Self::Mastodon => "mastodon",
            Self::LinkedIn => "linkedin",
            Self::X => "x",
        }
    }
}

/// Something to be sent, or that was.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = OutboxEntry)]
pub(crate) struct Entry {
    /// Its id; the `Message-ID` of a letter begins with it.
    pub(crate) id: OutboxId,
    /// By what it leaves.
    pub(crate) kind: Kind,
    /// The address that it goes to; of a post the host of the network, or `recorded`.
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
    /// When it was taken back.
    pub(crate) cancelled_at: Option<Time>,
    /// Where it is to be seen, as the network says.
    pub(crate) receipt: Option<String>,
}

/// What the dispatcher, the check and the routes share, whatever the settings say.
#[derive(Debug, Default)]
pub(crate) struct Outbox {
    pub(crate) counts: Counts,
    /// Something was written: who sends need not wait any longer. One for each kind.
    written: [Notify; Kind::ALL.len()],
}

impl Outbox {
    async fn written(&self, kind: Kind) {
        self.written[kind as usize].notified().await;
    }

    /// Something was written: it is sent at once.
    pub(crate) fn wake(&self) {
        self.written.iter().for_each(Notify::notify_one);
    }
}
