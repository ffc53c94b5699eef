//! What an export reads from the database.

use magnetiq_storage::rusqlite::{Connection, Row, named_params, params, types::Type};

use crate::{
    clock::Time,
    error::Error,
    id::PageId,
    media::{FocalPoint, details::MediaChange},
    menus::{Menu, rows as menus},
    pages::{Seo, Status},
};

type SqlResult<T> = magnetiq_storage::rusqlite::Result<T>;

/// What is written of a page, or of its draft.
#[derive(Debug)]
pub(super) struct Text {
    pub(super) slug: String,
    pub(super) title: String,
    pub(super) summary: String,
    pub(super) body: String,
    pub(super) tags: Vec<String>,
    pub(super) seo: Seo,
}

/// A page, all of it.
#[derive(Debug)]
pub(super) struct Page {
    pub(super) number: i64,
    pub(super) id: PageId,
    pub(super) text: Text,
    pub(super) draft: Option<Text>,
    pub(super) status: Status,
    /// Empty for the site's own.
    pub(super) language: String,
    pub(super) group: Option<String>,
    pub(super) created_at: Time,
    pub(super) published_at: Option<Time>,
    pub(super) live_at: Option<Time>,
    pub(super) publish_at: Option<Time>,
    pub(super) unpublish_at: Option<Time>,
    /// Addresses that lead to it.
    pub(super) aliases: Vec<String>,
}

fn text(row: &Row<'_>) -> SqlResult<Text> {
    Ok(Text {
        slug: row.get("slug")?,
        title: row.get("title")?,
        summary: row.get("summary")?,
        body: row.get("body")?,
        tags: list(row, "tags")?,
        seo: Seo {
            title: row.get("seo_title")?,
            description: row.get("seo_description")?,
            canonical: row.get("canonical")?,
            noindex: row.get("noindex")?,
        },
    })
}

fn list(row: &Row<'_>, column: &str) -> SqlResult<Vec<String>> {
    let failed = |error| magnetiq_storage::rusqlite::Error::FromSqlConversionFailure(0, Type::Text, Box::new(error));
    serde_json::from_str(&row.get::<_, String>(column)?).map_err(failed)
}

/// Pages in the order of their making, after the one of this number, so many at most.
pub(super) fn pages(conn: &Connection, after: i64, count: u32) -> Result<Vec<Page>, Error> {
    select(conn, "number > :key AND deleted_at IS NULL ORDER BY number LIMIT :count", named_params! { ":key": after, ":count": count })
}

/// One page, in the trash or not.
pub(super) fn page(conn: &Connection, id: PageId) -> Result<Option<Page>, Error> {
    Ok(select(conn, "id = :key", named_params! { ":key": id })?.pop())
}

fn select(conn: &Connection, which: &str, values: &[(&str, &dyn magnetiq_storage::rusqlite::ToSql)]) -> Result<Vec<Page>, Error> {
    let sql = format!(
        "SELECT number, id, slug, title, summary, body, seo_title, seo_description, canonical, noindex, status, language, translation_group,
             created_at, published_at, live_at, publish_at, unpublish_at,
             (SELECT json_group_array(tag ORDER BY tag) FROM page_tag WHERE page_number = number) AS tags,
             (SELECT json_group_array(slug ORDER BY slug) FROM page_redirect WHERE page_number = number) AS aliases
         FROM page WHERE {which}"
    );
    let mut statement = conn.prepare_cached(&sql)?;
    let rows = statement.query_map(values, |row| {
        Ok(Page {
            number: row.get("number")?,
            id: row.get("id")?,
            text: text(row)?,
            draft: None,
            status: row.get("status")?,
            language: row.get("language")?,
            group: row.get("translation_group")?,
            created_at: row.get("created_at")?,
            published_at: row.get("published_at")?,
            live_at: row.get("live_at")?,
            publish_at: row.get("publish_at")?,
            unpublish_at: row.get("unpublish_at")?,
            aliases: list(row, "aliases")?,
        })
    })?;
    let mut pages = rows.collect::<Result<Vec<_>, _>>()?;
    let mut statement = conn.prepare_cached("SELECT * FROM page_draft WHERE page_number = ?")?;
    for page in &mut pages {
        page.draft = statement.query_map([page.number], text)?.next().transpose()?;
    }
    Ok(pages)
}

/// All menus, with their lines.
pub(super) fn all_menus(conn: &Connection) -> Result<Vec<Menu>, Error> {
    menus::list(conn)?.into_iter().map(|row| menus::get(conn, row.id)).collect()
}

/// A file of media, and what people say of it.
#[derive(Debug)]
pub(super) struct File {
    pub(super) sha256: String,
    pub(super) words: MediaChange,
}

/// Files of media in the order of their hashes, after this one.
pub(super) fn media(conn: &Connection, after: &str, count: u32) -> Result<Vec<File>, Error> {
    let mut statement = conn.prepare_cached(
        "SELECT sha256, name, alt, focal_x, focal_y,
             (SELECT json_group_array(tag ORDER BY tag) FROM media_tag WHERE media_id = media.id) AS tags
         FROM media WHERE sha256 > ? ORDER BY sha256 LIMIT ?",
    )?;
    let rows = statement.query_map(params![after, count], |row| {
        let focal_point = FocalPoint { x: row.get("focal_x")?, y: row.get("focal_y")? };
        let words = MediaChange { name: row.get("name")?, alt: row.get("alt")?, tags: list(row, "tags")?, focal_point };
        Ok(File { sha256: row.get("sha256")?, words })
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}
