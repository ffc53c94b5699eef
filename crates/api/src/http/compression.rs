//! What is compressed: texts that are long enough to gain by it, and hold no secret.

use actix_web::{
    body::{BodySize, MessageBody},
    dev::{ServiceRequest, ServiceResponse},
    http::header::{ACCEPT_ENCODING, CONTENT_ENCODING, CONTENT_TYPE, HeaderMap, HeaderValue, VARY},
    middleware::Next,
};

/// Shorter bodies fit into one packet as they are.
const SIZE_MIN: u64 = 1024;
/// Answers under it tell secrets beside what the client sent: their length would say something about both.
const SECRETS: &str = "/api/v1/auth/";

/// Middleware, just within `Compress`: keeps it from what it should leave alone, and says that answers depend on what the client takes.
pub(crate) async fn choose<B: MessageBody>(request: ServiceRequest, next: Next<B>) -> Result<ServiceResponse<B>, actix_web::Error> {
    let has_secrets = request.match_info().as_str().starts_with(SECRETS);
    let takes_none = !request.headers().get(ACCEPT_ENCODING).is_some_and(|value| contains(value, b"gzip") || contains(value, b"deflate"));
    let mut response = next.call(request).await?;
    let size = response.response().body().size();
    let headers = response.headers_mut();
    if headers.contains_key(CONTENT_ENCODING) {
        return Ok(response);
    }
    let is_short = matches!(size, BodySize::None | BodySize::Sized(..SIZE_MIN));
    if has_secrets || is_short || !is_text(headers) {
        headers.insert(CONTENT_ENCODING, HeaderValue::from_static("identity"));
    } else if takes_none && !headers.get_all(VARY).any(|value| contains(value, b"accept-encoding")) {
        headers.append(VARY, HeaderValue::from_static("accept-encoding"));
    }
    Ok(response)
}

/// Takes back what [`choose`] said to `Compress`: what is not encoded names no encoding.
pub(crate) fn forget(headers: &mut HeaderMap) {
    if headers.get(CONTENT_ENCODING).is_some_and(|value| value == "identity") {
        headers.remove(CONTENT_ENCODING);
    }
}

/// A stream of events is a text, too, but must not wait for a block to fill.
fn is_text(headers: &HeaderMap) -> bool {
    let Some(kind) = headers.get(CONTENT_TYPE) else { return false };
    let endings: [&[u8]; 5] = [b"json", b"xml", b"javascript", b"yaml", b"wasm"];
    let kind = kind.as_bytes().split(|byte| *byte == b';').next().unwrap_or_default().trim_ascii();
    (kind.starts_with(b"text/") && kind != b"text/event-stream") || endings.iter().any(|ending| kind.ends_with(ending))
}

fn contains(value: &HeaderValue, word: &[u8]) -> bool {
    value.as_bytes().windows(word.len()).any(|part| part.eq_ignore_ascii_case(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_compressed() {
        let kind = |kind: &'static str| HeaderMap::from_iter([(CONTENT_TYPE, HeaderValue::from_static(kind))]);
        for text in ["application/json", "text/html; charset=utf-8", "image/svg+xml", "application/problem+json", "text/javascript"] {
            assert!(is_text(&kind(text)), "{text}");
        }
        for other in ["image/png", "video/mp4", "application/zip", "application/pdf", "text/event-stream", "application/octet-stream"] {
            assert!(!is_text(&kind(other)), "{other}");
        }
    }
}
