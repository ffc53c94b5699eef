//! `/api/v1/admin/media`: the media library.

use actix_multipart::Multipart;
use actix_web::{
    HttpRequest, HttpResponse, HttpResponseBuilder, delete, get,
    http::header,
    post, put,
    web::{Data, Json, Path, Query},
};
use magnetiq_storage::rusqlite::Connection;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{
    Media, MediaWithUses, deleted,
    details::MediaChange,
    folder::Received,
    receive::{self, Upload, of_folder, to_the_end},
    room, rows, uses,
};
use crate::{
    audit::{self, Actor, Change},
    auth::Caller,
    blocking::{self, Turn},
    error::Error,
    http::{
        cursor::{List, ListQuery},
        etag,
        fields::Fields,
        problem::{self, Problem},
    },
    id::{MediaId, MediaPath},
    state::AppState,
};

/// What a file is for people.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
#[schema(as = MediaKind)]
pub(crate) enum Kind {
    Picture,
    Video,
    Audio,
    /// Everything else.
    Document,
}

/// Which files.
#[derive(Clone, Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct MediaQuery {
    /// Only those of this kind.
    #[param(inline)]
    pub(super) kind: Option<Kind>,
    /// Only those with this tag.
    #[param(max_length = 50)]
    pub(super) tag: Option<String>,
    /// `true`: only those that nothing shows, no page, no menu and not the site as its logo; `false`: only those that something does.
    pub(super) unused: Option<bool>,
}

/// A file that was brought.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Uploaded {
    /// The file.
    #[serde(flatten)]
    pub(super) media: Media,
    /// Whether this content was here already, under the name that the answer has: it is kept once.
    pub(super) duplicate: bool,
}

pub(super) fn answer(mut response: HttpResponseBuilder, media: &Media) -> HttpResponse {
    response.insert_header(etag::of_revision(media.revision)).json(media)
}

/// The media library: the newest first; `q` is looked for in the names, the alternative texts and the tags.
#[utoipa::path(operation_id = "list_media", tag = "admin", params(ListQuery, MediaQuery, Fields), responses(
    (status = 200, body = List<Media>),
    (status = 401, body = Problem, description = "`not-signed-in`"),
))]
#[get("/admin/media")]
pub(crate) async fn list(
    state: Data<AppState>,
    Query(query): Query<ListQuery>,
    Query(which): Query<MediaQuery>,
) -> Result<List<Media>, Error> {
    let logo = uses::logo(&state);
    state.read(move |conn| rows::list(conn, &query, &which, &logo)).await
}

/// One file, and what shows it.
#[utoipa::path(operation_id = "get_media", tag = "admin", params(MediaPath), responses(
    (status = 200, body = MediaWithUses, headers(("ETag" = String))),
    (status = 401, body = Problem, description = "`not-signed-in`"),
    (status = 404, body = Problem, description = "`media-not-found`"),
))]
#[get("/admin/media/{id}")]
pub(crate) async fn get(state: Data<AppState>, path: Path<MediaPath>) -> Result<HttpResponse, Error> {
    let (id, logo) = (path.id, uses::logo(&state));
    let found = state.read(move |conn| {
        let media = rows::get(conn, id)?;
        Ok(MediaWithUses { media, used_by: uses::pages(conn, id)?, used_beside: uses::Beside::read(conn, &logo)?.of(conn, id)? })
    });
    let found = found.await?;
    Ok(HttpResponse::Ok().insert_header(etag::of_revision(found.media.revision)).json(found))
}

/// Bring a file, in the field `file` of a form. What it is, is seen by its content. The same content is kept once.
#[utoipa::path(operation_id = "upload_media", tag = "admin", request_body(content = Upload, content_type = "multipart/form-data"), responses(
    (status = 201, body = Uploaded, description = "Kept", headers(("ETag" = String))),
    (status = 200, body = Uploaded, description = "This content was here already", headers(("ETag" = String))),
    (status = 401, body = Problem, description = "`not-signed-in`"),
    (status = 409, body = Problem, description = "`media-replaced`: a file had this content, and was given another"),
    (status = 413, body = Problem, description = "`upload-too-large`"),
    (status = 415, body = Problem, description = "`unsupported-media-type`"),
    (status = 503, body = Problem, description = "`read-only`, `media-read-only`, `busy`, with Retry-After"),
    (status = 507, body = Problem, description = "`media-quota`, `disk-low`, `disk-full`"),
))]
#[post("/admin/media")]
pub(crate) async fn upload(caller: Caller, request: HttpRequest, state: Data<AppState>, form: Multipart) -> Result<HttpResponse, Error> {
    let (name, received, turn) = receive::file(&state, &request, form).await?;
    let uploaded = to_the_end(keep(caller, state, name, received, turn)).await?;
    let mut response = if uploaded.duplicate { HttpResponse::Ok() } else { HttpResponse::Created() };
    Ok(response.insert_header(etag::of_revision(uploaded.media.revision)).json(uploaded))
}

