//! Security headers on every answer.

use std::sync::LazyLock;

use actix_web::{
    body::MessageBody,
    dev::{ServiceRequest, ServiceResponse},
    http::header::{self, HeaderName, HeaderValue},
    middleware::Next,
    web::Data,
};
use magnetiq_config::PAGE_HEADERS;

use super::compression;
use crate::state::AppState;

/// What only this server says; that of nginx is in [`PAGE_HEADERS`], too.
const OWN_HEADERS: [(&str, &str); 2] = [("cross-origin-resource-policy", "same-origin"), ("x-permitted-cross-domain-policies", "none")];
/// A year: browsers come by https only.
const TRANSPORT: HeaderValue = HeaderValue::from_static("max-age=31536000");

static HEADERS: LazyLock<Vec<(HeaderName, HeaderValue)>> = LazyLock::new(|| {
    let all = PAGE_HEADERS.into_iter().chain(OWN_HEADERS);
    all.map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value))).collect()
});

/// Middleware: headers for everything; a handler that sets one of them itself keeps its own (media files have a stricter policy).
pub(crate) async fn secure<B: MessageBody>(request: ServiceRequest, next: Next<B>) -> Result<ServiceResponse<B>, actix_web::Error> {
    let state = request.app_data::<Data<AppState>>();
    let https = state.is_some_and(|state| state.settings.server.public_url.scheme() == "https");
    let mut response = next.call(request).await?;
    let headers = response.headers_mut();
    compression::forget(headers);
    for (name, value) in HEADERS.iter() {
        if !headers.contains_key(name) {
            headers.insert(name.clone(), value.clone());
        }
    }
    if https {
        headers.insert(header::STRICT_TRANSPORT_SECURITY, TRANSPORT);
    }
    Ok(response)
}
