//! `/api/v1/menus/{name}`: what visitors see of a menu.

use actix_web::{
    HttpRequest, HttpResponse, get,
    web::{Data, Path, Query},
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::rows;
use crate::{
    error::Error,
    http::{
        answers::{Answer, Found},
        problem::Problem,
    },
    pages::languages::Languages,
    state::AppState,
};

/// A menu as visitors see it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PublicMenu {
    name: String,
    /// The language that it is in; null for the site's own, which stands in where there is no menu in another one.
    language: Option<String>,
    /// Its lines, in order.
    items: Vec<PublicItem>,
}

/// A line of a menu.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = PublicMenuItem)]
pub(crate) struct PublicItem {
    /// What it says.
    pub(crate) label: String,
    /// Where it leads to; null for a heading over other lines.
    #[schema(examples("/guides/backup"))]
    pub(crate) url: Option<String>,
    /// The lines below it.
    #[schema(no_recursion)]
    pub(crate) items: Vec<PublicItem>,
}

/// Which menu.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub(crate) struct MenuName {
    /// What editors call it.
    name: String,
}

/// In which language.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct MenuLanguage {
    /// BCP 47; the site's own when not given.
    #[param(max_length = 35)]
    language: Option<String>,
}

/// A menu. Lines to pages that are not published are not in it, and neither is what is below them.
#[utoipa::path(operation_id = "read_menu", tag = "site", params(MenuName, MenuLanguage), responses(
    (status = 200, body = PublicMenu),
    (status = 404, body = Problem, description = "`menu-not-found`"),
))]
#[get("/menus/{name}")]
pub(crate) async fn read(
    request: HttpRequest,
    state: Data<AppState>,
    path: Path<MenuName>,
    Query(wanted): Query<MenuLanguage>,
) -> Result<HttpResponse, Error> {
    let place = match state.answers.find_under(&request, state.live.current().revision) {
        Found::Kept(answer) => return Ok(answer.respond(&request)),
        Found::Place(place) => place,
    };
    let name = path.into_inner().name;
    let language = wanted.language.map(|tag| Languages::new(&state.live.current().settings.site).asked(&tag)).unwrap_or_default();
    let menu = state.read(move |conn| Ok(rows::shown(conn, &name, &language)?.map(|menu| (name, menu)))).await?;
    let (name, (language, items)) = menu.ok_or(Error::NotFound { what: "menu" })?;
    let answer = Answer::json(&PublicMenu { name, language: Some(language).filter(|tag| !tag.is_empty()), items }, None)?;
    place.keep(&answer);
    Ok(answer.respond(&request))
}
