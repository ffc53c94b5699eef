//! Revisions in the database.

use magnetiq_storage::{
    Tx,
    rusqlite::{
        Connection, OptionalExtension, Row, named_params,
        types::{FromSql, FromSqlError, FromSqlResult, ValueRef},
    },
};

use super::{Reason, Revision, RevisionRow};
use crate::{
    error::Error,
    http::cursor::{Cursor, List, ListQuery},
    id::PageId,
};

/// So many of the newest former states are kept.
const NEWEST_KEPT: u32 = 50;

impl FromSql for Reason {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        match value.as_str()? {
            "created" => Ok(Reason::Created),
            "imported" => Ok(Reason::Imported),
            "edited" => Ok(Reason::Edited),
            "published" => Ok(Reason::Published),
            "unpublished" => Ok(Reason::Unpublished),
            "restored" => Ok(Reason::Restored),
            _ => Err(FromSqlError::InvalidType),
        }
    }
}

/// All states of the page `:id`, the present one among them.
const STATES: &str = "(
        SELECT revision, updated_at AS saved_at, revised_by AS author_id, reason, status, slug, title, summary, body FROM page WHERE id = :id AND deleted_at IS NULL
        UNION ALL
        SELECT revision, saved_at, author_id, reason, status, slug, title, summary, body FROM page_revision
        WHERE page_number = (SELECT number FROM page WHERE id = :id AND deleted_at IS NULL)
    ) AS state LEFT JOIN account ON account.id = state.author_id";
const ROW: &str = "state.revision, state.title, state.status, state.reason, account.name AS author, state.saved_at";

type SqlResult<T> = magnetiq_storage::rusqlite::Result<T>;

fn row(row: &Row<'_>) -> SqlResult<RevisionRow> {
    Ok(RevisionRow {
        revision: row.get("revision")?,
        title: row.get("title")?,
        status: row.get("status")?,
        reason: row.get("reason")?,
        author: row.get("author")?,
        saved_at: row.get("saved_at")?,
    })
}

fn full(r: &Row<'_>) -> SqlResult<Revision> {
    Ok(Revision { row: row(r)?, slug: r.get("slug")?, summary: r.get("summary")?, body: r.get("body")? })
}

/// The states of a page, the present one first.
pub(crate) fn list(conn: &Connection, id: PageId, query: &ListQuery) -> Result<List<RevisionRow>, Error> {
    let limit = query.limit()?;
    let before = match query.cursor()? {
        None => i64::MAX,
        Some(Cursor::After(_, revision)) => revision.parse().map_err(|_not_ours| ListQuery::bad_cursor())?,
        Some(Cursor::Offset(_)) => return Err(ListQuery::bad_cursor()),
    };
    let sql = format!("SELECT {ROW} FROM {STATES} WHERE state.revision < :before ORDER BY state.revision DESC LIMIT :limit");
    let rows = conn
        .prepare_cached(&sql)?
        .query_map(named_params! { ":id": id, ":before": before, ":limit": limit + 1 }, row)?
        .collect::<Result<Vec<_>, _>>()?;
    if rows.is_empty() && before == i64::MAX {
        return Err(Error::NotFound { what: "page" });
    }
    Ok(List::cut(rows, limit, |last| Cursor::After(last.saved_at, last.revision.to_string())))
}

/// One state of a page.
pub(crate) fn get(conn: &Connection, id: PageId, revision: i64) -> Result<Revision, Error> {
    conn.prepare_cached(&format!("SELECT {ROW}, state.slug, state.summary, state.body FROM {STATES} WHERE state.revision = :revision"))?
        .query_row(named_params! { ":id": id, ":revision": revision }, full)
        .optional()?
        .ok_or(Error::NotFound { what: "revision" })
}

/// The state that is kept next before `revision`, or `None`.
pub(crate) fn before(conn: &Connection, id: PageId, revision: i64) -> Result<Option<Revision>, Error> {
    let sql = format!(
        "SELECT {ROW}, state.slug, state.summary, state.body FROM {STATES} WHERE state.revision < :revision ORDER BY state.revision DESC LIMIT 1"
    );
    Ok(conn.prepare_cached(&sql)?.query_row(named_params! { ":id": id, ":revision": revision }, full).optional()?)
}

/// Keeps the present state of a page, which is about to change, and thins out what is old: of what comes after the newest 50, the last one
/// of each month (UTC) stays.
pub(crate) fn keep(tx: &Tx, id: PageId) -> Result<(), Error> {
    let number: i64 = tx
        .prepare_cached(
            "INSERT INTO page_revision (page_number, revision, saved_at, author_id, reason, status, slug, title, summary, body)
             SELECT number, revision, updated_at, revised_by, reason, status, slug, title, summary, body FROM page WHERE id = ?
             RETURNING page_number",
        )?
        .query_row([id], |row| row.get(0))?;
    tx.prepare_cached(
        "DELETE FROM page_revision WHERE page_number = :page
         AND revision NOT IN (SELECT revision FROM page_revision WHERE page_number = :page ORDER BY revision DESC LIMIT :newest)
         AND revision NOT IN (SELECT max(revision) FROM page_revision WHERE page_number = :page
             GROUP BY strftime('%Y-%m', saved_at / 1000, 'unixepoch'))",
    )?
    .execute(named_params! { ":page": number, ":newest": NEWEST_KEPT })?;
    Ok(())
}
