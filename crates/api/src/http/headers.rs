//! Security headers on every answer.

use actix_web::{http::header, middleware::DefaultHeaders};
use magnetiq_config::PAGE_HEADERS;

/// Headers for everything; a handler that sets one of them itself keeps its own (media files have a stricter policy).
pub(crate) fn security(https: bool) -> DefaultHeaders {
    let headers = PAGE_HEADERS.into_iter().fold(DefaultHeaders::new(), DefaultHeaders::add);
    if https { headers.add((header::STRICT_TRANSPORT_SECURITY, "max-age=31536000")) } else { headers }
}
