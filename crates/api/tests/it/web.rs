use ureq::http::Method;

use crate::site::Site;

#[test]
fn every_address_that_is_no_api_is_the_page() {
    let site = Site::start();
    for (path, status) in [("/", 200), ("/some/page", 404), ("/admin", 200), ("/admin/pages/x", 200), ("/search?q=x", 200)] {
        let answer = site.get(path);
        assert_eq!(answer.status, status, "{path}");
        assert!(answer.header("content-type").starts_with("text/html"), "{path}");
        let policy = answer.header("content-security-policy");
        assert!(policy.contains("default-src 'self'") && !policy.contains("unsafe-inline"), "{policy}");
        assert_eq!(answer.header("x-frame-options"), "DENY");
    }
    for path in ["/api/v1/nothing", "/api/nothing", "/assets/gone.js", "/media/nothing"] {
        site.get(path).check_problem(404, "not-found");
    }
    site.request(Method::POST, "/some/page", &[], Some(b"x")).check_problem(405, "method-not-allowed");
}

#[test]
fn the_description_is_served() {
    let site = Site::start();
    assert_eq!(site.get("/api/openapi.json").json()["info"]["title"], "Magnetiq");
    assert_eq!(site.get("/api/docs/").status, 200);
    let production = Site::with(&[("MAGNETIQ__SERVER__DEBUG", "false")]);
    assert_eq!(production.get("/api/openapi.json").json()["info"]["title"], "Magnetiq");
    production.get("/api/docs/").check_problem(404, "not-found");
}

#[test]
fn answers_are_compressed_where_the_client_takes_it() {
    let site = Site::start();
    let answer = site.request(Method::GET, "/api/openapi.json", &[("accept-encoding", "gzip")], None);
    assert_eq!(answer.header("content-encoding"), "gzip");
}

#[test]
fn other_origins_read_only_where_allowed() {
    let site = Site::with(&[("MAGNETIQ__SERVER__CORS_ORIGINS", "https://app.example.com")]);
    let allow = |origin: &str| {
        let answer = site.request(Method::GET, "/api/v1/site", &[("origin", origin)], None);
        answer.header("access-control-allow-origin").to_owned()
    };
    assert_eq!(allow("https://app.example.com"), "https://app.example.com");
    assert_eq!(allow("https://evil.example"), "");
}
