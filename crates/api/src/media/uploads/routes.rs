//! `/api/v1/admin/media/uploads`: what clients of tus ask for.

use std::time::Duration;

use actix_web::{
    HttpRequest, HttpResponse, HttpResponseBuilder, delete, get,
    http::header::{self, CacheControl, CacheDirective},
    options, patch, post,
    web::{Data, Path, Payload},
};

use super::{
    Upload, UploadState,
    finish::{discard, finish},
    part,
    protocol::{self, Checksum},
    rows,
};
use crate::{
    audit::Actor,
    auth::Caller,
    blocking,
    error::Error,
    http::problem::Problem,
    id::{UploadId, UploadPath},
    media::{
        names,
        receive::{of_folder, to_the_end},
        room,
    },
    state::AppState,
};

/// With what each answer says.
fn tus(mut response: HttpResponseBuilder) -> HttpResponseBuilder {
    response.insert_header((protocol::RESUMABLE, protocol::VERSION)).insert_header(CacheControl(vec![CacheDirective::NoStore]));
    response
}

fn with_state(response: HttpResponseBuilder, upload: &Upload) -> HttpResponseBuilder {
    let mut response = tus(response);
    response
        .insert_header((protocol::OFFSET, upload.offset_bytes))
        .insert_header((protocol::LENGTH, upload.size_bytes))
        .insert_header((protocol::EXPIRES, protocol::http_date(upload.expires_at)));
    if !upload.metadata.is_empty() {
        response.insert_header((protocol::METADATA, upload.metadata.as_str()));
    }
    if let Some(media) = &upload.media {
        response.insert_header((header::CONTENT_LOCATION, format!("/api/v1/admin/media/{}", media.id)));
    }
    response
}

/// What this server can of tus.
#[utoipa::path(operation_id = "describe_uploads", tag = "admin", responses(
    (status = 204, description = "In the headers", headers(("Tus-Version" = String), ("Tus-Extension" = String), ("Tus-Max-Size" = u64),
        ("Tus-Checksum-Algorithm" = String))),
))]
#[options("/admin/media/uploads")]
pub(crate) async fn describe(state: Data<AppState>) -> HttpResponse {
    tus(HttpResponse::NoContent())
        .insert_header((protocol::VERSIONS, protocol::VERSION))
        .insert_header((protocol::EXTENSION, protocol::EXTENSIONS))
        .insert_header((protocol::MAX_SIZE, state.settings.media.resumable_limit_bytes))
        .insert_header((protocol::CHECKSUM_ALGORITHM, Checksum::ALGORITHMS))
        .finish()
}

/// Begin to bring a file in parts. Its room in the library is taken from here on, until it is there or given up.
#[utoipa::path(operation_id = "create_upload", tag = "admin", params(
    ("Tus-Resumable" = String, Header, description = "1.0.0"),
    ("Upload-Length" = u64, Header, description = "Bytes of the whole file, up to `media.resumable_limit_bytes`"),
    ("Upload-Metadata" = Option<String>, Header, description = "`filename` and its value in base64")), responses(
    (status = 201, body = UploadState, headers(("Location" = String), ("Upload-Expires" = String))),
    (status = 401, body = Problem, description = "`not-signed-in`"),
    (status = 409, body = Problem, description = "`too-many-uploads`"),
    (status = 412, body = Problem, description = "`tus-version`", headers(("Tus-Version" = String))),
    (status = 413, body = Problem, description = "`upload-too-large`"),
    (status = 507, body = Problem, description = "`media-quota`, `disk-low`, `disk-full`"),
))]
#[post("/admin/media/uploads")]
pub(crate) async fn create(caller: Caller, request: HttpRequest, state: Data<AppState>) -> Result<HttpResponse, Error> {
    protocol::require_version(&request)?;
    let settings = &state.settings.media;
    let size_bytes = protocol::bytes(&request, &protocol::LENGTH)?;
    if size_bytes > settings.resumable_limit_bytes {
        return Err(Error::TooLarge { limit_bytes: settings.resumable_limit_bytes });
    }
    if size_bytes == 0 {
        return Err(Error::BadRequest { detail: "An empty file is none: Upload-Length must be at least 1.".into() });
    }
    if state.health.space.refuses_uploads() {
        return Err(Error::UploadsRefused);
    }
    let metadata = protocol::value(&request, &protocol::METADATA).unwrap_or_default();
    let said = protocol::metadata(metadata)?;
    let name = said.get("filename").or_else(|| said.get("name")).map(|name| names::original(name)).unwrap_or_default();
    let now = state.clock.now();
    let expires_at = now.plus(settings.resumable_kept.max(Duration::from_secs(1)));
    let upload = Upload {
        id: UploadId::new(now),
        account: caller.account.id,
        name,
        metadata: metadata.to_owned(),
        size_bytes,
        offset_bytes: 0,
        sha256: None,
        expires_at,
        media: None,
    };
    let created = to_the_end(begin(state, upload)).await?;
    let location = format!("{}/{}", protocol::PATH, created.id);
    Ok(with_state(HttpResponse::Created(), &created).insert_header((header::LOCATION, location)).json(UploadState::from(created)))
}

async fn begin(state: Data<AppState>, upload: Upload) -> Result<Upload, Error> {
    // Nobody else takes the room meanwhile.
    let _changes = state.media.changes.write().await;
    let (quota_bytes, size_bytes, id) = (state.media_quota_bytes(), upload.size_bytes, upload.id);
    state.read(move |conn| room::require(conn, quota_bytes, size_bytes)).await?;
    let folder = state.media.clone();
    blocking::run(move || folder.create_upload(id)).await?.map_err(of_folder)?;
    let (row, now) = (upload.clone(), state.clock.now());
    if let Err(error) = state.write(move |tx| rows::insert(tx, &row, now)).await {
        let folder = state.media.clone();
        blocking::run(move || folder.remove_upload(id)).await??;
        return Err(error);
    }
    Ok(upload)
}

