//! Defence against cross-site requests: a browser says where an unsafe request came from, and one from elsewhere is not done.

use actix_web::{
    body::{EitherBody, MessageBody},
    dev::{ServiceRequest, ServiceResponse},
    http::{Method, header},
    middleware::Next,
    web::Data,
};
use url::Url;

use crate::{error::Error, state::AppState};

/// Middleware: refuses unsafe requests that a browser sent for another site.
///
/// `Sec-Fetch-Site` decides where it is sent; else `Origin` must be the request's own host, the public address, or an allowed origin. A
/// request with neither comes from no browser, and so can't carry somebody else's cookie.
pub(crate) async fn check<B: MessageBody>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<EitherBody<B>>, actix_web::Error> {
    let safe = matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS);
    if safe || same_site(&request) {
        return Ok(next.call(request).await?.map_into_left_body());
    }
    Ok(request.error_response(Error::CrossOrigin).map_into_right_body())
}

fn same_site(request: &ServiceRequest) -> bool {
    let header = |name| request.headers().get(name).and_then(|value: &header::HeaderValue| value.to_str().ok());
    let origin = header(header::ORIGIN);
    if origin.is_some_and(|origin| is_allowed(request, origin)) {
        return true;
    }
    match header(header::HeaderName::from_static("sec-fetch-site")) {
        Some(site) => matches!(site, "same-origin" | "none"),
        None => match origin {
            None => true,
            Some(origin) => {
                let host = header(header::HOST).unwrap_or_default();
                origin.split_once("://").is_some_and(|(_, origin_host)| origin_host.eq_ignore_ascii_case(host))
            }
        },
    }
}

fn is_allowed(request: &ServiceRequest, origin: &str) -> bool {
    let Some(state) = request.app_data::<Data<AppState>>() else { return false };
    let server = &state.settings.server;
    Url::parse(origin).is_ok_and(|url| url.origin() == server.public_url.origin())
        || server.cors_origins.iter().any(|allowed| allowed == origin)
}
