//! Everything that is no API: the embedded React page and its files.

use actix_web::{
    HttpRequest, HttpResponse,
    http::{
        Method,
        header::{self, CacheControl, CacheDirective, ETag, EntityTag, HeaderName, HeaderValue},
    },
    web::Data,
};
use magnetiq_web::Asset;

use crate::{
    error::Error,
    http::etag,
    pages::{lists, public, redirects, slug},
    state::AppState,
};

/// Default handler: a file of the page, or the page itself, which then knows what to show for the address.
pub(crate) async fn serve(request: HttpRequest, state: Data<AppState>) -> Result<HttpResponse, Error> {
    let path = request.path().trim_start_matches('/');
    if path.starts_with("api/") || path.starts_with("media/") {
        return Err(Error::NotFound { what: "address" });
    }
    if *request.method() != Method::GET {
        return Err(Error::MethodNotAllowed { allow: "GET, HEAD".into() });
    }
    let gzip = accepts_gzip(&request);
    let found = if path.is_empty() { None } else { magnetiq_web::asset(path, gzip) };
    match found {
        Some(asset) => Ok(answer(&request, asset)),
        // A file that is not there: the page as an answer to a missing script would only confuse.
        None if path.starts_with("assets/") => Err(Error::NotFound { what: "file" }),
        None => match look_up(&state, path).await {
            Place::Moved(path) => Ok(public::moved(&path)),
            place => {
                let mut response = answer(&request, magnetiq_web::index(gzip));
                if matches!(place, Place::Unlisted) {
                    response.headers_mut().insert(HeaderName::from_static("x-robots-tag"), HeaderValue::from_static("noindex"));
                }
                Ok(response)
            }
        },
    }
}

/// What is at an address of the page.
enum Place {
    /// What the page shows by itself.
    Here,
    /// A page that search engines are asked to leave out.
    Unlisted,
    /// The page that was here has another address now.
    Moved(String),
}

/// Without an answer the page is shown: it says itself what is wrong.
async fn look_up(state: &AppState, path: &str) -> Place {
    let slug = if path.is_empty() { redirects::HOME.to_owned() } else { path.trim_end_matches('/').to_owned() };
    if slug::problem(&slug).is_some() {
        return Place::Here;
    }
    let looked = state.read(move |conn| match redirects::target(conn, &slug)? {
        Some(target) => Ok(Place::Moved(redirects::path(&target))),
        None if lists::is_unlisted(conn, &slug)? => Ok(Place::Unlisted),
        None => Ok(Place::Here),
    });
    looked.await.unwrap_or_else(|error| {
        tracing::warn!(error = &error as &dyn std::error::Error, "what is at an address of the page is not known");
        Place::Here
    })
}

fn answer(request: &HttpRequest, asset: Asset) -> HttpResponse {
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

fn accepts_gzip(request: &HttpRequest) -> bool {
    let header = request.headers().get(header::ACCEPT_ENCODING).and_then(|value| value.to_str().ok()).unwrap_or_default();
    header.split(',').any(|encoding| {
        let mut parts = encoding.split(';').map(str::trim);
        let refused = |parameter: &str| matches!(parameter.strip_prefix("q="), Some(q) if q.trim_end_matches(['0', '.']).is_empty());
        parts.next().is_some_and(|name| name.eq_ignore_ascii_case("gzip")) && !parts.any(refused)
    })
}
