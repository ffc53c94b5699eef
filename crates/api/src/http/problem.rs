//! Errors on the wire: RFC 9457 problem+json, for our own errors and for those that actix makes.

use actix_web::{
    HttpMessage,
    body::{BoxBody, MessageBody},
    dev::{ServiceRequest, ServiceResponse},
    http::{StatusCode, header},
    middleware::Next,
};
use serde::Serialize;
use utoipa::ToSchema;

use super::request_log::RequestId;
use crate::{error::Error, media::uploads::protocol};

/// The body of every error answer.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Problem {
    /// URN made of the code; stable.
    #[serde(rename = "type")]
    #[schema(examples("urn:magnetiq:problem:page-not-found"))]
    kind: String,
    /// The status in words.
    title: String,
    /// The HTTP status.
    status: u16,
    /// Stable name of this kind of error, for programs.
    #[schema(examples("page-not-found"))]
    code: String,
    /// A sentence for people.
    detail: String,
    /// Names this request in the log.
    #[serde(skip_serializing_if = "Option::is_none")]
    request_id: Option<String>,
    /// With code `invalid`: each field that is not as it must be.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    errors: Vec<FieldProblem>,
    /// Of a body in JSON that can't be read: where it stops being what it must be.
    #[serde(skip_serializing_if = "Option::is_none")]
    position: Option<Position>,
}

/// A place in a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Position {
    /// From 1.
    pub line: usize,
    /// Bytes from the beginning of the line, from 1; 0 before its first one.
    pub column: usize,
}

/// One field of the request that is not as it must be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct FieldProblem {
    /// JSON pointer to the field in the request's body.
    #[schema(examples("/slug"))]
    pub pointer: String,
    /// A sentence for people.
    pub detail: String,
}

impl Problem {
    pub(crate) fn new(status: StatusCode, code: &str, detail: impl Into<String>) -> Self {
        Self {
            kind: format!("urn:magnetiq:problem:{code}"),
            title: status.canonical_reason().unwrap_or("Error").into(),
            status: status.as_u16(),
            code: code.into(),
            detail: detail.into(),
            request_id: None,
            errors: Vec::new(),
            position: None,
        }
    }

    pub(crate) fn at(self, position: Position) -> Self {
        Self { position: Some(position), ..self }
    }

    pub(crate) fn with_errors(mut self, errors: Vec<FieldProblem>) -> Self {
        self.errors = errors;
        self
    }

    /// Names the request that it answers.
    pub(crate) fn of_request(mut self, id: Option<String>) -> Self {
        self.request_id = id;
        self
    }

    pub(crate) fn to_json(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }

    pub(crate) fn busy() -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "busy", "The server has too much to do right now. Try again in a moment.")
    }

    pub(crate) fn internal() -> Self {
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", "Something went wrong on the server. It was logged under this request id.")
    }

    pub(crate) fn status(&self) -> StatusCode {
        StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }

    /// For errors that are not ours: actix's own 404, 405, 413 and the like.
    fn of_status(status: StatusCode) -> Self {
        let (code, detail) = match status {
            StatusCode::NOT_FOUND => ("not-found", "There is nothing here."),
            StatusCode::METHOD_NOT_ALLOWED => ("method-not-allowed", "This address does not take that method."),
            StatusCode::PAYLOAD_TOO_LARGE => ("upload-too-large", "This is larger than the limit."),
            StatusCode::UNSUPPORTED_MEDIA_TYPE => ("unsupported-media-type", "This type of content is not taken here."),
            StatusCode::NOT_ACCEPTABLE => ("not-acceptable", "The answer comes as it is, or with the encodings gzip and deflate."),
            StatusCode::RANGE_NOT_SATISFIABLE => ("range-not-satisfiable", "The file has no such range."),
            StatusCode::REQUEST_TIMEOUT => ("request-timeout", "The request took too long to arrive."),
            StatusCode::PRECONDITION_FAILED => ("precondition-failed", "A condition in the request's headers does not hold."),
            status if status.is_server_error() => return Self::internal(),
            _ => ("bad-request", "The request can't be understood."),
        };
        Self::new(status, code, detail)
    }
}

/// Middleware: gives every error answer its body and logs the cause of those that are our fault.
pub(crate) async fn render(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, actix_web::Error> {
    let response = next.call(request).await?.map_into_boxed_body();
    let status = response.status();
    let is_error = status.is_client_error() || status.is_server_error();
    // The state of a server that is not well has its own kinds of body.
    let kind = response.headers().get(header::CONTENT_TYPE).map_or(&b""[..], header::HeaderValue::as_bytes);
    let is_state = kind == b"application/health+json" || kind.starts_with(b"text/html");
    if !is_error || is_state {
        return Ok(response);
    }
    let (request, response) = response.into_parts();
    let cause = response.error().map(ToString::to_string);
    let own = response.error().and_then(|error| error.as_error::<Error>());
    let problem = own.map_or_else(|| Problem::of_status(status), Error::problem);
    let id = request.extensions().get::<RequestId>().map(ToString::to_string);
    if status.is_server_error() {
        let cause = own.map(chain).or(cause).unwrap_or_default();
        tracing::error!(request_id = id.as_deref(), status = status.as_u16(), method = %request.method(), path = request.path(), %cause, "request failed");
    }
    let (head, _) = response.into_parts();
    let mut response = head.set_body(BoxBody::new(problem.of_request(id).to_json()));
    if request.path().starts_with(protocol::PATH) {
        // Clients of tus take no answer without it, whoever gives it.
        response.headers_mut().insert(protocol::RESUMABLE, header::HeaderValue::from_static(protocol::VERSION));
    }
    response.headers_mut().insert(header::CONTENT_TYPE, header::HeaderValue::from_static("application/problem+json"));
    response.headers_mut().insert(header::CACHE_CONTROL, header::HeaderValue::from_static("no-store"));
    Ok(ServiceResponse::new(request, response))
}

/// An error and its causes, in one line for the log.
pub(crate) fn chain(error: &Error) -> String {
    let mut text = error.to_string();
    let mut source = std::error::Error::source(error);
    while let Some(cause) = source {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        source = cause.source();
    }
    text
}
