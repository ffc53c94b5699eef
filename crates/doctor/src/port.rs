//! Who listens on a port of this machine.

use listeners::{Protocol, SocketState};

/// A process that listens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Holder {
    /// File name of its program.
    pub program: String,
    /// Its number.
    pub pid: u32,
}

/// Who listens on the TCP port `port`; `None` where nobody does, or a program of another user, which only root sees.
pub fn holder(port: u16) -> Option<Holder> {
    let all = listeners::get_all().unwrap_or_default();
    let listens =
        |found: &&listeners::Listener| found.socket.port() == port && found.protocol == Protocol::TCP && found.state == SocketState::Listen;
    all.iter().find(listens).map(|found| Holder { program: found.process.name.clone(), pid: found.process.pid })
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;

    use super::holder;

    #[test]
    fn the_holder_of_a_port_is_named() {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let port = listener.local_addr().expect("an address").port();
        assert_eq!(holder(port).expect("it is held").pid, std::process::id());
        drop(listener);
        assert_eq!(holder(port), None);
    }
}
