//! `/api/v1/admin/menus`: making them.

use actix_web::{
    HttpRequest, HttpResponse, delete, get, post, put,
    web::{Data, Json, Path},
};
use magnetiq_storage::Tx;
use serde::Deserialize;
use utoipa::ToSchema;

use super::{Menu, MenuItem, MenuRow, Written, rows};
use crate::{
    audit::{self, Actor, Change},
    auth::Caller,
    error::Error,
    http::{etag, problem::Problem},
    id::MenuPath,
    pages::languages::Languages,
    state::AppState,
};

/// A menu, as it is to be.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct MenuFields {
    /// What the page asks for: `a-z`, `0-9` and hyphens.
    #[schema(min_length = 1, max_length = 50)]
    name: String,
    /// BCP 47, one of the site's; null for its own.
    #[schema(max_length = 35)]
    language: Option<String>,
    /// Its lines, in order: at most 200, in three levels.
    items: Vec<MenuItem>,
}

impl MenuFields {
    fn checked(self, state: &AppState) -> Result<Written, Error> {
        let language = Languages::new(&state.live.current().settings.site).wanted(self.language.as_deref())?;
        Written { name: self.name, language, items: self.items }.checked().map_err(Error::Invalid)
    }
}

fn answer(mut response: actix_web::HttpResponseBuilder, menu: &Menu) -> HttpResponse {
    response.insert_header(etag::of_revision(menu.row.revision)).json(menu)
}

/// All menus, by name and language.
#[utoipa::path(operation_id = "list_menus", tag = "admin", responses(
    (status = 200, body = Vec<MenuRow>),
    (status = 401, body = Problem, description = "`not-signed-in`"),
))]
#[get("/admin/menus")]
pub(crate) async fn list(state: Data<AppState>) -> Result<Json<Vec<MenuRow>>, Error> {
    Ok(Json(state.read(rows::list).await?))
}

/// Make a menu.
#[utoipa::path(operation_id = "create_menu", tag = "admin", responses(
    (status = 201, body = Menu, headers(("ETag" = String))),
    (status = 401, body = Problem, description = "`not-signed-in`"),
    (status = 422, body = Problem, description = "`invalid`: each field is named"),
))]
#[post("/admin/menus")]
pub(crate) async fn create(caller: Caller, state: Data<AppState>, Json(fields): Json<MenuFields>) -> Result<HttpResponse, Error> {
    let (written, now) = (fields.checked(&state)?, state.clock.now());
    let made = state.write(move |tx| {
        let menu = rows::insert(tx, &written, now)?;
        audit::record(tx, &Actor::from(&caller), Change::of("menu.create", menu.row.id, &menu.row.name).to(&menu)?, now)?;
        Ok(menu)
    });
    Ok(answer(HttpResponse::Created(), &made.await?))
}

/// A menu with its lines.
#[utoipa::path(operation_id = "get_menu", tag = "admin", params(MenuPath), responses(
    (status = 200, body = Menu, headers(("ETag" = String))),
    (status = 401, body = Problem, description = "`not-signed-in`"),
    (status = 404, body = Problem, description = "`menu-not-found`"),
))]
#[get("/admin/menus/{id}")]
pub(crate) async fn get(state: Data<AppState>, path: Path<MenuPath>) -> Result<HttpResponse, Error> {
    Ok(answer(HttpResponse::Ok(), &state.read(move |conn| rows::get(conn, path.id)).await?))
}

/// Change a menu that the client has seen.
#[utoipa::path(operation_id = "update_menu", tag = "admin", params(MenuPath, ("If-Match" = String, Header, description = "The menu's ETag")), responses(
    (status = 200, body = Menu, headers(("ETag" = String))),
    (status = 401, body = Problem, description = "`not-signed-in`"),
    (status = 404, body = Problem, description = "`menu-not-found`"),
    (status = 412, body = Problem, description = "`precondition-failed`: somebody else changed it"),
    (status = 422, body = Problem, description = "`invalid`: each field is named"),
    (status = 428, body = Problem, description = "`precondition-required`: no If-Match"),
))]
#[put("/admin/menus/{id}")]
pub(crate) async fn update(
    caller: Caller,
    request: HttpRequest,
    state: Data<AppState>,
    path: Path<MenuPath>,
    Json(fields): Json<MenuFields>,
) -> Result<HttpResponse, Error> {
    let seen = etag::required_revision(&request)?;
    let (written, now) = (fields.checked(&state)?, state.clock.now());
    let update = move |tx: &Tx| {
        let before = rows::get(tx, path.id)?;
        let menu = rows::update(tx, path.id, seen, &written, now)?;
        if menu.row.revision != before.row.revision {
            let change = Change::of("menu.update", path.id, &menu.row.name).from(&before)?.to(&menu)?;
            audit::record(tx, &Actor::from(&caller), change, now)?;
        }
        Ok(menu)
    };
    Ok(answer(HttpResponse::Ok(), &state.write(update).await?))
}

/// Delete a menu that the client has seen.
#[utoipa::path(operation_id = "delete_menu", tag = "admin", params(MenuPath, ("If-Match" = String, Header, description = "The menu's ETag")), responses(
    (status = 204, description = "Deleted"),
    (status = 401, body = Problem, description = "`not-signed-in`"),
    (status = 404, body = Problem, description = "`menu-not-found`"),
    (status = 412, body = Problem, description = "`precondition-failed`"),
    (status = 428, body = Problem, description = "`precondition-required`"),
))]
#[delete("/admin/menus/{id}")]
pub(crate) async fn delete(
    caller: Caller,
    request: HttpRequest,
    state: Data<AppState>,
    path: Path<MenuPath>,
) -> Result<HttpResponse, Error> {
    let (seen, now) = (etag::required_revision(&request)?, state.clock.now());
    let delete = move |tx: &Tx| {
        let before = rows::delete(tx, path.id, seen)?;
        audit::record(tx, &Actor::from(&caller), Change::of("menu.delete", path.id, &before.row.name).from(&before)?, now)
    };
    state.write_if_possible(delete).await?;
    Ok(HttpResponse::NoContent().finish())
}
