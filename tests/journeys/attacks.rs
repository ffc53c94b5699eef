//! What a stranger tries, against the real server. Each of these is answered, costs little, and changes nothing.

use std::{
    fs,
    io::{Read, Write},
    net::TcpStream,
    sync::Arc,
    time::{Duration, Instant},
};

use flate2::{Compression, write::GzEncoder};
use magnetiq_tests::{Client, EMAIL, Folder, PASSWORD, Server};
use serde_json::json;

/// Clients that sign in at the same time.
const LOGINS: usize = 1_000;
/// What the server may need meanwhile.
const MEMORY_MAX: u64 = 300 << 20;

fn start(more: &str) -> (Folder, Server) {
    let folder = Folder::new();
    folder.settings(&format!(
        "profile = \"development\"\n[server]\nport = 0\n{more}\n[log]\nformat = \"json\"\n[auth]\nlogin_attempts_per_minute = 10000\n"
    ));
    let server = Server::start_new(&folder);
    (folder, server)
}

const JSON: (&str, &str) = ("content-type", "application/json");

fn cookie(client: &Client, headers: &[(&str, &str)]) -> String {
    let credentials = json!({ "email": EMAIL, "password": PASSWORD }).to_string();
    let (status, headers, text) = client.send("POST", "/api/v1/auth/login", headers, credentials.as_bytes()).unwrap();
    assert_eq!(status, 200, "{text}");
    headers["set-cookie"].to_str().unwrap().split(';').next().unwrap().to_owned()
}

/// The most memory that the server has had.
fn peak(server: &Server) -> u64 {
    let status = fs::read_to_string(format!("/proc/{}/status", server.pid())).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    line.trim().trim_end_matches(" kB").parse::<u64>().unwrap() * 1024
}

#[test]
fn a_thousand_sign_ins_at_once() {
    let (_folder, server) = start("");
    let server = Arc::new(server);
    let threads: Vec<_> = (0..LOGINS)
        .map(|n| {
            let server = Arc::clone(&server);
            let body = json!({ "email": format!("somebody{n}@example.com"), "password": "wrong horse battery" });
            let attempt = move || server.client().post("/api/v1/auth/login", &body).map(|(status, _)| status);
            std::thread::Builder::new().stack_size(256 << 10).spawn(attempt).unwrap()
        })
        .collect();
    let statuses: Vec<u16> = threads.into_iter().filter_map(|thread| thread.join().unwrap().ok()).collect();
    assert!(statuses.iter().all(|status| [401, 429, 503].contains(status)), "{statuses:?}");
    assert!(statuses.len() > LOGINS / 2, "only {} were answered", statuses.len());
    let peak = peak(&server);
    assert!(peak < MEMORY_MAX, "{} MB", peak >> 20);
    eprintln!("{} of {LOGINS} sign-ins were answered; the server had at most {} MB", statuses.len(), peak >> 20);
    assert_eq!(server.client().get("/readyz").unwrap().0, 200);
}

#[test]
fn a_session_that_somebody_else_chose_is_none() {
    let (_folder, server) = start("");
    let client = server.client();
    let chosen = "magnetiq=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
    let own = cookie(&client, &[JSON, ("cookie", chosen)]);
    assert_ne!(own, chosen);
    let me = |cookie: &str| server.client().send("GET", "/api/v1/auth/me", &[("cookie", cookie)], b"").unwrap().0;
    assert_eq!((me(&own), me(chosen)), (200, 401));
    let next = cookie(&server.client(), &[JSON, ("cookie", &own)]);
    assert_eq!((me(&next), me(&own)), (200, 401), "each sign-in has a new one, and ends the one before");
}

