//! An awaited read that nobody waits for any more: not run if it is still queued, interrupted if it runs.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::time_limit::Watch;

#[derive(Debug, Default)]
pub(crate) struct Cancel(Mutex<State>);

#[derive(Debug, Default)]
enum State {
    #[default]
    Queued,
    Runs(Arc<Watch>),
    Ended,
    Cancelled,
}

impl Cancel {
    pub(crate) fn is_cancelled(&self) -> bool {
        matches!(*self.state(), State::Cancelled)
    }

    /// The read runs from now on, unless nobody wants it any more.
    pub(crate) fn starts(&self, watch: &Arc<Watch>) -> bool {
        let mut state = self.state();
        if matches!(*state, State::Cancelled) {
            return false;
        }
        *state = State::Runs(Arc::clone(watch));
        true
    }

    pub(crate) fn ended(&self) {
        *self.state() = State::Ended;
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Held by the future; after the end it has no effect.
#[derive(Debug, Default)]
pub(crate) struct CancelOnDrop(pub(crate) Arc<Cancel>);

impl Drop for CancelOnDrop {
    fn drop(&mut self) {
        let mut state = self.0.state();
        match &*state {
            State::Runs(watch) => watch.expire(),
            State::Queued => {}
            State::Ended | State::Cancelled => return,
        }
        *state = State::Cancelled;
    }
}
