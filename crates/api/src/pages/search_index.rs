//! The search index of pages, which is written a little later than they are.
//!
//! FTS5 writes out what it was given at the end of each write. For pages that are saved one by one that is a third of the writer's time, for many
//! together it is little. Who searches has the index brought up to date first, so that nothing that was saved is missing.

use std::time::Duration;

use actix_web::{rt, web::Data};
use magnetiq_storage::{
    Commits, Tx,
    rusqlite::{Connection, params},
};

use crate::{error::Error, http::cursor::ListQuery, state::AppState};

/// Pages of one write: it takes some milliseconds, for which others wait.
const TOGETHER: usize = 100;
/// How often it is looked whether pages wait.
const LOOK: Duration = Duration::from_secs(1);
/// While others write they wait for this many looks, since a burst is over by then.
const PATIENCE: u32 = 10;

/// For a list that is searched: what waits is indexed first. Where that fails, as on a full disk, what is indexed already is found.
pub(crate) async fn before(state: &AppState, query: &ListQuery) {
    if query.words().is_some()
        && let Err(error) = catch_up(state).await
    {
        tracing::warn!(error = &error as &dyn std::error::Error, "new pages are not found yet");
    }
}

/// Adds what waits now; what is saved meanwhile is left for the next time.
async fn catch_up(state: &AppState) -> Result<(), Error> {
    let Some(last) = state.read(last_waiting).await? else { return Ok(()) };
    while state.write(move |tx| index(tx, last)).await? {}
    Ok(())
}

fn last_waiting(conn: &Connection) -> Result<Option<i64>, Error> {
    Ok(conn.prepare_cached("SELECT max(number) FROM page_search_waiting")?.query_row([], |row| row.get(0))?)
}

/// Adds the first pages up to `last` to the index. Whether there are more of them.
fn index(tx: &Tx, last: i64) -> Result<bool, Error> {
    const FIRST: &str = "(SELECT number FROM page_search_waiting WHERE number <= ?1 ORDER BY number LIMIT ?2)";
    let add = format!(
        "INSERT INTO page_search (rowid, title, summary, plain) SELECT number, title, summary, plain FROM page WHERE number IN {FIRST}"
    );
    tx.prepare_cached(&add)?.execute(params![last, TOGETHER])?;
    let done = format!("DELETE FROM page_search_waiting WHERE number IN {FIRST}");
    Ok(tx.prepare_cached(&done)?.execute(params![last, TOGETHER])? == TOGETHER)
}

/// Adds what waits when nobody writes, and a few at a time where that goes on for long, until it is aborted.
pub(crate) fn keep_up(state: Data<AppState>) -> rt::task::JoinHandle<()> {
    rt::spawn(async move {
        let commits = state.store.commits();
        let (mut seen, mut looks, mut failed) = (0, 0, false);
        loop {
            looks = if commits.number() == seen { PATIENCE } else { looks + 1 };
            if looks >= PATIENCE {
                let done = while_quiet(&state, &commits).await;
                if let Err(error) = &done
                    && !failed
                {
                    tracing::warn!(error = error as &dyn std::error::Error, "pages wait to be found");
                }
                (looks, failed) = (0, done.is_err());
            }
            seen = commits.number();
            rt::time::sleep(LOOK).await;
        }
    })
}

/// Adds pages until there are none, or somebody else has written meanwhile: nobody is to wait behind all of them.
async fn while_quiet(state: &AppState, commits: &Commits) -> Result<(), Error> {
    let Some(last) = state.read(last_waiting).await? else { return Ok(()) };
    loop {
        let before = commits.number();
        let more = state.write(move |tx| index(tx, last)).await?;
        if !more || commits.number() > before + 1 {
            return Ok(());
        }
    }
}
