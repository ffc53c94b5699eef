//! Shown to visitors, and hidden from them.

use magnetiq_storage::{
    Tx,
    rusqlite::{OptionalExtension, params},
};

use super::{
    Edit, Page, Status, drafts, redirects,
    revisions::Change,
    rows::{self, begin_revision},
};
use crate::{error::Error, id::PageId, outbox::social::announcement};

/// Shows a page to visitors as its editors see it, its draft with it. What is shown like that already stays as it is.
pub(crate) fn publish(tx: &Tx, id: PageId, seen: Option<i64>, change: Change) -> Result<Page, Error> {
    rows::require_revision(tx, id, seen)?;
    let before = rows::get(tx, id)?;
    if before.row.status == Status::Published && !before.row.has_draft {
        return Ok(before);
    }
    begin_revision(tx, id, change)?;
    drafts::adopt(tx, id, change.now)?;
    // The page has its address from now on; what led elsewhere from there leads nowhere any more.
    redirects::free(tx, &before.row.slug)?;
    tx.prepare_cached(
        "UPDATE page SET status = 'published', live_at = ?2, live_revision = revision, published_at = coalesce(published_at, ?2), publish_at = NULL
         WHERE id = ?1",
    )?
    .execute(params![id, change.now])?;
    announcement::published(tx, id, &before.row.slug, change.now)?;
    rows::get(tx, id)
}

/// Hides a page from visitors. Its draft is what it then is; nothing that was planned for it happens any more.
pub(crate) fn unpublish(tx: &Tx, id: PageId, seen: Option<i64>, change: Change) -> Result<Page, Error> {
    rows::require_revision(tx, id, seen)?;
    let before = rows::get(tx, id)?;
    if before.row.status == Status::Draft {
        return Ok(before);
    }
    begin_revision(tx, id, change)?;
    drafts::adopt(tx, id, change.now)?;
    tx.prepare_cached(
        "UPDATE page SET status = 'draft', live_at = NULL, live_revision = NULL, publish_at = NULL, unpublish_at = NULL WHERE id = ?",
    )?
    .execute([id])?;
    rows::get(tx, id)
}

/// Does what `status` says.
pub(crate) fn set_status(tx: &Tx, id: PageId, seen: Option<i64>, status: Status, change: Change) -> Result<Page, Error> {
    match status {
        Status::Published => publish(tx, id, seen, change),
        Status::Draft => unpublish(tx, id, seen, change),
    }
}

/// Changes a page and, where it is published, what visitors read of it, without a draft in between: for an import, whose files say what visitors
/// are to read. The page has no draft.
pub(crate) fn replace(tx: &Tx, id: PageId, edit: &Edit, change: Change) -> Result<(), Error> {
    begin_revision(tx, id, change)?;
    rows::overwrite(tx, id, edit, change.now)?;
    let sql = "UPDATE page SET live_at = ?2, live_revision = revision WHERE id = ?1 AND status = 'published' RETURNING slug";
    let shown: Option<String> = tx.prepare_cached(sql)?.query_row(params![id, change.now], |row| row.get(0)).optional()?;
    shown.map_or(Ok(()), |slug| redirects::free(tx, &slug))
}
