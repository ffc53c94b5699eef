//! `/api/v1/admin/trash`: deleted pages, and the way back.

use actix_web::{
    HttpRequest, HttpResponse, delete, get, post,
    web::{Data, Json, Path, Query},
};
use serde::Deserialize;
use utoipa::ToSchema;

use super::{
    Page,
    admin::answer,
    languages::Languages,
    trash::{self, TrashedPage},
};
use crate::{
    audit::{self, Actor, Change},
    auth::Caller,
    error::Error,
    http::{
        cursor::{List, ListQuery, Part},
        etag,
        fields::Fields,
        problem::Problem,
    },
    id::PagePath,
    state::AppState,
};

/// How a page comes back.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Restore {
    /// Its address, where it is to be another one than before.
    #[schema(max_length = 200)]
    slug: Option<String>,
}

/// Deleted pages, the last one first. They go for good after 30 days.
#[utoipa::path(operation_id = "list_trash", tag = "admin", params(Part, Fields), responses(
    (status = 200, body = List<TrashedPage>),
    (status = 400, body = Problem, description = "`bad-request`"),
    (status = 401, body = Problem, description = "`not-signed-in`"),
))]
#[get("/admin/trash")]
pub(crate) async fn list(state: Data<AppState>, Query(part): Query<Part>) -> Result<List<TrashedPage>, Error> {
    let query = ListQuery::from(part);
    state.read(move |conn| trash::list(conn, &query)).await
}

/// Bring a deleted page back, as a draft.
#[utoipa::path(operation_id = "restore_page", tag = "admin", params(PagePath, ("If-Match" = String, Header, description = "The revision that the list has, in quotes")), responses(
    (status = 200, body = Page, headers(("ETag" = String))),
    (status = 401, body = Problem, description = "`not-signed-in`"),
    (status = 404, body = Problem, description = "`page-not-found`: it is not in the trash"),
    (status = 412, body = Problem, description = "`precondition-failed`"),
    (status = 422, body = Problem, description = "`invalid`: another page has its address now, or there can be none at it"),
    (status = 428, body = Problem, description = "`precondition-required`"),
))]
#[post("/admin/trash/{id}/restore")]
pub(crate) async fn restore(
    caller: Caller,
    request: HttpRequest,
    state: Data<AppState>,
    path: Path<PagePath>,
    Json(wanted): Json<Restore>,
) -> Result<HttpResponse, Error> {
    let (seen, now) = (etag::required_revision(&request)?, state.clock.now());
    let languages = Languages::new(&state.live.current().settings.site);
    let restored = state.write(move |tx| {
        let page = trash::restore(tx, path.id, seen, wanted.slug.as_deref(), &languages, now)?;
        let change = Change::of("page.undelete", path.id, &page.row.title).to(&page.row)?;
        audit::record(tx, &Actor::from(&caller), change, now)?;
        Ok(page)
    });
    Ok(answer(HttpResponse::Ok(), &restored.await?))
}

/// Delete a page for good that is in the trash.
#[utoipa::path(operation_id = "purge_page", tag = "admin", params(PagePath, ("If-Match" = String, Header, description = "The revision that the list has, in quotes")), responses(
    (status = 204, description = "Deleted"),
    (status = 401, body = Problem, description = "`not-signed-in`"),
    (status = 404, body = Problem, description = "`page-not-found`: it is not in the trash"),
    (status = 412, body = Problem, description = "`precondition-failed`"),
    (status = 428, body = Problem, description = "`precondition-required`"),
))]
#[delete("/admin/trash/{id}")]
pub(crate) async fn purge(
    caller: Caller,
    request: HttpRequest,
    state: Data<AppState>,
    path: Path<PagePath>,
) -> Result<HttpResponse, Error> {
    let (seen, now) = (etag::required_revision(&request)?, state.clock.now());
    let purged = state.write_if_possible(move |tx| {
        let title = trash::purge(tx, path.id, seen)?;
        audit::record(tx, &Actor::from(&caller), Change::of("page.purge", path.id, title), now)
    });
    purged.await?;
    Ok(HttpResponse::NoContent().finish())
}
