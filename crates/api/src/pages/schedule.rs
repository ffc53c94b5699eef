//! Pages that are shown and hidden by themselves, and those whose time in the trash is over.

use std::time::Duration;

use actix_web::{
    HttpRequest, HttpResponse, put, rt,
    web::{Data, Json, Path},
};
use magnetiq_storage::{
    Tx,
    rusqlite::{Connection, params},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    Page, PageRow, Status,
    admin::{answer, noted},
    publishing,
    revisions::{Change, Reason},
    rows, trash,
};
use crate::{
    audit::{self, Actor},
    auth::Caller,
    clock::Time,
    error::Error,
    http::{
        etag,
        problem::{FieldProblem, Problem},
    },
    id::{PageId, PagePath},
    state::AppState,
};

/// How often the clock is looked at: so late a page may be.
const LOOK: Duration = Duration::from_secs(2);
/// Nobody plans further ahead.
const AHEAD_MAX: Duration = Duration::from_secs(5 * 366 * 24 * 3600);
/// Pages that are deleted for good in one write.
const BATCH: u32 = 100;

/// When a page is shown and hidden by itself. Both are in the future; null for never.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Schedule {
    /// When a hidden page is published, or the draft of a published one.
    publish_at: Option<Time>,
    /// When it is hidden again.
    unpublish_at: Option<Time>,
}

impl Schedule {
    fn problems(self, page: &PageRow, now: Time) -> Vec<FieldProblem> {
        let mut problems = Vec::new();
        let mut problem = |pointer: &str, detail: &str| problems.push(FieldProblem { pointer: pointer.into(), detail: detail.into() });
        let is_ahead = |time: Time| time > now && time <= now.plus(AHEAD_MAX);
        if self.publish_at.is_some() && page.status == Status::Published && !page.has_draft {
            problem("/publish_at", "The page is published already, and has no changes that wait for it.");
        } else if self.publish_at.is_some_and(|time| !is_ahead(time)) {
            problem("/publish_at", "A moment in the future, within five years.");
        }
        if self.unpublish_at.is_some_and(|time| !is_ahead(time)) {
            problem("/unpublish_at", "A moment in the future, within five years.");
        } else if self.unpublish_at.is_some() && page.status == Status::Draft && self.publish_at.is_none() {
            problem("/unpublish_at", "The page is hidden: say when it is published, too.");
        } else if self.publish_at.zip(self.unpublish_at).is_some_and(|(publish, unpublish)| unpublish <= publish) {
            problem("/unpublish_at", "It is hidden after it was published.");
        }
        problems
    }
}

fn set(tx: &Tx, id: PageId, seen: Option<i64>, schedule: Schedule, now: Time) -> Result<Page, Error> {
    rows::require_revision(tx, id, seen)?;
    let problems = schedule.problems(&rows::get(tx, id)?.row, now);
    if !problems.is_empty() {
        return Err(Error::Invalid(problems));
    }
    let sql = "UPDATE page SET publish_at = ?2, unpublish_at = ?3, revision = revision + 1, updated_at = ?4 WHERE id = ?1";
    tx.execute(sql, params![id, schedule.publish_at, schedule.unpublish_at, now])?;
    rows::get(tx, id)
}

/// Say when a page is shown and hidden by itself. It happens within seconds of the moment, or at the next start of a server that was down then.
#[utoipa::path(operation_id = "schedule_page", tag = "admin", params(PagePath, ("If-Match" = String, Header, description = "The page's ETag")), responses(
    (status = 200, body = Page, headers(("ETag" = String))),
    (status = 400, body = Problem, description = "`bad-request`"),
    (status = 401, body = Problem, description = "`not-signed-in`"),
    (status = 404, body = Problem, description = "`page-not-found`"),
    (status = 412, body = Problem, description = "`precondition-failed`"),
    (status = 422, body = Problem, description = "`invalid`"),
    (status = 428, body = Problem, description = "`precondition-required`"),
))]
#[put("/admin/pages/{id}/schedule")]
pub(crate) async fn plan(
    caller: Caller,
    request: HttpRequest,
    state: Data<AppState>,
    path: Path<PagePath>,
    Json(schedule): Json<Schedule>,
) -> Result<HttpResponse, Error> {
    let seen = etag::required_revision(&request)?;
    let now = state.clock.now();
    let page = state.write(move |tx| noted(tx, &caller, "page.schedule", path.id, now, |tx| set(tx, path.id, seen, schedule, now)));
    Ok(answer(HttpResponse::Ok(), &page.await?))
}

