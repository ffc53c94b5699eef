//! One page of an import, in one transaction.

use magnetiq_storage::{
    Tx,
    rusqlite::{OptionalExtension, named_params, params},
};
use sha2::{Digest, Sha256};

use super::{
    Outcome,
    document::{self, Document},
};
use crate::{
    audit::{self, Actor},
    clock::Time,
    error::Error,
    export::page_file,
    id::PageId,
    pages::{
        Details, Edit, Status, Written,
        autosave::Saved,
        details, drafts,
        languages::Languages,
        markdown, publishing,
        revisions::{Change, Reason},
        rows, slug,
    },
};

/// What a file makes.
pub(super) struct Imported {
    edit: Edit,
    /// As the file says, whatever the time is.
    status: Status,
    is_draft: bool,
    published_at: Option<Time>,
    publish_at: Option<Time>,
    unpublish_at: Option<Time>,
    /// Addresses that lead to it.
    aliases: Vec<String>,
    /// As it is kept.
    language: String,
    group: Option<String>,
    draft: Option<Edit>,
    exact: Option<Exact>,
}

/// What only an export says of a page.
struct Exact {
    id: Option<PageId>,
    created_at: Option<Time>,
    live_at: Option<Time>,
    /// The files themselves.
    text: String,
    draft_text: Option<String>,
}

impl Imported {
    /// The page of a file whose links lead to where they are on the site. `folder` is the name of the imported one.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`].
    pub(super) fn new(document: &Document, body: String, folder: &str, languages: &Languages) -> Result<Self, Error> {
        let front = &document.front;
        let language = front.language.clone().unwrap_or_default();
        let draft = document.draft.as_deref().map(|draft| {
            let mut edit = edit(draft, draft.slug.clone(), draft.body.clone())?;
            edit.written.slug = languages.place(&edit.written.slug, &language, None)?;
            Ok::<_, Error>(edit)
        });
        let exact = document.text.clone().map(|text| Exact {
            id: front.id,
            created_at: front.created,
            live_at: front.live_at,
            text,
            draft_text: document.draft.as_ref().and_then(|draft| draft.text.clone()),
        });
        // What is to be published later is hidden until then. What its author calls a draft stays hidden then, too, as with Hugo.
        let waits = front.draft || (exact.is_none() && front.publish_at.is_some());
        let aliases = front.aliases.iter().map(|address| address.trim_matches('/').trim_end_matches(".html").to_owned());
        Ok(Self {
            edit: edit(document, document.slug.clone(), body)?,
            status: if waits { Status::Draft } else { Status::Published },
            is_draft: front.draft,
            published_at: document.date,
            publish_at: front.publish_at,
            unpublish_at: front.unpublish_at,
            aliases: aliases.filter(|alias| slug::problem(alias).is_none()).collect(),
            language,
            // Keys of two folders are two keys.
            group: front.translation_key.as_ref().map(|key| if exact.is_some() { key.clone() } else { format!("{folder}/{key}") }),
            draft: draft.transpose()?,
            exact,
        })
    }

    /// What it is now: of moments that have passed, what was to happen has happened. An export says what the page was, and its plan is caught up
    /// with by the server.
    fn status_at(&self, now: Time) -> Status {
        let is_over = |time: Option<Time>| time.is_some_and(|time| time <= now);
        if self.exact.is_some() || self.is_draft {
            self.status
        } else if is_over(self.unpublish_at) || self.publish_at.is_some_and(|time| time > now) {
            Status::Draft
        } else {
            Status::Published
        }
    }

    /// In one hash: the same hash again means that nothing is to be done. What a file does not say is not in it, so that what an earlier
    /// version brought in is known again.
    fn hash(&self) -> String {
        let mut hasher = Sha256::new();
        let published_at = self.published_at.map(|time| time.as_millis().to_string()).unwrap_or_default();
        let Written { slug, title, summary, body } = &self.edit.written;
        for part in [slug, title, summary, body, self.status.as_str(), &published_at] {
            hasher.update(part.len().to_le_bytes());
            hasher.update(part);
        }
        let tags = self.edit.details.tags.as_deref().unwrap_or_default();
        let rest = (tags, &self.aliases, &self.language, &self.group, self.publish_at, self.unpublish_at);
        if rest != (&[], &Vec::new(), &String::new(), &None, None, None) {
            hasher.update(format!("{rest:?}"));
        }
        if let Some(exact) = &self.exact {
            hasher.update(&exact.text);
            hasher.update(exact.draft_text.as_deref().unwrap_or_default());
        }
        hex::encode(hasher.finalize())
    }
}

