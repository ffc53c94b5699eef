//! Links to read a page that is not published, for people without an account. Signed, kept nowhere, and they end.

use std::time::Duration;

use actix_web::{
    HttpResponse,
    http::header::{CACHE_CONTROL, HeaderName, HeaderValue},
    post,
    web::{Data, Json, Path},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::rows;
use crate::{
    audit::{self, Actor, Change},
    auth::{
        Caller,
        keys::{Keys, Use},
    },
    clock::Time,
    error::Error,
    http::problem::Problem,
    id::{PageId, PagePath},
    state::AppState,
};

/// 30 days.
const HOURS_MAX: u32 = 30 * 24;

/// For how long.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PreviewLinkRequest {
    /// Hours until it ends.
    #[schema(minimum = 1, maximum = 720)]
    hours: u32,
}

/// A link to read a page.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PreviewLink {
    /// The link.
    #[schema(examples("https://example.com/preview#019a…"))]
    url: String,
    /// When it ends.
    until: Time,
}

/// What stands in a link.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PreviewToken {
    /// What stands behind the `#`.
    #[schema(max_length = 300)]
    token: String,
}

/// A page as it is now, published or not.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PreviewPage {
    title: String,
    summary: String,
    author: Option<String>,
    /// The text as sanitised HTML.
    html: String,
    updated_at: Time,
}

fn token(keys: &Keys, id: PageId, until: Time) -> String {
    let text = format!("{id}.{}", until.as_millis());
    format!("{text}.{}", keys.hash(Use::PreviewLink, &text))
}

fn page_of(keys: &Keys, token: &str, now: Time) -> Option<PageId> {
    let (text, hash) = token.rsplit_once('.')?;
    let (id, until) = keys.fits(Use::PreviewLink, text, hash).then(|| text.split_once('.'))??;
    let until = Time::from_millis(until.parse().ok()?);
    (until > now).then(|| id.parse().ok())?
}

/// Make a link to read a page as it is, for people without an account.
#[utoipa::path(operation_id = "create_preview_link", tag = "admin", params(PagePath), responses(
    (status = 200, body = PreviewLink),
    (status = 401, body = Problem, description = "`not-signed-in`"),
    (status = 404, body = Problem, description = "`page-not-found`"),
    (status = 422, body = Problem, description = "`invalid`"),
))]
#[post("/admin/pages/{id}/preview-link")]
pub(crate) async fn create(
    caller: Caller,
    state: Data<AppState>,
    path: Path<PagePath>,
    Json(wanted): Json<PreviewLinkRequest>,
) -> Result<Json<PreviewLink>, Error> {
    if !(1..=HOURS_MAX).contains(&wanted.hours) {
        return Err(Error::invalid("/hours", format!("From 1 to {HOURS_MAX} hours.")));
    }
    let (id, now) = (path.id, state.clock.now());
    let until = now.plus(Duration::from_secs(3600) * wanted.hours);
    let noted = state.write(move |tx| {
        let page = rows::get(tx, id)?;
        let until = serde_json::json!({ "until": until });
        audit::record(tx, &Actor::from(&caller), Change::of("page.preview-link", id, &page.row.title).to(&until)?, now)
    });
    noted.await?;
    // Behind the hash: no server and no log on the way sees it.
    let url = format!("{}preview#{}", state.settings.server.public_url, token(&state.keys, id, until));
    Ok(Json(PreviewLink { url, until }))
}

/// Read a page by a link.
#[utoipa::path(operation_id = "read_preview", tag = "pages", responses(
    (status = 200, body = PreviewPage),
    (status = 410, body = Problem, description = "`link-gone`: it has ended, or the page was deleted"),
))]
#[post("/preview")]
pub(crate) async fn read(state: Data<AppState>, Json(link): Json<PreviewToken>) -> Result<HttpResponse, Error> {
    let id = page_of(&state.keys, &link.token, state.clock.now()).ok_or(Error::LinkGone)?;
    let page = state.read(move |conn| rows::get(conn, id)).await.map_err(|error| match error {
        Error::NotFound { .. } => Error::LinkGone,
        other => other,
    })?;
    let robots = (HeaderName::from_static("x-robots-tag"), HeaderValue::from_static("noindex"));
    Ok(HttpResponse::Ok().insert_header(robots).insert_header((CACHE_CONTROL, "no-store")).json(PreviewPage {
        title: page.row.title,
        summary: page.row.summary,
        author: page.row.author,
        html: page.html,
        updated_at: page.row.updated_at,
    }))
}
