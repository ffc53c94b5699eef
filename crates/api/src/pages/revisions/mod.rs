//! Revisions: the states that a page has had, who made each of them and by what.
//!
//! The present state is the page's own row, with its draft over it; each change keeps the one before it, in the same transaction.

mod diff;
pub(crate) mod routes;
pub(crate) mod rows;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Seo, Status};
use crate::{clock::Time, id::AccountId};

/// What made a state of a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Reason {
    /// Somebody made the page.
    Created,
    /// An import wrote it.
    Imported,
    /// Somebody changed its fields.
    Edited,
    /// It was shown to visitors.
    Published,
    /// It was hidden from visitors.
    Unpublished,
    /// An earlier state was brought back, or the draft was discarded.
    Restored,
}

impl Reason {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Reason::Created => "created",
            Reason::Imported => "imported",
            Reason::Edited => "edited",
            Reason::Published => "published",
            Reason::Unpublished => "unpublished",
            Reason::Restored => "restored",
        }
    }
}

/// Who changes a page, by what, and when.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Change {
    /// `None` for an import.
    pub(crate) author: Option<AccountId>,
    pub(crate) reason: Reason,
    pub(crate) now: Time,
}

/// A state of a page in a list.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct RevisionRow {
    /// Its number; the page's ETag while it was the present one. Numbers may be missing where older ones were thinned out.
    pub revision: i64,
    /// Heading and name.
    pub title: String,
    /// Whether visitors saw it: a draft over a published page is one that they did not.
    pub status: Status,
    /// What made it.
    pub reason: Reason,
    /// Name of who made it; null for imports, and where it is not known.
    pub author: Option<String>,
    /// When it was made.
    pub saved_at: Time,
}

/// A state of a page with its text.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Revision {
    /// Everything but what was written.
    #[serde(flatten)]
    pub row: RevisionRow,
    /// Its address.
    pub slug: String,
    /// One or two sentences.
    pub summary: String,
    /// In order, in lower case; null where it is not known any more.
    pub tags: Option<Vec<String>>,
    /// What search engines were told; null where it is not known any more.
    pub seo: Option<Seo>,
    /// The text in Markdown.
    pub body: String,
}

/// What changed between two states of a page.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct RevisionDiff {
    /// The earlier state; null when there is none before.
    from: Option<i64>,
    /// The later state.
    to: i64,
    /// Unified diff, line by line: address, title, summary, status, tags, what search engines are told, then the text. Empty when nothing differs.
    text: String,
}
