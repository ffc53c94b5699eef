//! Whether the schema of the database is the one that the program wants.

use std::fmt;

use magnetiq_storage::refinery::Runner;
use magnetiq_storage::{Error, Store};

use crate::check::{Check, CheckError};
use crate::deadline::Deadline;
use crate::reading::{Facts, Value};

use super::say::{chain, count};

/// Compares the migrations of the program with the history in the database.
pub struct Migrations {
    store: Store,
    runner: Box<dyn Fn() -> Runner + Send>,
}

impl Migrations {
    /// Of a store of this process, and the migrations that `runner` makes.
    pub fn new(store: Store, runner: impl Fn() -> Runner + Send + 'static) -> Self {
        Self { store, runner: Box::new(runner) }
    }
}

impl Check for Migrations {
    /// Waits for a connection no longer than the store allows a read to.
    fn run(&mut self, _: Deadline) -> Result<Facts, CheckError> {
        let database = self.store.path().display();
        let plan = self.store.plan(&(self.runner)()).map_err(|error| match error {
            Error::Busy { .. } | Error::TimedOut { .. } | Error::Closed => {
                CheckError::undetermined(format!("the history of {database} could not be read: {}", chain(&error)))
            }
            error => CheckError::failed(format!("the program does not fit the database {database}: {}", chain(&error))),
        })?;
        let version = plan.from.map_or_else(|| "no version yet".to_owned(), |version| format!("version {version}"));
        let facts = Facts::new()
            .with("pending", Value::Count(plan.pending.len() as u64))
            .with("version", Value::Text(version.clone()))
            .saying(format!("the schema of {database} has {version}"));
        let names: Vec<String> = plan.pending.iter().take(5).map(|step| format!("V{}__{}", step.version, step.name)).collect();
        Ok(match names.as_slice() {
            [] => facts,
            names => facts.failing(format!("{} pending: {}", count(plan.pending.len(), "migration"), names.join(", "))),
        })
    }
}

impl fmt::Debug for Migrations {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Migrations").field("store", &self.store).finish_non_exhaustive()
    }
}
