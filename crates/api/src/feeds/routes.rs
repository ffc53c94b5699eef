//! `/sitemap.xml`, `/feed.xml` and `/atom.xml`, the same for parts and languages, and `/robots.txt`.

use actix_web::{
    HttpRequest, HttpResponse, get,
    http::StatusCode,
    web::{Data, Path, Query},
};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Deserialize;
use utoipa::IntoParams;

use super::{
    Entry, count,
    documents::{self, Channel},
    is_published, newest, places,
};
use crate::{
    error::Error,
    http::{
        answers::{Answer, Found},
        problem::Problem,
    },
    pages::{
        languages::{self, Languages},
        redirects,
    },
    state::AppState,
};

const XML: &str = "application/xml";

/// Pages in one sitemap. sitemaps.org allows 50,000 in 50 MiB; so many, with a translation each, are short enough to be kept as an answer.
const SITEMAP_PART: u32 = 2_000;
const FEED_MAX: u32 = 20;

fn base(state: &AppState) -> &str {
    state.settings.server.public_url.as_str().trim_end_matches('/')
}

/// Which part of the sitemap.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub(crate) struct PartPath {
    /// Its number, from 1.
    part: u32,
}

/// Which pages a feed has.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct FeedQuery {
    /// Only those with this tag.
    #[param(max_length = 50)]
    tag: Option<String>,
}

/// In which language.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub(crate) struct FeedPath {
    /// The tag of a language in lower case, as addresses have it.
    language: String,
}

/// Published pages for search engines, as sitemaps.org describes it, with their translations; of more than 2,000 pages the list of the parts.
#[utoipa::path(operation_id = "sitemap", tag = "site", responses(
    (status = 200, body = String, content_type = "application/xml", headers(("ETag" = String))),
    (status = 304, description = "The client's copy, named in If-None-Match, is the current one"),
))]
#[get("/sitemap.xml")]
pub(crate) async fn sitemap(request: HttpRequest, state: Data<AppState>) -> Result<HttpResponse, Error> {
    kept(&request, &state, async {
        let pages = state.read(count).await?;
        if pages > SITEMAP_PART {
            return Ok(Answer::document(StatusCode::OK, XML, documents::sitemap_index(base(&state), pages.div_ceil(SITEMAP_PART))));
        }
        part(&state, 1).await
    })
    .await
}

/// A part of the sitemap of a site with more than 2,000 pages.
#[utoipa::path(operation_id = "sitemap_part", tag = "site", params(PartPath), responses(
    (status = 200, body = String, content_type = "application/xml", headers(("ETag" = String))),
    (status = 304, description = "The client's copy, named in If-None-Match, is the current one"),
    (status = 404, body = Problem, description = "`not-found`"),
))]
#[get("/sitemap-{part}.xml")]
pub(crate) async fn sitemap_part(request: HttpRequest, state: Data<AppState>, path: Path<PartPath>) -> Result<HttpResponse, Error> {
    kept(&request, &state, async {
        let pages = state.read(count).await?;
        if path.part == 0 || path.part > pages.div_ceil(SITEMAP_PART).max(1) {
            return Err(Error::NotFound { what: "sitemap" });
        }
        part(&state, path.part).await
    })
    .await
}

async fn part(state: &AppState, part: u32) -> Result<Answer, Error> {
    let read = state.read(move |conn| {
        let (places, translations) = places(conn, (part - 1) * SITEMAP_PART, SITEMAP_PART)?;
        Ok((places, translations, part == 1 && !is_published(conn, redirects::HOME)?))
    });
    let (places, translations, with_start) = read.await?;
    let (base, languages) = (base(state).to_owned(), Languages::new(&state.live.current().settings.site));
    let write = move || Answer::document(StatusCode::OK, XML, documents::sitemap(&base, &languages, with_start, &places, &translations));
    state.rendering.run(write).await
}

/// The answer that is there already, or else the one that is made.
async fn kept(request: &HttpRequest, state: &AppState, make: impl Future<Output = Result<Answer, Error>>) -> Result<HttpResponse, Error> {
    let place = match state.answers.find_under(request, state.live.current().revision) {
        Found::Kept(answer) => return Ok(answer.respond(request)),
        Found::Place(place) => place,
    };
    let answer = make.await?;
    place.keep(&answer);
    Ok(answer.respond(request))
}

/// How a feed is written.
#[derive(Clone, Copy)]
enum Format {
    Rss,
    Atom,
}

/// The 20 newest published pages in the site's own language as RSS 2.0.
#[utoipa::path(operation_id = "feed", tag = "site", params(FeedQuery), responses(
    (status = 200, body = String, content_type = "application/rss+xml", headers(("ETag" = String))),
    (status = 304, description = "The client's copy, named in If-None-Match, is the current one"),
))]
#[get("/feed.xml")]
pub(crate) async fn feed(request: HttpRequest, state: Data<AppState>, Query(query): Query<FeedQuery>) -> Result<HttpResponse, Error> {
    feed_of(&request, &state, Format::Rss, String::new(), query.tag).await
}

