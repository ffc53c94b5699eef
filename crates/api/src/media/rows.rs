//! Media in the database: every SQL statement about the files.

use std::collections::HashSet;

use magnetiq_storage::{
    Tx,
    rusqlite::{
        Connection, OptionalExtension, Row, named_params, params,
        types::{FromSql, FromSqlError, FromSqlResult, Type, ValueRef},
    },
};
use serde::{Deserialize, de::DeserializeOwned};

use super::{
    FocalPoint, Media, Variant, VariantsState,
    admin::{Kind, MediaQuery},
    details::MediaChange,
    folder::About,
    kind, names,
    uses::{self, Beside, IS_USED},
};
use crate::{
    clock::Time,
    error::Error,
    http::cursor::{Cursor, List, ListQuery},
    id::{AccountId, MediaId},
    pages::details,
};

const COLUMNS: &str =
    "media.id, media.sha256, media.name, media.original_name, media.media_type, media.size_bytes, media.width, media.height,
    media.created_at, media.updated_at, media.alt, media.focal_x, media.focal_y, media.variants, media.variants_reason, media.revision,
    (SELECT account.name FROM account WHERE account.id = media.uploaded_by) AS uploader,
    (SELECT count(*) FROM page_media WHERE media_id = media.id) AS pages,
    (SELECT json_group_array(tag ORDER BY tag) FROM media_tag WHERE media_id = media.id) AS tags,
    (SELECT json_group_array(json_object('preset', preset, 'version', version, 'width', width, 'height', height, 'size_bytes', size_bytes,
        'cropped', cropped) ORDER BY media_variant.width, preset) FROM media_variant WHERE media_id = media.id) AS made";

pub(super) type SqlResult<T> = magnetiq_storage::rusqlite::Result<T>;

impl FromSql for VariantsState {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        match value.as_str()? {
            "none" => Ok(VariantsState::None),
            "queued" => Ok(VariantsState::Queued),
            "made" => Ok(VariantsState::Made),
            "failed" => Ok(VariantsState::Failed),
            _ => Err(FromSqlError::InvalidType),
        }
    }
}

/// A variant as the column `made` has it.
#[derive(Deserialize)]
struct Made {
    preset: String,
    version: String,
    width: u32,
    height: u32,
    size_bytes: u64,
    cropped: u8,
}

fn json<T: DeserializeOwned>(row: &Row<'_>, column: &str) -> SqlResult<T> {
    let failed = |error| magnetiq_storage::rusqlite::Error::FromSqlConversionFailure(0, Type::Text, Box::new(error));
    serde_json::from_str(&row.get::<_, String>(column)?).map_err(failed)
}

fn row(row: &Row<'_>) -> SqlResult<Media> {
    let (sha256, name): (String, String) = (row.get("sha256")?, row.get("name")?);
    let variant = |made: Made| Variant {
        url: names::variant_url(&sha256, &made.preset, &name, &made.version),
        preset: made.preset,
        width: made.width,
        height: made.height,
        size_bytes: made.size_bytes,
        cropped: made.cropped == 1,
    };
    Ok(Media {
        id: row.get("id")?,
        original_name: row.get("original_name")?,
        media_type: row.get("media_type")?,
        size_bytes: row.get("size_bytes")?,
        url: names::url(&sha256, &name),
        created_at: row.get("created_at")?,
        updated_at: row.get("updated_at")?,
        uploaded_by: row.get("uploader")?,
        width: row.get("width")?,
        height: row.get("height")?,
        alt: row.get("alt")?,
        tags: json(row, "tags")?,
        focal_point: FocalPoint { x: row.get("focal_x")?, y: row.get("focal_y")? },
        pages: row.get("pages")?,
        variants: json::<Vec<Made>>(row, "made")?.into_iter().map(variant).collect(),
        variants_state: row.get("variants")?,
        variants_reason: row.get("variants_reason")?,
        revision: row.get("revision")?,
        sha256,
        name,
    })
}

/// A file's row as it will be.
#[derive(Clone, Debug)]
pub(crate) struct Insert {
    pub(crate) name: String,
    pub(crate) original_name: String,
    pub(crate) uploaded_by: Option<AccountId>,
    pub(crate) sha256: String,
    pub(crate) media_type: &'static str,
    pub(crate) size_bytes: u64,
    pub(crate) width: Option<u32>,
    pub(crate) height: Option<u32>,
}

impl Insert {
    /// `name` as it came.
    pub(crate) fn new(name: &str, uploaded_by: Option<AccountId>, about: &About) -> Self {
        Self {
            name: names::clean(name),
            original_name: names::original(name),
            uploaded_by,
            sha256: about.sha256.clone(),
            media_type: about.media_type,
            size_bytes: about.size_bytes,
            width: about.width,
            height: about.height,
        }
    }
}

pub(crate) fn get(conn: &Connection, id: MediaId) -> Result<Media, Error> {
    let sql = format!("SELECT {COLUMNS} FROM media WHERE id = ?");
    conn.prepare_cached(&sql)?.query_row([id], row).optional()?.ok_or(Error::NotFound { what: "media" })
}

