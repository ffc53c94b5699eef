//! `/api/v1/admin/events`: what happens, as server-sent events.

use actix_web::{HttpRequest, HttpResponse, get, http::header, web::Data};

use super::stream::Listener;
use crate::{auth::Caller, error::Error, http::problem::Problem, state::AppState};

const LAST_EVENT_ID: &str = "last-event-id";

/// A stream that tells which lists have changed, for as long as the session lives: fetch again what you show.
///
/// Each event is named `change` and has a `LiveChange` as its data. The first comes at once; with `Last-Event-ID` it names what changed since
/// that event. Nothing but `:` every 15 seconds says that the connection lives. An event `end` comes last, when the session ends, the role
/// changes, or the server stops. One stream is enough for all windows of a browser; an account may have eight.
#[utoipa::path(tag = "admin", operation_id = "live_events",
    params(("Last-Event-ID" = Option<String>, Header, description = "`id` of the last event that was heard; browsers send it by themselves")),
    responses(
        (status = 200, description = "The events", content_type = "text/event-stream", body = String),
        (status = 401, body = Problem, description = "`not-signed-in`"),
        (status = 429, body = Problem, description = "`too-many-streams`, `too-many-requests`, with Retry-After"),
    ),
)]
#[get("/admin/events")]
pub(crate) async fn events(request: HttpRequest, caller: Caller, state: Data<AppState>) -> Result<HttpResponse, Error> {
    let session = caller.session()?;
    let place = state.streams.enter(caller.account.id)?;
    let last_event = request.headers().get(LAST_EVENT_ID).and_then(|id| id.to_str().ok());
    let listener = Listener::new(state, session, caller.account.role, place, last_event);
    let mut answer = HttpResponse::Ok();
    // nginx must not wait until it has more.
    answer.insert_header((header::CONTENT_TYPE, "text/event-stream")).insert_header(("x-accel-buffering", "no"));
    Ok(answer.streaming(listener.stream()))
}
