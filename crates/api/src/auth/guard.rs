//! The one place where roles are enforced, and requests are counted.

use actix_web::{
    HttpMessage,
    body::{EitherBody, MessageBody},
    dev::{ServiceRequest, ServiceResponse},
    http::header::{CACHE_CONTROL, HeaderValue},
    middleware::Next,
    web::Data,
};

use super::{
    caller::{Caller, Via},
    rules::{self, Access, Rule},
};
use crate::{
    error::Error,
    http::{
        address,
        matched::Matched,
        rate_limit::{Count, Limit},
    },
    state::AppState,
};

/// Middleware: lets a request pass that the table of rules and the limits allow, and leaves who asks for the handler.
pub(crate) async fn check<B: MessageBody>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<EitherBody<B>>, actix_web::Error> {
    let found = rule_of(&request);
    let is_private = matches!(&found, Ok(Some(rule)) if is_private(rule));
    let mut count = None;
    let admitted = match found {
        Ok(rule) => admit(&request, rule, &mut count).await,
        Err(error) => Err(error),
    };
    let mut response = match admitted {
        Ok(()) => next.call(request).await?.map_into_left_body(),
        Err(error) => request.error_response(error).map_into_right_body(),
    };
    let headers = response.headers_mut();
    if let Some(count) = count {
        count.tell(headers);
    }
    if is_private && !headers.contains_key(CACHE_CONTROL) {
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
    Ok(response)
}

/// The rule of the route that will answer.
fn rule_of(request: &ServiceRequest) -> Result<Option<&'static Rule>, Error> {
    match Matched::of(request) {
        Matched::Route(path) => rules::find(request.method(), path).map(Some),
        Matched::Page => Ok(None),
        Matched::Nothing => Err(Error::NotFound { what: "address" }),
    }
}

/// Whether its answers are for one account only.
fn is_private(rule: &Rule) -> bool {
    matches!(rule.access, Access::AtLeast(_) | Access::Session(_) | Access::Operator) || rule.path.starts_with("/api/v1/auth/")
}

async fn admit(request: &ServiceRequest, rule: Option<&Rule>, count: &mut Option<Count>) -> Result<(), Error> {
    let state = request.app_data::<Data<AppState>>().expect("the application is built with its state");
    let address = address::exact(request.request(), &state.settings.server.trusted_proxies);
    let (least, in_session) = match rule.map(|rule| rule.access) {
        Some(Access::AtLeast(least)) => (least, false),
        Some(Access::Session(least)) => (least, true),
        Some(Access::Public | Access::Operator) | None => {
            let limit = rule.map_or(Limit::PublicRead, Rule::limit);
            *count = state.rate_limits.count_address(limit, address);
            return count.as_ref().map_or(Ok(()), Count::admitted);
        }
    };
    let caller = match Caller::of(request.request()).await {
        Ok(caller) => caller,
        Err(error) => {
            // Nobody's: it is one of a stranger.
            *count = state.rate_limits.count_address(Limit::PublicRead, address);
            return count.as_ref().map_or(Ok(()), Count::admitted).and(Err(error));
        }
    };
    let token = match &caller.via {
        Via::Token { name, .. } => Some(name),
        Via::Session(_) => None,
    };
    *count = state.rate_limits.count(Limit::Api, address, (caller.account.id, token));
    count.as_ref().map_or(Ok(()), Count::admitted)?;
    if in_session {
        caller.session()?;
    }
    if rule.is_some_and(|rule| !caller.reaches(rule.path)) {
        return Err(Error::OutsideArea);
    }
    if caller.account.role < least {
        return Err(Error::RoleTooLow { least });
    }
    request.extensions_mut().insert(caller);
    Ok(())
}
