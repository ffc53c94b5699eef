//! What is tried again, and for how long.

use std::error::Error as StdError;
use std::time::{Duration, Instant};

use backon::{ExponentialBuilder, Retryable};
use object_store::client::HttpError;
use object_store::{Error, Result};

/// How often something is tried whose failure says nothing about the network: a garbled answer, a server that fails for minutes.
const ODD_ATTEMPTS: u32 = 3;

/// How long one step is tried again.
#[derive(Debug, Clone, Copy)]
pub(super) struct Patience {
    pub(super) limit: Duration,
}

impl Patience {
    /// Does `work` until it succeeds, fails for good, or the time is up. Pauses double from a fifth of a second to half a minute, with
    /// jitter, so that many hosts do not come back at once.
    pub(super) async fn attempt<T, F: Future<Output = Result<T>>>(self, work: impl FnMut() -> F) -> Result<T> {
        let started = Instant::now();
        let pauses = ExponentialBuilder::default()
            .with_jitter()
            .with_min_delay(Duration::from_millis(200))
            .with_max_delay(Duration::from_secs(30))
            .without_max_times();
        let mut odd = 0;
        work.retry(pauses)
            .when(|error| {
                let again = match kind(error) {
                    Kind::Final => false,
                    Kind::Network => true,
                    Kind::Odd => {
                        odd += 1;
                        odd < ODD_ATTEMPTS
                    }
                };
                again && started.elapsed() < self.limit
            })
            .notify(|error, pause| {
                tracing::warn!(
                    error = error as &dyn StdError,
                    pause_ms = pause.as_millis(),
                    "a request to a target failed and is repeated"
                );
            })
            .await
    }
}

enum Kind {
    Final,
    Network,
    Odd,
}

fn kind(error: &Error) -> Kind {
    match error {
        // The store's own client repeats what a server answers with 5xx, for minutes; what arrives here is a refusal, an answer that was
        // cut off, or no answer.
        Error::Generic { source, .. } if from_the_network(source.as_ref()) => Kind::Network,
        Error::Generic { .. } | Error::JoinError { .. } => Kind::Odd,
        _ => Kind::Final,
    }
}

/// Whether the failure says nothing about what the server has.
pub(super) fn is_network(error: &Error) -> bool {
    matches!(kind(error), Kind::Network)
}

fn from_the_network(error: &(dyn StdError + 'static)) -> bool {
    let mut current = Some(error);
    while let Some(error) = current {
        if error.is::<HttpError>() {
            return true;
        }
        current = error.source();
    }
    false
}
