//! What a stranger tries with requests that lie: sent by another site, cut in two, with a name that is not the site's, slowly.

use std::{
    io::{Read, Write},
    net::TcpStream,
    time::{Duration, Instant},
};

use magnetiq_tests::{Client, EMAIL, Folder, PASSWORD, Server};
use serde_json::{Value, json};

fn start(more: &str) -> (Folder, Server) {
    let folder = Folder::new();
    folder.settings(&format!(
        "profile = \"development\"\n[server]\nport = 0\npublic_url = \"http://www.example.com\"\n{more}\n[log]\nformat = \"json\"\n[auth]\n\
         login_attempts_per_minute = 10000\n"
    ));
    let server = Server::start_new(&folder);
    (folder, server)
}

/// Everything that the server says to these bytes, until it closes.
fn raw(server: &Server, request: &[u8]) -> String {
    let mut stream = TcpStream::connect(&server.address).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    stream.write_all(request).unwrap();
    let mut answer = Vec::new();
    // Closed or reset.
    let _ = stream.read_to_end(&mut answer);
    String::from_utf8_lossy(&answer).into_owned()
}

fn pages(client: &Client) -> usize {
    client.get("/api/v1/admin/pages").unwrap().1["items"].as_array().unwrap().len()
}

#[test]
fn another_site_can_not_act_for_somebody() {
    let (_folder, server) = start("");
    let ana = server.sign_in();
    let host = server.address.clone();
    let own = format!("http://{host}");
    for (headers, kind, is_done) in [
        (vec![("origin", "https://evil.example")], "application/json", false),
        (vec![("origin", "null")], "application/json", false),
        (vec![("origin", "http://www.example.com.evil.example")], "application/json", false),
        (vec![("sec-fetch-site", "cross-site")], "application/json", false),
        (vec![("sec-fetch-site", "same-site")], "application/json", false),
        (vec![("sec-fetch-site", "cross-site"), ("origin", "https://evil.example")], "application/json", false),
        // What a form on another page can send without asking first.
        (vec![], "text/plain", false),
        (vec![], "application/x-www-form-urlencoded", false),
        (vec![("origin", own.as_str())], "application/json", true),
        (vec![("origin", "http://www.example.com"), ("sec-fetch-site", "cross-site")], "application/json", true),
        (vec![("sec-fetch-site", "same-origin")], "application/json", true),
    ] {
        let before = pages(&ana);
        let page = json!({ "title": format!("Page {before}"), "body": "x" }).to_string();
        let mut headers = headers;
        headers.push(("content-type", kind));
        let (status, _, text) = ana.send("POST", "/api/v1/admin/pages", &headers, page.as_bytes()).unwrap();
        assert_eq!(status == 201, is_done, "{headers:?}: {status} {text}");
        assert_eq!(pages(&ana) - before, usize::from(is_done), "{headers:?}");
    }
    // Neither with other methods, nor to sign somebody in or out.
    let evil = [("origin", "https://evil.example"), ("content-type", "application/json")];
    let credentials = json!({ "email": EMAIL, "password": PASSWORD }).to_string();
    for (method, path, body) in [
        ("POST", "/api/v1/auth/login", credentials.as_str()),
        ("POST", "/api/v1/auth/logout", ""),
        ("DELETE", "/api/v1/auth/sessions", ""),
        ("PUT", "/api/v1/auth/me", "{\"name\":\"Eve\"}"),
    ] {
        let (status, headers, text) = ana.send(method, path, &evil, body.as_bytes()).unwrap();
        assert_eq!(status, 403, "{method} {path}: {text}");
        assert!(headers.get("set-cookie").is_none() && text.contains("cross-origin"), "{method} {path}: {headers:?} {text}");
    }
    let (_, headers, _) =
        server.client().send("POST", "/api/v1/auth/login", &[("content-type", "application/json")], credentials.as_bytes()).unwrap();
    let cookie = headers["set-cookie"].to_str().unwrap();
    for part in ["HttpOnly", "SameSite=Lax", "Path=/"] {
        assert!(cookie.contains(part), "{cookie}");
    }
}

