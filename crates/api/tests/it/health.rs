use std::{
    io::{Read, Write},
    net::TcpStream,
    time::{Duration, Instant},
};

use base64::{Engine, prelude::BASE64_STANDARD};
use serde_json::{Value, json};
use ureq::http::Method;

use crate::site::{Answer, Site};

const TOKEN: &str = "b6f0c2d1e4a3958776655443";

fn guarded() -> Site {
    Site::with(&[("MAGNETIQ__HEALTH__TOKEN", TOKEN)])
}

impl Site {
    fn with_token(&self, path: &str, authorization: &str) -> Answer {
        self.request(Method::GET, path, &[("authorization", authorization)], None)
    }

    fn as_operator(&self, path: &str) -> Answer {
        self.with_token(path, &format!("Bearer {TOKEN}"))
    }

    /// Asks until `is_it` says so: checks come to know of things in their own time.
    #[track_caller]
    fn until(&self, path: &str, is_it: impl Fn(&Answer) -> bool) -> Answer {
        let begin = Instant::now();
        loop {
            let answer = self.as_operator(path);
            if is_it(&answer) {
                return answer;
            }
            assert!(begin.elapsed() < Duration::from_secs(30), "{path} stays {} {}", answer.status, answer.text());
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    fn until_ready(&self) {
        self.until("/readyz", |answer| answer.status == 200);
        self.until("/health", |answer| answer.json()["settled"] == true);
    }
}

fn feature(features: &Value, id: &str) -> Value {
    features["features"].as_array().unwrap().iter().find(|feature| feature["id"] == id).unwrap()["availability"].clone()
}

#[test]
fn probes_answer() {
    let site = guarded();
    site.until_ready();
    for path in ["/livez", "/healthz", "/readyz", "/startupz"] {
        let answer = site.get(path);
        assert_eq!((answer.status, answer.text().as_str()), (200, r#"{"status":"pass"}"#), "{path}");
        assert_eq!(answer.header("content-type"), "application/health+json");
        assert_eq!(answer.header("cache-control"), "no-store");
    }
}

/// Who deploys asks whether it is the new one that answers.
#[test]
fn a_server_that_was_deployed_tells_as_what() {
    let site = Site::with(&[("MAGNETIQ__HEALTH__TOKEN", TOKEN), ("MAGNETIQ__SERVER__RELEASE", "8-6745a1b2")]);
    site.until_ready();
    for path in ["/livez", "/healthz", "/readyz", "/startupz"] {
        assert_eq!(site.get(path).text(), r#"{"status":"pass","releaseId":"8-6745a1b2"}"#, "{path}");
    }
    assert_eq!(site.as_operator("/health").json()["releaseId"], "8-6745a1b2");
}

#[test]
fn strangers_see_the_status_and_operators_the_tree() {
    let site = guarded();
    site.until_ready();
    // Nobody has made a backup yet.
    let warns = r#"{"status":"warn"}"#;
    let stranger = site.get("/health");
    assert_eq!((stranger.status, stranger.text().as_str()), (200, warns));
    let strict = site.get("/health?strict=1");
    assert_eq!((strict.status, strict.text().as_str()), (503, warns));
    for wrong in ["Bearer wrong", "Bearer ", &format!("Bearer {TOKEN}x"), &format!("Basic {}", BASE64_STANDARD.encode("ana:wrong"))] {
        for path in ["/health", "/health/all", "/health/database", "/metrics"] {
            let answer = site.with_token(path, wrong);
            answer.check_problem(401, "not-an-operator");
            assert!(answer.header("www-authenticate").contains("Bearer"));
        }
    }
    for path in ["/health/all", "/health/database", "/health/nothing", "/metrics"] {
        site.get(path).check_problem(401, "not-an-operator");
    }
    let tree = site.as_operator("/health");
    assert_eq!((tree.status, tree.header("content-type")), (200, "application/health+json"));
    let tree = tree.json();
    assert!(tree["checks"]["database-write:latency"].is_array() && tree["checks"]["disk-data:free"].is_array(), "{tree}");
    let by_password = format!("Basic {}", BASE64_STANDARD.encode(format!("ana:{TOKEN}")));
    assert!(site.with_token("/health/all", &by_password).json()["checks"].is_object());
}

#[test]
fn a_part_of_the_tree() {
    let site = guarded();
    site.until_ready();
    let database = site.as_operator("/health/database").json();
    let names: Vec<_> = database["checks"].as_object().unwrap().keys().collect();
    assert!(
        database["status"] == "pass" && names.iter().all(|name| name.starts_with("database-") || name.starts_with("migrations")),
        "{names:?}"
    );
    let check = site.as_operator("/health/database-size").json();
    assert!(check["checks"].as_object().unwrap().keys().all(|name| name.starts_with("database-size")), "{check}");
    // Nobody has made a backup yet, which alone takes nothing down.
    let backup = site.as_operator("/health/backup");
    assert_eq!((backup.status, &backup.json()["status"]), (200, &json!("warn")));
    site.as_operator("/health/nothing").check_problem(404, "not-found");
}

#[test]
fn a_browser_gets_a_page() {
    let site = guarded();
    site.until_ready();
    let bearer = format!("Bearer {TOKEN}");
    for (path, status) in [("/health", 200), ("/health/backup?strict=1", 503)] {
        let page = site.request(Method::GET, path, &[("authorization", &bearer), ("accept", "text/html,*/*;q=0.8")], None);
        assert_eq!((page.status, page.header("content-type")), (status, "text/html; charset=utf-8"));
        // The policy of all pages forbids styles in the page.
        assert!(page.text().contains("/health/style.css") && !page.text().contains("<style"), "{}", page.text());
    }
    assert!(site.get("/health/style.css").header("content-type").starts_with("text/css"));
}

#[test]
fn without_a_token_development_is_open_and_production_shut() {
    let open = Site::start();
    open.until_ready();
    assert!(open.get("/health").json()["checks"].is_object());
    assert_eq!(open.get("/metrics").status, 200);
    let shut = Site::with(&[
        ("MAGNETIQ__PROFILE", "production"),
        ("MAGNETIQ__AUTH__SECRET_KEY", "mK4tUe9yJ0bVxq2Zr7Lw8sHd3Gf6Np1C"),
        ("MAGNETIQ__SERVER__PUBLIC_URL", "https://magnetiq.test"),
    ]);
    assert_eq!(shut.get("/health").json().as_object().unwrap().len(), 1);
    shut.get("/metrics").check_problem(401, "not-an-operator");
    shut.as_operator("/health").check_problem(401, "not-an-operator");
}

#[test]
fn metrics_tell_of_routes_and_not_of_people() {
    let site = guarded();
    site.sign_in();
    let page = site.create_page("Hello", "body");
    site.publish(&page);
    site.until_ready();
    site.get("/api/v1/pages/hello");
    site.get("/api/v1/pages/secret-thoughts");
    site.get("/api/nothing/at/all");
    site.request(Method::PATCH, "/api/v1/pages", &[], None);
    let answer = site.as_operator("/metrics");
    assert!(answer.header("content-type").starts_with("application/openmetrics-text"));
    let text = answer.text();
    for name in [
        "magnetiq_http_requests_total{method=\"GET\",route=\"/api/v1/pages/{slug:.*}\",status=\"2xx\"}",
        "magnetiq_http_requests_total{method=\"GET\",route=\"/api/v1/pages/{slug:.*}\",status=\"4xx\"}",
        "magnetiq_http_requests_total{method=\"GET\",route=\"page\",status=\"4xx\"}",
        "magnetiq_http_requests_total{method=\"other\"",
        "magnetiq_http_request_duration_seconds_bucket{le=\"0.1\",method=\"POST\"",
        "magnetiq_http_requests_in_flight 1",
        "magnetiq_build_info{version=",
        "magnetiq_store_writer_queue_depth 0",
        "magnetiq_store_writer_queue_age_seconds 0",
        "magnetiq_store_commit_duration_seconds_bucket{le=\"+Inf\"}",
        "magnetiq_store_writes_total ",
        "magnetiq_health_check_status{check=\"disk-data\",node=\"disk\"} 0",
        "magnetiq_health_node_status{node=\"backup\"} 1",
        "magnetiq_disk_data_free_bytes",
    ] {
        assert!(text.contains(name), "{name} is not in\n{text}");
    }
    for secret in ["hello", "secret-thoughts", "nothing/at/all", "PATCH", "ana@"] {
        assert!(!text.contains(secret), "{secret} is in\n{text}");
    }
    assert!(text.ends_with("# EOF\n") && text.matches("# EOF").count() == 1);
    let mut families: Vec<_> = text.lines().filter(|line| line.starts_with("# TYPE ")).collect();
    let all = families.len();
    families.sort_unstable();
    families.dedup();
    assert_eq!(families.len(), all, "a family comes once");
}

#[test]
fn metrics_have_a_port_of_their_own() {
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let site = Site::with(&[("MAGNETIQ__HEALTH__TOKEN", TOKEN), ("MAGNETIQ__HEALTH__METRICS_PORT", &free.port().to_string())]);
    site.until_ready();
    let mut answer = site.agent.get(format!("http://{free}/metrics")).call().unwrap();
    assert!(answer.body_mut().read_to_string().unwrap().contains("magnetiq_build_info"));
    let other = site.agent.get(format!("http://{free}/health")).call().unwrap();
    assert_eq!(other.status(), 404);
}

#[test]
fn a_writer_that_hangs_leaves_readers_served() {
    let site = Site::with(&[("MAGNETIQ__HEALTH__TOKEN", TOKEN), ("MAGNETIQ__HEALTH__WRITER_STALLED_MS", "200")]);
    site.sign_in();
    let page = site.create_page("Hello", "body");
    site.publish(&page);
    site.until_ready();
    let (release, held) = std::sync::mpsc::channel::<()>();
    let hanging = site.store.write(move |_| {
        let _ = held.recv();
        Ok(())
    });
    let answer = site.until("/readyz", |answer| answer.status == 503);
    assert_eq!(answer.text(), r#"{"status":"fail"}"#);
    assert_eq!(site.get("/livez").status, 200);
    assert_eq!(site.get("/health").status, 503);
    let tree = site.as_operator("/health").json();
    assert!(tree["output"].as_str().unwrap().contains("database-write"), "{tree}");
    let features = site.get("/health/features").json();
    assert_eq!((feature(&features, "pages"), feature(&features, "editing")), (json!("available"), json!("unavailable")));
    assert_eq!(site.get("/api/v1/pages/hello").status, 200);
    let refused = site.post("/api/v1/admin/pages", &json!({ "title": "More", "body": "" }));
    refused.check_problem(503, "busy");
    assert_eq!(refused.header("retry-after"), "1");
    assert!(site.as_operator("/metrics").text().contains("magnetiq_health_feature_status{feature=\"editing\"} 2"));
    release.send(()).unwrap();
    hanging.wait().unwrap();
    site.until("/readyz", |answer| answer.status == 200);
    site.create_page("More", "");
}

#[test]
fn a_server_that_was_told_to_stop_says_so_before_it_does() {
    let mut site = Site::with(&[("MAGNETIQ__SERVER__DRAIN_MS", "3000")]);
    site.until_ready();
    site.ask_to_stop();
    site.until("/readyz", |answer| answer.status == 503);
    assert_eq!((site.get("/livez").status, site.get("/api/v1/site").status), (200, 200));
}

#[test]
fn head_answers_as_get_without_the_body() {
    let site = guarded();
    site.sign_in();
    let page = site.create_page("Hello", "body");
    site.publish(&page);
    let media = site.upload("a.txt", b"some text").json();
    for path in ["/api/v1/pages/hello", "/api/v1/site", "/livez", "/api/openapi.json", "/", media["url"].as_str().unwrap()] {
        let (get, head) = (site.get(path), site.request(Method::HEAD, path, &[], None));
        assert_eq!((head.status, head.body.len()), (200, 0), "{path}");
        for name in ["content-type", "content-length", "etag", "cache-control"] {
            assert_eq!(head.header(name), get.header(name), "{name} of {path}");
        }
    }
    let gone = site.request(Method::HEAD, "/api/v1/pages/gone", &[], None);
    assert_eq!((gone.status, gone.body.len()), (404, 0));
    assert_eq!(site.request(Method::HEAD, "/api/v1/auth/login", &[], None).status, 405);
}

#[test]
fn a_body_that_never_comes_is_not_waited_for() {
    let site = Site::with(&[("MAGNETIQ__SERVER__BODY_TIMEOUT_MS", "200")]);
    let mut stream = TcpStream::connect(site.address).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    let head = "POST /api/v1/auth/login HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{\"email\":";
    stream.write_all(head.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 408 ") && answer.contains("request-timeout"), "{answer}");
}
