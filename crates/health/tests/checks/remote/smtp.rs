//! Mail servers that talk, and those that do not.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::sync::Arc;
use std::thread;

use magnetiq_health::checks::{Encryption, Smtp, Trust};

use super::server::{Authority, Signed, listen, silent, trickle};
use crate::support::{clock, expect, run, run_short, told};

/// Talks SMTP; true where STARTTLS was asked for and granted.
fn talk(stream: &mut (impl Read + Write), greets: bool, offer: &str) -> bool {
    if greets {
        stream.write_all(b"220 mail.example ESMTP\r\n").unwrap();
    }
    let mut line = String::new();
    // Byte by byte: what comes after STARTTLS is not ours.
    while {
        line.clear();
        BufReader::with_capacity(1, &mut *stream).read_line(&mut line).is_ok_and(|read| read > 0)
    } {
        let answer = match line.trim_end() {
            "EHLO [127.0.0.1]" => format!("250-mail.example\r\n250-SIZE 1000\r\n250 {offer}\r\n"),
            "STARTTLS" => "220 go ahead\r\n".to_owned(),
            "NOOP" => "250 ok\r\n".to_owned(),
            "QUIT" => return false,
            line => panic!("{line}"),
        };
        stream.write_all(answer.as_bytes()).and_then(|()| stream.flush()).unwrap();
        if line.trim_end() == "STARTTLS" {
            return true;
        }
    }
    false
}

fn signed(authority: &Authority) -> Arc<Signed> {
    Arc::new(authority.sign("localhost", (2027, 1, 1)))
}

fn smtp(port: u16, encryption: Encryption) -> Smtp {
    Smtp::new("localhost", port, encryption, clock(0))
}

#[test]
fn servers_that_talk() {
    let plain = listen(|mut stream: TcpStream| {
        talk(&mut stream, true, "HELP");
    });
    expect(&run(&mut smtp(plain, Encryption::None)), &[]);
    expect(&run(&mut smtp(plain, Encryption::StartTls)), &[&format!("failed: localhost:{plain}: it does not offer STARTTLS")]);

    let folder = tempfile::tempdir().unwrap();
    let authority = Authority::new();
    let pem = folder.path().join("authority.pem");
    std::fs::write(&pem, &authority.pem).unwrap();
    let certificate = signed(&authority);
    let starttls = listen(move |mut stream: TcpStream| {
        if talk(&mut stream, true, "STARTTLS") {
            talk(&mut certificate.encrypt(stream).unwrap(), false, "HELP");
        }
    });
    let certificate = signed(&authority);
    let tls = listen(move |stream: TcpStream| {
        talk(&mut certificate.encrypt(stream).unwrap(), true, "HELP");
    });
    for (port, encryption) in [(starttls, Encryption::StartTls), (tls, Encryption::Tls)] {
        expect(&run(&mut smtp(port, encryption).trust(Trust::File(pem.clone()))), &[]);
        expect(&run(&mut smtp(port, encryption).trust(Trust::Anybody)), &[]);
        expect(&run(&mut smtp(port, encryption)), &[&format!("fail: mail cannot be sent through localhost:{port}, whose certificate")]);
    }
}

#[test]
fn servers_that_do_not() {
    let silent_port = listen(silent);
    expect(
        &run_short(&mut smtp(silent_port, Encryption::None)),
        &[&format!("failed: localhost:{silent_port}: its greeting did not come in time")],
    );
    expect(&run_short(&mut smtp(silent_port, Encryption::Tls)), &["failed: "]);
    let trickling = listen(|stream| trickle(stream, "220 ", b'x'));
    expect(
        &run_short(&mut smtp(trickling, Encryption::None)),
        &[&format!("failed: localhost:{trickling}: its greeting did not come in time")],
    );

    let says = |text: &'static str| {
        listen(move |mut stream: TcpStream| {
            stream.write_all(text.as_bytes()).unwrap();
            let mut rest = Vec::new();
            let _ = stream.read_to_end(&mut rest);
            thread::yield_now();
        })
    };
    for (text, expected) in [
        ("554 go away\r\n", "it refused the connection: 554 go away"),
        ("421 busy\r\n", "it refused the connection: 421 busy"),
        ("HTTP/1.1 400 Bad Request\r\n", "its greeting could not be read: this is no answer of SMTP"),
        ("220 hello\r\n502 what?\r\n", "it refused EHLO: 502 what?"),
        ("220 hello\r\n250 hi\r\n451 later\r\n", "it refused NOOP: 451 later"),
    ] {
        let port = says(text);
        expect(&run(&mut smtp(port, Encryption::None)), &[&format!("failed: localhost:{port}: {expected}")]);
    }

    let closes = listen(drop);
    let told = told(&run(&mut smtp(closes, Encryption::None)));
    assert!(told.len() == 1 && told[0].contains(": it closed the connection") || told[0].contains("could not be"), "{told:?}");
    expect(&run(&mut smtp(1, Encryption::None)), &["failed: localhost:1 does not answer: "]);
}