/// The 20 newest published pages in another language as RSS 2.0.
#[utoipa::path(operation_id = "feed_in_language", tag = "site", params(FeedPath, FeedQuery), responses(
    (status = 200, body = String, content_type = "application/rss+xml", headers(("ETag" = String))),
    (status = 304, description = "The client's copy, named in If-None-Match, is the current one"),
    (status = 404, body = Problem, description = "`feed-not-found`: the site does not have this language, or it is its own"),
))]
#[get("/{language}/feed.xml")]
pub(crate) async fn feed_in(
    request: HttpRequest,
    state: Data<AppState>,
    path: Path<FeedPath>,
    Query(query): Query<FeedQuery>,
) -> Result<HttpResponse, Error> {
    let language = other_language(&state, &path.language)?;
    feed_of(&request, &state, Format::Rss, language, query.tag).await
}

/// The same as `/feed.xml`, as Atom (RFC 4287).
#[utoipa::path(operation_id = "atom_feed", tag = "site", params(FeedQuery), responses(
    (status = 200, body = String, content_type = "application/atom+xml", headers(("ETag" = String))),
    (status = 304, description = "The client's copy, named in If-None-Match, is the current one"),
))]
#[get("/atom.xml")]
pub(crate) async fn atom(request: HttpRequest, state: Data<AppState>, Query(query): Query<FeedQuery>) -> Result<HttpResponse, Error> {
    feed_of(&request, &state, Format::Atom, String::new(), query.tag).await
}

/// The same as the feed of a language, as Atom (RFC 4287).
#[utoipa::path(operation_id = "atom_feed_in_language", tag = "site", params(FeedPath, FeedQuery), responses(
    (status = 200, body = String, content_type = "application/atom+xml", headers(("ETag" = String))),
    (status = 304, description = "The client's copy, named in If-None-Match, is the current one"),
    (status = 404, body = Problem, description = "`feed-not-found`: the site does not have this language, or it is its own"),
))]
#[get("/{language}/atom.xml")]
pub(crate) async fn atom_in(
    request: HttpRequest,
    state: Data<AppState>,
    path: Path<FeedPath>,
    Query(query): Query<FeedQuery>,
) -> Result<HttpResponse, Error> {
    let language = other_language(&state, &path.language)?;
    feed_of(&request, &state, Format::Atom, language, query.tag).await
}

/// A language of the site that is not its own, as it is kept.
fn other_language(state: &AppState, path: &str) -> Result<String, Error> {
    let current = state.live.current();
    let found = current.settings.site.languages.iter().find(|tag| tag.to_ascii_lowercase() == path);
    found.cloned().ok_or(Error::NotFound { what: "feed" })
}

async fn feed_of(
    request: &HttpRequest,
    state: &AppState,
    format: Format,
    language: String,
    tag: Option<String>,
) -> Result<HttpResponse, Error> {
    kept(request, state, async {
        let first = languages::home(&language);
        let (of, tagged, start) = (language.clone(), tag.clone(), first.clone());
        let read = state.read(move |conn| Ok((newest(conn, &of, tagged.as_deref(), FEED_MAX)?, is_published(conn, &start)?)));
        let (entries, has_first) = read.await?;
        let current = state.live.current();
        let site = &current.settings.site;
        let folder = if language.is_empty() { String::new() } else { format!("/{first}") };
        let query = tag.as_deref().map(|tag| format!("?tag={}", utf8_percent_encode(tag, NON_ALPHANUMERIC))).unwrap_or_default();
        let names = Languages::new(site);
        let (name, media_type, write): (_, _, fn(&Channel<'_>, &[Entry]) -> String) = match format {
            Format::Rss => ("feed.xml", "application/rss+xml; charset=utf-8", documents::rss),
            Format::Atom => ("atom.xml", "application/atom+xml; charset=utf-8", documents::atom),
        };
        let channel = Channel {
            base: base(state),
            site,
            language: names.tag(&language),
            home: if has_first && !folder.is_empty() { &folder } else { "/" },
            path: &format!("{folder}/{name}{query}"),
            tag: tag.as_deref(),
        };
        Ok(Answer::document(StatusCode::OK, media_type, write(&channel, &entries)))
    })
    .await
}

/// What robots may read.
#[utoipa::path(operation_id = "robots", tag = "site", responses((status = 200, body = String, content_type = "text/plain")))]
#[get("/robots.txt")]
pub(crate) async fn robots(state: Data<AppState>) -> HttpResponse {
    HttpResponse::Ok().content_type("text/plain; charset=utf-8").body(documents::robots(base(&state)))
}
