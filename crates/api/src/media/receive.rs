//! Files on their way in: the field `file` of a form, to the disk.

use std::{future::Future, time::Duration};

use actix_multipart::{Field, Multipart, MultipartError};
use actix_web::{HttpRequest, http::header, web::Bytes};
use futures_util::{StreamExt, TryStreamExt};
use tokio::sync::mpsc;
use utoipa::ToSchema;

use super::{folder::Received, room};
use crate::{blocking::Turn, error::Error, state::AppState};

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
    // What waits here has its bytes wait with the client, but for the 128 KB that a connection reads ahead.
    let turn = state.uploads.turn().await?;
    let field = find_file(&mut form, SILENCE_MAX).await?;
    let name = field.content_disposition().and_then(|disposition| disposition.get_filename()).unwrap_or_default().to_owned();
    Ok((name, stream(state, turn.clone(), field).await?, turn))
}

/// The field `file`, which has to begin `within` this time: who sends nothing, or other fields without end, takes the turn of somebody else.
async fn find_file(form: &mut Multipart, within: Duration) -> Result<Field, Error> {
    let no_file = || Error::BadRequest { detail: "The form has no field named file.".into() };
    let find = async {
        loop {
            let field = form.try_next().await.map_err(broken_form)?.ok_or_else(no_file)?;
            if field.name() == Some("file") {
                return Ok(field);
            }
        }
    };
    tokio::time::timeout(within, find).await.map_err(|_elapsed| stopped())?
}

fn stopped() -> Error {
    Error::BadRequest { detail: "The upload stopped coming.".into() }
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
                Err(_elapsed) => Err(stopped()),
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

#[cfg(test)]
mod tests {
    use actix_web::{error::PayloadError, http::header::HeaderMap};
    use futures_util::stream::{self, Stream};

    use super::*;

    /// A form that begins like this, and goes on with `rest`.
    async fn found(head: &'static str, rest: impl Stream<Item = Result<Bytes, PayloadError>> + 'static) -> Result<String, Error> {
        let mut headers = HeaderMap::new();
        headers.insert(header::CONTENT_TYPE, header::HeaderValue::from_static("multipart/form-data; boundary=edge"));
        let head = stream::iter([Ok(Bytes::from_static(head.as_bytes()))]);
        let mut form = Multipart::new(&headers, head.chain(rest));
        find_file(&mut form, Duration::from_millis(100)).await.map(|field| field.name().unwrap_or_default().to_owned())
    }

    #[test]
    fn the_file_of_a_form_has_to_begin() {
        actix_rt::System::new().block_on(begins());
    }

    async fn begins() {
        const FILE: &str = "--edge\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a\"\r\n\r\n";
        const OTHER: &str = "--edge\r\nContent-Disposition: form-data; name=\"other\"\r\n\r\n";
        assert_eq!(found(FILE, stream::pending()).await.unwrap(), "file");
        let trickling = || {
            stream::unfold((), |()| async {
                tokio::time::sleep(Duration::from_millis(1)).await;
                Some((Ok(Bytes::from_static(b"x")), ()))
            })
        };
        for ended in [found("", stream::pending()).await, found(OTHER, stream::pending()).await, found(OTHER, trickling()).await] {
            assert!(matches!(&ended, Err(Error::BadRequest { detail }) if detail.contains("stopped")), "{ended:?}");
        }
    }
}
