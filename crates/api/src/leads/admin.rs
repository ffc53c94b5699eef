//! `/api/v1/admin/leads`: what visitors sent.

use actix_web::{
    HttpRequest, HttpResponse, delete, get, put,
    web::{Bytes, Data, Json, Path, Query},
};
use futures_util::stream;
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

use super::{Lead, State, form_rows, rows};
use crate::{
    audit::{self, Actor, Change},
    auth::Caller,
    clock::Time,
    error::Error,
    http::{
        csv,
        cursor::{List, ListQuery, Part},
        etag,
        fields::Fields,
        problem::Problem,
    },
    id::{FormId, LeadPath},
    state::AppState,
};

/// Rows that the export reads at once.
const BATCH: u32 = 500;
/// Characters of a search.
const WORDS_MAX: usize = 200;
const NOTE_MAX: usize = 5_000;

/// Which leads.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct Filter {
    /// Text in the answers or the note. Upper and lower case of A to Z are the same, of other letters they are not.
    #[serde(default)]
    #[param(max_length = 200)]
    q: String,
    /// Only those of this form.
    pub(super) form: Option<FormId>,
    /// Only those that stand there.
    pub(super) state: Option<State>,
    /// From this moment on.
    pub(super) since: Option<Time>,
    /// Before this moment.
    pub(super) until: Option<Time>,
}

impl Filter {
    pub(super) fn words(&self) -> Option<String> {
        // As SQLite does it.
        Some(self.q.trim().to_ascii_lowercase()).filter(|words| !words.is_empty())
    }

    fn check(&self) -> Result<(), Error> {
        let fits = self.q.chars().count() <= WORDS_MAX;
        if fits { Ok(()) } else { Err(Error::BadRequest { detail: format!("q has at most {WORDS_MAX} characters.") }) }
    }
}

/// Which form's leads as a table.
#[derive(Clone, Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct OfForm {
    /// The form; its fields are the columns, and after them those that it had when some of the leads came.
    form: FormId,
}

/// What the team changes of a lead.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct LeadEdit {
    /// Where it stands.
    state: State,
    /// What the team notes; at most 5,000 characters.
    #[schema(max_length = 5000)]
    note: String,
}

fn answer(lead: &Lead) -> HttpResponse {
    HttpResponse::Ok().insert_header(etag::of_revision(lead.revision)).json(lead)
}

/// Leads, the newest first.
#[utoipa::path(operation_id = "list_leads", tag = "admin", params(Filter, Part, Fields), responses(
    (status = 200, body = List<Lead>),
    (status = 400, body = Problem, description = "`bad-request`"),
    (status = 401, body = Problem, description = "`not-signed-in`"),
))]
#[get("/admin/leads")]
pub(crate) async fn list(state: Data<AppState>, Query(filter): Query<Filter>, Query(part): Query<Part>) -> Result<List<Lead>, Error> {
    filter.check()?;
    let query = ListQuery::from(part);
    state.read(move |conn| rows::list(conn, &filter, &query)).await
}

/// One lead.
#[utoipa::path(operation_id = "get_lead", tag = "admin", params(LeadPath), responses(
    (status = 200, body = Lead, headers(("ETag" = String))),
    (status = 401, body = Problem, description = "`not-signed-in`"),
    (status = 404, body = Problem, description = "`not-found`"),
))]
#[get("/admin/leads/{id}")]
pub(crate) async fn get(state: Data<AppState>, path: Path<LeadPath>) -> Result<HttpResponse, Error> {
    Ok(answer(&state.read(move |conn| rows::get(conn, path.id)).await?))
}

