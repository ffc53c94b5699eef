//! A request id for each request, and one line in the log when it is done.

use std::{
    fmt,
    sync::{
        LazyLock,
        atomic::{AtomicU64, Ordering},
    },
    time::Instant,
};

use actix_web::{
    HttpMessage,
    body::MessageBody,
    dev::{ServiceRequest, ServiceResponse},
    http::{
        StatusCode,
        header::{HeaderName, HeaderValue},
    },
    middleware::Next,
};

/// Asked every few seconds, by machines: their lines would hide all others.
const PROBES: [&str; 6] = ["/livez", "/healthz", "/readyz", "/startupz", "/health", "/metrics"];

/// Names one request in answers and in the log.
#[derive(Clone, Debug)]
pub(crate) struct RequestId(String);

/// The number of the next request. It begins somewhere, so that those of two starts are not the same; asking the kernel for each was
/// nearly all that a name cost.
static NEXT: LazyLock<AtomicU64> = LazyLock::new(|| {
    let mut bytes = [0; 8];
    // An id that can't be random is still an id: this one names a request, it guards nothing.
    if getrandom::fill(&mut bytes).is_err() {
        bytes.fill(0);
    }
    AtomicU64::new(u64::from_ne_bytes(bytes))
});

impl RequestId {
    fn new() -> Self {
        // Times an odd number: no two are the same, and neighbours look different.
        let number = NEXT.fetch_add(1, Ordering::Relaxed).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        RequestId(format!("{number:016x}"))
    }
}

impl fmt::Display for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Middleware: outermost, so that its line tells what the client got.
pub(crate) async fn record<B: MessageBody>(request: ServiceRequest, next: Next<B>) -> Result<ServiceResponse<B>, actix_web::Error> {
    let started = Instant::now();
    let id = RequestId::new();
    request.extensions_mut().insert(id.clone());
    let method = request.method().clone();
    let path = request.path().to_owned();
    let mut answered = next.call(request).await;
    if let (Ok(response), Ok(value)) = (&mut answered, HeaderValue::from_str(&id.0)) {
        response.headers_mut().insert(HeaderName::from_static("x-request-id"), value);
    }
    // No address, no query, no agent: the log holds no personal data.
    let status = status_of(&answered).as_u16();
    let duration_us = u64::try_from(started.elapsed().as_micros()).unwrap_or(u64::MAX);
    if PROBES.contains(&path.as_str()) {
        tracing::debug!(request_id = id.0, method = method.as_str(), path, status, duration_us, "request");
    } else {
        tracing::info!(request_id = id.0, method = method.as_str(), path, status, duration_us, "request");
    }
    answered
}

/// The status that the client gets.
pub(crate) fn status_of<B>(answered: &Result<ServiceResponse<B>, actix_web::Error>) -> StatusCode {
    answered.as_ref().map_or_else(|error| error.as_response_error().status_code(), ServiceResponse::status)
}
