//! The queue of pictures, and what was made of them: every SQL statement about these.

use std::collections::HashMap;

use magnetiq_storage::{
    Tx,
    rusqlite::{Connection, OptionalExtension, named_params, params},
};

use super::picture::Outcome;
use crate::{
    error::Error,
    id::MediaId,
    media::{FocalPoint, Media, rows},
};

/// How often a picture is begun. One that ended the server each time is left alone.
pub(super) const ATTEMPTS_MAX: u32 = 3;

/// How the reason begins where a file was not there, or could not be opened: by another start it may be.
pub(super) const NOT_READ: &str = "The file cannot be read";

/// Queues what was made, or could not be made, by another recipe than this one, and what could not even be opened.
pub(super) fn queue_others(tx: &Tx, recipe: &str) -> Result<usize, Error> {
    let sql = "UPDATE media SET variants = 'queued', variants_attempts = 0, variants_reason = NULL
        WHERE variants IN ('made', 'failed') AND variants_recipe <> ?1 OR variants = 'failed' AND instr(variants_reason, ?2) = 1";
    Ok(tx.prepare_cached(sql)?.execute([recipe, NOT_READ])?)
}

/// The one that waits for the longest time, and how often it was begun.
pub(super) fn next(conn: &Connection) -> Result<Option<(Media, u32)>, Error> {
    let sql = "SELECT id, variants_attempts FROM media WHERE variants = 'queued' ORDER BY created_at, id LIMIT 1";
    let found = conn.prepare_cached(sql)?.query_row([], |row| Ok((row.get::<_, MediaId>(0)?, row.get::<_, u32>(1)?))).optional()?;
    found.map(|(id, attempts)| Ok((rows::get(conn, id)?, attempts))).transpose()
}

/// How many files wait, and of how many nothing can be made.
#[derive(Clone, Copy, Debug)]
pub(super) struct Count {
    pub(super) queued: u64,
    pub(super) failed: u64,
}

pub(super) fn count(conn: &Connection) -> Result<Count, Error> {
    let sql =
        "SELECT count(*) FILTER (WHERE variants = 'queued') AS queued, count(*) FILTER (WHERE variants = 'failed') AS failed FROM media";
    Ok(conn.prepare_cached(sql)?.query_row([], |row| Ok(Count { queued: row.get("queued")?, failed: row.get("failed")? }))?)
}

/// Notes before the work that it is begun, or with `-1` that this time does not count.
pub(super) fn count_attempt(tx: &Tx, id: MediaId, by: i32) -> Result<(), Error> {
    let sql = "UPDATE media SET variants_attempts = max(0, variants_attempts + ?2) WHERE id = ?1";
    tx.prepare_cached(sql)?.execute(params![id, by])?;
    Ok(())
}

/// Notes what was made; `false` where the file or its focal point is another one meanwhile, and waits to be made anew.
pub(super) fn made(tx: &Tx, media: &Media, outcome: &Outcome, recipe: &str) -> Result<bool, Error> {
    let FocalPoint { x, y } = media.focal_point;
    let sql = "UPDATE media SET variants = 'made', variants_reason = :reason, variants_attempts = 0, variants_recipe = :recipe,
        width = :width, height = :height WHERE id = :id AND sha256 = :sha256 AND focal_x = :x AND focal_y = :y";
    let changed = tx.prepare_cached(sql)?.execute(named_params! {
        ":id": media.id, ":sha256": media.sha256, ":x": x, ":y": y, ":reason": outcome.reason, ":recipe": recipe,
        ":width": outcome.size.0, ":height": outcome.size.1,
    })?;
    if changed == 0 {
        return Ok(false);
    }
    tx.prepare_cached("DELETE FROM media_variant WHERE media_id = ?")?.execute([media.id])?;
    let mut insert = tx.prepare_cached(
        "INSERT INTO media_variant (media_id, preset, version, width, height, size_bytes, cropped) VALUES (?, ?, ?, ?, ?, ?, ?)",
    )?;
    for made in &outcome.made {
        let size_bytes = made.webp.len() as u64;
        insert.execute(params![media.id, made.preset, made.version, made.size.0, made.size.1, size_bytes, made.cropped])?;
    }
    Ok(true)
}

/// Notes why nothing can be made of it.
pub(super) fn failed(tx: &Tx, media: &Media, reason: &str, recipe: &str) -> Result<(), Error> {
    let sql = "UPDATE media SET variants = 'failed', variants_reason = ?3, variants_attempts = 0, variants_recipe = ?4
        WHERE id = ?1 AND sha256 = ?2";
    if tx.prepare_cached(sql)?.execute(params![media.id, media.sha256, reason, recipe])? > 0 {
        tx.prepare_cached("DELETE FROM media_variant WHERE media_id = ?")?.execute([media.id])?;
    }
    Ok(())
}

/// A file that should be there.
#[derive(Clone, Debug)]
pub(super) struct Expected {
    pub(super) media: MediaId,
    pub(super) size_bytes: u64,
}

/// Every file that should be there, by the hash of its picture and its own name.
pub(super) fn expected(conn: &Connection) -> Result<HashMap<(String, String), Expected>, Error> {
    let sql = "SELECT media.id, sha256, preset, version, media_variant.size_bytes FROM media_variant JOIN media ON media.id = media_id";
    let mut statement = conn.prepare_cached(sql)?;
    let rows = statement.query_map([], |row| {
        let (preset, version): (String, String) = (row.get("preset")?, row.get("version")?);
        let expected = Expected { media: row.get("id")?, size_bytes: row.get("size_bytes")? };
        Ok(((row.get("sha256")?, super::file_name(&preset, &version)), expected))
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// The versions of a file's variants, for whoever wants to see one.
pub(super) fn version(conn: &Connection, id: MediaId, preset: &str) -> Result<Option<String>, Error> {
    let sql = "SELECT version FROM media_variant WHERE media_id = ? AND preset = ?";
    Ok(conn.prepare_cached(sql)?.query_row(params![id, preset], |row| row.get(0)).optional()?)
}
