//! Drafts: changes of a published page that visitors don't see yet.
//!
//! A hidden page is written itself. What is written of a published one waits in `page_draft` until it is published or discarded; its address
//! is reserved meanwhile, and the old one leads nowhere else yet.

use magnetiq_storage::{
    Tx,
    rusqlite::{OptionalExtension, named_params, params},
};

use super::{
    Edit, Page, Seo, Status, Written,
    autosave::{self, Saved},
    languages::Languages,
    markdown, redirects,
    revisions::Change,
    rows::{self, begin_revision, link_media, next_revision},
};
use crate::{clock::Time, error::Error, id::PageId};

/// Changes a page as its editors see it: a hidden one itself, of a published one the draft. A change of nothing is none.
pub(crate) fn edit(
    tx: &Tx,
    id: PageId,
    seen: Option<i64>,
    mut edit: Edit,
    languages: &Languages,
    change: Change,
    saved: Saved,
) -> Result<Page, Error> {
    rows::require_revision(tx, id, seen)?;
    let before = rows::get(tx, id)?;
    edit.written.slug = languages.place(&edit.written.slug, before.row.language.as_deref().unwrap_or_default(), Some(&before.row.slug))?;
    rows::refuse_taken_slug(tx, &edit.written.slug, Some(id))?;
    let begun = autosave::begun(tx, id, change)?;
    if is_same(&before, &edit) {
        if saved == Saved::ByHand && begun.is_some() {
            autosave::note(tx, id, None)?;
        }
        return Ok(before);
    }
    if before.row.status == Status::Published && !before.row.has_draft {
        // The state that is kept now is the one that visitors read.
        tx.prepare_cached("UPDATE page SET live_revision = revision WHERE id = ?")?.execute([id])?;
    }
    if begun.is_some() {
        next_revision(tx, id, change)?;
    } else {
        begin_revision(tx, id, change)?;
    }
    if saved == Saved::ByItself {
        autosave::note(tx, id, begun.or(Some(change.now)))?;
    }
    match before.row.status {
        Status::Draft => rows::overwrite(tx, id, &edit, change.now)?,
        Status::Published => {
            let tags = edit.details.tags.as_ref().unwrap_or(&before.row.tags);
            save(tx, id, &edit, tags, edit.details.seo.as_ref().unwrap_or(&before.seo))?;
        }
    }
    rows::get(tx, id)
}

fn is_same(page: &Page, Edit { written, details, .. }: &Edit) -> bool {
    let is =
        Written { slug: page.row.slug.clone(), title: page.row.title.clone(), summary: page.row.summary.clone(), body: page.body.clone() };
    is == *written
        && details.tags.as_ref().is_none_or(|tags| *tags == page.row.tags)
        && details.seo.as_ref().is_none_or(|seo| *seo == page.seo)
}

fn save(tx: &Tx, id: PageId, Edit { written, rendered, .. }: &Edit, tags: &[String], seo: &Seo) -> Result<(), Error> {
    let tags = serde_json::to_string(tags).map_err(|source| Error::Json { source })?;
    tx.prepare_cached(
        "INSERT INTO page_draft (page_number, slug, title, summary, body, html, plain, renderer, seo_title, seo_description, canonical, noindex, tags)
         VALUES ((SELECT number FROM page WHERE id = :id), :slug, :title, :summary, :body, :html, :plain, :renderer, :seo_title,
             :seo_description, :canonical, :noindex, :tags)
         ON CONFLICT (page_number) DO UPDATE SET slug = excluded.slug, title = excluded.title, summary = excluded.summary, body = excluded.body,
             html = excluded.html, plain = excluded.plain, renderer = excluded.renderer, seo_title = excluded.seo_title,
             seo_description = excluded.seo_description, canonical = excluded.canonical, noindex = excluded.noindex, tags = excluded.tags",
    )?
    .execute(named_params! {
        ":id": id, ":slug": written.slug, ":title": written.title, ":summary": written.summary, ":body": written.body,
        ":html": rendered.html, ":plain": rendered.plain, ":renderer": markdown::RENDERER, ":seo_title": seo.title,
        ":seo_description": seo.description, ":canonical": seo.canonical, ":noindex": seo.noindex, ":tags": tags,
    })?;
    link_media(tx, id)
}

