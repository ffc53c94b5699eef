//! Who is told of incidents, when, and whether it arrived.
//!
//! Each time that something changed, `plan` says what each channel should be told by now that it was not told yet. Nothing waits in a queue:
//! what could not be sent is planned anew, with what is known then. What a channel took is written down afterwards, so a crash in between
//! says it again, under the same id.

mod book;
mod channel;
mod mail;
mod message;
mod notice;
mod plan;
mod quiet;
mod webhook;

use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use crossbeam_channel::{Receiver, bounded};
use jiff::Timestamp;
use magnetiq_config::Settings;
use magnetiq_health::{Clock, MonitorBuilder, Node, catalog};
use magnetiq_storage::Store;

use crate::incident::Incident;
use book::Book;
use channel::{Channel, Courier, Parcel};
use message::Words;
use plan::{Policy, plan};

/// Tells people. Without a channel in the settings it tells nobody.
pub(crate) struct Alerts {
    policy: Policy,
    words: Words,
    book: Arc<Book>,
    couriers: Vec<Courier>,
    /// Tells by its end that all threads have ended.
    ended: Receiver<()>,
}

impl Alerts {
    /// Starts a thread for each channel. `store` is the history, which has the incidents.
    pub(crate) fn new(settings: &Settings, store: &Store, clock: &Clock) -> anyhow::Result<Self> {
        let alerts = &settings.healthd.alerts;
        let book = Arc::new(Book::open(store.clone(), clock.now().wall).context("read what was told before")?);
        let (end, ended) = bounded(0);
        let couriers = Channel::all(alerts)?
            .into_iter()
            .map(|channel| Courier::start(channel, book.clone(), clock.clone(), end.clone()))
            .collect::<Result<_, _>>()?;
        Ok(Self { policy: Policy::of(alerts), words: Words::of(settings), book, couriers, ended })
    }

    /// With a check for each channel: whether messages go through it. One that does not is told through the others.
    pub(crate) fn watched(&self, monitor: MonitorBuilder) -> anyhow::Result<MonitorBuilder> {
        let entry = catalog::find("breaker").context("the catalog has breakers")?;
        let monitor = if self.couriers.is_empty() { monitor } else { monitor.node(Node::new("alerts", "Alerts")) };
        Ok(self.couriers.iter().fold(monitor, |monitor, Courier { name, breaker, .. }| {
            // The kind comes first in a name, so that alert rules and `healthd explain` know it.
            let mut info = entry.info_as(format!("breaker-alert-{}", name.replace('_', "-")));
            info.node = "alerts".into();
            info.title = format!("Alerts by {name} arrive").into();
            monitor.check(info, breaker.clone())
        }))
    }

    /// Has sent what is to be said at `now`. To be called after each change and every few seconds, with all incidents that are open and those
    /// that ended in the last seven days. Never waits for a channel.
    pub(crate) fn tick(&mut self, now: Timestamp, incidents: &[Incident]) {
        self.book.save();
        let free: Vec<_> = self.couriers.iter().filter(|courier| courier.is_free()).collect();
        if free.is_empty() {
            return;
        }
        let notices = self.book.about(incidents, now);
        for courier in free {
            let messages = plan(incidents, &notices, &courier.name, &self.policy, now);
            let parcels: Vec<_> = messages
                .iter()
                .map(|message| Parcel {
                    letter: self.words.letter(message, now),
                    says: message.0.iter().map(|item| (item.incident.id, item.kind)).collect(),
                })
                .collect();
            if !parcels.is_empty() {
                courier.take(parcels);
            }
        }
    }

    /// Lets what is being sent come to its end, for `grace` at most. What is cut off is sent by the next process.
    pub(crate) fn close(self, grace: Duration) {
        let Self { couriers, ended, .. } = self;
        drop(couriers);
        // Nothing is ever sent through it: this is either the end of all threads or of the grace.
        let _ = ended.recv_timeout(grace);
    }
}

/// Sends a test message through the channels of the settings, or the one called `only`, and says of each what happened; `None`: there is no such
/// channel.
pub(crate) fn test(settings: &Settings, only: Option<&str>, clock: &Clock) -> anyhow::Result<Vec<(String, anyhow::Result<()>)>> {
    let letter = Words::of(settings).test(clock.now().wall);
    let channels = Channel::all(&settings.healthd.alerts)?.into_iter().filter(|channel| only.is_none_or(|only| only == channel.name));
    Ok(channels.map(|mut channel| (channel.name.clone(), channel.send(&letter))).collect())
}

#[cfg(test)]
mod tests;