/// What is due at `?1`: the pages whose moment has come, and what becomes of them.
const DUE: &str = "SELECT id, 'published' AS status, publish_at AS at FROM page WHERE publish_at <= ?1
    UNION ALL SELECT id, 'draft', unpublish_at FROM page WHERE unpublish_at <= ?1 AND status = 'published'";

/// The first of it. A page whose both moments have come while no server ran is hidden in the end.
fn due(conn: &Connection, now: Time) -> Result<Vec<(PageId, Status)>, Error> {
    let mut statement = conn.prepare_cached(&format!("{DUE} ORDER BY at LIMIT 100"))?;
    let rows = statement.query_map([now], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Shows or hides a page, unless somebody changed the plan meanwhile: then it does nothing, and says so.
fn turn(tx: &Tx, id: PageId, status: Status, now: Time) -> Result<bool, Error> {
    let sql = format!("SELECT EXISTS (SELECT 1 FROM ({DUE}) WHERE id = ?2 AND status = ?3)");
    if !tx.prepare_cached(&sql)?.query_row(params![now, id, status.as_str()], |row| row.get(0))? {
        return Ok(false);
    }
    let (reason, action) = match status {
        Status::Published => (Reason::Published, "page.publish"),
        Status::Draft => (Reason::Unpublished, "page.unpublish"),
    };
    let before = rows::get(tx, id)?.row;
    let after = publishing::set_status(tx, id, None, status, Change { author: None, reason, now })?.row;
    // It is still as its file says, with what the file says of these moments.
    let sql =
        "UPDATE page_import SET page_revision = ?3 WHERE page_revision = ?2 AND page_number = (SELECT number FROM page WHERE id = ?1)";
    tx.prepare_cached(sql)?.execute(params![id, before.revision, after.revision])?;
    let change = audit::Change::of(action, id, &after.title).from(&before)?.to(&after)?;
    audit::record(tx, &Actor::server(), change, now)?;
    Ok(true)
}

/// Does all that is due now.
pub(crate) async fn catch_up(state: &AppState) -> Result<(), Error> {
    let now = state.clock.now();
    loop {
        let due = state.read(move |conn| due(conn, now)).await?;
        if due.is_empty() {
            break;
        }
        for (id, status) in due {
            if state.write(move |tx| turn(tx, id, status, now)).await? {
                tracing::info!(page = %id, ?status, "a page changed by its schedule");
            }
        }
    }
    loop {
        let over = state.read(move |conn| trash::over(conn, now, BATCH)).await?;
        if over.is_empty() {
            return Ok(());
        }
        let purge = move |tx: &Tx| {
            over.into_iter().try_for_each(|id| {
                let title = trash::purge(tx, id, None)?;
                audit::record(tx, &Actor::server(), audit::Change::of("page.purge", id, title), now)
            })
        };
        state.write_if_possible(purge).await?;
    }
}

/// Goes on until it is aborted.
pub(crate) fn keep_up(state: Data<AppState>) -> rt::task::JoinHandle<()> {
    rt::spawn(async move {
        let mut failed = false;
        loop {
            let done = catch_up(&state).await;
            if let Err(error) = &done
                && !failed
            {
                tracing::warn!(error = error as &dyn std::error::Error, "pages wait for what their schedule says");
            }
            failed = done.is_err();
            rt::time::sleep(LOOK).await;
        }
    })
}
