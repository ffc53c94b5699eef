//! A server that speaks S3: moto, of PyPI.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};

/// A running server, with one bucket for whoever asks.
pub(crate) struct Moto {
    child: Child,
    pub(crate) address: String,
}

impl Moto {
    /// Starts it on a port that is free; `None`, said loudly, where it cannot be had.
    pub(crate) fn start() -> Option<Self> {
        let own = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/tools/moto_server/bin/moto_server");
        let program = if own.is_file() { own } else { "moto_server".into() };
        let started = Command::new(program).args(["-H", "127.0.0.1", "-p", "0"]).stdout(Stdio::null()).stderr(Stdio::piped()).spawn();
        let mut child = match started {
            Ok(child) => child,
            Err(error) => {
                let ci = magnetiq_config::environment().get("CI").is_some_and(|value| !["", "0", "false"].contains(&value.as_str()));
                assert!(!ci, "may not be skipped in CI: no moto_server: {error}");
                eprintln!("SKIPPED: no moto_server: {error}; `cargo xtask test` installs it");
                return None;
            }
        };
        // It says where it listens, and goes on to say what it answers.
        let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
        let address =
            lines.find_map(|line| Some(line.unwrap().split_once("Running on http://")?.1.trim().to_owned())).expect("moto did not start");
        std::thread::spawn(move || lines.for_each(drop));
        Some(Self { child, address })
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Makes a bucket and returns its URL.
    pub(crate) fn bucket(&self, name: &str) -> String {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        let request = format!(
            "PUT /{name} HTTP/1.1\r\nhost: {}\r\nauthorization: AWS4-HMAC-SHA256 Credential=test/20261123/us-east-1/s3/aws4_request\r\ncontent-length: 0\r\nconnection: close\r\n\r\n",
            self.address
        );
        stream.write_all(request.as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
        format!("s3://{name}")
    }
}

impl Drop for Moto {
    fn drop(&mut self) {
        // The program in PATH may be a script that started the server: it goes with what it started when its input ends, or by this.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
