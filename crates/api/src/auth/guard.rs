//! The one place where roles are enforced.

use actix_web::{
    HttpMessage,
    body::{EitherBody, MessageBody},
    dev::{ServiceRequest, ServiceResponse},
    middleware::Next,
};

use super::{
    caller::Caller,
    rules::{self, Access},
};
use crate::error::Error;

/// Middleware: lets a request pass that the table of rules allows, and leaves who asks for the handler.
pub(crate) async fn check<B: MessageBody>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<EitherBody<B>>, actix_web::Error> {
    match admit(&request).await {
        Ok(()) => Ok(next.call(request).await?.map_into_left_body()),
        Err(error) => Ok(request.error_response(error).map_into_right_body()),
    }
}

async fn admit(request: &ServiceRequest) -> Result<(), Error> {
    // What is no route is for the page, which has nothing to protect.
    let Some(path) = request.match_pattern() else { return Ok(()) };
    // A route without a rule is none, and neither is a method that the address doesn't take.
    let rule = rules::find(request.method(), &path).ok_or(Error::NotFound { what: "address" })?;
    let (least, in_session) = match rule.access {
        Access::AtLeast(least) => (least, false),
        Access::Session(least) => (least, true),
        Access::Public | Access::Operator => return Ok(()),
    };
    let caller = Caller::of(request.request()).await?;
    if in_session {
        caller.session()?;
    }
    if caller.account.role < least {
        return Err(Error::RoleTooLow { least });
    }
    request.extensions_mut().insert(caller);
    Ok(())
}
