//! Bodies come as they are: a few kilobytes that are compressed can be gigabytes in memory.

use actix_web::{
    body::{EitherBody, MessageBody},
    dev::{ServiceRequest, ServiceResponse},
    http::header,
    middleware::Next,
};

use crate::error::Error;

/// Middleware: refuses bodies with a `Content-Encoding`. Whoever sends a page or a picture gains nothing by one.
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
