//! The one seam to blocking work that is not SQL: password hashing and file writing.

use crate::error::Error;

/// Runs `work` on the runtime's blocking threads. The caller bounds how many run at once: a hash takes 19 MiB, a file a descriptor.
#[expect(clippy::disallowed_methods, reason = "the one home of blocking work that is not SQL")]
pub(crate) async fn run<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, Error> {
    tokio::task::spawn_blocking(work).await.map_err(|source| Error::Panicked { source })
}
