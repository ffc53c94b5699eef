//! The route that will answer a request, looked up once: it takes as long as routing does.

use actix_web::{HttpMessage, dev::ServiceRequest};

use crate::auth::rules;

/// Where a request goes.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Matched {
    /// To the API: the pattern of [`rules::Rule::path`].
    Route(&'static str),
    /// To the page, which has nothing to protect and nothing below `/api/`.
    Page,
    /// Nowhere.
    Nothing,
}

impl Matched {
    /// The address is read as the router reads it: `%61` is an `a` there, and [`ServiceRequest::match_pattern`] would find no route.
    pub(crate) fn of(request: &ServiceRequest) -> Self {
        if let Some(known) = request.extensions().get::<Self>() {
            return *known;
        }
        let address = request.match_info().as_str();
        let matched = match request.resource_map().match_pattern(address) {
            Some(pattern) => rules::path(&pattern).map_or(Self::Nothing, Self::Route),
            None if address.starts_with("/api/") => Self::Nothing,
            None => Self::Page,
        };
        request.extensions_mut().insert(matched);
        matched
    }
}
