//! What is spoken, and a new certificate while people ask.

use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use rustix::process::Signal;

use super::edge::{DOMAIN, Edge, certificate};

/// Whether a handshake comes about with these options of openssl.
fn speaks(edge: &Edge, options: &[&str]) -> bool {
    let mut openssl = Command::new("openssl");
    openssl.args(["s_client", "-connect", &format!("127.0.0.1:{}", edge.https), "-servername", DOMAIN]).args(options);
    let output = openssl.stdin(Stdio::null()).output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    said.contains("Cipher is ") && !said.contains("Cipher is (NONE)")
}

#[test]
fn tls_is_what_mozilla_says() {
    Edge::each(|edge| {
        for version in ["-tls1_2", "-tls1_3"] {
            assert!(speaks(&edge, &[version]), "{version}");
        }
        for refused in
            [&["-tls1"][..], &["-tls1_1"], &["-tls1_2", "-cipher", "AES128-SHA"], &["-tls1_2", "-cipher", "ECDHE-ECDSA-AES128-SHA256"]]
        {
            let mut options = refused.to_vec();
            // What this machine's openssl would not even ask for.
            if options.len() == 1 {
                options.extend(["-cipher", "DEFAULT@SECLEVEL=0"]);
            }
            assert!(!speaks(&edge, &options), "{options:?}");
        }
        assert!(
            speaks(&edge, &["-tls1_3", "-groups", "X25519"]) && !speaks(&edge, &["-tls1_3", "-groups", "X448"]),
            "curves are those of the list"
        );
        assert_eq!(edge.ask("/", &["--http2"]).version, "HTTP/2");
        assert_eq!(edge.ask("/", &["--http1.1"]).version, "HTTP/1.1");
    });
}

#[test]
fn a_new_certificate_is_taken_up_and_nobody_notices() {
    Edge::each(|edge| {
        let serial = || {
            let mut openssl = Command::new("openssl");
            openssl.args(["s_client", "-connect", &format!("127.0.0.1:{}", edge.https), "-servername", DOMAIN]);
            let output = openssl.stdin(Stdio::null()).output().unwrap();
            String::from_utf8_lossy(&output.stdout)
                .split("-----BEGIN CERTIFICATE-----")
                .nth(1)
                .unwrap_or_default()
                .chars()
                .take(200)
                .collect::<String>()
        };
        let before = serial();
        let done = AtomicBool::new(false);
        let asked = std::thread::scope(|scope| {
            let visitor = scope.spawn(|| {
                let (mut asked, begin) = (Vec::new(), Instant::now());
                // To an end, too, where the new one never comes.
                while (!done.load(Ordering::Relaxed) && begin.elapsed() < Duration::from_secs(60)) || asked.len() < 10 {
                    // Who has the old certificate trusts it, and the new one is another: what counts is that there is an answer.
                    let answer = edge.visit("/assets/app-1.js", ["--http1.1", "--http2"][asked.len() % 2]);
                    asked.push((answer.status, answer.version));
                }
                asked
            });
            certificate(&edge.folder);
            edge.proxy.signal(Signal::HUP);
            edge.until("the new certificate", || serial() != before);
            done.store(true, Ordering::Relaxed);
            visitor.join().unwrap()
        });
        assert!(asked.iter().all(|(status, _)| *status == 200), "{asked:?}");
    });
}
