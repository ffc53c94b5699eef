//! `/api/v1/admin/pages/bulk`: one thing done to many pages.

use actix_web::{
    post,
    web::{Data, Json},
};
use magnetiq_storage::Tx;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    admin::noted,
    details, drafts,
    languages::Languages,
    publishing,
    revisions::{Change, Reason},
    rows, trash,
};
use crate::{
    audit::{self, Actor},
    auth::Caller,
    clock::Time,
    error::Error,
    http::problem::Problem,
    id::PageId,
    state::AppState,
};

const IDS_MAX: usize = 100;

/// What is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum BulkAction {
    Publish,
    Unpublish,
    /// Throw away what is not published yet.
    DiscardDraft,
    /// Into the trash.
    Delete,
    /// From the trash, to the address that it had.
    Undelete,
    /// From the trash, for good.
    Purge,
    /// At once, on the page and on its draft.
    AddTag,
    /// At once, on the page and on its draft.
    RemoveTag,
}

/// What is done to which pages.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Bulk {
    action: BulkAction,
    /// The pages.
    #[schema(min_items = 1, max_items = 100)]
    ids: Vec<PageId>,
    /// Their revisions as the client saw them, in the same order: one that has changed since is left as it is. Whatever is there when not given.
    #[schema(min_items = 1, max_items = 100)]
    revisions: Option<Vec<i64>>,
    /// For `add-tag` and `remove-tag`.
    #[schema(max_length = 50)]
    tag: Option<String>,
}

/// What became of one page.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct BulkResult {
    id: PageId,
    /// Why it was not done; null where it was, or was so already.
    problem: Option<String>,
}

/// Do one thing to many pages, in one transaction: to each that it can be done to. The answer has a line for each.
#[utoipa::path(operation_id = "bulk_pages", tag = "admin", responses(
    (status = 200, body = Vec<BulkResult>),
    (status = 401, body = Problem, description = "`not-signed-in`"),
    (status = 422, body = Problem, description = "`invalid`"),
))]
#[post("/admin/pages/bulk")]
pub(crate) async fn run(caller: Caller, state: Data<AppState>, Json(bulk): Json<Bulk>) -> Result<Json<Vec<BulkResult>>, Error> {
    if bulk.ids.is_empty() || bulk.ids.len() > IDS_MAX {
        return Err(Error::invalid("/ids", format!("From 1 to {IDS_MAX} pages.")));
    }
    if bulk.revisions.as_ref().is_some_and(|revisions| revisions.len() != bulk.ids.len()) {
        return Err(Error::invalid("/revisions", "One revision for each of the pages, in the same order."));
    }
    let is_tagging = matches!(bulk.action, BulkAction::AddTag | BulkAction::RemoveTag);
    let tag = bulk.tag.as_deref().and_then(details::normal_tag);
    if is_tagging && tag.is_none() {
        return Err(Error::invalid("/tag", "A tag has 1 to 50 characters, on one line and without a comma."));
    }
    let (languages, now) = (Languages::new(&state.live.current().settings.site), state.clock.now());
    let results = state.write(move |tx| {
        let one = |(index, id): (usize, &PageId)| {
            let seen = bulk.revisions.as_ref().and_then(|revisions| revisions.get(index)).copied();
            match apply(tx, &caller, bulk.action, (*id, seen), tag.as_deref().unwrap_or_default(), &languages, now) {
                Ok(()) => Ok(BulkResult { id: *id, problem: None }),
                // Told by what is looked at before anything is written.
                Err(error @ (Error::NotFound { .. } | Error::Invalid(_) | Error::PreconditionFailed { .. })) => {
                    Ok(BulkResult { id: *id, problem: Some(error.to_string()) })
                }
                Err(error) => Err(error),
            }
        };
        bulk.ids.iter().enumerate().map(one).collect()
    });
    Ok(Json(results.await?))
}

/// To a page, if it is at the revision that was `seen`.
fn apply(
    tx: &Tx,
    caller: &Caller,
    action: BulkAction,
    (id, seen): (PageId, Option<i64>),
    tag: &str,
    languages: &Languages,
    now: Time,
) -> Result<(), Error> {
    let author = Some(caller.account.id);
    let change = |reason| Change { author, reason, now };
    match action {
        BulkAction::Publish => {
            noted(tx, caller, "page.publish", id, now, |tx| publishing::publish(tx, id, seen, change(Reason::Published))).map(drop)
        }
        BulkAction::Unpublish => {
            noted(tx, caller, "page.unpublish", id, now, |tx| publishing::unpublish(tx, id, seen, change(Reason::Unpublished))).map(drop)
        }
        BulkAction::DiscardDraft => {
            noted(tx, caller, "page.discard-draft", id, now, |tx| drafts::discard(tx, id, seen, change(Reason::Restored))).map(drop)
        }
        BulkAction::Delete => {
            let before = rows::get(tx, id)?.row;
            trash::put(tx, id, seen, now)?;
            audit::record(tx, &Actor::from(caller), audit::Change::of("page.delete", id, &before.title).from(&before)?, now)
        }
        BulkAction::Undelete => {
            let page = trash::restore(tx, id, seen, None, languages, now)?;
            audit::record(tx, &Actor::from(caller), audit::Change::of("page.undelete", id, &page.row.title).to(&page.row)?, now)
        }
        BulkAction::Purge => {
            let title = trash::purge(tx, id, seen)?;
            audit::record(tx, &Actor::from(caller), audit::Change::of("page.purge", id, title), now)
        }
        BulkAction::AddTag => {
            rows::require_revision(tx, id, seen)?;
            if rows::get(tx, id)?.row.tags.len() >= details::TAGS_MAX {
                return Err(Error::invalid("/tag", format!("A page has at most {} tags.", details::TAGS_MAX)));
            }
            noted(tx, caller, "page.update", id, now, |tx| drafts::retag(tx, id, now, |tags| tags.push(tag.to_owned()))).map(drop)
        }
        BulkAction::RemoveTag => {
            rows::require_revision(tx, id, seen)?;
            noted(tx, caller, "page.update", id, now, |tx| drafts::retag(tx, id, now, |tags| tags.retain(|other| other != tag))).map(drop)
        }
    }
}
