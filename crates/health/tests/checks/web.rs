//! Names and ports.

use std::net::TcpListener;

use magnetiq_health::checks::{Dns, Port};

use crate::support::{expect, number, run};

#[test]
fn names() {
    let result = run(&mut Dns::new("localhost"));
    expect(&result, &[]);
    assert!(number(&result, "addresses").unwrap() >= 1.0);
    let result = run(&mut Dns::new("127.0.0.1").expecting("127.0.0.1".parse().unwrap()).expecting("127.0.0.2".parse().unwrap()));
    expect(&result, &["fail: 127.0.0.1 is 127.0.0.1 and not 127.0.0.2"]);
    // Whether a name server says so or none is reached.
    let mut unknown = Dns::new("does-not-exist.invalid");
    for _ in 0..2 {
        let told = crate::support::told(&run(&mut unknown));
        let expected = ["failed: does-not-exist.invalid is not resolved", "failed: no name server has answered"];
        assert!(told.len() == 1 && expected.iter().any(|expected| told[0].starts_with(expected)), "{told:?}");
    }
}

#[test]
fn ports() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let result = run(&mut Port::new("127.0.0.1", port));
    expect(&result, &[]);
    drop(listener);
    expect(&run(&mut Port::new("127.0.0.1", port)), &[&format!("failed: 127.0.0.1:{port} does not answer: ")]);
}
