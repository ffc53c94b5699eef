//! What is posted when a page is published: asked for page by page, written to the outbox in the transaction that publishes it.

use actix_web::{
    HttpResponse, delete, get, put,
    web::{Data, Json, Path},
};
use magnetiq_config::Settings;
use magnetiq_storage::{
    Tx,
    rusqlite::{Connection, OptionalExtension, params},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Name, Post, Target, Times};
use crate::{
    audit::{self, Actor, Change},
    auth::Caller,
    clock::Time,
    error::Error,
    http::problem::Problem,
    id::{PageId, PagePath},
    pages::{self, redirects},
    state::AppState,
};

/// What is to be posted, once, when the page is published.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Announcement {
    /// Where.
    #[schema(min_items = 1, max_items = 3)]
    networks: Vec<Name>,
    /// What it says; the page's address stands below it.
    #[schema(min_length = 1, max_length = 5000)]
    text: String,
}

/// Without a slash at its end.
fn base(settings: &Settings) -> &str {
    settings.server.public_url.as_str().trim_end_matches('/')
}

fn post(text: String, base: &str, slug: &str) -> Post {
    Post { text, link: Some(format!("{base}{}", redirects::path(slug))) }
}

/// As it is kept: where, the address of the site, and what it says.
fn find(conn: &Connection, page: PageId) -> Result<Option<(Vec<Target>, String, String)>, Error> {
    let sql = "SELECT networks, base, text FROM page_announcement JOIN page ON number = page_number WHERE id = ?";
    let row = conn.prepare_cached(sql)?.query_row([page], |row| Ok((row.get::<_, String>(0)?, row.get(1)?, row.get(2)?))).optional()?;
    let Some((targets, base, text)) = row else { return Ok(None) };
    let targets = serde_json::from_str(&targets).map_err(|source| Error::Json { source })?;
    Ok(Some((targets, base, text)))
}

fn shown(conn: &Connection, page: PageId) -> Result<Option<Announcement>, Error> {
    let announcement =
        |(targets, _, text): (Vec<Target>, _, _)| Announcement { networks: targets.iter().map(Target::network).collect(), text };
    Ok(find(conn, page)?.map(announcement))
}

fn forget(tx: &Tx, page: PageId) -> Result<usize, Error> {
    Ok(tx.execute("DELETE FROM page_announcement WHERE page_number = (SELECT number FROM page WHERE id = ?)", [page])?)
}

/// A page was published: what was asked for is queued, once. One that is hidden and published again says nothing more.
pub(crate) fn published(tx: &Tx, page: PageId, slug: &str, now: Time) -> Result<(), Error> {
    if let Some((targets, base, text)) = find(tx, page)? {
        forget(tx, page)?;
        post(text, &base, slug).enqueue(tx, &targets, &format!("announce/{page}/{}", now.as_millis()), Times { now, at: now })?;
    }
    Ok(())
}

/// What is posted when the page is published.
#[utoipa::path(operation_id = "get_announcement", tag = "admin", params(PagePath), responses(
    (status = 200, body = Option<Announcement>, description = "null where nothing is"),
    (status = 401, body = Problem, description = "`not-signed-in`"),
    (status = 404, body = Problem, description = "`page-not-found`"),
))]
#[get("/admin/pages/{id}/announcement")]
pub(crate) async fn read(state: Data<AppState>, path: Path<PagePath>) -> Result<Json<Option<Announcement>>, Error> {
    let found = state.read(move |conn| {
        pages::rows::require_revision(conn, path.id, None)?;
        shown(conn, path.id)
    });
    Ok(Json(found.await?))
}

/// Have posts made when the page is published, in the moment that it is; of a page that is published already, now.
#[utoipa::path(operation_id = "set_announcement", tag = "admin", params(PagePath), responses(
    (status = 204, description = "It is kept until the page is published, or is in the outbox"),
    (status = 401, body = Problem, description = "`not-signed-in`"),
    (status = 404, body = Problem, description = "`page-not-found`"),
    (status = 422, body = Problem, description = "`invalid`: each field is named"),
))]
#[put("/admin/pages/{id}/announcement")]
pub(crate) async fn set(
    caller: Caller,
    state: Data<AppState>,
    path: Path<PagePath>,
    Json(wanted): Json<Announcement>,
) -> Result<HttpResponse, Error> {
    let (now, current) = (state.clock.now(), state.live.current());
    let written = state.write(move |tx| {
        pages::rows::require_revision(tx, path.id, None)?;
        let page = pages::rows::get(tx, path.id)?.row;
        let problems = post(wanted.text.clone(), base(&current.settings), &page.slug).problems(&wanted.networks, &current.settings);
        if !problems.is_empty() {
            return Err(Error::Invalid(problems));
        }
        let targets: Vec<Target> = wanted.networks.iter().map(|network| Target::of(*network, &current.settings)).collect();
        let targets = serde_json::to_string(&targets).map_err(|source| Error::Json { source })?;
        forget(tx, path.id)?;
        let sql = "INSERT INTO page_announcement (page_number, networks, base, text, created_at)
            SELECT number, ?2, ?3, ?4, ?5 FROM page WHERE id = ?1";
        tx.execute(sql, params![path.id, targets, base(&current.settings), wanted.text, now])?;
        if let Some(slug) = &page.live_slug {
            published(tx, path.id, slug, now)?;
        }
        audit::record(tx, &Actor::from(&caller), Change::of("page.announce", path.id, page.title).to(&wanted)?, now)
    });
    written.await?;
    state.outbox.wake();
    Ok(HttpResponse::NoContent().finish())
}

/// Have no posts made when the page is published.
#[utoipa::path(operation_id = "delete_announcement", tag = "admin", params(PagePath), responses(
    (status = 204, description = "There is none any more"),
    (status = 401, body = Problem, description = "`not-signed-in`"),
    (status = 404, body = Problem, description = "`page-not-found`"),
))]
#[delete("/admin/pages/{id}/announcement")]
pub(crate) async fn remove(caller: Caller, state: Data<AppState>, path: Path<PagePath>) -> Result<HttpResponse, Error> {
    let now = state.clock.now();
    let written = state.write(move |tx| {
        pages::rows::require_revision(tx, path.id, None)?;
        let before = shown(tx, path.id)?;
        if forget(tx, path.id)? > 0 {
            let title = pages::rows::get(tx, path.id)?.row.title;
            audit::record(tx, &Actor::from(&caller), Change::of("page.announce", path.id, title).from(&before)?, now)?;
        }
        Ok(())
    });
    written.await?;
    Ok(HttpResponse::NoContent().finish())
}