/// The draft becomes the page itself; nothing where there is none. The revision is the caller's to raise.
pub(super) fn adopt(tx: &Tx, id: PageId, now: Time) -> Result<(), Error> {
    let draft: Option<(i64, String)> = tx
        .prepare_cached("SELECT page_number, slug FROM page_draft WHERE page_number = (SELECT number FROM page WHERE id = ?)")?
        .query_row([id], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    let Some((number, slug)) = draft else { return Ok(()) };
    redirects::leave(tx, id, &slug, now)?;
    const FIELDS: &str = "slug, title, summary, body, html, plain, renderer, seo_title, seo_description, canonical, noindex";
    let sql = format!("UPDATE page SET ({FIELDS}) = (SELECT {FIELDS} FROM page_draft WHERE page_number = number) WHERE number = ?");
    tx.prepare_cached(&sql)?.execute([number])?;
    tx.prepare_cached("DELETE FROM page_tag WHERE page_number = ?")?.execute([number])?;
    let sql = "INSERT INTO page_tag (page_number, tag) SELECT page_number, value FROM page_draft, json_each(tags) WHERE page_number = ?";
    tx.prepare_cached(sql)?.execute([number])?;
    drop_draft(tx, id)
}

/// Throws the draft away: the page is again what visitors read. It can be brought back from the revisions.
pub(crate) fn discard(tx: &Tx, id: PageId, seen: Option<i64>, change: Change) -> Result<Page, Error> {
    rows::require_revision(tx, id, seen)?;
    let before = rows::get(tx, id)?;
    if !before.row.has_draft {
        return Ok(before);
    }
    begin_revision(tx, id, change)?;
    drop_draft(tx, id)?;
    // There is nothing left that could be published then.
    tx.prepare_cached("UPDATE page SET publish_at = NULL WHERE id = ?")?.execute([id])?;
    rows::get(tx, id)
}

fn drop_draft(tx: &Tx, id: PageId) -> Result<(), Error> {
    tx.prepare_cached("DELETE FROM page_draft WHERE page_number = (SELECT number FROM page WHERE id = ?)")?.execute([id])?;
    link_media(tx, id)
}

/// Changes the tags of a page at once, those that visitors see and those of its draft: whoever sorts pages does not edit their text.
pub(super) fn retag(tx: &Tx, id: PageId, now: Time, change: impl Fn(&mut Vec<String>)) -> Result<Page, Error> {
    let before = rows::get(tx, id)?;
    let mut tags = before.row.tags.clone();
    change(&mut tags);
    let mut live: Vec<String> = tx
        .prepare_cached("SELECT tag FROM page_tag JOIN page ON page.number = page_tag.page_number WHERE page.id = ? ORDER BY tag")?
        .query_map([id], |row| row.get(0))?
        .collect::<Result<_, _>>()?;
    let shown = live.clone();
    change(&mut live);
    for tags in [&mut tags, &mut live] {
        tags.sort_unstable();
        tags.dedup();
    }
    if tags == before.row.tags && live == shown {
        return Ok(before);
    }
    rows::set_tags(tx, id, &live)?;
    if before.row.has_draft {
        let tags = serde_json::to_string(&tags).map_err(|source| Error::Json { source })?;
        let sql = "UPDATE page_draft SET tags = ?2 WHERE page_number = (SELECT number FROM page WHERE id = ?1)";
        tx.prepare_cached(sql)?.execute(params![id, tags])?;
    }
    tx.prepare_cached("UPDATE page SET revision = revision + 1, updated_at = ?2 WHERE id = ?1")?.execute(params![id, now])?;
    rows::get(tx, id)
}
