//! What a server sends, beside what its file has.

use std::fs;
use std::net::TcpStream;

use magnetiq_health::checks::{CertificateServed, Trust};
use tempfile::TempDir;

use super::server::{Authority, Signed, listen, silent};
use crate::support::{clock, expect, number, run, run_short};

struct Site {
    folder: TempDir,
    authority: Authority,
}

impl Site {
    fn new() -> Self {
        let site = Self { folder: tempfile::tempdir().unwrap(), authority: Authority::new() };
        fs::write(site.folder.path().join("authority.pem"), &site.authority.pem).unwrap();
        site
    }

    fn serve(&self, signed: Signed) -> u16 {
        fs::write(self.folder.path().join("site.pem"), &signed.pem).unwrap();
        listen(move |stream: TcpStream| drop(signed.encrypt(stream)))
    }

    fn check(&self, port: u16) -> CertificateServed {
        CertificateServed::new("site.example", 443, clock(0))
            .at("127.0.0.1", port)
            .trust(Trust::File(self.folder.path().join("authority.pem")))
            .file(self.folder.path().join("site.pem"))
    }
}

#[test]
fn a_good_one() {
    let site = Site::new();
    let port = site.serve(site.authority.sign("site.example", (2027, 1, 1)));
    let result = run(&mut site.check(port));
    expect(&result, &[]);
    assert_eq!((number(&result, "trusted"), number(&result, "is_file"), number(&result, "chain")), (Some(1.0), Some(1.0), Some(1.0)));
}

#[test]
fn renewed_and_not_reloaded() {
    let site = Site::new();
    let port = site.serve(site.authority.sign("site.example", (2026, 11, 30)));
    fs::write(site.folder.path().join("site.pem"), site.authority.sign("site.example", (2027, 3, 1)).pem).unwrap();
    let result = run(&mut site.check(port));
    expect(&result, &[&format!("warn: 127.0.0.1:{port} sends another certificate than ")]);
    let left = number(&result, "left").unwrap();
    assert!((left - 6.5 / 90.0 * 100.0).abs() < 0.1, "of the one that is sent: {left}");
    fs::remove_file(site.folder.path().join("site.pem")).unwrap();
    let result = run(&mut site.check(port));
    expect(&result, &[]);
    assert!(number(&result, "is_file").is_none() && result.unwrap().reading("is_file").is_some());
}

#[test]
fn expired_foreign_and_unknown() {
    let site = Site::new();
    let expired = site.serve(site.authority.sign("site.example", (2026, 11, 22)));
    expect(&run(&mut site.check(expired)), &["fail: the certificate that 127.0.0.1:"]);
    let foreign = site.serve(site.authority.sign("other.example", (2027, 1, 1)));
    let told = crate::support::told(&run(&mut site.check(foreign)));
    assert!(told.len() == 1 && told[0].ends_with("is not for site.example but for other.example"), "{told:?}");
    let unknown = site.serve(Authority::new().sign("site.example", (2027, 1, 1)));
    expect(&run(&mut site.check(unknown)), &["fail: a browser would not trust the certificate that 127.0.0.1:"]);
    expect(&run(&mut site.check(unknown).trust(Trust::Public)), &["fail: a browser would not trust "]);
    expect(&run(&mut site.check(unknown).trust(Trust::Anybody)), &[]);
}

#[test]
fn no_server_that_talks_tls() {
    let site = Site::new();
    let plain = listen(|stream| super::server::answer(stream, b"HTTP/1.1 400 Bad Request\r\n\r\n"));
    expect(&run(&mut site.check(plain)), &[&format!("failed: 127.0.0.1:{plain}: the TLS handshake failed: ")]);
    let hanging = listen(silent);
    expect(&run_short(&mut site.check(hanging)), &[&format!("failed: 127.0.0.1:{hanging}: the TLS handshake failed: ")]);
    let trickling = listen(|stream| super::server::trickle(stream, "\x16\x03\x03\x30\x00", 2));
    expect(&run_short(&mut site.check(trickling)), &["failed: "]);
    expect(&run(&mut site.check(1)), &["failed: 127.0.0.1:1 does not answer: "]);
    let mut check = site.check(1).trust(Trust::File("/not/there.pem".into())).at("127.0.0.1", plain);
    expect(&run(&mut check), &[&format!("failed: 127.0.0.1:{plain}: /not/there.pem cannot be read: ")]);
}
