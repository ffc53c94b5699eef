//! `/api/v1/view`: what stands at an address of the site, for the page that is there already.

use actix_web::{
    HttpRequest, HttpResponse, get,
    http::header::{CACHE_CONTROL, HeaderValue},
    web::{Data, Query},
};
use serde::Deserialize;
use utoipa::IntoParams;

use super::{look_up, view::View};
use crate::{
    error::Error,
    http::{
        answers::{Answer, Found},
        problem::Problem,
    },
    state::AppState,
};

/// Which address.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct AddressQuery {
    /// A path of the site with its query, such as `/search?q=roses`.
    #[param(max_length = 2000)]
    address: String,
}

/// What stands at an address of the site. Where nothing is, the view says so, and has the status 404 within.
#[utoipa::path(operation_id = "read_view", tag = "site", params(AddressQuery), responses(
    (status = 200, body = View, headers(("ETag" = String))),
    (status = 304, description = "The client's copy, named in If-None-Match, is the current one"),
    (status = 400, body = Problem, description = "`bad-request`: no address"),
))]
#[get("/view")]
pub(crate) async fn view(
    request: HttpRequest,
    state: Data<AppState>,
    Query(AddressQuery { address }): Query<AddressQuery>,
) -> Result<HttpResponse, Error> {
    let place = match state.answers.find_under(&request, state.live.current().revision) {
        Found::Kept(answer) => return Ok(answer.respond(&request)),
        Found::Place(place) => place,
    };
    let view = look_up::view(&state, &address).await?;
    if view.is_for_everybody() {
        let answer = Answer::json_with_tag(&view)?;
        place.keep(&answer);
        return Ok(answer.respond(&request));
    }
    let mut response = Answer::json(&view, None)?.respond(&request);
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(response)
}
