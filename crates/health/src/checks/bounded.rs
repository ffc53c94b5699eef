//! A connection whose every step ends at one moment, however slowly the other side sends.

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use crate::deadline::Deadline;

/// A TCP connection with a deadline for all of it: a server that sends a byte now and then does not win time.
#[derive(Debug)]
pub(crate) struct Bounded {
    stream: TcpStream,
    until: Deadline,
}

impl Bounded {
    /// Connects to the first of `addresses` that answers.
    ///
    /// # Errors
    ///
    /// What the last of them met.
    pub(crate) fn connect(addresses: &[SocketAddr], until: Deadline) -> io::Result<Self> {
        let mut last = io::Error::new(io::ErrorKind::AddrNotAvailable, "there is no address");
        for (tried, address) in (0u32..).zip(addresses) {
            // An address that swallows packets leaves time for those after it.
            let others = u32::try_from(addresses.len()).unwrap_or(u32::MAX) - tried;
            match TcpStream::connect_timeout(address, (left(until)? / others).max(Duration::from_millis(1))) {
                Ok(stream) => return Ok(Self { stream, until }),
                Err(error) => last = io::Error::new(error.kind(), format!("{address}: {error}")),
            }
        }
        Err(last)
    }
}

/// The time until then, never zero.
fn left(until: Deadline) -> io::Result<Duration> {
    until.left().ok_or_else(|| io::ErrorKind::TimedOut.into())
}

/// A time limit of a socket is `WouldBlock` on Linux.
fn named(error: io::Error) -> io::Error {
    if error.kind() == io::ErrorKind::WouldBlock { io::ErrorKind::TimedOut.into() } else { error }
}

impl Read for Bounded {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.stream.set_read_timeout(Some(left(self.until)?))?;
        self.stream.read(buffer).map_err(named)
    }
}

impl Write for Bounded {
    fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
        self.stream.set_write_timeout(Some(left(self.until)?))?;
        self.stream.write(buffer).map_err(named)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.stream.flush()
    }
}
