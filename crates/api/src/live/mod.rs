//! What happens, told while it happens: signed-in browsers hear which lists have changed, and fetch them again.
//!
//! A stream holds a number, that of the last commit it has told of, and nothing else: what changed since is asked of the store when the browser
//! has room for it. So a slow one costs no more than a fast one, and hears the same.

mod kind;
mod routes;
mod stream;

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use tokio::sync::watch;

pub(crate) use kind::Kind;
pub(crate) use routes::events;
pub(crate) use stream::Change;

use crate::{error::Error, id::AccountId};

/// Streams of one account: a browser needs one for all its windows.
const STREAMS_OF_ACCOUNT: usize = 8;
/// Streams in all; each holds a connection.
const STREAMS_MAX: usize = 500;

/// The streams that are open.
#[derive(Debug)]
pub(crate) struct Streams {
    /// Names this run of the server: commits are counted from its start.
    run: String,
    open: Arc<Mutex<HashMap<AccountId, usize>>>,
    stopping: watch::Sender<bool>,
}

impl Streams {
    /// # Errors
    ///
    /// [`Error::Internal`].
    pub(crate) fn new() -> Result<Self, Error> {
        let mut bytes = [0; 8];
        getrandom::fill(&mut bytes).map_err(|error| Error::internal("get random bytes", error))?;
        Ok(Self { run: hex::encode(bytes), open: Arc::default(), stopping: watch::Sender::new(false) })
    }

    /// Ends all streams, and lets none begin.
    pub(crate) fn stop(&self) {
        self.stopping.send_replace(true);
    }

    /// A place for one more stream; free again when it is dropped.
    ///
    /// # Errors
    ///
    /// [`Error::TooManyStreams`]; [`Error::Overloaded`] when the server stops.
    fn enter(&self, account: AccountId) -> Result<Place, Error> {
        if *self.stopping.borrow() {
            return Err(Error::Overloaded { what: "streams" });
        }
        let mut open = lock(&self.open);
        let own = open.get(&account).copied().unwrap_or_default();
        if own >= STREAMS_OF_ACCOUNT || open.values().sum::<usize>() >= STREAMS_MAX {
            return Err(Error::TooManyStreams);
        }
        open.insert(account, own + 1);
        Ok(Place { open: Arc::clone(&self.open), account })
    }
}

/// One of the streams that may be open.
#[derive(Debug)]
struct Place {
    open: Arc<Mutex<HashMap<AccountId, usize>>>,
    account: AccountId,
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut open = lock(&self.open);
        match open.get_mut(&self.account) {
            Some(count) if *count > 1 => *count -= 1,
            _ => drop(open.remove(&self.account)),
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Time;

    #[test]
    fn places_are_few_and_come_back() {
        let streams = Streams::new().unwrap();
        let (ana, bo) = (AccountId::new(Time::from_millis(1)), AccountId::new(Time::from_millis(2)));
        let places: Vec<Place> = (0..STREAMS_OF_ACCOUNT).map(|_| streams.enter(ana).unwrap()).collect();
        assert!(matches!(streams.enter(ana), Err(Error::TooManyStreams)));
        drop(streams.enter(bo).unwrap());
        drop(places);
        assert!(lock(&streams.open).is_empty());
        let accounts = (0..).map(|n| AccountId::new(Time::from_millis(n)));
        let all: Vec<Place> = accounts.map_while(|account| streams.enter(account).ok()).collect();
        assert_eq!(all.len(), STREAMS_MAX);
        drop(all);
        streams.stop();
        assert!(matches!(streams.enter(ana), Err(Error::Overloaded { .. })));
    }
}