#[test]
fn no_name_leads_out_of_a_folder() {
    let (folder, server) = start("");
    let ana = server.sign_in();
    fs::write(folder.path("secret.txt"), "the secret").unwrap();
    let hash = "a".repeat(64);
    for path in [
        "/media/../magnetiq.sqlite3".to_owned(),
        "/media/..%2f..%2fsecret.txt".to_owned(),
        format!("/media/{hash}/..%2f..%2f..%2fsecret.txt"),
        "/media/..%5c..%5csecret.txt/x".to_owned(),
        "/assets/..%2f..%2fsecret.txt".to_owned(),
        "/assets/....//....//secret.txt".to_owned(),
        "/%2e%2e/%2e%2e/secret.txt".to_owned(),
        "/api/v1/pages/..%2f..%2fsecret.txt".to_owned(),
        "/health/..%2f..%2fsecret.txt".to_owned(),
        "/media/%00/x".to_owned(),
    ] {
        let mut stream = TcpStream::connect(&server.address).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
        write!(stream, "GET {path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n").unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).unwrap();
        let answer = String::from_utf8_lossy(&answer);
        assert!(!answer.contains("the secret") && !answer.contains("SQLite format"), "{path}: {answer}");
        assert!(!answer.starts_with("HTTP/1.1 5"), "{path}: {answer}");
    }
    for name in ["../../../secret.txt", "..\\..\\secret.txt", "/etc/passwd", "a\u{0}b.txt", "\u{202e}gnp.exe"] {
        let (status, _, media) = ana.upload(name, name.as_bytes()).unwrap();
        assert!([201, 400].contains(&status), "{name:?}: {status} {media}");
        let kept = media["name"].as_str().unwrap_or_default();
        assert!(!kept.contains(['/', '\\', '\0', '\u{202e}']) && !kept.starts_with('.'), "{name:?} became {kept:?}");
    }
    assert_eq!(fs::read_to_string(folder.path("secret.txt")).unwrap(), "the secret");
    for slug in ["../x", "a/../b", "/x", "a//b", ".trash/x", "x\u{0}"] {
        assert_eq!(ana.post("/api/v1/admin/pages", &json!({ "title": "x", "slug": slug })).unwrap().0, 422, "{slug:?}");
    }
}

#[test]
fn words_are_no_sql_and_no_headers() {
    let (_folder, server) = start("");
    let ana = server.sign_in();
    for words in
        ["'; DROP TABLE page; --", "\" OR 1=1 --", "%' UNION SELECT password_hash FROM account --", "*", "NEAR(", "a\" NOT \"b", "\u{0}"]
    {
        let encoded: String = words.bytes().map(|byte| format!("%{byte:02x}")).collect();
        for path in [
            format!("/api/v1/pages?q={encoded}"),
            format!("/api/v1/pages?tag={encoded}"),
            format!("/api/v1/pages?cursor={encoded}"),
            format!("/api/v1/pages/{encoded}"),
            format!("/api/v1/admin/pages?q={encoded}&status=draft"),
            format!("/api/v1/admin/media?q={encoded}"),
            format!("/api/v1/admin/audit?q={encoded}"),
            format!("/api/v1/admin/leads?q={encoded}"),
            format!("/api/v1/outbox?q={encoded}"),
        ] {
            let (status, answer) = ana.get(&path).unwrap();
            assert!(status < 500 && !answer.to_string().contains("$argon2"), "{path}: {status} {answer}");
        }
    }
    let (_, _, media) = ana.upload("a\"; filename=\"b.html\r\nset-cookie: x=1.txt", b"text").unwrap();
    if let Some(url) = media["url"].as_str() {
        let (_, headers, _) = ana.send("GET", url, &[], b"").unwrap();
        assert!(headers.get("set-cookie").is_none(), "{headers:?}");
    }
    let (_, page) = ana.post("/api/v1/admin/pages", &json!({ "title": "x", "body": "y" })).unwrap();
    assert_eq!(page["slug"], "x", "the tables are still there");
}

#[test]
fn fields_that_nobody_may_set() {
    let (_folder, server) = start("");
    let ana = server.sign_in();
    let tries = [
        ("/api/v1/admin/pages", json!({ "title": "x", "author": "Bo" })),
        ("/api/v1/admin/pages", json!({ "title": "x", "revision": 99 })),
        ("/api/v1/admin/pages", json!({ "title": "x", "published_at": "2020-01-01T00:00:00Z" })),
        ("/api/v1/admin/accounts", json!({ "email": "bo@example.com", "name": "Bo", "role": "viewer", "id": "1" })),
        ("/api/v1/admin/accounts", json!({ "email": "bo@example.com", "name": "Bo", "role": "owner" })),
        ("/api/v1/auth/tokens", json!({ "name": "x", "role": "viewer", "expires_at": "2030-01-01T00:00:00Z", "secret": "mgt_x" })),
        ("/api/v1/auth/login", json!({ "email": EMAIL, "password": PASSWORD, "role": "admin" })),
    ];
    for (path, body) in tries {
        let (status, answer) = ana.post(path, &body).unwrap();
        assert_eq!((status, &answer["code"]), (400, &json!("bad-request")), "{path} {body}: {answer}");
    }
}

fn gzip(content: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(content).unwrap();
    encoder.finish().unwrap()
}

