//! What the keeper of the history knows and the pages show.

use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use jiff::Timestamp;
use magnetiq_health::{Clock, Maintenance, Monitor, NodeId, Report, Scope};
use magnetiq_storage::Store;

use crate::history::Past;
use crate::incident::Incident;

/// A site, as pages name it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Site {
    /// As in the settings; empty for the one that they describe.
    pub(crate) name: String,
    /// What people read.
    pub(crate) title: String,
    /// Its place in the tree of checks.
    pub(crate) node: NodeId,
}

/// What is known of the past.
#[derive(Debug, Default)]
pub(crate) struct Board {
    /// Those that are open, and those that ended in the last days; the newest first.
    pub(crate) incidents: Vec<Incident>,
    /// By the name of the site.
    pub(crate) past: Arc<BTreeMap<String, Past>>,
    /// When the history was last written, by the steady clock.
    pub(crate) written: Option<Duration>,
    /// When the report was last written down.
    pub(crate) recorded_at: Option<Timestamp>,
}

/// All that an answer is made of. Nothing of it waits for a disk or a check.
pub(crate) struct Shared {
    pub(crate) monitor: Monitor,
    pub(crate) store: Store,
    pub(crate) sites: Vec<Site>,
    pub(crate) title: String,
    pub(crate) interval: Duration,
    pub(crate) clock: Clock,
    pub(crate) started_at: Timestamp,
    pub(crate) board: RwLock<Arc<Board>>,
}

impl Shared {
    pub(crate) fn board(&self) -> Arc<Board> {
        self.board.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(crate) fn show(&self, board: Board) {
        *self.board.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(board);
    }

    /// Whether what is seen is being written down.
    pub(crate) fn is_ready(&self) -> bool {
        let late = self.interval * 3 + Duration::from_secs(15);
        self.board().written.is_some_and(|written| self.clock.now().since(written) <= late)
    }

    /// What visitors may know of: not whether messages of healthd itself arrive.
    pub(crate) fn of_sites<'a>(&'a self, board: &'a Board) -> impl Iterator<Item = &'a Incident> {
        board.incidents.iter().filter(|incident| self.sites.iter().any(|site| site.name == incident.site))
    }

    /// The site to which a node belongs; where there is only one, it has no name.
    pub(crate) fn site_of(&self, node: &NodeId) -> Option<&Site> {
        self.sites.iter().find(|site| site.node.holds(node))
    }

    /// What a window is about, by the names that people know: a site, or everything.
    pub(crate) fn covered(&self, window: &Maintenance, report: &Report) -> Option<&Site> {
        match &window.scope {
            Scope::Node(node) => self.site_of(node),
            Scope::Check(check) => self.site_of(&report.check(check.as_str())?.node),
        }
    }
}
