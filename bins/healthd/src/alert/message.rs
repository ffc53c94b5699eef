//! What people read: a message as plain data, which is JSON for webhooks, and text.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use magnetiq_config::Settings;
use magnetiq_health::{Status, Value};
use serde::Serialize;
use sha2::{Digest as _, Sha256};
use url::Url;

use super::notice::Kind;
use super::plan::{Item, Message};
use crate::explain;

/// A digest names so many checks at most.
const TOLD_MAX: usize = 20;
/// So many of the checks that are down because of another are named.
const DOWN_MAX: usize = 20;
/// What is longer is cut: a cause may carry what a stranger's server answered.
const SAYS_MAX_CHARS: usize = 500;
const SUBJECT_MAX_CHARS: usize = 150;

/// What does not change from message to message.
#[derive(Debug, Clone)]
pub(super) struct Words {
    /// What the site is called that has no name in the settings.
    own: String,
    /// Where times are told.
    zone: TimeZone,
    status_page: Option<Url>,
}

/// A message to people.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Letter {
    /// The same whenever the same is said, so that who gets it twice can tell.
    pub(super) id: String,
    /// open, worse, reminder, resolved, over, digest or test.
    pub(super) event: &'static str,
    pub(super) subject: String,
    /// All of it as text.
    pub(super) text: String,
    /// One for each check.
    pub(super) incidents: Vec<Told>,
    /// Checks that found no room in it.
    pub(super) others: usize,
    pub(super) status_page: Option<Url>,
    pub(super) at: Timestamp,
}

/// What is told of a check.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Told {
    pub(super) event: &'static str,
    pub(super) incident: i64,
    pub(super) site: String,
    pub(super) check: String,
    pub(super) title: String,
    pub(super) critical: bool,
    /// The worst that it was.
    pub(super) worst: Status,
    /// The cause, with the reading and its limit.
    pub(super) says: String,
    pub(super) also_down: Vec<String>,
    pub(super) started_at: Timestamp,
    pub(super) ended_at: Option<Timestamp>,
    /// For how many incidents of this check it stands.
    pub(super) times: usize,
    /// The first thing to do.
    pub(super) to_do: Option<&'static str>,
    /// A command that says more.
    pub(super) explain: Option<String>,
    /// "fail since 3:12 (4 min)".
    #[serde(skip)]
    pub(super) state: String,
}

impl Words {
    pub(super) fn of(settings: &Settings) -> Self {
        let host = settings.server.public_url.host_str();
        // What no site of the settings is about is about healthd itself.
        let own = if settings.healthd.sites.is_empty() { host.unwrap_or("the site") } else { "healthd" };
        Self { own: own.to_owned(), zone: settings.healthd.alerts.zone.clone(), status_page: settings.healthd.public_url.clone() }
    }

    /// `now` is the time that durations are counted to.
    pub(super) fn letter(&self, message: &Message, now: Timestamp) -> Letter {
        let mut told: Vec<Told> = Vec::new();
        let mut places: BTreeMap<(&str, &str), usize> = BTreeMap::new();
        // The first of a check is the one to tell: they are in the order of their weight.
        for item in &message.0 {
            let place = *places.entry((&item.incident.site, &item.incident.check)).or_insert(told.len());
            match told.get_mut(place) {
                Some(known) => known.times += 1,
                None => told.push(self.told(item, now)),
            }
        }
        let subject = subject(&told);
        let event = if message.0.len() > 1 { "digest" } else { told.first().map_or("digest", |told| told.event) };
        let others = told.len().saturating_sub(TOLD_MAX);
        told.truncate(TOLD_MAX);
        let text = self.text(&told, others);
        Letter { id: id(message), event, subject, text, incidents: told, others, status_page: self.status_page.clone(), at: now }
    }

    /// A message that says nothing but that it came.
    pub(super) fn test(&self, now: Timestamp) -> Letter {
        let text = format!("This is a test of healthd at {}. Messages of this channel arrive.\n{}", self.moment(now), self.link());
        let (subject, id) = ("[test] healthd: this message arrived".to_owned(), hashed(&format!("test {now}")));
        Letter { id, event: "test", subject, text, incidents: Vec::new(), others: 0, status_page: self.status_page.clone(), at: now }
    }

