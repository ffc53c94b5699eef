//! `/api/v1/admin/tags`: what pages are sorted by.

use actix_web::{
    HttpRequest, HttpResponse, delete, get, put,
    web::{Data, Json, Path},
};
use magnetiq_storage::Tx;
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::{IntoParams, ToSchema};

use super::{
    details,
    tags::{self, Tag},
};
use crate::{
    audit::{self, Actor, Change},
    auth::Caller,
    error::Error,
    http::{etag, problem::Problem},
    state::AppState,
};

/// Which tag.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub(crate) struct TagPath {
    /// The tag.
    tag: String,
}

/// What a tag is to be.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct TagChange {
    /// Its new name.
    #[schema(min_length = 1, max_length = 50)]
    tag: String,
    /// Whether it becomes one with a tag of that name, where there is one.
    #[serde(default)]
    merge: bool,
}

/// How many pages were changed.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct TagChanged {
    /// The tag as it is kept.
    tag: String,
    /// Pages that had it.
    pages: usize,
}

/// All tags by name, at most 5,000, with the number of pages that have each.
#[utoipa::path(operation_id = "list_all_tags", tag = "admin", responses(
    (status = 200, body = Vec<Tag>),
    (status = 401, body = Problem, description = "`not-signed-in`"),
))]
#[get("/admin/tags")]
pub(crate) async fn list(state: Data<AppState>) -> Result<Json<Vec<Tag>>, Error> {
    Ok(Json(state.read(tags::list).await?))
}

/// Give a tag another name on all pages and drafts at once, or make one of two tags.
#[utoipa::path(operation_id = "rename_tag", tag = "admin", params(TagPath, ("If-Match" = String, Header, description = "The number of its pages, in quotes")), responses(
    (status = 200, body = TagChanged),
    (status = 400, body = Problem, description = "`bad-request`"),
    (status = 401, body = Problem, description = "`not-signed-in`"),
    (status = 404, body = Problem, description = "`tag-not-found`"),
    (status = 412, body = Problem, description = "`precondition-failed`: another number of pages has it"),
    (status = 422, body = Problem, description = "`invalid`: it can't be a tag, or there is such a tag already"),
    (status = 428, body = Problem, description = "`precondition-required`"),
))]
#[put("/admin/tags/{tag}")]
pub(crate) async fn rename(
    caller: Caller,
    request: HttpRequest,
    state: Data<AppState>,
    path: Path<TagPath>,
    Json(change): Json<TagChange>,
) -> Result<Json<TagChanged>, Error> {
    let (seen, now, old) = (etag::required_revision(&request)?, state.clock.now(), path.into_inner().tag);
    let new = details::normal_tag(&change.tag)
        .ok_or_else(|| Error::invalid("/tag", "A tag has 1 to 50 characters, on one line and without a comma."))?;
    let rename = move |tx: &Tx| {
        let pages = tags::replace(tx, &old, seen, Some(&new), change.merge, now)?;
        if new != old {
            let noted = Change::of("tag.rename", &old, &old).from(&json!({ "tag": old }))?.to(&json!({ "tag": new, "pages": pages }))?;
            audit::record(tx, &Actor::from(&caller), noted, now)?;
        }
        Ok(TagChanged { tag: new, pages })
    };
    Ok(Json(state.write(rename).await?))
}

/// Take a tag away from all pages and drafts at once.
#[utoipa::path(operation_id = "delete_tag", tag = "admin", params(TagPath, ("If-Match" = String, Header, description = "The number of its pages, in quotes")), responses(
    (status = 204, description = "Taken away"),
    (status = 400, body = Problem, description = "`bad-request`"),
    (status = 401, body = Problem, description = "`not-signed-in`"),
    (status = 404, body = Problem, description = "`tag-not-found`"),
    (status = 412, body = Problem, description = "`precondition-failed`: another number of pages has it"),
    (status = 428, body = Problem, description = "`precondition-required`"),
))]
#[delete("/admin/tags/{tag}")]
pub(crate) async fn delete(
    caller: Caller,
    request: HttpRequest,
    state: Data<AppState>,
    path: Path<TagPath>,
) -> Result<HttpResponse, Error> {
    let (seen, now, tag) = (etag::required_revision(&request)?, state.clock.now(), path.into_inner().tag);
    let delete = move |tx: &Tx| {
        let pages = tags::replace(tx, &tag, seen, None, false, now)?;
        audit::record(tx, &Actor::from(&caller), Change::of("tag.delete", &tag, &tag).from(&json!({ "tag": tag, "pages": pages }))?, now)
    };
    state.write(delete).await?;
    Ok(HttpResponse::NoContent().finish())
}
