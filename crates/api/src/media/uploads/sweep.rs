//! Uploads in parts that nobody goes on with, and those that are whole and could not be finished at once.

use std::time::Duration;

use actix_web::{rt, web::Data};

use super::{Upload, finish, rows};
use crate::{audit::Actor, blocking, error::Error, http::problem, id::UploadId, state::AppState};

/// How often the clock is looked at.
const LOOK: Duration = Duration::from_secs(5);

/// Goes on until it is aborted.
pub(crate) fn keep_sweeping(state: Data<AppState>) -> rt::task::JoinHandle<()> {
    rt::spawn(async move {
        let (mut failed, mut is_compared) = (false, false);
        loop {
            let swept = sweep(&state, &mut is_compared).await;
            if let Err(error) = &swept
                && !failed
            {
                tracing::warn!(cause = %problem::chain(error), "uploads in parts stay as they are for now");
            }
            failed = swept.is_err();
            rt::time::sleep(LOOK).await;
        }
    })
}

async fn sweep(state: &Data<AppState>, is_compared: &mut bool) -> Result<(), Error> {
    clear(state).await?;
    if !*is_compared {
        give_up_lost(state).await?;
        *is_compared = true;
    }
    let now = state.clock.now();
    for id in state.read(move |conn| rows::expired(conn, now)).await? {
        // Somebody sends more at this moment: it will live longer.
        let Ok(_claim) = state.media.uploads.claim(id) else { continue };
        remove(state, id).await?;
        tracing::info!(%id, "an upload in parts was given up, since nobody went on with it");
    }
    for upload in state.read(move |conn| rows::whole(conn, now)).await? {
        let Ok(_claim) = state.media.uploads.claim(upload.id) else { continue };
        carry_out(state, upload).await?;
    }
    Ok(())
}

/// Removes files without a row, as those of an account that was deleted.
async fn clear(state: &Data<AppState>) -> Result<(), Error> {
    // Nobody is between a file and its row meanwhile.
    let _changes = state.media.changes.read().await;
    let (known, folder) = (state.read(rows::open).await?, state.media.clone());
    blocking::run(move || folder.keep_only_uploads(&known)).await?
}

/// Gives up those whose file is not there, as after a restore. That is so from the start or not at all: a folder that is away later comes back.
async fn give_up_lost(state: &Data<AppState>) -> Result<(), Error> {
    let _changes = state.media.changes.read().await;
    let (known, folder) = (state.read(rows::open).await?, state.media.clone());
    for id in blocking::run(move || folder.lost_uploads(&known)).await? {
        let Ok(_claim) = state.media.uploads.claim(id) else { continue };
        remove(state, id).await?;
        tracing::info!(%id, "what came of an upload in parts is not here; it begins anew");
    }
    Ok(())
}

async fn remove(state: &AppState, id: UploadId) -> Result<(), Error> {
    state.write_if_possible(move |tx| rows::delete(tx, id)).await?;
    let folder = state.media.clone();
    blocking::run(move || folder.remove_upload(id)).await?
}

async fn carry_out(state: &Data<AppState>, upload: Upload) -> Result<(), Error> {
    let id = upload.id;
    match finish::finish(state.clone(), upload, Actor::server()).await {
        Ok(media) => tracing::info!(%id, name = media.name, "an upload in parts was finished"),
        Err(error @ (Error::UnsupportedMedia { .. } | Error::MediaReplaced { .. } | Error::NotFound { .. })) => {
            tracing::info!(%id, cause = %error, "an upload in parts was not taken");
        }
        Err(error) => return Err(error),
    }
    Ok(())
}
