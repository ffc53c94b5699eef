//! What a check is: something that looks at one thing, and what is to be known about it beforehand.

use std::borrow::Cow;
use std::fmt;
use std::time::Duration;

use crate::deadline::Deadline;
use crate::id::{CheckId, NodeId};
use crate::reading::Facts;
use crate::threshold::Threshold;

/// Looks at one thing and says what it saw. It judges nothing: thresholds do.
///
/// It runs on a thread of its own, never twice at a time, and may block; it should answer before the deadline. One that does not is
/// reported as [unknown or failed](Hang) while it hangs, and delays no other.
pub trait Check: Send {
    /// Looks, and returns what it saw before `deadline`.
    ///
    /// # Errors
    ///
    /// [`CheckError::Failed`] if what it looks at does not work, [`CheckError::Undetermined`] if it could not find out.
    fn run(&mut self, deadline: Deadline) -> Result<Facts, CheckError>;
}

impl<F: FnMut(Deadline) -> Result<Facts, CheckError> + Send> Check for F {
    fn run(&mut self, deadline: Deadline) -> Result<Facts, CheckError> {
        self(deadline)
    }
}

/// Why a check has no facts. The text is a sentence without a full stop that says what and where.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CheckError {
    /// What it looks at does not work: "smtp.example.org:587 refused the connection". Counts as fail.
    #[error("{0}")]
    Failed(String),
    /// It could not find out: "/proc/meminfo cannot be read". Counts as unknown.
    #[error("{0}")]
    Undetermined(String),
}

impl CheckError {
    /// What it looks at does not work.
    pub fn failed(sentence: impl fmt::Display) -> Self {
        Self::Failed(sentence.to_string())
    }

    /// It could not find out.
    pub fn undetermined(sentence: impl fmt::Display) -> Self {
        Self::Undetermined(sentence.to_string())
    }
}

/// What it means if a check does not answer in time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Hang {
    /// Nobody knows.
    #[default]
    Unknown,
    /// What it looks at hangs, too: a database that does not answer is broken.
    Fails,
}

/// How many answers in a row it takes to change a mind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Damping {
    /// Good answers in a row until it is over. At least 1.
    pub rise: u32,
    /// Bad answers in a row until it is believed. At least 1.
    pub fall: u32,
    /// How long answers have to be bad in a row until it is believed, however many they are.
    pub lasting: Duration,
}

impl Default for Damping {
    /// Believes at once.
    fn default() -> Self {
        Self { rise: 1, fall: 1, lasting: Duration::ZERO }
    }
}

/// The runbook of a check, in plain text; commands on lines of their own that begin with four spaces.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Explain {
    /// What it means when this is not as it should be.
    pub means: Cow<'static, str>,
    /// What to look at.
    pub look_at: Cow<'static, str>,
    /// How to fix it.
    pub fix: Cow<'static, str>,
}

/// All about a check that does not change while it runs.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct CheckInfo {
    /// Its name: kebab case, unique.
    pub id: CheckId,
    /// The node it hangs from: a path like `storage/disk`, or the empty text for the root.
    pub node: NodeId,
    /// A few words for people.
    pub title: Cow<'static, str>,
    /// Whether its failure is a failure of the node it hangs from; else it can only warn.
    pub critical: bool,
    /// How often it runs. A tenth of it is random, so that checks do not come together.
    pub interval: Duration,
    /// How long a run may take.
    pub timeout: Duration,
    /// How long an answer counts; afterwards the check is unknown. Three intervals and a timeout by default.
    pub valid_for: Option<Duration>,
    /// What it means if it does not answer in time.
    pub hang: Hang,
    /// For errors and findings; thresholds have their own.
    pub damping: Damping,
    /// Limits of what it measures.
    pub thresholds: Vec<Threshold>,
    /// The checks whose failure explains a failure of this one.
    pub depends_on: Vec<CheckId>,
    /// What it looks at, in the words of the health+json draft: `datastore`, `system`, `component`.
    pub component: Cow<'static, str>,
    /// The runbook.
    pub explain: Explain,
}

impl CheckInfo {
    /// A check that is not critical, runs every 30 seconds, may take 5, and has no thresholds.
    pub fn new(id: impl Into<CheckId>, node: impl Into<NodeId>, title: impl Into<Cow<'static, str>>) -> Self {
        Self {
            id: id.into(),
            node: node.into(),
            title: title.into(),
            critical: false,
            interval: Duration::from_secs(30),
            timeout: Duration::from_secs(5),
            valid_for: None,
            hang: Hang::Unknown,
            damping: Damping::default(),
            thresholds: Vec::new(),
            depends_on: Vec::new(),
            component: Cow::Borrowed("component"),
            explain: Explain::default(),
        }
    }

    /// Its failure is a failure of its node.
    #[must_use]
    pub fn critical(self) -> Self {
        Self { critical: true, ..self }
    }

    /// Runs this often.
    #[must_use]
    pub fn every(self, interval: Duration) -> Self {
        Self { interval, ..self }
    }

    /// May take this long.
    #[must_use]
    pub fn timeout(self, timeout: Duration) -> Self {
        Self { timeout, ..self }
    }

    /// Its answer counts this long.
    #[must_use]
    pub fn valid_for(self, valid_for: Duration) -> Self {
        Self { valid_for: Some(valid_for), ..self }
    }

    /// Not answering in time is a failure.
    #[must_use]
    pub fn hang_fails(self) -> Self {
        Self { hang: Hang::Fails, ..self }
    }

    /// Errors and findings are believed so.
    #[must_use]
    pub fn damping(self, damping: Damping) -> Self {
        Self { damping, ..self }
    }

    /// With one more limit.
    #[must_use]
    pub fn threshold(mut self, threshold: Threshold) -> Self {
        self.thresholds.push(threshold);
        self
    }

    /// Its failure is explained by a failure of `check`.
    #[must_use]
    pub fn depends_on(mut self, check: impl Into<CheckId>) -> Self {
        self.depends_on.push(check.into());
        self
    }

    /// What it looks at: `datastore`, `system`, `component`.
    #[must_use]
    pub fn component(self, component: impl Into<Cow<'static, str>>) -> Self {
        Self { component: component.into(), ..self }
    }

    /// With its runbook.
    #[must_use]
    pub fn explain(self, explain: Explain) -> Self {
        Self { explain, ..self }
    }

    /// How long an answer counts.
    pub fn validity(&self) -> Duration {
        self.valid_for.unwrap_or_else(|| self.interval.saturating_mul(3).saturating_add(self.timeout))
    }
}
