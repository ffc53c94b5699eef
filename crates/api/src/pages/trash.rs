//! Deleted pages: out of sight, and back for 30 days.
//!
//! A page in the trash gives its address free, as people expect who delete a page to make another one there. It keeps its pictures, so that
//! nothing is missing when it comes back.

use std::time::Duration;

use magnetiq_storage::{
    Tx,
    rusqlite::{Connection, OptionalExtension, named_params, params},
};
use serde::Serialize;
use utoipa::ToSchema;

use super::{Page, drafts, rows, slug};
use crate::{
    clock::Time,
    error::Error,
    http::cursor::{Cursor, List, ListQuery},
    id::PageId,
};

/// How long a page stays in the trash.
pub(crate) const KEPT: Duration = Duration::from_secs(30 * 24 * 3600);

/// A page in the trash.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct TrashedPage {
    pub(crate) id: PageId,
    pub(crate) title: String,
    /// The address that it had.
    pub(crate) slug: String,
    /// When it was deleted.
    pub(crate) deleted_at: Time,
    /// When it goes for good.
    pub(crate) gone_at: Time,
}

/// Puts a page into the trash, as its editors see it. An import that brings its file again makes a new page.
pub(crate) fn put(tx: &Tx, id: PageId, seen: Option<i64>, now: Time) -> Result<(), Error> {
    rows::require_revision(tx, id, seen)?;
    drafts::adopt(tx, id, now)?;
    tx.execute("DELETE FROM page_import WHERE page_number = (SELECT number FROM page WHERE id = ?)", [id])?;
    // No slug that a page can have begins with a dot.
    let sql = "UPDATE page SET deleted_at = ?2, former_slug = slug, slug = '.trash/' || id, status = 'draft', live_at = NULL,
        live_revision = NULL, publish_at = NULL, unpublish_at = NULL, revision = revision + 1 WHERE id = ?1";
    tx.execute(sql, params![id, now])?;
    Ok(())
}

/// What is in the trash, the last deleted first.
pub(crate) fn list(conn: &Connection, query: &ListQuery) -> Result<List<TrashedPage>, Error> {
    let limit = query.limit()?;
    let (time, id) = query.after()?;
    let sql = "SELECT id, title, former_slug, deleted_at FROM page WHERE deleted_at IS NOT NULL AND (deleted_at, id) < (:time, :id)
        ORDER BY deleted_at DESC, id DESC LIMIT :limit";
    let mut statement = conn.prepare_cached(sql)?;
    let rows = statement.query_map(named_params! { ":time": time, ":id": id, ":limit": limit + 1 }, |row| {
        let deleted_at: Time = row.get("deleted_at")?;
        let slug = row.get("former_slug")?;
        Ok(TrashedPage { id: row.get("id")?, title: row.get("title")?, slug, deleted_at, gone_at: deleted_at.plus(KEPT) })
    })?;
    let pages = rows.collect::<Result<Vec<_>, _>>()?;
    Ok(List::cut(pages, limit, |last| Cursor::After(last.deleted_at, last.id.to_string())))
}

/// Brings a page back, as a draft: at `wanted`, or at the address that it had.
///
/// # Errors
///
/// [`Error::Invalid`] when another page has that address now.
pub(crate) fn restore(tx: &Tx, id: PageId, wanted: Option<&str>, now: Time) -> Result<Page, Error> {
    let former = former_slug(tx, id)?;
    let slug = wanted.unwrap_or(&former);
    if let Some(detail) = slug::problem(slug) {
        return Err(Error::invalid("/slug", detail));
    }
    rows::refuse_taken_slug(tx, slug, None)?;
    let sql = "UPDATE page SET deleted_at = NULL, former_slug = NULL, slug = ?2, updated_at = ?3, revision = revision + 1 WHERE id = ?1";
    tx.execute(sql, params![id, slug, now])?;
    rows::get(tx, id)
}

fn former_slug(conn: &Connection, id: PageId) -> Result<String, Error> {
    let sql = "SELECT former_slug FROM page WHERE id = ? AND deleted_at IS NOT NULL";
    conn.prepare_cached(sql)?.query_row([id], |row| row.get(0)).optional()?.ok_or(Error::NotFound { what: "page" })
}

/// Deletes a page for good that is in the trash; gives its title.
pub(crate) fn purge(tx: &Tx, id: PageId) -> Result<String, Error> {
    let sql = "DELETE FROM page WHERE id = ? AND deleted_at IS NOT NULL RETURNING title";
    tx.prepare_cached(sql)?.query_row([id], |row| row.get(0)).optional()?.ok_or(Error::NotFound { what: "page" })
}

/// Some of those whose time in the trash is over.
pub(crate) fn over(conn: &Connection, now: Time, limit: u32) -> Result<Vec<PageId>, Error> {
    let sql = "SELECT id FROM page WHERE deleted_at <= ? ORDER BY deleted_at LIMIT ?";
    let mut statement = conn.prepare_cached(sql)?;
    let rows = statement.query_map(params![now.minus(KEPT), limit], |row| row.get(0))?;
    Ok(rows.collect::<Result<_, _>>()?)
}
