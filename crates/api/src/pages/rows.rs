//! Pages in the database: one page, read and written.

use magnetiq_storage::{
    Tx,
    rusqlite::{
        Connection, OptionalExtension, Row, named_params, params,
        types::{FromSql, FromSqlError, FromSqlResult, Type, ValueRef},
    },
};
use sha2::{Digest, Sha256};

use super::{
    Edit, Page, PageRow, PublicPage, Seo, Status, links, markdown, redirects,
    revisions::{self, Change},
    translations,
};
use crate::{clock::Time, error::Error, id::PageId, media::markup};

impl FromSql for Status {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        match value.as_str()? {
            "draft" => Ok(Status::Draft),
            "published" => Ok(Status::Published),
            _ => Err(FromSqlError::InvalidType),
        }
    }
}

/// A page with its draft over it, for [`row`].
pub(super) const ROW: &str = "page.id, coalesce(draft.slug, page.slug) AS slug, coalesce(draft.title, page.title) AS title,
     coalesce(draft.summary, page.summary) AS summary, page.status, draft.page_number IS NOT NULL AS has_draft,
     iif(page.status = 'published', page.slug, NULL) AS live_slug, page.live_revision, account.name AS author, page.created_at, page.updated_at,
     page.published_at, page.publish_at, page.unpublish_at, page.revision, page.language,
     coalesce(draft.tags, (SELECT json_group_array(tag ORDER BY tag) FROM page_tag WHERE page_number = page.number)) AS tags";
pub(super) const FROM: &str =
    "page LEFT JOIN page_draft AS draft ON draft.page_number = page.number LEFT JOIN account ON account.id = page.author_id";
/// What a page has besides [`ROW`], with its draft over it.
const REST: &str = "coalesce(draft.body, page.body) AS body, coalesce(draft.html, page.html) AS html,
     coalesce(draft.renderer, page.renderer) AS renderer, coalesce(draft.seo_title, page.seo_title) AS seo_title,
     coalesce(draft.seo_description, page.seo_description) AS seo_description, coalesce(draft.canonical, page.canonical) AS canonical,
     coalesce(draft.noindex, page.noindex) AS noindex";

pub(super) type SqlResult<T> = magnetiq_storage::rusqlite::Result<T>;

