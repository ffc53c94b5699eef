//! Whether the write-ahead log is used again, or grows.

use magnetiq_storage::Store;

use crate::check::{Check, CheckError};
use crate::deadline::Deadline;
use crate::reading::{Facts, Value};

use super::say::{bytes, chain, time};

/// Looks at the size of the write-ahead log, and at the reader that keeps it from being used again.
#[derive(Debug)]
pub struct DatabaseWal {
    store: Store,
}

impl DatabaseWal {
    /// Of a store of this process.
    pub fn new(store: Store) -> Self {
        Self { store }
    }
}

impl Check for DatabaseWal {
    /// Waits for a connection no longer than the store allows a read to.
    fn run(&mut self, _: Deadline) -> Result<Facts, CheckError> {
        let database = self.store.path().display();
        let store = self.store.facts().map_err(|error| CheckError::failed(format!("{database} cannot be read: {}", chain(&error))))?;
        let oldest = store.oldest_reader.unwrap_or_default();
        let says = match store.oldest_reader {
            Some(age) => format!("the log of {database} has {}, and a reader has been at it for {}", bytes(store.wal_bytes), time(age)),
            None => format!("the log of {database} has {}", bytes(store.wal_bytes)),
        };
        Ok(Facts::new()
            .with("size", Value::Bytes(store.wal_bytes))
            .with("oldest_reader", Value::Seconds(oldest.as_secs_f64()))
            .saying(says))
    }
}
