//! `/api/v1/admin/pages/{id}/revisions`: what a page was, and back to it.

use actix_web::{
    HttpRequest, HttpResponse, get, post,
    web::{Data, Json, Path, Query},
};
use magnetiq_storage::Tx;
use serde::Deserialize;
use utoipa::IntoParams;

use super::{Change, Reason, Revision, RevisionDiff, RevisionRow, diff, rows};
use crate::{
    auth::{Caller, SignedIn},
    error::Error,
    http::{
        cursor::{List, ListQuery, Part},
        etag,
        fields::Fields,
        problem::Problem,
    },
    id::{PageId, PagePath},
    pages::{
        self, Details, Edit, Page, Written,
        admin::{answer, noted},
        autosave::Saved,
        drafts,
        languages::Languages,
    },
    state::AppState,
};

/// The path of one revision.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub(crate) struct RevisionPath {
    /// Id of the page.
    id: PageId,
    /// Number of the revision.
    revision: i64,
}

/// What a revision is compared with.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct DiffQuery {
    /// The state to compare with; the one before when not given.
    from: Option<i64>,
}

/// The states of a page, the present one first.
///
/// Each change keeps the state before it: the newest 50, and of what is older the last one of each month.
#[utoipa::path(operation_id = "list_revisions", tag = "admin", params(PagePath, Part, Fields), responses(
    (status = 200, body = List<RevisionRow>),
    (status = 400, body = Problem, description = "`bad-request`: cursor or limit"),
    (status = 401, body = Problem, description = "`not-signed-in`"),
    (status = 404, body = Problem, description = "`page-not-found`"),
))]
#[get("/admin/pages/{id}/revisions")]
pub(crate) async fn list(
    _: SignedIn,
    state: Data<AppState>,
    path: Path<PagePath>,
    Query(part): Query<Part>,
) -> Result<List<RevisionRow>, Error> {
    let query = ListQuery::from(part);
    state.read(move |conn| rows::list(conn, path.id, &query)).await
}

/// One state of a page, with its text.
#[utoipa::path(operation_id = "get_revision", tag = "admin", params(RevisionPath), responses(
    (status = 200, body = Revision),
    (status = 401, body = Problem, description = "`not-signed-in`"),
    (status = 404, body = Problem, description = "`revision-not-found`"),
))]
#[get("/admin/pages/{id}/revisions/{revision}")]
pub(crate) async fn get(_: SignedIn, state: Data<AppState>, path: Path<RevisionPath>) -> Result<Json<Revision>, Error> {
    Ok(Json(state.read(move |conn| rows::get(conn, path.id, path.revision)).await?))
}

/// What changed between two states of a page.
#[utoipa::path(operation_id = "diff_revision", tag = "admin", params(RevisionPath, DiffQuery), responses(
    (status = 200, body = RevisionDiff),
    (status = 400, body = Problem, description = "`bad-request`: from is no number"),
    (status = 401, body = Problem, description = "`not-signed-in`"),
    (status = 404, body = Problem, description = "`revision-not-found`"),
))]
#[get("/admin/pages/{id}/revisions/{revision}/diff")]
pub(crate) async fn compare(
    _: SignedIn,
    state: Data<AppState>,
    path: Path<RevisionPath>,
    Query(DiffQuery { from }): Query<DiffQuery>,
) -> Result<Json<RevisionDiff>, Error> {
    let found = state.read(move |conn| {
        let to = rows::get(conn, path.id, path.revision)?;
        let from = match from {
            Some(from) => Some(rows::get(conn, path.id, from)?),
            None => rows::before(conn, path.id, path.revision)?,
        };
        Ok((from, to))
    });
    let (from, to) = found.await?;
    let compare = move || RevisionDiff {
        from: from.as_ref().map(|from| from.row.revision),
        to: to.row.revision,
        text: diff::unified(from.as_ref(), &to),
    };
    Ok(Json(state.rendering.run(compare).await?))
}

/// Bring an earlier state back, as a new revision: title, summary, text, tags and what search engines are told. Address and visibility stay
/// as they are: of a published page it is the draft that it comes back to.
#[utoipa::path(operation_id = "restore_revision", tag = "admin", params(RevisionPath, ("If-Match" = String, Header, description = "The page's ETag")), responses(
    (status = 200, body = Page, headers(("ETag" = String))),
    (status = 401, body = Problem, description = "`not-signed-in`"),
    (status = 404, body = Problem, description = "`revision-not-found`"),
    (status = 412, body = Problem, description = "`precondition-failed`"),
    (status = 428, body = Problem, description = "`precondition-required`"),
))]
#[post("/admin/pages/{id}/revisions/{revision}/restore")]
pub(crate) async fn restore(
    caller: Caller,
    request: HttpRequest,
    state: Data<AppState>,
    path: Path<RevisionPath>,
) -> Result<HttpResponse, Error> {
    let seen = etag::required_revision(&request)?;
    let RevisionPath { id, revision } = path.into_inner();
    let old = state.read(move |conn| rows::get(conn, id, revision)).await?;
    let rendered = state.render(&old.body).await?;
    let change = Change { author: Some(caller.account.id), reason: Reason::Restored, now: state.clock.now() };
    let languages = Languages::new(&state.live.current().settings.site);
    let restore = move |tx: &Tx| {
        let Revision { row, summary, tags, seo, body, .. } = old;
        let written = Written { slug: pages::rows::slug(tx, id)?, title: row.title, summary, body };
        let edit = Edit { written, rendered, details: Details { tags, seo } };
        noted(tx, &caller, "page.restore", id, change.now, |tx| drafts::edit(tx, id, seen, edit, &languages, change, Saved::ByHand))
    };
    Ok(answer(HttpResponse::Ok(), &state.write(restore).await?))
}
