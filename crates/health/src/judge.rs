//! From what one check answered, and when, to how it is seen. Pure: no clock, no thread.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;

use crate::check::{CheckError, CheckInfo, Hang};
use crate::clock::Moment;
use crate::gate::Gates;
use crate::reading::{Facts, Finding, Observed, seconds};
use crate::report::Reason;
use crate::status::{Level, Status};
use crate::threshold::{Direction, Threshold};

/// What happened to a check.
#[derive(Debug, Clone, PartialEq)]
pub enum Event {
    /// It began to run.
    Started,
    /// It came back.
    Answered {
        /// What it saw.
        result: Result<Facts, CheckError>,
        /// How long it ran.
        took: Duration,
    },
    /// Time went by.
    Tick,
}

/// All that is remembered about one check.
#[derive(Debug, Clone, PartialEq)]
pub struct CheckState {
    /// One for each threshold, in their order.
    limits: Vec<Gates>,
    /// For errors and findings.
    own: Gates,
    /// The last errors or findings that were bad.
    troubles: Vec<Finding>,
    answer: Option<Answer>,
    facts: Arc<Facts>,
    /// When `facts` were seen.
    facts_at: Option<Duration>,
    running_since: Option<Duration>,
    verdict: Verdict,
    since: Timestamp,
}

#[derive(Debug, Clone, PartialEq)]
struct Answer {
    /// When the run began that it came from.
    began: Duration,
    at: Moment,
    took: Duration,
    undetermined: Option<String>,
}

/// How a check is seen, and why.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Verdict {
    pub(crate) seen: Status,
    pub(crate) says: Arc<str>,
    pub(crate) reasons: Vec<Reason>,
}

impl CheckState {
    /// A check that has not run yet: unknown.
    pub fn new(info: &CheckInfo, now: Moment) -> Self {
        Self {
            limits: vec![Gates::default(); info.thresholds.len()],
            own: Gates::default(),
            troubles: Vec::new(),
            answer: None,
            facts: Arc::default(),
            facts_at: None,
            running_since: None,
            verdict: unknown("has not run yet".to_owned()),
            since: now.wall,
        }
    }

    /// What it is after `event`. Has to be told of [`Event::Tick`] now and then: an answer gets old, a run too long.
    #[must_use]
    pub fn step(mut self, info: &CheckInfo, event: Event, now: Moment) -> Self {
        match event {
            Event::Started => self.running_since = Some(now.steady),
            Event::Answered { result, took } => self.take(info, result, took, now),
            Event::Tick => {}
        }
        let verdict = self.judge(info, now);
        if verdict.seen != self.verdict.seen {
            self.since = now.wall;
        }
        self.verdict = verdict;
        self
    }

    /// How the check is seen: pass, warn, fail or unknown.
    pub fn seen(&self) -> Status {
        self.verdict.seen
    }

    /// Since when it is seen so.
    pub fn since(&self) -> Timestamp {
        self.since
    }

    /// Why, in a sentence for people.
    pub fn says(&self) -> &str {
        &self.verdict.says
    }

    pub(crate) fn verdict(&self) -> &Verdict {
        &self.verdict
    }

    pub(crate) fn facts(&self) -> &Arc<Facts> {
        &self.facts
    }

    /// When the last answer came, and how long the run took.
    pub(crate) fn answered(&self) -> Option<(Moment, Duration)> {
        self.answer.as_ref().map(|answer| (answer.at, answer.took))
    }

    /// When the run began that the last answer came from.
    pub(crate) fn answer_began(&self) -> Option<Duration> {
        self.answer.as_ref().map(|answer| answer.began)
    }

    pub(crate) fn running_since(&self) -> Option<Duration> {
        self.running_since
    }

    /// Whether it answered once, or should have.
    pub(crate) fn is_settled(&self, info: &CheckInfo, now: Moment) -> bool {
        self.answer.is_some() || self.overrun(info, now).is_some()
    }

    fn overrun(&self, info: &CheckInfo, now: Moment) -> Option<Duration> {
        self.running_since.map(|since| now.since(since)).filter(|running| *running > info.timeout)
    }

    fn take(&mut self, info: &CheckInfo, result: Result<Facts, CheckError>, took: Duration, now: Moment) {
        let began = self.running_since.take().unwrap_or_else(|| now.steady.saturating_sub(took));
        let mut undetermined = None;
        match result {
            Ok(facts) => {
                self.find(info, &facts.findings, now);
                for (threshold, gates) in info.thresholds.iter().zip(&mut self.limits) {
                    weigh(threshold, gates, &facts, now.steady);
                }
                self.facts = Arc::new(facts);
                self.facts_at = Some(now.steady);
            }
            Err(CheckError::Failed(says)) => self.find(info, &[Finding { level: Level::Fail, says }], now),
            Err(CheckError::Undetermined(says)) => undetermined = Some(says),
        }
        self.answer = Some(Answer { began, at: now, took, undetermined });
    }

    fn find(&mut self, info: &CheckInfo, findings: &[Finding], now: Moment) {
        let worst = findings.iter().map(|finding| finding.level).max().unwrap_or_default();
        if worst > Level::Pass {
            self.troubles = findings.to_vec();
        }
        self.own.step(worst, info.damping, now.steady);
    }

