//! One stream of events: waits for commits, and tells which kinds they changed.

use std::{convert::Infallible, sync::Arc, time::Duration};

use actix_web::web::{Bytes, Data};
use futures_util::{Stream, stream};
use magnetiq_health::Status;
use magnetiq_storage::Commits;
use serde::Serialize;
use tokio::sync::watch;
use utoipa::ToSchema;

use super::{Kind, Place, Streams};
use crate::{
    auth::{Role, session},
    id::SessionId,
    state::AppState,
};

/// Proxies close connections on which nothing is said; and who is gone is found out by speaking.
const HEARTBEAT: Duration = Duration::from_secs(15);
/// Commits within it are told at once.
const COALESCE: Duration = Duration::from_millis(250);
/// After which a browser comes again, in milliseconds.
const RETRY_MS: u32 = 3_000;

/// The data of an event.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = LiveChange)]
pub(crate) struct Change {
    /// What has changed since the event before.
    kinds: Vec<Kind>,
}

/// Somebody who listens.
pub(super) struct Listener {
    state: Data<AppState>,
    session: SessionId,
    role: Role,
    commits: Commits,
    /// The last commit that was told of.
    seen: u64,
    health: Option<Status>,
    stopping: watch::Receiver<bool>,
    /// What an answer has to say before anything happens.
    greeting: Option<Vec<Kind>>,
    _place: Place,
}

/// Why a listener wakes up.
enum Woken {
    Changed,
    Nothing,
    End,
}

impl Listener {
    /// `last_event`: the id of the last event that the browser has heard, from which it goes on.
    pub(super) fn new(state: Data<AppState>, session: SessionId, role: Role, place: Place, last_event: Option<&str>) -> Self {
        let commits = state.store.commits();
        let (now, stopping, health) = (commits.number(), state.streams.stopping.subscribe(), status(&state));
        let mut listener = Self { state, session, role, commits, seen: now, health, stopping, greeting: None, _place: place };
        listener.greeting = Some(match last_event.map(|id| listener.state.streams.number(id).filter(|number| *number <= now)) {
            None => Vec::new(),
            Some(Some(number)) => listener.changed_since(number),
            // Nobody knows what was missed.
            Some(None) => Kind::ALL.into_iter().filter(|kind| kind.least() <= role).collect(),
        });
        listener
    }

    /// The body of the answer.
    pub(super) fn stream(self) -> impl Stream<Item = Result<Bytes, Infallible>> {
        stream::unfold(Some(self), |listener| async move {
            let mut listener = listener?;
            let said = listener.next().await;
            Some(match said {
                Some(said) => (Ok(said.into()), Some(listener)),
                None => (Ok(Bytes::from_static(b"event: end\ndata: {}\n\n")), None),
            })
        })
    }

    /// What to say next; `None` at the end.
    async fn next(&mut self) -> Option<String> {
        if let Some(kinds) = self.greeting.take() {
            return Some(format!("retry: {RETRY_MS}\n{}", self.event(kinds)));
        }
        loop {
            let woken = self.wait().await;
            if matches!(woken, Woken::End) {
                return None;
            }
            let since = self.seen;
            self.seen = self.commits.number();
            let tables = self.commits.written_since(since);
            // What ends sessions and changes roles is in these; time ends sessions, too.
            let may_have_ended = matches!(woken, Woken::Nothing) || tables.iter().any(|table| table.starts_with("account"));
            if may_have_ended && !self.may_listen().await {
                return None;
            }
            let mut kinds = self.kinds_of(&tables);
            let health = status(&self.state);
            if health != self.health {
                self.health = health;
                kinds.push(Kind::Health);
            }
            if !kinds.is_empty() {
                return Some(self.event(kinds));
            }
            if matches!(woken, Woken::Nothing) {
                return Some(":\n\n".to_owned());
            }
        }
    }

    async fn wait(&mut self) -> Woken {
        if *self.stopping.borrow() {
            return Woken::End;
        }
        tokio::select! {
            _ = self.stopping.changed() => Woken::End,
            changed = self.commits.changed() => {
                if changed.is_err() {
                    return Woken::End;
                }
                tokio::select! {
                    _ = self.stopping.changed() => Woken::End,
                    () = tokio::time::sleep(COALESCE) => Woken::Changed,
                }
            }
            () = tokio::time::sleep(HEARTBEAT) => Woken::Nothing,
        }
    }

    /// Whether the session lives and its account has the role that it had.
    async fn may_listen(&self) -> bool {
        let (session, now, idle) = (self.session, self.state.clock.now(), self.state.sessions.idle());
        let role = self.state.read(move |conn| session::role(conn, session, now, idle)).await;
        role.is_ok_and(|role| role == Some(self.role))
    }

    fn changed_since(&self, number: u64) -> Vec<Kind> {
        self.kinds_of(&self.commits.written_since(number))
    }

    fn kinds_of(&self, tables: &[String]) -> Vec<Kind> {
        let mut kinds: Vec<Kind> =
            tables.iter().filter_map(|table| Kind::of_table(table)).filter(|kind| kind.least() <= self.role).collect();
        kinds.sort_unstable();
        kinds.dedup();
        kinds
    }

    fn event(&self, kinds: Vec<Kind>) -> String {
        let data = serde_json::to_string(&Change { kinds }).unwrap_or_default();
        format!("id: {}\nevent: change\ndata: {data}\n\n", self.state.streams.id(self.seen))
    }
}

impl Streams {
    fn id(&self, number: u64) -> String {
        format!("{}-{number}", self.run)
    }

    /// The commit in the id of an event; `None` for one of another run of the server.
    fn number(&self, id: &str) -> Option<u64> {
        id.strip_prefix(&self.run)?.strip_prefix('-')?.parse().ok()
    }
}

fn status(state: &Arc<AppState>) -> Option<Status> {
    state.health.report().map(|report| report.status)
}
