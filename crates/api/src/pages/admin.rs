//! `/api/v1/admin/pages`: writing them.

use actix_web::{
    HttpRequest, HttpResponse, delete, get, post, put,
    web::{Data, Json, Path, Query},
};
use magnetiq_storage::Tx;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{
    Details, Edit, Page, PageRow, Seo, Status, Written,
    autosave::{self, Saved},
    drafts,
    languages::Languages,
    lists::{self, Filter},
    publishing,
    revisions::{Change, Reason},
    rows, search_index, slug, translations, trash,
};
use crate::{
    audit::{self, Actor},
    auth::{Caller, SignedIn},
    clock::Time,
    error::Error,
    http::{
        cursor::{List, ListQuery},
        etag,
        fields::Fields,
        problem::Problem,
    },
    id::{PageId, PagePath},
    media::markup,
    state::AppState,
};

/// A page to be made.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewPage {
    /// Heading and name; 1 to 200 characters.
    title: String,
    /// Its address; made from the title when not given.
    #[serde(default)]
    slug: String,
    /// One or two sentences for lists; at most 500 characters.
    #[serde(default)]
    summary: String,
    /// The text in Markdown.
    #[serde(default)]
    body: String,
    /// At most 20.
    #[serde(default)]
    #[schema(max_items = 20)]
    tags: Vec<String>,
    /// What search engines are told.
    #[serde(default)]
    seo: Seo,
    /// BCP 47, one of the site's; null for its own.
    #[schema(max_length = 35)]
    language: Option<String>,
    /// A page that says the same in another language.
    translation_of: Option<PageId>,
}

/// Everything of a page that is written.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PageChange {
    /// Heading and name; 1 to 200 characters.
    title: String,
    /// Its address.
    slug: String,
    /// One or two sentences for lists; at most 500 characters.
    summary: String,
    /// The text in Markdown.
    body: String,
    /// At most 20; as they are when not given.
    #[schema(max_items = 20)]
    tags: Option<Vec<String>>,
    /// What search engines are told; as it is when not given.
    seo: Option<Seo>,
    /// Whether an editor saves by itself while somebody writes. The state is a working copy then: the same person's next save within ten minutes
    /// takes its place, instead of keeping it among the revisions.
    #[serde(default)]
    autosave: bool,
}

/// A text to be rendered.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PreviewSource {
    /// The text in Markdown.
    body: String,
}

/// A rendered text.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Preview {
    /// As it will be published.
    html: String,
}

/// Which pages.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct StatusQuery {
    /// Only those with this status.
    status: Option<Status>,
    /// Only those that are published and have changes which are not, or only those without.
    has_draft: Option<bool>,
    /// Only those with this tag.
    #[param(max_length = 50)]
    tag: Option<String>,
    /// Only those in this language, as BCP 47 writes it.
    #[param(max_length = 35)]
    language: Option<String>,
    /// Only those that have no translation into this language.
    #[param(max_length = 35)]
    missing: Option<String>,
}

pub(crate) fn answer(mut response: actix_web::HttpResponseBuilder, page: &Page) -> HttpResponse {
    response.insert_header(etag::of_revision(page.row.revision)).json(page)
}

/// All pages: the last changed first, or the best found first.
#[utoipa::path(operation_id = "list_pages", tag = "admin", params(ListQuery, StatusQuery, Fields), responses(
    (status = 200, body = List<PageRow>),
    (status = 401, body = Problem, description = "`not-signed-in`"),
))]
#[get("/admin/pages")]
pub(crate) async fn list(
    _: SignedIn,
    state: Data<AppState>,
    Query(query): Query<ListQuery>,
    Query(which): Query<StatusQuery>,
) -> Result<List<PageRow>, Error> {
    let languages = Languages::new(&state.live.current().settings.site);
    let kept = |tag: Option<String>| tag.map(|tag| languages.asked(&tag));
    let StatusQuery { status, has_draft, tag, language, missing } = which;
    let filter = Filter { status, has_draft, tag, language: kept(language), missing: kept(missing) };
    search_index::before(&state, &query).await;
    state.read(move |conn| lists::list(conn, &query, &filter)).await
}

