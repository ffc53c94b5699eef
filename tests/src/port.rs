//! A port for a program that has to be told one.

use std::{
    fs::{self, File},
    net::TcpListener,
    sync::Mutex,
};

/// Below the ports that the system gives to whoever asks for any, and to connections.
const FIRST: u16 = 20_000;
const COUNT: u16 = 10_000;

/// A free one on loopback that no other test has until this process ends, whether it is taken or not.
pub fn free_port() -> u16 {
    static HELD: Mutex<Vec<File>> = Mutex::new(Vec::new());
    let folder = std::env::temp_dir().join("magnetiq-test-ports");
    fs::create_dir_all(&folder).unwrap();
    let start = u16::try_from(std::process::id() % u32::from(COUNT)).unwrap();
    let ports = (0..COUNT).map(|n| FIRST + (start + n) % COUNT);
    let (port, lock) = ports
        .filter_map(|port| File::create(folder.join(port.to_string())).ok().map(|lock| (port, lock)))
        .find(|(port, lock)| lock.try_lock().is_ok() && TcpListener::bind(("127.0.0.1", *port)).is_ok())
        .expect("all ports are taken");
    HELD.lock().unwrap().push(lock);
    port
}
