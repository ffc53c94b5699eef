//! A watcher of many pages, and the memory that it takes.

use std::{
    fmt::Write as _,
    fs,
    io::{Read, Write},
    net::{SocketAddr, TcpListener},
    path::Path,
    process::Command,
    thread,
    time::Duration,
};

use magnetiq_tests::Server;

use crate::Bar;

/// Pages that are watched, each every ten seconds.
const PAGES: usize = 20;

pub(crate) fn bar(program: &Path, here: &Path, quick: bool) -> Bar {
    let folder = tempfile::Builder::new().prefix("bench-health-").tempdir_in(here).unwrap();
    let page = page();
    let mut settings = "profile = 'development'\n[log]\nformat = 'json'\n[healthd]\nport = 0\ninterval_s = 10\n".to_owned();
    for n in 1..=PAGES {
        write!(settings, "[healthd.sites.site{n}]\npage_url = 'http://{page}/{n}'\n").unwrap();
    }
    fs::write(folder.path().join("magnetiq.toml"), settings).unwrap();
    let mut command = Command::new(program);
    command.current_dir(folder.path()).env_clear().arg("run");
    let daemon = Server::listening(command);
    let time = Duration::from_secs(if quick { 30 } else { 180 });
    eprintln!("healthd watches {PAGES} pages for {} s", time.as_secs());
    for _ in 0..time.as_secs() {
        thread::sleep(Duration::from_secs(1));
        // Somebody looks at it, too.
        daemon.client().send("GET", "/", &[], b"").unwrap();
    }
    Bar {
        promise: "healthd: memory at most, 20 pages every 10 s, its page asked for each second",
        found: peak_mb(&daemon),
        most: 30.0,
        unit: "MB",
    }
}

/// A page that is well.
fn page() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let _ = stream.read(&mut [0; 2048]);
            let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok");
        }
    });
    address
}

/// What it took of memory when that was most.
fn peak_mb(daemon: &Server) -> f64 {
    let status = fs::read_to_string(format!("/proc/{}/status", daemon.pid())).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    line.trim().trim_end_matches(" kB").parse::<f64>().unwrap() * 1024.0 / 1e6
}
