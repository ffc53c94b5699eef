//! `/api/v1/admin/media`: the media library.

use std::{future::Future, time::Duration};

use actix_multipart::{Field, Multipart, MultipartError};
use actix_web::{
    HttpResponse, delete, get, post,
    web::{Bytes, Data, Path, Query},
};
use futures_util::{StreamExt, TryStreamExt};
use tokio::sync::mpsc;
use utoipa::ToSchema;

use super::{Media, clean_name, deleted, folder::Received, rows};
use crate::{
    audit::{self, Actor, Change},
    auth::{Caller, SignedIn},
    blocking,
    error::Error,
    http::{
        cursor::{List, ListQuery},
        problem::Problem,
    },
    id::{MediaId, MediaPath},
    state::AppState,
};

/// Parts of an upload that may wait for the disk; the client waits beyond that.
const PARTS_WAITING: usize = 8;
/// A client that sends nothing for this long is gone.
const SILENCE_MAX: Duration = Duration::from_secs(30);

/// An upload as a form.
#[derive(Debug, ToSchema)]
#[expect(dead_code, reason = "describes the form in OpenAPI; the handler reads it as a stream")]
pub(crate) struct Upload {
    /// The file.
    #[schema(format = Binary, content_media_type = "application/octet-stream")]
    file: String,
}

/// The media library: the newest first; `q` is looked for in the names.
#[utoipa::path(operation_id = "list_media", tag = "admin", params(ListQuery), responses(
    (status = 200, body = List<Media>),
    (status = 401, body = Problem, description = "`not-signed-in`"),
))]
#[get("/admin/media")]
pub(crate) async fn list(_: SignedIn, state: Data<AppState>, Query(query): Query<ListQuery>) -> Result<List<Media>, Error> {
    state.read(move |conn| rows::list(conn, &query)).await
}

/// Bring a file, in the field `file` of a form. What it is, is seen by its content. The same content is kept once.
#[utoipa::path(operation_id = "upload_media", tag = "admin", request_body(content = Upload, content_type = "multipart/form-data"), responses(
    (status = 201, body = Media, description = "Kept"),
    (status = 200, body = Media, description = "This content was here already"),
    (status = 401, body = Problem, description = "`not-signed-in`"),
    (status = 413, body = Problem, description = "`upload-too-large`"),
    (status = 415, body = Problem, description = "`unsupported-media-type`"),
    (status = 503, body = Problem, description = "`read-only`, `media-read-only`, `busy`, with Retry-After"),
    (status = 507, body = Problem, description = "`disk-low`, `disk-full`"),
))]
#[post("/admin/media")]
pub(crate) async fn upload(caller: Caller, state: Data<AppState>, mut form: Multipart) -> Result<HttpResponse, Error> {
    state.refuse_if_read_only()?;
    if state.health.space.refuses_uploads() {
        return Err(Error::UploadsRefused);
    }
    let no_file = || Error::BadRequest { detail: "The form has no field named file.".into() };
    let field = loop {
        let field = form.try_next().await.map_err(broken_form)?.ok_or_else(no_file)?;
        if field.name() == Some("file") {
            break field;
        }
    };
    let name = clean_name(field.content_disposition().and_then(|disposition| disposition.get_filename()).unwrap_or_default());
    let received = receive(&state, field).await?;
    let (media, is_new) = to_the_end(keep(caller, state, name, received)).await?;
    Ok(if is_new { HttpResponse::Created() } else { HttpResponse::Ok() }.json(media))
}

fn broken_form(error: MultipartError) -> Error {
    Error::BadRequest { detail: format!("The upload is no whole form: {error}.") }
}

