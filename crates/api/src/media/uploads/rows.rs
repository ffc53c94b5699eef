//! Uploads in parts, in the database: every SQL statement about them.

use magnetiq_storage::{
    Tx,
    rusqlite::{Connection, OptionalExtension, Row, named_params, params},
};

use super::{OPEN_MAX, Upload};
use crate::{
    clock::Time,
    error::Error,
    id::{AccountId, MediaId, UploadId},
    media::rows,
};

const COLUMNS: &str = "id, account_id, name, metadata, size_bytes, offset_bytes, sha256, expires_at, media_id";

fn row(row: &Row<'_>) -> magnetiq_storage::rusqlite::Result<(Upload, Option<MediaId>)> {
    let upload = Upload {
        id: row.get("id")?,
        account: row.get("account_id")?,
        name: row.get("name")?,
        metadata: row.get("metadata")?,
        size_bytes: row.get("size_bytes")?,
        offset_bytes: row.get("offset_bytes")?,
        sha256: row.get("sha256")?,
        expires_at: row.get("expires_at")?,
        media: None,
    };
    Ok((upload, row.get("media_id")?))
}

/// An upload of this account that has not expired.
pub(super) fn get(conn: &Connection, id: UploadId, account: AccountId, now: Time) -> Result<Upload, Error> {
    let sql = format!("SELECT {COLUMNS} FROM media_upload WHERE id = ? AND account_id = ? AND expires_at > ?");
    let found = conn.prepare_cached(&sql)?.query_row(params![id, account, now], row).optional()?;
    let (upload, media) = found.ok_or(Error::NotFound { what: "upload" })?;
    Ok(Upload { media: media.map(|media| rows::get(conn, media)).transpose()?, ..upload })
}

/// # Errors
///
/// [`Error::TooManyUploads`] where the account has as many as it may.
pub(super) fn insert(tx: &Tx, upload: &Upload, now: Time) -> Result<(), Error> {
    let sql = "SELECT count(*) FROM media_upload WHERE account_id = ? AND media_id IS NULL AND expires_at > ?";
    let open: u64 = tx.prepare_cached(sql)?.query_row(params![upload.account, now], |row| row.get(0))?;
    if open >= OPEN_MAX {
        return Err(Error::TooManyUploads { open_max: OPEN_MAX });
    }
    tx.prepare_cached(
        "INSERT INTO media_upload (id, account_id, name, metadata, size_bytes, offset_bytes, created_at, expires_at)
         VALUES (:id, :account, :name, :metadata, :size_bytes, 0, :now, :expires_at)",
    )?
    .execute(named_params! {
        ":id": upload.id, ":account": upload.account, ":name": upload.name, ":metadata": upload.metadata,
        ":size_bytes": upload.size_bytes, ":now": now, ":expires_at": upload.expires_at,
    })?;
    Ok(())
}

/// More of it is on the disk.
pub(super) fn advance(tx: &Tx, id: UploadId, offset_bytes: u64, expires_at: Time) -> Result<(), Error> {
    let sql = "UPDATE media_upload SET offset_bytes = ?2, expires_at = max(expires_at, ?3) WHERE id = ?1";
    match tx.prepare_cached(sql)?.execute(params![id, offset_bytes, expires_at])? {
        0 => Err(Error::NotFound { what: "upload" }),
        _ => Ok(()),
    }
}

/// Its file is on the way to its place among the media.
pub(super) fn note_hash(tx: &Tx, id: UploadId, sha256: &str) -> Result<(), Error> {
    tx.prepare_cached("UPDATE media_upload SET sha256 = ?2 WHERE id = ?1")?.execute(params![id, sha256])?;
    Ok(())
}

/// It is this file now.
pub(super) fn finish(tx: &Tx, id: UploadId, media: MediaId) -> Result<(), Error> {
    tx.prepare_cached("UPDATE media_upload SET media_id = ?2 WHERE id = ?1")?.execute(params![id, media])?;
    Ok(())
}

pub(super) fn delete(tx: &Tx, id: UploadId) -> Result<(), Error> {
    tx.prepare_cached("DELETE FROM media_upload WHERE id = ?")?.execute([id])?;
    Ok(())
}

/// Uploads whose time is over.
pub(super) fn expired(conn: &Connection, now: Time) -> Result<Vec<UploadId>, Error> {
    let mut statement = conn.prepare_cached("SELECT id FROM media_upload WHERE expires_at <= ? LIMIT 100")?;
    Ok(statement.query_map([now], |row| row.get(0))?.collect::<Result<_, _>>()?)
}

/// Uploads that are whole, and not yet in the library.
pub(super) fn whole(conn: &Connection, now: Time) -> Result<Vec<Upload>, Error> {
    let sql =
        format!("SELECT {COLUMNS} FROM media_upload WHERE media_id IS NULL AND offset_bytes = size_bytes AND expires_at > ? LIMIT 100");
    let mut statement = conn.prepare_cached(&sql)?;
    statement.query_map([now], row)?.map(|found| Ok(found?.0)).collect()
}

/// Every upload that is not in the library yet, and whether its file is on the way there.
pub(super) fn open(conn: &Connection) -> Result<Vec<(UploadId, bool)>, Error> {
    let mut statement = conn.prepare_cached("SELECT id, sha256 IS NOT NULL FROM media_upload WHERE media_id IS NULL")?;
    Ok(statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?.collect::<Result<_, _>>()?)
}
