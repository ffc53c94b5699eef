//! Revisions in the database.

use magnetiq_storage::{
    Tx,
    rusqlite::{
        Connection, OptionalExtension, Row, named_params,
        types::{FromSql, FromSqlError, FromSqlResult, Type, ValueRef},
    },
};
use serde::de::DeserializeOwned;

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

/// The present state of the page `:id`, with its draft over it. A draft is nothing that visitors see, so its status is none either.
const PRESENT: &str = "SELECT page.number, page.revision, page.updated_at AS saved_at, page.revised_by AS author_id, page.reason,
            iif(draft.page_number IS NULL, page.status, 'draft') AS status, coalesce(draft.slug, page.slug) AS slug,
            coalesce(draft.title, page.title) AS title, coalesce(draft.summary, page.summary) AS summary,
            coalesce(draft.tags, (SELECT json_group_array(tag ORDER BY tag) FROM page_tag WHERE page_number = page.number)) AS tags,
            json_object('title', coalesce(draft.seo_title, page.seo_title),
                'description', coalesce(draft.seo_description, page.seo_description), 'canonical', coalesce(draft.canonical, page.canonical),
                'noindex', json(iif(coalesce(draft.noindex, page.noindex), 'true', 'false'))) AS seo,
            coalesce(draft.body, page.body) AS body
        FROM page LEFT JOIN page_draft AS draft ON draft.page_number = page.number WHERE page.id = :id AND page.deleted_at IS NULL";

/// All states of the page `:id`, the present one among them.
fn select(what: &str, which: &str) -> String {
    format!(
        "SELECT {what} FROM (
            {PRESENT}
            UNION ALL
            SELECT page_number, revision, saved_at, author_id, reason, status, slug, title, summary, tags, seo, body FROM page_revision
            WHERE page_number = (SELECT number FROM page WHERE id = :id AND deleted_at IS NULL)
         ) AS state LEFT JOIN account ON account.id = state.author_id WHERE {which}"
    )
}

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

const FULL: &str = "state.slug, state.summary, state.tags, state.seo, state.body";

fn full(r: &Row<'_>) -> SqlResult<Revision> {
    Ok(Revision {
        row: row(r)?,
        slug: r.get("slug")?,
        summary: r.get("summary")?,
        tags: json(r, "tags")?,
        seo: json(r, "seo")?,
        body: r.get("body")?,
    })
}

fn json<T: DeserializeOwned>(row: &Row<'_>, column: &str) -> SqlResult<Option<T>> {
    let failed = |error| magnetiq_storage::rusqlite::Error::FromSqlConversionFailure(0, Type::Text, Box::new(error));
    row.get::<_, Option<String>>(column)?.map(|text| serde_json::from_str(&text).map_err(failed)).transpose()
}

/// The states of a page, the present one first.
pub(crate) fn list(conn: &Connection, id: PageId, query: &ListQuery) -> Result<List<RevisionRow>, Error> {
    let limit = query.limit()?;
    let before = match query.cursor()? {
        None => i64::MAX,
        Some(Cursor::After(_, revision)) => revision.parse().map_err(|_not_ours| ListQuery::bad_cursor())?,
        Some(Cursor::Offset(_)) => return Err(ListQuery::bad_cursor()),
    };
    let sql = select(ROW, "state.revision < :before ORDER BY state.revision DESC LIMIT :limit");
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
    conn.prepare_cached(&select(&format!("{ROW}, {FULL}"), "state.revision = :revision"))?
        .query_row(named_params! { ":id": id, ":revision": revision }, full)
        .optional()?
        .ok_or(Error::NotFound { what: "revision" })
}

/// The state that is kept next before `revision`, or `None`.
pub(crate) fn before(conn: &Connection, id: PageId, revision: i64) -> Result<Option<Revision>, Error> {
    let sql = select(&format!("{ROW}, {FULL}"), "state.revision < :revision ORDER BY state.revision DESC LIMIT 1");
    Ok(conn.prepare_cached(&sql)?.query_row(named_params! { ":id": id, ":revision": revision }, full).optional()?)
}

/// Keeps the present state of a page, which is about to change, and thins out what is old: of what comes after the newest 50, the last one
/// of each month (UTC) stays, and what visitors read.
pub(crate) fn keep(tx: &Tx, id: PageId) -> Result<(), Error> {
    let number: i64 = tx
        .prepare_cached(&format!(
            "INSERT INTO page_revision (page_number, revision, saved_at, author_id, reason, status, slug, title, summary, tags, seo, body)
             {PRESENT} RETURNING page_number"
        ))?
        .query_row(named_params! { ":id": id }, |row| row.get(0))?;
    tx.prepare_cached(
        "DELETE FROM page_revision WHERE page_number = :page
         AND revision NOT IN (SELECT revision FROM page_revision WHERE page_number = :page ORDER BY revision DESC LIMIT :newest)
         AND revision NOT IN (SELECT max(revision) FROM page_revision WHERE page_number = :page
             GROUP BY strftime('%Y-%m', saved_at / 1000, 'unixepoch'))
         AND revision IS NOT (SELECT live_revision FROM page WHERE number = :page)",
    )?
    .execute(named_params! { ":page": number, ":newest": NEWEST_KEPT })?;
    Ok(())
}