    fn judge(&self, info: &CheckInfo, now: Moment) -> Verdict {
        if let Some(running) = self.overrun(info, now) {
            let verdict = unknown(format!("has not answered for {}", seconds(running.as_secs_f64())));
            return match info.hang {
                Hang::Unknown => verdict,
                Hang::Fails => Verdict {
                    seen: Status::Fail,
                    reasons: verdict.reasons.into_iter().map(|reason| Reason { status: Status::Fail, ..reason }).collect(),
                    ..verdict
                },
            };
        }
        let Some(answer) = &self.answer else {
            return unknown("has not run yet".to_owned());
        };
        let is_old = |at: Duration| now.since(at) > info.validity();
        if is_old(answer.at.steady) {
            let age = seconds(now.since(answer.at.steady).as_secs_f64());
            return unknown(format!("answered {age} ago, an answer counts for {}", seconds(info.validity().as_secs_f64())));
        }
        if let Some(says) = &answer.undetermined {
            return unknown(format!("could not find out: {says}"));
        }
        let own = self.own.level();
        let mut reasons = Vec::new();
        if own > Level::Pass {
            // The worst of what it said last stands for what is believed, which may be milder still, or worse still.
            let worst = self.troubles.iter().map(|trouble| trouble.level).max();
            let bad = self.troubles.iter().filter(|trouble| trouble.level > Level::Pass);
            reasons.extend(bad.map(|trouble| Reason {
                status: if Some(trouble.level) == worst { own } else { trouble.level.min(own) }.into(),
                measurement: None,
                says: trouble.says.as_str().into(),
            }));
        }
        let facts_are_old = self.facts_at.is_none_or(is_old);
        if !facts_are_old {
            let limits = info.thresholds.iter().zip(&self.limits);
            reasons.extend(limits.filter_map(|(threshold, gates)| reason(threshold, gates, &self.facts)));
        }
        reasons.sort_by_key(|reason| std::cmp::Reverse(reason.status.severity()));
        let limits = reasons.iter().map(|reason| reason.status);
        let seen = limits.chain([own.into()]).max_by_key(|status| status.severity()).unwrap_or(Status::Pass);
        if facts_are_old && own != Level::Fail {
            // It keeps failing, which is not believed yet, and what it saw before is too old to be believed still.
            return unknown("has not seen anything for too long".to_owned());
        }
        let says = match reasons.first() {
            Some(worst) => worst.says.clone(),
            None => summary(&self.facts).into(),
        };
        Verdict { seen, says, reasons }
    }
}

fn unknown(says: String) -> Verdict {
    let says: Arc<str> = says.into();
    let reasons = vec![Reason { status: Status::Unknown, measurement: None, says: says.clone() }];
    Verdict { seen: Status::Unknown, says, reasons }
}

/// Lets the gates of `threshold` see the reading. A value that is not there changes nobody's mind, unless it need not be there.
fn weigh(threshold: &Threshold, gates: &mut Gates, facts: &Facts, now: Duration) {
    let reading = facts.reading(threshold.measurement());
    let damping = threshold.damping();
    let absent = reading.is_none() && threshold.is_optional();
    for (level, gate) in [(Level::Warn, &mut gates.warn), (Level::Fail, &mut gates.fail)] {
        let Some(limit) = threshold.limit(level) else { continue };
        if absent {
            gate.step(false, damping, now);
        } else if let Some(number) = reading.and_then(crate::Reading::number) {
            gate.step(threshold.is_bad(limit, gate.is_bad(), number), damping, now);
        }
    }
}

/// Why `threshold` does not pass, if it does not.
fn reason(threshold: &Threshold, gates: &Gates, facts: &Facts) -> Option<Reason> {
    let name = threshold.measurement().replace('_', " ");
    let because = |status, says: String| Some(Reason { status, measurement: Some(threshold.measurement().into()), says: says.into() });
    let reading = match facts.reading(threshold.measurement()) {
        None if threshold.is_optional() => None,
        None => return because(Status::Unknown, format!("{name} was not measured")),
        Some(reading) => Some(reading),
    };
    if let Some(Observed::Error { error }) = reading.map(|reading| &reading.value) {
        return because(Status::Unknown, format!("{name} is not known: {error}"));
    }
    let number = reading.and_then(crate::Reading::number);
    if reading.is_some() && number.is_none() {
        return because(Status::Unknown, format!("{name} is not a number"));
    }
    let level = gates.level();
    let limit = threshold.limit(level)?;
    let status = level.into();
    let (Some(value), Some(number)) = (reading.and_then(crate::Reading::value), number) else {
        return because(status, format!("{name} was bad, and is not yet good for long enough"));
    };
    let word = Status::from(level);
    let (bad_side, good_side) = match threshold.direction() {
        Direction::Above => ("at or above", "below"),
        Direction::Below => ("at or below", "above"),
    };
    if matches!(value, crate::Value::Bool(_)) {
        return because(status, format!("{name}: {value}"));
    }
    if threshold.is_bad(limit, false, number) {
        return because(status, format!("{name} is {value}, {word} {bad_side} {}", value.like(limit.enter)));
    }
    because(status, format!("{name} is {value}, {word} until it stays {good_side} {}", value.like(limit.leave)))
}

/// What a check that passes says: its own sentence, or its first readings.
fn summary(facts: &Facts) -> String {
    if let Some(says) = &facts.says {
        return says.clone();
    }
    let readings = facts.readings.iter().filter_map(|reading| Some((reading, reading.value()?)));
    let said: Vec<_> = readings.take(3).map(|(reading, value)| format!("{} {value}", reading.measurement.replace('_', " "))).collect();
    if said.is_empty() { "answers".to_owned() } else { said.join(", ") }
}
