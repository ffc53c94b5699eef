//! Compression: what clients take of it, and what we don't.

use actix_web::{
    HttpRequest,
    body::{EitherBody, MessageBody},
    dev::{ServiceRequest, ServiceResponse},
    http::header,
    middleware::Next,
};

use crate::error::Error;

/// Middleware: refuses bodies with a `Content-Encoding`. Whoever sends a page or a picture gains nothing by one, and a few kilobytes that
/// are compressed can be gigabytes in memory.
pub(crate) async fn refuse<B: MessageBody>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<EitherBody<B>>, actix_web::Error> {
    let is_plain = |value: &header::HeaderValue| value.as_bytes().eq_ignore_ascii_case(b"identity");
    if request.headers().get_all(header::CONTENT_ENCODING).all(is_plain) {
        return Ok(next.call(request).await?.map_into_left_body());
    }
    Ok(request.error_response(Error::Encoded).map_into_right_body())
}

/// Whether the client takes answers that are compressed with gzip.
pub(crate) fn takes_gzip(request: &HttpRequest) -> bool {
    let header = request.headers().get(header::ACCEPT_ENCODING).and_then(|value| value.to_str().ok()).unwrap_or_default();
    header.split(',').any(|encoding| {
        let mut parts = encoding.split(';').map(str::trim);
        let refused = |parameter: &str| matches!(parameter.strip_prefix("q="), Some(q) if q.trim_end_matches(['0', '.']).is_empty());
        parts.next().is_some_and(|name| name.eq_ignore_ascii_case("gzip")) && !parts.any(refused)
    })
}
