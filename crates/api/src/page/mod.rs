//! Everything that is no API: the views of the public site as HTML, the embedded React page that takes over from there, and its files.
//!
//! An address of the site is a [`view::View`]: looked up once, and either written as HTML with the same view as JSON in it ([`document`]), or
//! answered as JSON alone to a page that is there already ([`routes`]). The page draws from it what stands in the HTML, to the letter.

mod address;
mod article;
mod document;
mod form;
mod head;
mod icons;
mod languages;
mod layout;
mod lists;
mod look_up;
mod menu;
pub(crate) mod routes;
mod rows;
pub(crate) mod view;
mod words;

use actix_web::{
    HttpRequest, HttpResponse,
    http::{
        Method, StatusCode,
        header::{self, CacheControl, CacheDirective, ETag, EntityTag, HeaderName, HeaderValue},
        uri::PathAndQuery,
    },
    web::Data,
};
use magnetiq_web::Asset;

use crate::{
    error::Error,
    http::{
        answers::{Answer, Found},
        encoding, etag,
    },
    pages::public,
    state::AppState,
};
use view::Content;

/// Default handler: a file of the page, a view, or for the admin area the page alone, which then asks the API.
pub(crate) async fn serve(request: HttpRequest, state: Data<AppState>) -> Result<HttpResponse, Error> {
    let path = request.path().trim_start_matches('/');
    if path.starts_with("api/") || path.starts_with("media/") {
        return Err(Error::NotFound { what: "address" });
    }
    if *request.method() != Method::GET {
        return Err(Error::MethodNotAllowed { allow: "GET, HEAD".into() });
    }
    let found = if path.is_empty() { None } else { magnetiq_web::asset(path, encoding::takes_gzip(&request)) };
    match found {
        Some(asset) => Ok(file(&request, asset)),
        // A file that is not there: a view as an answer to a missing script would only confuse.
        None if path.starts_with("assets/") => Err(Error::NotFound { what: "file" }),
        None if path == "admin" || path.starts_with("admin/") => {
            let shell = Answer::html(StatusCode::OK, document::admin(&state.live.current().settings.site));
            Ok(unlisted(shell.respond(&request)))
        }
        None => show(&request, &state).await,
    }
}

/// The view of the address that was asked for.
async fn show(request: &HttpRequest, state: &AppState) -> Result<HttpResponse, Error> {
    let place = match state.answers.find_under(request, state.live.current().revision) {
        Found::Kept(answer) => return Ok(answer.respond(request)),
        Found::Place(place) => place,
    };
    let address = request.uri().path_and_query().map_or("/", PathAndQuery::as_str);
    let view = match look_up::view(state, address).await {
        Ok(view) => view,
        Err(error) => {
            // The page asks again, and says what is wrong.
            tracing::warn!(error = &error as &dyn std::error::Error, "a view could not be looked up");
            let shell = document::admin(&state.live.current().settings.site);
            return Ok(HttpResponse::build(error.problem().status()).content_type("text/html; charset=utf-8").body(shell));
        }
    };
    if let Content::Moved { to } = &view.content {
        return Ok(public::moved(to));
    }
    let base = state.settings.server.public_url.as_str().trim_end_matches('/');
    let answer = Answer::html(view.status(), document::of(&view, base)?);
    if view.is_for_everybody() {
        place.keep(&answer);
        Ok(answer.respond(request))
    } else {
        let mut response = answer.respond(request);
        response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        Ok(response)
    }
}

fn unlisted(mut response: HttpResponse) -> HttpResponse {
    response.headers_mut().insert(HeaderName::from_static("x-robots-tag"), HeaderValue::from_static("noindex"));
    response
}

fn file(request: &HttpRequest, asset: Asset) -> HttpResponse {
    let tag = EntityTag::new_strong(asset.etag);
    let cache = if asset.immutable {
        vec![CacheDirective::Public, CacheDirective::MaxAge(31_536_000), CacheDirective::Extension("immutable".into(), None)]
    } else {
        vec![CacheDirective::NoCache]
    };
    let is_fresh = etag::is_fresh(request, &tag);
    let mut response = if is_fresh { HttpResponse::NotModified() } else { HttpResponse::Ok() };
    response.insert_header(ETag(tag)).insert_header(CacheControl(cache)).insert_header((header::VARY, "Accept-Encoding"));
    if is_fresh {
        return response.finish();
    }
    if asset.gzip {
        response.insert_header((header::CONTENT_ENCODING, "gzip"));
    }
    let is_text = asset.media_type.starts_with("text/") || asset.media_type.ends_with("javascript");
    let charset = if is_text { "; charset=utf-8" } else { "" };
    response.content_type(format!("{}{charset}", asset.media_type));
    match asset.content {
        std::borrow::Cow::Borrowed(bytes) => response.body(bytes),
        std::borrow::Cow::Owned(bytes) => response.body(bytes),
    }
}
