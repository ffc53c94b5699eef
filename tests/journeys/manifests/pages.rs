//! Headers, caches, compression; and what is said when nobody else can say anything.

use std::fs;

use magnetiq_config::PAGE_HEADERS;

use super::edge::Edge;

#[test]
fn security_headers_are_on_everything_and_once() {
    Edge::each(|edge| {
        for path in ["/", "/deep/link", "/assets/app-1.js", "/assets/none.js", "/api/v1/site", "/api/v1/none", "/metrics", "/robots.txt"] {
            let answer = edge.ask(path, &[]);
            for (name, value) in PAGE_HEADERS {
                assert_eq!(answer.all(name), [value], "{path}: {name}");
            }
            let age = answer
                .header("strict-transport-security")
                .strip_prefix("max-age=")
                .and_then(|age| age.split(';').next()?.parse::<u64>().ok());
            assert!(age.is_some_and(|age| age >= 31_536_000), "{path}: {answer:?}");
            assert_eq!(answer.header("server"), "nginx", "{path}: which version, nobody needs to know");
        }
        let policy = PAGE_HEADERS[0].1;
        assert!(policy.contains("default-src 'self'") && !policy.contains("unsafe"), "{policy}");
    });
}

#[test]
fn what_never_changes_is_kept_and_all_else_is_asked_for_again() {
    Edge::each(|edge| {
        let script = edge.ask("/assets/app-1.js", &[]);
        assert_eq!(script.header("cache-control"), "public, max-age=31536000, immutable");
        assert!(script.header("content-type").contains("javascript"), "{script:?}");
        let missing = edge.ask("/assets/none.js", &[]);
        assert_eq!((missing.status, missing.header("cache-control")), (404, "no-store"));
        assert!(!missing.text().contains("<!doctype html><title>The page"), "a missing script is no page");
        // The server says itself what is at an address, and what is not.
        for (path, status) in [("/", 200), ("/deep/link", 404)] {
            let answer = edge.ask(path, &[]);
            assert_eq!(answer.status, status, "{path}");
            let cache = answer.header("cache-control");
            assert!(cache.contains("no-cache") || cache.contains("no-store") || cache.contains("max-age=0"), "{path}: {cache:?}");
        }
    });
}

#[test]
fn text_is_compressed_and_pictures_are_not() {
    Edge::each(|edge| {
        let gzip = ["--header", "Accept-Encoding: gzip"];
        for path in ["/assets/app-1.js", "/api/openapi.json"] {
            let answer = edge.ask(path, &gzip);
            assert_eq!((answer.status, answer.header("content-encoding")), (200, "gzip"), "{path}");
            assert!(answer.all("vary").join(", ").to_lowercase().contains("accept-encoding"), "{path}: {answer:?}");
            assert_eq!(edge.ask(path, &[]).header("content-encoding"), "", "{path}: only for who takes it");
        }
        let made = fs::read(edge.folder.path("page/assets/app-1.js.gz")).unwrap();
        assert_eq!(edge.ask("/assets/app-1.js", &gzip).body, made, "what the build compressed");
        assert_eq!(edge.ask("/assets/dot-1.png", &gzip).header("content-encoding"), "");
    });
}

#[test]
fn without_the_server_the_page_and_the_api_say_so() {
    Edge::each(|mut edge| {
        edge.server.take().unwrap().kill();
        let answer = edge.ask("/api/v1/site", &[]);
        assert_eq!((answer.status, answer.header("content-type")), (502, "application/problem+json"), "{answer:?}");
        assert!(answer.text().contains("urn:magnetiq:problem:unavailable"), "{answer:?}");
        assert_eq!(edge.ask("/assets/app-1.js", &[]).status, 200);
        let page = edge.ask("/admin/pages", &[]);
        assert!(page.status == 502 && page.text().contains("The page"), "who works on the site has the page, which says it: {page:?}");
        assert_eq!((page.header("cache-control"), page.all("content-security-policy").len()), ("no-store", 1), "{page:?}");
        for path in ["/", "/deep/link"] {
            let answer = edge.ask(path, &[]);
            assert!(answer.status == 502 && answer.text().contains("Not reachable right now"), "{path}: {answer:?}");
        }
        edge.page.end();
        let answer = edge.ask("/admin", &[]);
        assert!(answer.status == 502 && answer.text().contains("Not reachable right now"), "{answer:?}");
        assert_eq!(edge.ask("/__magnetiq/style.css", &[]).status, 200);
        assert_eq!(edge.ask("/__magnetiq/unavailable.html", &[]).status, 404, "only instead of another page");
    });
}

#[test]
fn maintenance_is_a_file() {
    Edge::each(|edge| {
        fs::write(edge.folder.path("state/maintenance"), "").unwrap();
        let page = edge.ask("/deep/link", &[]);
        assert!(page.status == 503 && page.text().contains("being worked on"), "{page:?}");
        assert_eq!(page.header("retry-after"), "60");
        let api = edge.ask("/api/v1/site", &[]);
        assert_eq!((api.status, api.header("content-type"), api.header("retry-after")), (503, "application/problem+json", "60"), "{api:?}");
        assert_eq!(edge.ask("/readyz", &[]).status, 200, "whether it is up may be asked");
        fs::remove_file(edge.folder.path("state/maintenance")).unwrap();
        assert_eq!(edge.ask("/api/v1/site", &[]).status, 200);
    });
}
