//! Pages in the database: every SQL statement about them.

use magnetiq_storage::{
    Tx,
    rusqlite::{
        Connection, OptionalExtension, Row, named_params, params,
        types::{FromSql, FromSqlError, FromSqlResult, Type, ValueRef},
    },
};

use super::{
    Draft, Page, PageCard, PageRow, PublicPage, Seo, Status, links, markdown,
    markdown::Rendered,
    redirects,
    revisions::{self, Change},
    search,
};
use crate::{
    clock::Time,
    error::Error,
    http::cursor::{Cursor, List, ListQuery},
    id::PageId,
    outbox::social::announcement,
};

impl FromSql for Status {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        match value.as_str()? {
            "draft" => Ok(Status::Draft),
            "published" => Ok(Status::Published),
            _ => Err(FromSqlError::InvalidType),
        }
    }
}

const ROW: &str = "page.id, page.slug, page.title, page.summary, page.status, account.name AS author, page.created_at, page.updated_at, \
     page.published_at, page.publish_at, page.unpublish_at, page.revision,
     (SELECT json_group_array(tag ORDER BY tag) FROM page_tag WHERE page_number = page.number) AS tags";
const SEO: &str = "page.seo_title, page.seo_description, page.canonical, page.noindex";
const FROM: &str = "page LEFT JOIN account ON account.id = page.author_id";

type SqlResult<T> = magnetiq_storage::rusqlite::Result<T>;

fn row(row: &Row<'_>) -> SqlResult<PageRow> {
    Ok(PageRow {
        id: row.get("id")?,
        slug: row.get("slug")?,
        title: row.get("title")?,
        summary: row.get("summary")?,
        status: row.get("status")?,
        author: row.get("author")?,
        created_at: row.get("created_at")?,
        updated_at: row.get("updated_at")?,
        published_at: row.get("published_at")?,
        publish_at: row.get("publish_at")?,
        unpublish_at: row.get("unpublish_at")?,
        tags: tags(row)?,
        revision: row.get("revision")?,
    })
}

fn tags(row: &Row<'_>) -> SqlResult<Vec<String>> {
    let failed = |error| magnetiq_storage::rusqlite::Error::FromSqlConversionFailure(0, Type::Text, Box::new(error));
    serde_json::from_str(&row.get::<_, String>("tags")?).map_err(failed)
}

fn seo(row: &Row<'_>) -> SqlResult<Seo> {
    Ok(Seo {
        title: row.get("seo_title")?,
        description: row.get("seo_description")?,
        canonical: row.get("canonical")?,
        noindex: row.get("noindex")?,
    })
}

/// The HTML of a row; made anew when an older renderer made it.
fn html(row: &Row<'_>) -> SqlResult<String> {
    if row.get::<_, i64>("renderer")? == markdown::RENDERER {
        row.get("html")
    } else {
        Ok(markdown::render(&row.get::<_, String>("body")?).html)
    }
}

pub(crate) fn get(conn: &Connection, id: PageId) -> Result<Page, Error> {
    conn.prepare_cached(&format!("SELECT {ROW}, {SEO}, body, html, renderer FROM {FROM} WHERE page.id = ? AND page.deleted_at IS NULL"))?
        .query_row([id], |r| Ok(Page { row: row(r)?, body: r.get("body")?, html: html(r)?, seo: seo(r)? }))
        .optional()?
        .ok_or(Error::NotFound { what: "page" })
}

/// The published page of a slug, or `None`.
pub(crate) fn published(conn: &Connection, slug: &str) -> Result<Option<PublicPage>, Error> {
    let sql = format!("SELECT {ROW}, {SEO}, body, html, renderer FROM {FROM} WHERE page.slug = ? AND page.status = 'published'");
    let page = conn.prepare_cached(&sql)?.query_row([slug], |r| {
        Ok(PublicPage {
            slug: r.get("slug")?,
            title: r.get("title")?,
            summary: r.get("summary")?,
            author: r.get("author")?,
            html: html(r)?,
            tags: tags(r)?,
            seo: seo(r)?,
            published_at: r.get("published_at")?,
            updated_at: r.get("updated_at")?,
            etag: format!("{}-{}-{}", r.get::<_, PageId>("id")?, r.get::<_, i64>("revision")?, markdown::RENDERER),
        })
    });
    Ok(page.optional()?)
}