#[test]
fn what_is_too_large_costs_little() {
    let (_folder, server) = start("");
    let ana = server.sign_in();
    let before = peak(&server);
    let zipped = gzip(&vec![b' '; 200 << 20]);
    let (status, _, text) = ana.send("POST", "/api/v1/admin/pages", &[JSON, ("content-encoding", "gzip")], &zipped).unwrap();
    assert_eq!(status, 415, "{text}");
    let nested = format!("{}{}", "[".repeat(200_000), "]".repeat(200_000));
    let (status, _, text) = ana.send("POST", "/api/v1/admin/pages", &[JSON], nested.as_bytes()).unwrap();
    assert_eq!(status, 400, "{text}");
    let many: String = (0..50_000).map(|n| format!("\"field{n}\":1,")).collect();
    let (status, _, text) = ana.send("POST", "/api/v1/admin/pages", &[JSON], format!("{{{many}\"title\":\"x\"}}").as_bytes()).unwrap();
    assert_eq!(status, 400, "{text}");
    for head in [
        format!("GET /{} HTTP/1.1\r\nhost: x\r\n\r\n", "x".repeat(1 << 20)),
        format!("GET / HTTP/1.1\r\nhost: x\r\nx: {}\r\n\r\n", "x".repeat(1 << 20)),
        format!("GET / HTTP/1.1\r\nhost: x\r\n{}\r\n", "x: y\r\n".repeat(10_000)),
        "POST /api/v1/auth/login HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 99999999999\r\n\r\n".to_owned(),
    ] {
        let mut stream = TcpStream::connect(&server.address).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
        // It may close before it has read all.
        let _ = stream.write_all(head.as_bytes());
        let mut answer = [0; 12];
        let _ = stream.read(&mut answer);
        let answer = String::from_utf8_lossy(&answer);
        assert!(!answer.starts_with("HTTP/1.1 2") && !answer.starts_with("HTTP/1.1 5"), "{answer}: {}", &head[..60]);
    }
    // A picture that says it is enormous, in 67 bytes.
    let bomb = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\x7f\xff\xff\xff\x7f\xff\xff\xff\x08\x02\0\0\0\x90wS\xde\0\0\0\0IEND\xaeB`\x82";
    let (status, _, _) = ana.upload("bomb.png", bomb).unwrap();
    assert!(status < 500, "{status}");
    let grown = peak(&server).saturating_sub(before);
    assert!(grown < 64 << 20, "{} MB", grown >> 20);
    assert_eq!(server.client().get("/readyz").unwrap().0, 200);
}

#[test]
fn a_request_that_never_comes_is_not_waited_for() {
    let (_folder, server) = start("request_timeout_ms = 500\nbody_timeout_ms = 500");
    let mut slow: Vec<TcpStream> = (0..200).map(|_| TcpStream::connect(&server.address).unwrap()).collect();
    let begin = Instant::now();
    for stream in &mut slow {
        stream.write_all(b"GET /livez HTTP/1.1\r\nhost: x\r\nx-slow").unwrap();
    }
    assert_eq!(server.client().get("/readyz").unwrap().0, 200, "others are served meanwhile");
    for stream in &mut slow {
        stream.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
        let mut answer = Vec::new();
        // Reset or closed, with a word or without.
        let _ = stream.read_to_end(&mut answer);
        let answer = String::from_utf8_lossy(&answer);
        assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 408"), "{answer}");
    }
    assert!(begin.elapsed() < Duration::from_secs(30), "it held them for {:?}", begin.elapsed());
}

#[test]
fn what_people_write_runs_nothing() {
    let (_folder, server) = start("");
    let ana = server.sign_in();
    let body = "<script>alert(1)</script>\n\n<img src=x onerror=alert(1)>\n\n[x](javascript:alert(1))\n\n<a href=\"data:text/html,<script>1</script>\">y</a>\n\n\
        <svg onload=alert(1)>\n\n<iframe src=//evil.example></iframe>\n\n<style>*{}</style>\n\n<form action=//evil.example><input></form>\n\n![x](x\"onerror=\"alert(1))";
    let (status, page) =
        ana.post("/api/v1/admin/pages", &json!({ "title": "<script>alert(1)</script>", "slug": "xss", "body": body })).unwrap();
    assert_eq!(status, 201, "{page}");
    let html = page["html"].as_str().unwrap().to_lowercase();
    for wrong in ["<script", "onerror=\"", " onerror=", "onload", "javascript:", "data:text", "<iframe", "<style", "<form", "<svg"] {
        assert!(!html.contains(wrong), "{wrong}: {html}");
    }
    let (_, _, media) = ana
        .upload("x\"><img src=y onerror=alert(1)>.svg", b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>")
        .unwrap();
    let (_, headers, _) = ana.send("GET", media["url"].as_str().unwrap(), &[], b"").unwrap();
    assert!(headers["content-security-policy"].to_str().unwrap().contains("sandbox"), "{headers:?}");
    assert!(!media["name"].as_str().unwrap().contains(['<', '>', '"']), "{media}");
    assert_eq!(headers["x-content-type-options"], "nosniff");
    let feed = ana.send("GET", "/feed.xml", &[], b"").unwrap().2;
    assert!(!feed.contains("<script"), "{feed}");
}