    fn told(&self, item: &Item, now: Timestamp) -> Told {
        let incident = &item.incident;
        let entry = explain::meant(&incident.check);
        let site = if incident.site.is_empty() { &self.own } else { &incident.site };
        let lasted = Value::Seconds(incident.ended_at.unwrap_or(now).duration_since(incident.started_at).as_secs_f64().max(0.0).round());
        let from = self.moment(incident.started_at);
        let (worst, unseen) = (incident.worst, if incident.unseen_end { ", seen late: healthd did not run" } else { "" });
        let state = match incident.ended_at {
            None => format!("{worst} since {from} ({lasted})"),
            Some(end) => format!("over: {worst} from {from} to {} ({lasted}{unseen})", self.moment(end)),
        };
        Told {
            event: event(item.kind),
            incident: incident.id,
            site: line(site, SAYS_MAX_CHARS),
            check: incident.check.clone(),
            title: line(&incident.title, SAYS_MAX_CHARS),
            critical: incident.critical,
            worst,
            says: line(&incident.says, SAYS_MAX_CHARS),
            also_down: incident.also_down.clone(),
            started_at: incident.started_at,
            ended_at: incident.ended_at,
            times: 1,
            to_do: entry.filter(|_| incident.is_open()).and_then(|entry| entry.fix.lines().next()),
            explain: entry.map(|_| format!("healthd explain {}", incident.check)),
            state,
        }
    }

    fn text(&self, told: &[Told], others: usize) -> String {
        let mut text = told.iter().map(Told::text).collect::<Vec<_>>().join("\n");
        if others > 0 {
            // Writing to a string does not fail.
            let _ = writeln!(text, "\nand {others} others");
        }
        text.push_str(&self.link());
        text
    }

    fn link(&self) -> String {
        self.status_page.as_ref().map_or_else(String::new, |url| format!("\nStatus page: {url}\n"))
    }

    fn moment(&self, at: Timestamp) -> String {
        at.to_zoned_datetime(self.zone.clone()).strftime("%Y-%m-%d %H:%M:%S %Z").to_string()
    }
}

impl Told {
    /// Names and what they are, for text and for tables.
    pub(super) fn rows(&self) -> Vec<(&'static str, String)> {
        let mut rows = vec![("State", self.state.clone()), ("Check", format!("{}: {}", self.check, self.title))];
        if self.times > 1 {
            rows.push(("Times", format!("{}, of which this is one", self.times)));
        }
        if !self.also_down.is_empty() {
            let more = self.also_down.len().saturating_sub(DOWN_MAX);
            let names = self.also_down.iter().take(DOWN_MAX).map(String::as_str).collect::<Vec<_>>().join(", ");
            rows.push(("Takes down", if more > 0 { format!("{names} and {more} others") } else { names }));
        }
        if let Some(to_do) = self.to_do {
            rows.push(("To do", to_do.to_owned()));
        }
        if let Some(explain) = &self.explain {
            rows.push(("More", explain.clone()));
        }
        rows
    }

    fn text(&self) -> String {
        let head = format!("{}: {}\n\n", self.site, self.says);
        self.rows().into_iter().fold(head, |text, (name, value)| format!("{text}{:11} {value}\n", format!("{name}:")))
    }
}

fn subject(told: &[Told]) -> String {
    let text = match told {
        [one] if one.times == 1 => format!("[{}] {}: {}", tag(one), one.site, one.says),
        [] => "[digest] nothing".to_owned(),
        [first, ..] => {
            let (wrong, over) =
                (told.iter().filter(|told| told.ended_at.is_none()).count(), told.iter().filter(|told| told.ended_at.is_some()).count());
            let count = match (wrong, over) {
                (wrong, 0) => format!("{wrong} wrong"),
                (0, over) => format!("{over} over"),
                (wrong, over) => format!("{wrong} wrong, {over} over"),
            };
            let others = if told.len() > 1 { format!(" and {} others", told.len() - 1) } else { format!(", {} times", first.times) };
            format!("[{}] {count}: {}: {}{others}", tag(first), first.site, first.check)
        }
    };
    line(&text, SUBJECT_MAX_CHARS)
}

/// The first word of a subject.
fn tag(told: &Told) -> String {
    match told.event {
        "resolved" | "over" => told.event.to_owned(),
        "reminder" => format!("still {}", told.worst),
        _ => told.worst.to_string(),
    }
}

fn event(kind: Kind) -> &'static str {
    match kind {
        Kind::Open(_) => "open",
        Kind::Worse(_) => "worse",
        Kind::Reminder(_) => "reminder",
        Kind::Resolved => "resolved",
        Kind::Over => "over",
    }
}

/// One line without control characters, which neither a header nor a terminal should get.
fn line(text: &str, max_chars: usize) -> String {
    let mut line: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(max_chars).collect();
    if text.chars().nth(max_chars).is_some() {
        line.push('…');
    }
    line
}

/// Of what it says and not of its number alone: a history that was begun anew counts from 1 again.
fn id(message: &Message) -> String {
    let parts = message.0.iter().map(|Item { incident, kind, .. }| {
        format!("{} {:?} {:?} {} {kind}\n", incident.id, incident.site, incident.check, incident.started_at.as_millisecond())
    });
    hashed(&parts.collect::<String>())
}

fn hashed(text: &str) -> String {
    hex::encode(&Sha256::digest(text)[..16])
}
