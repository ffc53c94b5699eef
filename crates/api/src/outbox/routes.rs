//! `/api/v1/outbox`: what was sent, what waits, what was given up.

use actix_web::{
    get, post,
    web::{Data, Json, Path, Query},
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{
    Entry, Kind, State, rows,
    social::{self, Post},
    template::{Reader, Rendered},
};
use crate::{
    audit::{self, Actor, Change},
    auth::{Caller, Role},
    error::Error,
    http::{
        cursor::{List, ListQuery},
        fields::Fields,
        problem::Problem,
    },
    id::OutboxPath,
    state::AppState,
};

/// Which part of the outbox.
#[derive(Clone, Copy, Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct Filter {
    /// Only what stands there; all when not given.
    state: Option<State>,
    /// Only what leaves by this.
    kind: Option<Kind>,
}

/// A letter or post as it is sent.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = OutboxLetter)]
pub(crate) struct Preview {
    #[serde(flatten)]
    entry: Entry,
    /// Of a letter its texts; null where the template is one of another version of the program.
    texts: Option<Texts>,
    /// Of a post all that it says.
    post: Option<String>,
}

/// The texts of a letter.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = OutboxTexts)]
pub(crate) struct Texts {
    /// The subject.
    subject: String,
    /// For programs that show text.
    text: String,
    /// For programs that show HTML.
    html: String,
}

impl From<Rendered> for Texts {
    fn from(rendered: Rendered) -> Self {
        Self { subject: rendered.subject, text: rendered.text, html: rendered.html }
    }
}

/// Letters that quote visitors are for those who may read what visitors sent.
fn refuse_unseen(caller: &Caller, entry: &Entry) -> Result<(), Error> {
    let is_seen = caller.sees_leads() || !rows::QUOTES_VISITORS.contains(&entry.template.as_str());
    if is_seen { Ok(()) } else { Err(Error::NotFound { what: "letter" }) }
}

/// In the audit log, which is final: a visitor's address has no place there.
fn named(entry: &Entry) -> String {
    let quotes_visitors = rows::QUOTES_VISITORS.contains(&entry.template.as_str());
    if quotes_visitors { entry.template.clone() } else { format!("{} to {}", entry.template, entry.target) }
}

/// The outbox: the newest first; `q` is looked for in the addresses.
#[utoipa::path(operation_id = "list_outbox", tag = "admin", params(Filter, ListQuery, Fields), responses(
    (status = 200, body = List<Entry>),
    (status = 400, body = Problem, description = "`bad-request`"),
    (status = 401, body = Problem, description = "`not-signed-in`"),
))]
#[get("/outbox")]
pub(crate) async fn list(
    caller: Caller,
    state: Data<AppState>,
    Query(filter): Query<Filter>,
    Query(query): Query<ListQuery>,
) -> Result<List<Entry>, Error> {
    state.read(move |conn| rows::list(conn, filter.state, filter.kind, caller.sees_leads(), &query)).await
}

/// One letter or post, with its texts.
#[utoipa::path(operation_id = "get_outbox", tag = "admin", params(OutboxPath), responses(
    (status = 200, body = Preview),
    (status = 401, body = Problem, description = "`not-signed-in`"),
    (status = 404, body = Problem, description = "`not-found`"),
))]
#[get("/outbox/{id}")]
pub(crate) async fn get(caller: Caller, state: Data<AppState>, path: Path<OutboxPath>) -> Result<Json<Preview>, Error> {
    let (entry, payload) = state.read(move |conn| rows::get(conn, path.id)).await?;
    refuse_unseen(&caller, &entry)?;
    if entry.template == social::TEMPLATE {
        let post = serde_json::from_str(&payload).ok().map(|post: Post| post.whole());
        return Ok(Json(Preview { entry, texts: None, post }));
    }
    let rendered = state.live.current().channels.sender.render(&entry.template, &payload, Reader::Team).ok();
    let texts = rendered.map(Texts::from);
    Ok(Json(Preview { entry, texts, post: None }))
}

/// Send again what was given up.
#[utoipa::path(operation_id = "retry_outbox", tag = "admin", params(OutboxPath), responses(
    (status = 200, body = Entry, description = "It is queued again"),
    (status = 401, body = Problem, description = "`not-signed-in`"),
    (status = 404, body = Problem, description = "`not-found`"),
    (status = 409, body = Problem, description = "`not-given-up`: it waits, or was sent"),
))]
#[post("/outbox/{id}/retry")]
pub(crate) async fn retry(caller: Caller, state: Data<AppState>, path: Path<OutboxPath>) -> Result<Json<Entry>, Error> {
    let now = state.clock.now();
    let entry = state.write(move |tx| {
        let entry = rows::retry(tx, path.id, now)?;
        refuse_unseen(&caller, &entry)?;
        audit::record(tx, &Actor::from(&caller), Change::of("outbox.retry", entry.id, named(&entry)), now)?;
        Ok(entry)
    });
    let entry = entry.await?;
    state.outbox.wake();
    Ok(Json(entry))
}

/// Take back what waits, or was given up: it is never sent. Letters are taken back by administrators only.
#[utoipa::path(operation_id = "cancel_outbox", tag = "admin", params(OutboxPath), responses(
    (status = 200, body = Entry, description = "It will not be sent"),
    (status = 401, body = Problem, description = "`not-signed-in`"),
    (status = 403, body = Problem, description = "`role-too-low`: this needs the role editor, for a letter admin; `cross-origin`"),
    (status = 404, body = Problem, description = "`not-found`"),
    (status = 409, body = Problem, description = "`not-waiting`: it is being sent, was sent, or was taken back before"),
))]
#[post("/outbox/{id}/cancel")]
pub(crate) async fn cancel(caller: Caller, state: Data<AppState>, path: Path<OutboxPath>) -> Result<Json<Entry>, Error> {
    let now = state.clock.now();
    let entry = state.write(move |tx| {
        let entry = rows::cancel(tx, path.id, now)?;
        refuse_unseen(&caller, &entry)?;
        if entry.kind == Kind::Mail && caller.account.role < Role::Admin {
            return Err(Error::RoleTooLow { least: Role::Admin });
        }
        audit::record(tx, &Actor::from(&caller), Change::of("outbox.cancel", entry.id, named(&entry)), now)?;
        Ok(entry)
    });
    Ok(Json(entry.await?))
}
