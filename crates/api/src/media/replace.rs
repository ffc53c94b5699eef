//! `/api/v1/admin/media/{id}/content`: another content for a file, wherever it is shown.

use actix_multipart::Multipart;
use actix_web::{
    HttpRequest, HttpResponse, put,
    web::{Data, Path},
};

use super::{
    Media,
    admin::{answer, refuse_former, remove_unless_wanted},
    deleted,
    folder::Received,
    receive::{self, Upload, of_folder, to_the_end},
    room, rows,
};
use crate::{
    audit::{self, Actor, Change},
    auth::Caller,
    blocking::Turn,
    error::Error,
    http::{etag, problem::Problem},
    id::{MediaId, MediaPath},
    state::AppState,
};

/// Give a file another content, in the field `file` of a form. Everything that shows it shows the new one, at once: the former address leads to
/// it. A picture is replaced by a picture, and so on.
#[utoipa::path(operation_id = "replace_media", tag = "admin", params(MediaPath, ("If-Match" = String, Header, description = "The file's ETag")),
    request_body(content = Upload, content_type = "multipart/form-data"), responses(
    (status = 200, body = Media, headers(("ETag" = String))),
    (status = 401, body = Problem, description = "`not-signed-in`"),
    (status = 404, body = Problem, description = "`media-not-found`"),
    (status = 409, body = Problem, description = "`media-exists`: another file has this content; `media-replaced`: it had it"),
    (status = 412, body = Problem, description = "`precondition-failed`"),
    (status = 413, body = Problem, description = "`upload-too-large`"),
    (status = 415, body = Problem, description = "`unsupported-media-type`: also where it is of another kind"),
    (status = 428, body = Problem, description = "`precondition-required`"),
    (status = 503, body = Problem, description = "`read-only`, `media-read-only`, `busy`, with Retry-After"),
    (status = 507, body = Problem, description = "`media-quota`, `disk-low`, `disk-full`"),
))]
#[put("/admin/media/{id}/content")]
pub(crate) async fn content(
    caller: Caller,
    request: HttpRequest,
    state: Data<AppState>,
    path: Path<MediaPath>,
    form: Multipart,
) -> Result<HttpResponse, Error> {
    let seen = etag::required_revision(&request)?;
    let id = path.id;
    let before = state.read(move |conn| rows::get(conn, id)).await?;
    // Before anything is sent for nothing; the write looks again.
    if seen.is_some_and(|seen| seen != before.revision) {
        return Err(Error::PreconditionFailed { current: before.revision });
    }
    let (name, received, turn) = receive::file(&state, &request, form).await?;
    let media = to_the_end(swap(caller, state, id, seen, name, received, turn)).await?;
    Ok(answer(HttpResponse::Ok(), &media))
}

async fn swap(
    caller: Caller,
    state: Data<AppState>,
    id: MediaId,
    seen: Option<i64>,
    name: String,
    received: Received,
    turn: Turn,
) -> Result<Media, Error> {
    let changes = state.media.changes.write().await;
    let (sha256, size_bytes, quota_bytes) = (received.about.sha256.clone(), received.about.size_bytes, state.media_quota_bytes());
    let before = state
        .read(move |conn| {
            let before = rows::get(conn, id)?;
            // Others save what they say of it meanwhile.
            rows::require_revision(conn, id, seen)?;
            if before.sha256 == sha256 {
                return Ok(before);
            }
            if let Some(other) = rows::find(conn, &sha256)? {
                return Err(Error::MediaExists { name: other.name });
            }
            refuse_former(conn, &sha256, Some(id))?;
            room::require(conn, quota_bytes, size_bytes.saturating_sub(before.size_bytes))?;
            Ok(before)
        })
        .await?;
    if before.sha256 == received.about.sha256 {
        return Ok(before);
    }
    if class(&before.media_type) != class(received.about.media_type) {
        let detail = format!(
            "{} is {}, and is replaced by something of that kind, not by {}",
            before.name, before.media_type, received.about.media_type
        );
        return Err(Error::UnsupportedMedia { detail });
    }
    let insert = rows::Insert::new(&name, Some(caller.account.id), &received.about);
    let (folder, sha256) = (state.media.clone(), insert.sha256.clone());
    turn.run(move || folder.keep(received)).await?.map_err(of_folder)?;
    let now = state.clock.now();
    let replaced = state.write(move |tx| {
        let media = rows::replace(tx, &before, seen, &insert, now)?;
        audit::record(tx, &Actor::from(&caller), Change::of("media.replace", id, &media.name).from(&before)?.to(&media)?, now)?;
        Ok(media)
    });
    let replaced = replaced.await;
    if replaced.is_err() {
        drop(changes);
        remove_unless_wanted(&state, sha256).await;
        return replaced;
    }
    deleted::remove_if_possible(&state).await;
    replaced
}

/// What one kind of file can stand for: pages show pictures in another way than documents.
fn class(media_type: &str) -> &str {
    match media_type.split_once('/') {
        Some((class @ ("image" | "video" | "audio" | "font"), _)) => class,
        _ => "document",
    }
}