/// Make a page. It begins as a draft.
#[utoipa::path(operation_id = "create_page", tag = "admin", responses(
    (status = 201, body = Page, headers(("ETag" = String))),
    (status = 401, body = Problem, description = "`not-signed-in`"),
    (status = 422, body = Problem, description = "`invalid`: each field is named"),
))]
#[post("/admin/pages")]
pub(crate) async fn create(caller: Caller, state: Data<AppState>, Json(new): Json<NewPage>) -> Result<HttpResponse, Error> {
    let slug = if new.slug.is_empty() { slug::from_title(&new.title) } else { new.slug };
    let written = Written { slug, title: new.title, summary: new.summary, body: new.body };
    let languages = Languages::new(&state.live.current().settings.site);
    let language = languages.wanted(new.language.as_deref())?;
    let mut edit = edit(&state, written, Details { tags: Some(new.tags), seo: Some(new.seo) }).await?;
    edit.written.slug = languages.place(&edit.written.slug, &language, None)?;
    let change = Change { author: Some(caller.account.id), reason: Reason::Created, now: state.clock.now() };
    let id = PageId::new(change.now);
    // All that is known before is made before, and nothing is read back: the writer has one thread for everybody.
    let page = Page::new(id, &edit, &language, &caller.account.name, change.now);
    let (actor, created) = (Actor::from(&caller), audit::Change::of("page.create", id, &page.row.title).to(&page.row)?);
    let page = state.write(move |tx| {
        let group = new.translation_of.map(|other| translations::group(tx, id, &language, other, change.now)).transpose()?;
        rows::insert(tx, id, &edit, &language, group.as_deref(), change)?;
        audit::record(tx, &actor, created, change.now)?;
        rows::complete(tx, page, group.as_deref())
    });
    Ok(answer(HttpResponse::Created(), &page.await?))
}

/// A page with its text.
#[utoipa::path(operation_id = "get_page", tag = "admin", params(PagePath), responses(
    (status = 200, body = Page, headers(("ETag" = String))),
    (status = 401, body = Problem, description = "`not-signed-in`"),
    (status = 404, body = Problem, description = "`page-not-found`"),
))]
#[get("/admin/pages/{id}")]
pub(crate) async fn get(_: SignedIn, state: Data<AppState>, path: Path<PagePath>) -> Result<HttpResponse, Error> {
    let page = state.read(move |conn| rows::get(conn, path.id)).await?;
    Ok(answer(HttpResponse::Ok(), &page))
}

/// Change a page that the client has seen. What is changed of a published one waits as its draft, which visitors don't see.
#[utoipa::path(operation_id = "update_page", tag = "admin", params(PagePath, ("If-Match" = String, Header, description = "The page's ETag")), responses(
    (status = 200, body = Page, headers(("ETag" = String))),
    (status = 401, body = Problem, description = "`not-signed-in`"),
    (status = 404, body = Problem, description = "`page-not-found`"),
    (status = 412, body = Problem, description = "`precondition-failed`: somebody else changed it"),
    (status = 422, body = Problem, description = "`invalid`: each field is named"),
    (status = 428, body = Problem, description = "`precondition-required`: no If-Match"),
))]
#[put("/admin/pages/{id}")]
pub(crate) async fn update(
    caller: Caller,
    request: HttpRequest,
    state: Data<AppState>,
    path: Path<PagePath>,
    Json(change): Json<PageChange>,
) -> Result<HttpResponse, Error> {
    let seen = etag::required_revision(&request)?;
    let written = Written { slug: change.slug, title: change.title, summary: change.summary, body: change.body };
    let saved = if change.autosave { Saved::ByItself } else { Saved::ByHand };
    let edit = edit(&state, written, Details { tags: change.tags, seo: change.seo }).await?;
    let change = Change { author: Some(caller.account.id), reason: Reason::Edited, now: state.clock.now() };
    let languages = Languages::new(&state.live.current().settings.site);
    let page = state.write(move |tx| {
        let save = |tx: &Tx| drafts::edit(tx, path.id, seen, edit, &languages, change, saved);
        // What goes on with a working copy was noted when that began.
        if saved == Saved::ByItself && autosave::begun(tx, path.id, change)?.is_some() {
            return save(tx);
        }
        noted(tx, &caller, "page.update", path.id, change.now, save)
    });
    Ok(answer(HttpResponse::Ok(), &page.await?))
}

/// Show a page to visitors as it is now, with its draft.
#[utoipa::path(operation_id = "publish_page", tag = "admin", params(PagePath, ("If-Match" = String, Header, description = "The page's ETag")), responses(
    (status = 200, body = Page, headers(("ETag" = String))),
    (status = 401, body = Problem, description = "`not-signed-in`"),
    (status = 404, body = Problem, description = "`page-not-found`"),
    (status = 412, body = Problem, description = "`precondition-failed`"),
    (status = 428, body = Problem, description = "`precondition-required`"),
))]
#[post("/admin/pages/{id}/publish")]
pub(crate) async fn publish(
    caller: Caller,
    request: HttpRequest,
    state: Data<AppState>,
    path: Path<PagePath>,
) -> Result<HttpResponse, Error> {
    set_status(caller, &request, &state, path.id, Status::Published).await
}

/// Hide a page from visitors. Its draft is what it then is.
#[utoipa::path(operation_id = "unpublish_page", tag = "admin", params(PagePath, ("If-Match" = String, Header, description = "The page's ETag")), responses(
    (status = 200, body = Page, headers(("ETag" = String))),
    (status = 401, body = Problem, description = "`not-signed-in`"),
    (status = 404, body = Problem, description = "`page-not-found`"),
    (status = 412, body = Problem, description = "`precondition-failed`"),
    (status = 428, body = Problem, description = "`precondition-required`"),
))]
#[post("/admin/pages/{id}/unpublish")]
pub(crate) async fn unpublish(
    caller: Caller,
    request: HttpRequest,
    state: Data<AppState>,
    path: Path<PagePath>,
) -> Result<HttpResponse, Error> {
    set_status(caller, &request, &state, path.id, Status::Draft).await
}

