//! The clock against that of a server.

use magnetiq_health::checks::ClockSkew;

use super::server::{answer, listen};
use crate::support::{clock, expect, number, run};

fn off(date: &'static str) -> Result<magnetiq_health::Facts, magnetiq_health::CheckError> {
    let port = listen(move |stream| answer(stream, format!("HTTP/1.1 200 OK\r\n{date}Content-Length: 0\r\n\r\n").as_bytes()));
    run(&mut ClockSkew::new(&format!("http://127.0.0.1:{port}/"), clock(0)).unwrap())
}

#[test]
fn ahead_behind_and_in_step() {
    assert_eq!(number(&off("Date: Mon, 23 Nov 2026 12:00:00 GMT\r\n"), "off"), Some(0.0));
    for date in ["Date: Mon, 23 Nov 2026 11:50:00 GMT\r\n", "Date: Mon, 23 Nov 2026 12:10:00 GMT\r\n"] {
        let result = off(date);
        let off = number(&result, "off").unwrap();
        assert!((590.0..=600.0).contains(&off), "{result:?}");
    }
}

#[test]
fn a_server_that_does_not_tell_leaves_it_open() {
    expect(&off(""), &["undetermined: "]);
    expect(&off("Date: yesterday\r\n"), &["undetermined: "]);
    expect(&run(&mut ClockSkew::new("http://127.0.0.1:1/", clock(0)).unwrap()), &["undetermined: http://127.0.0.1:1/ does not answer"]);
}
