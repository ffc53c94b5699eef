//! Whether a name is resolved.

use std::net::IpAddr;
use std::time::Instant;

use crate::check::{Check, CheckError};
use crate::deadline::Deadline;
use crate::reading::{Facts, Value};

use super::resolve::Lookup;
use super::say::{budget, time};

/// Looks a name up as every program of this machine does: with `/etc/hosts`, and the name servers of `/etc/resolv.conf`.
#[derive(Debug)]
pub struct Dns {
    name: String,
    lookup: Lookup,
    expected: Vec<IpAddr>,
}

impl Dns {
    /// Of `name`.
    pub fn new(name: &str) -> Self {
        Self { name: name.to_owned(), lookup: Lookup::new(name, 0), expected: Vec::new() }
    }

    /// It should have this address; call it once for each.
    #[must_use]
    pub fn expecting(mut self, address: IpAddr) -> Self {
        self.expected.push(address);
        self
    }
}

impl Check for Dns {
    fn run(&mut self, deadline: Deadline) -> Result<Facts, CheckError> {
        let started = Instant::now();
        let addresses = self.lookup.addresses(budget(deadline).remaining()).map_err(CheckError::failed)?;
        let took = started.elapsed();
        let mut addresses: Vec<IpAddr> = addresses.iter().map(std::net::SocketAddr::ip).collect();
        addresses.sort_unstable();
        addresses.dedup();
        let shown = addresses.iter().take(8).map(ToString::to_string).collect::<Vec<_>>().join(", ");
        let facts = Facts::new()
            .with("latency", Value::Seconds(took.as_secs_f64()))
            .with("addresses", Value::Count(addresses.len() as u64))
            .saying(format!("{} is {shown}, told in {}", self.name, time(took)));
        let missing = self.expected.iter().filter(|expected| !addresses.contains(expected));
        Ok(missing.fold(facts, |facts, missing| facts.failing(format!("{} is {shown} and not {missing}", self.name))))
    }
}
