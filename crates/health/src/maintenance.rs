//! Times in which something is worked on: it does not alert, and does not count.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::error::Error;
use crate::id::{CheckId, NodeId};

/// What is worked on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Scope {
    /// One check.
    Check(CheckId),
    /// A node and all below it; the root for everything.
    Node(NodeId),
}

impl Scope {
    /// Everything.
    pub fn all() -> Self {
        Self::Node(NodeId::root())
    }

    pub(crate) fn name(&self) -> &str {
        match self {
            Self::Check(id) => id.as_str(),
            Self::Node(id) => id.as_str(),
        }
    }

    pub(crate) fn covers(&self, check: &CheckId, node: &NodeId) -> bool {
        match self {
            Self::Check(id) => id == check,
            Self::Node(outer) => outer.holds(node),
        }
    }
}

/// A maintenance window. It always ends by itself, so that nobody forgets to end it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Maintenance {
    /// What is worked on.
    pub scope: Scope,
    /// From when on.
    pub from: Timestamp,
    /// Until when, at the latest; not included.
    pub until: Timestamp,
    /// Why, for people.
    pub reason: String,
}

impl Maintenance {
    pub(crate) fn is_in_order(&self) -> Result<(), Error> {
        if self.from < self.until { Ok(()) } else { Err(Error::WindowOrder { name: self.scope.name().to_owned() }) }
    }

    /// Whether it is running at `now`.
    pub fn is_active(&self, now: Timestamp) -> bool {
        self.from <= now && now < self.until
    }
}