/// How far an upload is: also by HEAD, as clients of tus ask.
#[utoipa::path(operation_id = "get_upload", tag = "admin", params(UploadPath), responses(
    (status = 200, body = UploadState, headers(("Upload-Offset" = u64), ("Upload-Length" = u64), ("Upload-Expires" = String))),
    (status = 401, body = Problem, description = "`not-signed-in`"),
    (status = 404, body = Problem, description = "`upload-not-found`: also where its time is over, and for those of others"),
))]
#[get("/admin/media/uploads/{id}")]
pub(crate) async fn show(caller: Caller, state: Data<AppState>, path: Path<UploadPath>) -> Result<HttpResponse, Error> {
    let (account, now) = (caller.account.id, state.clock.now());
    let upload = state.read(move |conn| rows::get(conn, path.id, account, now)).await?;
    Ok(with_state(HttpResponse::Ok(), &upload).json(UploadState::from(upload)))
}

/// Bring the next part of a file. With the last one it is in the library: Content-Location names it.
#[utoipa::path(operation_id = "append_upload", tag = "admin", params(UploadPath,
    ("Tus-Resumable" = String, Header, description = "1.0.0"),
    ("Upload-Offset" = u64, Header, description = "Where the part begins: as much as the server has"),
    ("Upload-Checksum" = Option<String>, Header, description = "`sha1` or `sha256`, and the hash of the part in base64")),
    request_body(content = Vec<u8>, content_type = "application/offset+octet-stream"), responses(
    (status = 204, description = "It is on the disk", headers(("Upload-Offset" = u64), ("Upload-Expires" = String))),
    (status = 401, body = Problem, description = "`not-signed-in`"),
    (status = 404, body = Problem, description = "`upload-not-found`"),
    (status = 409, body = Problem, description = "`upload-offset`: the server has another number of bytes; `media-replaced`"),
    (status = 412, body = Problem, description = "`tus-version`", headers(("Tus-Version" = String))),
    (status = 413, body = Problem, description = "`upload-too-long`: more than Upload-Length said"),
    (status = 415, body = Problem, description = "`unsupported-media-type`: the upload is given up"),
    (status = 423, body = Problem, description = "`upload-locked`: a part is coming already"),
    (status = 460, body = Problem, description = "`checksum-mismatch`: the part is not kept"),
    (status = 507, body = Problem, description = "`disk-low`, `disk-full`"),
))]
#[patch("/admin/media/uploads/{id}")]
pub(crate) async fn append(
    caller: Caller,
    request: HttpRequest,
    state: Data<AppState>,
    path: Path<UploadPath>,
    body: Payload,
) -> Result<HttpResponse, Error> {
    protocol::require_version(&request)?;
    if protocol::value(&request, &header::CONTENT_TYPE) != Some(protocol::PART) {
        return Err(Error::UnsupportedMedia { detail: format!("send {}", protocol::PART) });
    }
    let checksum = Checksum::of(&request)?;
    let offset_bytes = protocol::bytes(&request, &protocol::OFFSET)?;
    let claim = state.media.uploads.claim(path.id)?;
    let (id, account, now) = (path.id, caller.account.id, state.clock.now());
    let mut upload = state.read(move |conn| rows::get(conn, id, account, now)).await?;
    if offset_bytes != upload.offset_bytes {
        return Err(Error::UploadOffset { offset_bytes: upload.offset_bytes });
    }
    let length = protocol::bytes(&request, &header::CONTENT_LENGTH).unwrap_or_default();
    if length > upload.size_bytes - upload.offset_bytes {
        return Err(Error::UploadTooLong { size_bytes: upload.size_bytes });
    }
    if upload.media.is_none() {
        let appended = part::append(&state, &upload, claim, body, checksum).await.map_err(of_folder);
        if let Err(Error::UnsupportedMedia { .. }) = appended {
            discard(&state, &upload).await?;
        }
        let (at, claim) = appended?;
        upload.offset_bytes = at;
        upload.expires_at = upload.expires_at.max(state.clock.now().plus(state.settings.media.resumable_kept));
        if at == upload.size_bytes {
            let (state, whole, actor) = (state.clone(), upload.clone(), Actor::from(&caller));
            let finished = to_the_end(async move {
                let _claim = claim;
                finish(state, whole, actor).await
            });
            upload.media = Some(finished.await?);
        }
    }
    Ok(with_state(HttpResponse::NoContent(), &upload).finish())
}

/// Give an upload up. A file that is in the library already stays.
#[utoipa::path(operation_id = "end_upload", tag = "admin", params(UploadPath, ("Tus-Resumable" = String, Header, description = "1.0.0")), responses(
    (status = 204, description = "It is gone"),
    (status = 401, body = Problem, description = "`not-signed-in`"),
    (status = 404, body = Problem, description = "`upload-not-found`"),
    (status = 412, body = Problem, description = "`tus-version`", headers(("Tus-Version" = String))),
    (status = 423, body = Problem, description = "`upload-locked`"),
))]
#[delete("/admin/media/uploads/{id}")]
pub(crate) async fn end(
    caller: Caller,
    request: HttpRequest,
    state: Data<AppState>,
    path: Path<UploadPath>,
) -> Result<HttpResponse, Error> {
    protocol::require_version(&request)?;
    let _claim = state.media.uploads.claim(path.id)?;
    let (id, account, now) = (path.id, caller.account.id, state.clock.now());
    let upload = state.read(move |conn| rows::get(conn, id, account, now)).await?;
    discard(&state, &upload).await?;
    Ok(tus(HttpResponse::NoContent()).finish())
}
