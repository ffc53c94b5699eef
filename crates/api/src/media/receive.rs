//! Files on their way in: the field `file` of a form, to the disk.

use std::{future::Future, time::Duration};

use actix_multipart::{Field, Multipart, MultipartError};
use actix_web::{HttpRequest, http::header, web::Bytes};
use futures_util::{StreamExt, TryStreamExt};
use tokio::sync::mpsc;
use utoipa::ToSchema;

use super::{folder::Received, room};
use crate::{blocking::Turn, error::Error, http::valve::Valve, state::AppState};

/// Parts of an upload that may wait for the disk; the client waits beyond that.
const PARTS_WAITING: usize = 2;
/// A client that sends nothing for this long is gone.
const SILENCE_MAX: Duration = Duration::from_secs(30);
/// What a form has besides its file, at most.
const FORM_BYTES: u64 = 64 * 1024;

/// An upload as a form.
#[derive(Debug, ToSchema)]
#[expect(dead_code, reason = "describes the form in OpenAPI; the handler reads it as a stream")]
pub(crate) struct Upload {
    /// The file.
    #[schema(format = Binary, content_media_type = "application/octet-stream")]
    file: String,
}

/// Takes the file of a form; its name, what came, and the turn that putting it in its place belongs to: a thread for each that is on the
/// way there would be as many as there are clients.
pub(crate) async fn file(state: &AppState, request: &HttpRequest, mut form: Multipart) -> Result<(String, Received, Turn), Error> {
    refuse_without_room(state, request).await?;
    // What waits here has its bytes wait with the client.
    let shut = Valve::shut(request);
    let turn = state.uploads.turn().await?;
    drop(shut);
    let no_file = || Error::BadRequest { detail: "The form has no field named file.".into() };
    let field = loop {
        let field = form.try_next().await.map_err(broken_form)?.ok_or_else(no_file)?;
        if field.name() == Some("file") {
            break field;
        }
    };
    let name = field.content_disposition().and_then(|disposition| disposition.get_filename()).unwrap_or_default().to_owned();
    Ok((name, stream(state, turn.clone(), field).await?, turn))
}

/// Before anything is read of what can't be kept.
async fn refuse_without_room(state: &AppState, request: &HttpRequest) -> Result<(), Error> {
    state.refuse_if_read_only()?;
    if state.health.space.refuses_uploads() {
        return Err(Error::UploadsRefused);
    }
    let length = request.headers().get(header::CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse::<u64>().ok());
    let (quota_bytes, least) = (state.media_quota_bytes(), length.unwrap_or_default().saturating_sub(FORM_BYTES).max(1));
    state.read(move |conn| room::require(conn, quota_bytes, least)).await
}

fn broken_form(error: MultipartError) -> Error {
    Error::BadRequest { detail: format!("The upload is no whole form: {error}.") }
}

/// Streams a field to the disk: hashing and writing happen on one blocking thread, a few parts at a time in memory.
async fn stream(state: &AppState, turn: Turn, mut field: Field) -> Result<Received, Error> {
    let (sender, mut parts) = mpsc::channel::<Result<Bytes, Error>>(PARTS_WAITING);
    let folder = state.media.clone();
    let writer = turn.run(move || {
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
pub(crate) fn of_folder(error: Error) -> Error {
    use std::io::ErrorKind::{PermissionDenied, ReadOnlyFilesystem};
    match &error {
        Error::File { source, .. } if matches!(source.kind(), PermissionDenied | ReadOnlyFilesystem) => {
            Error::MediaReadOnly { source: Box::new(error) }
        }
        _ => error,
    }
}

/// Goes on to the end even when the client goes away: a file and its row change together.
pub(crate) async fn to_the_end<T: 'static>(change: impl Future<Output = Result<T, Error>> + 'static) -> Result<T, Error> {
    actix_web::rt::spawn(change).await.map_err(|source| Error::Panicked { source })?
}
