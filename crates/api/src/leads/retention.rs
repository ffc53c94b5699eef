//! Leads whose time is over are deleted, and those whose address nobody confirmed.

use std::time::Duration;

use actix_web::{rt, web::Data};

use super::rows;
use crate::{error::Error, state::AppState};

/// How often the clock is looked at.
const LOOK: Duration = Duration::from_secs(5);
/// Leads that are deleted in one write: others want to write as well.
const BATCH: u32 = 100;

async fn purge(state: &AppState) -> Result<(), Error> {
    loop {
        let now = state.clock.now();
        let expired = state.read(move |conn| rows::expired(conn, now, BATCH)).await?;
        if expired.is_empty() {
            return Ok(());
        }
        let count = expired.len();
        let letters = state.write_if_possible(move |tx| rows::erase(tx, &expired)).await?;
        tracing::info!(leads = count, letters, "leads were deleted, since their time is over");
    }
}

/// Goes on until it is aborted.
pub(crate) fn keep_purging(state: Data<AppState>) -> rt::task::JoinHandle<()> {
    rt::spawn(async move {
        let mut failed = false;
        loop {
            let purged = purge(&state).await;
            if let Err(error) = &purged
                && !failed
            {
                tracing::warn!(error = error as &dyn std::error::Error, "leads whose time is over stay for now");
            }
            failed = purged.is_err();
            rt::time::sleep(LOOK).await;
        }
    })
}