/// Pages for the admin area: the last changed first, or the best found first.
pub(crate) fn list(conn: &Connection, query: &ListQuery, status: Option<Status>, tag: Option<&str>) -> Result<List<PageRow>, Error> {
    let limit = query.limit()?;
    let status = status.map(Status::as_str);
    let Some(words) = query.words() else {
        let (time, id) = query.after()?;
        let sql = format!(
            "SELECT {ROW} FROM {FROM} WHERE (page.updated_at, page.id) < (:time, :id) AND (:status IS NULL OR page.status = :status)
               AND page.deleted_at IS NULL AND (:tag IS NULL OR EXISTS (SELECT 1 FROM page_tag WHERE page_number = page.number AND tag = :tag))
             ORDER BY page.updated_at DESC, page.id DESC LIMIT :limit"
        );
        let rows = conn
            .prepare_cached(&sql)?
            .query_map(named_params! { ":time": time, ":id": id, ":status": status, ":tag": tag, ":limit": limit + 1 }, row)?
            .collect::<Result<Vec<_>, _>>()?;
        return Ok(List::cut(rows, limit, |last| Cursor::After(last.updated_at, last.id.to_string())));
    };
    let offset = query.offset()?;
    let Some(found) = search::query(words) else { return Ok(List { items: Vec::new(), next_cursor: None }) };
    let sql = format!(
        "SELECT {ROW} FROM page_search JOIN page ON page.number = page_search.rowid LEFT JOIN account ON account.id = page.author_id
         WHERE page_search MATCH :found AND (:status IS NULL OR page.status = :status)
           AND page.deleted_at IS NULL AND (:tag IS NULL OR EXISTS (SELECT 1 FROM page_tag WHERE page_number = page.number AND tag = :tag))
         ORDER BY bm25(page_search, 8, 4, 1), page.number LIMIT :limit OFFSET :offset"
    );
    let rows = conn
        .prepare_cached(&sql)?
        .query_map(named_params! { ":found": found, ":status": status, ":tag": tag, ":limit": limit + 1, ":offset": offset }, row)?
        .collect::<Result<Vec<_>, _>>()?;
    Ok(List::cut(rows, limit, |_| Cursor::Offset(offset + limit)))
}

fn card(row: &Row<'_>) -> SqlResult<PageCard> {
    Ok(PageCard {
        slug: row.get("slug")?,
        title: row.get("title")?,
        summary: row.get("summary")?,
        author: row.get("author")?,
        published_at: row.get("published_at")?,
        updated_at: row.get("updated_at")?,
        tags: tags(row)?,
        excerpt: row.get::<_, Option<String>>("excerpt")?.map(|marked| search::excerpt_html(&marked)),
    })
}

/// Published pages for visitors: the newest first, or the best found first with the place that was found.
pub(crate) fn list_published(conn: &Connection, query: &ListQuery, tag: Option<&str>) -> Result<List<PageCard>, Error> {
    let limit = query.limit()?;
    let Some(words) = query.words() else {
        let (time, id) = query.after()?;
        let sql = format!(
            "SELECT {ROW}, NULL AS excerpt FROM {FROM} WHERE page.status = 'published' AND (page.published_at, page.id) < (:time, :id)
               AND (:tag IS NULL OR EXISTS (SELECT 1 FROM page_tag WHERE page_number = page.number AND tag = :tag))
             ORDER BY page.published_at DESC, page.id DESC LIMIT :limit"
        );
        let rows = conn
            .prepare_cached(&sql)?
            .query_map(named_params! { ":time": time, ":id": id, ":tag": tag, ":limit": limit + 1 }, |r| {
                Ok((card(r)?, r.get::<_, PageId>("id")?))
            })?
            .collect::<Result<Vec<_>, _>>()?;
        let list = List::cut(rows, limit, |(card, id)| Cursor::After(card.published_at, id.to_string()));
        return Ok(List { items: list.items.into_iter().map(|(card, _)| card).collect(), next_cursor: list.next_cursor });
    };
    let offset = query.offset()?;
    let Some(found) = search::query(words) else { return Ok(List { items: Vec::new(), next_cursor: None }) };
    let sql = format!(
        "SELECT {ROW}, snippet(page_search, -1, char(2), char(3), '…', 24) AS excerpt
         FROM page_search JOIN page ON page.number = page_search.rowid LEFT JOIN account ON account.id = page.author_id
         WHERE page_search MATCH :found AND page.status = 'published'
           AND (:tag IS NULL OR EXISTS (SELECT 1 FROM page_tag WHERE page_number = page.number AND tag = :tag))
         ORDER BY bm25(page_search, 8, 4, 1), page.number LIMIT :limit OFFSET :offset"
    );
    let rows = conn
        .prepare_cached(&sql)?
        .query_map(named_params! { ":found": found, ":tag": tag, ":limit": limit + 1, ":offset": offset }, card)?
        .collect::<Result<Vec<_>, _>>()?;
    Ok(List::cut(rows, limit, |_| Cursor::Offset(offset + limit)))
}