#[test]
fn a_request_is_one_request() {
    let (_folder, server) = start("");
    let hidden = "GET /api/v1/site HTTP/1.1\r\nhost: x\r\n\r\n";
    for (name, head) in [
        ("both lengths", "transfer-encoding: chunked\r\ncontent-length: 4\r\n"),
        ("two lengths", "content-length: 4\r\ncontent-length: 40\r\n"),
        ("a list of lengths", "content-length: 4, 40\r\n"),
        ("a length with a sign", "content-length: +4\r\n"),
        ("an encoding that is none", "transfer-encoding: xchunked\r\n"),
        ("a folded header", "content-length: 4\r\nx: y\r\n transfer-encoding: chunked\r\n"),
        ("a name with a space", "content-length : 4\r\n"),
    ] {
        let request = format!("POST /api/v1/auth/logout HTTP/1.1\r\nhost: x\r\n{head}\r\n0\r\n\r\n{hidden}");
        let answer = raw(&server, request.as_bytes());
        assert!(!answer.contains("\"language\""), "{name}: what was hidden in the body was answered: {answer}");
        assert!(!answer.starts_with("HTTP/1.1 5"), "{name}: {answer}");
    }
    for line in ["GET /\u{0} HTTP/1.1", "GET / HTTP/1.1 x", "GET / HTTP/9.9", "G\u{1}T / HTTP/1.1", "GET\t/\tHTTP/1.1"] {
        let answer = raw(&server, format!("{line}\r\nhost: x\r\nconnection: close\r\n\r\n").as_bytes());
        assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 4") || answer.starts_with("HTTP/1.1 505"), "{line:?}: {answer}");
    }
}

#[test]
fn no_line_is_smuggled_into_an_answer() {
    let (_folder, server) = start("");
    let ana = server.sign_in();
    let evil = "%0d%0aset-cookie:%20evil=1%0d%0a%0d%0a%3cscript%3e";
    for path in [
        format!("/{evil}"),
        format!("/api/v1/pages/{evil}"),
        format!("/media/{evil}/x"),
        format!("/api/v1/pages?cursor={evil}"),
        format!("/health/{evil}"),
        format!("/api/v1/admin/leads.csv?form={evil}"),
    ] {
        let (_, headers, _) = ana.send("GET", &path, &[], b"").unwrap();
        assert!(headers.get("set-cookie").is_none(), "{path}: {headers:?}");
    }
    // A page that moves takes its old address along, which goes into `Location`.
    for slug in ["x\r\nset-cookie: evil=1", "x%0d%0aset-cookie:evil=1", "//evil.example", "https://evil.example", "\\evil.example"] {
        let (status, answer) = ana.post("/api/v1/admin/pages", &json!({ "title": "x", "slug": slug })).unwrap();
        assert_eq!(status, 422, "{slug:?}: {answer}");
    }
    for path in ["//evil.example/%2e%2e", "/\\evil.example", "/%5cevil.example/", "/.//evil.example"] {
        let answer = raw(&server, format!("GET {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").as_bytes());
        assert!(!answer.to_lowercase().contains("\r\nlocation:"), "{path}: {answer}");
    }
}

#[test]
fn links_in_letters_lead_to_the_site_and_nowhere_else() {
    let (folder, server) = start("");
    let body = json!({ "email": EMAIL }).to_string();
    let lies = [
        ("content-type", "application/json"),
        ("host", "evil.example"),
        ("x-forwarded-host", "evil.example"),
        ("x-forwarded-proto", "gopher"),
        ("forwarded", "host=evil.example"),
    ];
    let (status, _, text) = server.client().send("POST", "/api/v1/auth/forgotten", &lies, body.as_bytes()).unwrap();
    assert!(status < 300, "{status} {text}");
    let letters = || -> Vec<String> {
        let entries = std::fs::read_dir(folder.path("data/mail")).into_iter().flatten().map(|entry| entry.unwrap().path());
        entries.map(|path| String::from_utf8_lossy(&std::fs::read(path).unwrap()).into_owned()).collect()
    };
    let begin = Instant::now();
    while letters().is_empty() {
        assert!(begin.elapsed() < Duration::from_secs(30), "no letter came");
        std::thread::sleep(Duration::from_millis(50));
    }
    let letters = letters().join("\n");
    assert!(letters.contains("http://www.example.com/") && !letters.contains("evil.example"), "{letters}");
}