pub(super) fn row(row: &Row<'_>) -> SqlResult<PageRow> {
    Ok(PageRow {
        id: row.get("id")?,
        slug: row.get("slug")?,
        language: translations::language(row)?,
        title: row.get("title")?,
        summary: row.get("summary")?,
        status: row.get("status")?,
        has_draft: row.get("has_draft")?,
        live_slug: row.get("live_slug")?,
        live_revision: row.get("live_revision")?,
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

pub(super) fn tags(row: &Row<'_>) -> SqlResult<Vec<String>> {
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

/// A page as its editors see it: with its draft, where it has one.
pub(crate) fn get(conn: &Connection, id: PageId) -> Result<Page, Error> {
    let sql = format!("SELECT {ROW}, {REST}, page.translation_group FROM {FROM} WHERE page.id = ? AND page.deleted_at IS NULL");
    let found = conn.prepare_cached(&sql)?.query_row([id], |r| {
        let page = Page { row: row(r)?, body: r.get("body")?, html: html(r)?, seo: seo(r)?, translations: Vec::new() };
        Ok((page, r.get::<_, Option<String>>("translation_group")?))
    });
    let (page, group) = found.optional()?.ok_or(Error::NotFound { what: "page" })?;
    complete(conn, page, group.as_deref())
}

/// With what is elsewhere: the pages of its group of translations, and the files that its text shows.
pub(super) fn complete(conn: &Connection, page: Page, group: Option<&str>) -> Result<Page, Error> {
    let translations = group.map(|group| translations::of(conn, group, page.row.id)).transpose()?.unwrap_or_default();
    Ok(Page { translations, html: markup::complete(conn, page.html)?, ..page })
}

/// The published page of a slug, or `None`.
pub(crate) fn published(conn: &Connection, slug: &str) -> Result<Option<PublicPage>, Error> {
    let sql =
        "SELECT page.id, page.slug, page.language, page.translation_group, page.title, page.summary, account.name AS author, page.body,
         page.html, page.renderer, page.seo_title, page.seo_description, page.canonical, page.noindex, page.published_at, page.live_at,
         page.live_revision, (SELECT json_group_array(tag ORDER BY tag) FROM page_tag WHERE page_number = page.number) AS tags
         FROM page LEFT JOIN account ON account.id = page.author_id WHERE page.slug = ? AND page.status = 'published'";
    let found = conn.prepare_cached(sql)?.query_row([slug], |r| {
        let page = PublicPage {
            slug: r.get("slug")?,
            language: translations::language(r)?,
            translations: Vec::new(),
            title: r.get("title")?,
            summary: r.get("summary")?,
            author: r.get("author")?,
            html: html(r)?,
            tags: tags(r)?,
            seo: seo(r)?,
            published_at: r.get("published_at")?,
            updated_at: r.get("live_at")?,
            etag: format!("{}-{}-{}", r.get::<_, PageId>("id")?, r.get::<_, i64>("live_revision")?, markdown::RENDERER),
        };
        Ok((page, r.get::<_, Option<String>>("translation_group")?))
    });
    let Some((mut page, group)) = found.optional()? else { return Ok(None) };
    if let Some(group) = group {
        page.translations = translations::published(conn, &group)?;
    }
    page.etag = format!("{}-{}", page.etag, beside(&page)?);
    page.html = markup::complete(conn, page.html)?;
    if page.html.contains("/media/") {
        // Its pictures change by themselves.
        page.etag = format!("{}-{}", page.etag, &hex::encode(Sha256::digest(&page.html))[..16]);
    }
    Ok(Some(page))
}

/// A short hash of what visitors get besides a revision of the page: it changes by itself.
fn beside(page: &PublicPage) -> Result<String, Error> {
    let of = (&page.author, &page.tags, page.published_at, &page.language, &page.translations);
    let text = serde_json::to_vec(&of).map_err(|source| Error::Json { source })?;
    Ok(hex::encode(&Sha256::digest(text)[..6]))
}

/// The address of a page, as its editors see it.
pub(crate) fn slug(conn: &Connection, id: PageId) -> Result<String, Error> {
    let sql = "SELECT coalesce(draft.slug, page.slug) FROM page LEFT JOIN page_draft AS draft ON draft.page_number = page.number WHERE page.id = ?";
    let slug = conn.prepare_cached(sql)?.query_row([id], |row| row.get(0)).optional()?;
    slug.ok_or(Error::NotFound { what: "page" })
}

/// Who has a slug, or will have it when a draft is published.
pub(crate) fn id_of_slug(conn: &Connection, slug: &str) -> Result<Option<PageId>, Error> {
    let sql = "SELECT id FROM page WHERE slug = ?1
        UNION ALL SELECT id FROM page JOIN page_draft ON page_draft.page_number = page.number WHERE page_draft.slug = ?1 LIMIT 1";
    Ok(conn.prepare_cached(sql)?.query_row([slug], |row| row.get(0)).optional()?)
}

/// Refuses an address that another page has or waits for.
pub(crate) fn refuse_taken_slug(conn: &Connection, slug: &str, own: Option<PageId>) -> Result<(), Error> {
    match id_of_slug(conn, slug)? {
        Some(id) if Some(id) != own => Err(Error::invalid("/slug", "This address is taken by another page.")),
        _ => Ok(()),
    }
}

/// Makes a page, hidden, of a group of translations or none.
pub(crate) fn insert(
    tx: &Tx,
    id: PageId,
    edit: &Edit,
    language: &str,
    group: Option<&str>,
    Change { author, reason, now }: Change,
) -> Result<(), Error> {
    let Edit { written, rendered, details } = edit;
    refuse_taken_slug(tx, &written.slug, None)?;
    let seo = details.seo.clone().unwrap_or_default();
    tx.prepare_cached(
        "INSERT INTO page (id, slug, title, summary, body, html, plain, renderer, status, revision, author_id, revised_by, reason,
         created_at, updated_at, seo_title, seo_description, canonical, noindex, language, translation_group)
         VALUES (:id, :slug, :title, :summary, :body, :html, :plain, :renderer, 'draft', 1, :author, :author, :reason, :now, :now,
         :seo_title, :seo_description, :canonical, :noindex, :language, :group)",
    )?
    .execute(named_params! {
        ":id": id, ":slug": written.slug, ":title": written.title, ":summary": written.summary,
        ":body": written.body, ":html": rendered.html, ":plain": rendered.plain, ":renderer": markdown::RENDERER,
        ":author": author, ":reason": reason.as_str(), ":now": now, ":seo_title": seo.title, ":seo_description": seo.description,
        ":canonical": seo.canonical, ":noindex": seo.noindex, ":language": language, ":group": group,
    })?;
    note_media(tx, tx.last_insert_rowid(), &written.body)?;
    if let Some(tags) = details.tags.as_deref().filter(|tags| !tags.is_empty()) {
        set_tags(tx, id, tags)?;
    }
    Ok(())
}

/// Writes what the page itself has, not its draft: of a published page visitors see it at once. The revision is the caller's to raise.
pub(super) fn overwrite(tx: &Tx, id: PageId, edit: &Edit, now: Time) -> Result<(), Error> {
    let Edit { written, rendered, details } = edit;
    redirects::leave(tx, id, &written.slug, now)?;
    tx.prepare_cached(
        "UPDATE page SET slug = :slug, title = :title, summary = :summary, body = :body, html = :html, plain = :plain, renderer = :renderer
         WHERE id = :id",
    )?
    .execute(named_params! {
        ":id": id, ":slug": written.slug, ":title": written.title, ":summary": written.summary, ":body": written.body,
        ":html": rendered.html, ":plain": rendered.plain, ":renderer": markdown::RENDERER,
    })?;
    if let Some(tags) = &details.tags {
        set_tags(tx, id, tags)?;
    }
    if let Some(seo) = &details.seo {
        let sql =
            "UPDATE page SET seo_title = :title, seo_description = :description, canonical = :canonical, noindex = :noindex WHERE id = :id";
        tx.prepare_cached(sql)?.execute(named_params! {
            ":id": id, ":title": seo.title, ":description": seo.description, ":canonical": seo.canonical, ":noindex": seo.noindex,
        })?;
    }
    link_media(tx, id)
}

/// The tags that visitors see.
pub(super) fn set_tags(tx: &Tx, id: PageId, tags: &[String]) -> Result<(), Error> {
    tx.prepare_cached("DELETE FROM page_tag WHERE page_number = (SELECT number FROM page WHERE id = ?)")?.execute([id])?;
    let mut insert = tx.prepare_cached("INSERT INTO page_tag (page_number, tag) SELECT number, ?2 FROM page WHERE id = ?1")?;
    tags.iter().try_for_each(|tag| insert.execute(params![id, tag]).map(drop))?;
    Ok(())
}

/// Keeps the state of the page that is about to change, and gives the next one its number.
pub(super) fn begin_revision(tx: &Tx, id: PageId, change: Change) -> Result<(), Error> {
    revisions::rows::keep(tx, id)?;
    next_revision(tx, id, change)
}

/// Gives the state that comes its number, and does not keep the one before it.
pub(super) fn next_revision(tx: &Tx, id: PageId, Change { author, reason, now }: Change) -> Result<(), Error> {
    tx.prepare_cached(
        "UPDATE page SET revision = revision + 1, revised_by = ?2, reason = ?3, updated_at = ?4, autosaved_since = NULL WHERE id = ?1",
    )?
    .execute(params![id, author, reason.as_str(), now])?;
    Ok(())
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

/// Notes which files the page and its draft show: they can't be deleted.
pub(super) fn link_media(tx: &Tx, id: PageId) -> Result<(), Error> {
    let (number, bodies): (i64, String) = tx
        .prepare_cached(
            "SELECT page.number, page.body || char(10) || coalesce(draft.body, '') FROM page
             LEFT JOIN page_draft AS draft ON draft.page_number = page.number WHERE page.id = ?",
        )?
        .query_row([id], |row| Ok((row.get(0)?, row.get(1)?)))?;
    tx.prepare_cached("DELETE FROM page_media WHERE page_number = ?")?.execute([number])?;
    tx.prepare_cached("DELETE FROM page_media_missing WHERE page_number = ?")?.execute([number])?;
    note_media(tx, number, &bodies)
}

/// Of a page that has none noted; a former address of a file counts, too. What is not there may come later.
fn note_media(tx: &Tx, number: i64, text: &str) -> Result<(), Error> {
    let mut insert = tx.prepare_cached(
        "INSERT OR IGNORE INTO page_media (page_number, media_id) SELECT ?1, id FROM media WHERE sha256 = ?2
         UNION SELECT ?1, media_id FROM media_former WHERE sha256 = ?2",
    )?;
    let mut missing = tx.prepare_cached(
        "INSERT OR IGNORE INTO page_media_missing (page_number, sha256) SELECT ?1, ?2
         WHERE NOT EXISTS (SELECT 1 FROM media WHERE sha256 = ?2) AND NOT EXISTS (SELECT 1 FROM media_former WHERE sha256 = ?2)",
    )?;
    for sha256 in links::media(text) {
        insert.execute(params![number, sha256])?;
        missing.execute(params![number, sha256])?;
    }
    Ok(())
}
