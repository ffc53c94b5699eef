//! `/api/v1/pages`: what visitors read.

use actix_web::{
    HttpRequest, HttpResponse, get,
    http::header::{self, CacheControl, CacheDirective},
    web::{Data, Path, Query},
};

use serde::Deserialize;
use utoipa::IntoParams;

use super::{
    PageCard, PublicPage,
    languages::Languages,
    lists::{self, Asked},
    redirects, rows, search_index,
    tags::{TagCount, public_tags},
};
use crate::{
    error::Error,
    http::{
        answers::{Answer, Found},
        cursor::{List, ListQuery},
        fields::Fields,
        problem::Problem,
    },
    state::AppState,
};

/// Which pages.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct PublicQuery {
    /// Only those with this tag.
    #[param(max_length = 50)]
    tag: Option<String>,
    /// Only those in this language, as BCP 47 writes it; in all of them when not given.
    #[param(max_length = 35)]
    language: Option<String>,
}

/// Published pages: the newest first, or the best found first with the place that was found.
#[utoipa::path(operation_id = "list_published_pages", tag = "pages", params(ListQuery, PublicQuery, Fields), responses(
    (status = 200, body = List<PageCard>),
    (status = 400, body = Problem, description = "`bad-request`: cursor, limit or fields"),
))]
#[get("/pages")]
pub(crate) async fn list(
    request: HttpRequest,
    state: Data<AppState>,
    Query(query): Query<ListQuery>,
    Query(PublicQuery { tag, language }): Query<PublicQuery>,
) -> Result<HttpResponse, Error> {
    let place = match state.answers.find_under(&request, state.live.current().revision) {
        Found::Kept(answer) => return Ok(answer.respond(&request)),
        Found::Place(place) => place,
    };
    let language = language.map(|tag| Languages::new(&state.live.current().settings.site).asked(&tag));
    let asked = Asked { tag, language };
    search_index::before(&state, &query).await;
    let list: List<PageCard> = state.read(move |conn| lists::list_published(conn, &query, &asked)).await?;
    let link = list.link(&request);
    let answer = Answer::json(&list.shown(&request)?, None)?.linked(link);
    place.keep(&answer);
    Ok(answer.respond(&request))
}

/// In which language.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct LanguageQuery {
    /// Only of pages in this language, as BCP 47 writes it; of all when not given.
    #[param(max_length = 35)]
    language: Option<String>,
}

/// The tags of published pages, by name, at most 1,000.
#[utoipa::path(operation_id = "list_tags", tag = "pages", params(LanguageQuery), responses((status = 200, body = Vec<TagCount>)))]
#[get("/tags")]
pub(crate) async fn tags(
    request: HttpRequest,
    state: Data<AppState>,
    Query(LanguageQuery { language }): Query<LanguageQuery>,
) -> Result<HttpResponse, Error> {
    let place = match state.answers.find_under(&request, state.live.current().revision) {
        Found::Kept(answer) => return Ok(answer.respond(&request)),
        Found::Place(place) => place,
    };
    let language = language.map(|tag| Languages::new(&state.live.current().settings.site).asked(&tag));
    let answer = Answer::json(&state.read(move |conn| public_tags(conn, language.as_deref())).await?, None)?;
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
