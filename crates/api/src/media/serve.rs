//! `/media/{sha256}/{name}`: the files themselves.

use actix_files::NamedFile;
use actix_web::{
    HttpRequest, HttpResponse, get,
    http::header::{self, ContentDisposition, DispositionParam, DispositionType},
    web::{Data, Path},
};

use super::{kind, rows};
use crate::{error::Error, state::AppState};

/// A file can load nothing and run nothing, whatever it holds; SVG keeps its own styles.
pub(super) const FILE_POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; media-src 'self'; sandbox";
/// A browser's own viewer of PDF does not start in a sandbox.
const PDF_POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; object-src 'self'";
/// Content under a hash never changes.
const FOR_EVER: &str = "public, max-age=31536000, immutable";

/// A file, whole or a range of it. Its name in the address is for people only. The address of a content that was replaced leads to the
/// present one.
#[utoipa::path(operation_id = "read_media", tag = "media", params(("sha256" = String, Path), ("name" = String, Path)), responses(
    (status = 200, description = "The file", content_type = "*/*", body = Vec<u8>),
    (status = 206, description = "The range that was asked for"),
    (status = 302, description = "The file was given another content: Location", headers(("Location" = String))),
    (status = 304, description = "The client's copy is the current one"),
    (status = 404, body = crate::http::problem::Problem, description = "`media-not-found`"),
))]
#[get("/media/{sha256}/{name}")]
pub(crate) async fn file(request: HttpRequest, state: Data<AppState>, path: Path<(String, String)>) -> Result<HttpResponse, Error> {
    let (sha256, _) = path.into_inner();
    let wanted = sha256.clone();
    let media = state.read(move |conn| rows::at_address(conn, &wanted)).await?.ok_or(Error::NotFound { what: "media" })?;
    if media.sha256 != sha256 {
        let cache = header::CacheControl(vec![header::CacheDirective::NoCache]);
        return Ok(HttpResponse::Found().insert_header((header::LOCATION, media.url)).insert_header(cache).finish());
    }
    let path = state.media.path(&media.sha256);
    let file = NamedFile::open(&path).map_err(|source| Error::File { action: "open", path, source })?;
    let disposition = if kind::is_inline(&media.media_type) { DispositionType::Inline } else { DispositionType::Attachment };
    let content_type = media.media_type.parse().unwrap_or(mime::APPLICATION_OCTET_STREAM);
    let response = file
        .set_content_type(content_type)
        .set_content_disposition(ContentDisposition { disposition, parameters: vec![DispositionParam::Filename(media.name)] })
        .prefer_utf8(true)
        .into_response(&request);
    let policy = if media.media_type == "application/pdf" { PDF_POLICY } else { FILE_POLICY };
    Ok(guarded(response, policy))
}

/// With what keeps a file from doing anything, and what keeps it in browsers.
pub(super) fn guarded(mut response: HttpResponse, policy: &'static str) -> HttpResponse {
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_SECURITY_POLICY, header::HeaderValue::from_static(policy));
    headers.insert(header::CACHE_CONTROL, header::HeaderValue::from_static(FOR_EVER));
    headers.insert(header::HeaderName::from_static("cross-origin-resource-policy"), header::HeaderValue::from_static("same-origin"));
    response
}
