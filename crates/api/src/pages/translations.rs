//! Translations: pages that say the same in several languages.

use actix_web::{
    HttpRequest, HttpResponse, put,
    web::{Data, Json, Path},
};
use magnetiq_storage::{
    Tx,
    rusqlite::{Connection, OptionalExtension, named_params, params},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    Page, Status,
    admin::{answer, noted},
    languages::{self, Languages},
    redirects,
    revisions::{Change, Reason},
    rows,
};
use crate::{
    auth::Caller,
    clock::Time,
    error::Error,
    http::{etag, problem::Problem},
    id::{PageId, PagePath},
    state::AppState,
};

/// A page in another language, for editors.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Translation {
    /// Its id.
    pub id: PageId,
    /// BCP 47; null for the site's own language.
    pub language: Option<String>,
    /// Its address.
    pub slug: String,
    /// Heading and name.
    pub title: String,
    /// Whether visitors see it.
    pub status: Status,
}

/// A page in a language, for visitors.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct PublicTranslation {
    /// BCP 47; null for the site's own language.
    pub language: Option<String>,
    /// Its address: `/{slug}`.
    pub slug: String,
    /// Heading and name.
    pub title: String,
    /// Whether search engines are asked to leave it out.
    #[serde(skip)]
    pub(crate) noindex: bool,
}

/// The language of a page, and which page it is the translation of.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PageLanguage {
    /// BCP 47; null for the site's own language.
    #[schema(max_length = 35)]
    language: Option<String>,
    /// One of the pages that say the same in other languages; null when there is none.
    translation_of: Option<PageId>,
}

/// A column that is empty for the site's own language.
pub(super) fn language(row: &magnetiq_storage::rusqlite::Row<'_>) -> magnetiq_storage::rusqlite::Result<Option<String>> {
    Ok(Some(row.get::<_, String>("language")?).filter(|tag| !tag.is_empty()))
}

