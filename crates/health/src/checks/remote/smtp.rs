//! Whether a mail server talks.

use std::io::{self, Read, Write};
use std::time::Instant;

use jiff::Timestamp;

use crate::check::{Check, CheckError};
use crate::checks::bounded::Bounded;
use crate::checks::resolve::Lookup;
use crate::checks::say::{budget, time};
use crate::clock::Clock;
use crate::deadline::Deadline;
use crate::reading::{Facts, Value};

use super::reply::Reply;
use super::tls::{self, Trust};

/// How a conversation with a mail server is encrypted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Encryption {
    /// From a point on, usually on port 587: the server has to offer STARTTLS.
    #[default]
    StartTls,
    /// From the start, usually on port 465.
    Tls,
    /// Not at all: for a server on this machine.
    None,
}

/// Says hello to a mail server, encrypts as mail would be, asks for nothing and leaves: no mail is sent and no password told.
#[derive(Debug)]
pub struct Smtp {
    host: String,
    name: String,
    lookup: Lookup,
    encryption: Encryption,
    trust: Trust,
    clock: Clock,
}

impl Smtp {
    /// Of the server on `host` and `port`.
    pub fn new(host: &str, port: u16, encryption: Encryption, clock: Clock) -> Self {
        let (lookup, name) = (Lookup::new(host, port), format!("{host}:{port}"));
        Self { host: host.to_owned(), name, lookup, encryption, trust: Trust::default(), clock }
    }

    /// Trusts others than the public authorities.
    #[must_use]
    pub fn trust(self, trust: Trust) -> Self {
        Self { trust, ..self }
    }

    fn talk(&mut self, deadline: Deadline) -> Result<Option<String>, String> {
        let addresses = self.lookup.addresses(deadline.remaining())?;
        let mut stream = Bounded::connect(&addresses, deadline).map_err(|error| format!("{} does not answer: {error}", self.name))?;
        let now = self.clock.now().wall;
        let talked = match self.encryption {
            Encryption::None => greet(&mut stream).and_then(|_| leave(&mut stream)).map(|()| None),
            Encryption::Tls => self.encrypt(stream, now, |stream| greet(stream).map(|_| ())),
            Encryption::StartTls => greet(&mut stream).and_then(|hello| start_tls(&mut stream, &hello)).and_then(|()| {
                // The first hello is forgotten with the change.
                self.encrypt(stream, now, |stream| say(stream, HELLO, "EHLO").map(|_| ()))
            }),
        };
        talked.map_err(|error| format!("{}: {error}", self.name))
    }

    /// Encrypts, talks on, and returns why the server's certificate is not to be trusted, where it is not.
    fn encrypt(
        &self,
        stream: Bounded,
        now: Timestamp,
        begin: impl FnOnce(&mut dyn Talk) -> Result<(), String>,
    ) -> Result<Option<String>, String> {
        let (served, mut stream) = tls::handshake(stream, &self.host, &self.trust, now)?;
        begin(&mut stream)?;
        leave(&mut stream)?;
        Ok(served.distrust)
    }
}

impl Check for Smtp {
    fn run(&mut self, deadline: Deadline) -> Result<Facts, CheckError> {
        let started = Instant::now();
        let distrust = self.talk(budget(deadline)).map_err(CheckError::failed)?;
        let took = started.elapsed();
        let name = &self.name;
        let facts = Facts::new().with("latency", Value::Seconds(took.as_secs_f64())).saying(format!("{name} talked for {}", time(took)));
        Ok(match distrust {
            Some(why) => facts.failing(format!("mail cannot be sent through {name}, whose certificate is not to be trusted: {why}")),
            None => facts,
        })
    }
}

/// An address as a name: the server has no use for one of a machine behind a router.
const HELLO: &str = "EHLO [127.0.0.1]";

trait Talk: Read + Write {}
impl<T: Read + Write> Talk for T {}

/// Waits for the greeting and says hello.
fn greet(stream: &mut dyn Talk) -> Result<Reply, String> {
    accepted(hear(stream, "its greeting")?, "the connection")?;
    say(stream, HELLO, "EHLO")
}

fn start_tls(stream: &mut dyn Talk, hello: &Reply) -> Result<(), String> {
    if !hello.offers("STARTTLS") {
        return Err("it does not offer STARTTLS".to_owned());
    }
    say(stream, "STARTTLS", "STARTTLS").map(|_| ())
}

fn leave(stream: &mut dyn Talk) -> Result<(), String> {
    say(stream, "NOOP", "NOOP")?;
    // Whatever it answers, it was there.
    stream.write_all(b"QUIT\r\n").and_then(|()| stream.flush()).ok();
    Ok(())
}

fn say(stream: &mut dyn Talk, line: &str, word: &str) -> Result<Reply, String> {
    stream
        .write_all(format!("{line}\r\n").as_bytes())
        .and_then(|()| stream.flush())
        .map_err(|error| format!("{word} could not be sent: {error}"))?;
    accepted(hear(stream, &format!("its answer to {word}"))?, word)
}

fn hear(mut stream: &mut dyn Talk, what: &str) -> Result<Reply, String> {
    Reply::read(&mut stream).map_err(|error| match error.kind() {
        io::ErrorKind::TimedOut => format!("{what} did not come in time"),
        io::ErrorKind::UnexpectedEof => format!("it closed the connection instead of {what}"),
        _ => format!("{what} could not be read: {error}"),
    })
}

fn accepted(reply: Reply, what: &str) -> Result<Reply, String> {
    if reply.is_positive() { Ok(reply) } else { Err(format!("it refused {what}: {}", reply.told())) }
}
