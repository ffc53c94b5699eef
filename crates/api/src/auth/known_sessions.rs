//! Sessions that were looked up, in memory until a commit writes to the tables that they are read from: a session that was ended, or an account
//! that may do less, is seen at the next request.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use magnetiq_storage::Commits;

use super::account::Account;
use crate::{clock::Time, id::SessionId};

/// What a session and its account are read from. Both have row ids, without which commits would not tell of them.
const TABLES: [&str; 2] = ["account", "account_session"];
/// When there are more, all are forgotten.
const KEPT: usize = 10_000;

/// A session of an account that may sign in.
#[derive(Clone, Debug)]
pub(super) struct Found {
    pub(super) account: Account,
    pub(super) id: SessionId,
    pub(super) seen_at: Time,
    pub(super) expires_at: Time,
}

/// The sessions, by the hash that their token is kept as.
#[derive(Debug)]
pub(crate) struct KnownSessions {
    commits: Commits,
    kept: Mutex<Kept>,
}

#[derive(Debug, Default)]
struct Kept {
    /// As of this commit.
    number: u64,
    found: HashMap<String, Found>,
}

/// The commit that was the last one before the database was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct AsOf(u64);

impl KnownSessions {
    pub(crate) fn new(commits: Commits) -> Self {
        Self { commits, kept: Mutex::default() }
    }

    /// The session, or the moment at which it is not known: to be handed to [`keep`](Self::keep) with what is read after this.
    pub(super) fn get(&self, hash: &str) -> Result<Found, AsOf> {
        let kept = self.current();
        kept.found.get(hash).cloned().ok_or(AsOf(kept.number))
    }

    /// Keeps what was read. What may have changed meanwhile is not kept.
    pub(super) fn keep(&self, hash: String, found: &Found, as_of: AsOf) {
        let mut kept = self.current();
        if kept.number != as_of.0 {
            return;
        }
        if kept.found.len() >= KEPT {
            kept.found.clear();
        }
        kept.found.insert(hash, found.clone());
    }

    /// Forgets what a commit may have changed.
    fn current(&self) -> MutexGuard<'_, Kept> {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let number = self.commits.number();
        if number != kept.number {
            if !kept.found.is_empty() && self.commits.written_since(kept.number).iter().any(|table| TABLES.contains(&table.as_str())) {
                kept.found.clear();
            }
            kept.number = number;
        }
        kept
    }
}
