//! Looking at many things at once, each with a time of its own.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread;
use std::time::{Duration, Instant};

use crate::finding::{Finding, Severity};
use crate::report::{Entry, Report};

/// One thing to look at on a subject: a site, a checkout.
#[derive(Debug)]
pub struct Check<S> {
    /// Its name: kebab case, unique, for `--only` and for the documentation.
    pub name: &'static str,
    /// A few words for people: what is as it should be.
    pub title: &'static str,
    /// How long it may take. What hangs, such as a network file system whose server is gone, is told after this.
    pub limit: Duration,
    /// Looks, and changes nothing.
    pub look: fn(&S) -> Outcome,
}

impl<S> Check<S> {
    /// A check that may take twenty seconds.
    pub const fn new(name: &'static str, title: &'static str, look: fn(&S) -> Outcome) -> Self {
        Self { name, title, limit: Duration::from_secs(20), look }
    }

    /// It may take this long.
    #[must_use]
    pub const fn limit(self, limit: Duration) -> Self {
        Self { limit, ..self }
    }
}

/// What came of a look.
#[derive(Debug)]
pub enum Outcome {
    /// It was looked at.
    Seen(Seen),
    /// There is nothing to look at here, and why.
    Skipped(String),
}

impl Outcome {
    /// There is nothing to look at here.
    pub fn skipped(why: impl Into<String>) -> Self {
        Self::Skipped(why.into())
    }
}

impl From<Seen> for Outcome {
    fn from(seen: Seen) -> Self {
        Self::Seen(seen)
    }
}

/// What was seen.
#[derive(Debug, Default)]
pub struct Seen {
    /// A sentence without a full stop.
    pub says: String,
    /// What is wrong.
    pub findings: Vec<Finding>,
}

impl Seen {
    /// With a sentence, and nothing wrong so far.
    pub fn saying(says: impl Into<String>) -> Self {
        Self { says: says.into(), findings: Vec::new() }
    }

    /// With something that is wrong.
    #[must_use]
    pub fn with(mut self, finding: Finding) -> Self {
        self.findings.push(finding);
        self
    }

    /// With what else is wrong.
    #[must_use]
    pub fn with_all(mut self, findings: impl IntoIterator<Item = Finding>) -> Self {
        self.findings.extend(findings);
        self
    }

    /// How bad the worst of it is.
    pub fn worst(&self) -> Option<Severity> {
        self.findings.iter().map(|finding| finding.severity).max()
    }
}

/// Looks at everything at the same time, and reports in the order of `checks`.
pub fn examine<'c, S: Send + Sync + 'static>(checks: impl IntoIterator<Item = &'c Check<S>>, subject: &Arc<S>) -> Report {
    let begun = Instant::now();
    let asked: Vec<(&Check<S>, Receiver<Outcome>)> = checks.into_iter().map(|check| (check, start(check, subject))).collect();
    let entries = asked.into_iter().map(|(check, answer)| {
        let outcome = answer.recv_timeout(check.limit.saturating_sub(begun.elapsed())).unwrap_or_else(|error| unanswered(check, error));
        Entry { name: check.name, title: check.title, outcome }
    });
    Report { entries: entries.collect(), note: "" }
}

fn start<S: Send + Sync + 'static>(check: &Check<S>, subject: &Arc<S>) -> Receiver<Outcome> {
    let (sender, answer) = channel();
    let (look, subject) = (check.look, Arc::clone(subject));
    // Nobody waits any more for one that took too long.
    let looking = thread::Builder::new().name(check.name.to_owned()).spawn(move || drop(sender.send(look(&subject))));
    // Without a thread the sender is gone, as after a panic.
    drop(looking);
    answer
}

fn unanswered<S>(check: &Check<S>, error: RecvTimeoutError) -> Outcome {
    if error == RecvTimeoutError::Disconnected {
        let seen = "the look itself failed";
        let why = "Nothing is known of what this check is for. It is a fault of the doctor, and not of what it looks at.";
        return Seen::saying(seen).with(Finding::warning(seen, why).advice("Report it with what was said on standard error.")).into();
    }
    let seen = format!("it did not answer within {} s", check.limit.as_secs());
    let why = "What hangs is often a network file system whose server is gone, or a name server that does not answer.";
    Seen::saying(seen.clone()).with(Finding::warning(seen, why).command("mount; cat /etc/resolv.conf")).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_hangs_or_panics_is_told_and_holds_nobody_up() {
        let quick = Check::new("quick", "Quick", |subject: &u32| Seen::saying(format!("saw {subject}")).into());
        let slow = Check::new("slow", "Slow", |_: &u32| {
            thread::sleep(Duration::from_secs(3600));
            Outcome::skipped("never")
        });
        let slow = slow.limit(Duration::from_millis(50));
        let panics = Check::new("panics", "Panics", |_: &u32| panic!("no"));
        let report = examine([&quick, &slow, &panics], &Arc::new(7));
        let worst: Vec<_> = report.entries.iter().map(|entry| (entry.name, entry.worst())).collect();
        assert_eq!(worst, [("quick", None), ("slow", Some(Severity::Warning)), ("panics", Some(Severity::Warning))]);
        let text = report.text();
        assert!(text.contains("slow    it did not answer within 0 s") && text.contains("panics  the look itself failed"), "{text}");
    }
}
