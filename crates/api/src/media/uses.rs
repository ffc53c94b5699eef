//! Where files are shown: on pages, and beside them in menus, by forms and as the logo of the site.

use magnetiq_storage::{
    Tx,
    rusqlite::{Connection, params},
};

use super::{MediaUse, rows::SqlResult};
use crate::{error::Error, id::MediaId, leads::form_rows, menus, pages::links, state::AppState};

/// Whether something shows a file: a condition on `media`, in which `:beside` is [`Beside::hashes`].
pub(super) const IS_USED: &str = "(EXISTS (SELECT 1 FROM page_media WHERE media_id = media.id)
     OR media.sha256 IN (SELECT value FROM json_each(:beside))
     OR EXISTS (SELECT 1 FROM media_former WHERE media_id = media.id AND sha256 IN (SELECT value FROM json_each(:beside))))";

/// The pages that show a file, by title.
pub(super) fn pages(conn: &Connection, id: MediaId) -> Result<Vec<MediaUse>, Error> {
    let sql = "SELECT page.id, title, coalesce(former_slug, slug) AS slug, status, deleted_at IS NOT NULL AS in_trash
        FROM page_media JOIN page ON page.number = page_media.page_number WHERE media_id = ? ORDER BY title, page.number";
    let mut statement = conn.prepare_cached(sql)?;
    let rows = statement.query_map([id], |row| {
        Ok(MediaUse {
            id: row.get("id")?,
            title: row.get("title")?,
            slug: row.get("slug")?,
            status: row.get("status")?,
            in_trash: row.get("in_trash")?,
        })
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// The address of the site's logo, as it is now; empty where there is none.
pub(super) fn logo(state: &AppState) -> String {
    state.live.current().settings.site.logo.clone()
}

/// What shows files beside the pages: the hash in the address of a file, and what has that address.
#[derive(Debug)]
pub(super) struct Beside(Vec<(String, String)>);

impl Beside {
    pub(super) fn read(conn: &Connection, logo: &str) -> Result<Self, Error> {
        let menus = menus::rows::texts(conn)?.into_iter().map(|(menu, items)| match menu.language {
            Some(language) => (format!("menu {} ({language})", menu.name), items),
            None => (format!("menu {}", menu.name), items),
        });
        let forms = form_rows::links(conn)?.into_iter().map(|(form, link)| (format!("form {form}"), link));
        let texts = menus.chain(forms).chain([("site.logo".to_owned(), logo.to_owned())]);
        Ok(Self(texts.flat_map(|(place, text)| links::media(&text).into_iter().map(move |sha256| (sha256, place.clone()))).collect()))
    }

    /// For [`IS_USED`]: a JSON array.
    pub(super) fn hashes(&self) -> Result<String, Error> {
        let hashes: Vec<&str> = self.0.iter().map(|(sha256, _)| sha256.as_str()).collect();
        serde_json::to_string(&hashes).map_err(|source| Error::Json { source })
    }

    /// What shows this file, by its present address or a former one.
    pub(super) fn of(&self, conn: &Connection, id: MediaId) -> Result<Vec<String>, Error> {
        let sql = "SELECT sha256 FROM media WHERE id = ?1 UNION ALL SELECT sha256 FROM media_former WHERE media_id = ?1";
        let mut statement = conn.prepare_cached(sql)?;
        let own = statement.query_map([id], |row| row.get(0))?.collect::<SqlResult<Vec<String>>>()?;
        let mut places: Vec<String> = self.0.iter().filter(|(sha256, _)| own.contains(sha256)).map(|(_, place)| place.clone()).collect();
        places.dedup();
        Ok(places)
    }
}

/// Everything that shows a file, in words.
pub(super) fn places(conn: &Connection, id: MediaId, logo: &str) -> Result<Vec<String>, Error> {
    let title = |page: MediaUse| if page.in_trash { format!("{} (in the trash)", page.title) } else { page.title };
    let pages = pages(conn, id)?.into_iter().map(title);
    Ok(pages.chain(Beside::read(conn, logo)?.of(conn, id)?).collect())
}

/// A file has this content from now on: pages that named it before it was there show it.
pub(super) fn note_waiting_pages(tx: &Tx, id: MediaId, sha256: &str) -> Result<(), Error> {
    let sql = "INSERT OR IGNORE INTO page_media (page_number, media_id) SELECT page_number, ?1 FROM page_media_missing WHERE sha256 = ?2";
    tx.prepare_cached(sql)?.execute(params![id, sha256])?;
    tx.prepare_cached("DELETE FROM page_media_missing WHERE sha256 = ?")?.execute([sha256])?;
    Ok(())
}