/// The others that say the same, by language, as editors see them.
pub(super) fn of(conn: &Connection, group: &str, id: PageId) -> Result<Vec<Translation>, Error> {
    let sql =
        "SELECT page.id, page.language, coalesce(draft.slug, page.slug) AS slug, coalesce(draft.title, page.title) AS title, page.status
         FROM page LEFT JOIN page_draft AS draft ON draft.page_number = page.number
         WHERE page.translation_group = ? AND page.id <> ? AND page.deleted_at IS NULL
         ORDER BY page.language";
    let mut statement = conn.prepare_cached(sql)?;
    let rows = statement.query_map(params![group, id], |row| {
        let (id, slug, title, status) = (row.get("id")?, row.get("slug")?, row.get("title")?, row.get("status")?);
        Ok(Translation { id, language: language(row)?, slug, title, status })
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// The published pages of a group, by language; none where there is only one.
pub(super) fn published(conn: &Connection, group: &str) -> Result<Vec<PublicTranslation>, Error> {
    let sql = "SELECT language, slug, title, noindex FROM page WHERE translation_group = ? AND deleted_at IS NULL AND status = 'published' ORDER BY language";
    let mut statement = conn.prepare_cached(sql)?;
    let rows = statement.query_map([group], |row| {
        let (slug, title, noindex) = (row.get("slug")?, row.get("title")?, row.get("noindex")?);
        Ok(PublicTranslation { language: language(row)?, slug, title, noindex })
    })?;
    let pages: Vec<_> = rows.collect::<Result<_, _>>()?;
    Ok(if pages.len() > 1 { pages } else { Vec::new() })
}

/// The group of a page `id` that says the same as `other`, whether or not it is there yet. A group that begins has a name that no other had: a
/// page that left one may have given it its own, which those that stayed go on with.
///
/// # Errors
///
/// [`Error::Invalid`] when there is no such page, or the group has one of this language already.
pub(crate) fn group(tx: &Tx, id: PageId, language: &str, other: PageId, now: Time) -> Result<String, Error> {
    let sql = "UPDATE page SET translation_group = coalesce(translation_group, ?3) WHERE id = ?1 AND id <> ?2 AND deleted_at IS NULL
         RETURNING translation_group";
    let group: Option<String> = tx.prepare_cached(sql)?.query_row(params![other, id, PageId::new(now)], |row| row.get(0)).optional()?;
    let group = group.ok_or_else(|| Error::invalid("/translation_of", "There is no such page beside this one."))?;
    let sql = "SELECT EXISTS (SELECT 1 FROM page WHERE translation_group = ? AND language = ? AND id <> ? AND deleted_at IS NULL)";
    if tx.prepare_cached(sql)?.query_row(params![group, language, id], |row| row.get(0))? {
        return Err(Error::invalid("/language", "This page has a translation into this language already."));
    }
    Ok(group)
}

/// Gives a page its language, and the group of `other`.
fn join(tx: &Tx, id: PageId, language: &str, other: Option<PageId>, now: Time) -> Result<(), Error> {
    let group = other.map(|other| group(tx, id, language, other, now)).transpose()?;
    tx.prepare_cached("UPDATE page SET language = ?2, translation_group = ?3 WHERE id = ?1")?.execute(params![id, language, group])?;
    Ok(())
}

/// A page that comes back from the trash leaves its group where another one has its place by now.
pub(super) fn leave_where_taken(tx: &Tx, id: PageId) -> Result<(), Error> {
    let sql = "UPDATE page SET translation_group = NULL WHERE id = ?1 AND EXISTS (SELECT 1 FROM page AS other
         WHERE other.translation_group = page.translation_group AND other.language = page.language AND other.id <> ?1 AND other.deleted_at IS NULL)";
    tx.prepare_cached(sql)?.execute([id])?;
    Ok(())
}

/// The language of a page as it is kept.
pub(super) fn kept(conn: &Connection, id: PageId) -> Result<String, Error> {
    let language = conn.prepare_cached("SELECT language FROM page WHERE id = ?")?.query_row([id], |row| row.get(0)).optional()?;
    language.ok_or(Error::NotFound { what: "page" })
}

/// Sets both, at once. With its language a page changes its address, and that of its draft.
///
/// # Errors
///
/// [`Error::Invalid`] when there can be no page of that language at its address, or another one is there.
fn set(
    tx: &Tx,
    id: PageId,
    seen: Option<i64>,
    (language, other): (&str, Option<PageId>),
    languages: &Languages,
    change: Change,
) -> Result<Page, Error> {
    rows::require_revision(tx, id, seen)?;
    let before = rows::get(tx, id)?;
    let old = kept(tx, id)?;
    let is_among = |other: PageId| before.translations.iter().any(|page| page.id == other);
    if old == language && other.map_or(before.translations.is_empty(), is_among) {
        return Ok(before);
    }
    rows::begin_revision(tx, id, change)?;
    if old != language {
        let slugs: (String, Option<String>) = tx
            .prepare_cached(
                "SELECT page.slug, draft.slug FROM page LEFT JOIN page_draft AS draft ON draft.page_number = number WHERE id = ?",
            )?
            .query_row([id], |row| Ok((row.get(0)?, row.get(1)?)))?;
        let moved = |slug: &str| languages.place(languages::without(&old, slug), language, None);
        let slug = moved(&slugs.0)?;
        rows::refuse_taken_slug(tx, &slug, Some(id))?;
        redirects::leave(tx, id, &slug, change.now)?;
        tx.prepare_cached("UPDATE page SET slug = ?2 WHERE id = ?1")?.execute(params![id, slug])?;
        if before.row.status == Status::Published {
            redirects::free(tx, &slug)?;
        }
        if let Some(slug) = slugs.1.as_deref().map(moved).transpose()? {
            rows::refuse_taken_slug(tx, &slug, Some(id))?;
            let sql = "UPDATE page_draft SET slug = :slug WHERE page_number = (SELECT number FROM page WHERE id = :id)";
            tx.prepare_cached(sql)?.execute(named_params! { ":slug": slug, ":id": id })?;
        }
    }
    join(tx, id, language, other, change.now)?;
    rows::get(tx, id)
}

/// Say which language a page is in, and which page it is the translation of: at once, its draft with it. With its language it changes its
/// address; the old one leads there.
#[utoipa::path(operation_id = "set_page_language", tag = "admin", params(PagePath, ("If-Match" = String, Header, description = "The page's ETag")), responses(
    (status = 200, body = Page, headers(("ETag" = String))),
    (status = 400, body = Problem, description = "`bad-request`"),
    (status = 401, body = Problem, description = "`not-signed-in`"),
    (status = 404, body = Problem, description = "`page-not-found`"),
    (status = 412, body = Problem, description = "`precondition-failed`"),
    (status = 422, body = Problem, description = "`invalid`: each field is named"),
    (status = 428, body = Problem, description = "`precondition-required`"),
))]
#[put("/admin/pages/{id}/language")]
pub(crate) async fn set_language(
    caller: Caller,
    request: HttpRequest,
    state: Data<AppState>,
    path: Path<PagePath>,
    Json(wanted): Json<PageLanguage>,
) -> Result<HttpResponse, Error> {
    let seen = etag::required_revision(&request)?;
    let languages = Languages::new(&state.live.current().settings.site);
    let language = languages.wanted(wanted.language.as_deref())?;
    let change = Change { author: Some(caller.account.id), reason: Reason::Edited, now: state.clock.now() };
    let set = move |tx: &Tx| {
        let wanted = (language.as_str(), wanted.translation_of);
        noted(tx, &caller, "page.language", path.id, change.now, |tx| set(tx, path.id, seen, wanted, &languages, change))
    };
    Ok(answer(HttpResponse::Ok(), &state.write(set).await?))
}