/// The file that has this content.
pub(crate) fn find(conn: &Connection, sha256: &str) -> Result<Option<Media>, Error> {
    let sql = format!("SELECT {COLUMNS} FROM media WHERE sha256 = ?");
    Ok(conn.prepare_cached(&sql)?.query_row([sha256], row).optional()?)
}

/// The file that had this content before its present one.
pub(crate) fn find_former(conn: &Connection, sha256: &str) -> Result<Option<Media>, Error> {
    let sql = format!("SELECT {COLUMNS} FROM media JOIN media_former ON media_former.media_id = media.id WHERE media_former.sha256 = ?");
    Ok(conn.prepare_cached(&sql)?.query_row([sha256], row).optional()?)
}

/// The file that an address with this hash leads to.
pub(crate) fn at_address(conn: &Connection, sha256: &str) -> Result<Option<Media>, Error> {
    Ok(match find(conn, sha256)? {
        Some(media) => Some(media),
        None => find_former(conn, sha256)?,
    })
}

pub(crate) fn insert(tx: &Tx, media: &Insert, now: Time) -> Result<Media, Error> {
    let id = MediaId::new(now);
    tx.prepare_cached(
        "INSERT INTO media (id, sha256, name, original_name, media_type, size_bytes, width, height, created_at, updated_at, uploaded_by, variants)
         VALUES (:id, :sha256, :name, :original_name, :media_type, :size_bytes, :width, :height, :now, :now, :uploaded_by, :variants)",
    )?
    .execute(named_params! {
        ":id": id, ":sha256": media.sha256, ":name": media.name, ":original_name": media.original_name,
        ":media_type": media.media_type, ":size_bytes": media.size_bytes, ":width": media.width, ":height": media.height, ":now": now,
        ":uploaded_by": media.uploaded_by, ":variants": variants_at_first(media.media_type),
    })?;
    // The file that waited to be removed is wanted again.
    forget_deleted(tx, std::slice::from_ref(&media.sha256))?;
    uses::note_waiting_pages(tx, id, &media.sha256)?;
    get(tx, id)
}

fn variants_at_first(media_type: &str) -> &'static str {
    if kind::is_scaled(media_type) { "queued" } else { "none" }
}

/// The newest first; `q` is looked for in the names, the words and the tags. `logo` is that of the site.
pub(crate) fn list(conn: &Connection, query: &ListQuery, which: &MediaQuery, logo: &str) -> Result<List<Media>, Error> {
    let limit = query.limit()?;
    let (time, id) = query.after()?;
    let kind = match which.kind {
        None => "1",
        Some(Kind::Picture) => "media_type LIKE 'image/%'",
        Some(Kind::Video) => "media_type LIKE 'video/%'",
        Some(Kind::Audio) => "media_type LIKE 'audio/%'",
        Some(Kind::Document) => "media_type NOT LIKE 'image/%' AND media_type NOT LIKE 'video/%' AND media_type NOT LIKE 'audio/%'",
    };
    let tag = which.tag.as_deref().map(|tag| details::normal_tag(tag).unwrap_or_else(|| tag.to_owned()));
    let sql = format!(
        "SELECT id, concat_ws(char(10), name, original_name, alt,
             (SELECT group_concat(tag, char(10)) FROM media_tag WHERE media_id = media.id)) AS text
         FROM media WHERE (created_at, id) < (:time, :id) AND {kind}
           AND (:tag IS NULL OR EXISTS (SELECT 1 FROM media_tag WHERE media_id = media.id AND tag = :tag))
           AND (:unused IS NULL OR :unused = NOT {IS_USED})
         ORDER BY created_at DESC, id DESC"
    );
    let beside = Beside::read(conn, logo)?.hashes()?;
    let mut statement = conn.prepare_cached(&sql)?;
    let found = statement
        .query_map(named_params! { ":time": time, ":id": id, ":tag": tag, ":unused": which.unused, ":beside": beside }, |row| {
            Ok((row.get::<_, MediaId>("id")?, row.get::<_, String>("text")?))
        })?;
    // Compared here: SQLite knows no capitals but those of ASCII.
    let words = query.words().map(str::to_lowercase);
    let mut files = Vec::new();
    for found in found {
        let (id, text) = found?;
        if words.as_deref().is_none_or(|words| text.to_lowercase().contains(words)) {
            files.push(get(conn, id)?);
            if files.len() > limit as usize {
                break;
            }
        }
    }
    Ok(List::cut(files, limit, |last| Cursor::After(last.created_at, last.id.to_string())))
}

/// Refuses a change of a file that is not the one the client saw; `None` takes whatever is there.
pub(super) fn require_revision(conn: &Connection, id: MediaId, seen: Option<i64>) -> Result<(), Error> {
    let current = conn.prepare_cached("SELECT revision FROM media WHERE id = ?")?.query_row([id], |row| row.get(0)).optional()?;
    let current: i64 = current.ok_or(Error::NotFound { what: "media" })?;
    match seen {
        Some(seen) if seen != current => Err(Error::PreconditionFailed { current }),
        _ => Ok(()),
    }
}