async fn set_status(caller: Caller, request: &HttpRequest, state: &AppState, id: PageId, status: Status) -> Result<HttpResponse, Error> {
    let seen = etag::required_revision(request)?;
    let (reason, action) = match status {
        Status::Published => (Reason::Published, "page.publish"),
        Status::Draft => (Reason::Unpublished, "page.unpublish"),
    };
    let change = Change { author: Some(caller.account.id), reason, now: state.clock.now() };
    let page = state.write(move |tx| noted(tx, &caller, action, id, change.now, |tx| publishing::set_status(tx, id, seen, status, change)));
    Ok(answer(HttpResponse::Ok(), &page.await?))
}

/// Throw away what was changed of a published page and is not published yet. It is kept as a revision.
#[utoipa::path(operation_id = "discard_draft", tag = "admin", params(PagePath, ("If-Match" = String, Header, description = "The page's ETag")), responses(
    (status = 200, body = Page, headers(("ETag" = String))),
    (status = 401, body = Problem, description = "`not-signed-in`"),
    (status = 404, body = Problem, description = "`page-not-found`"),
    (status = 412, body = Problem, description = "`precondition-failed`"),
    (status = 428, body = Problem, description = "`precondition-required`"),
))]
#[delete("/admin/pages/{id}/draft")]
pub(crate) async fn discard(
    caller: Caller,
    request: HttpRequest,
    state: Data<AppState>,
    path: Path<PagePath>,
) -> Result<HttpResponse, Error> {
    let seen = etag::required_revision(&request)?;
    let change = Change { author: Some(caller.account.id), reason: Reason::Restored, now: state.clock.now() };
    let page = state
        .write(move |tx| noted(tx, &caller, "page.discard-draft", path.id, change.now, |tx| drafts::discard(tx, path.id, seen, change)));
    Ok(answer(HttpResponse::Ok(), &page.await?))
}

/// Changes a page, and notes in the audit log what it was and what it is. A change of nothing is none.
pub(crate) fn noted(
    tx: &Tx,
    caller: &Caller,
    action: &'static str,
    id: PageId,
    now: Time,
    change: impl FnOnce(&Tx) -> Result<Page, Error>,
) -> Result<Page, Error> {
    let before = rows::get(tx, id)?.row;
    let page = change(tx)?;
    if page.row.revision != before.revision {
        let change = audit::Change::of(action, id, &page.row.title).from(&before)?.to(&page.row)?;
        audit::record(tx, &Actor::from(caller), change, now)?;
    }
    Ok(page)
}

/// Delete a page: it is in the trash for 30 days.
#[utoipa::path(operation_id = "delete_page", tag = "admin", params(PagePath, ("If-Match" = String, Header, description = "The page's ETag")), responses(
    (status = 204, description = "Deleted"),
    (status = 401, body = Problem, description = "`not-signed-in`"),
    (status = 404, body = Problem, description = "`page-not-found`"),
    (status = 412, body = Problem, description = "`precondition-failed`"),
    (status = 428, body = Problem, description = "`precondition-required`"),
))]
#[delete("/admin/pages/{id}")]
pub(crate) async fn delete(
    caller: Caller,
    request: HttpRequest,
    state: Data<AppState>,
    path: Path<PagePath>,
) -> Result<HttpResponse, Error> {
    let seen = etag::required_revision(&request)?;
    let now = state.clock.now();
    let deleted = state.write_if_possible(move |tx| {
        let before = rows::get(tx, path.id)?.row;
        trash::put(tx, path.id, seen, now)?;
        let change = audit::Change::of("page.delete", path.id, &before.title).from(&before)?;
        audit::record(tx, &Actor::from(&caller), change, now)
    });
    deleted.await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Render a text as it will be published, without saving it.
#[utoipa::path(operation_id = "preview_page", tag = "admin", responses(
    (status = 200, body = Preview),
    (status = 401, body = Problem, description = "`not-signed-in`"),
))]
#[post("/admin/preview")]
pub(crate) async fn preview(_: SignedIn, state: Data<AppState>, Json(source): Json<PreviewSource>) -> Result<Json<Preview>, Error> {
    let html = state.render(&source.body).await?.html;
    Ok(Json(Preview { html: state.read(move |conn| markup::complete(conn, html)).await? }))
}

/// Checks what was sent, and renders its text.
async fn edit(state: &AppState, written: Written, details: Details) -> Result<Edit, Error> {
    let (written, details) = match (written.checked(), details.checked()) {
        (Ok(written), Ok(details)) => (written, details),
        (written, details) => return Err(Error::Invalid([written.err(), details.err()].into_iter().flatten().flatten().collect())),
    };
    let rendered = state.render(&written.body).await?;
    Ok(Edit { written, rendered, details })
}