/// Puts a file in its place and writes its row, unless its content is here already.
async fn keep(caller: Caller, state: Data<AppState>, name: String, received: Received, turn: Turn) -> Result<Uploaded, Error> {
    let changes = state.media.changes.read().await;
    let insert = rows::Insert::new(&name, Some(caller.account.id), &received.about);
    let (wanted, quota_bytes) = (insert.clone(), state.media_quota_bytes());
    // Before anything is put in place; what others bring meanwhile is looked at again with the row.
    if let Some(media) = state.read(move |conn| known(conn, &wanted, quota_bytes)).await? {
        return Ok(Uploaded { media, duplicate: true });
    }
    let (folder, sha256) = (state.media.clone(), insert.sha256.clone());
    // The file first: a row never names a file that is not there.
    turn.run(move || folder.keep(received)).await?.map_err(of_folder)?;
    let now = state.clock.now();
    let written = state.write(move |tx| {
        if let Some(media) = known(tx, &insert, quota_bytes)? {
            return Ok(Uploaded { media, duplicate: true });
        }
        let media = rows::insert(tx, &insert, now)?;
        audit::record(tx, &Actor::from(&caller), Change::of("media.create", media.id, &media.name).to(&media)?, now)?;
        Ok(Uploaded { media, duplicate: false })
    });
    let written = written.await;
    drop(changes);
    if written.is_err() {
        remove_unless_wanted(&state, sha256).await;
    }
    written
}

/// The file that has this content, if one does.
///
/// # Errors
///
/// [`Error::MediaReplaced`], [`Error::MediaQuota`].
fn known(conn: &Connection, wanted: &rows::Insert, quota_bytes: Option<u64>) -> Result<Option<Media>, Error> {
    let known = rows::find(conn, &wanted.sha256)?;
    if known.is_none() {
        refuse_former(conn, &wanted.sha256, None)?;
        room::require(conn, quota_bytes, wanted.size_bytes)?;
    }
    Ok(known)
}

/// Removes a file whose row could not be written, unless somebody else brings the same one.
pub(super) async fn remove_unless_wanted(state: &AppState, sha256: String) {
    let removed = async {
        let _changes = state.media.changes.write().await;
        let of = sha256.clone();
        if state.read(move |conn| rows::is_wanted(conn, &of)).await? {
            return Ok(());
        }
        let folder = state.media.clone();
        blocking::run(move || folder.remove(&sha256)).await?
    };
    if let Err(error) = removed.await {
        tracing::warn!(cause = %problem::chain(&error), "a file that was not taken stays until the next start");
    }
}

/// An address leads to one file: where it had this content and was given another, it keeps the address. `own` may have it back.
pub(super) fn refuse_former(conn: &Connection, sha256: &str, own: Option<MediaId>) -> Result<(), Error> {
    match rows::find_former(conn, sha256)? {
        Some(media) if Some(media.id) != own => Err(Error::MediaReplaced { name: media.name }),
        _ => Ok(()),
    }
}

/// Say what a file shows: its name, its alternative text, its tags, its focal point.
#[utoipa::path(operation_id = "update_media", tag = "admin", params(MediaPath, ("If-Match" = String, Header, description = "The file's ETag")), responses(
    (status = 200, body = Media, headers(("ETag" = String))),
    (status = 401, body = Problem, description = "`not-signed-in`"),
    (status = 404, body = Problem, description = "`media-not-found`"),
    (status = 412, body = Problem, description = "`precondition-failed`"),
    (status = 422, body = Problem, description = "`invalid`: each field is named"),
    (status = 428, body = Problem, description = "`precondition-required`"),
))]
#[put("/admin/media/{id}")]
pub(crate) async fn update(
    caller: Caller,
    request: HttpRequest,
    state: Data<AppState>,
    path: Path<MediaPath>,
    Json(change): Json<MediaChange>,
) -> Result<HttpResponse, Error> {
    let seen = etag::required_revision(&request)?;
    let change = change.checked()?;
    let now = state.clock.now();
    let updated = state.write(move |tx| {
        let before = rows::get(tx, path.id)?;
        let media = rows::update(tx, path.id, seen, &change, now)?;
        if media.revision != before.revision {
            let change = Change::of("media.update", media.id, &media.name).from(&before)?.to(&media)?;
            audit::record(tx, &Actor::from(&caller), change, now)?;
        }
        Ok(media)
    });
    Ok(answer(HttpResponse::Ok(), &updated.await?))
}

/// Delete a file that nothing shows. With `If-Match`, only as the client saw it.
#[utoipa::path(operation_id = "delete_media", tag = "admin", params(MediaPath), responses(
    (status = 204, description = "Deleted"),
    (status = 401, body = Problem, description = "`not-signed-in`"),
    (status = 404, body = Problem, description = "`media-not-found`"),
    (status = 409, body = Problem, description = "`media-in-use`: the detail names the pages, and what else shows it"),
    (status = 412, body = Problem, description = "`precondition-failed`"),
))]
#[delete("/admin/media/{id}")]
pub(crate) async fn delete(
    caller: Caller,
    request: HttpRequest,
    state: Data<AppState>,
    path: Path<MediaPath>,
) -> Result<HttpResponse, Error> {
    let seen = if request.headers().contains_key(header::IF_MATCH) { etag::required_revision(&request)? } else { None };
    to_the_end(forget(caller, state, path.id, seen)).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Deletes the row, then the file, which may have to wait.
async fn forget(caller: Caller, state: Data<AppState>, id: MediaId, seen: Option<i64>) -> Result<(), Error> {
    let _changes = state.media.changes.write().await;
    let (logo, now) = (uses::logo(&state), state.clock.now());
    let forgotten = state.write_if_possible(move |tx| {
        let media = rows::delete(tx, id, seen, &logo, now)?;
        audit::record(tx, &Actor::from(&caller), Change::of("media.delete", id, &media.name).from(&media)?, now)
    });
    forgotten.await?;
    deleted::remove_if_possible(&state).await;
    Ok(())
}
