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

use super::{Page, drafts, languages::Languages, rows, translations};
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
    /// Counts its changes; also its ETag.
    pub(crate) revision: i64,
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
    let sql =
        "SELECT id, title, former_slug, deleted_at, revision FROM page WHERE deleted_at IS NOT NULL AND (deleted_at, id) < (:time, :id)
        ORDER BY deleted_at DESC, id DESC LIMIT :limit";
    let mut statement = conn.prepare_cached(sql)?;
    let rows = statement.query_map(named_params! { ":time": time, ":id": id, ":limit": limit + 1 }, |row| {
        let deleted_at: Time = row.get("deleted_at")?;
        let slug = row.get("former_slug")?;
        let gone_at = deleted_at.plus(KEPT);
        Ok(TrashedPage { id: row.get("id")?, title: row.get("title")?, slug, deleted_at, gone_at, revision: row.get("revision")? })
    })?;
    let pages = rows.collect::<Result<Vec<_>, _>>()?;
    Ok(List::cut(pages, limit, |last| Cursor::After(last.deleted_at, last.id.to_string())))
}

/// Brings a page back, as a draft: at `wanted`, or at the address that it had.
///
/// # Errors
///
/// [`Error::Invalid`] when another page has that address now, or it is none for a page of this language, [`Error::PreconditionFailed`] when the
/// page is not at `seen`.
pub(crate) fn restore(
    tx: &Tx,
    id: PageId,
    seen: Option<i64>,
    wanted: Option<&str>,
    languages: &Languages,
    now: Time,
) -> Result<Page, Error> {
    let former = former_slug(tx, id, seen)?;
    let slug = &languages.place(wanted.unwrap_or(&former), &translations::kept(tx, id)?, Some(&former))?;
    rows::refuse_taken_slug(tx, slug, None)?;
    translations::leave_where_taken(tx, id)?;
    let sql = "UPDATE page SET deleted_at = NULL, former_slug = NULL, slug = ?2, updated_at = ?3, revision = revision + 1 WHERE id = ?1";
    tx.execute(sql, params![id, slug, now])?;
    rows::get(tx, id)
}

/// Of a page in the trash that the client saw; `None` takes whatever is there.
fn former_slug(conn: &Connection, id: PageId, seen: Option<i64>) -> Result<String, Error> {
    let sql = "SELECT former_slug, revision FROM page WHERE id = ? AND deleted_at IS NOT NULL";
    let found = conn.prepare_cached(sql)?.query_row([id], |row| Ok((row.get(0)?, row.get(1)?))).optional()?;
    match found.ok_or(Error::NotFound { what: "page" })? {
        (_, current) if seen.is_some_and(|seen| seen != current) => Err(Error::PreconditionFailed { current }),
        (slug, _) => Ok(slug),
    }
}

/// Deletes a page for good that is in the trash; gives its title.
///
/// # Errors
///
/// [`Error::PreconditionFailed`] when it is not at `seen`.
pub(crate) fn purge(tx: &Tx, id: PageId, seen: Option<i64>) -> Result<String, Error> {
    former_slug(tx, id, seen)?;
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
