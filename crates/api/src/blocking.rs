//! The one seam to blocking work that is not SQL: hashing, rendering, file writing.

use std::{sync::Arc, time::Duration};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::error::Error;

/// How long work waits for its turn before the client is told to come back.
const WAIT_MAX: Duration = Duration::from_secs(5);

/// Work of one kind, so many pieces at once: a hash takes 19 MiB and a core, an upload a descriptor and a thread.
#[derive(Clone, Debug)]
pub(crate) struct Bounded {
    what: &'static str,
    permits: Arc<Semaphore>,
}

impl Bounded {
    pub(crate) fn new(what: &'static str, at_once: usize) -> Self {
        Self { what, permits: Arc::new(Semaphore::new(at_once)) }
    }

    /// Waits for a turn: for who takes memory before there is work for a thread.
    ///
    /// # Errors
    ///
    /// [`Error::Overloaded`] when it has not come after 5 s.
    pub(crate) async fn turn(&self) -> Result<Turn, Error> {
        let overloaded = || Error::Overloaded { what: self.what };
        let permit = tokio::time::timeout(WAIT_MAX, Arc::clone(&self.permits).acquire_owned()).await;
        Ok(Turn { permit: Arc::new(permit.map_err(|_elapsed| overloaded())?.map_err(|_closed| overloaded())?) })
    }

    /// Runs `work` on the runtime's blocking threads when its turn has come.
    pub(crate) async fn run<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T, Error> {
        self.turn().await?.run(work).await
    }
}

/// One of the pieces of work that may go on at once, until all copies of it are gone.
#[derive(Clone, Debug)]
pub(crate) struct Turn {
    permit: Arc<OwnedSemaphorePermit>,
}

impl Turn {
    /// Runs `work` on the runtime's blocking threads; the turn is over with it where nobody has a copy.
    pub(crate) async fn run<T: Send + 'static>(self, work: impl FnOnce() -> T + Send + 'static) -> Result<T, Error> {
        run(move || {
            let _permit = self.permit;
            work()
        })
        .await
    }
}

/// Runs a short piece of `work` on the runtime's blocking threads.
#[expect(clippy::disallowed_methods, reason = "the one home of blocking work that is not SQL")]
pub(crate) async fn run<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, Error> {
    tokio::task::spawn_blocking(work).await.map_err(|source| Error::Panicked { source })
}
