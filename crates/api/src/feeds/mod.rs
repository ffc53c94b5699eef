//! What programs read of the published pages: the list for search engines, and the feed of news.

mod documents;
pub(crate) mod routes;

use std::collections::HashMap;

use magnetiq_storage::rusqlite::{Connection, named_params, params};

use crate::{clock::Time, error::Error, id::PageId};

/// A published page in the feed.
#[derive(Debug)]
struct Entry {
    id: PageId,
    slug: String,
    title: String,
    summary: String,
    tags: Vec<String>,
    /// Name of who wrote it, where it is known.
    author: Option<String>,
    published_at: Time,
    updated_at: Time,
}

/// A published page in the sitemap.
#[derive(Debug)]
struct Place {
    slug: String,
    group: Option<String>,
    updated_at: Time,
}

/// The pages of each group of translations: language as it is kept, and slug.
type Translations = HashMap<String, Vec<(String, String)>>;

/// What programs are to find.
const FOUND: &str = "status = 'published' AND noindex = 0";

/// The newest published pages in a language, so many at most.
fn newest(conn: &Connection, language: &str, tag: Option<&str>, count: u32) -> Result<Vec<Entry>, Error> {
    let sql = format!(
        "SELECT id, slug, title, summary, published_at, live_at, (SELECT name FROM account WHERE account.id = page.author_id) AS author,
             (SELECT group_concat(tag, ',' ORDER BY tag) FROM page_tag WHERE page_number = page.number) AS tags FROM page
         WHERE {FOUND} AND language = :language
             AND (:tag IS NULL OR EXISTS (SELECT 1 FROM page_tag WHERE page_number = page.number AND tag = :tag))
         ORDER BY published_at DESC, id DESC LIMIT :count"
    );
    let mut statement = conn.prepare_cached(&sql)?;
    let rows = statement.query_map(named_params! { ":language": language, ":tag": tag, ":count": count }, |row| {
        Ok(Entry {
            id: row.get("id")?,
            slug: row.get("slug")?,
            title: row.get("title")?,
            summary: row.get("summary")?,
            // No tag has a comma.
            tags: row.get::<_, Option<String>>("tags")?.iter().flat_map(|tags| tags.split(',')).map(ToOwned::to_owned).collect(),
            author: row.get("author")?,
            published_at: row.get("published_at")?,
            updated_at: row.get("live_at")?,
        })
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// How many pages programs are to find.
fn count(conn: &Connection) -> Result<u32, Error> {
    Ok(conn.prepare_cached(&format!("SELECT count(*) FROM page WHERE {FOUND}"))?.query_row([], |row| row.get(0))?)
}

/// Some of the pages that programs are to find, in the order of their making, and the translations of all.
fn places(conn: &Connection, skip: u32, count: u32) -> Result<(Vec<Place>, Translations), Error> {
    let sql = format!("SELECT slug, translation_group, live_at FROM page WHERE {FOUND} ORDER BY number LIMIT ? OFFSET ?");
    let mut statement = conn.prepare_cached(&sql)?;
    let rows =
        statement.query_map(params![count, skip], |row| Ok(Place { slug: row.get(0)?, group: row.get(1)?, updated_at: row.get(2)? }))?;
    let places = rows.collect::<Result<_, _>>()?;
    let sql =
        format!("SELECT translation_group, language, slug FROM page WHERE {FOUND} AND translation_group IS NOT NULL ORDER BY language");
    let mut translations = Translations::new();
    let mut statement = conn.prepare_cached(&sql)?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        translations.entry(row.get(0)?).or_default().push((row.get(1)?, row.get(2)?));
    }
    translations.retain(|_, pages| pages.len() > 1);
    Ok((places, translations))
}
