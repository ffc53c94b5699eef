//! Addresses that pages had: who comes by an old link finds the page where it is now.

use magnetiq_storage::{
    Tx,
    rusqlite::{Connection, OptionalExtension, named_params},
};

use crate::{clock::Time, error::Error, id::PageId};

/// The address of the site's first page: with no page there, `/` shows the newest ones, so nothing is left behind at it. The same goes for
/// the first page of another language, which is its tag.
pub(crate) const HOME: &str = "home";

/// The path on the site of a page with this slug.
pub(crate) fn path(slug: &str) -> String {
    if slug == HOME { "/".into() } else { format!("/{slug}") }
}

/// Where the published page is now that had this slug before, or `None`.
pub(crate) fn target(conn: &Connection, slug: &str) -> Result<Option<String>, Error> {
    let sql = "SELECT page.slug FROM page_redirect JOIN page ON page.number = page_redirect.page_number
         WHERE page_redirect.slug = ? AND page.status = 'published'";
    Ok(conn.prepare_cached(sql)?.query_row([slug], |row| row.get(0)).optional()?)
}

/// A page is shown at this slug: it leads nowhere else any more.
pub(crate) fn free(tx: &Tx, slug: &str) -> Result<(), Error> {
    tx.prepare_cached("DELETE FROM page_redirect WHERE slug = ?")?.execute([slug])?;
    Ok(())
}

/// The page is about to leave its slug for `next`. What was never published left no links behind, and links to a page that was shown there
/// before a hidden one took the slug go on leading to it.
pub(crate) fn leave(tx: &Tx, id: PageId, next: &str, now: Time) -> Result<(), Error> {
    tx.prepare_cached(
        "INSERT INTO page_redirect (slug, page_number, created_at)
         SELECT slug, number, :now FROM page
         WHERE id = :id AND slug NOT IN (:next, :home, lower(language)) AND published_at IS NOT NULL
         ON CONFLICT (slug) DO NOTHING",
    )?
    .execute(named_params! { ":id": id, ":next": next, ":home": HOME, ":now": now })?;
    Ok(())
}
