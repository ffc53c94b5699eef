//! A server on this machine that a site or a webhook is, and what it was asked.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use serde_json::Value;

/// What a server on this machine does with a request.
#[derive(Debug, Clone)]
pub(super) enum Answer {
    Code(u16),
    Redirect(String),
    /// Refuses what has this in it, and takes the rest.
    Refuse(&'static str),
    /// Takes it and says nothing.
    Hang,
    /// 200, after a while.
    Late(Duration),
}

/// A site, or what a webhook points to.
pub(super) struct Place {
    pub(super) address: SocketAddr,
    /// For the requests to come; the last one stays.
    answers: Arc<Mutex<Vec<Answer>>>,
    requests: Arc<Mutex<Vec<Request>>>,
    ended: Arc<AtomicBool>,
}

#[derive(Debug, Clone)]
pub(super) struct Request {
    head: String,
    body: String,
}

impl Request {
    pub(super) fn header(&self, name: &str) -> &str {
        let lines = self.head.lines().filter_map(|line| line.split_once(": "));
        lines.into_iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map_or("", |(_, value)| value)
    }

    pub(super) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }
}

impl Place {
    pub(super) fn start(answers: &[Answer]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let place = Self {
            address: listener.local_addr().unwrap(),
            answers: Arc::new(Mutex::new(answers.to_vec())),
            requests: Arc::default(),
            ended: Arc::default(),
        };
        let (answers, requests, ended) = (place.answers.clone(), place.requests.clone(), place.ended.clone());
        std::thread::spawn(move || {
            let mut hanging = Vec::new();
            for stream in listener.incoming() {
                if ended.load(Ordering::Relaxed) {
                    return;
                }
                let mut stream = stream.unwrap();
                let Some(request) = request(&stream) else { continue };
                requests.lock().unwrap().push(request.clone());
                let mut answers = answers.lock().unwrap();
                let answer = if answers.len() > 1 { answers.remove(0) } else { answers[0].clone() };
                let (code, more) = match answer {
                    Answer::Hang => {
                        hanging.push(stream);
                        continue;
                    }
                    Answer::Code(code) => (code, String::new()),
                    Answer::Late(pause) => {
                        std::thread::sleep(pause);
                        (200, String::new())
                    }
                    Answer::Refuse(word) => (if request.body.contains(word) { 400 } else { 200 }, String::new()),
                    Answer::Redirect(to) => (302, format!("Location: {to}\r\n")),
                };
                // Who hangs up need not be told.
                let _ = write!(stream, "HTTP/1.1 {code} Told\r\n{more}Content-Length: 6\r\nConnection: close\r\n\r\nanswer");
            }
        });
        place
    }

    pub(super) fn well() -> Self {
        Self::start(&[Answer::Code(200)])
    }

    pub(super) fn answers(&self, answers: &[Answer]) {
        *self.answers.lock().unwrap() = answers.to_vec();
    }

    pub(super) fn url(&self) -> String {
        format!("http://{}/hook", self.address)
    }

    pub(super) fn requests(&self) -> Vec<Request> {
        self.requests.lock().unwrap().clone()
    }

    /// Waits for so many requests.
    #[track_caller]
    pub(super) fn wait(&self, count: usize) -> Vec<Request> {
        wait("request", || self.requests(), |requests| requests.len() >= count)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.ended.store(true, Ordering::Relaxed);
        // Wakes it up.
        let _ = TcpStream::connect(self.address);
    }
}

/// `None` where whoever connected said nothing.
fn request(stream: &TcpStream) -> Option<Request> {
    let mut reader = BufReader::new(stream);
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        if reader.read_line(&mut head).ok()? == 0 {
            return None;
        }
    }
    let request = Request { head, body: String::new() };
    let mut body = vec![0; request.header("Content-Length").parse().unwrap_or(0)];
    reader.read_exact(&mut body).ok()?;
    Some(Request { body: String::from_utf8(body).unwrap(), ..request })
}

#[track_caller]
pub(super) fn wait<T: std::fmt::Debug>(what: &str, look: impl Fn() -> T, fits: impl Fn(&T) -> bool) -> T {
    let started = Instant::now();
    loop {
        let seen = look();
        if fits(&seen) {
            return seen;
        }
        assert!(started.elapsed() < Duration::from_secs(90), "no {what}: {seen:#?}");
        std::thread::sleep(Duration::from_millis(20));
    }
}