/// Note where a lead stands.
#[utoipa::path(operation_id = "update_lead", tag = "admin", params(LeadPath, ("If-Match" = String, Header, description = "The lead's ETag")), responses(
    (status = 200, body = Lead, headers(("ETag" = String))),
    (status = 400, body = Problem, description = "`bad-request`"),
    (status = 401, body = Problem, description = "`not-signed-in`"),
    (status = 404, body = Problem, description = "`not-found`"),
    (status = 412, body = Problem, description = "`precondition-failed`"),
    (status = 422, body = Problem, description = "`invalid`"),
    (status = 428, body = Problem, description = "`precondition-required`"),
))]
#[put("/admin/leads/{id}")]
pub(crate) async fn update(
    caller: Caller,
    request: HttpRequest,
    state: Data<AppState>,
    path: Path<LeadPath>,
    Json(edit): Json<LeadEdit>,
) -> Result<HttpResponse, Error> {
    let seen = etag::required_revision(&request)?;
    if edit.note.chars().count() > NOTE_MAX {
        return Err(Error::invalid("/note", format!("A note has at most {NOTE_MAX} characters.")));
    }
    let now = state.clock.now();
    let updated = state.write(move |tx| {
        let (before, lead) = rows::update(tx, path.id, seen, edit.state, &edit.note)?;
        // The log is never changed, and a person may ask to be forgotten: what somebody sent is not in it.
        let state = |lead: &Lead| serde_json::json!({ "state": lead.state });
        let change = Change::of("lead.update", lead.id, &lead.form).from(&state(&before))?.to(&state(&lead))?;
        audit::record(tx, &Actor::from(&caller), change, now)?;
        Ok(lead)
    });
    Ok(answer(&updated.await?))
}

/// Delete a lead, with the letters that quote it.
#[utoipa::path(operation_id = "delete_lead", tag = "admin", params(LeadPath), responses(
    (status = 204, description = "Deleted"),
    (status = 401, body = Problem, description = "`not-signed-in`"),
    (status = 404, body = Problem, description = "`not-found`"),
))]
#[delete("/admin/leads/{id}")]
pub(crate) async fn delete(caller: Caller, state: Data<AppState>, path: Path<LeadPath>) -> Result<HttpResponse, Error> {
    let now = state.clock.now();
    let deleted = state.write_if_possible(move |tx| {
        let lead = rows::get(tx, path.id)?;
        rows::erase(tx, &[path.id])?;
        audit::record(tx, &Actor::from(&caller), Change::of("lead.delete", path.id, &lead.form), now)
    });
    deleted.await?;
    Ok(HttpResponse::NoContent().finish())
}

/// The leads of a form as a table: a column for each of its fields, and for each that was answered when it still had it.
#[utoipa::path(operation_id = "export_leads", tag = "admin", params(OfForm), responses(
    (status = 200, content_type = "text/csv", body = String, description = "Comma-separated, UTF-8, with a header"),
    (status = 400, body = Problem, description = "`bad-request`"),
    (status = 401, body = Problem, description = "`not-signed-in`"),
    (status = 404, body = Problem, description = "`not-found`"),
))]
#[get("/admin/leads.csv")]
pub(crate) async fn export(caller: Caller, state: Data<AppState>, Query(OfForm { form }): Query<OfForm>) -> Result<HttpResponse, Error> {
    let now = state.clock.now();
    let form = state.write_if_possible(move |tx| {
        let form = form_rows::get(tx, form)?;
        audit::record(tx, &Actor::from(&caller), Change::of("lead.export", form.id, &form.title), now)?;
        Ok(form)
    });
    let form = form.await?;
    let mut names: Vec<String> = form.fields.iter().map(|field| field.name.clone()).collect();
    let answered = state.read(move |conn| rows::answered_names(conn, form.id)).await?;
    names.extend(answered.into_iter().filter(|name| !form.fields.iter().any(|field| field.name == *name)));
    let head = csv::row(["created_at", "state", "note"].into_iter().chain(names.iter().map(String::as_str)))?;
    let filter = Filter { form: Some(form.id), ..Filter::default() };
    let begin = ListQuery::default().after()?;
    let parts = stream::try_unfold(Some((head, begin)), move |next| {
        let (state, filter, names) = (state.clone(), filter.clone(), names.clone());
        async move {
            let Some((mut text, begin)) = next else { return Ok(None) };
            let leads = state.read(move |conn| rows::before(conn, &filter, &begin, BATCH)).await?;
            for lead in &leads {
                text.push_str(&line(lead, &names)?);
            }
            let end = leads.last().map(|lead| (String::new(), (lead.created_at, lead.id.to_string())));
            Ok::<_, Error>(Some((Bytes::from(text), end)))
        }
    });
    Ok(csv::attachment("leads.csv").streaming(parts))
}

fn line(lead: &Lead, names: &[String]) -> Result<String, Error> {
    let (created_at, state) = (lead.created_at.to_string(), super::word(&lead.state));
    let answer = |name: &String| lead.answers.iter().find(|answer| answer.name == *name).map_or("", |answer| answer.value.as_str());
    csv::row([created_at.as_str(), state.as_str(), lead.note.as_str()].into_iter().chain(names.iter().map(answer)))
}
