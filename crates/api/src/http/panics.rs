//! A handler that panics is an answer, too: without this its connection would end without a word.

use std::{any::Any, panic::AssertUnwindSafe};

use actix_web::{
    HttpMessage, HttpResponse,
    body::MessageBody,
    dev::{ServiceRequest, ServiceResponse},
    error::InternalError,
    http::header,
    middleware::Next,
};
use futures_util::FutureExt;

use super::{problem::Problem, request_log::RequestId};

/// Middleware: answers 500 for a handler that panicked, and logs what it said. Nothing is half done by it: a write that did not end is none.
pub(crate) async fn catch<B: MessageBody>(request: ServiceRequest, next: Next<B>) -> Result<ServiceResponse<B>, actix_web::Error> {
    let id = request.extensions().get::<RequestId>().map(ToString::to_string);
    let answered = AssertUnwindSafe(async { next.call(request).await }).catch_unwind().await;
    answered.unwrap_or_else(|payload| {
        let said = said(&*payload).to_owned();
        tracing::error!(request_id = id.as_deref(), cause = said, "a handler panicked");
        let problem = Problem::internal().of_request(id);
        // The request is gone with the handler, and with it the way through the other middleware.
        let answer = HttpResponse::build(problem.status())
            .content_type("application/problem+json")
            .insert_header((header::CACHE_CONTROL, "no-store"))
            .insert_header((header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
            .body(problem.to_json());
        Err(InternalError::from_response(said, answer).into())
    })
}

fn said(payload: &(dyn Any + Send)) -> &str {
    let text = payload.downcast_ref::<&str>().copied();
    text.or_else(|| payload.downcast_ref::<String>().map(String::as_str)).unwrap_or("nothing")
}

#[cfg(test)]
mod tests {
    use actix_web::{App, middleware::from_fn, test, web};

    use super::*;

    #[actix_web::test]
    async fn a_panic_is_answered() {
        async fn panics() -> HttpResponse {
            panic!("the secret")
        }
        let app = test::init_service(App::new().wrap(from_fn(catch)).route("/", web::get().to(panics))).await;
        let error = test::try_call_service(&app, test::TestRequest::default().to_request()).await.unwrap_err();
        let answer = error.error_response();
        assert_eq!(answer.status(), 500);
        assert_eq!(answer.headers().get(header::CONTENT_TYPE).unwrap(), "application/problem+json");
        let body = actix_web::body::to_bytes(answer.into_body()).await.unwrap();
        assert!(!body.windows(6).any(|part| part == b"secret"), "{body:?}");
    }
}
