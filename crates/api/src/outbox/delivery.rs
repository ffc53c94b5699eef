//! What is handed over, whichever way it leaves, and what became of it.

use std::time::Duration;

use super::retry::Failure;
use crate::{clock::Time, id::OutboxId};

/// Something that waits, taken to be handed over.
#[derive(Clone, Debug)]
pub(crate) struct Item {
    pub(crate) id: OutboxId,
    /// The address that it goes to.
    pub(crate) target: String,
    /// The name of the template and its fields, as they are in the row.
    pub(crate) template: String,
    pub(crate) payload: String,
    pub(crate) created_at: Time,
    /// When it was to leave, at the earliest: a post may be planned long before.
    pub(crate) due_at: Time,
    /// Attempts that were begun, this one among them.
    pub(crate) attempts: u32,
}

/// It was taken.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Delivered {
    /// Where it is to be seen, as the other side says.
    pub(crate) receipt: Option<String>,
}

/// It was not taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Refusal {
    pub(crate) failure: Failure,
    pub(crate) reason: String,
    /// How long the other side wants to hear nothing at all.
    pub(crate) pause: Option<Duration>,
}
