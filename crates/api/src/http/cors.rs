//! Which other sites' scripts may read the API, and what of its answers they see.

use actix_cors::Cors;
use actix_web::http::header;

use super::rate_limit;
use crate::media::uploads::protocol as tus;

/// What a script on another site may say in its request.
const ASKED: [&str; 6] = ["accept", "authorization", "content-type", "idempotency-key", "if-match", "if-none-match"];

/// Answers to `origins` alone. Those that are named may send the session's cookie, which browsers do for those of the same site; for `*` there are
/// no cookies.
pub(crate) fn allow(origins: &[String]) -> Cors {
    let is_open = origins.iter().any(|origin| origin == "*");
    let cors = if is_open {
        Cors::default().allow_any_origin().send_wildcard()
    } else {
        origins.iter().fold(Cors::default(), |cors, origin| cors.allowed_origin(origin).supports_credentials())
    };
    cors.allowed_methods(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"])
        .allowed_headers(ASKED)
        .allowed_headers([tus::RESUMABLE, tus::LENGTH, tus::OFFSET, tus::METADATA, tus::CHECKSUM])
        .expose_headers([header::CONTENT_LOCATION, header::ETAG, header::LINK, header::LOCATION, header::RETRY_AFTER])
        .expose_headers([
            tus::RESUMABLE,
            tus::VERSIONS,
            tus::EXTENSION,
            tus::MAX_SIZE,
            tus::LENGTH,
            tus::OFFSET,
            tus::EXPIRES,
            tus::METADATA,
        ])
        .expose_headers([rate_limit::LEFT, rate_limit::POLICY])
        .expose_headers(["x-request-id", "idempotency-replayed"])
        .max_age(3600)
}
