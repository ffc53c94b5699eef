//! Files that no row names: what a kill between a file and its row leaves. They are told, and stay: after a restore of the database alone, or the way
//! back to an older version, files that somebody wants have no row either, and are nowhere else.

use super::rows;
use crate::{blocking, error::Error, state::AppState};

/// Looks for them once, after a start.
pub(super) async fn tell(state: &AppState) -> Result<(), Error> {
    // Nobody is between a file and its row meanwhile.
    let _changes = state.media.changes.write().await;
    let folder = state.media.clone();
    let mut strays = blocking::run(move || folder.hashes()).await??;
    let named = state.read(rows::named).await?;
    strays.retain(|sha256| !named.contains(sha256));
    if let Some(one) = strays.first() {
        let one = state.media.path(one);
        tracing::warn!(files = strays.len(), one = %one.display(), "files of media that no row names: they stay, and are in each backup");
    }
    Ok(())
}
