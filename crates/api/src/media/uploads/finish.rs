//! An upload that is whole becomes a file of the library.

use actix_web::web::Data;

use super::{Upload, rows};
use crate::{
    audit::{self, Actor, Change},
    blocking,
    error::Error,
    media::{
        Media,
        admin::refuse_former,
        receive::of_folder,
        rows::{self as media_rows, Insert},
    },
    state::AppState,
};

/// Puts the file in its place and writes its row. The caller has claimed the upload. What was killed on the way is carried out by the next call.
///
/// # Errors
///
/// [`Error::UnsupportedMedia`] and [`Error::MediaReplaced`] for what will never be taken: the upload is gone then.
pub(crate) async fn finish(state: Data<AppState>, upload: Upload, actor: Actor) -> Result<Media, Error> {
    let finished = settle(&state, &upload, actor).await;
    if let Err(Error::UnsupportedMedia { .. } | Error::MediaReplaced { .. } | Error::NotFound { .. }) = finished {
        discard(&state, &upload).await?;
    }
    finished
}

/// Removes an upload and what came of it.
pub(crate) async fn discard(state: &AppState, upload: &Upload) -> Result<(), Error> {
    let (id, folder) = (upload.id, state.media.clone());
    state.write_if_possible(move |tx| rows::delete(tx, id)).await?;
    blocking::run(move || folder.remove_upload(id)).await?
}

async fn settle(state: &Data<AppState>, upload: &Upload, actor: Actor) -> Result<Media, Error> {
    let (folder, id, known) = (state.media.clone(), upload.id, upload.sha256.clone());
    // Hashing what is on the disk proves that what came is there.
    let received = state.uploads.run(move || folder.received_upload(id, known.as_deref())).await?.map_err(of_folder)?;
    let _changes = state.media.changes.write().await;
    let (sha256, account, now) = (received.sha256.clone(), upload.account, state.clock.now());
    let known = state.read(move |conn| {
        let known = media_rows::find(conn, &sha256)?;
        if known.is_none() {
            refuse_former(conn, &sha256, None)?;
        }
        Ok(known)
    });
    if let Some(media) = known.await? {
        let of = media.id;
        state.write(move |tx| rows::finish(tx, id, of)).await?;
        let folder = state.media.clone();
        blocking::run(move || folder.remove_upload(id)).await??;
        return Ok(media);
    }
    let insert = Insert::new(&upload.name, Some(account), &received);
    let sha256 = insert.sha256.clone();
    state.write(move |tx| rows::note_hash(tx, id, &sha256)).await?;
    let (folder, sha256) = (state.media.clone(), insert.sha256.clone());
    blocking::run(move || folder.keep_upload(id, &sha256)).await?.map_err(of_folder)?;
    let media = state.write(move |tx| {
        let media = media_rows::insert(tx, &insert, now)?;
        rows::finish(tx, id, media.id)?;
        audit::record(tx, &actor, Change::of("media.create", media.id, &media.name).to(&media)?, now)?;
        Ok(media)
    });
    media.await
}
