//! Working copies: what an editor saves by itself while somebody writes.
//!
//! Such saves come every few seconds, and as revisions they would push out what people saved by hand. So the next save of the same person takes
//! the place of a working copy, for ten minutes from its beginning: of an afternoon of writing one state of each ten minutes is kept.

use std::time::Duration;

use magnetiq_storage::{
    Tx,
    rusqlite::{Connection, OptionalExtension, params},
};

use super::revisions::{Change, Reason};
use crate::{clock::Time, error::Error, id::PageId};

/// For so long one is written over.
const LONGEST: Duration = Duration::from_secs(10 * 60);

/// Who wanted a save.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Saved {
    /// A person: the state is one of its own.
    ByHand,
    /// The editor: the state is a working copy.
    ByItself,
}

/// Since when the page is a working copy in whose place this change comes; `None`: its present state is to be kept.
pub(crate) fn begun(conn: &Connection, id: PageId, Change { author, reason, now }: Change) -> Result<Option<Time>, Error> {
    let since: Option<Option<Time>> = conn
        .prepare_cached("SELECT autosaved_since FROM page WHERE id = ? AND revised_by IS ?")?
        .query_row(params![id, author], |row| row.get(0))
        .optional()?;
    Ok(since.flatten().filter(|since| reason == Reason::Edited && now.since(*since) < LONGEST))
}

/// Notes since when the present state is a working copy; `None`: it is none.
pub(super) fn note(tx: &Tx, id: PageId, since: Option<Time>) -> Result<(), Error> {
    tx.prepare_cached("UPDATE page SET autosaved_since = ?2 WHERE id = ?1")?.execute(params![id, since])?;
    Ok(())
}
