//! Tags: what they are, counted, renamed, merged and taken away.

use magnetiq_storage::rusqlite::Connection;
use serde::Serialize;
use utoipa::ToSchema;

use crate::error::Error;

/// A tag, and how many published pages have it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct TagCount {
    #[schema(examples("guides"))]
    pub(crate) tag: String,
    pub(crate) pages: u64,
}

/// The tags of published pages, by name.
pub(crate) fn public_tags(conn: &Connection) -> Result<Vec<TagCount>, Error> {
    let sql = "SELECT tag, count(*) AS pages FROM page_tag JOIN page ON page.number = page_tag.page_number
        WHERE page.status = 'published' GROUP BY tag ORDER BY tag LIMIT 1000";
    let mut statement = conn.prepare_cached(sql)?;
    let rows = statement.query_map([], |row| Ok(TagCount { tag: row.get("tag")?, pages: row.get("pages")? }))?;
    Ok(rows.collect::<Result<_, _>>()?)
}
