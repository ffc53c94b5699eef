//! Certificates in files: good, too old, too new, for another name, and none at all.

use std::fs;

use magnetiq_health::checks::CertificateFile;
use rcgen::{CertificateParams, KeyPair, date_time_ymd};

use crate::support::{clock, expect, number, run};

/// A certificate for `names`, valid from one day to another, in PEM.
fn made(names: &[&str], from: (i32, u8, u8), until: (i32, u8, u8)) -> String {
    let mut params = CertificateParams::new(names.iter().map(ToString::to_string).collect::<Vec<_>>()).unwrap();
    params.not_before = date_time_ymd(from.0, from.1, from.2);
    params.not_after = date_time_ymd(until.0, until.1, until.2);
    params.self_signed(&KeyPair::generate().unwrap()).unwrap().pem()
}

fn check(content: &str, expected: &[&str]) -> Option<f64> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("site.pem");
    fs::write(&path, content).unwrap();
    let result = run(&mut CertificateFile::new(&path, clock(0)).name("site.example").name("www.site.example"));
    let path = path.display().to_string();
    let expected: Vec<String> = expected.iter().map(|expected| expected.replace("PATH", &path)).collect();
    expect(&result, &expected.iter().map(String::as_str).collect::<Vec<_>>());
    number(&result, "left").map(f64::round)
}

const NAMES: &[&str] = &["site.example", "*.site.example"];

#[test]
fn days_that_are_left_count_by_the_lifetime() {
    // 18.5 of 90 days; the year counts no more than three months; 3.5 of 6 days.
    assert_eq!(check(&made(NAMES, (2026, 9, 13), (2026, 12, 12)), &[]), Some(21.0));
    assert_eq!(check(&made(NAMES, (2026, 1, 1), (2027, 1, 1)), &[]), Some(43.0));
    assert_eq!(check(&made(NAMES, (2026, 11, 21), (2026, 11, 27)), &[]), Some(58.0));
}

#[test]
fn a_certificate_that_is_not_valid() {
    let left = check(&made(NAMES, (2026, 1, 1), (2026, 11, 22)), &["fail: the certificate in PATH expired 1 d 12 h ago"]);
    assert_eq!(left, Some(0.0));
    check(&made(NAMES, (2026, 12, 1), (2027, 1, 1)), &["fail: the certificate in PATH is not valid before 2026-12-01T00:00:00Z"]);
    check(
        &made(&["site.example"], (2026, 1, 1), (2027, 1, 1)),
        &["fail: the certificate in PATH is not for www.site.example but for site.example"],
    );
}

#[test]
fn a_file_with_no_certificate() {
    check("", &["failed: PATH is of no use: it has no certificate"]);
    check(
        "-----BEGIN CERTIFICATE-----\nTm90aGluZw==\n-----END CERTIFICATE-----\n",
        &["failed: PATH is of no use: it is no X.509 certificate: "],
    );
    check(&"x".repeat(2 << 20), &["failed: PATH cannot be read: larger than 1048576 bytes"]);
    let result = run(&mut CertificateFile::new("/not/there.pem", clock(0)));
    expect(&result, &["failed: /not/there.pem cannot be read: No such file"]);
}