/// Changes what people say of a file. A change of nothing is none.
pub(crate) fn update(tx: &Tx, id: MediaId, seen: Option<i64>, change: &MediaChange, now: Time) -> Result<Media, Error> {
    require_revision(tx, id, seen)?;
    let before = get(tx, id)?;
    if MediaChange::of(&before) == *change {
        return Ok(before);
    }
    if before.tags != change.tags {
        tx.execute("DELETE FROM media_tag WHERE media_id = ?", [id])?;
        let mut insert = tx.prepare_cached("INSERT INTO media_tag (media_id, tag) VALUES (?, ?)")?;
        change.tags.iter().try_for_each(|tag| insert.execute(params![id, tag]).map(drop))?;
    }
    tx.prepare_cached(
        "UPDATE media SET name = :name, alt = :alt, focal_x = :x, focal_y = :y, updated_at = :now, revision = revision + 1 WHERE id = :id",
    )?
    .execute(named_params! {
        ":id": id, ":name": change.name, ":alt": change.alt, ":x": change.focal_point.x, ":y": change.focal_point.y, ":now": now,
    })?;
    if before.focal_point != change.focal_point {
        queue(tx, id)?;
    }
    get(tx, id)
}

/// What is made of a file is made anew.
pub(crate) fn queue(tx: &Tx, id: MediaId) -> Result<(), Error> {
    let sql = "UPDATE media SET variants = 'queued', variants_attempts = 0, variants_reason = NULL WHERE id = ? AND variants <> 'none'";
    tx.prepare_cached(sql)?.execute([id])?;
    Ok(())
}

/// Gives a file another content. Its former one still leads to it, and its file is to go.
pub(crate) fn replace(tx: &Tx, before: &Media, seen: Option<i64>, received: &Insert, now: Time) -> Result<Media, Error> {
    let id = before.id;
    require_revision(tx, id, seen)?;
    tx.execute("DELETE FROM media_former WHERE sha256 = ? AND media_id = ?", params![received.sha256, id])?;
    tx.execute("INSERT INTO media_former (sha256, media_id, replaced_at) VALUES (?, ?, ?)", params![before.sha256, id, now])?;
    tx.execute("DELETE FROM media_variant WHERE media_id = ?", [id])?;
    tx.prepare_cached(
        "UPDATE media SET sha256 = :sha256, original_name = :original_name, media_type = :media_type, size_bytes = :size_bytes, width = :width,
         height = :height, updated_at = :now, revision = revision + 1, variants = :variants, variants_reason = NULL, variants_attempts = 0
         WHERE id = :id",
    )?
    .execute(named_params! {
        ":id": id, ":sha256": received.sha256, ":original_name": received.original_name, ":media_type": received.media_type,
        ":size_bytes": received.size_bytes, ":width": received.width, ":height": received.height, ":now": now,
        ":variants": variants_at_first(received.media_type),
    })?;
    note_deleted(tx, &before.sha256, now)?;
    forget_deleted(tx, std::slice::from_ref(&received.sha256))?;
    uses::note_waiting_pages(tx, id, &received.sha256)?;
    get(tx, id)
}

/// Deletes the row of a file that nothing shows, and notes that the file is to go. `logo` is that of the site.
pub(crate) fn delete(tx: &Tx, id: MediaId, seen: Option<i64>, logo: &str, now: Time) -> Result<Media, Error> {
    require_revision(tx, id, seen)?;
    let places = uses::places(tx, id, logo)?;
    if !places.is_empty() {
        return Err(Error::MediaInUse { places });
    }
    let deleted = get(tx, id)?;
    tx.prepare_cached("DELETE FROM media WHERE id = ?")?.execute([id])?;
    note_deleted(tx, &deleted.sha256, now)?;
    Ok(deleted)
}

/// The file is to go.
pub(super) fn note_deleted(tx: &Tx, sha256: &str, now: Time) -> Result<(), Error> {
    let sql = "INSERT INTO media_deleted (sha256, deleted_at) VALUES (?, ?) ON CONFLICT DO NOTHING";
    tx.prepare_cached(sql)?.execute(params![sha256, now])?;
    Ok(())
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

/// The hash of every file that a row names: those that are on their way, and those that are to go, among them.
pub(super) fn named(conn: &Connection) -> Result<HashSet<String>, Error> {
    let sql = "SELECT sha256 FROM media UNION ALL SELECT sha256 FROM media_deleted
        UNION ALL SELECT sha256 FROM media_upload WHERE sha256 IS NOT NULL";
    let mut statement = conn.prepare_cached(sql)?;
    Ok(statement.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?)
}

/// Whether a file with this hash is in its place, or on its way there.
pub(super) fn is_wanted(conn: &Connection, sha256: &str) -> Result<bool, Error> {
    let sql = "SELECT EXISTS (SELECT 1 FROM media WHERE sha256 = ?1) OR EXISTS (SELECT 1 FROM media_upload WHERE sha256 = ?1)";
    Ok(conn.prepare_cached(sql)?.query_row([sha256], |row| row.get(0))?)
}
