//! What keeps the database quick: the statistics of the query planner are refreshed at each start by the store itself, and once a day here.

use std::{
    fs, io,
    path::{Path, PathBuf},
    time::Duration,
};

use actix_web::{rt, web::Data};
use jiff::Timestamp;
use magnetiq_storage::Task;

use crate::{
    blocking,
    clock::{Clock, Time},
    state::AppState,
};

const EVERY: Duration = Duration::from_secs(24 * 60 * 60);

/// When the database at `path` was last kept up; `None` where that was never written down.
pub fn last(path: &Path) -> Option<Time> {
    let text = fs::read_to_string(note(path)).ok()?;
    text.trim().parse::<Timestamp>().ok().map(Time::from)
}

/// Written beside the database, so that people and the doctor see it without a server.
fn note(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".upkeep");
    name.into()
}

fn write(path: &Path, clock: &Clock) -> io::Result<()> {
    let (note, temporary) = (note(path), note(path).with_extension("upkeep-new"));
    fs::write(&temporary, format!("{}\n", clock.now()))?;
    fs::rename(temporary, note)
}

/// Goes on until it is aborted.
pub(crate) fn keep_up(state: Data<AppState>) -> rt::task::JoinHandle<()> {
    rt::spawn(async move {
        noted(&state).await;
        loop {
            rt::time::sleep(EVERY).await;
            let store = state.store.clone();
            let done = blocking::run(move || store.maintain(Task::Optimize)).await;
            match done.and_then(|done| Ok(done?)) {
                Ok(_) => noted(&state).await,
                Err(error) => {
                    let error = &error as &dyn std::error::Error;
                    tracing::warn!(error, "the query planner keeps its old statistics for now");
                }
            }
        }
    })
}

async fn noted(state: &Data<AppState>) {
    let (path, clock) = (state.store.path().to_owned(), state.clock.clone());
    if let Ok(Err(error)) = blocking::run(move || write(&path, &clock)).await {
        tracing::warn!(%error, "it is not written down that the database was kept up");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_noted_is_read_and_nonsense_is_none() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("site.sqlite3");
        assert_eq!(last(&path), None);
        write(&path, &Clock::system()).unwrap();
        assert!(last(&path).is_some());
        fs::write(note(&path), "yesterday").unwrap();
        assert_eq!(last(&path), None);
    }
}
