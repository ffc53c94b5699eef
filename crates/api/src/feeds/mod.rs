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

/// What programs are to find: the condition stands everywhere as the index `page_by_found` has it, from which all of these are read. What says so
/// of a page is behind all of its text.
const COUNT: &str = "SELECT count(*) FROM page WHERE status = 'published' AND noindex = 0";
const PLACES: &str = "SELECT slug, translation_group, live_at FROM page WHERE status = 'published' AND noindex = 0
     ORDER BY language, number LIMIT ? OFFSET ?";
const TRANSLATIONS: &str = "SELECT translation_group, language, slug FROM page WHERE status = 'published' AND noindex = 0
     AND translation_group IS NOT NULL ORDER BY language";
const NEWEST: &str =
    "SELECT id, slug, title, summary, published_at, live_at, (SELECT name FROM account WHERE account.id = page.author_id) AS author,
         (SELECT group_concat(tag, ',' ORDER BY tag) FROM page_tag WHERE page_number = page.number) AS tags FROM page
     WHERE status = 'published' AND noindex = 0 AND language = :language
         AND (:tag IS NULL OR EXISTS (SELECT 1 FROM page_tag WHERE page_number = page.number AND tag = :tag))
     ORDER BY published_at DESC, id DESC LIMIT :count";

/// The newest published pages in a language, so many at most.
fn newest(conn: &Connection, language: &str, tag: Option<&str>, count: u32) -> Result<Vec<Entry>, Error> {
    let mut statement = conn.prepare_cached(NEWEST)?;
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
    Ok(conn.prepare_cached(COUNT)?.query_row([], |row| row.get(0))?)
}

/// Whether there is a published page at an address, to be found by programs or not.
fn is_published(conn: &Connection, slug: &str) -> Result<bool, Error> {
    let sql = "SELECT EXISTS (SELECT 1 FROM page WHERE slug = ? AND status = 'published')";
    Ok(conn.prepare_cached(sql)?.query_row([slug], |row| row.get(0))?)
}

/// Some of the pages that programs are to find, those of each language in the order of their making, and the translations of all.
fn places(conn: &Connection, skip: u32, count: u32) -> Result<(Vec<Place>, Translations), Error> {
    let mut statement = conn.prepare_cached(PLACES)?;
    let rows =
        statement.query_map(params![count, skip], |row| Ok(Place { slug: row.get(0)?, group: row.get(1)?, updated_at: row.get(2)? }))?;
    let places = rows.collect::<Result<_, _>>()?;
    let mut translations = Translations::new();
    let mut statement = conn.prepare_cached(TRANSLATIONS)?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        translations.entry(row.get(0)?).or_default().push((row.get(1)?, row.get(2)?));
    }
    translations.retain(|_, pages| pages.len() > 1);
    Ok((places, translations))
}

#[cfg(test)]
mod tests {
    use magnetiq_storage::{Options, Store};

    use super::*;
    use crate::schema;

    #[test]
    fn no_text_is_read_through() {
        let store = Store::temporary(Options::default()).unwrap();
        schema::migrate(&store).unwrap();
        let plan = |sql: &'static str| {
            let read = store.read(move |conn| {
                let mut statement = conn.prepare(&format!("EXPLAIN QUERY PLAN {sql}"))?;
                let steps = statement.raw_query().mapped(|row| row.get::<_, String>("detail")).collect::<Result<Vec<_>, _>>()?;
                Ok(steps.join("; "))
            });
            read.wait().unwrap()
        };
        for sql in [COUNT, PLACES, TRANSLATIONS] {
            assert!(plan(sql).contains("COVERING INDEX") && !plan(sql).contains("TEMP B-TREE"), "{sql}: {}", plan(sql));
        }
        assert!(plan(NEWEST).starts_with("SEARCH page USING INDEX page_by_language (language=?)"), "{}", plan(NEWEST));
        store.close().unwrap();
    }
}