/// Whether search engines are asked to leave out the page of a slug.
pub(crate) fn is_unlisted(conn: &Connection, slug: &str) -> Result<bool, Error> {
    let sql = "SELECT EXISTS (SELECT 1 FROM page WHERE slug = ? AND status = 'published' AND noindex = 1)";
    Ok(conn.prepare_cached(sql)?.query_row([slug], |row| row.get(0))?)
}

/// The address of a page.
pub(crate) fn slug(conn: &Connection, id: PageId) -> Result<String, Error> {
    let slug = conn.prepare_cached("SELECT slug FROM page WHERE id = ?")?.query_row([id], |row| row.get(0)).optional()?;
    slug.ok_or(Error::NotFound { what: "page" })
}

/// Who has a slug.
pub(crate) fn id_of_slug(conn: &Connection, slug: &str) -> Result<Option<PageId>, Error> {
    Ok(conn.prepare_cached("SELECT id FROM page WHERE slug = ?")?.query_row([slug], |row| row.get(0)).optional()?)
}

pub(crate) fn refuse_taken_slug(conn: &Connection, slug: &str, own: Option<PageId>) -> Result<(), Error> {
    match id_of_slug(conn, slug)? {
        Some(id) if Some(id) != own => Err(Error::invalid("/slug", "This address is taken by another page.")),
        _ => Ok(()),
    }
}

/// A page to be made: its fields, and the text already rendered (that takes time which the writer's thread should not lose).
pub(crate) struct Insert {
    pub(crate) draft: Draft,
    pub(crate) rendered: Rendered,
    pub(crate) status: Status,
    pub(crate) published_at: Option<Time>,
}

/// Makes a page, without tags and what search engines are told.
pub(crate) fn insert(tx: &Tx, page: &Insert, Change { author, reason, now }: Change) -> Result<PageId, Error> {
    refuse_taken_slug(tx, &page.draft.slug, None)?;
    redirects::free(tx, &page.draft.slug)?;
    let id = PageId::new(now);
    let published_at = page.published_at.or((page.status == Status::Published).then_some(now));
    tx.prepare_cached(
        "INSERT INTO page (id, slug, title, summary, body, html, plain, renderer, status, revision, author_id, revised_by, reason,
         created_at, updated_at, published_at)
         VALUES (:id, :slug, :title, :summary, :body, :html, :plain, :renderer, :status, 1, :author, :author, :reason, :now, :now, :published_at)",
    )?
    .execute(named_params! {
        ":id": id, ":slug": page.draft.slug, ":title": page.draft.title.trim(), ":summary": page.draft.summary.trim(),
        ":body": page.draft.body, ":html": page.rendered.html, ":plain": page.rendered.plain, ":renderer": markdown::RENDERER,
        ":status": page.status.as_str(), ":author": author, ":reason": reason.as_str(), ":now": now, ":published_at": published_at,
    })?;
    link_media(tx, tx.last_insert_rowid(), &page.draft.body)?;
    Ok(id)
}

