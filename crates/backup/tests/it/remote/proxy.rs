//! Stands between a client and a server of HTTP/1.1, and breaks what it is told to break.

use std::io::{self, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// What becomes of one request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    None,
    /// Nobody answers; the connection ends.
    Hangup,
    /// The server gets so much of the body, and the connection ends.
    CutRequest(usize),
    /// The server does it; the client gets so much of the answer.
    CutAnswer(usize),
    /// An error of this status, and the server learns of nothing.
    Status(u16),
    /// No answer, and no end either.
    Stall,
    /// The answer is "done", and the server learns of nothing.
    Lie,
    /// One bit of the body is another when it arrives.
    Flip,
}

/// A request, as far as a fault may depend on it.
#[derive(Debug, Clone)]
pub(crate) struct Request {
    pub(crate) method: String,
    /// Path and query.
    pub(crate) target: String,
    pub(crate) body_bytes: usize,
}

type Choose = Box<dyn FnMut(&Request) -> Fault + Send>;

pub(crate) struct Proxy {
    pub(crate) url: String,
    seen: Arc<Mutex<Vec<Request>>>,
    choose: Arc<Mutex<Choose>>,
}

impl Proxy {
    pub(crate) fn start(server: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let (seen, choose) = (Arc::default(), Arc::new(Mutex::new(Box::new(|_: &Request| Fault::None) as Choose)));
        let proxy = Self { url, seen: Arc::clone(&seen), choose: Arc::clone(&choose) };
        let server = server.to_owned();
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (server, seen, choose) = (server.clone(), Arc::clone(&seen), Arc::clone(&choose));
                // A connection that breaks is what this is for.
                std::thread::spawn(move || pass(stream, &server, &seen, &choose).ok());
            }
        });
        proxy
    }

    /// Decides from now on, and forgets what was seen.
    pub(crate) fn breaks(&self, choose: impl FnMut(&Request) -> Fault + Send + 'static) {
        *self.choose.lock().unwrap() = Box::new(choose);
        self.seen.lock().unwrap().clear();
    }

    pub(crate) fn seen(&self) -> Vec<Request> {
        self.seen.lock().unwrap().clone()
    }
}

/// One request of a connection; it is closed after it.
fn pass(mut client: TcpStream, server: &str, seen: &Mutex<Vec<Request>>, choose: &Mutex<Choose>) -> io::Result<()> {
    let (head, mut body) = read_head(&mut client)?;
    let length = field(&head, "content-length").and_then(|value| value.parse().ok()).unwrap_or(0);
    let mut words = head.split(' ');
    let mut word = || words.next().unwrap_or_default().to_owned();
    let request = Request { method: word(), target: word(), body_bytes: length };
    let fault = (choose.lock().unwrap())(&request);
    seen.lock().unwrap().push(request.clone());
    if fault == Fault::Hangup {
        return client.shutdown(Shutdown::Both);
    }
    if fault == Fault::Stall {
        std::thread::sleep(Duration::from_secs(30));
        return Ok(());
    }
    let mut rest = vec![0; length - body.len()];
    client.read_exact(&mut rest)?;
    body.append(&mut rest);
    match fault {
        Fault::Status(status) => {
            let answer = format!("HTTP/1.1 {status} Broken\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
            return client.write_all(answer.as_bytes());
        }
        Fault::Lie => {
            let text = match request.method.as_str() {
                "POST" => "<CompleteMultipartUploadResult><ETag>\"0123\"</ETag></CompleteMultipartUploadResult>",
                _ => "",
            };
            let answer = format!("HTTP/1.1 200 OK\r\netag: \"0123\"\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{text}", text.len());
            return client.write_all(answer.as_bytes());
        }
        Fault::Flip if !body.is_empty() => {
            let middle = body.len() / 2;
            body[middle] ^= 1;
        }
        _ => {}
    }
    let mut upstream = TcpStream::connect(server)?;
    upstream.write_all(head.as_bytes())?;
    if let Fault::CutRequest(bytes) = fault {
        upstream.write_all(&body[..bytes.min(body.len())])?;
        upstream.shutdown(Shutdown::Both)?;
        return client.shutdown(Shutdown::Both);
    }
    upstream.write_all(&body)?;
    let mut answer = Vec::new();
    upstream.read_to_end(&mut answer)?;
    if let Fault::CutAnswer(bytes) = fault {
        answer.truncate(bytes);
    }
    client.write_all(&answer)?;
    client.shutdown(Shutdown::Both)
}

/// The head, told to close the connection afterwards, and what of the body came with it.
fn read_head(client: &mut TcpStream) -> io::Result<(String, Vec<u8>)> {
    let mut read = Vec::new();
    let mut buffer = [0; 8192];
    loop {
        let bytes = client.read(&mut buffer)?;
        if bytes == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        read.extend_from_slice(&buffer[..bytes]);
        if let Some(end) = read.windows(4).position(|window| window == b"\r\n\r\n") {
            let body = read.split_off(end + 4);
            let head = String::from_utf8_lossy(&read[..end]).into_owned();
            return Ok((format!("{head}\r\nconnection: close\r\n\r\n"), body));
        }
    }
}

fn field<'h>(head: &'h str, name: &str) -> Option<&'h str> {
    head.lines().find_map(|line| line.split_once(':').filter(|(found, _)| found.eq_ignore_ascii_case(name))).map(|(_, value)| value.trim())
}
