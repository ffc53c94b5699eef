//! Pages that answer, and those that do not.

use std::io::Write;
use std::net::TcpStream;

use magnetiq_health::Check;
use magnetiq_health::checks::{Http, Trust};

use super::server::{Authority, answer, listen, silent, trickle};
use crate::support::{expect, number, run, run_short, told};

fn page(port: u16) -> Http {
    Http::new(&format!("http://127.0.0.1:{port}/health")).unwrap()
}

fn serve(response: &'static str) -> u16 {
    listen(move |stream| answer(stream, response.as_bytes()))
}

const OK: &str = "HTTP/1.1 200 OK\r\nContent-Length: 39\r\n\r\n{\"status\":\"pass\",\"version\":\"1.2\",\"n\":7}\n";

#[test]
fn a_page_that_is_well() {
    let port = serve(OK);
    let result = run(&mut page(port).containing("pass").expecting_json("/version", "1.2").expecting_json("/n", "7"));
    expect(&result, &[]);
    assert_eq!((number(&result, "status"), number(&result, "body")), (Some(200.0), Some(39.0)));
}

#[test]
fn a_page_that_is_not() {
    let url = |port| format!("http://127.0.0.1:{port}/health");
    let port = serve(OK);
    expect(&run(&mut page(port).containing("<html")), &[&format!("fail: {} does not contain \"<html\"", url(port))]);
    let wrong = run(&mut page(port).expecting_json("/version", "1.3").expecting_json("/gone", "1"));
    expect(&wrong, &[&format!("fail: {} has \"1.2\" at /version", url(port)), &format!("fail: {} has nothing at /gone", url(port))]);

    let port = serve("HTTP/1.1 500 Internal Server Error\r\nContent-Length: 4\r\n\r\noops");
    let result = run(&mut page(port));
    expect(&result, &[&format!("fail: {} answered 500, wanted is 200 to 299", url(port))]);
    assert_eq!(number(&result, "status"), Some(500.0));
    expect(&run(&mut page(port).statuses(500..=500).containing("oops")), &[]);
    expect(&run(&mut page(port).statuses(500..=500).expecting_json("/a", "b")), &[&format!("fail: {} is no JSON", url(port))]);

    let port = serve("HTTP/1.1 302 Found\r\nLocation: /login\r\nContent-Length: 0\r\n\r\n");
    expect(&run(&mut page(port)), &[&format!("fail: {} answered 302", url(port))]);
}

#[test]
fn a_program_that_tells_how_it_is() {
    let look = |response| run(&mut page(serve(response)).telling_health());
    expect(&look(OK), &[]);
    let warn = "HTTP/1.1 200 OK\r\n\r\n{\"status\":\"warn\",\"state\":\"unknown\",\"output\":\"disk: full soon\\n\\nmail: late\"}";
    expect(&look(warn), &["warn: http://127.0.0.1:"]);
    assert!(told(&look(warn))[0].ends_with(" says unknown: disk: full soon; mail: late"), "{:?}", look(warn));
    let fail = "HTTP/1.1 503 Service Unavailable\r\n\r\n{\"status\":\"fail\",\"output\":\"database-write: stalled\"}";
    expect(&look(fail), &["fail: http://127.0.0.1:"]);
    assert!(told(&look(fail))[0].ends_with(" says fail: database-write: stalled"), "{:?}", look(fail));
    expect(&look("HTTP/1.1 503 Service Unavailable\r\n\r\n<html>"), &["fail: http://127.0.0.1:"]);
    expect(&look("HTTP/1.1 200 OK\r\n\r\n{\"status\":\"so so\"}"), &["fail: http://127.0.0.1:"]);
    for code in ["401 Unauthorized", "403 Forbidden"] {
        let port = listen(move |stream| answer(stream, format!("HTTP/1.1 {code}\r\n\r\n{{\"status\":\"pass\"}}").as_bytes()));
        let refused = format!("undetermined: http://127.0.0.1:{port}/health answered {}: it does not take the token", &code[..3]);
        expect(&run(&mut page(port).telling_health()), &[&refused]);
        expect(&run(&mut page(port)), &[&format!("fail: http://127.0.0.1:{port}/health answered {}", &code[..3])]);
    }
}

#[test]
fn servers_that_take_their_time() {
    for port in [
        listen(silent),
        listen(|stream| trickle(stream, "HTTP/1.1 200 OK\r\nX: ", b'x')),
        listen(|stream| trickle(stream, "HTTP/1.1 200 OK\r\n\r\n", b'x')),
        listen(|stream| trickle(stream, "HTTP/1.1 200 OK\r\nContent-Length: 9999999\r\n\r\n", b'x')),
    ] {
        let told = told(&run_short(&mut page(port)));
        assert!(told.len() == 1 && told[0].starts_with("failed: ") && told[0].contains(&port.to_string()), "{told:?}");
    }
}

#[test]
fn servers_that_talk_nonsense() {
    let endless = listen(|mut stream: TcpStream| {
        let mut alive = stream.write_all(b"HTTP/1.1 200 OK\r\n").is_ok();
        while alive {
            alive = stream.write_all(b"X: yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy\r\n").is_ok();
        }
    });
    for port in [endless, serve("no\r\n\r\n"), serve(""), serve("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nshort")] {
        let told = told(&run(&mut page(port)));
        assert!(told.len() == 1 && told[0].starts_with("failed: "), "{told:?}");
    }
}

#[test]
fn a_huge_body_is_read_to_a_mebibyte() {
    let port = listen(|mut stream: TcpStream| {
        answer(&mut stream, b"HTTP/1.1 200 OK\r\n\r\nbegin");
        let block = vec![b'x'; 1 << 16];
        while stream.write_all(&block).is_ok() {}
    });
    let result = run(&mut page(port).containing("begin"));
    expect(&result, &[]);
    assert_eq!(number(&result, "body"), Some(1_048_576.0));
    expect(&run(&mut page(port).containing("end")), &["fail: the first MiB of http://127.0.0.1:"]);
}

#[test]
fn over_tls() {
    let folder = tempfile::tempdir().unwrap();
    let authority = Authority::new();
    let pem = folder.path().join("authority.pem");
    std::fs::write(&pem, &authority.pem).unwrap();
    let signed = authority.sign("localhost", (4000, 1, 1));
    let port = listen(move |stream| {
        if let Some(stream) = signed.encrypt(stream) {
            answer(stream, OK.as_bytes());
        }
    });
    let page = |trust| run(&mut Http::new(&format!("https://localhost:{port}/")).unwrap().trust(trust));
    expect(&page(Trust::File(pem)), &[]);
    expect(&page(Trust::Anybody), &[]);
    expect(&page(Trust::Public), &[&format!("failed: https://localhost:{port}/ does not answer: ")]);
}

#[test]
fn what_is_no_address_is_refused_and_a_secret_is_not_shown() {
    for (url, problem) in [
        ("site.example/health", ""),
        ("site.example", "begins neither"),
        ("ftp://site.example", "begins neither"),
        ("http://", ""),
        ("", ""),
    ] {
        let error = Http::new(url).unwrap_err().to_string();
        assert!(error.starts_with(&format!("{url:?} is no address of a page: ")) && error.contains(problem), "{error}");
    }
    let mut http = page(1).header("authorization", "Bearer secret");
    assert!(!format!("{http:?}").contains("secret"));
    assert!(http.run(magnetiq_health::Deadline::after(std::time::Duration::ZERO)).is_err(), "no time at all");
}
