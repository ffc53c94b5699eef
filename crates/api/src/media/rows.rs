//! Media in the database: every SQL statement about them.

use magnetiq_storage::{
    Tx,
    rusqlite::{Connection, OptionalExtension, Row, named_params, params},
};

use super::{Media, folder::Received, url};
use crate::{
    clock::Time,
    error::Error,
    http::cursor::{Cursor, List, ListQuery},
    id::MediaId,
};

const COLUMNS: &str = "id, sha256, name, media_type, size_bytes, width, height, created_at";

fn row(row: &Row<'_>) -> magnetiq_storage::rusqlite::Result<Media> {
    let (sha256, name): (String, String) = (row.get("sha256")?, row.get("name")?);
    Ok(Media {
        id: row.get("id")?,
        media_type: row.get("media_type")?,
        size_bytes: row.get("size_bytes")?,
        url: url(&sha256, &name),
        created_at: row.get("created_at")?,
        width: row.get("width")?,
        height: row.get("height")?,
        sha256,
        name,
    })
}

/// A file's row as it will be.
#[derive(Debug)]
pub(crate) struct Insert {
    pub(crate) name: String,
    pub(crate) sha256: String,
    pub(crate) media_type: &'static str,
    pub(crate) size_bytes: u64,
    pub(crate) width: Option<u32>,
    pub(crate) height: Option<u32>,
}

impl Insert {
    pub(crate) fn new(name: String, received: &Received) -> Self {
        Self {
            name,
            sha256: received.sha256.clone(),
            media_type: received.media_type,
            size_bytes: received.size_bytes,
            width: received.width,
            height: received.height,
        }
    }
}

pub(crate) fn find(conn: &Connection, sha256: &str) -> Result<Option<Media>, Error> {
    let sql = format!("SELECT {COLUMNS} FROM media WHERE sha256 = ?");
    Ok(conn.prepare_cached(&sql)?.query_row([sha256], row).optional()?)
}

pub(crate) fn insert(tx: &Tx, media: &Insert, now: Time) -> Result<Media, Error> {
    tx.prepare_cached(
        "INSERT INTO media (id, sha256, name, media_type, size_bytes, width, height, created_at)
         VALUES (:id, :sha256, :name, :media_type, :size_bytes, :width, :height, :now)",
    )?
    .execute(named_params! {
        ":id": MediaId::new(now), ":sha256": media.sha256, ":name": media.name, ":media_type": media.media_type,
        ":size_bytes": media.size_bytes, ":width": media.width, ":height": media.height, ":now": now,
    })?;
    // The file that waited to be removed is wanted again.
    forget_deleted(tx, std::slice::from_ref(&media.sha256))?;
    find(tx, &media.sha256)?.ok_or(Error::NotFound { what: "media" })
}

/// The newest first; `q` is looked for in the names.
pub(crate) fn list(conn: &Connection, query: &ListQuery) -> Result<List<Media>, Error> {
    let limit = query.limit()?;
    let (time, id) = query.after()?;
    let sql = format!(
        "SELECT {COLUMNS} FROM media WHERE (created_at, id) < (:time, :id) AND (:words IS NULL OR instr(lower(name), lower(:words)) > 0)
         ORDER BY created_at DESC, id DESC LIMIT :limit"
    );
    let rows = conn
        .prepare_cached(&sql)?
        .query_map(named_params! { ":time": time, ":id": id, ":words": query.words(), ":limit": limit + 1 }, row)?
        .collect::<Result<Vec<_>, _>>()?;
    Ok(List::cut(rows, limit, |last| Cursor::After(last.created_at, last.id.to_string())))
}

/// Deletes the row of a file that no page shows, and notes that the file is to go.
pub(crate) fn delete(tx: &Tx, id: MediaId, now: Time) -> Result<Media, Error> {
    let pages = tx
        .prepare_cached(
            "SELECT iif(page.deleted_at IS NULL, page.title, page.title || ' (in the trash)') FROM page_media JOIN page ON page.number = page_media.page_number WHERE media_id = ? ORDER BY 1",
        )?
        .query_map([id], |row| row.get(0))?
        .collect::<Result<Vec<String>, _>>()?;
    if !pages.is_empty() {
        return Err(Error::MediaInUse { pages });
    }
    let sql = format!("DELETE FROM media WHERE id = ? RETURNING {COLUMNS}");
    let deleted = tx.prepare_cached(&sql)?.query_row([id], row).optional()?.ok_or(Error::NotFound { what: "media" })?;
    tx.prepare_cached("INSERT INTO media_deleted (sha256, deleted_at) VALUES (?, ?)")?.execute(params![deleted.sha256, now])?;
    Ok(deleted)
}

/// The hashes of files that are to go, the first deleted first.
pub(crate) fn deleted(conn: &Connection) -> Result<Vec<String>, Error> {
    let mut statement = conn.prepare_cached("SELECT sha256 FROM media_deleted ORDER BY deleted_at, sha256")?;
    Ok(statement.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?)
}

/// These are gone, or wanted again.
pub(crate) fn forget_deleted(tx: &Tx, hashes: &[String]) -> Result<(), Error> {
    let mut statement = tx.prepare_cached("DELETE FROM media_deleted WHERE sha256 = ?")?;
    hashes.iter().try_for_each(|sha256| Ok(statement.execute([sha256]).map(drop)?))
}