#[test]
fn a_body_that_trickles_and_an_answer_that_nobody_reads_end() {
    let (_folder, server) = start("body_timeout_ms = 500\nwrite_timeout_ms = 3000");
    let ana = server.sign_in();
    let head = "POST /api/v1/auth/login HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 1000\r\n\r\n";
    let mut slow: Vec<TcpStream> = (0..50).map(|_| TcpStream::connect(&server.address).unwrap()).collect();
    slow.iter_mut().for_each(|stream| stream.write_all(head.as_bytes()).unwrap());
    for stream in &mut slow {
        stream.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
        let mut answer = [0; 12];
        let read = stream.read(&mut answer).unwrap_or_default();
        assert!(read == 0 || &answer == b"HTTP/1.1 408", "{}", String::from_utf8_lossy(&answer));
    }
    // More than what lies in the buffers of two kernels.
    let (status, _, media) = ana.upload("large.bin", &vec![b'x'; 40 << 20]).unwrap();
    assert_eq!(status, 201, "{media}");
    let descriptors = || std::fs::read_dir(format!("/proc/{}/fd", server.pid())).unwrap().count();
    let before = descriptors();
    let request = format!("GET {} HTTP/1.1\r\nhost: x\r\n\r\n", media["url"].as_str().unwrap());
    let mut unread: Vec<TcpStream> = (0..20).map(|_| TcpStream::connect(&server.address).unwrap()).collect();
    unread.iter_mut().for_each(|stream| stream.write_all(request.as_bytes()).unwrap());
    let begin = Instant::now();
    while descriptors() < before + 20 {
        assert!(begin.elapsed() < Duration::from_secs(30), "they were not taken");
        std::thread::sleep(Duration::from_millis(20));
    }
    while descriptors() > before + 2 {
        assert!(begin.elapsed() < Duration::from_secs(120), "{} descriptors are held by who reads nothing", descriptors() - before);
        std::thread::sleep(Duration::from_millis(100));
    }
    drop(unread);
    assert_eq!(server.client().get("/readyz").unwrap().0, 200);
}

/// What is told, and how long it takes, is the same for an address that has an account and one that has none.
#[test]
fn who_has_an_account_is_not_told() {
    let (_folder, server) = start("");
    let client = server.client();
    let attempt = |email: &str, path: &str| -> (u16, Value, Duration) {
        let body = match path {
            "/api/v1/auth/login" => json!({ "email": email, "password": "wrong horse battery" }),
            _ => json!({ "email": email }),
        };
        let begin = Instant::now();
        let (status, mut answer) = client.post(path, &body).unwrap();
        if let Some(problem) = answer.as_object_mut() {
            problem.remove("request_id");
        }
        (status, answer, begin.elapsed())
    };
    for path in ["/api/v1/auth/login", "/api/v1/auth/forgotten"] {
        let (mut known, mut unknown) = (Vec::new(), Vec::new());
        // Fewer than the failures from which on answers are delayed.
        for n in 0..4 {
            let (has, has_none) = (attempt(EMAIL, path), attempt(&format!("nobody{n}@example.com"), path));
            assert_eq!((has.0, &has.1), (has_none.0, &has_none.1), "{path}");
            known.push(has.2);
            unknown.push(has_none.2);
        }
        known.sort();
        unknown.sort();
        // Hashing a password takes a hundred times as long as finding no account: where it is left out, it shows.
        let (known, unknown) = (known[0], unknown[0]);
        eprintln!("{path}: {known:?} for an account, {unknown:?} for none");
        assert!(unknown * 5 > known, "{path}: {known:?} for an account, {unknown:?} for none");
    }
}
