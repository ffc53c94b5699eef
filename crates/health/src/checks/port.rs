//! Whether something listens on a port.

use std::time::Instant;

use crate::check::{Check, CheckError};
use crate::deadline::Deadline;
use crate::reading::{Facts, Value};

use super::bounded::Bounded;
use super::resolve::Lookup;
use super::say::{budget, time};

/// Connects over TCP, and leaves.
#[derive(Debug)]
pub struct Port {
    name: String,
    lookup: Lookup,
}

impl Port {
    /// Of `port` on `host`, a name or an address.
    pub fn new(host: &str, port: u16) -> Self {
        Self { name: format!("{host}:{port}"), lookup: Lookup::new(host, port) }
    }
}

impl Check for Port {
    fn run(&mut self, deadline: Deadline) -> Result<Facts, CheckError> {
        let deadline = budget(deadline);
        let addresses = self.lookup.addresses(deadline.remaining()).map_err(CheckError::failed)?;
        let started = Instant::now();
        Bounded::connect(&addresses, deadline).map_err(|error| CheckError::failed(format!("{} does not answer: {error}", self.name)))?;
        let took = started.elapsed();
        Ok(Facts::new().with("latency", Value::Seconds(took.as_secs_f64())).saying(format!("{} answered in {}", self.name, time(took))))
    }
}
