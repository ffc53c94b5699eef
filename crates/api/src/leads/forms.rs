//! `/api/v1/admin/forms`: what visitors are asked.

use actix_web::{
    HttpRequest, HttpResponse, delete, get, post, put,
    web::{Data, Json, Path},
};
use serde::Deserialize;
use utoipa::ToSchema;

use super::{Field, Form, Kind, fields, form_rows};
use crate::{
    audit::{self, Actor, Change},
    auth::{Caller, Role, account},
    clock::Time,
    error::Error,
    http::{
        etag,
        problem::{FieldProblem, Problem},
    },
    id::FormPath,
    menus,
    pages::slug,
    state::AppState,
};

const TITLE_MAX: usize = 200;
const THANKS_MAX: usize = 1_000;
const NOTIFY_MAX: usize = 10;
const KEPT_DAYS_MAX: u32 = 3650;

/// A form as it is to be.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct FormEdit {
    /// Its address: `/forms/{slug}`.
    #[schema(examples("contact"), min_length = 1, max_length = 100)]
    pub(super) slug: String,
    /// Its heading.
    #[schema(min_length = 1, max_length = 200)]
    pub(super) title: String,
    /// What it is for.
    pub(super) kind: Kind,
    /// What is asked, in order.
    #[schema(min_items = 1, max_items = 30)]
    pub(super) fields: Vec<Field>,
    /// Addresses that are told of each lead.
    #[schema(max_items = 10)]
    pub(super) notify: Vec<String>,
    /// Whether who sends it confirms the address by a link; it needs a required field for one.
    pub(super) double_opt_in: bool,
    /// Said after sending and after confirming, as Markdown.
    #[schema(max_length = 1000)]
    pub(super) thanks: String,
    /// What visitors get then, in the answer and by letter: an address of this site, as that of a file, or one with https.
    #[serde(default)]
    #[schema(min_length = 1, max_length = 2000, examples("https://meet.example.com/webinar"))]
    pub(super) link: Option<String>,
    /// When a webinar begins.
    #[serde(default)]
    pub(super) starts_at: Option<Time>,
    /// Days after which leads are deleted.
    #[schema(minimum = 1, maximum = 3650)]
    pub(super) kept_days: u32,
    /// Whether it can be sent.
    pub(super) open: bool,
}

impl FormEdit {
    fn check(&self) -> Result<(), Error> {
        let problem = |pointer: &str, detail: String| FieldProblem { pointer: pointer.into(), detail };
        let mut problems = fields::definition_problems(&self.fields, self.double_opt_in);
        if self.slug.is_empty() || self.slug.len() > 100 || self.slug.contains('/') || slug::problem(&self.slug).is_some() {
            problems.push(problem("/slug", "An address has 1 to 100 lower-case letters, digits and hyphens.".into()));
        }
        if self.title.trim().is_empty() || self.title.chars().count() > TITLE_MAX || self.title.contains(char::is_control) {
            problems.push(problem("/title", format!("A title has 1 to {TITLE_MAX} characters, on one line.")));
        }
        if self.thanks.chars().count() > THANKS_MAX {
            problems.push(problem("/thanks", format!("At most {THANKS_MAX} characters.")));
        }
        if self.link.as_deref().is_some_and(|link| !is_link(link)) {
            problems.push(problem("/link", "An address of this site that begins with /, as /media/…, or one with https.".into()));
        }
        match self.starts_at {
            Some(_) if self.kind != Kind::Webinar => problems.push(problem("/starts_at", "Only a webinar begins at a time.".into())),
            Some(time) if time < Time::from_millis(0) => problems.push(problem("/starts_at", "A moment since 1970.".into())),
            _ => {}
        }
        if !(1..=KEPT_DAYS_MAX).contains(&self.kept_days) {
            problems.push(problem("/kept_days", format!("From 1 to {KEPT_DAYS_MAX} days.")));
        }
        if self.notify.len() > NOTIFY_MAX {
            problems.push(problem("/notify", format!("At most {NOTIFY_MAX} addresses.")));
        }
        for (index, address) in self.notify.iter().enumerate().take(NOTIFY_MAX) {
            if !account::is_address(address) || !address.is_ascii() {
                problems.push(problem(&format!("/notify/{index}"), "This is no e-mail address, as in ana@example.com.".into()));
            }
        }
        if problems.is_empty() { Ok(()) } else { Err(Error::Invalid(problems)) }
    }
}

fn is_link(link: &str) -> bool {
    menus::is_address(link) && (link.starts_with('/') || link.starts_with("https://"))
}

fn answer(mut response: actix_web::HttpResponseBuilder, form: &Form) -> HttpResponse {
    response.insert_header(etag::of_revision(form.revision)).json(form)
}

