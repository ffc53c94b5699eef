//! What only the site itself asks the database.

use magnetiq_storage::rusqlite::Connection;

use super::view::PageName;
use crate::{error::Error, pages::redirects};

/// Published pages that are to be found, by name, at most 1,000.
pub(super) fn names(conn: &Connection) -> Result<Vec<PageName>, Error> {
    // With the index: all that is read of a page itself is before its text.
    let sql = "SELECT slug, title FROM page INDEXED BY page_by_found WHERE status = 'published' AND noindex = 0 ORDER BY title COLLATE NOCASE, slug LIMIT 1000";
    let mut statement = conn.prepare_cached(sql)?;
    let rows =
        statement.query_map([], |row| Ok(PageName { path: redirects::path(&row.get::<_, String>("slug")?), title: row.get("title")? }))?;
    Ok(rows.collect::<Result<_, _>>()?)
}