fn edit(document: &Document, slug: String, body: String) -> Result<Edit, Error> {
    let rendered = markdown::render(&body);
    let summary = document.summary.clone().unwrap_or_else(|| document::summary_of(&rendered.plain));
    let written = Written { slug, title: document.title.clone(), summary, body }.checked().map_err(Error::Invalid)?;
    let front = &document.front;
    let details = if front.exact {
        Details { tags: Some(front.tags.clone()), seo: Some(front.seo.clone()) }.checked().map_err(Error::Invalid)?
    } else {
        let mut tags: Vec<String> = front.tags.iter().filter_map(|tag| details::normal_tag(tag)).collect();
        tags.sort_unstable();
        tags.dedup();
        tags.truncate(details::TAGS_MAX);
        Details { tags: Some(tags), seo: None }
    };
    Ok(Edit { written, rendered, details })
}

/// What became of a page.
pub(super) enum Ended {
    Done(Outcome),
    /// Why it was left alone.
    Refused(String),
}

/// The page that a file made before.
struct Known {
    id: PageId,
    revision: i64,
    hash: String,
    imported_revision: i64,
}

/// Makes the page of a file, or changes it, or leaves it alone.
pub(super) fn page(tx: &Tx, source: &str, mut page: Imported, languages: &Languages, now: Time) -> Result<Ended, Error> {
    let hash = page.hash();
    let change = Change { author: None, reason: Reason::Imported, now };
    let known = tx
        .prepare_cached(
            "SELECT page.id, page.revision, page_import.content_hash, page_import.page_revision
             FROM page_import JOIN page ON page.number = page_import.page_number WHERE source = ?",
        )?
        .query_row([source], |row| Ok(Known { id: row.get(0)?, revision: row.get(1)?, hash: row.get(2)?, imported_revision: row.get(3)? }))
        .optional()?;
    if let (None, Some(exact)) = (&known, &page.exact)
        && let Some(done) = already_here(tx, exact)?
    {
        return Ok(done);
    }
    let own = known.as_ref().map(|known| known.id);
    let slugs = [Some(&page.edit), page.draft.as_ref()].into_iter().flatten().map(|edit| &edit.written.slug);
    for slug in slugs {
        if rows::id_of_slug(tx, slug)?.is_some_and(|id| Some(id) != own) && known.as_ref().is_none_or(|known| known.hash != hash) {
            return Ok(Ended::Refused(format!("its address /{slug} is taken by another page")));
        }
    }
    let (id, before) = match known {
        Some(known) if known.hash == hash => return Ok(Ended::Done(Outcome::Unchanged)),
        Some(known) if known.revision != known.imported_revision => {
            return Ok(Ended::Refused("its page was edited here since the last import, and was left alone".into()));
        }
        Some(known) => {
            let before = rows::get(tx, known.id)?.row;
            drafts::discard(tx, known.id, None, change)?;
            publishing::replace(tx, known.id, &page.edit, change)?;
            (known.id, Some(before))
        }
        None => {
            let id = page.exact.as_ref().and_then(|exact| exact.id).unwrap_or_else(|| PageId::new(now));
            rows::insert(tx, id, &page.edit, &page.language, None, change)?;
            (id, None)
        }
    };
    join(tx, id, &page)?;
    publishing::set_status(tx, id, None, page.status_at(now), change)?;
    set_times(tx, id, &page, now)?;
    lead(tx, id, &page, now)?;
    if let Some(draft) = page.draft.take() {
        drafts::edit(tx, id, None, draft, languages, change, Saved::ByHand)?;
    }
    plan(tx, id, &page, now)?;
    tx.prepare_cached(
        "INSERT INTO page_import (source, page_number, content_hash, page_revision)
         SELECT :source, number, :hash, revision FROM page WHERE id = :id
         ON CONFLICT (source) DO UPDATE SET content_hash = excluded.content_hash, page_revision = excluded.page_revision",
    )?
    .execute(named_params! { ":source": source, ":id": id, ":hash": hash })?;
    let after = rows::get(tx, id)?.row;
    let noted = audit::Change::of("page.import", id, &after.title).to(&after)?;
    let (noted, outcome) = match &before {
        Some(before) => (noted.from(before)?, Outcome::Updated),
        None => (noted, Outcome::Created),
    };
    audit::record(tx, &Actor::command_line(), noted, now)?;
    Ok(Ended::Done(outcome))
}

