//! Names to addresses, with a deadline.

use std::io;
use std::net::{SocketAddr, ToSocketAddrs};
use std::sync::mpsc::{Receiver, RecvTimeoutError, sync_channel};
use std::thread;
use std::time::Duration;

/// Looks one name up, each time anew.
///
/// The system's resolver cannot be interrupted, so it runs on a thread of its own. One that hangs is waited for again the next time, so
/// there is never more than one.
#[derive(Debug)]
pub(crate) struct Lookup {
    host: String,
    port: u16,
    pending: Option<Receiver<io::Result<Vec<SocketAddr>>>>,
}

impl Lookup {
    pub(crate) fn new(host: impl Into<String>, port: u16) -> Self {
        Self { host: host.into(), port, pending: None }
    }

    /// The addresses, in the order that the system prefers.
    ///
    /// # Errors
    ///
    /// A sentence that says why there are none: the name is not known, or no answer came within `limit`.
    pub(crate) fn addresses(&mut self, limit: Duration) -> Result<Vec<SocketAddr>, String> {
        let host = &self.host;
        let pending = match self.pending.take() {
            Some(pending) => pending,
            None => self.start().map_err(|error| format!("no thread to look {host} up: {error}"))?,
        };
        match pending.recv_timeout(limit) {
            Ok(Ok(addresses)) if addresses.is_empty() => Err(format!("{host} has no address")),
            Ok(Ok(addresses)) => Ok(addresses),
            Ok(Err(error)) => Err(format!("{host} is not resolved: {error}")),
            Err(RecvTimeoutError::Disconnected) => Err(format!("looking {host} up ended without an answer")),
            Err(RecvTimeoutError::Timeout) => {
                self.pending = Some(pending);
                Err(format!("no name server has answered for {host} yet"))
            }
        }
    }

    fn start(&self) -> io::Result<Receiver<io::Result<Vec<SocketAddr>>>> {
        let (sender, receiver) = sync_channel(1);
        let address = (self.host.clone(), self.port);
        thread::Builder::new().name("health-resolve".to_owned()).spawn(move || {
            // Nobody waits any more when the check is gone.
            sender.send(address.to_socket_addrs().map(Iterator::collect)).ok();
        })?;
        Ok(receiver)
    }
}
