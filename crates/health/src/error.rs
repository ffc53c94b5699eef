//! Everything that can go wrong, one variant for each operation and its subject.

use std::io;
use std::path::PathBuf;

use crate::id::{CheckId, FeatureId, NodeId};

/// A failed operation of this crate. The cause is the source and never part of the text.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The limits of a measurement do not fit together.
    #[error("the threshold of {measurement} makes no sense: {problem}")]
    Threshold { measurement: String, problem: String },
    /// A name is not in kebab case.
    #[error("{kind} {name:?} is not in kebab case: lower-case letters, digits and single hyphens, a letter first")]
    Name { kind: &'static str, name: String },
    /// Two checks have one name.
    #[error("the check {id} is there twice")]
    DuplicateCheck { id: CheckId },
    /// Two features have one name.
    #[error("the feature {id} is there twice")]
    DuplicateFeature { id: FeatureId },
    /// A check can't run that often or that long.
    #[error("the {field} of the check {id} must be longer than zero")]
    Zero { id: CheckId, field: &'static str },
    /// A check depends on one that is not there.
    #[error("the check {id} depends on {unknown}, which is not there{}", nearest(nearest_name.as_ref()))]
    UnknownDependency { id: CheckId, unknown: CheckId, nearest_name: Option<CheckId> },
    /// A feature needs a check that is not there.
    #[error("the feature {id} needs the check {unknown}, which is not there{}", nearest(nearest_name.as_ref()))]
    UnknownRequirement { id: FeatureId, unknown: CheckId, nearest_name: Option<CheckId> },
    /// Checks depend on each other in a circle.
    #[error("checks depend on each other in a circle: {}", path(circle))]
    Circle { circle: Vec<CheckId> },
    /// A node was described that no check hangs from.
    #[error("no check hangs from the node {node}")]
    EmptyNode { node: NodeId },
    /// A maintenance window was asked for something that is not there.
    #[error("there is neither a check nor a node {name:?} to maintain")]
    UnknownScope { name: String },
    /// A maintenance window ends before it begins.
    #[error("the maintenance of {name:?} would end before it begins")]
    WindowOrder { name: String },
    /// The options of a circuit breaker make no sense.
    #[error("the circuit breaker {name} makes no sense: {problem}")]
    Breaker { name: String, problem: &'static str },
    /// A thread could not be started; those that were are told to stop.
    #[error("cannot start the thread {name}")]
    Thread { name: String, source: io::Error },
    /// Checks did not come back in time when the monitor was stopped. Their threads end with the check, or with the process.
    #[error("still running when the monitor was stopped: {}", list(checks))]
    StillRunning { checks: Vec<CheckId> },
    /// An address of a page is none.
    #[error("{url:?} is no address of a page: {problem}")]
    Url { url: String, problem: String },
    /// The start of a program could not be written down.
    #[error("cannot write down the start in {}", path.display())]
    Start { path: PathBuf, source: io::Error },
    /// A report could not be written as JSON.
    #[error("cannot write the report as JSON")]
    Json { source: serde_json::Error },
}

fn nearest(name: Option<&CheckId>) -> String {
    name.map(|name| format!("; did you mean {name}?")).unwrap_or_default()
}

fn path(ids: &[CheckId]) -> String {
    ids.iter().map(CheckId::as_str).collect::<Vec<_>>().join(" -> ")
}

fn list(ids: &[CheckId]) -> String {
    ids.iter().map(CheckId::as_str).collect::<Vec<_>>().join(", ")
}
