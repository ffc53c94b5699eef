//! Security headers on every answer.

use actix_web::{http::header, middleware::DefaultHeaders};

/// What the page may load: its own files, pictures from anywhere over https (pages embed them), nothing inline.
const PAGE_POLICY: &str = "default-src 'self'; img-src 'self' data: blob: https:; object-src 'none'; base-uri 'none'; \
     form-action 'self'; frame-ancestors 'none'";

/// Headers for everything; a handler that sets one of them itself keeps its own (media files have a stricter policy).
pub(crate) fn security(https: bool) -> DefaultHeaders {
    let headers = DefaultHeaders::new()
        .add((header::CONTENT_SECURITY_POLICY, PAGE_POLICY))
        .add((header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .add((header::X_FRAME_OPTIONS, "DENY"))
        .add((header::REFERRER_POLICY, "strict-origin-when-cross-origin"))
        .add((header::PERMISSIONS_POLICY, "camera=(), geolocation=(), microphone=()"))
        .add(("cross-origin-opener-policy", "same-origin"));
    if https { headers.add((header::STRICT_TRANSPORT_SECURITY, "max-age=31536000")) } else { headers }
}
