//! Who gets where, and who does not.

use serde_json::Value;

use super::edge::{Answer, DOMAIN, Edge};
use super::{SITE, deployment, rendered};
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

/// Paths that the Ingress leads to the server, each with whether it stands for all below it.
fn served_by_the_ingress() -> Vec<(String, bool)> {
    let files = rendered(&deployment(SITE, "1.30"));
    let ingress: Vec<Value> = serde_saphyr::from_multiple(files.get("k8s/ingress.yaml").unwrap()).unwrap();
    let paths = ingress[0]["spec"]["rules"][0]["http"]["paths"].as_array().unwrap();
    let to_backend = paths.iter().filter(|path| path["backend"]["service"]["name"] == "backend");
    to_backend.map(|path| (path["path"].as_str().unwrap().to_owned(), path["pathType"] == "Prefix")).collect()
}

/// Every address that the server names as one of its own for everybody is answered by it, and the page is nobody's substitute for a feed:
/// behind the proxy, and in a cluster, where the Ingress leads what it can name and the page's nginx passes on the rest.
#[test]
fn what_the_server_makes_is_never_the_page() {
    let by_ingress = served_by_the_ingress();
    Edge::each(|mut edge| {
        let routes = edge.folder.run(&["routes", "--json"], "");
        let routes: Vec<Value> = serde_json::from_str(routes.check_done()).unwrap();
        let is_open = |path: &str| path == "/health/features" || !(path.starts_with("/health/") || path == "/health" || path == "/metrics");
        let paths: Vec<String> = routes
            .iter()
            .filter(|route| route["method"] == "GET")
            .map(|route| route["path"].as_str().unwrap())
            .filter(|path| is_open(path))
            .map(|path| {
                let parts = path.split_inclusive(['{', '}']).map(|part| match part.strip_suffix('}') {
                    Some("language") => "de",
                    Some("part") => "1",
                    Some(_) => "x",
                    None => part.trim_end_matches('{'),
                });
                parts.collect()
            })
            .collect();
        for path in ["/de/feed.xml", "/de/atom.xml", "/sitemap-1.xml", "/robots.txt", "/healthz"] {
            assert!(paths.iter().any(|known| known == path), "{path} is a route: {paths:?}");
        }
        let under = |edge: &Edge, path: &str| edge.curl(&format!("http://{DOMAIN}:{}{path}", edge.under), &[]).unwrap();
        let needs_the_page = |path: &str| {
            !by_ingress.iter().any(|(served, all_below)| path == served || (*all_below && path.starts_with(&format!("{served}/"))))
        };
        for (path, kind) in
            [("/sitemap-1.xml", "application/xml"), ("/atom.xml", "application/atom+xml"), ("/de/feed.xml", "application/problem+json")]
        {
            for answer in [edge.ask(path, &[]), under(&edge, path)] {
                assert!(answer.header("content-type").starts_with(kind), "{path}: {answer:?}");
            }
        }
        for path in ["/metrics", "/health", "/health/database"] {
            assert_eq!(under(&edge, path).status, 404, "{path} is for who is inside");
        }
        edge.server.take().unwrap().kill();
        // Instead of an address of the site the page is there, and says so itself.
        let is_page = |answer: Answer| answer.text().contains("<title>The page</title>");
        for path in &paths {
            assert!(!is_page(edge.ask(path, &[])), "{path}, behind the proxy");
            if needs_the_page(path) {
                assert!(!is_page(under(&edge, path)), "{path}, in a cluster");
            }
        }
        assert!(is_page(under(&edge, "/de/about")));
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
