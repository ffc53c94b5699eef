//! `/api/v1/pages`: what visitors read.

use actix_web::{
    HttpRequest, HttpResponse, get,
    http::header::{self, CacheControl, CacheDirective, ETag, EntityTag},
    web::{Data, Json, Path, Query},
};

use super::{PageCard, PublicPage, redirects, rows};
use crate::{
    error::Error,
    http::{
        cursor::{List, ListQuery},
        etag,
        problem::Problem,
    },
    state::AppState,
};

/// Published pages: the newest first, or the best found first with the place that was found.
#[utoipa::path(operation_id = "list_published_pages", tag = "pages", params(ListQuery), responses(
    (status = 200, body = List<PageCard>),
    (status = 400, body = Problem, description = "`bad-request`: cursor or limit"),
))]
#[get("/pages")]
pub(crate) async fn list(state: Data<AppState>, Query(query): Query<ListQuery>) -> Result<Json<List<PageCard>>, Error> {
    Ok(Json(state.read(move |conn| rows::list_published(conn, &query)).await?))
}

/// A published page by its slug, which may have parts: `guides/backup`.
#[utoipa::path(operation_id = "read_page", tag = "pages", params(("slug" = String, Path, description = "Address of the page on the site")), responses(
    (status = 200, body = PublicPage, headers(("ETag" = String))),
    (status = 301, description = "The page has another address now: Location", headers(("Location" = String))),
    (status = 304, description = "The client's copy, named in If-None-Match, is the current one"),
    (status = 404, body = Problem, description = "`page-not-found`"),
))]
#[get("/pages/{slug:.*}")]
pub(crate) async fn read(request: HttpRequest, state: Data<AppState>, slug: Path<String>) -> Result<HttpResponse, Error> {
    let slug = slug.into_inner();
    let found = state.read(move |conn| match rows::published(conn, &slug)? {
        Some(page) => Ok(Found::Page(Box::new(page))),
        None => Ok(redirects::target(conn, &slug)?.map_or(Found::Nothing, Found::Elsewhere)),
    });
    let page = match found.await? {
        Found::Page(page) => page,
        Found::Elsewhere(slug) => return Ok(moved(&format!("/api/v1/pages/{slug}"))),
        Found::Nothing => return Err(Error::NotFound { what: "page" }),
    };
    let tag = EntityTag::new_strong(page.etag.clone());
    // A visitor may keep a copy and must ask whether it is still the current one.
    let cache = CacheControl(vec![CacheDirective::NoCache]);
    if etag::is_fresh(&request, &tag) {
        return Ok(HttpResponse::NotModified().insert_header(ETag(tag)).insert_header(cache).finish());
    }
    Ok(HttpResponse::Ok().insert_header(ETag(tag)).insert_header(cache).json(page))
}

enum Found {
    Page(Box<PublicPage>),
    /// The slug that it has now.
    Elsewhere(String),
    Nothing,
}

/// An answer that sends to `location`. It is asked for each time: the address is free for another page.
pub(crate) fn moved(location: &str) -> HttpResponse {
    let cache = CacheControl(vec![CacheDirective::NoCache]);
    HttpResponse::MovedPermanently().insert_header((header::LOCATION, location)).insert_header(cache).finish()
}
