//! What was said, in memory and in the history. Memory counts while the process lives: a disk that is full must not make it say things again
//! and again.

use std::collections::BTreeSet;
use std::sync::{Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;
use magnetiq_storage::{Error, Store};

use super::notice::{self, Notice};
use super::plan::{BURST_WINDOW, RESOLVED_IS_NEWS};
use crate::incident::Incident;

pub(super) struct Book {
    store: Store,
    pages: Mutex<Pages>,
}

#[derive(Default)]
struct Pages {
    notices: Vec<Notice>,
    /// Those that the history does not have yet.
    unsaved: Vec<Notice>,
}

impl Book {
    /// With what an earlier process said.
    pub(super) fn open(store: Store, now: Timestamp) -> Result<Self, Error> {
        let since = now.checked_sub(RESOLVED_IS_NEWS).unwrap_or(Timestamp::MIN);
        let notices = store.read(move |conn| notice::known(conn, since)).wait()?;
        Ok(Self { store, pages: Mutex::new(Pages { notices, unsaved: Vec::new() }) })
    }

    /// Notes what was sent, for ever as soon as the disk takes it.
    pub(super) fn record(&self, sent: Vec<Notice>) {
        let mut pages = self.pages();
        pages.notices.extend(sent.iter().cloned());
        pages.unsaved.extend(sent);
        drop(pages);
        self.save();
    }

    /// Writes down what could not be written before.
    pub(super) fn save(&self) {
        let unsaved = std::mem::take(&mut self.pages().unsaved);
        if unsaved.is_empty() {
            return;
        }
        let rows = unsaved.clone();
        if let Err(error) = self.store.write(move |tx| notice::save(tx, &rows)).wait() {
            tracing::error!(
                error = &error as &dyn std::error::Error,
                "what was sent is not written down: after a restart it is sent again"
            );
            self.pages().unsaved.extend(unsaved);
        }
    }

    /// What was said of these incidents, and lately of any.
    pub(super) fn about(&self, incidents: &[Incident], now: Timestamp) -> Vec<Notice> {
        let wanted: BTreeSet<i64> = incidents.iter().map(|incident| incident.id).collect();
        let mut pages = self.pages();
        pages.notices.retain(|notice| wanted.contains(&notice.incident) || now.duration_since(notice.sent_at).abs() < BURST_WINDOW);
        pages.notices.clone()
    }

    fn pages(&self) -> MutexGuard<'_, Pages> {
        self.pages.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
