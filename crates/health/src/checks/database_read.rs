//! Whether the database answers a read.

use std::path::PathBuf;
use std::time::Instant;

use magnetiq_storage::{Read, ReadOnlyStore, Store};

use crate::check::{Check, CheckError};
use crate::deadline::Deadline;
use crate::reading::{Facts, Value};

use super::say::{budget, chain, time};
use super::wait;

/// Reads the list of tables, on a connection of the store's pool as every request does. A read that does not come back in time is
/// interrupted, so that it keeps no connection.
pub struct DatabaseRead {
    path: PathBuf,
    read: Box<dyn Fn() -> Read<u64> + Send>,
}

impl DatabaseRead {
    /// Of a store of this process.
    pub fn new(store: Store) -> Self {
        Self { path: store.path().to_owned(), read: Box::new(move || store.read(|conn| Ok(conn.query_row(TABLES, [], |row| row.get(0))?))) }
    }

    /// Of a database that another process owns.
    pub fn of_another(store: ReadOnlyStore) -> Self {
        Self { path: store.path().to_owned(), read: Box::new(move || store.read(|conn| Ok(conn.query_row(TABLES, [], |row| row.get(0))?))) }
    }
}

const TABLES: &str = "SELECT count(*) FROM sqlite_schema WHERE type = 'table'";

impl Check for DatabaseRead {
    fn run(&mut self, deadline: Deadline) -> Result<Facts, CheckError> {
        let started = Instant::now();
        let database = self.path.display();
        let answer = wait::until(&mut (self.read)(), budget(deadline));
        let took = started.elapsed();
        match answer {
            Some(Ok(tables)) => Ok(Facts::new()
                .with("latency", Value::Seconds(took.as_secs_f64()))
                .with("tables", Value::Count(tables))
                .saying(format!("{database} answered a read in {}", time(took)))),
            Some(Err(error)) => Err(CheckError::failed(format!("{database} cannot be read: {}", chain(&error)))),
            None => Err(CheckError::failed(format!("{database} has not answered a read for {}", time(took)))),
        }
    }
}

impl std::fmt::Debug for DatabaseRead {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("DatabaseRead").field("path", &self.path).finish_non_exhaustive()
    }
}