/// Changes the fields of a page and keeps its former state. A change of nothing is none.
pub(crate) fn update(
    tx: &Tx,
    id: PageId,
    seen: Option<i64>,
    draft: &Draft,
    rendered: &Rendered,
    Change { author, reason, now }: Change,
) -> Result<Page, Error> {
    require_revision(tx, id, seen)?;
    refuse_taken_slug(tx, &draft.slug, Some(id))?;
    // What an older renderer made is made anew.
    let changes_nothing: bool = tx
        .prepare_cached(
            "SELECT slug = :slug AND title = :title AND summary = :summary AND body = :body AND renderer = :renderer FROM page WHERE id = :id",
        )?
        .query_row(
            named_params! {
                ":id": id, ":slug": draft.slug, ":title": draft.title.trim(), ":summary": draft.summary.trim(), ":body": draft.body,
                ":renderer": markdown::RENDERER,
            },
            |row| row.get(0),
        )?;
    if changes_nothing {
        return get(tx, id);
    }
    revisions::rows::keep(tx, id)?;
    redirects::free(tx, &draft.slug)?;
    redirects::leave(tx, id, &draft.slug, now)?;
    tx.prepare_cached(
        "UPDATE page SET slug = :slug, title = :title, summary = :summary, body = :body, html = :html, plain = :plain, renderer = :renderer,
         revision = revision + 1, revised_by = :author, reason = :reason, updated_at = :now WHERE id = :id",
    )?
    .execute(named_params! {
        ":id": id, ":slug": draft.slug, ":title": draft.title.trim(), ":summary": draft.summary.trim(), ":body": draft.body,
        ":html": rendered.html, ":plain": rendered.plain, ":renderer": markdown::RENDERER, ":author": author,
        ":reason": reason.as_str(), ":now": now,
    })?;
    link_media_anew(tx, id, &draft.body)?;
    get(tx, id)
}

/// Shows a page or hides it, and keeps its former state.
pub(crate) fn set_status(
    tx: &Tx,
    id: PageId,
    seen: Option<i64>,
    status: Status,
    Change { author, reason, now }: Change,
) -> Result<Page, Error> {
    require_revision(tx, id, seen)?;
    let is: Status = tx.prepare_cached("SELECT status FROM page WHERE id = ?")?.query_row([id], |row| row.get(0))?;
    if is == status {
        return get(tx, id);
    }
    revisions::rows::keep(tx, id)?;
    tx.prepare_cached(
        "UPDATE page SET status = :status, revision = revision + 1, revised_by = :author, reason = :reason, updated_at = :now,
         published_at = CASE WHEN :status = 'published' THEN coalesce(published_at, :now) ELSE published_at END,
         publish_at = iif(:status = 'published', NULL, publish_at), unpublish_at = iif(:status = 'draft', NULL, unpublish_at) WHERE id = :id",
    )?
    .execute(named_params! { ":id": id, ":status": status.as_str(), ":author": author, ":reason": reason.as_str(), ":now": now })?;
    let page = get(tx, id)?;
    if status == Status::Published {
        announcement::published(tx, id, &page.row.slug, now)?;
    }
    Ok(page)
}

/// Refuses a change of a page that is not the one the client saw; `None` takes whatever is there.
pub(crate) fn require_revision(conn: &Connection, id: PageId, seen: Option<i64>) -> Result<(), Error> {
    let current: Option<i64> = conn
        .prepare_cached("SELECT revision FROM page WHERE id = ? AND deleted_at IS NULL")?
        .query_row([id], |row| row.get(0))
        .optional()?;
    let current = current.ok_or(Error::NotFound { what: "page" })?;
    match seen {
        Some(seen) if seen != current => Err(Error::PreconditionFailed { current }),
        _ => Ok(()),
    }
}

/// Notes which files a page shows; of a new page there are no former ones.
fn link_media(tx: &Tx, number: i64, body: &str) -> Result<(), Error> {
    let mut insert = tx.prepare_cached("INSERT INTO page_media (page_number, media_id) SELECT ?, id FROM media WHERE sha256 = ?")?;
    for sha256 in links::media(body) {
        insert.execute(params![number, sha256])?;
    }
    Ok(())
}

fn link_media_anew(tx: &Tx, id: PageId, body: &str) -> Result<(), Error> {
    let number: i64 = tx.prepare_cached("SELECT number FROM page WHERE id = ?")?.query_row([id], |row| row.get(0))?;
    tx.prepare_cached("DELETE FROM page_media WHERE page_number = ?")?.execute([number])?;
    link_media(tx, number, body)
}
