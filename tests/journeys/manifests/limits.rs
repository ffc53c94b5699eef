//! How much one address may ask for, and how large it may be.

use std::fs;

use super::edge::{DOMAIN, Edge};

#[test]
fn bodies_that_are_too_large_are_refused_in_the_words_of_the_api() {
    Edge::each(|edge| {
        let body = edge.folder.path("body");
        let sent_by = |method: &str, path: &str, size: usize| {
            fs::write(&body, vec![b'x'; size]).unwrap();
            let file = format!("@{}", body.display());
            let headers = ["--header", "Content-Type: application/json", "--header", "Expect:"];
            edge.ask(path, &[&headers[..], &["--request", method, "--data-binary", &file]].concat())
        };
        let sent = |path: &str, size: usize| sent_by("POST", path, size);
        let large = sent("/api/v1/admin/pages", 30_000);
        assert_eq!((large.status, large.header("content-type")), (413, "application/problem+json"), "{large:?}");
        assert!(large.text().contains("upload-too-large"), "{large:?}");
        assert_eq!(sent("/api/v1/admin/pages", 10_000).status, 401, "what fits comes to the server");
        assert_eq!(sent("/api/v1/admin/media", 100_000).status, 401, "a file may be larger");
        assert_eq!(sent("/api/v1/admin/media", 400_000).status, 413);
        let content = "/api/v1/admin/media/01936c3e-0000-7000-8000-000000000000/content";
        assert_eq!(sent_by("PUT", content, 100_000).status, 401, "a file that replaces another may be as large");
        assert_eq!(sent_by("PUT", content, 400_000).status, 413);
        let part = sent_by("PATCH", "/api/v1/admin/media/uploads/01936c3e-0000-7000-8000-000000000000", 300_000);
        assert_ne!(part.status, 413, "a part may be as large as a file in parts: {part:?}");
    });
}

/// Asks for the same many times at once.
fn burst(edge: &Edge, path: &str, count: usize) -> Vec<u16> {
    let url = format!("https://{DOMAIN}:{}{path}", edge.https);
    let urls = format!("{url}?[1-{count}]");
    let mut curl = std::process::Command::new("curl");
    curl.args(["--silent", "--max-time", "60", "--noproxy", "*", "--resolve", &format!("{DOMAIN}:{}:127.0.0.1", edge.https)]);
    curl.args(["--parallel", "--parallel-immediate", "--parallel-max", "40", "--write-out", "%{http_code}\\n", "--output", "/dev/null"]);
    curl.arg("--cacert").arg(edge.folder.path("tls/live/fullchain.pem"));
    let output = curl.arg(urls).output().unwrap();
    String::from_utf8_lossy(&output.stdout).lines().filter_map(|line| line.trim().parse().ok()).collect()
}

#[test]
fn who_asks_too_often_is_told_to_wait_and_files_are_not_counted() {
    Edge::each(|edge| {
        let files = burst(&edge, "/assets/app-1.js", 120);
        assert!(files.len() == 120 && files.iter().all(|status| *status == 200), "{files:?}");
        let asked = burst(&edge, "/api/v1/site", 120);
        assert_eq!(asked.len(), 120, "{asked:?}");
        assert!(
            asked.contains(&429) && asked.contains(&200) && asked.iter().all(|status| [200, 429].contains(status)),
            "never 503: {asked:?}"
        );
        let answer = edge.ask("/api/v1/site", &[]);
        if answer.status == 429 {
            assert!(answer.text().contains("urn:magnetiq:problem:too-many-requests") && answer.header("retry-after") == "10", "{answer:?}");
        }

        let body =
            ["--header", "Content-Type: application/json", "--data", r#"{"email":"nobody@example.org","password":"wrong wrong wrong"}"#];
        let asked: Vec<_> = (0..8).map(|_| edge.ask("/api/v1/auth/login", &body)).collect();
        let refused: Vec<_> = asked.iter().filter(|answer| answer.status == 429 && answer.text().contains("too-many-requests")).collect();
        assert!(!refused.is_empty() && asked[0].status == 401, "{asked:?}");
        assert!(refused.iter().all(|answer| answer.header("retry-after") == "10"), "{refused:?}");
    });
}
