//! Files whose rows are deleted: they go when nobody copies the site. A backup has the rows of one moment and reads the files after it.

use std::time::Duration;

use actix_web::{rt, web::Data};
use magnetiq_storage::Hold;

use super::{rows, strays};
use crate::{blocking, error::Error, http::problem, state::AppState};

/// How often what had to wait is looked at.
const LOOK: Duration = Duration::from_secs(5);

/// Removes the files that nobody needs any more, unless a copy of the site is being made. The caller holds the media folder's `changes` to write.
async fn remove(state: &AppState) -> Result<(), Error> {
    let deleted = state.read(rows::deleted).await?;
    if deleted.is_empty() {
        return Ok(());
    }
    let (folder, database) = (state.media.clone(), state.store.path().to_owned());
    let (removed, failure) = blocking::run(move || {
        let (mut removed, mut failure) = (Vec::new(), None);
        // One that begins after this has its rows from after the deletion, and misses nothing.
        if !is_copied(&database) {
            for sha256 in deleted {
                match folder.remove(&sha256) {
                    Ok(()) => removed.push(sha256),
                    Err(error) => failure = Some(error),
                }
            }
        }
        (removed, failure)
    })
    .await?;
    if !removed.is_empty() {
        state.write_if_possible(move |tx| rows::forget_deleted(tx, &removed)).await?;
    }
    failure.map_or(Ok(()), Err)
}

/// The same for whoever has just deleted something: that is done, and a file that can't go yet goes later.
pub(crate) async fn remove_if_possible(state: &AppState) {
    if let Err(error) = remove(state).await {
        tracing::warn!(cause = %problem::chain(&error), "a file of deleted media stays for now");
    }
}

/// Where that cannot be told, nobody is waited for: people delete to free a disk, too.
fn is_copied(database: &std::path::Path) -> bool {
    Hold::is_held(database).unwrap_or_else(|error| {
        tracing::warn!(error = &error as &dyn std::error::Error, "whether the site is being copied is not known");
        false
    })
}

/// Uploads are held up only where there is something to remove.
async fn when_alone(state: &AppState) -> Result<(), Error> {
    if state.read(rows::deleted).await?.is_empty() {
        return Ok(());
    }
    let _changes = state.media.changes.write().await;
    remove(state).await
}

/// After a start it looks for files that nobody knows, too.
async fn step(state: &AppState, is_searched: &mut bool) -> Result<(), Error> {
    let searched = if *is_searched { Ok(()) } else { strays::tell(state).await };
    *is_searched = searched.is_ok();
    when_alone(state).await.and(searched)
}

/// Goes on removing what had to wait, also from before the start, until it is aborted.
pub(crate) fn keep_removing(state: Data<AppState>) -> rt::task::JoinHandle<()> {
    rt::spawn(async move {
        let (mut failed, mut is_searched) = (false, false);
        loop {
            let removed = step(&state, &mut is_searched).await;
            if let Err(error) = &removed
                && !failed
            {
                tracing::warn!(error = error as &dyn std::error::Error, "files of deleted media stay for now");
            }
            failed = removed.is_err();
            rt::time::sleep(LOOK).await;
        }
    })
}