/// Streams a field to the disk: hashing and writing happen on one blocking thread, a few parts at a time in memory.
async fn receive(state: &AppState, mut field: Field) -> Result<Received, Error> {
    let (sender, mut parts) = mpsc::channel::<Result<Bytes, Error>>(PARTS_WAITING);
    let folder = state.media.clone();
    let writer = state.uploads.run(move || {
        let mut incoming = folder.receive()?;
        while let Some(part) = parts.blocking_recv() {
            incoming.write(&part?)?;
        }
        incoming.finish()
    });
    let reader = async move {
        loop {
            let part = match tokio::time::timeout(SILENCE_MAX, field.next()).await {
                Ok(None) => return,
                Ok(Some(part)) => part.map_err(broken_form),
                Err(_elapsed) => Err(Error::BadRequest { detail: "The upload stopped coming.".into() }),
            };
            let last = part.is_err();
            // A writer that is gone has said why; the rest of the upload need not be read.
            if sender.send(part).await.is_err() || last {
                return;
            }
        }
    };
    // Dropped with the request (the client went away), the reader takes the sender along without its end having been seen. The writer
    // then finishes a file that nobody keeps, and dropping it removes it.
    let (received, ()) = futures_util::future::join(writer, reader).await;
    received?.map_err(of_folder)
}

/// A folder that cannot be written to is no defect of the program, and what is in it can be read.
fn of_folder(error: Error) -> Error {
    use std::io::ErrorKind::{PermissionDenied, ReadOnlyFilesystem};
    match &error {
        Error::File { source, .. } if matches!(source.kind(), PermissionDenied | ReadOnlyFilesystem) => {
            Error::MediaReadOnly { source: Box::new(error) }
        }
        _ => error,
    }
}

/// Puts a file in its place and writes its row, unless its content is here already.
async fn keep(caller: Caller, state: Data<AppState>, name: String, received: Received) -> Result<(Media, bool), Error> {
    let _changes = state.media.changes.lock().await;
    let sha256 = received.sha256.clone();
    if let Some(media) = state.read(move |conn| rows::find(conn, &sha256)).await? {
        return Ok((media, false));
    }
    let insert = rows::Insert::new(name, &received);
    let folder = state.media.clone();
    // The file first: a row never names a file that is not there.
    blocking::run(move || folder.keep(received)).await?.map_err(of_folder)?;
    let now = state.clock.now();
    let media = state.write(move |tx| {
        let media = rows::insert(tx, &insert, now)?;
        audit::record(tx, &Actor::from(&caller), Change::of("media.create", media.id, &media.name).to(&media)?, now)?;
        Ok(media)
    });
    Ok((media.await?, true))
}

/// Deletes the row, then the file, which may have to wait.
async fn forget(caller: Caller, state: Data<AppState>, id: MediaId) -> Result<(), Error> {
    let _changes = state.media.changes.lock().await;
    let now = state.clock.now();
    let forgotten = state.write_if_possible(move |tx| {
        let media = rows::delete(tx, id, now)?;
        audit::record(tx, &Actor::from(&caller), Change::of("media.delete", id, &media.name).from(&media)?, now)
    });
    forgotten.await?;
    deleted::remove(&state).await.map_err(of_folder)
}

/// Goes on to the end even when the client goes away: a file and its row change together.
async fn to_the_end<T: 'static>(change: impl Future<Output = Result<T, Error>> + 'static) -> Result<T, Error> {
    actix_web::rt::spawn(change).await.map_err(|source| Error::Panicked { source })?
}

/// Delete a file that no page shows.
#[utoipa::path(operation_id = "delete_media", tag = "admin", params(MediaPath), responses(
    (status = 204, description = "Deleted"),
    (status = 401, body = Problem, description = "`not-signed-in`"),
    (status = 404, body = Problem, description = "`media-not-found`"),
    (status = 409, body = Problem, description = "`media-in-use`: the detail names the pages"),
))]
#[delete("/admin/media/{id}")]
pub(crate) async fn delete(caller: Caller, state: Data<AppState>, path: Path<MediaPath>) -> Result<HttpResponse, Error> {
    to_the_end(forget(caller, state, path.id)).await?;
    Ok(HttpResponse::NoContent().finish())
}
