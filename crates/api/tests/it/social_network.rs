//! A stand-in for the social networks: it speaks for each of them, and keeps what it was asked.

use std::{
    collections::VecDeque,
    io::{BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    sync::{Arc, Mutex},
    time::Duration,
};

use serde_json::Value;

/// What the stand-in does next; nothing in particular: it takes the post.
#[derive(Clone, Debug)]
pub(crate) enum Next {
    Say(u16, &'static str, &'static str),
    /// It takes the post, and the connection is lost before it says so.
    Lose,
    /// It says nothing for so long.
    Wait(Duration),
}

#[derive(Clone, Debug)]
pub(crate) struct Asked {
    pub(crate) path: String,
    headers: Vec<(String, String)>,
    pub(crate) body: Value,
}

impl Asked {
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value)
    }
}

#[derive(Clone)]
pub(crate) struct Network {
    pub(crate) url: String,
    asked: Arc<Mutex<Vec<Asked>>>,
    next: Arc<Mutex<VecDeque<Next>>>,
}

impl Network {
    pub(crate) fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let network = Self { url, asked: Arc::default(), next: Arc::default() };
        let own = network.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let own = own.clone();
                std::thread::spawn(move || own.answer(stream.unwrap()));
            }
        });
        network
    }

    fn answer(&self, mut stream: TcpStream) {
        let mut reader = BufReader::new(stream.try_clone().unwrap());
        let mut line = String::new();
        if reader.read_line(&mut line).unwrap_or(0) == 0 {
            return;
        }
        let path = line.split(' ').nth(1).unwrap().to_owned();
        let mut headers = Vec::new();
        loop {
            let mut line = String::new();
            reader.read_line(&mut line).unwrap();
            let Some((name, value)) = line.trim().split_once(": ") else { break };
            headers.push((name.to_lowercase(), value.to_owned()));
        }
        let length = headers.iter().find(|(name, _)| name == "content-length").map_or(0, |(_, value)| value.parse().unwrap());
        let mut body = vec![0; length];
        reader.read_exact(&mut body).unwrap();
        let count = {
            let mut asked = self.asked.lock().unwrap();
            asked.push(Asked { path: path.clone(), headers, body: serde_json::from_slice(&body).unwrap() });
            asked.len()
        };
        let next = self.next.lock().unwrap().pop_front();
        let (status, more, body) = match next {
            Some(Next::Say(status, header, body)) => (status, header.to_owned(), body.to_owned()),
            Some(Next::Lose) => return,
            Some(Next::Wait(time)) => {
                std::thread::sleep(time);
                return;
            }
            None if path == "/rest/posts" => (201, format!("x-restli-id: urn:li:share:{count}"), String::new()),
            None if path == "/2/tweets" => (201, "x-none: 1".to_owned(), format!("{{\"data\":{{\"id\":\"{count}\"}}}}")),
            None => (200, "x-none: 1".to_owned(), format!("{{\"id\":\"{count}\",\"url\":\"https://social.example/@ana/{count}\"}}")),
        };
        let _ = write!(stream, "HTTP/1.1 {status} So\r\n{more}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}", body.len());
    }

    pub(crate) fn then(&self, next: Next) {
        self.next.lock().unwrap().push_back(next);
    }

    pub(crate) fn asked(&self) -> Vec<Asked> {
        self.asked.lock().unwrap().clone()
    }
}
