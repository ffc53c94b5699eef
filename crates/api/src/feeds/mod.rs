//! What programs read of the published pages: the list for search engines, and the feed of news.

mod documents;
pub(crate) mod routes;

use magnetiq_storage::rusqlite::{Connection, params};

use crate::{clock::Time, error::Error, id::PageId};

/// A published page, as these lists name it.
#[derive(Debug)]
struct Entry {
    id: PageId,
    slug: String,
    title: String,
    summary: String,
    published_at: Time,
    updated_at: Time,
}

/// The newest published pages that programs are to find, so many at most.
fn newest(conn: &Connection, count: u32) -> Result<Vec<Entry>, Error> {
    let rows = conn
        .prepare_cached(
            "SELECT id, slug, title, summary, published_at, live_at FROM page WHERE status = 'published' AND noindex = 0
             ORDER BY published_at DESC, id DESC LIMIT ?",
        )?
        .query_map(params![count], |row| {
            Ok(Entry {
                id: row.get("id")?,
                slug: row.get("slug")?,
                title: row.get("title")?,
                summary: row.get("summary")?,
                published_at: row.get("published_at")?,
                updated_at: row.get("live_at")?,
            })
        })?
        .collect::<Result<Vec<_>, _>>()?;
    Ok(rows)
}
