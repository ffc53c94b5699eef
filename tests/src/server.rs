//! A running `api-server`, and somebody who talks to it.

use std::{
    io::{BufRead, BufReader},
    process::{Child, ChildStderr, Command, ExitStatus, Stdio},
    time::{Duration, Instant},
};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};
use ureq::{Agent, http::HeaderMap};

use crate::Folder;

pub const EMAIL: &str = "ana@example.com";
pub const PASSWORD: &str = "correct horse battery";

/// A server in a [`Folder`]; killed when it is dropped.
#[derive(Debug)]
pub struct Server {
    child: Child,
    pub address: String,
    /// Kept open: a server whose log nobody reads would stop at a full pipe.
    log: Option<std::thread::JoinHandle<Vec<String>>>,
}

impl Server {
    /// Starts it and waits until it answers.
    pub fn start(folder: &Folder) -> Self {
        let server = Self::listening(folder.command(&["serve"]));
        server.wait_until_ready();
        server
    }

    /// Any daemon that says in a log of JSON lines where it listens.
    pub fn listening(mut command: Command) -> Self {
        let mut child = command.stderr(Stdio::piped()).spawn().unwrap();
        let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
        let mut seen = Vec::new();
        let address = loop {
            let line = lines.next().unwrap_or_else(|| panic!("the server ended: {seen:#?}")).unwrap();
            let entry: Value = serde_json::from_str(&line).unwrap_or_default();
            if entry["message"] == "listening" {
                break entry["address"].as_str().unwrap().to_owned();
            }
            seen.push(line);
        };
        let log = std::thread::spawn(move || rest(lines, seen));
        Self { child, address, log: Some(log) }
    }

    /// Starts it on a folder where nothing is yet, with an account.
    pub fn start_new(folder: &Folder) -> Self {
        let arguments = ["admin", "create", "--email", EMAIL, "--name", "Ana", "--password-stdin"];
        folder.run(&arguments, PASSWORD).check_done();
        Self::start(folder)
    }

    /// Starts it on a folder in which there may be an account already.
    pub fn start_new_or_old(folder: &Folder) -> Self {
        if folder.run(&["admin", "list"], "").check_done().contains(EMAIL) { Self::start(folder) } else { Self::start_new(folder) }
    }

    fn wait_until_ready(&self) {
        let started = Instant::now();
        while started.elapsed() < Duration::from_secs(30) {
            let answer = ureq::get(format!("http://{}/readyz", self.address)).call();
            if answer.is_ok_and(|answer| answer.status() == 200) {
                return;
            }
            std::thread::sleep(Duration::from_millis(5));
        }
        panic!("the server is not ready after 30 s");
    }

    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    pub fn signal(&self, signal: Signal) {
        kill_process(Pid::from_child(&self.child), signal).unwrap();
    }

    /// Waits for its end; what it logged, too.
    pub fn wait(mut self) -> (ExitStatus, Vec<String>) {
        let status = self.child.wait().unwrap();
        (status, self.log.take().unwrap().join().unwrap())
    }

    pub fn kill(self) {
        self.signal(Signal::KILL);
        let (status, _) = self.wait();
        assert!(!status.success());
    }

    /// A client that is signed in.
    pub fn sign_in(&self) -> Client {
        let client = self.client();
        let (status, answer) = client.post("/api/v1/auth/login", &json!({ "email": EMAIL, "password": PASSWORD })).unwrap();
        assert_eq!(status, 200, "{answer}");
        client
    }

    pub fn client(&self) -> Client {
        let agent = Agent::config_builder().http_status_as_error(false).timeout_global(Some(Duration::from_secs(30))).build().into();
        Client { agent, base: format!("http://{}", self.address) }
    }
}

fn rest(lines: std::io::Lines<BufReader<ChildStderr>>, mut seen: Vec<String>) -> Vec<String> {
    seen.extend(lines.map_while(Result::ok));
    seen
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Somebody with cookies.
#[derive(Clone, Debug)]
pub struct Client {
    agent: Agent,
    base: String,
}

impl Client {
    pub fn get(&self, path: &str) -> Result<(u16, Value), ureq::Error> {
        let mut answer = self.agent.get(format!("{}{path}", self.base)).call()?;
        Ok((answer.status().as_u16(), answer.body_mut().read_json().unwrap_or_default()))
    }

    pub fn post(&self, path: &str, body: &Value) -> Result<(u16, Value), ureq::Error> {
        let mut answer = self.agent.post(format!("{}{path}", self.base)).send_json(body)?;
        Ok((answer.status().as_u16(), answer.body_mut().read_json().unwrap_or_default()))
    }

    /// Any request; with the headers of the answer.
    pub fn send(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Result<(u16, HeaderMap, String), ureq::Error> {
        let mut request = ureq::http::Request::builder().method(method).uri(format!("{}{path}", self.base));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let answer =
            if body.is_empty() { self.agent.run(request.body(()).unwrap())? } else { self.agent.run(request.body(body).unwrap())? };
        let (head, mut body) = answer.into_parts();
        Ok((head.status.as_u16(), head.headers, body.read_to_string()?))
    }

    /// Brings a file.
    pub fn upload(&self, name: &str, content: &[u8]) -> Result<(u16, HeaderMap, Value), ureq::Error> {
        let mut body = format!("--edge\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\n\r\n").into_bytes();
        body.extend_from_slice(content);
        body.extend_from_slice(b"\r\n--edge--\r\n");
        let kind = [("content-type", "multipart/form-data; boundary=edge")];
        let (status, headers, text) = self.send("POST", "/api/v1/admin/media", &kind, &body)?;
        Ok((status, headers, serde_json::from_str(&text).unwrap_or_default()))
    }
}
