//! `/api/v1/forms`: what visitors fill in.

use actix_web::{
    HttpRequest, HttpResponse, get,
    http::header::{CACHE_CONTROL, HeaderValue},
    post,
    web::{Data, Json, Path},
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::{IntoParams, ToSchema};

use super::{Field, Form, Kind, fields, form_rows, rows, tokens};
use crate::{
    clock::Time,
    error::Error,
    http::{address, problem::Problem},
    state::AppState,
};

/// The address of a form.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub(crate) struct FormSlug {
    /// Its slug.
    slug: String,
}

/// A form to be filled in.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PublicForm {
    slug: String,
    /// Its heading.
    pub(crate) title: String,
    /// What it is for.
    kind: Kind,
    /// What is asked, in order.
    pub(crate) fields: Vec<Field>,
    /// Whether a link in a letter confirms the address.
    double_opt_in: bool,
    /// Goes back with the answers, once, within a day.
    token: String,
}

/// A form that was filled in.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Filled {
    /// What came with the form.
    #[schema(max_length = 300)]
    token: String,
    /// By the names of the fields: texts, and true or false for a consent.
    #[schema(value_type = std::collections::HashMap<String, Value>)]
    answers: Map<String, Value>,
    /// People don't see this field and leave it empty; programs that fill in everything don't.
    #[serde(default)]
    #[schema(max_length = 200)]
    website: String,
}

/// What is said and given after sending, or after confirming.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Thanks {
    /// The team's words, as Markdown.
    thanks: String,
    /// The same as HTML.
    html: String,
    /// Whether a letter with a link to confirm the address is on its way: what the form gives comes after that.
    to_confirm: bool,
    /// What the form gives: an address of this site, or one with https.
    link: Option<String>,
    /// When the webinar begins.
    starts_at: Option<Time>,
}

impl Thanks {
    async fn of(state: &AppState, form: &Form, to_confirm: bool) -> Result<Self, Error> {
        Ok(Self {
            thanks: form.thanks.clone(),
            html: state.render(&form.thanks).await?.html,
            to_confirm,
            link: form.link.clone().filter(|_| !to_confirm),
            starts_at: form.starts_at.filter(|_| !to_confirm),
        })
    }
}

/// The link of a letter.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Confirmation {
    /// What stands behind the `#` of the link.
    #[schema(max_length = 300)]
    token: String,
}

/// A form, with a token to send it with. It must not be kept: each visitor needs one of their own.
#[utoipa::path(operation_id = "get_public_form", tag = "forms", params(FormSlug), responses(
    (status = 200, body = PublicForm),
    (status = 404, body = Problem, description = "`form-not-found`: there is none, or it is closed"),
))]
#[get("/forms/{slug}")]
pub(crate) async fn get(state: Data<AppState>, path: Path<FormSlug>) -> Result<HttpResponse, Error> {
    let form = open(&state, path.into_inner().slug).await?;
    Ok(HttpResponse::Ok().insert_header((CACHE_CONTROL, HeaderValue::from_static("no-store"))).json(form))
}

/// The open form of a slug, with a token for who asks.
///
/// # Errors
///
/// [`Error::NotFound`]: there is none, or it is closed.
pub(crate) async fn open(state: &AppState, slug: String) -> Result<PublicForm, Error> {
    let form = state.read(move |conn| form_rows::of_slug(conn, &slug)).await?;
    if !form.open {
        return Err(Error::NotFound { what: "form" });
    }
    let token = tokens::issue(&state.keys, &form.slug, state.clock.now())?;
    Ok(PublicForm { slug: form.slug, title: form.title, kind: form.kind, fields: form.fields, double_opt_in: form.double_opt_in, token })
}

/// Send a form. The same token sent twice is one lead.
///
/// What a program filled in, as it seems, is answered like everything else, and not kept.
#[utoipa::path(operation_id = "send_form", tag = "forms", params(FormSlug), responses(
    (status = 202, body = Thanks),
    (status = 404, body = Problem, description = "`form-not-found`: there is none, or it is closed"),
    (status = 410, body = Problem, description = "`form-expired`: fetch the form again"),
    (status = 422, body = Problem, description = "`invalid`: each answer is named"),
    (status = 429, body = Problem, description = "`too-many-attempts`, with Retry-After"),
))]
#[post("/forms/{slug}/leads")]
pub(crate) async fn send(
    request: HttpRequest,
    state: Data<AppState>,
    path: Path<FormSlug>,
    Json(filled): Json<Filled>,
) -> Result<HttpResponse, Error> {
    state.lead_throttle.count(address::client(&request, &state.settings.server.trusted_proxies))?;
    let slug = path.into_inner().slug;
    let form = state.read(move |conn| form_rows::of_slug(conn, &slug)).await?;
    if !form.open {
        return Err(Error::NotFound { what: "form" });
    }
    let now = state.clock.now();
    let token = tokens::read(&state.keys, &form.slug, &filled.token, now).ok_or(Error::FormExpired)?;
    let (answers, email) = fields::check(&form.fields, &filled.answers).map_err(Error::Invalid)?;
    let thanks = Thanks::of(&state, &form, form.double_opt_in).await?;
    if token.too_quick || !filled.website.is_empty() {
        state.lead_counts.dropped.inc();
        return Ok(HttpResponse::Accepted().json(thanks));
    }
    state.lead_throttle.count_kept()?;
    let sent = rows::Sent { nonce: token.nonce, email, answers };
    if state.write(move |tx| rows::insert(tx, &form, &sent, now)).await? {
        state.lead_counts.taken.inc();
        state.outbox.wake();
    }
    Ok(HttpResponse::Accepted().json(thanks))
}

/// Confirm the address of a lead. Programs that follow links in letters send no POST, and so confirm nothing.
#[utoipa::path(operation_id = "confirm_lead", tag = "forms", responses(
    (status = 200, body = Thanks, description = "Confirmed, now or before"),
    (status = 410, body = Problem, description = "`link-gone`: it is none, or has ended"),
    (status = 429, body = Problem, description = "`too-many-attempts`, with Retry-After"),
))]
#[post("/leads/confirm")]
pub(crate) async fn confirm(request: HttpRequest, state: Data<AppState>, Json(link): Json<Confirmation>) -> Result<Json<Thanks>, Error> {
    state.lead_throttle.count(address::client(&request, &state.settings.server.trusted_proxies))?;
    let id = tokens::confirmed(&state.keys, &link.token).ok_or(Error::LinkGone)?;
    let now = state.clock.now();
    let form = state.write(move |tx| rows::confirm(tx, id, now)).await?;
    state.outbox.wake();
    Ok(Json(Thanks::of(&state, &form, false).await?))
}
