//! Sends what is in the outbox: by each way one after the other. Takes the next that is due, hands it over, notes how that went.

use std::time::Duration;

use actix_web::web::Data;
use futures_util::{FutureExt, future::join_all};
use tokio::sync::oneshot;

use super::{
    Kind,
    delivery::{Delivered, Item, Refusal},
    retry::{self, Failure, Next},
    rows,
};
use crate::{clock::Time, error::Error, http::problem, state::AppState};

/// How often is looked for what nobody has told of: the clock was set, a lease ran out.
const LOOK_EVERY: Duration = Duration::from_secs(5);
/// What was noted too late is sent twice: the lease is longer than the longest conversation.
const LEASE_BEYOND: Duration = Duration::from_secs(30);
/// How often is cleared away what was sent long ago.
const SWEEP_EVERY: Duration = Duration::from_secs(3600);

/// Sends until `stop` ends. What is being sent then is finished first. A network that is slow holds up no letter.
pub(crate) async fn run(state: Data<AppState>, stop: oneshot::Receiver<()>) {
    let stop = stop.map(drop).shared();
    join_all(Kind::ALL.map(|kind| run_one(state.clone(), kind, stop.clone()))).await;
}

async fn run_one(state: Data<AppState>, kind: Kind, mut stop: impl Future<Output = ()> + Unpin) {
    let mut dispatcher = Dispatcher { state, kind, released: false, complained: false, sweep_at: None };
    loop {
        let wait = match dispatcher.step().await {
            Ok(wait) => {
                dispatcher.complained = false;
                wait
            }
            Err(error) => {
                dispatcher.complain(&error);
                LOOK_EVERY
            }
        };
        let written = async {
            // Trouble does not go away because there is more to send.
            if dispatcher.complained { std::future::pending().await } else { dispatcher.state.outbox.written(kind).await }
        };
        tokio::select! {
            () = &mut stop => return,
            () = tokio::time::sleep(wait) => {}
            () = written => {}
        }
    }
}

struct Dispatcher {
    state: Data<AppState>,
    kind: Kind,
    /// Whether what a server before this one had taken was given back.
    released: bool,
    /// Whether the log knows already that this does not work.
    complained: bool,
    sweep_at: Option<Time>,
}

impl Dispatcher {
    /// Sends one thing, if one is due and the other side is called. Tells how long there is nothing to do.
    async fn step(&mut self) -> Result<Duration, Error> {
        self.release().await?;
        self.sweep().await?;
        let current = self.state.live.current();
        let (kind, channel) = (self.kind, current.channels.of(self.kind));
        let now = self.state.clock.now();
        let per_day = channel.per_day;
        let (next_at, free_at) =
            self.state.read(move |conn| Ok((rows::next_at(conn, kind)?, rows::free_at(conn, kind, per_day, now)?))).await?;
        match next_at.map(|at| at.max(free_at.unwrap_or(at)).since(now)) {
            Some(Duration::ZERO) if channel.is_there() => {}
            Some(wait) if !wait.is_zero() => return Ok(wait.min(LOOK_EVERY)),
            Some(_) | None => return Ok(LOOK_EVERY),
        }
        let permit = match channel.breaker.enter() {
            Ok(permit) => permit,
            Err(refused) => return Ok(refused.retry_after.min(LOOK_EVERY)),
        };
        let lease = channel.timeout + LEASE_BEYOND;
        let Some(item) = self.state.write(move |tx| rows::lease(tx, kind, now, lease)).await? else { return Ok(Duration::ZERO) };
        let sent = current.channels.deliver(kind, &item, &self.state).await;
        match &sent {
            Err(Refusal { failure: Failure::Outage, .. }) => permit.fail(),
            // A server that says no is one that works.
            _ => permit.succeed(),
        }
        self.note(item, sent).await?;
        Ok(Duration::ZERO)
    }

    async fn note(&self, item: Item, sent: Result<Delivered, Refusal>) -> Result<(), Error> {
        let (outbox, now, kind) = (&self.state.outbox, self.state.clock.now(), self.kind);
        let (id, attempts, word) = (item.id, item.attempts, kind.word());
        let refusal = match sent {
            Ok(delivered) => {
                outbox.counts.sent.inc();
                tracing::info!(%id, attempts, kind = word, template = item.template, "it was sent");
                return self.state.write_if_possible(move |tx| rows::sent(tx, &item, &delivered, now)).await;
            }
            Err(refusal) => refusal,
        };
        outbox.counts.refused.inc();
        let current = self.state.live.current();
        let next = retry::next(refusal.failure, attempts, now.since(item.due_at), &current.channels.settings, chance()?);
        let pause_until = refusal.pause.map(|pause| now.plus(pause));
        let again_at = match next {
            Next::Again(wait) => Some(now.plus(wait).max(pause_until.unwrap_or(now))),
            Next::GiveUp => None,
        };
        let reason = refusal.reason;
        match again_at {
            Some(again_at) => tracing::info!(%id, attempts, kind = word, %again_at, reason, "it was not taken, and is tried again"),
            None => tracing::warn!(%id, attempts, kind = word, reason, "it was given up"),
        }
        let noted = self.state.write_if_possible(move |tx| {
            if let Some(until) = pause_until {
                rows::pause(tx, kind, until)?;
            }
            rows::not_sent(tx, &item, &reason, again_at, now)
        });
        noted.await
    }

    async fn release(&mut self) -> Result<(), Error> {
        if !self.released {
            let kind = self.kind;
            if self.state.read(move |conn| rows::next_at(conn, kind)).await?.is_some() {
                let released = self.state.write(move |tx| rows::release_all(tx, kind)).await?;
                tracing::debug!(released, kind = kind.word(), "what a server before this one was sending is sent again");
            }
            self.released = true;
        }
        Ok(())
    }

    async fn sweep(&mut self) -> Result<(), Error> {
        let (now, kind) = (self.state.clock.now(), self.kind);
        if self.sweep_at.is_some_and(|at| now < at) {
            return Ok(());
        }
        let old = now.minus(self.state.live.current().channels.settings.kept);
        while self.state.read(move |conn| rows::has_old(conn, kind, old)).await? {
            self.state.write_if_possible(move |tx| rows::sweep(tx, kind, old)).await?;
        }
        self.sweep_at = Some(now.plus(SWEEP_EVERY));
        Ok(())
    }

    fn complain(&mut self, error: &Error) {
        if !self.complained {
            tracing::warn!(cause = %problem::chain(error), kind = self.kind.word(), "the outbox can't be worked on; it is tried again");
        }
        self.complained = true;
    }
}

/// From 0 to 1.
fn chance() -> Result<f64, Error> {
    let random = getrandom::u32().map_err(|error| Error::internal("get random bytes", error))?;
    Ok(f64::from(random) / f64::from(u32::MAX))
}
