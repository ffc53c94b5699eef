//! A deadline for bodies: who sends one byte a minute holds a connection and some memory for ever.

use std::{io, time::Duration};

use actix_web::{
    HttpMessage,
    body::MessageBody,
    dev::{Payload, ServiceRequest, ServiceResponse},
    error::PayloadError,
    http::header,
    middleware::Next,
    web::{Bytes, Data},
};
use futures_util::{Stream, StreamExt, stream};
use tokio::time::Instant;

use crate::{media::uploads::protocol, state::AppState};

/// Middleware: a body has to be there within `server.body_timeout_ms`. Uploads have their own rule: they may take long, but not be silent.
pub(crate) async fn limit<B: MessageBody>(mut request: ServiceRequest, next: Next<B>) -> Result<ServiceResponse<B>, actix_web::Error> {
    let is_upload = |kind: &header::HeaderValue| kind.as_bytes().starts_with(b"multipart/") || kind == protocol::PART;
    let is_upload = request.headers().get(header::CONTENT_TYPE).is_some_and(is_upload);
    let timeout = request.app_data::<Data<AppState>>().map(|state| state.settings.server.body_timeout);
    if let Some(timeout) = timeout.filter(|_| !is_upload) {
        let payload = request.take_payload();
        // No body, no timer.
        let payload = if matches!(payload, Payload::None) { payload } else { Payload::from(Box::pin(until(payload, timeout)) as Boxed) };
        request.set_payload(payload);
    }
    next.call(request).await
}

type Boxed = std::pin::Pin<Box<dyn Stream<Item = Result<Bytes, PayloadError>>>>;

fn until(payload: Payload, timeout: Duration) -> impl Stream<Item = Result<Bytes, PayloadError>> {
    let deadline = Instant::now() + timeout;
    stream::unfold(Some(payload), move |payload| async move {
        let mut payload = payload?;
        match tokio::time::timeout_at(deadline, payload.next()).await {
            Ok(part) => Some((part?, Some(payload))),
            Err(_elapsed) => Some((Err(PayloadError::Io(io::ErrorKind::TimedOut.into())), None)),
        }
    })
}

/// Whether this is the end of the time that [`limit`] gives.
pub(crate) fn is_over(error: &PayloadError) -> bool {
    matches!(error, PayloadError::Io(error) if error.kind() == io::ErrorKind::TimedOut)
}
