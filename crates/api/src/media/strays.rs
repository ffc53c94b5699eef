//! Files that no row names: what a kill between a file and its row leaves. They would be in each backup for ever.

use super::rows;
use crate::{blocking, error::Error, state::AppState};

/// Looks for them once, after a start, and notes that they are to go.
pub(super) async fn note(state: &AppState) -> Result<(), Error> {
    if find(state).await?.is_empty() {
        return Ok(());
    }
    // Again, now that nobody is between a file and its row.
    let _changes = state.media.changes.write().await;
    let strays = find(state).await?;
    let (count, files) = (strays.len() as u64, state.read(rows::count).await?);
    if count > files {
        // Kills leave a few. So many may be the files of another database, which somebody wants back.
        let folder = state.settings.media.folder.display();
        tracing::warn!(%folder, strays = count, files, "the folder of media has more files that nobody knows than others: they stay");
        return Ok(());
    }
    let now = state.clock.now();
    state.write_if_possible(move |tx| strays.iter().try_for_each(|sha256| rows::note_deleted(tx, sha256, now))).await?;
    tracing::info!(strays = count, "files of media that nobody knows are removed");
    Ok(())
}

async fn find(state: &AppState) -> Result<Vec<String>, Error> {
    let folder = state.media.clone();
    let mut hashes = blocking::run(move || folder.hashes()).await??;
    let named = state.read(rows::named).await?;
    hashes.retain(|sha256| !named.contains(sha256));
    Ok(hashes)
}
