//! `/api/v1/pages`: what visitors read.

use actix_web::{
    HttpRequest, HttpResponse, get,
    http::header::{self, CacheControl, CacheDirective},
    web::{Data, Path, Query},
};

use super::{PageCard, PublicPage, redirects, rows};
use crate::{
    error::Error,
    http::{
        answers::{Answer, Found},
        cursor::{List, ListQuery},
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
pub(crate) async fn list(request: HttpRequest, state: Data<AppState>, Query(query): Query<ListQuery>) -> Result<HttpResponse, Error> {
    let place = match state.answers.find(&request) {
        Found::Kept(answer) => return Ok(answer.respond(&request)),
        Found::Place(place) => place,
    };
    let list: List<PageCard> = state.read(move |conn| rows::list_published(conn, &query)).await?;
    let answer = Answer::json(&list, None)?;
    place.keep(&answer);
    Ok(answer.respond(&request))
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
    let place = match state.answers.find(&request) {
        Found::Kept(answer) => return Ok(answer.respond(&request)),
        Found::Place(place) => place,
    };
    let slug = slug.into_inner();
    let looked = state.read(move |conn| match rows::published(conn, &slug)? {
        Some(page) => Ok(Looked::Page(Box::new(page))),
        None => Ok(redirects::target(conn, &slug)?.map_or(Looked::Nothing, Looked::Elsewhere)),
    });
    match looked.await? {
        Looked::Page(page) => {
            let answer = Answer::json(&page, Some(page.etag.clone()))?;
            place.keep(&answer);
            Ok(answer.respond(&request))
        }
        Looked::Elsewhere(slug) => Ok(moved(&format!("/api/v1/pages/{slug}"))),
        Looked::Nothing => Err(Error::NotFound { what: "page" }),
    }
}

enum Looked {
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