/// Every form, by title.
#[utoipa::path(operation_id = "list_forms", tag = "admin", responses(
    (status = 200, body = Vec<Form>),
    (status = 401, body = Problem, description = "`not-signed-in`"),
))]
#[get("/admin/forms")]
pub(crate) async fn list(state: Data<AppState>) -> Result<Json<Vec<Form>>, Error> {
    Ok(Json(state.read(form_rows::list).await?))
}

/// Make a form.
#[utoipa::path(operation_id = "create_form", tag = "admin", responses(
    (status = 201, body = Form, headers(("ETag" = String))),
    (status = 401, body = Problem, description = "`not-signed-in`"),
    (status = 422, body = Problem, description = "`invalid`: each field is named"),
))]
#[post("/admin/forms")]
pub(crate) async fn create(caller: Caller, state: Data<AppState>, Json(wanted): Json<FormEdit>) -> Result<HttpResponse, Error> {
    wanted.check()?;
    let now = state.clock.now();
    let created = state.write(move |tx| {
        let form = form_rows::insert(tx, &wanted, now)?;
        audit::record(tx, &Actor::from(&caller), Change::of("form.create", form.id, &form.title).to(&form)?, now)?;
        Ok(form)
    });
    Ok(answer(HttpResponse::Created(), &created.await?))
}

/// One form.
#[utoipa::path(operation_id = "get_form", tag = "admin", params(FormPath), responses(
    (status = 200, body = Form, headers(("ETag" = String))),
    (status = 401, body = Problem, description = "`not-signed-in`"),
    (status = 404, body = Problem, description = "`form-not-found`"),
))]
#[get("/admin/forms/{id}")]
pub(crate) async fn get(state: Data<AppState>, path: Path<FormPath>) -> Result<HttpResponse, Error> {
    Ok(answer(HttpResponse::Ok(), &state.read(move |conn| form_rows::get(conn, path.id)).await?))
}

/// Change a form. What was sent keeps the words that were asked then, and is deleted when the form says now.
#[utoipa::path(operation_id = "update_form", tag = "admin", params(FormPath, ("If-Match" = String, Header, description = "The form's ETag")), responses(
    (status = 200, body = Form, headers(("ETag" = String))),
    (status = 400, body = Problem, description = "`bad-request`"),
    (status = 401, body = Problem, description = "`not-signed-in`"),
    (status = 403, body = Problem, description = "`role-too-low`: to keep leads for a shorter time deletes some, which is for administrators"),
    (status = 404, body = Problem, description = "`form-not-found`"),
    (status = 412, body = Problem, description = "`precondition-failed`"),
    (status = 422, body = Problem, description = "`invalid`: each field is named"),
    (status = 428, body = Problem, description = "`precondition-required`"),
))]
#[put("/admin/forms/{id}")]
pub(crate) async fn update(
    caller: Caller,
    request: HttpRequest,
    state: Data<AppState>,
    path: Path<FormPath>,
    Json(wanted): Json<FormEdit>,
) -> Result<HttpResponse, Error> {
    let seen = etag::required_revision(&request)?;
    wanted.check()?;
    let now = state.clock.now();
    let updated = state.write(move |tx| {
        let (before, form) = form_rows::update(tx, path.id, seen, &wanted, now)?;
        if form.kept_days < before.kept_days && before.leads > 0 && caller.account.role < Role::Admin {
            return Err(Error::RoleTooLow { least: Role::Admin });
        }
        let change = Change::of("form.update", form.id, &form.title).from(&before)?.to(&form)?;
        audit::record(tx, &Actor::from(&caller), change, now)?;
        Ok(form)
    });
    Ok(answer(HttpResponse::Ok(), &updated.await?))
}

/// Delete a form that has no leads.
#[utoipa::path(operation_id = "delete_form", tag = "admin", params(FormPath), responses(
    (status = 204, description = "Deleted"),
    (status = 401, body = Problem, description = "`not-signed-in`"),
    (status = 404, body = Problem, description = "`form-not-found`"),
    (status = 409, body = Problem, description = "`form-has-leads`: close it, or delete them first"),
))]
#[delete("/admin/forms/{id}")]
pub(crate) async fn delete(caller: Caller, state: Data<AppState>, path: Path<FormPath>) -> Result<HttpResponse, Error> {
    let now = state.clock.now();
    let deleted = state.write_if_possible(move |tx| {
        let form = form_rows::delete(tx, path.id)?;
        audit::record(tx, &Actor::from(&caller), Change::of("form.delete", form.id, &form.title).from(&form)?, now)
    });
    deleted.await?;
    Ok(HttpResponse::NoContent().finish())
}
