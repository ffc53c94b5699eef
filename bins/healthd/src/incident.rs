//! Something that goes wrong, from its beginning to its end: one for each check that nothing else explains.

use jiff::Timestamp;
use magnetiq_health::Status;

/// One incident, as it is in the history.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Incident {
    /// Its number; never used twice.
    pub(crate) id: i64,
    /// The name of the site in the settings; empty for the one that the settings describe.
    pub(crate) site: String,
    /// The check that is its root: `http-api-main`.
    pub(crate) check: String,
    /// What the check looks at, in a few words.
    pub(crate) title: String,
    /// Whether the site fails where this check does.
    pub(crate) critical: bool,
    /// How the check is now: pass once it is over; suppressed where another check explains it by now.
    pub(crate) status: Status,
    /// The worst that it was: warn, unknown or fail.
    pub(crate) worst: Status,
    /// The cause, as it was at its worst: a sentence without a full stop.
    pub(crate) says: String,
    /// The checks that are down because of it, by name.
    pub(crate) also_down: Vec<String>,
    pub(crate) started_at: Timestamp,
    /// `None` while it is open.
    pub(crate) ended_at: Option<Timestamp>,
    /// It ended while healthd was not running, and was seen to be over at `ended_at`.
    pub(crate) unseen_end: bool,
    /// Somebody works on it, says a maintenance window: nobody is to be told.
    pub(crate) in_maintenance: bool,
}

impl Incident {
    pub(crate) fn is_open(&self) -> bool {
        self.ended_at.is_none()
    }
}