/// An export that comes back to its site, or twice to another one: the page is there, and it is as the file says or was changed since.
fn already_here(tx: &Tx, exact: &Exact) -> Result<Option<Ended>, Error> {
    let Some(id) = exact.id else { return Ok(None) };
    Ok(page_file::of(tx, id)?.map(|(text, draft)| {
        if text == exact.text && draft == exact.draft_text {
            Ended::Done(Outcome::Unchanged)
        } else {
            Ended::Refused("its page is on the site already and is not as the file says; it was left alone".into())
        }
    }))
}

/// Its language, and the pages that say the same; a place that another page has stays that page's.
fn join(tx: &Tx, id: PageId, page: &Imported) -> Result<(), Error> {
    tx.prepare_cached(
        "UPDATE page SET language = :language, translation_group = iif(EXISTS (SELECT 1 FROM page AS other
             WHERE other.translation_group = :group AND other.language = :language AND other.id <> :id AND other.deleted_at IS NULL), NULL, :group)
         WHERE id = :id",
    )?
    .execute(named_params! { ":id": id, ":language": page.language, ":group": page.group })?;
    Ok(())
}

fn set_times(tx: &Tx, id: PageId, page: &Imported, now: Time) -> Result<(), Error> {
    if let Some(date) = page.published_at {
        tx.prepare_cached("UPDATE page SET published_at = ?2 WHERE id = ?1")?.execute(params![id, date])?;
    }
    if let Some(exact) = &page.exact {
        let sql =
            "UPDATE page SET created_at = coalesce(?2, ?4), live_at = iif(status = 'published', coalesce(?3, live_at), NULL) WHERE id = ?1";
        tx.prepare_cached(sql)?.execute(params![id, exact.created_at, exact.live_at, now])?;
    }
    Ok(())
}

/// Lets its old addresses lead to it, where no page is and none leads elsewhere.
fn lead(tx: &Tx, id: PageId, page: &Imported, now: Time) -> Result<(), Error> {
    for alias in &page.aliases {
        if rows::id_of_slug(tx, alias)?.is_none() {
            let sql = "INSERT INTO page_redirect (slug, page_number, created_at) SELECT ?2, number, ?3 FROM page WHERE id = ?1
                 ON CONFLICT (slug) DO NOTHING";
            tx.prepare_cached(sql)?.execute(params![id, alias, now])?;
        }
    }
    Ok(())
}

/// What is to happen by itself, as far as it still can. What an export has planned for a moment that has passed happens with the next start.
fn plan(tx: &Tx, id: PageId, page: &Imported, now: Time) -> Result<(), Error> {
    let row = rows::get(tx, id)?.row;
    let is_ahead = |time: &Time| page.exact.is_some() || (*time > now && !page.is_draft);
    let publish_at = page.publish_at.filter(|time| is_ahead(time) && (row.status == Status::Draft || row.has_draft));
    let unpublish_at = page.unpublish_at.filter(|_| row.status == Status::Published || publish_at.is_some());
    tx.prepare_cached("UPDATE page SET publish_at = ?2, unpublish_at = ?3 WHERE id = ?1")?.execute(params![
        id,
        publish_at,
        unpublish_at
    ])?;
    Ok(())
}
