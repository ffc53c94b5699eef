//! Who gets where, and who does not.

use serde_json::Value;

use super::edge::{DOMAIN, Edge};
use magnetiq_tests::{EMAIL, PASSWORD};

#[test]
fn everybody_comes_to_the_one_address() {
    Edge::each(|edge| {
        let plain = edge.curl(&format!("http://{DOMAIN}:{}/a/b?c=d%20e&f", edge.http), &[]).unwrap();
        assert_eq!((plain.status, plain.header("location")), (301, "https://www.example.org/a/b?c=d%20e&f"), "path and query stay");
        let alias = edge.curl(&format!("https://example.org:{}/a?b=c", edge.https), &[]).unwrap();
        assert_eq!((alias.status, alias.header("location")), (301, "https://www.example.org/a?b=c"));
        // The authority asks over http, and gets what it asks for.
        let challenge = edge.curl(&format!("http://example.org:{}/.well-known/acme-challenge/token", edge.http), &[]).unwrap();
        assert_eq!((challenge.status, challenge.text().as_str()), (200, "token.thumbprint"));

        let nobody = edge.curl(&format!("http://other.example.net:{}/", edge.http), &[]).unwrap_err();
        assert!(nobody.contains("Empty reply"), "{nobody}");
        let nobody = edge.curl(&format!("https://other.example.net:{}/", edge.https), &["--insecure"]).unwrap_err();
        assert!(nobody.contains("alert") || nobody.contains("unrecognized"), "no handshake for a host that is not ours: {nobody}");
        let nobody = edge.ask("/", &["--header", "Host: other.example.net"]);
        assert!(nobody.status == 0 || nobody.status == 421, "another host within our handshake: {nobody:?}");
    });
}

#[test]
fn what_tells_how_the_site_is_stays_inside() {
    Edge::each(|edge| {
        for path in ["/metrics", "/health", "/health/", "/health/database", "/metrics/x", "/.env", "/assets/../.env", "/.git/config"] {
            let answer = edge.ask(path, &["--header", "Authorization: Bearer f1d2d2f924e986ac86fd"]);
            assert_eq!(answer.status, 404, "{path}: {answer:?}");
            assert!(!answer.text().contains("secret"), "{path}");
        }
        for path in ["/readyz", "/livez", "/health/features"] {
            assert_eq!(edge.ask(path, &[]).status, 200, "{path}");
        }
        assert_eq!(edge.ask("/robots.txt", &[]).status, 200, "made by the server");
        assert_eq!(edge.ask("/api/v1/pages/none%2Fof%20these", &[]).status, 404, "the address comes to the server as it was");
    });
}

#[test]
fn who_asked_cannot_be_forged() {
    Edge::each(|edge| {
        let forged =
            ["--header", "X-Forwarded-For: 203.0.113.9", "--header", "Forwarded: for=203.0.113.9", "--header", "X-Real-IP: 203.0.113.9"];
        let cookies = edge.folder.path("cookies").display().to_string();
        let body = serde_json::json!({ "email": EMAIL, "password": PASSWORD }).to_string();
        let mut arguments = vec!["--cookie-jar", &cookies, "--header", "Content-Type: application/json", "--data", &body];
        arguments.extend(forged);
        let signed_in = edge.ask("/api/v1/auth/login", &arguments);
        assert_eq!(signed_in.status, 200, "{signed_in:?}");
        assert!(signed_in.header("set-cookie").contains("Secure"), "the server knows that it is https");
        let sessions = edge.ask("/api/v1/auth/sessions", &["--cookie", &cookies]);
        let sessions: Value = serde_json::from_slice(&sessions.body).unwrap();
        let text = sessions.to_string();
        assert!(text.contains("\"address\":\"127.0.0.1\"") && !text.contains("203.0.113.9"), "{text}");
    });
}
