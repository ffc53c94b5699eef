//! How much there is, and how much more may come.

use actix_web::{
    get,
    web::{Data, Json},
};
use magnetiq_storage::rusqlite::{Connection, named_params};
use serde::Serialize;
use utoipa::ToSchema;

use super::uses::{self, Beside, IS_USED};
use crate::{error::Error, http::problem::Problem, state::AppState};

/// A tag, and how many files have it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct MediaTagCount {
    #[schema(examples("team"))]
    tag: String,
    files: u64,
}

/// The library in numbers.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct MediaSummary {
    /// Files.
    files: u64,
    /// What they have together, without what is made of them.
    size_bytes: u64,
    /// What files that come in parts will have.
    coming_bytes: u64,
    /// What all together may have: `media.quota_bytes`; null where there is no limit.
    quota_bytes: Option<u64>,
    /// How much more may come; null where there is no limit.
    left_bytes: Option<u64>,
    /// Files that nothing shows: no page, no menu, and not the site as its logo.
    unused_files: u64,
    /// What these have together.
    unused_bytes: u64,
    /// Pictures that smaller ones are still to be made of.
    queued_files: u64,
    /// Pictures that none could be made of.
    failed_files: u64,
    /// What was made of pictures has together; it does not count for the quota.
    variants_bytes: u64,
    /// Tags, by name, at most 1,000.
    tags: Vec<MediaTagCount>,
}

/// Refuses `more` bytes that the quota has no room for. Who then takes them asks in the same write, so that nobody else does.
pub(crate) fn require(conn: &Connection, quota_bytes: Option<u64>, more: u64) -> Result<(), Error> {
    let Some(quota_bytes) = quota_bytes else { return Ok(()) };
    let left_bytes = quota_bytes.saturating_sub(taken(conn)?);
    if more > left_bytes { Err(Error::MediaQuota { size_bytes: more, left_bytes, quota_bytes }) } else { Ok(()) }
}

/// Bytes of all files, those that are coming among them.
fn taken(conn: &Connection) -> Result<u64, Error> {
    let sql = "SELECT (SELECT coalesce(sum(size_bytes), 0) FROM media)
        + (SELECT coalesce(sum(size_bytes), 0) FROM media_upload WHERE media_id IS NULL)";
    Ok(conn.prepare_cached(sql)?.query_row([], |row| row.get(0))?)
}

fn summary(conn: &Connection, quota_bytes: Option<u64>, logo: &str) -> Result<MediaSummary, Error> {
    let mut tags = conn.prepare_cached("SELECT tag, count(*) AS files FROM media_tag GROUP BY tag ORDER BY tag LIMIT 1000")?;
    let tags = tags.query_map([], |row| Ok(MediaTagCount { tag: row.get("tag")?, files: row.get("files")? }))?;
    let tags = tags.collect::<Result<Vec<_>, _>>()?;
    let left_bytes = match quota_bytes {
        Some(quota_bytes) => Some(quota_bytes.saturating_sub(taken(conn)?)),
        None => None,
    };
    let beside = Beside::read(conn, logo)?.hashes()?;
    let sql = format!(
        "WITH file AS (SELECT size_bytes, variants, NOT {IS_USED} AS unused FROM media)
        SELECT count(*) AS files, coalesce(sum(size_bytes), 0) AS size_bytes, count(*) FILTER (WHERE unused) AS unused_files,
            coalesce(sum(size_bytes) FILTER (WHERE unused), 0) AS unused_bytes, count(*) FILTER (WHERE variants = 'queued') AS queued_files,
            count(*) FILTER (WHERE variants = 'failed') AS failed_files,
            (SELECT coalesce(sum(size_bytes), 0) FROM media_upload WHERE media_id IS NULL) AS coming_bytes,
            (SELECT coalesce(sum(size_bytes), 0) FROM media_variant) AS variants_bytes
        FROM file"
    );
    let summary = conn.prepare_cached(&sql)?.query_row(named_params! { ":beside": beside }, |row| {
        Ok(MediaSummary {
            files: row.get("files")?,
            size_bytes: row.get("size_bytes")?,
            coming_bytes: row.get("coming_bytes")?,
            quota_bytes,
            left_bytes,
            unused_files: row.get("unused_files")?,
            unused_bytes: row.get("unused_bytes")?,
            queued_files: row.get("queued_files")?,
            failed_files: row.get("failed_files")?,
            variants_bytes: row.get("variants_bytes")?,
            tags,
        })
    })?;
    Ok(summary)
}

/// The media library in numbers: how much there is, how much more may come, what nothing shows, the tags.
#[utoipa::path(operation_id = "summarise_media", tag = "admin", responses(
    (status = 200, body = MediaSummary),
    (status = 401, body = Problem, description = "`not-signed-in`"),
))]
#[get("/admin/media/summary")]
pub(crate) async fn show(state: Data<AppState>) -> Result<Json<MediaSummary>, Error> {
    let (quota_bytes, logo) = (state.media_quota_bytes(), uses::logo(&state));
    Ok(Json(state.read(move |conn| summary(conn, quota_bytes, &logo)).await?))
}
