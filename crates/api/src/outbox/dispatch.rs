//! Sends what is in the outbox, one after the other: takes the next that is due, hands it over, notes how that went.

use std::time::Duration;

use actix_web::web::Data;
use tokio::sync::oneshot;

use super::{
    letter::Letter,
    retry::{self, Failure, Next},
    rows,
    transport::Refusal,
};
use crate::{clock::Time, error::Error, http::problem, state::AppState};

/// How often is looked for what nobody has told of: the clock was set, a lease ran out.
const LOOK_EVERY: Duration = Duration::from_secs(5);
/// What was noted too late is sent twice: the lease is longer than the longest conversation.
const LEASE_BEYOND: Duration = Duration::from_secs(30);
/// How often is cleared away what was sent long ago.
const SWEEP_EVERY: Duration = Duration::from_secs(3600);

/// Sends until `stop` ends. What is being sent then is finished first.
pub(crate) async fn run(state: Data<AppState>, mut stop: oneshot::Receiver<()>) {
    let mut dispatcher = Dispatcher { state, released: false, complained: false, sweep_at: None };
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
            if dispatcher.complained { std::future::pending().await } else { dispatcher.state.outbox.written.notified().await }
        };
        tokio::select! {
            _ = &mut stop => return,
            () = tokio::time::sleep(wait) => {}
            () = written => {}
        }
    }
}

struct Dispatcher {
    state: Data<AppState>,
    /// Whether what a server before this one had taken was given back.
    released: bool,
    /// Whether the log knows already that this does not work.
    complained: bool,
    sweep_at: Option<Time>,
}

impl Dispatcher {
    /// Sends one letter, if one is due and the mail server is called. Tells how long there is nothing to do.
    async fn step(&mut self) -> Result<Duration, Error> {
        self.release().await?;
        self.sweep().await?;
        let current = self.state.live.current();
        let channels = &current.channels;
        let now = self.state.clock.now();
        let due_in = self.state.read(rows::next_at).await?.map(|at| at.since(now));
        match due_in {
            Some(Duration::ZERO) if channels.transport.is_there() => {}
            Some(wait) if !wait.is_zero() => return Ok(wait.min(LOOK_EVERY)),
            Some(_) | None => return Ok(LOOK_EVERY),
        }
        let permit = match channels.breaker.enter() {
            Ok(permit) => permit,
            Err(refused) => return Ok(refused.retry_after.min(LOOK_EVERY)),
        };
        let lease = channels.settings.timeout + LEASE_BEYOND;
        let Some(letter) = self.state.write(move |tx| rows::lease(tx, now, lease)).await? else { return Ok(Duration::ZERO) };
        let sent = match channels.sender.compose(&letter) {
            Ok(message) => channels.transport.send(message).await,
            // No server was asked; none ever will be.
            Err(error) => Err(Refusal { failure: Failure::Never, reason: problem::chain(&error) }),
        };
        match &sent {
            Err(Refusal { failure: Failure::Outage, .. }) => permit.fail(),
            // A server that says no is one that works.
            _ => permit.succeed(),
        }
        self.note(letter, sent).await?;
        Ok(Duration::ZERO)
    }

    async fn note(&self, letter: Letter, sent: Result<(), Refusal>) -> Result<(), Error> {
        let (outbox, now) = (&self.state.outbox, self.state.clock.now());
        let (id, attempts) = (letter.id, letter.attempts);
        let Err(refusal) = sent else {
            outbox.counts.sent.inc();
            tracing::info!(%id, attempts, template = letter.template, "a letter was sent");
            return self.state.write_if_possible(move |tx| rows::sent(tx, &letter, now)).await;
        };
        outbox.counts.refused.inc();
        let current = self.state.live.current();
        let next = retry::next(refusal.failure, attempts, now.since(letter.created_at), &current.channels.settings, chance()?);
        let again_at = match next {
            Next::Again(wait) => Some(now.plus(wait)),
            Next::GiveUp => None,
        };
        let reason = refusal.reason;
        match again_at {
            Some(again_at) => tracing::info!(%id, attempts, %again_at, reason, "a letter was not taken, and is tried again"),
            None => tracing::warn!(%id, attempts, reason, "a letter was given up"),
        }
        self.state.write_if_possible(move |tx| rows::not_sent(tx, &letter, &reason, again_at, now)).await
    }

    async fn release(&mut self) -> Result<(), Error> {
        if !self.released {
            if self.state.read(rows::next_at).await?.is_some() {
                let released = self.state.write(rows::release_all).await?;
                tracing::debug!(released, "letters are sent again that a server before this one was sending");
            }
            self.released = true;
        }
        Ok(())
    }

    async fn sweep(&mut self) -> Result<(), Error> {
        let now = self.state.clock.now();
        if self.sweep_at.is_some_and(|at| now < at) {
            return Ok(());
        }
        let old = now.minus(self.state.live.current().channels.settings.kept);
        while self.state.read(move |conn| rows::has_old(conn, old)).await? {
            self.state.write_if_possible(move |tx| rows::sweep(tx, old)).await?;
        }
        self.sweep_at = Some(now.plus(SWEEP_EVERY));
        Ok(())
    }

    fn complain(&mut self, error: &Error) {
        if !self.complained {
            tracing::warn!(cause = %problem::chain(error), "the outbox can't be worked on; it is tried again");
        }
        self.complained = true;
    }
}

/// From 0 to 1.
fn chance() -> Result<f64, Error> {
    let random = getrandom::u32().map_err(|error| Error::Random { detail: error.to_string() })?;
    Ok(f64::from(random) / f64::from(u32::MAX))
}
