//! What is to be said now, and in how many messages. Pure: what is and what was said come in, messages come out.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use magnetiq_config::{HealthdAlerts, QuietHours};
use magnetiq_health::Status;

use super::notice::{Kind, Notice};
use super::quiet;
use crate::incident::Incident;

/// So many messages go to one channel within [`BURST_WINDOW`] at most.
pub(super) const BURST_MESSAGES: usize = 10;
pub(super) const BURST_WINDOW: SignedDuration = SignedDuration::from_mins(10);
/// What is over for so long and was never told is no news: a channel that was set up just now is not told of last week.
const OVER_IS_NEWS: SignedDuration = SignedDuration::from_hours(24);
/// The end of something that was told is told for so long.
pub(super) const RESOLVED_IS_NEWS: SignedDuration = SignedDuration::from_hours(7 * 24);

/// When something is told.
#[derive(Debug, Clone)]
pub(super) struct Policy {
    /// How long what does not fail has to last.
    pub(super) warn_delay: Duration,
    pub(super) reminder: Option<Duration>,
    pub(super) quiet: Option<QuietHours>,
}

impl Policy {
    pub(super) fn of(settings: &HealthdAlerts) -> Self {
        Self { warn_delay: settings.warn_delay, reminder: settings.reminder, quiet: settings.quiet.clone() }
    }
}

/// One thing to say of an incident.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Item {
    pub(super) incident: Incident,
    pub(super) kind: Kind,
    /// When it could have been said first.
    pub(super) due_at: Timestamp,
}

/// One message: never empty, and a digest where it says several things.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Message(pub(super) Vec<Item>);

/// What `channel` is to be told at `now`, worst first. Said twice with the same notices, it is the same.
pub(super) fn plan(incidents: &[Incident], notices: &[Notice], channel: &str, policy: &Policy, now: Timestamp) -> Vec<Message> {
    let mut said: BTreeMap<i64, Vec<&Notice>> = BTreeMap::new();
    let mut recent: Vec<&str> = Vec::new();
    for notice in notices.iter().filter(|notice| notice.channel == channel) {
        said.entry(notice.incident).or_default().push(notice);
        // A clock that was set back says nothing about how many messages there were.
        if now.duration_since(notice.sent_at).abs() < BURST_WINDOW {
            recent.push(&notice.message);
        }
    }
    recent.sort_unstable();
    recent.dedup();

    let mut items: Vec<Item> = incidents
        .iter()
        .filter_map(|incident| {
            let said = said.get(&incident.id).map_or(&[][..], Vec::as_slice);
            let (kind, due_at) = due(incident, said, policy, now)?;
            Some(Item { incident: incident.clone(), kind, due_at })
        })
        .collect();
    let mut put_off = Vec::new();
    if let Some(hours) = &policy.quiet {
        if quiet::is_quiet(hours, now) {
            items.retain(is_urgent);
        } else if let Some(end) = quiet::last_end(hours, now) {
            (put_off, items) = items.into_iter().partition(|item| !is_urgent(item) && item.due_at < end);
        }
    }
    items.sort_by_key(order);
    put_off.sort_by_key(order);
    let digest = (!put_off.is_empty()).then_some(Message(put_off));
    let messages = items.into_iter().map(|item| Message(vec![item])).chain(digest).collect();
    bounded(messages, BURST_MESSAGES.saturating_sub(recent.len()))
}

/// What is beyond `room` goes into the last message.
fn bounded(mut messages: Vec<Message>, room: usize) -> Vec<Message> {
    let Some(last) = room.checked_sub(1) else { return Vec::new() };
    if messages.len() > room {
        let mut rest: Vec<Item> = messages.split_off(last).into_iter().flat_map(|message| message.0).collect();
        rest.sort_by_key(order);
        messages.push(Message(rest));
    }
    messages
}

/// What is to be said of an incident, and since when.
fn due(incident: &Incident, said: &[&Notice], policy: &Policy, now: Timestamp) -> Option<(Kind, Timestamp)> {
    let after = |from: Timestamp, time: Duration| {
        let at = SignedDuration::try_from(time).ok().and_then(|time| from.checked_add(time).ok());
        at.unwrap_or(Timestamp::MAX)
    };
    let delay = if incident.worst == Status::Fail { Duration::ZERO } else { policy.warn_delay };
    // The clock was set back: who knows how long it lasts already.
    let first_at = if incident.started_at > now { now } else { after(incident.started_at, delay) };
    let last = said.iter().map(|notice| notice.sent_at).max();
    let (kind, due_at) = match (incident.ended_at, last) {
        (None, None) if is_alerting(incident) => (Kind::Open(incident.worst), first_at),
        (None, Some(last)) if is_alerting(incident) => {
            let told = said.iter().filter_map(|notice| told_status(notice.kind)).max().unwrap_or_default();
            if incident.worst.severity() > told {
                (Kind::Worse(incident.worst), last.min(now))
            } else {
                (Kind::Reminder(reminders(said) + 1), after(last, policy.reminder?))
            }
        }
        (None, _) => return None,
        (Some(ended_at), None) => {
            let is_news = first_at < ended_at && !incident.in_maintenance && now.duration_since(ended_at) < OVER_IS_NEWS;
            (is_news.then_some(Kind::Over)?, ended_at.min(now))
        }
        (Some(ended_at), Some(_)) => {
            let is_told = said.iter().any(|notice| matches!(notice.kind, Kind::Resolved | Kind::Over));
            let is_news = !is_told && now.duration_since(ended_at) < RESOLVED_IS_NEWS;
            (is_news.then_some(Kind::Resolved)?, ended_at.min(now))
        }
    };
    (due_at <= now).then_some((kind, due_at))
}

/// Not what somebody works on, nor what another check explains by now: that one is told.
fn is_alerting(incident: &Incident) -> bool {
    !incident.in_maintenance && matches!(incident.status, Status::Warn | Status::Fail | Status::Unknown)
}

fn told_status(kind: Kind) -> Option<u8> {
    match kind {
        Kind::Open(status) | Kind::Worse(status) => Some(status.severity()),
        Kind::Reminder(_) | Kind::Resolved | Kind::Over => None,
    }
}

fn reminders(said: &[&Notice]) -> u32 {
    let number = |notice: &&Notice| if let Kind::Reminder(number) = notice.kind { Some(number) } else { None };
    said.iter().filter_map(number).max().unwrap_or_default()
}

/// What somebody is woken for, and that it is over.
fn is_urgent(item: &Item) -> bool {
    item.incident.critical && item.incident.worst == Status::Fail && item.kind != Kind::Over
}

/// What is wrong now comes before what is over, the worst first, then the oldest.
fn order(item: &Item) -> (bool, std::cmp::Reverse<(bool, u8)>, Timestamp, i64) {
    let Incident { critical, worst, started_at, id, .. } = &item.incident;
    (!item.incident.is_open(), std::cmp::Reverse((*critical && *worst == Status::Fail, worst.severity())), *started_at, *id)
}

#[cfg(test)]
mod tests;
