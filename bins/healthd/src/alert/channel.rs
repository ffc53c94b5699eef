//! One way to reach people, on a thread of its own: one that hangs holds up neither the others nor the watch.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use anyhow::Context;
use crossbeam_channel::{Receiver, Sender, bounded};
use magnetiq_config::HealthdAlerts;
use magnetiq_health::{Breaker, BreakerOptions, BreakerState, Clock};

use super::book::Book;
use super::mail::Mail;
use super::message::Letter;
use super::notice::{Kind, Notice};
use super::webhook::Webhook;

/// What one delivery may take, from the lookup of the name on.
const DEADLINE: Duration = Duration::from_secs(10);

/// A place to send messages to.
pub(super) struct Channel {
    pub(super) name: String,
    way: Way,
}

enum Way {
    Mail(Box<Mail>),
    Webhook(Webhook),
}

impl Channel {
    /// All of the settings.
    pub(super) fn all(settings: &HealthdAlerts) -> anyhow::Result<Vec<Self>> {
        let mail = settings.mail.iter().map(|mail| {
            let way = Way::Mail(Box::new(Mail::new(mail, DEADLINE)?));
            Ok(Self { name: "mail".to_owned(), way })
        });
        let webhooks = settings.webhooks.iter().map(|webhook| {
            let way = Way::Webhook(Webhook::new(webhook).with_context(|| format!("healthd.webhooks.{}", webhook.name))?);
            Ok(Self { name: webhook.name.clone(), way })
        });
        mail.chain(webhooks).collect()
    }

    /// Blocks for 10 seconds at most.
    pub(super) fn send(&mut self, letter: &Letter) -> anyhow::Result<()> {
        match &mut self.way {
            Way::Mail(mail) => mail.send(letter, DEADLINE),
            Way::Webhook(webhook) => webhook.send(letter, DEADLINE),
        }
    }
}

/// A message and what it is to be written down as.
pub(super) struct Parcel {
    pub(super) letter: Letter,
    /// Incidents, and what is said of them.
    pub(super) says: Vec<(i64, Kind)>,
}

/// The thread of a channel.
pub(super) struct Courier {
    pub(super) name: String,
    pub(super) breaker: Breaker,
    /// Holds one batch: what is not taken is planned anew the next time, with what is known then.
    jobs: Sender<Vec<Parcel>>,
    is_busy: Arc<AtomicBool>,
}

impl Courier {
    /// `end` is dropped when the thread has ended.
    pub(super) fn start(channel: Channel, book: Arc<Book>, clock: Clock, end: Sender<()>) -> anyhow::Result<Self> {
        let name = channel.name.clone();
        let breaker = Breaker::new(format!("alerts to {name}"), options()).context("watch the channel")?;
        let (jobs, batches) = bounded(1);
        let is_busy = Arc::new(AtomicBool::new(false));
        let mut round = Round { channel, breaker: breaker.clone(), book, clock, is_busy: is_busy.clone(), failures: 0 };
        let run = move || {
            round.all(&batches);
            drop(end);
        };
        std::thread::Builder::new().name(format!("alert-{name}")).spawn(run).context("start the thread of a channel")?;
        Ok(Self { name, breaker, jobs, is_busy })
    }

    /// Whether it could send something now: it is not sending, and not waiting after a failure.
    pub(super) fn is_free(&self) -> bool {
        let facts = self.breaker.facts();
        !self.is_busy.load(Ordering::Acquire) && (facts.state != BreakerState::Open || facts.retry_after.is_zero())
    }

    /// Takes a batch while it [is free](Self::is_free).
    pub(super) fn take(&self, batch: Vec<Parcel>) {
        self.is_busy.store(true, Ordering::Release);
        if self.jobs.try_send(batch).is_err() {
            self.is_busy.store(false, Ordering::Release);
        }
    }
}

struct Round {
    channel: Channel,
    breaker: Breaker,
    book: Arc<Book>,
    clock: Clock,
    is_busy: Arc<AtomicBool>,
    /// Failures in a row.
    failures: usize,
}

impl Round {
    fn all(&mut self, batches: &Receiver<Vec<Parcel>>) {
        for mut batch in batches {
            // A message that is refused for itself must not keep the others from being tried.
            let first = self.failures % batch.len().max(1);
            batch.rotate_left(first);
            for parcel in batch {
                if !self.deliver(parcel) {
                    break;
                }
            }
            self.is_busy.store(false, Ordering::Release);
        }
    }

    /// Whether it was taken.
    fn deliver(&mut self, parcel: Parcel) -> bool {
        let Ok(permit) = self.breaker.enter() else { return false };
        let Parcel { letter, says } = parcel;
        let sent = self.channel.send(&letter);
        let channel = &self.channel.name;
        if let Err(error) = sent {
            permit.fail();
            let wait = self.breaker.facts().retry_after.as_secs();
            let error: &dyn std::error::Error = error.as_ref();
            if self.failures > 0 {
                tracing::debug!(error, channel, message = letter.id, "an alert was not sent again; it is tried again in {wait} s");
            } else {
                tracing::error!(error, channel, message = letter.id, "an alert was not sent; it is tried again in {wait} s, and so on");
            }
            self.failures += 1;
            return false;
        }
        permit.succeed();
        let sent_at = self.clock.now().wall;
        let notice = |(incident, kind)| Notice { incident, kind, channel: channel.clone(), message: letter.id.clone(), sent_at };
        self.book.record(says.into_iter().map(notice).collect());
        tracing::info!(channel, message = letter.id, subject = letter.subject, "an alert was sent");
        self.failures = 0;
        true
    }
}

/// One failure is enough to wait: 5 seconds, then twice as long each time, up to 10 minutes with the jitter.
fn options() -> BreakerOptions {
    BreakerOptions {
        minimum_calls: 1,
        failure_rate: 0.01,
        // Nothing takes longer than the deadline.
        slow_after: DEADLINE * 2,
        slow_rate: 1.0,
        open_for: Duration::from_secs(5),
        open_max: Duration::from_secs(500),
        jitter: 0.2,
        ..BreakerOptions::default()
    }
}
