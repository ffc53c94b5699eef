//! `/sitemap.xml`, `/feed.xml` and `/robots.txt`.

use actix_web::{
    HttpRequest, HttpResponse, get,
    http::header::{CacheControl, CacheDirective, ETag, EntityTag},
    web::Data,
};
use sha2::{Digest, Sha256};

use super::{documents, newest};
use crate::{error::Error, http::etag, state::AppState};

/// More than these a sitemap may not have.
const SITEMAP_MAX: u32 = 50_000;
const FEED_MAX: u32 = 20;

fn base(state: &AppState) -> &str {
    state.settings.server.public_url.as_str().trim_end_matches('/')
}

/// Published pages for search engines, as sitemaps.org describes it: the newest 50,000.
#[utoipa::path(operation_id = "sitemap", tag = "site", responses(
    (status = 200, body = String, content_type = "application/xml", headers(("ETag" = String))),
    (status = 304, description = "The client's copy, named in If-None-Match, is the current one"),
))]
#[get("/sitemap.xml")]
pub(crate) async fn sitemap(request: HttpRequest, state: Data<AppState>) -> Result<HttpResponse, Error> {
    let entries = state.read(|conn| newest(conn, SITEMAP_MAX)).await?;
    let document = state.rendering.run({
        let base = base(&state).to_owned();
        move || documents::sitemap(&base, &entries)
    });
    Ok(answer(&request, "application/xml", document.await?))
}

/// The 20 newest published pages as RSS 2.0.
#[utoipa::path(operation_id = "feed", tag = "site", responses(
    (status = 200, body = String, content_type = "application/rss+xml", headers(("ETag" = String))),
    (status = 304, description = "The client's copy, named in If-None-Match, is the current one"),
))]
#[get("/feed.xml")]
pub(crate) async fn feed(request: HttpRequest, state: Data<AppState>) -> Result<HttpResponse, Error> {
    let entries = state.read(|conn| newest(conn, FEED_MAX)).await?;
    Ok(answer(&request, "application/rss+xml; charset=utf-8", documents::rss(base(&state), &state.live.current().settings.site, &entries)))
}

/// What robots may read.
#[utoipa::path(operation_id = "robots", tag = "site", responses((status = 200, body = String, content_type = "text/plain")))]
#[get("/robots.txt")]
pub(crate) async fn robots(state: Data<AppState>) -> HttpResponse {
    HttpResponse::Ok().content_type("text/plain; charset=utf-8").body(documents::robots(base(&state)))
}

fn answer(request: &HttpRequest, media_type: &str, document: String) -> HttpResponse {
    let tag = EntityTag::new_strong(hex::encode(Sha256::digest(&document)));
    let cache = CacheControl(vec![CacheDirective::NoCache]);
    if etag::is_fresh(request, &tag) {
        return HttpResponse::NotModified().insert_header(ETag(tag)).insert_header(cache).finish();
    }
    HttpResponse::Ok().content_type(media_type).insert_header(ETag(tag)).insert_header(cache).body(document)
}
