//! How everything is at one moment: plain data, made by the judge, read by people and renderers.

use std::sync::Arc;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::feature::Availability;
use crate::id::{CheckId, FeatureId, NodeId};
use crate::reading::{Facts, Reading};
use crate::status::{Level, Status};
use crate::threshold::{Direction, Threshold};

/// How everything is at one moment.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Report {
    /// When it was judged.
    pub at: Timestamp,
    /// The whole: that of the root of the tree.
    pub status: Status,
    /// Whether every check has answered, failed to answer in time, or is maintained: nothing is unknown only because the start was just now.
    pub settled: bool,
    /// The tree; its leaves name [`checks`](Self::checks).
    pub tree: NodeReport,
    /// Every check, in the order in which they were given.
    pub checks: Vec<CheckReport>,
    /// Every feature, in the order in which they were given.
    pub features: Vec<FeatureReport>,
}

/// How a node of the tree is: the worst of what hangs from it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct NodeReport {
    /// Its path; empty for the root.
    pub id: NodeId,
    /// A few words for people.
    pub title: Arc<str>,
    /// The worst of what hangs from it; what is not critical counts as a warning at most.
    pub status: Status,
    /// Whether its failure is one of the node above.
    pub critical: bool,
    /// The nodes below it.
    pub nodes: Vec<NodeReport>,
    /// The checks that hang from it.
    pub checks: Vec<CheckId>,
}

/// How a check is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct CheckReport {
    /// Its name.
    pub id: CheckId,
    /// The node it hangs from.
    pub node: NodeId,
    /// A few words for people.
    pub title: Arc<str>,
    /// What it looks at: `datastore`, `system`, `component`.
    pub component: Arc<str>,
    /// Whether its failure is one of its node.
    pub critical: bool,
    /// How it is, causes and maintenance considered.
    pub status: Status,
    /// How it was seen: pass, warn, fail or unknown.
    pub seen: Status,
    /// Since when it is seen so.
    pub since: Timestamp,
    /// A sentence for people, without a full stop.
    pub says: Arc<str>,
    /// Why it is not pass: one reason for each limit, finding or error, worst first.
    pub reasons: Vec<Reason>,
    /// The failing checks that explain it, roots only. Given where it is seen as anything but pass.
    pub because_of: Vec<CheckId>,
    /// When the last answer came; `None` before the first one.
    pub answered_at: Option<Timestamp>,
    /// How old the last answer is, in seconds.
    pub age_seconds: Option<f64>,
    /// How long the last run took, in seconds.
    pub took_seconds: Option<f64>,
    /// How long the present run has been going on, in seconds; `None` while none is.
    pub running_seconds: Option<f64>,
    /// What the last run that saw something saw. Old where the status is unknown.
    pub facts: Arc<Facts>,
    /// The end of the maintenance that covers it.
    pub maintenance_until: Option<Timestamp>,
    /// Features that require it or degrade with it.
    pub affects: Vec<FeatureId>,
    /// The limits of what it measures.
    pub limits: Arc<Vec<LimitReport>>,
}

/// The limits of one measurement, in its unit.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct LimitReport {
    /// What is measured.
    pub measurement: String,
    /// Whether large values are the bad ones.
    pub above: bool,
    /// A warning from here on.
    pub warn: Option<f64>,
    /// A failure from here on.
    pub fail: Option<f64>,
}

impl LimitReport {
    pub(crate) fn of(threshold: &Threshold) -> Self {
        let enter = |level| threshold.limit(level).map(|limit| limit.enter);
        let above = threshold.direction() == Direction::Above;
        Self { measurement: threshold.measurement().to_owned(), above, warn: enter(Level::Warn), fail: enter(Level::Fail) }
    }
}

/// Why a check is not pass.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Reason {
    /// How bad it is; unknown where a limited value could not be measured.
    pub status: Status,
    /// The measurement whose limit it is; `None` for errors and findings.
    pub measurement: Option<Arc<str>>,
    /// A sentence for people, without a full stop.
    pub says: Arc<str>,
}

/// How much of a feature there is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct FeatureReport {
    /// Its name.
    pub id: FeatureId,
    /// A few words for people.
    pub title: Arc<str>,
    /// How much there is of it.
    #[serde(flatten)]
    pub availability: Availability,
}

impl Report {
    /// The check of this name.
    pub fn check(&self, id: &str) -> Option<&CheckReport> {
        self.checks.iter().find(|check| check.id == *id)
    }

    /// The node of this path.
    pub fn node(&self, id: &str) -> Option<&NodeReport> {
        self.tree.find(id)
    }

    /// The feature of this name.
    pub fn feature(&self, id: &str) -> Option<&FeatureReport> {
        self.features.iter().find(|feature| feature.id == *id)
    }

    /// The checks to alert about: not pass, and neither explained by another one nor maintained. Worst first.
    pub fn roots(&self) -> Vec<&CheckReport> {
        let mut roots: Vec<_> = self.checks.iter().filter(|check| check.is_root()).collect();
        roots.sort_by_key(|check| std::cmp::Reverse(check.status.severity()));
        roots
    }

    /// The checks that hang from `node` and the nodes below it.
    pub fn checks_below<'a>(&'a self, node: &'a NodeId) -> impl Iterator<Item = &'a CheckReport> {
        self.checks.iter().filter(move |check| node.holds(&check.node))
    }

    /// The same moment, with only what hangs from `node`; `None` if there is no such node. Features are left out where nothing of them is
    /// below it.
    pub fn below(&self, node: &str) -> Option<Self> {
        let tree = self.node(node)?.clone();
        let checks: Vec<_> = self.checks_below(&tree.id).cloned().collect();
        let features =
            self.features.iter().filter(|feature| checks.iter().any(|check| check.affects.contains(&feature.id))).cloned().collect();
        Some(Self { at: self.at, status: tree.status, settled: self.settled, tree, checks, features })
    }
}

impl NodeReport {
    fn find(&self, id: &str) -> Option<&Self> {
        if self.id == *id { Some(self) } else { self.nodes.iter().find_map(|node| node.find(id)) }
    }
}

impl CheckReport {
    /// Whether it is to be alerted about: not pass, and neither explained by another one nor maintained.
    pub fn is_root(&self) -> bool {
        matches!(self.status, Status::Warn | Status::Fail | Status::Unknown)
    }

    /// How the reading is judged: as its worst limit says, or unknown where there is nothing to judge.
    pub fn reading_status(&self, reading: &Reading) -> Status {
        let limits = self.reasons.iter().filter(|reason| reason.measurement.as_deref() == Some(&reading.measurement));
        let worst = limits.map(|reason| reason.status).max_by_key(|status| status.severity());
        match worst {
            Some(status) => status,
            None if reading.value().is_none() || self.seen == Status::Unknown => Status::Unknown,
            None => Level::Pass.into(),
        }
    }
}
